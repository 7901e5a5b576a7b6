package access

import (
	"errors"
	"slices"
	"strconv"
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
	// (F-112). The time that takes is limited (maxPatternCost).
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

// Limits of the questions of a policy.
const (
	MaxQuestions = 50
	MaxChoices   = 100
)

func checkQuestions(qs []Question) error {
	var es Errors
	if len(qs) > MaxQuestions {
		return Invalidf("questions", "A policy can have at most %d questions.", MaxQuestions)
	}
	tooLong := checkParsing(qs)
	seen := map[QuestionID]bool{}
	for i, q := range qs {
		if q.ID == "" || seen[q.ID] || len(q.ID) > 64 || !printable(string(q.ID), false) {
			es.Add(Invalidf(questionField(i+1, "text"), "Question %d needs a short, unique ID.", i+1))
		}
		seen[q.ID] = true
		if tooLong != nil && parsingCost(q.Pattern) <= maxPatternCost {
			q.Pattern = "" // refused together with the others, without parsing it
		}
		es.Add(q.check(i + 1))
	}
	es.Add(tooLong)
	if len(es) == 0 {
		if _, at, err := compilePatterns(qs); err != nil {
			es.Add(patternsTogether(at + 1))
		}
	}
	return es.Err()
}

// checkParsing refuses questions whose patterns take too long together to be parsed,
// although each by itself does not.
func checkParsing(qs []Question) error {
	within := slices.Clone(qs)
	for i, q := range within {
		if parsingCost(q.Pattern) > maxPatternCost {
			within[i].Pattern = "" // refused by itself
		}
	}
	if sum, worst := parsingCosts(within); sum > maxPatternCost {
		return patternsTogether(worst + 1)
	}
	return nil
}

// patternsTogether refuses questions whose patterns take too long together (F-112), at
// the most costly question n.
func patternsTogether(n int) error {
	return Invalidf(questionField(n, "pattern"), "The regular expressions of all questions together take too long to "+
		"check. Shorten that of question %d, or remove some.", n)
}

// questionField is the form field of a part of question n, counted from 1.
func questionField(n int, part string) string { return "questions." + strconv.Itoa(n) + "." + part }

func (q Question) check(n int) error {
	var es Errors
	if IsEmpty(q.Text) || utf8.RuneCountInString(q.Text) > MaxDescriptionLength ||
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
// \Q without \E is valid only by itself), or that takes too long to check.
func (q Question) checkPattern(n int) error {
	field := questionField(n, "pattern")
	if utf8.RuneCountInString(q.Pattern) > MaxPatternLength {
		return Invalidf(field, "Question %d: a regular expression can have at most %d characters.", n, MaxPatternLength)
	}
	if utf8.RuneCountInString(q.PatternMessage) > MaxDescriptionLength || !printable(q.PatternMessage, true) {
		return Invalidf(questionField(n, "message"), "Question %d: the error message can have at most %d characters.", n,
			MaxDescriptionLength)
	}
	_, _, err := compilePatterns([]Question{q})
	if err == nil {
		err = checkAlone(q.Pattern)
	}
	switch {
	case errors.Is(err, errTooComplex):
		return Invalidf(field, "Question %d: this regular expression is too complex (more than %d instructions). Use "+
			"fewer or smaller repetitions.", n, MaxPatternInstructions)
	case err != nil && looksAround(q.Pattern):
		return Invalidf(field, "Question %d: a regular expression cannot look ahead or behind, as in (?=…). Describe the "+
			"answer from its beginning to its end.", n)
	case err != nil:
		return Invalidf(field, "Question %d: the regular expression is not valid: %s.", n, err.Error())
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
		if IsEmpty(c.Value) || IsEmpty(c.Text) || seen[c.Value] {
			return Invalidf(questionField(n, "choices"), "Question %d: each choice needs a unique value and a text.", n)
		}
		if max(utf8.RuneCountInString(c.Value), utf8.RuneCountInString(c.Text)) > MaxShortAnswerLength ||
			!printable(c.Value+c.Text, false) {
			return Invalidf(questionField(n, "choices"),
				"Question %d: the value and text of a choice can have at most %d characters, on one line.", n, MaxShortAnswerLength)
		}
		if err := c.Localized.check(questionField(n, "choices"), n); err != nil {
			return err
		}
		seen[c.Value] = true
	}
	return nil
}
