package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func organizationColumns(o *access.Organization) []column {
	return []column{
		{"org.tenant_id", &o.Tenant},
		{"org.id", &o.ID},
		{"org.name", &o.Name},
		{"org.description", &o.Description},
		{"org.state", &o.State},
		{"org.version", &o.Version},
	}
}

// Organization is the connected organization with the id, complete.
func (r *Reader) Organization(ctx context.Context, t access.TenantID,
	id access.OrganizationID) (access.Organization, error) {
	o, err := queryOne(ctx, r, organizationColumns, `SELECT {columns} FROM organization org WHERE org.tenant_id = $1
		AND org.id = $2`, t, id)
	if err == nil {
		err = r.completeOrganization(ctx, &o)
	}
	return o, err
}

// OrganizationDomain is how links name a connected organization.
type OrganizationDomain struct {
	Name   string
	Domain access.Domain
}

// OrganizationDomains returns, for each connected organization with the ids, a
// verified domain with which its people sign in: the first of its first enabled
// directory. Organizations without one are missing.
func (r *Reader) OrganizationDomains(ctx context.Context, t access.TenantID,
	ids []access.OrganizationID) (map[access.OrganizationID]OrganizationDomain, error) {
	type line struct {
		id access.OrganizationID
		OrganizationDomain
	}
	found, err := queryBlocks(ctx, r, func(l *line) []column {
		return []column{
			{"org.id", &l.id},
			{"org.name", &l.Name},
			{"dom.name", &l.Domain},
		}
	}, ids, func(a *sqlq.Args, block []access.OrganizationID) string {
		return `SELECT {columns} FROM organization org CROSS JOIN organization_directory od CROSS JOIN directory dir
			CROSS JOIN directory_domain dom
			WHERE org.tenant_id = ` + a.Add(t) + ` AND org.id IN ` + sqlq.In(a, block) + ` AND od.tenant_id = org.tenant_id
			AND od.organization_id = org.id AND dir.id = od.directory_id AND dir.enabled AND dom.directory_id = dir.id
			AND dom.proof <> 'pending' ORDER BY org.id, dir.id, dom.position`
	})
	all := map[access.OrganizationID]OrganizationDomain{}
	for _, l := range found {
		if _, ok := all[l.id]; !ok {
			all[l.id] = l.OrganizationDomain
		}
	}
	return all, err
}

// OrganizationNamed is the connected organization with the name, without regard
// to case; ok is false if there is none.
func (r *Reader) OrganizationNamed(ctx context.Context, t access.TenantID,
	name string) (o access.Organization, ok bool, err error) {
	return queryOptional(ctx, r, organizationColumns, `SELECT {columns} FROM organization org WHERE org.tenant_id = $1
		AND org.sort_name = $2`, t, fold(name))
}

// OrganizationOf is the connected organization to which the directory belongs
// in the tenant; ok is false if there is none.
func (r *Reader) OrganizationOf(ctx context.Context, t access.TenantID,
	dir access.DirectoryID) (o access.Organization, ok bool, err error) {
	type known struct {
		access.TenantID
		access.DirectoryID
	}
	return exists(cachedForTenant(r, t, known{t, dir}, func() (access.Organization, error) {
		o, err := queryOne(ctx, r, organizationColumns, `SELECT {columns} FROM organization_directory od
			JOIN organization org ON org.tenant_id = od.tenant_id AND org.id = od.organization_id
			WHERE od.tenant_id = $1 AND od.directory_id = $2`, t, dir)
		if err == nil {
			err = r.completeOrganization(ctx, &o)
		}
		return o, err
	}))
}

// Organizations are the connected organizations of a tenant by name, complete.
func (r *Reader) Organizations(ctx context.Context, t access.TenantID) ([]access.Organization, error) {
	all, err := queryAll(ctx, r, organizationColumns,
		`SELECT {columns} FROM organization org WHERE org.tenant_id = $1 ORDER BY org.sort_name, org.id`, t)
	for i := range all {
		if err == nil {
			err = r.completeOrganization(ctx, &all[i])
		}
	}
	return all, err
}

func (r *Reader) completeOrganization(ctx context.Context, o *access.Organization) (err error) {
	o.Directories, err = queryAll(ctx, r, value[access.DirectoryID],
		`SELECT directory_id FROM organization_directory WHERE tenant_id = $1 AND organization_id = $2 ORDER BY directory_id`,
		o.Tenant, o.ID)
	if err == nil {
		o.InternalSponsors, err = queryAll(ctx, r, subjectColumns, `SELECT 'singleUser', person_id FROM organization_sponsor
			WHERE tenant_id = $1 AND organization_id = $2 AND side = 'internal'
			UNION ALL SELECT 'groupMembers', entry_id FROM organization_sponsor_group WHERE tenant_id = $1
			AND organization_id = $2 ORDER BY 1, 2`, o.Tenant, o.ID)
	}
	if err == nil {
		o.ExternalSponsors, err = queryAll(ctx, r, value[access.PersonID], `SELECT person_id FROM organization_sponsor
			WHERE tenant_id = $1 AND organization_id = $2 AND side = 'external' ORDER BY person_id`, o.Tenant, o.ID)
	}
	return err
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

// WalkOrganizations walks OrganizationList.
func (r *Reader) WalkOrganizations(ctx context.Context, t access.TenantID, q ListQuery[OrganizationFilter],
	f func(OrganizationLine) error) error {
	return walk(ctx, t, q, r.OrganizationList, f)
}

// organizationTables are the tables with what belongs to an organization.
func organizationTables() []string {
	return []string{"organization_directory", "organization_sponsor", "organization_sponsor_group"}
}

// SaveOrganization adds the connected organization, or changes the one with its
// id, with directories and sponsors.
func (tx *Tx) SaveOrganization(ctx context.Context, o access.Organization) error {
	err := tx.exec(ctx, `INSERT INTO organization (tenant_id, id, name, description, state, version, sort_name)
		VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		description = excluded.description, state = excluded.state, sort_name = excluded.sort_name,
		version = organization.version + 1`,
		o.Tenant, o.ID, o.Name, o.Description, o.State, fold(o.Name))
	for _, table := range organizationTables() {
		if err == nil {
			err = tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND organization_id = $2`, o.Tenant, o.ID)
		}
	}
	for _, d := range o.Directories {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO organization_directory (tenant_id, directory_id, organization_id)
				VALUES ($1, $2, $3)`,
				o.Tenant, d, o.ID)
		}
	}
	if err == nil {
		err = tx.addOrganizationSponsors(ctx, o)
	}
	if err == nil {
		err = tx.indexOrganization(ctx, o)
	}
	return err
}

func (tx *Tx) addOrganizationSponsors(ctx context.Context, o access.Organization) error {
	const person = `INSERT INTO organization_sponsor (tenant_id, organization_id, person_id, side) VALUES ($1, $2, $3, $4)`
	for _, s := range o.InternalSponsors {
		var err error
		if s.Kind == access.SubjectGroup {
			err = tx.exec(ctx, `INSERT INTO organization_sponsor_group (tenant_id, organization_id, entry_id)
				VALUES ($1, $2, $3)`, o.Tenant, o.ID, s.ID)
		} else {
			err = tx.exec(ctx, person, o.Tenant, o.ID, s.ID, "internal")
		}
		if err != nil {
			return err
		}
	}
	for _, p := range o.ExternalSponsors {
		if err := tx.exec(ctx, person, o.Tenant, o.ID, p, "external"); err != nil {
			return err
		}
	}
	return nil
}

// DeleteOrganization deletes a connected organization and removes it from the policies
// that name it. One that names no other organization then matches nobody. People,
// requests and assignments are kept.
func (tx *Tx) DeleteOrganization(ctx context.Context, t access.TenantID, id access.OrganizationID) error {
	if err := tx.removeFromPolicies(ctx, t, id); err != nil {
		return err
	}
	for _, table := range organizationTables() {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND organization_id = $2`, t, id); err != nil {
			return err
		}
	}
	if err := tx.deleteWords(ctx, t, wordsOfOrganization, string(id)); err != nil {
		return err
	}
	return tx.execOne(ctx, `DELETE FROM organization WHERE tenant_id = $1 AND id = $2`, t, id)
}

// removeFromPolicies removes the organization from the policies that name it, and raises
// their versions: an edit that has begun before would name it again.
func (tx *Tx) removeFromPolicies(ctx context.Context, t access.TenantID, id access.OrganizationID) error {
	const named = `FROM policy_subject ps WHERE ps.tenant_id = $1 AND ps.subject_id = $2
		AND ps.kind = 'connectedOrganizationMembers'`
	packages, err := queryAll(ctx, tx.Reader, value[access.PackageID], `SELECT DISTINCT pol.package_id
		FROM policy_subject ps CROSS JOIN policy pol WHERE ps.tenant_id = $1 AND ps.subject_id = $2
		AND ps.kind = 'connectedOrganizationMembers' AND pol.tenant_id = $1 AND pol.id = ps.policy_id
		ORDER BY pol.package_id`, t, id)
	if err == nil {
		err = tx.exec(ctx, `UPDATE policy SET version = version + 1 WHERE tenant_id = $1
			AND id IN (SELECT ps.policy_id `+named+`)`, t, id)
	}
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM policy_subject WHERE tenant_id = $1 AND subject_id = $2
			AND kind = 'connectedOrganizationMembers'`, t, id)
	}
	for _, p := range packages {
		if err == nil {
			err = tx.updateOffer(ctx, t, p)
		}
	}
	return err
}

// indexOrganization updates the search words of an organization: name,
// description and all domains, verified or not (F-024).
func (tx *Tx) indexOrganization(ctx context.Context, o access.Organization) error {
	domains, err := queryAll(ctx, tx.Reader, value[string], `SELECT dom.name FROM organization_directory od
		JOIN directory_domain dom ON dom.directory_id = od.directory_id WHERE od.tenant_id = $1 AND od.organization_id = $2`,
		o.Tenant, o.ID)
	if err != nil {
		return err
	}
	return tx.indexWords(ctx, o.Tenant, wordsOfOrganization, string(o.ID), append(domains, o.Name, o.Description)...)
}

// indexConnected updates the search words of the organizations of a directory
// whose domains have changed.
func (tx *Tx) indexConnected(ctx context.Context, d access.DirectoryID) error {
	connected, err := tx.connectedWith(ctx, d)
	for _, o := range connected {
		if err == nil {
			err = tx.indexOrganization(ctx, o)
		}
	}
	return err
}

// connectedWith are the connected organizations of all tenants that the
// directory belongs to.
func (r *Reader) connectedWith(ctx context.Context, d access.DirectoryID) ([]access.Organization, error) {
	return queryAll(ctx, r, organizationColumns, `SELECT {columns} FROM organization_directory od
		JOIN organization org ON org.tenant_id = od.tenant_id AND org.id = od.organization_id WHERE od.directory_id = $1`, d)
}
