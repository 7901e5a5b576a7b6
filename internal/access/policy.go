package access

import (
	"slices"
)

// Policy says who can request a package, which questions they answer, who
// approves, and for how long access lasts.
type Policy struct {
	ID          PolicyID
	Tenant      TenantID
	Package     PackageID
	Name        string
	Description string
	Scope       Scope
	Targets     []SubjectRef // for scopes of specific people or organizations
	Enabled     bool         // accepts new requests (F-078)
	Terms
	Version int64
}

// MaxPolicyTargets is the maximum number of people, groups or organizations
// that a policy names (F-070).
const MaxPolicyTargets = 500

// Check returns every fault of the policy. catalog is that of its package. Each
// fault names its field in the policy's form, such as stages.2.days for the
// days of the second stage.
func (p Policy) Check(catalog Catalog) error {
	var es Errors
	es.Add(checkName("policyName", p.Name))
	es.Add(checkDescription("policyDescription", p.Description, false))
	es.Add(p.checkScope(catalog))
	es.Add(p.Terms.check())
	return es.Err()
}

// CheckStored is Check without the rules that a stored policy can break after what it
// depends on has changed: its catalog was closed to people outside the directory, or the
// connected organizations that it names were deleted.
func (p Policy) CheckStored() error {
	if p.Scope == ScopeSpecificOrgs && len(p.Targets) == 0 {
		p.Targets = []SubjectRef{{Kind: SubjectOrganization}}
	}
	return p.Check(Catalog{External: true})
}

func (p Policy) checkScope(catalog Catalog) error {
	var es Errors
	if !slices.Contains(Scopes(), p.Scope) {
		es.Add(Invalidf("allowedTargetScope", "“%s” is not a scope.", string(p.Scope)))
	}
	es.Add(p.checkTargets())
	if p.Scope.External() && !catalog.External {
		es.Add(Invalidf("allowedTargetScope", "The catalog “%s” isn't enabled for external users, so no one could use this "+
			"policy.", catalog.Name))
	}
	if p.Scope == ScopeAnyone && len(p.Stages) == 0 {
		es.Add(Invalidf("stages", "A policy for all users needs approval."))
	}
	return es.Err()
}

// NamesNoOne reports whether the policy is for specific people or organizations and names
// none: those that it named were deleted, and no one can request under it.
func (p Policy) NamesNoOne() bool {
	return (p.Scope == ScopeSpecificUsers || p.Scope == ScopeSpecificOrgs) && len(p.Targets) == 0
}

// TooManySubjects reports whether Check refuses the policy because it names too many
// people, groups or organizations.
func (p Policy) TooManySubjects() bool {
	return len(p.Targets) > MaxPolicyTargets || len(p.Stages) > MaxStages ||
		slices.ContainsFunc(p.Stages, func(s Stage) bool { return len(s.Approvers) > MaxStageApprovers })
}

// TargetsField is the form field of p.Targets.
func (p Policy) TargetsField() string {
	if p.Scope.External() {
		return "targets.organizations"
	}
	return "targets.people"
}

// checkTargets refuses targets that do not fit the scope: missing, superfluous,
// too many, or of the wrong kind.
func (p Policy) checkTargets() error {
	field := p.TargetsField()
	switch {
	case p.Scope == ScopeSpecificUsers && len(p.Targets) == 0:
		return Invalidf(field, "Name the people and groups who can request.")
	case p.Scope == ScopeSpecificOrgs && len(p.Targets) == 0:
		return Invalidf(field, "Name the connected organizations whose people can request.")
	case p.Scope != ScopeSpecificUsers && p.Scope != ScopeSpecificOrgs && len(p.Targets) > 0:
		return Invalidf(field, "Name people, groups or organizations only if the scope is limited to specific ones.")
	case len(p.Targets) > MaxPolicyTargets:
		return Invalidf(field, "A policy can name at most %d people, groups or organizations. Use a group instead.",
			MaxPolicyTargets)
	}
	for _, t := range p.Targets {
		if p.Scope.External() && t.Kind != SubjectOrganization || !p.Scope.External() && !t.isPersonOrGroup() {
			return Invalidf(field, "Name people and groups only for specific users, and organizations only for specific "+
				"connected organizations.")
		}
	}
	return nil
}

// PolicyUse says what still depends on a policy.
type PolicyUse struct {
	HasAssignments  bool // the package is assigned to someone under it
	HasOpenRequests bool // a request under it is open
}

// CanDelete refuses to delete a policy with assignments or open requests
// (F-067).
func (u PolicyUse) CanDelete() error {
	switch {
	case u.HasAssignments:
		return Refuse(Conflict, "People have access under this policy. Remove their assignments first, or disable the "+
			"policy instead.")
	case u.HasOpenRequests:
		return Refuse(Conflict, "This policy has open requests. Before you delete it, wait until they're completed or "+
			"cancel them. To stop new requests, disable it.")
	}
	return nil
}
