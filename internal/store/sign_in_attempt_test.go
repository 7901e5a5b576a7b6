package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestAttempt checks that a sign-in attempt is returned unchanged, to the
// browser that made it, once, and not after it expired (O-1, O-8).
func TestAttempt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		kept := access.SignInAttempt{Key: "k", Binding: "b", Directory: w.Harbor.ID, Tenant: w.Tenant.ID,
			Issuer: "https://login.harbor.example", ClientID: "c",
			RedirectURI: "https://access.meridian.example/auth/callback/1", Nonce: "n", Verifier: "v",
			ReturnTo: "/@meridian.example/?a=b",
			MaxAge:   90 * time.Minute, Created: c.Now()}
		take := func(key, binding string) (a access.SignInAttempt, err error) {
			err = s.Write(t.Context(), func(tx *store.Tx) error {
				a, err = tx.TakeAttempt(t.Context(), key, binding)
				return err
			})
			return a, err
		}
		keep := func() {
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddAttempt(ctx, kept) })
		}
		keep()
		for _, other := range [][2]string{{"k", "x"}, {"k", ""}, {"x", "b"}, {"", ""}} {
			if a, err := take(other[0], other[1]); access.KindOf(err) != access.NotFound {
				t.Errorf("%q took %+v, %v", other, a, err)
			}
		}
		got, err := take("k", "b")
		if diff := cmp.Diff(kept, got, cmp.Comparer(time.Time.Equal)); err != nil || diff != "" {
			t.Errorf("%v, %s", err, diff)
		}
		if a, err := take("k", "b"); access.KindOf(err) != access.NotFound {
			t.Errorf("taken twice: %+v, %v", a, err)
		}
		keep()
		c.Advance(access.SignInAttemptLifetime)
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteExpired(ctx) })
		if a, err := take("k", "b"); access.KindOf(err) != access.NotFound {
			t.Errorf("taken after its life: %+v, %v", a, err)
		}
	})
}
