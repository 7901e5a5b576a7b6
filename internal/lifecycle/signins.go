package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SignIns keeps what signing in needs to be remembered, and makes people known
// to tenants.
type SignIns struct{ store *store.Store }

// SaveAttempt keeps an attempt until its answer comes.
func (s *SignIns) SaveAttempt(ctx context.Context, a access.SignInAttempt) error {
	return s.store.Write(ctx, func(tx *store.Tx) error { return tx.AddAttempt(ctx, a) })
}

// TakeAttempt returns the attempt with the key and the binding, once. NotFound if there
// is none, it was made by another browser, was taken before, or is past its life.
func (s *SignIns) TakeAttempt(ctx context.Context, key, binding string) (a access.SignInAttempt, err error) {
	old := false
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		a, err = tx.TakeAttempt(ctx, key, binding)
		old = !tx.Now.Before(a.Created.Add(access.SignInAttemptLifetime))
		return err
	})
	if err == nil && old {
		return access.SignInAttempt{}, access.Missing()
	}
	return a, err
}

// CompletedSignIn is a sign-in that a provider has confirmed.
type CompletedSignIn struct {
	Identity access.Identity
	Session  access.Session  // Key, SID and IDToken are set
	Tenant   access.TenantID // empty if it began at /
}

// Complete makes the account and the session of somebody who has signed in, and
// makes the person known to the tenant where that was wanted, if the tenant
// admits people of the directory. What tenants show of the person is brought up
// to date.
func (s *SignIns) Complete(ctx context.Context, done CompletedSignIn) (a access.Account, err error) {
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if a, err = upsertAccount(ctx, tx, done.Identity); err != nil {
			return err
		}
		done.Session.Account, done.Session.Directory = a.ID, a.Directory
		if err := tx.AddSession(ctx, done.Session); err != nil {
			return err
		}
		tenants, err := tenantsToJoin(ctx, tx, done, a)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			p, err := joinTenant(ctx, tx, t, a)
			if access.KindOf(err) == access.Forbidden {
				continue
			}
			if err == nil {
				err = tx.Audit(ctx, access.AuditRecord{Tenant: t, Actor: p.ID, Activity: access.ActSignIn, ObjectKind: "person",
					ObjectID: string(p.ID)})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

// tenantsToJoin are the tenants to which somebody who has signed in is made known: the
// one that the directory hosts, and the one that was wanted.
func tenantsToJoin(ctx context.Context, tx *store.Tx, done CompletedSignIn,
	a access.Account) ([]access.TenantID, error) {
	own, ok, err := tx.TenantOf(ctx, a.Directory)
	var all []access.TenantID
	if ok {
		all = append(all, own.ID)
	}
	if done.Tenant != "" && done.Tenant != own.ID {
		all = append(all, done.Tenant)
	}
	return all, err
}

// upsertAccount is the account of an identity, made or brought up to date. An
// address that the provider does not vouch for is not kept (I-5).
func upsertAccount(ctx context.Context, tx *store.Tx, id access.Identity) (access.Account, error) {
	a, ok, err := tx.AccountOf(ctx, id.Directory, id.Subject)
	if err != nil {
		return a, err
	}
	if !ok {
		a = access.Account{ID: access.AccountID(tx.NewID()), Directory: id.Directory, Subject: id.Subject}
	}
	fresh := a
	fresh.Name, fresh.Language = id.Name, id.Language
	if fresh.Name == "" {
		fresh.Name = id.Email
	}
	if fresh.Name == "" {
		fresh.Name = id.Subject
	}
	fresh.Email = ""
	if id.EmailTrusted {
		fresh.Email = id.Email
	}
	if fresh == a {
		return a, nil
	}
	return fresh, tx.SaveAccount(ctx, fresh)
}

// PersonFor is the person that the account is in the tenant. One whom the tenant
// has not seen yet is returned without an id, to be judged by; Submit makes such
// a person known. Forbidden if the tenant admits nobody of the account's
// directory.
func (s *SignIns) PersonFor(ctx context.Context, r *store.Reader, t access.Tenant,
	a access.Account) (access.Person, error) {
	p, ok, err := r.PersonOf(ctx, t.ID, a.ID)
	if ok || err != nil {
		return p, err
	}
	return newPerson(ctx, r, t.ID, a)
}

// PreviewPerson is the person whom the tenant would meet if somebody came with the
// address, whose domain is d. Nothing is kept. Forbidden if nobody of the domain
// can sign in here, or the tenant admits nobody of it.
func (s *SignIns) PreviewPerson(ctx context.Context, t access.TenantID, d access.Domain,
	address string) (access.Person, error) {
	dir, err := s.store.DirectoryByDomain(ctx, t, d)
	if access.KindOf(err) == access.NotFound || err == nil && dir.Kind == access.DirectoryPasscode {
		dir, err = passcodeDirectory(ctx, s.store.Reader, t, address)
	}
	switch {
	case access.KindOf(err) == access.NotFound || err == nil && !dir.Enabled:
		return access.Person{}, access.Refuse(access.Forbidden, "Nobody with an address of %s can sign in here.", string(d))
	case err != nil:
		return access.Person{}, err
	case dir.ID == "": // made at the first sign-in
		return access.Person{Tenant: t, Domain: d, Kind: access.External, Name: address, Email: address,
			Guest: access.GuestNone}, nil
	}
	return newPerson(ctx, s.store.Reader, t, access.Account{Directory: dir.ID, Name: address, Email: address})
}

// joinTenant is the person that the account is in the tenant, made known if it was
// not. Somebody known before the first sign-in is met by an address that the
// directory vouches for, which no other account has taken (F-009).
func joinTenant(ctx context.Context, tx *store.Tx, t access.TenantID, a access.Account) (access.Person, error) {
	p, ok, err := tx.PersonOf(ctx, t, a.ID)
	if err != nil {
		return p, err
	}
	if ok {
		return updateFromAccount(ctx, tx, p, a)
	}
	if p, ok, err = preregisteredPerson(ctx, tx, t, a); err != nil {
		return p, err
	}
	if ok {
		return updateFromAccount(ctx, tx, p, a)
	}
	if p, err = newPerson(ctx, tx.Reader, t, a); err != nil {
		return p, err
	}
	p.ID, p.Created = access.PersonID(tx.NewID()), tx.Now
	if err := tx.AddPerson(ctx, p); err != nil {
		return p, err
	}
	return p, tx.Audit(ctx, access.AuditRecord{Tenant: t, Actor: p.ID, Activity: access.ActCreate, ObjectKind: "person",
		ObjectID: string(p.ID), To: string(p.Kind)})
}

// preregisteredPerson finds the person without an account whom the tenant knows by the
// account's address, in the account's own directory. Two with one address are
// nobody: an administrator must say which is meant.
func preregisteredPerson(ctx context.Context, tx *store.Tx, t access.TenantID,
	a access.Account) (access.Person, bool, error) {
	if a.Email == "" {
		return access.Person{}, false, nil
	}
	people, err := tx.PeopleByEmail(ctx, t, a.Email)
	var found []access.Person
	for _, p := range people {
		if p.Account == "" && p.Directory == a.Directory {
			found = append(found, p)
		}
	}
	if err != nil || len(found) != 1 {
		return access.Person{}, false, err
	}
	return found[0], true, nil
}

// updateFromAccount brings what a tenant shows of a person up to date with the account, and
// ties the person to it. What it was before is kept in the audit log (security
// rule I-10).
func updateFromAccount(ctx context.Context, tx *store.Tx, p access.Person, a access.Account) (access.Person, error) {
	fresh := p
	if fresh.Account = a.ID; a.Name != a.Email || p.Name == "" { // a passcode tells no name
		fresh.Name = a.Name
	}
	if a.Email != "" {
		fresh.Email = a.Email
	}
	if d, ok := access.DomainOf(fresh.Email); ok && a.Email != "" {
		fresh.Domain = d
	}
	if fresh.Language == "" {
		fresh.Language = a.Language
	}
	if fresh.Account == p.Account && fresh.Name == p.Name && fresh.Email == p.Email && fresh.Domain == p.Domain &&
		fresh.Language == p.Language {
		return p, nil
	}
	if err := tx.UpdatePerson(ctx, fresh); err != nil || fresh.Name == p.Name && fresh.Email == p.Email {
		return fresh, err
	}
	return fresh, tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Actor: p.ID, Activity: access.ActUpdate,
		ObjectKind: "person",
		ObjectID:   string(p.ID), From: nameAndEmail(p), To: nameAndEmail(fresh)})
}

// nameAndEmail is how a person is written down in the audit log.
func nameAndEmail(p access.Person) string { return p.Name + " <" + p.Email + ">" }

// newPerson is the person that an account would be in a tenant that has not seen
// it: a member if the directory is the tenant's own, else somebody external, if
// the tenant lets people of the directory in.
func newPerson(ctx context.Context, r *store.Reader, t access.TenantID, a access.Account) (access.Person, error) {
	tenant, err := r.Tenant(ctx, t)
	if err != nil {
		return access.Person{}, err
	}
	dir, err := r.Directory(ctx, a.Directory)
	if err != nil {
		return access.Person{}, err
	}
	p := access.Person{Tenant: t, Account: a.ID, Directory: dir.ID, Kind: access.External, Name: a.Name, Email: a.Email,
		Language: a.Language, Guest: access.GuestNone}
	if d, ok := access.DomainOf(a.Email); ok && dir.HasDomain(d) {
		p.Domain = d
	} else if len(dir.Domains) > 0 {
		p.Domain = dir.Domains[0]
	}
	if dir.ID == tenant.Directory {
		p.Kind = access.Member
		return p, nil
	}
	admitted, err := r.AdmitsDirectory(ctx, t, dir)
	if err == nil && !admitted {
		err = access.Refuse(access.Forbidden, "%s does not work with people of %s here.", tenant.Name, dir.Name)
	}
	return p, err
}

// touchInterval is how old the note of a session's last use becomes before it is
// written again.
const touchInterval = 5 * time.Minute

// Session is the session with the key and its account, as r knows them; NotFound
// if there is none or it is past its life.
func (s *SignIns) Session(ctx context.Context, r *store.Reader, key string,
	now time.Time) (store.SessionWithAccount, error) {
	in, err := r.Session(ctx, key)
	if err == nil && !in.Session.Valid(now) {
		err = access.Missing()
	}
	if err != nil || now.Before(in.Session.LastSeen.Add(touchInterval)) {
		return in, err
	}
	return in, s.store.Write(ctx, func(tx *store.Tx) error { return tx.TouchSession(ctx, key) })
}

// EndSession signs out of a session; one that is gone is no error.
func (s *SignIns) EndSession(ctx context.Context, key string) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		in, err := tx.Session(ctx, key)
		if access.KindOf(err) == access.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if own, ok, err := tx.TenantOf(ctx, in.Session.Directory); err != nil {
			return err
		} else if ok {
			err := tx.Audit(ctx, access.AuditRecord{Tenant: own.ID, Activity: access.ActSignOut, ObjectKind: "account",
				ObjectID: string(in.Account.ID)})
			if err != nil {
				return err
			}
		}
		return tx.EndSession(ctx, key)
	})
}

// SaveDraft keeps what was typed into a form whose session had ended.
func (s *SignIns) SaveDraft(ctx context.Context, d access.FormDraft) error {
	return s.store.Write(ctx, func(tx *store.Tx) error { return tx.AddDraft(ctx, d) })
}

// Draft is what was typed, for the account that typed it; where the account was
// not known any more, for whoever has the link.
func (s *SignIns) Draft(ctx context.Context, key string, a access.AccountID, now time.Time) (access.FormDraft, error) {
	d, err := s.store.Draft(ctx, key)
	if err == nil && (d.Account != "" && d.Account != a || !now.Before(d.Created.Add(access.FormDraftLifetime))) {
		return access.FormDraft{}, access.Missing()
	}
	return d, err
}
