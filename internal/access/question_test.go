package access_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

func text(kind access.QuestionKind) access.Question {
	return access.Question{ID: "q", Kind: kind, Text: "Why?", Required: true}
}

func choices() access.Question {
	return access.Question{ID: "q", Kind: access.MultipleChoice, Text: "Which site?", Required: true,
		Localized: access.Localized{"de": "Welcher Standort?"},
		Choices: []access.Choice{
			{Value: "n", Text: "North", Localized: access.Localized{"de": "Nord"}},
			{Value: "s", Text: "South"},
			{Value: "w", Text: "West"},
		}}
}

func change(q access.Question, f func(*access.Question)) access.Question {
	f(&q)
	return q
}

// What is accepted, and the refusal of what is not (F-110 to F-113).
func TestAccept(t *testing.T) {
	short, long := text(access.ShortText), text(access.LongText)
	optional := func(q *access.Question) { q.Required = false }
	several := func(q *access.Question) { q.AllowsMultiple = true }
	code := func(q *access.Question) { q.Pattern, q.PatternMessage = "[A-Z]{2}-[0-9]+|none", "Like AB-12." }
	tests := map[string]struct {
		q      access.Question
		values []string
		fault  string // empty if accepted
	}{
		"a short text":          {short, []string{"Because."}, ""},
		"nothing":               {short, nil, "This needs an answer."},
		"blanks":                {short, []string{" \t"}, "This needs an answer."},
		"nothing, not required": {change(short, optional), nil, ""},
		"blanks, not required":  {change(short, optional), []string{"  "}, ""},
		"as long as it may be":  {short, []string{strings.Repeat("é", access.MaxShortAnswerLength)}, ""},
		"too long": {short, []string{strings.Repeat("e", access.MaxShortAnswerLength+1)},
			"At most 200 characters fit here; this has 201."},
		"long, as long as may be": {long, []string{strings.Repeat("é", access.MaxLongAnswerLength)}, ""},
		"long, too long": {long, []string{strings.Repeat("e", access.MaxLongAnswerLength+1)},
			"At most 2000 characters fit here; this has 2001."},
		"short, two lines":         {short, []string{"a\nb"}, "This answer has one line."},
		"long, two lines":          {long, []string{"a\r\nb"}, ""},
		"a control character":      {long, []string{"a\x00b"}, "Control characters cannot be used here."},
		"not UTF-8":                {long, []string{"a\xffb"}, "Control characters cannot be used here."},
		"two answers":              {short, []string{"a", "b"}, "Give one answer."},
		"one answer and a blank":   {short, []string{"", "b"}, ""},
		"the pattern":              {change(short, code), []string{"AB-12"}, ""},
		"the pattern's other half": {change(short, code), []string{"none"}, ""},
		"the pattern and more":     {change(short, code), []string{"xAB-12"}, "Like AB-12."},
		"more and the pattern":     {change(short, code), []string{"nonesuch"}, "Like AB-12."},
		"the pattern in a line":    {change(long, code), []string{"AB-12\n"}, "Like AB-12."},
		"no words for the pattern": {change(short, func(q *access.Question) { q.Pattern = "x" }), []string{"y"},
			"This does not have the form that is asked for."},
		"no pattern for a blank":  {change(change(short, code), optional), nil, ""},
		"a choice":                {choices(), []string{"n"}, ""},
		"no choice":               {choices(), nil, "This needs an answer."},
		"no choice, not required": {change(choices(), optional), nil, ""},
		"two choices of one":      {choices(), []string{"n", "s"}, "Choose one."},
		"two choices of several":  {change(choices(), several), []string{"n", "s"}, ""},
		"the same twice":          {change(choices(), several), []string{"n", "n"}, "Choose from what is offered."},
		"what is not offered":     {choices(), []string{"e"}, "Choose from what is offered."},
		"the text for the value":  {choices(), []string{"North"}, "Choose from what is offered."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tt.q.Accept(tt.values)
			if tt.fault == "" {
				wantFields(t, err, "")
				return
			}
			wantFields(t, err, "answer.q")
			if !says(err, tt.fault) {
				t.Errorf("says %v, want %q", err, tt.fault)
			}
		})
	}
}

// An answer keeps the question and the choices as they were shown, in the first
// language that there is (F-111, F-115).
func TestAcceptLocalized(t *testing.T) {
	q := change(choices(), func(q *access.Question) { q.AllowsMultiple = true })
	got, err := q.Accept([]string{"s", "n", ""}, "de-AT")
	if err != nil {
		t.Fatal(err)
	}
	want := access.Answer{Question: "q", Text: "Welcher Standort?", Values: []string{"s", "n"},
		Labels: []string{"South", "Nord"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got.String() != "South, Nord" {
		t.Errorf("reads %q", got)
	}
	if s := (access.Answer{Values: []string{"plain"}}).String(); s != "plain" {
		t.Errorf("reads %q", s)
	}
}

// The values that the caller passed stay as they were.
func TestAcceptLeavesValues(t *testing.T) {
	values := []string{"", "x"}
	if _, err := text(access.ShortText).Accept(values); err != nil || values[0] != "" || values[1] != "x" {
		t.Errorf("%v, values are now %q", err, values)
	}
}

func TestPatternMessageLocalized(t *testing.T) {
	q := text(access.ShortText)
	q.Pattern, q.PatternMessage, q.PatternLocalized = "x", "An x.", access.Localized{"de": "Ein x."}
	for language, want := range map[string]string{"de": "Ein x.", "fr": "An x.", "": "An x."} {
		if _, err := q.Accept([]string{"y"}, language); !says(err, want) {
			t.Errorf("%s: %v, want %q", language, err, want)
		}
	}
	q.PatternMessage, q.PatternLocalized = "100% an x", nil
	if _, err := q.Accept([]string{"y"}); !says(err, "100% an x") {
		t.Errorf("a message with a percent sign says %v", err)
	}
}

func TestLocalized(t *testing.T) {
	l := access.Localized{"de": "ja", "pt-br": "sim", "fr": ""}
	tests := []struct {
		languages []string
		want      string
	}{
		{nil, "yes"}, {[]string{""}, "yes"}, {[]string{"de"}, "ja"}, {[]string{"DE-CH"}, "ja"}, {[]string{"pt-BR"}, "sim"},
		{[]string{"pt"}, "yes"}, {[]string{"fr"}, "yes"}, {[]string{"fr", "de"}, "ja"}, {[]string{"it", "pt-br", "de"},
			"sim"},
	}
	for _, tt := range tests {
		if got := l.In("yes", tt.languages...); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.languages, got, tt.want)
		}
	}
}

// A question without fault, and each fault that it can have by itself.
func TestQuestionCheck(t *testing.T) {
	short := text(access.ShortText)
	tests := map[string]struct {
		q    access.Question
		want string // the part of the question at fault
	}{
		"a short text":    {short, ""},
		"a long text":     {text(access.LongText), ""},
		"choices":         {choices(), ""},
		"several choices": {change(choices(), func(q *access.Question) { q.AllowsMultiple = true }), ""},
		"no id":           {change(short, func(q *access.Question) { q.ID = "" }), "text"},
		"no text":         {change(short, func(q *access.Question) { q.Text = " " }), "text"},
		"a text that just fits": {change(short, func(q *access.Question) {
			q.Text = strings.Repeat("é",
				access.MaxDescriptionLength)
		}), ""},
		"a text too long": {change(short, func(q *access.Question) {
			q.Text = strings.Repeat("e",
				access.MaxDescriptionLength+1)
		}), "text"},
		"no format":              {change(short, func(q *access.Question) { q.Kind = "essay" }), "kind"},
		"a text with choices":    {change(choices(), func(q *access.Question) { q.Kind = access.LongText }), "kind"},
		"a text, several":        {change(short, func(q *access.Question) { q.AllowsMultiple = true }), "kind"},
		"a pattern":              {change(short, func(q *access.Question) { q.Pattern = "(?i)[a-z]+|x" }), ""},
		"a broken pattern":       {change(short, func(q *access.Question) { q.Pattern = "[" }), "pattern"},
		"half a pattern":         {change(short, func(q *access.Question) { q.Pattern = "a)|(b" }), "pattern"},
		"an unended quotation":   {change(short, func(q *access.Question) { q.Pattern = `\Qabc` }), "pattern"},
		"choices with a pattern": {change(choices(), func(q *access.Question) { q.Pattern = "x" }), "pattern"},
		"choices without any":    {change(choices(), func(q *access.Question) { q.Choices = nil }), "choices"},
		"a choice without value": {change(choices(), func(q *access.Question) { q.Choices = []access.Choice{{Text: "x"}} }),
			"choices"},
		"a choice without text": {change(choices(), func(q *access.Question) { q.Choices = []access.Choice{{Value: "x"}} }),
			"choices"},
		"a pattern too long": {change(short, func(q *access.Question) {
			q.Pattern = strings.Repeat("x",
				access.MaxPatternLength+1)
		}), "pattern"},
		"a sentence too long": {change(short, func(q *access.Question) {
			q.PatternMessage = strings.Repeat("x",
				access.MaxDescriptionLength+1)
		}), "message"},
		"translations": {change(short, func(q *access.Question) {
			q.Localized = access.Localized{"de": "Warum?",
				"pt-br": "Por quê?"}
		}), ""},
		"no such language": {change(short, func(q *access.Question) {
			q.Localized = access.Localized{"German": "Warum?"}
		}), "texts"},
		"an empty translation": {change(short, func(q *access.Question) { q.Localized = access.Localized{"de": " "} }),
			"texts"},
		"a sentence in no language": {change(short, func(q *access.Question) {
			q.PatternLocalized = access.Localized{"d": "Nur Ziffern."}
		}), "messages"},
		"a choice in no language": {change(choices(), func(q *access.Question) {
			q.Choices[0].Localized = access.Localized{"": "Rot"}
		}), "choices"},
		"a choice of two lines": {change(choices(), func(q *access.Question) {
			q.Choices = []access.Choice{{Value: "x", Text: "a\nb"}}
		}), "choices"},
		"too many choices": {change(choices(), func(q *access.Question) {
			for i := range access.MaxChoices + 1 {
				q.Choices = append(q.Choices, access.Choice{Value: strconv.Itoa(i), Text: "x"})
			}
		}), "choices"},
		"a value twice": {change(choices(), func(q *access.Question) {
			q.Choices = []access.Choice{{Value: "x", Text: "X"}, {Value: "x", Text: "Y"}}
		}), "choices"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := policy("p", access.ScopeMembers)
			p.Questions = []access.Question{tt.q}
			want := ""
			if tt.want != "" {
				want = "questions.1." + tt.want
			}
			wantFields(t, p.Check(access.Catalog{}), want)
		})
	}
}

func TestQuestionsNeedIdsOfTheirOwn(t *testing.T) {
	p := policy("p", access.ScopeMembers)
	p.Questions = []access.Question{text(access.ShortText), text(access.LongText)}
	wantFields(t, p.Check(access.Catalog{}), "questions.2.text")
	p.Questions[1].ID = "q2"
	wantFields(t, p.Check(access.Catalog{}), "")
}
