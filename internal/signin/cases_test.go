package signin_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// caseClaims reads the claims of a case; the issuer, the nonce and the times are the
// provider's own, and the subject is Mara's.
func caseClaims(t *testing.T, file string) claims {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Claims claims `json:"claims"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"iss", "nonce", "iat", "exp", "sub"} {
		delete(c.Claims, name)
	}
	if len(c.Claims) < 2 {
		t.Fatalf("the case has the claims %v", c.Claims)
	}
	return c.Claims
}

// C01: an ID token for several clients is accepted if it was issued to us.
func TestC01SeveralAudiences(t *testing.T) {
	for name, test := range map[string]struct {
		azp  any
		want access.ErrorKind
	}{
		"ours": {"myaccess", signedIn}, "none": {nil, access.Forbidden},
		"another": {"111111111111111111", access.Forbidden}, "a stranger": {"somebody", access.Forbidden},
		"empty": {"", access.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.ClientID, d.dir.ClientID = "myaccess", "myaccess"
			change := caseClaims(t, "C01-token-aud-list.json")
			change["azp"] = test.azp
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(change)})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
		})
	}
}

// C03: a userinfo endpoint that refuses does not end a sign-in whose ID token has an
// address. Its failure is reported for the log.
func TestC03UserInfoRefuses(t *testing.T) {
	d := newFixture(t)
	d.dir.Domains = []access.Domain{"f11.example"}
	b := replaceEndpoint(signintest.UserInfo, signintest.Fails(http.StatusForbidden))
	b.Claims = func(c claims) {
		delete(c, "name")
		setClaims(caseClaims(t, "C03-userinfo-403.json"))(c)
	}
	d.provider.Behave(b)
	done, err := d.signIn(t)
	want := access.Identity{Directory: "harbor", Subject: "248289761001", Email: "u1@f11.example", EmailTrusted: true,
		EmailProblem: access.EmailFine, Belonging: access.Belongs}
	if err != nil || done.Identity != want || done.UserInfoError == nil {
		t.Errorf("got %+v, %v", done, err)
	}
	b = signintest.Behaviour{Claims: b.Claims, Person: setClaims(claims{"sub": "mallory"})}
	d.provider.Behave(b)
	done, err = d.signIn(t)
	expectSignIn(t, signin.Finished{Identity: done.Identity}, err, access.Forbidden)
}
