package lifecycle

import (
	"context"
	"errors"
	"maps"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/plain"
	"myaccess/internal/store"
)

// maxAnswerChecks is the maximum number of times that the answers of a form are checked.
const maxAnswerChecks = 4

// WithCheckedAnswers calls f with the form, its answers checked to the questions of
// its policy. They are checked outside of f, which writes: matching patterns takes
// time, and other writes wait for a transaction (F-112). If the questions have changed
// by then, f returns access.UncheckedAnswers, and is called again with the answers
// checked to the new ones. Conflict if they change every time. A form without answers is
// usually for a policy without questions, and not checked beforehand.
func WithCheckedAnswers(ctx context.Context, r *store.Reader, t access.TenantID, ask access.RequestForm,
	f func(access.RequestForm) error) error {
	if ask.Policy != "" && len(ask.Answers) > 0 {
		p, err := r.Policy(ctx, t, ask.Policy)
		if err != nil && access.KindOf(err) != access.NotFound {
			return err
		}
		if err == nil { // f refuses a form for another package's policy
			ask = plainAnswers(ask, p).CheckAnswers(p, plain.Pattern)
		}
	}
	for range maxAnswerChecks {
		err := f(ask)
		unchecked, ok := errors.AsType[*access.UncheckedAnswers](err)
		if !ok {
			return err
		}
		ask = plainAnswers(ask, unchecked.Policy).CheckAnswers(unchecked.Policy, plain.Pattern)
	}
	return access.Refuse(access.Conflict, "The questions have changed. Check the form and submit it again.")
}

// plainAnswers returns the form with the answers to the policy's questions as they are
// matched and stored (C37). A value that is like that of a choice becomes it: choices
// can be older than the rule that they are stored in plain form.
func plainAnswers(ask access.RequestForm, p access.Policy) access.RequestForm {
	ask.Answers = maps.Clone(ask.Answers)
	for _, q := range p.Questions {
		values := slices.Clone(ask.Answers[q.ID])
		for i, v := range values {
			values[i] = plain.Text(v)
			for _, c := range q.Choices {
				if c.Value == v || plain.Text(c.Value) == values[i] {
					values[i] = c.Value
					break
				}
			}
		}
		if values != nil {
			ask.Answers[q.ID] = values
		}
	}
	ask.Justification = plain.Text(ask.Justification)
	return ask
}
