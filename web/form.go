package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// formState is what stands in a form: what was typed, and what is wrong with it.
type formState struct {
	typed    url.Values // nil for a fresh form
	err      error
	restored bool // typed text was kept while the session had ended
}

// clock is how browsers write the value of a datetime-local input.
const clock = "2006-01-02T15:04"

// requestForm is the form to request a package under one of the usable
// policies.
func (v *visit) requestForm(o access.Offer, usable []access.Policy, f formState) *views.Form {
	p := v.printer
	form := &views.Form{}
	if f.restored {
		form.Restore = p.T("Your session had ended. What you had typed is here again; submit it now.")
	}
	byField, all := faultsOf(p, f.err)
	if f.err != nil {
		form.Faults = all
	}
	chosen := f.typed.Get("policy")
	if len(usable) > 1 {
		choice := ui.Options{Name: "policy", Label: p.T("Under which policy do you ask?"), Required: true, Error: byField["policy"]}
		for _, o := range usable {
			choice.Options = append(choice.Options, ui.Option{Value: string(o.ID), Label: o.Name, Hint: o.Description, Chosen: string(o.ID) == chosen})
		}
		form.Choice = &choice
	}
	policy, err := (access.Offer{Package: o.Package, Catalog: o.Catalog, Policies: usable}).Policy(v.mustWho(), access.PolicyID(chosen))
	if err != nil && len(usable) == 1 {
		policy, err = usable[0], nil
	}
	if err != nil {
		return form
	}
	form.Action = v.home + "/access-packages/" + string(o.Package.ID) + "/requests"
	form.Policy, form.Key = string(policy.ID), f.typed.Get("key")
	if form.Key == "" {
		form.Key = newKey()
	}
	form.Parts = v.parts(policy, f.typed, byField)
	form.Hint = forecast(p, policy, func() (string, bool) {
		end := policy.Expiration.EndFrom(v.now)
		return p.DateTime(end), !end.IsZero()
	})
	return form
}

// mustWho is the reader; the facts have been read once on the way here, so that
// a fault now only means that no policy is offered.
func (v *visit) mustWho() access.Who {
	who, err := v.who()
	if err != nil {
		v.Log.Warn("facts about a person not read", "error", err)
	}
	return who
}

// parts are the fields that the policy asks for.
func (v *visit) parts(o access.Policy, typed url.Values, faults map[string]string) []views.Part {
	p := v.printer
	var parts []views.Part
	for _, q := range o.Questions {
		parts = append(parts, v.questionPart(q, typed[q.Field()], faults[q.Field()]))
	}
	parts = append(parts, views.Part{Field: &ui.Field{Name: "justification", Label: p.T("Business justification"), Type: "area",
		Hint: p.T("Why you need this. Approvers read it. At most %d characters.", access.MaxJustification), Max: access.MaxJustification,
		Required: o.Justify, Value: typed.Get("justification"), Error: faults["justification"]}})
	if !o.CustomSchedule {
		return parts
	}
	zone := v.zoneName()
	return append(parts,
		views.Part{Field: &ui.Field{Name: "start", Label: p.T("From"), Type: "datetime-local",
			Hint: p.T("Leave empty to begin at once. Time zone: %s.", zone), Value: typed.Get("start"), Error: faults["start"]}},
		views.Part{Field: &ui.Field{Name: "end", Label: p.T("Until"), Type: "datetime-local",
			Hint: p.T("Leave empty for the longest time. Time zone: %s.", zone), Value: typed.Get("end"), Error: faults["end"]}})
}

func (v *visit) zoneName() string { return v.printer.Zone().String() }

// languages are the reader's, for localised texts.
func (v *visit) languages() []string { return []string{v.printer.Tag(), v.tenant.Settings.Language} }

func (v *visit) questionPart(q access.Question, values []string, fault string) views.Part {
	p := v.printer
	label := q.Localized.In(q.Text, v.languages()...)
	if q.Kind == access.MultipleChoice {
		o := &ui.Options{Name: q.Field(), Label: label, Required: q.Required, Many: q.Several, Error: fault}
		if q.Several {
			o.Hint = p.T("Choose one or several.")
		}
		for _, c := range q.Choices {
			o.Options = append(o.Options, ui.Option{Value: c.Value, Label: c.Localized.In(c.Text, v.languages()...), Chosen: slices.Contains(values, c.Value)})
		}
		return views.Part{Options: o}
	}
	f := &ui.Field{Name: q.Field(), Label: label, Type: "text", Max: q.Most(), Required: q.Required, Error: fault,
		Value: strings.Join(values, "\n"), Hint: p.T("At most %d characters.", q.Most())}
	if q.Kind == access.LongText {
		f.Type = "area"
	}
	if q.Pattern != "" && q.PatternMessage != "" {
		f.Hint = q.PatternLocalized.In(q.PatternMessage, v.languages()...)
	}
	return views.Part{Field: f}
}

// submit makes the request that was typed in.
func submit(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	ask, err := v.ask()
	var made access.Request
	if err == nil {
		made, err = v.Lifecycle.Requests.Submit(v.ctx, v.tenant, v.account, access.PackageID(id), ask, v.form("key"))
	}
	switch kind := access.KindOf(err); {
	case err == nil:
		return v.Redirect(http.StatusSeeOther, v.home+"/requests/"+string(made.ID))
	case kind == access.Invalid || kind == access.Conflict || kind == access.Forbidden:
		return v.packagePage(statuses()[kind], formState{typed: v.Request().PostForm, err: err})
	}
	return err
}

// ask reads the form to request a package.
func (v *visit) ask() (access.Ask, error) {
	var es access.Errors
	ask := access.Ask{Policy: access.PolicyID(v.form("policy")), Justification: strings.TrimSpace(v.form("justification")), Language: v.printer.Tag(),
		Answers: map[access.QuestionID][]string{}}
	for name, values := range v.Request().PostForm {
		if id, ok := strings.CutPrefix(name, "answer."); ok {
			for i := range values {
				values[i] = strings.ReplaceAll(values[i], "\r\n", "\n")
			}
			ask.Answers[access.QuestionID(id)] = values
		}
	}
	ask.Start = v.moment("start", &es)
	ask.End = v.moment("end", &es)
	if len(v.form("key")) > 64 {
		es.Add(access.Invalidf("key", "The form is damaged. Open the page again."))
	}
	return ask, es.Err()
}

// moment reads a time in the reader's time zone; the zero time if none was
// given.
func (v *visit) moment(field string, es *access.Errors) time.Time {
	text := v.form(field)
	if text == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(clock, text, v.printer.Zone())
	if err != nil || t.Year() < 1970 || t.Year() > 9000 {
		es.Add(access.Invalidf(field, "Enter day and time, such as 2026-03-12T17:00."))
		return time.Time{}
	}
	return t
}
