package store

import (
	"context"
	"embed"
	"io/fs"
	"strings"

	"myaccess/internal/store/sqldb"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the steps of the schema. The files run on both engines. Version
// 2 creates the triggers and version 5 fills policy_approver; their text differs.
// Version 10 fills mail.domain, which Go computes.
func migrations() (sqldb.Migrations, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	return sqldb.Migrations{Files: files, PerEngine: map[int64]func(sqldb.Engine) []string{2: triggers,
		5: fillPolicyApprovers}, Code: map[int64]func(context.Context, sqldb.Querier) error{10: fillMailDomains}}, err
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

// fillPolicyApprovers copies the approvers of the policies that are stored
// already.
func fillPolicyApprovers(e sqldb.Engine) []string {
	stages, approvers, stage, kind, id := `json_each(pol.terms, '$.stages') stg`,
		`json_each(stg.value, '$.approvers') apr`, `stg.key + 1`, `apr.value ->> '$.kind'`, `apr.value ->> '$.id'`
	if e == sqldb.Postgres {
		stages = `jsonb_path_query_array(pol.terms, '$.stages[*]') arr
			CROSS JOIN jsonb_array_elements(arr) WITH ORDINALITY AS stg (value, key)`
		approvers, stage, kind, id = `jsonb_path_query(stg.value, '$.approvers[*]') AS apr (value)`, `stg.key`,
			`apr.value ->> 'kind'`, `apr.value ->> 'id'`
	}
	return []string{`INSERT INTO policy_approver (tenant_id, policy_id, stage, kind, subject_id)
		SELECT DISTINCT pol.tenant_id, pol.id, ` + stage + `, ` + kind + `, ` + id + ` FROM policy pol
		CROSS JOIN ` + stages + ` CROSS JOIN ` + approvers + `
		WHERE ` + kind + ` IN ('singleUser', 'groupMembers')`}
}
