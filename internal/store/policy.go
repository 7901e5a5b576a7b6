package store

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/sqlq"
)

func policyColumns(p *access.Policy) []column {
	return []column{
		{"pol.tenant_id", &p.Tenant},
		{"pol.id", &p.ID},
		{"pol.package_id", &p.Package},
		{"pol.name", &p.Name},
		{"pol.description", &p.Description},
		{"pol.scope", &p.Scope},
		{"pol.enabled", &p.Enabled},
		{"pol.terms", jsonValue{&p.Terms}},
		{"pol.version", &p.Version},
	}
}

// Policy is the policy with the id.
func (r *Reader) Policy(ctx context.Context, t access.TenantID, id access.PolicyID) (access.Policy, error) {
	p, err := queryOne(ctx, r, policyColumns, `SELECT {columns} FROM policy pol WHERE pol.tenant_id = $1 AND pol.id = $2`,
		t,
		id)
	if err == nil {
		p.Targets, err = r.policyTargets(ctx, t, id)
	}
	return p, err
}

// PolicyNamed is the policy of the package with the name, without regard to
// case; ok is false if there is none.
func (r *Reader) PolicyNamed(ctx context.Context, t access.TenantID, id access.PackageID,
	name string) (p access.Policy, ok bool, err error) {
	return queryOptional(ctx, r, policyColumns, `SELECT {columns} FROM policy pol
		WHERE pol.tenant_id = $1 AND pol.package_id = $2 AND pol.sort_name = $3`, t, id, fold(name))
}

// PoliciesOf are the policies of a package by name.
func (r *Reader) PoliciesOf(ctx context.Context, t access.TenantID, id access.PackageID) ([]access.Policy, error) {
	all, err := queryAll(ctx, r, policyColumns, `SELECT {columns} FROM policy pol
		WHERE pol.tenant_id = $1 AND pol.package_id = $2 ORDER BY pol.sort_name, pol.id`, t, id)
	if err != nil {
		return nil, err
	}
	return all, r.addTargets(ctx, t, all)
}

// addTargets adds their targets to policies of a tenant.
func (r *Reader) addTargets(ctx context.Context, t access.TenantID, all []access.Policy) error {
	type line struct {
		policy access.PolicyID
		target access.SubjectRef
	}
	ids := make([]access.PolicyID, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	found, err := queryBlocks(ctx, r, func(l *line) []column {
		return append(subjectColumns(&l.target), column{"policy_id", &l.policy})
	}, ids, func(a *sqlq.Args, block []access.PolicyID) string {
		return `SELECT {columns} FROM policy_subject WHERE tenant_id = ` + a.Add(t) + ` AND policy_id IN ` +
			sqlq.In(a, block) + ` ORDER BY policy_id, kind, subject_id`
	})
	targets := map[access.PolicyID][]access.SubjectRef{}
	for _, l := range found {
		targets[l.policy] = append(targets[l.policy], l.target)
	}
	for i, p := range all {
		all[i].Targets = targets[p.ID]
	}
	return err
}

func (r *Reader) policyTargets(ctx context.Context, t access.TenantID,
	id access.PolicyID) ([]access.SubjectRef, error) {
	return queryAll(ctx, r, subjectColumns, `SELECT kind, subject_id FROM policy_subject
		WHERE tenant_id = $1 AND policy_id = $2 ORDER BY kind, subject_id`, t, id)
}

func subjectColumns(s *access.SubjectRef) []column {
	return []column{{"kind", &s.Kind}, {"subject_id", &s.ID}}
}

// OpenToAnyone reports whether the tenant has a package that everyone from
// outside can request (F-075).
func (r *Reader) OpenToAnyone(ctx context.Context, t access.TenantID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.PolicyID], `SELECT pol.id FROM policy pol
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id
		JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
		WHERE pol.tenant_id = $1 AND pol.scope = 'allExternalUsers' AND pol.enabled AND cat.published AND cat.external
		LIMIT 1`, t)
	return ok, err
}

// OpenToConfiguredOrganizations reports whether people of every configured
// connected organization can get a package without approval.
func (r *Reader) OpenToConfiguredOrganizations(ctx context.Context, t access.TenantID) (bool, error) {
	all, err := queryAll(ctx, r, policyColumns, `SELECT {columns} FROM policy pol
		WHERE pol.tenant_id = $1 AND pol.scope = 'allConfiguredConnectedOrganizationUsers' AND pol.enabled`, t)
	for _, p := range all {
		if p.OpenToConfigured() {
			return true, err
		}
	}
	return false, err
}

// AdmitsDirectory reports whether people of a directory may be people of the tenant.
func (r *Reader) AdmitsDirectory(ctx context.Context, t access.TenantID, dir access.Directory) (bool, error) {
	a, err := r.Admission(ctx, t, dir.ID)
	return a.Admits(), err
}

// PolicyUse is what depends on the policy.
func (r *Reader) PolicyUse(ctx context.Context, p access.Policy) (u access.PolicyUse, err error) {
	_, u.HasAssignments, err = queryOptional(ctx, r, value[access.AssignmentID], `SELECT id FROM assignment
		WHERE tenant_id = $1 AND policy_id = $2 AND state <> 'expired' LIMIT 1`, p.Tenant, p.ID)
	if err == nil {
		_, u.HasOpenRequests, err = queryOptional(ctx, r, value[access.RequestID], `SELECT id FROM request
			WHERE tenant_id = $1
			AND package_id = $2 AND policy_id = $3
			AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering') LIMIT 1`, p.Tenant, p.Package, p.ID)
	}
	return u, err
}

// PolicyFacts are the facts at now that a policy, stored or not, is checked
// against.
func (r *Reader) PolicyFacts(ctx context.Context, p access.Policy, c access.Catalog,
	now time.Time) (access.PolicyFacts, error) {
	f := access.PolicyFacts{Catalog: c, Now: now}
	tenant, err := r.Tenant(ctx, p.Tenant)
	if err != nil {
		return f, err
	}
	f.Settings = tenant.Settings
	if p.OpenToConfigured() {
		if f.ConsumerOrganization, f.ConsumerDomain, err = r.consumerOrganization(ctx, p.Tenant); err != nil {
			return f, err
		}
	}
	if p.Scope == access.ScopeSpecificUsers {
		if f.Requestors, err = r.firstPeople(ctx, p.Tenant, p.Targets, access.MaxStages+1); err != nil {
			return f, err
		}
	}
	for _, s := range p.Stages {
		deciders, err := r.deciders(ctx, p.Tenant, s)
		if err != nil {
			return f, err
		}
		named, err := r.ExpandSubjects(ctx, p.Tenant, slices.DeleteFunc(slices.Clone(s.Approvers),
			func(a access.SubjectRef) bool {
				return a.Kind != access.SubjectPerson
			}))
		if err != nil {
			return f, err
		}
		f.ActiveApprovers = append(f.ActiveApprovers, deciders)
		f.DisabledApprovers = append(f.DisabledApprovers, slices.DeleteFunc(named, func(one access.Person) bool {
			return !one.Disabled
		}))
	}
	return f, nil
}

// consumerOrganization returns the first configured connected organization with
// a consumer mail domain, and the domain; empty if there is none.
func (r *Reader) consumerOrganization(ctx context.Context, t access.TenantID) (string, access.Domain, error) {
	type row struct {
		name   string
		domain access.Domain
	}
	all, err := queryAll(ctx, r, func(w *row) []column { return []column{{"org.name", &w.name}, {"dom.name", &w.domain}} },
		`SELECT {columns} FROM organization org
		JOIN organization_directory od ON od.tenant_id = org.tenant_id AND od.organization_id = org.id
		JOIN directory_domain dom ON dom.directory_id = od.directory_id
		WHERE org.tenant_id = $1 AND org.state = 'configured' AND dom.proof <> 'pending' ORDER BY org.sort_name`, t)
	for _, w := range all {
		if w.domain.IsConsumer() {
			return w.name, w.domain, err
		}
	}
	return "", "", err
}

// deciders are the first two people who could decide in the stage.
func (r *Reader) deciders(ctx context.Context, t access.TenantID, s access.Stage) ([]access.PersonContext, error) {
	people, err := r.firstPeople(ctx, t, s.Approvers, 2)
	var all []access.PersonContext
	for _, one := range people {
		who, err := r.ContextOf(ctx, one)
		if err != nil {
			return nil, err
		}
		all = append(all, who)
	}
	return all, err
}

// firstPeople are up to limit people that the subjects mean and who can sign in
// (canDecide): enough to distinguish none, a few and many, however large the groups.
func (r *Reader) firstPeople(ctx context.Context, t access.TenantID, subjects []access.SubjectRef,
	limit int) ([]access.Person, error) {
	can, err := r.canDecide(ctx, t, `$1`)
	if err != nil {
		return nil, err
	}
	var found []access.Person
	for _, kind := range []access.SubjectKind{access.SubjectPerson, access.SubjectGroup} {
		a := sqlq.Args{}
		tenant, named := a.Add(t), sqlq.In(&a, subjectIDs(subjects, kind))
		condition := `per.id IN ` + named
		if kind == access.SubjectGroup {
			condition = `per.id IN (SELECT mem.person_id FROM directory_member mem WHERE mem.tenant_id = ` + tenant +
				` AND mem.role = 'Member' AND mem.entry_id IN ` + named + `)`
		}
		most := a.Add(int64(limit))
		more, err := queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per CROSS JOIN directory dir
			WHERE per.tenant_id = `+tenant+` AND `+condition+can+` LIMIT `+most, a.Values...)
		if err != nil {
			return nil, err
		}
		for _, one := range more {
			if !slices.ContainsFunc(found, func(other access.Person) bool { return other.ID == one.ID }) {
				found = append(found, one)
			}
		}
	}
	return found[:min(limit, len(found))], nil
}

// SavePolicy adds the policy, or changes the one with its id. Existing requests
// keep their terms.
func (tx *Tx) SavePolicy(ctx context.Context, p access.Policy) error {
	err := tx.exec(ctx, `INSERT INTO policy (tenant_id, id, package_id, name, description, scope, enabled, terms, version,
		sort_name, unusable)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10) ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		description = excluded.description, scope = excluded.scope, enabled = excluded.enabled, terms = excluded.terms,
		sort_name = excluded.sort_name, unusable = excluded.unusable, version = policy.version + 1`,
		p.Tenant, p.ID, p.Package, p.Name, p.Description, p.Scope, p.Enabled, jsonValue{p.Terms}, fold(p.Name),
		access.PatternProblem(p.Questions) != nil)
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM policy_subject WHERE tenant_id = $1 AND policy_id = $2`, p.Tenant, p.ID)
	}
	for _, s := range p.Targets {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO policy_subject (tenant_id, policy_id, kind, subject_id) VALUES ($1, $2, $3, $4)`,
				p.Tenant, p.ID, s.Kind, s.ID)
		}
	}
	if err == nil {
		err = tx.saveApprovers(ctx, p)
	}
	if err == nil {
		err = tx.updateOffer(ctx, p.Tenant, p.Package)
	}
	return err
}

// DeletePolicy deletes a policy. It must have no assignments.
func (tx *Tx) DeletePolicy(ctx context.Context, t access.TenantID, id access.PolicyID) error {
	pack, err := queryOne(ctx, tx.Reader, value[access.PackageID], `SELECT package_id FROM policy WHERE tenant_id = $1
		AND id = $2`, t, id)
	for _, table := range []string{"policy_subject", "policy_approver"} {
		if err == nil {
			err = tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND policy_id = $2`, t, id)
		}
	}
	if err == nil {
		err = tx.execOne(ctx, `DELETE FROM policy WHERE tenant_id = $1 AND id = $2`, t, id)
	}
	if err == nil {
		err = tx.updateOffer(ctx, t, pack)
	}
	return err
}

// UnusablePolicy is an enabled policy that nobody can request under, because the
// patterns of its questions are too complex (access.PatternProblem).
type UnusablePolicy struct {
	Policy      access.Policy // without targets
	PackageName string
	Catalog     access.CatalogID
}

// UnusablePolicies lists enabled policies of the tenant that nobody can request under,
// by name.
func (r *Reader) UnusablePolicies(ctx context.Context, t access.TenantID, limit int) ([]UnusablePolicy, error) {
	return queryAll(ctx, r, func(u *UnusablePolicy) []column {
		return append(policyColumns(&u.Policy), column{"pkg.name", &u.PackageName}, column{"pkg.catalog_id", &u.Catalog})
	}, `SELECT {columns} FROM policy pol
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id
		WHERE pol.tenant_id = $1 AND pol.unusable AND pol.enabled AND pkg.deleted IS NULL
		ORDER BY pol.sort_name, pol.id LIMIT $2`, t, int64(limit))
}

// markUnusablePolicies finds the policies that were stored before patterns had limits.
func markUnusablePolicies(ctx context.Context, q sqldb.Querier) error {
	r := &Reader{q: q}
	var p access.Policy
	var unusable []access.Policy
	columns := []column{{"pol.tenant_id", &p.Tenant}, {"pol.id", &p.ID}, {"pol.terms", jsonValue{&p.Terms}}}
	err := r.eachRow(ctx, columns, func() {
		if access.PatternProblem(p.Questions) != nil {
			unusable = append(unusable, access.Policy{Tenant: p.Tenant, ID: p.ID})
		}
		p = access.Policy{}
	}, `SELECT {columns} FROM policy pol WHERE CAST(pol.terms AS TEXT) LIKE '%"pattern"%'`)
	for _, p := range unusable {
		if err == nil {
			err = r.exec(ctx, `UPDATE policy SET unusable = TRUE WHERE tenant_id = $1 AND id = $2`, p.Tenant, p.ID)
		}
	}
	return err
}
