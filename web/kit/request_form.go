package kit

import (
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/views"
	"myaccess/views/ui"
)

// FormState is the content of a request form: what was typed, and its faults.
type FormState struct {
	Typed    url.Values // nil for an empty form
	Err      error
	Restored bool // from a draft
	// Source are the URL parameters that the typed text came from. They are kept
	// when another policy is chosen.
	Source url.Values
}

// RestoredText says that what was typed before the session ended has been
// restored; empty if it has not.
func RestoredText(p *lang.Printer, restored bool) string {
	if !restored {
		return ""
	}
	return p.T("Your session had ended. We restored what you entered. Submit it now.")
}

// RequestForm is the form to request a package under one of the policies, which
// the requestor chooses if there are several.
func RequestForm(c *Context, o access.Offer, usable []access.Policy, f FormState) *views.Form {
	p := c.Printer
	here := c.PagePath("access-packages", string(o.Package.ID))
	form := &views.Form{RestoredNotice: RestoredText(p, f.Restored)}
	byField, all := FaultsOf(p, f.Err)
	chosen := access.PolicyID(f.Typed.Get("policy"))
	if len(usable) > 1 {
		form.PolicyChoice = policyOptions(c, usable, chosen, byField["policy"])
		form.PolicyChoiceAction, form.HiddenFields = here+"#request", hiddenFields(f.Source)
	}
	if policy, ok := selectedPolicy(usable, chosen); ok {
		form.Action = here + "/requests"
		form.Policy, form.IdempotencyKey = string(policy.ID), f.Typed.Get("key")
		if form.IdempotencyKey == "" || !isFormKey(form.IdempotencyKey) {
			form.IdempotencyKey = NewFormKey()
		}
		form.Parts = RequestParts(c, policy, f.Typed, byField)
		if f.Err == nil || access.KindOf(f.Err) != access.Conflict { // such as when no one can approve
			form.Hint = forecast(p, policy, typedPeriod(c, f.Typed), c.Tenant.Settings.Local(c.Now))
		}
	}
	form.Faults = LinkFaults(all, fieldNames(form)...)
	return form
}

func policyOptions(c *Context, usable []access.Policy, chosen access.PolicyID, fault string) *ui.Options {
	choice := &ui.Options{Name: "policy", Label: c.Printer.T("Choose a policy"), Required: true, Cards: true,
		Error: fault}
	for _, o := range usable {
		choice.Options = append(choice.Options, ui.Option{Value: string(o.ID), Label: o.Name, Hint: o.Description,
			Selected: o.ID == chosen})
	}
	return choice
}

// fieldNames are the names of the form's fields.
func fieldNames(form *views.Form) []string {
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

// selectedPolicy returns the chosen policy, or the only one; ok is false if
// none is chosen.
func selectedPolicy(usable []access.Policy, chosen access.PolicyID) (access.Policy, bool) {
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

// hiddenFields keeps the parameters "from" and "draft" in a form.
func hiddenFields(source url.Values) []views.Hidden {
	var all []views.Hidden
	for _, name := range []string{"from", "draft"} {
		if value := source.Get(name); value != "" {
			all = append(all, views.Hidden{Name: name, Value: value})
		}
	}
	return all
}

// typedPeriod is the period that was typed, without what cannot be parsed.
func typedPeriod(c *Context, typed url.Values) access.Request {
	var none access.Errors
	return access.Request{Start: c.parseDateTime("start", typed.Get("start"), &none), End: c.parseDateTime("end",
		typed.Get("end"),
		&none)}
}

// RequestParts are the fields that a policy asks for.
func RequestParts(c *Context, o access.Policy, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	var parts []views.Part
	for _, q := range o.Questions {
		parts = append(parts, questionPart(c, q, typed[q.Field()], faults[q.Field()]))
	}
	parts = append(parts, views.Part{Field: &ui.Field{Name: "justification", Label: p.T("Business justification"),
		Type: "area",
		Hint: p.T("Why you need this access. Visible to approvers. At most %d characters.",
			access.MaxJustificationLength),
		MaxLength: access.MaxJustificationLength,
		Required:  o.RequireJustification, Value: typed.Get("justification"), Error: faults["justification"]}})
	if !o.CustomSchedule {
		return parts
	}
	zone := c.ZoneName()
	return append(parts,
		views.Part{Field: &ui.Field{Name: "start", Label: p.T("From"), Type: "datetime-local",
			Hint: p.T("Leave empty to start immediately. Time zone: %s.", zone), Value: typed.Get("start"),
			Error: faults["start"]}},
		views.Part{Field: &ui.Field{Name: "end", Label: p.T("Until"), Type: "datetime-local",
			Hint: p.T("Leave empty for the maximum duration. Time zone: %s.", zone), Value: typed.Get("end"),
			Error: faults["end"]}})
}

// Languages are the reader's languages for localized texts, the preferred
// first: the browser's (F-115), the person's, the tenant's. The list ends with
// the tenant's language, because texts without a language are in it.
func Languages(c *Context) []string {
	var all []string
	for _, tag := range append(slices.Clone(c.languages), c.Person.Language, c.Tenant.Settings.Language) {
		if tag == "" {
			continue
		}
		all = append(all, tag)
		if lang.BaseLanguage(tag) == lang.BaseLanguage(c.Tenant.Settings.Language) {
			break
		}
	}
	return all
}

func questionPart(c *Context, q access.Question, values []string, fault string) views.Part {
	p := c.Printer
	label := q.Localized.In(q.Text, Languages(c)...)
	if q.Kind == access.MultipleChoice {
		o := &ui.Options{Name: q.Field(), Label: label, Required: q.Required, Multiple: q.AllowsMultiple, Error: fault}
		if q.AllowsMultiple {
			o.Hint = p.T("Choose all that apply.")
		}
		for _, choice := range q.Choices {
			o.Options = append(o.Options, ui.Option{Value: choice.Value, Label: choice.Localized.In(choice.Text,
				Languages(c)...),
				Selected: slices.Contains(values, choice.Value)})
		}
		return views.Part{Options: o}
	}
	f := &ui.Field{Name: q.Field(), Label: label, Type: "text", MaxLength: q.MaxLength(), Required: q.Required,
		Error: fault,
		Value: strings.Join(values, "\n"), Hint: p.T("At most %d characters.", q.MaxLength())}
	if q.Kind == access.LongText {
		f.Type = "area"
	}
	if q.Pattern != "" && q.PatternMessage != "" {
		f.Hint = q.PatternLocalized.In(q.PatternMessage, Languages(c)...)
	}
	return views.Part{Field: f}
}

// ReadRequestForm reads the form to request a package.
func ReadRequestForm(c *Context) (access.RequestForm, error) {
	var es access.Errors
	ask := access.RequestForm{Policy: access.PolicyID(c.FormText("policy")),
		Justification: c.FormText("justification"),
		Languages:     Languages(c),
		Answers:       map[access.QuestionID][]string{}}
	for name, values := range c.Request().PostForm {
		if id, ok := strings.CutPrefix(name, "answer."); ok {
			ask.Answers[access.QuestionID(id)] = values
		}
	}
	ask.Start = c.parseDateTime("start", c.FormText("start"), &es)
	ask.End = c.parseDateTime("end", c.FormText("end"), &es)
	if !isFormKey(c.FormText("key")) {
		es.Add(access.Invalidf("key", "The form data is invalid. Open the page again."))
	}
	return ask, es.Err()
}
