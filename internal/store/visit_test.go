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

// onPostgres runs f with a world on PostgreSQL, if there is one.
func onPostgres(t *testing.T, f func(t *testing.T, w *storetest.World)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		if s.Postgres() {
			f(t, storetest.NewWorld(t, s))
		}
	})
}

// versions returns the rights versions by person, "" for everyone in the tenant,
// and the version of its packages as that of "packages".
func versions(t *testing.T, tx *sql.Tx, tenant access.TenantID) map[string]string {
	t.Helper()
	rows, err := tx.Query(`SELECT person_id, version FROM rights_version WHERE tenant_id = $1
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
			fill(`DELETE FROM package_role WHERE package_id = {pkg}`)}},
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
		"person and policy": {[]string{}, []string{
			fill(`UPDATE person SET name = 'New' WHERE tenant_id = {t}`),
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
		"directory_domain": {all, []string{
			fill(`INSERT INTO directory_domain (scope, name, directory_id, position, proof, token)
				VALUES ('', 'new.example', {own}, 7, 'pending', 'x')`),
			fill(`UPDATE directory_domain SET proof = 'dns' WHERE name = 'new.example'`),
			fill(`UPDATE directory_domain SET directory_id = {other} WHERE name = 'new.example'`),
			fill(`UPDATE directory_domain SET directory_id = {own} WHERE name = 'new.example'`),
			fill(`DELETE FROM directory_domain WHERE name = 'new.example'`)}},
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
			fill(`DELETE FROM organization_sponsor_group WHERE entry_id = {group}`)}},
	}
}

// TestVersionsAreRaised writes to each table that cached facts are made
// from, as no method of the store needs to: the version of whom it concerns
// changes, and no other.
func TestVersionsAreRaised(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *storetest.World) {
		o := w.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
		all := rightsWrites(w)
		maps.Copy(all, packageWrites(w, o))
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

// TestCachedTables: what is cached by rights versions is made from no other tables
// than rightsWrites changes, and from all of them.
func TestCachedTables(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		if engine != "postgres" {
			continue
		}
		var log statementLog
		c := storetest.NewClock()
		s := storetest.Open(t, address(t), c.Now, func(c *store.Config) { c.Intercept = log.record })
		w := storetest.NewWorld(t, s)
		r := visitor(t, w, w.Ida)
		n := log.runAs("cached", func() { readCached(t, r, w, w.Ida) })
		if n < 5 {
			t.Fatalf("%d statements", n)
		}
		if again := log.runAs("again", func() { readCached(t, r, w, w.Ida) }); again != 0 {
			t.Errorf("%d statements although everything is cached", again)
		}
		wantTables(t, log.all, rightsWrites(w))
	}
}

// wantTables fails the test unless the statements read all tables of the writes and
// no other.
func wantTables(t *testing.T, all []statement, writes map[string]tableWrites, others ...string) {
	t.Helper()
	read := map[string]bool{}
	for _, x := range all {
		for _, one := range statementTables(x.query) {
			read[one.table] = true
		}
	}
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

// TestCachedPackages: the list of packages and its searches are cached, what the
// person holds is read every time, and the tables of both are known.
func TestCachedPackages(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		if engine != "postgres" {
			continue
		}
		var log statementLog
		c := storetest.NewClock()
		s := storetest.Open(t, address(t), c.Now, func(c *store.Config) { c.Intercept = log.record })
		w := storetest.NewWorld(t, s)
		o := w.Package("Tidal board", access.Policy{Scope: access.ScopeMembers})
		r := visitor(t, w, w.Ida)
		list := func(n int, text string) {
			t.Helper()
			who, err := r.ContextOf(t.Context(), w.Ida)
			if err != nil {
				t.Fatal(err)
			}
			found, err := r.AvailablePackages(t.Context(), who, store.PackageSearch{Text: text, Limit: 10})
			if err != nil || len(found) != n || n > 0 && len(found[0].Roles) != 2 {
				t.Errorf("%q finds %+v, %v", text, found, err)
			}
		}
		for text, n := range map[string]int{"": 1, "tidal": 1, "tidal board": 1, "nothing": 0} {
			log.runAs(text+" list", func() { list(n, text) })
		}
		all := log.all
		log.all = nil
		if again := log.runAs("again", func() { list(1, "") }); again != 1 {
			t.Errorf("%d statements for what is cached, want 1 for what the person holds", again)
		}
		// directory_member and directory_entry are of Ida's groups; offer_word follows from
		// offer and search_word, with which it is written; found are words of search_word.
		holds := []string{"assignment", "request"}
		wantTables(t, all, packageWrites(w, o), append(holds, "directory_member", "directory_entry", "offer_word",
			"found")...)
		wantTables(t, log.all, nil, holds...)
	}
}

// visitor returns the snapshot of a page that the person opens.
func visitor(t *testing.T, w *storetest.World, who access.Person) *store.Reader {
	t.Helper()
	key := fmt.Sprint("session of ", who.ID)
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddSession(ctx, access.Session{Key: key, Account: who.Account, Directory: who.Directory})
	})
	r := w.Snapshot()
	if err := r.Visit(t.Context(), key, "meridian.example", true); err != nil {
		t.Fatal(err)
	}
	return r
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

// TestVisitOfOthers: a snapshot for one page answers for other sessions, tenants,
// people and directories as any other reader does.
func TestVisitOfOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		role := access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddSession(ctx, access.Session{Key: "of mara", Account: w.Mara.ID,
				Directory: w.Harbor.ID}); err != nil {
				return err
			}
			return tx.AddRoleAssignment(ctx, role)
		})
		for joined := range 2 { // how many groups Lena is in
			r := visitor(t, w, w.Ida)
			readCached(t, r, w, w.Ida)
			if rights, err := r.Rights(ctx, w.Ida); !rights.HasAny() || err != nil {
				t.Errorf("Ida has %v, %v", rights, err)
			}
			if rights, err := r.Rights(ctx, w.Omar); rights.HasAny() || err != nil {
				t.Errorf("Omar has %v, %v", rights, err)
			}
			if groups, err := r.GroupsOf(ctx, w.Tenant.ID, w.Lena.ID); len(groups) != joined || err != nil {
				t.Errorf("Lena is in %v, %v", groups, err)
			}
			if groups, err := r.GroupsOf(ctx, w.Tenant.ID, w.Ida.ID); len(groups) != 1 || err != nil {
				t.Errorf("Ida is in %v, %v", groups, err)
			}
			if in, err := r.Session(ctx, "of mara"); in.Account.ID != w.Mara.ID || err != nil {
				t.Errorf("Mara's session is of %v, %v", in.Account, err)
			}
			if p, ok, err := r.PersonOf(ctx, w.Tenant.ID, w.Mara.ID); ok || err != nil {
				t.Errorf("Mara is %v, %v", p, err)
			}
			if p, ok, err := r.PersonOf(ctx, w.Tenant.ID, w.Omar.Account); p.ID != w.Omar.ID || !ok || err != nil {
				t.Errorf("Omar is %v, %v", p, err)
			}
			if name, err := r.DirectoryName(ctx, w.Harbor.ID); name != "Harbor Studio" || err != nil {
				t.Errorf("the directory is %q, %v", name, err)
			}
			if _, err := r.TenantByDomain(ctx, "harbor.example"); access.KindOf(err) != access.NotFound {
				t.Errorf("a tenant at harbor.example: %v", err)
			}
			r.End()
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.EndSession(ctx, fmt.Sprint("session of ", w.Ida.ID)); err != nil {
					return err
				}
				_, err := tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: w.Reviewers.ID, Role: store.GroupMember,
					Person: w.Lena.ID})
				return err
			})
		}
	})
}
