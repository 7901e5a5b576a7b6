package connectortest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
)

func person(id string) connector.Subject {
	return connector.Subject{Tenant: "meridian", ID: access.PersonID(id), Name: id, Email: id + "@harbor.example"}
}

func resource(id string) access.Resource {
	r := access.Resource{ID: access.ResourceID(id), ExternalID: "x-" + id, Name: id}
	for _, role := range []string{"Member", "Owner"} {
		r.Roles = append(r.Roles, access.ResourceRole{ID: access.ResourceRoleID(id + role), Resource: r.ID, Name: role,
			ExternalID: role})
	}
	return r
}

func call(key string) connector.Call {
	r := resource("team")
	return connector.Call{Key: key, Person: person("ada"), Resource: r, Role: r.Roles[0]}
}

func holds(x *connectortest.Target) bool { return x.Holds("ada", "x-team", "Member") }

func TestTargetPassesTheSuite(t *testing.T) {
	connectortest.Run(t, func(*testing.T) connectortest.Harness {
		x := connectortest.NewTarget()
		x.LoseResource("x-gone", true)
		return connectortest.Harness{
			Connector: x, Ada: person("ada"), Ben: person("ben"), Resource: resource("team"), Gone: resource("gone"),
			Effects: func() int { return len(x.Ledger()) },
		}
	})
}

// A fault has the error and effect that its name says, and the next call succeeds.
func TestFaults(t *testing.T) {
	tests := map[string]struct {
		fault     connectortest.Fault
		kind      connector.Kind
		effect    bool
		permanent bool
	}{
		"before":         {connectortest.Fails(connector.Temporary), connector.Temporary, false, false},
		"denied":         {connectortest.Fails(connector.Denied), connector.Denied, false, true},
		"misconfigured":  {connectortest.Fails(connector.Misconfigured), connector.Misconfigured, false, true},
		"after":          {connectortest.FailsAfter(), connector.Temporary, true, false},
		"timeout before": {connectortest.TimeoutBefore(), connector.UnknownOutcome, false, false},
		"timeout after":  {connectortest.TimeoutAfter(), connector.UnknownOutcome, true, false},
		"limited":        {connectortest.RateLimited(time.Minute), connector.RateLimited, false, false},
		"no person":      {connectortest.NoPerson(), connector.NoPerson, false, false},
		"no resource":    {connectortest.NoResource(), connector.NoResource, false, true},
		"crash":          {connectortest.Crash(nil), connector.Temporary, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := connectortest.NewTarget()
			x.Script(connectortest.Grant, tt.fault)
			err := x.Grant(t.Context(), call("k"))
			if got := connector.Classify(err); got != tt.kind || connector.IsPermanent(err) != tt.permanent {
				t.Errorf("got %v of the kind %q, permanent %v", err, got, connector.IsPermanent(err))
			}
			if holds(x) != tt.effect {
				t.Errorf("changed the target: %v, want %v", holds(x), tt.effect)
			}
			if err := x.Grant(t.Context(), call("k")); err != nil || !holds(x) || len(x.Ledger()) != 1 {
				t.Errorf("the next call returned %v and the ledger is %v, want one change", err, x.Ledger())
			}
			if x.UnusedFaults() != 0 || x.Calls(connectortest.Grant) != 2 {
				t.Errorf("%d faults are left after %d calls", x.UnusedFaults(), x.Calls(connectortest.Grant))
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	x := connectortest.NewTarget()
	x.Script(connectortest.Observe, connectortest.RateLimited(90*time.Second))
	_, err := x.Observe(t.Context(), call("k"))
	if e, ok := errors.AsType[*connector.Error](err); !ok || e.RetryAfter != 90*time.Second {
		t.Errorf("got %v, want RetryAfter of 90 seconds", err)
	}
}

// Crash calls kill after the effect and before the call returns.
func TestCrashAfterEffect(t *testing.T) {
	x := connectortest.NewTarget()
	ctx, cancel := context.WithCancel(t.Context())
	var seen bool
	x.Script(connectortest.Grant, connectortest.Crash(func() {
		seen = holds(x)
		cancel()
	}))
	if err := x.Grant(ctx, call("k")); !errors.Is(err, connectortest.ErrCrashed) || !seen || ctx.Err() == nil {
		t.Errorf("got %v, effect before the kill %v, killed %v", err, seen, ctx.Err() != nil)
	}
}

func TestSlow(t *testing.T) {
	x, gate := connectortest.NewTarget(), make(chan struct{})
	x.Script(connectortest.Grant, connectortest.Slow(gate), connectortest.Slow(gate))
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- x.Grant(ctx, call("k")) }()
	cancel()
	if err := <-answer; connector.Classify(err) != connector.UnknownOutcome || holds(x) {
		t.Errorf("cancelled: got %v, changed the target %v", err, holds(x))
	}
	go func() { answer <- x.Grant(t.Context(), call("k")) }()
	close(gate)
	if err := <-answer; err != nil || !holds(x) {
		t.Errorf("opened: got %v, changed the target %v", err, holds(x))
	}
}

// A lost resource loses its holders. A lost person can get neither a role nor an
// account.
func TestLost(t *testing.T) {
	x := connectortest.NewTarget()
	if err := x.Grant(t.Context(), call("k")); err != nil {
		t.Fatal(err)
	}
	x.LoseResource("x-team", true)
	if err := x.Grant(t.Context(), call("k")); connector.Classify(err) != connector.NoResource || holds(x) {
		t.Errorf("lost resource: got %v, held %v", err, holds(x))
	}
	x.LoseResource("x-team", false)
	x.LosePerson("ada", true)
	account := connector.AccountCall{Key: "a", Person: person("ada")}
	for _, err := range []error{x.Grant(t.Context(), call("k2")), x.EnsureAccount(t.Context(), account)} {
		if connector.Classify(err) != connector.NoPerson || holds(x) {
			t.Errorf("lost person: got %v, held %v", err, holds(x))
		}
	}
	x.LosePerson("ada", false)
	if err := x.Grant(t.Context(), call("k2")); err != nil || !holds(x) {
		t.Errorf("person exists again: got %v, held %v", err, holds(x))
	}
}

// Repeated finds a change that was made again with the same key, after the target had
// drifted.
func TestRepeated(t *testing.T) {
	x := connectortest.NewTarget()
	if err := x.Grant(t.Context(), call("k")); err != nil {
		t.Fatal(err)
	}
	if got := x.Repeated(); len(got) != 0 {
		t.Errorf("one change is reported as repeated: %v", got)
	}
	x.Drift(connectortest.Right{Person: "ada", Resource: "x-team", Role: "Member"}, false)
	if err := x.Grant(t.Context(), call("k")); err != nil {
		t.Fatal(err)
	}
	if got := x.Repeated(); len(got) != 1 || got[0].Key != "k" {
		t.Errorf("repeated: %v, want the grant with the key k", got)
	}
}

// Every operation uses the faults that are queued for it.
func TestScriptOfEveryOp(t *testing.T) {
	do := map[connectortest.Op]func(*connectortest.Target) error{
		connectortest.Resolve: func(x *connectortest.Target) error {
			_, err := x.Resolve(t.Context(), resource("team"))
			return err
		},
		connectortest.Grant:  func(x *connectortest.Target) error { return x.Grant(t.Context(), call("k")) },
		connectortest.Revoke: func(x *connectortest.Target) error { return x.Revoke(t.Context(), call("k")) },
		connectortest.Observe: func(x *connectortest.Target) error {
			_, err := x.Observe(t.Context(), call("k"))
			return err
		},
	}
	account := connector.AccountCall{Key: "a", Person: person("ada")}
	do[connectortest.EnsureAccount] = func(x *connectortest.Target) error { return x.EnsureAccount(t.Context(), account) }
	do[connectortest.Block] = func(x *connectortest.Target) error { return x.SetBlocked(t.Context(), account, true) }
	do[connectortest.Unblock] = func(x *connectortest.Target) error { return x.SetBlocked(t.Context(), account, false) }
	do[connectortest.RemoveAccount] = func(x *connectortest.Target) error { return x.RemoveAccount(t.Context(), account) }
	do[connectortest.ObserveAccount] = func(x *connectortest.Target) error {
		_, err := x.ObserveAccount(t.Context(), account)
		return err
	}
	for _, op := range connectortest.Ops() {
		x := connectortest.NewTarget()
		x.Script(op, connectortest.Fails(connector.Denied))
		if err := do[op](x); connector.Classify(err) != connector.Denied || len(x.Ledger()) != 0 {
			t.Errorf("%s: got %v, and the ledger %v", op, err, x.Ledger())
		}
	}
}
