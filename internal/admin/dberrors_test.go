package admin_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

var errFault = errors.New("injected fault")

// faultInjector fails one of the next statements.
type faultInjector struct {
	mu   sync.Mutex
	left int // until the statement that fails; 0 for none
	err  error
}

// arm makes the nth statement from now fail once.
func (f *faultInjector) arm(n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.err = n, err
}

// pending reports whether the fault has not happened yet.
func (f *faultInjector) pending() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.left > 0
}

func (f *faultInjector) intercept(string, []any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left == 0 {
		return f.err
	}
	return nil
}

// changes are changes of administrators that look up other objects, by name.
func (c *createFixture) changes() map[string]createCase {
	a := c.use.Admin
	return map[string]createCase{
		"change of a person": {create: func(ctx context.Context, n int) error {
			p, err := c.Person(ctx, c.Tenant.ID, c.people[n].ID)
			if err != nil {
				return err
			}
			p.Manager, p.Sponsors = c.Omar.ID, []access.PersonID{c.Ida.ID, c.Omar.ID}
			return a.SavePerson(ctx, c.Lena, p)
		}},
		"import": {create: func(ctx context.Context, _ int) error {
			lines, err := importText(ctx, a, c.Store, c.Lena, "mail,displayName,manager,groups\n"+
				"imported@meridian.example,Imp Orted,lena@meridian.example,Reviewers\n", false)
			for _, l := range lines {
				if len(l.Faults) > 0 {
					err = errors.Join(err, errors.New(string(l.Faults[0].Msg)))
				}
			}
			return err
		}},
	}
}

// TestDatabaseErrors: a database error at any statement of a transaction is returned
// unchanged, never as a refusal. A serialization error of PostgreSQL makes the transaction
// run again.
func TestDatabaseErrors(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			ctx, f := t.Context(), &faultInjector{}
			s := storetest.Open(t, address(t), storetest.NewClock().Now, storetest.RunOnce,
				func(c *store.Config) { c.Intercept = f.intercept })
			c := newCreateFixture(t, s)
			acts := c.content()
			maps.Copy(acts, c.relations())
			maps.Copy(acts, c.changes())
			for name, act := range acts {
				for n := 1; ; n++ {
					f.arm(n, errFault)
					err := act.create(ctx, 0)
					if f.pending() {
						if err != nil || n < 5 {
							t.Errorf("%s: %d statements, %v", name, n-1, err)
						}
						break
					}
					if !errors.Is(err, errFault) || access.KindOf(err) != access.Internal {
						t.Errorf("%s: a fault at statement %d became %v", name, n, err)
					}
				}
				if engine != "postgres" {
					continue
				}
				first := 2
				if name == "assignment" {
					first++ // the policy is also read before the transaction, to check the answers
				}
				for n := first; n < concurrent; n++ {
					if name == "import" && n >= 13 && n <= 16 {
						continue // the file is read between the transactions, by statements of their own
					}
					f.arm(n, &pgconn.PgError{Code: "40001"})
					if err := act.create(ctx, n); err != nil {
						t.Errorf("%s: not retried after statement %d: %v", name, n, err)
					}
				}
			}
		})
	}
}
