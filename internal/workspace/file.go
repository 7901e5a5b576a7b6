package workspace

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// File is a workspace file.
type File struct {
	Directories []at[Directory] `yaml:"directories,omitempty"`
	Tenants     []at[Tenant]    `yaml:"tenants,omitempty"`
}

// Founding is the file of a new tenant: its directory and an empty tenant.
func Founding(d Directory) File {
	return File{Directories: []at[Directory]{{V: d, Line: 1}}, Tenants: []at[Tenant]{{V: Tenant{Directory: d.DisplayName},
		Line: 1}}}
}

// at is a value with its position in the file.
type at[T any] struct {
	V    T
	Line int // of the start of the value
	node *yaml.Node
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (a *at[T]) UnmarshalYAML(n *yaml.Node) error {
	a.Line, a.node = n.Line, n
	return n.Decode(&a.V)
}

// lineOf is the line of the value under a path of keys and indices, or of the last step of
// the path that exists.
func (a at[T]) lineOf(path ...any) int {
	line, n := a.Line, a.node
	for _, step := range path {
		for n != nil && n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		var next *yaml.Node
		switch step := step.(type) {
		case string:
			for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					line, next = n.Content[i].Line, n.Content[i+1]
				}
			}
		case int:
			if n != nil && n.Kind == yaml.SequenceNode && step < len(n.Content) {
				next = n.Content[step]
				line = next.Line
			}
		}
		if next == nil {
			return line
		}
		n = next
	}
	return line
}

// MarshalYAML implements yaml.Marshaler.
func (a at[T]) MarshalYAML() (any, error) { return a.V, nil }

// Directory is a set of people who sign in the same way.
type Directory struct {
	DisplayName string   `yaml:"displayName"`
	Domains     []string `yaml:"domains"`
	Enabled     *bool    `yaml:"enabled,omitempty"` // true if left out
	Provider    Provider `yaml:"provider"`
}

// Provider is the OpenID Provider of a directory.
type Provider struct {
	Issuer           string   `yaml:"issuer"`
	ClientID         string   `yaml:"clientId"`
	ClientSecret     string   `yaml:"clientSecret,omitempty"`
	ClientSecretFile string   `yaml:"clientSecretFile,omitempty"` // or in this file; if neither, kept
	AuthMethod       string   `yaml:"tokenEndpointAuthMethod,omitempty"`
	HintParameter    string   `yaml:"domainHintParameter,omitempty"`
	TenantClaim      string   `yaml:"tenantClaim,omitempty"`
	TenantValue      string   `yaml:"tenantValue,omitempty"`
	Scopes           []string `yaml:"scopes,omitempty"`
	ConfirmedHosts   []string `yaml:"confirmedHosts,omitempty"`
}

// Tenant is a directory that hosts catalogs, with its contents.
type Tenant struct {
	Directory       string               `yaml:"directory"`
	DisplayName     string               `yaml:"displayName,omitempty"` // the directory's if left out
	Settings        *Settings            `yaml:"settings,omitempty"`
	Users           []at[User]           `yaml:"users,omitempty"`
	Resources       []at[Resource]       `yaml:"resources,omitempty"`
	Organizations   []at[Organization]   `yaml:"connectedOrganizations,omitempty"`
	Catalogs        []at[Catalog]        `yaml:"catalogs,omitempty"`
	RoleAssignments []at[RoleAssignment] `yaml:"roleAssignments,omitempty"`
}

// Settings are a tenant's settings. A key that is left out has its default.
type Settings struct {
	Language           string   `yaml:"preferredLanguage,omitempty"`
	TimeZone           string   `yaml:"timeZone,omitempty"`
	GuestAction        string   `yaml:"externalUserLifecycleAction,omitempty"`
	GuestDays          *int     `yaml:"daysUntilExternalUserDeleted,omitempty"`
	AllowedDomains     []string `yaml:"allowedDomains,omitempty"`
	BlockedDomains     []string `yaml:"blockedDomains,omitempty"`
	ResourceVisibility string   `yaml:"resourceVisibility,omitempty"`
	ShowApprovers      bool     `yaml:"showApprovers,omitempty"`
	SupportContact     string   `yaml:"supportContact,omitempty"`
	SenderName         string   `yaml:"senderName,omitempty"`
	Passcode           bool     `yaml:"emailOneTimePasscodeEnabled,omitempty"`
	SessionIdle        int      `yaml:"sessionIdleMinutes,omitempty"` // 0 for the longest that the installation allows
	SessionLife        int      `yaml:"sessionLifeMinutes,omitempty"`
}

// User is a person, identified by the mail address.
type User struct {
	DisplayName string `yaml:"displayName"`
	Mail        string `yaml:"mail"`
	Directory   string `yaml:"directory,omitempty"` // the tenant's if left out
	// guest, for an external person who already has an account
	UserType   string            `yaml:"userType,omitempty"`
	Subject    string            `yaml:"subject,omitempty"` // at the provider, if known
	Language   string            `yaml:"preferredLanguage,omitempty"`
	TimeZone   string            `yaml:"timeZone,omitempty"`
	Manager    string            `yaml:"manager,omitempty"`
	Sponsors   []string          `yaml:"sponsors,omitempty"`
	Attributes map[string]string `yaml:"attributes,omitempty"`
	Disabled   bool              `yaml:"disabled,omitempty"`
}

// Resource is a group, team, site or application of the built-in directory.
type Resource struct {
	DisplayName string   `yaml:"displayName"`
	Type        string   `yaml:"type"`
	Description string   `yaml:"description,omitempty"`
	WebURL      string   `yaml:"webUrl,omitempty"`
	Roles       []string `yaml:"roles,omitempty"`
	Members     []string `yaml:"members,omitempty"` // mail addresses; applying adds, it never removes
}

// Organization is a connected organization.
type Organization struct {
	DisplayName string `yaml:"displayName"`
	Description string `yaml:"description"`
	// State is configured if left out. Writing “configured” also confirms that an
	// organization with a consumer mail domain counts as configured.
	State            string   `yaml:"state,omitempty"`
	IdentitySources  []string `yaml:"identitySources"` // domains; one domain selects its whole directory
	InternalSponsors []string `yaml:"internalSponsors,omitempty"`
	// InternalSponsorGroups are names of groups whose members are internal sponsors too.
	InternalSponsorGroups []string `yaml:"internalSponsorGroups,omitempty"`
	ExternalSponsors      []string `yaml:"externalSponsors,omitempty"`
}

// Catalog is a catalog with its packages.
type Catalog struct {
	DisplayName string        `yaml:"displayName"`
	Description string        `yaml:"description,omitempty"`
	State       string        `yaml:"state,omitempty"` // published if left out
	External    bool          `yaml:"isExternallyVisible,omitempty"`
	Resources   []at[string]  `yaml:"resources,omitempty"`
	Packages    []at[Package] `yaml:"accessPackages,omitempty"`
}

// Package is an access package with its policies.
type Package struct {
	DisplayName string       `yaml:"displayName"`
	Description string       `yaml:"description"`
	Hidden      bool         `yaml:"isHidden,omitempty"`
	Roles       []at[Role]   `yaml:"resourceRoleScopes,omitempty"`
	Policies    []at[Policy] `yaml:"assignmentPolicies,omitempty"`
}

// Role is a role of a resource of the catalog.
type Role struct {
	Resource string `yaml:"resource"`
	Role     string `yaml:"role"`
}

// Policy is an assignment policy.
type Policy struct {
	DisplayName string         `yaml:"displayName"`
	Description string         `yaml:"description,omitempty"`
	Scope       string         `yaml:"allowedTargetScope"`
	Targets     []at[Subject]  `yaml:"specificAllowedTargets,omitempty"`
	Requestor   Requestor      `yaml:"requestorSettings,omitempty"`
	Approval    Approval       `yaml:"requestApprovalSettings,omitempty"`
	Expiration  *Expiration    `yaml:"expiration,omitempty"` // never if left out
	Questions   []at[Question] `yaml:"questions,omitempty"`
	Silent      bool           `yaml:"isAssignmentNotificationDisabled,omitempty"`
	ShowApprove string         `yaml:"approverDetails,omitempty"` // default, yes, no
}

// Subject identifies a person by mail address, or a group or a connected organization by
// name.
type Subject struct {
	User         string `yaml:"user,omitempty"`
	Group        string `yaml:"group,omitempty"`
	Organization string `yaml:"connectedOrganization,omitempty"`
}

// Requestor has the settings for requests.
type Requestor struct {
	Disabled       bool `yaml:"isRequestDisabled,omitempty"`
	CustomSchedule bool `yaml:"allowCustomAssignmentSchedule,omitempty"`
}

// Approval has the approval stages of a request. Without stages no approval is needed.
type Approval struct {
	Justify bool        `yaml:"isRequestorJustificationRequired,omitempty"`
	Stages  []at[Stage] `yaml:"stages,omitempty"`
}

// Stage is a stage of approval.
type Stage struct {
	Days      int           `yaml:"daysBeforeAutomaticDenial,omitempty"` // 14 if left out
	Reason    bool          `yaml:"isApproverJustificationRequired,omitempty"`
	Approvers []at[Subject] `yaml:"primaryApprovers"`
}

// Expiration is when assignments end. Only one of the fields is set.
type Expiration struct {
	End   *dateTime `yaml:"endDateTime,omitempty"`
	Days  int       `yaml:"durationInDays,omitempty"`
	Hours int       `yaml:"durationInHours,omitempty"`
}

// dateTime is a date and time. An invalid one is a fault with its line.
type dateTime struct{ time.Time }

// UnmarshalYAML implements yaml.Unmarshaler.
func (m *dateTime) UnmarshalYAML(n *yaml.Node) error {
	if err := n.Decode(&m.Time); err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: “%s” is not a time such as 2026-12-31T23:59:59Z",
			n.Line, n.Value)}}
	}
	return nil
}

// MarshalYAML implements yaml.Marshaler.
func (m dateTime) MarshalYAML() (any, error) { return m.Time, nil }

// Question is a question to requestors.
type Question struct {
	ID               string            `yaml:"id"`
	Type             string            `yaml:"type"` // shortText, longText, multipleChoice
	Text             string            `yaml:"text"`
	Localized        map[string]string `yaml:"localizations,omitempty"`
	Required         bool              `yaml:"isRequired,omitempty"`
	Choices          []Choice          `yaml:"choices,omitempty"`
	Several          bool              `yaml:"allowsMultipleSelection,omitempty"`
	Pattern          string            `yaml:"regexPattern,omitempty"`
	PatternMessage   string            `yaml:"regexMessage,omitempty"`
	PatternLocalized map[string]string `yaml:"regexMessageLocalizations,omitempty"`
}

// Choice is one possible answer.
type Choice struct {
	Value     string            `yaml:"actualValue"`
	Text      string            `yaml:"text"`
	Localized map[string]string `yaml:"localizations,omitempty"`
}

// RoleAssignment assigns an administrative role.
type RoleAssignment struct {
	Role    string `yaml:"role"`
	User    string `yaml:"user,omitempty"`
	Group   string `yaml:"group,omitempty"`
	Catalog string `yaml:"catalog,omitempty"`
}
