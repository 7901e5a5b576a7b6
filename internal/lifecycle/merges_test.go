package lifecycle_test

import (
	"context"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// sams are the two people that Sam is after the provider has changed its subjects, as in
// {"first":{"sub":"old-sub","email":"sam@harbor.example"},"later":{"sub":"new-sub",…}}.
type sams struct {
	*harness
	accounts [2]access.Account
	people   [2]access.Person
}

// addSams adds both, with a session each. Lena and Ida are global administrators.
func addSams(h *harness) *sams {
	h.t.Helper()
	setUpAdministrators(h)
	s := &sams{harness: h}
	for i, sub := range []string{"old-sub", "new-sub"} {
		var err error
		s.accounts[i], err = h.SignIns.Complete(context.Background(), lifecycle.CompletedSignIn{Tenant: h.Tenant.ID,
			Identity: access.Identity{Directory: h.Harbor.ID, Subject: sub, Name: "Sam Sand", Email: "sam@harbor.example",
				EmailTrusted: true}, Session: access.Session{Key: sub}})
		if err != nil {
			h.t.Fatal(err)
		}
		s.people[i] = s.personOf(s.accounts[i])
		h.clock.Advance(day)
	}
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Ida.ID)}})
	})
	return s
}

func (s *sams) personOf(a access.Account) access.Person {
	s.t.Helper()
	p, ok, err := s.PersonOf(context.Background(), s.Tenant.ID, a.ID)
	if err != nil || !ok {
		s.t.Fatalf("the account %s is nobody: %v", a.Subject, err)
	}
	return p
}

// propose proposes to merge the second Sam into the first.
func (s *sams) propose() access.MergeProposal {
	s.t.Helper()
	m, err := s.Admin.ProposeMerge(context.Background(), s.Lena, admin.MergeForm{From: s.people[1].ID,
		Into:   s.people[0].ID,
		Reason: "New realm"})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// held are the packages that the person has, each with its number of assignments.
func (s *sams) held(p access.PersonID) map[access.PackageID]int {
	s.t.Helper()
	all, err := s.OpenAssignments(context.Background(), s.Tenant.ID, p)
	if err != nil {
		s.t.Fatal(err)
	}
	n := map[access.PackageID]int{}
	for _, x := range all {
		n[x.Package]++
	}
	return n
}

// TestMerge: everything that the one person holds, has requested and may decide goes to
// the other one, who signs in with both accounts; what both have is there once.
func TestMerge(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s, ctx := addSams(h), context.Background()
		first, second := s.people[0], s.people[1]
		tidal, boats := h.Package("Tidal", h.ForPartner(access.Terms{})), h.Package("Boats", h.ForPartner(access.Terms{}))
		maps := h.Package("Maps", h.ForPartner(stages(storetest.Named(h.Omar))))
		charts := h.Package("Charts", access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(second),
			storetest.Named(second, h.Lena))})
		h.submit(s.accounts[1], tidal, access.RequestForm{})
		for _, a := range s.accounts {
			h.submit(a, boats, access.RequestForm{})
		}
		kept := h.submit(s.accounts[0], maps, access.RequestForm{})
		dropped := h.submit(s.accounts[1], maps, access.RequestForm{})
		undecided := h.submit(h.AccountOf(h.Omar), charts, access.RequestForm{})
		h.setInGroup(second, h.Reviewers, true)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.CatalogReader,
				Catalog: h.Catalog.ID, Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(second.ID)}})
		})
		h.runJobs()
		m := s.propose()
		if _, err := h.Admin.ConfirmMerge(ctx, h.Ida, m.ID); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()

		for _, a := range s.accounts {
			if got := s.personOf(a); got.ID != first.ID || got.Disabled {
				h.t.Errorf("%s signs in as %+v", a.Subject, got)
			}
			if _, err := h.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Tenant: h.Tenant.ID, Identity: access.Identity{
				Directory: h.Harbor.ID, Subject: a.Subject, Name: "Sam Sand", Email: "sam@harbor.example", EmailTrusted: true},
				Session: access.Session{Key: "later " + a.Subject}}); err != nil {
				h.t.Errorf("signing in as %s: %v", a.Subject, err)
			}
			if _, err := h.Session(ctx, a.Subject); access.KindOf(err) != access.NotFound {
				h.t.Errorf("the session of %s was to end: %v", a.Subject, err)
			}
		}
		if known, err := h.PeopleByEmail(ctx, h.Tenant.ID, "sam@harbor.example"); err != nil || len(known) != 1 {
			h.t.Errorf("%d people have the address, %v", len(known), err)
		}
		got := s.held(first.ID)
		if len(got) != 2 || got[tidal.Package.ID] != 1 || got[boats.Package.ID] != 1 || len(s.held(second.ID)) != 0 {
			h.t.Errorf("held: %v; by the other: %v", got, s.held(second.ID))
		}
		if !h.inTeam(first.ID) || h.inTeam(second.ID) {
			h.t.Error("what the packages give is not moved")
		}
		h.wantState(kept, access.PendingApproval)
		h.wantState(dropped, access.Canceled)
		if r := h.stored(dropped); r.Target != first.ID || r.Requestor != first.ID {
			h.t.Errorf("the history of requests is not moved: %+v", r)
		}
		rights, err := h.Rights(ctx, first)
		if err != nil || len(rights.Catalogs[h.Catalog.ID]) != 1 {
			h.t.Errorf("rights %+v, %v", rights, err)
		}
		groups, err := h.GroupsOf(ctx, h.Tenant.ID, first.ID)
		if err != nil || len(groups) == 0 {
			h.t.Errorf("groups %v, %v", groups, err)
		}
		h.approve(first, undecided, 0)
		h.approve(first, undecided, 1) // which names the one who is merged
		pointer, err := h.Person(ctx, h.Tenant.ID, second.ID)
		if err != nil || pointer.MergedInto != first.ID {
			h.t.Errorf("the record that is left: %+v, %v", pointer, err)
		}
		_, err = h.Admin.ConfirmMerge(ctx, h.Ida, m.ID)
		wantKind(h.t, "a second time", err, access.NotFound)
		log, err := h.AuditLog(ctx, h.Tenant.ID)
		var told []string
		for _, a := range log {
			if a.Activity == access.ActProposeMerge || a.Activity == access.ActMerge {
				told = append(told, string(a.Actor)+" "+a.ObjectID+" "+a.Reason)
			}
		}
		if want := []string{string(h.Lena.ID) + " " + string(second.ID) + " New realm",
			string(h.Ida.ID) + " " + string(second.ID) + " New realm (confirmed by a second administrator)",
			string(h.Ida.ID) + " " + string(first.ID) + " New realm (confirmed by a second administrator)",
		}; err != nil || !slices.Equal(told, want) {
			h.t.Errorf("audit: %q, want %q; %v", told, want, err)
		}
		policy, err := h.Policy(ctx, h.Tenant.ID, charts.Policies[0].ID)
		if err != nil || policy.Terms.Stages[0].Approvers[0].ID != string(first.ID) {
			h.t.Errorf("the policy names %+v, %v", policy.Terms.Stages, err)
		}
	})
}

// TestMergeNeedsConfirmation: neither the proposer nor one of the two confirms a merge,
// nobody merges people whose roles they may not assign, and the rules are asked again when
// it is confirmed.
func TestMergeNeedsConfirmation(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s, ctx := addSams(h), context.Background()
		role := func(p access.Person, r access.AdminRole) access.RoleAssignment {
			return access.RoleAssignment{Tenant: h.Tenant.ID, Role: r, Subject: access.SubjectRef{Kind: access.SubjectPerson,
				ID: string(p.ID)}}
		}
		gina := h.addMember("Gina Governs", "gina@meridian.example")
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, role(gina, access.IdentityGovernanceAdministrator))
		})
		form := admin.MergeForm{From: s.people[1].ID, Into: s.people[0].ID, Reason: "x"}
		propose := func(by access.Person, change func(*admin.MergeForm)) error {
			f := form
			change(&f)
			_, err := h.Admin.ProposeMerge(ctx, by, f)
			return err
		}
		as := func(f *admin.MergeForm) {}
		wantKind(h.t, "someone without the right", propose(h.Omar, as), access.Forbidden)
		wantKind(h.t, "no reason", propose(h.Lena, func(f *admin.MergeForm) { f.Reason = " " }), access.Invalid)
		wantKind(h.t, "one with themselves", propose(h.Lena, func(f *admin.MergeForm) { f.Into = f.From }), access.Invalid)
		wantKind(h.t, "a member", propose(h.Lena, func(f *admin.MergeForm) { f.Into = h.Omar.ID }), access.Invalid)
		wantKind(h.t, "nobody", propose(h.Lena, func(f *admin.MergeForm) { f.Into = "x" }), access.Invalid)
		wantKind(h.t, "a global administrator, by a lesser one", propose(gina, func(f *admin.MergeForm) {
			f.From, f.Into = h.Omar.ID, h.Lena.ID
		}), access.Forbidden)

		m := s.propose()
		wantKind(h.t, "a second proposal", propose(h.Ida, as), access.Conflict)
		confirm := func(by access.Person) error {
			_, err := h.Admin.ConfirmMerge(ctx, by, m.ID)
			return err
		}
		wantKind(h.t, "the proposer confirms", confirm(h.Lena), access.Forbidden)
		wantKind(h.t, "a lesser administrator confirms", confirm(gina), access.Forbidden)
		sam := role(s.people[0], access.GlobalAdministrator)
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, sam) })
		wantKind(h.t, "one of the two confirms", confirm(s.people[0]), access.Forbidden)
		lena := role(h.Lena, access.GlobalAdministrator)
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.RemoveRoleAssignment(ctx, lena) })
		wantKind(h.t, "the proposer has lost the right", confirm(h.Ida), access.Forbidden)
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, lena) })
		wantKind(h.t, "declining without the right", h.Admin.DeclineMerge(ctx, h.Omar, m.ID), access.Forbidden)
		if err := h.Admin.DeclineMerge(ctx, h.Ida, m.ID); err != nil {
			h.t.Error(err)
		}
		wantKind(h.t, "confirming what was declined", confirm(h.Ida), access.NotFound)
		m = s.propose()
		if err := confirm(h.Ida); err != nil {
			h.t.Error(err)
		}
	})
}

// TestMergeByBothSignIns: two people are merged when both accounts confirm it in one
// browser within 15 minutes; nothing else confirms it.
func TestMergeByBothSignIns(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s, ctx := addSams(h), context.Background()
		m := s.propose()
		prove := func(by access.Person, held, fresh string) (bool, error) {
			return h.Merges.Prove(ctx, by, lifecycle.MergeProof{Proposal: m.ID, Held: held, Fresh: fresh})
		}
		_, err := prove(h.Omar, "", "x")
		wantKind(h.t, "someone else", err, access.NotFound)
		for _, step := range []struct {
			what        string
			by          int
			held, fresh string
			merged      bool
		}{
			{"the first sign-in", 0, "", "a", false},
			{"the first again, with its own token", 0, "a", "b", false},
			{"the second, in another browser", 1, "", "c", false},
			{"the first, with an old token", 0, "b", "d", false},
			{"too late", 1, "d", "e", false},
			{"the first, in the browser of the second", 0, "e", "f", true},
		} {
			if step.what == "too late" {
				h.clock.Advance(access.MergeProofLifetime)
			}
			merged, err := prove(s.people[step.by], step.held, step.fresh)
			if err != nil || merged != step.merged {
				h.t.Fatalf("%s: merged %v, want %v; %v", step.what, merged, step.merged, err)
			}
		}
		if got := s.personOf(s.accounts[1]); got.ID != s.people[0].ID {
			h.t.Errorf("the second account signs in as %s", got.ID)
		}
	})
}

// TestAuditOfMerges: the audit log says who proposed, declined and confirmed to merge whom,
// and why.
func TestAuditOfMerges(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s, ctx := addSams(h), context.Background()
		trail := h.AuditTrail()
		trail.Name("First", string(s.people[0].ID))
		trail.Name("Second", string(s.people[1].ID))
		m := s.propose()
		trail.Want("Lena Berg | Propose to merge users | person Second | Second > First | New realm")
		if err := h.Admin.DeclineMerge(ctx, h.Ida, m.ID); err != nil {
			h.t.Fatal(err)
		}
		trail.Want("Ida Falk | Decline to merge users | person Second | Second > First | New realm")
		m = s.propose()
		trail.Skip()
		if _, err := h.Admin.ConfirmMerge(ctx, h.Ida, m.ID); err != nil {
			h.t.Fatal(err)
		}
		const moved = " | Sam Sand <sam@harbor.example> Second > Sam Sand <sam@harbor.example> First | " +
			"New realm (confirmed by a second administrator)"
		trail.Want("Ida Falk for Lena Berg | Merge users | person Second"+moved,
			"Ida Falk for Lena Berg | Merge users | person First"+moved)
	})
}
