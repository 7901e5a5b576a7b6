package lifecycle_test

import (
	"context"
	"testing"
	"time"

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
		s.accounts[i] = s.signIn(sub, sub)
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

// signIn signs in with a subject of Harbor.
func (s *sams) signIn(subject, session string) access.Account {
	s.t.Helper()
	a, err := s.SignIns.Complete(context.Background(), lifecycle.CompletedSignIn{Tenant: s.Tenant.ID,
		Identity: access.Identity{Directory: s.Harbor.ID, Subject: subject, Name: "Sam Sand", Email: "sam@harbor.example",
			EmailTrusted: true}, Session: access.Session{Key: session}})
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// merge merges the second Sam into the first.
func (s *sams) merge() {
	s.t.Helper()
	if _, err := s.Admin.ConfirmMerge(context.Background(), s.Ida, s.propose().ID); err != nil {
		s.t.Fatal(err)
	}
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
			s.signIn(a.Subject, "later "+a.Subject)
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
		policy, err := h.Policy(ctx, h.Tenant.ID, charts.Policies[0].ID)
		if err != nil || policy.Terms.Stages[0].Approvers[0].ID != string(first.ID) {
			h.t.Errorf("the policy names %+v, %v", policy.Terms.Stages, err)
		}
	})
}

// TestMergeSettles: of two assignments of a package the one that ends later stays; a
// request is canceled if the other person has the package or has decided on it.
func TestMergeSettles(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s, ctx := addSams(h), context.Background()
		asked := stages(storetest.Named(h.Omar))
		course := h.Package("Course", h.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration,
			Days: 30}}))
		maps, charts := h.Package("Maps", h.ForPartner(asked)), h.Package("Charts", h.ForPartner(stages(
			storetest.Named(s.people[1]), storetest.Named(h.Omar))))
		h.submit(s.accounts[0], course, access.RequestForm{})
		h.runJobs()
		h.clock.Advance(day)
		h.submit(s.accounts[1], course, access.RequestForm{})
		h.approve(h.Omar, h.submit(s.accounts[0], maps, access.RequestForm{}), 0)
		again := h.submit(s.accounts[1], maps, access.RequestForm{})
		decided := h.submit(s.accounts[0], charts, access.RequestForm{})
		h.approve(s.people[1], decided, 0)
		h.runJobs()
		later, err := h.OpenAssignments(ctx, h.Tenant.ID, s.people[1].ID)
		if err != nil || len(later) != 1 || later[0].End.IsZero() {
			h.t.Fatalf("%+v, %v", later, err)
		}
		s.merge()
		h.runJobs()
		h.wantState(again, access.Canceled)
		h.wantState(decided, access.Canceled)
		all, err := h.OpenAssignments(ctx, h.Tenant.ID, s.people[0].ID)
		ends := map[access.PackageID]access.Assignment{}
		for _, x := range all {
			ends[x.Package] = x
		}
		if got := ends[course.Package.ID]; err != nil || len(all) != 2 || got.ID != later[0].ID {
			h.t.Errorf("%d assignments, that of Course ends on %s, want %s; %v", len(all), got.End, later[0].End, err)
		}
	})
}

// TestMergeEndsSessions: the sessions of both people end in the tenant, also if only one of
// the two has any.
func TestMergeEndsSessions(t *testing.T) {
	t.Parallel()
	for name, signedIn := range map[string][]int{"the one who stays": {0}, "the one who is merged": {1}, "both": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachEngine(t, func(h *harness) {
				s, ctx := addSams(h), context.Background()
				accepted := func(i int) bool {
					in, err := h.Session(ctx, s.accounts[i].Subject+" now")
					return err == nil && s.personOf(s.accounts[i]).AcceptsSession(in.Session)
				}
				for _, a := range s.accounts { // those of addSams
					if err := h.SignIns.EndSession(ctx, a.Subject); err != nil {
						h.t.Fatal(err)
					}
				}
				for _, i := range signedIn {
					if s.signIn(s.accounts[i].Subject, s.accounts[i].Subject+" now"); !accepted(i) {
						h.t.Fatalf("the session of %s is not accepted before", s.accounts[i].Subject)
					}
				}
				h.clock.Advance(time.Minute)
				s.merge()
				for _, i := range signedIn {
					if accepted(i) {
						h.t.Errorf("the session of %s goes on", s.accounts[i].Subject)
					}
				}
			})
		})
	}
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
		disable := func(disabled bool) {
			h.Do(func(ctx context.Context, tx *store.Tx) error {
				p, err := tx.Person(ctx, h.Tenant.ID, s.people[1].ID)
				if p.Disabled = disabled; err != nil {
					return err
				}
				return tx.UpdatePerson(ctx, p)
			})
		}
		disable(true)
		wantKind(h.t, "someone who is disabled", propose(h.Lena, as), access.Invalid)
		disable(false)
		m = s.propose()
		disable(true)
		wantKind(h.t, "one was disabled since", confirm(h.Ida), access.Invalid)
		disable(false)
		if err := confirm(h.Ida); err != nil {
			h.t.Error(err)
		}
		wantKind(h.t, "someone who is merged already", propose(h.Lena, as), access.Conflict)
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

// TestMergedOutsiderStaysOutside: a guest of the tenant's own provider and a person of a
// partner, merged into each other in either direction, are no member, whichever of the two
// accounts signs in.
func TestMergedOutsiderStaysOutside(t *testing.T) {
	t.Parallel()
	for name, into := range map[string]int{"into the guest": 0, "into the person of the partner": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachEngine(t, func(h *harness) {
				s, ctx := addSams(h), context.Background()
				signIn := []access.Identity{
					{Directory: h.Tenant.Directory, Subject: "guest", Name: "Sam Sand", Email: "sam@harbor.example",
						EmailTrusted: true, Belonging: access.GuestOfProvider, GuestReason: "acct = 1"},
					{Directory: h.Harbor.ID, Subject: "old-sub", Name: "Sam Sand", Email: "sam@harbor.example", EmailTrusted: true},
				}
				complete := func(i int) access.Person {
					a, err := h.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Tenant: h.Tenant.ID, Identity: signIn[i],
						Session: access.Session{Key: h.clock.Now().String() + signIn[i].Subject}})
					if err != nil {
						h.t.Fatal(err)
					}
					return s.personOf(a)
				}
				people := []access.Person{complete(0), complete(1)}
				m, err := h.Admin.ProposeMerge(ctx, h.Lena, admin.MergeForm{From: people[1-into].ID, Into: people[into].ID,
					Reason: "Twice"})
				if err != nil {
					h.t.Fatal(err)
				}
				if _, err := h.Admin.ConfirmMerge(ctx, h.Ida, m.ID); err != nil {
					h.t.Fatal(err)
				}
				for _, i := range []int{0, 1, 0} {
					h.clock.Advance(time.Hour)
					if p := complete(i); p.ID != people[into].ID || p.Kind == access.Member {
						h.t.Errorf("signed in as %s: %s is a %s", signIn[i].Subject, p.ID, p.Kind)
					}
				}
			})
		})
	}
}
