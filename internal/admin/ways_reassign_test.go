package admin_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// pendingFor assigns a package under its first policy, which needs approval.
func (w *waysFixture) pendingFor(o access.Offer, p access.Person) access.Request {
	w.t.Helper()
	made, err := w.Admin.Assign(w.t.Context(), w.nora, admin.Assigning{Package: o.Package.ID,
		People: []access.PersonID{p.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
	if err != nil || len(made) != 1 {
		w.t.Fatal(made, err)
	}
	return made[0]
}

// TestWaysByReassigning: Other approvers are named for a request by whom the package's
// policy could be changed by: not for a package that delivers a group with a right that the
// administrator could not give, and not a group that a package of others delivers.
func TestWaysByReassigning(t *testing.T) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		byCleo := access.Policy{Scope: access.ScopeMembers,
			Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.cleo)}}}
		board, club := w.owned("Board", w.Lena.ID), w.owned("Club", w.Lena.ID)
		seat := w.pendingFor(w.carrier("Board seats", board, byCleo), w.Ida)
		plain := w.pendingFor(w.Package("Plain", byCleo), w.Ida)
		reassign := func(r access.Request, to access.SubjectRef) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				return ed.ReassignRequest(ctx, r.ID, access.Reassignment{Reason: "x", Approvers: []access.SubjectRef{to}})
			}
		}
		w.refusedTo("choosing approvers without managing policies", w.nora, w.Omar, access.Forbidden,
			"Your roles in this catalog don't allow this.", reassign(seat, person(w.Lena)))
		w.refusedTo("choosing approvers in no catalog", w.cleo, w.Omar, access.NotFound, "", reassign(plain, person(w.Lena)))
		if _, err := w.Admin.Preview(ctx, admin.ByPerson(w.Omar), reassign(plain, group(club))); err != nil {
			t.Errorf("a group that no package delivers: %v", err)
		}

		w.Do(func(ctx context.Context, tx *store.Tx) error { // the board approves in a catalog of others
			p := access.Policy{ID: access.PolicyID(tx.NewID()), Tenant: w.Tenant.ID, Package: w.vault.Package.ID, Name: "All",
				Scope: access.ScopeMembers, Enabled: true, Terms: access.Terms{Stages: []access.Stage{{Days: 7,
					Approvers: []access.SubjectRef{group(board)}}}}}
			return tx.SavePolicy(ctx, p)
		})
		w.vault.Package.Roles = []access.ResourceRoleID{w.list(club, w.vaults.ID).ID}
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, w.vault.Package) })
		w.refusedTo("who lets others into the board", w.Omar, w.Ida, access.Forbidden, "approve requests",
			reassign(seat, person(w.Lena)))
		w.refusedTo("a group that others fill", w.Omar, w.Lena, access.Forbidden, "Club", reassign(plain, group(club)))
	})
}
