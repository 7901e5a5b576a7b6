package workspace

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
)

// dateTime is a time with its zone, or a date, which means the end of that day in the
// tenant's time zone. A time without a zone is a fault: whose it is could only be guessed.
type dateTime struct {
	at  time.Time // for a date, its midnight in UTC
	day bool
}

// timeLayouts are the forms of a time (RFC 3339, and without seconds).
func timeLayouts() []string { return []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} }

// UnmarshalYAML implements yaml.Unmarshaler.
func (m *dateTime) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	text := strings.ToUpper(strings.TrimSpace(n.Value))
	text = strings.Replace(text, " ", "T", 1)
	var err error
	for _, layout := range timeLayouts() {
		if m.at, err = time.Parse(layout, text); err == nil && m.at.UTC().Year() <= 9999 {
			return nil
		}
	}
	if m.at, err = time.Parse(time.DateOnly, text); err == nil {
		m.day = true
		return nil
	}
	return &yaml.TypeError{Errors: []string{codedFault(n.Line, noTime, n.Value)}}
}

// MarshalYAML implements yaml.Marshaler.
func (m dateTime) MarshalYAML() (any, error) { return m.at.UTC(), nil }

// in is the time; for a date, the first moment of the next day in the zone.
func (m dateTime) in(zone *time.Location) time.Time {
	if !m.day {
		return m.at
	}
	return access.EndOfDay(m.at, zone)
}

// shorten returns at most 100 characters of a text from the file, for a message.
func shorten(text string) string {
	if all := []rune(text); len(all) > 100 {
		return string(all[:100]) + "…"
	}
	return text
}
