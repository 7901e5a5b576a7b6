package admin_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestLastAdministratorStays: nothing that an administrator can do takes the last global
// administrator who can sign in, who is one by name, through a group, or through an access
// package (W-27). While there is another, each of it is allowed.
func TestLastAdministratorStays(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		g := w.owned("Admins")
		carrier := w.carrier("Admin seats", g, directPolicy())
		made, err := w.Admin.Assign(ctx, w.nora, admin.Assigning{Package: carrier.Package.ID,
			People: []access.PersonID{w.Omar.ID}, Ask: access.RequestForm{Policy: carrier.Policies[0].ID}})
		if err != nil {
			t.Fatal(err)
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error { // as delivery does it
			grant := access.Grant{ID: access.GrantID(tx.NewID()), Tenant: w.Tenant.ID, Person: w.Omar.ID,
				Role: carrier.Package.Roles[0], State: access.Adding}
			if err := tx.AddGrant(ctx, grant); err != nil {
				return err
			}
			_, err := tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: g.ID, Role: "Member", Person: w.Omar.ID})
			return err
		})
		w.role(access.GlobalAdministrator, "", group(g))
		take := func(p access.Person) func(*admin.Editor) error {
			return func(ed *admin.Editor) error { return ed.RemoveRole(ctx, roleOf(p, access.GlobalAdministrator)) }
		}
		// Omar's role comes from the package; Lena has hers by name.
		ways := map[string]func(*admin.Editor) error{
			"ending the assignment": func(ed *admin.Editor) error {
				return ed.Unassign(ctx, []access.AssignmentID{made[0].Assignment}, "x")
			},
			"canceling its request": func(ed *admin.Editor) error { return ed.CancelRequest(ctx, made[0].ID) },
			"removing the role from the package": func(ed *admin.Editor) error {
				return ed.ChangeRoles(ctx, admin.RoleChange{Package: carrier.Package.ID, Version: carrier.Package.Version,
					Remove: carrier.Package.Roles})
			},
			"removing the group's role": func(ed *admin.Editor) error {
				return ed.RemoveRole(ctx, access.RoleAssignment{Role: access.GlobalAdministrator, Subject: group(g)})
			},
		}
		for what, f := range ways {
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Lena), f); err != nil {
				t.Errorf("%s while Lena is one too: %v", what, err)
			}
		}
		for what, f := range ways {
			_, err := w.Admin.Preview(ctx, admin.ByPerson(w.Omar), func(ed *admin.Editor) error {
				if err := take(w.Lena)(ed); err != nil {
					t.Errorf("Lena's role, while Omar is one too: %v", err)
				}
				return f(ed)
			})
			if wantKind(t, what, err, access.Conflict); err != nil &&
				!strings.Contains(err.Error(), "This is the last global administrator") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestLastAdministratorKeepsTheWayIn: a provider, an organization, a domain and the
// settings are not changed so that the last global administrator can't sign in (W-27).
func TestLastAdministratorKeepsTheWayIn(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		stored, err := r.Store.Tenant(ctx, r.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Settings.Passcode = true
		r.applies(func(ed *admin.Editor) error { return ed.SaveSettings(ctx, stored) })
		var codes, login access.Organization
		var noor, luc access.Person
		r.applies(func(ed *admin.Editor) (err error) {
			codes, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{passcodes("quay.example")}})
			if err != nil {
				return err
			}
			if noor, err = ed.AddPerson(ctx, "noor@quay.example", "Noor"); err != nil {
				return err
			}
			login, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Loch"),
				New: []access.Directory{provider("Loch", "loch.example")}})
			return err
		})
		if _, err := r.Admin.Vouch(ctx, r.Tenant.ID, "loch.example"); err != nil {
			t.Fatal(err)
		}
		if luc, err = r.Admin.AddPersonWithSubject(ctx, r.Lena, "luc@loch.example", "Luc", "luc"); err != nil {
			t.Fatal(err)
		}
		d := login.Directories[0]
		disconnect := func(id access.OrganizationID) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				o, err := ed.Reader().Organization(ctx, r.Tenant.ID, id)
				if err != nil {
					return err
				}
				return ed.DeleteOrganization(ctx, o.ID, o.Version)
			}
		}
		for _, c := range []struct {
			only access.Person
			ways map[string]func(*admin.Editor) error
		}{
			{noor, map[string]func(*admin.Editor) error{
				"passcodes turned off": func(ed *admin.Editor) error {
					stored, err := ed.Reader().Tenant(ctx, r.Tenant.ID)
					if err != nil {
						return err
					}
					stored.Settings.Passcode = false
					return ed.SaveSettings(ctx, stored)
				},
				"the provider switched off": func(ed *admin.Editor) error {
					return ed.EnableDirectory(ctx, codes.Directories[0], false)
				},
				"the organization removed": disconnect(codes.ID),
				"the source removed": func(ed *admin.Editor) error {
					o, err := ed.Reader().Organization(ctx, r.Tenant.ID, codes.ID)
					if err != nil {
						return err
					}
					o.Directories = []access.DirectoryID{r.Other.ID}
					_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o})
					return err
				},
				"no longer configured": func(ed *admin.Editor) error {
					o, err := ed.Reader().Organization(ctx, r.Tenant.ID, codes.ID)
					if err != nil {
						return err
					}
					o.State = access.Proposed
					_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o})
					return err
				},
			}},
			{luc, map[string]func(*admin.Editor) error{
				"the domain removed":       func(ed *admin.Editor) error { return ed.RemoveDomain(ctx, d, "loch.example") },
				"the organization removed": disconnect(login.ID),
			}},
		} {
			for what, f := range c.ways {
				act := func(lenaStays bool) error {
					_, err := r.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
						in, err := ed.In(r.Tenant.ID)
						if err != nil {
							return err
						}
						if err := in.AssignRole(ctx, roleOf(c.only, access.GlobalAdministrator)); err != nil {
							return err
						}
						if !lenaStays {
							if err := in.RemoveRole(ctx, roleOf(r.Lena, access.GlobalAdministrator)); err != nil {
								t.Errorf("%s can sign in: %v", c.only.Name, err)
							}
						}
						return f(in)
					})
					return err
				}
				if err := act(true); err != nil {
					t.Errorf("%s, while there is another: %v", what, err)
				}
				if err := act(false); err == nil || !strings.Contains(err.Error(), "This is the last global administrator") {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	})
}

// TestLastAdministratorOfAnInstallationDirectory: a file does not cut off the last global
// administrator by changing a directory of the installation.
func TestLastAdministratorOfAnInstallationDirectory(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		change := func(f func(*access.Directory)) error {
			_, err := r.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
				d, err := ed.Reader().Directory(ctx, r.Tenant.Directory)
				if err != nil {
					return err
				}
				f(&d)
				_, err = ed.SaveInstallationDirectory(ctx, d)
				return err
			})
			return err
		}
		if err := change(func(d *access.Directory) { d.Domains = append(d.Domains, "more.example") }); err != nil {
			t.Errorf("another domain: %v", err)
		}
		wantKind(t, "switched off", change(func(d *access.Directory) { d.Enabled = false }), access.Conflict)
	})
}

// TestAdministratorsRemoveEachOther: of two global administrators who remove or disable
// each other at the same time, one is left.
func TestAdministratorsRemoveEachOther(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		for round := range 6 {
			r.Do(func(ctx context.Context, tx *store.Tx) error {
				for _, p := range []access.Person{r.Lena, r.Omar} {
					one, err := tx.Person(ctx, r.Tenant.ID, p.ID)
					if err != nil {
						return err
					}
					one.Disabled = false
					if err := tx.UpdatePerson(ctx, one); err != nil {
						return err
					}
					if err := tx.AddRoleAssignment(ctx, roleOf(p, access.GlobalAdministrator)); err != nil {
						return err
					}
				}
				return nil
			})
			remove := func(by, whom access.Person) error {
				if round%2 == 0 {
					return r.Admin.RemoveRole(ctx, by, roleOf(whom, access.GlobalAdministrator))
				}
				off := r.stored(whom)
				off.Disabled = true
				return r.Admin.SavePerson(ctx, by, off)
			}
			var errs [2]error
			var done sync.WaitGroup
			done.Go(func() { errs[0] = remove(r.Lena, r.Omar) })
			done.Go(func() { errs[1] = remove(r.Omar, r.Lena) })
			done.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Errorf("round %d: %v, %v", round, errs[0], errs[1])
			}
			left := 0
			for _, p := range []access.Person{r.Lena, r.Omar} {
				rights, err := r.Rights(ctx, r.stored(p))
				if err != nil {
					t.Fatal(err)
				}
				if rights.HasTenantRole(access.GlobalAdministrator) {
					left++
				}
			}
			if left != 1 {
				t.Errorf("round %d: %d are left", round, left)
			}
		}
	})
}

// TestWayBack: while no global administrator can sign in, the operator makes a link that
// makes another; while one can, there is none.
func TestWayBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		wantKind(t, "while Lena can sign in", use.Setup.Invite(ctx, w.Tenant.ID, "key"), access.Conflict)
		lock := func(locked bool) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				p, err := tx.Person(ctx, w.Tenant.ID, w.Lena.ID)
				if err != nil {
					return err
				}
				p.Disabled = locked
				return tx.UpdatePerson(ctx, p)
			})
		}
		lock(true)
		if err := use.Setup.Invite(ctx, w.Tenant.ID, "key"); err != nil {
			t.Fatalf("while she is disabled: %v", err)
		}
		lock(false)
		wantKind(t, "the link after she can sign in again", use.Setup.Claim(ctx, "key", w.Omar), access.Conflict)
		lock(true)
		if err := use.Setup.Claim(ctx, "key", w.Omar); err != nil {
			t.Fatal(err)
		}
		if rights, err := s.Rights(ctx, w.Omar); err != nil || !rights.HasTenantRole(access.GlobalAdministrator) {
			t.Errorf("Omar has %v, %v", rights, err)
		}
		wantKind(t, "another link", use.Setup.Invite(ctx, w.Tenant.ID, "other"), access.Conflict)
	})
}
