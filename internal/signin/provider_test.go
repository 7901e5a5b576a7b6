package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// O-5, O-14, O-21: discovery documents. A faulty one causes no redirect.
func TestDiscovery(t *testing.T) {
	metadata := func(change claims) signintest.Behaviour { return signintest.Behaviour{Metadata: setClaims(change)} }
	tests := map[string]struct {
		does signintest.Behaviour
		want access.ErrorKind
	}{
		"honest":                       {signintest.Behaviour{}, signedIn},
		"another issuer":               {metadata(claims{"issuer": "https://login.harbor.example"}), access.Unavailable},
		"no issuer":                    {metadata(claims{"issuer": nil}), access.Unavailable},
		"an issuer that is not a text": {metadata(claims{"issuer": 1}), access.Unavailable},
		"authorization by http": {metadata(claims{"authorization_endpoint": "http://login.harbor.example/authorize"}),
			access.Unavailable},
		"authorization by script": {metadata(claims{"authorization_endpoint": "javascript:alert(1)"}),
			access.Unavailable},
		"authorization of another": {
			metadata(claims{"authorization_endpoint": "https://login.meridian.example/authorize"}), access.Unavailable},
		"authorization at another port": {metadata(claims{"authorization_endpoint": "http://127.0.0.1:1/authorize"}),
			access.Unavailable},
		"authorization at a part of it": {metadata(claims{"authorization_endpoint": "/authorize"}), access.Unavailable},
		"no authorization":              {metadata(claims{"authorization_endpoint": nil}), access.Unavailable},
		"tokens of another": {metadata(claims{"token_endpoint": "https://evil.example/token"}),
			access.Unavailable},
		"tokens inside":  {metadata(claims{"token_endpoint": "https://10.0.0.1/token"}), access.Unavailable},
		"no tokens":      {metadata(claims{"token_endpoint": nil}), access.Unavailable},
		"keys inside":    {metadata(claims{"jwks_uri": "https://169.254.169.254/keys"}), access.Unavailable},
		"keys in a file": {metadata(claims{"jwks_uri": "file:///etc/passwd"}), access.Unavailable},
		"no keys":        {metadata(claims{"jwks_uri": nil}), access.Unavailable},
		"people of another": {metadata(claims{"userinfo_endpoint": "https://evil.example/userinfo"}),
			access.Unavailable},
		"no people": {metadata(claims{"userinfo_endpoint": nil}), signedIn},
		"signing out at another": {metadata(claims{"end_session_endpoint": "https://evil.example/out"}),
			access.Unavailable},
		"no signing out": {metadata(claims{"end_session_endpoint": nil}), signedIn},
		"a user in an address": {metadata(claims{"token_endpoint": "http://user@127.0.0.1/token"}),
			access.Unavailable},
		"shared secrets only": {metadata(claims{"id_token_signing_alg_values_supported": []string{"HS256",
			"none"}}), access.Forbidden},
		"elsewhere": {replaceEndpoint(signintest.Discovery, signintest.Redirects(http.StatusFound, "/logger")),
			access.Unavailable},
		"inside": {replaceEndpoint(signintest.Discovery, signintest.Redirects(http.StatusFound,
			"http://169.254.169.254/")), access.Unavailable},
		"HTML": {replaceEndpoint(signintest.Discovery, signintest.Says("text/html", "{}")),
			access.Unavailable},
		"not JSON": {replaceEndpoint(signintest.Discovery, signintest.Says("application/json",
			signintest.Canary)), access.Unavailable},
		"nothing": {replaceEndpoint(signintest.Discovery, signintest.Says("application/json", "")),
			access.Unavailable},
		"null": {replaceEndpoint(signintest.Discovery, signintest.Says("application/json", "null")),
			access.Unavailable},
		"a list": {replaceEndpoint(signintest.Discovery, signintest.Says("application/json", "[]")),
			access.Unavailable},
		"404": {replaceEndpoint(signintest.Discovery, signintest.Fails(http.StatusNotFound)),
			access.Unavailable},
		"500": {replaceEndpoint(signintest.Discovery, signintest.Fails(http.StatusInternalServerError)),
			access.Unavailable},
		"breaks off":                    {replaceEndpoint(signintest.Discovery, signintest.Breaks()), access.Unavailable},
		"a megabyte of a text":          {metadata(claims{"issuer": strings.Repeat("x", 1<<20)}), access.Unavailable},
		"a long text":                   {metadata(claims{"token_endpoint": strings.Repeat("x", 1<<19)}), access.Unavailable},
		"claims that Go reads as a URL": {metadata(claims{"token_endpoint": "https://[::1"}), access.Unavailable},
		"an address without a host":     {metadata(claims{"token_endpoint": "https:///token"}), access.Unavailable},
		"a part of a page": {metadata(claims{"authorization_endpoint": "http://127.0.0.1/authorize#x"}),
			access.Unavailable},
		"algorithms that are not there": {metadata(claims{"id_token_signing_alg_values_supported": nil}), access.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(test.does)
			s, err := d.Begin(t.Context(), d.dir, signin.Start{})
			if test.want != access.Unavailable {
				if err != nil {
					t.Fatal(err)
				}
				done, err := d.finish(t, s, d.provider.Visit(t, s))
				expectSignIn(t, done, err, test.want)
				return
			}
			expectSafeError(t, err, d.provider.Secret, signintest.Canary)
			if access.KindOf(err) != access.Unavailable || s.URL != "" || err == nil || len(err.Error()) > 600 {
				t.Errorf("sent to %q, %v", s.URL, err)
			}
			expectCalls(t, d.provider, signintest.Discovery)
		})
	}
}

// document returns correct metadata.
func (d *fixture) document() string {
	return strings.ReplaceAll(
		`{"issuer":"@","authorization_endpoint":"@/authorize","token_endpoint":"@/token","jwks_uri":"@/keys"}`, "@",
		d.dir.Issuer)
}

// A correct document is rejected if it has more than a mebibyte after decompression, or
// too large headers.
func TestDiscoverySize(t *testing.T) {
	for name, huge := range map[string]func(int, string) http.HandlerFunc{"huge": signintest.Huge,
		"bomb": signintest.Bomb} {
		for size, want := range map[int]bool{1 << 19: true, 1 << 20: false} {
			d := newFixture(t)
			d.provider.Behave(replaceEndpoint(signintest.Discovery, huge(size, d.document())))
			if s, err := d.Begin(t.Context(), d.dir, signin.Start{}); (err == nil) != want {
				t.Errorf("%s, %d bytes: %q, %v", name, size, s.URL, err)
			}
		}
	}
	for size, want := range map[int]bool{1 << 15: true, 1 << 17: false} {
		d := newFixture(t)
		d.provider.Behave(replaceEndpoint(signintest.Discovery, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", size))
			signintest.Says("application/json", d.document())(w, r)
		}))
		if s, err := d.Begin(t.Context(), d.dir, signin.Start{}); (err == nil) != want {
			t.Errorf("headers of %d bytes: %q, %v", size, s.URL, err)
		}
	}
}

// O-21: metadata are fetched and checked again after an hour.
func TestMetadataAreReadAgain(t *testing.T) {
	d := newFixture(t)
	d.begin(t)
	d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"authorization_endpoint": "javascript:alert(1)"})})
	d.clock.Advance(time.Hour - time.Second)
	d.begin(t)
	if n := len(d.provider.Calls(signintest.Discovery)); n != 1 {
		t.Errorf("%d discoveries within the hour", n)
	}
	d.clock.Advance(time.Second)
	if s, err := d.Begin(t.Context(), d.dir, signin.Start{}); access.KindOf(err) != access.Unavailable || s.URL != "" {
		t.Errorf("sent to %q, %v", s.URL, err)
	}
	d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"jwks_uri": d.dir.Issuer + "/keys?moved"})})
	d.clock.Advance(time.Hour)
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	if c := d.provider.Calls(signintest.Keys); len(c) != 1 || c[0].Query != "moved" {
		t.Errorf("keys were read %+v", c)
	}
}

// While discovery fails, metadata are used for a day.
func TestStaleMetadata(t *testing.T) {
	d := newFixture(t)
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	d.provider.Behave(replaceEndpoint(signintest.Discovery, signintest.Fails(http.StatusServiceUnavailable)))
	d.clock.Advance(24*time.Hour - time.Second)
	done, err = d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	d.clock.Advance(time.Second)
	if _, err := d.Begin(t.Context(), d.dir, signin.Start{}); access.KindOf(err) != access.Unavailable {
		t.Errorf("metadata of yesterday: %v", err)
	}
	d.provider.Behave(signintest.Behaviour{})
	done, err = d.signIn(t)
	expectSignIn(t, done, err, signedIn)
}

// A host that is confirmed for one directory is not confirmed for another with the same
// issuer.
func TestConfirmedHosts(t *testing.T) {
	d := newFixture(t)
	d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"token_endpoint": "https://tokens.example/token"})})
	confirmed := d.dir
	confirmed.ConfirmedHosts = []string{"tokens.example"}
	if _, err := d.Begin(t.Context(), confirmed, signin.Start{}); err != nil {
		t.Errorf("a confirmed host: %v", err)
	}
	s, err := d.Begin(t.Context(), d.dir, signin.Start{})
	expectSafeError(t, err)
	if access.KindOf(err) != access.Unavailable || s.URL != "" {
		t.Errorf("sent to %q, %v", s.URL, err)
	}
}

// O-5: hosts of endpoints, compared with the issuer's.
func TestEndpoints(t *testing.T) {
	tests := []struct {
		issuer, endpoint string
		want             bool
	}{
		{"https://login.harbor.example", "https://login.harbor.example/token", true},
		{"https://login.harbor.example", "https://tokens.harbor.example/token", true},
		{"https://login.harbor.example", "https://harbor.example:8443/token", true},
		{"https://accounts.google.com", "https://oauth2.googleapis.com/token", false},
		{"https://login.harbor.example", "https://harbor.example.evil.example/token", false},
		{"https://login.harbor.example", "https://evilharbor.example/token", false},
		{"https://login.harbor.example", "https://login.harbor.example@evil.example/token", false},
		{"https://login.harbor.example", "http://login.harbor.example/token", false},
		{"https://mallory.github.io", "https://harbor.github.io/token", false},
		{"https://mallory.co.uk", "https://harbor.co.uk/token", false},
		{"https://login.harbor.example", "https://user@login.harbor.example/token", false},
		{"https://login.harbor.example", "https://user:secret@login.harbor.example/token", false},
		{"https://1.2.8.8", "https://9.9.8.8/token", false},
		{"https://1.2.8.8", "https://1.2.8.8/token", true},
		{"https://[2001:db8::1]", "https://[2001:db8::2]/token", false},
		{"https://localhost", "https://intranet/token", false},
		{"https://KeyCloak", "https://keycloak/token", true},
		{"https://keycloak", "https://KEYCLOAK/token", true},
		{"https://keycloak", "https://keycloak:8443/token", false},
		{"https://login.harbor.example", "https://login.harbor.example/token#x", false},
		{"https://login.harbor.example", "//login.harbor.example/token", false},
		{"https://login.harbor.example", "https://", false},
		{"https://login.harbor.example", "", false},
	}
	for _, test := range tests {
		err := signin.CheckEndpoint(access.Directory{Issuer: test.issuer}, test.endpoint, false)
		if (err == nil) != test.want {
			t.Errorf("%s at %s: %v", test.endpoint, test.issuer, err)
		}
	}
	google := access.Directory{Issuer: "https://accounts.google.com", ConfirmedHosts: []string{"oauth2.googleapis.com"}}
	if err := signin.CheckEndpoint(google, "https://oauth2.googleapis.com/token", false); err != nil {
		t.Errorf("a confirmed host: %v", err)
	}
	if err := signin.CheckEndpoint(google, "http://oauth2.googleapis.com/token", true); err == nil {
		t.Error("a confirmed host without https was taken")
	}
}

// After a rotation the new key is fetched and the old one is rejected.
func TestRotation(t *testing.T) {
	d := newFixture(t)
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	old := d.provider.Key()
	d.clock.Advance(time.Second)
	d.provider.Rotate(t, "second")
	done, err = d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	d.provider.Behave(signintest.Behaviour{Sign: old.Sign})
	done, err = d.signIn(t)
	expectSignIn(t, done, err, access.Forbidden)
	if n := len(d.provider.Calls(signintest.Keys)); n != 2 {
		t.Errorf("keys were fetched %d times", n)
	}
	d.provider.Behave(signintest.Behaviour{})
	d.clock.Advance(time.Minute)
	d.provider.Rotate(t, "third")
	done, err = d.signIn(t)
	expectSignIn(t, done, err, signedIn)
}

// Tokens with an unknown key cause at most one fetch per minute.
func TestUnknownKeys(t *testing.T) {
	d := newFixture(t)
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	d.provider.Behave(signintest.Behaviour{Sign: func(p []byte) string {
		return d.provider.Key().SignAs(signin.NewToken(),
			p)
	}})
	for range 20 {
		done, err := d.signIn(t)
		expectSignIn(t, done, err, access.Forbidden)
	}
	if n := len(d.provider.Calls(signintest.Keys)); n != 2 {
		t.Errorf("keys were fetched %d times in a minute", n)
	}
	d.clock.Advance(time.Minute)
	done, err = d.signIn(t)
	expectSignIn(t, done, err, access.Forbidden)
	if n := len(d.provider.Calls(signintest.Keys)); n != 3 {
		t.Errorf("keys were fetched %d times, a minute later", n)
	}
}

// A failed fetch of keys is retried by the next sign-in.
func TestKeySets(t *testing.T) {
	for name, do := range map[string]http.HandlerFunc{
		"500": signintest.Fails(http.StatusInternalServerError), "elsewhere": signintest.Redirects(http.StatusFound,
			"/logger"),
		"not JSON": signintest.Says("application/json", signintest.Canary), "HTML": signintest.Says("text/html", "{}"),
		"a list": signintest.Says("application/json", "[]"), "huge": signintest.Huge(1<<20, `{"keys":[]}`),
		"breaks off": signintest.Breaks(),
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(replaceEndpoint(signintest.Keys, do))
			done, err := d.signIn(t)
			expectSignIn(t, done, err, access.Unavailable)
			if n := len(d.provider.Calls(signintest.Keys)); n != 1 || len(d.provider.Calls(signintest.Elsewhere)) != 0 {
				t.Errorf("called %v", d.provider.Called())
			}
			d.provider.Behave(signintest.Behaviour{})
			done, err = d.signIn(t)
			expectSignIn(t, done, err, signedIn)
		})
	}
}

// Types and sizes of keys that may verify tokens.
func TestUsableKeys(t *testing.T) {
	of := func(bits uint) *rsa.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), bits-1), E: 65537}
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		key  jose.JSONWebKey
		want bool
	}{
		{jose.JSONWebKey{Key: of(2048)}, true}, {jose.JSONWebKey{Key: of(8192), Use: "sig"}, true},
		{jose.JSONWebKey{Key: &curve.PublicKey}, true},
		{jose.JSONWebKey{Key: of(2047)}, false}, {jose.JSONWebKey{Key: of(8193)}, false},
		{jose.JSONWebKey{Key: of(4096), Use: "enc"}, false},
		{jose.JSONWebKey{Key: curve}, false}, {jose.JSONWebKey{Key: []byte("shared")}, false}, {jose.JSONWebKey{}, false},
	}
	for i, test := range tests {
		if signin.IsUsable(test.key) != test.want {
			t.Errorf("key %d, %T for %q, is usable: %v", i, test.key.Key, test.key.Use, !test.want)
		}
	}
}

// An invalid issuer is not called, even if the address would respond.
func TestInvalidIssuer(t *testing.T) {
	d := newFixture(t)
	honest := d.dir.Issuer
	for _, issuer := range []string{honest + "?tenant=1", honest + "#x", strings.Replace(honest, "//", "//user@", 1), "",
		"http://login.harbor.example"} {
		d.dir.Issuer = issuer
		s, err := d.Begin(t.Context(), d.dir, signin.Start{})
		if access.KindOf(err) != access.Unavailable || s.URL != "" || !strings.Contains(err.Error(), "is not an issuer") {
			t.Errorf("%s: sent to %q, %v", issuer, s.URL, err)
		}
	}
	expectCalls(t, d.provider)
}

// The first 64 keys of a key set are used.
func TestManyKeys(t *testing.T) {
	d := newFixture(t)
	other, own := bareKey(signintest.NewKey(t, "")), d.provider.Key().Public()
	for n, want := range map[int]access.ErrorKind{63: signedIn, 64: access.Forbidden} {
		keys := make([]any, n)
		for i := range keys {
			keys[i] = other
		}
		d.provider.Behave(signintest.Behaviour{KeySet: func() []any { return append(keys, own) }})
		d.clock.Advance(2 * time.Hour)
		done, err := d.signIn(t)
		expectSignIn(t, done, err, want)
	}
}

// N-6: a provider on a loopback address is not connected to, however its host is
// written, unless loopback addresses are allowed.
func TestInside(t *testing.T) {
	reached := 0
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		reached++
		return nil, nil
	}}
	server.StartTLS()
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, loopback := range []bool{false, true} {
		for _, host := range []string{"localhost", "127.0.0.1", "[::ffff:127.0.0.1]"} {
			d := newFixture(t)
			s, err := signin.New(signin.Config{Base: base, Now: d.clock.Now,
				Network: outbound.Network{AllowLoopback: loopback}})
			if err != nil {
				t.Fatal(err)
			}
			reached = 0
			d.dir.Issuer = "https://" + host + port
			_, err = s.Begin(t.Context(), d.dir, signin.Start{})
			if access.KindOf(err) != access.Unavailable || (reached > 0) != loopback ||
				strings.Contains(err.Error(), "inside the network") == loopback {
				t.Errorf("%s with loopback %v: reached %d times, %v", host, loopback, reached, err)
			}
		}
	}
}

// O-17: the portal's address, which redirect URIs are made of.
func TestBase(t *testing.T) {
	for address, want := range map[string]bool{
		"https://access.meridian.example": true, "https://access.meridian.example:8443": true, "http://localhost:8080": true,
		"http://127.0.0.1:8080":          true,
		"http://access.meridian.example": false, "https://access.meridian.example/": false,
		"https://access.meridian.example/x": true, "https://access.meridian.example/it/my-access": true,
		"https://access.meridian.example/x/": false, "https://access.meridian.example//": false,
		"https://access.meridian.example/x//y": false, "https://access.meridian.example/x/..": false,
		"https://access.meridian.example/%78": false, "https://access.meridian.example/x y": false,
		"https://access.meridian.example/x#y": false, "https://access.meridian.example#y": false,
		"https://access.meridian.example?x": false, "https://access.meridian.example/x?y": false,
		"https://u@access.meridian.example": false, "ftp://localhost": false,
		"access.meridian.example": false, "": false,
	} {
		s, err := signin.New(signin.Config{Base: address, Now: time.Now})
		if (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
		if err == nil && s.CallbackURL("0197c9a0") != address+"/auth/callback/0197c9a0" {
			t.Errorf("%q: %s", address, s.CallbackURL("0197c9a0"))
		}
	}
}
