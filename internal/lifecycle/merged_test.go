package lifecycle_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// TestMergedPersonIsOut: the record that a merge leaves is not named anywhere any more,
// and gets no account: that would sign in as the person who stays.
func TestMergedPersonIsOut(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		s := addSams(h)
		gone, err := h.Admin.AddPerson(ctx, h.Lena, "omar.f@meridian.example", "Omar F.")
		if err != nil {
			h.t.Fatal(err)
		}
		m, err := h.Admin.ProposeMerge(ctx, h.Lena, admin.MergeForm{From: gone.ID, Into: h.Omar.ID, Reason: "Twice"})
		if err != nil {
			h.t.Fatal(err)
		}
		name := func(p access.PersonID, suffix string) map[string]error {
			sam, err := h.Person(ctx, h.Tenant.ID, s.people[0].ID)
			if err != nil {
				h.t.Fatal(err)
			}
			managed, sponsored := sam, sam
			managed.Manager, sponsored.Sponsors = p, []access.PersonID{p}
			entry := access.Entry{Kind: access.KindSite, Name: "Site " + suffix, Roles: access.DefaultRoles(access.KindSite)}
			all := map[string]error{
				"a manager": h.Admin.SavePerson(ctx, h.Lena, managed)}
			_, all["an owner"] = h.Admin.SaveEntry(ctx, h.Lena, entry, []access.PersonID{p})
			all["a member"] = h.Admin.SetMembers(ctx, h.Lena, access.Membership{Entry: h.Reviewers.ID,
				Role: store.GroupMember}, []access.PersonID{p}, true)
			if sponsored.Version, err = h.versionOf(sam.ID); err != nil {
				h.t.Fatal(err)
			}
			all["a sponsor"] = h.Admin.SavePerson(ctx, h.Lena, sponsored)
			return all
		}
		for what, err := range name(gone.ID, "before") {
			if err != nil {
				h.t.Errorf("before the merge, %s: %v", what, err)
			}
		}
		if _, err := h.Admin.ConfirmMerge(ctx, h.Ida, m.ID); err != nil {
			h.t.Fatal(err)
		}
		for what, err := range name(gone.ID, "after") {
			if k := access.KindOf(err); err == nil || k != access.NotFound && k != access.Invalid {
				h.t.Errorf("%s: %v", what, err)
			}
		}
		version, err := h.versionOf(gone.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		wantKind(h.t, "a subject", h.Admin.SetSubject(ctx, h.Lena, gone.ID, version, "stranger"), access.Conflict)
		left, err := h.Person(ctx, h.Tenant.ID, gone.ID)
		if err != nil || left.Account != "" {
			h.t.Errorf("the record has the account %q, %v", left.Account, err)
		}
	})
}

func (h *harness) versionOf(id access.PersonID) (int64, error) {
	p, err := h.Person(context.Background(), h.Tenant.ID, id)
	return p.Version, err
}

// TestSessionsOfMergedPerson: the sessions of someone who was merged are those of the
// person who stays, and end with that one's only.
func TestSessionsOfMergedPerson(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		s := addSams(h)
		stays, gone := s.people[0], s.people[1]
		if err := h.Admin.EndSessions(ctx, h.Lena, gone.ID); err != nil {
			h.t.Fatalf("before the merge: %v", err)
		}
		m, err := h.Admin.ProposeMerge(ctx, h.Lena, admin.MergeForm{From: gone.ID, Into: stays.ID, Reason: "Twice"})
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Admin.ConfirmMerge(ctx, h.Ida, m.ID); err != nil {
			h.t.Fatal(err)
		}
		wantKind(h.t, "the one who was merged", h.Admin.EndSessions(ctx, h.Lena, gone.ID), access.Conflict)
		if err := h.Admin.EndSessions(ctx, h.Lena, stays.ID); err != nil {
			h.t.Errorf("the one who stays: %v", err)
		}
	})
}
