package lifecycle_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store/storetest"
)

// TestAuditOfSignIns: a person from outside signs in for the first time, again under
// another name, and signs out; a member signs in and out.
func TestAuditOfSignIns(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a, ctx := h.AuditTrail(), context.Background()
		_, dave, _ := h.signIn(identity(h.Harbor.ID, "s1", "Dave", "dave@harbor.example"), "1")
		a.Name("Dave", string(dave.ID))
		a.Want("Dave | Create | person Dave | > external", "Dave | Sign in | person Dave")
		h.signIn(identity(h.Harbor.ID, "s1", "Dave", "dave@harbor.example"), "2")
		a.Want("Dave | Sign in | person Dave")
		h.signIn(identity(h.Harbor.ID, "s1", "Dave Marsh", "d.marsh@harbor.example"), "3")
		a.Want("Dave | Update | person Dave | Dave <dave@harbor.example> > Dave Marsh <d.marsh@harbor.example>",
			"Dave | Sign in | person Dave")
		if err := h.SignIns.EndSession(ctx, "3"); err != nil { // of a directory that hosts no tenant
			h.t.Fatal(err)
		}
		a.Want()
		account, nora, _ := h.signIn(identity(h.Tenant.Directory, "nora", "Nora Vik", "nora@meridian.example"), "4")
		a.Name("Nora Vik", string(nora.ID))
		a.Name("of Nora Vik", string(account.ID))
		a.Want("Nora Vik | Create | person Nora Vik | > member", "Nora Vik | Sign in | person Nora Vik")
		if err := h.SignIns.EndSession(ctx, "4"); err != nil {
			h.t.Fatal(err)
		}
		a.Want("system | Sign out | account of Nora Vik")
	})
}

// TestAuditOfProposedOrganization: F-075: the first request from an unknown organization
// proposes it. Its kind is that of an organization that an administrator adds.
func TestAuditOfProposedOrganization(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeAnyone, Terms: stages(storetest.Named(h.Lena))})
		zoe := h.addAccount(h.Other, "Zoe Else", "zoe@elsewhere.example")
		h.submitTo(a, zoe, o, access.RequestForm{})
		proposed, ok, err := h.OrganizationOf(context.Background(), h.Tenant.ID, h.Other.ID)
		if err != nil || !ok || proposed.State != access.Proposed {
			h.t.Fatalf("%+v, %v", proposed, err)
		}
		a.Name("Elsewhere", string(proposed.ID))
		a.Want("Zoe Else | Create | person Zoe Else | > external",
			"Zoe Else | Create | connectedOrganization Elsewhere | > proposed",
			"Zoe Else | User requests access package assignment | request Tidal | > submitted",
			"system | Create request approval | request Tidal | submitted > pendingApproval")
	})
}

// TestAuditOfPasscodeDirectory: F-195: the first sign-in of a domain with a one-time
// passcode adds its directory.
func TestAuditOfPasscodeDirectory(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		ctx := context.Background()
		h.Package("Tidal", access.Policy{Scope: access.ScopeAnyone, Terms: stages(storetest.Named(h.Lena))})
		code := h.sendPasscode("ada@quay.example", "key")
		a := h.AuditTrail()
		redeemed, err := h.Passcodes.Redeem(ctx, "key", "browser", code)
		if err != nil {
			h.t.Fatal(err)
		}
		a.Name("of Quay", string(redeemed.Identity.Directory))
		a.Want("system | Create | directory of Quay | > quay.example | first sign-in with a one-time passcode")
		if _, err := h.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Identity: redeemed.Identity, Tenant: h.Tenant.ID,
			Session: access.Session{Key: "1"}}); err != nil {
			h.t.Fatal(err)
		}
		a.Skip()
		code = h.sendPasscode("ben@quay.example", "key2")
		if _, err = h.Passcodes.Redeem(ctx, "key2", "browser", code); err != nil {
			h.t.Fatal(err)
		}
		a.Want() // the directory is there
	})
}
