package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// queueMails queues one message to each address, as passcodes are.
func queueMails(w *storetest.World, addresses ...string) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, to := range addresses {
			if err := tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "k", Address: to}); err != nil {
				return err
			}
		}
		return nil
	})
}

// claimMail claims a message for two minutes; ok is false if there is none.
func claimMail(t *testing.T, s *store.Store, after string) (store.Mail, bool) {
	t.Helper()
	m, ok, err := s.ClaimMail(context.Background(), 2*time.Minute, after)
	if err != nil {
		t.Error(err)
	}
	return m, ok
}

// claimMails claims messages as one portal does, until none can be claimed.
func claimMails(t *testing.T, s *store.Store) (all []store.Mail) {
	t.Helper()
	after := ""
	for {
		m, ok := claimMail(t, s, after)
		if !ok {
			return all
		}
		all, after = append(all, m), m.Domain
	}
}

// addresses returns the addresses of messages.
func addresses(all []store.Mail) (to []string) {
	for _, m := range all {
		to = append(to, m.Address)
	}
	return to
}

// finishMail ends the lease of a message, which is due again at next unless that
// is zero.
func finishMail(t *testing.T, s *store.Store, m store.Mail, next time.Time) {
	t.Helper()
	m.Attempts, m.NextTry = m.Attempts+1, next
	if next.IsZero() {
		m.Sent = s.Now()
	}
	if err := write(s, func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) }); err != nil {
		t.Error(err)
	}
}

// TestMailQueue checks that many workers claim each message once, that leases
// end, and that a previous holder cannot write.
func TestMailQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := stateWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			for range 40 {
				if err := tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Lena.ID,
					Request: "q"}); err != nil {
					return err
				}
			}
			return nil
		})
		old, ok := claimMail(t, s, "")
		if !ok {
			t.Fatal("nothing to claim")
		}
		c.Advance(2 * time.Minute)
		var mu sync.Mutex
		claimed := map[access.MailID]int{}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for m, ok := claimMail(t, s, ""); ok; m, ok = claimMail(t, s, "") {
					mu.Lock()
					claimed[m.ID]++
					mu.Unlock()
					finishMail(t, s, m, time.Time{})
				}
			})
		}
		wait.Wait()
		old.LastError = "late"
		finishMail(t, s, old, c.Now())
		all, err := s.Mails(t.Context(), w.Tenant.ID, "q")
		if err != nil || len(all) != 40 || len(claimed) != 40 {
			t.Errorf("%d mails, %d claimed, %v", len(all), len(claimed), err)
		}
		for _, m := range all {
			if claimed[m.ID] != 1 || m.Sent.IsZero() || m.LastError != "" || m.Attempts != 1 ||
				m.Domain != "meridian.example" {
				t.Errorf("claimed %d times: %+v", claimed[m.ID], m)
			}
		}
	})
}

// TestMailDomainsAreLimited checks that two messages of a domain can be in
// progress, and the next one when one of them is done or its lease has expired.
func TestMailDomainsAreLimited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queueMails(w, "1@harbor.example")
		c.Advance(time.Second)
		queueMails(w, "2@harbor.example")
		c.Advance(time.Second)
		queueMails(w, "3@HARBOR.example", "1@quay.example")
		all := claimMails(t, s)
		if d := cmp.Diff([]string{"1@harbor.example", "1@quay.example", "2@harbor.example"}, addresses(all)); d != "" {
			t.Fatal(d)
		}
		finishMail(t, s, all[0], c.Now().Add(time.Hour)) // retried later
		third := claimMails(t, s)
		if d := cmp.Diff([]string{"3@HARBOR.example"}, addresses(third)); d != "" {
			t.Fatal(d)
		}
		// The portal is killed. Its leases end, and the limit holds for the next one.
		c.Advance(2*time.Minute - time.Millisecond)
		if got := claimMails(t, s); len(got) != 0 {
			t.Errorf("claimed twice: %v", addresses(got))
		}
		c.Advance(time.Millisecond)
		queueMails(w, "4@harbor.example")
		got := addresses(claimMails(t, s))
		slices.Sort(got)
		if d := cmp.Diff([]string{"1@quay.example", "2@harbor.example", "3@HARBOR.example"}, got); d != "" {
			t.Error(d)
		}
	})
}

// TestMailLeaseIsRenewed checks that a message whose lease is renewed is not claimed
// again, and that a portal that was taken for dead can neither renew the lease nor
// store its result.
func TestMailLeaseIsRenewed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queueMails(w, "1@harbor.example")
		first, ok := claimMail(t, s, "")
		if !ok {
			t.Fatal("not claimed")
		}
		for range 3 {
			c.Advance(90 * time.Second)
			if err := s.RenewMail(t.Context(), first, 2*time.Minute); err != nil {
				t.Fatal(err)
			}
			if got := claimMails(t, s); len(got) != 0 {
				t.Errorf("claimed although renewed: %v", addresses(got))
			}
		}
		c.Advance(2 * time.Minute)
		second, ok := claimMail(t, s, "")
		if !ok || second.ID != first.ID {
			t.Fatalf("after the lease: %+v, %v", second, ok)
		}
		if err := s.RenewMail(t.Context(), first, time.Hour); access.KindOf(err) != access.Conflict {
			t.Errorf("renewing a lost lease: %v", err)
		}
		finishMail(t, s, first, c.Now())
		c.Advance(time.Minute)
		if got := claimMails(t, s); len(got) != 0 {
			t.Errorf("the late result has ended the lease of another: %v", addresses(got))
		}
		finishMail(t, s, second, c.Now().Add(time.Hour))
		if err := s.RenewMail(t.Context(), second, time.Hour); access.KindOf(err) != access.Conflict {
			t.Errorf("renewing a lease that has ended: %v", err)
		}
	})
}

// TestMailDomainsTakeTurns checks that a long queue for one domain does not delay
// another, and that within a domain the message that has been due the longest
// comes first.
func TestMailDomainsTakeTurns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		for i := range 6 {
			queueMails(w, fmt.Sprint(i, "@harbor.example"))
			c.Advance(time.Second)
		}
		queueMails(w, "0@quay.example", "0@ebb.example")
		c.Advance(time.Second)
		queueMails(w, "1@quay.example")
		var got []string
		after := ""
		for {
			m, ok := claimMail(t, s, after)
			if !ok {
				break
			}
			got, after = append(got, m.Address), m.Domain
			finishMail(t, s, m, time.Time{})
		}
		want := []string{"0@ebb.example", "0@harbor.example", "0@quay.example", "1@harbor.example", "1@quay.example",
			"2@harbor.example", "3@harbor.example", "4@harbor.example", "5@harbor.example"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// TestMailClaimIsCheckedAgain checks that a claim fails whose message, or whose
// slot, another portal has claimed since it was read.
func TestMailClaimIsCheckedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queueMails(w, "later@harbor.example")
		first, second := s.ReadClaim(t.Context(), "", time.Minute), s.ReadClaim(t.Context(), "", time.Minute)
		if m, ok, err := first(); !ok || err != nil || m.Address != "later@harbor.example" {
			t.Fatalf("%v, %v, %v", m, ok, err)
		}
		if m, ok, err := second(); ok || err != nil {
			t.Errorf("the message was claimed twice: %v, %v", m, err)
		}
		c.Advance(time.Minute)
		again, _ := claimMail(t, s, "")
		finishMail(t, s, again, c.Now().Add(time.Minute)) // both slots are free, the message is due later
		c.Advance(2 * time.Minute)
		third := s.ReadClaim(t.Context(), "", time.Minute)
		c.Advance(-2 * time.Minute)
		queueMails(w, "earlier@harbor.example")
		c.Advance(2 * time.Minute)
		if m, ok := claimMail(t, s, ""); !ok || m.Address != "earlier@harbor.example" {
			t.Fatalf("%v, %v", m, ok)
		}
		if m, ok, err := third(); ok || err != nil {
			t.Errorf("the slot was claimed twice: %v, %v", m, err)
		}
		if m, ok := claimMail(t, s, ""); !ok || m.Address != "later@harbor.example" {
			t.Errorf("the second slot: %v, %v", m, ok)
		}
	})
}

// TestMailLimitHoldsForAllPortals checks that two portals with eight workers each
// have at most two messages of a domain in progress, and send all.
func TestMailLimitHoldsForAllPortals(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			portals := []*store.Store{storetest.Open(t, at, c.Now), storetest.Open(t, at, c.Now)}
			w := storetest.NewWorld(t, portals[0])
			for i := range 20 {
				queueMails(w, fmt.Sprint(i, "@harbor.example"), fmt.Sprint(i, "@quay.example"))
			}
			var mu sync.Mutex
			inProgress, most, sent := map[string]int{}, map[string]int{}, map[string]int{}
			var wait sync.WaitGroup
			for i := range 16 {
				wait.Go(func() {
					s, after := portals[i%2], ""
					for m, ok := claimMail(t, s, after); ok; m, ok = claimMail(t, s, after) {
						after = m.Domain
						mu.Lock()
						sent[m.Address]++
						inProgress[m.Domain]++
						most[m.Domain] = max(most[m.Domain], inProgress[m.Domain])
						mu.Unlock()
						_, _ = s.Tenants(context.Background()) // takes some time
						mu.Lock()
						inProgress[m.Domain]--
						mu.Unlock()
						finishMail(t, s, m, time.Time{})
					}
				})
			}
			wait.Wait()
			for domain, n := range most {
				if n > 2 {
					t.Errorf("%s: %d in progress at the same time", domain, n)
				}
			}
			for to, n := range sent {
				if n != 1 {
					t.Errorf("%s: sent %d times", to, n)
				}
			}
			if len(sent) != 40 {
				t.Errorf("%d of 40 were sent", len(sent))
			}
		})
	}
}

// TestMailDomains checks the domains by which messages are limited. Those that
// were stored before there were domains get the same ones by the migration.
func TestMailDomains(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queueMails(w, "mara@Harbor.EXAMPLE", "a@b@quay.example", "ida@BÜCHER.example", "ida@xn--bcher-kva.example",
			"nobody@", "nobody", "sent@ebb.example")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Lena.ID},
				store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Omar.ID})
		})
		check := func(when, sent string) {
			t.Helper()
			want := map[string]string{"mara@Harbor.EXAMPLE": "harbor.example", "a@b@quay.example": "quay.example",
				"ida@BÜCHER.example": "xn--bcher-kva.example", "ida@xn--bcher-kva.example": "xn--bcher-kva.example",
				"nobody@": "invalid", "nobody": "invalid", "sent@ebb.example": sent,
				string(w.Lena.ID): "meridian.example", string(w.Omar.ID): "meridian.example"}
			got := map[string]string{}
			to := textRows(t, s, `SELECT COALESCE(person_id, address) FROM mail ORDER BY id`)
			for i, domain := range textRows(t, s, `SELECT domain FROM mail ORDER BY id`) {
				got[to[i]] = domain
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s", when, d)
			}
		}
		check("queued", "ebb.example")
		mustExec(t, s, `UPDATE mail SET domain = ''`)
		mustExec(t, s, `UPDATE mail SET next_try = NULL WHERE address = 'sent@ebb.example'`)
		if err := s.FillMailDomains(t.Context()); err != nil {
			t.Fatal(err)
		}
		check("migrated", "")
	})
}

// TestNoMailToNobody checks that a message to a person without an address is not queued,
// and one to an address or to somebody with one is.
func TestNoMailToNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			w.Lena.Email = ""
			if err := tx.UpdatePerson(ctx, w.Lena); err != nil {
				return err
			}
			return tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Lena.ID},
				store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Omar.ID},
				store.Mail{Tenant: w.Tenant.ID, Kind: "k", Address: "1@harbor.example"})
		})
		var got []string
		for _, m := range claimMails(t, s) {
			got = append(got, string(m.Person)+m.Address)
		}
		slices.Sort(got)
		want := []string{string(w.Omar.ID), "1@harbor.example"}
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}
