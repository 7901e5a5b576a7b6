package lifecycle

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// maxAnswerChecks is the maximum number of times that the answers of a form are checked.
const maxAnswerChecks = 4

// WithCheckedAnswers calls f with the form, its answers checked to the questions of
// its policy. They are checked outside of f, which writes: matching patterns takes
// time, and other writes wait for a transaction (F-112). If the questions have changed
// by then, f returns access.UncheckedAnswers, and is called again with the answers
// checked to the new ones. Conflict if they change every time.
func WithCheckedAnswers(ctx context.Context, r *store.Reader, t access.TenantID, ask access.RequestForm,
	f func(access.RequestForm) error) error {
	if ask.Policy != "" {
		p, err := r.Policy(ctx, t, ask.Policy)
		if err != nil && access.KindOf(err) != access.NotFound {
			return err
		}
		if err == nil { // f refuses a form for another package's policy
			ask = ask.CheckAnswers(p)
		}
	}
	for range maxAnswerChecks {
		err := f(ask)
		unchecked, ok := errors.AsType[*access.UncheckedAnswers](err)
		if !ok {
			return err
		}
		ask = ask.CheckAnswers(unchecked.Policy)
	}
	return access.Refuse(access.Conflict, "The questions have changed. Look at the form again.")
}
