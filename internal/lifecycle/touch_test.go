package lifecycle_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// logText collects a log.
type logText struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// count returns how many lines of the log have all texts.
func (l *logText) count(texts ...string) (n int) {
	for line := range strings.Lines(l.String()) {
		if !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(line, s) }) {
			n++
		}
	}
	return n
}

// TestSessionWithoutTouch: a session is used although its last use cannot be
// stored, and although storing it takes long. The failure is logged, by the store, and stored
// is the last use of a later call.
func TestSessionWithoutTouch(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			var touch func() error // called before the last use is written; nil: write it
			var mu sync.Mutex
			set := func(f func() error) {
				mu.Lock()
				defer mu.Unlock()
				touch = f
			}
			c, log, ctx := storetest.NewClock(), &logText{}, context.Background()
			s := storetest.Open(t, address(t), c.Now, func(config *store.Config) {
				config.Log = slog.New(slog.NewTextHandler(log, nil))
				config.Intercept = func(query string, _ []any) error {
					mu.Lock()
					f := touch
					mu.Unlock()
					if f == nil || !strings.HasPrefix(query, "UPDATE session SET seen") {
						return nil
					}
					return f()
				}
			})
			w := storetest.NewWorld(t, s)
			use := lifecycle.New(lifecycle.Config{Store: s, Log: slog.New(slog.NewTextHandler(log, nil))})
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				return tx.AddSession(ctx, access.Session{Key: "k", Account: w.Ida.Account, Directory: w.Tenant.Directory})
			})
			begun := c.Now()
			visit := func() {
				t.Helper()
				c.Advance(6 * time.Minute)
				page := s.Snapshot()
				defer page.End()
				in, err := use.SignIns.Session(ctx, page, "k", c.Now())
				if err != nil || in.Account.ID != w.Ida.Account {
					t.Errorf("%+v, %v", in, err)
				}
				use.SignIns.Touch(ctx, in.Session, w.Tenant.Settings, c.Now())
			}
			seen := func() time.Time {
				t.Helper()
				in, err := s.Session(ctx, "k")
				if err != nil {
					t.Fatal(err)
				}
				return in.Session.LastSeen
			}
			set(func() error { return sqldb.ErrFull })
			visit()
			if got := seen(); !got.Equal(begun) {
				t.Errorf("the last use is %s, want %s", got, begun)
			}
			if got := log.String(); !strings.Contains(got, "the database can't be written") ||
				!strings.Contains(got, "no space left for the database") {
				t.Errorf("logged: %s", got)
			}
			busy := make(chan struct{})
			set(func() error {
				select {
				case <-busy:
				case <-time.After(5 * time.Second):
					t.Error("the sessions have waited for the database")
				}
				return nil
			})
			for range 20 { // would take 5 seconds if each waited
				visit()
			}
			set(nil)
			close(busy)
			for range 50 { // the first of the twenty may still be under way
				if visit(); seen().Equal(c.Now()) {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Errorf("the last use is %s, want %s", seen(), c.Now())
		})
	}
}
