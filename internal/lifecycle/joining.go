package lifecycle

import (
	"context"
	"slices"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// joinTenant returns the person of the account in the tenant and adds a new
// one if there is none. A preregistered person is matched by an address that
// is trusted and no other account has taken (F-009); administrators are notified
// of it. Forbidden, with a mail to administrators, if they have to confirm the match.
func joinTenant(ctx context.Context, tx *store.Tx, t access.TenantID, a access.Account) (access.Person, error) {
	p, ok, err := tx.PersonOf(ctx, t, a.ID)
	if err != nil {
		return p, err
	}
	if ok {
		return updateFromAccount(ctx, tx, p, a)
	}
	return addPersonOf(ctx, tx, t, a)
}

// addPersonOf is joinTenant for an account that is of no person in the tenant.
//
// A person who signed in with passcodes is carried over; ErrUnproven if a code has to prove
// that the address is theirs.
func addPersonOf(ctx context.Context, tx *store.Tx, t access.TenantID, a access.Account) (access.Person, error) {
	c, carried, err := findCarryOver(ctx, tx.Reader, t, a)
	if err == nil && carried {
		err = checkProven(c)
	}
	switch {
	case err != nil:
		return access.Person{}, err
	case carried && c.Back:
		return carryOver(ctx, tx, c, carriedBack)
	case carried:
		return carryOver(ctx, tx, c, carriedByProvider)
	}
	p, ok, err := preregisteredPerson(ctx, tx.Reader, t, a)
	if access.KindOf(err) == access.Forbidden {
		if failed := askForSubject(ctx, tx, p, a); failed != nil {
			return access.Person{}, failed
		}
	}
	if err != nil {
		return access.Person{}, err
	}
	if ok {
		if err := recordMatch(ctx, tx, p, a); err != nil {
			return p, err
		}
		return updateFromAccount(ctx, tx, p, a)
	}
	return addNewPerson(ctx, tx, t, a)
}

// addNewPerson adds the person of an account that is of no person in the tenant.
func addNewPerson(ctx context.Context, tx *store.Tx, t access.TenantID, a access.Account) (access.Person, error) {
	p, err := newPerson(ctx, tx.Reader, t, a)
	if err != nil {
		return p, err
	}
	isGuest := p.Kind == access.Guest
	if isGuest { // becomeGuest sets the state of the guest
		p.Guest = access.GuestNone
	}
	p.ID, p.Created = access.PersonID(tx.NewID()), tx.Now
	if err := tx.AddPerson(ctx, p); err != nil {
		return p, err
	}
	err = tx.Audit(ctx, access.AuditRecord{Tenant: t, Actor: p.ID, Activity: access.ActCreate,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), To: string(p.Kind), Reason: notMemberReason(a)})
	if err != nil || !isGuest {
		return p, err
	}
	return becomeGuest(ctx, tx, p, a)
}

// preregisteredPerson finds the person without an account who has the
// account's address and directory. If several people have the address none is
// returned: an administrator has to decide. So it is, with Forbidden and the person, if
// the person has administrative roles: only the subject identifies such a person,
// except where the address is the subject.
func preregisteredPerson(ctx context.Context, r *store.Reader, t access.TenantID,
	a access.Account) (access.Person, bool, error) {
	if a.Email == "" || !a.EmailTrusted {
		return access.Person{}, false, nil
	}
	people, err := r.PeopleByEmail(ctx, t, a.Email)
	var found []access.Person
	for _, p := range people {
		if p.Account == "" && p.Directory == a.Directory {
			found = append(found, p)
		}
	}
	if err != nil || len(found) != 1 {
		return access.Person{}, false, err
	}
	p := found[0]
	dir, err := r.Directory(ctx, a.Directory)
	if d, ok := mailaddr.DomainOf(a.Email); err != nil || !ok || !dir.HasDomain(d) {
		return access.Person{}, false, err // the domain was removed since the sign-in
	}
	if dir.Kind == access.DirectoryPasscode {
		return p, true, nil
	}
	rights, err := r.AdministrativeRoles(ctx, p)
	if err != nil || !rights.HasAny() {
		return p, err == nil, err
	}
	return p, false, access.Refuse(access.Forbidden, "An administrator has to confirm your account first: “%s” was added "+
		"with your address and has administrative roles.", p.Name)
}

// recordMatch records that a preregistered person is linked to an account by the
// address, and notifies global administrators (M-38).
func recordMatch(ctx context.Context, tx *store.Tx, p access.Person, a access.Account) error {
	err := tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Actor: p.ID, Activity: access.ActMatchPerson,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), From: p.Email, To: a.Subject})
	if err != nil {
		return err
	}
	return noticeOf(ctx, tx, mail.PersonMatched, p, a)
}

// askForSubject notifies global administrators, once for an account, that they have
// to enter the subject of a preregistered person who has administrative roles (M-39).
func askForSubject(ctx context.Context, tx *store.Tx, p access.Person, a access.Account) error {
	log, err := tx.AuditOf(ctx, p.Tenant, string(p.ID))
	if err != nil {
		return err
	}
	for _, one := range log {
		if one.Activity == access.ActHoldPerson && one.To == a.Subject {
			return nil
		}
	}
	err = tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Activity: access.ActHoldPerson,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), From: a.Email, To: a.Subject})
	if err != nil {
		return err
	}
	return noticeOf(ctx, tx, mail.SubjectNeeded, p, a)
}

// noticeOf queues a mail about a person and an account to global administrators.
func noticeOf(ctx context.Context, tx *store.Tx, kind mail.Kind, p access.Person, a access.Account) error {
	dir, err := tx.Directory(ctx, a.Directory)
	if err != nil {
		return err
	}
	return notifyAdministrators(ctx, tx, p.Tenant, kind, mail.Notice{PersonID: p.ID, Name: p.Name,
		Address: mailaddr.Show(p.Email), Provider: dir.Name, Subject: a.Subject, Reason: a.GuestReason})
}

// updateFromAccount copies the account's name, address and language to the
// person, links the person to the account, and sets whether the person is a member.
// The previous values are kept in the audit log (security rule I-10).
func updateFromAccount(ctx context.Context, tx *store.Tx, p access.Person, a access.Account) (access.Person, error) {
	fresh := p
	if p.Account == "" { // the account may be that of someone who was merged into p
		fresh.Account = a.ID
	}
	if a.Name != a.Email || p.Name == "" { // a passcode carries no name
		fresh.Name = a.Name
	}
	if a.Email != "" {
		fresh.Email = a.Email
	}
	var err error
	if fresh.Domain, err = domainAfterSignIn(ctx, tx, p, a.Email); err != nil {
		return p, err
	}
	if fresh.Language == "" {
		fresh.Language = a.Language
	}
	if fresh.Account != p.Account || fresh.Name != p.Name || fresh.Email != p.Email || fresh.Domain != p.Domain ||
		fresh.Language != p.Language {
		if err := tx.UpdatePerson(ctx, fresh); err != nil {
			return fresh, err
		}
	}
	if fresh.Name != p.Name || fresh.Email != p.Email {
		err := tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Actor: p.ID, Activity: access.ActUpdate,
			ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), From: nameAndEmail(p), To: nameAndEmail(fresh)})
		if err != nil {
			return fresh, err
		}
	}
	return SetMembership(ctx, tx, fresh, a)
}

// domainAfterSignIn returns the domain of a person who has signed in with the address: that
// of the address, if it is a verified domain of the directory. Otherwise it is kept, even
// if it is no longer one: the person of a domain that was removed does not come in by
// another one. Only a person whose domain was never that of the address gets one anew.
func domainAfterSignIn(ctx context.Context, tx *store.Tx, p access.Person, address string) (access.Domain, error) {
	d, ok := mailaddr.DomainOf(address)
	if ok && d == p.Domain {
		return d, nil
	}
	dir, err := tx.Admission(ctx, p.Tenant, p.Directory)
	if err != nil {
		return p.Domain, err
	}
	if ok && slices.Contains(dir.Domains, d) {
		return d, nil
	}
	before, ok := mailaddr.DomainOf(p.Email)
	if len(dir.Domains) > 0 && !slices.Contains(dir.Domains, p.Domain) && (!ok || before != p.Domain) {
		return dir.Domains[0], nil
	}
	return p.Domain, nil
}

// nameAndEmail returns a person's name and address for the audit log.
func nameAndEmail(p access.Person) string {
	if p.Email == "" {
		return p.Name
	}
	return p.Name + " <" + p.Email + ">"
}

// Why a person of the tenant's own directory is a guest or a member, in the history of
// guests. becomeGuest compares them with stored ones: if one is worded anew, it must know
// the former words too.
const (
	guestOfProvider  access.Message = "The provider says that this person is a guest."
	addressElsewhere access.Message = "The mail address is in none of the directory's domains."
	becameMember     access.Message = "The provider no longer says that this person is a guest."
)

// membershipReason is the reason by which the account is no member's; empty if it is.
func membershipReason(a access.Account) access.Message {
	return map[access.Belonging]access.Message{access.GuestOfProvider: guestOfProvider,
		access.AddressElsewhere: addressElsewhere}[a.Belonging]
}

// notMemberReason is membershipReason with the claim that says so, for the audit log.
func notMemberReason(a access.Account) string {
	return strings.TrimSpace(string(membershipReason(a)) + " " + a.GuestReason)
}

// SetMembership makes a person of the tenant's own directory a member or a guest by
// what the provider said at the last sign-in. Policies for members stop or begin to
// apply at once; what the person holds stays until it ends or is removed.
//
// An account of another directory, of someone who was merged into the person, says
// nothing about it.
func SetMembership(ctx context.Context, tx *store.Tx, p access.Person, a access.Account) (access.Person, error) {
	tenant, err := tx.Tenant(ctx, p.Tenant)
	if err != nil || tenant.Directory != p.Directory || a.Directory != p.Directory ||
		(a.Belonging == access.Belongs) == (p.Kind == access.Member) {
		return p, err
	}
	was, reason := p.Kind, notMemberReason(a)
	if a.Belonging == access.Belongs {
		reason = string(becameMember)
		p, err = becomeMember(ctx, tx, p)
	} else {
		p, err = becomeGuest(ctx, tx, p, a)
	}
	if err != nil {
		return p, err
	}
	return p, tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Actor: p.ID, Activity: access.ActUpdate,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), From: string(was), To: string(p.Kind), Reason: reason})
}

// becomeGuest makes a person of the tenant's own directory a guest. The guest has an
// account there already, and no access package brought it, so that it is never removed
// (F-196). Global administrators are notified of each person once (M-40).
func becomeGuest(ctx context.Context, tx *store.Tx, p access.Person, a access.Account) (access.Person, error) {
	steps, err := tx.GuestHistory(ctx, p)
	if err != nil {
		return p, err
	}
	told := slices.ContainsFunc(steps, func(s store.GuestStep) bool {
		return s.Reason == guestOfProvider || s.Reason == addressElsewhere
	})
	p.Kind, p.Governed = access.Guest, false
	if err := tx.MoveGuest(ctx, p, access.GuestActive, membershipReason(a)); err != nil {
		return p, err
	}
	if p.Guest = access.GuestActive; told {
		return p, nil
	}
	return p, noticeOf(ctx, tx, mail.NotMember, p, a)
}

// becomeMember makes a guest of the tenant's own directory a member.
func becomeMember(ctx context.Context, tx *store.Tx, p access.Person) (access.Person, error) {
	p.Kind, p.Governed, p.RemovalDue, p.InvitedBy = access.Member, false, time.Time{}, ""
	if p.Guest == access.GuestNone {
		return p, tx.UpdatePerson(ctx, p)
	}
	err := tx.MoveGuest(ctx, p, access.GuestNone, becameMember)
	p.Guest = access.GuestNone
	return p, err
}

// newPerson returns the person that an account would be in a tenant: a member
// if the directory is the tenant's own and the person belongs to it, a guest if not,
// and external in any other directory. Forbidden if the tenant does not admit the
// directory.
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
	if d, ok := mailaddr.DomainOf(a.Email); ok && dir.HasDomain(d) {
		p.Domain = d
	} else if len(dir.Domains) > 0 {
		p.Domain = dir.Domains[0]
	}
	if dir.ID == tenant.Directory {
		if p.Kind = access.Member; a.Belonging != access.Belongs {
			p.Kind, p.Guest = access.Guest, access.GuestActive
		}
		return p, nil
	}
	admitted, err := r.AdmitsDirectory(ctx, t, dir)
	if err == nil && !admitted {
		err = access.Refuse(access.Forbidden, "People of %[2]s can't sign in to %[1]s.", tenant.Name, dir.Name)
	}
	return p, err
}
