package mail

import (
	"time"

	"myaccess/internal/access"
)

// Kind is a kind of message.
type Kind string

// The messages.
const (
	ApprovalAsked           Kind = "approvalAsked"           // M-02, M-11: to the approvers of a stage that starts
	ApprovalReminder        Kind = "approvalReminder"        // M-03, M-12: to them, after half of their time
	StageApproved           Kind = "stageApproved"           // M-08: a stage other than the last has approved
	RequestApproved         Kind = "requestApproved"         // M-07, M-16: the last stage has approved
	RequestDenied           Kind = "requestDenied"           // M-09: to the requestor
	RequestDeniedApprovers  Kind = "requestDeniedApprovers"  // to everyone involved
	RequestExpired          Kind = "requestExpired"          // M-10: to the requestor
	RequestExpiredApprovers Kind = "requestExpiredApprovers" // M-06, M-17: to everyone involved
	RequestCanceled         Kind = "requestCanceled"         // M-31: to everyone who was notified of the request
	AccessDelivered         Kind = "accessDelivered"         // M-18
	DeliveryPartial         Kind = "deliveryPartial"         // M-33: some of the access is not there yet
	DeliveryFailed          Kind = "deliveryFailed"          // M-32: none of the access is there yet
	AccessEnded             Kind = "accessEnded"             // M-20
	Passcode                Kind = "passcode"                // M-26: to an address that is used to sign in
	// CarryOverCode (M-48) goes to the address that somebody has to prove to be theirs.
	CarryOverCode Kind = "carryOverCode"
	// To all global administrators.
	ProviderChanged  Kind = "providerChanged"  // M-37
	PersonMatched    Kind = "personMatched"    // M-38: a preregistered person was linked by the address
	SubjectNeeded    Kind = "subjectNeeded"    // M-39: a preregistered administrator waits for the subject
	NotMember        Kind = "notMember"        // M-40: a person of the own directory is a guest
	AddressesTrusted Kind = "addressesTrusted" // M-41: an upgrade has switched on the trust in addresses
	// To the owners of a catalog, or to global administrators if it has none.
	NoApprover Kind = "noApprover" // M-49: no one can decide pending requests, or under policies
)

// ToAdministrators reports whether messages of the kind are for administrators, who have
// to know and need not be concerned by a request.
func (k Kind) ToAdministrators() bool {
	return k == ProviderChanged || k == PersonMatched || k == SubjectNeeded || k == NotMember ||
		k == AddressesTrusted || k == NoApprover
}

// Facts is the data of a message. Each kind uses some fields; the others may be empty.
type Facts struct {
	Tenant  string // the host's name
	Base    string // the portal's address
	Domain  access.Domain
	Hint    access.Domain // the recipient's domain, which skips a step of the sign-in; empty for none
	Support string        // contact; empty for none

	Recipient     string // the name
	Package       string
	PackageID     access.PackageID
	RequestID     access.RequestID
	Requestor     Party
	Justification string
	Answers       []access.Answer
	Stage, Stages int       // number of the stage, from 1, and of stages
	Submitted     time.Time // zero to leave it out
	Due           time.Time
	Start, End    time.Time      // the requested period, or the end of the access; may be zero
	Decider       string         // who decided last
	Reason        string         // of the decision
	Note          access.Message // why the system canceled the request; empty if the requestor did
	Resources     []Resource
	Code          string // the one-time passcode
	Provider      Provider
	Notice        Notice
	Gap           Gap
}

// Gap is what no one can approve in a catalog.
type Gap struct {
	Catalog string // its name
	Owner   bool   // the recipient owns the catalog; else is a global administrator
	Items   []GapItem
	More    int // how many items are left out
}

// GapItem is a pending request that no one can decide, or a policy without an approver.
type GapItem struct {
	Package string    // its name
	Person  string    // who the request is for; empty for a policy
	Due     time.Time // when the request expires; zero for a policy
	Policy  string    // the name of the policy; empty for a request
	Stage   int       // in which no one can decide, counted from 1
}

// Notice is what global administrators have to know about a person or a directory. For
// CarryOverCode it is the account, with Name and Provider.
type Notice struct {
	PersonID    access.PersonID
	Name        string // of the person
	Address     string // of the person; may be empty
	Provider    string // name of the directory
	DirectoryID access.DirectoryID
	Subject     string // of the account
	Reason      string // the claim that says that a person is a guest; may be empty
}

// Provider is a change of a directory's identity provider.
type Provider struct {
	Name   string
	Change access.Message
	Domain string // may be empty
	By     string // name of the administrator
}

// Party is a person in a message.
type Party struct{ Name, Email, Organization string }

// Resource is a resource role in a message.
type Resource struct {
	Name, Role string
	Link       string         // http or https; empty for none
	Problem    access.Message // why it is not delivered; empty if it is
}

// Message is a message ready to send: the subject on one line, and the content as
// text and as HTML.
type Message struct{ Subject, Text, HTML string }
