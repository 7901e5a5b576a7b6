package access_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
)

// A wizard that is finished is not finished again, until its draft has expired.
func TestCanFinish(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	finished := map[string][]string{access.FormFinished: {"/made"}}
	for name, test := range map[string]struct {
		account access.AccountID
		form    map[string][]string
		age     time.Duration
		want    access.ErrorKind // 0 if it can be finished
	}{
		"under way":                 {"mara", map[string][]string{access.FormSaved: {"x"}}, 0, 0},
		"of another account":        {"lena", map[string][]string{access.FormSaved: {"x"}}, 0, access.NotFound},
		"finished":                  {"mara", finished, access.FormDraftLifetime - time.Millisecond, access.Conflict},
		"finished by another":       {"lena", finished, 0, access.NotFound},
		"finished, and expired":     {"mara", finished, access.FormDraftLifetime, 0},
		"another's, and expired":    {"lena", finished, access.FormDraftLifetime, 0},
		"under way, and expired":    {"mara", nil, access.FormDraftLifetime, 0},
		"without anything in it":    {"mara", nil, 0, 0},
		"in the last millisecond":   {"mara", nil, access.FormDraftLifetime - time.Millisecond, 0},
		"another's at its very end": {"lena", nil, access.FormDraftLifetime - time.Millisecond, access.NotFound},
	} {
		old := access.FormDraft{Key: "k", Account: test.account, Form: test.form, Created: now.Add(-test.age)}
		err := access.FormDraft{Key: "k", Account: "mara", Form: finished}.CanFinish(old, now)
		if (err == nil) != (test.want == 0) || err != nil && access.KindOf(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
