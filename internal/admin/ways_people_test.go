package admin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestRoleForADeliveredGroup: the rule from the other end: a group that an access package
// delivers gets no role, and no other right by people who can't assign the package. The
// operator may.
func TestRoleForADeliveredGroup(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		board, crew := w.owned("Board", w.Omar.ID), w.owned("Crew")
		w.carrier("Board seats", board, directPolicy())
		role := func(g access.Entry, role access.AdminRole, c access.CatalogID) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				return ed.AssignRole(ctx, access.RoleAssignment{Role: role, Catalog: c, Subject: group(g)})
			}
		}
		for _, by := range []access.Person{w.Lena, w.Ida} {
			w.refusedTo("a role in the tenant", by, access.Person{}, access.Conflict,
				"The access package “Board seats” adds people to “Board”", role(board, access.CatalogCreator, ""))
		}
		w.refusedTo("the highest role", w.Lena, access.Person{}, access.Conflict, "Remove the group from the access package",
			role(board, access.GlobalAdministrator, ""))
		w.refusedTo("a role in the catalog", w.Omar, access.Person{}, access.Conflict, "adds people to “Board”",
			role(board, access.CatalogReader, w.Catalog.ID))
		w.role(access.CatalogOwner, w.vaults.ID, person(w.nora))
		w.refusedTo("a role in another catalog", w.nora, access.Person{}, access.Conflict, "adds people to “Board”",
			role(board, access.CatalogReader, w.vaults.ID))
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Lena), role(crew, access.GlobalAdministrator, "")); err != nil {
			t.Errorf("a group that no package delivers: %v", err)
		}
		if _, err := w.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			in, err := ed.In(w.Tenant.ID)
			if err != nil {
				return err
			}
			return role(board, access.GlobalAdministrator, "")(in)
		}); err != nil {
			t.Errorf("the operator: %v", err)
		}

		stranger := w.addOwnerOfVaults(ctx)
		for what, p := range map[string]access.Policy{
			"an approver": {Name: "N", Scope: access.ScopeMembers, Terms: access.Terms{ShowApprovers: access.Inherit,
				Expiration: access.Expiration{Kind: access.NoExpiration},
				Stages:     []access.Stage{{Days: 7, Approvers: []access.SubjectRef{group(board)}}}}},
			"the audience": {Name: "N", Scope: access.ScopeSpecificUsers, Targets: []access.SubjectRef{group(board)},
				Terms: access.Terms{ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.NoExpiration}}},
		} {
			p.Package = w.vault.Package.ID
			w.refusedTo(what, stranger, w.Ida, access.Forbidden, "An access package in another catalog adds people to “Board”",
				func(ed *admin.Editor) error {
					_, err := ed.SavePolicy(ctx, p)
					return err
				})
			off := w.savedDisabled(p)
			w.refusedTo(what+", enabled later", stranger, w.Ida, access.Forbidden, "in another catalog adds people",
				func(ed *admin.Editor) error { return ed.EnablePolicy(ctx, off.ID, true) })
		}
		w.refusedTo("a sponsor", w.cleo, w.Ida, access.Forbidden, "in another catalog adds people to “Board”",
			func(ed *admin.Editor) error {
				o, err := ed.Reader().Organization(ctx, w.Tenant.ID, w.Partner.ID)
				if err != nil {
					return err
				}
				o.InternalSponsors = []access.SubjectRef{group(board)}
				_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o})
				return err
			})
	})
}

// addOwnerOfVaults adds a member who owns the catalog Vaults, and nothing else.
func (w *waysFixture) addOwnerOfVaults(context.Context) (p access.Person) {
	w.t.Helper()
	w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = w.NewMember(ctx, tx, "Vera", "vera@meridian.example")
		return err
	})
	w.role(access.CatalogOwner, w.vaults.ID, person(p))
	return p
}

// savedDisabled stores a disabled policy past the rules.
func (w *waysFixture) savedDisabled(p access.Policy) access.Policy {
	w.t.Helper()
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		p.ID, p.Tenant, p.Enabled = access.PolicyID(tx.NewID()), w.Tenant.ID, false
		p.Name = "Off " + string(p.ID)
		return tx.SavePolicy(ctx, p)
	})
	return p
}

// TestWaysThroughAPerson: people with a role above the actor's are not disabled, enabled
// or renamed, and their provider is not changed (W-26).
func TestWaysThroughAPerson(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		g := w.owned("Admins", w.Omar.ID)
		w.role(access.GlobalAdministrator, "", group(g))
		for _, p := range []access.Person{w.Lena, w.Omar} { // by name, and through a group
			w.refusedTo("disabling "+p.Name, w.Ida, access.Person{}, access.Forbidden, "has a role that is above yours",
				w.disables(p))
		}
		w.refusedTo("disabling Omar", w.Ida, w.Lena, access.Forbidden, "Omar Haddad has a role", w.disables(w.Omar))
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), w.disables(w.nora)); err != nil {
			t.Errorf("disabling somebody without a role: %v", err)
		}
		w.applies(w.disables(w.Omar))
		enabled := w.stored(w.Omar)
		enabled.Disabled = false
		w.refusedTo("enabling Omar again", w.Ida, w.Lena, access.Forbidden, "Omar Haddad has a role",
			func(ed *admin.Editor) error { return ed.SavePerson(ctx, enabled) })
		var noor access.Person
		w.applies(func(ed *admin.Editor) (err error) {
			noor, err = ed.AddPerson(ctx, "noor@meridian.example", "Noor")
			return err
		})
		renamed := noor
		renamed.Name, renamed.Version = "Somebody", 1
		rename := func(ed *admin.Editor) error { return ed.SavePerson(ctx, renamed) }
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), rename); err != nil {
			t.Errorf("before Noor has a role: %v", err)
		}
		w.role(access.GlobalAdministrator, "", person(noor))
		w.refusedTo("renaming Noor", w.Ida, w.Lena, access.Forbidden, "Noor has a role", rename)
		renames := "mail,displayName\nnoor@meridian.example,Somebody"
		lines, err := importText(ctx, w.Admin, w.Store, w.Ida, renames, false)
		if err != nil || len(lines) != 1 || lines[0].Outcome != access.LineFaulty ||
			lines[0].Faults[0].Column != "displayName" || !strings.Contains(string(lines[0].Faults[0].Msg),
			"has a role that is above") {
			t.Errorf("renaming Noor by an import: %+v, %v", lines, err)
		}
		lines, err = importText(ctx, w.Admin, w.Store, w.Lena, renames, true)
		if err != nil || lines[0].Outcome != access.LineUpdates {
			t.Errorf("renaming Noor by an import of a global administrator: %+v, %v", lines, err)
		}
	})
}

// TestWaysThroughAProvider: how people sign in who have a role above the actor's is not
// changed: an actor who manages providers could become them (W-26).
func TestWaysThroughAProvider(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		var o access.Organization
		w.applies(func(ed *admin.Editor) (err error) {
			o, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"), New: []access.Directory{{
				Kind: access.DirectoryOpenID, Name: "Quay", Issuer: "https://login.quay.example", ClientID: "c",
				ClientSecret: "secret", AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"email"}}}})
			return err
		})
		d, crew := o.Directories[0], w.owned("Crew")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: d, Domain: "quay.example",
				Kind: access.External, Name: "Quentin", Email: "quentin@quay.example", Guest: access.GuestNone}
			if err := tx.AddPerson(ctx, p); err != nil {
				return err
			}
			m := access.Membership{Entry: crew.ID, Role: store.GroupMember, Person: p.ID}
			_, err := tx.AddMember(ctx, w.Tenant.ID, m)
			return err
		})
		ways := map[string]func(*admin.Editor) error{
			"another issuer": func(ed *admin.Editor) error {
				dir, err := ed.Reader().Directory(ctx, d)
				if err != nil {
					return err
				}
				dir.Issuer = "https://login.mine.example"
				return ed.SaveDirectory(ctx, dir)
			},
			"another claim": func(ed *admin.Editor) error {
				dir, err := ed.Reader().Directory(ctx, d)
				if err != nil {
					return err
				}
				dir.TenantClaim, dir.TenantValue = "org", "mine"
				return ed.SaveDirectory(ctx, dir)
			},
			"another domain": func(ed *admin.Editor) error { return ed.ClaimDomain(ctx, d, "mine.example") },
			"switching off":  func(ed *admin.Editor) error { return ed.EnableDirectory(ctx, d, false) },
			"disconnecting": func(ed *admin.Editor) error {
				return ed.DeleteOrganization(ctx, o.ID, 1)
			},
			"making it proposed": func(ed *admin.Editor) error {
				c, err := ed.Reader().Organization(ctx, w.Tenant.ID, o.ID)
				if err != nil {
					return err
				}
				c.State = access.Proposed
				_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: c})
				return err
			},
			"disconnecting the source": func(ed *admin.Editor) error {
				c, err := ed.Reader().Organization(ctx, w.Tenant.ID, o.ID)
				if err != nil {
					return err
				}
				c.Directories = []access.DirectoryID{w.Other.ID}
				_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: c})
				return err
			},
		}
		for what, f := range ways {
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), f); err != nil {
				t.Fatalf("%s before the group has a role: %v", what, err)
			}
		}
		w.role(access.GlobalAdministrator, "", group(crew))
		for what, f := range ways {
			w.refusedTo(what, w.Ida, w.Lena, access.Forbidden, "Quentin has a role that is above yours", f)
		}
		for _, what := range []string{"disconnecting", "disconnecting the source", "making it proposed"} {
			w.refusedTo(what, w.cleo, access.Person{}, access.Forbidden, "Quentin has a role that is above yours", ways[what])
		}
	})
}

// TestWaysThroughAGuest: passcodes are not turned off, and guests not marked as governed,
// so that their account is blocked later, for whoever could not assign the role that the
// guest has (W-26).
func TestWaysThroughAGuest(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		stored, err := w.Store.Tenant(ctx, w.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Settings.Passcode = true
		var guest access.Person
		w.applies(func(ed *admin.Editor) error {
			if err := ed.SaveSettings(ctx, stored); err != nil {
				return err
			}
			_, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{passcodes("quay.example")}})
			if err != nil {
				return err
			}
			guest, err = ed.AddPerson(ctx, "noor@quay.example", "Noor")
			return err
		})
		o := w.Package("Tidal", access.Policy{Scope: access.ScopeAnyone})
		var held access.AssignmentID
		var request access.RequestID
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			guest.Kind = access.Guest
			if err := tx.MoveGuest(ctx, guest, access.GuestActive, "test"); err != nil {
				return err
			}
			r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: w.Tenant.ID, Type: access.UserAdd,
				State: access.Delivering, Package: o.Package.ID, Policy: o.Policies[0].ID, Requestor: guest.ID, Target: guest.ID,
				Created: tx.Now, Terms: o.Policies[0].Terms}
			held, request = access.AssignmentID(tx.NewID()), r.ID
			r.Assignment = held
			if err := tx.AddRequest(ctx, r, ""); err != nil {
				return err
			}
			return tx.AddAssignment(ctx, access.Assignment{ID: held, Tenant: w.Tenant.ID, Package: o.Package.ID,
				Policy: o.Policies[0].ID, Person: guest.ID, Request: r.ID, State: access.AssignDelivering, Start: tx.Now})
		})
		off := func(ed *admin.Editor) error {
			now, err := ed.Reader().Tenant(ctx, w.Tenant.ID)
			if err != nil {
				return err
			}
			now.Settings.Passcode = false
			return ed.SaveSettings(ctx, now)
		}
		govern := func(ed *admin.Editor) error { return ed.Govern(ctx, held) }
		end := func(ed *admin.Editor) error {
			return ed.Unassign(ctx, []access.AssignmentID{held}, "no longer needed")
		}
		cancel := func(ed *admin.Editor) error { return ed.CancelRequest(ctx, request) }
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), off); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.nora), govern); err != nil {
			t.Fatal(err)
		}
		w.role(access.GlobalAdministrator, "", person(guest))
		w.refusedTo("turning passcodes off", w.Ida, w.Lena, access.Forbidden, "Noor has a role", off)
		w.refusedTo("marking as governed", w.nora, w.Lena, access.Forbidden, "Noor has a role", govern)
		for _, f := range []func(*admin.Editor) error{end, cancel} {
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.nora), f); err != nil {
				t.Errorf("ending access of a guest who is not governed: %v", err)
			}
		}
		w.applies(govern)
		w.refusedTo("ending the last assignment", w.nora, w.Lena, access.Forbidden, "Noor has a role", end)
		w.refusedTo("canceling the request", w.nora, w.Lena, access.Forbidden, "Noor has a role", cancel)
	})
}

// TestApprovingAnAdministrator: at the approval of a package that an earlier version let
// deliver a group with a role, somebody has to take part who could assign the role; a
// request without approval is refused, and a scheduled one that starts later canceled.
func TestApprovingAnAdministrator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		world, use := newAdminWorld(t, s)
		ctx := t.Context()
		w := &waysFixture{ruleFixture: &ruleFixture{world, use, t}}
		g := w.owned("Admins")
		two := approved("Two", w.Omar)
		two.Stages = append(two.Stages, storetest.Named(w.Omar, w.Lena))
		two.CustomSchedule = true
		open := access.Policy{Name: "Open", Scope: access.ScopeMembers, Terms: access.Terms{
			Expiration: access.Expiration{Kind: access.NoExpiration}}}
		asks, later := w.carrier("Admin seats", g, two), w.Package("Later", two)
		free := w.Package("Free", open)
		for _, o := range []access.Offer{later, free} {
			o.Package.Roles = asks.Package.Roles
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
		}
		submit := func(o access.Offer, ask access.RequestForm) (access.Request, error) {
			return use.Requests.Submit(ctx, w.Tenant, w.AccountOf(w.Ida), o.Package.ID, ask, "")
		}
		decide := func(by access.Person, r access.Request, stage int, approve bool) error {
			return use.Requests.Decide(ctx, by, lifecycle.DecisionInput{Request: r.ID, Stage: stage, Approve: approve})
		}
		r, err := submit(asks, access.RequestForm{})
		if err != nil {
			t.Fatal(err)
		}
		scheduled, err := submit(later, access.RequestForm{Start: clock.Now().Add(48 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		for stage := range 2 {
			if err := decide(w.Omar, scheduled, stage, true); err != nil {
				t.Fatal(err)
			}
		}
		if err := decide(w.Omar, r, 0, true); err != nil {
			t.Fatal(err)
		}
		w.role(access.GlobalAdministrator, "", group(g))
		err = decide(w.Omar, r, 1, true)
		if wantKind(t, "an approver without the role", err, access.Forbidden); !strings.Contains(err.Error(), onlyGlobal) {
			t.Errorf("it says %v", err)
		}
		if stored, err := s.Request(ctx, r.Tenant, r.ID); err != nil || stored.State != access.PendingApproval {
			t.Errorf("the request is %s, %v", stored.State, err)
		}
		_, err = submit(free, access.RequestForm{})
		wantKind(t, "without approval", err, access.Forbidden)
		clock.Advance(49 * time.Hour)
		if n, err := use.Deadlines.StartScheduled(ctx, clock.Now()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if stored, err := s.Request(ctx, r.Tenant, scheduled.ID); err != nil || stored.State != access.Canceled ||
			!strings.Contains(string(stored.Note), "administrative role") {
			t.Errorf("the scheduled request is %s, %q, %v", stored.State, stored.Note, err)
		}
		if err := decide(w.Lena, r, 1, true); err != nil {
			t.Errorf("a global administrator approves: %v", err)
		}
		if again, err := submit(later, access.RequestForm{}); err != nil {
			t.Error(err)
		} else if err := decide(w.Omar, again, 0, false); err != nil {
			t.Errorf("denying gives nothing: %v", err)
		}
	})
}

// TestWaysThroughAddressRules: whether the addresses of a provider are trusted, and who is
// a guest of it, is changed only by people who could assign the roles of those who sign in
// there (W-26).
func TestWaysThroughAddressRules(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		ways := map[string]func(*access.Directory){
			"trusting addresses": func(d *access.Directory) { d.TrustAddresses = true },
			"another guest rule": func(d *access.Directory) { d.GuestClaim, d.GuestValues = "acct", []string{"1"} },
		}
		change := func(f func(*access.Directory)) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				d, err := ed.Reader().Directory(ctx, w.Tenant.Directory)
				if err != nil {
					return err
				}
				f(&d)
				return ed.SaveAddressRules(ctx, d)
			}
		}
		for what, f := range ways {
			w.refusedTo(what, w.Ida, w.Lena, access.Forbidden, "Lena Berg has a role that is above yours", change(f))
		}
		w.role(access.GlobalAdministrator, "", person(w.Ida))
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.RemoveRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID,
				Role: access.IdentityGovernanceAdministrator, Subject: person(w.Ida)})
		})
		for what, f := range ways {
			if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Ida), change(f)); err != nil {
				t.Errorf("%s by a global administrator: %v", what, err)
			}
		}
	})
}
