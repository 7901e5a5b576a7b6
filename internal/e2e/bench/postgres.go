package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that the portal uses

	"myaccess/internal/access"
	"myaccess/internal/e2e/rig"
	"myaccess/internal/store"
)

// measurePostgres measures pages and submits on PostgreSQL, next to a bare handler
// on the same server. Without PostgreSQL it says so.
func measurePostgres(ctx context.Context, o options, binary, dir string, out, log io.Writer) error {
	dir = filepath.Join(dir, fmt.Sprintf("postgres-%g", o.pgSize))
	server, err := startPostgres(ctx, filepath.Join(dir, "server"))
	if errors.Is(err, errNoPostgres) {
		_, err = fmt.Fprintln(out, "PostgreSQL is not installed: nothing was measured on it")
		return err
	}
	if err != nil {
		return err
	}
	l, err := openSample(ctx, binary, dir, server.address, o.pgSize, log)
	var figures []figure
	if err == nil {
		figures, err = l.measurePostgres(ctx, o)
		err = errors.Join(err, l.portal.Stop())
	}
	if err := errors.Join(err, server.stop()); err != nil {
		return err
	}
	return printFigures(out, figures)
}

func (l *sampleEnv) measurePostgres(ctx context.Context, o options) ([]figure, error) {
	all := []figure{{name: "PostgreSQL", value: fmt.Sprintf("sample at %g of the full size", o.pgSize)}}
	for _, p := range []struct {
		name, path string
		who        []*rig.Visitor
		compare    bool
	}{
		{"list of access packages", "/access-packages", l.people, true},
		{"search for a common word", "/access-packages?q=project", l.people, false},
		{"approvals", "/approvals", []*rig.Visitor{l.approver}, false},
	} {
		get, size := getLoad(p.path, p.who, o.clients)
		// PostgreSQL plans a statement of a new connection several times.
		if _, err := runLoad(ctx, o, l.portal.PID(), get(l.portal.Base)); err != nil {
			return nil, err
		}
		portal, err := runLoad(ctx, o, l.portal.PID(), get(l.portal.Base))
		if err != nil {
			return nil, err
		}
		if !p.compare {
			all = append(all, figure{name: p.name + ", PostgreSQL", value: portal.String()})
			continue
		}
		o.size = int(*size)
		bare, err := runOnBare(ctx, l.database, o, get)
		if err != nil {
			return nil, err
		}
		all = append(all, compareToBare(p.name+", PostgreSQL", portal, bare)...)
	}
	submit, err := l.measurePostgresSubmit(ctx, o)
	return append(all, submit...), err
}

// getLoad returns a load that opens the page as the visitors, by the base address
// of the server, and where the size of its body is stored.
func getLoad(path string, who []*rig.Visitor, n int) (byBase, *int64) {
	clients, size := newClients(n), new(int64)
	return func(base string) func(context.Context, int) (time.Duration, error) {
		return func(ctx context.Context, i int) (time.Duration, error) {
			v := who[i%len(who)]
			r, err := newRequest(ctx, v, http.MethodGet, base+"/@"+domain+path, "")
			if err != nil {
				return 0, err
			}
			took, n, err := timeRequest(clients[i], r, http.StatusOK)
			if i == 0 {
				*size = n
			}
			return took, err
		}
	}, size
}

// measurePostgresSubmit measures requests for packages that need approval. The
// forms are opened beforehand; each client requests each package once.
func (l *sampleEnv) measurePostgresSubmit(ctx context.Context, o options) ([]figure, error) {
	ids, err := l.addPackages(ctx, packagesPerClient)
	if err != nil {
		return nil, err
	}
	forms := make([][]form, o.clients)
	for i := range forms {
		v := l.people[i%len(l.people)]
		for _, id := range ids {
			path := "/@" + domain + "/access-packages/" + string(id)
			page, err := v.Get(ctx, l.portal.Base+path)
			if err != nil || !page.HasForm(path+"/requests") {
				return nil, fmt.Errorf("%s has no form: %d, %w", path, page.Status, err)
			}
			forms[i] = append(forms[i], form{path + "/requests", page.HiddenFields().Encode()})
		}
	}
	clients := newClients(o.clients)
	post := postForms(clients, l.people, forms)
	portal, err := runLoad(ctx, o, l.portal.PID(), post(l.portal.Base))
	if err != nil {
		return nil, err
	}
	bare, err := runOnBare(ctx, l.database, o, post)
	if err != nil {
		return nil, err
	}
	rows, err := runOnBare(ctx, l.database, o, func(base string) func(context.Context, int) (time.Duration, error) {
		return post(base + rowsPath)
	})
	name := "submit, PostgreSQL"
	return append(compareToBare(name, portal, bare),
		figure{name: name + ", bare handler that writes the rows of a request", value: rows.String()},
		figure{name: name + ", share of that", value: fmt.Sprintf("%.0f %%", 100*portal.perSecond/rows.perSecond)}), err
}

// addPackages adds n access packages that all members may request and a member
// approves, in a catalog with a resource.
func (l *sampleEnv) addPackages(ctx context.Context, n int) (ids []access.PackageID, err error) {
	s, err := store.Open(ctx, store.Config{Address: l.database, Key: l.secret, Now: time.Now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	tenant, err := s.TenantByDomain(ctx, domain)
	if err != nil {
		return nil, err
	}
	approver, err := s.PersonList(ctx, tenant.ID, store.ListQuery[store.PersonFilter]{Limit: 1,
		Filter: store.PersonFilter{Kind: access.Member}})
	if err != nil || len(approver.Rows) == 0 {
		return nil, errors.Join(errors.New("the sample has no members"), err)
	}
	db, err := l.openReadOnly()
	if err != nil {
		return nil, err
	}
	found, err := queryPairs(ctx, db, `SELECT cr.catalog_id, rr.id FROM catalog_resource cr
		JOIN resource_role rr ON rr.tenant_id = cr.tenant_id AND rr.resource_id = cr.resource_id
		JOIN catalog cat ON cat.tenant_id = cr.tenant_id AND cat.id = cr.catalog_id WHERE cat.published LIMIT 1`)
	if err := errors.Join(err, db.Close()); err != nil || len(found) == 0 {
		return nil, errors.Join(errors.New("the sample has no resource"), err)
	}
	return ids, s.Write(ctx, func(tx *store.Tx) error {
		ids = nil
		for i := range n {
			k := access.Package{ID: access.PackageID(tx.NewID()), Tenant: tenant.ID, Catalog: access.CatalogID(found[0][0]),
				Name: fmt.Sprintf("Pressed %s %03d", rand.Text()[:6], i), Hidden: true,
				Roles: []access.ResourceRoleID{access.ResourceRoleID(found[0][1])}}
			p := access.Policy{ID: access.PolicyID(tx.NewID()), Tenant: tenant.ID, Package: k.ID, Name: "Members",
				Scope: access.ScopeMembers, Enabled: true, Terms: access.Terms{
					Expiration: access.Expiration{Kind: access.AfterDuration, Days: 30},
					Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{{Kind: access.SubjectPerson,
						ID: string(approver.Rows[0].ID)}}}}}}
			if err := errors.Join(tx.SavePackage(ctx, k), tx.SavePolicy(ctx, p)); err != nil {
				return err
			}
			ids = append(ids, k.ID)
		}
		return nil
	})
}

// openBare opens the database of the bare handler.
func openBare(address string) (*sql.DB, error) {
	if !isPostgres(address) {
		return sql.Open("sqlite",
			"file:"+address+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_txlock=immediate")
	}
	db, err := sql.Open("pgx", address)
	if err == nil {
		db.SetMaxOpenConns(16)
		db.SetMaxIdleConns(16)
	}
	return db, err
}

func isPostgres(address string) bool { return strings.HasPrefix(address, "postgres://") }

// bareQuery runs the one query of a bare page: on PostgreSQL in a read-only
// snapshot.
func bareQuery(ctx context.Context, db *sql.DB, snapshot bool, path string) error {
	const query = `SELECT name FROM package WHERE tenant_id <> $1 LIMIT 1`
	var name string
	if !snapshot {
		return db.QueryRowContext(ctx, query, path).Scan(&name)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if err := tx.QueryRowContext(ctx, query, path).Scan(&name); err != nil {
		return err
	}
	return tx.Commit()
}
