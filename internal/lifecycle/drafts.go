package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SaveDraft keeps the input of a form whose session had ended. The account's oldest
// drafts, and the tenant's, are deleted if there are more than access.FormDraft allows.
//
// Errors: Invalid for a draft that is too large, Forbidden for an account that may not
// enter the tenant: its person is disabled, its directory is, or the tenant does not
// admit the directory.
func (s *SignIns) SaveDraft(ctx context.Context, d access.FormDraft) error {
	return s.saveDraft(ctx, d, func(context.Context, *store.Tx) error { return nil })
}

// ReplaceDraft is SaveDraft for a wizard that goes on: it replaces the draft with the same
// key, if there is one. base is as for access.FormDraft.CanReplace, which it asks.
func (s *SignIns) ReplaceDraft(ctx context.Context, d access.FormDraft, base string) error {
	return s.saveDraft(ctx, d, func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.Draft(ctx, d.Key)
		switch {
		case err == nil:
			err = d.CanReplace(old, base, tx.Now)
		case access.KindOf(err) == access.NotFound:
			err = nil
		}
		return err
	})
}

// saveDraft saves the draft if check allows it.
func (s *SignIns) saveDraft(ctx context.Context, d access.FormDraft,
	check func(context.Context, *store.Tx) error) error {
	if d.Size() > access.MaxDraftSize {
		return access.Invalidf("", "What you entered is too long to save.")
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if err := s.mayEnter(ctx, tx, d.Tenant, d.Account); err != nil {
			return err
		}
		if err := check(ctx, tx); err != nil {
			return err
		}
		return tx.SaveDraft(ctx, d)
	})
}

// mayEnter refuses an account whose person could not use a page of the tenant after
// signing in.
func (s *SignIns) mayEnter(ctx context.Context, tx *store.Tx, t access.TenantID, id access.AccountID) error {
	a, err := tx.Account(ctx, id)
	if err != nil {
		return err
	}
	tenant, err := tx.Tenant(ctx, t)
	if err != nil {
		return err
	}
	dir, err := tx.Directory(ctx, a.Directory)
	if err != nil {
		return err
	}
	p, err := s.PersonFor(ctx, tx.Reader, tenant, a)
	if err == nil && (p.Disabled || !dir.Enabled) {
		err = access.Refuse(access.Forbidden, "This account has been disabled by an administrator.")
	}
	return err
}

// Draft returns the input for the account that entered it. NotFound for another
// account, or if it has expired.
func (s *SignIns) Draft(ctx context.Context, key string, a access.AccountID, now time.Time) (access.FormDraft, error) {
	d, err := s.store.Draft(ctx, key)
	if err == nil && (d.Account != a || d.HasExpired(now)) {
		return access.FormDraft{}, access.Missing()
	}
	return d, err
}
