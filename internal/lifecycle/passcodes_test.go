package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// forEachEngineWithPasscodes runs f with a tenant that accepts one-time
// passcodes.
func forEachEngineWithPasscodes(t *testing.T, f func(h *harness)) {
	forEachEngine(t, func(h *harness) {
		h.changeSettings(func(s *access.Settings) { s.Passcode = true })
		f(h)
	})
}

// sendPasscode asks for a passcode and returns the one that was mailed.
func (h *harness) sendPasscode(address, key string) string {
	h.t.Helper()
	sent, err := h.Passcodes.Send(context.Background(), lifecycle.PasscodeRequest{Tenant: h.Tenant.ID, Address: address,
		Key:     key,
		Binding: "browser", ReturnTo: "/@meridian.example/requests"})
	if err != nil || !sent {
		h.t.Fatal(sent, err)
	}
	h.runJobs()
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	last := h.mailbox.got[len(h.mailbox.got)-1]
	_, after, ok := strings.Cut(last.Message.Text, "Code: ")
	if !ok || !strings.EqualFold(last.To, address) || strings.Contains(last.Message.Subject,
		after[:access.PasscodeDigits]) {
		h.t.Fatalf("the code is in the text of a mail to the address, and not in its subject: %+v", last)
	}
	return after[:access.PasscodeDigits]
}

// addPasscodeOrganization adds a passcode directory as a connected
// organization.
func (h *harness) addPasscodeOrganization() access.Directory {
	h.t.Helper()
	var dir access.Directory
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		dir = access.Directory{ID: access.DirectoryID(tx.NewID()), Owner: h.Tenant.ID, Kind: access.DirectoryPasscode,
			Name:      "Quay",
			AuthStyle: access.AuthNone,
			HintStyle: access.HintNone, Domains: []access.Domain{"quay.example"}, Enabled: true}
		if err := tx.SaveDirectory(ctx, dir, access.VerifiedByMail); err != nil {
			return err
		}
		return tx.SaveOrganization(ctx, access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: h.Tenant.ID,
			Name: "Quay", Description: "Harbour",
			State: access.Configured, Directories: []access.DirectoryID{dir.ID}})
	})
	return dir
}

// TestPasscodeSignIn: A passcode signs in once, in the browser that asked
// for it.
func TestPasscodeSignIn(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx := t.Context()
		dir := h.addPasscodeOrganization()
		code := h.sendPasscode("Ada@quay.example", "key")
		_, err := h.Passcodes.Redeem(ctx, "key", "another browser", code)
		wantKind(t, "another browser", err, access.NotFound)
		_, err = h.Passcodes.Redeem(ctx, "key", "browser", wrongCode(code))
		wantKind(t, "a wrong code", err, access.Invalid)
		redeemed, err := h.Passcodes.Redeem(ctx, "key", "browser", code[:4]+" "+code[4:])
		want := lifecycle.RedeemedPasscode{Tenant: h.Tenant.ID, ReturnTo: "/@meridian.example/requests",
			Identity: access.Identity{Directory: dir.ID, Subject: "ada@quay.example", Name: "ada@quay.example",
				Email: "ada@quay.example", EmailTrusted: true}}
		if err != nil || redeemed != want {
			t.Errorf("got %+v, %v", redeemed, err)
		}
		_, err = h.Passcodes.Redeem(ctx, "key", "browser", code)
		wantKind(t, "a second time", err, access.NotFound)
		if m, ok, err := h.ClaimMail(ctx, hour, ""); ok || err != nil {
			t.Errorf("nothing waits: %v, %v", m, err)
		}
	})
}

func wrongCode(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// TestPasscodeAttempts: A passcode expires by time and after too many wrong
// attempts.
func TestPasscodeAttempts(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx := t.Context()
		h.addPasscodeOrganization()
		code := h.sendPasscode("ada@quay.example", "tries")
		for range access.MaxPasscodeAttempts {
			_, err := h.Passcodes.Redeem(ctx, "tries", "browser", wrongCode(code))
			wantKind(t, "a wrong code", err, access.Invalid)
		}
		_, err := h.Passcodes.Redeem(ctx, "tries", "browser", code)
		wantKind(t, "the right code after too many wrong ones", err, access.NotFound)

		code = h.sendPasscode("ada@quay.example", "late")
		h.clock.Advance(access.PasscodeLifetime)
		_, err = h.Passcodes.Redeem(ctx, "late", "browser", code)
		wantKind(t, "too late", err, access.NotFound)
	})
}

// askPasscode asks for a passcode from a browser in a network, and reports whether a mail
// was sent.
func (h *harness) askPasscode(key, browser, client string) bool {
	h.t.Helper()
	sent, err := h.Passcodes.Send(context.Background(), lifecycle.PasscodeRequest{Tenant: h.Tenant.ID,
		Address: "ada@quay.example", Key: key, Binding: browser, Client: client})
	if err != nil {
		h.t.Fatal(err)
	}
	return sent
}

// TestStrangersBlockNoPasscode: A stranger who asks for codes without end keeps nobody from
// signing in, from the same network or another one: with an own mail, or with the code of
// the last one. The mails to a mailbox are limited all the same.
func TestStrangersBlockNoPasscode(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx := t.Context()
		h.addPasscodeOrganization()
		mails := 0
		for i := range 3600 / 20 { // an hour, three a minute
			if h.askPasscode(fmt.Sprint("stranger ", i), fmt.Sprint("browser ", i), "192.0.2.7") {
				mails++
			}
			if i%10 == 3 { // and wrong codes
				for range 2 {
					_, _ = h.Passcodes.Redeem(ctx, fmt.Sprint("stranger ", i), fmt.Sprint("browser ", i), "00000000")
				}
			}
			if i%45 == 40 {
				key, network := fmt.Sprint("ada ", i), []string{"192.0.2.7", "198.51.100.1"}[i%2]
				h.askPasscode(key, "ada", network)
				if r, err := h.Passcodes.Redeem(ctx, key, "ada", h.newestCode("ada@quay.example")); err != nil ||
					r.Identity.Subject != "ada@quay.example" {
					t.Errorf("after %d requests, from %s: %+v, %v", i, network, r, err)
				}
				_, err := h.Passcodes.Redeem(ctx, key, "ada", h.newestCode("ada@quay.example"))
				wantKind(t, "the code a second time", err, access.NotFound)
			}
			h.clock.Advance(20 * time.Second)
		}
		if most := access.PasscodeBurst + 12 + 4; mails > most { // and after each of Ada's sign-ins
			t.Errorf("%d mails in an hour, want at most %d", mails, most)
		}
	})
}

// newestCode delivers the mails and returns the code in the newest one to the address.
func (h *harness) newestCode(address string) string {
	h.t.Helper()
	h.runJobs()
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	for _, e := range slices.Backward(h.mailbox.got) {
		if _, after, ok := strings.Cut(e.Message.Text, "Code: "); ok && e.To == address {
			return after[:access.PasscodeDigits]
		}
	}
	h.t.Fatalf("no code was sent to %s", address)
	return ""
}

// TestSharedPasscode: The code of the last mail can be entered in browsers that have asked
// for one to the address, with a limit of wrong codes for each and for its network; it is
// valid no longer than in its own browser, and once.
func TestSharedPasscode(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx := t.Context()
		h.addPasscodeOrganization()
		for i := range access.PasscodeBurst {
			if !h.askPasscode(fmt.Sprint("first ", i), "stranger", "192.0.2.7") {
				t.Errorf("request %d gets no mail", i)
			}
		}
		code := h.newestCode("ada@quay.example")
		for i := range 4 {
			key := fmt.Sprint("guess ", i)
			if h.askPasscode(key, "stranger", "192.0.2.7") {
				t.Errorf("request %d gets a mail", access.PasscodeBurst+i)
			}
			for n := range access.MaxPasscodeAttempts {
				_, err := h.Passcodes.Redeem(ctx, key, "stranger", wrongCode(code))
				want := access.Invalid
				if i*access.MaxPasscodeAttempts+n >= access.MaxSharedAttempts {
					want = access.NotFound
				}
				wantKind(t, fmt.Sprint("a wrong code in sign-in ", i), err, want)
			}
		}
		h.askPasscode("elsewhere", "ada", "198.51.100.1")
		_, err := h.Passcodes.Redeem(ctx, "elsewhere", "stranger", code)
		wantKind(t, "in a browser that has not asked", err, access.NotFound)
		h.clock.Advance(access.PasscodeInterval - time.Second)
		h.askPasscode("late", "ada", "198.51.100.1")
		if _, err := h.Passcodes.Redeem(ctx, "late", "ada", code); err != nil {
			t.Errorf("Ada, in another network: %v", err)
		}
		_, err = h.Passcodes.Redeem(ctx, "elsewhere", "ada", code)
		wantKind(t, "in a second browser", err, access.NotFound)
		if !h.askPasscode("again", "ada", "198.51.100.1") {
			t.Error("after a sign-in there is no mail")
		}
		h.askPasscode("shared", "ada", "198.51.100.1")
		h.clock.Advance(access.PasscodeLifetime)
		_, err = h.Passcodes.Redeem(ctx, "shared", "ada", h.newestCode("ada@quay.example"))
		wantKind(t, "too late", err, access.NotFound)
	})
}

// TestPasscodeEligibility: Which addresses get a passcode, and which directory
// they sign in to.
func TestPasscodeEligibility(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx := t.Context()
		h.addPasscodeOrganization()
		send := func(address string) error {
			_, err := h.Passcodes.Send(ctx, lifecycle.PasscodeRequest{Tenant: h.Tenant.ID, Address: address, Key: address,
				Binding: "browser"})
			return err
		}
		wantKind(t, "whose organization has a provider", send("mara@harbor.example"), access.NotFound)
		wantKind(t, "a domain below", send("ada@sub.quay.example"), access.NotFound)
		wantKind(t, "no address", send("quay.example"), access.NotFound)
		wantKind(t, "nobody's domain, without a package for anybody", send("eve@unknown.example"), access.NotFound)

		o := h.Package("Open house", access.Policy{Scope: access.ScopeAnyone, Terms: stages(groupStage(h.Reviewers))})
		code := h.sendPasscode("eve@unknown.example", "eve")
		redeemed, err := h.Passcodes.Redeem(ctx, "eve", "browser", code)
		if err != nil {
			t.Fatal(err)
		}
		a, err := h.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Identity: redeemed.Identity, Tenant: h.Tenant.ID,
			Session: access.Session{Key: "session"}})
		if err != nil {
			t.Fatal(err)
		}
		h.submit(a, o, access.RequestForm{})
		org, ok, err := h.OrganizationOf(ctx, h.Tenant.ID, redeemed.Identity.Directory)
		if err != nil || !ok || org.State != access.Proposed {
			t.Errorf("her organization is proposed (F-075): %+v, %v, %v", org, ok, err)
		}

		h.Do(func(ctx context.Context, tx *store.Tx) error {
			pending := access.Directory{ID: access.DirectoryID(tx.NewID()), Owner: h.Tenant.ID, Kind: access.DirectoryOpenID,
				Name: "mole.example", Issuer: "https://login.pier.example",
				ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone,
				DomainClaims: []access.DomainClaim{{Domain: "pier.example", Token: "t"}}, Enabled: true}
			return tx.SaveDirectory(ctx, pending, access.VerifiedByDNS)
		})
		wantKind(t, "a domain that waits for the proof that it is a provider's", send("ada@pier.example"), access.NotFound)
		h.runJobs()
		code = h.sendPasscode("moe@mole.example", "mole")
		redeemed, err = h.Passcodes.Redeem(ctx, "mole", "browser", code)
		if err != nil || redeemed.Identity.Directory == "" {
			t.Errorf("a provider named like the domain blocks passcodes: %v", err)
		}

		h.changeSettings(func(s *access.Settings) { s.Passcode = false })
		wantKind(t, "codes are switched off", send("ada@quay.example"), access.NotFound)
	})
}
