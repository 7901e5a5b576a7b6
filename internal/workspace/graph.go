package workspace

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
)

// The other spellings and forms of the Graph API (v1.0) that a file may have. An export has
// none of them. Each is in an embedded struct whose name begins with graph.

// graphExpiration is the form of an expirationPattern. A duration is that of ISO 8601.
type graphExpiration struct {
	Type     string `yaml:"type,omitempty"` // noExpiration, afterDateTime, afterDuration; not needed
	Duration string `yaml:"duration,omitempty"`
}

// graphStage has the time to decide as a duration of ISO 8601.
type graphStage struct {
	Timeout string `yaml:"durationBeforeAutomaticDenial,omitempty"`
}

// graphApproval says whether approval is needed, which follows from the stages too.
type graphApproval struct {
	Required *bool `yaml:"isApprovalRequiredForAdd,omitempty"`
}

// graphRequestor is the opposite of Requestor.Disabled.
type graphRequestor struct {
	Enabled *bool `yaml:"enableTargetsToSelfAddAccess,omitempty"`
}

// graphPolicy has the settings of mails in a mapping of their own.
type graphPolicy struct {
	Notifications *graphNotifications `yaml:"notificationSettings,omitempty"`
}

type graphNotifications struct {
	Silent bool `yaml:"isAssignmentNotificationDisabled,omitempty"`
}

// graphSettings has the time until a guest is removed as a duration of ISO 8601.
type graphSettings struct {
	GuestTime string `yaml:"durationUntilExternalUserDeletedAfterBlocked,omitempty"`
}

// graphUser is the opposite of User.Disabled.
type graphUser struct {
	Enabled *bool `yaml:"accountEnabled,omitempty"`
}

// graphSubject is the form of a subjectSet. The ids are names or addresses, or ids of
// people.
type graphSubject struct {
	Kind           string `yaml:"@odata.type,omitempty"`
	UserID         string `yaml:"userId,omitempty"`
	GroupID        string `yaml:"groupId,omitempty"`
	OrganizationID string `yaml:"connectedOrganizationId,omitempty"`
	Description    string `yaml:"description,omitempty"` // ignored, as in Graph
}

// graphQuestion is the form of an accessPackageQuestion.
type graphQuestion struct {
	Kind       string `yaml:"@odata.type,omitempty"`
	SingleLine *bool  `yaml:"isSingleLineQuestion,omitempty"`
	Several    bool   `yaml:"isMultipleSelectionAllowed,omitempty"`
	Sequence   int    `yaml:"sequence,omitempty"` // questions are asked in this order
}

// sameKeys are the other spellings of a key, for the line of a fault.
func sameKeys(key string) []string {
	return map[string][]string{
		"durationInDays": {"duration", "type"}, "durationInHours": {"duration", "type"}, "endDateTime": {"type"},
		"daysBeforeAutomaticDenial":        {"durationBeforeAutomaticDenial"},
		"isRequestDisabled":                {"enableTargetsToSelfAddAccess"},
		"isAssignmentNotificationDisabled": {"notificationSettings"},
		"daysUntilExternalUserDeleted":     {"durationUntilExternalUserDeletedAfterBlocked"},
		"disabled":                         {"accountEnabled"},
		"type":                             {"@odata.type", "isSingleLineQuestion"},
		"allowsMultipleSelection":          {"isMultipleSelectionAllowed"},
	}[key]
}

// odataType is the value of @odata.type without the namespace, in lower case.
func odataType(text string) string {
	text = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "#")
	return strings.TrimPrefix(text, "microsoft.graph.")
}

// named returns the subject with the keys of a file.
func (f Subject) named() (Subject, error) {
	kinds := map[string]bool{"": true, "singleuser": f.UserID+f.User != "", "groupmembers": f.GroupID+f.Group != "",
		"connectedorganizationmembers": f.OrganizationID+f.Organization != ""}
	fits, known := kinds[odataType(f.Kind)]
	switch {
	case !known:
		return f, invalid("“%s” can't be used here. Use singleUser, groupMembers or connectedOrganizationMembers.",
			shorten(f.Kind))
	case !fits:
		return f, invalid("“%s” doesn't match what is named.", shorten(f.Kind))
	case f.User != "" && f.UserID != "" || f.Group != "" && f.GroupID != "" ||
		f.Organization != "" && f.OrganizationID != "":
		return f, invalid("Name exactly one user, group or connectedOrganization.")
	}
	return Subject{User: or(f.User, f.UserID), Group: or(f.Group, f.GroupID),
		Organization: or(f.Organization, f.OrganizationID)}, nil
}

// enum returns the value of all that text is, in any case; text itself if it is none.
func enum[T ~string](text string, all ...T) T {
	for _, one := range all {
		if strings.EqualFold(strings.TrimSpace(text), string(one)) {
			return one
		}
	}
	return T(text)
}

// scopeOf is the scope with the name, which can be that of the beta API.
func scopeOf(name string) access.Scope {
	others := map[string]access.Scope{
		"specificdirectorysubjects":                  access.ScopeSpecificUsers,
		"allexistingdirectorymemberusers":            access.ScopeMembers,
		"allexistingdirectorysubjects":               access.ScopeUsers,
		"specificconnectedorganizationsubjects":      access.ScopeSpecificOrgs,
		"allconfiguredconnectedorganizationsubjects": access.ScopeAllOrgs,
		"allexistingconnectedorganizationsubjects":   access.ScopeAllOrgs,
		"allexternalsubjects":                        access.ScopeAnyone,
		"nosubjects":                                 access.ScopeNobody,
	}
	if scope, ok := others[strings.ToLower(strings.TrimSpace(name))]; ok {
		return scope
	}
	return enum(name, access.Scopes()...)
}

// duration is a duration of ISO 8601 in days and hours. Years and months are refused: they
// have no fixed number of days.
type duration struct{ days, hours int }

func parseDuration(text string) (duration, error) {
	bad := invalid("“%s” is not a duration in whole days or hours, such as P30D or PT8H.", shorten(text))
	rest, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), "P")
	dates, times, hasTimes := strings.Cut(rest, "T")
	if !ok || dates == "" && times == "" || hasTimes && times == "" {
		return duration{}, bad
	}
	var d duration
	parts := func(text, units string, add func(unit byte, n int)) bool {
		for text != "" {
			end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
			if end <= 0 || end > 6 {
				return false
			}
			at := strings.IndexByte(units, text[end])
			if at < 0 {
				return false
			}
			n, err := strconv.Atoi(text[:end])
			if err != nil {
				return false
			}
			add(text[end], n)
			text, units = text[end+1:], units[at+1:]
		}
		return true
	}
	seconds := 0
	ok = parts(dates, "WD", func(unit byte, n int) { d.days += n * map[byte]int{'W': 7, 'D': 1}[unit] }) &&
		parts(times, "HMS", func(unit byte, n int) { seconds += n * map[byte]int{'H': 3600, 'M': 60, 'S': 1}[unit] })
	if !ok || seconds%3600 != 0 {
		return duration{}, bad
	}
	d.hours = seconds / 3600
	if d.hours > 0 && d.days > 0 {
		d.days, d.hours = 0, d.days*24+d.hours
	}
	return d, nil
}

// wholeDays is a duration of whole days.
func wholeDays(text string) (int, error) {
	d, err := parseDuration(text)
	if err == nil && d.hours%24 != 0 {
		err = invalid("“%s” is not a duration in whole days, such as P30D.", shorten(text))
	}
	return d.days + d.hours/24, err
}

// localized are translations by language: a mapping, or Graph's list of languageCode and
// text. Language tags are stored in lower case.
type localized map[string]string

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *localized) UnmarshalYAML(n *yaml.Node) error {
	type line struct {
		Language string `yaml:"languageCode"`
		Text     string `yaml:"text"`
	}
	var faults []string
	*l = localized{}
	add := func(at *yaml.Node, tag, text string) {
		tag = strings.ToLower(strings.TrimSpace(tag))
		if _, twice := (*l)[tag]; twice {
			faults = append(faults, codedFault(at.Line, languageTwice, tag))
		}
		(*l)[tag] = text
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			var text string
			if err := n.Content[i+1].Decode(&text); err != nil {
				return err
			}
			add(n.Content[i], n.Content[i].Value, text)
		}
	case yaml.SequenceNode:
		for _, one := range n.Content {
			var it line
			if err := one.Decode(&it); err != nil {
				return err
			}
			add(one, it.Language, it.Text)
		}
	default:
		faults = append(faults, codedFault(n.Line, noTranslations, ""))
	}
	if len(faults) > 0 {
		return &yaml.TypeError{Errors: faults}
	}
	return nil
}

// Source is a domain of a connected organization: its name, or Graph's identitySource with a
// domainName.
type Source string

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *Source) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return n.Decode((*string)(s))
	}
	var from struct {
		Kind   string `yaml:"@odata.type"`
		Domain string `yaml:"domainName"`
		Name   string `yaml:"displayName"`
		Issuer string `yaml:"issuerUri"`
	}
	if err := n.Decode(&from); err != nil {
		return err
	}
	if from.Domain == "" {
		return &yaml.TypeError{Errors: []string{codedFault(n.Line, noDomainName, "")}}
	}
	*s = Source(from.Domain)
	return nil
}

// expiration is the stored form of an expiration. Dates are days of the zone.
func expiration(e *Expiration, zone *time.Location) (access.Expiration, error) {
	if e == nil {
		return access.Expiration{Kind: access.NoExpiration}, nil
	}
	w := access.Expiration{Kind: access.AfterDuration, Days: e.Days, Hours: e.Hours}
	if e.Duration != "" {
		d, err := parseDuration(e.Duration)
		if err == nil && (e.Days != 0 || e.Hours != 0) {
			err = invalid("Use only one of duration, durationInDays and durationInHours.")
		}
		if err != nil {
			return w, err
		}
		w.Days, w.Hours = d.days, d.hours
	}
	if e.End != nil {
		w.Kind, w.End = access.AfterDate, e.End.in(zone).UnixMilli()
	}
	if e.Type == "" {
		return w, nil
	}
	switch kind := enum(e.Type, access.NoExpiration, access.AfterDate, access.AfterDuration, "notSpecified"); {
	case kind == "notSpecified", kind == access.NoExpiration:
		if w != (access.Expiration{Kind: access.AfterDuration}) {
			return w, invalid("“%s” can't have a duration or an endDateTime.", shorten(e.Type))
		}
		w.Kind = access.NoExpiration
	case kind != access.AfterDate && kind != access.AfterDuration:
		return w, invalid("“%s” must be noExpiration, afterDateTime or afterDuration.", shorten(e.Type))
	case kind != w.Kind && kind == access.AfterDate:
		return w, invalid("“%s” needs an endDateTime.", shorten(e.Type))
	case kind != w.Kind:
		return w, invalid("“%s” needs a duration, and no endDateTime.", shorten(e.Type))
	}
	return w, nil
}
