package access

import (
	"errors"
	"maps"
	"reflect"
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

// Shown returns the answer as approvers read it: the text, or the labels of the choices.
func (a Answer) Shown() []string {
	if len(a.Labels) > 0 {
		return a.Labels
	}
	return a.Values
}

// Accept checks values and returns them as an answer. languages are the
// requestor's, most preferred first, for labels and error messages.
func (q Question) Accept(values []string, languages ...string) (Answer, error) {
	compiled, _, err := compilePatterns([]Question{q})
	if err != nil { // stored before patterns had limits
		return Answer{}, Invalidf(q.Field(), "The answer to this question cannot be checked, because its regular "+
			"expression is invalid or too complex. Ask an administrator to change it.")
	}
	return q.accept(compiled[0], values, languages)
}

// accept is Accept with the question's pattern compiled.
func (q Question) accept(pattern compiledPattern, values, languages []string) (Answer, error) {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return IsEmpty(v) })
	a := Answer{Question: q.ID, Text: q.Localized.In(q.Text, languages...), Values: values}
	if len(values) == 0 {
		if q.Required {
			return a, Invalidf(q.Field(), "Required.")
		}
		return a, nil
	}
	if q.Kind == MultipleChoice {
		return q.acceptChoices(a, languages)
	}
	return a, q.acceptText(pattern, values, languages)
}

// TestAnswer checks a text answer as Accept does, but also refuses an invalid
// pattern. It is for administrators who edit the question.
func (q Question) TestAnswer(answer string, languages ...string) error {
	_, _, err := compilePatterns([]Question{q})
	if err == nil {
		err = checkAlone(q.Pattern)
	}
	switch {
	case errors.Is(err, errTooComplex):
		return Invalidf(q.Field(), "The regular expression is too complex.")
	case err != nil:
		return Invalidf(q.Field(), "The regular expression is not valid: %s.", err.Error())
	}
	_, err = q.Accept([]string{answer}, languages...)
	return err
}

func (q Question) acceptText(pattern compiledPattern, values, languages []string) error {
	if len(values) > 1 {
		return Invalidf(q.Field(), "Choose only one answer.")
	}
	if err := CheckText(q.Field(), values[0], q.MaxLength(), q.Required); err != nil {
		return err
	}
	if q.Kind == ShortText && strings.ContainsAny(values[0], "\r\n") {
		return Invalidf(q.Field(), "Enter a single line.")
	}
	if q.Pattern == "" || pattern.MatchString(values[0]) {
		return nil
	}
	if m := q.PatternLocalized.In(q.PatternMessage, languages...); m != "" {
		return Invalidf(q.Field(), "%s", m)
	}
	return Invalidf(q.Field(), "This answer isn't in the required format.")
}

func (q Question) acceptChoices(a Answer, languages []string) (Answer, error) {
	if len(a.Values) > 1 && !q.AllowsMultiple {
		return a, Invalidf(q.Field(), "Choose one.")
	}
	for i, v := range a.Values {
		at := slices.IndexFunc(q.Choices, func(c Choice) bool { return c.Value == v })
		if at < 0 || slices.Contains(a.Values[:i], v) {
			return a, Invalidf(q.Field(), "Choose one of the listed options.")
		}
		a.Labels = append(a.Labels, q.Choices[at].Localized.In(q.Choices[at].Text, languages...))
	}
	return a, nil
}

// UncheckedAnswers says that the answers of a form are not checked to the questions
// of the policy that it is for, or to questions that have changed since.
type UncheckedAnswers struct{ Policy Policy }

// Error implements error.
func (*UncheckedAnswers) Error() string { return "the answers are not checked to these questions" }

// checkedAnswers is what came of checking the answers of a form to questions.
type checkedAnswers struct {
	questions []Question
	answers   []Answer
	err       error
}

// CheckAnswers returns the form with its answers checked to the questions of the
// policy. It takes up to 50 ms, which is too long for a transaction that other writes
// wait for; NewRequest and NewAssignmentRequest only use the result, and return
// UncheckedAnswers if the policy asks other questions by then. A pattern is matched as
// normal returns it: it can be older than the rule that texts are stored composed, and the
// answers are.
func (f RequestForm) CheckAnswers(p Policy, normal func(pattern string) string) RequestForm {
	c := checkedAnswers{questions: p.Questions}
	matched := slices.Clone(p.Questions)
	for i := range matched {
		matched[i].Pattern = normal(matched[i].Pattern)
	}
	if compiled, _, err := compilePatterns(matched); err != nil {
		c.err = Invalidf("policy", "Your answers cannot be checked, because a regular expression of this policy is invalid "+
			"or too complex. Ask an administrator to change it.")
	} else {
		c.answers, c.err = acceptAll(p.Questions, compiled, f)
	}
	f.checked = maps.Clone(f.checked)
	if f.checked == nil {
		f.checked = map[PolicyID]checkedAnswers{}
	}
	f.checked[p.ID] = c
	return f
}

// acceptAll returns the answers of the form to questions, and everything that is
// wrong with them.
func acceptAll(qs []Question, patterns []compiledPattern, f RequestForm) (answers []Answer, _ error) {
	var es Errors
	for i, q := range qs {
		a, err := q.accept(patterns[i], f.Answers[q.ID], f.Languages)
		es.Add(err)
		if len(a.Values) > 0 {
			answers = append(answers, a)
		}
	}
	for id := range f.Answers {
		if !slices.ContainsFunc(qs, func(q Question) bool { return q.ID == id }) {
			es.Add(Invalidf("policy", "The questions have changed. Check the form and submit it again."))
			break
		}
	}
	return answers, es.Err()
}

// answersTo returns the result of CheckAnswers for the policy.
func (f RequestForm) answersTo(p Policy) ([]Answer, error) {
	if len(p.Questions) == 0 {
		return acceptAll(nil, nil, f)
	}
	c, ok := f.checked[p.ID]
	if !ok || !reflect.DeepEqual(c.questions, p.Questions) {
		return nil, &UncheckedAnswers{p}
	}
	return c.answers, c.err
}
