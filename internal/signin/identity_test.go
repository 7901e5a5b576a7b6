package signin_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// I-4, I-5, I-6: an address is trusted if the directory owns its domain, and the source
// of the address says that it is verified while the ID token does not deny it.
func TestAddresses(t *testing.T) {
	tests := map[string]struct {
		token, info claims
		email       string
		trusted     bool
	}{
		"verified":                      {claims{}, nil, "mara@harbor.example", true},
		"verified, as a text":           {claims{"email_verified": "true"}, nil, "mara@harbor.example", true},
		"nothing said":                  {claims{"email_verified": nil}, nil, "mara@harbor.example", false},
		"unverified":                    {claims{"email_verified": false}, nil, "mara@harbor.example", false},
		"unverified, as a text":         {claims{"email_verified": "false"}, nil, "mara@harbor.example", false},
		"verified, in a way of its own": {claims{"email_verified": 1}, nil, "mara@harbor.example", false},
		"verified, in large letters":    {claims{"email_verified": "True"}, nil, "mara@harbor.example", false},
		"verified, in a list":           {claims{"email_verified": []bool{true}}, nil, "mara@harbor.example", false},
		"verified, as null": {claims{"email_verified": json.RawMessage("null")}, nil, "mara@harbor.example",
			false},
		"a domain in its own script": {claims{"email": "mara@b\u00fccher.example"}, nil, "mara@b\u00fccher.example",
			true},
		"a ligature": {claims{"email": "\ufb01ona@harbor.example"}, nil, "\ufb01ona@harbor.example",
			true},
		"a full-width domain":             {claims{"email": "mara@\uff48arbor.example"}, nil, "", false},
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
			d.dir.Domains = append(d.dir.Domains, "xn--bcher-kva.example")
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.token), Person: setClaims(test.info)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			if done.Identity.Email != test.email || done.Identity.EmailTrusted != test.trusted ||
				test.trusted != (done.Identity.EmailProblem == access.EmailFine) {
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
		"the organization":         {"hd", "harbor.example", claims{"hd": "harbor.example"}, signedIn},
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

// I-14: a directory can trust the addresses of its domains, whatever the provider says
// about them, and no others. What is missing is told apart.
func TestTrustedAddresses(t *testing.T) {
	tests := map[string]struct {
		change         claims
		trust, trusted bool
		problem        access.EmailProblem
	}{
		"nothing said, trusted":     {claims{"email_verified": nil}, true, true, access.EmailFine},
		"nothing said, not trusted": {claims{"email_verified": nil}, false, false, access.EmailUnverified},
		"denied, trusted":           {claims{"email_verified": false}, true, true, access.EmailFine}, // C04
		"denied, not trusted":       {claims{"email_verified": false}, false, false, access.EmailUnverified},
		"another domain, trusted": {claims{"email": "mara@other.example", "email_verified": true}, true, false,
			access.EmailElsewhere},
		"no address, trusted": {claims{"email": nil}, true, false, access.EmailMissing},
		"unreadable, trusted": {claims{"email": "Mara <mara@harbor.example>"}, true, false, access.EmailUnreadable},
		"a user name, trusted": {claims{"email": nil, "preferred_username": "mara@harbor.example"}, true, false,
			access.EmailUnverified},
		"verified, not trusted": {claims{}, false, true, access.EmailFine},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.dir.TrustAddresses = test.trust
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change), Person: setClaims(claims{"email": nil})})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			if done.Identity.EmailTrusted != test.trusted || done.Identity.EmailProblem != test.problem {
				t.Errorf("got %+v", done.Identity)
			}
		})
	}
}

// C16: people whom the provider calls guests, whom another provider has signed in, or
// whose address is in none of the directory's domains do not belong to the directory.
func TestBelonging(t *testing.T) {
	const issuer = "ISSUER" // of the provider
	tests := map[string]struct {
		claim  string // of the guest rule
		values []string
		change claims
		want   access.Belonging
		reason string
	}{
		"a member":        {"", nil, claims{"acct": 0, "userType": "Member", "idp": issuer}, access.Belongs, ""},
		"acct":            {"", nil, claims{"acct": 1}, access.GuestOfProvider, "acct = 1"},
		"acct, as a text": {"", nil, claims{"acct": "1"}, access.GuestOfProvider, "acct = 1"},
		"userType":        {"", nil, claims{"userType": "Guest"}, access.GuestOfProvider, "userType = Guest"},
		"another issuer": {"", nil, claims{"idp": "https://sts.windows.net/other/"}, access.GuestOfProvider,
			"idp = https://sts.windows.net/other/"},
		"a broker's alias": {"", nil, claims{"identity_provider": "partner"}, access.GuestOfProvider,
			"identity_provider = partner"},
		"an invited user of Entra ID": {"", nil, claims{"upn": "pat_f01.example#EXT#@harbor.example"}, access.GuestOfProvider,
			"upn = pat_f01.example#EXT#@harbor.example"},
		"an idp that is a name": {"", nil, claims{"idp": "00ok1u7AsAkrwdZL3z0g3"}, access.Belongs, ""}, // Okta
		"an address elsewhere":  {"", nil, claims{"email": "pat@f01.example"}, access.AddressElsewhere, ""},
		"a sub-domain":          {"", nil, claims{"email": "pat@eu.harbor.example"}, access.AddressElsewhere, ""},
		"an unreadable address": {"", nil, claims{"email": "pat at home"}, access.AddressElsewhere, ""},
		"addresses in a list": {"", nil, claims{"email": []string{"pat@harbor.example"}}, access.AddressElsewhere,
			""},
		"false for an address":        {"", nil, claims{"email": false}, access.Belongs, ""},
		"a name in quotes":            {"", nil, claims{"email": `"pat p"@harbor.example`}, access.Belongs, ""},
		"a name in quotes, elsewhere": {"", nil, claims{"email": `"pat p"@f01.example`}, access.AddressElsewhere, ""},
		"no address":                  {"", nil, claims{"email": nil}, access.Belongs, ""},
		"an unverified address":       {"", nil, claims{"email_verified": false}, access.Belongs, ""},
		"a rule": {"kind", []string{"ext", "Partner"}, claims{"kind": "partner"}, access.GuestOfProvider,
			"kind = partner"},
		"a rule, another value": {"kind", []string{"ext"}, claims{"kind": "internal"}, access.Belongs, ""},
		"a rule, in a list": {"groups", []string{"guests"}, claims{"groups": []string{"a", "guests"}},
			access.GuestOfProvider, "groups = guests"},
		"a rule, any value":     {"broker", []string{"*"}, claims{"broker": "x"}, access.GuestOfProvider, "broker = x"},
		"a rule, any, and none": {"broker", []string{"*"}, claims{"broker": ""}, access.Belongs, ""},
		"a rule about brokers": {"identity_provider", []string{"partner"}, claims{"identity_provider": "corp"},
			access.Belongs, ""},
		"a rule, another issuer": {"kind", []string{"ext"}, claims{"idp": "https://other.example"}, access.GuestOfProvider,
			"idp = https://other.example"},
		"a rule, decomposed": {"kind", []string{"G\u00e4ste"}, claims{"kind": "Ga\u0308ste"}, access.GuestOfProvider,
			"kind = G\u00e4ste"},
		"a rule that is decomposed": {"kind", []string{"Ga\u0308ste"}, claims{"kind": "G\u00e4ste"},
			access.GuestOfProvider, "kind = G\u00e4ste"},
		"a rule, decomposed in a list": {"groups", []string{"G\u00e4ste"}, claims{"groups": []string{"a",
			"Ga\u0308ste"}}, access.GuestOfProvider, "groups = G\u00e4ste"},
		"a rule, another letter": {"kind", []string{"G\u00e4ste"}, claims{"kind": "Gaste"}, access.Belongs, ""},
		"a rule, and an address": {"kind", []string{"ext"}, claims{"email": "pat@f01.example"}, access.AddressElsewhere, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.dir.GuestClaim, d.dir.GuestValues = test.claim, test.values
			for claim, value := range test.change {
				if text, ok := value.(string); ok && text == issuer {
					test.change[claim] = d.dir.Issuer
				}
			}
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change), Person: setClaims(claims{"email": nil})})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			if done.Identity.Belonging != test.want || done.Identity.GuestReason != test.reason {
				t.Errorf("got %q, %q", done.Identity.Belonging, done.Identity.GuestReason)
			}
		})
	}
}

// The claim of a guest rule that is not in the ID token is read from userinfo, and one
// that is there twice is refused.
func TestGuestClaimFromUserInfo(t *testing.T) {
	d := newFixture(t)
	d.dir.GuestClaim, d.dir.GuestValues = "kind", []string{"ext"}
	d.provider.Behave(signintest.Behaviour{Person: setClaims(claims{"kind": "ext"})})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	if done.Identity.Belonging != access.GuestOfProvider || done.Identity.GuestReason != "kind = ext" {
		t.Errorf("got %+v", done.Identity)
	}
	d = newFixture(t)
	d.dir.GuestClaim, d.dir.GuestValues = "kind", []string{"ext"}
	d.provider.Behave(signintest.Behaviour{Claims: setClaims(claims{"kind": "int", "Kind": "ext"})})
	done, err = d.signIn(t)
	expectSignIn(t, done, err, access.Forbidden)
}

// At Entra ID the key is tid and oid, and preferred_username is an address that is
// trusted if the directory trusts its addresses.
func TestEntra(t *testing.T) {
	const guid, upper = "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01", "0199A0C8-7B1E-7C3A-9D54-0F2B6F6D1A01"
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
		"an ID in upper case":  {claims{"tid": "t1", "oid": upper}, "t1:" + guid, true},
		"another tenant":       {claims{"tid": "t2", "oid": "o1"}, "", false},
		"in other letters":     {claims{"tid": "T1", "oid": "o1"}, "", false}, // no UUID
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
			d.dir.TenantClaim, d.dir.TenantValue, d.dir.TrustAddresses = "tid", "t1", true
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change), Person: setClaims(claims{"email": nil})})
			done, err := d.signIn(t)
			if done.Identity.Subject != test.subject || done.Identity.EmailTrusted != test.trusted ||
				(err == nil) != (test.subject != "") || err != nil && access.KindOf(err) != access.Forbidden {
				t.Errorf("got %+v, %v", done.Identity, err)
			}
		})
	}
}

// The tenant of Entra ID is the same in upper and lower case, in the claim and in what an
// administrator has entered, and so is the key of the account. Another tenant is not, nor is
// the same value of a claim that has no UUIDs by its definition.
func TestEntraTenantInEitherCase(t *testing.T) {
	const guid, upper = "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01", "0199A0C8-7B1E-7C3A-9D54-0F2B6F6D1A01"
	for _, test := range []struct {
		claim, entered, sent, subject string
	}{
		{"tid", upper, guid, guid + ":o1"}, {"tid", guid, upper, guid + ":o1"}, {"tid", upper, upper, guid + ":o1"},
		{"tid", guid, strings.Replace(guid, "01", "02", 1), ""}, {"org_id", guid, upper, ""}, {"TID", guid, guid, ""},
	} {
		d := newFixture(t)
		d.dir.TenantClaim, d.dir.TenantValue = test.claim, test.entered
		sent := claims{"oid": "o1"}
		sent[strings.ToLower(test.claim)] = test.sent
		d.provider.Behave(signintest.Behaviour{Claims: setClaims(sent)})
		if done, err := d.signIn(t); done.Identity.Subject != test.subject || (err == nil) != (test.subject != "") {
			t.Errorf("%+v: got %q, %v", test, done.Identity.Subject, err)
		}
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
	want.EmailProblem, want.Belonging = access.EmailElsewhere, access.AddressElsewhere
	want.SentEmail = "mara@harbor.example"
	if err != nil || done.Identity != want {
		t.Errorf("got %+v, %v", done.Identity, err)
	}
}
