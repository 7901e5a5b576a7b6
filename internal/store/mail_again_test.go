package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// giveUpMails ends the attempts to send every message in the queue.
func giveUpMails(t *testing.T, w *storetest.World) {
	for _, m := range claimMails(t, w.Store) {
		m.Attempts, m.NextTry, m.LastError = 1, time.Time{}, "550 5.1.1 unknown"
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) })
	}
}

// TestC54AgainToNewAddress: A message that is sent again goes to the address that its
// recipient has now, in the queue of that domain; to somebody without one it is not
// sent.
func TestC54AgainToNewAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		again := func(want int64) {
			t.Helper()
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				n, err := tx.SendMailAgain(ctx, w.Tenant.ID, store.GivenUpMails{})
				if n != want {
					t.Errorf("%d are sent again, want %d", n, want)
				}
				return err
			})
		}
		address := func(email string) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				w.Ida.Email = email
				return tx.UpdatePerson(ctx, w.Ida)
			})
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "k", Person: w.Ida.ID, Text: "{}"})
		})
		giveUpMails(t, w)
		address("")
		again(0)
		address("ida@harbor.example")
		again(1)
		if got := claimMails(t, s); len(got) != 1 || got[0].Domain != "harbor.example" || got[0].Text != "{}" ||
			got[0].Attempts != 0 || got[0].Queued.IsZero() {
			t.Errorf("in the queue: %+v", got)
		}
	})
}

// TestC54LateMailsInOrder: The list of messages that were not sent begins with those that
// an administrator can send again, and has the passcodes that were given up at its end,
// so that strangers who mistype addresses don't hide the others.
func TestC54LateMailsInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queue := func(kind, address string) {
			m := store.Mail{Tenant: w.Tenant.ID, Kind: kind, Person: w.Lena.ID, Text: "{}"}
			if address != "" {
				m.Person, m.Address = "", address
			}
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.QueueMail(ctx, m) })
			c.Advance(time.Minute)
		}
		queue("old", "")
		giveUpMails(t, w)
		queue("new", "")
		giveUpMails(t, w)
		queue("retried", "")
		for _, m := range claimMails(t, s) {
			m.Attempts, m.NextTry = 1, c.Now().Add(time.Hour)
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) })
		}
		queue("passcode", "ada@quay.example")
		giveUpMails(t, w)
		queue("not tried", "")
		want := []string{"new", "old", "retried", "passcode"}
		for limit := 1; limit <= 5; limit++ {
			late, err := s.LateMails(t.Context(), w.Tenant.ID, time.Time{}, limit)
			var got []string
			for _, l := range late {
				got = append(got, l.Kind)
				if l.CanSendAgain != (l.Kind == "old" || l.Kind == "new") {
					t.Errorf("%s can be sent again: %v", l.Kind, l.CanSendAgain)
				}
			}
			if err != nil || !slices.Equal(got, want[:min(limit, len(want))]) {
				t.Errorf("the first %d are %q, %v", limit, got, err)
			}
		}
	})
}
