package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// Setup creates the first administrator of a tenant, as there is no default one, and
// another one when none can sign in.
type Setup struct{ store *store.Store }

// Invite stores the hash of a one-time link: the person who signs in with it
// becomes a global administrator of the tenant. Earlier links expire.
// Conflict while there is a global administrator who can sign in: the link is
// also the way back for an organization whose administrators are all locked out.
func (s *Setup) Invite(ctx context.Context, t access.TenantID, key string) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if err := noAdministrator(ctx, tx.Reader, t, tx.Now); err != nil {
			return err
		}
		return tx.AddSetupLink(ctx, access.SetupLink{Key: key, Tenant: t})
	})
}

// Open returns NotFound for a link that is not valid for the tenant at the time now.
func (s *Setup) Open(ctx context.Context, key string, t access.TenantID, now time.Time) error {
	l, err := s.store.SetupLink(ctx, key)
	if err == nil && (l.Tenant != t || !l.Usable(now)) {
		err = access.Missing()
	}
	return err
}

// Claim uses a link: p, a member of the tenant, becomes a global administrator. It
// returns NotFound for a link that was used, has expired or belongs to another tenant.
func (s *Setup) Claim(ctx context.Context, key string, p access.Person) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		l, err := tx.SetupLink(ctx, key)
		if err != nil {
			return err
		}
		fresh, err := tx.Person(ctx, p.Tenant, p.ID)
		switch {
		case err != nil:
			return err
		case l.Tenant != p.Tenant || !l.Usable(tx.Now):
			return access.Missing()
		case fresh.Kind != access.Member || fresh.Disabled:
			return access.Refuse(access.Forbidden, "Only a member of the organization can become its administrator.")
		}
		if err := noAdministrator(ctx, tx.Reader, p.Tenant, tx.Now); err != nil {
			return err
		}
		if err := tx.UseSetupLink(ctx, key); err != nil {
			return err
		}
		return assignRole(ctx, &Editor{tx: tx, by: fresh}, access.RoleAssignment{Tenant: p.Tenant,
			Role:    access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}})
	})
}

// noAdministrator refuses a tenant that has a global administrator who can sign in.
func noAdministrator(ctx context.Context, r *store.Reader, t access.TenantID, now time.Time) error {
	found, err := lifecycle.HasAdministrator(ctx, r, t, now)
	if err == nil && found {
		err = access.Refuse(access.Conflict, "This organization already has a global administrator who can sign in.")
	}
	return err
}
