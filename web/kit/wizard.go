package kit

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// Wizard is a form in steps. Nothing of it is kept on the server: what was typed
// in the steps that are not shown goes along in hidden fields, so that one can
// go back and forth, in two windows too, and with scripts off.
type Wizard struct {
	Title, Lead string
	Path        string
	Crumbs      []views.Link
	Cancel      string
	Submit      string // the word on the button of the last step
	Initial     url.Values
	Steps       []WizardStep
	// check finds what is wrong with what was typed without anything being
	// changed; nil if only finishing tells. It is asked once the last step has
	// been seen, so that nothing is found fault with that is yet to be typed.
	Check func(typed url.Values) error
}

// WizardStep is a step with the fields that it asks for. The last step has none:
// it shows everything again.
type WizardStep struct {
	Name, Label string
	Groups      func(typed url.Values, faults map[string]string) []views.Group
	// owns reports whether the field is one of the step.
	Owns func(field string) bool
	// arrange does to what was typed what a button asks that adds, drops or
	// moves a part of the step; nil if it has none.
	Arrange func(typed url.Values)
	// hold keeps the wizard at the step, because something typed in it asks for
	// an answer first; nil if it never does.
	Hold func(typed url.Values) bool
}

// FieldsNamed is an owns for fields of these names, and for those that begin
// with one that ends in a dot.
func FieldsNamed(names ...string) func(string) bool {
	return func(field string) bool {
		for _, n := range names {
			if field == n || strings.HasSuffix(n, ".") && strings.HasPrefix(field, n) {
				return true
			}
		}
		return false
	}
}

// Show answers with the first step, or with what was typed before the session
// ended.
func (w Wizard) Show(c *Context) error {
	if draft := c.Draft(); draft != nil {
		return w.render(c, http.StatusOK, draft, draft.Get("at"), nil)
	}
	return w.render(c, http.StatusOK, w.Initial, "", nil)
}

// Finishing reports whether the form was sent to be finished. Otherwise moved
// answers it.
func (w Wizard) Finishing(c *Context) bool {
	return c.Request().PostForm.Has("finish") && !c.Rearranging()
}

// ShowStep answers with the step that the form was sent for: the one of the button
// pressed, the same one to search or to add a line, or the next.
func (w Wizard) ShowStep(c *Context) error {
	typed, at := c.Fields(), c.FormText("at")
	switch to := c.FormText("go"); {
	case c.Rearranging():
		if step := w.Steps[w.stepIndex(at)]; step.Arrange != nil {
			step.Arrange(typed)
		}
	case w.Steps[w.stepIndex(at)].Hold != nil && w.Steps[w.stepIndex(at)].Hold(typed):
	case to != "":
		at = to
	default:
		if i := w.stepIndex(at); i+1 < len(w.Steps) {
			at = w.Steps[i+1].Name
		}
	}
	return w.render(c, http.StatusOK, typed, at, nil)
}

// Rerender answers with the last step after err came of finishing: its faults
// lead to the steps that they are in.
func (w Wizard) Rerender(c *Context, err error) error {
	kind := access.KindOf(err)
	if kind != access.Invalid && kind != access.Conflict {
		return err
	}
	return w.render(c, StatusOf(kind), c.Fields(), w.Steps[len(w.Steps)-1].Name, err)
}

func (w Wizard) stepIndex(name string) int {
	return max(0, slices.IndexFunc(w.Steps, func(s WizardStep) bool { return s.Name == name }))
}

// stepOf is the step that owns the field; the first if none does.
func (w Wizard) stepOf(field string) WizardStep {
	for _, s := range w.Steps {
		if s.Owns != nil && s.Owns(field) {
			return s
		}
	}
	return w.Steps[0]
}

func (w Wizard) render(c *Context, status int, typed url.Values, at string, err error) error {
	p := c.Printer
	i := w.stepIndex(at)
	step := w.Steps[i]
	typed.Set("at", step.Name)
	if i+1 == len(w.Steps) {
		typed.Set("seen", "yes")
	}
	if err == nil && w.Check != nil && typed.Get("seen") == "yes" {
		err = w.Check(typed)
	}
	byField, _ := FaultsOf(p, err)
	page := views.AdminForm{Chrome: c.Chrome(w.Title), Crumbs: w.Crumbs, Intro: w.Lead, Action: w.Path,
		CancelURL: w.Cancel,
		Groups:    step.Groups(typed, byField), Hidden: w.hiddenFields(typed, step)}
	inFault := w.addFaults(c, &page, step, err)
	for _, s := range w.Steps {
		page.Steps = append(page.Steps, ui.Step{Label: s.Label, Value: s.Name, Current: s.Name == step.Name,
			HasFault: inFault[s.Name]})
	}
	if i > 0 {
		page.Buttons = append(page.Buttons, views.Button{Label: p.T("Back"), Name: "go", Value: w.Steps[i-1].Name})
	}
	if i+1 < len(w.Steps) {
		page.Buttons = append(page.Buttons, views.Button{Label: p.T("Next: %s", w.Steps[i+1].Label), Name: "go",
			Value: w.Steps[i+1].Name, Primary: true})
	} else {
		page.Buttons = append(page.Buttons, views.Button{Label: w.Submit, Name: "finish", Value: "yes", Primary: true})
	}
	return c.Show(status, page.Page())
}

// addFaults adds the faults to the page of the step, and returns the steps that have
// one. Those of the step itself lead to their fields; in the last step those of
// others have a button each that leads there.
func (w Wizard) addFaults(c *Context, page *views.AdminForm, step WizardStep, err error) map[string]bool {
	bad := map[string]bool{}
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		s := w.stepOf(e.Field)
		if s.Name == step.Name {
			page.Faults = append(page.Faults, views.Fault{Field: "f-" + e.Field, Text: ErrorText(c.Printer, e)})
		}
		if s.Name == step.Name || step.Name != w.Steps[len(w.Steps)-1].Name {
			bad[s.Name] = true
			continue
		}
		page.Faults = append(page.Faults, views.Fault{Text: s.Label + ": " + ErrorText(c.Printer, e)})
		if !bad[s.Name] {
			page.FaultSteps = append(page.FaultSteps, views.Button{Label: c.Printer.T("Go to %s", s.Label), Name: "go",
				Value: s.Name})
		}
		bad[s.Name] = true
	}
	return bad
}

// hiddenFields are the values of the steps that are not shown.
func (w Wizard) hiddenFields(typed url.Values, step WizardStep) []views.Hidden {
	var all []views.Hidden
	var names []string
	for name := range typed {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if step.Owns != nil && step.Owns(name) || strings.HasPrefix(name, "q.") ||
			slices.Contains([]string{"add", "drop", "move", "try"}, name) {
			continue
		}
		for _, value := range typed[name] {
			all = append(all, views.Hidden{Name: name, Value: value})
		}
	}
	return all
}
