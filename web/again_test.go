package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestRequestAgainOnlyOnce: neither the list of ended access nor the page of a canceled
// request offers to request again what is requested or held, and both do again afterwards.
func TestRequestAgainOnlyOnce(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(p.Omar)},
		Expiration: access.Expiration{Kind: access.AfterDuration, Days: 5}}))
	mara, omar := p.as("mara"), p.as("omar")
	request := func() string {
		t.Helper()
		at, _, _ := strings.Cut(mara.opens(packagePath(o)).presses("Submit request", nil).sees(200,
			"Pending approval").at, "?")
		return at
	}
	deliver := func() string {
		t.Helper()
		at := request()
		omar.opens(home+"/approvals/"+strings.TrimPrefix(at, home+"/requests/")).presses("Approve", nil).sees(200)
		p.runJobs()
		mara.opens(at).sees(200, "Everything was delivered")
		return at
	}
	end := func() {
		t.Helper()
		p.advance(6 * 24 * time.Hour)
		mara.signIn("mara")
		omar.signIn("omar")
	}
	canceled := request()
	mara.opens(canceled).presses("Cancel request", nil)
	delivered := deliver()
	end()
	offers := func(when string, offered bool) {
		t.Helper()
		list, page := "Request again", "Resubmit"
		if !offered {
			list, page = "!"+list, "!"+page
		}
		t.Log(when)
		mara.opens(home+"/access-packages?tab=expired").sees(200, "Tidal", "Ended 8 March 2026", list)
		mara.opens(canceled).sees(200, "Canceled", page)
	}
	offers("ended", true)
	mara.opens(delivered).sees(200, "Access ended", "!Resubmit")
	pending := request()
	offers("requested", false)
	mara.opens(pending).presses("Cancel request", nil)
	offers("canceled", true)
	deliver()
	offers("held", false)
	end()
	offers("ended again", true)
	p.disablePolicies(o)
	offers("not offered any more", false)
}

// TestRequestAgainOfRefusedPackage: what would be refused, because the package gives an
// administrative role without approval, is not offered again; it is to who could assign the
// role, and to everyone under a policy with approval.
func TestRequestAgainOfRefusedPackage(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	terms := access.Terms{ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.AfterDuration,
		Days: 5}}
	approved := access.Policy{Name: "Approved", Scope: access.ScopeMembers, Terms: terms}
	approved.Stages = []access.Stage{storetest.Named(p.Lena, p.Omar)}
	o := p.Package("Tidal", access.Policy{Name: "Open", Scope: access.ScopeMembers, Terms: terms}, approved)
	enable := func(name string, enabled bool) {
		p.Do(func(ctx context.Context, tx *store.Tx) error {
			for _, policy := range o.Policies {
				if policy.Name == name {
					policy.Enabled = enabled
					return tx.SavePolicy(ctx, policy)
				}
			}
			return nil
		})
	}
	people, canceled := []string{"omar", "lena"}, map[string]string{}
	enable("Open", false)
	for _, who := range people {
		b := p.as(who).opens(packagePath(o)).presses("Submit request", nil).sees(200, "Pending approval")
		canceled[who], _, _ = strings.Cut(b.at, "?")
		b.presses("Cancel request", nil).sees(200, "Canceled")
	}
	enable("Open", true)
	enable("Approved", false)
	for _, who := range people {
		p.as(who).opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
	}
	p.runJobs()
	p.advance(6 * 24 * time.Hour)
	offers := func(who string, offered bool) {
		t.Helper()
		list, page := "Request again", "Resubmit"
		if !offered {
			list, page = "!"+list, "!"+page
		}
		b := p.as(who)
		b.opens(home+"/access-packages?tab=expired").sees(200, "Tidal", "Ended 8 March 2026", list)
		b.opens(canceled[who]).sees(200, "Canceled", page)
	}
	offers("omar", true)
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: p.Team.ExternalID}})
	})
	offers("omar", false)
	offers("lena", true)
	enable("Approved", true)
	offers("omar", true)
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeletePackage(ctx, p.Tenant.ID, o.Package.ID) })
	p.as("omar").opens(canceled["omar"]).sees(200, "Canceled", "!Resubmit")
}
