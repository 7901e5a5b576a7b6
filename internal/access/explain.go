package access

import "slices"

// Reason is a sentence that says why somebody can, or cannot, request
// something. Its first argument is mostly the person's name.
type Reason = *Error

func because(format string, args ...any) Reason { return Refuse(Forbidden, format, args...) }

// PolicyEligibility is whether somebody can request under a policy, and why.
type PolicyEligibility struct {
	Policy  Policy
	InScope bool
	Usable  bool // in scope, and nothing else in the way
	Reason  Reason
}

// Eligibility is whether somebody can request a package now, and why.
type Eligibility struct {
	CanRequest bool
	// Reason is the reason that stands before all policies; nil if they decide.
	Reason   Reason
	Policies []PolicyEligibility
}

// Eligibility says whether who, who has h of the package, can request it now in a
// tenant with the settings s, and why: what Submit would say (F-140, F-152).
func (o Offer) Eligibility(who PersonContext, h ExistingAccess, s Settings) Eligibility {
	e := Eligibility{Reason: o.closed(who), Policies: o.answers(who)}
	usable := slices.ContainsFunc(e.Policies, func(a PolicyEligibility) bool { return a.Usable })
	refusal := h.CanRequest(who, s)
	e.CanRequest = usable && refusal == nil
	switch {
	case e.CanRequest || e.Reason != nil:
	case h.Assigned:
		e.Reason = because("%s already has this access package.", who.Name)
	case h.Requested:
		e.Reason = because("%s has already asked for this access package. The request is under way.", who.Name)
	case refusal != nil:
		var es Errors
		es.Add(refusal)
		e.Reason = es[0]
	case len(o.Policies) == 0:
		e.Reason = because("The access package has no policy.")
	}
	return e
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

// reach reports whether who is in the policy's scope, and why.
func (p Policy) reach(who PersonContext) (bool, Reason) {
	switch p.Scope {
	case ScopeSpecificUsers:
		return p.reachNamed(who)
	case ScopeMembers:
		if who.Kind == Member {
			return true, because("%s is a member of the directory.", who.Name)
		}
		return false, because("It is for members of the directory, and %s is not one.", who.Name)
	case ScopeUsers:
		return reachUsers(who)
	case ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone:
		if !who.Outsider() {
			return false, because("It is for people from outside, and %s is a member of the directory.", who.Name)
		}
		return p.reachOutsider(who)
	case ScopeNobody:
	}
	return false, because("It is for direct assignment by administrators only.")
}

func (p Policy) reachNamed(who PersonContext) (bool, Reason) {
	byGroup := false
	for _, t := range p.Targets {
		if t.Kind == SubjectPerson && PersonID(t.ID) == who.ID {
			return true, because("It names %s.", who.Name)
		}
		byGroup = byGroup || t.Kind == SubjectGroup && slices.Contains(who.Groups, EntryID(t.ID))
	}
	if byGroup {
		return true, because("It names a group that %s is in.", who.Name)
	}
	return false, because("It names neither %s nor a group that %[1]s is in.", who.Name)
}

func reachUsers(who PersonContext) (bool, Reason) {
	switch {
	case who.Kind == Member:
		return true, because("%s is a member of the directory.", who.Name)
	case who.Guest == GuestActive || who.Guest == GuestBlocked:
		return true, because("%s is a guest of the directory.", who.Name)
	}
	return false, because("It is for members and guests of the directory, and %s is neither yet.", who.Name)
}

// reachOutsider is reach for the scopes of people from outside.
func (p Policy) reachOutsider(who PersonContext) (bool, Reason) {
	o := who.Organization
	switch {
	case p.Scope == ScopeAnyone:
		return true, because("It is for everybody from outside, and %s is from outside.", who.Name)
	case o.ID == "":
		return false, because("It is for people of connected organizations, and %s belongs to none.", who.Name)
	case p.Scope == ScopeSpecificOrgs && slices.Contains(p.Targets, SubjectRef{SubjectOrganization, string(o.ID)}):
		return true, because("%s belongs to %s, which it names.", who.Name, o.Name)
	case p.Scope == ScopeSpecificOrgs:
		return false, because("%s belongs to %s, which it does not name.", who.Name, o.Name)
	case o.State == Configured:
		return true, because("%s belongs to the configured connected organization %s.", who.Name, o.Name)
	}
	return false, because("It is for configured connected organizations, and %s belongs to %s, which is only proposed.",
		who.Name, o.Name)
}
