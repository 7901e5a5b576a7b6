package store_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// approverCase is a person who is the only approver, and whether the person can decide.
type approverCase struct {
	name      string
	passcodes bool // the tenant's setting
	directory access.Directory
	// organization is the state of the connected organization with the directory; empty
	// for none. named says that a policy names it.
	organization access.OrganizationState
	named        bool
	open         bool // anyone from outside can request a package
	person       func(*access.Person)
	can          bool
}

// approverCases are written by hand: what makes an approver one who can decide.
func approverCases() []approverCase {
	const own, harbor = access.OrganizationState("own"), access.Configured
	off := func(d access.Directory) access.Directory {
		d.Enabled = false
		return d
	}
	openID := access.Directory{Kind: access.DirectoryOpenID, Enabled: true}
	passcode := access.Directory{Kind: access.DirectoryPasscode, Enabled: true}
	foreign := access.Directory{Kind: access.DirectoryOpenID, Enabled: true, Owner: "another"}
	nothing := func(*access.Person) {}
	return []approverCase{
		{"a member", false, openID, own, false, false, nothing, true},
		{"a disabled member", false, openID, own, false, false, func(p *access.Person) { p.Disabled = true }, false},
		{"who has not signed in", false, openID, own, false, false, func(p *access.Person) { p.Account = "" }, true},
		{"without an address", false, openID, own, false, false, func(p *access.Person) { p.Email = "" }, true},
		{"without account and address", false, openID, own, false, false, func(p *access.Person) {
			p.Account, p.Email = "", ""
		}, false},
		{"of a domain that was removed", false, openID, own, false, false, func(p *access.Person) {
			p.Domain = "old.example"
		}, false},
		{"without a domain", false, openID, own, false, false, func(p *access.Person) { p.Domain = "" }, true},
		{"of a provider that is switched off", false, off(openID), own, false, false, nothing, false},
		{"a guest", false, openID, harbor, false, false, nothing, true},
		{"a blocked guest", false, openID, harbor, false, false, func(p *access.Person) {
			p.Guest = access.GuestBlocked
		}, false},
		{"of a proposed organization", false, openID, access.Proposed, false, false, nothing, false},
		{"of one that a policy names", false, openID, access.Proposed, true, false, nothing, true},
		{"of no organization", false, openID, "", false, false, nothing, false},
		{"of no organization, with a package for anyone", false, openID, "", false, true, nothing, true},
		{"of another tenant's provider", false, foreign, harbor, false, true, nothing, false},
		{"by passcodes", true, passcode, harbor, false, false, nothing, true},
		{"by passcodes that are off", false, passcode, harbor, false, false, nothing, false},
	}
}

// make adds what the case says to the world, and returns the person.
func (x approverCase) make(ctx context.Context, tx *store.Tx, w *storetest.World) (access.Person, error) {
	p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Domain: "quay.example", Kind: access.Guest,
		Name: "Ada", Email: "ada@quay.example", Guest: access.GuestNone}
	w.Tenant.Settings.Passcode = x.passcodes
	d, how := x.directory, access.VerifiedByOperator
	d.ID, d.Name, d.AuthStyle, d.HintStyle = access.DirectoryID(tx.NewID()), "Quay", access.AuthNone, access.HintNone
	d.Domains = []access.Domain{"quay.example"}
	o := access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: w.Tenant.ID, Name: "Quay", Description: "x",
		State: x.organization, Directories: []access.DirectoryID{d.ID}}
	switch {
	case d.Kind == access.DirectoryPasscode:
		d.Owner, how = w.Tenant.ID, access.VerifiedByMail
	case x.organization == "own":
		own, err := tx.Directory(ctx, w.Tenant.Directory)
		if err != nil {
			return p, err
		}
		own.Enabled, p.Domain, p.Kind = d.Enabled, "meridian.example", access.Member
		d = own
	default:
		d.Issuer, d.ClientID = "https://login.quay.example", "myaccess"
	}
	if d.Owner == "another" {
		other := access.Tenant{ID: "another", Directory: w.Other.ID, Name: "Another", Settings: access.DefaultSettings()}
		if err := tx.SaveTenant(ctx, other); err != nil {
			return p, err
		}
	}
	a := access.Account{ID: access.AccountID(tx.NewID()), Directory: d.ID, Subject: "ada", Name: "Ada", Email: p.Email}
	p.Account, p.Directory = a.ID, d.ID
	x.person(&p)
	for _, err := range []error{tx.SaveTenant(ctx, w.Tenant), tx.SaveDirectory(ctx, d, how), tx.SaveAccount(ctx, a),
		tx.AddPerson(ctx, p)} {
		if err != nil {
			return p, err
		}
	}
	if o.State == access.Configured || o.State == access.Proposed {
		if err := tx.SaveOrganization(ctx, o); err != nil {
			return p, err
		}
	}
	return p, x.addPolicies(ctx, tx, w, o)
}

// addPolicies adds a package that names the organization, or that anyone can request.
func (x approverCase) addPolicies(ctx context.Context, tx *store.Tx, w *storetest.World, o access.Organization) error {
	k := access.Package{ID: access.PackageID(tx.NewID()), Tenant: w.Tenant.ID, Catalog: w.Catalog.ID, Name: "Open"}
	p := access.Policy{ID: access.PolicyID(tx.NewID()), Tenant: w.Tenant.ID, Package: k.ID, Name: "Open", Enabled: true,
		Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}}
	switch {
	case x.named:
		p.Scope, p.Targets = access.ScopeSpecificOrgs, []access.SubjectRef{{Kind: access.SubjectOrganization,
			ID: string(o.ID)}}
	case x.open:
		p.Scope = access.ScopeAnyone
	default:
		return nil
	}
	if err := tx.SavePackage(ctx, k); err != nil {
		return err
	}
	return tx.SavePolicy(ctx, p)
}

// TestC42WhoCanDecide: Whether a person can decide is the same, and as written by hand, on
// every way: at a submission, in the lists of policies and of pending requests without an
// approver, in the rule at which a policy is saved, and for the way in of package access.
func TestC42WhoCanDecide(t *testing.T) {
	for _, x := range approverCases() {
		t.Run(x.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
				w := storetest.NewWorld(t, s)
				var p access.Person
				g := access.Entry{Tenant: w.Tenant.ID, Kind: access.KindGroup, Name: "Board",
					Roles: access.DefaultRoles(access.KindGroup)}
				w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
					if p, err = x.make(ctx, tx, w); err != nil {
						return err
					}
					g.ID = access.EntryID(tx.NewID())
					if err := tx.SaveEntry(ctx, g); err != nil {
						return err
					}
					_, err = tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: g.ID, Role: store.GroupMember, Person: p.ID})
					return err
				})
				x.check(t, w, p, storetest.Named(p))
				x.check(t, w, p, access.Stage{Days: 7, Approvers: groupOf(g)})
			})
		})
	}
}

// check looks on every way at the stage, whose only approver is the person.
func (x approverCase) check(t *testing.T, w *storetest.World, p access.Person, stage access.Stage) {
	t.Helper()
	ctx := t.Context()
	want := 1
	if x.can {
		want = 0
	}
	expect := func(way string, gaps int, err error) {
		t.Helper()
		if gaps != want || err != nil {
			t.Errorf("%s: %d stages without a decider, want %d, %v", way, gaps, want, err)
		}
	}
	stages := []access.Stage{stage}
	found, err := w.StageWithoutDecider(ctx, w.Tenant.ID, stages)
	expect("at a submission", found, err)

	o := w.Package(string(stage.Approvers[0].Kind), access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: stages}})
	policies, err := w.PoliciesWithoutDecider(ctx, w.Tenant.ID, nil, 10)
	expect("the policies", len(policies.Policies), err)
	facts, err := w.PolicyFacts(ctx, o.Policies[0], o.Catalog, w.Now())
	refused, _ := o.Policies[0].Advise(facts)
	expect("saving the policy", len(refused), err)

	q := pendingRequest(w, o)
	list, err := w.RequestList(ctx, w.Tenant.ID, store.ListQuery[store.RequestFilter]{Limit: 5,
		Filter: store.RequestFilter{NoDecider: true}})
	expect("the list of requests", len(list.Rows), err)
	n, err := w.CountWithoutDecider(ctx, w.Tenant.ID, nil)
	expect("the count of requests", int(n), err)
	gaps, err := w.ApprovalGaps(ctx, w.Tenant.ID)
	expect("the nightly check", len(gaps)/2, err)

	admitted, err := w.WithWayIn(ctx, w.Tenant.ID, []access.Person{p})
	if p.Guest != access.GuestBlocked && (p.Account != "" || p.Email != "") {
		expect("package access", 1-len(admitted), err)
	}
	w.Do(func(ctx context.Context, tx *store.Tx) error { // so that the next one is alone
		o.Policies[0].Enabled = false
		if err := tx.SavePolicy(ctx, o.Policies[0]); err != nil {
			return err
		}
		return tx.MoveRequest(ctx, q, access.Canceled, "", "")
	})
}

// pendingRequest adds a request of Lena that waits for the first stage of the package's
// policy.
func pendingRequest(w *storetest.World, o access.Offer) access.Request {
	q := access.Request{Tenant: w.Tenant.ID, Type: access.UserAdd, State: access.PendingApproval, Package: o.Package.ID,
		Policy: o.Policies[0].ID, Requestor: w.Lena.ID, Target: w.Lena.ID, Terms: o.Policies[0].Terms,
		Due: w.Now().Add(7 * 24 * time.Hour)}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		q.ID = access.RequestID(tx.NewID())
		if err := tx.AddRequest(ctx, q, ""); err != nil {
			return err
		}
		return tx.OpenStage(ctx, q, 0, q.Terms.Stages[0].Approvers)
	})
	return q
}

// TestC42OwnRequest: A request that only its requestor or its target could decide has no
// decider, and neither has a stage in which only they are named; someone else's has.
func TestC42OwnRequest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		for _, stage := range []access.Stage{storetest.Named(w.Lena), storetest.Named(w.Omar)} {
			o := w.Package(stage.Approvers[0].ID, access.Policy{Scope: access.ScopeMembers,
				Terms: access.Terms{Stages: []access.Stage{stage}}})
			pendingRequest(w, o)
		}
		gaps, err := s.CountWithoutDecider(t.Context(), w.Tenant.ID, nil)
		if gaps != 1 || err != nil {
			t.Errorf("%d requests without a decider, %v", gaps, err)
		}
		for _, tt := range []struct {
			except []access.PersonID
			want   int
		}{{nil, 0}, {[]access.PersonID{w.Lena.ID}, 2}, {[]access.PersonID{w.Omar.ID, w.Lena.ID}, 1},
			{[]access.PersonID{w.Omar.ID}, 0}} {
			stages := []access.Stage{{Approvers: groupOf(w.Reviewers)}, storetest.Named(w.Lena)}
			if len(tt.except) == 2 {
				stages[0] = storetest.Named(w.Omar)
			}
			got, err := s.StageWithoutDecider(t.Context(), w.Tenant.ID, stages, tt.except...)
			if got != tt.want || err != nil {
				t.Errorf("without %v: stage %d, want %d, %v", tt.except, got, tt.want, err)
			}
		}
	})
}

// TestC42GapsOfCatalogs: Policies and requests without a decider are found in the catalogs
// that are asked for, and in one's own tenant.
func TestC42GapsOfCatalogs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		o := w.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
			Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.Ida), storetest.Named(w.Omar)}}})
		pendingRequest(w, o)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			w.Ida.Disabled = true
			return tx.UpdatePerson(ctx, w.Ida)
		})
		for _, tt := range []struct {
			tenant   access.TenantID
			catalogs []access.CatalogID
			want     int
		}{{w.Tenant.ID, nil, 1}, {w.Tenant.ID, []access.CatalogID{w.Catalog.ID, "other"}, 1},
			{w.Tenant.ID, []access.CatalogID{"other"}, 0}, {w.Tenant.ID, []access.CatalogID{}, 0}} {
			found, err := s.PoliciesWithoutDecider(ctx, tt.tenant, tt.catalogs, 10)
			n, countErr := s.CountWithoutDecider(ctx, tt.tenant, tt.catalogs)
			if len(found.Policies) != tt.want || int(n) != tt.want || err != nil || countErr != nil {
				t.Errorf("%v: %+v and %d requests, %v, %v", tt.catalogs, found, n, err, countErr)
			}
		}
		found, err := s.PoliciesWithoutDecider(ctx, w.Tenant.ID, nil, 10)
		if err != nil || found.Policies[0].Stage != 1 {
			t.Errorf("the stage is %+v, %v", found.Policies, err)
		}
	})
}

// TestC42OnlyRequestors: A policy is without an approver if each person who can request is
// the only one who can decide in some stage; the page's list and the rule at which a policy
// is saved agree on it.
func TestC42OnlyRequestors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s) // Ida and Omar are the Reviewers
		lena, ida, omar := storetest.Named(w.Lena), storetest.Named(w.Ida), storetest.Named(w.Omar)
		reviewers := access.Stage{Days: 7, Approvers: groupOf(w.Reviewers)}
		both := access.Stage{Days: 7, Approvers: append(slices.Clone(ida.Approvers), omar.Approvers...)}
		for name, tt := range map[string]struct {
			scope   access.Scope
			askers  []access.SubjectRef
			stages  []access.Stage
			without int // whom it takes out of Reviewers: none, Ida
			want    string
		}{
			"the approver":             {access.ScopeSpecificUsers, ida.Approvers, []access.Stage{ida}, 0, "1"},
			"the approver, of all":     {access.ScopeMembers, nil, []access.Stage{ida}, 0, ""},
			"another":                  {access.ScopeSpecificUsers, lena.Approvers, []access.Stage{ida}, 0, ""},
			"one of two approvers":     {access.ScopeSpecificUsers, ida.Approvers, []access.Stage{reviewers}, 0, ""},
			"the approver and another": {access.ScopeSpecificUsers, both.Approvers, []access.Stage{ida}, 0, ""},
			"the second stage":         {access.ScopeSpecificUsers, ida.Approvers, []access.Stage{lena, ida}, 0, "2"},
			"one stage each":           {access.ScopeSpecificUsers, both.Approvers, []access.Stage{ida, omar}, 0, "1 2"},
			"one stage each, by a group": {access.ScopeSpecificUsers, groupOf(w.Reviewers), []access.Stage{ida, omar}, 0,
				"1 2"},
			"the same stage twice":        {access.ScopeSpecificUsers, both.Approvers, []access.Stage{ida, ida}, 0, ""},
			"the group that is left":      {access.ScopeSpecificUsers, omar.Approvers, []access.Stage{reviewers}, 1, "1"},
			"the group, for itself":       {access.ScopeSpecificUsers, groupOf(w.Reviewers), []access.Stage{reviewers}, 1, "1"},
			"the whole group, for itself": {access.ScopeSpecificUsers, groupOf(w.Reviewers), []access.Stage{reviewers}, 0, ""},
		} {
			o := w.Package(name, access.Policy{Scope: tt.scope, Targets: tt.askers, Terms: access.Terms{Stages: tt.stages}})
			ida := access.Membership{Entry: w.Reviewers.ID, Role: store.GroupMember, Person: w.Ida.ID}
			if tt.without > 0 {
				w.Do(func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.RemoveMember(ctx, w.Tenant.ID, ida)
					return err
				})
			}
			found, err := s.PoliciesWithoutDecider(ctx, w.Tenant.ID, nil, 10)
			var stages []string
			for _, g := range found.Policies {
				stages = append(stages, strconv.Itoa(g.Stage))
			}
			if got := strings.Join(stages, " "); got != tt.want || err != nil {
				t.Errorf("%s: the stages %q, want %q, %v", name, got, tt.want, err)
			}
			in, err := s.PoliciesWithoutDecider(ctx, w.Tenant.ID, []access.CatalogID{w.Catalog.ID}, 10)
			if len(in.Policies) != len(stages) || err != nil {
				t.Errorf("%s: %d in the catalog, %v", name, len(in.Policies), err)
			}
			facts, err := s.PolicyFacts(ctx, o.Policies[0], o.Catalog, w.Now())
			if refused, _ := o.Policies[0].Advise(facts); len(refused) != len(stages) || err != nil {
				t.Errorf("%s: saving it is refused for %v, %v", name, refused, err)
			}
			w.Do(func(ctx context.Context, tx *store.Tx) error { // so that the next one is alone
				if tt.without > 0 {
					if _, err := tx.AddMember(ctx, w.Tenant.ID, ida); err != nil {
						return err
					}
				}
				o.Policies[0].Enabled = false
				return tx.SavePolicy(ctx, o.Policies[0])
			})
		}
	})
}

// TestC42LaterStage: A pending request is without a decider while a stage that is open or
// comes later has none; the gap is in the first such stage. A stage that has decided, and a
// request that is settled, do not count.
func TestC42LaterStage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		lena, ida, omar := storetest.Named(w.Lena), storetest.Named(w.Ida), storetest.Named(w.Omar)
		o := w.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{Stages: []access.Stage{omar,
			{Days: 7, Approvers: groupOf(w.Reviewers)}, ida}}})
		q := pendingRequest(w, o)
		own := w.Package("Own", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{Stages: []access.Stage{omar,
			omar, lena}}}) // of Lena, who is the approver of the last stage
		mine := pendingRequest(w, own)
		expect := func(when string, want ...store.ApprovalGap) {
			t.Helper()
			all, err := s.ApprovalGaps(ctx, w.Tenant.ID)
			gaps := slices.DeleteFunc(all, func(g store.ApprovalGap) bool { return g.Kind != store.GapOfRequest })
			n, countErr := s.CountWithoutDecider(ctx, w.Tenant.ID, nil)
			list, listErr := s.RequestList(ctx, w.Tenant.ID, store.ListQuery[store.RequestFilter]{Limit: 5,
				Filter: store.RequestFilter{NoDecider: true}})
			if !slices.Equal(gaps, want) || int(n) != len(want) || len(list.Rows) != len(want) ||
				errors.Join(err, countErr, listErr) != nil {
				t.Errorf("%s: %v, want %v; %d counted, %d listed, %v", when, gaps, want, n, len(list.Rows),
					errors.Join(err, countErr, listErr))
			}
		}
		disable := func(p *access.Person, disabled bool) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				fresh, err := tx.Person(ctx, w.Tenant.ID, p.ID)
				if err != nil {
					return err
				}
				fresh.Disabled = disabled
				return tx.UpdatePerson(ctx, fresh)
			})
		}
		gap := func(q access.Request, stage int) store.ApprovalGap {
			return store.ApprovalGap{Kind: store.GapOfRequest, ID: string(q.ID), Stage: stage}
		}
		expect("at first", gap(mine, 3))
		disable(&w.Ida, true)
		expect("a later stage", gap(q, 3), gap(mine, 3))
		disable(&w.Omar, true)
		expect("all stages", gap(q, 1), gap(mine, 1))
		disable(&w.Ida, false)
		next := func(r *access.Request) {
			r.Stage++
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.CloseStages(ctx, *r); err != nil {
					return err
				}
				if err := tx.NextStage(ctx, *r); err != nil {
					return err
				}
				return tx.OpenStage(ctx, *r, r.Stage, r.Terms.Stages[r.Stage].Approvers)
			})
		}
		next(&q)
		expect("the first has decided", gap(mine, 1))
		next(&mine)
		expect("both have decided", gap(mine, 2))
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveRequest(ctx, mine, access.Canceled, "", "")
		})
		expect("it is canceled")
	})
}
