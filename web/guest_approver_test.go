package web

import (
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
)

// TestGuestApprover: F-170: a guest who approves follows the link of the mail. Its hint
// leads to the guest's own provider without a question, and from there to the request.
func TestGuestApprover(t *testing.T) {
	p := newPortal(t)
	p.as("mara").opens(packagePath(p.Package("Welcome", p.ForPartner(access.Terms{})))).presses("Submit request", nil)
	p.runJobs()
	account, _, err := p.Store.AccountOf(t.Context(), p.Harbor.ID, "mara")
	if err != nil {
		t.Fatal(err)
	}
	mara, _, err := p.PersonOf(t.Context(), p.Tenant.ID, account.ID)
	if err != nil || mara.Kind != access.Guest {
		t.Fatalf("%+v, %v", mara, err)
	}
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(mara)}}})
	lena := p.as("lena").opens(packagePath(o)).presses("Submit request", nil).sees(200, "Pending approval")
	request, _, _ := strings.Cut(lena.at, "?")
	approval := home + "/approvals/" + strings.TrimPrefix(request, home+"/requests/")

	p.nobody().opens(approval).sees(200, "Sign in to Meridian Works")
	guest := p.nobody().opens(approval + "?domain_hint=harbor.example")
	if to := guest.header.Get("Location"); !strings.HasPrefix(to, p.provider+"/harbor/authorize?") {
		t.Fatalf("the link leads to %q", to)
	}
	target := guest.returnTarget()
	guest.signIn("mara")
	guest.opens(target).sees(200, "Lena Berg", "Your decision").presses("Approve", url.Values{"reason": {"Known"}}).
		sees(200, "You have approved this request.")
	lena.opens(request).sees(200, "Delivering")
}
