package access

// ExistingAccess is what the person already has of the package.
type ExistingAccess struct {
	Assigned  bool // an assignment is in force or on its way
	Requested bool // a request is open
}

// CanRequest refuses a person who already has or awaits the package (F-147,
// F-163), or whom the tenant may not invite (F-153).
func (h ExistingAccess) CanRequest(who PersonContext, s Settings) error {
	switch {
	case h.Assigned:
		return Refuse(Conflict, "You already have this access package.")
	case h.Requested:
		return Refuse(Conflict, "You have already asked for this access package. Your request is under way.")
	case who.Kind == External || who.Guest == GuestRemoved:
		return s.CheckInvite(who.Domain)
	}
	return nil
}

// CanAssign is CanAsk for somebody to whom an administrator assigns the package.
func (h ExistingAccess) CanAssign(who PersonContext, s Settings) error {
	switch {
	case h.Assigned:
		return Invalidf("people", "“%s” has this access package already.", who.Name)
	case h.Requested:
		return Invalidf("people", "A request of “%s” for this access package is under way.", who.Name)
	case who.Kind == External || who.Guest == GuestRemoved:
		if !s.MayInvite(who.Domain) {
			return Invalidf("people", "This organization does not admit guests from %s.", string(who.Domain))
		}
	}
	return nil
}
