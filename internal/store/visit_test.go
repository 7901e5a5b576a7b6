package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// versions returns the rights versions by person, "" for everyone in the tenant,
// those of what people have as those of "held by" and the person, the version of its
// packages as that of "packages", and the rights version of everyone in another tenant.
func versions(t *testing.T, tx *sql.Tx, tenant access.TenantID) map[string]string {
	t.Helper()
	rows, err := tx.Query(`SELECT CASE WHEN tenant_id = $1 THEN person_id ELSE 'another tenant' END, version
		FROM rights_version WHERE tenant_id = $1 OR person_id = ''
		UNION ALL SELECT 'held by ' || person_id, version FROM holding_version WHERE tenant_id = $1
		UNION ALL SELECT 'packages', version FROM package_version WHERE tenant_id = $1`, string(tenant))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var person, version string
		if err := rows.Scan(&person, &version); err != nil {
			t.Fatal(err)
		}
		all[person] = version
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// raised returns whose version differs.
func raised(before, after map[string]string) []string {
	who := []string{}
	for person, version := range after {
		if before[person] != version {
			who = append(who, person)
		}
	}
	slices.Sort(who)
	return who
}

// tableWrites are statements that insert, change and delete a row of a table, and
// whose versions they raise: of everyone in the tenant (""), one person, or
// "packages".
type tableWrites struct {
	concerns   []string
	statements []string
}

// packageWrites are tableWrites for each table that the cached list of packages is
// made from. They are run one after the other.
func packageWrites(w *storetest.World, o access.Offer) map[string]tableWrites {
	all := []string{"packages"}
	fill := func(text string) string {
		return strings.NewReplacer("{t}", "'"+string(w.Tenant.ID)+"'", "{pkg}", "'"+string(o.Package.ID)+"'", "{cat}",
			"'"+string(w.Catalog.ID)+"'", "{res}", "'"+string(w.Team.ID)+"'", "{target}", "'"+string(w.Team.Target)+"'").
			Replace(text)
	}
	return map[string]tableWrites{
		"package": {all, []string{
			fill(`INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version, sort_name, search)
				VALUES ({t}, 'p', {cat}, 'P', '', FALSE, 1, 'p', 'p')`),
			fill(`UPDATE package SET description = 'New' WHERE id = 'p'`),
			fill(`DELETE FROM package WHERE id = 'p'`)}},
		"catalog": {all, []string{
			fill(`INSERT INTO catalog (tenant_id, id, name, description, published, external, version, sort_name)
				VALUES ({t}, 'c', 'C', '', TRUE, TRUE, 1, 'c')`),
			fill(`UPDATE catalog SET name = 'D' WHERE id = 'c'`),
			fill(`DELETE FROM catalog WHERE id = 'c'`)}},
		"offer": {all, []string{
			fill(`INSERT INTO offer (tenant_id, audience, sort_name, package_id) VALUES ({t}, 'x', 'x', {pkg})`),
			fill(`UPDATE offer SET sort_name = 'y' WHERE audience = 'x'`),
			fill(`DELETE FROM offer WHERE audience = 'x'`)}},
		"package_role": {all, []string{
			fill(`UPDATE package_role SET position = 9 WHERE package_id = {pkg}`),
			fill(`DELETE FROM package_role WHERE package_id = {pkg}`),
			fill(`INSERT INTO package_role (tenant_id, package_id, role_id, position) SELECT {t}, {pkg}, id, 1
				FROM resource_role WHERE resource_id = {res}`)}},
		"resource": {all, []string{
			fill(`INSERT INTO resource (tenant_id, id, target_id, kind, external_id, name, link, version)
				VALUES ({t}, 'r', {target}, 'site', 'x', 'R', '', 1)`),
			fill(`UPDATE resource SET name = 'S' WHERE id = 'r'`),
			fill(`DELETE FROM resource WHERE id = 'r'`)}},
		"resource_role": {all, []string{
			fill(`INSERT INTO resource_role (tenant_id, id, resource_id, name, external_id) VALUES ({t}, 'rr', {res}, 'R',
				'x')`),
			fill(`UPDATE resource_role SET name = 'S' WHERE id = 'rr'`),
			fill(`DELETE FROM resource_role WHERE id = 'rr'`)}},
		"search_word": {all, []string{
			fill(`INSERT INTO search_word (tenant_id, kind, word, object_id) VALUES ({t}, 'package', 'new', {pkg})`),
			fill(`UPDATE search_word SET word = 'newer' WHERE word = 'new'`),
			fill(`DELETE FROM search_word WHERE word = 'newer'`)}},
		"search_word of others": {[]string{}, []string{
			fill(`INSERT INTO search_word (tenant_id, kind, word, object_id) VALUES ({t}, 'person', 'new', 'x')`),
			fill(`DELETE FROM search_word WHERE word = 'new'`)}},
		"target": {all, []string{
			fill(`INSERT INTO target (tenant_id, id, name, kind, config, version) VALUES ({t}, 'x', 'X', 'manual', '{}', 1)`),
			fill(`UPDATE target SET kind = 'directory' WHERE id = 'x'`),
			fill(`DELETE FROM target WHERE id = 'x'`)}},
		"a policy": {[]string{}, []string{
			fill(`UPDATE policy SET name = 'New' WHERE tenant_id = {t}`)}},
	}
}

// rightsWrites are tableWrites for each table that every page's cached facts are
// made from.
func rightsWrites(w *storetest.World) map[string]tableWrites {
	all, ida, omar := []string{""}, string(w.Ida.ID), string(w.Omar.ID)
	tenant, group, org := string(w.Tenant.ID), string(w.Reviewers.ID), string(w.Partner.ID)
	fill := func(text string) string {
		return strings.NewReplacer("{t}", "'"+tenant+"'", "{ida}", "'"+ida+"'", "{group}", "'"+group+"'", "{org}",
			"'"+org+"'", "{own}", "'"+string(w.Tenant.Directory)+"'", "{other}", "'"+string(w.Other.ID)+"'").Replace(text)
	}
	return map[string]tableWrites{
		"role_assignment": {all, []string{
			fill(`INSERT INTO role_assignment (tenant_id, role, subject_kind, subject_id, catalog_id)
				VALUES ({t}, 'globalAdministrator', 'singleUser', {ida}, '')`),
			fill(`UPDATE role_assignment SET role = 'catalogCreator' WHERE tenant_id = {t}`),
			fill(`DELETE FROM role_assignment WHERE tenant_id = {t}`)}},
		"directory_member": {[]string{ida}, []string{
			fill(`INSERT INTO directory_member (tenant_id, entry_id, role, person_id) VALUES ({t}, {group}, 'Owner', {ida})`),
			fill(`UPDATE directory_member SET role = 'Guest' WHERE person_id = {ida} AND role = 'Owner'`),
			fill(`DELETE FROM directory_member WHERE person_id = {ida} AND role = 'Guest'`)}},
		"directory_member of two people": {slices.Sorted(slices.Values([]string{ida, omar})), []string{
			fill(`UPDATE directory_member SET role = 'Guest' WHERE entry_id = {group}`),
			fill(`DELETE FROM directory_member WHERE entry_id = {group}`)}},
		"directory_entry": {all, []string{
			fill(`INSERT INTO directory_entry (tenant_id, id, kind, name, description, link, roles, version, sort_name)
				VALUES ({t}, 'e', 'group', 'E', '', '', '[]', 1, 'e')`),
			fill(`UPDATE directory_entry SET kind = 'site' WHERE id = 'e'`),
			fill(`DELETE FROM directory_entry WHERE id = 'e'`)}},
		"tenant": {all, []string{fill(`UPDATE tenant SET settings = '{}' WHERE id = {t}`)}},
		"tenant that is new": {[]string{"another tenant"}, []string{
			fill(`INSERT INTO tenant (id, directory_id, name, settings, version) VALUES ('t2', {other}, 'T', '{}', 1)`),
			`DELETE FROM tenant WHERE id = 't2'`}},
		"directory_domain": {all, []string{
			fill(`INSERT INTO directory_domain (scope, name, directory_id, position, proof, token)
				VALUES ('', 'new.example', {own}, 7, 'pending', 'x')`),
			fill(`UPDATE directory_domain SET proof = 'dns' WHERE name = 'new.example'`),
			fill(`UPDATE directory_domain SET directory_id = {other} WHERE name = 'new.example'`),
			fill(`UPDATE directory_domain SET directory_id = {own} WHERE name = 'new.example'`),
			fill(`DELETE FROM directory_domain WHERE name = 'new.example'`)}},
		"directory": {all, []string{
			fill(`INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, auth_style, hint_style, tenant_claim,
				tenant_value, scopes, confirmed_hosts, enabled, version) VALUES ('d', {t}, 'openid', 'D', 'https://d.example',
				'x', 'none', 'none', '', '', '', '', TRUE, 1)`),
			fill(`UPDATE directory SET enabled = FALSE WHERE id = 'd'`),
			fill(`UPDATE directory SET enabled = TRUE WHERE id = {other}`),
			fill(`DELETE FROM directory WHERE id = 'd'`)}},
		"directory_domain of a partner": {all, []string{
			fill(`INSERT INTO directory_domain (scope, name, directory_id, position, proof, token)
				VALUES ('', 'newer.example', {other}, 7, 'dns', 'x')`),
			fill(`DELETE FROM directory_domain WHERE name = 'newer.example'`)}},
		"directory of others": {[]string{}, []string{
			fill(`INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, auth_style, hint_style, tenant_claim,
				tenant_value, scopes, confirmed_hosts, enabled, version) VALUES ('x', 'x', 'openid', 'X', 'https://x.example',
				'x', 'none', 'none', '', '', '', '', TRUE, 1)`),
			fill(`INSERT INTO directory_domain (scope, name, directory_id, position, proof, token)
				VALUES ('x', 'x.example', 'x', 0, 'dns', 'x')`),
			fill(`DELETE FROM directory_domain WHERE name = 'x.example'`),
			fill(`DELETE FROM directory WHERE id = 'x'`)}},
		"organization": {all, []string{
			fill(`INSERT INTO organization (tenant_id, id, name, description, state, version, sort_name)
				VALUES ({t}, 'o', 'O', '', 'configured', 1, 'o')`),
			fill(`UPDATE organization SET state = 'proposed' WHERE id = 'o'`),
			fill(`DELETE FROM organization WHERE id = 'o'`)}},
		"organization_directory": {all, []string{
			fill(`INSERT INTO organization_directory (tenant_id, directory_id, organization_id) VALUES ({t}, {other}, {org})`),
			fill(`UPDATE organization_directory SET directory_id = {own} WHERE directory_id = {other}`),
			fill(`DELETE FROM organization_directory WHERE directory_id = {own}`)}},
		"organization_sponsor": {all, []string{
			fill(`INSERT INTO organization_sponsor (tenant_id, organization_id, side, person_id)
				VALUES ({t}, {org}, 'internal', {ida})`),
			fill(`UPDATE organization_sponsor SET side = 'external' WHERE person_id = {ida}`),
			fill(`DELETE FROM organization_sponsor WHERE person_id = {ida}`)}},
		"organization_sponsor_group": {all, []string{
			fill(`INSERT INTO organization_sponsor_group (tenant_id, organization_id, entry_id) VALUES ({t}, {org}, {group})`),
			fill(`UPDATE organization_sponsor_group SET entry_id = {group} WHERE entry_id = {group}`),
			fill(`DELETE FROM organization_sponsor_group WHERE entry_id = {group}`)}},
	}
}

// personWrites are tableWrites for each table that what a page knows of its reader
// is made from. Lena has requested the package of q and holds that of x.
func personWrites(w *storetest.World, o access.Offer) map[string]tableWrites {
	ida, lena, omar := string(w.Ida.ID), string(w.Lena.ID), string(w.Omar.ID)
	fill := func(text string) string {
		return strings.NewReplacer("{t}", "'"+string(w.Tenant.ID)+"'", "{ida}", "'"+ida+"'", "{lena}", "'"+lena+"'",
			"{omar}", "'"+omar+"'", "{account}", "'"+string(w.Ida.Account)+"'", "{dir}", "'"+string(w.Tenant.Directory)+"'",
			"{cat}", "'"+string(w.Catalog.ID)+"'", "{pkg}", "'"+string(o.Package.ID)+"'").Replace(text)
	}
	request := fill(`INSERT INTO request (tenant_id, id, type, state, catalog_id, package_id, target_id, justification,
		answers, terms, stage, note, created) VALUES ({t}, 'r', 'userAdd', 'submitted', {cat}, {pkg}, {ida}, '', '[]', '{}',
		0, '', 1)`)
	assignment := fill(`INSERT INTO assignment (tenant_id, id, catalog_id, package_id, person_id, request_id, state,
		start_at) VALUES ({t}, 'a', {cat}, {pkg}, {ida}, 'q', 'delivering', 1)`)
	held := func(by ...string) (all []string) {
		for _, id := range slices.Sorted(slices.Values(by)) {
			all = append(all, "held by "+id)
		}
		return all
	}
	return map[string]tableWrites{
		"person": {[]string{ida}, []string{
			fill(`UPDATE person SET name = 'New' WHERE id = {ida}`),
			fill(`UPDATE person SET disabled = TRUE WHERE id = {ida}`)}},
		"person who is new": {[]string{"new"}, []string{
			fill(`INSERT INTO person (tenant_id, id, directory_id, domain, kind, name, email, address, language, time_zone,
				attributes, disabled, guest, governed, created, version, sort_name)
				VALUES ({t}, 'new', {dir}, '', 'member', 'N', '', '', '', '', '{}', FALSE, 'none', FALSE, 1, 1, 'n')`),
			fill(`DELETE FROM person WHERE id = 'new'`)}},
		"account":              {[]string{ida}, []string{fill(`UPDATE account SET name = 'New' WHERE id = {account}`)}},
		"account of no person": {[]string{}, []string{`UPDATE account SET name = 'New' WHERE subject = 'mara'`}},
		"session of Ida": {[]string{}, []string{
			fill(`INSERT INTO session (id, account_id, directory_id, sid, created, seen) VALUES ('s', {account}, {dir}, '', 1,
				1)`),
			`UPDATE session SET seen = 2 WHERE id = 's'`,
			`DELETE FROM session WHERE id = 's'`}},
		"assignment, from its beginning to its end": {held(ida), []string{
			assignment, `UPDATE assignment SET state = 'expired', ended = 2 WHERE id = 'a'`}},
		"assignment": {held(ida), []string{
			strings.ReplaceAll(assignment, `'a'`, `'b'`), `UPDATE assignment SET package_id = (SELECT id FROM package
				WHERE name = 'Ebb') WHERE id = 'b'`, `DELETE FROM assignment WHERE id = 'b'`}},
		"assignment of another": {held(lena, omar), []string{
			fill(`UPDATE assignment SET person_id = {omar} WHERE id = 'x'`),
			fill(`UPDATE assignment SET person_id = {lena} WHERE id = 'x'`)}},
		"assignment that does not end": {[]string{}, []string{
			`UPDATE assignment SET state = 'delivered', end_at = 3, delivered = 2 WHERE id = 'x'`}},
		"assignment that has ended": {[]string{}, []string{
			strings.NewReplacer(`'a'`, `'c'`, `'delivering', 1`, `'expired', 1, 2`, `start_at)`, `start_at, ended)`).Replace(
				assignment), fill(`UPDATE assignment SET ended = 3, person_id = {omar} WHERE id = 'c'`),
			`DELETE FROM assignment WHERE id = 'c'`}},
		"request, from its beginning to its end": {held(ida), []string{
			request, `UPDATE request SET state = 'denied' WHERE id = 'r'`}},
		"request": {held(ida), []string{
			strings.ReplaceAll(request, `'r'`, `'r2'`), `UPDATE request SET package_id = (SELECT id FROM package
				WHERE name = 'Ebb') WHERE id = 'r2'`, `DELETE FROM request WHERE id = 'r2'`}},
		"request of another": {held(lena, omar), []string{
			fill(`UPDATE request SET target_id = {omar} WHERE id = 'q'`),
			fill(`UPDATE request SET target_id = {lena} WHERE id = 'q'`)}},
		"request that stays open": {[]string{}, []string{
			`UPDATE request SET state = 'delivering', note = 'x' WHERE id = 'q'`}},
		"request for less": {[]string{}, []string{
			strings.NewReplacer(`'r'`, `'r3'`, `'userAdd'`, `'userRemove'`).Replace(request),
			`UPDATE request SET state = 'delivering' WHERE id = 'r3'`, `DELETE FROM request WHERE id = 'r3'`}},
	}
}

// TestVersionsAreRaised writes to each table that cached facts are made
// from, as no method of the store needs to: the version of whom it concerns
// changes, and no other.
func TestVersionsAreRaised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		o, ebb := w.Package("Tidal", access.Policy{Scope: access.ScopeMembers}), w.Package("Ebb")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddRequest(ctx, access.Request{ID: "q", Tenant: w.Tenant.ID, Type: access.UserAdd,
				State: access.Submitted, Package: ebb.Package.ID, Target: w.Lena.ID}, ""); err != nil {
				return err
			}
			return tx.AddAssignment(ctx, access.Assignment{ID: "x", Tenant: w.Tenant.ID, Package: ebb.Package.ID,
				Person: w.Lena.ID, Request: "q"})
		})
		all := rightsWrites(w)
		maps.Copy(all, packageWrites(w, o))
		maps.Copy(all, personWrites(w, o))
		for table, writes := range all {
			for _, query := range writes.statements {
				pool, _ := w.Pools()
				tx, err := pool.Begin()
				if err != nil {
					t.Fatal(err)
				}
				before := versions(t, tx, w.Tenant.ID)
				res, err := tx.Exec(query)
				if err != nil {
					t.Fatalf("%s: %s: %v", table, query, err)
				}
				if n, err := res.RowsAffected(); n == 0 || err != nil {
					t.Fatalf("%s: %s changes nothing: %v", table, query, err)
				}
				if got := raised(before, versions(t, tx, w.Tenant.ID)); !slices.Equal(got, writes.concerns) {
					t.Errorf("%s: %s raises the versions of %q, want %q", table, query, got, writes.concerns)
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// eachLogged runs f with a world in a new database of each engine, and the log of
// its statements.
func eachLogged(t *testing.T, f func(t *testing.T, w *storetest.World, log *statementLog)) {
	t.Helper()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			var log statementLog
			c := storetest.NewClock()
			s := storetest.Open(t, address(t), c.Now, func(c *store.Config) { c.Intercept = log.record })
			f(t, storetest.NewWorld(t, s), &log)
		})
	}
}

// commit commits something that concerns no page.
func commit(w *storetest.World) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddDraft(ctx, access.FormDraft{Key: tx.NewID()})
	})
}

// TestCachedTables: what is cached by rights versions is made from no other tables
// than rightsWrites and personWrites change, and from all of them. The first
// statement of each page reads the rest.
func TestCachedTables(t *testing.T) {
	eachLogged(t, func(t *testing.T, w *storetest.World, log *statementLog) {
		o := w.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
		key := signIn(w, w.Ida)
		page := func() {
			r := openPage(t, w, key)
			readCached(t, r, w, w.Ida)
			if _, err := r.Holding(t.Context(), w.Ida, o.Package.ID); err != nil {
				t.Error(err)
			}
		}
		if n := log.runAs("cached", page); n < 6 {
			t.Fatalf("%d statements", n)
		}
		all := rightsWrites(w)
		maps.Copy(all, personWrites(w, o))
		ofVisit := []string{"session", "directory", "rights_version", "holding_version", "package_version",
			"request_approver"}
		wantTables(t, log.all, all, ofVisit...)
		commit(w)
		log.all = nil
		if n := log.runAs("again", page); n != 1 {
			t.Errorf("%d statements although everything is cached, want that of the visit", n)
		}
		read := tablesOf(log.all)
		delete(read, "directory_member") // of the approvals that are pending
		if got := slices.Sorted(maps.Keys(read)); !slices.Equal(got, slices.Sorted(slices.Values(ofVisit))) {
			t.Errorf("the statement of every page reads %v, want %v", got, ofVisit)
		}
		log.all = nil
		without := 1
		if !w.Postgres() { // nothing was committed
			without = 0
		}
		if n := log.runAs("without a commit", page); n != without {
			t.Errorf("%d statements without a commit, want %d", n, without)
		}
	})
}

// tablesOf are the tables that the statements read.
func tablesOf(all []statement) map[string]bool {
	read := map[string]bool{}
	for _, x := range all {
		for _, one := range statementTables(x.query) {
			read[one.table] = true
		}
	}
	return read
}

// wantTables fails the test unless the statements read all tables of the writes and
// no other.
func wantTables(t *testing.T, all []statement, writes map[string]tableWrites, others ...string) {
	t.Helper()
	read := tablesOf(all)
	for table := range writes {
		if !strings.Contains(table, " ") && !read[table] {
			t.Errorf("nothing cached is made from %s", table)
		}
		delete(read, table)
	}
	for _, table := range others {
		delete(read, table)
	}
	if len(read) > 0 {
		t.Errorf("cached facts are made from tables that raise no version: %v", slices.Sorted(maps.Keys(read)))
	}
}

// TestCachedPackages: the list of packages, its searches, what the person holds, and which
// packages give administrative roles are cached, and the tables that they are made from are known.
func TestCachedPackages(t *testing.T) {
	eachLogged(t, func(t *testing.T, w *storetest.World, log *statementLog) {
		o := w.Package("Tidal board", access.Policy{Scope: access.ScopeMembers})
		key := signIn(w, w.Ida)
		list := func(n int, text string) {
			t.Helper()
			r := openPage(t, w, key)
			who, err := r.ContextOf(t.Context(), w.Ida)
			if err != nil {
				t.Fatal(err)
			}
			found, err := r.AvailablePackages(t.Context(), who, store.PackageSearch{Text: text, Limit: 10})
			if n > 0 {
				if _, err := r.GivingRoles(t.Context(), w.Tenant.ID, []access.PackageID{o.Package.ID}); err != nil {
					t.Error(err)
				}
			}
			if err != nil || len(found) != n || n > 0 && len(found[0].Roles) != 2 {
				t.Errorf("%q finds %+v, %v", text, found, err)
			}
		}
		list(0, "not this") // reads who the page is for, and what Ida holds
		commit(w)
		texts := map[string]int{"": 1, "tidal": 1, "tidal board": 1, "nothing": 0}
		for text, n := range texts {
			log.runAs(text+" list", func() { list(n, text) })
		}
		// offer_word follows from offer and search_word, with which it is written; found
		// are words of search_word.
		ofVisit := []string{"session", "directory", "rights_version", "holding_version", "package_version",
			"request_approver", "directory_member", "request"}
		wantTables(t, log.all, packageWrites(w, o), append(ofVisit, "assignment", "role_assignment", "offer_word",
			"found")...)
		commit(w)
		for text, n := range texts {
			log.all = nil
			if again := log.runAs("again", func() { list(n, text) }); again > 1 {
				t.Errorf("%q: %d statements for what is cached, want that of the visit", text, again)
			}
		}
	})
}

// signIn adds a session of the person and returns its key.
func signIn(w *storetest.World, who access.Person) string {
	key := fmt.Sprint("session of ", who.ID)
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddSession(ctx, access.Session{Key: key, Account: who.Account, Directory: who.Directory})
	})
	return key
}

// openPage returns the snapshot of a page of the session.
func openPage(t *testing.T, w *storetest.World, key string) *store.Reader {
	t.Helper()
	r := w.Snapshot()
	if err := r.Visit(t.Context(), key, "meridian.example", true); err != nil {
		t.Fatal(err)
	}
	return r
}

// visitor returns the snapshot of a page that the person opens.
func visitor(t *testing.T, w *storetest.World, who access.Person) *store.Reader {
	t.Helper()
	return openPage(t, w, signIn(w, who))
}

// readCached reads what a page asks for.
func readCached(t *testing.T, r *store.Reader, w *storetest.World, who access.Person) {
	t.Helper()
	tenant, err := r.TenantByDomain(t.Context(), "meridian.example")
	if err != nil || tenant.ID != w.Tenant.ID || tenant.Settings.Language != "en" {
		t.Errorf("the tenant is %+v, %v", tenant, err)
	}
	if p, ok, err := r.PersonOf(t.Context(), w.Tenant.ID, who.Account); p.ID != who.ID || !ok || err != nil {
		t.Errorf("the person is %+v, %v", p, err)
	}
	if _, err := r.Rights(t.Context(), who); err != nil {
		t.Error(err)
	}
	if _, err := r.GroupsOf(t.Context(), w.Tenant.ID, who.ID); err != nil {
		t.Error(err)
	}
	if a, err := r.Admission(t.Context(), w.Tenant.ID, w.Harbor.ID); !a.Connected || a.Own || err != nil {
		t.Errorf("Harbor Studio is admitted as %+v, %v", a, err)
	}
	if o, ok, err := r.OrganizationOf(t.Context(), w.Tenant.ID, w.Harbor.ID); o.ID != w.Partner.ID || !ok || err != nil {
		t.Errorf("the organization is %+v, %v", o, err)
	}
	if n, err := r.CountPendingApprovals(t.Context(), who); n != 0 || err != nil {
		t.Errorf("%d requests are pending, %v", n, err)
	}
	if name, err := r.DirectoryName(t.Context(), who.Directory); name != "Meridian Works" || err != nil {
		t.Errorf("the directory is %q, %v", name, err)
	}
}
