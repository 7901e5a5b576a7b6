package connectortest

import (
	"context"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// Harness is a connector under test with what a fresh target behind it has.
type Harness struct {
	Connector connector.Connector
	// Ada and Ben are people whom the target knows, or who get an account by
	// EnsureAccount. They hold nothing.
	Ada, Ben connector.Subject
	// Resource exists in the target with at least two roles.
	Resource access.Resource
	// Gone is a resource that the target does not have, with a role.
	Gone access.Resource
	// Effects counts what has changed in the target so far.
	Effects func() int
}

// Run runs the suite. open makes a fresh target for each part of it.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for name, part := range map[string]func(*testing.T, Harness){
		"what it says of itself":      describes,
		"a resource is resolved":      resolves,
		"a grant is held and seen":    grants,
		"a revocation is seen":        revokes,
		"a repeated call":             repeats,
		"other people and roles":      keepsApart,
		"a resource that is gone":     gone,
		"a role that does not exist":  noSuchRole,
		"many calls at once":          together,
		"a call that is given up":     givenUp,
		"accounts live and die":       accounts,
		"accounts keep apart":         accountsApart,
		"no account has nothing":      noAccount,
		"an account that is repeated": accountRepeats,
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
		t.Fatalf("answered %v (%s), want success", err, connector.Classify(err))
	}
}

// call is a call for the first role of the resource.
func (h Harness) call(key string, who connector.Subject) connector.Call {
	return connector.Call{Key: key, Person: who, Resource: h.Resource, Role: h.Resource.Roles[0]}
}

// wants fails the test unless the target shows that the role is held, or not.
func (h Harness) wants(t *testing.T, c connector.Call, want bool) {
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

// changes fails the test unless do changes the target exactly n times.
func (h Harness) changes(t *testing.T, n int, do func()) {
	t.Helper()
	before := h.Effects()
	do()
	if got := h.Effects() - before; got != n {
		t.Fatalf("the target changed %d times, want %d", got, n)
	}
}

func describes(t *testing.T, h Harness) {
	if _, ok := h.Connector.(connector.Accounts); h.Connector.Describe().Accounts && !ok {
		t.Error("it says that it keeps accounts, but has no methods for them")
	}
	_, err := h.Connector.Observe(t.Context(), h.call("k", h.Ada))
	unsupported := connector.Classify(err) == connector.Unsupported
	if h.Connector.Describe().Observes == unsupported {
		t.Errorf("it says that it can be looked at: %v; a look answered %v", !unsupported, err)
	}
}

func resolves(t *testing.T, h Harness) {
	got, err := h.Connector.Resolve(t.Context(), h.Resource)
	must(t, err)
	if got.ID != h.Resource.ID || got.ExternalID != h.Resource.ExternalID || got.Name == "" {
		t.Errorf("resolved to %+v, want the resource %+v", got, h.Resource)
	}
	if len(got.Roles) < 2 {
		t.Errorf("has the roles %v, want two at least", got.Roles)
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
		t.Errorf("answered %v of the kind %q, want %q", err, got, want)
	}
	if err != nil && connector.Reason(err) == "" {
		t.Errorf("gives no reason for %v", err)
	}
}

func grants(t *testing.T, h Harness) {
	c := h.call("k1", h.Ada)
	h.wants(t, c, false)
	h.changes(t, 1, func() { must(t, h.Connector.Grant(t.Context(), c)) })
	h.wants(t, c, true)
}

func revokes(t *testing.T, h Harness) {
	must(t, h.Connector.Grant(t.Context(), h.call("k1", h.Ada)))
	c := h.call("k2", h.Ada)
	h.changes(t, 1, func() { must(t, h.Connector.Revoke(t.Context(), c)) })
	h.wants(t, c, false)
	c = h.call("k3", h.Ada)
	h.changes(t, 1, func() { must(t, h.Connector.Grant(t.Context(), c)) })
	h.wants(t, c, true)
}

func repeats(t *testing.T, h Harness) {
	c := h.connectorCalls(h.Ada)
	h.changes(t, 0, func() { must(t, h.Connector.Revoke(t.Context(), c[0])) }) // never held
	h.changes(t, 1, func() {
		must(t, h.Connector.Grant(t.Context(), c[1]))
		must(t, h.Connector.Grant(t.Context(), c[1])) // the same wish again
		must(t, h.Connector.Grant(t.Context(), c[2])) // another wish for the same
	})
	h.wants(t, c[1], true)
	h.changes(t, 1, func() {
		must(t, h.Connector.Revoke(t.Context(), c[3]))
		must(t, h.Connector.Revoke(t.Context(), c[3]))
		must(t, h.Connector.Revoke(t.Context(), c[4]))
	})
	h.wants(t, c[3], false)
}

// connectorCalls are five calls for the same, each with a key of its own.
func (h Harness) connectorCalls(who connector.Subject) (calls [5]connector.Call) {
	for i := range calls {
		calls[i] = h.call("k"+string(rune('0'+i)), who)
	}
	return calls
}

func keepsApart(t *testing.T, h Harness) {
	ada, ben, other := h.call("a", h.Ada), h.call("b", h.Ben), h.call("o", h.Ada)
	other.Role = h.Resource.Roles[1]
	must(t, h.Connector.Grant(t.Context(), ada))
	h.wants(t, ben, false)
	h.wants(t, other, false)
	must(t, h.Connector.Grant(t.Context(), ben))
	must(t, h.Connector.Grant(t.Context(), other))
	ada.Key = "a2"
	must(t, h.Connector.Revoke(t.Context(), ada))
	h.wants(t, ada, false)
	h.wants(t, ben, true)
	h.wants(t, other, true)
}

func gone(t *testing.T, h Harness) {
	c := connector.Call{Key: "k", Person: h.Ada, Resource: h.Gone, Role: h.Gone.Roles[0]}
	h.changes(t, 0, func() {
		wantKind(t, h.Connector.Grant(t.Context(), c), connector.NoResource)
		must(t, h.Connector.Revoke(t.Context(), c)) // nothing is held in what is gone
	})
	h.wants(t, c, false)
}

func noSuchRole(t *testing.T, h Harness) {
	c := h.call("k", h.Ada)
	c.Role = access.ResourceRole{ID: "no-such-role", Resource: h.Resource.ID, Name: "No such role",
		ExternalID: "no-such-role"}
	h.changes(t, 0, func() {
		wantKind(t, h.Connector.Grant(t.Context(), c), connector.NoResource)
		must(t, h.Connector.Revoke(t.Context(), c))
	})
	h.wants(t, c, false)
}

// many is how many calls are made at once.
const many = 8

func together(t *testing.T, h Harness) {
	c := h.call("k1", h.Ada)
	h.changes(t, 1, func() { atOnce(t, func() error { return h.Connector.Grant(t.Context(), c) }) })
	h.wants(t, c, true)
	c.Key = "k2"
	h.changes(t, 1, func() { atOnce(t, func() error { return h.Connector.Revoke(t.Context(), c) }) })
	h.wants(t, c, false)
}

func atOnce(t *testing.T, do func() error) {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, many)
	for i := range many {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	for _, err := range errs {
		must(t, err)
	}
}

func givenUp(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := h.call("k", h.Ada)
	h.changes(t, 0, func() {
		err := h.Connector.Grant(ctx, c)
		if err == nil || connector.IsPermanent(err) {
			t.Errorf("a call that was given up answered %v, want an error that may be tried again", err)
		}
	})
	must(t, h.Connector.Grant(t.Context(), c))
	h.wants(t, c, true)
}
