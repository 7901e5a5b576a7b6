package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// pendingRequest submits a request of the person for a package with the stages,
// and returns the path of its page for approvers.
func (p *fixture) pendingRequest(name, pack string, stages ...access.Stage) (approval string) {
	p.t.Helper()
	o := p.Package(pack, p.ForPartner(access.Terms{Stages: stages}))
	b := p.as(name).opens(packagePath(o)).presses("Submit request", url.Values{"justification": {"For " + pack}}).sees(200,
		"Pending approval")
	request, _, _ := strings.Cut(b.at, "?")
	return home + "/approvals/" + strings.TrimPrefix(request, home+"/requests/")
}

func groupStage(p *fixture) access.Stage {
	return access.Stage{Days: 3, RequireReason: true, Approvers: []access.SubjectRef{{Kind: access.SubjectGroup,
		ID: string(p.Reviewers.ID)}}}
}

// A request goes through two stages, the second decided by one of a group.
func TestApprover(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", storetest.Named(p.Lena), groupStage(p))
	lena, omar, ida := p.as("lena"), p.as("omar"), p.as("ida")
	omar.opens(home+"/approvals").sees(200, "No pending approvals")
	omar.opens(at).sees(404)
	lena.opens(home+"/").sees(200, "1 request is pending your approval.").clicks("Open approvals").
		sees(200, "Tidal for Mara Lind", "mara@harbor.example", "harbor.example", "Stage 1 of 2", "Decision by 9 March 2026",
			"Submitted 2 March 2026")
	lena.clicks("Details").sees(200, "Person Mara Lind", "Organization Harbor Studio (harbor.example)",
		"Business justification For Tidal",
		"Tidal team", "Stage 1 of 2", "Lena Berg", "Stage 2 of 2", "Your decision")
	lena.presses("Approve", url.Values{"reason": {"Known to us"}}).sees(200, "You have approved this request.",
		"“Known to us”", "!Your decision")
	lena.opens(home+"/approvals").sees(200, "No pending approvals").clicks("History").sees(200, "Tidal for Mara Lind",
		"Lena Berg approved it on 2 March 2026, 12:00.")

	omar.opens(at).sees(200, "Your decision", "By Lena Berg.").presses("Deny", nil).sees(422, "Required.",
		"Your decision")
	omar.presses("Deny", url.Values{"reason": {"x" + strings.Repeat("é", 2000)}}).sees(422,
		"Enter at most 2000 characters. You entered 2001.").
		hasValue("reason", "x"+strings.Repeat("é", 2000))
	ida.opens(at)
	omar.presses("Deny", url.Values{"reason": {"Not now"}}).sees(200, "You have denied this request.", "Denied",
		"Stage 2 of 2: denied")
	ida.presses("Approve", url.Values{"reason": {"Sure"}}).
		sees(409, "This request is no longer pending approval. Omar Haddad denied it on 2 March 2026, 12:00.",
			"!Your decision")
	ida.opens(home+"/approvals?tab=history").sees(200, "Omar Haddad denied it on 2 March 2026, 12:00.").clicks(
		"Tidal for Mara Lind").sees(200, "Denied")
	p.as("mara").opens(home+"/requests").sees(200, "Denied").clicks("Tidal").sees(200, "“Not now”", "Resubmit", "!Omar",
		"!Lena")
}

// The second of two approvers sees who decided and how, also if more stages
// follow.
func TestStaleDecision(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", storetest.Named(p.Lena, p.Omar), storetest.Named(p.Omar, p.Ida))
	lena, omar := p.as("lena").opens(at), p.as("omar").opens(at)
	lena.presses("Approve", nil).sees(200, "You have approved this request.")
	omar.presses("Deny", url.Values{"reason": {"Mine"}}).
		sees(409, "This stage has already been decided. Lena Berg approved it on 2 March 2026, 12:00.",
			"Your decision").hasValue("reason", "Mine")
	omar.presses("Approve", nil).sees(200, "Delivering")
	lena.opens(at).do(http.MethodPost, at, url.Values{"decision": {"approve"}, "stage": {"0"}}).sees(409,
		"Omar Haddad approved it on")
}

// A decision after the deadline does not count, whether or not the job has run.
func TestLateDecision(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", storetest.Named(p.Lena))
	p.clock.Advance(7 * 24 * time.Hour)
	lena := p.as("lena").opens(at).sees(200, "The time to decide on this request has passed.", "!Your decision")
	lena.do(http.MethodPost, at, url.Values{"decision": {"approve"}, "stage": {"0"}}).sees(409,
		"The time to decide on this request has passed.")
	p.runJobs()
	lena.opens(at).sees(200, "Expired", "No one decided in time.")
	p.as("mara").opens(home+"/requests").sees(200, "Expired").clicks("Tidal").sees(200, "Resubmit",
		"No one decided in time.")
}

func TestSeveralAtOnce(t *testing.T) {
	p := newPortal(t)
	tidal := p.pendingRequest("mara", "Tidal", storetest.Named(p.Omar))
	p.pendingRequest("mara", "Boats", groupStage(p))
	p.pendingRequest("pia", "Ropes", storetest.Named(p.Omar))
	omar := p.as("omar").opens(home+"/approvals").sees(200, "Tidal for Mara Lind", "Boats for Mara Lind",
		"Ropes for Pia Sand")
	all := omar.checkboxValues()
	if len(all) != 3 {
		t.Fatalf("%d rows can be chosen", len(all))
	}
	omar.presses("Approve", url.Values{"reason": {"Typed"}}).sees(422, "Select at least one request").hasValue("reason",
		"Typed")
	omar.presses("Approve", url.Values{"request": all, "reason": {""}}).
		sees(422, "Tidal for Mara Lind: Decided.", "Boats for Mara Lind: Required.",
			"Ropes for Pia Sand: Decided.").hasValue("request", all[1])
	if got := omar.faultAt("reason"); got != "Required." {
		t.Errorf("the reason is %q", got)
	}
	omar.presses("Deny", url.Values{"reason": {"Full"}}).sees(200, "Boats for Mara Lind: Decided.",
		"No pending approvals")
	omar.do(http.MethodPost, home+"/approvals", url.Values{"decision": {"deny"}, "request": {all[0], "nonsense",
		"\x00/0"}}).
		sees(404, "Tidal for Mara Lind: This request is no longer pending approval.", "Request: There's nothing here")
	omar.opens(tidal).sees(200, "Delivering")
}

// checkboxValues returns the values of the selectable rows.
func (b *browser) checkboxValues() []string {
	var all []string
	for n := range nodes(b.page) {
		if attribute(n, "type") == "checkbox" {
			all = append(all, attribute(n, "value"))
		}
	}
	return all
}

// People cannot decide their own requests, even if they became approvers later,
// and do not see them among approvals.
func TestNoSelfApproval(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{groupStage(p)}}})
	omar := p.as("omar").opens(packagePath(o)).presses("Submit request", nil).sees(200, "Pending approval")
	request, _, _ := strings.Cut(omar.at, "?")
	at := strings.Replace(request, "/requests/", "/approvals/", 1)
	omar.opens(home+"/approvals").sees(200, "No pending approvals")
	omar.opens(at).sees(404)
	omar.do(http.MethodPost, at, url.Values{"decision": {"approve"}, "stage": {"0"}, "reason": {"I am one of them"}}).sees(
		403, "You can't decide on your own request.")
	omar.do(http.MethodPost, home+"/approvals", url.Values{"decision": {"approve"},
		"request": {strings.TrimPrefix(request, home+"/requests/") + "/0"}, "reason": {"x"}}).
		sees(403, "You can't decide on your own request.")
	omar.opens(request).sees(200, "Pending approval")
	p.as("ida").opens(at).presses("Approve", url.Values{"reason": {"Fine"}}).sees(200, "Delivering")
	omar.opens(home+"/approvals?tab=history").sees(200, "No decisions yet")
}

// A request is not found by people who are not involved in it.
func TestForeignRequestsAreNotFound(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", storetest.Named(p.Lena), storetest.Named(p.Ida))
	request := strings.Replace(at, "/approvals/", "/requests/", 1)
	for _, name := range []string{"omar", "ida", "pia", "mara"} {
		b := p.as(name)
		b.opens(at).sees(404)
		if name != "mara" {
			b.opens(request).sees(404)
			b.do(http.MethodPost, at, url.Values{"decision": {"approve"}, "stage": {"0"}}).sees(404)
		}
	}
	p.as("lena").opens(request).sees(404)
	lena := p.as("lena").opens(at).sees(200, "Your decision")
	lena.do(http.MethodPost, at, url.Values{"decision": {"perhaps"}, "stage": {"0"}}).sees(422,
		"Choose to approve or deny.")
	lena.do(http.MethodPost, at, url.Values{"decision": {"approve"}}).sees(409, "This stage has already been decided.")
	lena.do(http.MethodPost, at, url.Values{"decision": {"approve"}, "stage": {"1"}}).sees(409)
}

// An approver who leaves the group loses the right immediately.
func TestLeavingTheGroup(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", groupStage(p))
	omar := p.as("omar").opens(at).sees(200, "Your decision")
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.RemoveMember(ctx, p.Tenant.ID, access.Membership{Entry: p.Reviewers.ID, Role: store.GroupMember,
			Person: p.Omar.ID})
		return err
	})
	omar.presses("Approve", url.Values{"reason": {"Still me"}}).sees(404)
	omar.opens(home+"/approvals").sees(200, "No pending approvals")
}
