package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"myaccess/web/kit"
)

// typable is a field of a form that something can be typed into.
type typable struct {
	name string
	max  int // 0 for a number or a time
	// idle is a field that what is chosen elsewhere makes useless.
	idle bool
}

// typed is a form of administrators, with everything that its steps ask for.
type typed struct {
	action string
	fields url.Values // as they stand
	texts  []typable
	steps  []string // of a wizard
	button string   // the name of the one that sends it, if it has one
	value  string
}

// Every administrators' form, submitted empty and with values that are too
// long, answers 422, keeps what was typed, and changes nothing.
func TestFormsOfAdministrators(t *testing.T) {
	s := sweep(t)
	b := s.as("chief")
	forms, fields := 0, 0
	s.pages(b, func() {
		for _, f := range b.forms() {
			forms++
			fields += len(f.texts)
			s.refusesLong(b, f)
			if !optional(f.action) {
				s.refusesNothing(b, f)
			}
		}
	})
	t.Logf("%d forms, %d fields", forms, fields)
	if forms < 15 || fields < 60 {
		t.Errorf("%d forms with %d fields are not all of them", forms, fields)
	}
}

// refusesLong posts everything three times as long as it may be.
func (s *swept) refusesLong(b *browser, f typed) {
	s.t.Helper()
	form := clone(f.fields)
	long := url.Values{}
	for _, x := range f.texts {
		n := 3 * x.max
		if x.max == 0 {
			n = 30
		}
		long.Set(x.name, strings.Repeat("9", min(n, kit.MaxBody/2)))
	}
	maps.Copy(form, long)
	before := s.dump()
	b.one(http.MethodPost, f.action, f.sent(form, b.token()))
	if after := s.dump(); after != before {
		s.t.Errorf("%s, too long: %d, changed %s", f.action, b.status, difference(before, after))
	}
	if b.status != http.StatusUnprocessableEntity {
		s.t.Errorf("%s, too long, answers %d: %s", f.action, b.status, kit.Shorten(reading(b.page), 400))
		return
	}
	for _, x := range f.texts {
		if !b.holds(x.name, long.Get(x.name)) {
			s.t.Errorf("%s, too long: what was typed into %s is lost", f.action, x.name)
		}
		if len(f.steps) == 0 && !x.idle && b.faultAt(x.name) == "" && !later(f.action, x.name) {
			s.t.Errorf("%s, too long: nothing is said at %s", f.action, x.name)
		}
	}
}

// refusesNothing posts the form with every field empty and nothing chosen.
func (s *swept) refusesNothing(b *browser, f typed) {
	s.t.Helper()
	form := url.Values{}
	for name := range f.fields {
		if name == "version" || name == "started" || name == "key" || name == "at" {
			form[name] = f.fields[name]
		}
	}
	for _, x := range f.texts {
		form.Set(x.name, "")
	}
	before := s.dump()
	b.one(http.MethodPost, f.action, f.sent(form, b.token()))
	if b.status != http.StatusUnprocessableEntity {
		s.t.Errorf("%s, empty, answers %d: %s", f.action, b.status, kit.Shorten(reading(b.page), 400))
	}
	if after := s.dump(); after != before {
		s.t.Errorf("%s, empty: %d, changed %s", f.action, b.status, difference(before, after))
	}
}

// sent is the form with its token and the button that sends it.
func (f typed) sent(form url.Values, token string) url.Values {
	form.Set("csrf", token)
	if len(f.steps) > 0 {
		form.Set("finish", "yes")
	} else if f.button != "" {
		form.Set(f.button, f.value)
	}
	return form
}

// forms are the forms of the page into which something can be typed, or in which
// something can be chosen. Those of wizards are taken through their steps.
func (b *browser) forms() []typed {
	var all []typed
	for n := range nodes(b.page) {
		if n.Data != "form" || attribute(n, "method") != "post" {
			continue
		}
		f := formOf(b, n)
		if len(f.steps) > 0 {
			all = append(all, b.through(f))
			return all
		}
		if len(f.texts) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// through goes through all steps of the wizard.
func (b *browser) through(f typed) typed {
	for _, step := range f.steps {
		form := clone(f.fields)
		form.Set("go", step)
		b.do(http.MethodPost, f.action, form)
		if b.offers("add", "question") {
			form.Set("go", "")
			form.Set("at", step)
			form.Set("add", "question")
			b.do(http.MethodPost, f.action, form)
		}
		for n := range nodes(b.page) {
			if n.Data != "form" || attribute(n, "method") != "post" {
				continue
			}
			if here := formOf(b, n); len(here.steps) > 0 {
				f.fields, f.texts = here.fields, append(f.texts, here.texts...)
			}
		}
	}
	slices.SortFunc(f.texts, func(a, c typable) int { return strings.Compare(a.name, c.name) })
	f.texts = slices.Compact(f.texts)
	return f
}

// offers reports whether the page has a button of the name and value.
func (b *browser) offers(name, value string) bool {
	for n := range nodes(b.page) {
		if n.Data == "button" && attribute(n, "name") == name && attribute(n, "value") == value {
			return true
		}
	}
	return false
}

// formOf reads a form of the page with its current values.
func formOf(b *browser, n *html.Node) typed {
	f := typed{action: b.resolve(attribute(n, "action"))}
	f.fields, _ = standing(n)
	for e := range nodes(n) {
		name := attribute(e, "name")
		switch {
		case e.Data == "select":
			for o := range nodes(e) {
				if o.Data == "option" && (has(o, "selected") || !f.fields.Has(name)) {
					f.fields.Set(name, attribute(o, "value"))
				}
			}
		case e.Data == "button" && name == "go" && attribute(e, "value") != "" &&
			attribute(e.Parent.Parent.Parent, "class") == "steps":
			f.steps = append(f.steps, attribute(e, "value"))
		case e.Data == "button" && strings.Contains(attribute(e, "class"), "primary"):
			f.button, f.value = name, attribute(e, "value")
		case e.Data == "textarea" ||
			e.Data == "input" && slices.Contains([]string{"text", "email", "number", "url", "datetime-local", "date"},
				attribute(e, "type")):
			limit, err := strconv.Atoi(attribute(e, "maxlength"))
			if err != nil && e.Data != "textarea" && attribute(e, "type") != "text" {
				limit = 0
			} else if err != nil {
				limit = 10000
			}
			f.texts = append(f.texts, typable{name, limit, useless(e)})
		}
	}
	return f
}

// useless reports whether the field only matters if another option is selected.
func useless(field *html.Node) bool {
	for n := range field.Ancestors() {
		if has(n, "data-when") {
			return true
		}
	}
	return false
}

// optional are forms in which nothing needs to be filled in.
func optional(action string) bool {
	return strings.Contains(action, "/people/") && strings.HasSuffix(action, "/edit") ||
		strings.HasSuffix(action, "/assignments/remove")
}

// later are fields that are judged only once the rest of the form is right, or
// read only in case something else is chosen.
func later(action, field string) bool {
	return strings.HasSuffix(action, "/assign") && field == "justification" || strings.HasSuffix(action, "/settings") &&
		field == "domains"
}

// holds reports whether a field of the page contains the text.
func (b *browser) holds(field, text string) bool {
	for n := range nodes(b.page) {
		if attribute(n, "name") == field && (attribute(n, "value") == text || n.Data == "textarea" && raw(n) == text) {
			return true
		}
	}
	return false
}
