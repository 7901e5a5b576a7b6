package store

import (
	"context"
	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
	"slices"
)

// The table offer says to which audiences each package is listed, in the order
// of the list. It follows from packages, policies and catalogs, and is written
// with them, so that the list of somebody is read from where it begins, however
// many packages there are for others. An audience is a whole scope or a subject,
// for people inside or outside.

// listedTo is the name of an audience.
func listedTo(outside bool, scope access.Scope, subject access.SubjectRef) string {
	name := "in " + string(scope)
	if outside {
		name = "out " + string(scope)
	}
	if subject.ID != "" {
		name += " " + string(subject.Kind) + " " + subject.ID
	}
	return name
}

// Audiences are those to which the offer is listed: the conditions of F-140, the
// same that access.Offer.Usable judges by.
func Audiences(o access.Offer) []string {
	if o.Package.Hidden || !o.Catalog.Published {
		return nil
	}
	var all []string
	for _, p := range o.Policies {
		if !p.Enabled || p.Scope == access.ScopeNobody {
			continue
		}
		subjects := p.Targets
		if p.Scope != access.ScopeSpecificUsers && p.Scope != access.ScopeSpecificOrgs {
			subjects = []access.SubjectRef{{}}
		}
		for _, s := range subjects {
			if !p.Scope.External() {
				all = append(all, listedTo(false, p.Scope, s))
			}
			if o.Catalog.External && p.Scope != access.ScopeMembers {
				all = append(all, listedTo(true, p.Scope, s))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// audiencesOf are the audiences that who belongs to.
func audiencesOf(who access.PersonContext) []string {
	var all []string
	for _, s := range access.Scopes() {
		if (access.Policy{Scope: s}).Matches(who) {
			all = append(all, listedTo(who.Outsider(), s, access.SubjectRef{}))
		}
	}
	if who.ID != "" {
		all = append(all, listedTo(who.Outsider(), access.ScopeSpecificUsers, access.SubjectRef{Kind: access.SubjectPerson,
			ID: string(who.ID)}))
	}
	for _, g := range who.Groups {
		all = append(all, listedTo(who.Outsider(), access.ScopeSpecificUsers, access.SubjectRef{Kind: access.SubjectGroup,
			ID: string(g)}))
	}
	if who.Outsider() && who.Organization.ID != "" {
		all = append(all, listedTo(true, access.ScopeSpecificOrgs, access.SubjectRef{Kind: access.SubjectOrganization,
			ID: string(who.Organization.ID)}))
	}
	return all
}

// updateOffer brings the audiences of a package up to date.
func (tx *Tx) updateOffer(ctx context.Context, t access.TenantID, id access.PackageID) error {
	o, err := tx.Offer(ctx, t, id)
	if err != nil {
		return err
	}
	want, name := Audiences(o), fold(o.Package.Name)
	have, err := queryAll(ctx, tx.Reader, func(a *[2]string) []column {
		return []column{{"audience", &a[0]}, {"sort_name", &a[1]}}
	}, `SELECT {columns} FROM offer WHERE tenant_id = $1 AND package_id = $2 ORDER BY audience`, t, id)
	if err != nil || slices.EqualFunc(have, want, func(h [2]string, w string) bool { return h == [2]string{w, name} }) {
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

// updateOffersOf brings the audiences of a catalog's packages up to date.
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

// Requestable are those of the packages that are listed to who, as something to
// request.
func (r *Reader) Requestable(ctx context.Context, who access.PersonContext,
	packages []access.PackageID) (map[access.PackageID]bool, error) {
	found := map[access.PackageID]bool{}
	if len(packages) == 0 || who.Disabled {
		return found, nil
	}
	a := &sqlq.Args{}
	ids, err := queryAll(ctx, r, value[access.PackageID],
		`SELECT ofr.package_id FROM offer ofr WHERE ofr.tenant_id = `+a.Add(who.Tenant)+`
		AND ofr.package_id IN `+sqlq.In(a, packages)+` AND ofr.audience || '' IN `+sqlq.In(a, audiencesOf(who)),
		a.Values...)
	for _, id := range ids {
		found[id] = true
	}
	return found, err
}

// offered are the first packages that are listed to who, as something to begin a
// query with.
func offered(a *sqlq.Args, who access.PersonContext, conditions, limit string) string {
	tenant, ranges := a.Add(who.Tenant), []string(nil)
	for _, name := range audiencesOf(who) {
		ranges = append(ranges,
			`SELECT ofr.package_id AS id, ofr.sort_name FROM offer ofr WHERE ofr.tenant_id = `+tenant+` AND ofr.audience = `+
				a.Add(name)+
				conditions+` ORDER BY ofr.sort_name, ofr.package_id LIMIT `+limit)
	}
	return sqlq.OrderedUnion(ranges, ` ORDER BY 2, 1 LIMIT `+limit) + ` AS ids`
}
