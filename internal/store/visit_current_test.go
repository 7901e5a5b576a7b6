package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// pageText is readerText of a page that is opened and ends.
func pageText(t *testing.T, w *storetest.World, key string) string {
	t.Helper()
	r := openPage(t, w, key)
	defer r.End()
	return readerText(t, r, key)
}

// readerText is what a page of Ida's shows of everything that is cached, and of the
// session.
func readerText(t *testing.T, r *store.Reader, key string) string {
	t.Helper()
	ctx := t.Context()
	var says strings.Builder
	in, err := r.Session(ctx, key)
	if access.KindOf(err) == access.NotFound {
		return "no session"
	}
	note := func(err error, text string, values ...any) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&says, text+"; ", values...)
	}
	note(err, "seen %d, account %s", in.Session.LastSeen.UnixMilli()%100_000, in.Account.Name)
	tenant, err := r.TenantByDomain(ctx, "meridian.example")
	if access.KindOf(err) == access.NotFound {
		return "no tenant"
	}
	note(err, "tenant %s", tenant.Name)
	p, ok, err := r.PersonOf(ctx, tenant.ID, in.Account.ID)
	note(err, "person %v %s, disabled %v", ok, p.Name, p.Disabled)
	name, err := r.DirectoryName(ctx, in.Account.Directory)
	note(err, "directory %s", name)
	rights, err := r.Rights(ctx, p)
	note(err, "rights %v", rights.HasAny())
	n, err := r.CountPendingApprovals(ctx, p)
	note(err, "pending %d", n)
	who, err := r.ContextOf(ctx, p)
	note(err, "groups %d", len(who.Groups))
	some, err := r.AvailablePackages(ctx, who, store.PackageSearch{Limit: 1})
	note(err, "%d packages", len(some))
	for _, l := range some {
		giving, err := r.GivingRoles(ctx, tenant.ID, []access.PackageID{l.Package.ID})
		note(err, "giving roles %v", giving[l.Package.ID])
	}
	for _, text := range []string{"", "tidal"} {
		all, err := r.AvailablePackages(ctx, who, store.PackageSearch{Text: text, Limit: 10})
		note(err, "%d found for %q", len(all), text)
		for _, l := range all {
			note(nil, "%s of %s, assigned %v, requested %v, %d roles", l.Package.Name, l.Catalog, l.Holding.Assigned,
				l.Holding.Requested, len(l.Roles))
		}
	}
	return says.String()
}

// change is what another process writes, and what a page shows only after it.
type change struct {
	name  string
	write func(t *testing.T, s *store.Store)
	shows string
}

// with is a write of a transaction.
func with(f func(ctx context.Context, tx *store.Tx) error) func(*testing.T, *store.Store) {
	return func(t *testing.T, s *store.Store) {
		t.Helper()
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
}

// running is a write of a statement that no method of the store has.
func running(query string) func(*testing.T, *store.Store) {
	return func(t *testing.T, s *store.Store) {
		t.Helper()
		mustExec(t, s, query)
	}
}

// changesOfVisit are writes to everything that pageText shows, in their order.
func changesOfVisit(w *storetest.World, o access.Offer, key string) []change {
	t, ida, c := w.Tenant.ID, w.Ida, w.Catalog
	account, err := w.Account(context.Background(), ida.Account)
	if err != nil {
		panic(err)
	}
	request := access.Request{ID: "q", Tenant: t, Type: access.UserAdd, State: access.Submitted, Package: o.Package.ID,
		Target: ida.ID}
	waits := request
	waits.ID, waits.State, waits.Target, waits.Requestor = "w", access.PendingApproval, w.Lena.ID, w.Lena.ID
	held := access.Assignment{ID: "x", Tenant: t, Package: o.Package.ID, Person: ida.ID, Request: "q"}
	role := access.RoleAssignment{Tenant: t, Role: access.GlobalAdministrator,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(ida.ID)}}
	ofTeam := access.RoleAssignment{Tenant: t, Role: access.CatalogCreator,
		Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: w.Team.ExternalID}}
	member := access.Membership{Entry: w.Reviewers.ID, Role: store.GroupMember, Person: ida.ID}
	renamed, k := ida, o.Package
	return []change{
		{"a request", with(func(ctx context.Context, tx *store.Tx) error { return tx.AddRequest(ctx, request, "") }),
			"assigned false, requested true"},
		{"an assignment", with(func(ctx context.Context, tx *store.Tx) error { return tx.AddAssignment(ctx, held) }),
			"assigned true, requested true"},
		{"the end of the request", with(func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveRequest(ctx, request, access.Canceled, "", "")
		}), "assigned true, requested false"},
		{"the end of the assignment", with(func(ctx context.Context, tx *store.Tx) error {
			ends := held
			ends.State, ends.Ended = access.AssignDelivering, tx.Now
			return tx.MoveAssignment(ctx, ends, access.AssignExpired)
		}), "assigned false, requested false"},
		{"a request that waits", with(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddRequest(ctx, waits, ""); err != nil {
				return err
			}
			return tx.OpenStage(ctx, waits, 1, groupOf(w.Reviewers))
		}), "pending 1;"},
		{"a role", with(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, role) }),
			"rights true"},
		{"a role of a team", with(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, ofTeam) }),
			"giving roles true"},
		{"another kind of target", running(`UPDATE target SET kind = 'manual'`), "giving roles false"},
		{"the former kind of target", running(`UPDATE target SET kind = 'directory'`), "giving roles true"},
		{"a package without the team", running(`UPDATE resource SET kind = 'site' WHERE id = '` + string(w.Team.ID) + `'`),
			"giving roles false"},
		{"a package with the team", running(`UPDATE resource SET kind = 'team' WHERE id = '` + string(w.Team.ID) + `'`),
			"giving roles true"},
		{"the end of the team's role", with(func(ctx context.Context, tx *store.Tx) error {
			return tx.RemoveRoleAssignment(ctx, ofTeam)
		}), "giving roles false"},
		{"membership", with(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.RemoveMember(ctx, t, member)
			return err
		}), "pending 0; groups 0;"},
		{"the account", with(func(ctx context.Context, tx *store.Tx) error {
			a := account
			a.Name = "Ida Renamed"
			return tx.SaveAccount(ctx, a)
		}), "account Ida Renamed"},
		{"the person", with(func(ctx context.Context, tx *store.Tx) error {
			renamed.Name = "Ida Moved"
			return tx.UpdatePerson(ctx, renamed)
		}), "person true Ida Moved"},
		{"the tenant", with(func(ctx context.Context, tx *store.Tx) error {
			n := w.Tenant
			n.Name = "Meridian Group"
			return tx.SaveTenant(ctx, n)
		}), "tenant Meridian Group"},
		{"the directory", running(`UPDATE directory SET name = 'Meridian Ltd' WHERE name = 'Meridian Works'`),
			"directory Meridian Ltd"},
		{"the catalog", with(func(ctx context.Context, tx *store.Tx) error {
			n := c
			n.Name = "Programmes"
			return tx.SaveCatalog(ctx, n)
		}), "of Programmes"},
		{"the package", with(func(ctx context.Context, tx *store.Tx) error {
			n := k
			n.Name, n.Roles = "Tidal bridge", k.Roles[:1]
			return tx.SavePackage(ctx, n)
		}), "Tidal bridge of Programmes, assigned false, requested false, 1 roles; 1 found for \"tidal\""},
		{"the session", running(`UPDATE session SET seen = 12345 WHERE id = '` + key + `'`), "seen 12345,"},
		{"its standing", with(func(ctx context.Context, tx *store.Tx) error {
			renamed.Disabled = true
			return tx.UpdatePerson(ctx, renamed)
		}), "disabled true"},
		{"the domain", running(`UPDATE directory_domain SET directory_id = '` + string(w.Other.ID) +
			`' WHERE name = 'meridian.example'`), "no tenant"},
		{"the session's end", with(func(ctx context.Context, tx *store.Tx) error { return tx.EndSession(ctx, key) }),
			"no session"},
	}
}

// TestPagesAreCurrent: after every change that another process makes, a page shows
// it, although what it shows was cached before.
func TestPagesAreCurrent(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			w, elsewhere := storetest.NewWorld(t, storetest.Open(t, at, c.Now)), storetest.Open(t, at, c.Now)
			o := w.Package("Tidal board", access.Policy{Scope: access.ScopeMembers})
			key := signIn(w, w.Ida)
			for _, x := range changesOfVisit(w, o, key) {
				for range 2 {
					if says := pageText(t, w, key); strings.Contains(says, x.shows) {
						t.Fatalf("before %s: %s", x.name, says)
					}
				}
				before, ended := openPage(t, w, key), openPage(t, w, key)
				ended.End()
				if err := ended.Visit(t.Context(), key, "meridian.example", true); err != nil {
					t.Error(err)
				}
				x.write(t, elsewhere)
				if says := pageText(t, w, key); !strings.Contains(says, x.shows) {
					t.Errorf("after %s: %s", x.name, says)
				}
				before.End()
				for _, r := range []*store.Reader{before, ended} {
					if says := readerText(t, r, key); !strings.Contains(says, x.shows) {
						t.Errorf("after %s, a page that has ended: %s", x.name, says)
					}
				}
				if says := pageText(t, w, key); !strings.Contains(says, x.shows) {
					t.Errorf("some time after %s: %s", x.name, says)
				}
			}
		})
	}
}

// TestManyHoldings: what a person has of each package is right for more packages
// than are cached.
func TestManyHoldings(t *testing.T) {
	const n = 1005 // more than twice 500, which are cached
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		key, tenant, catalog := signIn(w, w.Ida), string(w.Tenant.ID), string(w.Catalog.ID)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			k := access.Package{ID: "p", Tenant: w.Tenant.ID, Catalog: w.Catalog.ID, Name: "P"}
			if err := tx.SavePackage(ctx, k); err != nil {
				return err
			}
			return tx.AddRequest(ctx, access.Request{ID: "q", Tenant: w.Tenant.ID, Type: access.UserRemove,
				State: access.Submitted, Package: "p", Target: w.Ida.ID}, "")
		})
		numbers := fmt.Sprintf(`WITH RECURSIVE ids (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ids WHERE n < %d) `, n)
		mustExec(t, s, numbers+`INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version, sort_name,
			search) SELECT $1, 'p' || n, $2, 'P' || n, '', FALSE, 1, 'p' || n, '' FROM ids`, tenant, catalog)
		mustExec(t, s, numbers+`INSERT INTO assignment (tenant_id, id, catalog_id, package_id, person_id, request_id, state,
			start_at) SELECT $1, 'a' || n, $2, 'p' || n, $3, 'q', 'delivered', 1 FROM ids`, tenant, catalog,
			string(w.Ida.ID))
		for range 2 {
			r, held := openPage(t, w, key), 0
			for i := range n + 1 {
				h, err := r.Holding(t.Context(), w.Ida, access.PackageID(fmt.Sprint("p", i+1)))
				if err != nil {
					t.Fatal(err)
				}
				if h.Assigned {
					held++
				}
			}
			if r.End(); held != n {
				t.Errorf("%d packages are held, want %d", held, n)
			}
		}
	})
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

// TestManyGivingRoles: which packages give administrative roles is right for more packages
// than are cached, and for few.
func TestManyGivingRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		key, tenant := signIn(w, w.Ida), string(w.Tenant.ID)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogCreator,
				Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: w.Team.ExternalID}})
		})
		have := 0
		for _, n := range []int{3, 505} { // 500 are cached
			numbers := fmt.Sprintf(`WITH RECURSIVE ids (n) AS (SELECT %d UNION ALL SELECT n + 1 FROM ids WHERE n < %d) `,
				have+1, n+1)
			mustExec(t, s, numbers+`INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version,
				sort_name, search) SELECT $1, 'p' || n, $2, 'P' || n, '', FALSE, 1, 'p' || n, '' FROM ids
				WHERE TRUE ON CONFLICT DO NOTHING`, tenant, string(w.Catalog.ID))
			mustExec(t, s, numbers+fmt.Sprintf(`INSERT INTO package_role (tenant_id, package_id, role_id, position)
				SELECT $1, 'p' || n, $2, 1 FROM ids WHERE n <= %d`, n), tenant, string(w.Team.Roles[0].ID))
			have = n
			var ids []access.PackageID
			for i := range n + 1 {
				ids = append(ids, access.PackageID(fmt.Sprint("p", i+1)))
			}
			for range 2 {
				r := openPage(t, w, key)
				got, err := r.GivingRoles(t.Context(), w.Tenant.ID, ids)
				if err != nil || len(got) != n || !got["p1"] || got[ids[n]] {
					t.Errorf("%d of %d packages give roles, want %d; %v", len(got), len(ids), n, err)
				}
				r.End()
			}
		}
	})
}
