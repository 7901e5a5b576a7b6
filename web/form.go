package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/views"
	"myaccess/views/ui"
)

// formState is what stands in a form: what was typed, and what is wrong with it.
type formState struct {
	typed    url.Values // nil for a fresh form
	err      error
	restored bool // typed text was kept while the session had ended
	// source are the parameters of the page from which the typed text came, so
	// that it is still there when another policy is chosen.
	source url.Values
}

// restoredText tells that what was typed before the session ended is here again.
func restoredText(p *lang.Printer, restored bool) string {
	if !restored {
		return ""
	}
	return p.T("Your session had ended. What you had typed is here again; submit it now.")
}

// clock is how browsers write the value of a datetime-local input.
const clock = "2006-01-02T15:04"

// requestForm is the form to request a package under one of the usable
// policies.
func (v *visit) requestForm(o access.Offer, usable []access.Policy, f formState) *views.Form {
	p := v.printer
	here := v.home + "/access-packages/" + string(o.Package.ID)
	form := &views.Form{RestoredNotice: restoredText(p, f.restored)}
	byField, all := faultsOf(p, f.err)
	chosen := access.PolicyID(f.typed.Get("policy"))
	if len(usable) > 1 {
		form.PolicyChoice = v.choosePolicy(usable, chosen, byField["policy"])
		form.PolicyChoiceAction, form.HiddenFields = here+"#request", keep(f.source)
	}
	if policy, ok := pick(usable, chosen); ok {
		form.Action = here + "/requests"
		form.Policy, form.IdempotencyKey = string(policy.ID), f.typed.Get("key")
		if form.IdempotencyKey == "" || !isKey(form.IdempotencyKey) {
			form.IdempotencyKey = newKey()
		}
		form.Parts = v.parts(policy, f.typed, byField)
		form.Hint = forecast(p, policy, v.period(f.typed), v.now)
	}
	form.Faults = reach(all, fieldsOf(form)...)
	return form
}

func (v *visit) choosePolicy(usable []access.Policy, chosen access.PolicyID, fault string) *ui.Options {
	choice := &ui.Options{Name: "policy", Label: v.printer.T("Under which policy do you ask?"), Required: true,
		Error: fault}
	for _, o := range usable {
		choice.Options = append(choice.Options, ui.Option{Value: string(o.ID), Label: o.Name, Hint: o.Description,
			Selected: o.ID == chosen})
	}
	return choice
}

// fieldsOf are the names of what can be filled in.
func fieldsOf(form *views.Form) []string {
	var names []string
	if form.PolicyChoice != nil {
		names = append(names, form.PolicyChoice.Name)
	}
	for _, part := range form.Parts {
		if part.Field != nil {
			names = append(names, part.Field.Name)
		} else if part.Options != nil {
			names = append(names, part.Options.Name)
		}
	}
	return names
}

// pick is the policy chosen of those that may be used; of one there is no
// choice.
func pick(usable []access.Policy, chosen access.PolicyID) (access.Policy, bool) {
	if len(usable) == 1 {
		return usable[0], true
	}
	for _, o := range usable {
		if o.ID == chosen {
			return o, true
		}
	}
	return access.Policy{}, false
}

// keep are the parameters as hidden fields.
func keep(source url.Values) []views.Hidden {
	var all []views.Hidden
	for _, name := range []string{"from", "draft"} {
		if value := source.Get(name); value != "" {
			all = append(all, views.Hidden{Name: name, Value: value})
		}
	}
	return all
}

// period is what has been typed of one, as far as it can be read.
func (v *visit) period(typed url.Values) access.Request {
	var none access.Errors
	return access.Request{Start: v.moment("start", typed.Get("start"), &none), End: v.moment("end", typed.Get("end"),
		&none)}
}

// parts are the fields that the policy asks for.
func (v *visit) parts(o access.Policy, typed url.Values, faults map[string]string) []views.Part {
	p := v.printer
	var parts []views.Part
	for _, q := range o.Questions {
		parts = append(parts, v.questionPart(q, typed[q.Field()], faults[q.Field()]))
	}
	parts = append(parts, views.Part{Field: &ui.Field{Name: "justification", Label: p.T("Business justification"),
		Type:      "area",
		Hint:      p.T("Why you need this. Approvers read it. At most %d characters.", access.MaxJustificationLength),
		MaxLength: access.MaxJustificationLength,
		Required:  o.RequireJustification, Value: typed.Get("justification"), Error: faults["justification"]}})
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

// languages are those in which the reader is shown localised texts, most
// wanted first: what the browser asks for (F-115), then the person's, then the
// tenant's. What is written without a language is in the tenant's, so that
// nothing less wanted than that comes before it.
func (v *visit) languages() []string {
	var all []string
	for _, tag := range append(slices.Clone(v.accepted), v.person.Language, v.tenant.Settings.Language) {
		if tag == "" {
			continue
		}
		all = append(all, tag)
		if lang.BaseLanguage(tag) == lang.BaseLanguage(v.tenant.Settings.Language) {
			break
		}
	}
	return all
}

func (v *visit) questionPart(q access.Question, values []string, fault string) views.Part {
	p := v.printer
	label := q.Localized.In(q.Text, v.languages()...)
	if q.Kind == access.MultipleChoice {
		o := &ui.Options{Name: q.Field(), Label: label, Required: q.Required, Multiple: q.AllowsMultiple, Error: fault}
		if q.AllowsMultiple {
			o.Hint = p.T("Choose one or several.")
		}
		for _, c := range q.Choices {
			o.Options = append(o.Options, ui.Option{Value: c.Value, Label: c.Localized.In(c.Text, v.languages()...),
				Selected: slices.Contains(values, c.Value)})
		}
		return views.Part{Options: o}
	}
	f := &ui.Field{Name: q.Field(), Label: label, Type: "text", MaxLength: q.MaxLength(), Required: q.Required, Error: fault,
		Value: strings.Join(values, "\n"), Hint: p.T("At most %d characters.", q.MaxLength())}
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
		return v.Redirect(http.StatusSeeOther, v.home+"/requests/"+string(made.ID)+"?done=sent")
	case kind == access.Invalid || kind == access.Conflict || kind == access.Forbidden:
		return v.packagePage(statuses()[kind], formState{typed: v.Request().PostForm, err: err})
	}
	return err
}

// ask reads the form to request a package.
func (v *visit) ask() (access.RequestForm, error) {
	var es access.Errors
	ask := access.RequestForm{Policy: access.PolicyID(v.form("policy")), Justification: strings.TrimSpace(v.form("justification")),
		Languages: v.languages(),
		Answers:   map[access.QuestionID][]string{}}
	for name, values := range v.Request().PostForm {
		if id, ok := strings.CutPrefix(name, "answer."); ok {
			for i := range values {
				values[i] = strings.ReplaceAll(values[i], "\r\n", "\n")
			}
			ask.Answers[access.QuestionID(id)] = values
		}
	}
	ask.Start = v.moment("start", v.form("start"), &es)
	ask.End = v.moment("end", v.form("end"), &es)
	if !isKey(v.form("key")) {
		es.Add(access.Invalidf("key", "The form is damaged. Open the page again."))
	}
	return ask, es.Err()
}

// isKey reports whether s could be the key of a form; a form without one is
// not kept from being sent twice.
func isKey(s string) bool {
	return len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// moment reads a time in the reader's time zone; the zero time if none was
// given.
func (v *visit) moment(field, text string, es *access.Errors) time.Time {
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
