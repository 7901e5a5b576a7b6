package access

import (
	"regexp"
	"slices"
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
	ID        QuestionID   `json:"id"`
	Kind      QuestionKind `json:"kind"`
	Text      string       `json:"text"`
	Localized Localized    `json:"localized,omitempty"`
	Required  bool         `json:"required"`
	Choices   []Choice     `json:"choices,omitempty"`
	Several   bool         `json:"several,omitempty"` // more than one choice may be made
	// Pattern is a regular expression (RE2, so that no answer can make it
	// slow) that a whole text answer must match (F-112).
	Pattern          string    `json:"pattern,omitempty"`
	PatternMessage   string    `json:"patternMessage,omitempty"`
	PatternLocalized Localized `json:"patternLocalized,omitempty"`
}

// Most is the greatest number of characters of a text answer.
func (q Question) Most() int {
	if q.Kind == ShortText {
		return MaxShortAnswer
	}
	return MaxLongAnswer
}

// Field is the form field of the question.
func (q Question) Field() string { return "answer." + string(q.ID) }

// Answer is what a requestor said to a question, with the question as it stood
// and the text that was shown for each choice.
type Answer struct {
	Question QuestionID `json:"question"`
	Text     string     `json:"text"`            // of the question
	Values   []string   `json:"values"`          // one for a text; chosen values otherwise
	Shown    []string   `json:"shown,omitempty"` // display texts of the chosen values
}

// String is the answer in one piece, as approvers read it.
func (a Answer) String() string {
	if len(a.Shown) > 0 {
		return strings.Join(a.Shown, ", ")
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

func (q Question) acceptText(values, languages []string) error {
	if len(values) > 1 {
		return Invalidf(q.Field(), "Give one answer.")
	}
	if err := CheckProse(q.Field(), values[0], q.Most(), q.Required); err != nil {
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
	if len(a.Values) > 1 && !q.Several {
		return a, Invalidf(q.Field(), "Choose one.")
	}
	for i, v := range a.Values {
		at := slices.IndexFunc(q.Choices, func(c Choice) bool { return c.Value == v })
		if at < 0 || slices.Contains(a.Values[:i], v) {
			return a, Invalidf(q.Field(), "Choose from what is offered.")
		}
		a.Shown = append(a.Shown, q.Choices[at].Localized.In(q.Choices[at].Text, languages...))
	}
	return a, nil
}

func checkQuestions(qs []Question) error {
	var es Errors
	seen := map[QuestionID]bool{}
	for i, q := range qs {
		if q.ID == "" || seen[q.ID] {
			es.Add(Invalidf("questions", "Question %d needs an id of its own.", i+1))
		}
		seen[q.ID] = true
		es.Add(q.check(i + 1))
	}
	return es.Err()
}

func (q Question) check(n int) error {
	var es Errors
	if strings.TrimSpace(q.Text) == "" || utf8.RuneCountInString(q.Text) > MaxDescription {
		es.Add(Invalidf("questions", "Question %d needs a text of at most %d characters.", n, MaxDescription))
	}
	switch q.Kind {
	case ShortText, LongText:
		if len(q.Choices) > 0 || q.Several {
			es.Add(Invalidf("questions", "Question %d is answered with a text and has no choices.", n))
		}
	case MultipleChoice:
		es.Add(q.checkChoices(n))
	default:
		es.Add(Invalidf("questions", "Question %d: “%s” is not a format of answers.", n, string(q.Kind)))
	}
	es.Add(checkPattern(n, q.Pattern))
	return es.Err()
}

// checkPattern refuses a pattern that is not valid by itself, or not when it is
// made to match a whole text (such as one with a quotation that does not end).
func checkPattern(n int, pattern string) error {
	_, err := regexp.Compile(pattern)
	if err == nil {
		_, err = regexp.Compile(whole(pattern))
	}
	if err != nil {
		return Invalidf("questions", "Question %d: the regular expression is not valid: %s.", n, err.Error())
	}
	return nil
}

func (q Question) checkChoices(n int) error {
	if len(q.Choices) < 1 || q.Pattern != "" {
		return Invalidf("questions", "Question %d needs choices, and no regular expression.", n)
	}
	seen := map[string]bool{}
	for _, c := range q.Choices {
		if strings.TrimSpace(c.Value) == "" || strings.TrimSpace(c.Text) == "" || seen[c.Value] {
			return Invalidf("questions", "Question %d: each choice needs a value of its own and a text.", n)
		}
		seen[c.Value] = true
	}
	return nil
}
