package admin

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/web/kit"
)

func wholePolicy() access.Policy {
	return access.Policy{ID: "p", Package: "k", Name: "Partners", Description: "d\ne", Scope: access.ScopeSpecificOrgs,
		Enabled: true, Version: 3,
		Targets: []access.SubjectRef{{Kind: access.SubjectOrganization, ID: "harbor"}, {Kind: access.SubjectOrganization,
			ID: "acme"}},
		Terms: access.Terms{RequireJustification: true, CustomSchedule: true, ShowApprovers: access.No,
			SuppressNotifications: true,
			Stages: []access.Stage{
				{Approvers: []access.SubjectRef{{Kind: access.SubjectPerson, ID: "omar"}, {Kind: access.SubjectGroup, ID: "crew"}},
					Days: 3, RequireReason: true},
				{Approvers: []access.SubjectRef{{Kind: access.SubjectPerson, ID: "lena"}}, Days: 14},
			},
			Expiration: access.Expiration{Kind: access.AfterDate,
				End: time.Date(2030, 6, 1, 10, 30, 15, 0, time.UTC).UnixMilli()},
			Questions: []access.Question{
				{ID: "why", Kind: access.LongText, Text: "Why?", Localized: access.Localized{"de": "Warum?\nWirklich: a | b\\n",
					"pt-br": "Por quê?"}, Required: true,
					Pattern: "[a|b]+", PatternMessage: "Letters.", PatternLocalized: access.Localized{"de": "Buchstaben."}},
				{ID: "where", Kind: access.MultipleChoice, Text: "Where?", AllowsMultiple: true, Choices: []access.Choice{
					{Value: "n", Text: "North", Localized: access.Localized{"de": "Nord", "fr": "Nord: là"}},
					{Value: `a|b\c`, Text: "Both"}, {Value: "South", Text: "South"}}},
			}}}
}

// Opening a policy's form and saving it unchanged loses nothing.
func TestPolicyFormKeepsEverything(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := &kit.Context{Printer: lang.New("en", zone)}
	for name, change := range map[string]func(*access.Policy){
		"everything":  func(*access.Policy) {},
		"in days":     func(o *access.Policy) { o.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 30} },
		"in hours":    func(o *access.Policy) { o.Expiration = access.Expiration{Kind: access.AfterDuration, Hours: 8} },
		"never":       func(o *access.Policy) { o.Expiration = access.Expiration{Kind: access.NoExpiration} },
		"no approval": func(o *access.Policy) { o.Stages = nil },
		"no question": func(o *access.Policy) { o.Questions = nil },
		"people": func(o *access.Policy) {
			o.Scope, o.Targets = access.ScopeSpecificUsers, []access.SubjectRef{{Kind: access.SubjectPerson, ID: "lena"}}
		},
		"members": func(o *access.Policy) { o.Scope, o.Targets = access.ScopeMembers, nil },
	} {
		t.Run(name, func(t *testing.T) {
			want := wholePolicy()
			change(&want)
			got, err := readPolicy(c, policyValues(c, want), want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the form has changed the policy:\n%s", diff)
			}
		})
	}
}

// Every field belongs to exactly one part of the form, so that a wizard neither
// loses nor duplicates one.
func TestPolicyFieldsAreInOnePart(t *testing.T) {
	c := &kit.Context{Printer: lang.New("en", nil)}
	for field := range policyValues(c, wholePolicy()) {
		owners := 0
		for _, owns := range []func(string) bool{ownsPolicyRequests, ownsPolicyQuestions, ownsPolicyLifecycle} {
			if owns(field) {
				owners++
			}
		}
		if owners != 1 {
			t.Errorf("%s has %d owners", field, owners)
		}
	}
}

// Every fault is found and shown at its field.
func TestPolicyFormFaults(t *testing.T) {
	c := &kit.Context{Printer: lang.New("en", nil)}
	for name, tt := range map[string]struct {
		field string
		typed []string
	}{
		"no name":                    {"policyName", []string{" "}},
		"no scope":                   {"allowedTargetScope", nil},
		"nobody named":               {"targets.organizations", nil},
		"not an organization":        {"targets.organizations", []string{"singleUser/omar"}},
		"not offered":                {"targets.organizations", []string{"nonsense"}},
		"four stages":                {"stages", []string{"4"}},
		"nobody approves":            {"stages.2.approvers", nil},
		"days in words":              {"stages.1.days", []string{"three"}},
		"too many days":              {"stages.1.days", []string{"15"}},
		"approvers shown how":        {"showApprovers", []string{"perhaps"}},
		"no expiration":              {"expiration", nil},
		"no date":                    {"expiration.date", []string{"soon"}},
		"no text":                    {"questions.1.text", nil},
		"no format":                  {"questions.2.kind", nil},
		"a bad translation":          {"questions.1.texts", []string{"Warum?"}},
		"the same language twice":    {"questions.1.texts", []string{"de: a\nde: b"}},
		"not a language":             {"questions.1.texts", []string{"d: a"}},
		"a bad pattern":              {"questions.1.pattern", []string{"["}},
		"no choices":                 {"questions.2.choices", []string{"\n \n"}},
		"a choice without a text":    {"questions.2.choices", []string{"a |"}},
		"a bad choice's translation": {"questions.2.choices", []string{"a | A | b"}},
		"a bad sentence":             {"questions.1.messages", []string{"x"}},
	} {
		t.Run(name, func(t *testing.T) {
			typed := policyValues(c, wholePolicy())
			typed[tt.field] = tt.typed
			_, err := readPolicy(c, typed, access.Policy{})
			byField, all := kit.FaultsOf(c.Printer, err)
			if len(all) != 1 || byField[tt.field] == "" {
				t.Errorf("faults %v, want one at %s", all, tt.field)
			}
		})
	}
}

func TestExpirationFaultsAreAtTheirField(t *testing.T) {
	c := &kit.Context{Printer: lang.New("en", nil)}
	for _, kind := range []string{"days", "hours"} {
		for _, text := range []string{"", "0", "-3", "999999", "x"} {
			typed := policyValues(c, wholePolicy())
			typed.Set("expiration", kind)
			typed.Set("expiration."+kind, text)
			_, err := readPolicy(c, typed, access.Policy{})
			byField, all := kit.FaultsOf(c.Printer, err)
			if len(all) != 1 || byField["expiration."+kind] == "" {
				t.Errorf("%q %s: faults %v", text, kind, all)
			}
		}
	}
}

// The buttons of the questions work on what was typed.
func TestArrangeQuestions(t *testing.T) {
	c := &kit.Context{Printer: lang.New("en", nil)}
	three := wholePolicy()
	three.Questions = append(three.Questions, access.Question{ID: "who", Kind: access.ShortText, Text: "Who?"})
	for name, tt := range map[string]struct {
		button, value string
		want          []access.QuestionID
	}{
		"up":                {"move", "questions.2.up", []access.QuestionID{"where", "why", "who"}},
		"down":              {"move", "questions.2.down", []access.QuestionID{"why", "who", "where"}},
		"up from the top":   {"move", "questions.1.up", []access.QuestionID{"why", "where", "who"}},
		"down from the end": {"move", "questions.3.down", []access.QuestionID{"why", "where", "who"}},
		"drop the first":    {"drop", "questions.1.", []access.QuestionID{"where", "who"}},
		"drop the last":     {"drop", "questions.3.", []access.QuestionID{"why", "where"}},
		"drop what is not":  {"drop", "questions.4.", []access.QuestionID{"why", "where", "who"}},
		"another's button":  {"drop", "role/7", []access.QuestionID{"why", "where", "who"}},
	} {
		t.Run(name, func(t *testing.T) {
			typed := policyValues(c, three)
			typed.Set(tt.button, tt.value)
			arrangeQuestions(typed)
			got, err := readPolicy(c, typed, three)
			if err != nil {
				t.Fatal(err)
			}
			var ids []access.QuestionID
			for _, q := range got.Questions {
				ids = append(ids, q.ID)
				if diff := cmp.Diff(questionOf(three.Questions, string(q.ID)), q); diff != "" {
					t.Errorf("a question has changed on the way:\n%s", diff)
				}
			}
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAddQuestions(t *testing.T) {
	typed := url.Values{"add": {"question"}}
	for range access.MaxQuestions + 3 {
		arrangeQuestions(typed)
	}
	if n := questionsTyped(typed); n != access.MaxQuestions {
		t.Errorf("%d questions, want %d", n, access.MaxQuestions)
	}
	if typed.Get(questionField(1, "id")) == typed.Get(questionField(2, "id")) {
		t.Error("two questions have the same id")
	}
}
