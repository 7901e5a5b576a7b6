package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// requestFacts is what a transaction reads to judge a request.
type requestFacts struct {
	Requestor store.Requestor
	Tenant    access.Tenant
	Context   access.PersonContext
	Offer     access.Offer
}

// readFacts reads the facts about a request of the account, as Submit does if cached is
// true, and else without any cache.
func readFacts(ctx context.Context, tx *store.Tx, t access.TenantID, a access.AccountID, id access.PackageID,
	cached bool) (f requestFacts, err error) {
	var ok bool
	if f.Requestor, ok, err = tx.Requestor(ctx, t, a, id, "key"); err != nil || !ok {
		return f, errors.Join(err, errors.New("no person"))
	}
	reader, offer := tx.Reader, tx.OfferToRequest
	if !cached {
		reader = store.Uncached(tx)
		offer = reader.Offer
	}
	var errs [3]error
	f.Tenant, errs[0] = reader.Tenant(ctx, t)
	f.Context, errs[1] = reader.ContextOf(ctx, f.Requestor.Person)
	f.Offer, errs[2] = offer(ctx, t, id)
	return f, errors.Join(errs[:]...)
}

// TestRequestFactsAreCached: what a transaction reads of a requestor and an offer is
// read from the database once, until a row that it is made from changes, whoever
// changes it, and also in the same shared commit.
func TestRequestFactsAreCached(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			var log statementLog
			c := storetest.NewClock()
			s := storetest.Open(t, address(t), c.Now, storetest.RunOnce, func(c *store.Config) {
				c.Intercept, c.MaxWrites = log.record, 1
			})
			w, ctx := storetest.NewWorld(t, s), t.Context()
			o := w.Package("Tidal", access.Policy{Scope: access.ScopeSpecificUsers, Targets: storetest.Named(w.Lena).Approvers})
			read := func(cached bool) func(tx *store.Tx) (requestFacts, error) {
				return func(tx *store.Tx) (requestFacts, error) {
					return readFacts(ctx, tx, w.Tenant.ID, w.Lena.Account, o.Package.ID, cached)
				}
			}
			check := func(after string) {
				t.Helper()
				for range 2 {
					var got, want requestFacts
					if err := s.Write(ctx, func(tx *store.Tx) (err error) {
						if got, err = read(true)(tx); err == nil {
							want, err = read(false)(tx)
						}
						return err
					}); err != nil {
						t.Fatal(after, err)
					}
					if d := cmp.Diff(want, got); d != "" {
						t.Errorf("after %s: %s", after, d)
					}
				}
			}
			fill := strings.NewReplacer("{t}", "'"+string(w.Tenant.ID)+"'", "{pkg}", "'"+string(o.Package.ID)+"'",
				"{pol}", "'"+string(o.Policies[0].ID)+"'", "{lena}", "'"+string(w.Lena.ID)+"'",
				"{group}", "'"+string(w.Reviewers.ID)+"'")
			check("nothing")
			for _, query := range []string{
				`UPDATE policy SET description = 'changed' WHERE tenant_id = {t} AND id = {pol}`,
				`INSERT INTO policy_subject (tenant_id, policy_id, kind, subject_id) VALUES ({t}, {pol}, 'groupMembers', {group})`,
				`UPDATE policy_subject SET subject_id = 'other' WHERE tenant_id = {t} AND subject_id = {group}`,
				`DELETE FROM policy_subject WHERE tenant_id = {t} AND subject_id = 'other'`,
				`INSERT INTO policy (tenant_id, id, package_id, name, description, scope, enabled, terms, version, sort_name)
					VALUES ({t}, 'new', {pkg}, 'New', '', 'allMemberUsers', FALSE, '{}', 1, 'new')`,
				`DELETE FROM policy WHERE tenant_id = {t} AND id = 'new'`,
				`UPDATE package SET description = 'changed' WHERE tenant_id = {t} AND id = {pkg}`,
				`UPDATE package_role SET position = 7 WHERE tenant_id = {t} AND package_id = {pkg}`,
				`UPDATE catalog SET description = 'changed' WHERE tenant_id = {t}`,
				`UPDATE tenant SET name = 'Changed' WHERE id = {t}`,
				`INSERT INTO directory_member (tenant_id, entry_id, role, person_id) VALUES ({t}, {group}, 'Member', {lena})`,
			} {
				pool, _ := s.Pools()
				if _, err := pool.ExecContext(ctx, fill.Replace(query)); err != nil {
					t.Fatal(query, err)
				}
				check(query)
			}
			if n := log.runAs("cached", func() {
				if err := s.Write(ctx, func(tx *store.Tx) error {
					_, err := read(true)(tx)
					return err
				}); err != nil {
					t.Error(err)
				}
			}); n != 1 {
				t.Errorf("%d statements read what is cached, want 1", n)
			}
			wantNoCacheOfBatch(t, w, o, read(true))
		})
	}
}

// wantNoCacheOfBatch changes a policy twice in transactions that share a commit, and
// wants one after each to see the change.
func wantNoCacheOfBatch(t *testing.T, w *storetest.World, o access.Offer,
	read func(tx *store.Tx) (requestFacts, error)) {
	t.Helper()
	ctx := t.Context()
	change := func(description string) func(tx *store.Tx) error {
		p := o.Policies[0]
		p.Description = description
		return func(tx *store.Tx) error { return tx.SavePolicy(ctx, p) }
	}
	var got [2]string
	see := func(i int) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			f, err := read(tx)
			if err == nil {
				got[i] = f.Offer.Policies[0].Description
			}
			return err
		}
	}
	for _, err := range inOneBatch(ctx, w.Store, change("first"), see(0), change("second"), see(1)) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := [2]string{"first", "second"}; got != want {
		t.Errorf("the transactions of a batch see %q, want %q", got, want)
	}
}

// TestRequestorHolding: the person of an account with what the person has of a package
// the request that a form has made, and what the person has withdrawn within an hour.
func TestRequestorHolding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), t.Context()
		o := w.Package("Tidal")
		withdrawn := 0
		want := func(key string, earlier access.RequestID, holding access.ExistingAccess) {
			t.Helper()
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				got, ok, err := tx.Requestor(ctx, w.Tenant.ID, w.Lena.Account, o.Package.ID, key)
				if !ok || got.ID != w.Lena.ID || got.Earlier != earlier || got.Holding != holding {
					t.Errorf("%v %s, %q, %+v; want %q, %+v", ok, got.Name, got.Earlier, got.Holding, earlier, holding)
				}
				all, err2 := tx.Withdrawals(ctx, w.Lena, tx.Now)
				if d := cmp.Diff(all, got.Withdrawn); d != "" || len(all) != withdrawn || err2 != nil {
					t.Errorf("%d withdrawn, want %d; %v: %s", len(all), withdrawn, err2, d)
				}
				return err
			})
		}
		want("key", "", access.ExistingAccess{})
		r := access.Request{ID: "q", Tenant: w.Tenant.ID, Type: access.UserAdd, State: access.Delivering,
			Package: o.Package.ID, Requestor: w.Lena.ID, Target: w.Lena.ID}
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRequest(ctx, r, "key") })
		want("key", "q", access.ExistingAccess{Requested: true})
		want("another", "", access.ExistingAccess{Requested: true})
		want("", "", access.ExistingAccess{Requested: true})
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddAssignment(ctx, access.Assignment{ID: "x", Tenant: w.Tenant.ID, Package: o.Package.ID,
				Person: w.Lena.ID, Request: "q"}), tx.MoveRequest(ctx, r, access.Delivered, "", ""))
		})
		want("key", "q", access.ExistingAccess{Assigned: true})
		withdraw := func(id access.RequestID, by access.PersonID) {
			r := access.Request{ID: id, Tenant: w.Tenant.ID, Type: access.UserExtend, State: access.PendingApproval,
				Package: o.Package.ID, Requestor: w.Lena.ID, Target: w.Lena.ID}
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(tx.AddRequest(ctx, r, ""), tx.MoveRequest(ctx, r, access.Canceled, by, ""))
			})
			c.Advance(time.Minute)
		}
		withdraw("canceled by others", w.Omar.ID)
		for withdrawn = 1; withdrawn < 4; withdrawn++ {
			withdraw(access.RequestID(fmt.Sprint("withdrawn ", withdrawn)), w.Lena.ID)
			want("key", "q", access.ExistingAccess{Assigned: true})
		}
		withdrawn = 2
		c.Advance(access.WithdrawalWindow - 150*time.Second)
		want("key", "q", access.ExistingAccess{Assigned: true})
		if _, ok, err := requestorOf(ctx, s, w.Tenant.ID, w.Mara.ID, o.Package.ID); ok || err != nil {
			t.Errorf("Mara is not known here: %v, %v", ok, err)
		}
	})
}

// requestorOf is Tx.Requestor without a form.
func requestorOf(ctx context.Context, s *store.Store, t access.TenantID, a access.AccountID,
	id access.PackageID) (r store.Requestor, ok bool, err error) {
	err = s.Write(ctx, func(tx *store.Tx) (err error) {
		r, ok, err = tx.Requestor(ctx, t, a, id, "")
		return err
	})
	return r, ok, err
}
