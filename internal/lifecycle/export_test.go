package lifecycle

import (
	"context"

	"myaccess/internal/access"
)

// The jobs of the calendar from a list that was made before, as if something
// had happened since.

func (c *Calendar) EndFrom(ctx context.Context, old []access.Assignment) (int, error) {
	return each(ctx, c.store, old, endIfOver)
}

func (c *Calendar) LapseFrom(ctx context.Context, old []access.Request) (int, error) {
	return each(ctx, c.store, old, lapseIfOver)
}

func (c *Calendar) RemindFrom(ctx context.Context, old []access.Request) (int, error) {
	return each(ctx, c.store, old, remind)
}

func (c *Calendar) StartFrom(ctx context.Context, old []access.Request) (int, error) {
	return each(ctx, c.store, old, startIfDue)
}
