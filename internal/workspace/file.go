package workspace

import (
	"errors"

	"go.yaml.in/yaml/v3"
)

// File is a workspace file.
type File struct {
	Directories []at[Directory] `yaml:"directories,omitempty"`
	Tenants     []at[Tenant]    `yaml:"tenants,omitempty"`

	// faults are those of the text. Plan and Apply report them with their own.
	faults Faults
	// spoiled are the nodes whose faults are among faults already.
	spoiled map[*yaml.Node]bool
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
	// faults are those of decoding parts of the value. The rest of it is checked too.
	faults []string
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (a *at[T]) UnmarshalYAML(n *yaml.Node) error {
	a.Line, a.node = n.Line, n
	err := n.Decode(&a.V)
	if types, ok := errors.AsType[*yaml.TypeError](err); ok && n.Kind == yaml.MappingNode {
		a.faults = types.Errors
		return nil
	}
	return err
}

// decodeFaults are the faults of decoding the value.
func (a at[T]) decodeFaults() []string { return a.faults }

// lineOf is the line of the value under a path of keys and indices, or of the last step of
// the path that exists.
func (a at[T]) lineOf(path ...any) int {
	line, _ := a.find(path...)
	return line
}

// find is lineOf with the node of the value.
func (a at[T]) find(path ...any) (int, *yaml.Node) {
	line, n := a.Line, a.node
	for _, step := range path {
		for n != nil && n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		var next *yaml.Node
		switch step := step.(type) {
		case string:
			if key, value := entryOf(n, step); value != nil {
				line, next = key.Line, value
			}
		case int:
			if n != nil && n.Kind == yaml.SequenceNode && step < len(n.Content) {
				next = n.Content[step]
				line = next.Line
			}
		}
		if next == nil {
			return line, n
		}
		n = next
	}
	return line, n
}

// has reports whether the value is a mapping with exactly this key.
func (a at[T]) has(key string) bool {
	k, _ := entryOf(a.node, key)
	return k != nil && k.Value == key
}

// entryOf returns key and value of a mapping's entry, under the key or another spelling of
// it; nil if there is none.
func entryOf(n *yaml.Node, key string) (k, v *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for _, name := range append([]string{key}, sameKeys(key)...) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i], n.Content[i+1]
			}
		}
	}
	return nil, nil
}

// MarshalYAML implements yaml.Marshaler.
func (a at[T]) MarshalYAML() (any, error) { return a.V, nil }

// Directory is a set of people who sign in the same way. Those of the file belong to the
// installation, those of a tenant to that tenant alone.
type Directory struct {
	// ID is for a directory that its name does not identify: one of the installation with
	// the name of a tenant's own. References have the id in place of the name.
	ID          string   `yaml:"id,omitempty"`
	DisplayName string   `yaml:"displayName"`
	Type        string   `yaml:"type,omitempty"`    // openid if left out; a tenant's can be passcode
	Domains     []string `yaml:"domains,omitempty"` // verified, on the responsibility of the person who applies the file
	// Unverified are domains of a tenant's own provider that wait for their TXT record.
	Unverified []at[Unverified] `yaml:"unverifiedDomains,omitempty"`
	// ReplacedBy is for a tenant's passcode directory whose domain a provider has now. It
	// follows from the provider's domains.
	ReplacedBy *Replacement `yaml:"replacedBy,omitempty"`
	Enabled    *bool        `yaml:"enabled,omitempty"` // true if left out
	Provider   Provider     `yaml:"provider,omitempty"`
}

// Replacement is the provider that has the domain of a passcode directory.
type Replacement struct {
	Directory string `yaml:"directory"` // name
	Domain    string `yaml:"domain"`
}

// Unverified is a domain that is not verified yet.
type Unverified struct {
	Domain string `yaml:"domain"`
	// Token is the value of the TXT record, which everybody can look up; a new one if left
	// out.
	Token string `yaml:"token,omitempty"`
}

// Provider is the OpenID Provider of a directory.
type Provider struct {
	Issuer           string `yaml:"issuer"`
	ClientID         string `yaml:"clientId"`
	ClientSecret     string `yaml:"clientSecret,omitempty"`
	ClientSecretFile string `yaml:"clientSecretFile,omitempty"` // or in this file; if neither, kept
	AuthMethod       string `yaml:"tokenEndpointAuthMethod,omitempty"`
	HintParameter    string `yaml:"domainHintParameter,omitempty"`
	// HintValue, and HintValues by domain, are sent as domain hint instead of the domain.
	HintValue      string            `yaml:"domainHintValue,omitempty"`
	HintValues     map[string]string `yaml:"domainHintValues,omitempty"`
	TenantClaim    string            `yaml:"tenantClaim,omitempty"`
	TenantValue    string            `yaml:"tenantValue,omitempty"`
	Scopes         list              `yaml:"scopes,omitempty"` // profile and email if left out
	ConfirmedHosts []string          `yaml:"confirmedHosts,omitempty"`
	// TrustAddresses says that the addresses that the provider sends in the domains of
	// the directory count as verified. It is kept if left out, and false at first.
	TrustAddresses *bool `yaml:"trustAddresses,omitempty"`
	// EmailClaim and NameClaim are the claims that hold the address and the name. They are
	// kept if left out; empty ones are the usual claims.
	EmailClaim *string `yaml:"emailClaim,omitempty"`
	NameClaim  *string `yaml:"nameClaim,omitempty"`
	// GuestRule says who is a guest of the provider. It is kept if left out; without a
	// claim the usual rules apply.
	GuestRule *GuestRule `yaml:"guestRule,omitempty"`
}

// GuestRule says that people with one of the values of the claim are guests; “*” is any
// value.
type GuestRule struct {
	Claim  string   `yaml:"claim"`
	Values []string `yaml:"values"`
}

// list is a list in which an empty one is not the same as one that is left out.
type list []string

// IsZero implements yaml.IsZeroer: an empty list is written.
func (l list) IsZero() bool { return l == nil }

// Tenant is a directory that hosts catalogs, with its contents.
type Tenant struct {
	Directory       string               `yaml:"directory"`
	DisplayName     string               `yaml:"displayName,omitempty"` // the directory's if left out
	Settings        *Settings            `yaml:"settings,omitempty"`
	Directories     []at[Directory]      `yaml:"directories,omitempty"` // its own providers
	Users           []at[User]           `yaml:"users,omitempty"`
	Resources       []at[Resource]       `yaml:"resources,omitempty"`
	Organizations   []at[Organization]   `yaml:"connectedOrganizations,omitempty"`
	Catalogs        []at[Catalog]        `yaml:"catalogs,omitempty"`
	RoleAssignments []at[RoleAssignment] `yaml:"roleAssignments,omitempty"`
}

// Settings are a tenant's settings. A key that is left out has its default, but DisabledDays
// of a tenant that exists stays as it is: nobody should lose access because a file is older
// than the setting.
type Settings struct {
	Language           *string `yaml:"preferredLanguage,omitempty"`
	TimeZone           string  `yaml:"timeZone,omitempty"`
	GuestAction        string  `yaml:"externalUserLifecycleAction,omitempty"`
	GuestDays          *int    `yaml:"daysUntilExternalUserDeleted,omitempty"`
	DisabledDays       *int    `yaml:"daysUntilDisabledUserLosesAccess,omitempty"`
	AllowedDomains     list    `yaml:"allowedDomains,omitempty"` // an empty list allows none
	BlockedDomains     list    `yaml:"blockedDomains,omitempty"`
	ResourceVisibility string  `yaml:"resourceVisibility,omitempty"`
	ShowApprovers      bool    `yaml:"showApprovers,omitempty"`
	SupportContact     string  `yaml:"supportContact,omitempty"`
	SenderName         string  `yaml:"senderName,omitempty"`
	Passcode           bool    `yaml:"emailOneTimePasscodeEnabled,omitempty"`
	SessionIdle        int     `yaml:"sessionIdleMinutes,omitempty"` // 0 for the longest that the installation allows
	SessionLife        int     `yaml:"sessionLifeMinutes,omitempty"`

	graphSettings `yaml:",inline"`
}

// User is a person, identified by the mail address.
type User struct {
	// ID identifies, in place of the mail address, a person who has none, who shares it, or
	// whose address is in no domain of the directory. References have the id then.
	ID          string `yaml:"id,omitempty"`
	DisplayName string `yaml:"displayName"`
	Mail        string `yaml:"mail,omitempty"`
	Directory   string `yaml:"directory,omitempty"` // the tenant's if left out
	// guest, for an external person who already has an account
	UserType string `yaml:"userType,omitempty"`
	// GuestState (active if left out), Lifecycle (governed) and RemovalDue are those of a
	// guest who is new. They change by what guests hold, so a file does not change them.
	GuestState string    `yaml:"guestState,omitempty"`
	Lifecycle  string    `yaml:"subjectLifecycle,omitempty"`
	RemovalDue *dateTime `yaml:"removalDateTime,omitempty"`
	Subject    string    `yaml:"subject,omitempty"` // at the provider, if known
	// CarriedFrom says where a new person signed in with passcodes before a provider
	// replaced them.
	CarriedFrom *CarriedFrom      `yaml:"carriedFrom,omitempty"`
	Language    string            `yaml:"preferredLanguage,omitempty"`
	TimeZone    string            `yaml:"timeZone,omitempty"`
	Manager     string            `yaml:"manager,omitempty"`
	Sponsors    []string          `yaml:"sponsors,omitempty"`
	Attributes  map[string]string `yaml:"attributes,omitempty"`
	Disabled    bool              `yaml:"disabled,omitempty"`

	graphUser `yaml:",inline"`
}

// CarriedFrom is a passcode directory, and the address that a person had there.
type CarriedFrom struct {
	Directory string `yaml:"directory"` // name
	Mail      string `yaml:"mail"`
}

// Resource is a group, team, site or application of the built-in directory.
type Resource struct {
	DisplayName string   `yaml:"displayName"`
	Type        string   `yaml:"type"`
	Description string   `yaml:"description,omitempty"`
	WebURL      string   `yaml:"webUrl,omitempty"`
	Roles       []string `yaml:"roles,omitempty"`
	Members     []string `yaml:"members,omitempty"` // of the first role; applying adds, it never removes
	// RoleMembers are the members of the other roles, by role.
	RoleMembers map[string][]string `yaml:"roleMembers,omitempty"`
	Owners      list                `yaml:"owners,omitempty"` // unchanged if left out
}

// Organization is a connected organization.
type Organization struct {
	DisplayName string `yaml:"displayName"`
	Description string `yaml:"description"`
	// State is configured if left out. Writing “configured” also confirms that an
	// organization with a consumer mail domain counts as configured.
	State           string   `yaml:"state,omitempty"`
	IdentitySources []Source `yaml:"identitySources"` // domains; one domain selects its whole directory
	// Directories are names of further directories, which have no verified domain.
	Directories      []string `yaml:"directories,omitempty"`
	InternalSponsors []string `yaml:"internalSponsors,omitempty"`
	// InternalSponsorGroups are names of groups whose members are internal sponsors too.
	InternalSponsorGroups []string `yaml:"internalSponsorGroups,omitempty"`
	ExternalSponsors      []string `yaml:"externalSponsors,omitempty"`
	// AllowUnusable accepts a connected organization as it can be after its directory was
	// deleted, which is refused otherwise.
	AllowUnusable bool `yaml:"allowUnusable,omitempty"`
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
	// AllowUnusable accepts a policy that cannot work now, such as one whose end is over or
	// whose approvers are all disabled. It is refused otherwise.
	AllowUnusable bool `yaml:"allowUnusable,omitempty"`

	graphPolicy `yaml:",inline"`
}

// Subject identifies a person by mail address, or a group or a connected organization by
// name.
type Subject struct {
	User         string `yaml:"user,omitempty"`
	Group        string `yaml:"group,omitempty"`
	Organization string `yaml:"connectedOrganization,omitempty"`

	graphSubject `yaml:",inline"`
}

// Requestor has the settings for requests.
type Requestor struct {
	Disabled       bool `yaml:"isRequestDisabled,omitempty"`
	CustomSchedule bool `yaml:"allowCustomAssignmentSchedule,omitempty"`

	graphRequestor `yaml:",inline"`
}

// Approval has the approval stages of a request. Without stages no approval is needed.
type Approval struct {
	Justify bool        `yaml:"isRequestorJustificationRequired,omitempty"`
	Stages  []at[Stage] `yaml:"stages,omitempty"`

	graphApproval `yaml:",inline"`
}

// Stage is a stage of approval.
type Stage struct {
	Days      int           `yaml:"daysBeforeAutomaticDenial,omitempty"` // 14 if left out
	Reason    bool          `yaml:"isApproverJustificationRequired,omitempty"`
	Approvers []at[Subject] `yaml:"primaryApprovers"`

	graphStage `yaml:",inline"`
}

// Expiration is when assignments end. Only one of the fields is set.
type Expiration struct {
	End   *dateTime `yaml:"endDateTime,omitempty"`
	Days  int       `yaml:"durationInDays,omitempty"`
	Hours int       `yaml:"durationInHours,omitempty"`

	graphExpiration `yaml:",inline"`
}

// Question is a question to requestors.
type Question struct {
	ID               string    `yaml:"id"`
	Type             string    `yaml:"type"` // shortText, longText, multipleChoice
	Text             string    `yaml:"text"`
	Localized        localized `yaml:"localizations,omitempty"`
	Required         bool      `yaml:"isRequired,omitempty"`
	Choices          []Choice  `yaml:"choices,omitempty"`
	Several          bool      `yaml:"allowsMultipleSelection,omitempty"`
	Pattern          string    `yaml:"regexPattern,omitempty"`
	PatternMessage   string    `yaml:"regexMessage,omitempty"`
	PatternLocalized localized `yaml:"regexMessageLocalizations,omitempty"`

	graphQuestion `yaml:",inline"`
}

// Choice is one possible answer.
type Choice struct {
	Value     string    `yaml:"actualValue"`
	Text      string    `yaml:"text"`
	Localized localized `yaml:"localizations,omitempty"`
}

// RoleAssignment assigns an administrative role.
type RoleAssignment struct {
	Role    string `yaml:"role"`
	User    string `yaml:"user,omitempty"`
	Group   string `yaml:"group,omitempty"`
	Catalog string `yaml:"catalog,omitempty"`
}
