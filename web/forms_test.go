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

// textField is a form field for text.
type textField struct {
	name string
	max  int // 0 for a number or a time
	// idle fields have no effect because of another selected option.
	idle bool
}

// adminForm is an administrators' form with the fields of all its steps.
type adminForm struct {
	action string
	fields url.Values // current values
	texts  []textField
	steps  []string // of a wizard
	button string   // name of the submit button; may be empty
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
			s.expectLongRefused(b, f)
			if !hasNoRequiredField(f.action) {
				s.expectEmptyRefused(b, f, "")
				s.expectEmptyRefused(b, f, "\u200b\u00a0\u2800\ufeff") // C37
			}
		}
	})
	t.Logf("%d forms, %d fields", forms, fields)
	if forms < 15 || fields < 60 {
		t.Errorf("%d forms with %d fields are not all of them", forms, fields)
	}
}

// expectLongRefused posts the form with every text field three times as long as
// allowed.
func (s *sweepWorld) expectLongRefused(b *browser, f adminForm) {
	s.t.Helper()
	form := cloneValues(f.fields)
	long := url.Values{}
	for _, x := range f.texts {
		n := 3 * x.max
		if x.max == 0 {
			n = 30
		}
		long.Set(x.name, strings.Repeat("9", min(n, kit.MaxBody/2)))
	}
	maps.Copy(form, long)
	before := s.dumpWithoutDrafts()
	b.submits(f, form)
	if after := s.dumpWithoutDrafts(); after != before {
		s.t.Errorf("%s, too long: %d, changed %s", f.action, b.status, difference(before, after))
	}
	if b.status != http.StatusUnprocessableEntity {
		s.t.Errorf("%s, too long, answers %d: %s", f.action, b.status, kit.Shorten(visibleText(b.page), 400))
		return
	}
	for _, x := range f.texts {
		if !b.fieldContains(x.name, long.Get(x.name)) {
			s.t.Errorf("%s, too long: what was typed into %s is lost", f.action, x.name)
		}
		if len(f.steps) == 0 && !x.idle && b.faultAt(x.name) == "" && !checkedLater(f.action, x.name) {
			s.t.Errorf("%s, too long: nothing is said at %s", f.action, x.name)
		}
	}
}

// expectEmptyRefused posts the form with every field empty, or with what cannot be
// seen, and nothing selected.
func (s *sweepWorld) expectEmptyRefused(b *browser, f adminForm, empty string) {
	s.t.Helper()
	form := url.Values{}
	for name := range f.fields {
		if name == "version" || name == "started" || name == "key" || name == "at" {
			form[name] = f.fields[name]
		}
	}
	for _, x := range f.texts {
		form.Set(x.name, empty)
	}
	before := s.dumpWithoutDrafts()
	b.submits(f, form)
	if b.status != http.StatusUnprocessableEntity {
		s.t.Errorf("%s, empty (%q), answers %d: %s", f.action, empty, b.status, kit.Shorten(visibleText(b.page), 400))
	}
	if after := s.dumpWithoutDrafts(); after != before {
		s.t.Errorf("%s, empty (%q): %d, changed %s", f.action, empty, b.status, difference(before, after))
	}
}

// dumpWithoutDrafts is dump without drafts of forms, which wizards keep.
func (s *sweepWorld) dumpWithoutDrafts() string {
	lines := strings.Split(s.dump(), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "draft: ") }), "\n")
}

// submits sends the form. A wizard answers with a redirect to the step with the faults.
func (b *browser) submits(f adminForm, form url.Values) {
	b.sendOnce(http.MethodPost, f.action, f.submission(form, b.token()))
	if to := b.header.Get("Location"); strings.HasPrefix(to, f.action+"?draft=") {
		b.sendOnce(http.MethodGet, to, nil)
	}
}

// submission returns the form's values with its token and the submit button.
func (f adminForm) submission(form url.Values, token string) url.Values {
	form.Set("csrf", token)
	if len(f.steps) > 0 {
		form.Set("finish", "yes")
	} else if f.button != "" {
		form.Set(f.button, f.value)
	}
	return form
}

// forms returns the page's forms with fields, those of wizards with all steps.
func (b *browser) forms() []adminForm {
	var all []adminForm
	for n := range nodes(b.page) {
		if n.Data != "form" || attribute(n, "method") != "post" {
			continue
		}
		f := readForm(b, n)
		if len(f.steps) > 0 {
			all = append(all, b.allSteps(f))
			return all
		}
		if len(f.texts) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// allSteps goes through all steps of the wizard, as if the last one had been shown, so
// that steps with faults can be left.
func (b *browser) allSteps(f adminForm) adminForm {
	form := cloneValues(f.fields)
	form.Set("seen", "yes")
	b.do(http.MethodPost, f.action, form)
	for _, step := range f.steps {
		b.opens(f.action + "?" + url.Values{"draft": {f.fields.Get("draft")}, "step": {step}}.Encode())
		if b.hasButton("add", "question") {
			b.presses("Add question", nil)
		}
		for n := range nodes(b.page) {
			if n.Data != "form" || attribute(n, "method") != "post" {
				continue
			}
			here := readForm(b, n)
			if len(here.steps) == 0 {
				continue
			}
			if here.fields.Get("at") != step {
				b.p.t.Errorf("%s shows the step %s instead of %s", b.at, here.fields.Get("at"), step)
			}
			f.fields, f.texts = here.fields, append(f.texts, here.texts...)
		}
	}
	slices.SortFunc(f.texts, func(a, c textField) int { return strings.Compare(a.name, c.name) })
	f.texts = slices.Compact(f.texts)
	return f
}

// hasButton reports whether the page has a button with the name and value.
func (b *browser) hasButton(name, value string) bool {
	for n := range nodes(b.page) {
		if n.Data == "button" && attribute(n, "name") == name && attribute(n, "value") == value {
			return true
		}
	}
	return false
}

// readForm reads a form of the page with its current values.
func readForm(b *browser, n *html.Node) adminForm {
	f := adminForm{action: b.resolve(attribute(n, "action"))}
	f.fields, _ = formState(n)
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
			f.texts = append(f.texts, textField{name, limit, isDisabledChoice(e)})
		}
	}
	return f
}

// isDisabledChoice reports whether the field only matters if another option is
// selected.
func isDisabledChoice(field *html.Node) bool {
	for n := range field.Ancestors() {
		if has(n, "data-when") {
			return true
		}
	}
	return false
}

// hasNoRequiredField reports whether all fields of the form are optional.
func hasNoRequiredField(action string) bool {
	return strings.Contains(action, "/people/") && strings.HasSuffix(action, "/edit") ||
		strings.HasSuffix(action, "/assignments/remove") || strings.HasSuffix(action, "/address-rules")
}

// checkedLater reports whether the field is only checked after the rest of the
// form is valid, or only used with another option.
func checkedLater(action, field string) bool {
	return strings.HasSuffix(action, "/assign") && field == "justification" || strings.HasSuffix(action, "/settings") &&
		field == "domains"
}

// fieldContains reports whether a field of the page contains the text.
func (b *browser) fieldContains(field, text string) bool {
	for n := range nodes(b.page) {
		if attribute(n, "name") == field &&
			(attribute(n, "value") == text || n.Data == "textarea" && textAreaValue(n) == text) {
			return true
		}
	}
	return false
}
