package sqldb_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"myaccess/internal/store/sqldb"
)

// TestStorageFaultsOfPostgres: what a server answers that cannot read or write is told from
// what is wrong with a statement.
func TestStorageFaultsOfPostgres(t *testing.T) {
	for name, tt := range map[string]struct {
		err      error
		full, io bool
	}{
		"disk full":                  {err: &pgconn.PgError{Code: "53100"}, full: true},
		"input or output":            {err: &pgconn.PgError{Code: "58030"}, io: true},
		"a standby":                  {err: &pgconn.PgError{Code: "25006"}, io: true},
		"shut down":                  {err: &pgconn.PgError{Code: "57P01"}, io: true},
		"shut down after a crash":    {err: &pgconn.PgError{Code: "57P02"}, io: true},
		"starting":                   {err: &pgconn.PgError{Code: "57P03"}, io: true},
		"no connection":              {err: &pgconn.ConnectError{}, io: true},
		"a duplicate":                {err: &pgconn.PgError{Code: "23505"}},
		"a serialization error":      {err: &pgconn.PgError{Code: "40001"}},
		"a canceled statement":       {err: &pgconn.PgError{Code: "57014"}},
		"too many connections":       {err: &pgconn.PgError{Code: "53300"}},
		"nothing of the database's":  {err: errors.New("53100")},
		"found already, the fullest": {err: errors.Join(sqldb.ErrFull, errors.New("x")), full: true},
	} {
		got := sqldb.StorageFault(fmt.Errorf("inserting: %w", tt.err))
		if errors.Is(got, sqldb.ErrFull) != tt.full || errors.Is(got, sqldb.ErrIO) != tt.io ||
			(got != nil) != (tt.full || tt.io) {
			t.Errorf("%s: %v", name, got)
		}
		if got != nil && !errors.Is(got, tt.err) {
			t.Errorf("%s: the cause is lost: %v", name, got)
		}
	}
}
