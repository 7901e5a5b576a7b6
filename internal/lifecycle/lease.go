package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// leaseTime is how long a mail, or a unit of delivery, stays claimed by a portal that
// has been killed. A lease is renewed while its holder works, so the time is short: a
// lease takes one of the places of a mail domain or of a target.
const leaseTime = 15 * time.Second

// keepLease calls renew at intervals until stop is called, which waits for a call in
// progress. The context that it returns ends with ctx, with stop, and if renew returns
// a Conflict: another worker has taken over. log gets other errors; the lease may still
// be renewed in time by the next call.
func keepLease(ctx context.Context, renew func(context.Context) error,
	log func(error)) (working context.Context, stop func()) {
	working, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(leaseTime / 3)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
			}
			err := renew(context.WithoutCancel(ctx))
			switch {
			case err == nil:
			case access.KindOf(err) == access.Conflict:
				cancel()
			default:
				log(err)
			}
		}
	}()
	return working, func() {
		cancel()
		<-done
	}
}
