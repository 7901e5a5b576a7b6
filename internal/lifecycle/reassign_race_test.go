package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestC42ReassignAtOnce: An approver decides while an administrator chooses another
// approver: the first of them wins, and the other learns of it. Of two administrators the
// second has the last word, and those of the first can't decide.
func TestC42ReassignAtOnce(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := context.Background()
		eli := h.addMember("Eli Stone", "eli@meridian.example")
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.GlobalAdministrator,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(eli.ID)}})
		})
		o := h.memberPackage("Tidal", stages(storetest.Named(h.Omar)))
		reassign := func(by, to access.Person, r access.Request) func() error {
			return func() error {
				return h.Admin.ReassignRequest(ctx, by, r.ID, access.Reassignment{Reason: "x",
					Approvers: storetest.Named(to).Approvers})
			}
		}
		for i := range 6 {
			r := h.submit(h.AccountOf(h.addMember("Dana", fmt.Sprintf("dana%d@meridian.example", i))), o,
				access.RequestForm{})
			errs := runTogether(func() error { return h.decide(h.Omar, r, 0, true) }, reassign(h.Lena, h.Ida, r))
			stored := h.stored(r)
			decided := stored.State != access.PendingApproval
			named := stored.Terms.Stages[0].Approvers[0].ID
			switch {
			case decided && errs[0] == nil && access.KindOf(errs[1]) == access.Conflict && named == string(h.Omar.ID):
			case !decided && errs[1] == nil && access.KindOf(errs[0]) == access.NotFound && named == string(h.Ida.ID):
			default:
				h.t.Errorf("the request is %s, of %s: %v", stored.State, named, errs)
			}
		}
		for i := range 6 {
			r := h.submit(h.AccountOf(h.addMember("Finn", fmt.Sprintf("finn%d@meridian.example", i))), o,
				access.RequestForm{})
			errs := runTogether(reassign(h.Lena, h.Ida, r), reassign(eli, h.Lena, r))
			var can []access.PersonID
			for _, p := range []access.Person{h.Omar, h.Ida, h.Lena} {
				ok, err := h.IsApprover(ctx, p, r.ID, 0)
				if err != nil {
					h.t.Fatal(err)
				}
				if ok {
					can = append(can, p.ID)
				}
			}
			named := access.PersonID(h.stored(r).Terms.Stages[0].Approvers[0].ID)
			if !slices.Equal(errs, []error{nil, nil}) || len(can) != 1 || can[0] != named || named == h.Omar.ID {
				h.t.Errorf("%v can decide, %s is named, %v", can, named, errs)
			}
		}
	})
}

// TestC42OtherAdministrators: Administrators of another tenant, and who has a role in
// another catalog only, neither choose approvers nor send reminders; the same role in the
// package's catalog is enough.
func TestC42OtherAdministrators(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		other := access.Catalog{Tenant: h.Tenant.ID, Name: "Elsewhere", Published: true}
		harbor := access.Tenant{Name: "Harbor", Directory: h.Partner.Directories[0], Settings: access.DefaultSettings()}
		eli, dana := h.addMember("Eli Stone", "eli@meridian.example"), h.addMember("Dana Roe", "dana@meridian.example")
		foreign := access.Person{Kind: access.Member, Guest: access.GuestNone, Name: "Fay", Email: "fay@harbor.example",
			Domain:    "harbor.example",
			Directory: harbor.Directory}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			other.ID, harbor.ID = access.CatalogID(tx.NewID()), access.TenantID(tx.NewID())
			foreign.ID, foreign.Tenant = access.PersonID(tx.NewID()), harbor.ID
			person := func(p access.Person) access.SubjectRef {
				return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}
			}
			for _, do := range []func() error{
				func() error { return tx.SaveCatalog(ctx, other) }, func() error { return tx.SaveTenant(ctx, harbor) },
				func() error { return tx.AddPerson(ctx, foreign) },
				func() error {
					return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: harbor.ID, Role: access.GlobalAdministrator,
						Subject: person(foreign)})
				},
				func() error {
					return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.CatalogOwner,
						Catalog: other.ID, Subject: person(eli)})
				},
				func() error {
					return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.CatalogOwner,
						Catalog: h.Catalog.ID, Subject: person(dana)})
				},
			} {
				if err := do(); err != nil {
					return err
				}
			}
			return nil
		})
		r := h.submit(h.AccountOf(h.Ida), h.memberPackage("Tidal", stages(storetest.Named(h.Omar))), access.RequestForm{})
		try := func(by access.Person, want access.ErrorKind) {
			h.t.Helper()
			for name, err := range map[string]error{
				"reminding": h.Admin.RemindApprovers(h.t.Context(), by, r.ID),
				"reassigning": h.Admin.ReassignRequest(h.t.Context(), by, r.ID, access.Reassignment{Reason: "x",
					Approvers: storetest.Named(h.Lena).Approvers}),
			} {
				if want == 0 && err != nil || want != 0 && (err == nil || access.KindOf(err) != want) {
					h.t.Errorf("%s as %s: %v", name, by.Name, err)
				}
			}
		}
		if rights, err := h.Rights(h.t.Context(), foreign); err != nil || rights.May(access.ManagePeople) != nil {
			h.t.Fatalf("no administrator of the other tenant: %v", err)
		}
		try(foreign, access.NotFound)
		try(eli, access.NotFound)
		if got := h.stored(r); got.Terms.Stages[0].Approvers[0].ID != string(h.Omar.ID) || !got.Reminded.IsZero() {
			h.t.Errorf("it is %+v", got)
		}
		try(dana, 0)
	})
}
