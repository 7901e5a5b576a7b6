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

// CatalogList is the list of catalogs: filters "published" and "external" (yes,
// no), orders "name" and "age".
func (r *Reader) CatalogList(ctx context.Context, t access.TenantID, p ListQuery) (ListPage[CatalogLine], error) {
	return page(ctx, r, listing[CatalogLine]{
		cols: catalogCols + `, ` + counterColumn(CounterPackages, `c.tenant_id`, `c.id`), base: `catalog c`,
		tenant: `c.tenant_id`, id: `c.id`, kind: wordsOfCatalog, catalog: `c.id`,
		orders: []order{{"name", `c.sort_name`, false}, {"age", `c.id`, false}},
		scan: func(r row, rest ...any) (CatalogLine, error) {
			var c CatalogLine
			return c, r.Scan(append([]any{&c.Tenant, &c.ID, &c.Name, &c.Description, &c.Published, &c.External, &c.Version,
				&c.Packages}, rest...)...)
		},
		where: func(_ *args, filter map[string]string) string {
			return ` AND c.deleted IS NULL` + yesNo(`c.published`, filter["published"]) + yesNo(`c.external`, filter["external"])
		},
	}, t, p)
}

// yesNo is the condition that a column of truth is as the filter says.
func yesNo(column, value string) string {
	switch value {
	case "yes":
		return ` AND ` + column + ` = TRUE`
	case "no":
		return ` AND ` + column + ` = FALSE`
	}
	return ``
}

// equal is the condition that a column is the filter's value, if it has one.
func equal(a *args, column, value string) string {
	if value == "" {
		return ``
	}
	return ` AND ` + column + ` = ` + a.add(value)
}

// unless is a column with its index, or without it if the list is narrowed by one
// of the others, which few rows have: SQLite knows nothing of how many have what,
// and might begin with the many.
func unless(column string, filter map[string]string, others ...string) string {
	for _, o := range others {
		if filter[o] != "" {
			return column + ` || ''`
		}
	}
	return column
}

// PackageLine is an access package as administrators list it.
type PackageLine struct {
	access.Package
	CatalogName string
	Assignments int64 // in force, as last counted
	Policies    int64
}

// PackageList is the list of access packages: filters "catalog" (an id) and
// "hidden" (yes, no), orders "name" and "age".
func (r *Reader) PackageList(ctx context.Context, t access.TenantID, p ListQuery) (ListPage[PackageLine], error) {
	age, hidden := `p.id`, `p.hidden`
	if p.Filter["catalog"] != "" { // SQLite is to begin with that, not with all that are as old or as hidden
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
		where: func(a *args, filter map[string]string) string {
			return ` AND p.deleted IS NULL` + equal(a, `p.catalog_id`, filter["catalog"]) + yesNo(hidden, filter["hidden"])
		},
	}, t, p)
}

// OrganizationLine is a connected organization as administrators list it,
// without directories and sponsors.
type OrganizationLine struct {
	access.Organization
	Domains string // the verified ones, with blanks between
}

// OrganizationList is the list of connected organizations: filter "state",
// orders "name" and "age".
func (r *Reader) OrganizationList(ctx context.Context, t access.TenantID,
	p ListQuery) (ListPage[OrganizationLine], error) {
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
		where: func(a *args, filter map[string]string) string { return equal(a, `o.state`, filter["state"]) },
	}, t, p)
}

// PersonList is the list of people: filters "kind", "guest" (a state),
// "governed" and "disabled" (yes, no), "directory", "organization" (a connected
// one) and "group" (an id; with "role", those who have it there); orders "name"
// and "age".
func (r *Reader) PersonList(ctx context.Context, t access.TenantID, p ListQuery) (ListPage[access.Person], error) {
	group, organization, role := p.Filter["group"], p.Filter["organization"], cmp.Or(p.Filter["role"], GroupMember)
	var err error
	if group != "" {
		p.among, err = list(ctx, r, column[string], `SELECT person_id FROM directory_member WHERE tenant_id = $1
			AND entry_id = $2 AND role = $3 LIMIT $4`,
			t, group, role, int64(few+1))
	} else if organization != "" {
		p.among, err = list(ctx, r, column[string], `SELECT p.id FROM organization_directory x CROSS JOIN person p
			WHERE x.tenant_id = $1
			AND x.organization_id = $2 AND p.tenant_id = $1 AND p.directory_id = x.directory_id LIMIT $3`, t, organization,
			int64(few+1))
	}
	switch {
	case err != nil:
		return ListPage[access.Person]{}, err
	case len(p.among) > few:
		p.among = nil // sooner found by going through the list
	case group+organization != "":
		p.among = append([]string{}, p.among...)
	}
	return page(ctx, r, listing[access.Person]{
		cols: personCols, base: `person p`, tenant: `p.tenant_id`, id: `p.id`, kind: wordsOfPerson,
		orders: []order{{"name", `p.sort_name`, false}, {"age", `p.id`, false}},
		scan: func(r row, rest ...any) (access.Person, error) {
			var p access.Person
			return p, r.Scan(append(personDest(&p), rest...)...)
		},
		where: func(a *args, filter map[string]string) string {
			sql := equal(a, `p.kind`, filter["kind"]) + equal(a, `p.guest`, filter["guest"]) + equal(a, `p.directory_id`,
				filter["directory"]) +
				yesNo(`p.governed`, filter["governed"]) + yesNo(`p.disabled`, filter["disabled"])
			if organization != "" {
				sql += ` AND p.directory_id IN (SELECT x.directory_id FROM organization_directory x
					WHERE x.tenant_id = p.tenant_id AND x.organization_id = ` + a.add(organization) + `)`
			}
			if group != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_member g WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id
					AND g.role = ` + a.add(role) + ` AND g.entry_id = ` + a.add(group) + `)`
			}
			return sql
		},
	}, t, p)
}

// EntryList is the list of the built-in directory's entries: filters "kind",
// "owner" (a person's id), "outside" (the id of a catalog that does not have it)
// and "addable" (a person's id: what the person owns, and with "applications"
// those too); orders "name" and "age".
func (r *Reader) EntryList(ctx context.Context, t access.TenantID, p ListQuery) (ListPage[access.Entry], error) {
	return page(ctx, r, listing[access.Entry]{
		cols: entryCols, base: `directory_entry e`, tenant: `e.tenant_id`, id: `e.id`, kind: wordsOfEntry,
		orders: []order{{"name", `e.sort_name`, false}, {"age", `e.id`, false}},
		scan: func(r row, rest ...any) (access.Entry, error) {
			var e access.Entry
			return e, r.Scan(append([]any{&e.Tenant, &e.ID, &e.Kind, &e.Name, &e.Description, &e.Link, object{&e.Roles},
				&e.Version}, rest...)...)
		},
		where: func(a *args, filter map[string]string) string {
			sql := equal(a, `e.kind`, filter["kind"])
			if filter["groups"] == "yes" {
				sql += ` AND e.kind IN ('group', 'team')`
			}
			if c := filter["outside"]; c != "" {
				sql += ` AND e.id NOT IN (SELECT s.external_id FROM catalog_resource c CROSS JOIN resource s CROSS JOIN target t
					WHERE c.tenant_id = ` + a.add(t) + ` AND c.catalog_id = ` + a.add(c) + ` AND s.tenant_id = c.tenant_id
						AND s.id = c.resource_id
					AND t.tenant_id = s.tenant_id AND t.id = s.target_id AND t.kind = 'directory')`
			}
			if person := filter["addable"]; person != "" {
				kinds := ``
				if filter["applications"] == "yes" {
					kinds = `e.kind = 'application' OR `
				}
				sql += ` AND (` + kinds + `EXISTS (SELECT 1 FROM directory_owner w WHERE w.tenant_id = e.tenant_id
					AND w.entry_id = e.id
					AND w.person_id = ` + a.add(person) + `))`
			}
			if owner := filter["owner"]; owner != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_owner w WHERE w.tenant_id = e.tenant_id AND w.entry_id = e.id
					AND w.person_id = ` + a.add(owner) + `)`
			}
			return sql
		},
	}, t, p)
}

// RequestList is the list of requests, newest first if Desc, searched by the
// person whom they are for or the package: filters "state", "type", "package",
// "policy", "person" (ids); order "age".
func (r *Reader) RequestList(ctx context.Context, t access.TenantID, p ListQuery) (ListPage[RequestLine], error) {
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
		where: func(a *args, filter map[string]string) string {
			return equal(a, unless(`q.state`, filter, "policy", "person"), filter["state"]) +
				equal(a, unless(`q.type`, filter, "package", "policy", "person"), filter["type"]) +
				equal(a, unless(`q.package_id`, filter, "policy", "person"), filter["package"]) +
				equal(a, unless(`q.policy_id`, filter, "person"), filter["policy"]) + equal(a, `q.target_id`, filter["person"])
		},
	}, t, p)
}

// AssignmentLine is an assignment as administrators list it.
type AssignmentLine struct {
	access.Assignment
	PackageName string
	PolicyName  string
	Holder      access.Person
}

// AssignmentList is the list of assignments, searched by the holder or the
// package: filters "state", "package", "policy", "person" (ids); order "age".
func (r *Reader) AssignmentList(ctx context.Context, t access.TenantID, p ListQuery) (ListPage[AssignmentLine], error) {
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
		where: func(a *args, filter map[string]string) string {
			return equal(a, unless(`x.state`, filter, "policy", "person"), filter["state"]) +
				equal(a, unless(`x.package_id`, filter, "policy", "person"), filter["package"]) +
				equal(a, unless(`x.policy_id`, filter, "person"), filter["policy"]) + equal(a, `x.person_id`, filter["person"])
		},
	}, t, p)
}

// The walks are the lists from beginning to end, for downloads: f is called
// with every row that p narrows.

// WalkCatalogs walks CatalogList.
func (r *Reader) WalkCatalogs(ctx context.Context, t access.TenantID, p ListQuery, f func(CatalogLine) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[CatalogLine], error) {
		return r.CatalogList(ctx, t, p)
	},
		f)
}

// WalkPackages walks PackageList.
func (r *Reader) WalkPackages(ctx context.Context, t access.TenantID, p ListQuery, f func(PackageLine) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[PackageLine], error) {
		return r.PackageList(ctx, t, p)
	},
		f)
}

// WalkOrganizations walks OrganizationList.
func (r *Reader) WalkOrganizations(ctx context.Context, t access.TenantID, p ListQuery,
	f func(OrganizationLine) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[OrganizationLine], error) {
		return r.OrganizationList(ctx, t, p)
	}, f)
}

// WalkPeople walks PersonList.
func (r *Reader) WalkPeople(ctx context.Context, t access.TenantID, p ListQuery, f func(access.Person) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[access.Person], error) {
		return r.PersonList(ctx, t, p)
	},
		f)
}

// WalkEntries walks EntryList.
func (r *Reader) WalkEntries(ctx context.Context, t access.TenantID, p ListQuery, f func(access.Entry) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[access.Entry], error) {
		return r.EntryList(ctx, t,
			p)
	},
		f)
}

// WalkRequests walks RequestList.
func (r *Reader) WalkRequests(ctx context.Context, t access.TenantID, p ListQuery, f func(RequestLine) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[RequestLine], error) {
		return r.RequestList(ctx, t, p)
	}, f)
}

// WalkAssignments walks AssignmentList.
func (r *Reader) WalkAssignments(ctx context.Context, t access.TenantID, p ListQuery,
	f func(AssignmentLine) error) error {
	return walk(ctx, p, func(ctx context.Context, p ListQuery) (ListPage[AssignmentLine], error) {
		return r.AssignmentList(ctx, t,
			p)
	}, f)
}
