package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// administrators gives the team the role of global administrators, past the rules.
func (h *harness) makeTeamAdministrators() {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: h.Team.ExternalID}})
	})
}

// TestWithheldRoleIsRequiredAgain: a role that is kept because of the last administrator has
// no reason any more when an access package gives it again.
func TestWithheldRoleIsRequiredAgain(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.submit(h.AccountOf(h.Omar), h.memberPackage("Tidal", afterDays(5)), access.RequestForm{})
		h.runJobs()
		h.makeTeamAdministrators()
		h.advance(6 * day)
		if g := h.grant(h.Omar.ID, h.Team); g.State != access.Held || g.LastError == "" {
			h.t.Fatalf("the role is %s, %q", g.State, g.LastError)
		}
		h.submit(h.AccountOf(h.Omar), h.memberPackage("Boats", afterDays(5)), access.RequestForm{})
		h.advance(2 * time.Hour)
		if g := h.grant(h.Omar.ID, h.Team); g.State != access.Held || g.LastError != "" {
			h.t.Errorf("the role is %s, %q", g.State, g.LastError)
		}
	})
}

// TestLastAdministratorIsNotDelivered: the end of an assignment does not take the last
// global administrator out of the group: the removal waits until there is another (W-27).
func TestLastAdministratorIsNotDelivered(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.AccountOf(h.Omar), h.memberPackage("Tidal", afterDays(5)), access.RequestForm{})
		h.runJobs()
		h.makeTeamAdministrators()
		if !h.inTeam(h.Omar.ID) {
			t.Fatal("Omar is not in the team")
		}
		h.advance(5 * day)
		if !h.inTeam(h.Omar.ID) {
			t.Fatal("the last administrator was removed at the end of the assignment")
		}
		if a := h.assignment(r); a.State != access.AssignExpired {
			t.Errorf("the assignment is %s", a.State)
		}
		if g := h.grant(h.Omar.ID, h.Site); g.State != access.Removed {
			t.Errorf("another role of the package is %s", g.State)
		}
		open, err := h.OpenRemovals(context.Background(), h.Omar)
		if err != nil || len(open) != 1 || open[0].State != access.Delivering {
			t.Errorf("the removal: %+v, %v", open, err)
		}
		h.advance(day)
		if !h.inTeam(h.Omar.ID) {
			t.Fatal("the last administrator was removed later")
		}
		const reason = "Without this role, no global administrator could sign in. It will be removed when someone else is " +
			"global administrator."
		if g := h.grant(h.Omar.ID, h.Team); g.State != access.Held || g.LastError != reason {
			t.Errorf("the role is %s, %q", g.State, g.LastError)
		}
		late, err := h.WithheldRemovals(context.Background(), h.Tenant.ID, 5)
		if err != nil || len(late) != 1 || late[0].Person.ID != h.Omar.ID || late[0].LastError != reason {
			t.Errorf("the withheld removals: %+v, %v", late, err)
		}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, globalAdministrator(h.Lena))
		})
		h.advance(2 * time.Hour)
		if h.inTeam(h.Omar.ID) {
			t.Error("the removal was not done when there was another administrator")
		}
		if g := h.grant(h.Omar.ID, h.Team); g.State != access.Removed || g.LastError != "" {
			t.Errorf("the removed role is %s, %q", g.State, g.LastError)
		}
		if late, err := h.WithheldRemovals(context.Background(), h.Tenant.ID, 5); err != nil || len(late) != 0 {
			t.Errorf("the withheld removals: %+v, %v", late, err)
		}
		if open, err := h.OpenRemovals(context.Background(), h.Omar); err != nil || len(open) != 0 {
			t.Errorf("the removal: %+v, %v", open, err)
		}
	})
}

// TestTwoLastAdministratorsEnd: of two global administrators whose assignments end
// together, at least one stays.
func TestTwoLastAdministratorsEnd(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.memberPackage("Tidal", afterDays(5))
		h.submit(h.AccountOf(h.Omar), o, access.RequestForm{})
		h.submit(h.AccountOf(h.Ida), o, access.RequestForm{})
		h.runJobs()
		h.makeTeamAdministrators()
		h.advance(5 * day)
		if !h.inTeam(h.Omar.ID) && !h.inTeam(h.Ida.ID) {
			t.Error("no administrator is left")
		}
	})
}

// TestLastAdministratorIsNoBlockedGuest: the account of a guest who is the last global
// administrator is neither blocked nor removed after the last assignment (W-27).
func TestLastAdministratorIsNoBlockedGuest(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.partnerPackage("Tidal"), access.RequestForm{})
		h.runJobs()
		mara := h.person(r.Target)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, globalAdministrator(mara))
		})
		h.advance(5 * day)
		h.wantGuest(r, access.GuestActive, 0)
		h.advance(60 * day)
		h.wantGuest(r, access.GuestActive, 0)
		if h.inTeam(mara.ID) {
			t.Error("Mara kept a role that does not make her an administrator")
		}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddRoleAssignment(ctx, globalAdministrator(h.Lena)); err != nil {
				return err
			}
			return tx.QueueDelivery(ctx, h.Tenant.ID, mara.ID, true)
		})
		h.runJobs()
		h.wantGuest(r, access.GuestBlocked, 30)
	})
}
