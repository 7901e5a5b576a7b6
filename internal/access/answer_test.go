package access_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// Accepted answers, and the fault of each refused one (F-110 to F-113).
func TestAccept(t *testing.T) {
	short, long := textQuestion(access.ShortText), textQuestion(access.LongText)
	optional := func(q *access.Question) { q.Required = false }
	several := func(q *access.Question) { q.AllowsMultiple = true }
	code := func(q *access.Question) { q.Pattern, q.PatternMessage = "[A-Z]{2}-[0-9]+|none", "Like AB-12." }
	tests := map[string]struct {
		q      access.Question
		values []string
		fault  string // empty if accepted
	}{
		"a short text":          {short, []string{"Because."}, ""},
		"nothing":               {short, nil, "Required."},
		"blanks":                {short, []string{" \t"}, "Required."},
		"nothing, not required": {modified(short, optional), nil, ""},
		"blanks, not required":  {modified(short, optional), []string{"  "}, ""},
		"as long as it may be":  {short, []string{strings.Repeat("é", access.MaxShortAnswerLength)}, ""},
		"too long": {short, []string{strings.Repeat("e", access.MaxShortAnswerLength+1)},
			"Enter at most 200 characters. You entered 201."},
		"long, as long as may be": {long, []string{strings.Repeat("é", access.MaxLongAnswerLength)}, ""},
		"long, too long": {long, []string{strings.Repeat("e", access.MaxLongAnswerLength+1)},
			"Enter at most 2000 characters. You entered 2001."},
		"short, two lines":         {short, []string{"a\nb"}, "Enter a single line."},
		"long, two lines":          {long, []string{"a\r\nb"}, ""},
		"a control character":      {long, []string{"a\x00b"}, "Control characters are not allowed here."},
		"not UTF-8":                {long, []string{"a\xffb"}, "Control characters are not allowed here."},
		"two answers":              {short, []string{"a", "b"}, "Choose only one answer."},
		"one answer and a blank":   {short, []string{"", "b"}, ""},
		"the pattern":              {modified(short, code), []string{"AB-12"}, ""},
		"the pattern's other half": {modified(short, code), []string{"none"}, ""},
		"the pattern and more":     {modified(short, code), []string{"xAB-12"}, "Like AB-12."},
		"more and the pattern":     {modified(short, code), []string{"nonesuch"}, "Like AB-12."},
		"the pattern in a line":    {modified(long, code), []string{"AB-12\n"}, "Like AB-12."},
		"no words for the pattern": {modified(short, func(q *access.Question) { q.Pattern = "x" }), []string{"y"},
			"This answer isn't in the required format."},
		"no pattern for a blank":  {modified(modified(short, code), optional), nil, ""},
		"a choice":                {choices(), []string{"n"}, ""},
		"no choice":               {choices(), nil, "Required."},
		"no choice, not required": {modified(choices(), optional), nil, ""},
		"two choices of one":      {choices(), []string{"n", "s"}, "Choose one."},
		"two choices of several":  {modified(choices(), several), []string{"n", "s"}, ""},
		"the same twice":          {modified(choices(), several), []string{"n", "n"}, "Choose one of the listed options."},
		"what is not offered":     {choices(), []string{"e"}, "Choose one of the listed options."},
		"the text for the value":  {choices(), []string{"North"}, "Choose one of the listed options."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tt.q.Accept(tt.values)
			if tt.fault == "" {
				wantFields(t, err, "")
				return
			}
			wantFields(t, err, "answer.q")
			if !hasMessage(err, tt.fault) {
				t.Errorf("says %v, want %q", err, tt.fault)
			}
		})
	}
}

// An answer has copies of the question and the labels as they were shown, in
// the first available language (F-111, F-115).
func TestAcceptLocalized(t *testing.T) {
	q := modified(choices(), func(q *access.Question) { q.AllowsMultiple = true })
	got, err := q.Accept([]string{"s", "n", ""}, "de-AT")
	if err != nil {
		t.Fatal(err)
	}
	want := access.Answer{Question: "q", Text: "Welcher Standort?", Values: []string{"s", "n"},
		Labels: []string{"South", "Nord"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !slices.Equal(got.Shown(), []string{"South", "Nord"}) {
		t.Errorf("reads %q", got)
	}
	if s := (access.Answer{Values: []string{"plain"}}).Shown(); !slices.Equal(s, []string{"plain"}) {
		t.Errorf("reads %q", s)
	}
}

// Accept does not change the caller's values.
func TestAcceptLeavesValues(t *testing.T) {
	values := []string{"", "x"}
	if _, err := textQuestion(access.ShortText).Accept(values); err != nil || values[0] != "" || values[1] != "x" {
		t.Errorf("%v, values are now %q", err, values)
	}
}

func TestPatternMessageLocalized(t *testing.T) {
	q := textQuestion(access.ShortText)
	q.Pattern, q.PatternMessage, q.PatternLocalized = "x", "An x.", access.Localized{"de": "Ein x."}
	for language, want := range map[string]string{"de": "Ein x.", "fr": "An x.", "": "An x."} {
		if _, err := q.Accept([]string{"y"}, language); !hasMessage(err, want) {
			t.Errorf("%s: %v, want %q", language, err, want)
		}
	}
	q.PatternMessage, q.PatternLocalized = "100% an x", nil
	if _, err := q.Accept([]string{"y"}); !hasMessage(err, "100% an x") {
		t.Errorf("a message with a percent sign says %v", err)
	}
}
