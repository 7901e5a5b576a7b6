package store

import (
	"embed"
	"io/fs"
	"strings"

	"myaccess/internal/store/sqldb"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the steps of the schema. The files run on both engines. Version
// 2 creates the triggers, version 5 fills policy_approver, versions 7, 11, 13, 21,
// 23 and 27 create the tables of versions.go and their triggers, version 12 creates and
// fills offer_word, version 24 stores since when people are disabled, and version 35
// changes the key of directory_domain; their text differs. Version 9 fills mail.domain,
// version 15 person.address, version 17 directory.trust_addresses and version 19
// policy.unusable, which Go computes.
//
// A migration that has landed never changes again: the program refuses a database on which
// another text of it has run. TestMigrationsNeverChange has the checksums; a new migration
// is added there too.
func migrations() (sqldb.Migrations, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	return sqldb.Migrations{Files: files, PerEngine: map[int64]func(sqldb.Engine) []string{2: triggers,
		5: fillPolicyApprovers, 7: rightsVersions, 11: packageVersions, 12: addOfferWords,
		13: personVersions, 21: policyVersions, 23: directoryVersions, 24: addDisabledSince, 27: holdingVersions,
		35: shareDomains},
		Code: codeMigrations()}, err
}

// codeMigrations are the migrations that Go computes, with the rows of which their
// checksums are made.
func codeMigrations() map[int64]sqldb.CodeMigration {
	return map[int64]sqldb.CodeMigration{
		9: {Run: fillMailDomains, Sample: [][]string{{"m1", "mara@harbor.example"}, {"m2", "Mara@HARBOR.example"},
			{"m3", "nobody"}, {"m4", ""}}},
		15: {Run: fillAddresses, Sample: [][]string{{"t", "p1", "Mara@HARBOR.example"}, {"t", "p2", "nobody"}}},
		17: {Run: trustEntra, Sample: [][]string{{"d1", "https://login.harbor.example"},
			{"d2", "https://login.microsoftonline.com/0197c9a0-0000-7000-8000-000000000001/v2.0"}}},
		19: {Run: markUnusablePolicies, Sample: [][]string{{"t", "l1", `{"questions": [{"id": "q", "pattern": "[a-z]+"}]}`},
			{"t", "l2", `{"questions": [{"id": "q", "pattern": "("}]}`}}},
	}
}

// tableNamed is the query of the name of the table $1, if there is such a table.
func tableNamed(e sqldb.Engine) string {
	if e == sqldb.Postgres {
		return `SELECT CAST(to_regclass($1) AS TEXT) WHERE to_regclass($1) IS NOT NULL`
	}
	return `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = $1`
}

// skipLocked ends the query of a claim: it neither waits for nor takes rows that
// another portal is claiming. SQLite has one writer at a time and needs nothing.
func (s *Store) skipLocked() string {
	if s.engine == sqldb.Postgres {
		return "FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// beginsExactly completes the condition that a column is from a prefix to the last
// text that begins with it: PostgreSQL compares as people sort, so that "für" is
// among the texts from "fur".
func beginsExactly(e sqldb.Engine, column, prefix string) string {
	if e == sqldb.Postgres {
		return ` AND starts_with(` + column + `, ` + prefix + `)`
	}
	return ``
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

// addOfferWords creates the table offer_word and fills it for the packages that are
// stored already. SQLite would keep the rows twice if they were not the index of
// the key; PostgreSQL compares terms byte by byte.
func addOfferWords(e sqldb.Engine) []string {
	collation, storage := ``, ` WITHOUT ROWID`
	if e == sqldb.Postgres {
		collation, storage = ` COLLATE "C"`, ``
	}
	return []string{`CREATE TABLE offer_word (
		tenant_id  TEXT NOT NULL,
		audience   TEXT` + collation + ` NOT NULL,
		term       TEXT` + collation + ` NOT NULL,
		sort_name  TEXT NOT NULL,
		package_id TEXT NOT NULL,
		PRIMARY KEY (tenant_id, audience, term, sort_name, package_id)
	)` + storage, `INSERT INTO offer_word (tenant_id, audience, term, sort_name, package_id)
		SELECT DISTINCT ofr.tenant_id, CASE WHEN (SELECT COUNT(*) FROM offer ofr2 WHERE ofr2.tenant_id = ofr.tenant_id
		AND ofr2.package_id = ofr.package_id) > 8 THEN '' ELSE ofr.audience END, trm.term, ofr.sort_name, ofr.package_id
		FROM (SELECT tenant_id, object_id, word AS term FROM search_word WHERE kind = 'package' AND length(word) >= 3
		UNION SELECT tenant_id, object_id, substr(word, 1, 3) FROM search_word
		WHERE kind = 'package' AND length(word) >= 3) AS trm
		JOIN offer ofr ON ofr.tenant_id = trm.tenant_id AND ofr.package_id = trm.object_id
		ORDER BY 1, 2, 3, 4, 5`}
}

// addDisabledSince adds since when people are disabled, and when their sessions were
// ended. Nobody knows since when those who are disabled already are: from now on counts.
func addDisabledSince(e sqldb.Engine) []string {
	now := `CAST(strftime('%s', 'now') AS INTEGER) * 1000`
	if e == sqldb.Postgres {
		now = `CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)`
	}
	return []string{`ALTER TABLE person ADD COLUMN disabled_since BIGINT`,
		`ALTER TABLE person ADD COLUMN sessions_ended BIGINT`,
		`UPDATE person SET disabled_since = ` + now + ` WHERE disabled`,
		`CREATE INDEX person_disabled_since ON person (tenant_id, disabled_since) WHERE disabled_since IS NOT NULL`}
}

// shareDomains lets a provider claim a domain that a passcode directory of the same tenant
// has verified: a domain is unique among those that are verified, and among those that
// are not.
func shareDomains(e sqldb.Engine) []string {
	const key = `PRIMARY KEY (scope, name, directory_id)`
	all := []string{`ALTER TABLE directory_domain DROP CONSTRAINT directory_domain_pkey`,
		`ALTER TABLE directory_domain ADD ` + key}
	if e == sqldb.SQLite {
		all = append([]string{`CREATE TABLE directory_domain_new (
			scope        TEXT NOT NULL,
			name         TEXT NOT NULL,
			directory_id TEXT NOT NULL REFERENCES directory (id),
			position     BIGINT NOT NULL,
			proof        TEXT NOT NULL CHECK (proof IN ('operator', 'dns', 'mail', 'pending')),
			token        TEXT NOT NULL,
			` + key + `
		)`,
			`INSERT INTO directory_domain_new SELECT scope, name, directory_id, position, proof, token FROM directory_domain`,
			`DROP TABLE directory_domain`,
			`ALTER TABLE directory_domain_new RENAME TO directory_domain`,
			`CREATE INDEX directory_domain_directory ON directory_domain (directory_id, position)`},
			rightsVersion().raisedBy(e, directorySources()[1:])...)
	}
	return append(all,
		`CREATE UNIQUE INDEX directory_domain_verified ON directory_domain (scope, name) WHERE proof <> 'pending'`,
		`CREATE UNIQUE INDEX directory_domain_pending ON directory_domain (scope, name) WHERE proof = 'pending'`)
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

// termStages are the parts of a query that reads the approval stages of a request from
// its terms.
type termStages struct {
	stages    string // one row a stage
	number    string // of the stage, from 1
	approvers string // of the stage, one row an approver
	subject   string // id of the approver
}

// requestStages reads the stages of the request req.
func requestStages(e sqldb.Engine) termStages {
	if e == sqldb.Postgres {
		return termStages{`jsonb_path_query(req.terms, '$.stages[*]') WITH ORDINALITY AS stg (value, key)`, `stg.key`,
			`jsonb_path_query(stg.value, '$.approvers[*]') AS apr (value)`, `apr.value ->> 'id'`}
	}
	return termStages{`json_each(req.terms, '$.stages') AS stg`, `(stg.key + 1)`,
		`json_each(stg.value, '$.approvers') AS apr`, `apr.value ->> '$.id'`}
}

// transactionNumber is a column with the number of the transaction in the versions that
// it raises; empty if it has not written yet, and on SQLite, where every raise makes a
// new version.
func transactionNumber(e sqldb.Engine) string {
	if e == sqldb.Postgres {
		return `COALESCE(CAST(txid_current_if_assigned() AS TEXT), '')`
	}
	return `''`
}
