package signin_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
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

// C04: an address that the provider calls unverified is kept, and identifies nobody unless
// the directory trusts the addresses of its domains.
func TestC04UnverifiedAddress(t *testing.T) {
	for _, trust := range []bool{false, true} {
		d := newFixture(t)
		d.dir.Domains, d.dir.TrustAddresses = append(d.dir.Domains, "f04.example"), trust
		d.provider.Behave(signintest.Behaviour{Claims: setClaims(caseClaims(t, "C04-email-not-verified.json"))})
		done, err := d.signIn(t)
		expectSignIn(t, done, err, signedIn)
		if done.Identity.Email != "u1@f04.example" || done.Identity.EmailTrusted != trust {
			t.Errorf("trust %v: %+v", trust, done.Identity)
		}
	}
}

// C14: an address whose domain is written in letters beyond ASCII is one of the directory
// that owns the domain, and is shown as it is written.
func TestC14DomainInLetters(t *testing.T) {
	d := newFixture(t)
	d.dir.Domains = append(d.dir.Domains, "xn--bcher-kva.example")
	d.provider.Behave(signintest.Behaviour{Claims: setClaims(caseClaims(t, "C14-idn-address.json"))})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	if got := done.Identity; got.Email != "eva@b\u00fccher.example" || !got.EmailTrusted ||
		got.Belonging != access.Belongs {
		t.Errorf("%+v", got)
	}
}

// C16: a guest of the tenant's own Entra ID is no member, without a guest rule.
func TestC16GuestOfOwnProvider(t *testing.T) {
	for without, reason := range map[string]string{"": "acct = 1", "acct": "upn = pat_f01.example#EXT#@home.example",
		"acct upn": "idp = https://sts.windows.net/other/"} {
		d := newFixture(t)
		change := caseClaims(t, "C16-guest-of-own-provider.json")
		for _, name := range strings.Fields(without) {
			delete(change, name)
		}
		d.provider.Behave(signintest.Behaviour{Claims: setClaims(change)})
		done, err := d.signIn(t)
		expectSignIn(t, done, err, signedIn)
		if done.Identity.Belonging != access.GuestOfProvider || done.Identity.GuestReason != reason {
			t.Errorf("without %q: %q, %q", without, done.Identity.Belonging, done.Identity.GuestReason)
		}
	}
}
