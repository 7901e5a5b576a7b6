package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// batchSize is the number of items that a job reads at a time.
const batchSize = 50

// dueJob is a job that handles items when they are due.
type dueJob[T any] struct {
	name store.DueJob
	// list returns up to limit items that are due and not postponed.
	list func(ctx context.Context, now time.Time, limit int) ([]T, error)
	// item names an item.
	item   func(T) (access.TenantID, string)
	handle func(ctx context.Context, tx *store.Tx, item T) error
	// steps says that handling an item takes it one step on, so that it is listed again
	// until its last step. Any other item that is listed again has not been handled.
	steps bool
}

// dueRun is one run of a job.
type dueRun[T any] struct {
	dueJob[T]
	store *store.Store
	done  int
	first error // of the items that failed
	// failures counts how often an item was not handled in this run.
	failures map[store.JobItem]int
	// handled are the items that were handled in this run.
	handled map[store.JobItem]bool
}

func newDueRun[T any](j dueJob[T], s *store.Store) *dueRun[T] {
	return &dueRun[T]{dueJob: j, store: s, failures: map[store.JobItem]int{}, handled: map[store.JobItem]bool{}}
}

// errNoEffect is the failure of an item that is due although it was handled in this run.
var errNoEffect = errors.New("still due after it was handled")

// run handles everything that is due, each item in a transaction of its own. It
// returns the number of items handled and the first failure.
//
// An item that fails is postponed: it is tried again after access.RetryDelay, by
// whichever portal runs the job then, and does not keep later items from being
// handled in this run. So is an item that is listed again after it was handled.
func (j dueJob[T]) run(ctx context.Context, s *store.Store, now time.Time) (int, error) {
	r := newDueRun(j, s)
	for ctx.Err() == nil {
		items, err := j.list(ctx, now, batchSize)
		if err == nil {
			err = r.handleAll(ctx, items)
		}
		if err != nil {
			return r.done, errors.Join(r.first, err)
		}
		if len(items) < batchSize {
			break
		}
	}
	return r.done, r.first
}

// handleAll handles items. It returns an error if the run cannot go on because an
// item that failed could not be postponed.
func (r *dueRun[T]) handleAll(ctx context.Context, items []T) error {
	for _, item := range items {
		named, err := r.named(item), errNoEffect
		if r.handled[named] {
			r.done--
			delete(r.handled, named)
		} else {
			err = recoverPanic(func() error {
				return r.store.Write(ctx, func(tx *store.Tx) error { return r.handle(ctx, tx, item) })
			})
		}
		if err == nil {
			r.done++
			r.handled[named] = !r.steps
			continue
		}
		if store.IsStorageError(err) {
			return err // no item can be handled, nor postponed
		}
		if err := r.failed(ctx, item, err); err != nil {
			return err
		}
	}
	return nil
}

// failed postpones an item that failed with err. A Conflict is no failure: another
// process has handled the item. Only if it is listed once more, so that nobody
// has, it is postponed. The error says that postponing has failed or had no
// effect.
func (r *dueRun[T]) failed(ctx context.Context, item T, err error) error {
	named := r.named(item)
	conflict := access.KindOf(err) == access.Conflict
	r.failures[named]++
	switch n := r.failures[named]; {
	case conflict && n == 1:
		return nil
	case n > 2:
		return fmt.Errorf("%s %s is due although it was postponed", r.name, named.ID)
	}
	if r.first == nil && !conflict {
		r.first = fmt.Errorf("%s %s: %w", r.name, named.ID, err)
	}
	return r.store.Write(ctx, func(tx *store.Tx) error {
		return tx.PostponeJobItem(ctx, named, func(failures int) time.Duration { return access.RetryDelay(failures, 0, 1) })
	})
}

func (r *dueRun[T]) named(item T) store.JobItem {
	t, id := r.item(item)
	return store.JobItem{Job: r.name, Tenant: t, ID: id}
}

// requestItem names a request as an item of a job.
func requestItem(r access.Request) (access.TenantID, string) { return r.Tenant, string(r.ID) }
