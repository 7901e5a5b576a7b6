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
	if d.Size() > access.MaxDraftSize {
		return access.Invalidf("", "What you typed is too long to be kept.")
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if err := s.mayEnter(ctx, tx, d.Tenant, d.Account); err != nil {
			return err
		}
		if err := tx.DeleteOldestDrafts(ctx, d); err != nil {
			return err
		}
		return tx.AddDraft(ctx, d)
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
	if err == nil && (d.Account != a || !now.Before(d.Created.Add(access.FormDraftLifetime))) {
		return access.FormDraft{}, access.Missing()
	}
	return d, err
}
