package access

// Offer is a package as a person meets it: with its catalog and those of its
// policies that the person may use.
type Offer struct {
	Package  Package
	Catalog  Catalog
	Policies []Policy // all of the package
}

// UsablePolicies are the policies under which who may request the package now, in the
// order that they have in the offer. Of several classes of scope only the strictest is
// offered; if more than one is left, the requestor chooses (F-082, F-140).
func (o Offer) UsablePolicies(who PersonContext) []Policy {
	var usable []Policy
	for _, a := range o.answers(who) {
		if a.Usable {
			usable = append(usable, a.Policy)
		}
	}
	return usable
}

// SelectPolicy is the usable policy with the id, or the only one there is if id is
// empty. The refusal of a package that who may not request at all is that of a
// thing which does not exist.
func (o Offer) SelectPolicy(who PersonContext, id PolicyID) (Policy, error) {
	usable := o.UsablePolicies(who)
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
		return Policy{}, Refuse(Conflict, "The policy that you chose is no longer offered to you. Look at the package again.")
	}
	return Policy{}, Invalidf("policy", "Choose under which policy you ask.")
}

// closed is why nobody, or not who, can request anything in the offer, whatever
// its policies say; nil if that is not so (F-032, F-033).
func (o Offer) closed(who PersonContext) Reason {
	switch {
	case who.Disabled:
		return because("%s is disabled.", who.Name)
	case !o.Catalog.Published:
		return because("The catalog “%s” is not enabled: nobody can request anything in it.", o.Catalog.Name)
	case who.Outsider() && !o.Catalog.External:
		return because("The catalog “%s” is closed to people outside the directory.", o.Catalog.Name)
	}
	return nil
}

// answers are the policies of the offer, each with whether who can request under
// it. Of several classes of scope only the strictest counts (F-082).
func (o Offer) answers(who PersonContext) []PolicyEligibility {
	closed := o.closed(who)
	first := 5
	var all []PolicyEligibility
	for _, p := range o.Policies {
		a := PolicyEligibility{Policy: p}
		a.InScope, a.Reason = p.reach(who)
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
			a.Reason = because("%s is in its scope, but the policy is not enabled.", who.Name)
		case a.Usable && a.Policy.Scope.priority() > first:
			a.Usable = false
			a.Reason = because("%s is in its scope, but a policy that names people more closely comes before it.", who.Name)
		}
	}
	return all
}
