package web

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// addApprovedPolicy adds a package with an enabled policy that the subjects approve.
func (p *fixture) addApprovedPolicy(all ...access.SubjectRef) access.Offer {
	return p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{{Days: 7, Approvers: all}}}})
}

// addGroup adds a group with the members.
func (p *fixture) addGroup(name string, members ...access.Person) access.Entry {
	var e access.Entry
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		e = access.Entry{ID: access.EntryID(tx.NewID()), Tenant: p.Tenant.ID, Kind: access.KindGroup, Name: name,
			Roles: access.DefaultRoles(access.KindGroup)}
		if err := tx.SaveEntry(ctx, e); err != nil {
			return err
		}
		for _, one := range members {
			m := access.Membership{Entry: e.ID, Role: store.GroupMember, Person: one.ID}
			if _, err := tx.AddMember(ctx, p.Tenant.ID, m); err != nil {
				return err
			}
		}
		return nil
	})
	return e
}

const crew = "Crew (Tidal), stage 1"

// The page of a group that lost its last member names the policies in which no
// one can approve, until someone can.
func TestEmptyGroupNamesPolicies(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	board := p.addGroup("Board", p.Ida)
	p.addApprovedPolicy(access.SubjectRef{Kind: access.SubjectGroup, ID: string(board.ID)})
	at := home + "/admin/directory/" + string(board.ID)
	gala := p.as("gala").opens(at).sees(200, "Ida Falk", "!"+crew)
	gala.presses("Remove", nil).sees(200, "Person removed.", "No member of this group can sign in and approve", crew)
	gala.clicks(crew).sees(200, "1 approval stage").presses("Disable", nil)
	gala.opens(at).sees(200, "!"+crew).opens(home+"/admin/directory").sees(200, "Board")
}

// The page of an empty group that many policies name lists ten of them.
func TestEmptyGroupNamesTenPolicies(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	board := p.addGroup("Board")
	by := access.Terms{Stages: []access.Stage{{Days: 7,
		Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(board.ID)}}}}}
	var all []access.Policy
	for n := range 13 {
		all = append(all, access.Policy{Name: fmt.Sprintf("Crew %02d", n), Scope: access.ScopeMembers, Terms: by})
	}
	p.Package("Tidal", all...)
	p.as("gala").opens(home+"/admin/directory/"+string(board.ID)).sees(200, "Crew 09 (Tidal), stage 1", "!Crew 10",
		"And 3 more")
}

// The page of a disabled person names the policies in which no one can approve.
func TestDisabledPersonNamesPolicies(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addApprovedPolicy(access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.Ida.ID)})
	gala := p.as("gala").opens(home+"/admin/people/"+string(p.Ida.ID)).sees(200, "!"+crew)
	gala.clicks("Edit").presses("Save", url.Values{"disabled": {"yes"}}).sees(200, "This person can't sign in", crew)
	gala.clicks("Edit").presses("Save", url.Values{"disabled": {"no"}}).sees(200, "!"+crew)
}

// The page of a provider that is turned off names the policies in which no one
// can approve.
func TestDisabledProviderNamesPolicies(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example"}})
	var noa access.Person
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		noa = access.Person{ID: access.PersonID(tx.NewID()), Tenant: p.Tenant.ID, Directory: d.ID, Domain: "quay.example",
			Kind: access.Guest, Name: "Noa", Email: "noa@quay.example", Guest: access.GuestActive}
		return tx.AddPerson(ctx, noa)
	})
	p.addApprovedPolicy(access.SubjectRef{Kind: access.SubjectPerson, ID: string(noa.ID)})
	gala := p.as("gala").opens(home+"/admin/organizations/providers/"+string(d.ID)).sees(200, "Enabled", "!"+crew)
	gala.clicks("Turn off").presses("Turn off", nil).sees(200, "People can't sign in while this provider", crew)
	gala.presses("Turn on", nil).sees(200, "!"+crew)
}

// The page of a catalog that is closed to external users names the policies that
// are for them only.
func TestClosedCatalogNamesPolicies(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.Package("Tidal", access.Policy{Name: "Partners", Scope: access.ScopeAllOrgs},
		access.Policy{Name: "Crew", Scope: access.ScopeMembers})
	at := home + "/admin/catalogs/" + string(p.Catalog.ID)
	gala := p.as("gala").opens(at).sees(200, "!Partners (Tidal)")
	gala.clicks("Edit").presses("Save", url.Values{"external": {"no"}}).sees(200,
		"This catalog isn't enabled for external users", "Partners (Tidal)", "!Crew (Tidal)")
	gala.clicks("Partners (Tidal)").sees(200, "Partners").presses("Disable", nil)
	gala.opens(at).sees(200, "!Partners (Tidal)", "!This catalog isn't enabled")
}

// The settings name the policies for anyone while one-time passcodes are off.
func TestSettingsNamePoliciesForAnyone(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.changeSettings(func(s *access.Settings) { s.Passcode = true })
	p.Package("Tidal", access.Policy{Name: "All", Scope: access.ScopeAnyone},
		access.Policy{Name: "Partners", Scope: access.ScopeAllOrgs})
	gala := p.as("gala").opens(home+"/admin/settings").sees(200, "!All (Tidal)")
	gala.presses("Save", url.Values{"passcode": {"no"}}).sees(200, "One-time passcodes are turned off", "All (Tidal)",
		"!Partners (Tidal)")
	gala.presses("Save", url.Values{"passcode": {"yes"}}).sees(200, "!All (Tidal)")
}
