package access

import (
	"slices"
	"time"
)

// RequestState is where a request stands. The names are those of the Graph
// accessPackageRequestState and our own expired (F §14).
type RequestState string

// The states of a request.
const (
	Submitted          RequestState = "submitted"          // recorded, nothing decided; passed through at once
	PendingApproval    RequestState = "pendingApproval"    // an approver has the next word
	Scheduled          RequestState = "scheduled"          // granted; waits for its start
	Delivering         RequestState = "delivering"         // being put into the target systems, or taken out
	Delivered          RequestState = "delivered"          // everything was granted, or removed
	PartiallyDelivered RequestState = "partiallyDelivered" // some of it was; the rest is tried daily
	DeliveryFailed     RequestState = "deliveryFailed"     // none of it was; it is tried daily
	Denied             RequestState = "denied"             // an approver said no
	Canceled           RequestState = "canceled"           // withdrawn
	Expired            RequestState = "expired"            // no approver answered in time
)

// RequestStates lists every state of a request.
func RequestStates() []RequestState {
	return []RequestState{
		Submitted, PendingApproval, Scheduled, Delivering, Delivered,
		PartiallyDelivered, DeliveryFailed, Denied, Canceled, Expired,
	}
}

// requestMoves has the legal moves of a request. The database holds the same
// table, and a test compares the two pair by pair.
func requestMoves() map[RequestState][]RequestState {
	return map[RequestState][]RequestState{
		Submitted:          {PendingApproval, Scheduled, Delivering, Canceled},
		PendingApproval:    {Scheduled, Delivering, Denied, Expired, Canceled},
		Scheduled:          {Delivering, Canceled},
		Delivering:         {Delivered, PartiallyDelivered, DeliveryFailed, Canceled},
		PartiallyDelivered: {Delivering, Canceled},
		DeliveryFailed:     {Delivering, Canceled},
	}
}

// CanMove reports whether a request may go from s to to.
func (s RequestState) CanMove(to RequestState) bool {
	return slices.Contains(requestMoves()[s], to)
}

// Open reports whether a request in the state is still under way, so that a
// second one for the same package and person is refused (F-163).
func (s RequestState) Open() bool {
	return s == Submitted || s == PendingApproval || s == Scheduled || s == Delivering
}

// RequestType says what a request is for and who made it (F §14).
type RequestType string

// The types of request. Extension, updates and requests for somebody else have
// their names here because the database knows them; nothing makes one yet.
const (
	UserAdd      RequestType = "userAdd"
	UserExtend   RequestType = "userExtend"
	UserUpdate   RequestType = "userUpdate"
	UserRemove   RequestType = "userRemove"
	AdminAdd     RequestType = "adminAdd"
	AdminUpdate  RequestType = "adminUpdate"
	AdminRemove  RequestType = "adminRemove"
	SystemAdd    RequestType = "systemAdd"
	SystemUpdate RequestType = "systemUpdate"
	SystemRemove RequestType = "systemRemove"
	OnBehalfAdd  RequestType = "onBehalfAdd"
)

// IsRemoval reports whether the request takes access away.
func (t RequestType) IsRemoval() bool {
	return t == UserRemove || t == AdminRemove || t == SystemRemove
}

// Request is one attempt to change an assignment; nothing else ever changes
// one (F-007).
type Request struct {
	ID      RequestID
	Tenant  TenantID
	Type    RequestType
	State   RequestState
	Package PackageID
	Policy  PolicyID
	// Requestor made the request, Target is whom it is for. The requestor of a
	// system request is empty.
	Requestor, Target PersonID
	Assignment        AssignmentID // empty until delivery begins
	Justification     string
	Answers           []Answer
	Start, End        time.Time // the period asked for; zero is at once, and as the policy says
	Terms             Terms     // of the policy, as they stood when the request was made
	// Stage is the one that must decide next, from 0, and Due when its time is
	// over; Due is zero unless the state is PendingApproval.
	Stage     int
	Due       time.Time
	Note      string // why the system canceled it, in English
	Created   time.Time
	Completed time.Time // when it reached a final state; zero before
}

// IsRequestorOrTarget reports whether who made the request or would get the access, and
// so may never decide it (F-097, F-098).
func (r Request) IsRequestorOrTarget(who PersonID) bool {
	return who != "" && (who == r.Requestor || who == r.Target)
}

// CanCancel refuses unless who may withdraw the request as its requestor
// (F-155).
func (r Request) CanCancel(who PersonID) error {
	switch {
	case !r.IsRequestorOrTarget(who):
		return Missing()
	case r.State != Submitted && r.State != PendingApproval && r.State != Scheduled:
		return Refuse(Conflict, "This request can no longer be canceled.")
	}
	return nil
}

// CanResubmit reports whether a new request may start from this one (F-156).
// The old one is never revived.
func (r Request) CanResubmit(who PersonID) bool {
	return r.IsRequestorOrTarget(who) && r.Type == UserAdd && (r.State == Denied || r.State == Expired || r.State == Canceled)
}

// CanCancelAsAdmin refuses an administrator who may not cancel the request in its
// state: anything not yet delivered can be, and what failed (F-155); what was
// granted is taken back.
func (r Request) CanCancelAsAdmin() error {
	switch {
	case r.Type.IsRemoval():
		return Refuse(Conflict, "A removal cannot be canceled.")
	case !r.State.CanMove(Canceled):
		return Refuse(Conflict, "This request can no longer be canceled.")
	}
	return nil
}

// ReprocessWindow is how long after its completion a request that was not
// delivered can be reprocessed (F-177; of the two figures that are told, the
// longer one).
const ReprocessWindow = 14 * 24 * time.Hour

// CanReprocess refuses a request that cannot be delivered again at now: one that
// failed or was delivered in part can within the window; what was delivered can
// while it is held, which the assignment tells (F-178).
func (r Request) CanReprocess(now time.Time) error {
	switch r.State {
	case PartiallyDelivered, DeliveryFailed:
		if !r.Completed.IsZero() && now.After(r.Completed.Add(ReprocessWindow)) {
			return Refuse(Conflict, "A request can be reprocessed within %d days. Cancel it and assign again.",
				int(ReprocessWindow.Hours()/24))
		}
		return nil
	case Delivered:
		return nil
	case Delivering:
		return Refuse(Conflict, "This is being delivered at the moment. It is tried again by itself.")
	case Submitted, PendingApproval, Scheduled, Denied, Canceled, Expired:
	}
	return Refuse(Conflict, "Only requests whose delivery failed, wholly or in part, can be reprocessed.")
}
