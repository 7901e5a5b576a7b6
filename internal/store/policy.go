package store

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// PolicyNamed is the policy of the package with the name, without regard to
// case; ok is false if there is none.
func (r *Reader) PolicyNamed(ctx context.Context, t access.TenantID, id access.PackageID,
	name string) (p access.Policy, ok bool, err error) {
	return queryOptional(ctx, r, policyColumns, `SELECT {columns} FROM policy pol
		WHERE pol.tenant_id = $1 AND pol.package_id = $2 AND pol.sort_name = $3`, t, id, fold(name))
}

// PolicyUse is what hangs on the policy.
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

// PolicyFacts are how things stand around a policy, stored or not, in the
// catalog at now.
func (r *Reader) PolicyFacts(ctx context.Context, p access.Policy, c access.Catalog,
	now time.Time) (access.PolicyFacts, error) {
	f := access.PolicyFacts{Catalog: c, Now: now}
	tenant, err := r.Tenant(ctx, p.Tenant)
	if err != nil {
		return f, err
	}
	f.Settings = tenant.Settings
	if p.Scope == access.ScopeSpecificUsers {
		if f.Requestors, err = r.some(ctx, p.Tenant, p.Targets); err != nil {
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

// deciders are the first two people who could decide in the stage.
func (r *Reader) deciders(ctx context.Context, t access.TenantID, s access.Stage) ([]access.PersonContext, error) {
	people, err := r.some(ctx, t, s.Approvers)
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

// some are the first two people, without the disabled, that the subjects mean
// now: enough to tell nobody from one and one from several, however large the
// groups are.
func (r *Reader) some(ctx context.Context, t access.TenantID, subjects []access.SubjectRef) ([]access.Person, error) {
	var found []access.Person
	for _, kind := range []access.SubjectKind{access.SubjectPerson, access.SubjectGroup} {
		var ids []string
		for _, s := range subjects {
			if s.Kind == kind {
				ids = append(ids, s.ID)
			}
		}
		a := sqlq.Args{}
		tenant, named := a.Add(t), sqlq.In(&a, ids)
		condition := `per.id IN ` + named
		if kind == access.SubjectGroup {
			condition = `per.id IN (SELECT mem.person_id FROM directory_member mem WHERE mem.tenant_id = ` + tenant +
				` AND mem.role = 'Member' AND mem.entry_id IN ` + named + `)`
		}
		more, err := queryAll(ctx, r, personColumns,
			`SELECT {columns} FROM person per WHERE per.tenant_id = `+tenant+` AND NOT per.disabled AND `+condition+
				` LIMIT 2`,
			a.Values...)
		if err != nil {
			return nil, err
		}
		for _, one := range more {
			if !slices.ContainsFunc(found, func(other access.Person) bool { return other.ID == one.ID }) {
				found = append(found, one)
			}
		}
	}
	return found[:min(2, len(found))], nil
}
