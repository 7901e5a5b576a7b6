package store_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestMigrationOfDomains: the domains of a database of schema 25 stay, with their order
// and how they were verified, and pages still learn of changes of them. From then on a
// provider can claim a domain that another directory has, and no two can have or claim it.
func TestMigrationOfDomains(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			old, done, err := store.OpenOld(t.Context(), at, 25)
			if err != nil {
				t.Fatal(err)
			}
			for _, query := range []string{
				`INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, auth_style, hint_style, tenant_claim,
					tenant_value, scopes, confirmed_hosts, enabled, version) VALUES
					('own', '', 'openid', 'Own', 'https://id.example', '', 'none', 'none', '', '', '', '', TRUE, 1),
					('quay', 'a', 'passcode', 'Quay', '', '', 'none', 'none', '', '', '', '', TRUE, 1),
					('idp', 'a', 'openid', 'Provider', 'https://idp.example', '', 'none', 'none', '', '', '', '', TRUE, 1),
					('two', 'a', 'openid', 'Another', 'https://two.example', '', 'none', 'none', '', '', '', '', TRUE, 1)`,
				`INSERT INTO tenant VALUES ('a', 'own', 'A', '{}', 1)`,
				`INSERT INTO directory_domain VALUES ('', 'own.example', 'own', 0, 'operator', ''),
					('', 'second.example', 'own', 1, 'dns', ''), ('a', 'quay.example', 'quay', 0, 'mail', ''),
					('a', 'claimed.example', 'idp', 0, 'pending', 'token')`,
			} {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			const rows = `SELECT scope, name, directory_id, CAST(position AS TEXT), proof, token FROM directory_domain
				ORDER BY directory_id, position`
			want := " second.example own 1 dns "
			got := textRows(t, s, rows)
			if len(got) != 4 || got[2] != want || got[3] != "a quay.example quay 0 mail " ||
				got[0] != "a claimed.example idp 0 pending token" {
				t.Errorf("got %q", got)
			}
			raised := func() string {
				return strings.Join(textRows(t, s, `SELECT version FROM rights_version WHERE tenant_id = 'a'
					AND person_id = ''`), " ")
			}
			before := raised()
			mustExec(t, s, `INSERT INTO directory_domain VALUES ('a', 'quay.example', 'idp', 1, 'pending', 'token')`)
			if raised() == before {
				t.Error("a new domain raises no version")
			}
			for _, twice := range []string{`('a', 'quay.example', 'two', 0, 'pending', 'x')`,
				`('a', 'quay.example', 'two', 0, 'dns', '')`, `('a', 'quay.example', 'quay', 0, 'mail', '')`} {
				if err := exec(s, `INSERT INTO directory_domain VALUES `+twice); err == nil {
					t.Errorf("%s was stored", twice)
				}
			}
			if d, err := s.DirectoryByDomain(t.Context(), "a", "quay.example"); err != nil || d.ID != "quay" {
				t.Errorf("%+v, %v", d, err)
			}
			d, ok, err := s.DirectoryWithPendingDomain(t.Context(), "a", "quay.example")
			if err != nil || !ok || d.ID != "idp" || d.Kind != access.DirectoryOpenID {
				t.Errorf("%+v, %v, %v", d, ok, err)
			}
		})
	}
}

// carrySamples are values for methods about people who are carried over.
func carrySamples(w *storetest.World, p access.Person) []any {
	all := []any{[]access.TenantID{w.Tenant.ID}, store.Carrying{CarryOver: access.CarryOver{Person: p, Record: p.ID,
		From: w.Harbor.ID, Address: "x"}, Record: p, Account: w.Mara, Domain: "harbor.example"}}
	for _, over := range []store.Flag{"", store.Yes, store.No} {
		all = append(all, store.ListQuery[store.PersonFilter]{Limit: 10,
			Filter: store.PersonFilter{Carried: store.Carried{From: w.Harbor.ID, Over: over}}})
	}
	return all
}
