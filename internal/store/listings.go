package store

import (
	"cmp"
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// CatalogLine is a catalog as administrators list it.
type CatalogLine struct {
	access.Catalog
	Packages int64 // as last counted
}

// CatalogFilter narrows a list of catalogs; zero fields narrow nothing.
type CatalogFilter struct{ Published, External Flag }

// CatalogList is the list of catalogs, by "name" or "age".
func (r *Reader) CatalogList(ctx context.Context, t access.TenantID,
	q ListQuery[CatalogFilter]) (ListPage[CatalogLine], error) {
	return page(ctx, r, listing[CatalogLine]{
		columns: func(l *CatalogLine) []column {
			return append(catalogColumns(&l.Catalog),
				column{counterColumn(CounterPackages, `cat.tenant_id`, `cat.id`), &l.Packages})
		},
		base:   `catalog cat`,
		tenant: `cat.tenant_id`, id: `cat.id`, kind: wordsOfCatalog, catalog: `cat.id`,
		orders: []order{{"name", `cat.sort_name`, false}, {"age", `cat.id`, false}},
		where: func(*sqlq.Args) string {
			return ` AND cat.deleted IS NULL` + q.Filter.Published.where(`cat.published`) +
				q.Filter.External.where(`cat.external`)
		},
	}, t, q.paging())
}

// PackageLine is an access package as administrators list it.
type PackageLine struct {
	access.Package
	CatalogName string
	Assignments int64 // in force, as last counted
	Policies    int64
}

// PackageFilter narrows a list of access packages; zero fields narrow nothing.
type PackageFilter struct {
	Catalog access.CatalogID
	Hidden  Flag
}

// PackageList is the list of access packages, by "name" or "age".
func (r *Reader) PackageList(ctx context.Context, t access.TenantID,
	q ListQuery[PackageFilter]) (ListPage[PackageLine], error) {
	age, hidden := `pkg.id`, `pkg.hidden`
	if q.Filter.Catalog != "" { // SQLite is to begin with that, not with all that are as old or as hidden
		age, hidden = `pkg.id || ''`, `(pkg.hidden AND TRUE)`
	}
	return page(ctx, r, listing[PackageLine]{
		columns: func(l *PackageLine) []column {
			return append(packageColumns(&l.Package),
				column{"cat.name", &l.CatalogName},
				column{counterColumn(CounterAssignments, `pkg.tenant_id`, `pkg.id`), &l.Assignments},
				column{`(SELECT COUNT(*) FROM policy pol WHERE pol.tenant_id = pkg.tenant_id AND pol.package_id = pkg.id)`,
					&l.Policies})
		},
		base: `package pkg`, joins: ` JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id`,
		tenant: `pkg.tenant_id`, id: `pkg.id`, kind: wordsOfPackage, catalog: `pkg.catalog_id`,
		orders: []order{{"name", `pkg.sort_name`, false}, {"age", age, false}},
		where: func(a *sqlq.Args) string {
			return ` AND pkg.deleted IS NULL` + equal(a, `pkg.catalog_id`, q.Filter.Catalog) + q.Filter.Hidden.where(hidden)
		},
	}, t, q.paging())
}

// OrganizationLine is a connected organization as administrators list it,
// without directories and sponsors.
type OrganizationLine struct {
	access.Organization
	Domains string // the verified ones, with blanks between
}

// OrganizationFilter narrows a list of connected organizations; zero fields
// narrow nothing.
type OrganizationFilter struct{ State access.OrganizationState }

// OrganizationList is the list of connected organizations, by "name" or "age".
func (r *Reader) OrganizationList(ctx context.Context, t access.TenantID,
	q ListQuery[OrganizationFilter]) (ListPage[OrganizationLine], error) {
	return page(ctx, r, listing[OrganizationLine]{
		columns: func(l *OrganizationLine) []column {
			return append(organizationColumns(&l.Organization), column{`COALESCE((SELECT string_agg(dom.name, ' '
				ORDER BY dom.name) FROM organization_directory od JOIN directory_domain dom ON dom.directory_id = od.directory_id
				WHERE od.tenant_id = org.tenant_id AND od.organization_id = org.id AND dom.proof <> 'pending'), '')`, &l.Domains})
		},
		base: `organization org`, tenant: `org.tenant_id`, id: `org.id`, kind: wordsOfOrganization,
		orders: []order{{"name", `org.sort_name`, false}, {"age", `org.id`, false}},
		where:  func(a *sqlq.Args) string { return equal(a, `org.state`, q.Filter.State) },
	}, t, q.paging())
}

// PersonFilter narrows a list of people; zero fields narrow nothing.
type PersonFilter struct {
	Kind         access.PersonKind
	Guest        access.GuestState
	Governed     Flag
	Disabled     Flag
	Directory    access.DirectoryID
	Organization access.OrganizationID // a connected one
	Group        access.EntryID        // people who have a role in it
	Role         string                // in Group; GroupMember if empty. Without Group it matches nothing
}

// PersonList is the list of people, by "name" or "age".
func (r *Reader) PersonList(ctx context.Context, t access.TenantID,
	q ListQuery[PersonFilter]) (ListPage[access.Person], error) {
	f := q.Filter
	role := cmp.Or(f.Role, GroupMember)
	p := q.paging()
	var err error
	if p.among, err = r.peopleAmong(ctx, t, f); err != nil {
		return ListPage[access.Person]{}, err
	}
	return page(ctx, r, listing[access.Person]{
		columns: personColumns, base: `person per`, tenant: `per.tenant_id`, id: `per.id`, kind: wordsOfPerson,
		orders: []order{{"name", `per.sort_name`, false}, {"age", `per.id`, false}},
		where: func(a *sqlq.Args) string {
			sql := equal(a, `per.kind`, f.Kind) + equal(a, `per.guest`, f.Guest) + equal(a, `per.directory_id`, f.Directory) +
				f.Governed.where(`per.governed`) + f.Disabled.where(`per.disabled`)
			if f.Organization != "" {
				sql += ` AND per.directory_id IN (SELECT od.directory_id FROM organization_directory od
					WHERE od.tenant_id = per.tenant_id AND od.organization_id = ` + a.Add(f.Organization) + `)`
			}
			if f.Group != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_member mem WHERE mem.tenant_id = per.tenant_id
					AND mem.person_id = per.id
					AND mem.role = ` + a.Add(role) + ` AND mem.entry_id = ` + a.Add(f.Group) + `)`
			} else if f.Role != "" {
				sql += matchesNothing
			}
			return sql
		},
	}, t, p)
}

// peopleAmong are the ids of the people of the filter's group or organization;
// nil if the filter names neither, or if they are so many that going through the
// list finds them sooner.
func (r *Reader) peopleAmong(ctx context.Context, t access.TenantID, f PersonFilter) (ids []string, err error) {
	switch {
	case f.Group != "":
		ids, err = queryAll(ctx, r, value[string], `SELECT person_id FROM directory_member WHERE tenant_id = $1
			AND entry_id = $2 AND role = $3 LIMIT $4`, t, f.Group, cmp.Or(f.Role, GroupMember), int64(few+1))
	case f.Organization != "":
		ids, err = queryAll(ctx, r, value[string], `SELECT per.id FROM organization_directory od CROSS JOIN person per
			WHERE od.tenant_id = $1
			AND od.organization_id = $2 AND per.tenant_id = $1 AND per.directory_id = od.directory_id LIMIT $3`, t,
			f.Organization,
			int64(few+1))
	default:
		return nil, nil
	}
	if len(ids) > few {
		return nil, err
	}
	return append([]string{}, ids...), err
}

// EntryFilter narrows a list of the built-in directory's entries; zero fields
// narrow nothing.
type EntryFilter struct {
	Kind    access.ResourceKind
	Groups  bool             // groups and teams only
	Outside access.CatalogID // what the catalog does not have
	Owner   access.PersonID  // what the person owns
	// AddableBy is what the person may add to a catalog: what the person owns, and
	// all applications if Applications.
	AddableBy    access.PersonID
	Applications bool // without AddableBy it matches nothing
}

// EntryList is the list of the built-in directory's entries, by "name" or "age".
func (r *Reader) EntryList(ctx context.Context, t access.TenantID,
	q ListQuery[EntryFilter]) (ListPage[access.Entry], error) {
	f := q.Filter
	return page(ctx, r, listing[access.Entry]{
		columns: entryColumns, base: `directory_entry ent`, tenant: `ent.tenant_id`, id: `ent.id`, kind: wordsOfEntry,
		orders: []order{{"name", `ent.sort_name`, false}, {"age", `ent.id`, false}},
		where: func(a *sqlq.Args) string {
			sql := equal(a, `ent.kind`, f.Kind)
			if f.Groups {
				sql += ` AND ent.kind IN ('group', 'team')`
			}
			if f.Outside != "" {
				sql += ` AND ent.id NOT IN (SELECT res.external_id FROM catalog_resource cr CROSS JOIN resource res CROSS
					JOIN target tgt
					WHERE cr.tenant_id = ` + a.Add(t) + ` AND cr.catalog_id = ` + a.Add(f.Outside) + ` AND res.tenant_id = cr.tenant_id
						AND res.id = cr.resource_id
					AND tgt.tenant_id = res.tenant_id AND tgt.id = res.target_id AND tgt.kind = 'directory')`
			}
			if f.AddableBy != "" {
				kinds := ``
				if f.Applications {
					kinds = `ent.kind = 'application' OR `
				}
				sql += ` AND (` + kinds + `EXISTS (SELECT 1 FROM directory_owner own WHERE own.tenant_id = ent.tenant_id
					AND own.entry_id = ent.id
					AND own.person_id = ` + a.Add(f.AddableBy) + `))`
			} else if f.Applications {
				sql += matchesNothing
			}
			if f.Owner != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_owner own WHERE own.tenant_id = ent.tenant_id AND own.entry_id = ent.id
					AND own.person_id = ` + a.Add(f.Owner) + `)`
			}
			return sql
		},
	}, t, q.paging())
}

// RequestFilter narrows a list of requests; zero fields narrow nothing.
type RequestFilter struct {
	State   access.RequestState
	Type    access.RequestType
	Package access.PackageID
	Policy  access.PolicyID
	Person  access.PersonID // whom the request is for
}

// RequestList is the list of requests by "age", searched by the person whom they
// are for or by the package.
func (r *Reader) RequestList(ctx context.Context, t access.TenantID,
	q ListQuery[RequestFilter]) (ListPage[RequestLine], error) {
	f := q.Filter
	policy, person := string(f.Policy), string(f.Person)
	return page(ctx, r, listing[RequestLine]{
		columns: requestLineColumns, base: `request req`, joins: requestLineJoins, tenant: `req.tenant_id`, id: `req.id`,
		catalog: `req.catalog_id`,
		by:      []lookup{{wordsOfPerson, `req.target_id`}, {wordsOfPackage, `req.package_id`}},
		orders:  []order{{"age", `req.id`, false}},
		where: func(a *sqlq.Args) string {
			return equal(a, withoutIndex(`req.state`, policy, person), f.State) +
				equal(a, withoutIndex(`req.type`, string(f.Package), policy, person), f.Type) +
				equal(a, withoutIndex(`req.package_id`, policy, person), f.Package) +
				equal(a, withoutIndex(`req.policy_id`, person), f.Policy) + equal(a, `req.target_id`, f.Person)
		},
	}, t, q.paging())
}

// AssignmentLine is an assignment as administrators list it.
type AssignmentLine struct {
	access.Assignment
	PackageName string
	PolicyName  string
	Holder      access.Person
}

// AssignmentFilter narrows a list of assignments; zero fields narrow nothing.
type AssignmentFilter struct {
	State   access.AssignmentState
	Package access.PackageID
	Policy  access.PolicyID
	Person  access.PersonID // the holder
}

// AssignmentList is the list of assignments by "age", searched by the holder or
// by the package.
func (r *Reader) AssignmentList(ctx context.Context, t access.TenantID,
	q ListQuery[AssignmentFilter]) (ListPage[AssignmentLine], error) {
	f := q.Filter
	policy, person := string(f.Policy), string(f.Person)
	return page(ctx, r, listing[AssignmentLine]{
		columns: func(l *AssignmentLine) []column {
			return append(append(assignmentColumns(&l.Assignment), column{"pkg.name", &l.PackageName},
				column{"COALESCE(pol.name, '')", &l.PolicyName}), personColumns(&l.Holder)...)
		},
		base: `assignment asg`,
		joins: ` JOIN package pkg ON pkg.tenant_id = asg.tenant_id AND pkg.id = asg.package_id
			JOIN person per ON per.tenant_id = asg.tenant_id AND per.id = asg.person_id
			LEFT JOIN policy pol ON pol.tenant_id = asg.tenant_id AND pol.id = asg.policy_id`,
		tenant: `asg.tenant_id`, id: `asg.id`, catalog: `asg.catalog_id`,
		by:     []lookup{{wordsOfPerson, `asg.person_id`}, {wordsOfPackage, `asg.package_id`}},
		orders: []order{{"age", `asg.id`, false}},
		where: func(a *sqlq.Args) string {
			return equal(a, withoutIndex(`asg.state`, policy, person), f.State) +
				equal(a, withoutIndex(`asg.package_id`, policy, person), f.Package) +
				equal(a, withoutIndex(`asg.policy_id`, person), f.Policy) + equal(a, `asg.person_id`, f.Person)
		},
	}, t, q.paging())
}

// The walks are the lists from beginning to end, for downloads: f is called
// with every row that q narrows.

// WalkCatalogs walks CatalogList.
func (r *Reader) WalkCatalogs(ctx context.Context, t access.TenantID, q ListQuery[CatalogFilter],
	f func(CatalogLine) error) error {
	return walk(ctx, t, q, r.CatalogList, f)
}

// WalkPackages walks PackageList.
func (r *Reader) WalkPackages(ctx context.Context, t access.TenantID, q ListQuery[PackageFilter],
	f func(PackageLine) error) error {
	return walk(ctx, t, q, r.PackageList, f)
}

// WalkOrganizations walks OrganizationList.
func (r *Reader) WalkOrganizations(ctx context.Context, t access.TenantID, q ListQuery[OrganizationFilter],
	f func(OrganizationLine) error) error {
	return walk(ctx, t, q, r.OrganizationList, f)
}

// WalkPeople walks PersonList.
func (r *Reader) WalkPeople(ctx context.Context, t access.TenantID, q ListQuery[PersonFilter],
	f func(access.Person) error) error {
	return walk(ctx, t, q, r.PersonList, f)
}

// WalkEntries walks EntryList.
func (r *Reader) WalkEntries(ctx context.Context, t access.TenantID, q ListQuery[EntryFilter],
	f func(access.Entry) error) error {
	return walk(ctx, t, q, r.EntryList, f)
}

// WalkRequests walks RequestList.
func (r *Reader) WalkRequests(ctx context.Context, t access.TenantID, q ListQuery[RequestFilter],
	f func(RequestLine) error) error {
	return walk(ctx, t, q, r.RequestList, f)
}

// WalkAssignments walks AssignmentList.
func (r *Reader) WalkAssignments(ctx context.Context, t access.TenantID, q ListQuery[AssignmentFilter],
	f func(AssignmentLine) error) error {
	return walk(ctx, t, q, r.AssignmentList, f)
}
