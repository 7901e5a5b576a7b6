package admin_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// TestLastAdministratorOfAProvider: the provider of the last global administrator
// is not switched off.
func TestLastAdministratorOfAProvider(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		r.Tenant.Settings.Passcode = true
		r.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, r.Tenant) })
		var d access.DirectoryID
		r.applies(func(ed *admin.Editor) error {
			tenant, err := ed.Reader().Tenant(ctx, r.Tenant.ID)
			if err != nil {
				return err
			}
			tenant.Settings.Passcode = true // or Noor could not sign in
			if err := ed.SaveSettings(ctx, tenant); err != nil {
				return err
			}
			made, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{passcodes("quay.example")}})
			if err != nil {
				return err
			}
			d = made.Directories[0]
			noor, err := ed.AddPerson(ctx, "noor@quay.example", "Noor")
			if err != nil {
				return err
			}
			return ed.AssignRole(ctx, roleOf(noor, access.GlobalAdministrator))
		})
		off := func(ed *admin.Editor) error {
			in, err := ed.In(r.Tenant.ID)
			if err != nil {
				return err
			}
			return in.EnableDirectory(ctx, d, false)
		}
		if _, err := r.Admin.Preview(ctx, admin.ByOperator(), off); err != nil {
			t.Errorf("while there is another: %v", err)
		}
		r.applies(func(ed *admin.Editor) error {
			return ed.RemoveRole(ctx, roleOf(r.Lena, access.GlobalAdministrator))
		})
		_, err := r.Admin.Preview(ctx, admin.ByOperator(), off)
		if wantKind(t, "the provider of the last one", err, access.Conflict); err != nil &&
			!strings.Contains(err.Error(), "This is the last global administrator") {
			t.Errorf("it says %v", err)
		}
	})
}

// TestBlockedApprover: a guest who is blocked cannot approve: a policy that needs
// the guest is refused, and one that is there says so on its page.
func TestBlockedApprover(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		o := r.Package("Tidal")
		guest := access.Person{Tenant: r.Tenant.ID, Directory: r.Harbor.ID, Account: r.Mara.ID, Domain: "harbor.example",
			Kind: access.Guest, Name: "Mara Lind", Email: r.Mara.Email, Guest: access.GuestActive}
		r.Do(func(ctx context.Context, tx *store.Tx) error {
			guest.ID = access.PersonID(tx.NewID())
			return tx.AddPerson(ctx, guest)
		})
		p := forMembers(o, "By Mara", person(guest))
		p.Package, p.Enabled = o.Package.ID, true
		r.applies(r.save(p))
		advice := func() string {
			t.Helper()
			all, err := r.PoliciesOf(ctx, r.Tenant.ID, o.Package.ID)
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			facts, err := r.PolicyFacts(ctx, all[0], r.World.Catalog, r.Now())
			if err != nil {
				t.Fatal(err)
			}
			refused, _ := all[0].Advise(facts)
			return refused.Error()
		}
		if got := advice(); got != "" {
			t.Errorf("while the guest is not blocked, the page says %q", got)
		}
		r.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveGuest(ctx, r.stored(guest), access.GuestBlocked, "test")
		})
		p.Name = "Again"
		r.refused("a policy by a blocked guest", access.Invalid, "no one can decide", r.save(p))
		if got := advice(); !strings.Contains(got, "Stage 1: no one can decide") {
			t.Errorf("the page says %q", got)
		}
	})
}
