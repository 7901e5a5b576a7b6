package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
)

// failing is a way in which a sign-in fails, and what administrators read about it.
type failing struct {
	does signintest.Behaviour
	word string
	// seen are in the log and on the page of the directory.
	seen []string
}

// failings are one way for each reason of a provider.
func failings() map[access.SignInReason]failing {
	instead := func(endpoint string, h http.HandlerFunc) signintest.Behaviour {
		return signintest.Behaviour{Instead: map[string]http.HandlerFunc{endpoint: h}}
	}
	const said = "<b>" + signintest.Canary + "</b> \"said\"\r\nlevel=INFO"
	const quoted = `<b>` + signintest.Canary + `</b> \"said\"\r\nlevel=INFO`
	return map[access.SignInReason]failing{
		access.FailedDiscovery: {instead(signintest.Discovery, signintest.Fails(http.StatusBadGateway)),
			"Can't read the provider's settings", []string{"discovery: 127.0.0.1", "answers with status 502",
				"mara@harbor.example"}},
		access.FailedResponse: {signintest.Behaviour{Answer: setAnswer("error", "server_error", "error_description", said)},
			"Refused by the provider or canceled by the person", []string{`"server_error"`, quoted}},
		access.FailedToken: {instead(signintest.Token, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, said)
		}), "Code not accepted", []string{`"invalid_client"`, quoted, "with the status 401"}},
		access.FailedKeys: {instead(signintest.Keys, signintest.Fails(http.StatusNotFound)), "Can't read the provider's keys",
			[]string{"keys: 127.0.0.1", "answers with status 404"}},
		access.FailedIDToken: {signintest.Behaviour{Claims: func(c signintest.Claims) { c["nonce"] = "x" }},
			"Invalid ID token", []string{"the ID token has another nonce, or none"}},
		access.FailedUserInfo: {signintest.Behaviour{Claims: func(c signintest.Claims) { delete(c, "email") },
			Instead: map[string]http.HandlerFunc{signintest.UserInfo: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope"`)
				w.WriteHeader(http.StatusForbidden)
			}}}, "Can't read the user info", []string{"answers with status 403", "Mara Lind",
			`"Bearer error=\"insufficient_scope\""`}},
		access.FailedAccount: {signintest.Behaviour{Claims: func(c signintest.Claims) { c["tid"] = "2" }},
			"Account of another organization", []string{`the claim tid is "2", not "1"`, "Mara Lind (mara@harbor.example)"}},
	}
}

// unquoted undoes the quotes of the log's format around a text.
func unquoted(log string) string { return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(log) }

// reference is the reference on the page.
func (b *browser) reference() string {
	_, rest, _ := strings.Cut(visibleText(b.page), "Reference: ")
	reference, _, _ := strings.Cut(rest, " ")
	if len(reference) != 8 {
		b.p.t.Errorf("%s has the reference %q: %s", b.at, reference, visibleText(b.page))
	}
	return reference
}

// Each failed sign-in is in the log and on the directory's page with its reference, the
// step and what the provider said, in quotes. The person reads the reference only.
func TestFailedSignInsCanBeInvestigated(t *testing.T) {
	for reason, f := range failings() {
		t.Run(string(reason), func(t *testing.T) {
			p := newPortal(t)
			p.addAdministrator("gus")
			provider := p.severalOrganizations("1", nil)
			provider.Behave(f.does)
			var logged logText
			p.config.Log = slog.New(slog.NewTextHandler(&logged, nil))
			p.serve()
			b := p.nobody().opens(home+"/sign-in").presses("Continue", url.Values{"address": {"mara@harbor.example"}})
			if b.awayTo() != "" {
				b.opens(b.callback())
			}
			b.sees(b.status, "!"+signintest.Canary, "!insufficient_scope", "!"+f.seen[0])
			reference := b.reference()
			if logged.count("reference="+reference) != 1 {
				t.Errorf("the log does not have the reference %s: %s", reference, &logged.all)
			}
			p.runJobs()
			page := p.as("gus").opens(home+"/admin/organizations/providers/"+string(p.Harbor.ID)).sees(200,
				"Failed sign-ins", f.word+" 1", reference)
			if strings.Contains(page.body, "<b>") {
				t.Error("the provider's text is not escaped")
			}
			for _, want := range f.seen {
				if !strings.Contains(visibleText(page.page), strings.ReplaceAll(want, "  ", " ")) {
					t.Errorf("the page does not show %s: %s", want, visibleText(page.page))
				}
				if log := unquoted(unquoted(logged.all.String())); !strings.Contains(log, unquoted(want)) {
					t.Errorf("the log does not have %s: %s", want, log)
				}
			}
			if n := strings.Count(logged.all.String(), "\n"); n != 1 {
				t.Errorf("%d lines in the log: %s", n, &logged.all)
			}
		})
	}
}

// A refused account is on the page of its directory too, in the tenant that refused it only.
func TestRefusedAccountsCanBeInvestigated(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gus")
	zoe := p.as("zoe").opens(home + "/").sees(403)
	p.as("mara").opens(home + "/").sees(200)
	p.connectTo(p.Other.ID)
	at := home + "/admin/organizations/providers/"
	p.as("gus").opens(at+string(p.Other.ID)).sees(200, "Not allowed here 1", "Zoe Elsewhere (zoe@elsewhere.example)",
		zoe.reference(), "People of Elsewhere can't sign in to Meridian Works.")
	p.as("gus").opens(at+string(p.Harbor.ID)).sees(200, "No sign-in to your organization failed in the last 30 days.")

	p.as("omar").opens(at + string(p.Other.ID)).sees(403)
	read := func(tenant access.TenantID) []access.SignInFailure {
		return must(p.LastSignInFailures(t.Context(), tenant, p.Other.ID))(t)
	}
	if len(read(p.Tenant.ID)) != 1 || len(read(p.North.ID)) != 0 {
		t.Errorf("here %+v, elsewhere %+v", read(p.Tenant.ID), read(p.North.ID))
	}
}

// connectTo adds the directory to the connected organization of Harbor Studio.
func (p *fixture) connectTo(d access.DirectoryID) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		o, err := tx.Organization(ctx, p.Tenant.ID, p.Partner.ID)
		if err != nil {
			return err
		}
		o.Directories = append(o.Directories, d)
		return tx.SaveOrganization(ctx, o)
	})
}

// What the portal sent to the provider does not get into the log or onto the page, if the
// provider repeats it (O-13).
func TestFailuresHaveNoSecrets(t *testing.T) {
	p := newPortal(t)
	provider := p.signingProvider("mara")
	var logged logText
	p.config.Log = slog.New(slog.NewTextHandler(&logged, nil))
	p.serve()
	var secrets []string
	provider.Behave(signintest.Behaviour{Instead: map[string]http.HandlerFunc{
		signintest.Token: func(w http.ResponseWriter, r *http.Request) {
			secrets = append(secrets, r.PostForm.Get("code"), r.PostForm.Get("code_verifier"), provider.Secret)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, "got "+strings.Join(secrets, " ")+" "+
				url.QueryEscape(provider.Secret))
		}}})
	b := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
	back := b.callback()
	b.opens(back).sees(403)
	p.runJobs()
	all := unquoted(logged.all.String()) + p.dump()
	secrets = append(secrets, url.QueryEscape(provider.Secret), must(url.Parse(back))(t).Query().Get("state"))
	for _, secret := range secrets {
		if len(secret) < 8 || strings.Contains(all, secret) {
			t.Errorf("the log or the database has %q", secret)
		}
	}
	if !strings.Contains(all, "got (removed) (removed)") {
		t.Errorf("the description is not in the log: %s", &logged.all)
	}
}

// A stranger without a valid state leaves nothing, and does not write at all. With one,
// they leave a limited number of rows, which replace those of no other reason.
func TestStrangersDoNotFloodFailures(t *testing.T) {
	p := newPortal(t)
	provider := p.signingProvider("mara")
	provider.Behave(signintest.Behaviour{Claims: func(c signintest.Claims) { c["nonce"] = "x" }})
	honest := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
	honest.opens(honest.callback()).sees(403)
	p.runJobs()
	before := p.dump()
	callback := "/auth/callback/" + string(p.Harbor.ID) + "?"
	for _, state := range []string{"", "x", signin.NewToken()} {
		p.nobody().opens(callback+url.Values{"state": {state}, "error": {"access_denied"},
			"error_description": {"forged"}}.Encode()).sees(422, "!Reference")
	}
	begun := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
	at := callback + url.Values{"state": {begun.asked("state")}, "error": {"x"}, "error_description": {"forged"}}.Encode()
	after := p.dump()
	p.nobody().opens(at).sees(422) // another browser
	p.runJobs()
	if diff := difference(after, p.dump()); diff != "" || strings.Contains(difference(before, after), "sign_in_failure") {
		t.Errorf("forged responses leave %s", diff)
	}

	for i := range 3 * access.MaxSignInFailures {
		b := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
		b.opens(callback + url.Values{"state": {b.asked("state")}, "iss": {provider.Issuer}, "error": {"own"},
			"error_description": {fmt.Sprint("forged ", i)}}.Encode()).sees(403)
		if i%7 == 0 {
			p.runJobs()
		}
	}
	p.runJobs()
	kept := map[access.SignInReason]int{}
	for _, f := range must(p.LastSignInFailures(t.Context(), p.Tenant.ID, p.Harbor.ID))(t) {
		kept[f.Reason]++
	}
	counts := must(p.CountSignInFailures(t.Context(), p.Tenant.ID, p.Harbor.ID, p.clock.Now()))(t)
	if fmt.Sprint(kept, counts) != "map[idToken:1 response:10] map[idToken:1 response:30]" {
		t.Errorf("kept %v, counted %v", kept, counts)
	}
}
