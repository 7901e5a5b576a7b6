package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// sentCode returns the passcode that waits to be mailed to the address.
func (p *fixture) sentCode(to string) string {
	p.t.Helper()
	m, ok, err := p.Store.ClaimMail(p.t.Context(), time.Minute, "")
	if err != nil || !ok || m.Address != to || len(m.Text) != access.PasscodeDigits {
		p.t.Fatalf("the mail with the code: %+v, %v, %v", m, ok, err)
	}
	return m.Text
}

// People of a domain without a provider sign in with a code, in the browser that
// asked for it, and come to the page they wanted (F-162). The session that the
// browser had before ends, for every copy of its cookie (S-2).
func TestSignInWithPasscode(t *testing.T) {
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.Passcode = true })
	dir := p.addProvider(p.Tenant.ID, access.Directory{Kind: access.DirectoryPasscode, AuthStyle: access.AuthNone,
		Name: "Quay", Domains: []access.Domain{"quay.example"}})
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeSpecificOrgs,
		Targets: []access.SubjectRef{{Kind: access.SubjectOrganization, ID: p.organizationNamed("Quay")}}})

	b := p.nobody().opens(packagePath(o)).sees(200, "Sign in to Meridian Works", " autofocus").
		presses("Continue", url.Values{"address": {"Ada@quay.example"}}).sees(200, "Enter the code", " autofocus")
	code, page := p.sentCode("ada@quay.example"), b.at
	wrong := "1" + code[1:]
	if wrong == code {
		wrong = "2" + code[1:]
	}
	b.presses("Sign in", url.Values{"code": {wrong}}).sees(422).hasValue("code", wrong)
	p.nobody().opens(page).presses("Sign in", url.Values{"code": {code}}).
		sees(422, "This code was requested in another browser")
	b.presses("Sign in", url.Values{"code": {code}}).sees(200, "Submit request", "Signed in as ada@quay.example")
	before := p.nobody()
	maps.Copy(before.cookies, b.cookies)
	before.opens(home+"/requests").sees(200, "Signed in as ada@quay.example")

	b.do(http.MethodPost, home+"/sign-in", url.Values{"address": {"ben@quay.example"}, "to": {home + "/requests"}}).
		sees(200, "Enter the code")
	b.presses("Sign in", url.Values{"code": {p.sentCode("ben@quay.example")}}).sees(200, "Signed in as ben@quay.example")
	if !strings.HasPrefix(b.at, home+"/requests") {
		t.Errorf("signing in again leads to %s", b.at)
	}
	before.opens(home+"/requests").sees(200, "Sign in to Meridian Works")
	if before.cookies["__Host-myaccess"] == b.cookies["__Host-myaccess"] {
		t.Error("the session is the one before")
	}

	p.Do(func(ctx context.Context, tx *store.Tx) error {
		dir.Enabled = false
		return tx.SaveDirectory(ctx, dir, access.VerifiedByMail)
	})
	p.nobody().opens(home+"/").presses("Continue", url.Values{"address": {"ada@quay.example"}}).
		sees(422, "We don't recognize quay.example. Check the address.")
}

// organizationNamed is the connected organization of the tenant.
func (p *fixture) organizationNamed(name string) string {
	p.t.Helper()
	all, err := p.Organizations(p.t.Context(), p.Tenant.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, o := range all {
		if o.Name == name {
			return string(o.ID)
		}
	}
	p.t.Fatalf("there is no organization %s", name)
	return ""
}
