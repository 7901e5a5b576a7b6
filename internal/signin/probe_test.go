package signin_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// failedSteps returns the steps that did not pass.
func failedSteps(steps []signin.Step) string {
	var all []string
	for _, s := range steps {
		if s.Verdict != signin.Passed {
			all = append(all, fmt.Sprintf("%s %s: %s", s.Name, s.Verdict, fmt.Sprintf(string(s.Msg), s.Args...)))
		}
	}
	return strings.Join(all, "\n")
}

// Each fault of a provider is reported in its step, without text of the provider.
func TestProbe(t *testing.T) {
	metadata := func(change claims) signintest.Behaviour { return signintest.Behaviour{Metadata: setClaims(change)} }
	keys := func(keys ...any) signintest.Behaviour {
		return signintest.Behaviour{KeySet: func() []any { return keys }}
	}
	tests := map[string]struct {
		does  signintest.Behaviour
		want  string // the start of the story
		works bool
		keys  int // calls for keys
	}{
		"honest": {metadata(nil), "", true, 1},
		"says little": {metadata(claims{"code_challenge_methods_supported": nil, "end_session_endpoint": nil}),
			"endpoints warn: The provider has no sign-out address", true, 1},
		"other proof": {metadata(claims{"token_endpoint_auth_methods_supported": []string{"client_secret_post"}}),
			"client warn: The provider doesn't list client_secret_basic as supported.", true, 1},
		"no PKCE": {metadata(claims{"code_challenge_methods_supported": []string{"plain"}}), "challenge warn: ",
			true, 1},
		"no addresses": {metadata(claims{"claims_supported": []string{"sub", "name"}}),
			"addresses warn: The provider doesn't list the claim email, so", true, 1},
		"addresses that may be unverified": {metadata(claims{"claims_supported": []string{"sub", "email"}}),
			"addresses warn: The provider doesn't list a claim that says whether", true, 1},
		"addresses and their state": {metadata(claims{"claims_supported": []string{"email", "email_verified"}}), "", true, 1},
		"claims that are no list":   {metadata(claims{"claims_supported": "email"}), "", true, 1},
		"another issuer": {metadata(claims{"issuer": "https://" + signintest.Canary}),
			"issuer fail: The provider has a different issuer", false, 1},
		"foreign host": {metadata(claims{"token_endpoint": "https://tokens.example/token"}),
			"endpoints fail: The provider's token_endpoint is at tokens.example.", false, 0},
		"foreign address": {metadata(claims{"token_endpoint": "https://10.0.0.1/"}),
			"endpoints fail: The provider's token_endpoint isn't a usable address", false, 0},
		"script": {metadata(claims{"authorization_endpoint": "javascript:" + signintest.Canary}),
			"endpoints fail: The provider's authorization_endpoint isn't a usable address", false, 0},
		"a lie of a host": {metadata(claims{"jwks_uri": "https://<b>" + signintest.Canary + "</b>.example/"}),
			"endpoints fail: The provider's jwks_uri isn't a usable address", false, 0},
		"no keys": {keys(), "keys fail: The provider has no strong signing key", false, 1},
		"weak keys": {keys(signintest.NewRSAKey(t, "weak", 1024).Public(), signintest.Foreign()),
			"keys fail: The provider has no strong signing key", false, 1},
		"unsafe algorithms": {metadata(claims{"id_token_signing_alg_values_supported": []string{"HS256"}}),
			"keys fail: The provider supports no secure signing algorithm", false, 1},
		"keys do not come": {replaceEndpoint(signintest.Keys, signintest.Fails(500)),
			"keys fail: The provider answers with status 500", false, 1},
		"keys never come": {replaceEndpoint(signintest.Keys, signintest.Never()),
			"keys fail: The provider doesn't answer within 5 seconds.", false, 1},
		"keys are sent away": {replaceEndpoint(signintest.Keys, signintest.Redirects(302, "/logger")),
			"keys fail: The provider redirects to another address", false, 1},
		"404": {replaceEndpoint(signintest.Discovery, signintest.Fails(404)),
			"discovery fail: The provider answers with status 404", false, 0},
		"redirect": {replaceEndpoint(signintest.Discovery, signintest.Redirects(http.StatusMovedPermanently, "/logger")),
			"discovery fail: The provider redirects to another address", false, 0},
		"HTML": {replaceEndpoint(signintest.Discovery, signintest.Says("text/html", signintest.Canary)),
			"discovery fail: The provider's answer isn't JSON or is too large", false, 0},
		"not JSON": {replaceEndpoint(signintest.Discovery, signintest.Says("application/json", signintest.Canary)),
			"discovery fail: The provider's answer isn't JSON or is too large", false, 0},
		"huge": {replaceEndpoint(signintest.Discovery, signintest.Huge(1<<20, "{}")),
			"discovery fail: The provider's answer isn't JSON or is too large", false, 0},
		"never": {replaceEndpoint(signintest.Discovery, signintest.Never()),
			"discovery fail: The provider doesn't answer within 5 seconds.", false, 0},
		"breaks off": {replaceEndpoint(signintest.Discovery, signintest.Breaks()),
			"discovery fail: The provider can't be reached.", false, 0},
		"an empty document": {replaceEndpoint(signintest.Discovery, signintest.Says("application/json", "{}")),
			"issuer fail: ",
			false, 0},
		"a slash that is more": {signintest.Behaviour{Metadata: func(c claims) { c["issuer"] = c["issuer"].(string) + "/" }},
			"issuer fail: The issuers differ only in a slash", false, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			if strings.Contains(name, "never") {
				d.short(t)
			}
			d.provider.Behave(test.does)
			steps := d.Probe(t.Context(), d.dir)
			got := failedSteps(steps)
			if !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") || signin.Works(steps) != test.works {
				t.Errorf("works: %v, steps:\n%s", signin.Works(steps), got)
			}
			if strings.Contains(got, signintest.Canary) || strings.Contains(got, d.provider.Secret) ||
				strings.Contains(got, "%!") {
				t.Errorf("steps:\n%s", got)
			}
			if n := len(d.provider.Calls(signintest.Keys)); n != test.keys || len(d.provider.Calls(signintest.Elsewhere)) != 0 {
				t.Errorf("called %v", d.provider.Called())
			}
		})
	}
}

// A correct provider passes all steps, in order. The cache is not used.
func TestProbeSteps(t *testing.T) {
	d := newFixture(t)
	var names []string
	for _, s := range d.Probe(t.Context(), d.dir) {
		names = append(names, s.Name)
	}
	want := "address discovery issuer tenant endpoints keys client challenge addresses hint"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got %s", got)
	}
	expectCalls(t, d.provider, signintest.Discovery, signintest.Keys)
	d.Probe(t.Context(), d.dir)
	if n := len(d.provider.Calls(signintest.Discovery)); n != 2 {
		t.Errorf("%d discoveries: a test must not use the cache", n)
	}
}

// N-6: a connection test does not connect to addresses inside the network, and does
// not reveal whether a server is there. Allowed loopback addresses are connected to.
func TestProbeInside(t *testing.T) {
	reached := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it
	server.StartTLS()
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	s, err := signin.New(signin.Config{Base: base, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	inside := "address fail: The address is inside the network. The portal connects to public addresses only, and to " +
		"the hosts and networks that the operator lists in MYACCESS_INTERNAL_NETWORKS."
	tests := map[string]string{
		"https://localhost" + port: inside, "https://127.0.0.1" + port: inside, "https://[::1]" + port: inside,
		"https://[::ffff:127.0.0.1]" + port: inside,
		"https://0.0.0.0" + port:            inside, "https://127.0.0.1:1": inside, "https://169.254.169.254": inside,
		"https://10.0.0.1": inside, "https://[fd00::1]": inside,
		"http://localhost" + port: "address fail: “http://localhost" + port + "” is not an issuer: an https " +
			"address. For trials, the operator permits http at loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS.",
		"https://user@localhost" + port: "address fail: “https://user@localhost" + port +
			"” is not an issuer",
		"https://login.microsoftonline.com/common/v2.0": "address fail: “https://login.microsoftonline.com/common/v2.0” " +
			"signs in people of every organization",
	}
	for issuer, want := range tests {
		steps := s.Probe(t.Context(), access.Directory{Issuer: issuer})
		if got := failedSteps(steps); !strings.HasPrefix(got, want) || len(steps) != 1 || signin.Works(steps) ||
			reached != 0 {
			t.Errorf("%s, reached %d times:\n%s", issuer, reached, got)
		}
	}
	d := newFixture(t)
	d.dir.Issuer = server.URL
	if got := failedSteps(d.Probe(t.Context(), d.dir)); !strings.HasPrefix(got,
		"discovery fail: The certificate of the provider is not valid") {
		t.Errorf("a certificate that is not trusted:\n%s", got)
	}
}

// The connection test says what is sent as domain hint, and that a connector needs a value.
func TestProbeSaysWhatIsSent(t *testing.T) {
	for _, test := range []struct {
		dir     access.Directory
		verdict signin.Verdict
		want    string
	}{
		{access.Directory{HintStyle: access.HintNone}, signin.Passed, "No domain hint is sent."},
		{access.Directory{HintStyle: access.HintDomain}, signin.Passed, "Sent as domain hint: " +
			"domain_hint=a.example and domain_hint=b.example."},
		{access.Directory{HintStyle: access.HintKeycloak}, signin.Warned, "kc_idp_hint names a connector of the provider, " +
			"but no value is entered. Nothing is sent, and people choose at the provider."},
		{access.Directory{HintStyle: access.HintConnector, HintValue: "ldap"}, signin.Passed,
			"Sent as domain hint: connector_id=ldap."},
		{access.Directory{HintStyle: access.HintConnector, HintValue: "ldap",
			HintValues: map[access.Domain]string{"b.example": "saml"}}, signin.Passed,
			"Sent as domain hint: connector_id=ldap and connector_id=saml (b.example)."},
	} {
		test.dir.Issuer, test.dir.Domains = "https://login.a.example", []access.Domain{"a.example"}
		test.dir.DomainClaims = []access.DomainClaim{{Domain: "b.example"}}
		step := signin.ProbeHint(test.dir)
		if got := fmt.Sprintf(string(step.Msg), step.Args...); got != test.want || step.Verdict != test.verdict {
			t.Errorf("%+v: %s %q, want %q", test.dir, step.Verdict, got, test.want)
		}
	}
}

// Steps that depend on the issuer only: the tenant claim and the domain hint.
func TestProbeOfTheIssuer(t *testing.T) {
	d := newFixture(t)
	d.dir.TenantClaim, d.dir.TenantValue = "hd", "harbor.example"
	if got := failedSteps(d.Probe(t.Context(), d.dir)); got != "" {
		t.Errorf("with a tenant claim:\n%s", got)
	}
	d.dir.TenantValue = ""
	if got := failedSteps(d.Probe(t.Context(), d.dir)); !strings.HasPrefix(got, "tenant fail: ") {
		t.Errorf("with half a tenant claim:\n%s", got)
	}
	for issuer, want := range map[string]access.HintStyle{
		"https://accounts.google.com":                     access.HintHosted,
		"https://login.microsoftonline.com/0197c9a0/v2.0": access.HintDomain, "https://login.harbor.example": "",
	} {
		step := signin.ProbeHint(access.Directory{Issuer: issuer, HintStyle: access.HintNone})
		if (step.Verdict == signin.Warned) != (want != "") || want != "" && step.Args[0] != string(want) {
			t.Errorf("%s: %+v", issuer, step)
		}
		if step := signin.ProbeHint(access.Directory{Issuer: issuer, HintStyle: want}); step.Verdict != signin.Passed {
			t.Errorf("%s: %+v", issuer, step)
		}
	}
	if signin.Works(nil) {
		t.Error("no steps at all work")
	}
}

// The step about addresses knows the claim that holds them, and whether they are trusted.
func TestProbeOfChosenClaims(t *testing.T) {
	for _, test := range []struct {
		claim string
		trust bool
		want  string
	}{
		{"mail", true, ""}, {"email", true, ""}, {"", true, ""},
		{"mail", false, "addresses warn: The provider doesn't list a claim that says whether"},
		{"upn", true, "addresses warn: The provider doesn't list the claim upn, so"},
	} {
		d := newFixture(t)
		d.dir.EmailClaim, d.dir.TrustAddresses = test.claim, test.trust
		d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"claims_supported": []string{"mail", "email"}})})
		got := failedSteps(d.Probe(t.Context(), d.dir))
		if !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
