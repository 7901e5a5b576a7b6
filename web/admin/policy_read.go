package admin

import (
	"net/url"
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// policyValues are the fields of a policy's form.
func policyValues(c *kit.Context, o access.Policy) url.Values {
	typed := url.Values{"policyName": {o.Name}, "policyDescription": {o.Description},
		"allowedTargetScope": {string(o.Scope)},
		"enabled":            {kit.YesNo(o.Enabled)}, "stages": {strconv.Itoa(len(o.Stages))},
		"justify":        {kit.YesNo(o.RequireJustification)},
		"showApprovers":  {string(o.ShowApprovers)},
		"customSchedule": {kit.YesNo(o.CustomSchedule)}, "silent": {kit.YesNo(o.SuppressNotifications)}}
	if o.ShowApprovers == "" {
		typed.Set("showApprovers", string(access.Inherit))
	}
	for _, t := range o.Targets {
		if t.Kind == access.SubjectOrganization {
			typed.Add("targets.organizations", kit.SubjectValue(t))
		} else {
			typed.Add("targets.people", kit.SubjectValue(t))
		}
	}
	for n := 1; n <= access.MaxStages; n++ {
		s := access.Stage{Days: access.MaxStageDays, RequireReason: true}
		if n <= len(o.Stages) {
			s = o.Stages[n-1]
		}
		name := "stages." + strconv.Itoa(n)
		for _, a := range s.Approvers {
			typed.Add(name+".approvers", kit.SubjectValue(a))
		}
		typed.Set(name+".days", strconv.Itoa(s.Days))
		typed.Set(name+".reason", kit.YesNo(s.RequireReason))
	}
	expirationValues(c, o.Expiration, typed)
	for i, q := range o.Questions {
		questionValues(i+1, q, typed)
	}
	return typed
}

func expirationValues(c *kit.Context, e access.Expiration, typed url.Values) {
	switch {
	case e.Kind == access.AfterDate:
		typed.Set("expiration", "date")
		typed.Set("expiration.date", dateTimeText(c, e.End))
	case e.Kind == access.AfterDuration && e.Hours > 0:
		typed.Set("expiration", "hours")
		typed.Set("expiration.hours", strconv.Itoa(e.Hours))
	case e.Kind == access.AfterDuration:
		typed.Set("expiration", "days")
		typed.Set("expiration.days", strconv.Itoa(e.Days))
	case e.Kind == access.NoExpiration:
		typed.Set("expiration", "never")
	}
}

// dateTimeText is a time as the value of a datetime-local input, in the
// reader's time zone.
func dateTimeText(c *kit.Context, ms int64) string {
	return time.UnixMilli(ms).In(c.Printer.Zone()).Format(kit.DateTimeLayout)
}

func questionValues(n int, q access.Question, typed url.Values) {
	for part, value := range map[string]string{"id": string(q.ID), "text": q.Text, "texts": writeTexts(q.Localized),
		"kind":     string(q.Kind),
		"required": kit.YesNo(q.Required), "choices": writeChoices(q.Choices), "several": kit.YesNo(q.AllowsMultiple),
		"pattern": q.Pattern,
		"message": q.PatternMessage, "messages": writeTexts(q.PatternLocalized)} {
		typed.Set(questionField(n, part), value)
	}
}

// readPolicy reads a policy from its form over base, with each fault at its
// field. The use case checks what depends on the catalog or the directory.
func readPolicy(c *kit.Context, typed url.Values, base access.Policy) (access.Policy, error) {
	var es access.Errors
	o := base
	o.Name, o.Description, o.Scope = typed.Get("policyName"), typed.Get("policyDescription"),
		access.Scope(typed.Get("allowedTargetScope"))
	o.Enabled, o.RequireJustification, o.ShowApprovers = typed.Get("enabled") == "yes", typed.Get("justify") == "yes",
		access.Inheritable(typed.Get("showApprovers"))
	o.CustomSchedule, o.SuppressNotifications = typed.Get("customSchedule") == "yes", typed.Get("silent") == "yes"
	o.Targets = nil
	if o.Scope == access.ScopeSpecificUsers || o.Scope == access.ScopeSpecificOrgs {
		o.Targets = uniqueSubjects(kit.ReadSubjects(typed, o.TargetsField(), &es))
	}
	o.Stages = readStages(typed, base.Stages, &es)
	o.Expiration = readExpiration(c, typed, base.Expiration, &es)
	o.Questions = nil
	for n := 1; n <= questionsTyped(typed); n++ {
		o.Questions = append(o.Questions,
			readQuestion(n, typed, questionOf(base.Questions, typed.Get(questionField(n, "id"))), &es))
	}
	return o, withRuleFaults(es, o)
}

// withRuleFaults adds the faults that access finds to those of parsing, for
// fields that could be parsed.
func withRuleFaults(es access.Errors, o access.Policy) error {
	var more access.Errors
	more.Add(o.Check(access.Catalog{External: true}))
	return es.AddForNewFields(more).Err()
}

// uniqueSubjects removes duplicates.
func uniqueSubjects(all []access.SubjectRef) []access.SubjectRef {
	var once []access.SubjectRef
	seen := map[access.SubjectRef]bool{}
	for _, s := range all {
		if !seen[s] {
			once = append(once, s)
		}
		seen[s] = true
	}
	return once
}

func readStages(typed url.Values, base []access.Stage, es *access.Errors) []access.Stage {
	count, err := strconv.Atoi(typed.Get("stages"))
	if err != nil || count < 0 {
		es.Add(access.Invalidf("stages", "Choose one of the listed options."))
		return nil
	}
	if err := access.CheckStageCount(count); err != nil {
		es.Add(err)
		return nil
	}
	var all []access.Stage
	for n := 1; n <= count; n++ {
		var s access.Stage
		if n <= len(base) {
			s = base[n-1]
		}
		name := "stages." + strconv.Itoa(n)
		s.Approvers = uniqueSubjects(kit.ReadSubjects(typed, name+".approvers", es))
		s.Days = wholeNumber(typed, name+".days", es)
		s.RequireReason = typed.Get(name+".reason") == "yes"
		all = append(all, s)
	}
	return all
}

// wholeNumber parses a number. It returns 0 and adds a fault if it is invalid.
func wholeNumber(typed url.Values, field string, es *access.Errors) int {
	n, err := strconv.Atoi(typed.Get(field))
	if err != nil {
		es.Add(access.Invalidf(field, "Enter a whole number."))
	}
	return n
}

func readExpiration(c *kit.Context, typed url.Values, base access.Expiration, es *access.Errors) access.Expiration {
	switch typed.Get("expiration") {
	case "never":
		return access.Expiration{Kind: access.NoExpiration}
	case "days":
		return access.Expiration{Kind: access.AfterDuration, Days: wholeNumber(typed, "expiration.days", es)}
	case "hours":
		hours := wholeNumber(typed, "expiration.hours", es)
		if hours == 0 {
			hours = -1 // refused by Check, as a number of hours
		}
		return access.Expiration{Kind: access.AfterDuration, Hours: hours}
	case "date":
		text := typed.Get("expiration.date")
		if base.Kind == access.AfterDate && text == dateTimeText(c, base.End) {
			return base // to the millisecond
		}
		t, ok := c.LocalDateTime(text)
		if !ok {
			es.Add(access.Invalidf("expiration.date", "Enter a date and time, such as 2026-03-12T17:00."))
			return access.Expiration{Kind: access.AfterDate}
		}
		return access.Expiration{Kind: access.AfterDate, End: t.UnixMilli()}
	}
	return access.Expiration{}
}

// questionOf is the question with the id, or a new one.
func questionOf(all []access.Question, id string) access.Question {
	for _, q := range all {
		if string(q.ID) == id {
			return q
		}
	}
	return access.Question{}
}

// readQuestion reads question n over base. It ignores fields that its format
// does not have.
func readQuestion(n int, typed url.Values, base access.Question, es *access.Errors) access.Question {
	get := func(part string) string { return typed.Get(questionField(n, part)) }
	q := base
	q.ID, q.Text, q.Kind = access.QuestionID(get("id")), get("text"), access.QuestionKind(get("kind"))
	q.Required = get("required") == "yes"
	q.Localized = readTexts(typed, questionField(n, "texts"), es)
	q.Choices, q.AllowsMultiple, q.Pattern, q.PatternMessage, q.PatternLocalized = nil, false, "", "", nil
	if q.Kind == access.MultipleChoice {
		q.Choices, q.AllowsMultiple = readChoices(typed, questionField(n, "choices"), es), get("several") == "yes"
		return q
	}
	q.Pattern, q.PatternMessage = get("pattern"), get("message")
	q.PatternLocalized = readTexts(typed, questionField(n, "messages"), es)
	return q
}
