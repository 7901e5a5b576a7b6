package access

import (
	"slices"
)

// Policy says who may have a package, what they must answer, who must approve,
// and for how long.
type Policy struct {
	ID          PolicyID
	Tenant      TenantID
	Package     PackageID
	Name        string
	Description string
	Scope       Scope
	Targets     []SubjectRef // for the scopes that name somebody
	Enabled     bool         // accepts new requests (F-078)
	Terms
	Version int64
}

// MaxPolicyTargets is how many people, groups or organizations a policy may name
// (F-070).
const MaxPolicyTargets = 500

// Check finds every fault of the policy. catalog is the one its package is in.
// Each fault names the field of a policy's form that it is in, such as
// stages.2.days for the days of the second stage.
func (p Policy) Check(catalog Catalog) error {
	var es Errors
	es.Add(checkName("policyName", p.Name))
	es.Add(checkDescription("policyDescription", p.Description, false))
	es.Add(p.checkScope(catalog))
	es.Add(p.Terms.check())
	return es.Err()
}

func (p Policy) checkScope(catalog Catalog) error {
	var es Errors
	if !slices.Contains(Scopes(), p.Scope) {
		es.Add(Invalidf("allowedTargetScope", "“%s” is not a scope.", string(p.Scope)))
	}
	es.Add(p.checkTargets())
	if p.Scope.External() && !catalog.External {
		es.Add(Invalidf("allowedTargetScope", "The catalog “%s” is closed to people outside the directory, so this policy "+
			"could never be used.", catalog.Name))
	}
	if p.Scope == ScopeAnyone && len(p.Stages) == 0 {
		es.Add(Invalidf("stages", "A policy for all users needs approval."))
	}
	return es.Err()
}

// TargetsField is the form field of those whom the policy names.
func (p Policy) TargetsField() string {
	if p.Scope.External() {
		return "targets.organizations"
	}
	return "targets.people"
}

// checkTargets refuses a policy that names nobody though its scope asks for it,
// somebody though it does not, or what does not fit.
func (p Policy) checkTargets() error {
	field := p.TargetsField()
	switch {
	case p.Scope == ScopeSpecificUsers && len(p.Targets) == 0:
		return Invalidf(field, "Name the people and groups who may request.")
	case p.Scope == ScopeSpecificOrgs && len(p.Targets) == 0:
		return Invalidf(field, "Name the connected organizations whose people may request.")
	case p.Scope != ScopeSpecificUsers && p.Scope != ScopeSpecificOrgs && len(p.Targets) > 0:
		return Invalidf(field, "Name somebody only if the scope is of specific people or organizations.")
	case len(p.Targets) > MaxPolicyTargets:
		return Invalidf(field, "A policy names at most %d people, groups or organizations. Make a group of them.", MaxPolicyTargets)
	}
	for _, t := range p.Targets {
		if p.Scope.External() && t.Kind != SubjectOrganization || !p.Scope.External() && !t.isPersonOrGroup() {
			return Invalidf(field, "People and groups go with specific users, organizations with specific connected "+
				"organizations.")
		}
	}
	return nil
}

// PolicyUse is what hangs on a policy.
type PolicyUse struct {
	HasAssignments  bool // somebody has been assigned the package with it, and not lost it
	HasOpenRequests bool // a request under it is under way
}

// CanDelete refuses to delete a policy under which somebody holds the package,
// or is about to (F-067).
func (u PolicyUse) CanDelete() error {
	switch {
	case u.HasAssignments:
		return Refuse(Conflict, "A policy can be deleted when nobody holds the access package under it. Remove the "+
			"assignments first, or disable the policy.")
	case u.HasOpenRequests:
		return Refuse(Conflict, "Requests under this policy are under way. Let them be settled, or cancel them, before you "+
			"delete it; disabled, it takes no new ones.")
	}
	return nil
}
