package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// exec runs a statement directly, bypassing the package's checks.
func exec(s *store.Store, query string, args ...any) error {
	write, _ := s.Pools()
	_, err := write.Exec(query, args...)
	return err
}

// mustExec runs a statement that must succeed.
func mustExec(t *testing.T, s *store.Store, query string, args ...any) {
	t.Helper()
	if err := exec(s, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// textRows returns the rows of a query of text columns, each as one text.
func textRows(t *testing.T, s *store.Store, query string, args ...any) (all []string) {
	t.Helper()
	write, _ := s.Pools()
	rows, err := write.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, v := range values {
			row = append(row, v.String)
		}
		all = append(all, strings.Join(row, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// legalMoves returns the legal moves between states according to access.
func legalMoves[S ~string](states []S, can func(from, to S) bool) (all []string) {
	for _, from := range states {
		for _, to := range states {
			if can(from, to) {
				all = append(all, string(from)+" "+string(to))
			}
		}
	}
	slices.Sort(all)
	return all
}

func pairs[S ~string](states []S) (all []string) {
	return legalMoves(states, func(S, S) bool { return true })
}

// machine is one of the four stored state machines.
type machine struct {
	name    string
	legal   []string
	pairs   []string
	history string // an INSERT of a row of its history, but for its states
}

func machines() []machine {
	return []machine{
		{"request", legalMoves(access.RequestStates(), access.RequestState.CanMove), pairs(access.RequestStates()),
			`INSERT INTO request_history (tenant_id, request_id, seq, at, reason, from_state, to_state) SELECT tenant_id, id, 99,
				0, '', $1, $2 FROM request`},
		{"assignment", legalMoves(access.AssignmentStates(), access.AssignmentState.CanMove),
			pairs(access.AssignmentStates()),
			`INSERT INTO assignment_history (tenant_id, assignment_id, seq, at, from_state, to_state) SELECT tenant_id, id, 99,
				0, $1, $2 FROM assignment`},
		{"grant", legalMoves(access.GrantStates(), access.GrantState.CanMove), pairs(access.GrantStates()),
			`INSERT INTO grant_history (tenant_id, grant_id, seq, at, from_state, to_state) SELECT tenant_id, id, 99, 0, $1, $2
				FROM role_grant`},
		{"guest", legalMoves(access.GuestStates(), access.GuestState.CanMove), pairs(access.GuestStates()),
			`INSERT INTO guest_history (tenant_id, person_id, seq, at, reason, from_state, to_state) SELECT tenant_id, id, 99, 0,
				'', $1, $2
				FROM person WHERE kind = 'guest'`},
	}
}

// stateWorld returns a world with one request, one assignment, one grant and one
// guest.
func stateWorld(t *testing.T, s *store.Store) *storetest.World {
	w := storetest.NewWorld(t, s)
	o := w.Package("Tidal")
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		r := access.Request{ID: "q", Tenant: w.Tenant.ID, Type: access.UserAdd, State: access.Submitted,
			Package: o.Package.ID,
			Target:  w.Lena.ID}
		if err := tx.AddRequest(ctx, r, ""); err != nil {
			return err
		}
		if err := tx.AddAssignment(ctx, access.Assignment{ID: "x", Tenant: w.Tenant.ID, Package: o.Package.ID,
			Person: w.Lena.ID, Request: "q"}); err != nil {
			return err
		}
		if err := tx.AddGrant(ctx, access.Grant{ID: "g", Tenant: w.Tenant.ID, Person: w.Lena.ID,
			Role: w.Team.Roles[0].ID}); err != nil {
			return err
		}
		return tx.AddPerson(ctx, access.Person{ID: "guest", Tenant: w.Tenant.ID, Directory: w.Harbor.ID, Kind: access.Guest,
			Guest: access.GuestActive})
	})
	return w
}

// TestMovesMatchAccess compares the tables of legal moves in Go and in the
// database pair by pair, and expects the database to refuse every other pair.
func TestMovesMatchAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		stateWorld(t, s)
		for _, m := range machines() {
			if d := cmp.Diff(m.legal,
				textRows(t, s, `SELECT from_state, to_state FROM `+m.name+`_move ORDER BY (from_state || ' ' || to_state) COLLATE
					"`+
					collation(s)+`"`)); d != "" {
				t.Errorf("%s: %s", m.name, d)
			}
			for _, pair := range m.pairs {
				from, to, _ := strings.Cut(pair, " ")
				err := execRollback(s, m.history, from, to)
				if can := slices.Contains(m.legal, pair); can != (err == nil) {
					t.Errorf("%s %s: legal %v, but the database says: %v", m.name, pair, can, err)
				}
			}
		}
	})
}

// collation returns the name of the engine's byte order collation.
func collation(s *store.Store) string {
	if s.Postgres() {
		return "C"
	}
	return "BINARY"
}

// execRollback runs a statement that must affect one row, and rolls it back.
func execRollback(s *store.Store, query string, args ...any) error {
	write, _ := s.Pools()
	tx, err := write.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	res, err := tx.Exec(query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); n != 1 || err != nil {
		panic(fmt.Sprint(query, ": ", n, err)) // the test does not test
	}
	return nil
}

// TestCheckConstraints violates the CHECK constraints one by one.
func TestCheckConstraints(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		stateWorld(t, s)
		for _, query := range []string{
			`UPDATE request SET state = 'approved'`,
			`UPDATE request SET state = 'pendingApproval'`, // without a due time
			`UPDATE request SET due_at = 1`,                // without pending approval
			`UPDATE request SET type = 'wish'`,
			`UPDATE assignment SET state = 'expired'`, // without an end
			`UPDATE assignment SET ended = 1`,         // without having expired
			`UPDATE role_grant SET state = 'given'`,
			`UPDATE person SET guest = 'active' WHERE id <> 'guest' AND name = 'Lena Berg'`, // a member is no guest
			`UPDATE person SET kind = 'robot' WHERE id = 'guest'`,
			`UPDATE catalog SET name = NULL`,
		} {
			if err := execRollback(s, query); err == nil {
				t.Errorf("%s: nothing hinders it", query)
			}
		}
	})
}

// TestAppendOnly tries to change and to delete rows of append-only tables.
func TestAppendOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := stateWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.MoveGuest(ctx, access.Person{ID: "guest", Tenant: w.Tenant.ID, Kind: access.Guest,
				Guest: access.GuestActive}, access.GuestBlocked, "x"); err != nil {
				return err
			}
			if err := tx.AddDecision(ctx, access.Request{ID: "q", Tenant: w.Tenant.ID},
				access.Decision{By: w.Omar.ID}); err != nil {
				return err
			}
			return tx.Audit(ctx, access.AuditRecord{Tenant: w.Tenant.ID, Activity: access.ActApply})
		})
		seal(t, s)
		if err := s.AddMember(t.Context(), w.Tenant.ID, access.Membership{Entry: access.EntryID(w.Team.ExternalID),
			Role: "Member", Person: w.Lena.ID}); err != nil {
			t.Fatal(err)
		}
		for _, table := range store.AppendOnly() {
			if rows := textRows(t, s, `SELECT tenant_id FROM `+table); len(rows) == 0 {
				t.Errorf("%s is empty: the test proves nothing", table)
			}
			for _, query := range []string{`UPDATE ` + table + ` SET tenant_id = tenant_id`, `DELETE FROM ` + table} {
				if err := exec(s, query); err == nil || !strings.Contains(err.Error(), table+" is append-only") {
					t.Errorf("%s: %v", query, err)
				}
			}
		}
	})
}

// installationTables returns the tables that belong to the installation, not to a
// tenant.
func installationTables() []string {
	return []string{"directory", "directory_domain", "account", "tenant", "session", "draft", "goose_db_version",
		"migration_checksum", "key_check",
		"sqlite_sequence",
		"request_move", "assignment_move", "grant_move", "guest_move"}
}

// TestNoKeyCrossesTenants reads the schema: every table below a tenant has its
// id, and every foreign key between such tables includes it, so that no row can
// refer to another tenant's.
func TestNoKeyCrossesTenants(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	below := textRows(t, s, `SELECT name FROM sqlite_schema WHERE type = 'table'`)
	below = slices.DeleteFunc(below, func(name string) bool { return slices.Contains(installationTables(), name) })
	if len(below) < 30 {
		t.Fatalf("%d tables", len(below))
	}
	keys := 0
	for _, table := range below {
		if got := textRows(t, s, `SELECT name FROM pragma_table_info('`+table+`') WHERE name = 'tenant_id'`); got == nil {
			t.Errorf("%s has no tenant_id", table)
		}
		for _, to := range textRows(t, s, `SELECT DISTINCT "table" FROM pragma_foreign_key_list('`+table+`')`) {
			if !slices.Contains(below, to) {
				continue
			}
			all := textRows(t, s, `SELECT id FROM pragma_foreign_key_list('`+table+`') WHERE "table" = '`+to+`' GROUP BY id`)
			with := textRows(t, s, `SELECT id FROM pragma_foreign_key_list('`+table+`') WHERE "table" = '`+to+
				`' AND "from" = 'tenant_id' AND "to" = 'tenant_id'`)
			if keys += len(all); len(with) != len(all) {
				t.Errorf("a key of %s to %s can cross from one tenant to another", table, to)
			}
		}
	}
	if keys < 30 {
		t.Errorf("%d keys", keys)
	}
}

// TestForeignPerson tries it: an assignment of one tenant cannot refer to a
// person of another.
func TestForeignPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := stateWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveTenant(ctx, access.Tenant{ID: "other", Directory: w.Other.ID, Name: "Other"}); err != nil {
				return err
			}
			return tx.AddPerson(ctx, access.Person{ID: "theirs", Tenant: "other", Directory: w.Other.ID, Kind: access.Member,
				Guest: access.GuestNone})
		})
		for _, query := range []string{`UPDATE assignment SET person_id = $1`, `UPDATE request SET target_id = $1`,
			`UPDATE request SET requestor_id = $1`,
			`UPDATE role_grant SET person_id = $1`} {
			if err := execRollback(s, query, string(w.Omar.ID)); err != nil {
				t.Errorf("%s, of the tenant: %v", query, err)
			}
			if err := execRollback(s, query, "theirs"); err == nil {
				t.Errorf("%s, of another tenant: nothing hinders it", query)
			}
		}
	})
}
