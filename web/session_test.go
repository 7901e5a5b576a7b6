package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// returnTarget returns the address that the sign-in page leads to after signing
// in.
func (b *browser) returnTarget() string {
	b.p.t.Helper()
	u, err := url.Parse(b.at)
	if err != nil || !strings.HasSuffix(u.Path, "/sign-in") {
		b.p.t.Fatalf("%s is not a sign-in page", b.at)
	}
	return u.Query().Get("to")
}

// What was typed when the session ended is restored after signing in with the
// same account, for no one else.
func TestInputIsKeptWhenSessionEnds(t *testing.T) {
	ends := map[string]func(p *fixture, b *browser){
		"idle":      func(p *fixture, _ *browser) { p.clock.Advance(access.MaxSessionIdle) },
		"long gone": func(p *fixture, _ *browser) { p.advance(access.MaxSessionLifetime + time.Hour) },
		"signed out": func(p *fixture, b *browser) {
			elsewhere := *b
			elsewhere.opens(home+"/").presses("Sign out", nil)
		},
		"no cookie": func(_ *fixture, b *browser) { clear(b.cookies) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t)
			o := p.Package("Tidal", policyWithQuestions(p))
			mara := p.as("mara").opens(packagePath(o))
			end(p, mara)
			mara.presses("Submit request", validRequestForm()).sees(303, "!csrf")
			if !strings.HasPrefix(mara.header.Get("Location"), p.provider) {
				t.Fatalf("the way leads to %q", mara.header.Get("Location"))
			}
			target := mara.returnTarget()
			pia := p.as("pia")
			pia.opens(target).sees(200, "Submit request", "!Kept", "!Your session had ended").hasValue("justification",
				"").hasValue("answer.cost", "")
			mara.signIn("mara")
			mara.opens(target).sees(200, "Your session had ended. We restored what you entered. Submit it now.").
				hasValue("justification", "We build it together").hasValue("answer.cost", "AB-12").hasValue("answer.site", "g").
				presses("Submit request", nil).sees(200, "Pending approval", "The tidal model and its data", "Monday, Tuesday")
			p.clock.Advance(access.FormDraftLifetime)
			mara.signIn("mara")
			mara.opens(home+"/requests").presses("Cancel request", nil).opens(target).hasValue("justification", "")
		})
	}
}

// The reason of a decision and the selected requests are restored too.
func TestDecisionIsKeptWhenSessionEnds(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", storetest.Named(p.Omar))
	p.pendingRequest("mara", "Boats", storetest.Named(p.Omar))
	omar := p.as("omar").opens(at)
	p.clock.Advance(access.MaxSessionIdle)
	omar.presses("Approve", url.Values{"reason": {"Long thought"}})
	target := omar.returnTarget()
	omar.signIn("omar")
	omar.opens(target).sees(200, "Your session had ended", "Pending approval", "Your decision").hasValue("reason",
		"Long thought")

	omar.opens(home + "/approvals")
	chosen := omar.checkboxValues()[1]
	p.clock.Advance(access.MaxSessionIdle)
	omar.presses("Deny", url.Values{"reason": {"Both thought over"}, "request": {chosen}})
	target = omar.returnTarget()
	omar.signIn("omar")
	omar.opens(target).sees(200, "Your session had ended").hasValue("reason", "Both thought over").hasValue("request",
		chosen).
		presses("Deny", nil).sees(200, "Boats for Mara Lind: Decided.", "!Tidal for Mara Lind: Decided.")
}

// A form that belongs to no session leaves no draft.
func TestNoDraftWithoutSession(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara := p.as("mara")
	mara.opens(packagePath(o))
	token := mara.token()
	proof, stamp, _ := strings.Cut(token, ".")
	account, stampEnd, _ := strings.Cut(stamp, ".")
	made, mac, _ := strings.Cut(stampEnd, ".")
	before := p.dump()
	for _, csrf := range []string{"", proof, proof + "." + account, proof + "." + account + "." + strings.Repeat("0", 32),
		proof + "." + account + "." + made, proof + "." + account + "." + made + "." + strings.Repeat("0", 32),
		proof + "." + account + "." + made + "0." + mac, proof + "." + string(p.Omar.Account) + "." + made + "." + mac,
		"..", "...", "." + account + ".", "." + account + ".." + mac} {
		p.nobody().do(http.MethodPost, packagePath(o)+"/requests", url.Values{"csrf": {csrf}, "justification": {"x"}}).sees(
			200, "Sign in to Meridian Works")
	}
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
}

// A form whose session has ended leaves a draft only if its person may still enter, it
// is not older than a draft can be, and it is not larger. Each is refused although
// everything else would let it in.
func TestDraftNeedsPersonWhoMayEnter(t *testing.T) {
	for name, change := range map[string]func(p *fixture){
		"nothing":                          func(*fixture) {},
		"the account is of another tenant": func(*fixture) {},
		"the person is disabled": func(p *fixture) {
			p.Do(func(ctx context.Context, tx *store.Tx) error {
				mara, _, err := tx.PersonOf(ctx, p.Tenant.ID, p.Mara.ID)
				mara.Disabled = true
				return errors.Join(err, tx.UpdatePerson(ctx, mara))
			})
		},
		"the directory is disabled": func(p *fixture) {
			p.Do(func(ctx context.Context, tx *store.Tx) error {
				harbor, err := tx.Directory(ctx, p.Harbor.ID)
				harbor.Enabled = false
				return errors.Join(err, tx.SaveDirectory(ctx, harbor, access.VerifiedByOperator))
			})
		},
		"the form is a day old": func(p *fixture) { p.clock.Advance(access.FormDraftLifetime) },
		"the form is almost a day old": func(p *fixture) {
			p.clock.Advance(access.FormDraftLifetime - time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t)
			o := p.Package("Tidal", p.ForPartner(access.Terms{}))
			mara := p.as("mara").opens(packagePath(o))
			form := url.Values{"csrf": {mara.token()}, "justification": {"Long thought"}}
			if name == "the account is of another tenant" {
				form.Set("csrf", p.as("noor").opens("/@northlight.example/access-packages").token())
			}
			change(p)
			got := p.nobody().sendOnce(http.MethodPost, packagePath(o)+"/requests", form)
			kept := strings.Contains(got.body+got.header.Get("Location"), "draft%3D")
			if want := name == "nothing" || name == "the form is almost a day old"; kept != want {
				t.Errorf("kept: %v: %d %s", kept, got.status, visibleText(got.page))
			}
		})
	}
}

// Forms that were sent 40 times a second for a day without a session filled the disk.
// Now an account has a few drafts, and the page says if one is too long to be kept.
func TestDraftsDoNotFillTheDisk(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara := p.as("mara").opens(packagePath(o))
	form := url.Values{"csrf": {mara.token()}, "justification": {strings.Repeat("x", access.MaxDraftSize)}}
	before := p.dump()
	p.nobody().sendOnce(http.MethodPost, packagePath(o)+"/requests", form).sees(413, "Your session has ended",
		"What you entered is too long to save: more than 64 KB. Nothing was changed.", "Go back in your browser")
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
	form.Set("justification", strings.Repeat("x", access.MaxDraftSize-1000))
	for range 100 {
		p.nobody().sendOnce(http.MethodPost, packagePath(o)+"/requests", form).sees(200, "What you entered is saved.")
		p.clock.Advance(time.Second)
	}
	grown := len(p.dump()) - len(before)
	t.Logf("%d KB of forms leave %d KB", 100*access.MaxDraftSize>>10, grown>>10)
	if grown < 4*access.MaxDraftSize || grown > 6*access.MaxDraftSize {
		t.Errorf("the database has %d bytes more", grown)
	}
}

// Bytes that the database cannot store are removed from a draft.
func TestDraftWithInvalidBytes(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara := p.as("mara").opens(packagePath(o))
	clear(mara.cookies)
	mara.presses("Submit request", url.Values{"justification": {"a\x00b\xffc"}})
	target := mara.returnTarget()
	mara.signIn("mara")
	mara.opens(target).hasValue("justification", "abc")
}

// A token is invalid in another session.
func TestTokenIsBoundToSession(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara, pia := p.as("mara").opens(packagePath(o)), p.as("pia").opens(packagePath(o))
	first := mara.token()
	for _, csrf := range []string{pia.token(), "", "x", first + "0", strings.ToUpper(first)} {
		mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"csrf": {csrf}}).sees(403,
			"This form isn't from your current session.")
	}
	mara.signIn("mara")
	mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"csrf": {first}}).sees(403)
	mara.opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
}

// The page for a wrong account names the account, the purpose of the link, and
// how to switch.
func TestWrongAccount(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	zoe := p.as("zoe")
	zoe.opens(packagePath(o)).sees(403, "You're signed in as Zoe Elsewhere (zoe@elsewhere.example) of Elsewhere.",
		"People of Elsewhere can't sign in to Meridian Works.", "!Tidal")
	zoe.opens(packagePath(o)+"?domain_hint=harbor.example").sees(403, "This link is for people of Harbor Studio.",
		"Use another account")
	zoe.presses("Use another account", nil).sees(303)
	if to := zoe.header.Get("Location"); !strings.HasPrefix(to, p.provider) ||
		!strings.Contains(to, "prompt=select_account") {
		t.Errorf("changing the account leads to %q", to)
	}
	if got := zoe.returnTarget(); got != packagePath(o)+"?domain_hint=harbor.example" {
		t.Errorf("and then to %q", got)
	}
	if len(zoe.cookies) != 1 { // the cookie that binds the new sign-in
		t.Errorf("cookies left: %v", zoe.cookies)
	}
	// a member opens a link to a package for partners only
	p.as("lena").opens(packagePath(o)+"?whr=harbor-lab.example").sees(403, "of Meridian Works.",
		"This link is for people of Harbor Studio.")
	p.as("lena").opens(packagePath(o)).sees(404)
	// the same after the session ended with the page open
	zoe = p.as("zoe").opens(packagePath(o) + "?domain_hint=harbor.example")
	p.clock.Advance(access.MaxSessionIdle)
	zoe.presses("Use another account", nil).sees(303)
	if got := zoe.returnTarget(); got != packagePath(o)+"?domain_hint=harbor.example" {
		t.Errorf("after an ended session the way leads to %q", got)
	}
}

// The front page leads people to their tenants.
func TestFrontPage(t *testing.T) {
	p := newPortal(t)
	p.nobody().opens("/").sees(200, "Enter your work email")
	p.as("lena").opens("/").sees(200, "Overview", "Meridian Works")
	p.as("mara").opens("/").sees(200, "Overview", "Meridian Works")
	p.as("zoe").opens("/").sees(200, "Where do you want to go?", "You're signed in as Zoe Elsewhere",
		"If someone sent you a link, use that link.", "!Meridian Works")
	nobody := p.nobody().opens("/")
	nobody.presses("Continue", url.Values{"address": {"x@nowhere.example"}}).sees(422,
		"We don't recognize nowhere.example. Check the address, or use the link you were sent.").hasValue("address",
		"x@nowhere.example")
	nobody.presses("Continue", url.Values{"address": {"nonsense"}}).sees(422,
		"Enter your work email, such as name@example.org.").hasValue("address", "nonsense")
}

// A tenant's sign-in page accepts its own people and those of its partners.
func TestSignInPage(t *testing.T) {
	p := newPortal(t)
	nobody := p.nobody()
	for _, typed := range []string{"zoe@elsewhere.example", "x@nowhere.example"} {
		nobody.opens(home+"/").sees(200, "Sign in to Meridian Works", "Meridian Works shares access with you here.").
			presses("Continue", url.Values{"address": {typed}}).sees(422,
			"We don't recognize "+typed[strings.Index(typed, "@")+1:]+
				". Check the address.", "Need help? Ask the person who sent you the link.").hasValue("address", typed)
	}
	nobody.opens(home+"/access-packages?tab=active").presses("Continue", url.Values{"address": {"Mara@HARBOR.example"}})
	if to := nobody.header.Get("Refresh"); !strings.Contains(to, p.provider+"/harbor/authorize?") ||
		!strings.Contains(to, "login_hint=Mara%40HARBOR.example") {
		t.Errorf("the way leads to %q", to)
	}
	hinted := p.nobody().opens(packagePath(p.Package("Tidal", p.ForPartner(access.Terms{}))) +
		"?domain_hint=harbor.example")
	if to := hinted.header.Get("Location"); !strings.HasPrefix(to, p.provider+"/harbor/authorize?") {
		t.Errorf("a hinted link leads to %q", to)
	}
	p.as("mara").opens(home + "/sign-in?to=/evil").sees(404)
	for _, evil := range []string{"//evil.test", `/\evil.test`, "https://evil.test", "/\tevil"} {
		if b := p.as("mara").opens(home + "/sign-in?to=" + url.QueryEscape(evil)); b.at != home+"/" {
			t.Errorf("the target %q leads to %s", evil, b.at)
		}
	}
}

// A disabled person is refused with the reason.
func TestDisabledPerson(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	lena := p.as("lena").opens(packagePath(o))
	token := lena.token()
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		fresh := p.Lena
		fresh.Disabled = true
		return tx.UpdatePerson(ctx, fresh)
	})
	lena.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"csrf": {token}}).sees(403,
		"This account has been disabled by an administrator.")
	lena.opens(home + "/").sees(403)
}

// Signing out ends the session for every copy of the cookie.
func TestSignOut(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena").opens(home + "/")
	copied := p.nobody()
	copied.cookies = map[string]string{}
	for name, value := range lena.cookies {
		copied.cookies[name] = value
	}
	lena.presses("Sign out", nil).sees(200, "You are signed out")
	if len(lena.cookies) != 0 {
		t.Errorf("cookies left: %v", lena.cookies)
	}
	copied.opens(home+"/").sees(200, "Sign in to Meridian Works")
	for _, broken := range []string{"", "x", strings.Repeat("A", 5000), copied.cookies["__Host-myaccess"] + "x"} {
		b := p.nobody()
		b.cookies["__Host-myaccess"] = broken
		b.opens(home+"/").sees(200, "Sign in to Meridian Works")
	}
}

// lastUse is when the session of the browser's cookie was last used.
func (b *browser) lastUse() time.Time {
	b.p.t.Helper()
	r, err := http.NewRequestWithContext(b.p.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.p.t.Fatal(err)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	in, err := b.p.Session(b.p.t.Context(), signin.HashToken(b.p.server.SessionCookies.Session(r)))
	if err != nil {
		b.p.t.Fatal(err)
	}
	return in.Session.LastSeen
}

// eachEngineWithLimits runs f with a portal on each engine, in which sessions at Meridian
// Works last 30 minutes without use, and 100 minutes in total.
func eachEngineWithLimits(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	for engine, database := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			p := newPortalOn(t, address, database(t))
			p.changeSettings(func(s *access.Settings) {
				s.SessionIdle, s.SessionLife = 30*time.Minute, 100*time.Minute
			})
			f(t, p)
		})
	}
}

// S-4: a session that is over by the limits of the tenant stays over, however many
// pages are opened then, also such that need no sign-in.
func TestTenantSessionLimits(t *testing.T) {
	eachEngineWithLimits(t, func(t *testing.T, p *fixture) {
		lena := p.as("lena")
		begun := p.clock.Now()
		lena.opens(home+"/access-packages").sees(200, "Access packages", "!Sign in to")
		refused := func() {
			t.Helper()
			packages := home + "/access-packages"
			for _, at := range []string{packages, packages, "/", home + "/sign-in", packages} {
				lena.opens(at).sees(200, "Sign in to Meridian Works")
			}
			lena.sendOnce(http.MethodPost, home+"/approvals", url.Values{"csrf": {lena.token()}}).sees(200,
				"Your session has ended")
			lena.opens(packages).sees(200, "Sign in to Meridian Works")
		}
		p.clock.Advance(40 * time.Minute)
		refused()
		if got := lena.lastUse(); !got.Equal(begun) {
			t.Errorf("refused, but used at %s; signed in at %s", got, begun)
		}

		lena.signIn("lena")
		for range 3 { // 87 minutes
			p.clock.Advance(29 * time.Minute)
			lena.opens(home+"/access-packages").sees(200, "Access packages", "!Sign in to")
			if got := lena.lastUse(); !got.Equal(p.clock.Now()) {
				t.Errorf("used at %s, want %s", got, p.clock.Now())
			}
		}
		used := p.clock.Now()
		p.clock.Advance(14 * time.Minute)
		refused()
		if got := lena.lastUse(); !got.Equal(used) {
			t.Errorf("too old, but used at %s, want %s", got, used)
		}
	})
}

// A session has one last use for all tenants: a page of a tenant with longer limits
// is use, and the shorter limits of another tenant count from it. A page that does
// not admit its reader is none.
func TestSessionLimitsOfTwoTenants(t *testing.T) {
	eachEngineWithLimits(t, func(t *testing.T, p *fixture) {
		north := "/@northlight.example"
		visitor := access.Person{Tenant: p.North.ID, Account: p.Lena.Account, Directory: p.Tenant.Directory,
			Kind: access.External, Name: "Lena Berg", Email: "lena@meridian.example", Guest: access.GuestNone}
		p.Do(func(ctx context.Context, tx *store.Tx) error {
			visitor.ID, visitor.Created, visitor.Disabled = access.PersonID(tx.NewID()), tx.Now, true
			return tx.AddPerson(ctx, visitor)
		})
		p.connectToNorthlight(p.Tenant.Directory)
		lena := p.as("lena")
		begun := p.clock.Now()
		p.clock.Advance(40 * time.Minute)
		lena.opens(north+"/").sees(403, "This account has been disabled by an administrator.")
		lena.opens(home+"/").sees(200, "Sign in to Meridian Works")
		if got := lena.lastUse(); !got.Equal(begun) {
			t.Errorf("disabled, but used at %s; signed in at %s", got, begun)
		}
		zoe := p.as("zoe")
		begun = p.clock.Now()
		p.clock.Advance(20 * time.Minute)
		zoe.opens(home+"/").sees(403, "People of Elsewhere can't sign in to Meridian Works.")
		if got := zoe.lastUse(); !got.Equal(begun) {
			t.Errorf("not admitted, but used at %s; signed in at %s", got, begun)
		}

		p.Do(func(ctx context.Context, tx *store.Tx) error {
			visitor.Disabled = false
			return tx.UpdatePerson(ctx, visitor)
		})
		lena.opens(north+"/").sees(200, "Lena Berg", "!Sign in to")
		if got := lena.lastUse(); !got.Equal(p.clock.Now()) {
			t.Errorf("used at %s, want %s", got, p.clock.Now())
		}
		lena.opens(home+"/").sees(200, "Overview", "!Sign in to")
		p.clock.Advance(31 * time.Minute)
		lena.opens(home+"/").sees(200, "Sign in to Meridian Works")
		lena.opens(home+"/").sees(200, "Sign in to Meridian Works")
		lena.opens(north+"/").sees(200, "Lena Berg", "!Sign in to")
		p.clock.Advance(29 * time.Minute) // 120 minutes after signing in
		lena.opens(north+"/").sees(200, "Lena Berg", "!Sign in to")
		lena.opens(home+"/").sees(200, "Sign in to Meridian Works")
	})
}
