package connectortest

import (
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// The parts of the suite in this file do nothing for connectors without accounts.

func (h Harness) account(key string, who connector.Subject) connector.AccountCall {
	return connector.AccountCall{Key: key, Person: who}
}

// expectState fails the test unless the account has the state.
func (h Harness) expectState(t *testing.T, a connector.Accounts, who connector.Subject, want access.GuestState) {
	t.Helper()
	got, err := a.ObserveAccount(t.Context(), h.account("look", who))
	must(t, err)
	if got != want {
		t.Fatalf("the account of %s is %s, want %s", who.Name, got, want)
	}
}

func testAccounts(t *testing.T, h Harness) {
	a, ok := h.Connector.(connector.Accounts)
	if !ok {
		return
	}
	h.expectState(t, a, h.Ada, access.GuestActive)
	must(t, h.Connector.Grant(t.Context(), h.call("g", h.Ada)))
	must(t, a.SetBlocked(t.Context(), h.account("b", h.Ada), true))
	h.expectState(t, a, h.Ada, access.GuestBlocked)
	h.expectHeld(t, h.call("g", h.Ada), true) // blocking keeps the roles
	must(t, a.SetBlocked(t.Context(), h.account("u", h.Ada), false))
	h.expectState(t, a, h.Ada, access.GuestActive)
	must(t, a.RemoveAccount(t.Context(), h.account("r", h.Ada)))
	h.expectState(t, a, h.Ada, access.GuestRemoved)
	h.expectHeld(t, h.call("g", h.Ada), false) // removed with its roles
	must(t, a.EnsureAccount(t.Context(), h.account("e", h.Ada)))
	h.expectState(t, a, h.Ada, access.GuestActive)
	h.expectHeld(t, h.call("g", h.Ada), false)
}

func testSeparateAccounts(t *testing.T, h Harness) {
	a, ok := h.Connector.(connector.Accounts)
	if !ok {
		return
	}
	must(t, h.Connector.Grant(t.Context(), h.call("g", h.Ben)))
	must(t, a.SetBlocked(t.Context(), h.account("b", h.Ada), true))
	h.expectState(t, a, h.Ben, access.GuestActive)
	must(t, a.RemoveAccount(t.Context(), h.account("r", h.Ada)))
	h.expectState(t, a, h.Ben, access.GuestActive)
	h.expectHeld(t, h.call("g", h.Ben), true)
}

func testWithoutAccount(t *testing.T, h Harness) {
	a, ok := h.Connector.(connector.Accounts)
	if !ok {
		return
	}
	cleo := h.Ada
	cleo.ID, cleo.Name, cleo.Email = "0197-nobody", "Cleo Nobody", "cleo@harbor.example"
	h.expectState(t, a, cleo, access.GuestNone)
	h.expectHeld(t, h.call("k", cleo), false)
	must(t, h.Connector.Revoke(t.Context(), h.call("k", cleo)))
}

func testRepeatAccounts(t *testing.T, h Harness) {
	a, ok := h.Connector.(connector.Accounts)
	if !ok {
		return
	}
	ada := func(key string) connector.AccountCall { return h.account(key, h.Ada) }
	h.expectChanges(t, 0, func() { must(t, a.EnsureAccount(t.Context(), ada("e2"))) })
	for _, blocked := range []bool{true, false} {
		h.expectChanges(t, 1, func() {
			must(t, a.SetBlocked(t.Context(), ada("b"), blocked))
			must(t, a.SetBlocked(t.Context(), ada("b"), blocked))
		})
	}
	h.expectChanges(t, 1, func() {
		must(t, a.RemoveAccount(t.Context(), ada("r")))
		must(t, a.RemoveAccount(t.Context(), ada("r")))
		must(t, a.RemoveAccount(t.Context(), ada("r2")))
	})
	h.expectState(t, a, h.Ada, access.GuestRemoved)
}
