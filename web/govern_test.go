package web

import (
	"net/http"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// personNow reads a person.
func (p *fixture) personNow(id access.PersonID) access.Person {
	p.t.Helper()
	who, err := p.Person(p.t.Context(), p.Tenant.ID, id)
	if err != nil {
		p.t.Fatal(err)
	}
	return who
}

// An assignment manager marks a guest as governed, with the button on the page of
// the assignment. The settings for guests then apply: the guest is blocked after
// the last assignment, and a guest who was not marked is not (F-190, F-196).
func TestMarkGuestAsGoverned(t *testing.T) {
	p := newPortal(t)
	amy := p.addActor(actor{name: "amy", catalog: []access.AdminRole{access.AccessPackageAssignmentManager}})
	p.addAdministrator("chief")
	b := p.as("amy")
	marked, held := p.ungovernedGuest()
	other, heldByOther := p.ungovernedGuest()
	at := home + "/admin/assignments/" + string(held)
	b.opens(at).sees(200, "Mark guest as governed", "Guest lifecycle Not governed")
	b.presses("Mark guest as governed", nil).sees(200, "Guest lifecycle Governed", "!Mark guest as governed")
	if !p.personNow(marked.ID).Governed || p.personNow(other.ID).Governed {
		t.Error("the guest is not governed, or the other guest is")
	}
	log, err := p.AuditOf(t.Context(), p.Tenant.ID, string(marked.ID))
	if err != nil || !slices.ContainsFunc(log, func(r access.AuditRecord) bool {
		return r.Activity == access.ActMarkGoverned && r.Actor == amy.ID && r.To == "governed"
	}) {
		t.Errorf("the audit log of the guest is %+v, %v", log, err)
	}
	b.do(http.MethodPost, at+"/govern", nil).sees(409, "This guest is already governed.")

	if err := p.Admin.Unassign(t.Context(), amy, []access.AssignmentID{held, heldByOther}, ""); err != nil {
		t.Fatal(err)
	}
	p.runJobs()
	if got := p.personNow(marked.ID); got.Guest != access.GuestBlocked || got.RemovalDue.IsZero() {
		t.Errorf("after the last assignment the governed guest is %s", got.Guest)
	}
	if got := p.personNow(other.ID); got.Guest != access.GuestActive {
		t.Errorf("after the last assignment the other guest is %s", got.Guest)
	}
}

// A guest who was only assigned directly cannot be marked as governed, nor can a
// member (F-190).
func TestOnlyRequestorsAreMarkedAsGoverned(t *testing.T) {
	p := newPortal(t)
	amy := p.addActor(actor{name: "amy", catalog: []access.AdminRole{access.AccessPackageAssignmentManager}})
	guest, _ := p.ungovernedGuest()
	o := p.Package("Assigned", access.Policy{Scope: access.ScopeNobody})
	if _, err := p.Admin.Assign(t.Context(), amy, admin.Assigning{Package: o.Package.ID,
		People: []access.PersonID{guest.ID, p.Lena.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}}); err != nil {
		t.Fatal(err)
	}
	p.runJobs()
	b := p.as("amy")
	for _, tt := range []struct {
		who     access.Person
		refusal string
	}{
		{guest, "Only guests who requested an access package themselves can be governed."},
		{p.Lena, "Only guests can be governed."},
	} {
		x, ok, err := p.AssignmentOf(t.Context(), tt.who, o.Package.ID)
		if !ok || err != nil {
			t.Fatal(err)
		}
		at := home + "/admin/assignments/" + string(x.ID)
		b.opens(at).sees(200, tt.who.Name, "!"+at+"/govern")
		if tt.who.Kind == access.Guest {
			b.sees(200, tt.refusal)
		}
		before := p.dump()
		b.do(http.MethodPost, at+"/govern", nil).sees(409, tt.refusal)
		if after := p.dump(); after != before {
			t.Errorf("%s: changed %s", tt.who.Name, difference(before, after))
		}
	}
}
