package access

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Scope says whom a policy lets request. The names are those of the Graph
// allowedTargetScope.
type Scope string

// The scopes of a policy.
const (
	ScopeSpecificUsers Scope = "specificDirectoryUsers"                  // F-070: people and groups named
	ScopeMembers       Scope = "allMemberUsers"                          // F-071: members, no guests
	ScopeUsers         Scope = "allDirectoryUsers"                       // F-072: members and guests
	ScopeSpecificOrgs  Scope = "specificConnectedOrganizationUsers"      // F-073: organizations named, proposed ones too
	ScopeAllOrgs       Scope = "allConfiguredConnectedOrganizationUsers" // F-074: configured ones, later ones too
	ScopeAnyone        Scope = "allExternalUsers"                        // F-075: anybody from outside
	ScopeNobody        Scope = "notSpecified"                            // F-076: direct assignment only
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeSpecificUsers, ScopeMembers, ScopeUsers, ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone, ScopeNobody}
}

// External reports whether the scope is for people outside the tenant's
// directory.
func (s Scope) External() bool {
	return s == ScopeSpecificOrgs || s == ScopeAllOrgs || s == ScopeAnyone
}

// priority orders policies that match one person: only those of the lowest
// number are offered (F-082).
func (s Scope) priority() int {
	switch s {
	case ScopeSpecificUsers, ScopeSpecificOrgs:
		return 1
	case ScopeMembers:
		return 2
	case ScopeUsers:
		return 3
	case ScopeAllOrgs, ScopeAnyone, ScopeNobody:
	}
	return 4
}

// SubjectKind is what sort of subject a SubjectRef names.
type SubjectKind string

// The kinds of subject that a policy can name.
const (
	SubjectPerson       SubjectKind = "singleUser"
	SubjectGroup        SubjectKind = "groupMembers"
	SubjectOrganization SubjectKind = "connectedOrganizationMembers"
)

// SubjectRef names a person, the members of a group, or the people of a
// connected organization.
type SubjectRef struct {
	Kind SubjectKind `json:"kind"`
	ID   string      `json:"id"`
}

// Compare orders references by kind and id.
func (r SubjectRef) Compare(o SubjectRef) int {
	return cmp.Or(cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.ID, o.ID))
}

// isPersonOrGroup reports whether the reference names people of the tenant: one of them,
// or a group.
func (r SubjectRef) isPersonOrGroup() bool { return r.Kind == SubjectPerson || r.Kind == SubjectGroup }

// Inheritable is a choice that may be left to the tenant's setting.
type Inheritable string

// The values of a choice.
const (
	Inherit Inheritable = "default"
	Yes     Inheritable = "yes"
	No      Inheritable = "no"
)

// Or is the choice, or def if it is left open.
func (t Inheritable) Or(def bool) bool {
	if t == Yes || t == No {
		return t == Yes
	}
	return def
}

// Stage is one step of approval: one decision by one of its approvers.
type Stage struct {
	Approvers []SubjectRef `json:"approvers"`
	// Days is how long a decision may take before the request expires (F-095).
	Days int `json:"days"`
	// RequireReason is true if approvers must say why (F-096).
	RequireReason bool `json:"reason"`
}

// Limit is Days as a duration.
func (s Stage) Limit() time.Duration { return time.Duration(s.Days) * 24 * time.Hour }

// MaxStages is how many stages of approval a policy may have (F-089).
const MaxStages = 3

// ExpirationKind says how the end of an assignment is found (F-123). The names
// are those of the Graph expirationPattern.
type ExpirationKind string

// The kinds of expiration.
const (
	NoExpiration  ExpirationKind = "noExpiration"
	AfterDate     ExpirationKind = "afterDateTime"
	AfterDuration ExpirationKind = "afterDuration" // counted from verified delivery
)

// Expiration says when assignments end.
type Expiration struct {
	Kind ExpirationKind `json:"kind"`
	End  int64          `json:"end,omitempty"`  // ms since 1970, for AfterDate
	Days int            `json:"days,omitempty"` // whole days, for AfterDuration
	// Hours, for AfterDuration, instead of Days.
	Hours int `json:"hours,omitempty"`
}

// EndFrom is the end of an assignment that starts at start; zero is never.
func (e Expiration) EndFrom(start time.Time) time.Time {
	switch e.Kind {
	case AfterDate:
		return time.UnixMilli(e.End).UTC()
	case AfterDuration:
		return start.AddDate(0, 0, e.Days).Add(time.Duration(e.Hours) * time.Hour)
	case NoExpiration:
	}
	return time.Time{}
}

// Terms are the part of a policy that governs a request after it was made.
// They are copied into the request, so that later edits do not touch it
// (F-103, F-128).
type Terms struct {
	Stages []Stage `json:"stages,omitempty"`
	// RequireJustification is true if the requestor must say why (F-088).
	RequireJustification bool       `json:"justify"`
	Expiration           Expiration `json:"expiration"`
	// CustomSchedule lets the requestor name a period (F-081, F-124).
	CustomSchedule        bool        `json:"customSchedule"`
	ShowApprovers         Inheritable `json:"showApprovers"`    // F-068
	SuppressNotifications bool        `json:"silent,omitempty"` // no mails about the assignment (F-069)
	Questions             []Question  `json:"questions,omitempty"`
}

// Policy says who may have a package, what they must answer, who must approve,
// and for how long.
type Policy struct {
	ID          PolicyID
	Tenant      TenantID
	Package     PackageID
	Name        string
	Description string
	Scope       Scope
	Targets     []SubjectRef // for the scopes that name somebody
	Enabled     bool         // accepts new requests (F-078)
	Terms
	Version int64
}

// PersonContext is a person with what policies ask about: the groups and the connected
// organization the person belongs to, by the directory that authenticated.
type PersonContext struct {
	Person
	Groups []EntryID
	// Organization is the connected organization of the person's directory;
	// the zero value if there is none.
	Organization Organization
}

// Matches reports whether who is in the policy's scope. It does not ask
// whether the policy is enabled.
func (p Policy) Matches(who PersonContext) bool {
	in, _ := p.reach(who)
	return in
}

// Offer is a package as a person meets it: with its catalog and those of its
// policies that the person may use.
type Offer struct {
	Package  Package
	Catalog  Catalog
	Policies []Policy // all of the package
}

// UsablePolicies are the policies under which who may request the package now, in the
// order that they have in the offer. Of several classes of scope only the strictest is
// offered; if more than one is left, the requestor chooses (F-082, F-140).
func (o Offer) UsablePolicies(who PersonContext) []Policy {
	var usable []Policy
	for _, a := range o.answers(who) {
		if a.Usable {
			usable = append(usable, a.Policy)
		}
	}
	return usable
}

// SelectPolicy is the usable policy with the id, or the only one there is if id is
// empty. The refusal of a package that who may not request at all is that of a
// thing which does not exist.
func (o Offer) SelectPolicy(who PersonContext, id PolicyID) (Policy, error) {
	usable := o.UsablePolicies(who)
	if len(usable) == 0 {
		return Policy{}, Missing()
	}
	if id == "" && len(usable) == 1 {
		return usable[0], nil
	}
	for _, p := range usable {
		if p.ID == id {
			return p, nil
		}
	}
	if id != "" {
		return Policy{}, Refuse(Conflict, "The policy that you chose is no longer offered to you. Look at the package again.")
	}
	return Policy{}, Invalidf("policy", "Choose under which policy you ask.")
}

// MaxPolicyTargets is how many people, groups or organizations a policy may name
// (F-070).
const MaxPolicyTargets = 500

// Check finds every fault of the policy. catalog is the one its package is in.
// Each fault names the field of a policy's form that it is in, such as
// stages.2.days for the days of the second stage.
func (p Policy) Check(catalog Catalog) error {
	var es Errors
	es.Add(checkName("policyName", p.Name))
	es.Add(checkDescription("policyDescription", p.Description, false))
	es.Add(p.checkScope(catalog))
	es.Add(p.Terms.check())
	return es.Err()
}

func (p Policy) checkScope(catalog Catalog) error {
	var es Errors
	if !slices.Contains(Scopes(), p.Scope) {
		es.Add(Invalidf("allowedTargetScope", "“%s” is not a scope.", string(p.Scope)))
	}
	es.Add(p.checkTargets())
	if p.Scope.External() && !catalog.External {
		es.Add(Invalidf("allowedTargetScope", "The catalog “%s” is closed to people outside the directory, so this policy "+
			"could never be used.", catalog.Name))
	}
	if p.Scope == ScopeAnyone && len(p.Stages) == 0 {
		es.Add(Invalidf("stages", "A policy for all users needs approval."))
	}
	return es.Err()
}

// TargetsField is the form field of those whom the policy names.
func (p Policy) TargetsField() string {
	if p.Scope.External() {
		return "targets.organizations"
	}
	return "targets.people"
}

// ApproversField is the form field of the approvers of the stage with the number
// n, from 1.
func ApproversField(n int) string { return stageField(n) + ".approvers" }

// checkTargets refuses a policy that names nobody though its scope asks for it,
// somebody though it does not, or what does not fit.
func (p Policy) checkTargets() error {
	field := p.TargetsField()
	switch {
	case p.Scope == ScopeSpecificUsers && len(p.Targets) == 0:
		return Invalidf(field, "Name the people and groups who may request.")
	case p.Scope == ScopeSpecificOrgs && len(p.Targets) == 0:
		return Invalidf(field, "Name the connected organizations whose people may request.")
	case p.Scope != ScopeSpecificUsers && p.Scope != ScopeSpecificOrgs && len(p.Targets) > 0:
		return Invalidf(field, "Name somebody only if the scope is of specific people or organizations.")
	case len(p.Targets) > MaxPolicyTargets:
		return Invalidf(field, "A policy names at most %d people, groups or organizations. Make a group of them.", MaxPolicyTargets)
	}
	for _, t := range p.Targets {
		if p.Scope.External() && t.Kind != SubjectOrganization || !p.Scope.External() && !t.isPersonOrGroup() {
			return Invalidf(field, "People and groups go with specific users, organizations with specific connected "+
				"organizations.")
		}
	}
	return nil
}

func (t Terms) check() error {
	var es Errors
	if len(t.Stages) > MaxStages {
		es.Add(Invalidf("stages", "A policy has at most %d stages of approval.", MaxStages))
	}
	for i, s := range t.Stages {
		es.Add(s.check(i + 1))
	}
	if !slices.Contains([]Inheritable{"", Inherit, Yes, No}, t.ShowApprovers) {
		es.Add(Invalidf("showApprovers", "“%s” is none of default, yes and no.", string(t.ShowApprovers)))
	}
	es.Add(t.Expiration.check())
	es.Add(checkQuestions(t.Questions))
	return es.Err()
}

// MaxStageDays is how many days a decision may take at most (F-095).
const MaxStageDays = 14

// stageField is what the form fields of the stage with the number n begin with.
func stageField(n int) string { return "stages." + strconv.Itoa(n) }

func (s Stage) check(n int) error {
	var es Errors
	if len(s.Approvers) == 0 {
		es.Add(Invalidf(ApproversField(n), "Stage %d has no approver.", n))
	}
	if slices.ContainsFunc(s.Approvers, func(a SubjectRef) bool { return !a.isPersonOrGroup() }) {
		es.Add(Invalidf(ApproversField(n), "Stage %d: approvers are people and groups.", n))
	}
	if s.Days < 1 || s.Days > MaxStageDays {
		es.Add(Invalidf(stageField(n)+".days", "Stage %d: a decision is made within 1 to %d days.", n, MaxStageDays))
	}
	return es.Err()
}

// MaxAssignmentDays is how many days an assignment may last at most (F-123).
const MaxAssignmentDays = 3660

func (e Expiration) check() error {
	switch {
	case e.Kind == NoExpiration && e.End == 0 && e.Days == 0 && e.Hours == 0,
		e.Kind == AfterDate && e.End > 0 && e.Days == 0 && e.Hours == 0,
		e.Kind == AfterDuration && e.End == 0 && (e.Days >= 1 && e.Days <= MaxAssignmentDays && e.Hours == 0 ||
			e.Days == 0 && e.Hours >= 1 && e.Hours <= MaxAssignmentDays*24):
		return nil
	}
	return Invalidf(e.field(), "Assignments end on a date, after 1 to 3660 days, after a number of hours, or never.")
}

// field is the one of a form that the expiration is in.
func (e Expiration) field() string {
	switch {
	case e.Kind == AfterDate:
		return "expiration.date"
	case e.Kind == AfterDuration && e.Hours != 0:
		return "expiration.hours"
	case e.Kind == AfterDuration:
		return "expiration.days"
	}
	return "expiration"
}
