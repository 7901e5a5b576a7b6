package access

// Identifiers are UUIDs in text form, version 7, so that they sort by age. They
// are never secrets. Each noun has its own type, so that the compiler rejects
// one passed for another.
type (
	DirectoryID    string // a Directory
	TenantID       string // a Tenant
	AccountID      string // an Account
	PersonID       string // a Person
	EntryID        string // an Entry of the built-in directory; groups are entries
	OrganizationID string // an Organization
	ImportID       string // a PeopleImport
	TargetID       string // a Target
	ResourceID     string // a Resource
	ResourceRoleID string // a ResourceRole
	CatalogID      string // a Catalog
	PackageID      string // a Package
	PolicyID       string // a Policy
	QuestionID     string // a Question, unique within its policy
	RequestID      string // a Request
	AssignmentID   string // an Assignment
	GrantID        string // a Grant
	MailID         string // a queued message
	AuditID        string // an audit record
	MergeID        string // a MergeProposal
)
