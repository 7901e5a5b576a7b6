package access

import (
	"regexp"
	"slices"
	"strings"
)

// Answer is a requestor's answer, with copies of the question's text and the
// labels of the chosen values at that time.
type Answer struct {
	Question QuestionID `json:"question"`
	Text     string     `json:"text"`            // of the question
	Values   []string   `json:"values"`          // one for text; the chosen values for a choice
	Labels   []string   `json:"shown,omitempty"` // labels of the chosen values
}

// String returns the answer as approvers read it.
func (a Answer) String() string {
	if len(a.Labels) > 0 {
		return strings.Join(a.Labels, ", ")
	}
	return strings.Join(a.Values, ", ")
}

// Accept checks values and returns them as an answer. languages are the
// requestor's, most preferred first, for labels and error messages.
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

// TestAnswer checks a text answer as Accept does, but also refuses an invalid
// pattern. It is for administrators who edit the question.
func (q Question) TestAnswer(answer string, languages ...string) error {
	if _, err := regexp.Compile(wholeTextPattern(q.Pattern)); err != nil {
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
	re, err := regexp.Compile(wholeTextPattern(q.Pattern))
	if err != nil || re.MatchString(values[0]) {
		return err
	}
	if m := q.PatternLocalized.In(q.PatternMessage, languages...); m != "" {
		return Invalidf(q.Field(), "%s", m)
	}
	return Invalidf(q.Field(), "This does not have the form that is asked for.")
}

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
