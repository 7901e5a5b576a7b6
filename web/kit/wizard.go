package kit

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// Wizard is a form in several steps, each with its own address (wizard_draft.go).
// Values of the other steps also travel in hidden fields, so that nothing is lost
// when the draft has ended or cannot be saved.
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

// Show answers with the step of the address, the first one if it names none.
func (w Wizard) Show(c *Context) error {
	if key := c.QueryParam("draft"); key != "" {
		return w.showDraft(c, key)
	}
	return w.start(c)
}

// Finishing reports whether the last step was submitted, for the first time and as the
// draft is now. If not, answer with ShowStep. If so, make what the wizard is for with
// Admin, and answer with Done or Rerender.
func (w Wizard) Finishing(c *Context) bool {
	if !isFinish(c) {
		return false
	}
	stored, err := w.stored(c, c.FormText("draft"))
	switch {
	case err != nil || stored.Has(access.FormFinished):
		return false
	case stored == nil:
		_, base := pageIDs(c.FormText(pageKey))
		return base == "" || c.FormText(unsavedKey) != "" // else the draft is gone
	}
	return !isStale(c, stored, w.lastStep())
}

// isFinish reports whether the button that finishes the wizard was pressed.
func isFinish(c *Context) bool { return c.Request().PostForm.Has("finish") && !c.Rearranging() }

// ShowStep answers with the step that the pressed button leads to. Buttons that
// search or rearrange stay at the same step, and so do those that lead further while
// the step has faults. What another page of the same draft has saved in between is not
// overwritten: it is shown beside what was typed.
func (w Wizard) ShowStep(c *Context) error { return w.showStep(c, maxSaves) }

// showStep is ShowStep with the number of attempts to save the step.
func (w Wizard) showStep(c *Context, attempts int) error {
	stored, err := w.stored(c, c.FormText("draft"))
	if err != nil {
		return err
	}
	if stored.Has(access.FormFinished) {
		return c.Redirect(http.StatusSeeOther, stored.Get(access.FormFinished))
	}
	from := w.Steps[w.stepIndex(c.FormText("at"))]
	typed := w.merged(c, stored, c.Fields(), from)
	switch {
	case isFinish(c) && stored == nil:
		return w.refuse(c, nil, typed, draftGone)
	case isFinish(c):
		return w.refuse(c, stored, typed, draftChanged)
	case isStale(c, stored, from) && !sameStep(c, stored, typed, from):
		return w.refuseStale(c, stored, typed, from)
	}
	to := w.target(c, typed, from)
	if c.FormText("try") != "" { // tests something outside, which loading the page again must not
		return w.render(c, stepPage{typed: typed, at: to, saved: stored != nil, unsaved: c.FormText(unsavedKey) != ""})
	}
	return w.showAt(c, stored, typed, from, to, attempts)
}

// target is the name of the step that the pressed button leads to. It applies the button
// to typed.
func (w Wizard) target(c *Context, typed url.Values, from WizardStep) string {
	at := w.stepIndex(from.Name)
	next := min(at+1, len(w.Steps)-1)
	switch to := c.FormText("go"); {
	case c.Rearranging():
		if from.Arrange != nil {
			from.Arrange(typed)
		}
		return from.Name
	case from.Hold != nil && from.Hold(typed):
		return from.Name
	case to != "":
		next = w.stepIndex(to)
	}
	if next <= at {
		return w.Steps[next].Name
	}
	end := next
	if typed.Get("seen") == "yes" { // the last step lists the faults of the others
		end = at + 1
	}
	if i := w.firstIncomplete(c, typed, at, end); i < end {
		typed.Set(leftKey, w.Steps[i].Name)
		return w.Steps[i].Name
	}
	return w.Steps[next].Name
}

// Rerender answers with the last step and the faults in err, which lead to their
// steps. It returns errors that are not about the content of the form.
func (w Wizard) Rerender(c *Context, err error) error {
	typed := c.Fields()
	stored, readErr := w.stored(c, typed.Get("draft"))
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if stored.Has(access.FormFinished) { // by another submission, in the meantime
		return c.Redirect(http.StatusSeeOther, stored.Get(access.FormFinished))
	}
	for name, values := range stored {
		if strings.HasPrefix(name, savedKey("")) {
			typed[name] = values
		}
	}
	page := stepPage{typed: typed, at: w.lastStep().Name, status: StatusOf(access.KindOf(err)), err: err,
		saved: stored != nil, unsaved: typed.Get(unsavedKey) != ""}
	switch {
	case store.IsStorageError(err):
		RetryLater(c)
		page.err, page.status = nil, http.StatusServiceUnavailable
		page.notices = []views.Notice{{Kind: "bad", Text: ErrorText(c.Printer, err) + " " +
			c.Printer.T("Reference: %s.", c.LogFault(err))}}
	case !IsFormFault(err):
		return err
	case page.saved && !page.unsaved:
		return w.refuse(c, stored, typed, keptFaults(c, err)...)
	}
	return w.render(c, page)
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

// stepPage is an answer of a wizard: one of its steps.
type stepPage struct {
	typed   url.Values
	at      string     // name of the step; the first one if it is empty
	status  int        // 200 OK if it is 0
	err     error      // faults of the form
	theirs  url.Values // what another page has saved in between; nil if nothing
	saved   bool       // the step has an address, which is not that of the request
	unsaved bool       // the draft does not have what was typed
	notices []views.Notice
}

func (w Wizard) render(c *Context, s stepPage) error {
	p, typed := c.Printer, s.typed
	i := w.stepIndex(s.at)
	step := w.Steps[i]
	typed.Set("at", step.Name)
	if i+1 == len(w.Steps) {
		typed.Set("seen", "yes")
	}
	if s.err == nil && typed.Get("seen") == "yes" {
		s.err = w.contentErrors(c, typed).Err()
	}
	byField, _ := FaultsOf(p, s.err)
	page := views.AdminForm{Chrome: c.Chrome(w.Title), Crumbs: w.Crumbs, Intro: w.Lead, Action: w.Path,
		CancelURL: w.Cancel, Notices: s.notices,
		Groups: step.Groups(typed, byField), Hidden: w.hiddenFields(typed, step, s.unsaved)}
	if s.saved {
		page.Address = w.stepURL(typed.Get("draft"), step.Name)
	}
	if s.theirs != nil {
		page.Conflicts, page.OtherTab = append(storedDifferences(p, s.theirs, typed, page.Groups),
			secretDifference(c, s.theirs, typed, page.Groups)...), true
	}
	inFault := w.addFaults(c, &page, typed, step, s.err)
	inFieldOrder(page.Faults, page.Groups)
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
	return c.Show(max(s.status, http.StatusOK), page.Page())
}

// addFaults adds the faults to the page of the step and returns the names of
// the steps that have faults. Faults of the step link to their fields. On the
// last step each other step with faults gets a button that leads there.
func (w Wizard) addFaults(c *Context, page *views.AdminForm, typed url.Values, step WizardStep,
	err error) map[string]bool {
	bad, groups := map[string]bool{}, map[string][]views.Group{step.Name: page.Groups}
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		s := w.stepOf(e.Field)
		if groups[s.Name] == nil {
			groups[s.Name] = s.Groups(maps.Clone(typed), map[string]string{})
		}
		text := summaryText(c.Printer, ErrorText(c.Printer, e), labelOf(groups[s.Name], e.Field))
		if s.Name == step.Name {
			page.Faults = append(page.Faults, views.Fault{Field: fieldID(e), Text: text})
		}
		if s.Name == step.Name || step.Name != w.Steps[len(w.Steps)-1].Name {
			bad[s.Name] = true
			continue
		}
		page.Faults = append(page.Faults, views.Fault{Text: s.Label + ": " + text})
		if !bad[s.Name] {
			page.FaultSteps = append(page.FaultSteps, views.Button{Label: c.Printer.T("Go to %s", s.Label), Name: "go",
				Value: s.Name})
		}
		bad[s.Name] = true
	}
	return bad
}

// hiddenFields are the values of the steps that are not shown, and the ids of the page
// (pageKey).
func (w Wizard) hiddenFields(typed url.Values, step WizardStep, unsaved bool) []views.Hidden {
	all := []views.Hidden{{Name: pageKey, Value: NewFormKey() + "." + typed.Get(savedKey(step.Name))}}
	if unsaved {
		all = append(all, views.Hidden{Name: unsavedKey, Value: "yes"})
	}
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		if step.Owns != nil && step.Owns(name) || !isHidden(name) {
			continue
		}
		for _, value := range typed[name] {
			all = append(all, views.Hidden{Name: name, Value: value})
		}
	}
	return all
}
