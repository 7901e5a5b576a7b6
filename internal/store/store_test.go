package store_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

func TestOpenTwice(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			first := storetest.Open(t, at, c.Now)
			dir := access.Directory{Kind: access.DirectoryOpenID, Issuer: "https://d.example", ID: "d", Name: "D",
				AuthStyle: access.AuthBasic, HintStyle: access.HintNone,
				ClientSecret: "s3cret", Domains: []access.Domain{"meridian.example"}, Scopes: []string{"profile", "email"},
				Enabled: true}
			if err := first.Write(context.Background(), func(tx *store.Tx) error {
				return tx.SaveDirectory(context.Background(), dir, access.VerifiedByOperator)
			}); err != nil {
				t.Fatal(err)
			}
			second := storetest.Open(t, at, c.Now)
			got, err := second.DirectoryByDomain(context.Background(), "", "meridian.example")
			if err != nil || got.ClientSecret != "s3cret" || len(got.Scopes) != 2 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestOpenAtOnce checks that several portals can start at the same time on an
// empty database.
func TestOpenAtOnce(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			errs := make(chan error, 4)
			for range cap(errs) {
				go func() {
					s, err := store.Open(context.Background(), store.Config{Address: at, Key: []byte("0123456789abcdef"), Now: c.Now})
					if err == nil {
						err = s.Close()
					}
					errs <- err
				}()
			}
			for range cap(errs) {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
		})
	}
}
