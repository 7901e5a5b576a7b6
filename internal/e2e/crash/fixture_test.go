package crash

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/e2e/rig"
	"myaccess/internal/mail/mailtest"
	"myaccess/internal/store"
)

//go:embed workspace.yaml
var workspace string

// fixture is the environment of a test: portals on one database, providers, and
// a mail server.
type fixture struct {
	t        *testing.T
	ctx      context.Context
	database string
	secret   []byte
	portals  []*rig.Portal
	mails    *mailtest.Server
	random   *rand.Rand // of the test's own goroutine
	log      *portalLog
}

// portalLog collects the standard error of the portals. It is safe for
// concurrent use.
type portalLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *portalLog) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// errorLines returns the lines with errors or panics.
func (s *portalLog) errorLines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for line := range strings.Lines(s.text.String()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") || strings.Contains(line, "goroutine ") {
			all = append(all, line)
		}
	}
	return all
}

func seed(t *testing.T) uint64 {
	n, err := strconv.ParseUint(os.Getenv("MYACCESS_SEED"), 10, 64)
	if err != nil {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("MYACCESS_SEED=%d", n)
	return n
}

// newFixture fills a database and prepares portals on it, without starting them.
func newFixture(t *testing.T, database string, portals int) *fixture {
	dir, ctx := t.TempDir(), t.Context()
	s := &fixture{t: t, ctx: ctx, database: database, secret: bytes.Repeat([]byte("k"), 32),
		mails:  mailtest.Start(t, mailtest.Config{}),
		random: rand.New(rand.NewPCG(seed(t), 0)), log: &portalLog{}}
	for range portals {
		p, err := rig.New(ctx, rig.Config{Binary: binary, Database: database, Secret: s.secret, SMTP: s.mails.Addr(),
			Log: s.log})
		if err != nil {
			t.Fatal(err)
		}
		s.portals = append(s.portals, p)
		t.Cleanup(func() {
			if err := p.Kill(); err != nil {
				t.Error(err)
			}
		})
	}
	l, err := rig.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	console, err := rig.NewConsole(l, filepath.Join(dir, "console"),
		[]byte(strings.ReplaceAll(workspace, "PROVIDERS", "http://"+l.Addr().String())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := console.ApplyWorkspace(ctx, s.portals...); err != nil {
		t.Fatal(err)
	}
	return s
}

// start starts a portal and returns how long that took.
func (s *fixture) start(p *rig.Portal) time.Duration {
	s.t.Helper()
	took, err := p.Start(s.ctx)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, strings.Join(s.log.errorLines(), ""))
	}
	return took
}

// openData opens the database; done closes it.
func (s *fixture) openData() (d *data, done func()) {
	s.t.Helper()
	driver, address := "pgx", s.database
	if s.sqlite() {
		driver, address = "sqlite", "file:"+s.database+"?_pragma=busy_timeout(20000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		s.t.Fatal(err)
	}
	return &data{t: s.t, ctx: s.ctx, db: db, begin: db.BeginTx}, func() { s.close(db) }
}

func (s *fixture) sqlite() bool { return !strings.HasPrefix(s.database, "postgres") }

func (s *fixture) close(c io.Closer) {
	s.t.Helper()
	if err := c.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// endSomeAccess sets the end of about half of the delivered assignments to now
// and returns them.
func (s *fixture) endSomeAccess(d *data) []string {
	s.t.Helper()
	var moved []string
	for _, id := range queryColumn[string](d, `SELECT id FROM assignment WHERE state = 'delivered' ORDER BY id`) {
		if s.random.IntN(2) == 0 {
			moved = append(moved, id)
		}
	}
	if len(moved) > 0 {
		d.exec(`UPDATE assignment SET end_at = $1 WHERE state = 'delivered' AND id IN `+quoted(moved), now())
	}
	return moved
}

// sendDelayedMails makes the mails due that wait because a request was withdrawn
// before (B-13).
func (d *data) sendDelayedMails() {
	soon := now() + access.RepeatedRequestDelay.Milliseconds()/2
	d.exec(`UPDATE mail SET next_try = $1 WHERE kind = 'approvalAsked' AND attempts = 0 AND next_try > $2`, now(), soon)
}

// quoted returns ids as an SQL list.
func quoted(ids []string) string { return "('" + strings.Join(ids, "', '") + "')" }

// expectAuditChain checks the hash chain of the audit log. Every record must be
// sealed.
func (s *fixture) expectAuditChain(d *data) {
	s.t.Helper()
	st, err := store.Open(s.ctx, store.Config{Address: s.database, Key: s.secret, Now: time.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	defer s.close(st)
	tenant := access.TenantID(d.queryOne(`SELECT id FROM tenant`))
	sealed, broken, err := st.CheckChain(s.ctx, tenant)
	if err != nil || broken != 0 {
		s.t.Errorf("the chain of the audit log is broken at %d: %v", broken, err)
	}
	if written := d.queryNumber(`SELECT COUNT(*) FROM audit`); sealed != written {
		s.t.Errorf("%d audit records, %d of them sealed", written, sealed)
	}
}

// waitUntil polls until done returns true, for up to a minute.
func (s *fixture) waitUntil(what string, done func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			s.t.Fatalf("timed out waiting for %s\n%s", what, strings.Join(s.log.errorLines(), ""))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// sleepBetween sleeps for a random time, while the people work.
func (s *fixture) sleepBetween(from, to time.Duration) {
	time.Sleep(from + time.Duration(s.random.Int64N(int64(to-from))))
}

// data reads the database directly, bypassing the portals.
type data struct {
	t     *testing.T
	ctx   context.Context
	db    querier
	begin func(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

// querier is implemented by a database and a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// withSnapshot calls look with a consistent snapshot of the database.
func (d *data) withSnapshot(look func(*data)) {
	d.t.Helper()
	tx, err := d.begin(d.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		d.t.Fatal(err)
	}
	look(&data{t: d.t, ctx: d.ctx, db: tx})
	if err := tx.Rollback(); err != nil {
		d.t.Fatal(err)
	}
}

// exec runs a statement on its own. As the portals do, it repeats what PostgreSQL
// ended because of a deadlock: a row that it changes also counts up a version
// (store/versions.go), so that even one row can deadlock with a portal.
func (d *data) exec(query string, args ...any) {
	d.t.Helper()
	for attempt := 0; ; attempt++ {
		_, err := d.db.ExecContext(d.ctx, query, args...)
		if err == nil {
			return
		}
		if attempt == 20 || !strings.Contains(err.Error(), "SQLSTATE 40P01") {
			d.t.Fatal(err)
		}
	}
}

// queryRows returns the rows as text, with columns separated by spaces.
func (d *data) queryRows(query string, args ...any) []string {
	d.t.Helper()
	rows, err := d.db.QueryContext(d.ctx, query, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		fields, dest := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range fields {
			dest[i] = &fields[i]
		}
		if err := rows.Scan(dest...); err != nil {
			d.t.Fatal(err)
		}
		text := make([]string, len(names))
		for i, f := range fields {
			text[i] = f.String
		}
		all = append(all, strings.Join(text, " "))
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

func (d *data) queryOne(query string, args ...any) string {
	d.t.Helper()
	all := d.queryRows(query, args...)
	if len(all) != 1 {
		d.t.Fatalf("%s %v: %d rows", query, args, len(all))
	}
	return all[0]
}

func (d *data) queryNumber(query string, args ...any) int64 {
	d.t.Helper()
	n, err := strconv.ParseInt(d.queryOne(query, args...), 10, 64)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// expectNone expects that a query finds nothing; it reports each row as an error
// with the name.
func (d *data) expectNone(name, query string, args ...any) {
	d.t.Helper()
	all := d.queryRows(query, args...)
	for i, row := range all {
		if i == 5 {
			d.t.Errorf("%s: and %d more", name, len(all)-i)
			return
		}
		d.t.Errorf("%s: %s", name, row)
	}
}

func queryColumn[T ~string](d *data, query string, args ...any) []T {
	d.t.Helper()
	var all []T
	for _, row := range d.queryRows(query, args...) {
		all = append(all, T(row))
	}
	return all
}

func countedList(all []string) string {
	return fmt.Sprintf("%d: %s", len(all), strings.Join(all, "; "))
}
