package workspace_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// TestPeriodOfDisabledPeople: a new tenant has a period of 30 days; a file that does not
// name it leaves that of a tenant as it is; and a change by which somebody loses access
// now is planned and applied with a warning that counts them (F-264).
func TestPeriodOfDisabledPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, []byte(smallBase))
		period := func() int { return must(s.TenantByDomain(ctx, "m.example"))(t).Settings.DisabledDays }
		if got := period(); got != 30 {
			t.Errorf("a new tenant has %d days", got)
		}
		tenant := must(s.TenantByDomain(ctx, "m.example"))(t)
		tenant.Settings.DisabledDays = 0 // as one that was there before the setting
		if err := s.Write(ctx, func(tx *store.Tx) error { return tx.SaveTenant(ctx, tenant) }); err != nil {
			t.Fatal(err)
		}
		settings := func(text string) []byte {
			return []byte("tenants:\n  - {directory: M, settings: {timeZone: Europe/Berlin" + text + "}}\n")
		}
		apply(t, s, settings(""))
		if got := period(); got != 0 {
			t.Errorf("a file without the key sets %d days", got)
		}
		holder(ctx, t, s, tenant.ID)
		c.Advance(40 * 24 * time.Hour)
		for days, want := range map[string]string{"50": "",
			"40": "People who have been disabled for 40 or more days lose their access now. People: 1, assignments: 1."} {
			f := must(workspace.Parse(settings(", daysUntilDisabledUserLosesAccess: " + days)))(t)
			for name, run := range map[string]func(context.Context, *store.Store, workspace.File,
				workspace.Options) ([]workspace.Change, error){"plan": workspace.Plan, "apply": workspace.Apply} {
				if name == "apply" && want == "" {
					continue
				}
				var said []string
				_, err := run(ctx, s, f, workspace.Options{Warn: func(es access.Errors) {
					for _, e := range es {
						said = append(said, e.Error())
					}
				}})
				if got := strings.Join(said, "\n"); got != want || err != nil {
					t.Errorf("%s %s days: %q, %v", name, days, got, err)
				}
				if name == "apply" {
					tenant.Settings.DisabledDays = 0
					if err := s.Write(ctx, func(tx *store.Tx) error { return tx.SaveTenant(ctx, tenant) }); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})
}

// holder makes Lena hold the package of smallBase, and disables her.
func holder(ctx context.Context, t *testing.T, s *store.Store, tenant access.TenantID) {
	t.Helper()
	lena := must(s.PeopleByEmail(ctx, tenant, "lena@m.example"))(t)[0]
	catalogs := must(s.Catalogs(ctx, tenant))(t)
	var pack access.Package
	for _, c := range catalogs {
		for _, p := range must(s.PackagesOf(ctx, tenant, c.ID))(t) {
			pack = p
		}
	}
	policy := must(s.PoliciesOf(ctx, tenant, pack.ID))(t)[0]
	err := s.Write(ctx, func(tx *store.Tx) error {
		r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: tenant, Type: access.AdminAdd,
			State: access.Submitted, Package: pack.ID, Policy: policy.ID, Requestor: lena.ID, Target: lena.ID,
			Terms: policy.Terms}
		if err := tx.AddRequest(ctx, r, ""); err != nil {
			return err
		}
		lena.Disabled = true
		if err := tx.UpdatePerson(ctx, lena); err != nil {
			return err
		}
		return tx.AddAssignment(ctx, access.Assignment{ID: access.AssignmentID(tx.NewID()), Tenant: tenant, Person: lena.ID,
			Package: pack.ID, Policy: policy.ID, Request: r.ID, State: access.AssignDelivering, Start: tx.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
}
