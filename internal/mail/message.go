package mail

import (
	"time"

	"myaccess/internal/access"
)

// Kind names a message. The numbers are those of the product's list of mails
// (F section 21).
type Kind string

// The messages.
const (
	ApprovalAsked           Kind = "approvalAsked"           // 2, 11, 13: to the approvers of a stage that opens
	ApprovalReminder        Kind = "approvalReminder"        // 3, 12: when half of their time is over
	StageApproved           Kind = "stageApproved"           // 8: a stage before the last has approved
	RequestApproved         Kind = "requestApproved"         // 7, 16: the last stage has approved
	RequestDenied           Kind = "requestDenied"           // 9: to the requestor
	RequestDeniedApprovers  Kind = "requestDeniedApprovers"  // to everybody who had a part
	RequestExpired          Kind = "requestExpired"          // 10: to the requestor
	RequestExpiredApprovers Kind = "requestExpiredApprovers" // 6, 17: to everybody who had a part
	RequestCanceled         Kind = "requestCanceled"         // to whom the request had reached
	AccessDelivered         Kind = "accessDelivered"         // 18
	DeliveryPartial         Kind = "deliveryPartial"         // some of the access is not there yet
	DeliveryFailed          Kind = "deliveryFailed"          // none of the access is there yet
	AccessEnded             Kind = "accessEnded"             // 20
	Passcode                Kind = "passcode"                // to an address that somebody wants to sign in with
	ProviderChanged         Kind = "providerChanged"         // to all global administrators
)

// Kinds lists every message.
func Kinds() []Kind {
	return []Kind{
		ApprovalAsked, ApprovalReminder, StageApproved, RequestApproved, RequestDenied, RequestDeniedApprovers,
		RequestExpired, RequestExpiredApprovers, RequestCanceled, AccessDelivered, DeliveryPartial, DeliveryFailed,
		AccessEnded, Passcode,
		ProviderChanged,
	}
}

// Facts are what messages tell of. Which of them a message needs, its kind says;
// the others may be left empty.
type Facts struct {
	Tenant  string // the host's name
	Base    string // scheme and host of the portal
	Domain  access.Domain
	Hint    access.Domain // of the recipient, so that sign-in needs no question; empty for none
	Support string        // whom to ask; empty for nobody

	Recipient     string // the name
	Package       string
	PackageID     access.PackageID
	RequestID     access.RequestID
	Requestor     Party
	Justification string
	Answers       []access.Answer
	Stage, Stages int       // the stage that the message is about, from 1, and how many there are
	Submitted     time.Time // zero if the message need not say
	Due           time.Time
	Start, End    time.Time // the period asked for, or the end of the access; may be zero
	Decider       string    // who decided last
	Reason        string    // and why; or why the system canceled
	Resources     []Resource
	Code          string // the one-time passcode
	Provider      Provider
}

// Provider is a change of how people of a directory sign in.
type Provider struct {
	Name   string
	Change string // what was done, a key of the message catalogue
	Domain string // with which domain; may be empty
	By     string // by whom
}

// Party is a person as a message shows one.
type Party struct{ Name, Email, Organization string }

// Resource is a resource role as a message shows one.
type Resource struct {
	Name, Role string
	Link       string // http or https; empty for none
	Problem    string // why it has not been delivered; empty if it has
}

// Message is a message ready to send: its subject on one line, and the same
// content twice.
type Message struct{ Subject, Text, HTML string }
