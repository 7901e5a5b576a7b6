package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// policyWithQuestions returns a policy with a question of each kind, approved
// by Omar within a week, for 10 days.
func policyWithQuestions(p *fixture) access.Policy {
	return p.ForPartner(access.Terms{
		Stages: []access.Stage{storetest.Named(p.Omar)}, RequireJustification: true, ShowApprovers: access.Yes,
		CustomSchedule: true,
		Expiration:     access.Expiration{Kind: access.AfterDuration, Days: 10},
		Questions: []access.Question{
			{ID: "cost", Kind: access.ShortText, Text: "Cost centre", Localized: access.Localized{"de": "Kostenstelle"},
				Required: true,
				Pattern:  `[A-Z]{2}-\d+`, PatternMessage: "Such as AB-12.",
				PatternLocalized: access.Localized{"de": "Etwa AB-12."}},
			{ID: "why", Kind: access.LongText, Text: "What for"},
			{ID: "site", Kind: access.MultipleChoice, Text: "Which site", Required: true, Choices: []access.Choice{
				{Value: "b", Text: "Bern"}, {Value: "g", Text: "Geneva", Localized: access.Localized{"de": "Genf"}}}},
			{ID: "days", Kind: access.MultipleChoice, Text: "Which days", AllowsMultiple: true, Choices: []access.Choice{
				{Value: "1", Text: "Monday"}, {Value: "2", Text: "Tuesday"}}},
		}})
}

func hasName(name string, o access.Policy) access.Policy {
	o.Name = name
	return o
}

func validRequestForm() url.Values {
	return url.Values{"answer.cost": {"AB-12"}, "answer.why": {"The tidal model\r\nand its data"}, "answer.site": {"g"},
		"answer.days":   {"1", "2"},
		"justification": {"We build it together"}}
}

// packagePath returns the path of the package's page.
func packagePath(o access.Offer) string { return home + "/access-packages/" + string(o.Package.ID) }

// The whole scenario of an external requestor: find, request, wait, receive,
// open, lose, request again.
func TestRequestor(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", policyWithQuestions(p))
	mara := p.as("mara")
	mara.opens("/").sees(200, "Overview", "No active access yet", "!Your open requests", "!Ends soon",
		"Signed in as Mara Lind (mara@harbor.example) of Harbor Studio")
	mara.clicks("Access packages").sees(200, "Tidal", "What Tidal needs", "Tidal team, Tidal site", "Projects")
	mara.presses("Search", url.Values{"q": {"SITE tid"}}).sees(200, "Tidal", "!No results").hasValue("q", "SITE tid")
	mara.presses("Search", url.Values{"q": {"boats"}}).sees(200, "No results", "“boats”", "!What Tidal needs")
	mara.clicks("Available").clicks("Request").
		sees(200, "What's included", "Tidal team", "Team · Member", "Cost centre", "Such as AB-12.",
			"!https://sites.meridian.example",
			"Needs 1 approval. If this is approved today, you'll keep it until 12 March 2026, 12:00.")
	mara.presses("Submit request", validRequestForm()).
		sees(200, "Your request has been submitted.", "Pending approval", "Stage 1 of 1",
			"A decision is due by 9 March 2026, 12:00.",
			"Omar Haddad (omar@meridian.example) decides.", "We build it together", "Geneva", "Monday, Tuesday", "AB-12",
			"!Resubmit")
	request, _, _ := strings.Cut(mara.at, "?")
	mara.opens(home+"/").sees(200, "Your open requests", "Tidal", "Pending approval")
	mara.opens(home+"/access-packages").sees(200, "Requested", "!>Request</a>")
	mara.clicks("Tidal").sees(200, "You've already requested this access package. Your request is in progress.",
		"!Submit request").
		clicks("View request").sees(200, "Pending approval")

	p.as("omar").opens(home+"/approvals").clicks("Details").presses("Approve", nil).sees(200,
		"You have approved this request.", "Delivering")
	mara.opens(request).sees(200, "Delivering", "Stage 1 of 1: approved", "By Omar Haddad.", "In progress",
		"!Cancel request")
	p.runJobs()
	mara.opens(request).sees(200, "Delivered", "Everything was delivered", "Access ends 12 March 2026, 12:00",
		"https://sites.meridian.example/team")
	mara.opens(home+"/access-packages?tab=active").
		sees(200, "Active", "Until 12 March 2026, 12:00", "Open Tidal site", `href="https://sites.meridian.example/site"`)
	mara.opens(home+"/").sees(200, "Ends soon", "Ends on 12 March 2026, 12:00.", "Your access", "Until 12 Mar 2026",
		"Tidal team", "Team · Member", "Open Tidal site", `href="https://sites.meridian.example/site"`,
		"!No active access yet", "!View all")
	mara.opens(home+"/access-packages?tab=expired").sees(200, "No expired access")

	p.advance(10 * 24 * time.Hour)
	mara.signIn("mara")
	mara.opens(request).sees(200, "Access ended", "Delivered", "!https://sites.meridian.example")
	mara.opens(home+"/access-packages?tab=active").sees(200, "No active access yet")
	mara.opens(home+"/access-packages?tab=expired").sees(200, "Ended 12 March 2026").clicks("Request again").sees(200,
		"Submit request")
	mara.opens(home+"/requests").sees(200, "Removal at the end date", "Removed", "Delivered")

	p.disablePolicies(o)
	mara.opens(home+"/access-packages?tab=expired").sees(200, "Ended 12 March 2026", "!Request again").clicks(
		"Tidal").sees(200, "Access ended", "!Resubmit")
}

// disablePolicies disables the policies of an offer.
func (p *fixture) disablePolicies(o access.Offer) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, policy := range o.Policies {
			policy.Enabled = false
			if err := tx.SavePolicy(ctx, policy); err != nil {
				return err
			}
		}
		return nil
	})
}

// Every fault is shown at its field, what was typed is kept, and the status is
// 422.
func TestFormFaults(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", policyWithQuestions(p))
	mara := p.as("mara")
	mara.opens(packagePath(o)).presses("Submit request", url.Values{"answer.cost": {"nonsense"}, "justification": {" "},
		"answer.why": {strings.Repeat("é", 2001)}, "start": {"2026-03-20T10:00"}, "end": {"2026-03-10T10:00"}}).
		sees(422, "There's a problem").hasValue("answer.cost", "nonsense").hasValue("start",
		"2026-03-20T10:00").hasValue("answer.why", strings.Repeat("é", 2001))
	for field, want := range map[string]string{
		"answer.cost": "Such as AB-12.", "answer.why": "Enter at most 2000 characters. You entered 2001.",
		"answer.site": "Required.",
		"answer.days": "", "justification": "Required.", "start": "",
		"end": "Enter an end in the future that is after the start.",
	} {
		if got := mara.faultAt(field); got != want {
			t.Errorf("fault at %s: %q, want %q", field, got, want)
		}
	}
	typed := validRequestForm()
	typed.Set("start", "soon")
	mara.presses("Submit request", typed).sees(422, "Enter a date and time").hasValue("start", "soon").hasValue(
		"answer.site",
		"g")
	typed.Set("start", "")
	typed.Set("end", "2026-04-01T10:00")
	mara.presses("Submit request", typed).sees(422, "This policy allows access until 12 March 2026, 12:00 at the "+
		"latest.")
	typed.Set("end", "2026-03-10T10:00")
	mara.presses("Submit request", typed).sees(200, "Pending approval", "Until 10 March 2026, 10:00")
}

// Values that the form does not offer are refused.
func TestFormsAreNotTrusted(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", policyWithQuestions(p))
	hidden := p.Package("Other", p.ForPartner(access.Terms{}), access.Policy{Scope: access.ScopeMembers})
	mara := p.as("mara")
	post := func(change func(url.Values)) *browser {
		t.Helper()
		form := validRequestForm()
		change(form)
		return mara.opens(packagePath(o)).do(http.MethodPost, packagePath(o)+"/requests", form)
	}
	post(func(f url.Values) { f.Set("answer.site", "x") }).sees(422, "Choose one of the listed options.")
	post(func(f url.Values) { f["answer.site"] = []string{"b", "g"} }).sees(422, "Choose one.")
	post(func(f url.Values) { f["answer.cost"] = []string{"AB-1", "AB-2"} }).sees(422, "Choose only one answer.")
	post(func(f url.Values) { f.Set("answer.cost", "AB-1\nx") }).sees(422, "Enter a single line.")
	post(func(f url.Values) { f.Set("answer.more", "x") }).sees(422, "The questions have changed.")
	post(func(f url.Values) { f.Set("justification", "a\x00b") }).sees(422, "Control characters are not allowed here.")
	post(func(f url.Values) { f.Set("justification", "a\xffb") }).sees(422, "Control characters are not allowed here.")
	post(func(f url.Values) { f.Set("justification", strings.Repeat("x", 2001)) }).sees(422,
		"Enter at most 2000 characters. You entered 2001.")
	post(func(f url.Values) { f.Set("policy", string(hidden.Policies[0].ID)) }).sees(409,
		"The policy you chose is no longer available to you.")
	post(func(f url.Values) { f.Set("key", "a\x00") }).sees(422, "The form data is invalid.")
	post(func(f url.Values) { f.Set("key", strings.Repeat("k", 65)) }).sees(422, "The form data is invalid.")
	post(func(f url.Values) {
		for _, extra := range []string{"state", "requestor", "target", "tenant", "stage", "id"} {
			f.Set(extra, string(access.Delivered))
		}
	}).sees(200, "Pending approval", "Stage 1 of 1")
}

// A period is refused if the policy offers none.
func TestPeriodNotOffered(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara := p.as("mara").opens(packagePath(o)).sees(200, "No approval needed. You'll keep this until it's removed.",
		"!Leave empty for the maximum duration")
	mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"end": {"2026-03-10T10:00"}}).sees(422,
		"This policy doesn't let you choose a period.")
}

// A request with a later start is scheduled.
func TestSpecificPeriod(t *testing.T) {
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.TimeZone = "Europe/Zurich" })
	o := p.Package("Tidal", p.ForPartner(access.Terms{CustomSchedule: true}))
	mara := p.as("mara")
	mara.opens(packagePath(o)).sees(200, "Time zone: Europe/Zurich.").
		presses("Submit request", url.Values{"start": {"2026-03-05T09:00"}, "end": {"2026-04-01T09:00"}}).
		sees(200, "Scheduled", "Access starts on 5 March 2026, 09:00", "1 April 2026, 09:00", "Cancel request")
	p.advance(3 * 24 * time.Hour)
	mara.signIn("mara")
	mara.opens(home+"/requests").sees(200, "Delivered").clicks("Tidal").sees(200,
		"Access ends 1 April 2026, 09:00")
}

// The forecast uses the typed period even if other fields have faults.
func TestForecastUsesPeriod(t *testing.T) {
	p := newPortal(t)
	terms := access.Terms{CustomSchedule: true, RequireJustification: true,
		Expiration: access.Expiration{Kind: access.AfterDuration,
			Days: 10}}
	o := p.Package("Tidal", p.ForPartner(terms))
	p.as("mara").opens(packagePath(o)).presses("Submit request", url.Values{"start": {"2026-03-05T09:00"},
		"end": {"2026-03-07T09:00"}}).
		sees(422, "Access starts on 5 March 2026, 09:00. If you submit now, you'll keep this until 7 March 2026, 09:00.")
	terms.Stages = []access.Stage{storetest.Named(p.Omar), storetest.Named(p.Ida)}
	terms.Expiration = access.Expiration{Kind: access.AfterDate, End: p.clock.Now().Add(-time.Hour).UnixMilli()}
	over := p.Package("Over", p.ForPartner(terms))
	p.as("mara").opens(packagePath(over)).sees(200, "Access under this policy would have ended on 2 March 2026, 11:00, "+
		"so you can't request it.")
}

func TestCancelAndResubmit(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", policyWithQuestions(p))
	mara := p.as("mara")
	typed := validRequestForm()
	typed.Set("end", "2026-03-10T10:00")
	mara.opens(packagePath(o)).presses("Submit request", typed).sees(200, "Pending approval")
	request, _, _ := strings.Cut(mara.at, "?")
	mara.opens(home+"/requests").presses("Cancel request", nil).sees(200, "The request has been canceled.", "Canceled",
		"!Cancel request")
	mara.do(http.MethodPost, request+"/cancel", nil).sees(409, "This request can no longer be canceled.")
	mara.opens(request).clicks("Resubmit").
		hasValue("answer.cost", "AB-12").hasValue("answer.site", "g").hasValue("answer.days", "1").hasValue("end",
		"2026-03-10T10:00").
		hasValue("justification", "We build it together").presses("Submit request", nil).sees(200, "Pending approval")
	if mara.at == request {
		t.Error("the old request was revived")
	}
	p.disablePolicies(o)
	mara.opens(request).sees(200, "Canceled", "!Resubmit")
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeletePackage(ctx, p.Tenant.ID, o.Package.ID) })
	mara.opens(request).sees(200, "Canceled", "!Resubmit")
	pia := p.as("pia")
	pia.do(http.MethodPost, request+"/cancel", nil).sees(404)
	pia.opens(request).sees(404)
	pia.opens(packagePath(o)+"?from="+strings.TrimPrefix(request, home+"/requests/")).sees(404, "!We build it together")
	pia.opens(packagePath(o) + "?from=x%00").sees(404)
}

// Submitting a form twice creates one request.
func TestSubmitTwice(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(p.Omar)}}))
	mara := p.as("mara").opens(packagePath(o))
	form := url.Values{"key": {"the-same"}}
	mara.do(http.MethodPost, packagePath(o)+"/requests", form).sees(200, "Pending approval")
	first := mara.at
	mara.do(http.MethodPost, packagePath(o)+"/requests", form).sees(200, "Pending approval")
	if mara.at != first {
		t.Errorf("the second press leads to %s, the first led to %s", mara.at, first)
	}
	mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"key": {"another"}}).
		sees(409, "You've already requested this access package.")
}

// History shows a page at a time, newest first, each once.
func TestHistoryIsPaged(t *testing.T) {
	p := newPortal(t)
	mara := p.as("mara")
	for i := range 30 {
		o := p.Package("Package "+strconv.Itoa(i),
			p.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(p.Omar)}}))
		mara.opens(packagePath(o)).presses("Submit request", nil).sees(200, "Pending approval")
	}
	mara.opens(home+"/requests").sees(200, "Package 29", "Package 5", "!Package 4 ", "!Back to the first page")
	mara.clicks("Next page").sees(200, "Package 4", "Package 0", "!Package 5 ", "!Next page").clicks("Back to the first "+
		"page").sees(200, "Package 29")
	mara.opens(home+"/requests?before=%00").sees(200, "Package 29")
	omar := p.as("omar").opens(home+"/").sees(200, "30 requests are pending your approval.").clicks("Open approvals").sees(
		200,
		"Package 0", "Package 24", "!Package 25")
	omar.clicks("Next page").sees(200, "Package 25", "Package 29", "!Package 24")
	omar.opens(home+"/approvals?from=%00").sees(200, "Package 0")
	mara.opens(home+"/access-packages").sees(200, "Package 0", "!Package 9 ").clicks("Next page").sees(200, "Package 9",
		"!Next page")
	mara.opens(home+"/access-packages?after=%00~%00").sees(200, "Package 0")
}

// If several policies match, the requestor chooses one, and the form changes.
func TestChoiceOfPolicy(t *testing.T) {
	p := newPortal(t)
	short, long := p.ForPartner(access.Terms{RequireJustification: true,
		Expiration: access.Expiration{Kind: access.AfterDuration,
			Days: 5}}),
		p.ForPartner(access.Terms{RequireJustification: true, Stages: []access.Stage{storetest.Named(p.Omar),
			storetest.Named(p.Ida)},
			Expiration: access.Expiration{Kind: access.AfterDuration, Days: 100}})
	short.Name, short.Description, long.Name = "A short while", "Five days", "A long while"
	anyone := access.Policy{Name: "Anyone", Scope: access.ScopeAnyone,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(p.Omar)}}}
	o := p.Package("Tidal", short, long, anyone)
	mara := p.as("mara")
	mara.opens(packagePath(o)).sees(200, "A short while", "Five days", "A long while", "!Anyone", "!Submit request")
	mara.presses("Show request form", url.Values{"policy": {string(o.Policies[1].ID)}}).
		sees(200, "Needs 2 approvals, in order. If this is approved today, you'll keep it until 10 June 2026, "+
			"12:00.")
	mara.presses("Submit request", nil).sees(422, "Required.")
	// after a fault the other policy can still be chosen
	mara.presses("Show request form", url.Values{"policy": {string(o.Policies[0].ID)}}).
		sees(200, "If you submit now, you'll keep this until 7 March 2026, 12:00.").
		presses("Submit request", url.Values{"justification": {"For five days"}}).sees(200, "Delivering")
	// choosing another policy keeps what was typed
	p.runJobs()
	p.advance(6 * 24 * time.Hour)
	p.as("mara").opens(packagePath(o)).do(http.MethodPost, packagePath(o)+"/requests",
		url.Values{"policy": {string(o.Policies[1].ID)}, "justification": {"Kept"}}).
		sees(200, "Pending approval").presses("Cancel request", nil).clicks("Resubmit").sees(200,
		"Needs 2 approvals, in order.").
		presses("Show request form", url.Values{"policy": {string(o.Policies[0].ID)}}).hasValue("justification",
		"Kept")
}

// Questions are asked in the language of the browser, or as they were written.
func TestQuestionsInTheBrowsersLanguage(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", policyWithQuestions(p))
	for language, want := range map[string][]string{
		"de-CH":             {"Kostenstelle", "Genf", "Etwa AB-12."},
		"rm, de;q=0.8":      {"Kostenstelle", "Genf"},
		"en, de":            {"Cost centre", "Geneva", "Such as AB-12."},
		"fr":                {"Cost centre", "Geneva"},
		"":                  {"Cost centre", "Geneva"},
		"not a language;;;": {"Cost centre"},
	} {
		mara := p.as("mara")
		mara.language = language
		mara.opens(packagePath(o)).sees(200, want...)
	}
	mara := p.as("mara")
	mara.language = "de"
	mara.opens(packagePath(o)).presses("Submit request", validRequestForm()).sees(200, "Kostenstelle", "Genf")
	p.as("omar").opens(home+"/approvals").clicks("Details").sees(200, "Genf")
}

// A hidden package can be requested by its link by people in scope.
func TestHiddenPackage(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	o.Package.Hidden = true
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
	p.as("mara").opens(home+"/access-packages").sees(200, "No access packages to request").
		opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
	p.as("lena").opens(packagePath(o)).sees(404)
}

// If the person's domain cannot be invited, the page says so before the
// request.
func TestDomainNotInvitable(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	p.changeSettings(func(s *access.Settings) {
		s.DomainRule, s.DomainList = access.DomainsDeny, []access.Domain{"harbor-lab.example"}
	})
	p.as("pia").opens(packagePath(o)).sees(200, "This organization doesn't accept guests from harbor-lab.example.",
		"!Submit request").
		do(http.MethodPost, packagePath(o)+"/requests", nil).sees(403,
		"This organization doesn't accept guests from harbor-lab.example.")
	p.as("mara").opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
}

// Names of approvers are shown if the policy, or else the tenant, shows them.
// The deadline is always shown.
func TestWhoMayDecide(t *testing.T) {
	for _, tt := range []struct {
		policy access.Inheritable
		tenant bool
		shown  bool
	}{{access.Yes, false, true}, {access.No, true, false}, {access.Inherit, true, true}, {access.Inherit, false, false}} {
		p := newPortal(t)
		p.changeSettings(func(s *access.Settings) { s.ShowApprovers = tt.tenant })
		o := p.Package("Tidal",
			p.ForPartner(access.Terms{ShowApprovers: tt.policy, Stages: []access.Stage{storetest.Named(p.Omar, p.Lena),
				storetest.Named(p.Ida)}}))
		mara := p.as("mara").opens(packagePath(o)).presses("Submit request", nil).sees(200,
			"A decision is due by 9 March 2026, 12:00.", "Stage 2 of 2")
		if tt.shown {
			mara.sees(200, "One of these people decides: Lena Berg (lena@meridian.example) and Omar Haddad "+
				"(omar@meridian.example).",
				"Ida Falk")
		} else {
			mara.sees(200, "!Omar", "!Lena", "!Ida")
		}
	}
}
