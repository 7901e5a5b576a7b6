package access

import (
	"maps"
	"regexp"
	"slices"
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

// Localized holds translations by language (BCP 47, lower case).
type Localized map[string]string

// In is the text for the first of languages that has one, or text (F-115).
func (l Localized) In(text string, languages ...string) string {
	for _, tag := range languages {
		tag = strings.ToLower(tag)
		base, _, _ := strings.Cut(tag, "-")
		for _, key := range []string{tag, base} {
			if t := l[key]; t != "" {
				return t
			}
		}
	}
	return text
}

// Choice is one possible answer of a multiple choice question.
type Choice struct {
	Value     string    `json:"value"`
	Text      string    `json:"text"`
	Localized Localized `json:"localized,omitempty"`
}

// Question is asked of a requestor and shown, with the answer, to approvers.
type Question struct {
	ID             QuestionID   `json:"id"`
	Kind           QuestionKind `json:"kind"`
	Text           string       `json:"text"`
	Localized      Localized    `json:"localized,omitempty"`
	Required       bool         `json:"required"`
	Choices        []Choice     `json:"choices,omitempty"`
	AllowsMultiple bool         `json:"several,omitempty"` // more than one choice may be made
	// Pattern is a regular expression (RE2, so that no answer can make it
	// slow) that a whole text answer must match (F-112).
	Pattern          string    `json:"pattern,omitempty"`
	PatternMessage   string    `json:"patternMessage,omitempty"`
	PatternLocalized Localized `json:"patternLocalized,omitempty"`
}

// MaxLength is the greatest number of characters of a text answer.
func (q Question) MaxLength() int {
	if q.Kind == ShortText {
		return MaxShortAnswerLength
	}
	return MaxLongAnswerLength
}

// Field is the form field of the question.
func (q Question) Field() string { return "answer." + string(q.ID) }

// Answer is what a requestor said to a question, with the question as it stood
// and the text that was shown for each choice.
type Answer struct {
	Question QuestionID `json:"question"`
	Text     string     `json:"text"`            // of the question
	Values   []string   `json:"values"`          // one for a text; chosen values otherwise
	Labels   []string   `json:"shown,omitempty"` // display texts of the chosen values
}

// String is the answer in one piece, as approvers read it.
func (a Answer) String() string {
	if len(a.Labels) > 0 {
		return strings.Join(a.Labels, ", ")
	}
	return strings.Join(a.Values, ", ")
}

// Accept checks the values given to the question and returns them as an
// answer; languages are the requestor's, for the sentences of refusals.
func (q Question) Accept(values []string, languages ...string) (Answer, error) {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
	a := Answer{Question: q.ID, Text: q.Localized.In(q.Text, languages...), Values: values}
	if len(values) == 0 {
		if q.Required {
			return a, Invalidf(q.Field(), "This needs an answer.")
		}
		return a, nil
	}
	if q.Kind == MultipleChoice {
		return q.acceptChoices(a, languages)
	}
	return a, q.acceptText(values, languages)
}

// TestAnswer is what comes of a text as an answer: the fault of the question's pattern,
// or that of the answer.
func (q Question) TestAnswer(answer string, languages ...string) error {
	if _, err := regexp.Compile(whole(q.Pattern)); err != nil {
		return Invalidf(q.Field(), "The regular expression is not valid: %s.", err.Error())
	}
	_, err := q.Accept([]string{answer}, languages...)
	return err
}

func (q Question) acceptText(values, languages []string) error {
	if len(values) > 1 {
		return Invalidf(q.Field(), "Give one answer.")
	}
	if err := CheckText(q.Field(), values[0], q.MaxLength(), q.Required); err != nil {
		return err
	}
	if q.Kind == ShortText && strings.ContainsAny(values[0], "\r\n") {
		return Invalidf(q.Field(), "This answer has one line.")
	}
	if q.Pattern == "" {
		return nil
	}
	re, err := regexp.Compile(whole(q.Pattern))
	if err != nil || re.MatchString(values[0]) {
		return err
	}
	if m := q.PatternLocalized.In(q.PatternMessage, languages...); m != "" {
		return Invalidf(q.Field(), "%s", m)
	}
	return Invalidf(q.Field(), "This does not have the form that is asked for.")
}

// whole is the pattern that a text matches as a whole.
func whole(pattern string) string { return `\A(?:` + pattern + `)\z` }

func (q Question) acceptChoices(a Answer, languages []string) (Answer, error) {
	if len(a.Values) > 1 && !q.AllowsMultiple {
		return a, Invalidf(q.Field(), "Choose one.")
	}
	for i, v := range a.Values {
		at := slices.IndexFunc(q.Choices, func(c Choice) bool { return c.Value == v })
		if at < 0 || slices.Contains(a.Values[:i], v) {
			return a, Invalidf(q.Field(), "Choose from what is offered.")
		}
		a.Labels = append(a.Labels, q.Choices[at].Localized.In(q.Choices[at].Text, languages...))
	}
	return a, nil
}

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
			es.Add(Invalidf(fieldOf(i+1, "text"), "Question %d needs a short id of its own.", i+1))
		}
		seen[q.ID] = true
		es.Add(q.check(i + 1))
	}
	return es.Err()
}

// fieldOf is the form field of a part of the question with the number n.
func fieldOf(n int, part string) string { return "questions." + strconv.Itoa(n) + "." + part }

func (q Question) check(n int) error {
	var es Errors
	if strings.TrimSpace(q.Text) == "" || utf8.RuneCountInString(q.Text) > MaxDescriptionLength || !printable(q.Text, true) {
		es.Add(Invalidf(fieldOf(n, "text"), "Question %d needs a text of at most %d characters.", n, MaxDescriptionLength))
	}
	es.Add(q.Localized.check(fieldOf(n, "texts"), n))
	switch q.Kind {
	case ShortText, LongText:
		if len(q.Choices) > 0 || q.AllowsMultiple {
			es.Add(Invalidf(fieldOf(n, "kind"), "Question %d is answered with a text and has no choices.", n))
		}
	case MultipleChoice:
		es.Add(q.checkChoices(n))
	default:
		es.Add(Invalidf(fieldOf(n, "kind"), "Question %d: “%s” is not a format of answers.", n, string(q.Kind)))
	}
	es.Add(q.checkPattern(n))
	return es.Err()
}

// check refuses translations for what is no language, and texts that could not
// be shown.
func (l Localized) check(field string, n int) error {
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		if !isLanguage(tag) {
			return Invalidf(field, "Question %d: “%s” is not a language, such as de or pt-br.", n, tag)
		}
		if text := l[tag]; strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > MaxDescriptionLength ||
			!printable(text, true) {
			return Invalidf(field, "Question %d: the text for “%s” has 1 to %d characters.", n, tag, MaxDescriptionLength)
		}
	}
	return nil
}

// isLanguage reports whether the tag has the form of a language (BCP 47), in
// lower case.
func isLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if len(part) < 1 || len(part) > 8 || i == 0 && len(part) < 2 ||
			strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}

// checkPattern refuses a pattern that is not valid by itself, or not when it is
// made to match a whole text (such as one with a quotation that does not end).
func (q Question) checkPattern(n int) error {
	if utf8.RuneCountInString(q.Pattern) > MaxPatternLength {
		return Invalidf(fieldOf(n, "pattern"), "Question %d: a regular expression has at most %d characters.", n, MaxPatternLength)
	}
	if utf8.RuneCountInString(q.PatternMessage) > MaxDescriptionLength || !printable(q.PatternMessage, true) {
		return Invalidf(fieldOf(n, "message"), "Question %d: the sentence has at most %d characters.", n, MaxDescriptionLength)
	}
	_, err := regexp.Compile(q.Pattern)
	if err == nil {
		_, err = regexp.Compile(whole(q.Pattern))
	}
	if err != nil {
		return Invalidf(fieldOf(n, "pattern"), "Question %d: the regular expression is not valid: %s.", n, err.Error())
	}
	return q.PatternLocalized.check(fieldOf(n, "messages"), n)
}

func (q Question) checkChoices(n int) error {
	if len(q.Choices) < 1 || len(q.Choices) > MaxChoices {
		return Invalidf(fieldOf(n, "choices"), "Question %d needs 1 to %d choices.", n, MaxChoices)
	}
	if q.Pattern != "" {
		return Invalidf(fieldOf(n, "pattern"), "Question %d needs choices, and no regular expression.", n)
	}
	seen := map[string]bool{}
	for _, c := range q.Choices {
		if strings.TrimSpace(c.Value) == "" || strings.TrimSpace(c.Text) == "" || seen[c.Value] {
			return Invalidf(fieldOf(n, "choices"), "Question %d: each choice needs a value of its own and a text.", n)
		}
		if max(utf8.RuneCountInString(c.Value), utf8.RuneCountInString(c.Text)) > MaxShortAnswerLength ||
			!printable(c.Value+c.Text, false) {
			return Invalidf(fieldOf(n, "choices"), "Question %d: value and text of a choice have at most %d characters, on "+
				"one line.", n, MaxShortAnswerLength)
		}
		if err := c.Localized.check(fieldOf(n, "choices"), n); err != nil {
			return err
		}
		seen[c.Value] = true
	}
	return nil
}
