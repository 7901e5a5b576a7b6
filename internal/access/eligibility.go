package access

import (
	"slices"
)

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
