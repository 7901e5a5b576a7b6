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

const notSignedIn = "“Fiona” hasn't signed in yet"

// fiona is a member without an account, added by mail address.
func (w *waysFixture) fiona() (p access.Person) {
	w.t.Helper()
	w.applies(func(ed *admin.Editor) (err error) {
		p, err = ed.AddPerson(w.t.Context(), "fiona@meridian.example", "Fiona")
		return err
	})
	return p
}

// wantRefusal expects a refusal of the kind, at the field, with the sentence.
func wantRefusal(t *testing.T, what string, err error, kind access.ErrorKind, field, sentence string) {
	t.Helper()
	fault, ok := err.(*access.Error) //nolint:errorlint // a refusal is returned as it is
	if !ok || fault.Kind != kind || fault.Field != field || !strings.Contains(fault.Error(), sentence) {
		t.Errorf("%s: %v, want kind %d at %q with “%s”", what, err, kind, field, sentence)
	}
}

// TestRoleOfGroupNeedsSubjects: a group gets no administrative role, in the tenant or in a
// catalog, while somebody without an account is its member, or becomes one by an access
// package. With a subject, and where people sign in with passcodes, it does.
func TestRoleOfGroupNeedsSubjects(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		fiona, abel := w.fiona(), access.Person{}
		w.applies(func(ed *admin.Editor) (err error) {
			stored, err := ed.Reader().Tenant(ctx, w.Tenant.ID)
			if err != nil {
				return err
			}
			stored.Settings.Passcode = true
			if err := ed.SaveSettings(ctx, stored); err != nil {
				return err
			}
			if _, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{passcodes("quay.example")}}); err != nil {
				return err
			}
			abel, err = ed.AddPerson(ctx, "abel@quay.example", "Abel")
			return err
		})
		board, codes := w.group("Board", abel.ID, fiona.ID), w.group("Codes", w.Omar.ID, abel.ID)
		role := func(g access.Entry, c access.CatalogID) error {
			r := access.RoleAssignment{Role: access.ConnectedOrganizationAdministrator, Subject: group(g)}
			if c != "" {
				r.Role, r.Catalog = access.CatalogReader, c
			}
			_, err := w.Admin.Preview(ctx, admin.ByPerson(w.Lena), func(ed *admin.Editor) error { return ed.AssignRole(ctx, r) })
			return err
		}
		const members = "members of “Board” have an administrative role"
		wantRefusal(t, "in the tenant", role(board, ""), access.Invalid, "subject", notSignedIn+", and "+members)
		wantRefusal(t, "in a catalog", role(board, w.Catalog.ID), access.Invalid, "subject", members)
		if err := role(codes, ""); err != nil {
			t.Errorf("of people with passcodes: %v", err)
		}
		w.applies(func(ed *admin.Editor) error {
			return ed.SetMembers(ctx, access.Membership{Entry: board.ID, Role: "Member"}, []access.PersonID{fiona.ID}, false)
		})
		if err := role(board, ""); err != nil {
			t.Errorf("without Fiona: %v", err)
		}

		carrier := w.carrier("Board seats", board, directPolicy())
		if _, err := w.Admin.Assign(ctx, w.Lena, admin.Assigning{Package: carrier.Package.ID,
			People: []access.PersonID{fiona.ID}, Ask: access.RequestForm{Policy: carrier.Policies[0].ID}}); err != nil {
			t.Fatal(err)
		}
		operator := func() error { // others get no role for a delivered group at all
			_, err := w.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
				in, err := ed.In(w.Tenant.ID)
				if err != nil {
					return err
				}
				return in.AssignRole(ctx, access.RoleAssignment{Role: access.CatalogCreator, Subject: group(board)})
			})
			return err
		}
		wantRefusal(t, "by a package that she holds", operator(), access.Invalid, "subject", members)
		if err := w.Admin.SetSubject(ctx, w.Lena, fiona.ID, w.stored(fiona).Version, "of-fiona"); err != nil {
			t.Fatal(err)
		}
		if err := operator(); err != nil {
			t.Errorf("with a subject: %v", err)
		}
	})
}

// TestMemberOfAdministratorsNeedsSubject: somebody without an account does not become a
// member of a group with an administrative role, by any way: the directory page, an
// import, the operator, or an access package that delivers the group.
func TestMemberOfAdministratorsNeedsSubject(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		fiona := w.fiona()
		board, plain := w.group("Board", w.Omar.ID), w.group("Plain")
		carrier := w.carrier("Board seats", board, directPolicy())
		held := w.Package("Tidal", directPolicy())
		assign := func(a admin.Assigning) error {
			a.Ask.Policy = carrier.Policies[0].ID
			if a.Package == "" {
				a.Package = carrier.Package.ID
			} else {
				a.Ask.Policy = held.Policies[0].ID
			}
			_, err := w.Admin.Preview(ctx, admin.ByPerson(w.Lena), func(ed *admin.Editor) error {
				_, err := ed.Assign(ctx, a)
				return err
			})
			return err
		}
		join := func(e access.Entry) error {
			_, err := w.Admin.Preview(ctx, admin.ByPerson(w.Lena), func(ed *admin.Editor) error {
				m := access.Membership{Entry: e.ID, Role: "Member"}
				return ed.SetMembers(ctx, m, []access.PersonID{w.Ida.ID, fiona.ID}, true)
			})
			return err
		}
		imported := func(subject, group string) error {
			lines, err := importText(ctx, w.Admin, w.Store, w.Lena,
				"mail,displayName,subject,groups\nfiona@meridian.example,Fiona,"+subject+","+group, true)
			if err != nil {
				t.Fatal(err)
			}
			if f := lines[0].Faults; len(f) > 0 {
				return access.Invalidf(f[0].Column, f[0].Msg, f[0].Args...)
			}
			return nil
		}
		addRole := func() error {
			held, err := w.Offer(ctx, w.Tenant.ID, held.Package.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Admin.PreviewRoles(ctx, w.Lena, admin.RoleChange{Package: held.Package.ID, Version: held.Package.Version,
				Add: carrier.Package.Roles})
			return err
		}
		// Each is allowed while the group has no role.
		for what, err := range map[string]error{"the page": join(board), "an import": imported("", "Board"),
			"assigned": assign(admin.Assigning{People: []access.PersonID{fiona.ID}}), "a new role": addRole()} {
			if err != nil {
				t.Errorf("%s, of a group without a role: %v", what, err)
			}
		}
		if _, err := w.Admin.Assign(ctx, w.Lena, admin.Assigning{Package: held.Package.ID,
			People: []access.PersonID{fiona.ID},
			Ask:    access.RequestForm{Policy: held.Policies[0].ID}}); err != nil {
			t.Fatal(err)
		}
		w.role(access.ConnectedOrganizationAdministrator, "", group(board))
		const members = ", and members of “Board” have an administrative role"
		wantRefusal(t, "the page", join(board), access.Invalid, "people", notSignedIn+members)
		wantRefusal(t, "an import", imported("", "Board"), access.Invalid, "groups", notSignedIn+members)
		wantRefusal(t, "assigned", assign(admin.Assigning{People: []access.PersonID{fiona.ID}}), access.Invalid, "people",
			notSignedIn+members)
		wantRefusal(t, "assigned by address", assign(admin.Assigning{Address: "new@meridian.example", Name: "New"}),
			access.Invalid, "address", "“New” hasn't signed in yet"+members)
		wantRefusal(t, "a package that she holds", addRole(), access.Invalid, "role", notSignedIn+members)
		for what, err := range map[string]error{"another group": join(plain), "an import": imported("", "Plain"),
			"an import with the subject": imported("of-fiona", "Board"),
			"another person":             assign(admin.Assigning{People: []access.PersonID{w.Ida.ID}})} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := w.Admin.SetSubject(ctx, w.Lena, fiona.ID, w.stored(fiona).Version, "of-fiona"); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{"the page": join(board), "an import": imported("", "Board"),
			"assigned":   assign(admin.Assigning{People: []access.PersonID{fiona.ID}}),
			"a new role": addRole()} {
			if err != nil {
				t.Errorf("%s, with a subject: %v", what, err)
			}
		}
	})
}

// TestDeliveryToAdministratorsNeedsSubject: a request for somebody without an account, made
// before the group of the package had a role, is not approved, and a scheduled one is
// canceled at its start.
func TestDeliveryToAdministratorsNeedsSubject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		world, use := newAdminWorld(t, s)
		ctx := t.Context()
		w := &waysFixture{ruleFixture: &ruleFixture{world, use, t}}
		fiona, g := w.fiona(), w.owned("Admins")
		policy := approved("By Lena", w.Lena)
		policy.CustomSchedule = true
		asks, later := w.carrier("Seats", g, policy), w.Package("Later", policy)
		later.Package.Roles = asks.Package.Roles
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, later.Package) })
		request := func(o access.Offer, start time.Time) access.Request {
			made, err := use.Admin.Assign(ctx, w.Omar, admin.Assigning{Package: o.Package.ID,
				People: []access.PersonID{fiona.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID, Start: start}})
			if err != nil {
				t.Fatal(err)
			}
			return made[0]
		}
		decide := func(r access.Request) error {
			return use.Requests.Decide(ctx, w.Lena, lifecycle.DecisionInput{Request: r.ID, Approve: true})
		}
		r, scheduled := request(asks, time.Time{}), request(later, clock.Now().Add(48*time.Hour))
		if err := decide(scheduled); err != nil {
			t.Fatal(err)
		}
		w.role(access.CatalogCreator, "", group(g))
		err := decide(r)
		if wantKind(t, "the approval", err, access.Forbidden); err == nil || !strings.Contains(err.Error(), notSignedIn) {
			t.Errorf("it says %v", err)
		}
		clock.Advance(49 * time.Hour)
		if n, err := use.Deadlines.StartScheduled(ctx, clock.Now()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if stored, err := s.Request(ctx, r.Tenant, scheduled.ID); err != nil || stored.State != access.Canceled ||
			!strings.Contains(string(stored.Note), "hadn't signed in yet") {
			t.Errorf("the scheduled request is %s, %q, %v", stored.State, stored.Note, err)
		}
		if err := use.Admin.SetSubject(ctx, w.Lena, fiona.ID, w.stored(fiona).Version, "of-fiona"); err != nil {
			t.Fatal(err)
		}
		if err := decide(r); err != nil {
			t.Errorf("the approval, with a subject: %v", err)
		}
	})
}

// TestMergeOfAdministratorNeedsSubject: of two people without an account, of whom one has
// an administrative role, none becomes the other.
func TestMergeOfAdministratorNeedsSubject(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		fiona, other := w.fiona(), access.Person{}
		w.applies(func(ed *admin.Editor) (err error) {
			other, err = ed.AddPerson(ctx, "f.chief@meridian.example", "Fiona Chief")
			return err
		})
		propose := func() error {
			_, err := w.Admin.Preview(ctx, admin.ByPerson(w.Lena), func(ed *admin.Editor) error {
				_, err := ed.ProposeMerge(ctx, admin.MergeForm{From: other.ID, Into: fiona.ID, Reason: "One person"})
				return err
			})
			return err
		}
		if err := propose(); err != nil {
			t.Errorf("without a role: %v", err)
		}
		w.role(access.CatalogCreator, "", person(other)) // as an earlier version did
		wantRefusal(t, "of one with a role", propose(), access.Invalid, "other", notSignedIn)
		if err := w.Admin.SetSubject(ctx, w.Lena, other.ID, w.stored(other).Version, "of-fiona"); err != nil {
			t.Fatal(err)
		}
		if err := propose(); err != nil {
			t.Errorf("with a subject: %v", err)
		}
	})
}
