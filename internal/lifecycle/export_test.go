package lifecycle

import (
	"context"

	"myaccess/internal/access"
)

// The methods of Deadlines with a list that was made before, as if something
// had changed since.

func (c *Deadlines) EndAssignmentsFrom(ctx context.Context, old []access.Assignment) (int, error) {
	return forEachTx(ctx, c.store, old, endIfDue)
}

func (c *Deadlines) ExpireRequestsFrom(ctx context.Context, old []access.Request) (int, error) {
	return forEachTx(ctx, c.store, old, expireIfDue)
}

func (c *Deadlines) RemindApproversFrom(ctx context.Context, old []access.Request) (int, error) {
	return forEachTx(ctx, c.store, old, remindApprovers)
}

func (c *Deadlines) StartScheduledFrom(ctx context.Context, old []access.Request) (int, error) {
	return forEachTx(ctx, c.store, old, startIfDue)
}
