package admin_test

import (
	"context"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// fields are the fields with errors in err.
func fields(err error) []string {
	var es access.Errors
	es.Add(err)
	var all []string
	for _, e := range es {
		all = append(all, e.Field)
	}
	return all
}

// person and group are subjects.
func person(p access.Person) access.SubjectRef {
	return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}
}

func group(e access.Entry) access.SubjectRef {
	return access.SubjectRef{Kind: access.SubjectGroup, ID: string(e.ID)}
}

// forMembers is a policy for all members with the given approvers.
func forMembers(o access.Offer, name string, approvers ...access.SubjectRef) access.Policy {
	return access.Policy{Package: o.Package.ID, Name: name, Scope: access.ScopeMembers, Enabled: true, Terms: access.Terms{
		Stages: []access.Stage{{Approvers: approvers, Days: 7}}, Expiration: access.Expiration{Kind: access.AfterDuration,
			Days: 30}}}
}

// A catalog owner adds a policy, changes it while someone else does, and deletes it.
func TestPolicies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		offer := w.Package("Tidal")
		p := forMembers(offer, "Crew", group(w.Reviewers))

		_, err := use.Admin.SavePolicy(ctx, w.Ida, p)
		wantKind(t, "somebody without a role in the catalog", err, access.NotFound)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogReader,
				Catalog: w.Catalog.ID, Subject: person(w.Ida)})
		})
		_, err = use.Admin.SavePolicy(ctx, w.Ida, p)
		wantKind(t, "who may only read", err, access.Forbidden)

		made, err := use.Admin.SavePolicy(ctx, w.Omar, p)
		if err != nil {
			t.Fatal(err)
		}
		_, err = use.Admin.SavePolicy(ctx, w.Omar, forMembers(offer, "CREW", group(w.Reviewers)))
		if !slices.Equal(fields(err), []string{"policyName"}) {
			t.Errorf("a name that is taken: %v", err)
		}
		stored, err := s.Policy(ctx, w.Tenant.ID, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Description, stored.Package = "For the crew", "another"
		if _, err := use.Admin.SavePolicy(ctx, w.Omar, stored); err != nil {
			t.Fatal(err)
		}
		_, err = use.Admin.SavePolicy(ctx, w.Lena, stored)
		wantKind(t, "the version before", err, access.Conflict)
		got, err := s.Policy(ctx, w.Tenant.ID, made.ID)
		if err != nil || got.Description != "For the crew" || got.Package != offer.Package.ID {
			t.Errorf("got %+v, %v", got, err)
		}
		last, _, err := s.LastChange(ctx, w.Tenant.ID, string(made.ID))
		if err != nil || last.Activity != access.ActUpdatePolicy || last.Actor != w.Omar.ID {
			t.Errorf("audited as %+v, %v", last, err)
		}

		wantKind(t, "a reader deletes it", use.Admin.DeletePolicy(ctx, w.Ida, made.ID), access.Forbidden)
		if err := use.Admin.DeletePolicy(ctx, w.Omar, made.ID); err != nil {
			t.Error(err)
		}
		_, err = s.Policy(ctx, w.Tenant.ID, made.ID)
		wantKind(t, "a policy that was deleted", err, access.NotFound)
		all, err := s.AuditOf(ctx, w.Tenant.ID, string(made.ID))
		if err != nil || len(all) != 3 || all[2].Activity != access.ActDeletePolicy || all[2].Actor != w.Omar.ID {
			t.Errorf("audited as %+v, %v", all, err)
		}
		_, err = use.Admin.SavePolicy(ctx, w.Omar, access.Policy{Package: "nowhere", Name: "x"})
		wantKind(t, "for no package", err, access.NotFound)
	})
}

// A policy's subjects must exist in the tenant; all unknown ones are reported at once, at
// their fields.
func TestPolicySubjectsExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		p := forMembers(w.Package("Tidal"), "Crew", person(w.Ida))
		p.Stages = append(p.Stages, access.Stage{Days: 3, Approvers: []access.SubjectRef{person(w.Lena),
			{Kind: access.SubjectPerson, ID: "x"}}})
		p.Scope, p.Targets = access.ScopeSpecificOrgs, []access.SubjectRef{{Kind: access.SubjectOrganization, ID: "x"}}
		_, err := use.Admin.SavePolicy(ctx, w.Omar, p)
		if want := []string{"targets.organizations", "stages.2.approvers"}; !slices.Equal(fields(err), want) {
			t.Errorf("got %v, want %v: %v", fields(err), want, err)
		}
		p.Targets[0].ID, p.Stages[1].Approvers = string(w.Partner.ID), []access.SubjectRef{person(w.Lena)}
		if _, err := use.Admin.SavePolicy(ctx, w.Omar, p); err != nil {
			t.Error(err)
		}
	})
}

// An enabled policy that could not work is refused at the field to correct; it can be
// saved disabled, but not enabled.
func TestUnworkablePolicyRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		offer := w.Package("Tidal")
		empty := access.Entry{Tenant: w.Tenant.ID, Kind: access.KindGroup, Name: "Nobody yet",
			Roles: access.DefaultRoles(access.KindGroup)}
		gone := w.Ida
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			empty.ID = access.EntryID(tx.NewID())
			gone.Disabled = true
			if err := tx.UpdatePerson(ctx, gone); err != nil {
				return err
			}
			return tx.SaveEntry(ctx, empty)
		})
		tests := map[string]struct {
			policy access.Policy
			mend   func(*access.Policy)
			field  string
		}{
			"an empty group approves": {forMembers(offer, "a", group(empty)),
				func(p *access.Policy) { p.Stages[0].Approvers = append(p.Stages[0].Approvers, person(w.Lena)) },
				"stages.1.approvers"},
			"only somebody disabled approves": {forMembers(offer, "b", person(gone)),
				func(p *access.Policy) { p.Stages[0].Approvers = []access.SubjectRef{group(w.Reviewers)} }, "stages.1.approvers"},
			"the only one who may request approves": {func() access.Policy {
				p := forMembers(offer, "c", person(w.Omar))
				p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{group(w.Reviewers)} // Ida is disabled
				return p
			}(), func(p *access.Policy) { p.Targets = append(p.Targets, person(w.Lena)) }, "stages.1.approvers"},
			"the end is over": {func() access.Policy {
				p := forMembers(offer, "d", person(w.Lena))
				p.Expiration = access.Expiration{Kind: access.AfterDate, End: c.Now().UnixMilli() - 1}
				return p
			}(), func(p *access.Policy) { p.Expiration.End = c.Now().AddDate(0, 0, 1).UnixMilli() }, "expiration.date"},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				p := tt.policy
				_, err := use.Admin.SavePolicy(ctx, w.Omar, p)
				if !slices.Equal(fields(err), []string{tt.field}) {
					t.Fatalf("got %v, want a fault at %s", err, tt.field)
				}
				p.Enabled = false
				p, err = use.Admin.SavePolicy(ctx, w.Omar, p)
				if err != nil {
					t.Fatal(err)
				}
				if err := use.Admin.EnablePolicy(ctx, w.Omar, p.ID, true); !slices.Equal(fields(err), []string{tt.field}) {
					t.Errorf("enabled: %v", err)
				}
				p, err = s.Policy(ctx, w.Tenant.ID, p.ID)
				if err != nil || p.Enabled {
					t.Fatalf("%+v, %v", p, err)
				}
				tt.mend(&p)
				if p, err = use.Admin.SavePolicy(ctx, w.Omar, p); err != nil {
					t.Fatal(err)
				}
				if err := use.Admin.EnablePolicy(ctx, w.Omar, p.ID, true); err != nil {
					t.Error(err)
				}
				if p, err = s.Policy(ctx, w.Tenant.ID, p.ID); err != nil || !p.Enabled {
					t.Errorf("%+v, %v", p, err)
				}
			})
		}
	})
}

// A policy with assignments or requests can't be deleted; it can be disabled and then
// takes no more requests (F-067, F-078).
func TestDeletePolicyInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		policy := forMembers(access.Offer{}, "Crew", person(w.Lena))
		offer := w.Package("Tidal", policy)
		id := offer.Policies[0].ID
		asked, err := use.Requests.Submit(ctx, w.Tenant, w.AccountOf(w.Ida), offer.Package.ID, access.RequestForm{}, "")
		if err != nil {
			t.Fatal(err)
		}
		wantKind(t, "a request is under way", use.Admin.DeletePolicy(ctx, w.Omar, id), access.Conflict)
		if err := use.Requests.Decide(ctx, w.Lena, lifecycle.DecisionInput{Request: asked.ID, Approve: true}); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "it is held", use.Admin.DeletePolicy(ctx, w.Omar, id), access.Conflict)
		use2, err := s.PolicyUse(ctx, offer.Policies[0])
		if err != nil || use2.CanDelete() == nil {
			t.Errorf("%+v, %v", use2, err)
		}
		wantKind(t, "somebody without a role disables it", use.Admin.EnablePolicy(ctx, w.Ida, id, false), access.NotFound)
		if err := use.Admin.EnablePolicy(ctx, w.Omar, id, false); err != nil {
			t.Fatal(err)
		}
		_, err = use.Requests.Submit(ctx, w.Tenant, w.AccountOf(w.Lena), offer.Package.ID, access.RequestForm{}, "")
		wantKind(t, "a request under a disabled policy", err, access.NotFound)
	})
}

// An unknown address is previewed as the person that signing in would create; nothing is
// stored.
func TestPreviewPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		imagine := func(address string) (access.Person, error) {
			d, _ := mailaddr.DomainOf(address)
			return use.SignIns.PreviewPerson(ctx, w.Tenant.ID, d, address)
		}
		before, err := s.AuditLog(ctx, w.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := imagine("new@meridian.example"); err != nil || p.Kind != access.Member {
			t.Errorf("of the tenant's own domain: %+v, %v", p, err)
		}
		if p, err := imagine("new@harbor-lab.example"); err != nil || p.Kind != access.External ||
			p.Directory != w.Harbor.ID || p.Domain != "harbor-lab.example" {
			t.Errorf("of a partner's second domain: %+v, %v", p, err)
		}
		_, err = imagine("x@elsewhere.example")
		wantKind(t, "of a directory that nobody is connected to", err, access.Forbidden)
		_, err = imagine("x@unknown.example")
		wantKind(t, "of no directory", err, access.Forbidden)

		anyone := forMembers(access.Offer{}, "Anybody", person(w.Lena))
		anyone.Scope = access.ScopeAnyone
		w.Package("Brand", anyone)
		if p, err := imagine("x@elsewhere.example"); err != nil || p.Kind != access.External {
			t.Errorf("where anybody may ask: %+v, %v", p, err)
		}
		_, err = imagine("x@unknown.example")
		wantKind(t, "of no directory, without passcodes", err, access.Forbidden)
		tenant, err := s.Tenant(ctx, w.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		tenant.Settings.Passcode = true
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, tenant) })
		if p, err := imagine("x@unknown.example"); err != nil || p.Kind != access.External || p.Directory != "" ||
			p.Domain != "unknown.example" {
			t.Errorf("of no directory, with passcodes: %+v, %v", p, err)
		}
		if after, err := s.AuditLog(ctx, w.Tenant.ID); err != nil || len(after) != len(before) {
			t.Errorf("something was recorded: %v, %v", after, err)
		}
	})
}
