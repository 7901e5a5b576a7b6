package access_test

import (
	"strconv"
	"strings"
	"testing"

	"myaccess/internal/access"
)

func textQuestion(kind access.QuestionKind) access.Question {
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

func modified(q access.Question, f func(*access.Question)) access.Question {
	f(&q)
	return q
}

// A valid question, and each fault alone.
func TestQuestionCheck(t *testing.T) {
	short := textQuestion(access.ShortText)
	tests := map[string]struct {
		q    access.Question
		want string // the part of the question at fault
	}{
		"a short text":    {short, ""},
		"a long text":     {textQuestion(access.LongText), ""},
		"choices":         {choices(), ""},
		"several choices": {modified(choices(), func(q *access.Question) { q.AllowsMultiple = true }), ""},
		"no id":           {modified(short, func(q *access.Question) { q.ID = "" }), "text"},
		"no text":         {modified(short, func(q *access.Question) { q.Text = " " }), "text"},
		"a text that just fits": {modified(short, func(q *access.Question) {
			q.Text = strings.Repeat("é",
				access.MaxDescriptionLength)
		}), ""},
		"a text too long": {modified(short, func(q *access.Question) {
			q.Text = strings.Repeat("e",
				access.MaxDescriptionLength+1)
		}), "text"},
		"no format":              {modified(short, func(q *access.Question) { q.Kind = "essay" }), "kind"},
		"a text with choices":    {modified(choices(), func(q *access.Question) { q.Kind = access.LongText }), "kind"},
		"a text, several":        {modified(short, func(q *access.Question) { q.AllowsMultiple = true }), "kind"},
		"a pattern":              {modified(short, func(q *access.Question) { q.Pattern = "(?i)[a-z]+|x" }), ""},
		"a broken pattern":       {modified(short, func(q *access.Question) { q.Pattern = "[" }), "pattern"},
		"half a pattern":         {modified(short, func(q *access.Question) { q.Pattern = "a)|(b" }), "pattern"},
		"an unended quotation":   {modified(short, func(q *access.Question) { q.Pattern = `\Qabc` }), "pattern"},
		"choices with a pattern": {modified(choices(), func(q *access.Question) { q.Pattern = "x" }), "pattern"},
		"choices without any":    {modified(choices(), func(q *access.Question) { q.Choices = nil }), "choices"},
		"a choice without value": {modified(choices(), func(q *access.Question) { q.Choices = []access.Choice{{Text: "x"}} }),
			"choices"},
		"a choice without text": {modified(choices(), func(q *access.Question) { q.Choices = []access.Choice{{Value: "x"}} }),
			"choices"},
		"a pattern too long": {modified(short, func(q *access.Question) {
			q.Pattern = strings.Repeat("x",
				access.MaxPatternLength+1)
		}), "pattern"},
		"a sentence too long": {modified(short, func(q *access.Question) {
			q.PatternMessage = strings.Repeat("x",
				access.MaxDescriptionLength+1)
		}), "message"},
		"translations": {modified(short, func(q *access.Question) {
			q.Localized = access.Localized{"de": "Warum?",
				"pt-br": "Por quê?"}
		}), ""},
		"no such language": {modified(short, func(q *access.Question) {
			q.Localized = access.Localized{"German": "Warum?"}
		}), "texts"},
		"an empty translation": {modified(short, func(q *access.Question) { q.Localized = access.Localized{"de": " "} }),
			"texts"},
		"a sentence in no language": {modified(short, func(q *access.Question) {
			q.PatternLocalized = access.Localized{"d": "Nur Ziffern."}
		}), "messages"},
		"a choice in no language": {modified(choices(), func(q *access.Question) {
			q.Choices[0].Localized = access.Localized{"": "Rot"}
		}), "choices"},
		"a choice of two lines": {modified(choices(), func(q *access.Question) {
			q.Choices = []access.Choice{{Value: "x", Text: "a\nb"}}
		}), "choices"},
		"too many choices": {modified(choices(), func(q *access.Question) {
			for i := range access.MaxChoices + 1 {
				q.Choices = append(q.Choices, access.Choice{Value: strconv.Itoa(i), Text: "x"})
			}
		}), "choices"},
		"a value twice": {modified(choices(), func(q *access.Question) {
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

func TestQuestionIDsAreUnique(t *testing.T) {
	p := policy("p", access.ScopeMembers)
	p.Questions = []access.Question{textQuestion(access.ShortText), textQuestion(access.LongText)}
	wantFields(t, p.Check(access.Catalog{}), "questions.2.text")
	p.Questions[1].ID = "q2"
	wantFields(t, p.Check(access.Catalog{}), "")
}
