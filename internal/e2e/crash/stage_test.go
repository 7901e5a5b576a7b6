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

// stage is where the people work: portals on one database, providers, and a
// mail server.
type stage struct {
	t        *testing.T
	ctx      context.Context
	database string
	secret   []byte
	portals  []*rig.Portal
	mails    *mailtest.Server
	random   *rand.Rand // of the test's own goroutine
	log      *portalLog
}

// portalLog is what portals have written to standard error. It is safe for
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

// errors are the lines that tell of faults.
func (s *portalLog) errors() []string {
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

// newStage prepares portals that do not run yet, on a database that it fills.
func newStage(t *testing.T, database string, portals int) *stage {
	dir, ctx := t.TempDir(), t.Context()
	s := &stage{t: t, ctx: ctx, database: database, secret: bytes.Repeat([]byte("k"), 32),
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
	if err := console.Fill(ctx, s.portals...); err != nil {
		t.Fatal(err)
	}
	return s
}

// start starts a portal and returns how long that took.
func (s *stage) start(p *rig.Portal) time.Duration {
	s.t.Helper()
	took, err := p.Start(s.ctx)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, strings.Join(s.log.errors(), ""))
	}
	return took
}

// data is the database as it is now, open until close is called.
func (s *stage) data() (d *data, done func()) {
	s.t.Helper()
	driver, address := "pgx", s.database
	if s.sqlite() {
		driver, address = "sqlite", "file:"+s.database+"?_pragma=busy_timeout(20000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		s.t.Fatal(err)
	}
	return &data{t: s.t, ctx: s.ctx, q: db, begin: db.BeginTx}, func() { s.close(db) }
}

func (s *stage) sqlite() bool { return !strings.HasPrefix(s.database, "postgres") }

func (s *stage) close(c io.Closer) {
	s.t.Helper()
	if err := c.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// moveEnds lets about half of the access that is held end now, as the passing
// of time does, and returns the assignments.
func (s *stage) moveEnds(d *data) []string {
	s.t.Helper()
	var moved []string
	for _, id := range column[string](d, `SELECT id FROM assignment WHERE state = 'delivered' ORDER BY id`) {
		if s.random.IntN(2) == 0 {
			moved = append(moved, id)
		}
	}
	const move = `UPDATE assignment SET end_at = $1 WHERE state = 'delivered' AND id IN `
	switch {
	case len(moved) == 0:
	case s.sqlite(): // one write, because each waits for those of the portal
		d.exec(move+quoted(moved), now())
	default: // one at a time, because several rows could deadlock with the portals
		for _, id := range moved {
			d.exec(move+quoted([]string{id}), now())
		}
	}
	return moved
}

// quoted are ids as a list in SQL.
func quoted(ids []string) string { return "('" + strings.Join(ids, "', '") + "')" }

// expectChain checks the hash chain of the audit log. Every line must be sealed.
func (s *stage) expectChain(d *data) {
	s.t.Helper()
	st, err := store.Open(s.ctx, store.Config{Address: s.database, Key: s.secret, Now: time.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	defer s.close(st)
	tenant := access.TenantID(d.one(`SELECT id FROM tenant`))
	sealed, broken, err := st.CheckChain(s.ctx, tenant)
	if err != nil || broken != 0 {
		s.t.Errorf("the chain of the audit log is broken at %d: %v", broken, err)
	}
	if written := d.number(`SELECT COUNT(*) FROM audit`); sealed != written {
		s.t.Errorf("%d lines of the audit log, %d of them sealed", written, sealed)
	}
}

// wait polls until done, which must come about soon.
func (s *stage) wait(what string, done func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s\n%s", what, strings.Join(s.log.errors(), ""))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// rest lets the people work for a random time.
func (s *stage) rest(from, to time.Duration) {
	time.Sleep(from + time.Duration(s.random.Int64N(int64(to-from))))
}

// data reads a database besides the portals.
type data struct {
	t     *testing.T
	ctx   context.Context
	q     querier
	begin func(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

// querier is what a database and a transaction have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// inSnapshot is the database as it is at this moment, whatever happens meanwhile.
func (d *data) inSnapshot(look func(*data)) {
	d.t.Helper()
	tx, err := d.begin(d.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		d.t.Fatal(err)
	}
	look(&data{t: d.t, ctx: d.ctx, q: tx})
	if err := tx.Rollback(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *data) exec(query string, args ...any) {
	d.t.Helper()
	if _, err := d.q.ExecContext(d.ctx, query, args...); err != nil {
		d.t.Fatal(err)
	}
}

// rows are the rows of a query as text, the columns set apart by spaces.
func (d *data) rows(query string, args ...any) []string {
	d.t.Helper()
	rows, err := d.q.QueryContext(d.ctx, query, args...)
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

func (d *data) one(query string, args ...any) string {
	d.t.Helper()
	all := d.rows(query, args...)
	if len(all) != 1 {
		d.t.Fatalf("%s %v: %d rows", query, args, len(all))
	}
	return all[0]
}

func (d *data) number(query string, args ...any) int64 {
	d.t.Helper()
	n, err := strconv.ParseInt(d.one(query, args...), 10, 64)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// expectNone expects that a query finds nothing: every row is a breach of what name
// says.
func (d *data) expectNone(name, query string, args ...any) {
	d.t.Helper()
	all := d.rows(query, args...)
	for i, row := range all {
		if i == 5 {
			d.t.Errorf("%s: and %d more", name, len(all)-i)
			return
		}
		d.t.Errorf("%s: %s", name, row)
	}
}

func column[T ~string](d *data, query string, args ...any) []T {
	d.t.Helper()
	var all []T
	for _, row := range d.rows(query, args...) {
		all = append(all, T(row))
	}
	return all
}

func list(all []string) string { return fmt.Sprintf("%d: %s", len(all), strings.Join(all, "; ")) }
