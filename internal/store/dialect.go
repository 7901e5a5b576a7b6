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
// 2 creates the triggers, version 5 fills policy_approver, and version 8 creates
// rights_version; their text differs. Version 10 fills mail.domain, which Go
// computes.
func migrations() (sqldb.Migrations, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	return sqldb.Migrations{Files: files, PerEngine: map[int64]func(sqldb.Engine) []string{2: triggers,
		5: fillPolicyApprovers, 8: rightsVersions},
		Code: map[int64]func(context.Context, sqldb.Querier) error{10: fillMailDomains}}, err
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

// rightsSource is a table that rights and what else every page asks for are made
// from (visit.go), and a query of the tenants and people that changed rows of it
// concern. An empty person_id is everyone in the tenant.
type rightsSource struct{ table, concerns string }

func rightsSources() []rightsSource {
	everyone, person := `SELECT tenant_id, '' FROM changed`, `SELECT tenant_id, person_id FROM changed`
	return []rightsSource{
		{"role_assignment", everyone},
		{"directory_member", person},
		{"directory_entry", everyone},
		{"tenant", `SELECT id, '' FROM changed`},
		{"directory_domain", `SELECT ten.id, '' FROM changed JOIN tenant ten ON ten.directory_id = changed.directory_id`},
		{"organization", everyone},
		{"organization_directory", everyone},
		{"organization_sponsor", everyone},
		{"organization_sponsor_group", everyone},
	}
}

// rightsVersions create the versions under which a page of PostgreSQL caches, and
// the triggers that raise them. A version is a random text, so that it does not
// come again after an older copy of the database was restored. SQLite notices
// every commit and needs none.
//
// Membership raises only the person's version: delivery changes it, and must
// neither wait for others nor empty the cache of the whole tenant.
func rightsVersions(e sqldb.Engine) []string {
	if e != sqldb.Postgres {
		return nil
	}
	all := []string{`CREATE TABLE rights_version (
		tenant_id TEXT NOT NULL,
		person_id TEXT NOT NULL,
		version   TEXT NOT NULL,
		PRIMARY KEY (tenant_id, person_id))`}
	for _, s := range rightsSources() {
		for event, rows := range map[string]string{"insert": "NEW TABLE AS changed", "delete": "OLD TABLE AS changed",
			"update": "OLD TABLE AS before NEW TABLE AS after"} {
			name, with := s.table+"_rights_"+event, ""
			if event == "update" {
				with = "WITH changed AS (SELECT * FROM before UNION ALL SELECT * FROM after) "
			}
			all = append(all, `CREATE FUNCTION `+name+`() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				INSERT INTO rights_version (tenant_id, person_id, version)
				SELECT scope.tenant_id, scope.person_id, CAST(gen_random_uuid() AS TEXT)
				FROM (`+with+s.concerns+` GROUP BY 1, 2 ORDER BY 1, 2) AS scope (tenant_id, person_id)
				ON CONFLICT (tenant_id, person_id) DO UPDATE SET version = excluded.version;
				RETURN NULL; END $$`,
				`CREATE TRIGGER `+name+` AFTER `+strings.ToUpper(event)+` ON `+s.table+` REFERENCING `+rows+`
				FOR EACH STATEMENT EXECUTE FUNCTION `+name+`()`)
		}
	}
	return all
}
