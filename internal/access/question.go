package access

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// QuestionKind is the format of an answer (F-110, F-111).
type QuestionKind string

// The formats of answers.
const (
	ShortText      QuestionKind = "shortText"
	LongText       QuestionKind = "longText"
	MultipleChoice QuestionKind = "multipleChoice"
)

// Choice is one possible answer of a multiple choice question.
type Choice struct {
	Value     string    `json:"value"`
	Text      string    `json:"text"`
	Localized Localized `json:"localized,omitempty"`
}

// Question is asked of requestors. Approvers see it with the answer.
type Question struct {
	ID             QuestionID   `json:"id"`
	Kind           QuestionKind `json:"kind"`
	Text           string       `json:"text"`
	Localized      Localized    `json:"localized,omitempty"`
	Required       bool         `json:"required"`
	Choices        []Choice     `json:"choices,omitempty"`
	AllowsMultiple bool         `json:"several,omitempty"` // several choices can be selected
	// Pattern is a regular expression that the whole text answer must match
	// (F-112). RE2 takes linear time, so that no answer can make it slow.
	Pattern          string    `json:"pattern,omitempty"`
	PatternMessage   string    `json:"patternMessage,omitempty"`
	PatternLocalized Localized `json:"patternLocalized,omitempty"`
}

// MaxLength returns the maximum number of characters of a text answer.
func (q Question) MaxLength() int {
	if q.Kind == ShortText {
		return MaxShortAnswerLength
	}
	return MaxLongAnswerLength
}

// Field is the form field of the question.
func (q Question) Field() string { return "answer." + string(q.ID) }

// wholeTextPattern returns the pattern that matches a whole text.
func wholeTextPattern(pattern string) string { return `\A(?:` + pattern + `)\z` }

// Limits of the questions of a policy.
const (
	MaxQuestions     = 50
	MaxChoices       = 100
	MaxPatternLength = 500 // characters of a regular expression
)

func checkQuestions(qs []Question) error {
	var es Errors
	if len(qs) > MaxQuestions {
		es.Add(Invalidf("questions", "A policy asks at most %d questions.", MaxQuestions))
	}
	seen := map[QuestionID]bool{}
	for i, q := range qs {
		if q.ID == "" || seen[q.ID] || len(q.ID) > 64 || !printable(string(q.ID), false) {
			es.Add(Invalidf(questionField(i+1, "text"), "Question %d needs a short id of its own.", i+1))
		}
		seen[q.ID] = true
		es.Add(q.check(i + 1))
	}
	return es.Err()
}

// questionField is the form field of a part of question n, counted from 1.
func questionField(n int, part string) string { return "questions." + strconv.Itoa(n) + "." + part }

func (q Question) check(n int) error {
	var es Errors
	if strings.TrimSpace(q.Text) == "" || utf8.RuneCountInString(q.Text) > MaxDescriptionLength ||
		!printable(q.Text, true) {
		es.Add(Invalidf(questionField(n, "text"), "Question %d needs a text of at most %d characters.", n,
			MaxDescriptionLength))
	}
	es.Add(q.Localized.check(questionField(n, "texts"), n))
	switch q.Kind {
	case ShortText, LongText:
		if len(q.Choices) > 0 || q.AllowsMultiple {
			es.Add(Invalidf(questionField(n, "kind"), "Question %d is answered with a text and has no choices.", n))
		}
	case MultipleChoice:
		es.Add(q.checkChoices(n))
	default:
		es.Add(Invalidf(questionField(n, "kind"), "Question %d: “%s” is not a format of answers.", n, string(q.Kind)))
	}
	es.Add(q.checkPattern(n))
	return es.Err()
}

// checkPattern refuses a pattern that is invalid, by itself or once anchored (a
// \Q without \E is valid only by itself).
func (q Question) checkPattern(n int) error {
	if utf8.RuneCountInString(q.Pattern) > MaxPatternLength {
		return Invalidf(questionField(n, "pattern"), "Question %d: a regular expression has at most %d characters.", n,
			MaxPatternLength)
	}
	if utf8.RuneCountInString(q.PatternMessage) > MaxDescriptionLength || !printable(q.PatternMessage, true) {
		return Invalidf(questionField(n, "message"), "Question %d: the sentence has at most %d characters.", n,
			MaxDescriptionLength)
	}
	_, err := regexp.Compile(q.Pattern)
	if err == nil {
		_, err = regexp.Compile(wholeTextPattern(q.Pattern))
	}
	if err != nil {
		return Invalidf(questionField(n, "pattern"), "Question %d: the regular expression is not valid: %s.", n, err.Error())
	}
	return q.PatternLocalized.check(questionField(n, "messages"), n)
}

func (q Question) checkChoices(n int) error {
	if len(q.Choices) < 1 || len(q.Choices) > MaxChoices {
		return Invalidf(questionField(n, "choices"), "Question %d needs 1 to %d choices.", n, MaxChoices)
	}
	if q.Pattern != "" {
		return Invalidf(questionField(n, "pattern"), "Question %d needs choices, and no regular expression.", n)
	}
	seen := map[string]bool{}
	for _, c := range q.Choices {
		if strings.TrimSpace(c.Value) == "" || strings.TrimSpace(c.Text) == "" || seen[c.Value] {
			return Invalidf(questionField(n, "choices"), "Question %d: each choice needs a value of its own and a text.", n)
		}
		if max(utf8.RuneCountInString(c.Value), utf8.RuneCountInString(c.Text)) > MaxShortAnswerLength ||
			!printable(c.Value+c.Text, false) {
			return Invalidf(questionField(n, "choices"),
				"Question %d: value and text of a choice have at most %d characters, on "+
					"one line.", n, MaxShortAnswerLength)
		}
		if err := c.Localized.check(questionField(n, "choices"), n); err != nil {
			return err
		}
		seen[c.Value] = true
	}
	return nil
}
