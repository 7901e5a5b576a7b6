package signin_test

import (
	"encoding/json"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
)

// C20: the address and the name are in claims of other names, which the directory has. The
// address counts as verified only if the directory trusts its addresses.
func TestC20AddressInAnotherClaim(t *testing.T) {
	type want struct {
		name, email, sent string
		problem           access.EmailProblem
	}
	const address = "u1@f20.example"
	for name, test := range map[string]struct {
		claim, nameClaim string
		trust            bool
		want             want
	}{
		"not chosen": {"", "", true, want{"", "", "", access.EmailMissing}},
		"chosen":     {"mail", "displayName", false, want{"User One", address, address, access.EmailUnverified}},
		"trusted":    {"mail", "displayName", true, want{"User One", address, "", access.EmailFine}},
		"another that has an address elsewhere": {"upn", "displayName", true,
			want{"User One", "u1@corp.local", "u1@corp.local", access.EmailElsewhere}},
		"a claim that is not there": {"nothing", "nothing", true, want{"", "", "", access.EmailMissing}},
		"a claim that is no address": {"displayName", "mail", true, want{address, "", "User One",
			access.EmailUnreadable}},
	} {
		for _, source := range []string{"ID token", "userinfo"} {
			t.Run(name+", "+source, func(t *testing.T) {
				d := newFixture(t)
				d.dir.Domains, d.dir.TrustAddresses = []access.Domain{"f20.example"}, test.trust
				d.dir.EmailClaim, d.dir.NameClaim = test.claim, test.nameClaim
				own := caseClaims(t, "C20-address-claim.json")
				none := claims{"email": nil, "email_verified": nil, "name": nil}
				b := signintest.Behaviour{Claims: func(c claims) {
					setClaims(own)(c)
					setClaims(none)(c)
				}, Person: setClaims(none)}
				if source == "userinfo" {
					b.Claims, b.Person = setClaims(none), b.Claims
				}
				d.provider.Behave(b)
				done, err := d.signIn(t)
				expectSignIn(t, done, err, signedIn)
				id := done.Identity
				if got := (want{id.Name, id.Email, id.SentEmail, id.EmailProblem}); got != test.want ||
					id.EmailTrusted != (test.want.problem == access.EmailFine) {
					t.Errorf("got %+v, want %+v", id, test.want)
				}
			})
		}
	}
}

// Values of a claim that holds the address, and what email_verified says about it: it is
// about the claim email only.
func TestAddressClaims(t *testing.T) {
	const address = "mara@harbor.example"
	for name, test := range map[string]struct {
		claim  string
		trust  bool
		change claims
		email  string
		want   access.EmailProblem
	}{
		"a list":           {"mail", true, claims{"mail": []string{address, "x@harbor.example"}}, address, access.EmailFine},
		"an empty list":    {"mail", true, claims{"mail": []string{}}, "", access.EmailMissing},
		"false":            {"mail", true, claims{"mail": false}, "", access.EmailMissing},
		"null":             {"mail", true, claims{"mail": json.RawMessage("null")}, "", access.EmailMissing},
		"a number":         {"mail", true, claims{"mail": 5}, "", access.EmailUnreadable},
		"an object":        {"mail", true, claims{"mail": claims{"a": address}}, "", access.EmailUnreadable},
		"the verified one": {"mail", false, claims{"mail": address}, address, access.EmailFine},
		"not the verified one": {"mail", false, claims{"mail": "boss@harbor.example"}, "boss@harbor.example",
			access.EmailUnverified},
		"verified says no": {"mail", false, claims{"mail": address, "email_verified": false}, address,
			access.EmailUnverified},
		"email, chosen": {"email", false, claims{}, address, access.EmailFine},
		"email, chosen and absent": {"email", true, claims{"email": nil, "preferred_username": address}, "",
			access.EmailMissing},
		"the user name, chosen, not trusted": {"preferred_username", false, claims{"email": nil, "email_verified": true,
			"preferred_username": "boss@harbor.example"}, "boss@harbor.example", access.EmailUnverified},
		"the user name, chosen, trusted": {"preferred_username", true, claims{"email": nil,
			"preferred_username": address}, address, access.EmailFine},
		"the user name, not chosen, trusted": {"", true, claims{"email": nil, "preferred_username": address}, address,
			access.EmailUnverified},
		"an address and a user name": {"", true, claims{"preferred_username": "boss@harbor.example"}, address,
			access.EmailFine},
		"a broken address and a user name": {"", false, claims{"email": "broken", "preferred_username": address}, address,
			access.EmailUnverified},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.dir.EmailClaim, d.dir.TrustAddresses = test.claim, test.trust
			d.provider.Behave(signintest.Behaviour{Claims: setClaims(test.change), Person: func(c claims) {
				setClaims(claims{"email": nil})(c)
			}})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			if id := done.Identity; id.Email != test.email || id.EmailProblem != test.want {
				t.Errorf("got %+v", id)
			}
		})
	}
}

// A claim that the directory uses must not be there twice in different case.
func TestChosenClaimsAreExact(t *testing.T) {
	for _, chosen := range []func(*access.Directory){
		func(d *access.Directory) { d.EmailClaim = "mail" }, func(d *access.Directory) { d.NameClaim = "mail" }} {
		d := newFixture(t)
		chosen(&d.dir)
		d.provider.Behave(signintest.Behaviour{Claims: setClaims(claims{"mail": "a@harbor.example", "Mail": "b"})})
		done, err := d.signIn(t)
		expectSignIn(t, done, err, access.Forbidden)
	}
}

// The chosen claim is read from userinfo, although the ID token has an address and a name.
func TestChosenClaimNeedsUserInfo(t *testing.T) {
	d := newFixture(t)
	d.dir.EmailClaim, d.dir.TrustAddresses = "mail", true
	d.provider.Behave(signintest.Behaviour{Person: setClaims(claims{"mail": "real@harbor.example"})})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
	if done.Identity.Email != "real@harbor.example" || !done.Identity.EmailTrusted {
		t.Errorf("got %+v", done.Identity)
	}
}
