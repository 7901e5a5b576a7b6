package lifecycle

import (
	"context"
	"errors"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// The methods of Deadlines and Guests with a list that was made before, as if something
// had changed since.

func (c *Deadlines) EndAssignmentsFrom(ctx context.Context, old []access.Assignment) (int, error) {
	return handleList(ctx, c.store, c.endJob(), old)
}

func (c *Deadlines) ExpireRequestsFrom(ctx context.Context, old []access.Request) (int, error) {
	return handleList(ctx, c.store, c.expiryJob(), old)
}

func (c *Deadlines) RemindApproversFrom(ctx context.Context, old []access.Request) (int, error) {
	return handleList(ctx, c.store, c.reminderJob(), old)
}

func (c *Deadlines) StartScheduledFrom(ctx context.Context, old []access.Request) (int, error) {
	return handleList(ctx, c.store, c.startJob(), old)
}

func (g *Guests) RemoveDisabledFrom(ctx context.Context, old []access.Person) (int, error) {
	return handleList(ctx, g.store, g.disabledJob(), old)
}

// handleList handles the items of a list that was made before.
func handleList[T any](ctx context.Context, s *store.Store, j dueJob[T], old []T) (int, error) {
	r := newDueRun(j, s)
	err := r.handleAll(ctx, old)
	return r.done, errors.Join(r.first, err)
}

// RemoveDueBy is RemoveDue with another way to handle a guest.
func (g *Guests) RemoveDueBy(ctx context.Context, now time.Time,
	handle func(ctx context.Context, tx *store.Tx, p access.Person) error) (int, error) {
	j := g.removalJob()
	j.handle = handle
	return j.run(ctx, g.store, now)
}

// WaitingFailures is how many keys of failed sign-ins are not stored yet, and how many
// characters their descriptions have.
func WaitingFailures(s *SignIns) (keys, characters int) {
	for _, kept := range s.failed.all {
		for _, f := range kept.Last {
			characters += len([]rune(f.Description))
		}
	}
	return len(s.failed.all), characters
}
