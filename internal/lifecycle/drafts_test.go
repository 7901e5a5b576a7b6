package lifecycle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// hasDraft reports whether the account gets the draft with the key.
func (h *harness) hasDraft(key string, a access.AccountID) bool {
	h.t.Helper()
	d, err := h.SignIns.Draft(context.Background(), key, a, h.clock.Now())
	if err != nil && access.KindOf(err) != access.NotFound {
		h.t.Fatal(err)
	}
	return err == nil && d.Form["justification"][0] != ""
}

// saveDraft saves a draft of the account with a text.
func (h *harness) saveDraft(key string, a access.AccountID, text string) error {
	return h.SignIns.SaveDraft(context.Background(), access.FormDraft{Key: key, Tenant: h.Tenant.ID, Account: a,
		Form: map[string][]string{"justification": {text}}})
}

// TestDrafts: A draft is for the account that entered it, until it expires.
func TestDrafts(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		if err := h.saveDraft("hers", h.Mara.ID, "a visit"); err != nil {
			h.t.Fatal(err)
		}
		if !h.hasDraft("hers", h.Mara.ID) || h.hasDraft("hers", h.Lena.Account) || h.hasDraft("hers", "") ||
			h.hasDraft("none", h.Mara.ID) {
			h.t.Error("another account got the draft")
		}
		h.clock.Advance(access.FormDraftLifetime - time.Millisecond)
		if !h.hasDraft("hers", h.Mara.ID) {
			h.t.Error("it has expired too early")
		}
		h.clock.Advance(time.Millisecond)
		if h.hasDraft("hers", h.Mara.ID) {
			h.t.Error("it outlived its life")
		}
	})
}

// TestDraftsAreLimited: However many forms are sent, an account has five drafts of at
// most 64 KiB each, the newest, and a tenant 1,250. A form that is larger is not kept.
func TestDraftsAreLimited(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		largest := strings.Repeat("x", access.MaxDraftSize-len(`{"justification":[""]}`))
		for i := range 40 {
			if err := h.saveDraft(fmt.Sprint(i), h.Mara.ID, largest); err != nil {
				h.t.Fatal(err)
			}
			h.clock.Advance(time.Second)
		}
		for i := range 40 {
			if got := h.hasDraft(fmt.Sprint(i), h.Mara.ID); got != (i >= 35) {
				h.t.Errorf("draft %d is kept: %v", i, got)
			}
		}
		for _, more := range []string{largest + "x", strings.Repeat("<", access.MaxDraftSize/6)} { // < is stored as \u003c
			if err := h.saveDraft("large", h.Mara.ID, more); err == nil || access.KindOf(err) != access.Invalid ||
				h.hasDraft("large", h.Mara.ID) {
				h.t.Errorf("a draft of %d bytes: %v", len(more), err)
			}
		}
		keys := []string{"newest", "large"}
		for i := range access.MaxDraftsPerTenant {
			keys = append(keys, fmt.Sprint(i), fmt.Sprint("other ", i))
		}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			for i := range access.MaxDraftsPerTenant {
				err := tx.AddDraft(ctx, access.FormDraft{Key: fmt.Sprint("other ", i), Tenant: h.Tenant.ID,
					Account: access.AccountID(fmt.Sprint(i)), Form: map[string][]string{"justification": {"a visit"}}})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err := h.saveDraft("newest", h.Omar.Account, "a visit"); err != nil {
			h.t.Fatal(err)
		}
		if drafts := h.storedDrafts(keys); drafts != access.MaxDraftsPerTenant {
			h.t.Errorf("%d drafts are stored", drafts)
		}
		if !h.hasDraft("newest", h.Omar.Account) || h.hasDraft("39", h.Mara.ID) {
			h.t.Error("not the oldest draft of the tenant went")
		}
	})
}

// TestReplacedDrafts: A wizard's draft is replaced by what was made from it, not by what
// was made from an older one, by another account, or after the wizard was finished.
func TestReplacedDrafts(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		replace := func(a access.AccountID, base, saved, finished string) access.ErrorKind {
			h.t.Helper()
			form := map[string][]string{"justification": {"x"}, access.FormSaved: {saved}}
			if finished != "" {
				form = map[string][]string{access.FormFinished: {finished}}
			}
			err := h.SignIns.ReplaceDraft(context.Background(), access.FormDraft{Key: "k", Tenant: h.Tenant.ID, Account: a,
				Form: form}, base)
			if err == nil {
				return 0
			}
			return access.KindOf(err)
		}
		for _, step := range []struct {
			name                  string
			account               access.AccountID
			base, saved, finished string
			want                  access.ErrorKind
		}{
			{"the first", h.Mara.ID, "", "1", "", 0},
			{"from none, which there is", h.Mara.ID, "", "2", "", access.Conflict},
			{"from the stored one", h.Mara.ID, "1", "2", "", 0},
			{"from an older one", h.Mara.ID, "1", "3", "", access.Conflict},
			{"of another account", h.Omar.Account, "2", "3", "", access.NotFound},
			{"finished by another account", h.Omar.Account, "2", "", "/x", access.NotFound},
			{"finished", h.Mara.ID, "2", "", "/x", 0},
			{"its address again", h.Mara.ID, "", "", "/y", 0},
			{"begun again", h.Mara.ID, "", "4", "", access.Conflict},
		} {
			if got := replace(step.account, step.base, step.saved, step.finished); got != step.want {
				h.t.Errorf("%s: kind %v, want %v", step.name, got, step.want)
			}
		}
		h.clock.Advance(access.FormDraftLifetime)
		if got := replace(h.Omar.Account, "", "5", ""); got != 0 {
			h.t.Errorf("after it has expired: kind %v", got)
		}
	})
}

// storedDrafts is how many of the drafts with the keys are stored.
func (h *harness) storedDrafts(keys []string) (n int) {
	h.t.Helper()
	for _, key := range keys {
		if _, err := h.Draft(context.Background(), key); err == nil {
			n++
		} else if access.KindOf(err) != access.NotFound {
			h.t.Fatal(err)
		}
	}
	return n
}
