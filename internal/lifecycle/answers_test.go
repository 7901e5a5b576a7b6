package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// asking is the terms of a policy with a question that has the pattern.
func asking(pattern string) access.Terms {
	return access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}, Questions: []access.Question{
		{ID: "site", Kind: access.ShortText, Text: "Which site?", Required: true, Pattern: pattern}}}
}

// answering is a form with the answer.
func answering(o access.Offer, answer string) access.RequestForm {
	return access.RequestForm{Policy: o.Policies[0].ID, Answers: map[access.QuestionID][]string{"site": {answer}}}
}

// TestAnswersAreCheckedAgain: Answers are checked before the transaction that stores
// them. If the questions change in between, they are checked to the new ones.
func TestAnswersAreCheckedAgain(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.memberPackage("Tidal", asking("[a-z]+"))
		change := func(pattern string) {
			h.Do(func(ctx context.Context, tx *store.Tx) error {
				p, err := tx.Policy(ctx, h.Tenant.ID, o.Policies[0].ID)
				p.Terms = asking(pattern)
				return errors.Join(err, tx.SavePolicy(ctx, p))
			})
		}
		for _, tt := range []struct {
			answer   string
			changes  []string
			calls    int
			accepted bool
			kind     access.ErrorKind
		}{
			{"abc", nil, 1, true, 0}, {"ABC", nil, 1, false, access.Invalid},
			{"abc", []string{"[A-Z]+"}, 2, false, access.Invalid}, {"ABC", []string{"[A-Z]+"}, 2, true, 0},
			{"x", []string{"a", "b", "c", "d"}, 4, false, access.Conflict},
		} {
			change("[a-z]+")
			calls := 0
			who, err := h.ContextOf(context.Background(), h.Omar)
			if err != nil {
				h.t.Fatal(err)
			}
			err = lifecycle.WithCheckedAnswers(context.Background(), h.Reader, h.Tenant.ID, answering(o, tt.answer),
				func(ask access.RequestForm) error {
					if calls++; calls <= len(tt.changes) {
						change(tt.changes[calls-1])
					}
					return h.Write(context.Background(), func(tx *store.Tx) error {
						offer, err := tx.Offer(context.Background(), h.Tenant.ID, o.Package.ID)
						if err != nil {
							return err
						}
						_, err = offer.NewRequest(who, ask, tx.Now)
						return err
					})
				})
			wantKind := err != nil && access.KindOf(err) == tt.kind && !tt.accepted
			if calls != tt.calls || tt.accepted != (err == nil) || !tt.accepted && !wantKind {
				h.t.Errorf("%s, changed to %q: %d calls, %v", tt.answer, tt.changes, calls, err)
			}
		}
	})
}

// TestAnswersWithoutPolicy: A form that names no policy is checked to the questions of
// the only one that the person can use.
func TestAnswersWithoutPolicy(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(asking("[a-z]+")))
		ask := answering(o, "ABC")
		ask.Policy = ""
		h.wantRefusal(h.Mara, o, ask, access.Invalid)
		ask.Answers["site"] = []string{"abc"}
		if r := h.submit(h.Mara, o, ask); h.stored(r).Answers[0].Values[0] != "abc" {
			h.t.Errorf("%+v", h.stored(r))
		}
	})
}

// TestC37OlderPattern: A pattern that was stored before texts were composed matches
// answers, which are composed, as it would if it was stored today.
func TestC37OlderPattern(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		o := h.memberPackage("Tidal", asking("Mu\u0308nchen|Ko\u0308ln"))
		h.wantRefusal(h.AccountOf(h.Lena), o, answering(o, "Munchen"), access.Invalid)
		r := h.submit(h.AccountOf(h.Lena), o, answering(o, "Mu\u0308nchen"))
		if got := h.stored(r).Answers[0].Values[0]; got != "M\u00fcnchen" {
			h.t.Errorf("got %q", got)
		}
		ask := answering(o, "K\u00f6ln")
		if _, err := h.Admin.Assign(context.Background(), h.Omar, admin.Assigning{Package: o.Package.ID,
			People: []access.PersonID{h.Ida.ID}, Ask: ask}); err != nil {
			h.t.Errorf("assigned: %v", err)
		}
	})
}

// TestStoredPatternIsRefused: A request under a policy whose pattern was stored before
// there were limits is refused at once, with a sentence; one took 87 seconds, in which
// nothing else could be written. The same holds for direct assignments.
func TestStoredPatternIsRefused(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := asking(strings.Repeat(`\pL{0,1000}`, 40))
		for i := range access.MaxQuestions - 1 {
			q := terms.Questions[0]
			q.ID, q.Kind = access.QuestionID("more"+string(rune('A'+i))), access.LongText
			terms.Questions = append(terms.Questions, q)
		}
		setUpAdministrators(h)
		o := h.memberPackage("Tidal", terms)
		ask := access.RequestForm{Policy: o.Policies[0].ID, Answers: map[access.QuestionID][]string{}}
		for _, q := range terms.Questions {
			ask.Answers[q.ID] = []string{strings.Repeat("a", q.MaxLength())}
		}
		start := time.Now()
		err := h.refusal(h.AccountOf(h.Lena), o, ask, access.Invalid)
		if err == nil || err.Error() != "Your answers cannot be checked, because a regular expression of this policy is "+
			"invalid or too complex. Ask an administrator to change it." {
			h.t.Errorf("got %v", err)
		}
		_, err = h.Admin.Assign(context.Background(), h.Omar, admin.Assigning{Package: o.Package.ID,
			People: []access.PersonID{h.Lena.ID}, Ask: ask})
		if err == nil || access.KindOf(err) != access.Invalid {
			h.t.Errorf("assigned: %v", err)
		}
		took := time.Since(start)
		h.t.Logf("both took %v", took)
		if took > time.Second {
			h.t.Errorf("both took %v", took)
		}
	})
}
