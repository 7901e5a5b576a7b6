package store

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// PackageSearch filters and pages a list of packages.
type PackageSearch struct {
	Text  string // words to find in name, description or resources, in any order
	Plain bool   // don't search the names of resources
	After Key
	Limit int
}

// OfferLine is a package as the portal lists it.
type OfferLine struct {
	Package access.Package
	Catalog string // its name
	Roles   []RoleWithResource
	Holding access.ExistingAccess
	// Assignment is the one that the list is of; zero on the Available list.
	Assignment access.Assignment
}

func offerLineColumns(l *OfferLine) []column {
	return append(packageColumns(&l.Package), column{"cat.name", &l.Catalog})
}

// AvailablePackages are the packages that who may see in the list and request.
func (r *Reader) AvailablePackages(ctx context.Context, who access.PersonContext,
	s PackageSearch) ([]OfferLine, error) {
	if who.Disabled {
		return nil, nil
	}
	if who.ID == "" { // unknown to the tenant, so not among its people
		return r.availablePackages(ctx, who, s)
	}
	found, err := r.packagesForAudience(ctx, who, s)
	if err == nil {
		err = r.addHoldings(ctx, who.Person, found)
	}
	return found, err
}

// packagesForAudience are the packages that are listed to who, without what the
// person has of them.
func (r *Reader) packagesForAudience(ctx context.Context, who access.PersonContext,
	s PackageSearch) ([]OfferLine, error) {
	type known struct {
		access.TenantID
		audience string
		PackageSearch
	}
	key := known{who.Tenant, "", s}
	for _, a := range who.AudienceKeys() {
		key.audience += string(a) + "\n"
	}
	found, err := cachedPackages(r, who.Tenant, key, func() ([]OfferLine, error) {
		return r.availablePackages(ctx, who, s)
	})
	return slices.Clone(found), err
}

// availablePackages are the packages that are listed to who. They depend on the
// audience keys of who only.
func (r *Reader) availablePackages(ctx context.Context, who access.PersonContext,
	s PackageSearch) ([]OfferLine, error) {
	a := &sqlq.Args{}
	tenant := a.Add(who.Tenant)
	place := ` > (` + a.Add(s.After.Name) + `, ` + a.Add(s.After.ID) + `)`
	limit := a.Add(int64(s.Limit))
	terms, ok, err := r.termSearch(ctx, who, s)
	if ok && len(terms.terms) == 0 { // no package has such a word
		return nil, err
	}
	var words wordSearch
	if err == nil && !ok {
		words, err = r.searchFor(ctx, who.Tenant, wordsOfPackage, s.Text)
	}
	if err != nil {
		return nil, err
	}
	var first, rest string
	switch mine := who.AudienceKeys(); {
	case ok:
		also := wordSearch{engine: r.engine, tenant: who.Tenant, kind: wordsOfPackage, words: terms.words}.where(a,
			`ow.package_id`)
		if !terms.exact {
			also += packageHas(a, tenant, `ow.package_id`, s)
		}
		first, rest = termTable(a, who, terms.terms, also+` AND (ow.sort_name, ow.package_id)`+place, limit)+
			` CROSS JOIN `, ` AND pkg.id = ids.id`
	case words.few || len(mine) > sqlq.MaxUnion:
		if words.few {
			first = sqlq.IDTable(a, words.ids) + ` CROSS JOIN `
			rest = ` AND pkg.id = ids.id`
		} else { // a person in so many groups may request most packages
			rest = words.where(a, `pkg.id`)
		}
		rest += ` AND (pkg.sort_name, pkg.id)` + place + packageWords(a, s) + ` AND EXISTS (SELECT 1 FROM offer ofr
			WHERE ofr.tenant_id = ` + tenant + ` AND ofr.package_id = pkg.id AND ofr.audience IN ` + sqlq.In(a, mine) + `)`
	default:
		if strings.TrimSpace(s.Text) != "" { // perhaps no words, only other characters
			rest = words.where(a, `ofr.package_id`) + packageHas(a, tenant, `ofr.package_id`, s)
		}
		first, rest = offeredTable(a, who, rest+` AND (ofr.sort_name, ofr.package_id)`+place, limit)+` CROSS JOIN `,
			` AND pkg.id = ids.id`
	}
	found, err := queryAll(ctx, r, offerLineColumns, `SELECT {columns} FROM `+first+`package pkg
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pkg.tenant_id = `+tenant+rest+` ORDER BY pkg.sort_name, pkg.id LIMIT `+limit, a.Values...)
	if err == nil {
		err = r.addPackageRoles(ctx, who.Tenant, found)
	}
	return found, err
}

// ActivePackages are the packages that the person holds, or is about to hold, by name.
// Assignments that ended by now but are not expired yet are left out.
func (r *Reader) ActivePackages(ctx context.Context, p access.Person, s PackageSearch, now int64) ([]OfferLine, error) {
	a := sqlq.Args{}
	return r.assignmentOffers(ctx, p, s, &a, ` AND asg.state <> 'expired' AND (asg.end_at IS NULL OR asg.end_at > `+
		a.Add(now)+`)`)
}

// EndedPackages are the assignments of the person that are over, by name.
func (r *Reader) EndedPackages(ctx context.Context, p access.Person, s PackageSearch, now int64) ([]OfferLine, error) {
	a := sqlq.Args{}
	return r.assignmentOffers(ctx, p, s, &a, ` AND (asg.state = 'expired' OR asg.end_at <= `+a.Add(now)+`)`)
}

func (r *Reader) assignmentOffers(ctx context.Context, p access.Person, s PackageSearch, a *sqlq.Args,
	condition string) ([]OfferLine, error) {
	// The CROSS JOIN and the name without its index keep SQLite from reading all
	// packages by name.
	query := `SELECT {columns} FROM assignment asg CROSS JOIN package pkg
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pkg.tenant_id = asg.tenant_id AND pkg.id = asg.package_id AND asg.tenant_id = ` + a.Add(p.Tenant) +
		` AND asg.person_id = ` + a.Add(p.ID) + condition +
		` AND (pkg.sort_name || '', asg.id) > (` + a.Add(s.After.Name) + `, ` + a.Add(s.After.ID) + `)` + packageWords(a, s) +
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

// packageHas is the condition packageWords of the package with the id.
func packageHas(a *sqlq.Args, tenant, id string, s PackageSearch) string {
	return ` AND EXISTS (SELECT 1 FROM package pkg WHERE pkg.tenant_id = ` + tenant + ` AND pkg.id = ` + id +
		packageWords(a, s) + `)`
}

// packageWords is the condition that a package's search text holds every word.
func packageWords(a *sqlq.Args, s PackageSearch) string {
	var sql strings.Builder
	for _, word := range firstDistinct(strings.Fields(s.Text), maxQueryWords) {
		like := likePattern(word)
		if s.Plain {
			like += "\n%" // on the first line
		}
		sql.WriteString(` AND pkg.search LIKE ` + a.Add(like) + ` ESCAPE '!'`)
	}
	return sql.String()
}

// completeOffers adds the roles of the packages and what the person has of them.
func (r *Reader) completeOffers(ctx context.Context, p access.Person, all []OfferLine) error {
	if err := r.addPackageRoles(ctx, p.Tenant, all); err != nil {
		return err
	}
	return r.addHoldings(ctx, p, all)
}

func packageIDs(all []OfferLine) []access.PackageID {
	ids := make([]access.PackageID, len(all))
	for i, l := range all {
		ids[i] = l.Package.ID
	}
	return ids
}

// addPackageRoles adds the roles of the packages.
func (r *Reader) addPackageRoles(ctx context.Context, t access.TenantID, all []OfferLine) error {
	roles, err := r.PackageRoles(ctx, t, packageIDs(all)...)
	for i, l := range all {
		all[i].Roles = roles[l.Package.ID]
	}
	return err
}

// addHoldings adds what the person has of the packages.
func (r *Reader) addHoldings(ctx context.Context, p access.Person, all []OfferLine) error {
	holdings, err := r.holdings(ctx, p, packageIDs(all))
	for i, l := range all {
		all[i].Holding = holdings[l.Package.ID]
	}
	return err
}
