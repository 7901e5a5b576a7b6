// Package lang is the message catalogue: every sentence on a page, in a mail or of
// the command line is translated by a Printer, with its English text as the key, and
// every date, number and list is formatted by one, in the reader's language and time
// zone.
//
// # Messages
//
// English is the source language: the code has the English sentences, and a sentence
// without a translation is printed in English. The parameters that take sentences
// have the type Message, which a constant converts to by itself and a variable does
// not: a text from a database or from outside cannot be passed by mistake. Package
// access, which may import nothing, has a type of its own for refusals
// (access.Message), as have the packages that return refusals. Package
// internal/lang/extract finds every constant of the two types, so that there is no
// sentence that translators do not get to see.
//
// # Files
//
// The templates (internal/lang/templates, written by `make generate`, checked by the
// shape test) have all messages, in two domains: portal (signing in, requesting,
// approving, shared parts, mails, refusals) and admin (administration, command line,
// demonstration). The package and, in package views, the file in which a message is
// written decides about its domain (extract.Domain); one that is in both is in portal
// only. The domains are a division of labour for translators: a Catalog has the messages
// of both in one table.
//
// A translation is a pair of files, locale/TAG/portal.po and locale/TAG/admin.po, which
// are part of the program. Plurals follow the Plural-Forms of the file, those of CLDR.
// A test checks the files against the templates (langtest.Check), not the program when
// it starts.
//
// Package lang imports nothing of ours.
package lang

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Message is the English text of a sentence or label and its key in the catalogue. It is
// a format as in package fmt if there are arguments.
type Message string

// Printer formats sentences, dates, numbers and lists for one reader.
type Printer struct {
	language *language
	zone     *time.Location
	forPages bool
	mark     bool
}

// New returns a printer for a program or test without translations: whatever the
// language, it prints English. A nil zone is UTC.
func New(tag string, zone *time.Location) *Printer { return (*Catalog)(nil).Printer(tag, zone) }

// Pseudo returns a printer that puts ⟦ and ⟧ around every sentence and date it
// prints. Tests use it to find text that bypasses the catalogue.
func Pseudo() *Printer {
	p := New("en", nil)
	p.mark = true
	return p
}

// Tag returns the language that is printed, for the lang attribute of a page.
func (p *Printer) Tag() string { return p.language.tag }

// Dir returns the direction of the language, "ltr" or "rtl", for the dir attribute of
// a page.
func (p *Printer) Dir() string { return direction(p.language.tag) }

// Zone returns the time zone in which times are printed.
func (p *Printer) Zone() *time.Location { return p.zone }

// ForPages returns a printer for pages: times don't name their zone, which a page names once
// with ZoneName, and a date with its time is never broken over two lines, since its spaces
// are no-break spaces.
func (p *Printer) ForPages() *Printer {
	out := *p
	out.forPages = true
	return &out
}

// ZoneName names the time zone with its abbreviation at t, such as "Europe/Berlin (CET)".
func (p *Printer) ZoneName(t time.Time) string {
	name, short := p.zone.String(), t.In(p.zone).Format("MST")
	if name == short {
		return name
	}
	return strings.ReplaceAll(name, "_", " ") + " (" + short + ")"
}

// T translates key. A translation may put the arguments in another order with explicit
// indexes ("%[2]s").
func (p *Printer) T(key Message, args ...any) string {
	s := string(key)
	if t, ok := p.language.texts[s]; ok {
		s = t
	}
	return p.format(s, args)
}

// N translates a sentence about n things: one if n is 1, else other, in English; in
// another language the form that its plural rule gives for n. All are formats for n,
// printed as Number does, followed by args.
func (p *Printer) N(n int, one, other Message, args ...any) string {
	s := string(other)
	if t, ok := p.language.plural(string(one), n); ok {
		s = t
	} else if n == 1 {
		s = string(one)
	}
	return p.format(s, append([]any{grouped{p, n}}, args...))
}

// grouped is an integer that verbs such as %d print as Printer.Number does.
type grouped struct {
	p *Printer
	n int
}

// Format implements fmt.Formatter.
func (g grouped) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, g.p.Number(int64(g.n))) // fmt writes to memory
}

// C translates key, whose English text means different things in different places, such
// as "Open", a verb or a state. The context says which, to translators only.
func (p *Printer) C(context string, key Message, args ...any) string {
	s := string(key)
	if t, ok := p.language.inContext[inContext{context, s}]; ok {
		s = t
	}
	return p.format(s, args)
}

func (p *Printer) format(s string, args []any) string {
	if len(args) > 0 {
		s = fmt.Sprintf(s, args...)
	}
	return p.marked(s)
}

// Date prints the day of t, such as "12 March 2026".
func (p *Printer) Date(t time.Time) string { return p.marked(p.whole(p.date(t))) }

// ShortDate prints the day of t with a short month, such as "12 Mar 2026", for tables.
func (p *Printer) ShortDate(t time.Time) string {
	return p.marked(p.whole(p.language.locale.FmtDateMedium(t.In(p.zone))))
}

// DateTime prints the minute of t with its zone, such as "12 March 2026, 14:05 CET".
func (p *Printer) DateTime(t time.Time) string {
	return p.marked(p.whole(p.join(p.date(t), p.timeOfDay(t), "date, time", "%s, %s")))
}

// whole keeps a date on one line of a page.
func (p *Printer) whole(date string) string {
	if !p.forPages {
		return date
	}
	return strings.ReplaceAll(date, " ", "\u00a0")
}

// TimeOfDay prints the time of day of t with its zone, such as "14:05 CET".
func (p *Printer) TimeOfDay(t time.Time) string { return p.marked(p.whole(p.timeOfDay(t))) }

func (p *Printer) date(t time.Time) string {
	return p.language.locale.FmtDateLong(t.In(p.zone))
}

func (p *Printer) timeOfDay(t time.Time) string {
	t = t.In(p.zone)
	text := p.language.locale.FmtTimeShort(t)
	if zone, _ := t.Zone(); !p.forPages {
		text += " " + zone
	}
	return text
}

// Number prints a whole number with the separators of the language, such as "12,000".
// From 2^53 on it may be inexact.
func (p *Printer) Number(n int64) string {
	return p.language.locale.FmtNumber(float64(n), 0)
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
	return p.marked(p.join(p.Series(words[:last]), words[last], "list, its end", "%s and %s"))
}

// Series joins the first words of a list that goes on, such as "a, b".
func (p *Printer) Series(words []string) string {
	if len(p.language.inContext) == 0 {
		return strings.Join(words, ", ")
	}
	var s string
	for i, w := range words {
		if i == 0 {
			s = w
		} else {
			s = p.join(s, w, "list, its items", "%s, %s")
		}
	}
	return s
}

// join puts a and b into a pattern of the catalogue, which package extract finds by the
// name of this method.
func (p *Printer) join(a, b, context string, pattern Message) string {
	s := string(pattern)
	if t, ok := p.language.inContext[inContext{context, s}]; ok {
		s = t
	}
	return fmt.Sprintf(s, a, b)
}

func (p *Printer) marked(s string) string {
	if p.mark {
		return "⟦" + s + "⟧"
	}
	return s
}
