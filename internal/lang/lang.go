// Package lang is the message catalogue: every sentence on a page or in a mail
// is translated by a Printer, with its English text as the key, and every date
// is formatted by one, in the reader's language and time zone.
//
// English is the source language: a sentence without a translation is printed
// in English. Package lang imports nothing of ours.
package lang

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Printer formats sentences and dates for one reader.
type Printer struct {
	tag   string
	zone  *time.Location
	words map[string]string
	mark  bool
}

// New returns the printer for a language tag (BCP 47, such as "en" or "de-CH")
// and a time zone. A language without a catalogue is printed in English; a nil
// zone is UTC.
func New(tag string, zone *time.Location) *Printer {
	if zone == nil {
		zone = time.UTC
	}
	base := BaseLanguage(tag)
	return &Printer{tag: base, zone: zone, words: catalogues()[base]}
}

// Pseudo returns a printer that puts ⟦ and ⟧ around every sentence and date it
// prints. Tests use it to find text that bypasses the catalogue.
func Pseudo() *Printer {
	return &Printer{tag: "en", zone: time.UTC, mark: true}
}

// Tag returns the printer's language, for the lang attribute of a page.
func (p *Printer) Tag() string { return p.tag }

// Zone returns the time zone in which times are printed.
func (p *Printer) Zone() *time.Location { return p.zone }

// T translates the sentence whose English text is key. With args, key is a
// format as in package fmt; a translation may reorder them with explicit
// indexes.
func (p *Printer) T(key string, args ...any) string {
	s := key
	if t, ok := p.words[key]; ok {
		s = t
	}
	if len(args) > 0 {
		s = fmt.Sprintf(s, args...)
	}
	return p.marked(s)
}

// N translates one if n is 1, else other. Both are formats for n, printed as Number does,
// followed by args.
func (p *Printer) N(n int, one, other string, args ...any) string {
	key := other
	if n == 1 {
		key = one
	}
	return p.T(key, append([]any{grouped(n)}, args...)...)
}

// grouped is an integer that verbs such as %d print as Printer.Number does.
type grouped int

// Format implements fmt.Formatter.
func (n grouped) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, (&Printer{}).Number(int64(n))) // fmt writes to memory
}

// Date prints the day of t, such as "12 March 2026".
func (p *Printer) Date(t time.Time) string {
	return p.marked(p.date(t))
}

// DateTime prints the minute of t with its zone, such as "12 March 2026, 14:05 CET".
func (p *Printer) DateTime(t time.Time) string {
	return p.marked(p.date(t) + t.In(p.zone).Format(", 15:04 MST"))
}

// TimeOfDay prints the time of day of t with its zone, such as "14:05 CET".
func (p *Printer) TimeOfDay(t time.Time) string {
	return p.marked(t.In(p.zone).Format("15:04 MST"))
}

// List joins words, such as "a, b and c".
func (p *Printer) List(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return p.T("%s and %s", strings.Join(words[:last], ", "), words[last])
}

func (p *Printer) date(t time.Time) string {
	t = t.In(p.zone)
	month := t.Month().String()
	if m, ok := p.words[month]; ok {
		month = m
	}
	return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year())
}

func (p *Printer) marked(s string) string {
	if p.mark {
		return "⟦" + s + "⟧"
	}
	return s
}

// catalogues has the translations per language, by the English text.
func catalogues() map[string]map[string]string {
	return map[string]map[string]string{}
}

// BaseLanguage returns the language of tag without region or script,
// lower-cased: "de" for "de-CH".
func BaseLanguage(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if base == "" {
		return "en"
	}
	return base
}

// Limits of what a browser asks for: languages, and characters of a language tag.
const (
	maxAccepted = 20
	maxTag      = 35
)

// ParseAcceptLanguage returns the first languages of an Accept-Language header (RFC
// 9110 12.5.4), most preferred first; equally preferred ones keep their order. Longer
// tags than there are, and all after the first 20 languages, are left out.
func ParseAcceptLanguage(header string) []string {
	type want struct {
		tag string
		q   float64
	}
	var wants []want
	for part := range strings.SplitSeq(header, ",") {
		if len(wants) == maxAccepted {
			break
		}
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		w := want{strings.TrimSpace(tag), 1}
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if w.q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		if w.tag == "" || w.tag == "*" || len(w.tag) > maxTag || w.q <= 0 {
			continue
		}
		at := len(wants)
		for at > 0 && wants[at-1].q < w.q {
			at--
		}
		wants = append(wants[:at], append([]want{w}, wants[at:]...)...)
	}
	tags := make([]string, len(wants))
	for i, w := range wants {
		tags[i] = w.tag
	}
	return tags
}

// Number prints a whole number with thousands separators, such as "12,000".
func (p *Printer) Number(n int64) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Languages returns the languages that a Printer supports, English first.
func Languages() []string {
	all := []string{"en"}
	for tag := range catalogues() {
		all = append(all, tag)
	}
	slices.Sort(all[1:])
	return all
}
