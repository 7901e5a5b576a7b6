package admin_test

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
	"myaccess/internal/store/storetest"
)

// errUndo rolls back a transaction that has worked.
var errUndo = errors.New("undo")

// lockout is a tenant whose global administrators are Lena, who belongs to it, and Noor,
// whom only a policy admits.
type lockout struct {
	*ruleFixture
	noor access.Person
	o    access.Offer
}

func newLockout(r *ruleFixture, p access.Policy) lockout {
	p.Name, p.Terms = "Way in", access.Terms{ShowApprovers: access.Inherit,
		Expiration: access.Expiration{Kind: access.NoExpiration}, Stages: []access.Stage{storetest.Named(r.Omar)}}
	l := lockout{r, access.Person{}, r.Package("Door", p)}
	r.Do(func(ctx context.Context, tx *store.Tx) error {
		a := access.Account{ID: access.AccountID(tx.NewID()), Directory: r.Other.ID, Subject: "noor", Name: "Noor",
			Email: "noor@elsewhere.example"}
		l.noor = access.Person{ID: access.PersonID(tx.NewID()), Tenant: r.Tenant.ID, Account: a.ID, Directory: a.Directory,
			Domain: "elsewhere.example", Kind: access.External, Name: a.Name, Email: a.Email, Guest: access.GuestNone}
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		if err := tx.AddPerson(ctx, l.noor); err != nil {
			return err
		}
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: r.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: person(l.noor)})
	})
	return l
}

// keeps expects that each change is refused if it leaves no administrator who can sign
// in, and allowed while Lena is one too.
func (l lockout) keeps(ways map[string]func(*admin.Editor) error) {
	ctx := l.t.Context()
	for what, change := range ways {
		act := func(lenaStays bool) error {
			_, err := l.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
				in, err := ed.In(l.Tenant.ID)
				if err != nil {
					return err
				}
				if !lenaStays {
					if err := in.RemoveRole(ctx, roleOf(l.Lena, access.GlobalAdministrator)); err != nil {
						l.t.Errorf("%s: Noor can sign in: %v", what, err)
					}
				}
				return change(in)
			})
			return err
		}
		if err := act(true); err != nil {
			l.t.Errorf("%s, while there is another: %v", what, err)
		}
		if err := act(false); err == nil || access.KindOf(err) != access.Conflict ||
			!strings.Contains(err.Error(), "This is the last global administrator") {
			l.t.Errorf("%s: %v", what, err)
		}
	}
}

// changed saves the policy after a change.
func (l lockout) changed(f func(*access.Policy)) func(*admin.Editor) error {
	return func(ed *admin.Editor) error {
		p, err := ed.Reader().Policy(l.t.Context(), l.Tenant.ID, l.o.Policies[0].ID)
		if err != nil {
			return err
		}
		f(&p)
		_, err = ed.SavePolicy(l.t.Context(), p)
		return err
	}
}

// policyWays are the changes of a policy that it admits nobody by any more.
func (l lockout) policyWays() map[string]func(*admin.Editor) error {
	ctx := l.t.Context()
	return map[string]func(*admin.Editor) error{
		"another scope":   l.changed(func(p *access.Policy) { p.Scope, p.Targets = access.ScopeMembers, nil }),
		"policy deleted":  func(ed *admin.Editor) error { return ed.DeletePolicy(ctx, l.o.Policies[0].ID) },
		"package deleted": func(ed *admin.Editor) error { return ed.DeletePackage(ctx, l.o.Package.ID) },
	}
}

// TestLastAdministratorAdmittedByPolicy: people of an organization that is not connected,
// or only proposed, come in by a policy. It, its package and its catalog are not changed
// so that the last global administrator can't sign in (W-27).
func TestLastAdministratorAdmittedByPolicy(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		l := newLockout(r, access.Policy{Scope: access.ScopeAnyone})
		ways := l.policyWays()
		ways["policy disabled"] = func(ed *admin.Editor) error { return ed.EnablePolicy(ctx, l.o.Policies[0].ID, false) }
		catalog := func(f func(*access.Catalog)) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				c, err := ed.Reader().Catalog(ctx, r.Tenant.ID, r.Catalog.ID)
				if err != nil {
					return err
				}
				f(&c)
				_, err = ed.SaveCatalog(ctx, c)
				return err
			}
		}
		ways["catalog not enabled"] = catalog(func(c *access.Catalog) { c.Published = false })
		ways["catalog closed to people from outside"] = catalog(func(c *access.Catalog) { c.External = false })
		l.keeps(ways)
	})
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		proposed := access.Organization{ID: "proposed", Tenant: r.Tenant.ID, Name: "Elsewhere", Description: "x",
			State: access.Proposed, Directories: []access.DirectoryID{r.Other.ID}}
		r.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveOrganization(ctx, proposed) })
		l := newLockout(r, access.Policy{Scope: access.ScopeSpecificOrgs, Targets: []access.SubjectRef{
			{Kind: access.SubjectOrganization, ID: string(proposed.ID)}}})
		ways := l.policyWays()
		ways["another organization"] = l.changed(func(p *access.Policy) {
			p.Targets = []access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(r.Partner.ID)}}
		})
		ways["organization deleted"] = func(ed *admin.Editor) error {
			o, err := ed.Reader().Organization(ctx, r.Tenant.ID, proposed.ID)
			if err != nil {
				return err
			}
			return ed.DeleteOrganization(ctx, o.ID, o.Version)
		}
		ways["source removed"] = func(ed *admin.Editor) error {
			o, err := ed.Reader().Organization(ctx, r.Tenant.ID, proposed.ID)
			if err != nil {
				return err
			}
			o.Directories = nil
			_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o, New: []access.Directory{
				provider("Loch", "loch.example")}})
			return err
		}
		l.keeps(ways)
	})
}

// TestLastAdministratorIsNotBlockedByFile: a file that says of the last global
// administrator, from outside, that the guest account is blocked or removed is refused.
func TestLastAdministratorIsNotBlockedByFile(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		l, ways := newLockout(r, access.Policy{Scope: access.ScopeAnyone}), map[string]func(*admin.Editor) error{}
		for _, state := range []access.GuestState{access.GuestBlocked, access.GuestRemoved} {
			ways["guest "+string(state)] = func(ed *admin.Editor) error {
				p, err := ed.Reader().Person(ctx, r.Tenant.ID, l.noor.ID)
				if err != nil {
					return err
				}
				_, err = ed.SaveKnownPerson(ctx, admin.KnownPerson{Person: p, Guest: true, State: state})
				return err
			}
		}
		ways["disabled"] = func(ed *admin.Editor) error {
			p, err := ed.Reader().Person(ctx, r.Tenant.ID, l.noor.ID)
			if err != nil {
				return err
			}
			p.Disabled = true
			_, err = ed.SaveKnownPerson(ctx, admin.KnownPerson{Person: p})
			return err
		}
		l.keeps(ways)
	})
}

// TestLastAdministratorIsNotMergedAway: the last global administrator is not merged into
// somebody who has no way in.
func TestLastAdministratorIsNotMergedAway(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		l := newLockout(r, access.Policy{Scope: access.ScopeAnyone})
		var mara access.Person
		r.Do(func(ctx context.Context, tx *store.Tx) error {
			mara = access.Person{ID: access.PersonID(tx.NewID()), Tenant: r.Tenant.ID, Account: r.Mara.ID,
				Directory: r.Harbor.ID, Domain: "harbor.example", Kind: access.External, Name: "Mara",
				Email: "mara@harbor.example", Guest: access.GuestNone, Created: tx.Now.Add(1)}
			return tx.AddPerson(ctx, mara)
		})
		merge := func(gone bool) error {
			return r.Store.Write(ctx, func(tx *store.Tx) error {
				if err := tx.RemoveRoleAssignment(ctx, access.RoleAssignment{Tenant: r.Tenant.ID,
					Role: access.GlobalAdministrator, Subject: person(r.Lena)}); err != nil {
					return err
				}
				if gone {
					h := r.Harbor
					h.Enabled = false
					if err := tx.SaveDirectory(ctx, h, access.VerifiedByOperator); err != nil {
						return err
					}
				}
				m := access.MergeProposal{ID: "m", Tenant: r.Tenant.ID, From: l.noor.ID, Into: mara.ID, By: l.noor.ID}
				if err := lifecycle.MergePeople(ctx, tx, m, l.noor.ID, "both sign-ins"); err != nil {
					return err
				}
				return errUndo
			})
		}
		if err := merge(false); !errors.Is(err, errUndo) {
			t.Errorf("into somebody who can sign in: %v", err)
		}
		wantKind(t, "into somebody who can't", merge(true), access.Conflict)
	})
}

// TestSettingsLeaveTheLastAdministrator: the shortest sessions, rules for guests, and a
// provider that says of the last global administrator that this is a guest, leave the role
// and the way in.
func TestSettingsLeaveTheLastAdministrator(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		r.applies(func(ed *admin.Editor) error {
			stored, err := ed.Reader().Tenant(ctx, r.Tenant.ID)
			if err != nil {
				return err
			}
			stored.Settings.SessionIdle, stored.Settings.SessionLife = time.Minute, time.Minute
			stored.Settings.DomainRule, stored.Settings.DomainList = access.DomainsDeny, []access.Domain{"meridian.example"}
			stored.Settings.GuestAction, stored.Settings.GuestDays = access.LifecycleBlockAndDelete, 0
			if err := ed.SaveSettings(ctx, stored); err != nil {
				return err
			}
			own, err := ed.Reader().Directory(ctx, r.Tenant.Directory)
			if err != nil {
				return err
			}
			own.TrustAddresses, own.GuestClaim, own.GuestValues = false, "acct", []string{"1"}
			return ed.SaveAddressRules(ctx, own)
		})
		id := identity(r.Tenant.Directory, "lena@meridian.example", "Lena Berg", "lena@meridian.example")
		id.Belonging, id.EmailTrusted = access.GuestOfProvider, false
		if _, err := r.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Tenant: r.Tenant.ID, Identity: id,
			Session: access.Session{Key: "k"}}); err != nil {
			t.Fatal(err)
		}
		if p := r.stored(r.Lena); p.Kind != access.Guest || p.Governed {
			t.Errorf("she is %s, governed %v", p.Kind, p.Governed)
		}
		rights, err := r.Rights(ctx, r.stored(r.Lena))
		if err != nil || !rights.HasTenantRole(access.GlobalAdministrator) {
			t.Errorf("she has %v, %v", rights, err)
		}
	})
}
