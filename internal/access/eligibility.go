package access

import (
	"errors"
	"slices"
)

// Reason says why a person can or cannot request something. Its first argument
// is usually the person's name.
type Reason = *Error

func forbidden(format Message, args ...any) Reason { return Refuse(Forbidden, format, args...) }

// PolicyEligibility says whether a person can request under a policy, and why.
type PolicyEligibility struct {
	Policy  Policy
	InScope bool
	Usable  bool // in scope, enabled, and not overridden by another policy
	Reason  Reason
}

// Eligibility says whether a person can request a package now, and why.
type Eligibility struct {
	CanRequest bool
	// Reason applies whatever the policies say; nil if the policies decide.
	Reason   Reason
	Policies []PolicyEligibility
}

// Eligibility says whether person, who has h of the package, can request it now
// in a tenant with settings s, and why. It agrees with what submitting would
// answer (F-140, F-152).
func (o Offer) Eligibility(person PersonContext, h ExistingAccess, s Settings) Eligibility {
	e := Eligibility{Reason: o.blockedFor(person), Policies: o.policyEligibility(person)}
	usable := slices.ContainsFunc(e.Policies, func(a PolicyEligibility) bool { return a.Usable })
	refusal := h.CanRequest(person, s)
	e.CanRequest = usable && refusal == nil
	switch {
	case e.CanRequest || e.Reason != nil:
	case h.Assigned:
		e.Reason = forbidden("%s already has this access package.", person.Name)
	case h.Requested:
		e.Reason = forbidden("%s has already requested this access package. The request is in progress.", person.Name)
	case refusal != nil:
		var es Errors
		es.Add(refusal)
		e.Reason = es[0]
	case len(o.Policies) == 0:
		e.Reason = forbidden("The access package has no policy.")
	}
	return e
}

// CheckRoles is e for a package that gives the administrative roles of uses, and a
// person with the rights: see Policy.CheckRoles.
func (e Eligibility) CheckRoles(uses []GroupUse, person Rights) Eligibility {
	return e.refuse(func(p Policy) Reason {
		fault, _ := errors.AsType[*Error](p.CheckRoles(uses, person))
		return fault
	})
}

// CheckApprovers is e for policies under which no one can approve a request of the person
// with the name: gaps are their stages without anyone who can decide, counted from 1.
func (e Eligibility) CheckApprovers(name string, gaps map[PolicyID]int) Eligibility {
	return e.refuse(func(p Policy) Reason {
		if gaps[p.ID] == 0 {
			return nil
		}
		return NoApproverFor(name, gaps[p.ID])
	})
}

// refuse is e without the policies that check refuses.
func (e Eligibility) refuse(check func(Policy) Reason) Eligibility {
	e.Policies = slices.Clone(e.Policies)
	usable, refusal := false, Reason(nil)
	for i := range e.Policies {
		a := &e.Policies[i]
		if !a.Usable {
			continue
		}
		fault := check(a.Policy)
		if fault == nil {
			usable = true
			continue
		}
		a.Usable, a.Reason = false, fault
		if refusal == nil {
			refusal = fault
		}
	}
	if e.CanRequest && !usable {
		e.CanRequest, e.Reason = false, refusal
	}
	return e
}

// UsablePolicies are the policies under which the person can request.
func (e Eligibility) UsablePolicies() []Policy {
	var all []Policy
	for _, a := range e.Policies {
		if a.Usable {
			all = append(all, a.Policy)
		}
	}
	return all
}
