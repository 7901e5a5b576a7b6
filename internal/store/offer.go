package store

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// OfferLine is a package as the portal lists it.
type OfferLine struct {
	Package access.Package
	Catalog string // its name
	Roles   []RoleWithResource
	Holding access.ExistingAccess
	// Assignment is the one that the list is of; zero on the Available list.
	Assignment access.Assignment
}

// PackageSearch is what a list of packages is narrowed and paged by.
type PackageSearch struct {
	Text  string // words that name, description or resources must hold, in any order
	Plain bool   // the names of resources are not looked at
	After Key
	Limit int
}

// searchWords is the condition that a package's search text holds every word.
func searchWords(a *args, s PackageSearch) string {
	var sql strings.Builder
	for _, word := range strings.Fields(s.Text) {
		like := pattern(word)
		if s.Plain {
			like += "\n%" // on the first line
		}
		sql.WriteString(` AND pkg.search LIKE ` + a.add(like) + ` ESCAPE '!'`)
	}
	return sql.String()
}

func scanOfferLine(r row) (OfferLine, error) {
	var l OfferLine
	p := &l.Package
	return l, r.Scan(&p.Tenant, &p.ID, &p.Catalog, &p.Name, &p.Description, &p.Hidden, &p.Version, &l.Catalog)
}

// ActivePackages are the packages that the person holds, or is about to hold, by name.
// What ended at now but has not been swept yet is left out.
func (r *Reader) ActivePackages(ctx context.Context, p access.Person, s PackageSearch, now int64) ([]OfferLine, error) {
	a := args{}
	return r.held(ctx, p, s, &a, ` AND asg.state <> 'expired' AND (asg.end_at IS NULL OR asg.end_at > `+a.add(now)+`)`)
}

// EndedPackages are the assignments of the person that are over, by name.
func (r *Reader) EndedPackages(ctx context.Context, p access.Person, s PackageSearch, now int64) ([]OfferLine, error) {
	a := args{}
	return r.held(ctx, p, s, &a, ` AND (asg.state = 'expired' OR asg.end_at <= `+a.add(now)+`)`)
}

func (r *Reader) held(ctx context.Context, p access.Person, s PackageSearch, a *args,
	condition string) ([]OfferLine, error) {
	// A cross join, and the name without its index, because SQLite would go through
	// all packages by name otherwise.
	query := `SELECT ` + packageCols + `, cat.name, ` + assignmentCols + ` FROM assignment asg CROSS JOIN package pkg
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pkg.tenant_id = asg.tenant_id AND pkg.id = asg.package_id AND asg.tenant_id = ` + a.add(p.Tenant) +
		` AND asg.person_id = ` + a.add(p.ID) + condition +
		` AND (pkg.sort_name || '', asg.id) > (` + a.add(s.After.Name) + `, ` + a.add(s.After.ID) + `)` + searchWords(a, s) +
		`
		ORDER BY pkg.sort_name, asg.id LIMIT ` + a.add(int64(s.Limit))
	found, err := list(ctx, r, func(r row) (OfferLine, error) {
		var l OfferLine
		p, x := &l.Package, &l.Assignment
		return l, r.Scan(append([]any{&p.Tenant, &p.ID, &p.Catalog, &p.Name, &p.Description, &p.Hidden, &p.Version,
			&l.Catalog},
			assignmentDest(x)...)...)
	}, query, a.list...)
	if err == nil {
		err = r.completeOffers(ctx, p, found)
	}
	return found, err
}

// completeOffers adds the roles of the packages and what the person has of them.
func (r *Reader) completeOffers(ctx context.Context, p access.Person, all []OfferLine) error {
	ids := make([]access.PackageID, len(all))
	for i, l := range all {
		ids[i] = l.Package.ID
	}
	roles, err := r.PackageRoles(ctx, p.Tenant, ids...)
	if err != nil {
		return err
	}
	holdings, err := r.holdings(ctx, p, ids)
	for i, l := range all {
		all[i].Roles, all[i].Holding = roles[l.Package.ID], holdings[l.Package.ID]
	}
	return err
}

// Holding is what the person has of the package.
func (r *Reader) Holding(ctx context.Context, p access.Person, id access.PackageID) (access.ExistingAccess, error) {
	all, err := r.holdings(ctx, p, []access.PackageID{id})
	return all[id], err
}

func (r *Reader) holdings(ctx context.Context, p access.Person,
	ids []access.PackageID) (map[access.PackageID]access.ExistingAccess, error) {
	all := map[access.PackageID]access.ExistingAccess{}
	if len(ids) == 0 {
		return all, nil
	}
	a := args{}
	tenant, person, packages := a.add(p.Tenant), a.add(p.ID), in(&a, slices.Values(ids))
	_, err := list(ctx, r, func(r row) (struct{}, error) {
		var id access.PackageID
		var assigned bool
		err := r.Scan(&id, &assigned)
		h := all[id]
		h.Assigned, h.Requested = h.Assigned || assigned, h.Requested || !assigned
		all[id] = h
		return struct{}{}, err
	}, `SELECT package_id, TRUE FROM assignment WHERE tenant_id = `+tenant+` AND person_id = `+person+
		` AND state <> 'expired'
			AND package_id IN `+packages+`
		UNION ALL SELECT package_id, FALSE FROM request WHERE tenant_id = `+tenant+` AND target_id = `+person+`
			AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
			AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd') AND package_id IN `+packages, a.list...)
	return all, err
}

// OpenRequest is the id of the person's open request to add the package; empty
// if there is none.
func (r *Reader) OpenRequest(ctx context.Context, p access.Person, id access.PackageID) (access.RequestID, error) {
	found, _, err := maybe(ctx, r, column[access.RequestID], `SELECT id FROM request WHERE tenant_id = $1
		AND target_id = $2 AND package_id = $3
		AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
		AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd')`, p.Tenant, p.ID, id)
	return found, err
}

// OpenToAnyone reports whether the tenant has a package that anybody from
// outside may request (F-075).
func (r *Reader) OpenToAnyone(ctx context.Context, t access.TenantID) (bool, error) {
	_, ok, err := maybe(ctx, r, column[access.PolicyID], `SELECT pol.id FROM policy pol
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pol.tenant_id = $1 AND pol.scope = 'allExternalUsers' AND pol.enabled AND cat.published AND cat.external
		LIMIT 1`, t)
	return ok, err
}
