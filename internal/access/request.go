package access

import (
	"slices"
	"time"
)

// RequestState is the state of a request, with the names of the Graph
// accessPackageRequestState and our own expired. T-01 to T-22 say what moves it.
type RequestState string

// The states of a request.
const (
	Submitted          RequestState = "submitted"          // recorded; left at once for the next state
	PendingApproval    RequestState = "pendingApproval"    // an approver must decide
	Scheduled          RequestState = "scheduled"          // approved; the start date is in the future
	Delivering         RequestState = "delivering"         // being added to or removed from the targets
	Delivered          RequestState = "delivered"          // everything was added or removed
	PartiallyDelivered RequestState = "partiallyDelivered" // some of it was; the rest is retried daily
	DeliveryFailed     RequestState = "deliveryFailed"     // none of it was; retried daily
	Denied             RequestState = "denied"             // an approver denied it
	Canceled           RequestState = "canceled"           // withdrawn by the requestor, an administrator or the system
	Expired            RequestState = "expired"            // no approver decided in time
)

// RequestStates lists every state of a request.
func RequestStates() []RequestState {
	return []RequestState{
		Submitted, PendingApproval, Scheduled, Delivering, Delivered,
		PartiallyDelivered, DeliveryFailed, Denied, Canceled, Expired,
	}
}

// requestMoves are the legal moves of a request. The database has the same
// table; a test compares the two pair by pair.
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

// Open reports whether a request in the state is in progress, so that another
// one for the same package and person is refused (F-163).
func (s RequestState) Open() bool {
	return s == Submitted || s == PendingApproval || s == Scheduled || s == Delivering
}

// RequestType says what a request changes and who made it (F-007).
type RequestType string

// The types of request. Extensions, updates and requests on behalf of others
// are allowed by the database but not made by the program yet.
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

// IsRemoval reports whether the request removes access.
func (t RequestType) IsRemoval() bool {
	return t == UserRemove || t == AdminRemove || t == SystemRemove
}

// Request is one attempt to change an assignment. Assignments change only
// through requests (F-007).
type Request struct {
	ID      RequestID
	Tenant  TenantID
	Type    RequestType
	State   RequestState
	Package PackageID
	Policy  PolicyID
	// Requestor made the request; empty for the system. Target gets the
	// access.
	Requestor, Target PersonID
	Assignment        AssignmentID // empty until delivery begins
	Justification     string
	Answers           []Answer
	Start, End        time.Time // requested period; zero Start is at once, zero End is what the policy says
	Terms             Terms     // copied from the policy when the request was made
	// Stage is the index of the stage that decides next, Due its deadline. Due
	// is zero unless the state is PendingApproval.
	Stage     int
	Due       time.Time
	Reminded  time.Time // when the approvers of Stage were reminded last; zero if not
	Note      Message   // why the system canceled it
	Created   time.Time
	Completed time.Time // when it was last completed; zero before
}

// IsRequestorOrTarget reports whether person made the request or would get the
// access. Such a person may never decide it (F-097, F-098).
func (r Request) IsRequestorOrTarget(person PersonID) bool {
	return person != "" && (person == r.Requestor || person == r.Target)
}

// ReminderDue is when the approvers of the open stage are reminded: when half of
// the time from now, at which the stage opens, to its deadline is over.
func (r Request) ReminderDue(now time.Time) time.Time { return now.Add(r.Due.Sub(now) / 2) }

// CanCancel refuses unless person may cancel the request as its requestor or
// target (F-155).
func (r Request) CanCancel(person PersonID) error {
	switch {
	case !r.IsRequestorOrTarget(person):
		return Missing()
	case r.State != Submitted && r.State != PendingApproval && r.State != Scheduled:
		return Refuse(Conflict, "This request can no longer be canceled.")
	}
	return nil
}

// CanResubmit reports whether person can start a new request from this one
// (F-156). The old one never changes its state again.
func (r Request) CanResubmit(person PersonID) bool {
	return r.IsRequestorOrTarget(person) && r.Type == UserAdd &&
		(r.State == Denied || r.State == Expired || r.State == Canceled)
}

// CanCancelAsAdmin refuses to cancel a request in a state in which an
// administrator cannot: until it is delivered, or after delivery failed, it can
// be canceled (F-155). What was already granted is removed again.
func (r Request) CanCancelAsAdmin() error {
	switch {
	case r.Type.IsRemoval():
		return Refuse(Conflict, "You can't cancel a removal.")
	case !r.State.CanMove(Canceled):
		return Refuse(Conflict, "This request can no longer be canceled.")
	}
	return nil
}

// ReprocessDays is how many days after its completion a request that was not
// delivered can be reprocessed (F-177).
const ReprocessDays = 14

// CanReprocess refuses a request that cannot be delivered again at now: failed
// and partial deliveries can for ReprocessDays, delivered ones while the
// assignment exists, which the caller checks (F-178). Days are counted in the zone
// that now is in.
func (r Request) CanReprocess(now time.Time) error {
	switch r.State {
	case PartiallyDelivered, DeliveryFailed:
		if !r.Completed.IsZero() && now.After(AddDays(r.Completed.In(now.Location()), ReprocessDays)) {
			return Refuse(Conflict, "You can only reprocess a request within %d days. Cancel it and assign again.",
				ReprocessDays)
		}
		return nil
	case Delivered:
		return nil
	case Delivering:
		return Refuse(Conflict, "Delivery is in progress and retries automatically.")
	case Submitted, PendingApproval, Scheduled, Denied, Canceled, Expired:
	}
	return Refuse(Conflict, "You can only reprocess requests that failed or were partially delivered.")
}
