package store

import (
	"strings"

	"myaccess/internal/store/sqldb"
)

// The versions under which pages cache what they read (visit.go): rights_version
// has one of everyone in a tenant and one of each person, holding_version one of what
// each person has, package_version one of a tenant's packages. Triggers raise them in the
// transaction that changes a row of a
// source. They are triggers because a write that raised no version would leave
// pages with old data for ever, whoever wrote the row.

// versionSource is a table that cached facts are made from.
type versionSource struct {
	table string
	// concerns is a query of whom the rows of the table "changed" concern, in the
	// columns of the key of the versions; columns are those of "changed" that it
	// needs.
	concerns string
	columns  string
	// counts, if not empty, is the condition that a row is one of those that the
	// cached facts are made from, by its columns only: other rows raise nothing, and
	// neither does a change that leaves columns and counts as they are.
	counts string
	// onlyUpdates says that no row of the table can be cached when it is inserted or
	// deleted, because rows of another source refer to it.
	onlyUpdates bool
}

// rightsSources are the tables of what every page asks for. An empty person_id is
// everyone in the tenant.
//
// Membership raises only the person's version: delivery changes it, and must
// neither wait for others nor empty the cache of the whole tenant.
func rightsSources() []versionSource {
	everyone := func(table string) versionSource {
		return versionSource{table: table, concerns: `SELECT tenant_id, '' FROM changed`, columns: `tenant_id`}
	}
	return []versionSource{
		everyone("role_assignment"),
		{table: "directory_member", concerns: `SELECT tenant_id, person_id FROM changed`, columns: `tenant_id, person_id`},
		everyone("directory_entry"),
		{table: "tenant", concerns: `SELECT id, '' FROM changed`, columns: `id`},
		{table: "directory_domain", concerns: `SELECT ten.id, '' FROM changed
			JOIN tenant ten ON ten.directory_id = changed.directory_id`, columns: `directory_id`},
		everyone("organization"),
		everyone("organization_directory"),
		everyone("organization_sponsor"),
		everyone("organization_sponsor_group"),
	}
}

// directorySources are further tables of what every page asks for: directories and their
// domains concern every tenant that can see them.
func directorySources() []versionSource {
	return []versionSource{
		{table: "directory", concerns: `SELECT ten.id, '' FROM changed
			JOIN tenant ten ON changed.owner_id IN ('', ten.id)`, columns: `owner_id`},
		{table: "directory_domain", concerns: `SELECT ten.id, '' FROM changed
			JOIN tenant ten ON changed.scope IN ('', ten.id)`, columns: `scope`},
	}
}

// personSources are the tables of what a page knows of its reader, besides
// rightsSources: the person and the account.
func personSources() []versionSource {
	return []versionSource{
		{table: "person", concerns: `SELECT tenant_id, id FROM changed`, columns: `tenant_id, id`},
		{table: "account", concerns: `SELECT per.tenant_id, per.id FROM changed
			JOIN person per ON per.account_id = changed.id`, columns: `id`, onlyUpdates: true},
	}
}

// holdingSources are the tables of which packages a person has or has requested. They
// have a version of their own: each request would empty the cache of the person's rights.
func holdingSources() []versionSource {
	return []versionSource{
		{table: "assignment", concerns: `SELECT tenant_id, person_id FROM changed`,
			columns: `tenant_id, person_id, package_id`, counts: `{row}.state <> 'expired'`},
		{table: "request", concerns: `SELECT tenant_id, target_id FROM changed`,
			columns: `tenant_id, target_id, package_id`,
			counts: `{row}.state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
				AND {row}.type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd')`},
	}
}

// packageSources are the tables of the list of packages, without who holds them.
func packageSources() []versionSource {
	tenant := func(table, also string) versionSource {
		return versionSource{table: table, concerns: `SELECT tenant_id FROM changed` + also, columns: `tenant_id`}
	}
	words := tenant("search_word", ` WHERE kind = 'package'`)
	words.columns = `tenant_id, kind`
	return []versionSource{tenant("package", ``), tenant("catalog", ``), tenant("offer", ``),
		tenant("package_role", ``), tenant("resource", ``), tenant("resource_role", ``), words}
}

// targetSources are further tables of which packages give administrative roles
// (Reader.GivingRoles).
func targetSources() []versionSource {
	return []versionSource{{table: "target", concerns: `SELECT tenant_id FROM changed`, columns: `tenant_id`}}
}

// policySources are the tables of the policies of packages.
func policySources() []versionSource {
	of := func(table string) versionSource {
		return versionSource{table: table, concerns: `SELECT tenant_id FROM changed`, columns: `tenant_id`}
	}
	return []versionSource{of("policy"), of("policy_subject")}
}

// versionTable is a table of versions with its key.
type versionTable struct {
	name string
	key  []string
}

func rightsVersion() versionTable {
	return versionTable{"rights_version", []string{"tenant_id", "person_id"}}
}
func holdingVersion() versionTable {
	return versionTable{"holding_version", []string{"tenant_id", "person_id"}}
}
func packageVersion() versionTable { return versionTable{"package_version", []string{"tenant_id"}} }
func policyVersion() versionTable  { return versionTable{"policy_version", []string{"tenant_id"}} }

// rightsVersions and packageVersions create the versions on PostgreSQL, for
// rightsSources and packageSources. On SQLite personVersions does.
func rightsVersions(e sqldb.Engine) []string {
	if e != sqldb.Postgres {
		return nil
	}
	return append([]string{rightsVersion().create(e)}, rightsVersion().raisedBy(e, rightsSources())...)
}

func packageVersions(e sqldb.Engine) []string {
	if e != sqldb.Postgres {
		return nil
	}
	return append([]string{packageVersion().create(e)}, packageVersion().raisedBy(e, packageSources())...)
}

// personVersions create what is missing of the versions.
func personVersions(e sqldb.Engine) []string {
	all := rightsVersion().raisedBy(e, append(personSources(), holdingSources()...))
	if e == sqldb.Postgres {
		return all
	}
	all = append([]string{rightsVersion().create(e), packageVersion().create(e)}, all...)
	all = append(all, rightsVersion().raisedBy(e, rightsSources())...)
	return append(all, packageVersion().raisedBy(e, packageSources())...)
}

// policyVersions create the version of a tenant's policies (requestor.go).
func policyVersions(e sqldb.Engine) []string {
	return append([]string{policyVersion().create(e)}, policyVersion().raisedBy(e, policySources())...)
}

// directoryVersions add the triggers of directorySources, in place of the narrower ones of
// directory_domain.
func directoryVersions(e sqldb.Engine) []string {
	return append(rightsVersion().notRaisedBy(e, "directory_domain"), rightsVersion().raisedBy(e, directorySources())...)
}

// holdingVersions create the version of holdings, in place of the triggers that raised
// rights_version, and add the triggers of targetSources.
func holdingVersions(e sqldb.Engine) []string {
	all := []string{holdingVersion().create(e)}
	for _, s := range holdingSources() {
		all = append(all, rightsVersion().notRaisedBy(e, s.table)...)
	}
	all = append(all, holdingVersion().raisedBy(e, holdingSources())...)
	return append(all, packageVersion().raisedBy(e, targetSources())...)
}

// notRaisedBy drops the triggers of a source.
func (v versionTable) notRaisedBy(e sqldb.Engine, table string) (all []string) {
	for _, event := range []string{"insert", "update", "delete"} {
		name := table + `_` + v.name + `_` + event
		if e == sqldb.SQLite {
			all = append(all, `DROP TRIGGER `+name)
			continue
		}
		all = append(all, `DROP TRIGGER `+name+` ON `+table, `DROP FUNCTION `+name+`()`)
	}
	return all
}

func (v versionTable) create(e sqldb.Engine) string {
	storage := ``
	if e == sqldb.SQLite {
		storage = ` WITHOUT ROWID`
	}
	return `CREATE TABLE ` + v.name + ` (` + strings.Join(v.key, " TEXT NOT NULL, ") +
		` TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (` + strings.Join(v.key, ", ") + `))` + storage
}

// raisedBy creates the triggers that raise the versions when a row of a source is
// written: on PostgreSQL once for all rows of a statement, unless the source says
// which rows count.
func (v versionTable) raisedBy(e sqldb.Engine, sources []versionSource) (all []string) {
	for _, s := range sources {
		for _, event := range []string{"insert", "update", "delete"} {
			if s.onlyUpdates && event != "update" {
				continue
			}
			name := s.table + "_" + v.name + "_" + event
			after := ` AFTER ` + strings.ToUpper(event) + ` ON ` + s.table
			switch {
			case e == sqldb.SQLite:
				all = append(all, `CREATE TRIGGER `+name+after+` FOR EACH ROW `+s.when(event)+
					`BEGIN `+v.raise(e, ``, s.ofRow(event))+`; END`)
			case s.counts != "":
				all = append(all, postgresFunction(name, v.raise(e, ``, s.ofRow(event))),
					`CREATE TRIGGER `+name+after+` FOR EACH ROW `+s.when(event)+`EXECUTE FUNCTION `+name+`()`)
			default:
				rows := map[string]string{"insert": `NEW TABLE AS changed`, "delete": `OLD TABLE AS changed`,
					"update": `OLD TABLE AS before NEW TABLE AS after`}[event]
				with := ``
				if event == "update" {
					with = `WITH changed AS (SELECT * FROM before UNION ALL SELECT * FROM after) `
				}
				all = append(all, postgresFunction(name, v.raise(e, with, s.concerns)),
					`CREATE TRIGGER `+name+after+` REFERENCING `+rows+` FOR EACH STATEMENT EXECUTE FUNCTION `+name+`()`)
			}
		}
	}
	return all
}

func postgresFunction(name, statement string) string {
	return `CREATE FUNCTION ` + name + `() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		` + statement + `; RETURN NULL; END $$`
}

// raise is the statement that raises the versions of whom the query concerns. with
// is written before the query. The version on PostgreSQL is the transaction that
// has raised it, with its time, because numbers of transactions come again after an
// older copy of the database was restored. It is raised once in a transaction,
// however many rows that changes. SQLite has no such number.
func (v versionTable) raise(e sqldb.Engine, with, concerns string) string {
	key, version := strings.Join(v.key, ", "), `hex(randomblob(8))`
	if e == sqldb.Postgres {
		version = `CAST(txid_current() AS TEXT) || ' ' || CAST(transaction_timestamp() AS TEXT)`
		concerns = `SELECT DISTINCT ` + key + ` FROM (` + with + concerns + `) AS ids (` + key + `) ORDER BY ` + key
	}
	return `INSERT INTO ` + v.name + ` (` + key + `, version)
		SELECT scope.*, ` + version + ` FROM (` + concerns + `) AS scope WHERE TRUE
		ON CONFLICT (` + key + `) DO UPDATE SET version = excluded.version
		WHERE ` + v.name + `.version <> excluded.version`
}

// ofRow is the query of whom the row of a trigger concerns.
func (s versionSource) ofRow(event string) string {
	row := func(name string) string {
		var all []string
		for _, c := range strings.Split(s.columns, ", ") {
			all = append(all, name+`.`+c+` AS `+c)
		}
		return `SELECT ` + strings.Join(all, ", ")
	}
	rows := map[string]string{"insert": row("NEW"), "delete": row("OLD"),
		"update": row("OLD") + ` UNION ` + row("NEW")}[event]
	return strings.Replace(s.concerns, `FROM changed`, `FROM (`+rows+`) AS changed`, 1)
}

// when is the condition of a trigger of a row; empty if every row counts.
func (s versionSource) when(event string) string {
	if s.counts == "" {
		return ``
	}
	old, after := strings.ReplaceAll(s.counts, `{row}`, `OLD`), strings.ReplaceAll(s.counts, `{row}`, `NEW`)
	columns := func(name string) string {
		return `(` + name + `.` + strings.ReplaceAll(s.columns, `, `, `, `+name+`.`) + `)`
	}
	return map[string]string{"insert": `WHEN (` + after + `) `, "delete": `WHEN (` + old + `) `,
		"update": `WHEN ((` + old + `) <> (` + after + `) OR (` + after + `) AND ` + columns("OLD") + ` <> ` +
			columns("NEW") + `) `}[event]
}
