package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// SignIns keeps attempts, sessions and drafts, and adds people to tenants when
// they sign in.
type SignIns struct {
	store    *store.Store
	log      *slog.Logger
	touching sync.Map // keys of the sessions that are being touched
	// ended has the keys of sessions whose end could not be stored yet. They are
	// refused meanwhile.
	ended  sync.Map
	failed failedSignIns
}

// SaveAttempt keeps an attempt until the provider answers.
func (s *SignIns) SaveAttempt(ctx context.Context, a access.SignInAttempt) error {
	return s.store.Write(ctx, func(tx *store.Tx) error { return tx.AddAttempt(ctx, a) })
}

// TakeAttempt returns the attempt with the key and the binding, once. NotFound
// if there is none, another browser made it, it was taken before, or it has
// expired.
func (s *SignIns) TakeAttempt(ctx context.Context, key, binding string) (access.SignInAttempt, error) {
	var attempt access.SignInAttempt
	var expired bool
	// A stranger can send any state, which must not keep the database from writing.
	if ok, err := s.store.HasAttempt(ctx, key, binding); err != nil || !ok {
		return attempt, cmp.Or(err, error(access.Missing()))
	}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		var err error
		attempt, err = tx.TakeAttempt(ctx, key, binding)
		expired = !tx.Now.Before(attempt.Created.Add(access.SignInAttemptLifetime))
		return err
	})
	if err == nil && expired {
		err = access.Missing()
	}
	if err != nil {
		return access.SignInAttempt{}, err
	}
	return attempt, nil
}

// CompletedSignIn is a sign-in that a provider or a passcode has confirmed.
type CompletedSignIn struct {
	Identity access.Identity
	Session  access.Session  // Key, SID and IDToken are set
	Tenant   access.TenantID // empty for a sign-in at /
	// Replaces is the key of the browser's session until now, which ends; empty if it
	// had none.
	Replaces string
}

// Complete adds or updates the account, adds the session, and adds the person
// to the tenant of the sign-in, if the tenant admits the directory; if it does not, that is
// logged and stored. What tenants store about the person is updated.
func (s *SignIns) Complete(ctx context.Context, done CompletedSignIn) (access.Account, error) {
	var account access.Account
	var refused []access.SignInFailure
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		err := endSession(ctx, tx, done.Replaces)
		if err != nil {
			return err
		}
		if err := checkNotConverted(ctx, tx, done.Identity); err != nil {
			return err
		}
		if account, err = upsertAccount(ctx, tx, done.Identity); err != nil {
			return err
		}
		session := done.Session
		session.Account, session.Directory = account.ID, account.Directory
		if err := tx.AddSession(ctx, session); err != nil {
			return err
		}
		tenants, err := tenantsToJoin(ctx, tx, done, account)
		if err != nil {
			return err
		}
		carried, err := claimCarryOvers(ctx, tx, done.Identity, account)
		if err != nil {
			return err
		}
		for _, t := range carried {
			if !slices.Contains(tenants, t) {
				tenants = append(tenants, t)
			}
		}
		for _, t := range tenants {
			refusal, err := signInTo(ctx, tx, t, account)
			if err != nil {
				return err
			}
			if refusal != nil && (t == done.Tenant || done.Tenant == "") {
				refused = append(refused, access.SignInFailure{Directory: account.Directory, Tenant: t,
					Reason: access.FailedAdmission, Reference: session.Reference(), Account: accountText(account),
					Detail: refusal.Error(), At: tx.Now})
			}
		}
		return addRefused(ctx, tx, refused)
	})
	if err != nil {
		return access.Account{}, err
	}
	for _, f := range refused {
		s.log.Warn("sign-in failed", "reference", f.Reference, "directory", f.Directory, "tenant", f.Tenant, "reason",
			f.Reason, "account", f.Account, "detail", f.Detail)
	}
	return account, nil
}

// accountText names an account for administrators.
func accountText(a access.Account) string {
	if a.Email == "" || a.Email == a.Name {
		return a.Name
	}
	return a.Name + " (" + mailaddr.Show(a.Email) + ")"
}

// addRefused stores sign-ins that were refused after the provider had confirmed them.
func addRefused(ctx context.Context, tx *store.Tx, refused []access.SignInFailure) error {
	for _, f := range refused {
		err := tx.AddSignInFailures(ctx, store.SignInFailures{N: 1, Last: []access.SignInFailure{f},
			SignInFailureKey: store.SignInFailureKey{Directory: f.Directory, Tenant: f.Tenant, Reason: f.Reason}})
		if err != nil {
			return err
		}
	}
	return nil
}

// signInTo adds the person of the account to the tenant and records the
// sign-in. It returns why the person cannot come in, which is no error: the tenant does not
// admit the account's directory, the person has no way in, an administrator has to confirm
// who the person is, or has disabled them.
func signInTo(ctx context.Context, tx *store.Tx, t access.TenantID, a access.Account) (refusal, err error) {
	p, err := joinTenant(ctx, tx, t, a)
	if err == nil {
		err = checkAdmitted(ctx, tx.Reader, p, a)
	}
	if errors.Is(err, ErrUnproven) { // the next page asks for the proof
		return nil, nil
	}
	if access.KindOf(err) == access.Forbidden {
		return err, nil
	}
	if err != nil {
		return nil, err
	}
	if p.Disabled {
		refusal = tx.CheckWayIn(ctx, p)
	}
	return refusal, recordSignIn(ctx, tx, p)
}

// recordSignIn records that the person has signed in to the tenant.
func recordSignIn(ctx context.Context, tx *store.Tx, p access.Person) error {
	return tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Actor: p.ID, Activity: access.ActSignIn,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID)})
}

// checkNotConverted refuses a sign-in with a passcode that was entered before a provider got
// the domain.
func checkNotConverted(ctx context.Context, tx *store.Tx, id access.Identity) error {
	dir, err := tx.Directory(ctx, id.Directory)
	if err == nil && dir.Successor != "" {
		err = access.Refuse(access.Conflict, "People of %s sign in at their own provider now. Enter your address again.",
			string(dir.FormerDomain))
	}
	return err
}

// tenantsToJoin returns the tenants that a person is added to when signing in:
// the one that the directory hosts, and the one of the sign-in.
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

// upsertAccount returns the account of an identity, added or updated. An
// address that the provider does not say is verified is stored for display only (I-5).
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
	fresh.EmailTrusted, fresh.EmailProblem, fresh.SentEmail = id.EmailTrusted, id.EmailProblem, id.SentEmail
	fresh.Belonging, fresh.GuestReason = id.Belonging, id.GuestReason
	if fresh == a {
		return a, nil
	}
	return fresh, tx.SaveAccount(ctx, fresh)
}

// PersonFor returns the person of the account in the tenant. A person who is
// new to the tenant is returned without an id, for rules to be applied to;
// Submit adds such a person. Forbidden if the person has no way into the tenant now
// (access.Admission), or an administrator has to confirm who the person is; whether they
// are disabled is not checked.
func (s *SignIns) PersonFor(ctx context.Context, r *store.Reader, t access.Tenant,
	a access.Account) (access.Person, error) {
	p, ok, err := r.PersonOf(ctx, t.ID, a.ID)
	if err == nil && !ok {
		err = s.checkCarryOver(ctx, r, t.ID, a)
	}
	if err == nil && !ok {
		if _, _, err = preregisteredPerson(ctx, r, t.ID, a); err == nil {
			p, err = newPerson(ctx, r, t.ID, a)
		}
	}
	if err == nil {
		err = checkAdmitted(ctx, r, p, a)
	}
	if err != nil {
		return access.Person{}, err
	}
	return p, nil
}

// checkCarryOver refuses an account, with ErrUnproven, to which somebody is to be carried
// over: the next sign-in does so, or the code.
func (s *SignIns) checkCarryOver(ctx context.Context, r *store.Reader, t access.TenantID, a access.Account) error {
	c, ok, err := findCarryOver(ctx, r, t, a)
	if err != nil || !ok || c.Back {
		return err
	}
	c.Trusted = false
	return checkProven(c)
}

// checkAdmitted refuses a person who has no way into the tenant now by the account: it
// may be that of somebody who was merged into the person, at another directory, and one of
// a passcode directory whose domain a provider has now.
func checkAdmitted(ctx context.Context, r *store.Reader, p access.Person, a access.Account) error {
	if a.Directory != p.Directory {
		p.Directory, p.Domain = a.Directory, ""
		if d, ok := mailaddr.DomainOf(a.Email); ok {
			p.Domain = d
		}
	}
	admission, err := r.Admission(ctx, p.Tenant, p.Directory)
	if err != nil {
		return err
	}
	return admission.CheckPerson(p)
}

// PreviewPerson returns the person that the tenant would add if a person
// signed in with the address, whose domain is d. Nothing is stored. Forbidden
// if the domain cannot sign in here, or the tenant does not admit it.
func (s *SignIns) PreviewPerson(ctx context.Context, t access.TenantID, d access.Domain,
	address string) (access.Person, error) {
	dir, err := s.store.DirectoryByDomain(ctx, t, d)
	if access.KindOf(err) == access.NotFound || err == nil && dir.Kind == access.DirectoryPasscode {
		dir, err = passcodeDirectory(ctx, s.store.Reader, t, address)
	}
	switch {
	case access.KindOf(err) == access.NotFound || err == nil && !dir.Enabled:
		return access.Person{}, access.Refuse(access.Forbidden, "People with an address at %s can't sign in here.", string(d))
	case err != nil:
		return access.Person{}, err
	case dir.ID == "": // added at the first sign-in
		return access.Person{Tenant: t, Domain: d, Kind: access.External, Name: address, Email: address,
			Guest: access.GuestNone}, nil
	}
	return newPerson(ctx, s.store.Reader, t, access.Account{Directory: dir.ID, Name: address, Email: address})
}

// touchInterval is the minimum time between two updates of when a session was
// last used; it is a tenth of a tenant's own limit without use if that is shorter, so
// that a session in use ends at most that much too early. A page waits touchWait for
// the update, which is given up after touchTimeout.
const (
	touchInterval = 5 * time.Minute
	touchWait     = 250 * time.Millisecond
	touchTimeout  = 30 * time.Second
)

// Session returns the session with the key and its account, as r reads them.
// NotFound if there is none or it has expired by the limits of the installation. A
// tenant may have shorter ones (access.Settings.AcceptsSession).
func (s *SignIns) Session(ctx context.Context, r *store.Reader, key string,
	now time.Time) (store.SessionWithAccount, error) {
	if _, ended := s.ended.Load(key); ended {
		return store.SessionWithAccount{}, access.Missing()
	}
	in, err := r.Session(ctx, key)
	if err == nil && !in.Session.Valid(now) {
		err = access.Missing()
	}
	return in, err
}

// Touch stores that the session is used at now, on a page of a tenant with the
// settings. It is called when nothing else refuses the page's reader. A session
// that is over by the tenant's limits is not touched, or the next page would accept
// it.
//
// A session has one last use for all tenants: where it is used does not matter for
// when it ends in the others.
//
// An update that fails is logged and is no error: pages are served while the disk
// is full or the database is busy.
func (s *SignIns) Touch(ctx context.Context, in access.Session, settings access.Settings, now time.Time) {
	interval := touchInterval
	if settings.SessionIdle > 0 {
		interval = min(interval, settings.SessionIdle/10)
	}
	if settings.AcceptsSession(in, now) && !now.Before(in.LastSeen.Add(interval)) {
		s.touch(ctx, in.Key)
	}
}

// touch updates when the session was last used. It returns when that is done, or
// after touchWait.
func (s *SignIns) touch(ctx context.Context, key string) {
	if _, already := s.touching.LoadOrStore(key, true); already {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.touching.Delete(key)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), touchTimeout)
		defer cancel()
		err := recoverPanic(func() error {
			return s.store.Write(ctx, func(tx *store.Tx) error { return tx.TouchSession(ctx, key) })
		})
		if err != nil && !store.IsStorageError(err) {
			s.log.Warn("last use of a session not stored", "error", err)
		}
	}()
	wait := time.NewTimer(touchWait)
	defer wait.Stop()
	select {
	case <-done:
	case <-wait.C:
	}
}

// EndSession signs out of a session. A session that does not exist is no
// error. If the end cannot be stored, the session is refused by this portal from now
// on, and EndSessions stores its end later.
func (s *SignIns) EndSession(ctx context.Context, key string) error {
	err := s.store.Write(ctx, func(tx *store.Tx) error { return endSession(ctx, tx, key) })
	if err != nil {
		s.ended.Store(key, true)
	}
	return err
}

// EndSessions stores the ends of sessions that EndSession could not store, and returns
// how many it stored.
func (s *SignIns) EndSessions(ctx context.Context) (n int, err error) {
	s.ended.Range(func(key, _ any) bool {
		k, _ := key.(string)
		if err = s.store.Write(ctx, func(tx *store.Tx) error { return endSession(ctx, tx, k) }); err != nil {
			return false
		}
		s.ended.Delete(key)
		n++
		return true
	})
	return n, err
}

// endSession ends the session with the key, if there is one.
func endSession(ctx context.Context, tx *store.Tx, key string) error {
	if key == "" {
		return nil
	}
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
		err := tx.Audit(ctx, access.AuditRecord{Tenant: own.ID, Activity: access.ActSignOut,
			ObjectKind: access.ObjectAccount, ObjectID: string(in.Account.ID)})
		if err != nil {
			return err
		}
	}
	return tx.EndSession(ctx, key)
}
