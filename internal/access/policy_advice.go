package access

import (
	"slices"
	"time"
)

// PolicyFacts is the current state around a policy that Advise checks it
// against.
type PolicyFacts struct {
	Catalog  Catalog
	Settings Settings
	// ActiveApprovers are the people who could decide in each stage now:
	// groups expanded, disabled people left out, at most two per stage.
	ActiveApprovers [][]PersonContext
	// DisabledApprovers are, per stage, the named approvers who are disabled.
	DisabledApprovers [][]Person
	// Requestors are the people that the policy names: groups expanded,
	// disabled people left out, at most MaxStages and one more. Empty for scopes that
	// do not name people.
	Requestors []Person
	// ConsumerOrganization is a configured connected organization with a consumer
	// mail domain, and ConsumerDomain that domain; both empty if there is none.
	ConsumerOrganization string
	ConsumerDomain       Domain
	Now                  time.Time
}

// Advise returns what keeps the policy from working now. A problem that makes
// the policy unusable is refused if the policy is enabled and a warning if it
// is not, so that an unfinished policy can be saved. A problem that affects
// only some people is always a warning. Each names its field.
func (p Policy) Advise(f PolicyFacts) (refused, warnings Errors) {
	blocking := &refused
	if !p.Enabled {
		blocking = &warnings
	}
	for i := range p.Stages {
		unusable, partial := p.adviseStage(i, f)
		*blocking = append(*blocking, unusable...)
		warnings = append(warnings, partial...)
	}
	if p.Scope == ScopeSpecificOrgs && p.NamesNoOne() {
		blocking.Add(Invalidf("targets.organizations", "No one can request under this policy: the connected "+
			"organizations that it named were deleted."))
	}
	if p.Expiration.Kind == AfterDate && p.Expiration.End <= f.Now.UnixMilli() {
		blocking.Add(Invalidf("expiration.date", "This date has passed, so access would end immediately. Enter a later "+
			"date."))
	}
	if p.Scope.External() && !f.Catalog.External {
		blocking.Add(Invalidf("allowedTargetScope", "The catalog “%s” isn't enabled for external users, so no one could "+
			"use this policy.", f.Catalog.Name))
	}
	if p.OpenToConfigured() && f.ConsumerDomain != "" {
		blocking.Add(Invalidf("stages", "Anyone can get an address of %s, and the organization “%s” is configured with it. "+
			"Require approval, or make the organization proposed.", string(f.ConsumerDomain), f.ConsumerOrganization))
	}
	warnings.Add(p.adviseScope(f))
	if !f.Catalog.Published {
		warnings.Add(Invalidf("enabled", "The catalog “%s” isn't enabled, so no one can request anything in it.",
			f.Catalog.Name))
	}
	return refused, warnings
}

// OpenToConfigured reports whether people of every configured connected
// organization can have access under the policy, once it is enabled, without
// approval.
func (p Policy) OpenToConfigured() bool { return p.Scope == ScopeAllOrgs && len(p.Stages) == 0 }

// adviseStage checks the stage with index i. unusable: no one can decide in it;
// partial: some requests cannot be decided.
func (p Policy) adviseStage(i int, f PolicyFacts) (unusable, partial Errors) {
	n, field := i+1, ApproversField(i+1)
	for _, person := range stageOf(f.DisabledApprovers, i) {
		partial.Add(Invalidf(field, "Stage %d: %s is disabled and can't decide.", n, person.Name))
	}
	deciders := stageOf(f.ActiveApprovers, i)
	switch {
	case len(deciders) == 0:
		unusable.Add(Invalidf(field, "Stage %d: no one can decide. The approvers are disabled, can't sign in, or are "+
			"groups without members.", n))
		return unusable, partial
	case len(deciders) > 1:
		return nil, partial
	}
	only := deciders[0]
	switch {
	case !f.everyRequestExcluded() || !f.canRequest(only.ID):
		if !p.Matches(only) {
			break
		}
		partial.Add(Invalidf(field, "Stage %d: no one could decide on a request by %s, because people can't decide on "+
			"their own requests. Add a second approver.", n, only.Name))
	case len(f.Requestors) == 1:
		unusable.Add(Invalidf(field, "Stage %d: %s is the only approver and the only person who can request. People can't "+
			"decide on their own requests.", n, only.Name))
	default:
		unusable.Add(Invalidf(field, "Stage %d: %s is the only approver, and everyone else who can request is the only "+
			"approver of another stage. People can't decide on their own requests.", n, only.Name))
	}
	return unusable, partial
}

// everyRequestExcluded reports whether each of the people who can request is the only one
// who can decide in some stage, so that every request would be refused.
func (f PolicyFacts) everyRequestExcluded() bool {
	return len(f.Requestors) > 0 && !slices.ContainsFunc(f.Requestors, func(r Person) bool {
		return !slices.ContainsFunc(f.ActiveApprovers, func(deciders []PersonContext) bool {
			return len(deciders) == 1 && deciders[0].ID == r.ID
		})
	})
}

// canRequest reports whether the person is one of f.Requestors.
func (f PolicyFacts) canRequest(id PersonID) bool {
	return slices.ContainsFunc(f.Requestors, func(r Person) bool { return r.ID == id })
}

func stageOf[T any](all [][]T, i int) []T {
	if i < len(all) {
		return all[i]
	}
	return nil
}

// adviseScope returns a warning if the scope includes fewer people than it
// seems to.
func (p Policy) adviseScope(f PolicyFacts) error {
	switch {
	case p.Scope == ScopeSpecificUsers && len(f.Requestors) == 0:
		return Invalidf("targets.people", "No one can request under this policy now: it names only disabled people or "+
			"groups without members.")
	case p.Scope == ScopeAnyone && !f.Settings.Passcode:
		return Invalidf("allowedTargetScope", "One-time passcodes are turned off in the settings, so people of "+
			"organizations without a provider can't sign in or request.")
	case p.Scope == ScopeNobody && !p.Enabled:
		return Invalidf("enabled", "While the policy is disabled, administrators can't assign under it either.")
	}
	return nil
}

// CanEnable refuses to enable a policy that could not work now.
func (p Policy) CanEnable(f PolicyFacts) error {
	p.Enabled = true
	var es Errors
	es.Add(p.Check(f.Catalog))
	refused, _ := p.Advise(f)
	return es.AddForNewFields(refused).Err()
}
