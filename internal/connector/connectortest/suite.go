package connectortest

import (
	"context"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// Harness is a connector under test, over a fresh target.
type Harness struct {
	Connector connector.Connector
	// Ada and Ben exist in the target, or can get an account by EnsureAccount. They
	// hold no roles.
	Ada, Ben connector.Subject
	// Resource exists in the target with at least two roles.
	Resource access.Resource
	// Gone is a resource with a role that does not exist in the target.
	Gone access.Resource
	// Effects returns the number of changes in the target so far.
	Effects func() int
}

// Run runs the suite. open returns a fresh target for each part of it.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for name, part := range map[string]func(*testing.T, Harness){
		"its capabilities are true":   testDescribe,
		"a resource is resolved":      testResolve,
		"a grant is observed":         testGrant,
		"a revocation is observed":    testRevoke,
		"a repeated call":             testRepeat,
		"other people and roles":      testSeparateKeys,
		"a missing resource":          testMissingResource,
		"a missing role":              testMissingRole,
		"concurrent calls":            testConcurrent,
		"a cancelled call":            testCancelled,
		"the life of an account":      testAccounts,
		"separate accounts":           testSeparateAccounts,
		"a person without an account": testWithoutAccount,
		"repeated calls of accounts":  testRepeatAccounts,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			if a, ok := h.Connector.(connector.Accounts); ok {
				for _, who := range []connector.Subject{h.Ada, h.Ben} {
					must(t, a.EnsureAccount(t.Context(), connector.AccountCall{Key: "suite/" + string(who.ID), Person: who}))
				}
			}
			part(t, h)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got %v (%s), want success", err, connector.Classify(err))
	}
}

// call returns a call for the first role of the resource.
func (h Harness) call(key string, who connector.Subject) connector.Call {
	return connector.Call{Key: key, Person: who, Resource: h.Resource, Role: h.Resource.Roles[0]}
}

// expectHeld fails the test unless the role is held, or is not. It does nothing if the
// target cannot be observed.
func (h Harness) expectHeld(t *testing.T, c connector.Call, want bool) {
	t.Helper()
	if !h.Connector.Describe().Observes {
		return
	}
	held, err := h.Connector.Observe(t.Context(), c)
	must(t, err)
	if held != want {
		t.Fatalf("%s holds %s in %s: %v, want %v", c.Person.Name, c.Role.Name, c.Resource.Name, held, want)
	}
}

// expectChanges fails the test unless do makes n changes in the target.
func (h Harness) expectChanges(t *testing.T, n int, do func()) {
	t.Helper()
	before := h.Effects()
	do()
	if got := h.Effects() - before; got != n {
		t.Fatalf("%d changes in the target, want %d", got, n)
	}
}

func testDescribe(t *testing.T, h Harness) {
	if _, ok := h.Connector.(connector.Accounts); h.Connector.Describe().Accounts && !ok {
		t.Error("Describe says Accounts, but the connector does not implement them")
	}
	_, err := h.Connector.Observe(t.Context(), h.call("k", h.Ada))
	unsupported := connector.Classify(err) == connector.Unsupported
	if h.Connector.Describe().Observes == unsupported {
		t.Errorf("Describe says Observes: %v; Observe returned %v", h.Connector.Describe().Observes, err)
	}
}

func testResolve(t *testing.T, h Harness) {
	got, err := h.Connector.Resolve(t.Context(), h.Resource)
	must(t, err)
	if got.ID != h.Resource.ID || got.ExternalID != h.Resource.ExternalID || got.Name == "" {
		t.Errorf("resolved to %+v, want the resource %+v", got, h.Resource)
	}
	if len(got.Roles) < 2 {
		t.Errorf("roles %v, want at least two", got.Roles)
	}
	for _, r := range got.Roles {
		if r.Resource != h.Resource.ID || r.Name == "" || r.ExternalID == "" {
			t.Errorf("the role %+v is not complete", r)
		}
	}
	_, err = h.Connector.Resolve(t.Context(), h.Gone)
	wantKind(t, err, connector.NoResource)
}

func wantKind(t *testing.T, err error, want connector.Kind) {
	t.Helper()
	if got := connector.Classify(err); got != want {
		t.Errorf("got %v of the kind %q, want %q", err, got, want)
	}
	if err != nil && connector.Reason(err) == "" {
		t.Errorf("no reason for %v", err)
	}
}

func testGrant(t *testing.T, h Harness) {
	c := h.call("k1", h.Ada)
	h.expectHeld(t, c, false)
	h.expectChanges(t, 1, func() { must(t, h.Connector.Grant(t.Context(), c)) })
	h.expectHeld(t, c, true)
}

func testRevoke(t *testing.T, h Harness) {
	must(t, h.Connector.Grant(t.Context(), h.call("k1", h.Ada)))
	c := h.call("k2", h.Ada)
	h.expectChanges(t, 1, func() { must(t, h.Connector.Revoke(t.Context(), c)) })
	h.expectHeld(t, c, false)
	c = h.call("k3", h.Ada)
	h.expectChanges(t, 1, func() { must(t, h.Connector.Grant(t.Context(), c)) })
	h.expectHeld(t, c, true)
}

func testRepeat(t *testing.T, h Harness) {
	c := h.fiveCalls(h.Ada)
	h.expectChanges(t, 0, func() { must(t, h.Connector.Revoke(t.Context(), c[0])) }) // never held
	h.expectChanges(t, 1, func() {
		must(t, h.Connector.Grant(t.Context(), c[1]))
		must(t, h.Connector.Grant(t.Context(), c[1])) // the same change again
		must(t, h.Connector.Grant(t.Context(), c[2])) // another change to the same state
	})
	h.expectHeld(t, c[1], true)
	h.expectChanges(t, 1, func() {
		must(t, h.Connector.Revoke(t.Context(), c[3]))
		must(t, h.Connector.Revoke(t.Context(), c[3]))
		must(t, h.Connector.Revoke(t.Context(), c[4]))
	})
	h.expectHeld(t, c[3], false)
}

// fiveCalls returns five calls for the same role, with different keys.
func (h Harness) fiveCalls(who connector.Subject) (calls [5]connector.Call) {
	for i := range calls {
		calls[i] = h.call("k"+string(rune('0'+i)), who)
	}
	return calls
}

func testSeparateKeys(t *testing.T, h Harness) {
	ada, ben, other := h.call("a", h.Ada), h.call("b", h.Ben), h.call("o", h.Ada)
	other.Role = h.Resource.Roles[1]
	must(t, h.Connector.Grant(t.Context(), ada))
	h.expectHeld(t, ben, false)
	h.expectHeld(t, other, false)
	must(t, h.Connector.Grant(t.Context(), ben))
	must(t, h.Connector.Grant(t.Context(), other))
	ada.Key = "a2"
	must(t, h.Connector.Revoke(t.Context(), ada))
	h.expectHeld(t, ada, false)
	h.expectHeld(t, ben, true)
	h.expectHeld(t, other, true)
}

func testMissingResource(t *testing.T, h Harness) {
	c := connector.Call{Key: "k", Person: h.Ada, Resource: h.Gone, Role: h.Gone.Roles[0]}
	h.expectChanges(t, 0, func() {
		wantKind(t, h.Connector.Grant(t.Context(), c), connector.NoResource)
		must(t, h.Connector.Revoke(t.Context(), c)) // a missing resource has no holders
	})
	h.expectHeld(t, c, false)
}

func testMissingRole(t *testing.T, h Harness) {
	c := h.call("k", h.Ada)
	c.Role = access.ResourceRole{ID: "no-such-role", Resource: h.Resource.ID, Name: "No such role",
		ExternalID: "no-such-role"}
	h.expectChanges(t, 0, func() {
		wantKind(t, h.Connector.Grant(t.Context(), c), connector.NoResource)
		must(t, h.Connector.Revoke(t.Context(), c))
	})
	h.expectHeld(t, c, false)
}

// callers is the number of concurrent calls.
const callers = 8

func testConcurrent(t *testing.T, h Harness) {
	c := h.call("k1", h.Ada)
	h.expectChanges(t, 1, func() { runConcurrently(t, func() error { return h.Connector.Grant(t.Context(), c) }) })
	h.expectHeld(t, c, true)
	c.Key = "k2"
	h.expectChanges(t, 1, func() { runConcurrently(t, func() error { return h.Connector.Revoke(t.Context(), c) }) })
	h.expectHeld(t, c, false)
}

// runConcurrently runs do concurrently; every call must succeed.
func runConcurrently(t *testing.T, do func() error) {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, callers)
	for i := range callers {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	for _, err := range errs {
		must(t, err)
	}
}

func testCancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := h.call("k", h.Ada)
	h.expectChanges(t, 0, func() {
		err := h.Connector.Grant(ctx, c)
		if err == nil || connector.IsPermanent(err) {
			t.Errorf("a cancelled call returned %v, want an error that is not permanent", err)
		}
	})
	must(t, h.Connector.Grant(t.Context(), c))
	h.expectHeld(t, c, true)
}
