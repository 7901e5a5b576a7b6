package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// addTargets adds targets with these names, which are also their ids.
func addTargets(w *storetest.World, names ...access.TargetID) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, name := range names {
			if err := tx.SaveTarget(ctx, access.Target{ID: name, Tenant: w.Tenant.ID, Name: string(name),
				Kind: "test"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// queueTo queues n deliveries to the target, due now, of n new people.
func queueTo(w *storetest.World, target access.TargetID, n int, removal bool) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			p := access.Person{ID: access.PersonID(fmt.Sprintf("%s %v %03d", target, removal, i)), Tenant: w.Tenant.ID,
				Directory: w.Tenant.Directory, Kind: access.Member, Guest: access.GuestNone, Name: "Sam"}
			if err := tx.AddPerson(ctx, p); err != nil {
				return err
			}
			if err := tx.QueueDeliveryTo(ctx, store.Delivery{Tenant: p.Tenant, Person: p.ID, Target: target,
				Removal: removal, NextTry: tx.Now}, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// claimAll claims deliveries for a minute, four per target, until none can be
// claimed.
func claimAll(t *testing.T, s *store.Store) (all []store.DeliveryLease) {
	t.Helper()
	for {
		l, ok, err := s.LeaseDelivery(t.Context(), time.Minute, 4)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, l)
	}
}

// countClaims counts claims by target, and in "removal" those that remove.
func countClaims(all []store.DeliveryLease) map[string]int {
	n := map[string]int{}
	for _, l := range all {
		n[string(l.Target)]++
		if l.Removal {
			n["removal"]++
		}
	}
	return n
}

// TestClaimsPerTarget checks that of each target only so many deliveries are
// claimed at the same time; a release, and a lease that expires, make room for
// the next one.
func TestClaimsPerTarget(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		addTargets(w, "a", "b", "c")
		queueTo(w, "a", 10, false)
		c.Advance(time.Second)
		queueTo(w, "b", 10, false)
		queueTo(w, "c", 3, false)
		all := claimAll(t, s)
		if d := cmp.Diff(map[string]int{"a": 4, "b": 4, "c": 3}, countClaims(all)); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(map[string]int{"a": 2, "b": 2, "c": 2}, countClaims(all[:6])); d != "" {
			t.Errorf("targets do not take turns: %s", d)
		}
		if err := release(s, all[0], time.Time{}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]int{string(all[0].Target): 1}, countClaims(claimAll(t, s))); d != "" {
			t.Errorf("after a release: %s", d)
		}
		c.Advance(time.Minute)
		if d := cmp.Diff(map[string]int{"a": 4, "b": 4, "c": 3}, countClaims(claimAll(t, s))); d != "" {
			t.Errorf("after the leases have expired: %s", d)
		}
	})
}

// TestPlansPerTenant checks that deliveries without a target are limited too, and
// hold up neither targets nor another tenant.
func TestPlansPerTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queue(w, 10, false)
		c.Advance(time.Second)
		addTargets(w, "a")
		queueTo(w, "a", 2, false)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveTenant(ctx, access.Tenant{ID: "other", Directory: w.Other.ID, Name: "Other"}); err != nil {
				return err
			}
			if err := tx.AddPerson(ctx, access.Person{ID: "theirs", Tenant: "other", Directory: w.Other.ID,
				Kind: access.Member, Guest: access.GuestNone}); err != nil {
				return err
			}
			return tx.QueueDelivery(ctx, "other", "theirs", false)
		})
		if d := cmp.Diff(map[string]int{"": 5, "a": 2}, countClaims(claimAll(t, s))); d != "" {
			t.Error(d)
		}
	})
}

// TestPlaceForOthers checks that removals come first at a target, but leave one
// place for other deliveries, and take it if there are none.
func TestPlaceForOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		addTargets(w, "a", "b")
		queueTo(w, "a", 10, false)
		c.Advance(time.Second)
		queueTo(w, "a", 10, true)
		all := claimAll(t, s)
		if d := cmp.Diff(map[string]int{"a": 4, "removal": 3}, countClaims(all)); d != "" {
			t.Error(d)
		}
		if len(all) != 4 || all[3].Removal {
			t.Errorf("removals do not come first: %+v", all)
		}
		queueTo(w, "b", 10, true)
		if d := cmp.Diff(map[string]int{"b": 4, "removal": 4}, countClaims(claimAll(t, s))); d != "" {
			t.Errorf("removals only: %s", d)
		}
	})
}

// TestClaimsOfSeveralPortals checks that two portals on one database together
// claim no more than the limit, and each delivery once.
func TestClaimsOfSeveralPortals(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			portals := []*store.Store{storetest.Open(t, at, c.Now), storetest.Open(t, at, c.Now)}
			w := storetest.NewWorld(t, portals[0])
			addTargets(w, "a", "b")
			queueTo(w, "a", 30, false)
			queueTo(w, "b", 30, true)
			for range 20 {
				var mu sync.Mutex
				var all []store.DeliveryLease
				var wait sync.WaitGroup
				for i := range 8 {
					wait.Go(func() {
						for range 3 {
							l, ok, err := portals[i%2].LeaseDelivery(t.Context(), time.Minute, 4)
							if err != nil {
								t.Error(err)
							}
							mu.Lock()
							if ok {
								all = append(all, l)
							}
							mu.Unlock()
						}
					})
				}
				wait.Wait()
				if d := cmp.Diff(map[string]int{"a": 4, "b": 4, "removal": 4}, countClaims(all)); d != "" {
					t.Fatal(d)
				}
				c.Advance(time.Minute)
			}
		})
	}
}

// TestQueueDeliveryTo checks what becomes of a delivery that is queued again.
func TestQueueDeliveryTo(t *testing.T) {
	soon, late := 10*time.Second, 20*time.Second
	for name, tt := range map[string]struct {
		again   store.Delivery // its NextTry is set to next
		next    time.Duration
		changed bool
		want    store.Delivery
		due     time.Duration
	}{
		"earlier":       {next: 0, due: 0, want: store.Delivery{Account: access.GuestBlocked}},
		"later":         {next: late, due: soon, want: store.Delivery{Account: access.GuestBlocked}},
		"later, change": {next: late, changed: true, due: soon, want: store.Delivery{Account: access.GuestBlocked}},
		"account": {again: store.Delivery{Account: access.GuestActive}, next: late, changed: true, due: soon,
			want: store.Delivery{Account: access.GuestActive}},
		"removal": {again: store.Delivery{Removal: true}, next: late, changed: true, due: soon,
			want: store.Delivery{Removal: true, Account: access.GuestBlocked}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
				w := storetest.NewWorld(t, s)
				addTargets(w, "a")
				put := func(d store.Delivery, in time.Duration, changed bool) {
					d.Tenant, d.Person, d.Target, d.NextTry = w.Tenant.ID, w.Lena.ID, "a", c.Now().Add(in)
					w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.QueueDeliveryTo(ctx, d, changed) })
				}
				put(store.Delivery{Account: access.GuestBlocked}, 0, false)
				old := claimAll(t, s)
				w.Do(func(ctx context.Context, tx *store.Tx) error { // to be tried again soon
					return tx.ReleaseLease(ctx, old[0], store.Delivery{NextTry: c.Now().Add(soon), Account: access.GuestBlocked})
				})
				put(tt.again, tt.next, tt.changed)
				c.Advance(tt.due - time.Millisecond)
				if early := claimAll(t, s); tt.due > 0 && len(early) > 0 {
					t.Error("due too early")
				}
				c.Advance(time.Millisecond)
				got := claimAll(t, s)
				if len(got) != 1 || got[0].Account != tt.want.Account || got[0].Removal != tt.want.Removal {
					t.Fatalf("claimed: %+v", got)
				}
			})
		})
	}
}

// TestQueuedToWhileClaimed checks that a delivery which is queued with a change
// while a worker has its lease is not lost when the worker is done, and keeps the
// account that it got meanwhile.
func TestQueuedToWhileClaimed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		addTargets(w, "a")
		d := store.Delivery{Tenant: w.Tenant.ID, Person: w.Lena.ID, Target: "a", Account: access.GuestBlocked}
		put := func(changed bool) {
			d.NextTry = c.Now()
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.QueueDeliveryTo(ctx, d, changed) })
		}
		put(true)
		for _, changed := range []bool{true, false} {
			got := claimAll(t, s)
			if len(got) != 1 {
				t.Fatalf("%d claims", len(got))
			}
			c.Advance(time.Second)
			d.Account = access.GuestActive
			put(changed)
			if err := release(s, got[0], time.Time{}); err != nil {
				t.Fatal(err)
			}
			if left := textRows(t, s, `SELECT account FROM delivery`); changed && !cmp.Equal([]string{"active"}, left) ||
				!changed && len(left) > 0 {
				t.Errorf("changed %v: left %v", changed, left)
			}
		}
	})
}

// TestOtherAccountsPending checks that only other targets of the same person
// count, and only those with an account to change.
func TestOtherAccountsPending(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		addTargets(w, "a", "b", "c")
		put := func(p access.Person, target access.TargetID, account access.GuestState) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				return tx.QueueDeliveryTo(ctx, store.Delivery{Tenant: p.Tenant, Person: p.ID, Target: target, Account: account,
					NextTry: tx.Now}, true)
			})
		}
		put(w.Lena, "a", access.GuestBlocked)
		lease := claimAll(t, s)[0]
		pending := func() (is bool) {
			w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
				is, err = tx.OtherAccountsPending(ctx, lease)
				return err
			})
			return is
		}
		put(w.Lena, "b", "")
		put(w.Omar, "c", access.GuestBlocked)
		if pending() {
			t.Error("pending without another account of the person")
		}
		put(w.Lena, "b", access.GuestBlocked)
		if !pending() {
			t.Error("not pending with another account of the person")
		}
	})
}

// TestMigrationOfDeliveries checks that the deliveries of a database of schema 5,
// which had one per person, are still queued: with their priority, not before
// their time, and not before the lease of a worker of the old program expires.
func TestMigrationOfDeliveries(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			now := c.Now().UnixMilli()
			old, done, err := store.OpenOld(t.Context(), at, 5)
			if err != nil {
				t.Fatal(err)
			}
			var version int64
			if err := old.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil || version != 5 {
				t.Fatalf("the old schema is of version %d, %v", version, err)
			}
			for _, query := range append(oldRows(), fmt.Sprintf(`INSERT INTO delivery (tenant_id, person_id, removal,
				next_try, lease_until, fence, attempts, changed) VALUES ('t', 'due', FALSE, %d, 0, 3, 2, 5),
				('t', 'removal', TRUE, %d, 0, 1, 0, 1), ('t', 'later', FALSE, %d, 0, 1, 0, 1),
				('t', 'leased', FALSE, %d, %d, 1, 0, 1)`, now, now, now+60_000, now, now+30_000)) {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			for _, step := range []struct {
				wait time.Duration
				want []string
			}{{0, []string{"removal", "due"}}, {30*time.Second - 1, nil}, {1, []string{"leased"}},
				{30 * time.Second, []string{"removal", "due", "later"}}} { // the first two leases have expired
				c.Advance(step.wait)
				var got []string
				for _, l := range claimAll(t, s) {
					if got = append(got, string(l.Person)); l.Target != "" || l.Tenant != "t" ||
						l.Removal != (l.Person == "removal") || l.Person == "due" && l.Attempts != 2 {
						t.Errorf("%+v", l)
					}
				}
				if d := cmp.Diff(step.want, got); d != "" {
					t.Errorf("after %s: %s", step.wait, d)
				}
			}
		})
	}
}

// oldRows are the statements that add a tenant and four people to a database of
// schema 5.
func oldRows() []string {
	people := make([]string, 0, 4)
	for _, id := range []string{"due", "removal", "later", "leased"} {
		people = append(people, "('t', '"+id+"', 'd', '', 'member', '', '', '', '', '', '{}', FALSE, 'none', FALSE, 0, 1, "+
			"'')")
	}
	return []string{
		`INSERT INTO directory VALUES ('d', '', 'openid', 'D', 'https://d', '', NULL, 'none', 'none', '', '', '', '', TRUE,
			1)`,
		`INSERT INTO tenant VALUES ('t', 'd', 'T', '{}', 1)`,
		`INSERT INTO person (tenant_id, id, directory_id, domain, kind, name, email, email_key, language, time_zone,
			attributes, disabled, guest, governed, created, version, sort_name) VALUES ` + strings.Join(people, ", "),
	}
}
