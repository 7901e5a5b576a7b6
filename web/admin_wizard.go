package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// wizard is a form in steps. Nothing of it is kept on the server: what was typed
// in the steps that are not shown goes along in hidden fields, so that one can
// go back and forth, in two windows too, and with scripts off.
type wizard struct {
	title, lead string
	path        string
	crumbs      []views.Link
	cancel      string
	submit      string // the word on the button of the last step
	fresh       url.Values
	steps       []wizardStep
	// check finds what is wrong with what was typed without anything being
	// changed; nil if only finishing tells. It is asked once the last step has
	// been seen, so that nothing is found fault with that is yet to be typed.
	check func(typed url.Values) error
}

// wizardStep is a step with the fields that it asks for. The last step has none:
// it shows everything again.
type wizardStep struct {
	name, label string
	groups      func(typed url.Values, faults map[string]string) []views.Group
	// owns reports whether the field is one of the step.
	owns func(field string) bool
	// arrange does to what was typed what a button asks that adds, drops or
	// moves a part of the step; nil if it has none.
	arrange func(typed url.Values)
	// hold keeps the wizard at the step, because something typed in it asks for
	// an answer first; nil if it never does.
	hold func(typed url.Values) bool
}

// fieldsNamed is an owns for fields of these names, and for those that begin
// with one that ends in a dot.
func fieldsNamed(names ...string) func(string) bool {
	return func(field string) bool {
		for _, n := range names {
			if field == n || strings.HasSuffix(n, ".") && strings.HasPrefix(field, n) {
				return true
			}
		}
		return false
	}
}

// show answers with the first step, or with what was typed before the session
// ended.
func (w wizard) show(v *visit) error {
	if draft := v.draft(); draft != nil {
		return w.answer(v, http.StatusOK, draft, draft.Get("at"), nil)
	}
	return w.answer(v, http.StatusOK, w.fresh, "", nil)
}

// finishing reports whether the form was sent to be finished. Otherwise moved
// answers it.
func (w wizard) finishing(v *visit) bool { return v.Request().PostForm.Has("finish") && !v.arranging() }

// moved answers with the step that the form was sent for: the one of the button
// pressed, the same one to search or to add a line, or the next.
func (w wizard) moved(v *visit) error {
	typed, at := v.fields(), v.form("at")
	switch to := v.form("go"); {
	case v.arranging():
		if step := w.steps[w.index(at)]; step.arrange != nil {
			step.arrange(typed)
		}
	case w.steps[w.index(at)].hold != nil && w.steps[w.index(at)].hold(typed):
	case to != "":
		at = to
	default:
		if i := w.index(at); i+1 < len(w.steps) {
			at = w.steps[i+1].name
		}
	}
	return w.answer(v, http.StatusOK, typed, at, nil)
}

// refused answers with the last step after err came of finishing: its faults
// lead to the steps that they are in.
func (w wizard) refused(v *visit, err error) error {
	kind := access.KindOf(err)
	if kind != access.Invalid && kind != access.Conflict {
		return err
	}
	return w.answer(v, statuses()[kind], v.fields(), w.steps[len(w.steps)-1].name, err)
}

func (w wizard) index(name string) int {
	return max(0, slices.IndexFunc(w.steps, func(s wizardStep) bool { return s.name == name }))
}

// owner is the step that owns the field; the first if none does.
func (w wizard) owner(field string) wizardStep {
	for _, s := range w.steps {
		if s.owns != nil && s.owns(field) {
			return s
		}
	}
	return w.steps[0]
}

func (w wizard) answer(v *visit, status int, typed url.Values, at string, err error) error {
	p := v.printer
	i := w.index(at)
	step := w.steps[i]
	typed.Set("at", step.name)
	if i+1 == len(w.steps) {
		typed.Set("seen", "yes")
	}
	if err == nil && w.check != nil && typed.Get("seen") == "yes" {
		err = w.check(typed)
	}
	byField, _ := faultsOf(p, err)
	page := views.AdminForm{Chrome: v.chrome(w.title), Crumbs: w.crumbs, Intro: w.lead, Action: w.path, CancelURL: w.cancel,
		Groups: step.groups(typed, byField), Hidden: w.carried(typed, step)}
	inFault := w.judge(v, &page, step, err)
	for _, s := range w.steps {
		page.Steps = append(page.Steps, ui.Step{Label: s.label, Value: s.name, Current: s.name == step.name,
			HasFault: inFault[s.name]})
	}
	if i > 0 {
		page.Buttons = append(page.Buttons, views.Button{Label: p.T("Back"), Name: "go", Value: w.steps[i-1].name})
	}
	if i+1 < len(w.steps) {
		page.Buttons = append(page.Buttons, views.Button{Label: p.T("Next: %s", w.steps[i+1].label), Name: "go",
			Value: w.steps[i+1].name, Primary: true})
	} else {
		page.Buttons = append(page.Buttons, views.Button{Label: w.submit, Name: "finish", Value: "yes", Primary: true})
	}
	return v.show(status, page.Page())
}

// judge adds the faults to the page of the step, and returns the steps that have
// one. Those of the step itself lead to their fields; in the last step those of
// others have a button each that leads there.
func (w wizard) judge(v *visit, page *views.AdminForm, step wizardStep, err error) map[string]bool {
	bad := map[string]bool{}
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		s := w.owner(e.Field)
		if s.name == step.name {
			page.Faults = append(page.Faults, views.Fault{Field: "f-" + e.Field, Text: sentence(v.printer, e)})
		}
		if s.name == step.name || step.name != w.steps[len(w.steps)-1].name {
			bad[s.name] = true
			continue
		}
		page.Faults = append(page.Faults, views.Fault{Text: s.label + ": " + sentence(v.printer, e)})
		if !bad[s.name] {
			page.FaultSteps = append(page.FaultSteps, views.Button{Label: v.printer.T("Go to %s", s.label), Name: "go", Value: s.name})
		}
		bad[s.name] = true
	}
	return bad
}

// carried are the values of the steps that are not shown.
func (w wizard) carried(typed url.Values, step wizardStep) []views.Hidden {
	var all []views.Hidden
	var names []string
	for name := range typed {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if step.owns != nil && step.owns(name) || strings.HasPrefix(name, "q.") ||
			slices.Contains([]string{"add", "drop", "move", "try"}, name) {
			continue
		}
		for _, value := range typed[name] {
			all = append(all, views.Hidden{Name: name, Value: value})
		}
	}
	return all
}
