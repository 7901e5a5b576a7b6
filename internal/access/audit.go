package access

import (
	"time"
)

// Activity is what an audit record reports, in the vocabulary of Microsoft's
// audit log.
type Activity string

// The activities that are recorded.
const (
	ActRequest               Activity = "User requests access package assignment"
	ActSystemRequest         Activity = "Entitlement Management creates access package assignment request for user"
	ActAutoApprove           Activity = "Auto approve access package assignment request"
	ActOpenApproval          Activity = "Create request approval" // its first stage opens
	ActCompleteStage         Activity = "Approval stage completed for access package assignment request"
	ActApprove               Activity = "Approve access package assignment request"
	ActDeny                  Activity = "Deny access package assignment request"
	ActTimeOut               Activity = "Access package assignment request timed out (no approver action taken)"
	ActCancel                Activity = "Cancel access package assignment request"
	ActSchedule              Activity = "Schedule a future access package assignment"
	ActReady                 Activity = "Ready to fulfill access package assignment request"
	ActFulfill               Activity = "Fulfill access package assignment request"
	ActPartiallyFulfill      Activity = "Partially fulfill access package assignment request"
	ActFailFulfillment       Activity = "Failed access package assignment request"
	ActReprocess             Activity = "Reprocess access package assignment request"
	ActRemoveAssignment      Activity = "Remove access package assignment"
	ActGrantRole             Activity = "Fulfill access package resource assignment"
	ActRevokeRole            Activity = "Remove access package resource assignment"
	ActInvite                Activity = "Invite external user"
	ActBlockGuest            Activity = "Block external user"
	ActUnblockGuest          Activity = "Unblock external user"
	ActRemoveGuest           Activity = "Delete external user"
	ActSignIn                Activity = "Sign in"
	ActMatchPerson           Activity = "Link preregistered user to account" // by the address
	ActHoldPerson            Activity = "Hold preregistered user for confirmation"
	ActSignOut               Activity = "Sign out"
	ActAddResource           Activity = "Create resource request"
	ActRemoveResource        Activity = "Create resource remove request"
	ActUpdateSettings        Activity = "Update tenant setting"
	ActAddApprover           Activity = "Add approver to request approval" // a stage has other approvers
	ActRemind                Activity = "Send reminder to approvers"
	ActSendMailAgain         Activity = "Send mails again"
	ActAssignDirectly        Activity = "Administrator directly assigns user to access package"
	ActRemoveDirectly        Activity = "Administrator directly removes user access package assignment"
	ActMarkGoverned          Activity = "Mark guest as governed"
	ActEndSessions           Activity = "End sessions"
	ActChangeMembers         Activity = "Change members"
	ActImport                Activity = "Import people"
	ActProposeMerge          Activity = "Propose to merge users"
	ActDeclineMerge          Activity = "Decline to merge users"
	ActMerge                 Activity = "Merge users"
	ActAssignRole            Activity = "Add Entitlement Management role assignment"
	ActRemoveRole            Activity = "Remove Entitlement Management role assignment"
	ActAddInternalSponsor    Activity = "Assign user as internal sponsor"
	ActRemoveInternalSponsor Activity = "Remove user as internal sponsor"
	ActAddExternalSponsor    Activity = "Assign user as external sponsor"
	ActRemoveExternalSponsor Activity = "Remove user as external sponsor"
	ActConvertDomain         Activity = "Move domain from passcodes to provider"
	ActReturnDomain          Activity = "Return domain to passcodes"
	ActCarryOver             Activity = "Carry over user to provider"
	ActCarryBack             Activity = "Carry back user to passcodes"
	ActDeclineCarryOver      Activity = "Decline to carry over user"
	ActClaimDomain           Activity = "Add unverified domain"
	ActVerifyDomain          Activity = "Verify domain"
	ActRemoveDomain          Activity = "Remove domain"
	ActApply                 Activity = "Apply workspace file"
	ActCreatePackage         Activity = "Create access package"
	ActUpdatePackage         Activity = "Update access package"
	ActDeletePackage         Activity = "Delete access package"
	ActCreatePolicy          Activity = "Create access package assignment policy"
	ActUpdatePolicy          Activity = "Update access package assignment policy"
	ActDeletePolicy          Activity = "Delete access package assignment policy"
	ActCreate                Activity = "Create" // with the object's kind
	ActUpdate                Activity = "Update"
	ActDelete                Activity = "Delete"
)

// ChangeActivities are the activities that create or change an administered
// object: the last of them is when it was last changed, and by whom.
func ChangeActivities() []Activity {
	return []Activity{ActCreate, ActUpdate, ActUpdateSettings, ActCreatePackage, ActUpdatePackage, ActCreatePolicy,
		ActUpdatePolicy}
}

// ObjectKind is the kind of object that an audit record is about.
type ObjectKind string

// The kinds of objects in the audit log. The kinds of resources (group, team,
// site, application) are those of ResourceKind.
const (
	ObjectAccount      ObjectKind = "account"
	ObjectAssignment   ObjectKind = "assignment"
	ObjectCatalog      ObjectKind = "catalog"
	ObjectDirectory    ObjectKind = "directory"
	ObjectOrganization ObjectKind = "connectedOrganization"
	ObjectPackage      ObjectKind = "accessPackage"
	ObjectPerson       ObjectKind = "person"
	ObjectPolicy       ObjectKind = "accessPackageAssignmentPolicy"
	ObjectRequest      ObjectKind = "request"
	ObjectRole         ObjectKind = "roleAssignment"
	ObjectTenant       ObjectKind = "tenant"
)

// Operator is the actor of what the operator of the installation did at the
// command line. It is nobody's id.
const Operator PersonID = "operator"

// AuditRecord is one row of the audit log.
type AuditRecord struct {
	ID         AuditID
	Tenant     TenantID
	At         time.Time
	Actor      PersonID // empty for the system, Operator for the operator
	OnBehalfOf PersonID
	Activity   Activity
	ObjectKind ObjectKind
	ObjectID   string
	From, To   string // states, or what changed
	Reason     string
	Request    RequestID
}
