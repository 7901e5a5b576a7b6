package extract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/lang/extract"
	"myaccess/internal/lang/templates"
)

// Every constant that is a message is found, wherever it is written, in the domain of
// its package; what is in both domains is in portal.
func TestProgram(t *testing.T) {
	found, err := extract.Program("testdata/program")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]templates.Message{
		"admin": {{ID: "Administration"}, {ID: "View of administrators"}},
		"portal": {{ID: "%[2]s and %[1]d more", Plural: "%[2]s and %[1]d more"}, {ID: "%d thing", Plural: "%d things"},
			{ID: "%s is refused."}, {ID: "100% of it"}, {ID: "A field of a struct."}, {ID: "A stored sentence."},
			{ID: "An untyped constant"}, {ID: "Another one."}, {ID: "In a table"}, {ID: "Nested"}, {ID: "One sentence."},
			{ID: "Open", Context: "state"}, {ID: "Open", Context: "verb"}, {ID: "Shared"},
			{ID: "days", Context: "unit"}},
	}
	if diff := cmp.Diff(want, found.Domains); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string(nil), found.Faults); diff != "" {
		t.Error(diff)
	}
}

// What translators could not translate is a fault at its line.
func TestFaults(t *testing.T) {
	found, err := extract.Program("testdata/faults")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found.Faults {
		_, f, _ = strings.Cut(f, "web.go:")
		got = append(got, f)
	}
	for _, want := range []string{
		`10: the message "added to" is joined`,
		`12: a text that is not a constant becomes`,
		`13: a message is joined from parts`,
		`14: the message "Signed in as" is joined`,
		`15: a translated text is joined with ": "`,
		`16: "Leading " begins or ends with a blank`,
		`17: ", trailing" begins with ','`,
		`18: the texts of N and C must be constants`,
		`19: "one" takes 0 arguments and gets 1`,
		`20: "%s and %s" takes 2 arguments and gets 1`,
		`21: "nothing" begins with a lower-case letter`,
		`21: "nothing" takes 0 arguments and gets 1`,
		`22: "not filled: %s" takes 1 arguments and gets 0`,
		`23: "Two: %s" takes 1 arguments and gets 2`,
	} {
		if !slices.ContainsFunc(got, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("%q is not found in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if !slices.ContainsFunc(found.Faults, func(f string) bool { return strings.HasPrefix(f, `"Both" has two plurals`) }) {
		t.Errorf("two plurals are not found: %q", found.Faults)
	}
}

// Words that the product does not use are found as words, in any case.
func TestWords(t *testing.T) {
	m := extract.Messages{Domains: map[string][]templates.Message{"portal": {{ID: "Take out"},
		{ID: "What is given Stands here"},
		{ID: "It is vouched for"}, {ID: "Standard"}, {ID: "Improve"}, {ID: "%d", Plural: "%d proofs"}}}}
	want := []string{"%d proofs", "It is vouched for", "Take out", "What is given Stands here"}
	if diff := cmp.Diff(want, extract.BadlyWorded(m)); diff != "" {
		t.Error(diff)
	}
}

// The verbs of a format are known by the argument that they take.
func TestVerbs(t *testing.T) {
	for format, want := range map[string]map[int]byte{
		"%s of %d":       {1: 's', 2: 'd'},
		"%[2]s: %[1]d":   {1: 'd', 2: 's'},
		"100% of it, %%": {},
		"%":              {},
		"%[1":            {},
	} {
		if diff := cmp.Diff(want, templates.Verbs(format)); diff != "" {
			t.Errorf("%q: %s", format, diff)
		}
	}
}
