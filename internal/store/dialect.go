package store

import (
	"embed"
	"io/fs"
	"strings"

	"myaccess/internal/store/sqldb"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the steps of the schema. The files run on both engines; version
// 2 creates the triggers, whose text differs.
func migrations() (sqldb.Migrations, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	return sqldb.Migrations{Files: files, PerEngine: map[int64]func(sqldb.Engine) []string{2: triggers}}, err
}

// skipLocked ends the query of a claim: it neither waits for nor takes rows that
// another portal is claiming. SQLite has one writer at a time and needs nothing.
func (s *Store) skipLocked() string {
	if s.engine == sqldb.Postgres {
		return "FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// maxBulkValues is how many values a statement of Bulk carries. SQLite searches
// all names of parameters for each value, so more would be slower.
func maxBulkValues(e sqldb.Engine) int {
	if e == sqldb.Postgres {
		return 12_000
	}
	return 100
}

// appendOnly are the tables whose rows are never changed and never deleted.
func appendOnly() []string {
	return []string{"audit", "audit_seal", "request_history", "assignment_history", "grant_history",
		"guest_history", "decision", "directory_effect"}
}

// triggers guard the tables of appendOnly.
func triggers(e sqldb.Engine) []string {
	if e == sqldb.Postgres {
		return postgresTriggers()
	}
	return sqliteTriggers()
}

func sqliteTriggers() []string {
	var all []string
	for _, table := range appendOnly() {
		for _, verb := range []string{"UPDATE", "DELETE"} {
			all = append(all, "CREATE TRIGGER "+table+"_no_"+strings.ToLower(verb)+" BEFORE "+verb+" ON "+table+
				" BEGIN SELECT RAISE(ABORT, '"+table+" is append-only'); END")
		}
	}
	return all
}

func postgresTriggers() []string {
	all := []string{`CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$`}
	for _, table := range appendOnly() {
		all = append(all, "CREATE TRIGGER "+table+"_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "+table+
			" FOR EACH STATEMENT EXECUTE FUNCTION append_only()")
	}
	return all
}
