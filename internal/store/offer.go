package store

import (
	"cmp"
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// The table offer has a row per package and audience key (access.Offer), in the
// order of the portal's lists. It follows from packages, policies and catalogs and
// is written with them, so that a person's list is read from where it begins,
// however many packages there are for others.

// offerRow is a row of offer of a package.
type offerRow struct {
	key      access.AudienceKey
	sortName string
}

// offerRows are the rows of a package, by audience key.
func (r *Reader) offerRows(ctx context.Context, t access.TenantID, id access.PackageID) ([]offerRow, error) {
	all, err := queryAll(ctx, r, func(r *offerRow) []column {
		return []column{{"audience", &r.key}, {"sort_name", &r.sortName}}
	}, `SELECT {columns} FROM offer WHERE tenant_id = $1 AND package_id = $2`, t, id)
	slices.SortFunc(all, func(a, b offerRow) int { return cmp.Compare(a.key, b.key) })
	return all, err
}

// updateOffer writes the audience keys of a package.
func (tx *Tx) updateOffer(ctx context.Context, t access.TenantID, id access.PackageID) error {
	return tx.withOfferWords(ctx, t, id, func() error { return tx.writeOffer(ctx, t, id) })
}

func (tx *Tx) writeOffer(ctx context.Context, t access.TenantID, id access.PackageID) error {
	o, err := tx.Offer(ctx, t, id)
	if err != nil {
		return err
	}
	want, name := o.AudienceKeys(), fold(o.Package.Name)
	have, err := tx.offerRows(ctx, t, id)
	if err != nil || slices.EqualFunc(have, want, func(h offerRow, k access.AudienceKey) bool {
		return h == offerRow{k, name}
	}) {
		return err
	}
	if err := tx.exec(ctx, `DELETE FROM offer WHERE tenant_id = $1 AND package_id = $2`, t, id); err != nil {
		return err
	}
	for _, a := range want {
		if err := tx.exec(ctx, `INSERT INTO offer (tenant_id, audience, sort_name, package_id) VALUES ($1, $2, $3, $4)`, t, a,
			name, id); err != nil {
			return err
		}
	}
	return nil
}

// updateOffersOf writes the audience keys of all packages of a catalog.
func (tx *Tx) updateOffersOf(ctx context.Context, t access.TenantID, c access.CatalogID) error {
	ids, err := queryAll(ctx, tx.Reader, value[access.PackageID], `SELECT id FROM package WHERE tenant_id = $1
		AND catalog_id = $2 ORDER BY id`, t, c)
	for _, id := range ids {
		if err == nil {
			err = tx.updateOffer(ctx, t, id)
		}
	}
	return err
}

// Requestable says which of the packages are listed to the person as
// requestable.
func (r *Reader) Requestable(ctx context.Context, who access.PersonContext,
	packages []access.PackageID) (map[access.PackageID]bool, error) {
	found := map[access.PackageID]bool{}
	if len(packages) == 0 || who.Disabled {
		return found, nil
	}
	a := &sqlq.Args{}
	ids, err := queryAll(ctx, r, value[access.PackageID],
		`SELECT ofr.package_id FROM offer ofr WHERE ofr.tenant_id = `+a.Add(who.Tenant)+`
		AND ofr.package_id IN `+sqlq.In(a, packages)+` AND ofr.audience || '' IN `+sqlq.In(a, who.AudienceKeys()),
		a.Values...)
	for _, id := range ids {
		found[id] = true
	}
	return found, err
}

// offeredTable is a table called ids with the first packages that are listed to the
// person.
func offeredTable(a *sqlq.Args, who access.PersonContext, conditions, limit string) string {
	tenant, ranges := a.Add(who.Tenant), []string(nil)
	for _, name := range who.AudienceKeys() {
		ranges = append(ranges,
			`SELECT ofr.package_id AS id, ofr.sort_name FROM offer ofr WHERE ofr.tenant_id = `+tenant+` AND ofr.audience = `+
				a.Add(name)+
				conditions+` ORDER BY ofr.sort_name, ofr.package_id LIMIT `+limit)
	}
	return sqlq.OrderedUnion(ranges, ` ORDER BY 2, 1 LIMIT `+limit) + ` AS ids`
}
