package admin_test

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// dependentReads are the reads of policies that depend on an object. Of the objects
// of the test only the disabled person breaks one; dependents_test.go has others. The
// team, which the package delivers, has a role in the catalog.
func (r *readFixture) dependentReads() []read {
	top := actors{ga, iga}
	row := func(name string, see func(context.Context, admin.DependentsView) (int, error)) read {
		return read{"DependentsView." + name, nil, top, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			return see(ctx, v.Dependents())
		}}
	}
	off := r.keeps
	off.Enabled = false
	inside := row("OfCatalog", func(ctx context.Context, v admin.DependentsView) (int, error) {
		found, err := v.OfCatalog(ctx, access.Catalog{ID: r.Catalog.ID})
		return len(found.Policies), err
	})
	inside.empty, inside.inCatalog = actors{ga, iga, co, cr, apm, aam}, true
	return []read{
		{"DependentsView.OfPerson", top, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Dependents().OfPerson(ctx, r.gone)
			return len(found.Policies), err
		}},
		row("OfEntry", func(ctx context.Context, v admin.DependentsView) (int, error) {
			found, err := v.OfEntry(ctx, r.Reviewers)
			return len(found.Policies), err
		}),
		row("OfDirectory", func(ctx context.Context, v admin.DependentsView) (int, error) {
			found, err := v.OfDirectory(ctx, off)
			return len(found.Policies), err
		}),
		row("OfSettings", func(ctx context.Context, v admin.DependentsView) (int, error) {
			found, err := v.OfSettings(ctx, access.Settings{})
			return len(found.Policies), err
		}),
		inside,
		{"DependentsView.GroupUses", actors{ga, iga, co, cr, apm, aam}, actors{coa, cc, elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				found, err := v.Dependents().GroupUses(ctx, []access.EntryID{access.EntryID(r.Team.ExternalID)})
				return len(found), err
			}},
		{"DependentsView.PackagesGivingRoles", top, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Dependents().PackagesGivingRoles(ctx, 5)
			return len(found), err
		}},
	}
}
