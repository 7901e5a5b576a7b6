package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// form is a policy with every element of a request form.
func form() access.Policy {
	p := policy("p", access.ScopeMembers)
	p.RequireJustification, p.CustomSchedule = true, true
	p.Stages = []access.Stage{stage(7, ref(access.SubjectPerson, "omar"))}
	p.Questions = []access.Question{
		{ID: "site", Kind: access.MultipleChoice, Text: "Site?", Required: true,
			Choices: []access.Choice{{Value: "n", Text: "North"}}},
		{ID: "note", Kind: access.LongText, Text: "Note"},
	}
	return p
}

func validForm() access.RequestForm {
	return access.RequestForm{Justification: "For the tide tables.", Answers: map[access.QuestionID][]string{"site": {"n"},
		"note": {""}}}
}

// The request has the values of the form and a copy of the policy's terms.
func TestNewRequest(t *testing.T) {
	ask := validForm()
	ask.Start, ask.End = noon.Add(day), noon.Add(9*day)
	got, err := offer(form()).NewRequest(people()["member"], ask.CheckAnswers(form(), asStored), noon)
	if err != nil {
		t.Fatal(err)
	}
	want := access.Request{
		Tenant: "meridian", Type: access.UserAdd, State: access.Submitted, Package: "package", Policy: "p",
		Requestor: "lena", Target: "lena", Justification: "For the tide tables.",
		Answers: []access.Answer{{Question: "site", Text: "Site?", Values: []string{"n"}, Labels: []string{"North"}}},
		Start:   ask.Start, End: ask.End, Terms: form().Terms, Created: noon,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Each fault names its field, and all faults are returned at once.
func TestNewRequestFaults(t *testing.T) {
	tests := map[string]struct {
		change func(*access.RequestForm)
		want   string
	}{
		"none":             {func(*access.RequestForm) {}, ""},
		"no justification": {func(a *access.RequestForm) { a.Justification = " " }, "justification"},
		"long justification": {func(a *access.RequestForm) {
			a.Justification = strings.Repeat("x",
				access.MaxJustificationLength+1)
		},
			"justification"},
		"an answer missing": {func(a *access.RequestForm) { delete(a.Answers, "site") }, "answer.site"},
		"an optional one missing": {func(a *access.RequestForm) {
			delete(a.Answers, "note")
		}, ""},
		"an answer to no question": {func(a *access.RequestForm) {
			a.Answers["gone"], a.Answers["too"] = []string{"x"},
				[]string{"y"}
		}, "policy"},
		"everything": {func(a *access.RequestForm) {
			*a = access.RequestForm{End: noon.Add(-day), Answers: map[access.QuestionID][]string{"note": {"\x00"}}}
		}, "justification end answer.site answer.note"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ask := validForm()
			tt.change(&ask)
			_, err := offer(form()).NewRequest(people()["member"], ask.CheckAnswers(form(), asStored), noon)
			wantFields(t, err, tt.want)
		})
	}
}

// A person who cannot request gets NotFound, not the faults of the form.
func TestNewRequestOutOfScope(t *testing.T) {
	_, err := offer(form()).NewRequest(people()["external"], access.RequestForm{}, noon)
	wantKind(t, err, false, access.NotFound)
	o := offer(form(), form())
	_, err = o.NewRequest(people()["member"], validForm(), noon)
	wantFields(t, err, "policy")
}

// Periods under terms that let the requestor choose one (F-081, F-123, F-124).
func TestPeriod(t *testing.T) {
	never := access.Expiration{Kind: access.NoExpiration}
	month := access.Expiration{Kind: access.AfterDuration, Days: 30}
	date := access.Expiration{Kind: access.AfterDate, End: noon.Add(20 * day).UnixMilli()}
	past := access.Expiration{Kind: access.AfterDate, End: noon.UnixMilli()}
	at := func(days int) time.Time { return noon.Add(time.Duration(days) * day) }
	var zero time.Time
	tests := map[string]struct {
		e          access.Expiration
		start, end time.Time
		want       string
	}{
		"none asked":                {never, zero, zero, ""},
		"from and to":               {never, at(2), at(3), ""},
		"from only":                 {never, at(2), zero, ""},
		"to only":                   {never, zero, at(1), ""},
		"from the past":             {never, at(-5), at(1), ""},
		"to the past":               {never, zero, at(-1), "end"},
		"to now":                    {never, zero, noon, "end"},
		"to before from":            {never, at(3), at(2), "end"},
		"to from":                   {never, at(3), at(3), "end"},
		"within the days":           {month, zero, at(30), ""},
		"beyond the days":           {month, zero, at(30).Add(1), "end"},
		"within the days, later":    {month, at(10), at(40), ""},
		"beyond the days, later":    {month, at(10), at(40).Add(1), "end"},
		"within the date":           {date, at(10), at(20), ""},
		"beyond the date":           {date, at(10), at(20).Add(1), "end"},
		"from the date":             {date, at(20), zero, "start"},
		"beyond the date, from too": {date, at(21), at(22), "start"},
		"a date that is over":       {past, zero, zero, "start"},
		"ten years":                 {never, zero, noon.AddDate(10, 0, 0), ""},
		"more than ten years":       {never, zero, noon.AddDate(10, 0, 1), "end"},
		"from more than ten years":  {never, noon.AddDate(10, 0, 1), zero, "start"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := policy("p", access.ScopeMembers)
			p.Expiration, p.CustomSchedule = tt.e, true
			_, err := offer(p).NewRequest(people()["member"], access.RequestForm{Start: tt.start, End: tt.end}, noon)
			wantFields(t, err, tt.want)
		})
	}
}

// Terms without CustomSchedule accept no period, not even one within their
// limits.
func TestNoPeriodToChoose(t *testing.T) {
	o := offer(policy("p", access.ScopeMembers))
	for _, ask := range []access.RequestForm{{Start: noon.Add(day)}, {End: noon.Add(day)},
		{Start: noon.Add(day), End: noon.Add(2 * day)}} {
		_, err := o.NewRequest(people()["member"], ask, noon)
		wantFields(t, err, "start")
	}
}

// F-076, F-182 to F-184: an administrator assigns within the rules: the policy
// must be enabled and cover the person, or be for direct assignment only, and its
// form is answered.
func TestNewAssignmentRequest(t *testing.T) {
	disabled := func(p access.PersonContext) access.PersonContext {
		p.Disabled = true
		return p
	}
	direct, off := policy("direct", access.ScopeNobody), policy("off", access.ScopeNobody)
	off.Enabled = false
	o := offer(form(), direct, off, policy("orgs", access.ScopeAllOrgs))
	closed := o
	closed.Catalog.External = false
	none := access.RequestForm{}
	for name, tt := range map[string]struct {
		offer  access.Offer
		person access.PersonContext
		policy access.PolicyID
		ask    access.RequestForm
		want   string
	}{
		"covered":                        {o, people()["member"], "p", validForm(), ""},
		"covered, without the answers":   {o, people()["member"], "p", none, "justification answer.site"},
		"not covered":                    {o, people()["external"], "p", validForm(), "people"},
		"directly, a member":             {o, people()["member"], "direct", none, ""},
		"directly, an external person":   {o, people()["external"], "direct", none, ""},
		"directly, a stranger":           {o, people()["stranger"], "direct", none, ""},
		"directly, a catalog closed":     {closed, people()["external"], "direct", none, "people"},
		"a member, a catalog closed":     {closed, people()["member"], "direct", none, ""},
		"directly, a disabled policy":    {o, people()["member"], "off", none, "policy"},
		"a policy of another package":    {o, people()["member"], "other", none, "policy"},
		"no policy":                      {o, people()["member"], "", none, "policy"},
		"a disabled person":              {o, disabled(people()["member"]), "direct", none, "people"},
		"of a configured organization":   {o, people()["external"], "orgs", none, ""},
		"of a proposed organization":     {o, people()["proposed"], "orgs", none, "people"},
		"of no organization":             {o, people()["stranger"], "orgs", none, "people"},
		"a period where none is offered": {o, people()["member"], "direct", access.RequestForm{End: noon.Add(day)}, "start"},
	} {
		tt.ask.Policy = tt.policy
		got, err := tt.offer.NewAssignmentRequest(tt.person, access.AssignmentForm{RequestForm: tt.ask.CheckAnswers(form(),
			asStored),
			By: "ida"}, noon)
		t.Run(name, func(t *testing.T) { wantFields(t, err, tt.want) })
		if err == nil && (got.Type != access.AdminAdd || got.Requestor != "ida" || got.Target != tt.person.ID ||
			got.Policy != tt.policy) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	ask := validForm()
	ask.Policy, ask.Start, ask.End = "p", noon.Add(day), noon.Add(9*day)
	got, err := o.NewAssignmentRequest(people()["member"], access.AssignmentForm{
		RequestForm: ask.CheckAnswers(form(), asStored), By: "ida"}, noon)
	want := access.Request{
		Tenant: "meridian", Type: access.AdminAdd, State: access.Submitted, Package: "package", Policy: "p",
		Requestor: "ida", Target: "lena", Justification: "For the tide tables.",
		Answers: []access.Answer{{Question: "site", Text: "Site?", Values: []string{"n"}, Labels: []string{"North"}}},
		Start:   ask.Start, End: ask.End, Terms: form().Terms, Created: noon,
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

// asStored is the normal form of patterns that are in it.
func asStored(pattern string) string { return pattern }
