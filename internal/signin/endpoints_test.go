package signin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// O-14, O-15: responses of the token endpoint. It is called once, and redirects are
// not followed.
func TestTokenEndpoint(t *testing.T) {
	elsewhere := "/logger"
	tests := map[string]struct {
		does signintest.Behaviour
		want access.ErrorKind
	}{
		"307 to a logger": {replaceEndpoint(signintest.Token, signintest.Redirects(http.StatusTemporaryRedirect,
			elsewhere)), access.Forbidden},
		"302 to a logger": {replaceEndpoint(signintest.Token, signintest.Redirects(http.StatusFound, elsewhere)),
			access.Forbidden},
		"500": {replaceEndpoint(signintest.Token, signintest.Fails(http.StatusInternalServerError)),
			access.Unavailable},
		"400":               {replaceEndpoint(signintest.Token, signintest.Fails(http.StatusBadRequest)), access.Forbidden},
		"200 with an error": {replaceEndpoint(signintest.Token, signintest.Fails(http.StatusOK)), access.Forbidden},
		"HTML": {replaceEndpoint(signintest.Token, signintest.Says("text/html", "<p>"+signintest.Canary)),
			access.Unavailable},
		"breaks off":           {replaceEndpoint(signintest.Token, signintest.Breaks()), access.Unavailable},
		"no ID token":          {signintest.Behaviour{Tokens: setClaims(claims{"id_token": nil})}, access.Forbidden},
		"ID token is a number": {signintest.Behaviour{Tokens: setClaims(claims{"id_token": 1})}, access.Forbidden},
		"ID token is a list": {signintest.Behaviour{Tokens: setClaims(claims{"id_token": []string{"a.b.c"}})},
			access.Forbidden},
		"no access token": {signintest.Behaviour{Tokens: setClaims(claims{"access_token": nil})},
			access.Unavailable},
		"no expires_in":               {signintest.Behaviour{Tokens: setClaims(claims{"expires_in": nil})}, signedIn},
		"expires_in negative":         {signintest.Behaviour{Tokens: setClaims(claims{"expires_in": -1})}, signedIn},
		"expires_in huge":             {signintest.Behaviour{Tokens: setClaims(claims{"expires_in": 1 << 60})}, signedIn},
		"expires_in is text":          {signintest.Behaviour{Tokens: setClaims(claims{"expires_in": "300"})}, signedIn},
		"token_type in other letters": {signintest.Behaviour{Tokens: setClaims(claims{"token_type": "bEARER"})}, signedIn},
		"no scope":                    {signintest.Behaviour{Tokens: setClaims(claims{"scope": nil})}, signedIn},
		"a scope and more": {signintest.Behaviour{Tokens: setClaims(claims{"scope": "openid", "refresh_token": "r",
			"x": claims{}})}, signedIn},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(test.does)
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
			if len(d.provider.Calls(signintest.Token)) != 1 || len(d.provider.Calls(signintest.Elsewhere)) != 0 {
				t.Errorf("called %v", d.provider.Called())
			}
		})
	}
}

func replaceEndpoint(endpoint string, do http.HandlerFunc) signintest.Behaviour {
	return signintest.Behaviour{Instead: map[string]http.HandlerFunc{endpoint: do}}
}

// A correct response with another content type, or too long, is rejected.
func TestTokenEndpointJSONOnly(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(body string) http.HandlerFunc
		want   access.ErrorKind
	}{
		"JSON":       {func(b string) http.HandlerFunc { return signintest.Says("application/json", b) }, signedIn},
		"plain text": {func(b string) http.HandlerFunc { return signintest.Says("text/plain", b) }, access.Unavailable},
		"no type":    {func(b string) http.HandlerFunc { return signintest.Says("", b) }, access.Unavailable},
		"a form": {func(b string) http.HandlerFunc {
			return signintest.Says("application/x-www-form-urlencoded",
				form(b))
		}, access.Unavailable},
		"a mebibyte":  {func(b string) http.HandlerFunc { return signintest.Huge(1<<20, b) }, access.Unavailable},
		"a gzip bomb": {func(b string) http.HandlerFunc { return signintest.Bomb(1<<20, b) }, access.Unavailable},
		"half of it":  {func(b string) http.HandlerFunc { return signintest.Huge(1<<19, b) }, signedIn},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			s := d.begin(t)
			back := d.provider.Visit(t, s)
			now := d.clock.Now().Unix()
			token := d.provider.Key().Sign(fmt.Appendf(nil,
				`{"iss":%q,"aud":%q,"sub":"248289761001","name":"Mara","email":"mara@harbor.example","nonce":%q,"iat":%d,"exp":%d}`,
				d.dir.Issuer, d.dir.ClientID, s.Attempt.Nonce, now, now+60))
			d.provider.Behave(replaceEndpoint(signintest.Token,
				test.answer(fmt.Sprintf(`{"access_token":"a","token_type":"Bearer","id_token":%q}`, token))))
			done, err := d.finish(t, s, back)
			expectSignIn(t, done, err, test.want)
		})
	}
}

// form returns a token response in form encoding.
func form(body string) string {
	_, token, _ := strings.Cut(body, `"id_token":"`)
	return url.Values{"access_token": {"a"}, "token_type": {"Bearer"},
		"id_token": {strings.TrimSuffix(token, `"}`)}}.Encode()
}

// A call to any endpoint is given up after the timeout.
func TestSlow(t *testing.T) {
	for _, endpoint := range []string{signintest.Discovery, signintest.Token, signintest.Keys, signintest.UserInfo} {
		for name, slow := range map[string]http.HandlerFunc{"never": signintest.Never(), "stalls": signintest.Stalls()} {
			t.Run(endpoint+" "+name, func(t *testing.T) {
				t.Parallel()
				d := newFixture(t)
				d.short(t)
				b := replaceEndpoint(endpoint, slow)
				b.Claims = setClaims(claims{"email": nil})
				d.provider.Behave(b)
				if endpoint == signintest.Discovery {
					_, err := d.Begin(t.Context(), d.dir, signin.Start{})
					expectSignIn(t, signin.Finished{}, err, access.Unavailable)
					return
				}
				done, err := d.signIn(t)
				expectSignIn(t, done, err, access.Unavailable)
				if len(d.provider.Calls(endpoint)) != 1 {
					t.Errorf("called %v", d.provider.Called())
				}
			})
		}
	}
}

// Responses of the userinfo endpoint. It is called if the ID token has no address or
// no name.
func TestUserInfo(t *testing.T) {
	tests := map[string]struct {
		does signintest.Behaviour
		want access.ErrorKind
	}{
		"honest":      {signintest.Behaviour{}, signedIn},
		"other sub":   {signintest.Behaviour{Person: setClaims(claims{"sub": "mallory"})}, access.Forbidden},
		"no sub":      {signintest.Behaviour{Person: setClaims(claims{"sub": nil})}, access.Forbidden},
		"SUB":         {signintest.Behaviour{Person: setClaims(claims{"sub": nil, "SUB": "248289761001"})}, access.Forbidden},
		"sub and SUB": {signintest.Behaviour{Person: setClaims(claims{"SUB": "mallory"})}, access.Forbidden},
		"a JWT": {replaceEndpoint(signintest.UserInfo, signintest.Says("application/jwt", "a.b.c")),
			access.Unavailable},
		"a redirect": {replaceEndpoint(signintest.UserInfo, signintest.Redirects(http.StatusTemporaryRedirect, "/logger")),
			access.Unavailable},
		"500": {replaceEndpoint(signintest.UserInfo, signintest.Fails(http.StatusInternalServerError)), access.Unavailable},
		"a list": {replaceEndpoint(signintest.UserInfo, signintest.Says("application/json", `["`+signintest.Canary+`"]`)),
			access.Forbidden},
		"not JSON": {replaceEndpoint(signintest.UserInfo, signintest.Says("application/json", signintest.Canary)),
			access.Unavailable},
		"a mebibyte": {replaceEndpoint(signintest.UserInfo, signintest.Huge(1<<20, `{"sub":"248289761001"}`)),
			access.Unavailable},
		"no such thing": {signintest.Behaviour{Metadata: setClaims(claims{"userinfo_endpoint": nil})}, signedIn},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			test.does.Claims = setClaims(claims{"email": nil, "email_verified": nil, "name": nil})
			d.provider.Behave(test.does)
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
			calls := d.provider.Calls(signintest.UserInfo)
			if name == "honest" && (done.Identity.Email != "mara@harbor.example" || !done.Identity.EmailTrusted ||
				done.Identity.Name != "Mara Lind") {
				t.Errorf("got %+v", done.Identity)
			}
			if len(d.provider.Calls(signintest.Elsewhere)) != 0 || name != "no such thing" &&
				(len(calls) != 1 || !strings.HasPrefix(calls[0].Authorization, "Bearer bearer-") || len(calls[0].Form) != 0) {
				t.Errorf("called %+v", calls)
			}
		})
	}
}

// C03: who has an address in the ID token can sign in whatever the userinfo endpoint does,
// except to speak of somebody else. The identity is what the ID token says.
func TestUserInfoThatIsNotNeeded(t *testing.T) {
	info := func(kind, body string) signintest.Behaviour {
		return replaceEndpoint(signintest.UserInfo, signintest.Says(kind, body))
	}
	status := func(code int) signintest.Behaviour {
		return replaceEndpoint(signintest.UserInfo, signintest.Fails(code))
	}
	const sub = `"sub":"248289761001"`
	tests := map[string]struct {
		does signintest.Behaviour
		want access.ErrorKind
		name string // of the person; "" for an error that is reported
	}{
		"honest":     {signintest.Behaviour{}, signedIn, "Mara Lind"},
		"403 (C03)":  {status(http.StatusForbidden), signedIn, ""},
		"401":        {status(http.StatusUnauthorized), signedIn, ""},
		"404":        {status(http.StatusNotFound), signedIn, ""},
		"405":        {status(http.StatusMethodNotAllowed), signedIn, ""},
		"429":        {status(http.StatusTooManyRequests), signedIn, ""},
		"500":        {status(http.StatusInternalServerError), signedIn, ""},
		"204":        {status(http.StatusNoContent), signedIn, ""},
		"breaks off": {replaceEndpoint(signintest.UserInfo, signintest.Breaks()), signedIn, ""},
		"a redirect": {replaceEndpoint(signintest.UserInfo, signintest.Redirects(302, "/logger")), signedIn,
			""},
		"a JWT":                   {info("application/jwt", "a.b.c"), signedIn, ""},
		"HTML":                    {info("text/html", "<p>"), signedIn, ""},
		"no JSON":                 {info("application/json", "<p>"), signedIn, ""},
		"a list":                  {info("application/json", `["x"]`), signedIn, ""},
		"null":                    {info("application/json", `null`), signedIn, ""},
		"no sub":                  {info("application/json", `{"name":"Mara Lind"}`), signedIn, ""},
		"sub is a number":         {info("application/json", `{"sub":248289761001,"name":"Mara Lind"}`), signedIn, ""},
		"sub twice":               {info("application/json", `{`+sub+`,"SUB":"mallory","name":"x"}`), signedIn, ""},
		"other sub":               {info("application/json", `{"sub":"mallory","name":"x"}`), access.Forbidden, ""},
		"sub with a blank before": {info("application/json", `{"sub":" 248289761001","name":"x"}`), access.Forbidden, ""},
		"with a charset": {info("application/json; charset=utf-8", `{`+sub+`,"name":"Mara Lind"}`), signedIn,
			"Mara Lind"},
		"with an empty charset": {info("application/json; charset", `{`+sub+`,"name":"Mara Lind"}`), signedIn,
			"Mara Lind"},
		"of another JSON type": {info("application/scim+json", `{`+sub+`,"name":"Mara Lind"}`), signedIn, "Mara Lind"},
		"claims of an ID token": {info("application/json",
			`{`+sub+`,"name":"Mara Lind","aud":5,"exp":"x","iat":"y","iss":1}`), signedIn, "Mara Lind"},
		"claims of the wrong type": {info("application/json",
			`{`+sub+`,"name":"Mara Lind","locale":1,"given_name":null,"email":["x"],"auth_time":"x"}`), signedIn, "Mara Lind"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			test.does.Claims = setClaims(claims{"name": nil})
			d.provider.Behave(test.does)
			done, err := d.signIn(t)
			reported := done.UserInfoError
			done.UserInfoError = nil
			expectSignIn(t, done, err, test.want)
			if err != nil {
				return
			}
			if done.Identity.Name != test.name || done.Identity.Email != "mara@harbor.example" || !done.Identity.EmailTrusted {
				t.Errorf("got %+v", done.Identity)
			}
			if (reported != nil) != (test.name == "") || reported != nil && len(reported.Error()) > 600 {
				t.Errorf("reported %v", reported)
			}
			if len(d.provider.Calls(signintest.UserInfo)) != 1 {
				t.Errorf("called %v", d.provider.Called())
			}
		})
	}
}

// A sign-in that needs userinfo for the guest rule ends if it cannot be read.
func TestUserInfoNeededForGuestRule(t *testing.T) {
	d := newFixture(t)
	d.dir.GuestClaim, d.dir.GuestValues = "kind", []string{"ext"}
	d.provider.Behave(replaceEndpoint(signintest.UserInfo, signintest.Fails(http.StatusForbidden)))
	done, err := d.signIn(t)
	expectSignIn(t, done, err, access.Unavailable)
	b := replaceEndpoint(signintest.UserInfo, signintest.Fails(http.StatusForbidden))
	b.Claims = setClaims(claims{"kind": "int"})
	d.provider.Behave(b)
	done, err = d.signIn(t)
	expectSignIn(t, done, err, signedIn)
}

// Optional settings of a provider with values of the wrong type count as absent.
func TestOptionalMetadata(t *testing.T) {
	for name, test := range map[string]struct {
		change claims
		want   access.ErrorKind
	}{
		"a text for a list":   {claims{"code_challenge_methods_supported": "S256"}, signedIn},
		"numbers in a list":   {claims{"token_endpoint_auth_methods_supported": []any{1, "client_secret_basic"}}, signedIn},
		"null":                {claims{"code_challenge_methods_supported": json.RawMessage("null")}, signedIn},
		"a promise as a text": {claims{"authorization_response_iss_parameter_supported": "true"}, signedIn},
		"a number promises":   {claims{"authorization_response_iss_parameter_supported": 1}, signedIn},
		"a list of algorithms with others": {claims{"id_token_signing_alg_values_supported": []any{1, "none", "ES256"}},
			signedIn},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Metadata: setClaims(test.change)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
		})
	}
	d := newFixture(t)
	d.provider.Behave(signintest.Behaviour{Answer: func(q url.Values) { q.Del("iss") },
		Metadata: setClaims(claims{"authorization_response_iss_parameter_supported": "true"})})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, access.Forbidden)
}

// The sources of distributed claims are not called.
func TestDistributedClaims(t *testing.T) {
	d := newFixture(t)
	d.provider.Behave(signintest.Behaviour{Claims: setClaims(claims{"_claim_names": claims{"email": "s", "groups": "s"},
		"email":          nil,
		"_claim_sources": claims{"s": claims{"endpoint": d.dir.Issuer + "/claims", "access_token": "t"}}})})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	if n := len(d.provider.Calls(signintest.Elsewhere)); n != 0 {
		t.Errorf("the source of claims was called %d times", n)
	}
}
