package web

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// addExternalPeople connects Elsewhere as a proposed organization and makes Pia
// a guest.
func (p *fixture) addExternalPeople() {
	p.t.Helper()
	welcome := p.Package("Welcome", p.ForPartner(access.Terms{}))
	p.as("pia").opens(packagePath(welcome)).presses("Submit request", nil).sees(200, "Delivering")
	p.runJobs()
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveOrganization(ctx, access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: p.Tenant.ID,
			Name: "Elsewhere", Description: "Came in",
			State: access.Proposed, Directories: []access.DirectoryID{p.Other.ID}})
	})
}

// A package in scope is listed, opens by its link and can be requested. For
// other people it does not exist.
func TestScopes(t *testing.T) {
	approved := access.Terms{Stages: []access.Stage{storetest.Named()}}
	who := map[access.Scope][]string{
		access.ScopeSpecificUsers: {"lena", "omar", "ida"},
		access.ScopeMembers:       {"lena", "omar", "ida"},
		access.ScopeUsers:         {"lena", "omar", "ida", "pia"},
		access.ScopeSpecificOrgs:  {"mara", "pia"},
		access.ScopeAllOrgs:       {"mara", "pia"},
		access.ScopeAnyone:        {"mara", "pia", "zoe", "noor"},
		access.ScopeNobody:        nil,
	}
	for _, scope := range access.Scopes() {
		t.Run(string(scope), func(t *testing.T) {
			p := newPortal(t)
			p.addExternalPeople()
			policy := access.Policy{Scope: scope, Terms: approved}
			switch scope {
			case access.ScopeSpecificUsers:
				policy.Targets = []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(p.Lena.ID)},
					{Kind: access.SubjectGroup, ID: string(p.Reviewers.ID)}}
			case access.ScopeSpecificOrgs:
				policy.Targets = p.ForPartner(approved).Targets
			}
			policy.Stages = []access.Stage{storetest.Named(p.Lena, p.Ida)}
			o := p.Package("Tidal", policy)
			for name := range p.people {
				p.as(name).expectRequestable(o, slices.Contains(who[scope], name))
			}
		})
	}
}

// expectRequestable checks that the person can request the package, or that it
// is not found.
func (b *browser) expectRequestable(o access.Offer, may bool) {
	b.p.t.Helper()
	if may {
		b.opens(home+"/access-packages").sees(200, "What Tidal needs", ">Request</a>")
		b.opens(packagePath(o)).presses("Submit request", nil).sees(200, "Pending approval")
		return
	}
	b.opens(home + "/access-packages")
	if b.status == 403 { // not admitted to the tenant
		b.opens(packagePath(o)).sees(403, "!What Tidal needs")
		b.do(http.MethodPost, packagePath(o)+"/requests", nil).sees(403, "!What Tidal needs")
		return
	}
	b.sees(200, "!What Tidal needs")
	b.opens(packagePath(o)).sees(404, "!What Tidal needs")
	b.do(http.MethodPost, packagePath(o)+"/requests", nil).sees(404, "!What Tidal needs")
}

// A policy can name a proposed organization.
func TestProposedOrganizationByName(t *testing.T) {
	p := newPortal(t)
	p.addExternalPeople()
	all, err := p.Organizations(t.Context(), p.Tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(o access.Organization) bool { return o.Name == "Elsewhere" })
	policy := access.Policy{Scope: access.ScopeSpecificOrgs,
		Targets: []access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(all[i].ID)}},
		Terms:   access.Terms{Stages: []access.Stage{storetest.Named(p.Lena)}}}
	o := p.Package("Tidal", policy)
	p.as("zoe").expectRequestable(o, true)
	p.as("mara").expectRequestable(o, false)
}

// A disabled policy hides its package and keeps existing assignments.
func TestPolicySwitchedOff(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	pia := p.as("pia").opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
	p.runJobs()
	mara := p.as("mara").opens(packagePath(o)).sees(200, "Submit request")
	o.Policies[0].Enabled = false
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, o.Policies[0]) })
	mara.presses("Submit request", nil).sees(404)
	mara.expectRequestable(o, false)
	pia.opens(home+"/access-packages?tab=active").sees(200, "Tidal", "Open Tidal site")
	pia.opens(packagePath(o)).sees(200, "You already have this access package.")
}

// The switches of a catalog apply to list, page and form. Existing assignments
// stay.
func TestCatalogSwitches(t *testing.T) {
	p := newPortal(t)
	anyone := access.Policy{Scope: access.ScopeAnyone, Terms: access.Terms{Stages: []access.Stage{storetest.Named(p.Ida)}}}
	members := access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(p.Ida)}}}
	o := p.Package("Tidal", p.ForPartner(access.Terms{}), anyone, members)
	pia := p.as("pia").opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
	p.runJobs()
	held := func() {
		t.Helper()
		pia.opens(home+"/access-packages?tab=active").sees(200, "Tidal", "Open Tidal site")
	}
	change := func(c access.Catalog) {
		p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCatalog(ctx, c) })
	}
	closed := p.Catalog
	closed.External = false
	change(closed)
	p.as("mara").expectRequestable(o, false)
	p.as("lena").expectRequestable(o, true)
	held()
	unpublished := p.Catalog
	unpublished.Published = false
	change(unpublished)
	p.as("mara").expectRequestable(o, false)
	p.as("omar").opens(home+"/access-packages").sees(200, "!Tidal").opens(packagePath(o)).sees(404)
	held()
	change(p.Catalog)
	p.as("omar").expectRequestable(o, true)
}

// The tenant's setting decides who sees the resources of packages. Holders
// always do.
func TestWhoSeesResources(t *testing.T) {
	for setting, shown := range map[access.ResourceVisibility][]string{
		access.ResourcesShownToAll: {"lena", "mara"}, access.ResourcesShownToMembers: {"lena"},
		access.ResourcesShownToNobody: nil,
	} {
		p := newPortal(t)
		o := p.Package("Package", p.ForPartner(access.Terms{}), access.Policy{Scope: access.ScopeMembers})
		p.changeSettings(func(s *access.Settings) { s.ResourceVisibility = setting })
		for _, name := range []string{"lena", "mara"} {
			want := []string{"Package", "!Tidal"}
			if slices.Contains(shown, name) {
				want = []string{"Package", "Tidal team", "Tidal site"}
			}
			b := p.as(name).opens(home+"/access-packages").sees(200, want...).opens(packagePath(o)).sees(200, want...)
			b.presses("Submit request", nil).sees(200, "Delivering")
		}
		p.runJobs()
		p.as("mara").opens(packagePath(o)).sees(200, "Tidal team", "Open Tidal site").opens(home+
			"/access-packages?tab=active").sees(200, "Open Tidal site")
	}
}

// Hidden resources cannot be searched for.
func TestHiddenResourcesAreNotFound(t *testing.T) {
	p := newPortal(t)
	p.Package("Package", p.ForPartner(access.Terms{}))
	p.as("mara").opens(home+"/access-packages?q=tidal").sees(200, "What Package needs")
	p.changeSettings(func(s *access.Settings) { s.ResourceVisibility = access.ResourcesShownToMembers })
	p.as("mara").opens(home+"/access-packages?q=tidal").sees(200, "No results").
		opens(home+"/access-packages?q=pack+NEEDS").sees(200, "What Package needs")
}
