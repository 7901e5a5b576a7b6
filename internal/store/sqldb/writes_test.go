package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// openPostgresAlone opens an empty database on PostgreSQL as a portal does. It
// skips the test if there is no server.
func openPostgresAlone(t *testing.T) *sqldb.DB {
	t.Helper()
	address, ok := storetest.Addresses(t)[string(sqldb.Postgres)]
	if !ok {
		t.Skip("no PostgreSQL")
	}
	return openAlone(t, address(t))
}

// openAlone opens the database as a portal does, and closes it when the test ends.
func openAlone(t *testing.T, address string) *sqldb.DB {
	t.Helper()
	d, err := sqldb.Open(t.Context(), sqldb.Config{Address: address, Migrations: migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestWritesOfAProcessDoNotConflict: each of 40 transactions reads where the others
// insert. In one process each runs once.
func TestWritesOfAProcessDoNotConflict(t *testing.T) {
	d := openPostgresAlone(t)
	var runs atomic.Int64
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			err := d.Write(context.Background(), func(q sqldb.Querier) error {
				runs.Add(1)
				if _, err := count(context.Background(), q, fmt.Sprintf("next to %02d", i)); err != nil {
					return err
				}
				return insert(context.Background(), fmt.Sprintf("row %02d", i), nil)(q)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := runs.Load(); n != 40 {
		t.Errorf("40 transactions ran %d times", n)
	}
}

// TestWriteDoesNotWaitBeyondItsContext: a transaction that waits for another ends
// with its context, while the other is still running.
func TestWriteDoesNotWaitBeyondItsContext(t *testing.T) {
	eachEngineAlone(t, wantWaitingToEnd)
}

func wantWaitingToEnd(t *testing.T, d *sqldb.DB) {
	running, hold, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	release := sync.OnceFunc(func() { close(hold) })
	time.AfterFunc(5*time.Second, release) // so that a failure is no hang
	go func() {
		done <- d.Write(context.Background(), func(sqldb.Querier) error {
			close(running)
			<-hold
			return nil
		})
	}()
	<-running
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := d.Write(ctx, insert(ctx, "late", nil)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the one that waited: %v", err)
	}
	select {
	case <-hold:
		t.Error("it waited for the other beyond its context")
	default:
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := d.Write(t.Context(), insert(t.Context(), "next", nil)); err != nil || exists(t, d, "late") {
		t.Errorf("afterwards: %v", err)
	}
}
