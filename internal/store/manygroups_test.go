package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestPersonInManyGroups checks that a person in more groups than are looked up
// one by one gets the same approvals, decisions and packages as a person in the
// one group that has them.
func TestPersonInManyGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), t.Context()
		const many = 105
		var zed access.Person
		var open, closed, packs []string
		w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
			zed, err = w.NewMember(ctx, tx, "Zed", "zed@meridian.example")
			return err
		})
		for i := range many {
			c.Advance(time.Second)
			g := access.Entry{ID: access.EntryID(fmt.Sprintf("00000000-0000-7000-8000-%012d", i)), Tenant: w.Tenant.ID,
				Kind: access.KindGroup, Name: fmt.Sprint("Group ", i), Roles: access.DefaultRoles(access.KindGroup)}
			approvers := []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(g.ID)}}
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.SaveEntry(ctx, g); err != nil {
					return err
				}
				_, err := tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: g.ID, Role: store.GroupMember, Person: zed.ID})
				return err
			})
			if i%4 == 3 { // not every group has anything
				continue
			}
			terms := access.Terms{Stages: []access.Stage{{Days: 7, Approvers: approvers}}}
			o := w.Package(fmt.Sprintf("Pack %03d", i), access.Policy{Scope: access.ScopeSpecificUsers, Targets: approvers,
				Terms: terms})
			packs = append(packs, string(o.Package.ID))
			for n, requestor := range []access.Person{w.Omar, w.Ida, zed} {
				q := access.Request{ID: access.RequestID(fmt.Sprintf("00000000-0000-7000-9000-%011d%d", i, n)), Tenant: w.Tenant.ID,
					Type: access.UserAdd, State: access.Submitted, Package: o.Package.ID, Policy: o.Policies[0].ID,
					Requestor: requestor.ID, Target: requestor.ID, Terms: terms, Due: c.Now().Add(time.Hour)}
				w.Do(func(ctx context.Context, tx *store.Tx) error {
					for _, err := range []error{tx.AddRequest(ctx, q, ""), tx.MoveRequest(ctx, q, access.PendingApproval, "", ""),
						tx.OpenStage(ctx, q, 0, approvers)} {
						if err != nil {
							return err
						}
					}
					if n != 1 {
						return nil
					}
					pending := q
					pending.State = access.PendingApproval
					return tx.MoveRequest(ctx, pending, access.Denied, "", "")
				})
				switch n {
				case 0:
					open = append(open, string(q.ID))
				case 1:
					closed = append(closed, string(q.ID))
				}
			}
		}
		ids := func(all []store.RequestLine, err error) (ids []string) {
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range all {
				ids = append(ids, string(a.Request.ID))
			}
			return ids
		}
		got := ids(s.PendingApprovals(ctx, zed, "", 30))
		got = append(got, ids(s.PendingApprovals(ctx, zed, access.RequestID(got[29]), 1000))...)
		if !slices.Equal(got, open) {
			t.Errorf("waits for Zed: %d, want %d", len(got), len(open))
		}
		got = ids(s.DecidedRequests(ctx, zed, "", 30))
		got = append(got, ids(s.DecidedRequests(ctx, zed, access.RequestID(got[29]), 1000))...)
		if slices.Reverse(got); !slices.Equal(got, closed) {
			t.Errorf("was decided: %d, want %d", len(got), len(closed))
		}
		who, err := s.ContextOf(ctx, zed)
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string][]string{"": packs, "pack": packs, "pack 04": packs[30:38], "zzz": nil} {
			var found []string
			for after := (store.Key{}); ; {
				all, err := s.AvailablePackages(ctx, who, store.PackageSearch{Text: text, After: after, Limit: 20})
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range all {
					found = append(found, string(l.Package.ID))
				}
				if len(all) < 20 {
					break
				}
				after = store.KeyOf(all[19].Package.Name, string(all[19].Package.ID))
			}
			if !slices.Equal(found, want) {
				t.Errorf("%q: %d packages, want %d", text, len(found), len(want))
			}
		}
	})
}
