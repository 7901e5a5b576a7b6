package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
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
func searchWords(a *sqlq.Args, s PackageSearch) string {
	var sql strings.Builder
	for _, word := range strings.Fields(s.Text) {
		like := likePattern(word)
		if s.Plain {
			like += "\n%" // on the first line
		}
		sql.WriteString(` AND pkg.search LIKE ` + a.Add(like) + ` ESCAPE '!'`)
	}
	return sql.String()
}

func offerLineColumns(l *OfferLine) []column {
	return append(packageColumns(&l.Package), column{"cat.name", &l.Catalog})
}

// ActivePackages are the packages that the person holds, or is about to hold, by name.
// What ended at now but has not been swept yet is left out.
func (r *Reader) ActivePackages(ctx context.Context, p access.Person, s PackageSearch, now int64) ([]OfferLine, error) {
	a := sqlq.Args{}
	return r.held(ctx, p, s, &a, ` AND asg.state <> 'expired' AND (asg.end_at IS NULL OR asg.end_at > `+a.Add(now)+`)`)
}

// EndedPackages are the assignments of the person that are over, by name.
func (r *Reader) EndedPackages(ctx context.Context, p access.Person, s PackageSearch, now int64) ([]OfferLine, error) {
	a := sqlq.Args{}
	return r.held(ctx, p, s, &a, ` AND (asg.state = 'expired' OR asg.end_at <= `+a.Add(now)+`)`)
}

func (r *Reader) held(ctx context.Context, p access.Person, s PackageSearch, a *sqlq.Args,
	condition string) ([]OfferLine, error) {
	// A cross join, and the name without its index, because SQLite would go through
	// all packages by name otherwise.
	query := `SELECT {columns} FROM assignment asg CROSS JOIN package pkg
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pkg.tenant_id = asg.tenant_id AND pkg.id = asg.package_id AND asg.tenant_id = ` + a.Add(p.Tenant) +
		` AND asg.person_id = ` + a.Add(p.ID) + condition +
		` AND (pkg.sort_name || '', asg.id) > (` + a.Add(s.After.Name) + `, ` + a.Add(s.After.ID) + `)` + searchWords(a, s) +
		`
		ORDER BY pkg.sort_name, asg.id LIMIT ` + a.Add(int64(s.Limit))
	found, err := queryAll(ctx, r, func(l *OfferLine) []column {
		return append(offerLineColumns(l), assignmentColumns(&l.Assignment)...)
	}, query, a.Values...)
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
	a := sqlq.Args{}
	tenant, person, packages := a.Add(p.Tenant), a.Add(p.ID), sqlq.In(&a, ids)
	var id access.PackageID
	var assigned bool
	err := r.eachRow(ctx, []column{{"package_id", &id}, {"TRUE", &assigned}}, func() {
		h := all[id]
		h.Assigned, h.Requested = h.Assigned || assigned, h.Requested || !assigned
		all[id] = h
	}, `SELECT {columns} FROM assignment WHERE tenant_id = `+tenant+` AND person_id = `+person+
		` AND state <> 'expired'
			AND package_id IN `+packages+`
		UNION ALL SELECT package_id, FALSE FROM request WHERE tenant_id = `+tenant+` AND target_id = `+person+`
			AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
			AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd') AND package_id IN `+packages, a.Values...)
	return all, err
}

// OpenRequest is the id of the person's open request to add the package; empty
// if there is none.
func (r *Reader) OpenRequest(ctx context.Context, p access.Person, id access.PackageID) (access.RequestID, error) {
	found, _, err := queryOptional(ctx, r, value[access.RequestID], `SELECT id FROM request WHERE tenant_id = $1
		AND target_id = $2 AND package_id = $3
		AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
		AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd')`, p.Tenant, p.ID, id)
	return found, err
}

// OpenToAnyone reports whether the tenant has a package that anybody from
// outside may request (F-075).
func (r *Reader) OpenToAnyone(ctx context.Context, t access.TenantID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.PolicyID], `SELECT pol.id FROM policy pol
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pol.tenant_id = $1 AND pol.scope = 'allExternalUsers' AND pol.enabled AND cat.published AND cat.external
		LIMIT 1`, t)
	return ok, err
}
