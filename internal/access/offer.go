package access

// Offer is a package with its catalog and all its policies: what is needed to
// decide who can request it.
type Offer struct {
	Package  Package
	Catalog  Catalog
	Policies []Policy // all policies of the package
}

// UsablePolicies returns the policies under which person can request the
// package now, in the order of the offer: only those of the first priority that
// matches. If there are several, the requestor chooses (F-082, F-140).
func (o Offer) UsablePolicies(person PersonContext) []Policy {
	var usable []Policy
	for _, a := range o.policyEligibility(person) {
		if a.Usable {
			usable = append(usable, a.Policy)
		}
	}
	return usable
}

// SelectPolicy returns the usable policy with the id, or the only usable one if
// id is empty. It returns NotFound if the person cannot request the package at
// all.
func (o Offer) SelectPolicy(person PersonContext, id PolicyID) (Policy, error) {
	usable := o.UsablePolicies(person)
	if len(usable) == 0 {
		return Policy{}, Missing()
	}
	if id == "" && len(usable) == 1 {
		return usable[0], nil
	}
	for _, p := range usable {
		if p.ID == id {
			return p, nil
		}
	}
	if id != "" {
		return Policy{}, Refuse(Conflict, "The policy you chose is no longer available to you. Open the access package "+
			"again.")
	}
	return Policy{}, Invalidf("policy", "Choose a policy.")
}

// blockedFor returns why person cannot request the offer whatever its policies
// say; nil if the policies decide (F-032, F-033).
func (o Offer) blockedFor(person PersonContext) Reason {
	switch {
	case person.Disabled:
		return forbidden("%s is disabled.", person.Name)
	case !o.Catalog.Published:
		return forbidden("The catalog “%s” isn't enabled, so no one can request anything in it.", o.Catalog.Name)
	case person.Outsider() && !o.Catalog.External:
		return forbidden("The catalog “%s” isn't enabled for external users.", o.Catalog.Name)
	}
	return nil
}

// CanRestore refuses to deliver what the person holds of the offer once more, although it
// could not be assigned now. The policies do not matter: they decide who gets access.
func (o Offer) CanRestore(person PersonContext) error {
	switch {
	case person.Disabled:
		return Refuse(Conflict, "“%s” has been disabled. Enable the person first, or remove the access.", person.Name)
	case person.Outsider() && !o.Catalog.External:
		return Refuse(Conflict, "The catalog isn't enabled for external users, so “%s” can't have access to anything in it.",
			person.Name)
	}
	return nil
}

// policyEligibility returns whether person can request under each policy of the
// offer. If policies of several priorities match, only those of the first
// priority are usable (F-082).
func (o Offer) policyEligibility(person PersonContext) []PolicyEligibility {
	closed := o.blockedFor(person)
	first := 5
	var all []PolicyEligibility
	for _, p := range o.Policies {
		a := PolicyEligibility{Policy: p}
		a.InScope, a.Reason = p.reach(person)
		a.Usable = a.InScope && p.Enabled && closed == nil
		if a.Usable {
			first = min(first, p.Scope.priority())
		}
		all = append(all, a)
	}
	for i := range all {
		a := &all[i]
		switch {
		case !a.InScope:
		case !a.Policy.Enabled:
			a.Reason = forbidden("%s is in its scope, but the policy is not enabled.", person.Name)
		case a.Usable && a.Policy.Scope.priority() > first:
			a.Usable = false
			a.Reason = forbidden("%s is in its scope, but a more specific policy applies.", person.Name)
		}
	}
	return all
}
