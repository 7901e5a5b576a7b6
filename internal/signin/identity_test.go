package signin_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// I-4, I-5, I-6: an address is trusted if the directory owns its domain and neither
// the ID token nor userinfo says that it is unverified. It does not identify anyone.
func TestAddresses(t *testing.T) {
	tests := map[string]struct {
		token, info claims
		email       string
		trusted     bool
	}{
		"verified":                        {claims{}, nil, "mara@harbor.example", true},
		"verified, as a text":             {claims{"email_verified": "true"}, nil, "mara@harbor.example", true},
		"nothing said":                    {claims{"email_verified": nil}, nil, "mara@harbor.example", true},
		"unverified":                      {claims{"email_verified": false}, nil, "mara@harbor.example", false},
		"unverified, as a text":           {claims{"email_verified": "false"}, nil, "mara@harbor.example", false},
		"verified, in a way of its own":   {claims{"email_verified": 1}, nil, "mara@harbor.example", false},
		"another domain of the directory": {claims{"email": "mara@harbor-lab.example"}, nil, "mara@harbor-lab.example", true},
		"large letters":                   {claims{"email": "Mara@HARBOR.Example"}, nil, "Mara@HARBOR.Example", true},
		"another's domain":                {claims{"email": "alice@meridian.example"}, nil, "alice@meridian.example", false},
		"a sub-domain":                    {claims{"email": "mara@eu.harbor.example"}, nil, "mara@eu.harbor.example", false},
		"a domain around it": {claims{"email": "mara@harbor.example.evil.example"}, nil,
			"mara@harbor.example.evil.example", false},
		"a twin in Cyrillic": {claims{"email": "mara@h\u0430rbor.example"}, nil, "mara@h\u0430rbor.example",
			false},
		"a trailing dot":     {claims{"email": "mara@harbor.example."}, nil, "", false},
		"a domain in quotes": {claims{"email": `"alice@meridian.example"@harbor.example`}, nil, "", false},
		"two":                {claims{"email": "alice@meridian.example, mara@harbor.example"}, nil, "", false},
		"with a name":        {claims{"email": "Mara <mara@harbor.example>"}, nil, "", false},
		"with a line break": {claims{"email": "mara@harbor.example\r\nBcc: alice@meridian.example"}, nil, "",
			false},
		"with a NUL":    {claims{"email": "ma\x00ra@harbor.example"}, nil, "", false},
		"turned around": {claims{"email": "mara\u202e@harbor.example"}, nil, "", false},
		"too long":      {claims{"email": strings.Repeat("m", 250) + "@harbor.example"}, nil, "", false},
		"none":          {claims{"email": nil, "email_verified": nil}, claims{"email": nil}, "", false},
		"a user name": {claims{"email": nil, "preferred_username": "boss@harbor.example"},
			claims{"email": nil}, "boss@harbor.example", false},
		"from userinfo": {claims{"email": nil, "email_verified": nil}, claims{}, "mara@harbor.example",
			true},
		"from userinfo, unverified": {claims{"email": nil, "email_verified": nil}, claims{"email_verified": false},
			"mara@harbor.example", false},
		"verified by userinfo only": {claims{"email": nil, "email_verified": false}, claims{"email_verified": true},
			"mara@harbor.example", false},
		"verified by the token only": {claims{"email": nil, "email_verified": true}, claims{"email_verified": false},
			"mara@harbor.example", false},
		"token and userinfo differ": {claims{"name": nil}, claims{"email": "boss@harbor.example"}, "mara@harbor.example",
			true},
		"unverified, userinfo denies it": {claims{"name": nil, "email_verified": false}, claims{}, "mara@harbor.example",
			false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.token), Person: setClaims(test.info)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			if done.Identity.Email != test.email || done.Identity.EmailTrusted != test.trusted {
				t.Errorf("got %q, trusted %v", done.Identity.Email, done.Identity.EmailTrusted)
			}
		})
	}
}

// I-1, I-2, I-9: the key of an account is the provider's sub, byte for byte.
func TestSubjects(t *testing.T) {
	for _, sub := range []string{"248289761001", "Mara", "mara", "mara@harbor.example", " mara", "mara ", "ma|ra:1",
		"m\u00e4ra", "ma\u0308ra", strings.Repeat("s", 255)} {
		d := newFixture(t)
		d.provider.User["sub"] = sub
		if done, err := d.signIn(t); err != nil || done.Identity.Subject != sub {
			t.Errorf("%q became %q, %v", sub, done.Identity.Subject, err)
		}
	}
}

// Names are shortened and have no invisible characters. Markup stays; the pages escape
// it.
func TestNames(t *testing.T) {
	tests := map[string]struct {
		change claims
		name   string
		locale string
	}{
		"a name":              {claims{"name": " Mara Lind ", "locale": "de-AT"}, "Mara Lind", "de-AT"},
		"parts":               {claims{"name": nil, "given_name": "Mara", "family_name": "Lind"}, "Mara Lind", ""},
		"one part":            {claims{"name": nil, "family_name": "Lind"}, "Lind", ""},
		"turned around":       {claims{"name": "Mara \u202edniL"}, "Mara dniL", ""},
		"control characters":  {claims{"name": "Mara\x00\r\n\x1b[31m Lind\u2028\u0085"}, "Mara[31m Lind", ""},
		"markup":              {claims{"name": "<b>Mara</b>"}, "<b>Mara</b>", ""},
		"a joiner of Persian": {claims{"name": "\u0645\u06cc\u200c\u062e"}, "\u0645\u06cc\u200c\u062e", ""},
		"long":                {claims{"name": strings.Repeat("ä", 500)}, strings.Repeat("ä", 120), ""},
		"nothing that can be seen": {claims{"name": "\u200b\u2060", "locale": "\x00" + strings.Repeat("x", 99)}, "",
			strings.Repeat("x", 35)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change), Person: setClaims(claims{"name": nil})})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			if done.Identity.Name != test.name || done.Identity.Language != test.locale {
				t.Errorf("got %q, %q", done.Identity.Name, done.Identity.Language)
			}
		})
	}
}

// I-7: at an issuer of several organizations, the tenant claim must have the configured
// value. All other claims are correct.
func TestTenantClaim(t *testing.T) {
	tests := map[string]struct {
		claim, value string
		change       claims
		want         access.ErrorKind
	}{
		"the organisation":         {"hd", "harbor.example", claims{"hd": "harbor.example"}, signedIn},
		"another":                  {"hd", "harbor.example", claims{"hd": "mallory.example"}, access.Forbidden},
		"in other letters":         {"hd", "harbor.example", claims{"hd": "Harbor.example"}, access.Forbidden},
		"none":                     {"hd", "harbor.example", nil, access.Forbidden},
		"several":                  {"hd", "harbor.example", claims{"hd": []string{"harbor.example"}}, access.Forbidden},
		"a claim in other letters": {"hd", "harbor.example", claims{"HD": "harbor.example"}, access.Forbidden},
		"two":                      {"org_id", "o1", claims{"org_id": "o1", "ORG_ID": "o2"}, access.Forbidden},
		"not wanted":               {"", "", claims{"hd": "mallory.example"}, signedIn},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.dir.TenantClaim, d.dir.TenantValue = test.claim, test.value
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
		})
	}
}

// At Entra ID the key is tid and oid, and preferred_username is a trusted address.
func TestEntra(t *testing.T) {
	tests := map[string]struct {
		change  claims
		subject string
		trusted bool
	}{
		"tid and oid": {claims{"tid": "t1", "oid": "o1"}, "t1:o1", true},
		"no address": {claims{"tid": "t1", "oid": "o1", "email": nil, "preferred_username": "mara@harbor.example"},
			"t1:o1", true},
		"an unknown domain": {claims{"tid": "t1", "oid": "o1", "email": nil, "preferred_username": "mara@evil.example"},
			"t1:o1", false},
		"another tenant":       {claims{"tid": "t2", "oid": "o1"}, "", false},
		"no tenant":            {claims{"oid": "o1"}, "", false},
		"no oid":               {claims{"tid": "t1"}, "", false},
		"empty oid":            {claims{"tid": "t1", "oid": ""}, "", false},
		"oid in other letters": {claims{"tid": "t1", "OID": "o1"}, "", false},
		"oid twice":            {claims{"tid": "t1", "oid": "o1", "Oid": "o2"}, "", false},
		"oid that is too long": {claims{"tid": "t1", "oid": strings.Repeat("o", 256)}, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.dir.TenantClaim, d.dir.TenantValue = "tid", "t1"
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change), Person: setClaims(claims{"email": nil})})
			done, err := d.signIn(t)
			if done.Identity.Subject != test.subject || done.Identity.EmailTrusted != test.trusted ||
				(err == nil) != (test.subject != "") || err != nil && access.KindOf(err) != access.Forbidden {
				t.Errorf("got %+v, %v", done.Identity, err)
			}
		})
	}
}

// Signing out redirects to the provider, with the ID token as a hint, and back to the
// portal's page.
func TestEndSession(t *testing.T) {
	d := newFixture(t)
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	address, ok := d.EndSession(t.Context(), d.dir, done.IDToken)
	u, err := url.Parse(address)
	if err != nil || !ok || !strings.HasPrefix(address, d.dir.Issuer+"/leave?") {
		t.Fatalf("%q, %v: %v", address, ok, err)
	}
	q := u.Query()
	if q.Get("a") != "1" || q.Get("id_token_hint") != done.IDToken ||
		q.Get("post_logout_redirect_uri") != base+"/auth/signed-out" ||
		q.Get("client_id") != d.dir.ClientID || len(q.Get("state")) < 22 {
		t.Errorf("got %v", q)
	}
	if again, _ := d.EndSession(t.Context(), d.dir, done.IDToken); again == address {
		t.Error("the state is the same again")
	}
	for name, hint := range map[string]string{"none": "", "one that is too long for an address": strings.Repeat("x",
		6<<10+1)} {
		address, ok := d.EndSession(t.Context(), d.dir, hint)
		if !ok || strings.Contains(address, "id_token_hint") {
			t.Errorf("%s: %.200q, %v", name, address, ok)
		}
	}
}

// Without a usable endpoint there is no redirect.
func TestEndSessionWithoutProvider(t *testing.T) {
	for name, does := range map[string]signintest.Behaviour{
		"offers none": {Metadata: setClaims(claims{"end_session_endpoint": nil})},
		"down": replaceEndpoint(signintest.Discovery,
			signintest.Fails(500)),
		"never answers":     replaceEndpoint(signintest.Discovery, signintest.Never()),
		"leads elsewhere":   {Metadata: setClaims(claims{"end_session_endpoint": "https://evil.example/"})},
		"leads to a script": {Metadata: setClaims(claims{"end_session_endpoint": "javascript:alert(1)"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			d.short(t)
			d.provider.Behave(does)
			if address, ok := d.EndSession(t.Context(), d.dir, "token"); ok || address != "" {
				t.Errorf("sent to %q", address)
			}
		})
	}
	d := newFixture(t)
	d.provider.Behave(replaceEndpoint(signintest.Discovery, signintest.Never()))
	if address, ok := d.EndSession(cancelledContext(t), d.dir, "token"); ok || address != "" {
		t.Errorf("redirected to %q though the context has ended", address)
	}
}

// Signing out waits at most two seconds for the provider.
func TestEndSessionDoesNotWait(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.provider.Behave(replaceEndpoint(signintest.Discovery, signintest.Never()))
	begun := time.Now()
	if address, ok := d.EndSession(t.Context(), d.dir, "token"); ok || time.Since(begun) > 4*time.Second {
		t.Errorf("sent to %q after %v", address, time.Since(begun))
	}
}

// I-1, I-3: the same sub, name and address at two providers are two identities.
func TestTwoProviders(t *testing.T) {
	d := newFixture(t)
	honest, err := d.signIn(t)
	expectSignIn(t, honest, err, signedIn)
	x := signintest.New(t, d.clock.Now)
	hostile := x.Directory("mallory", "mallory.example")
	s, err := d.Begin(t.Context(), hostile, signin.Start{Target: "/"})
	if err != nil {
		t.Fatal(err)
	}
	done, err := d.Finish(t.Context(), hostile, s.Attempt, x.Visit(t, s).Query(), s.Binding)
	want := honest.Identity
	want.Directory, want.EmailTrusted = "mallory", false
	if err != nil || done.Identity != want {
		t.Errorf("got %+v, %v", done.Identity, err)
	}
}
