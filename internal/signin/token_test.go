package signin_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
)

type claims = signintest.Claims

// setClaims changes claims; nil removes one.
func setClaims(change claims) func(claims) {
	return func(c claims) {
		for name, value := range change {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		}
	}
}

// appendToPayload inserts text before the end of the payload.
func appendToPayload(text string) func([]byte) []byte {
	return func(payload []byte) []byte { return append(bytes.TrimSuffix(payload, []byte("}")), text+"}"...) }
}

// Claims of the ID token: the modules of the OpenID conformance suite for relying
// parties (in parentheses, without oidcc-client-test-) and our own rules.
func TestClaims(t *testing.T) {
	const now = 1_800_000_000
	tests := map[string]struct {
		change claims
		want   access.ErrorKind
	}{
		"nothing":                        {nil, signedIn},
		"other nonce (nonce-invalid)":    {claims{"nonce": "x"}, access.Forbidden},
		"no nonce":                       {claims{"nonce": nil}, access.Forbidden},
		"empty nonce":                    {claims{"nonce": ""}, access.Forbidden},
		"no iat (missing-iat)":           {claims{"iat": nil}, access.Forbidden},
		"iat a week ago":                 {claims{"iat": now - 7*86400}, access.Forbidden},
		"iat a week ahead":               {claims{"iat": now + 7*86400}, access.Forbidden},
		"iat three minutes ahead":        {claims{"iat": now + 180}, access.Forbidden},
		"iat a minute ahead":             {claims{"iat": now + 60}, signedIn},
		"iat a minute before it began":   {claims{"iat": now - 60}, signedIn},
		"iat three minutes before":       {claims{"iat": now - 180}, access.Forbidden},
		"iat is text":                    {claims{"iat": "1800000000"}, access.Forbidden},
		"iat beyond reason":              {claims{"iat": 1e300}, access.Forbidden},
		"iat with a fraction":            {claims{"iat": now + 0.5}, signedIn},
		"no aud (missing-aud)":           {claims{"aud": nil}, access.Forbidden},
		"other aud (invalid-aud)":        {claims{"aud": "somebody"}, access.Forbidden},
		"empty aud":                      {claims{"aud": []string{}}, access.Forbidden},
		"no sub (missing-sub)":           {claims{"sub": nil}, access.Forbidden},
		"empty sub":                      {claims{"sub": ""}, access.Forbidden},
		"sub of 256 bytes":               {claims{"sub": strings.Repeat("s", 256)}, access.Forbidden},
		"sub with a NUL":                 {claims{"sub": "248289761001\x00"}, access.Forbidden},
		"sub that is no text any more":   {claims{"sub": "248289761001\uFFFD"}, access.Forbidden},
		"sub is a number":                {claims{"sub": 248289761001}, access.Forbidden},
		"sub is a list":                  {claims{"sub": []string{"248289761001"}}, access.Forbidden},
		"other iss (invalid-iss)":        {claims{"iss": "https://login.harbor.example"}, access.Forbidden},
		"no iss":                         {claims{"iss": nil}, access.Forbidden},
		"no exp":                         {claims{"exp": nil}, access.Forbidden},
		"exp six minutes ago":            {claims{"exp": now - 360}, access.Forbidden},
		"exp a minute ago":               {claims{"exp": now - 60}, access.Forbidden},
		"exp within the minute":          {claims{"exp": now - 59}, signedIn},
		"exp null":                       {claims{"exp": 0}, access.Forbidden},
		"exp in the year 36812":          {claims{"exp": 1 << 40}, access.Forbidden},
		"exp beyond reason":              {claims{"exp": 1e300}, access.Forbidden},
		"nbf six minutes ahead":          {claims{"nbf": now + 360}, access.Forbidden},
		"nbf now":                        {claims{"nbf": now}, signedIn},
		"azp of another":                 {claims{"azp": "somebody"}, access.Forbidden},
		"other at_hash (invalid-athash)": {claims{"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, access.Forbidden},
		"no at_hash (missing-athash)":    {claims{"at_hash": nil}, signedIn},
		"aggregated claims (aggregated-claims)": {claims{"_claim_names": claims{"x": "s"},
			"_claim_sources": claims{"s": claims{"JWT": "a.b.c"}}}, signedIn},
		"a sid that is too long": {claims{"sid": strings.Repeat("s", 256)}, signedIn},
		"a megabyte":             {claims{"x": strings.Repeat("x", 1<<20)}, access.Unavailable},
		"a hundred kilobytes":    {claims{"x": strings.Repeat("x", 100<<10)}, access.Forbidden},
		"an access token":        {claims{"nonce": nil, "scope": "openid", "client_id": "x"}, access.Forbidden},
		"a logout token": {claims{"nonce": nil,
			"events": claims{"http://schemas.openid.net/event/backchannel-logout": claims{}}}, access.Forbidden},
		"auth_time is text, not asked": {claims{"auth_time": "now"}, signedIn},
		"auth_time is null, not asked": {claims{"auth_time": json.RawMessage("null")}, signedIn},
		"acr is not asked":             {claims{"acr": []int{1}, "amr": "pwd"}, signedIn},
		"nbf is text":                  {claims{"nbf": "now"}, access.Forbidden},
		"at_hash is a number":          {claims{"at_hash": 1}, access.Forbidden},
		"nonce is a list":              {claims{"nonce": []string{"x"}}, access.Forbidden},
		"a sid that is a number":       {claims{"sid": 5}, signedIn},
		"claims for display are no text": {claims{"name": 5, "given_name": json.RawMessage("null"),
			"family_name":        []string{"Lind"},
			"preferred_username": claims{"a": 1}, "locale": false, "oid": 1, "picture": 1, "updated_at": "now"}, signedIn},
		"auth_time is not asked":         {claims{"auth_time": now - 36000}, signedIn},
		"claims we do not use, in twins": {claims{"Groups": 1, "groups": 2}, signedIn},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
			if n := len(d.provider.Calls(signintest.Token)); n != 1 {
				t.Errorf("the token endpoint was called %d times", n)
			}
			if len(done.SID) > 255 {
				t.Errorf("sid %q", done.SID)
			}
		})
	}
}

// Claims that contain the client id, or depend on the attempt.
func TestClaimsOfTheClient(t *testing.T) {
	tests := map[string]struct {
		change func(client string) claims
		want   access.ErrorKind
	}{
		"aud as a list": {func(us string) claims { return claims{"aud": []string{us}} }, signedIn},
		"a second aud": {func(us string) claims { return claims{"aud": []string{us, "somebody"}} },
			access.Forbidden},
		"a second aud, made for another": {func(us string) claims {
			return claims{"aud": []string{us, "somebody"}, "azp": "somebody"}
		}, access.Forbidden},
		"a second aud, azp empty": {func(us string) claims { return claims{"aud": []string{us, "somebody"}, "azp": ""} },
			access.Forbidden},
		"a second aud, made for us (C01)": {func(us string) claims {
			return claims{"aud": []string{us, "207625234567516721@proj", "111111111111111111"}, "azp": us}
		}, signedIn},
		"we are the last aud, made for us": {func(us string) claims {
			return claims{"aud": []string{"somebody", us}, "azp": us}
		}, signedIn},
		"we are both aud": {func(us string) claims { return claims{"aud": []string{us, us}} }, signedIn},
		"others are aud, made for us": {func(us string) claims {
			return claims{"aud": []string{"somebody", us + "1"}, "azp": us}
		}, access.Forbidden},
		"an aud that is no text": {func(us string) claims { return claims{"aud": []any{us, 1}, "azp": us} },
			access.Forbidden},
		"an aud in a list inside": {func(us string) claims { return claims{"aud": []any{[]string{us}}, "azp": us} },
			access.Forbidden},
		"azp of another, one aud": {func(us string) claims { return claims{"aud": us, "azp": "somebody"} }, access.Forbidden},
		"azp is a list": {func(us string) claims { return claims{"aud": us, "azp": []string{us}} },
			access.Forbidden},
		"azp is us":         {func(us string) claims { return claims{"azp": us} }, signedIn},
		"aud with a suffix": {func(us string) claims { return claims{"aud": us + "1"} }, access.Forbidden},
		"aud in other letters": {func(us string) claims { return claims{"aud": strings.ToUpper(us)} },
			access.Forbidden},
		"we are azp, another the aud": {func(us string) claims { return claims{"aud": "somebody", "azp": us} },
			access.Forbidden},
		"iss with a slash":             {func(string) claims { return claims{"iss/": nil} }, access.Forbidden},
		"the nonce with something off": {func(string) claims { return claims{"nonce+": "1"} }, access.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Claims: func(c claims) {
				for name, value := range test.change(d.dir.ClientID) {
					switch name {
					case "iss/":
						c["iss"] = d.dir.Issuer + "/"
					case "nonce+":
						c["nonce"] = c["nonce"].(string) + "1"
					default:
						c[name] = value
					}
				}
			}})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
		})
	}
}

// An ambiguous payload is rejected.
func TestDuplicateClaims(t *testing.T) {
	tests := map[string]struct {
		add  string
		want access.ErrorKind
	}{
		"nothing":                      {``, signedIn},
		"sub again":                    {`,"sub":"mallory"`, access.Forbidden},
		"sub again, the same":          {`,"sub":"248289761001"`, access.Forbidden},
		"SUB":                          {`,"SUB":"mallory"`, access.Forbidden},
		"sub with a long s":            {`,"ſub":"mallory"`, access.Forbidden},
		"sub, escaped":                 {`,"\u0073ub":"mallory"`, access.Forbidden},
		"Iss":                          {`,"Iss":"https://login.harbor.example"`, access.Forbidden},
		"AUD":                          {`,"AUD":"somebody"`, access.Forbidden},
		"Exp":                          {`,"Exp":9999999999`, access.Forbidden},
		"Nonce":                        {`,"Nonce":"x"`, access.Forbidden},
		"Email":                        {`,"Email":"boss@harbor.example"`, access.Forbidden},
		"email_Verified":               {`,"email_Verified":true`, access.Forbidden},
		"a name that we do not use":    {`,"x":1,"X":2`, signedIn},
		"a name we do not use, though": {`,"x":1,"x":2`, access.Forbidden},
		"no JSON after it":             {`,`, access.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Payload: appendToPayload(test.add)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
		})
	}
}

// Names of claims are case-sensitive.
func TestClaimNamesInUpperCase(t *testing.T) {
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat", "nonce"} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Claims: func(c claims) {
				c[strings.ToUpper(name)] = c[name]
				delete(c, name)
			}})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, access.Forbidden)
		})
	}
}

// Signatures of the ID token.
func TestSignatures(t *testing.T) {
	weak, strong, edwards, stranger, elliptic := signintest.NewRSAKey(t, "weak", 1024), signintest.NewRSAKey(t, "strong",
		2048),
		signintest.NewEdKey(t, "edwards"), signintest.NewKey(t, "first"), signintest.NewKey(t, "elliptic")
	encrypts := signintest.NewKey(t, "enc")
	encrypts.Use = "enc"
	nameless := signintest.NewRSAKey(t, "", 2048)
	nameless.Algorithm = jose.RS256
	publish := func(keys ...any) func() []any { return func() []any { return keys } }
	tests := map[string]struct {
		keys func() []any
		sign func(d *fixture, payload []byte) string
		want access.ErrorKind
	}{
		"RS256 (idtoken-sig-rs256)": {publish(strong.Public()), func(_ *fixture, p []byte) string { return strong.Sign(p) },
			signedIn},
		"ES256": {nil, nil, signedIn},
		"no kid, one key (kid-absent-single-jwks)": {nil, func(d *fixture, p []byte) string {
			return d.provider.Key().SignAs("", p)
		}, signedIn},
		"none (idtoken-sig-none)": {nil, func(_ *fixture, p []byte) string { return signintest.Unsigned(p) },
			access.Forbidden},
		"broken (invalid-sig-rs256, invalid-sig-es256)": {nil, func(d *fixture, p []byte) string {
			return corruptSignature(d.provider.Key().Sign(p))
		}, access.Forbidden},
		"another key of the name": {nil, func(_ *fixture, p []byte) string { return stranger.Sign(p) }, access.Forbidden},
		"another kid": {nil, func(d *fixture, p []byte) string { return d.provider.Key().SignAs("other", p) },
			access.Forbidden},
		"the key in the header": {nil, func(_ *fixture, p []byte) string { return stranger.SignShowing(p) },
			access.Forbidden},
		"HS256 with the secret (invalid-sig-hs256)": {nil, func(d *fixture, p []byte) string {
			return signintest.Shared([]byte(d.provider.Secret), "first", p)
		}, access.Forbidden},
		"HS256 with the public key": {nil, func(d *fixture, p []byte) string {
			return signintest.Shared(public(t, d.provider.Key()), "first", p)
		}, access.Forbidden},
		"an algorithm that is not one of the provider's": {publish(bareKey(strong)), func(_ *fixture, p []byte) string {
			return strong.SignWith(jose.PS256, p)
		},
			access.Forbidden},
		"an algorithm that is not the key's": {publish(strong.Public(), wrongAlgKey(elliptic)),
			func(_ *fixture, p []byte) string {
				return elliptic.Sign(p)
			}, access.Forbidden},
		"a key for encryption": {publish(encrypts.Public()), func(_ *fixture, p []byte) string { return encrypts.Sign(p) },
			access.Forbidden},
		"a key of 1024 bits": {publish(weak.Public()), func(_ *fixture, p []byte) string { return weak.Sign(p) },
			access.Forbidden},
		"no key": {publish(), nil, access.Forbidden},
		"null among the keys": {publish(nil, 1, "x", strong.Public()), func(_ *fixture, p []byte) string {
			return strong.Sign(p)
		}, signedIn},
		"a key nobody can read, beside a good one": {publish(signintest.Foreign(), strong.Public()),
			func(_ *fixture, p []byte) string { return strong.Sign(p) },
			signedIn},
		"no kid, several keys, one unreadable (kid-absent-multiple-jwks)": {
			publish(signintest.Foreign(), bareKey(elliptic), bareKey(edwards), bareKey(nameless)),
			func(_ *fixture, p []byte) string { return nameless.SignAs("", p) }, signedIn},
		"nothing that is a token": {nil, func(*fixture, []byte) string { return "hello" }, access.Forbidden},
		"an empty token":          {nil, func(*fixture, []byte) string { return "" }, access.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			b := signintest.Behaviour{KeySet: test.keys, Claims: setClaims(claims{"at_hash": nil})}
			if test.sign != nil {
				b.Sign = func(payload []byte) string { return test.sign(d, payload) }
			}
			d.provider.Behave(b)
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
			if n := len(d.provider.Calls(signintest.Elsewhere)); n != 0 {
				t.Errorf("an address in the header was called")
			}
		})
	}
}

// at_hash is computed with the hash of the algorithm.
func TestAccessHashOfEdwardsKeys(t *testing.T) {
	d, k := newFixture(t), signintest.NewEdKey(t, "edwards")
	var bearer string
	d.provider.Behave(signintest.Behaviour{KeySet: func() []any { return []any{k.Public()} },
		Claims: setClaims(claims{"at_hash": nil}),
		Tokens: func(c claims) { bearer = c["access_token"].(string) }, Sign: k.Sign})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	d.provider.Behave(signintest.Behaviour{KeySet: func() []any { return []any{k.Public()} }, Sign: k.Sign,
		Claims: setClaims(claims{"at_hash": k.AccessHash("fixed")}), Tokens: setClaims(claims{"access_token": "fixed"})})
	done, err = d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	if bearer == "" {
		t.Error("no access token")
	}
}

// corruptSignature changes a character of the signature.
func corruptSignature(token string) string {
	i := strings.LastIndexByte(token, '.') + 10
	c := byte('A')
	if token[i] == c {
		c = 'B'
	}
	return token[:i] + string(c) + token[i+1:]
}

// bareKey returns a public key without kid, use and alg.
func bareKey(k signintest.Key) any {
	p := k.Public()
	p.KeyID, p.Use, p.Algorithm = "", "", ""
	return p
}

// wrongAlgKey returns a public key with the wrong alg.
func wrongAlgKey(k signintest.Key) any {
	p := k.Public()
	p.Algorithm = "ES384"
	return p
}

func public(t *testing.T, k signintest.Key) []byte {
	t.Helper()
	text, err := k.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// O-20: if max_age was requested, auth_time must fulfil it.
func TestAuthTime(t *testing.T) {
	const now = 1_800_000_000
	for name, test := range map[string]struct {
		at   any
		want access.ErrorKind
	}{
		"now": {now, signedIn}, "half an hour ago": {now - 1800, signedIn}, "ten hours ago": {now - 36000, access.Forbidden},
		"none": {nil, access.Forbidden}, "in an hour": {now + 3600, access.Forbidden}, "text": {"now", access.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(claims{"auth_time": test.at})})
			s, err := d.Begin(t.Context(), d.dir, startWithMaxAge(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			done, err := d.finish(t, s, d.provider.Visit(t, s))
			expectSignIn(t, done, err, test.want)
			if got := d.provider.Calls(signintest.Authorize)[0].Form.Get("max_age"); got != "3600" {
				t.Errorf("max_age=%q", got)
			}
		})
	}
}
