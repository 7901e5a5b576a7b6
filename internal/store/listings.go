package store

import (
	"cmp"
	"context"

	"myaccess/internal/access"
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
		cols: catalogCols + `, ` + counterColumn(CounterPackages, `c.tenant_id`, `c.id`), base: `catalog c`,
		tenant: `c.tenant_id`, id: `c.id`, kind: wordsOfCatalog, catalog: `c.id`,
		orders: []order{{"name", `c.sort_name`, false}, {"age", `c.id`, false}},
		scan: func(r row, rest ...any) (CatalogLine, error) {
			var c CatalogLine
			return c, r.Scan(append([]any{&c.Tenant, &c.ID, &c.Name, &c.Description, &c.Published, &c.External, &c.Version,
				&c.Packages}, rest...)...)
		},
		where: func(*args) string {
			return ` AND c.deleted IS NULL` + q.Filter.Published.where(`c.published`) + q.Filter.External.where(`c.external`)
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
	age, hidden := `p.id`, `p.hidden`
	if q.Filter.Catalog != "" { // SQLite is to begin with that, not with all that are as old or as hidden
		age, hidden = `p.id || ''`, `(p.hidden AND TRUE)`
	}
	return page(ctx, r, listing[PackageLine]{
		cols: packageCols + `, c.name, ` + counterColumn(CounterAssignments, `p.tenant_id`, `p.id`) + `,
			(SELECT COUNT(*) FROM policy o WHERE o.tenant_id = p.tenant_id AND o.package_id = p.id)`,
		base: `package p`, joins: ` JOIN catalog c ON c.tenant_id = p.tenant_id AND c.id = p.catalog_id`,
		tenant: `p.tenant_id`, id: `p.id`, kind: wordsOfPackage, catalog: `p.catalog_id`,
		orders: []order{{"name", `p.sort_name`, false}, {"age", age, false}},
		scan: func(r row, rest ...any) (PackageLine, error) {
			var p PackageLine
			return p, r.Scan(append([]any{&p.Tenant, &p.ID, &p.Catalog, &p.Name, &p.Description, &p.Hidden, &p.Version,
				&p.CatalogName, &p.Assignments, &p.Policies}, rest...)...)
		},
		where: func(a *args) string {
			return ` AND p.deleted IS NULL` + equal(a, `p.catalog_id`, q.Filter.Catalog) + q.Filter.Hidden.where(hidden)
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
		cols: organizationCols + `, COALESCE((SELECT string_agg(n.name, ' ' ORDER BY n.name) FROM organization_directory x
			JOIN directory_domain n ON n.directory_id = x.directory_id
			WHERE x.tenant_id = o.tenant_id AND x.organization_id = o.id AND n.proof <> 'pending'), '')`,
		base: `organization o`, tenant: `o.tenant_id`, id: `o.id`, kind: wordsOfOrganization,
		orders: []order{{"name", `o.sort_name`, false}, {"age", `o.id`, false}},
		scan: func(r row, rest ...any) (OrganizationLine, error) {
			var o OrganizationLine
			return o, r.Scan(append([]any{&o.Tenant, &o.ID, &o.Name, &o.Description, &o.State, &o.Version, &o.Domains},
				rest...)...)
		},
		where: func(a *args) string { return equal(a, `o.state`, q.Filter.State) },
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
		cols: personCols, base: `person p`, tenant: `p.tenant_id`, id: `p.id`, kind: wordsOfPerson,
		orders: []order{{"name", `p.sort_name`, false}, {"age", `p.id`, false}},
		scan: func(r row, rest ...any) (access.Person, error) {
			var p access.Person
			return p, r.Scan(append(personDest(&p), rest...)...)
		},
		where: func(a *args) string {
			sql := equal(a, `p.kind`, f.Kind) + equal(a, `p.guest`, f.Guest) + equal(a, `p.directory_id`, f.Directory) +
				f.Governed.where(`p.governed`) + f.Disabled.where(`p.disabled`)
			if f.Organization != "" {
				sql += ` AND p.directory_id IN (SELECT x.directory_id FROM organization_directory x
					WHERE x.tenant_id = p.tenant_id AND x.organization_id = ` + a.add(f.Organization) + `)`
			}
			if f.Group != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_member g WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id
					AND g.role = ` + a.add(role) + ` AND g.entry_id = ` + a.add(f.Group) + `)`
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
		ids, err = list(ctx, r, column[string], `SELECT person_id FROM directory_member WHERE tenant_id = $1
			AND entry_id = $2 AND role = $3 LIMIT $4`, t, f.Group, cmp.Or(f.Role, GroupMember), int64(few+1))
	case f.Organization != "":
		ids, err = list(ctx, r, column[string], `SELECT p.id FROM organization_directory x CROSS JOIN person p
			WHERE x.tenant_id = $1
			AND x.organization_id = $2 AND p.tenant_id = $1 AND p.directory_id = x.directory_id LIMIT $3`, t, f.Organization,
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
		cols: entryCols, base: `directory_entry e`, tenant: `e.tenant_id`, id: `e.id`, kind: wordsOfEntry,
		orders: []order{{"name", `e.sort_name`, false}, {"age", `e.id`, false}},
		scan: func(r row, rest ...any) (access.Entry, error) {
			var e access.Entry
			return e, r.Scan(append([]any{&e.Tenant, &e.ID, &e.Kind, &e.Name, &e.Description, &e.Link, object{&e.Roles},
				&e.Version}, rest...)...)
		},
		where: func(a *args) string {
			sql := equal(a, `e.kind`, f.Kind)
			if f.Groups {
				sql += ` AND e.kind IN ('group', 'team')`
			}
			if f.Outside != "" {
				sql += ` AND e.id NOT IN (SELECT s.external_id FROM catalog_resource c CROSS JOIN resource s CROSS JOIN target t
					WHERE c.tenant_id = ` + a.add(t) + ` AND c.catalog_id = ` + a.add(f.Outside) + ` AND s.tenant_id = c.tenant_id
						AND s.id = c.resource_id
					AND t.tenant_id = s.tenant_id AND t.id = s.target_id AND t.kind = 'directory')`
			}
			if f.AddableBy != "" {
				kinds := ``
				if f.Applications {
					kinds = `e.kind = 'application' OR `
				}
				sql += ` AND (` + kinds + `EXISTS (SELECT 1 FROM directory_owner w WHERE w.tenant_id = e.tenant_id
					AND w.entry_id = e.id
					AND w.person_id = ` + a.add(f.AddableBy) + `))`
			} else if f.Applications {
				sql += matchesNothing
			}
			if f.Owner != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_owner w WHERE w.tenant_id = e.tenant_id AND w.entry_id = e.id
					AND w.person_id = ` + a.add(f.Owner) + `)`
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
		cols: requestLineCols, base: `request q`, joins: requestLineJoins, tenant: `q.tenant_id`, id: `q.id`,
		catalog: `q.catalog_id`,
		by:      []lookup{{wordsOfPerson, `q.target_id`}, {wordsOfPackage, `q.package_id`}},
		orders:  []order{{"age", `q.id`, false}},
		scan: func(r row, rest ...any) (RequestLine, error) {
			var a RequestLine
			p := &a.Person
			return a, r.Scan(append(append(requestDest(&a.Request), &a.Package, &p.Name, &p.Email, &p.ID, &p.Directory,
				&p.Domain, &p.Kind), rest...)...)
		},
		where: func(a *args) string {
			return equal(a, withoutIndex(`q.state`, policy, person), f.State) +
				equal(a, withoutIndex(`q.type`, string(f.Package), policy, person), f.Type) +
				equal(a, withoutIndex(`q.package_id`, policy, person), f.Package) +
				equal(a, withoutIndex(`q.policy_id`, person), f.Policy) + equal(a, `q.target_id`, f.Person)
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
		cols: assignmentCols + `, k.name, COALESCE(o.name, ''), ` + personCols,
		base: `assignment x`,
		joins: ` JOIN package k ON k.tenant_id = x.tenant_id AND k.id = x.package_id
			JOIN person p ON p.tenant_id = x.tenant_id AND p.id = x.person_id
			LEFT JOIN policy o ON o.tenant_id = x.tenant_id AND o.id = x.policy_id`,
		tenant: `x.tenant_id`, id: `x.id`, catalog: `x.catalog_id`,
		by:     []lookup{{wordsOfPerson, `x.person_id`}, {wordsOfPackage, `x.package_id`}},
		orders: []order{{"age", `x.id`, false}},
		scan: func(r row, rest ...any) (AssignmentLine, error) {
			var l AssignmentLine
			dest := append(assignmentDest(&l.Assignment), &l.PackageName, &l.PolicyName)
			return l, r.Scan(append(append(dest, personDest(&l.Holder)...), rest...)...)
		},
		where: func(a *args) string {
			return equal(a, withoutIndex(`x.state`, policy, person), f.State) +
				equal(a, withoutIndex(`x.package_id`, policy, person), f.Package) +
				equal(a, withoutIndex(`x.policy_id`, person), f.Policy) + equal(a, `x.person_id`, f.Person)
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
