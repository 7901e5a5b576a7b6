package admin_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// waysFixture is a world for the ways to a right (ways.md). Lena is global administrator,
// Ida identity governance administrator, Omar owner of the catalog Projects and of every
// group, Nora its assignment manager, Cleo administrator of connected organizations. The
// package Vault is in the catalog Vaults, where Omar has no role.
type waysFixture struct {
	*ruleFixture
	nora, cleo access.Person
	vaults     access.Catalog
	vault      access.Offer
}

func eachWaysFixture(t *testing.T, f func(ctx context.Context, w *waysFixture)) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		w := &waysFixture{ruleFixture: r, vault: r.Package("Vault")}
		w.vaults = access.Catalog{Tenant: r.Tenant.ID, Name: "Vaults", Published: true}
		r.Do(func(ctx context.Context, tx *store.Tx) (err error) {
			w.vaults.ID = access.CatalogID(tx.NewID())
			if err := tx.SaveCatalog(ctx, w.vaults); err != nil {
				return err
			}
			w.vault.Package.ID, w.vault.Package.Catalog = access.PackageID(tx.NewID()), w.vaults.ID
			w.vault.Package.Roles = nil
			if err := tx.SavePackage(ctx, w.vault.Package); err != nil {
				return err
			}
			if w.nora, err = r.NewMember(ctx, tx, "Nora", "nora@meridian.example"); err != nil {
				return err
			}
			w.cleo, err = r.NewMember(ctx, tx, "Cleo", "cleo@meridian.example")
			return err
		})
		w.role(access.IdentityGovernanceAdministrator, "", person(r.Ida))
		w.role(access.AccessPackageAssignmentManager, r.Catalog.ID, person(w.nora))
		w.role(access.ConnectedOrganizationAdministrator, "", person(w.cleo))
		f(ctx, w)
	})
}

// role assigns a role past the rules, as an earlier version did.
func (w *waysFixture) role(role access.AdminRole, c access.CatalogID, to access.SubjectRef) {
	w.t.Helper()
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: role, Catalog: c, Subject: to})
	})
}

// owned makes a group that Omar owns.
func (w *waysFixture) owned(name string, members ...access.PersonID) access.Entry {
	w.t.Helper()
	e := w.group(name, members...)
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SetEntryOwners(ctx, w.Tenant.ID, e.ID, []access.PersonID{w.Omar.ID})
	})
	return e
}

// list adds the group to a catalog past the rules, and returns its role Member.
func (w *waysFixture) list(e access.Entry, c access.CatalogID) access.ResourceRole {
	w.t.Helper()
	r := access.Resource{Tenant: w.Tenant.ID, Kind: e.Kind, ExternalID: string(e.ID), Name: e.Name}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		target, err := tx.BuiltInTarget(ctx, w.Tenant.ID)
		if err != nil {
			return err
		}
		r.ID, r.Target = access.ResourceID(tx.NewID()), target.ID
		r.Roles = []access.ResourceRole{{ID: access.ResourceRoleID(tx.NewID()), Resource: r.ID, Name: "Member",
			ExternalID: "Member"}}
		if err := tx.SaveResource(ctx, r); err != nil {
			return err
		}
		_, err = tx.AddCatalogResource(ctx, w.Tenant.ID, c, r.ID)
		return err
	})
	return r.Roles[0]
}

// carrier makes an access package of the catalog Projects that delivers the group, past
// the rules, as an earlier version did, with the policies.
func (w *waysFixture) carrier(name string, e access.Entry, policies ...access.Policy) access.Offer {
	w.t.Helper()
	o := w.Package(name, policies...)
	o.Package.Roles = []access.ResourceRoleID{w.list(e, w.Catalog.ID).ID}
	w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
	stored, err := w.Offer(w.t.Context(), w.Tenant.ID, o.Package.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return stored
}

// refusedTo expects the refusal of f for a person, with the sentence, and that f is
// allowed to another one.
func (w *waysFixture) refusedTo(what string, by, allowed access.Person, kind access.ErrorKind, sentence string,
	f func(*admin.Editor) error) {
	w.t.Helper()
	ctx := w.t.Context()
	_, err := w.Admin.Preview(ctx, admin.ByPerson(by), f)
	if err == nil || access.KindOf(err) != kind || !strings.Contains(err.Error(), sentence) {
		w.t.Errorf("%s by %s: %v, want kind %d and “%s”", what, by.Name, err, kind, sentence)
	}
	if allowed.ID == "" {
		return
	}
	if _, err := w.Admin.Preview(ctx, admin.ByPerson(allowed), f); err != nil {
		w.t.Errorf("%s by %s: %v", what, allowed.Name, err)
	}
}

// directPolicy is for direct assignment only.
func directPolicy() access.Policy { return access.Policy{Name: "Direct", Scope: access.ScopeNobody} }

const onlyGlobal = "Only a global administrator can change who they are."

// TestWaysInTheDirectory: the ways to a tenant-wide role through the built-in directory
// and the import, for whoever manages people and groups but is no global administrator.
func TestWaysInTheDirectory(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		for _, role := range []access.AdminRole{access.GlobalAdministrator, access.ConnectedOrganizationAdministrator} {
			g := w.owned("Group of "+string(role), w.Omar.ID)
			change := func(role string, who access.Person, in bool) func(*admin.Editor) error {
				return func(ed *admin.Editor) error {
					m := access.Membership{Entry: g.ID, Role: role}
					return ed.SetMembers(ctx, m, []access.PersonID{who.ID}, in)
				}
			}
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), change("Member", w.Ida, true)); err != nil {
				t.Errorf("a group without a role: %v", err)
			}
			w.role(role, "", group(g))
			w.refusedTo("adding a member", w.Ida, w.Lena, access.Forbidden, onlyGlobal, change("Member", w.Ida, true))
			w.refusedTo("removing a member", w.Ida, w.Lena, access.Forbidden, onlyGlobal, change("Member", w.Omar, false))
			w.refusedTo("a new owner", w.Ida, w.Lena, access.Forbidden, onlyGlobal, func(ed *admin.Editor) error {
				e, err := ed.Reader().Entry(ctx, w.Tenant.ID, g.ID)
				if err == nil {
					_, err = ed.SaveEntry(ctx, e, []access.PersonID{w.Omar.ID, w.Ida.ID})
				}
				return err
			})
			w.refusedTo("a new name", w.Ida, w.Lena, access.Forbidden, onlyGlobal, func(ed *admin.Editor) error {
				e, err := ed.Reader().Entry(ctx, w.Tenant.ID, g.ID)
				if err == nil {
					e.Name += " before"
					_, err = ed.SaveEntry(ctx, e, []access.PersonID{w.Omar.ID})
				}
				return err
			})
			joins := "mail,displayName,groups\nida@meridian.example,Ida Falk," + g.Name
			lines, err := importText(ctx, w.Admin, w.Store, w.Ida, joins, false)
			if err != nil || len(lines) != 1 || lines[0].Outcome != access.LineFaulty || lines[0].Faults[0].Column != "groups" ||
				!strings.Contains(string(lines[0].Faults[0].Msg), onlyGlobal) {
				t.Errorf("the import: %+v, %v", lines, err)
			}
			if rights, err := w.Rights(ctx, w.Ida); err != nil || rights.HasTenantRole(role) {
				t.Errorf("Ida has %v, %v", rights, err)
			}
			lines, err = importText(ctx, w.Admin, w.Store, w.Lena, joins, true)
			if err != nil || lines[0].Outcome != access.LineUpdates {
				t.Errorf("the import by a global administrator: %+v, %v", lines, err)
			}
		}
	})
}

// policyOf is the policy of the offer with the name.
func (w *waysFixture) policyOf(o access.Offer, name string) access.Policy {
	w.t.Helper()
	for _, p := range o.Policies {
		if p.Name == name {
			return p
		}
	}
	w.t.Fatalf("no policy %q", name)
	return access.Policy{}
}

// disable disables a policy past the rules.
func (w *waysFixture) disable(p access.Policy) access.Policy {
	w.t.Helper()
	p.Enabled = false
	w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, p) })
	p.Version++
	return p
}

// approved is a policy for members that the people approve.
func approved(name string, by ...access.Person) access.Policy {
	return access.Policy{Name: name, Scope: access.ScopeMembers, Terms: access.Terms{ShowApprovers: access.Inherit,
		Expiration: access.Expiration{Kind: access.NoExpiration}, Stages: []access.Stage{storetest.Named(by...)}}}
}

// packageWays are the ways to the members of a group through a package and its catalog.
// The package delivers the group; it has the policies Direct, for direct assignment, and
// Off, which is disabled. member is the role Member of the group, in the catalog; plain is
// a package without the group.
func (w *waysFixture) packageWays(ctx context.Context, carrier, plain access.Offer, g access.Entry,
	to access.Person) map[string]func(*admin.Editor) error {
	member := carrier.Package.Roles[0]
	direct, off := w.policyOf(carrier, "Direct"), w.disable(w.policyOf(carrier, "Off"))
	return map[string]func(*admin.Editor) error{
		"a role of a listed group": func(ed *admin.Editor) error {
			return ed.ChangeRoles(ctx, admin.RoleChange{Package: plain.Package.ID, Version: plain.Package.Version,
				Add: []access.ResourceRoleID{member}})
		},
		"a role of a group that is added": func(ed *admin.Editor) error {
			return ed.ChangeRoles(ctx, admin.RoleChange{Package: plain.Package.ID, Version: plain.Package.Version,
				Entries: []admin.EntryRole{{Entry: g.ID, Role: "Member"}}})
		},
		"a new package": func(ed *admin.Editor) error {
			p := approved("First", w.Lena)
			p.Enabled = true
			_, err := ed.CreatePackage(ctx, admin.NewPackage{Package: access.Package{Catalog: w.Catalog.ID, Name: "New",
				Description: "x"}, Roles: []access.ResourceRoleID{member}, Policy: p})
			return err
		},
		"a package without policy": func(ed *admin.Editor) error {
			_, err := ed.AddPackage(ctx, access.Package{Catalog: w.Catalog.ID, Name: "New", Description: "x"},
				[]access.ResourceRoleID{member})
			return err
		},
		"a copy of the package": func(ed *admin.Editor) error {
			_, err := ed.DuplicatePackage(ctx, carrier.Package.ID)
			return err
		},
		"choosing oneself as approver": func(ed *admin.Editor) error {
			mine := off
			mine.Stages = []access.Stage{storetest.Named(to)}
			_, err := ed.SavePolicy(ctx, mine)
			return err
		},
		"a policy for oneself": func(ed *admin.Editor) error {
			p := approved("Mine", w.Lena)
			p.Package, p.Scope, p.Targets = carrier.Package.ID, access.ScopeSpecificUsers, []access.SubjectRef{person(to)}
			_, err := ed.SavePolicy(ctx, p)
			return err
		},
		"enabling a policy": func(ed *admin.Editor) error { return ed.EnablePolicy(ctx, off.ID, true) },
		"assigning it to oneself": func(ed *admin.Editor) error {
			_, err := ed.Assign(ctx, admin.Assigning{Package: carrier.Package.ID, People: []access.PersonID{to.ID},
				Ask: access.RequestForm{Policy: direct.ID}})
			return err
		},
	}
}

// TestWaysThroughAPackage: the ways to a tenant-wide role through a catalog and an access
// package, for an owner of the catalog who also owns the group.
func TestWaysThroughAPackage(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		for _, role := range []access.AdminRole{access.GlobalAdministrator, access.ConnectedOrganizationAdministrator} {
			g := w.owned("Group of "+string(role), w.Lena.ID)
			carrier := w.carrier("Seats of "+string(role), g, directPolicy(), approved("Off", w.Lena))
			plain := w.Package("Plain " + string(role))
			plain.Package.Version = 1
			w.role(role, "", group(g))
			ways := w.packageWays(ctx, carrier, plain, g, w.Omar)
			ways["adding the group to a catalog"] = func(ed *admin.Editor) error {
				return ed.AddResources(ctx, w.Catalog.ID, []access.EntryID{g.ID})
			}
			ways["removing the role from the package"] = func(ed *admin.Editor) error {
				return ed.ChangeRoles(ctx, admin.RoleChange{Package: carrier.Package.ID, Version: carrier.Package.Version,
					Remove: carrier.Package.Roles})
			}
			for what, f := range ways {
				w.refusedTo(what, w.Omar, w.Lena, access.Forbidden, onlyGlobal, f)
			}
			w.refusedTo("a policy without approval", w.Lena, access.Person{}, access.Invalid, "Require approval by someone",
				func(ed *admin.Editor) error {
					p := forMembers(carrier, "Open")
					p.Package, p.Stages = carrier.Package.ID, nil
					_, err := ed.SavePolicy(ctx, p)
					return err
				})
		}
	})
}

// TestWaysToACatalog: the ways to a role in another catalog, to the part of an approver, a
// sponsor, or of the audience of a policy without approval there, through a package.
func TestWaysToACatalog(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		named := func(p access.Policy) func(access.Entry) {
			return func(g access.Entry) {
				p := p
				p.ID, p.Tenant, p.Package = "policy of "+access.PolicyID(g.ID), w.Tenant.ID, w.vault.Package.ID
				p.Name, p.Terms.Expiration.Kind = "Of "+g.Name, access.NoExpiration
				if p.Scope == access.ScopeSpecificUsers {
					p.Targets = []access.SubjectRef{group(g)}
				} else {
					p.Stages = []access.Stage{{Days: 7, Approvers: []access.SubjectRef{group(g)}}}
				}
				w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, p) })
			}
		}
		for name, c := range map[string]struct {
			use  func(access.Entry)
			says string
		}{
			"owner": {func(g access.Entry) { w.role(access.CatalogOwner, w.vaults.ID, group(g)) }, "a role in a catalog"},
			"assigner": {func(g access.Entry) {
				w.role(access.AccessPackageAssignmentManager, w.vaults.ID, group(g))
			}, "a role in a catalog"},
			"approver": {named(access.Policy{Scope: access.ScopeMembers}), "approve requests"},
			"audience": {named(access.Policy{Scope: access.ScopeSpecificUsers}), "without approval"},
			"sponsor": {func(g access.Entry) {
				o := w.Partner
				o.InternalSponsors = []access.SubjectRef{group(g)}
				w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveOrganization(ctx, o) })
			}, "sponsors of a connected organization"},
		} {
			g := w.owned("Group " + name)
			carrier := w.carrier("Seats "+name, g, directPolicy(), approved("Off", w.Lena))
			plain := w.Package("Plain " + name)
			plain.Package.Version = 1
			ways := w.packageWays(ctx, carrier, plain, g, w.Omar)
			for what, f := range ways {
				if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Omar), f); err != nil {
					t.Fatalf("%s, %s, before the group is named: %v", name, what, err)
				}
			}
			c.use(g)
			for what, f := range ways {
				allowed := w.Ida
				if what == "a role of a group that is added" {
					allowed = w.Lena // who may add any group to the catalog
				}
				w.refusedTo(name+", "+what, w.Omar, allowed, access.Forbidden, c.says, f)
			}
			members := func(ed *admin.Editor) error {
				return ed.SetMembers(ctx, access.Membership{Entry: g.ID, Role: "Member"}, []access.PersonID{w.Ida.ID}, true)
			}
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), members); err != nil {
				t.Errorf("%s: who could name the group adds members: %v", name, err)
			}
		}
	})
}

// TestAssignmentManagerBecomesApprover: in one catalog, who assigns packages but does not
// manage policies can't make approvers by assigning.
func TestAssignmentManagerBecomesApprover(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		board := w.owned("Board")
		carrier := w.carrier("Board seats", board, directPolicy())
		assign := func(ed *admin.Editor) error {
			_, err := ed.Assign(ctx, admin.Assigning{Package: carrier.Package.ID, People: []access.PersonID{w.nora.ID},
				Ask: access.RequestForm{Policy: carrier.Policies[0].ID}})
			return err
		}
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.nora), assign); err != nil {
			t.Fatalf("before the group approves: %v", err)
		}
		w.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{Stages: []access.Stage{{Days: 7,
			Approvers: []access.SubjectRef{group(board)}}}}})
		w.refusedTo("assigning the seat of an approver", w.nora, w.Omar, access.Forbidden, "approve requests", assign)
	})
}

// TestWithdrawingAnAdministrator: an assignment that makes somebody an administrator is
// ended only by who could remove the role.
func TestWithdrawingAnAdministrator(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		g := w.owned("Admins")
		carrier := w.carrier("Admin seats", g, directPolicy())
		made, err := w.Admin.Assign(ctx, w.nora, admin.Assigning{Package: carrier.Package.ID,
			People: []access.PersonID{w.Ida.ID}, Ask: access.RequestForm{Policy: carrier.Policies[0].ID}})
		if err != nil || len(made) != 1 {
			t.Fatal(made, err)
		}
		end := func(ed *admin.Editor) error {
			return ed.Unassign(ctx, []access.AssignmentID{made[0].Assignment}, "no longer needed")
		}
		cancel := func(ed *admin.Editor) error { return ed.CancelRequest(ctx, made[0].ID) }
		for _, f := range []func(*admin.Editor) error{end, cancel} {
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.nora), f); err != nil {
				t.Fatalf("while the group has no role: %v", err)
			}
		}
		w.role(access.GlobalAdministrator, "", group(g))
		w.refusedTo("ending the assignment", w.nora, w.Lena, access.Forbidden, onlyGlobal, end)
		w.refusedTo("canceling the request", w.nora, w.Lena, access.Forbidden, onlyGlobal, cancel)
	})
}
