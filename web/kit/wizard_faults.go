package kit

import (
	"context"
	"errors"
	"maps"
	"myaccess/internal/access"
	"myaccess/views"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// isTooLong reports whether saving a draft failed because of its size.
func isTooLong(err error) bool { return access.KindOf(err) == access.Invalid }

// unsavedNotice says why a draft could not be saved. It returns errors after which the
// person cannot go on.
func (w Wizard) unsavedNotice(c *Context, err error) (views.Notice, error) {
	p := c.Printer
	switch kind := access.KindOf(err); {
	case isTooLong(err):
		return views.Notice{Kind: "warn",
			Text: p.T("This form is too long to keep as a draft (more than %d KB). Use the buttons on this page. If you go "+
				"back or reload in the browser, or your session ends, what you entered is lost.",
				access.MaxDraftSize>>10)}, nil
	case kind == access.Forbidden || errors.Is(err, context.Canceled):
		return views.Notice{}, err
	}
	RetryLater(c)
	return views.Notice{Kind: "bad",
		Text: p.T("What you typed can't be saved at the moment. It's still on this page: keep "+
			"the page open and try again in a few minutes. Reference: %s.", c.LogFault(err))}, nil
}

// contentErrors are the faults that saving would find, without those of other errors.
func (w Wizard) contentErrors(c *Context, typed url.Values) (all access.Errors) {
	if w.Check != nil {
		all.Add(contentFaults(c, w.Check(maps.Clone(typed))))
	}
	return all
}

// leavingFaults are the faults of what was typed in the step: required fields without a
// value, and what saving would refuse at its fields.
func (w Wizard) leavingFaults(c *Context, typed url.Values, step WizardStep) error {
	return stepFaults(w.contentErrors(c, typed), typed, step)
}

// firstIncomplete is the index of the first step with faults among those from the index
// from up to the index to; to if there is none.
func (w Wizard) firstIncomplete(c *Context, typed url.Values, from, to int) int {
	all := w.contentErrors(c, typed)
	for i := from; i < to; i++ {
		if stepFaults(all, typed, w.Steps[i]) != nil {
			return i
		}
	}
	return to
}

// stepFaults are the faults among all that are at fields of the step, and its required
// fields without a value.
func stepFaults(all access.Errors, typed url.Values, step WizardStep) error {
	var es access.Errors
	for _, e := range all {
		if step.Owns != nil && step.Owns(e.Field) {
			es.Add(e)
		}
	}
	for _, g := range step.Groups(maps.Clone(typed), map[string]string{}) {
		if !isVisible(g.VisibleWhen, typed) {
			continue
		}
		for _, part := range g.Parts {
			name, _ := partName(part)
			has := func(e *access.Error) bool { return e.Field == name }
			if isRequired(part) && isVisible(part.VisibleWhen, typed) && access.IsEmpty(typed.Get(name)) &&
				!slices.ContainsFunc(es, has) {
				es.Add(access.Invalidf(name, "Required."))
			}
		}
	}
	return es.Err()
}

// isRequired reports whether the part is a field that needs a value.
func isRequired(part views.Part) bool {
	switch {
	case part.Field != nil:
		return part.Field.Required
	case part.Options != nil:
		return part.Options.Required
	case part.Picker != nil:
		return part.Picker.Required
	}
	return false
}

// isVisible reports whether the condition holds for what was typed.
func isVisible(when views.VisibleWhen, typed url.Values) bool {
	return when.Field == "" || slices.Contains(strings.Fields(when.Values), typed.Get(when.Field))
}

// Refusals of finishing that are not about the content of the form.
const (
	draftChanged = "changed" // by another page, since the last step was shown
	draftGone    = "gone"    // it had expired or was replaced by newer ones
)

// wholeText is a text of a fault as it was shown, which is not cut.
type wholeText string

// keptFaults are the faults of finishing as values of a draft: the kind, the field and the
// text of each, in lines.
func keptFaults(c *Context, err error) []string {
	var es access.Errors
	es.Add(err)
	var all []string
	for _, e := range es {
		all = append(all, strconv.Itoa(int(e.Kind))+"\n"+e.Field+"\n"+ErrorText(c.Printer, e))
	}
	return all
}

// refusedPage is the last step after finishing was refused, for the reason in the draft.
func refusedPage(c *Context, typed url.Values, step string, refused []string) stepPage {
	p := c.Printer
	page := stepPage{typed: typed, at: step, status: http.StatusConflict}
	switch refused[0] {
	case draftChanged:
		page.notices = []views.Notice{{Kind: "warn",
			Text: p.T("Nothing has been saved yet. This form was changed in another tab or window. Check it again.")}}
		return page
	case draftGone:
		page.notices = []views.Notice{{Kind: "warn",
			Text: p.T("Nothing has been saved yet. This form was opened more than a day ago, or newer drafts have replaced " +
				"it. Check it again.")}}
		return page
	}
	var es access.Errors
	for _, fault := range refused {
		kind, rest, _ := strings.Cut(fault, "\n")
		field, text, _ := strings.Cut(rest, "\n")
		n, err := strconv.Atoi(kind)
		if err != nil {
			continue
		}
		es = append(es, &access.Error{Kind: access.ErrorKind(n), Field: field, Msg: "%s", Args: []any{wholeText(text)}})
	}
	page.err = es.Err()
	page.status = StatusOf(access.KindOf(page.err))
	return page
}

// refuse saves the draft with the reason why finishing was refused, and redirects to the
// last step. If it cannot be saved, it answers with that step at once.
func (w Wizard) refuse(c *Context, base, typed url.Values, refused ...string) error {
	last := w.lastStep()
	typed.Set("at", last.Name)
	typed[refusedKey] = refused
	err := w.save(c, base, typed, last)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, w.stepURL(typed.Get("draft"), last.Name))
	}
	c.LogFault(err)
	page := refusedPage(c, typed, last.Name, refused)
	page.unsaved = true
	return w.render(c, page)
}

// inFieldOrder sorts faults by the order of their fields on the page. Those of no field
// come first.
func inFieldOrder(all []views.Fault, groups []views.Group) {
	order := map[string]int{"": -1}
	for _, g := range groups {
		if g.Field != "" {
			order["f-"+g.Field] = len(order)
		}
		for _, part := range g.Parts {
			if name, _ := partName(part); name != "" {
				order["f-"+name] = len(order)
			}
		}
	}
	at := func(f views.Fault) int {
		if n, ok := order[f.Field]; ok {
			return n
		}
		return len(order)
	}
	slices.SortStableFunc(all, func(a, b views.Fault) int { return at(a) - at(b) })
}
