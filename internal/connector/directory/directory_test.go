package directory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/connector/directory"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

func subject(p access.Person) connector.Subject {
	return connector.Subject{Tenant: p.Tenant, ID: p.ID, Directory: p.Directory, Name: p.Name, Email: p.Email}
}

func TestDirectoryPassesTheSuite(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Harness {
				w := storetest.NewWorld(t, storetest.Open(t, address(t), storetest.NewClock().Now))
				lost := w.Team
				lost.ExternalID = "0197-no-such-entry"
				return connectortest.Harness{
					Connector: directory.New(w.Store, w.Entry), Ada: subject(w.Lena), Ben: subject(w.Omar),
					Resource: w.Team, Gone: lost, Effects: func() int { return len(ledger(t, w)) },
				}
			})
		})
	}
}

func ledger(t *testing.T, w *storetest.World) []store.LedgerLine {
	t.Helper()
	effects, err := w.Ledger(context.Background(), w.Tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	return effects
}

// The ledger of the directory has the key of the call.
func TestLedgerHasTheKey(t *testing.T) {
	w := storetest.NewWorld(t, storetest.New(t, storetest.NewClock()))
	d := directory.New(w.Store, w.Entry)
	call := connector.Call{Key: "grant/7", Person: subject(w.Lena), Resource: w.Team, Role: w.Team.Roles[0]}
	if err := d.Grant(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	if got := ledger(t, w); len(got) != 1 || got[0].IdempotencyKey != "grant/7" {
		t.Errorf("the ledger is %+v, want one line with the key grant/7", got)
	}
}

// The name, link and roles of a resource come from the entry, not from the caller.
func TestResolve(t *testing.T) {
	w := storetest.NewWorld(t, storetest.New(t, storetest.NewClock()))
	d := directory.New(w.Store, w.Entry)
	old := access.Resource{ID: w.Site.ID, Tenant: w.Tenant.ID, Target: w.Site.Target, ExternalID: w.Site.ExternalID,
		Name: "Old name", Kind: access.KindGroup}
	got, err := d.Resolve(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	want := w.Site
	want.Roles = nil
	for _, name := range []string{"Member", "Owner", "Visitor"} {
		want.Roles = append(want.Roles, access.ResourceRole{Resource: w.Site.ID, Name: name, ExternalID: name})
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Entries of other tenants do not exist for a tenant.
func TestOtherTenantsEntry(t *testing.T) {
	w := storetest.NewWorld(t, storetest.New(t, storetest.NewClock()))
	d := directory.New(w.Store, w.Entry)
	stranger := subject(w.Lena)
	stranger.Tenant = "0197-other-tenant"
	err := d.Grant(t.Context(), connector.Call{Key: "k", Person: stranger, Resource: w.Team, Role: w.Team.Roles[0]})
	if connector.Classify(err) != connector.NoResource || len(ledger(t, w)) != 0 {
		t.Errorf("got %v, and the ledger %v, want NoResource", err, ledger(t, w))
	}
}

// broken returns the same error from every method.
type broken struct{ err error }

func (b broken) AddMember(context.Context, access.TenantID, access.Membership) error    { return b.err }
func (b broken) RemoveMember(context.Context, access.TenantID, access.Membership) error { return b.err }
func (b broken) IsMember(context.Context, access.TenantID, access.Membership) (bool, error) {
	return false, b.err
}
func (b broken) SetAccount(context.Context, access.TenantID, access.PersonID, access.GuestState, string) error {
	return b.err
}
func (b broken) AccountState(context.Context, access.TenantID, access.PersonID) (access.GuestState, error) {
	return access.GuestNone, b.err
}
func (b broken) entry(context.Context, access.TenantID, access.EntryID) (access.Entry, error) {
	return access.Entry{}, b.err
}

// Errors of the store are classified, and their text is not in the reason.
func TestFaults(t *testing.T) {
	tests := map[string]struct {
		err  error
		want connector.Kind
	}{
		"gone":     {access.Missing(), connector.NoResource},
		"broken":   {errors.New("disk I/O error"), connector.Temporary},
		"conflict": {access.Refuse(access.Conflict, "changed"), connector.Temporary},
		"late":     {context.DeadlineExceeded, connector.UnknownOutcome},
		"given up": {context.Canceled, connector.UnknownOutcome},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := broken{tt.err}
			d := directory.New(b, b.entry)
			_, resolved := d.Resolve(t.Context(), access.Resource{})
			_, observed := d.Observe(t.Context(), connector.Call{})
			_, looked := d.ObserveAccount(t.Context(), connector.AccountCall{})
			for _, err := range []error{
				resolved, observed, looked, d.Grant(t.Context(), connector.Call{}), d.EnsureAccount(t.Context(),
					connector.AccountCall{}),
				d.SetBlocked(t.Context(), connector.AccountCall{}, true), d.RemoveAccount(t.Context(), connector.AccountCall{}),
			} {
				if got := connector.Classify(err); got != tt.want || string(connector.Reason(err)) == tt.err.Error() {
					t.Errorf("%v is %q with the reason %q, want %q and another reason", err, got, connector.Reason(err), tt.want)
				}
			}
		})
	}
}

// Revoking in an entry that does not exist succeeds; other errors are returned.
func TestRevokeFromMissingEntry(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want connector.Kind
	}{{access.Missing(), connector.None}, {errors.New("disk I/O error"), connector.Temporary}, {nil, connector.None}} {
		b := broken{tt.err}
		if err := directory.New(b, b.entry).Revoke(t.Context(), connector.Call{}); connector.Classify(err) != tt.want {
			t.Errorf("%v became %v, want %q", tt.err, err, tt.want)
		}
	}
}
