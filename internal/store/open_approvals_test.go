package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// oldApprovals are rows of schema 26: Ann may decide the pending requests of Bob and of
// herself, in person and as a member of the group, and one that Ann made for Bob. A stage
// of a denied request was never closed.
func oldApprovals() []string {
	all := []string{
		`INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, auth_style, hint_style, tenant_claim,
			tenant_value,
			scopes, confirmed_hosts, enabled, version) VALUES ('d', '', 'openid', 'D', 'https://d.example', 'x', 'none', 'none',
			'', '', '', '', TRUE, 1)`,
		`INSERT INTO tenant (id, directory_id, name, settings, version) VALUES ('t', 'd', 'T', '{}', 1)`,
		`INSERT INTO catalog (tenant_id, id, name, description, published, external, version, sort_name)
			VALUES ('t', 'c', 'C', '', TRUE, TRUE, 1, 'c')`,
		`INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version, sort_name, search)
			VALUES ('t', 'k', 'c', 'K', '', FALSE, 1, 'k', '')`,
		`INSERT INTO directory_entry (tenant_id, id, kind, name, description, link, roles, version, sort_name)
			VALUES ('t', 'g', 'group', 'G', '', '', '[]', 1, 'g')`}
	for _, id := range []string{"ann", "bob"} {
		all = append(all, fmt.Sprintf(`INSERT INTO person (tenant_id, id, directory_id, domain, kind, name, email, language,
			time_zone, attributes, disabled, guest, governed, created, version, sort_name, address) VALUES ('t', '%[1]s', 'd',
			'',
			'member', '%[1]s', '%[1]s@x.example', '', '', '{}', FALSE, 'none', FALSE, 1, 1, '%[1]s', '%[1]s@x.example')`, id))
	}
	all = append(all, `INSERT INTO directory_member (tenant_id, entry_id, role, person_id)
		VALUES ('t', 'g', 'Member', 'ann')`)
	for _, q := range []struct{ id, state, by, target, due string }{{"q1", "pendingApproval", "'bob'", "bob", "9"},
		{"q2", "pendingApproval", "'ann'", "ann", "9"}, {"q3", "pendingApproval", "'ann'", "bob", "9"},
		{"q4", "denied", "'bob'", "bob", "NULL"}, {"q5", "pendingApproval", "NULL", "bob", "9"}} {
		all = append(all, fmt.Sprintf(`INSERT INTO request (tenant_id, id, type, state, catalog_id, package_id, requestor_id,
			target_id, justification, answers, terms, stage, due_at, note, created) VALUES ('t', '%s', 'userExtend', '%s', 'c',
			'k', %s, '%s', '', '[]', '{}', 0, %s, '', 1)`, q.id, q.state, q.by, q.target, q.due),
			fmt.Sprintf(`INSERT INTO request_approver (tenant_id, request_id, stage, kind, subject_id)
				VALUES ('t', '%[1]s', 0, 'singleUser', 'ann'), ('t', '%[1]s', 0, 'groupMembers', 'g')`, q.id))
	}
	return all
}

// TestMigrationOfApprovals checks that the pending approvals of a database of schema 26
// are counted: without those of the person's own requests, and of requests that are
// decided.
func TestMigrationOfApprovals(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			old, done, err := store.OpenOld(t.Context(), at, 26)
			if err != nil {
				t.Fatal(err)
			}
			for _, query := range oldApprovals() {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			ann := access.Person{Tenant: "t", ID: "ann"}
			n, err := s.CountPendingApprovals(t.Context(), ann)
			all, err2 := s.PendingApprovals(t.Context(), ann, "", 10)
			if n != 2 || len(all) != 2 || all[0].Request.ID != "q1" || all[1].Request.ID != "q5" || err != nil || err2 != nil {
				t.Errorf("%d pending approvals are counted and %+v listed, want q1 and q5; %v, %v", n, all, err, err2)
			}
		})
	}
}

// TestApprovalsAfterMerge checks that a person who another one was merged into has the
// other's pending approvals, without the requests that were for or by the other.
func TestApprovalsAfterMerge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		add := func(id access.RequestID, by, target access.Person, approvers ...access.Person) {
			q := access.Request{ID: id, Tenant: w.Tenant.ID, Type: access.AdminUpdate, State: access.PendingApproval,
				Package: w.Package("For " + string(id)).Package.ID, Requestor: by.ID, Target: target.ID, Due: c.Now()}
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(tx.AddRequest(ctx, q, ""), tx.OpenStage(ctx, q, 0, storetest.Named(approvers...).Approvers))
			})
		}
		want := func(when string, p access.Person, want ...string) {
			t.Helper()
			got := []string{}
			all, err := s.PendingApprovals(t.Context(), p, "", 10)
			for _, l := range all {
				got = append(got, string(l.Request.ID))
			}
			n, err2 := s.CountPendingApprovals(t.Context(), p)
			if !slices.Equal(got, want) || n != len(want) || err != nil || err2 != nil {
				t.Errorf("%s, %d wait for %s: %v, want %v; %v, %v", when, n, p.Name, got, want, err, err2)
			}
		}
		add("a", w.Omar, w.Omar, w.Lena, w.Ida)
		add("b", w.Omar, w.Ida, w.Lena, w.Ida)
		add("c", w.Ida, w.Ida, w.Omar)
		want("before", w.Lena, "a", "b")
		want("before", w.Omar, "c")
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.MergePerson(ctx, w.Omar, w.Lena) })
		want("after", w.Lena, "c")
		want("after", w.Ida, "a")
	})
}
