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

// versions returns the rights versions by person, "" for everyone in the tenant.
func versions(t *testing.T, tx *sql.Tx, tenant access.TenantID) map[string]string {
	t.Helper()
	rows, err := tx.Query(`SELECT person_id, version FROM rights_version WHERE tenant_id = $1`, string(tenant))
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

// rightsWrites are, for each table that a page's cached facts are made from,
// statements that insert, change and delete a row, and whom they concern: everyone
// in the tenant ("") or one person. They are run one after the other.
func rightsWrites(w *storetest.World) map[string]struct {
	concerns   []string
	statements []string
} {
	type writes = struct {
		concerns   []string
		statements []string
	}
	all, ida, omar := []string{""}, string(w.Ida.ID), string(w.Omar.ID)
	tenant, group, org := string(w.Tenant.ID), string(w.Reviewers.ID), string(w.Partner.ID)
	fill := func(text string) string {
		return strings.NewReplacer("{t}", "'"+tenant+"'", "{ida}", "'"+ida+"'", "{group}", "'"+group+"'", "{org}",
			"'"+org+"'", "{own}", "'"+string(w.Tenant.Directory)+"'", "{other}", "'"+string(w.Other.ID)+"'").Replace(text)
	}
	return map[string]writes{
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

// TestRightsVersionsAreRaised writes to each table that cached facts are made
// from, as no method of the store needs to: the version of whom it concerns
// changes, and no other.
func TestRightsVersionsAreRaised(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *storetest.World) {
		for table, writes := range rightsWrites(w) {
			pool, _ := w.Pools()
			tx, err := pool.Begin()
			if err != nil {
				t.Fatal(err)
			}
			for _, query := range writes.statements {
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
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
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
		read := map[string]bool{}
		for _, x := range log.all {
			for _, one := range statementTables(x.query) {
				read[one.table] = true
			}
		}
		for table := range rightsWrites(w) {
			if strings.Contains(table, " ") {
				continue
			}
			if !read[table] {
				t.Errorf("nothing cached is made from %s", table)
			}
			delete(read, table)
		}
		if len(read) > 0 {
			t.Errorf("cached facts are made from tables that raise no version: %v", slices.Sorted(maps.Keys(read)))
		}
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
	if err := r.Visit(t.Context(), key, "meridian.example"); err != nil {
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
		for range 2 {
			r := visitor(t, w, w.Ida)
			readCached(t, r, w, w.Ida)
			if rights, err := r.Rights(ctx, w.Ida); !rights.HasAny() || err != nil {
				t.Errorf("Ida has %v, %v", rights, err)
			}
			if rights, err := r.Rights(ctx, w.Omar); rights.HasAny() || err != nil {
				t.Errorf("Omar has %v, %v", rights, err)
			}
			if groups, err := r.GroupsOf(ctx, w.Tenant.ID, w.Lena.ID); len(groups) != 0 || err != nil {
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
				return tx.EndSession(ctx, fmt.Sprint("session of ", w.Ida.ID))
			})
		}
	})
}
