package access

import (
	"time"
)

// PolicyFacts are what a policy is judged by besides what it says itself: how
// things stand around it now.
type PolicyFacts struct {
	Catalog  Catalog
	Settings Settings
	// ActiveApprovers are those who could decide in each stage now, groups taken
	// apart, without the disabled; of many the first two.
	ActiveApprovers [][]PersonContext
	// DisabledApprovers are the people named as approvers of each stage who are disabled.
	DisabledApprovers [][]Person
	// Requestors are the people that the policy names, groups taken apart,
	// without the disabled; of many the first two. Nobody for the scopes that
	// do not name people.
	Requestors []Person
	Now        time.Time
}

// Advise says what keeps the policy from working as things stand. What makes it
// useless is refused while it accepts requests, and a warning otherwise, so
// that a policy can be saved unfinished; what only some people meet with is a
// warning. Each names the field that it is about.
func (p Policy) Advise(f PolicyFacts) (refused, warnings Errors) {
	serious := &refused
	if !p.Enabled {
		serious = &warnings
	}
	for i := range p.Stages {
		useless, unlucky := p.adviseStage(i, f)
		*serious = append(*serious, useless...)
		warnings = append(warnings, unlucky...)
	}
	if p.Expiration.Kind == AfterDate && p.Expiration.End <= f.Now.UnixMilli() {
		serious.Add(Invalidf("expiration.date", "This date is over: whoever is given access would lose it at once."))
	}
	if p.Scope.External() && !f.Catalog.External {
		serious.Add(Invalidf("allowedTargetScope", "The catalog “%s” is closed to people outside the directory, so this "+
			"policy could never be used.", f.Catalog.Name))
	}
	warnings.Add(p.adviseScope(f))
	if !f.Catalog.Published {
		warnings.Add(Invalidf("enabled", "The catalog “%s” is not enabled: nobody can request anything in it.",
			f.Catalog.Name))
	}
	return refused, warnings
}

// adviseStage finds what keeps the stage with the index i from deciding at all,
// and what keeps it from deciding some requests.
func (p Policy) adviseStage(i int, f PolicyFacts) (useless, unlucky Errors) {
	n, field := i+1, ApproversField(i+1)
	for _, one := range at(f.DisabledApprovers, i) {
		unlucky.Add(Invalidf(field, "Stage %d: %s is disabled and cannot decide.", n, one.Name))
	}
	deciders := at(f.ActiveApprovers, i)
	switch {
	case len(deciders) == 0:
		useless.Add(Invalidf(field, "Stage %d: nobody can decide. Those named are disabled, or groups without members.", n))
		return useless, unlucky
	case len(deciders) > 1:
		return nil, unlucky
	}
	only := deciders[0]
	if len(f.Requestors) == 1 && f.Requestors[0].ID == only.ID {
		useless.Add(Invalidf(field, "Stage %d: %s is the only approver and the only person who can request, and nobody "+
			"decides a request of their own.", n, only.Name))
	} else if p.Matches(only) {
		unlucky.Add(Invalidf(field, "Stage %d: a request of %s could not be decided, because nobody decides a request of "+
			"their own. Name a second approver.", n, only.Name))
	}
	return useless, unlucky
}

func at[T any](all [][]T, i int) []T {
	if i < len(all) {
		return all[i]
	}
	return nil
}

// adviseScope finds whom the scope does not reach though it seems to.
func (p Policy) adviseScope(f PolicyFacts) error {
	switch {
	case p.Scope == ScopeSpecificUsers && len(f.Requestors) == 0:
		return Invalidf("targets.people", "Nobody can request under this policy now: those named are disabled, or groups "+
			"without members.")
	case p.Scope == ScopeAnyone && !f.Settings.Passcode:
		return Invalidf("allowedTargetScope", "One-time passcodes are turned off in the settings: people of organizations "+
			"that have no provider here cannot sign in, and so cannot request.")
	case p.Scope == ScopeNobody && !p.Enabled:
		return Invalidf("enabled", "While the policy is not enabled, administrators cannot assign with it either.")
	}
	return nil
}

// CanEnable refuses to enable a policy that could not work as things stand.
func (p Policy) CanEnable(f PolicyFacts) error {
	p.Enabled = true
	var es Errors
	es.Add(p.Check(f.Catalog))
	refused, _ := p.Advise(f)
	return es.AddForNewFields(refused).Err()
}
