package web

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
)

// TestSmallDisk: while the disk is full, everyone who is signed in can read every page
// and sign out; whatever would have to be stored is refused with 503 and changes
// nothing. When there is room again, everything works again, without a restart.
func TestSmallDisk(t *testing.T) {
	disk := storetest.NewSmallDisk(t)
	p := newPortalOn(t, address, disk.Database())
	p.addAdministrator("vera")
	asked := p.pendingRequest("mara", "Boats", storetest.Named(p.Omar))
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	vera, omar, mara, pia := p.as("vera"), p.as("omar"), p.as("mara"), p.as("pia")
	catalog := vera.opens(home + "/admin/catalogs/new")
	form := mara.opens(packagePath(o))
	decision := omar.opens(asked)
	out := pia.opens(home + "/")
	stolen := out.copied()
	p.clock.Advance(6 * time.Minute) // the last use of the sessions is due to be stored
	before := p.dump()
	vera.copied().opens(home+"/admin/").sees(http.StatusOK, "!Nothing can be saved")
	full := p.clock.Now()
	disk.Fill()

	p.readsEverything(vera, omar, mara)
	for what, answer := range map[string]*browser{
		"a new catalog": catalog.presses("Create", url.Values{"displayName": {"Docks"}, "description": {"Ships"}}),
		"a request":     form.presses("Submit request", url.Values{"justification": {"For the model"}}),
		"a decision":    decision.presses("Approve", url.Values{"reason": {"Fine"}}),
	} {
		answer.sees(http.StatusServiceUnavailable, "Nothing was saved: there is no space left", "Reference")
		if answer.header.Get("Retry-After") == "" {
			t.Errorf("%s: the answer does not say when to try again", what)
		}
	}
	p.nobody().sendOnce(http.MethodGet, home+"/sign-in?domain_hint=harbor.example", nil).sees(
		http.StatusServiceUnavailable, "You can't sign in right now", "Nothing was saved")
	p.nobody().opens(home+"/").sees(http.StatusOK, "Sign in to Meridian Works")
	p.clock.Advance(3 * time.Minute)
	p.nobody().sendOnce(http.MethodGet, "/readyz", nil).sees(http.StatusOK,
		"ready to read, not to write since "+full.UTC().Format(time.RFC3339)+", reference ")
	vera.copied().sendOnce(http.MethodGet, home+"/admin/", nil).sees(http.StatusOK, "Nothing can be saved",
		"There is no space left for the portal's database.", "Since 2 March 2026, 12:06", "Reference: ", "!Nothing is stuck")
	p.nobody().sendOnce(http.MethodGet, "/healthz", nil).sees(http.StatusOK)

	out.sendOnce(http.MethodPost, "/sign-out", url.Values{"csrf": {out.token()}}).sees(http.StatusOK,
		"You're signed out in this browser", "removed as soon as the portal can save again")
	if len(out.cookies) != 0 {
		t.Errorf("signing out has left the cookies %v", out.cookies)
	}
	stolen.sendOnce(http.MethodGet, home+"/", nil).sees(http.StatusSeeOther)
	if after := p.dump(); after != before {
		t.Errorf("something was stored although the disk is full: %s", difference(before, after))
	}

	disk.Free()
	p.clock.Advance(5 * time.Second)
	p.runJobs()
	p.nobody().sendOnce(http.MethodGet, "/readyz", nil).sees(http.StatusOK, "!not to write")
	vera.opens(home+"/admin/").sees(http.StatusOK, "!Nothing can be saved")
	stolen.sendOnce(http.MethodGet, home+"/", nil).sees(http.StatusSeeOther)
	if n, err := p.CountSessionsAt(t.Context(), p.Harbor.ID); err != nil || n != 2 {
		t.Errorf("%d sessions of the partner's people, %v; want the two of Mara", n, err)
	}
	p.as("pia").opens(home+"/").sees(http.StatusOK, "Pia Sand")
	vera.opens(home+"/admin/catalogs").sees(http.StatusOK, "!Docks")
	vera.opens(home+"/admin/catalogs/new").presses("Create", url.Values{"displayName": {"Docks"},
		"description": {"Ships"}}).sees(http.StatusOK, "Docks")
	mara.opens(packagePath(o)).presses("Submit request", url.Values{"justification": {"For the model"}}).sees(
		http.StatusOK, "Your request has been submitted")
	omar.opens(asked).presses("Approve", url.Values{"reason": {"Fine"}}).sees(http.StatusOK,
		"You have approved this request")
}

// copied is another browser with the same cookies.
func (b *browser) copied() *browser {
	other := *b
	other.cookies = maps.Clone(b.cookies)
	return &other
}

// readsEverything opens every page without an id in its path.
func (p *fixture) readsEverything(all ...*browser) {
	p.t.Helper()
	read := 0
	for _, r := range routes() {
		path := strings.Replace(r.Path, "/@:domain", home, 1)
		if r.Method != http.MethodGet || strings.Contains(path, ":") {
			continue
		}
		for i, b := range append(all, all...) {
			b, at := b.copied(), path
			if i >= len(all) && strings.HasPrefix(path, home+"/") {
				at += "?format=csv" // what is a list is downloaded
			}
			b.sendOnce(http.MethodGet, at, nil)
			if b.status >= http.StatusInternalServerError {
				p.t.Errorf("%s answers %d on a full disk", path, b.status)
			}
			if b.status == http.StatusOK {
				read++
			}
		}
	}
	if read < 40 {
		p.t.Errorf("only %d pages were read", read)
	}
}

// TestSignOutWithoutDatabase: signing out deletes the cookie even if the session
// cannot be read, and only for a form of the session.
func TestSignOutWithoutDatabase(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena")
	lena.opens(home + "/")
	token := lena.token()
	p.unreadable.Store(true)
	lena.sendOnce(http.MethodGet, home+"/", nil).sees(http.StatusServiceUnavailable, "The portal can't read its database")
	if n := p.storageLog.count("since"); n != 0 {
		t.Errorf("%d log entries about reading say since when writing fails", n)
	}
	lena.sendOnce(http.MethodPost, "/sign-out", url.Values{"csrf": {"x" + token}}).sees(http.StatusForbidden)
	if len(lena.cookies) == 0 {
		t.Fatal("another page's form has signed out")
	}
	lena.sendOnce(http.MethodPost, "/sign-out", url.Values{"csrf": {token}}).sees(http.StatusOK,
		"You're signed out in this browser")
	if len(lena.cookies) != 0 {
		t.Errorf("signing out has left the cookies %v", lena.cookies)
	}
}

// TestSignOutIsKept: a session whose end could not be stored does not come to life
// again, and its end is stored when that is possible.
func TestSignOutIsKept(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena")
	copied := lena.opens(home + "/").copied()
	p.full.Store(true)
	lena.presses("Sign out", nil)
	p.full.Store(false)
	copied.sendOnce(http.MethodGet, home+"/", nil).sees(http.StatusSeeOther)
	sessions := func() int64 {
		t.Helper()
		n, err := p.CountSessionsAt(context.Background(), p.Tenant.Directory)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if sessions() != 1 {
		t.Fatal("the end of the session was to fail")
	}
	p.clock.Advance(5 * time.Second)
	p.runJobs()
	if n := sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
	copied.sendOnce(http.MethodGet, home+"/", nil).sees(http.StatusSeeOther)
}

// TestStorageIsLoggedOnce: a full disk is logged once per minute, however many requests
// fail because of it, with the reference that people see.
func TestStorageIsLoggedOnce(t *testing.T) {
	p := newPortal(t)
	requests := &logText{}
	p.config.Log = slog.New(slog.NewTextHandler(requests, nil))
	p.serve()
	p.full.Store(true)
	var answer *browser
	signIn := func(times int) {
		for range times {
			answer = p.nobody().sendOnce(http.MethodGet, home+"/sign-in?domain_hint=harbor.example", nil).sees(
				http.StatusServiceUnavailable, "Nothing was saved")
		}
	}
	signIn(50)
	if n := p.storageLog.count("the database can't be written"); n != 1 {
		t.Errorf("%d log entries in a minute, want 1", n)
	}
	_, entry, _ := strings.Cut(p.storageLog.all.String(), "reference=")
	if reference, _, _ := strings.Cut(entry, " "); len(reference) != 8 || !strings.Contains(answer.body, reference) {
		t.Errorf("the page does not have the reference of the log entry, %q", reference)
	}
	p.clock.Advance(time.Minute)
	signIn(3)
	if n := p.storageLog.count(`"unwritable since"=2026-03-02T12:00:00.000Z`); n != 2 {
		t.Errorf("%d log entries say since when writing fails, want 2", n)
	}
	if n, failures := p.storageLog.count("the database can't be written"),
		p.storageLog.count("failures=50"); n != 2 || failures != 1 {
		t.Errorf("%d log entries after a minute, want 2, the second with 50 failures", n)
	}
	if n := requests.count("request failed"); n != 0 {
		t.Errorf("%d log entries of requests, want none", n)
	}
}

// TestWithdrawalPauseIsShown: after a few withdrawals, the page of the access package says
// when it can be requested again, in the place of the form, and a form sent anyway is
// answered with 429.
func TestWithdrawalPauseIsShown(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(p.Omar)}}))
	mara := p.as("mara")
	form := mara.opens(packagePath(o)).copied()
	for range access.MaxWithdrawalsOfPackage {
		mara.opens(packagePath(o)).presses("Submit request", url.Values{"justification": {"x"}}).sees(http.StatusOK)
		mara.presses("Cancel request", nil)
	}
	mara.opens(packagePath(o)).sees(http.StatusOK, "You can request this access package again at 2 March 2026, 13:00",
		"!Submit request")
	form.presses("Submit request", url.Values{"justification": {"x"}}).sees(http.StatusTooManyRequests)
	p.clock.Advance(access.WithdrawalWindow)
	mara.opens(packagePath(o)).sees(http.StatusOK, "Submit request", "!again at")
}
