package lifecycle_test

import (
	"context"
	"strings"
	"testing"

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
	err := h.Passcodes.Send(context.Background(), lifecycle.PasscodeRequest{Tenant: h.Tenant.ID, Address: address,
		Key:     key,
		Binding: "browser", ReturnTo: "/@meridian.example/requests"})
	if err != nil {
		h.t.Fatal(err)
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
// attempts; an address gets only so many per hour.
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

		for i := 2; i < access.MaxPasscodesPerHour; i++ {
			h.sendPasscode("ada@quay.example", "more"+strings.Repeat("e", i))
		}
		again := lifecycle.PasscodeRequest{Tenant: h.Tenant.ID, Address: "ADA@quay.example", Key: "last", Binding: "browser"}
		wantKind(t, "too many for one address", h.Passcodes.Send(ctx, again), access.TooManyRequests)
		h.clock.Advance(hour)
		if err := h.Passcodes.Send(ctx, again); err != nil {
			t.Errorf("an hour later: %v", err)
		}
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
			return h.Passcodes.Send(ctx, lifecycle.PasscodeRequest{Tenant: h.Tenant.ID, Address: address, Key: address,
				Binding: "browser"})
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
