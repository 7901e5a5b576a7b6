package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// The tests TestFactsOf… compare every mail of a story, recipient, subject, facts and
// link, with texts that are written by hand. The sentence above the facts is left to
// package mail, except where nothing else tells two mails apart (wantLead).

// letter is a mail: the address, the subject, the greeting, and what follows the first
// sentence. Ids are replaced: REQUEST and PACKAGE.
type letter struct{ to, subject, greeting, facts string }

// wantLetters fails the test unless exactly these mails have been sent since the last call.
func (h *harness) wantLetters(r access.Request, want ...letter) {
	h.t.Helper()
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	ids := strings.NewReplacer(string(r.ID), "REQUEST", string(r.Package), "PACKAGE")
	var got []letter
	for _, e := range h.mailbox.got {
		text, _, _ := strings.Cut(e.Message.Text, "\n\n-- \n")
		parts := strings.SplitN(text, "\n\n", 3)
		l := letter{to: e.To, subject: e.Message.Subject, greeting: parts[0]}
		if len(parts) > 2 {
			l.facts = ids.Replace(parts[2])
		}
		got = append(got, l)
	}
	h.mailbox.got = nil
	for _, all := range [][]letter{got, want} {
		slices.SortFunc(all, func(a, b letter) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(letter{})); d != "" {
		h.t.Error(d)
	}
}

// wantLead fails the test unless the last mail to the address begins with the text. It
// leaves the mail for wantLetters.
func (h *harness) wantLead(to, text string) {
	h.t.Helper()
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	for _, e := range slices.Backward(h.mailbox.got) {
		if e.To != to {
			continue
		}
		if _, lead, _ := strings.Cut(e.Message.Text, "\n\n"); !strings.HasPrefix(lead, text) {
			h.t.Errorf("the mail to %s does not begin with %q:\n%s", to, text, e.Message.Text)
		}
		return
	}
	h.t.Errorf("no mail to %s", to)
}

const (
	portal = "https://access.meridian.example/@meridian.example"

	aboutTidal = `Person: Mara Lind
Email: mara@harbor.example
Organization: Harbor Studio (harbor.example)
Access package: Tidal
Business justification: I draw the quay walls.
Submitted: 2 March 2026, 12:00 UTC`

	seeApproval = "\n\nView request:\n" + portal + "/approvals/REQUEST" + memberHint
	decideLink  = "\n\nApprove or deny request:\n" + portal + "/approvals/REQUEST"

	memberHint = "?domain_hint=meridian.example"
)

// maraAsks is Mara's request for Tidal, which Lena and then the group must approve.
func (h *harness) maraAsks() access.Request {
	h.t.Helper()
	terms := stages(storetest.Named(h.Lena), groupStage(h.Reviewers))
	terms.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 5}
	r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(terms)),
		access.RequestForm{Justification: "I draw the quay walls."})
	h.runJobs()
	return r
}

// TestFactsOfApproval: M-02, M-03, M-08, M-11, M-12, M-07, M-16, M-18 and M-20.
func TestFactsOfApproval(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.maraAsks()
		first := aboutTidal + "\nStage: 1 of 2\nDecide by: 9 March 2026, 12:00 UTC" + decideLink + memberHint
		h.wantLetters(r, letter{"lena@meridian.example", "Approve or deny by 9 March 2026: Mara Lind → Tidal",
			"Hello Lena Berg,", first})
		h.advance(84 * hour)
		h.wantLetters(r, letter{"lena@meridian.example",
			"Reminder: Approve or deny by 9 March 2026: Mara Lind → Tidal", "Hello Lena Berg,", first})

		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.wantLead("lena@meridian.example", "Stage 1 of 2 was approved.")
		second := aboutTidal + "\nStage: 2 of 2\nDecide by: 13 March 2026, 00:00 UTC" + decideLink + memberHint
		h.wantLetters(r, letter{"lena@meridian.example", "Stage 1 of 2 approved: Mara Lind → Tidal", "Hello Lena Berg,",
			"Decided by: Lena Berg\nReason: known\n" + aboutTidal + seeApproval},
			letter{"omar@meridian.example", "Approve or deny by 13 March 2026: Mara Lind → Tidal",
				"Hello Omar Haddad,", second},
			letter{"ida@meridian.example", "Approve or deny by 13 March 2026: Mara Lind → Tidal", "Hello Ida Falk,",
				second})
		h.advance(84 * hour)
		const reminder = "Reminder: Approve or deny by 13 March 2026: Mara Lind → Tidal"
		h.wantLetters(r, letter{"omar@meridian.example", reminder, "Hello Omar Haddad,", second},
			letter{"ida@meridian.example", reminder, "Hello Ida Falk,", second})

		h.approve(h.Ida, r, 1)
		h.runJobs()
		h.wantLead("lena@meridian.example", "The request was approved.")
		approved := "Decided by: Ida Falk\nReason: known\n" + aboutTidal + seeApproval
		h.wantLetters(r,
			letter{"lena@meridian.example", "Request approved: Mara Lind → Tidal", "Hello Lena Berg,", approved},
			letter{"omar@meridian.example", "Request approved: Mara Lind → Tidal", "Hello Omar Haddad,", approved},
			letter{"ida@meridian.example", "Request approved: Mara Lind → Tidal", "Hello Ida Falk,", approved},
			letter{"mara@harbor.example", "You now have access to Tidal", "Hello Mara Lind,", `Until: 14 March 2026, 12:00 UTC

- Tidal team (Member)
  https://sites.meridian.example/team
- Tidal site (Member)
  https://sites.meridian.example/site

Open your access packages:
` + portal + "/access-packages?tab=active&domain_hint=harbor.example"})
		h.advance(5 * day)
		h.wantLetters(r, endedForMara())
	})
}

// endedForMara is M-20 to Mara.
func endedForMara() letter {
	return letter{"mara@harbor.example", "Your access to Tidal has ended", "Hello Mara Lind,",
		"View access package:\n" + portal + "/access-packages/PACKAGE?domain_hint=harbor.example"}
}

// TestFactsOfDenial: M-09 has the reason and not who denied it; the approvers of both
// stages are told who did.
func TestFactsOfDenial(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.maraAsks()
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.takeMails()
		if err := h.Requests.Decide(context.Background(), h.Omar, lifecycle.DecisionInput{Request: r.ID, Stage: 1,
			Reason: "No contract"}); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		denied := "Decided by: Omar Haddad\nReason: No contract\n" + aboutTidal + seeApproval
		h.wantLetters(r, letter{"mara@harbor.example", "Your request for Tidal was denied", "Hello Mara Lind,",
			"Reason: No contract\n\nView request:\n" + portal + "/requests/REQUEST?domain_hint=harbor.example"},
			letter{"lena@meridian.example", "Request denied: Mara Lind → Tidal", "Hello Lena Berg,", denied},
			letter{"omar@meridian.example", "Request denied: Mara Lind → Tidal", "Hello Omar Haddad,", denied},
			letter{"ida@meridian.example", "Request denied: Mara Lind → Tidal", "Hello Ida Falk,", denied})
	})
}

// TestFactsOfExpiry: M-06, M-10 and M-17: the first stage expires, then the second.
func TestFactsOfExpiry(t *testing.T) {
	t.Parallel()
	const again = "Submit again:\n" + portal + "/requests/REQUEST?domain_hint=harbor.example"
	const see = "View request:\n" + portal + "/approvals/REQUEST" + memberHint
	requestor := letter{"mara@harbor.example", "Your request for Tidal has expired", "Hello Mara Lind,", again}
	forEachEngine(t, func(h *harness) {
		r := h.maraAsks()
		h.clock.Advance(7 * day) // no reminder was sent on the way
		h.takeMails()
		h.runJobs()
		h.wantLetters(r, requestor,
			letter{"lena@meridian.example", "Request expired: Mara Lind → Tidal", "Hello Lena Berg,", see})
	})
	forEachEngine(t, func(h *harness) {
		r := h.maraAsks()
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.clock.Advance(7 * day)
		h.takeMails()
		h.runJobs()
		h.wantLetters(r, requestor,
			letter{"lena@meridian.example", "Request expired: Mara Lind → Tidal", "Hello Lena Berg,", see},
			letter{"omar@meridian.example", "Request expired: Mara Lind → Tidal", "Hello Omar Haddad,", see},
			letter{"ida@meridian.example", "Request expired: Mara Lind → Tidal", "Hello Ida Falk,", see})
	})
}

// TestFactsOfCancel: M-31: the approvers are told that the requestor has withdrawn; when an
// administrator cancels, the requestor is told too.
func TestFactsOfCancel(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		r := h.maraAsks()
		h.takeMails()
		if err := h.Requests.Cancel(context.Background(), h.person(r.Target), r.ID); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantLead("lena@meridian.example", "Mara Lind canceled the request for “Tidal”.")
		h.wantLetters(r, letter{"lena@meridian.example", "Request canceled: Mara Lind → Tidal", "Hello Lena Berg,", ""})

		again := h.submit(h.Mara, access.Offer{Package: access.Package{ID: r.Package}}, access.RequestForm{})
		h.advance(access.RepeatedRequestDelay) // the approvers are asked a little later after a withdrawal
		h.takeMails()
		if err := h.Admin.CancelRequest(context.Background(), h.Omar, again.ID); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		const reason = "Reason: An administrator canceled the request."
		h.wantLetters(again, letter{"lena@meridian.example", "Request canceled: Mara Lind → Tidal", "Hello Lena Berg,",
			reason},
			letter{"mara@harbor.example", "Request canceled: Mara Lind → Tidal", "Hello Mara Lind,", reason})
	})
}

// TestFactsOfRemoval: F-185, M-34: when an administrator removes an assignment, its person is told
// that the access has ended, whether she requested it or was assigned it directly. About a
// direct assignment nobody gets another mail.
func TestFactsOfRemoval(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := context.Background()
		requested := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(access.Terms{})), access.RequestForm{})
		h.runJobs()
		h.takeMails()
		remove := func(r access.Request) {
			h.t.Helper()
			ids := []access.AssignmentID{h.assignment(r).ID}
			if err := h.Admin.Unassign(ctx, h.Omar, ids, "Left the project"); err != nil {
				h.t.Fatal(err)
			}
			h.runJobs()
		}
		remove(requested)
		h.wantLetters(requested, endedForMara())

		o := h.Package("Ebb", access.Policy{Scope: access.ScopeNobody})
		made, err := h.Admin.Assign(ctx, h.Omar, admin.Assigning{Package: o.Package.ID,
			People: []access.PersonID{h.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
		if err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantState(made[0], access.Delivered)
		h.wantLetters(made[0])
		remove(made[0])
		h.wantLetters(made[0], letter{"ida@meridian.example", "Your access to Ebb has ended", "Hello Ida Falk,",
			"View access package:\n" + portal + "/access-packages/PACKAGE" + memberHint})
	})
}

// TestFactsOfDirectAssignment: F-185: the person of a direct assignment gets no mail when it
// is denied, expires or is canceled; its approvers do.
func TestFactsOfDirectAssignment(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := context.Background()
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(h.Lena))})
		for subject, end := range map[string]func(r access.Request) error{
			"Request denied: Ida Falk → Tidal": func(r access.Request) error { return h.decide(h.Lena, r, 0, false) },
			"Request expired: Ida Falk → Tidal": func(access.Request) error {
				h.clock.Advance(7 * day)
				return nil
			},
			"Request canceled: Ida Falk → Tidal": func(r access.Request) error {
				return h.Admin.CancelRequest(ctx, h.Omar,
					r.ID)
			},
		} {
			made, err := h.Admin.Assign(ctx, h.Omar, admin.Assigning{Package: o.Package.ID,
				People: []access.PersonID{h.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
			if err != nil {
				h.t.Fatal(err)
			}
			h.runJobs()
			h.takeMails()
			if err := end(made[0]); err != nil {
				h.t.Fatal(err)
			}
			h.runJobs()
			h.wantMails(lena + subject)
		}
	})
}

// TestFactsOfDelivery: M-32, M-33: a requestor is told once what is missing and why.
func TestFactsOfDelivery(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.LoseResource(h.Site.ExternalID, true)
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{}), access.RequestForm{})
		h.runJobs()
		h.wantLetters(r, letter{"lena@meridian.example", "Part of your access to Tidal couldn't be delivered yet",
			"Hello Lena Berg,", `- Tidal team (Member)
  https://sites.meridian.example/team
- Tidal site (Member)
  The resource or its role no longer exists.
  https://sites.meridian.example/site

View request:
` + portal + "/requests/REQUEST" + memberHint})
	})
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.loseAll(x, true)
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{}), access.RequestForm{})
		h.runJobs()
		h.wantLetters(r, letter{"lena@meridian.example", "Your access to Tidal couldn't be delivered yet",
			"Hello Lena Berg,", `- Tidal team (Member)
  The resource or its role no longer exists.
  https://sites.meridian.example/team
- Tidal site (Member)
  The resource or its role no longer exists.
  https://sites.meridian.example/site

View request:
` + portal + "/requests/REQUEST" + memberHint})
	})
}

// TestFactsForGuestApprover: F-170: the link to a guest who approves has the hint of the
// guest's domain. See also TestGuestApprover of package web.
func TestFactsForGuestApprover(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		welcome := h.submit(h.Mara, h.partnerPackage("Welcome"), access.RequestForm{})
		h.runJobs()
		h.takeMails()
		guest := h.person(welcome.Target)
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", stages(storetest.Named(guest))), access.RequestForm{})
		h.runJobs()
		h.wantLetters(r, letter{"mara@harbor.example", "Approve or deny by 9 March 2026: Lena Berg → Tidal",
			"Hello Mara Lind,", `Person: Lena Berg
Email: lena@meridian.example
Organization: Meridian Works
Access package: Tidal
Submitted: 2 March 2026, 12:00 UTC
Decide by: 9 March 2026, 12:00 UTC` + decideLink + "?domain_hint=harbor.example"})
		h.approve(guest, r, 0)
		h.wantState(r, access.Delivering)
	})
}

// TestFactsOfProviderChange: M-37: every global administrator is told what changed, and by whom.
func TestFactsOfProviderChange(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, globalAdministrator(h.Ida))
		})
		_, err := h.Admin.SaveOrganization(context.Background(), h.Lena, admin.Connecting{
			Organization: access.Organization{Name: "Quay", Description: "Builds ships.", State: access.Configured},
			New: []access.Directory{{Kind: access.DirectoryOpenID, Name: "Quay", Domains: []access.Domain{"quay.example"},
				Issuer: "https://login.quay.example", ClientID: "meridian", ClientSecret: "s", AuthStyle: access.AuthBasic,
				HintStyle: access.HintNone, Scopes: []string{"email"}}}})
		if err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		facts := "Provider: Quay\nChange: A provider was added.\nDomain: quay.example\nChanged by: Lena Berg\n\n" +
			"Open the providers:\n" + portal + "/admin/organizations/providers" + memberHint
		const subject = "Sign-in settings of Quay changed"
		h.wantLetters(access.Request{ID: "none", Package: "none"},
			letter{"lena@meridian.example", subject, "Hello Lena Berg,", facts},
			letter{"ida@meridian.example", subject, "Hello Ida Falk,", facts})
	})
}

// TestFactsOfPasscode: M-26: the code is sent to the address that wants to sign in, and to no one
// else. It is not in the subject, and there is no link.
func TestFactsOfPasscode(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		h.addPasscodeOrganization()
		code := h.sendPasscode("ada@quay.example", "key")
		h.wantLetters(access.Request{ID: "none", Package: "none"}, letter{"ada@quay.example",
			"Your code to sign in to Meridian Works", "Hello,", "Code: " + code + "\nValid for: 10 minutes"})
	})
}

// TestDomainHintOfMails: links have a domain by which the reader gets to the provider
// where they sign in: their own, or another one of the directory if theirs is no longer
// verified for it. An unverified one is none.
func TestDomainHintOfMails(t *testing.T) {
	t.Parallel()
	for want, domains := range map[string][]access.Domain{
		"?domain_hint=harbor.example": {"other.example", "harbor.example"},
		"?domain_hint=other.example":  {"other.example", "third.example"},
		"":                            nil,
	} {
		forEachEngine(t, func(h *harness) {
			r := h.maraAsks()
			h.setDomains(h.Harbor.ID, domains...)
			if err := h.Requests.Decide(context.Background(), h.Lena, lifecycle.DecisionInput{Request: r.ID,
				Reason: "x"}); err != nil {
				h.t.Fatal(err)
			}
			h.runJobs()
			h.wantMail("mara@harbor.example", "/requests/"+string(r.ID)+want+"\n")
		})
	}
}

// setDomains makes the domains the verified ones of a directory, beside an unverified one.
func (h *harness) setDomains(id access.DirectoryID, domains ...access.Domain) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.Directory(ctx, id)
		if err != nil {
			return err
		}
		d.Domains, d.DomainClaims = domains, []access.DomainClaim{{Domain: "claimed.example", Token: "t"}}
		return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
	})
}
