package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/e2e/rig"
	"myaccess/internal/signin"
	"myaccess/internal/store"
)

// domain is the domain of a sample's tenant.
const domain = "meridian.example"

// sampleEnv is a portal on a sample installation.
type sampleEnv struct {
	portal   *rig.Portal
	database string
	secret   []byte
	admin    *rig.Visitor   // a global administrator
	approver *rig.Visitor   // with the most pending approvals
	people   []*rig.Visitor // browse in the background
}

// browserCount people browse while a page is measured; each opens a page every
// browseInterval.
const (
	browserCount   = 20
	browseInterval = time.Second
)

// openSample writes a sample of the size into the database, unless one is there
// from an earlier run, and starts a portal on it. The directory keeps the rest
// and, if the database is empty, an SQLite file.
func openSample(ctx context.Context, binary, dir, database string, scale float64, log io.Writer) (*sampleEnv, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &sampleEnv{database: cmp.Or(database, filepath.Join(dir, "myaccess.db"))}
	var err error
	if l.secret, err = loadOrCreateSecret(filepath.Join(dir, "secret")); err != nil {
		return nil, err
	}
	if l.portal, err = rig.New(ctx, rig.Config{Binary: binary, Database: l.database, Secret: l.secret, SMTP: "127.0.0.1:1",
		Log: io.Discard}); err != nil {
		return nil, err
	}
	done := filepath.Join(dir, "done")
	if _, err := os.Stat(done); errors.Is(err, os.ErrNotExist) {
		begun := time.Now()
		_, _ = fmt.Fprintf(log, "writing a sample at %g of the full size …\n", scale)
		if said, err := l.portal.Command(ctx, "sample", "--domain", domain, "--scale", fmt.Sprint(scale)); err != nil {
			return nil, fmt.Errorf("%s%w", said, err)
		}
		_, _ = fmt.Fprintf(log, "… in %s\n", time.Since(begun).Round(time.Second))
		if err := os.WriteFile(done, nil, 0o600); err != nil {
			return nil, err
		}
	}
	if err := l.createSessions(ctx); err != nil {
		return nil, err
	}
	if _, err := l.portal.Start(ctx); err != nil {
		return nil, err
	}
	return l, l.waitIdle(ctx)
}

// loadOrCreateSecret reads the secret from the file; it creates the file if
// missing.
func loadOrCreateSecret(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		text = []byte(base64.StdEncoding.EncodeToString([]byte(rand.Text() + rand.Text())))
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(string(text))
}

// waitIdle waits until the portal has done the work that was due at its start:
// three seconds in a row with little CPU time.
func (l *sampleEnv) waitIdle(ctx context.Context) error {
	for quiet := 0; quiet < 3; {
		before, err := cpuTime(l.portal.PID())
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		after, err := cpuTime(l.portal.PID())
		if err != nil {
			return err
		}
		if quiet++; after-before > 100*time.Millisecond {
			quiet = 0
		}
	}
	return nil
}

// createSessions creates the sessions of the visitors: an administrator, the
// approver with the most pending approvals among those in eight groups, and the
// people who browse.
func (l *sampleEnv) createSessions(ctx context.Context) (err error) {
	cookies, err := signin.NewCookies(l.secret, "")
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{Address: l.database, Key: l.secret, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	accounts, err := l.accounts(ctx)
	if err != nil {
		return err
	}
	var all []*rig.Visitor
	for _, a := range accounts {
		v, err := newSession(ctx, s, cookies, access.AccountID(a[0]), access.DirectoryID(a[1]))
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	if len(all) != 2+browserCount {
		return fmt.Errorf("the sample has %d of the %d visitors", len(all), 2+browserCount)
	}
	l.admin, l.approver, l.people = all[0], all[1], all[2:]
	return nil
}

// accounts returns the accounts of the visitors and their directories.
func (l *sampleEnv) accounts(ctx context.Context) ([][2]string, error) {
	db, err := l.openReadOnly()
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // opened read-only
	const account = `SELECT p.account_id, p.directory_id FROM person p WHERE p.account_id IS NOT NULL AND NOT p.disabled
		AND `
	queries := []string{
		account + `p.id = (SELECT subject_id FROM role_assignment WHERE role = 'globalAdministrator')`,
		account + `p.id = (SELECT COALESCE(m.person_id, a.subject_id) AS who FROM request_approver a
			LEFT JOIN directory_member m ON m.tenant_id = a.tenant_id AND m.entry_id = a.subject_id AND m.role = 'Member'
			WHERE a.closed IS NULL AND (SELECT COUNT(*) FROM directory_member o WHERE o.tenant_id = a.tenant_id
			AND o.person_id = COALESCE(m.person_id, a.subject_id)) = 8
			GROUP BY who ORDER BY COUNT(*) DESC, who LIMIT 1)`,
		account + `p.kind = 'member' ORDER BY p.id DESC LIMIT 20`,
	}
	var all [][2]string
	for _, q := range queries {
		some, err := queryPairs(ctx, db, q)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// queryPairs returns the rows of a query with two columns.
func queryPairs(ctx context.Context, db *sql.DB, query string) (all [][2]string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a [2]string
		if err := rows.Scan(&a[0], &a[1]); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// openReadOnly opens the database for reading only.
func (l *sampleEnv) openReadOnly() (*sql.DB, error) {
	if isPostgres(l.database) {
		return sql.Open("pgx", l.database+"&default_transaction_read_only=on")
	}
	return sql.Open("sqlite", "file:"+l.database+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
}

// newSession returns a visitor with a session of the account.
func newSession(ctx context.Context, s *store.Store, cookies *signin.Cookies, a access.AccountID,
	d access.DirectoryID) (*rig.Visitor, error) {
	id := signin.NewToken()
	if err := s.Write(ctx, func(tx *store.Tx) error {
		return tx.AddSession(ctx, access.Session{Key: signin.HashToken(id), Account: a, Directory: d})
	}); err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	if err := cookies.SetSession(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), id); err != nil {
		return nil, err
	}
	v := rig.NewVisitor("", "", "", domain, "")
	v.SetCookies(answer.Result().Cookies())
	return v, nil
}

// portalPaths returns the pages that people browse.
func portalPaths() []string {
	return []string{"/", "/access-packages", "/access-packages?tab=active", "/access-packages?q=project",
		"/access-packages?tab=expired", "/requests", "/approvals"}
}

// startBrowsing lets people browse until the context ends; wait for the
// returned group after that.
func (l *sampleEnv) startBrowsing(ctx context.Context) *sync.WaitGroup {
	paths := portalPaths()
	var wait sync.WaitGroup
	for i, v := range l.people {
		wait.Go(func() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(browseInterval * time.Duration(i) / browserCount):
			}
			for n := i; ; n++ {
				if _, err := v.Get(ctx, v.TenantURL(l.portal)+paths[n%len(paths)]); err != nil {
					return
				}
				select {
				case <-ctx.Done():
					return
				case <-time.After(browseInterval):
				}
			}
		})
	}
	return &wait
}

// measureSamples measures every page at the size and at a tenth of it.
func measureSamples(ctx context.Context, o options, binary, dir string, out, log io.Writer) error {
	var got [2][]pageTimes
	var mb [2]float64
	var removed, added rolloutResult
	for i, scale := range []float64{o.full / 10, o.full} {
		l, err := openSample(ctx, binary, filepath.Join(dir, fmt.Sprintf("sample-%g", scale)), "", scale, log)
		if err != nil {
			return err
		}
		got[i], mb[i], err = l.measurePages(ctx)
		if err == nil && i == 1 {
			removed, added, err = l.measureRollout(ctx)
		}
		if err := errors.Join(err, l.portal.Stop()); err != nil {
			return err
		}
	}
	if err := printPages(out, got, mb); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "a resource role removed from the package with the most holders: %s\nand added again: %s\n",
		removed,
		added)
	return err
}
