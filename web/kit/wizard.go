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

// Wizard is a form in several steps. The server keeps no state: values of the
// other steps travel in hidden fields, so that people can go back and forth,
// use two windows, and need no scripts.
type Wizard struct {
	Title, Lead string
	Path        string
	Crumbs      []views.Link
	Cancel      string
	Submit      string // label of the last step's button
	Initial     url.Values
	Steps       []WizardStep
	// Check returns the faults that saving would find, without saving; nil if only
	// saving can. It is called once the last step has been shown, so that unfinished
	// steps have no faults.
	Check func(typed url.Values) error
}

// WizardStep is a step with its fields. The last step has none and shows a
// summary.
type WizardStep struct {
	Name, Label string
	Groups      func(typed url.Values, faults map[string]string) []views.Group
	// Owns reports whether the step has the field.
	Owns func(field string) bool
	// Arrange applies the button that was pressed to add, remove or move a part of
	// the step; nil if there are no such buttons.
	Arrange func(typed url.Values)
	// Hold reports that the wizard must stay at this step because something typed
	// in it needs an answer first; nil if it never does.
	Hold func(typed url.Values) bool
}

// FieldsNamed returns an Owns function for the names. A name that ends in a dot
// matches every field that begins with it.
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

// Show answers with the first step, or with the draft that was kept when the
// session ended.
func (w Wizard) Show(c *Context) error {
	if draft := c.Draft(); draft != nil {
		return w.render(c, http.StatusOK, draft, draft.Get("at"), nil)
	}
	return w.render(c, http.StatusOK, w.Initial, "", nil)
}

// Finishing reports whether the last step was submitted. If not, answer with
// ShowStep.
func (w Wizard) Finishing(c *Context) bool {
	return c.Request().PostForm.Has("finish") && !c.Rearranging()
}

// ShowStep answers with the step that the pressed button leads to. Buttons that
// search or rearrange stay at the same step.
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

// Rerender answers with the last step and the faults in err, which lead to their
// steps. It returns errors that are not about the content of the form.
func (w Wizard) Rerender(c *Context, err error) error {
	if !IsFormFault(err) {
		return err
	}
	return w.render(c, StatusOf(access.KindOf(err)), c.Fields(), w.Steps[len(w.Steps)-1].Name, err)
}

// contentFaults returns err if it is about the content of the form. Any other
// error is left to saving; one of ours is logged.
func contentFaults(c *Context, err error) error {
	switch kind := access.KindOf(err); {
	case err == nil:
		return nil
	case IsFormFault(err):
		return err
	case kind == access.Internal:
		c.LogFault(err)
	}
	return nil
}

func (w Wizard) stepIndex(name string) int {
	return max(0, slices.IndexFunc(w.Steps, func(s WizardStep) bool { return s.Name == name }))
}

// stepOf is the step that owns the field; the first step if none does.
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
		err = contentFaults(c, w.Check(typed))
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

// addFaults adds the faults to the page of the step and returns the names of
// the steps that have faults. Faults of the step link to their fields. On the
// last step each other step with faults gets a button that leads there.
func (w Wizard) addFaults(c *Context, page *views.AdminForm, step WizardStep, err error) map[string]bool {
	bad := map[string]bool{}
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		s := w.stepOf(e.Field)
		if s.Name == step.Name {
			page.Faults = append(page.Faults, views.Fault{Field: fieldID(e), Text: ErrorText(c.Printer, e)})
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
