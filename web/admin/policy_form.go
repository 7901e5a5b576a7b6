package admin

import (
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// The form of a policy has three parts, which are also steps of the wizard for an
// access package: Requests, Requestor information, Lifecycle. For each part one
// function builds the fields and one reports which fields it owns. Fields have
// the names that access.Policy.Check uses for faults. policy_read.go converts
// between policies and fields.

// ownsPolicyRequests reports whether a field is one of policyRequests.
func ownsPolicyRequests(field string) bool {
	return kit.FieldsNamed("policyName", "policyDescription", "allowedTargetScope", "targets.", "enabled", "stages",
		"stages.",
		"justify", "showApprovers")(field)
}

// ownsPolicyQuestions reports whether a field is one of policyQuestions.
func ownsPolicyQuestions(field string) bool { return kit.FieldsNamed("questions", "questions.")(field) }

// ownsPolicyLifecycle reports whether a field is one of policyLifecycle.
func ownsPolicyLifecycle(field string) bool {
	return kit.FieldsNamed("expiration", "expiration.", "customSchedule", "silent")(field)
}

// newPolicy has the initial values of a policy's form.
func newPolicy() access.Policy {
	return access.Policy{Scope: access.ScopeSpecificUsers, Enabled: true, Terms: access.Terms{RequireJustification: true,
		CustomSchedule: true,
		ShowApprovers:  access.Inherit, Expiration: access.Expiration{Kind: access.AfterDuration, Days: 365}}}
}

// policyRequests are the fields for who may request and who approves, for a
// policy in the catalog.
func policyRequests(c *kit.Context, typed url.Values, faults map[string]string, catalog access.Catalog) []views.Group {
	p := c.Printer
	scope := ui.Options{Name: "allowedTargetScope", Label: p.T("Users who can request access"), Required: true}
	for _, s := range access.Scopes() {
		scope.Options = append(scope.Options, ui.Option{Value: string(s), Label: scopeWord(p, s), Hint: scopeHint(p, s)})
	}
	if !catalog.External {
		scope.Hint = p.T("This catalog isn't enabled for external users, so its policies can't be for users not in your " +
			"directory.")
	}
	people := kit.Picker(c, kit.PickSubjects, typed, faults, ui.Field{Name: "targets.people",
		Label: p.T("Users and groups who can request"), Required: true})
	people.VisibleWhen = views.VisibleWhen{Field: "allowedTargetScope", Values: string(access.ScopeSpecificUsers)}
	orgs := kit.Picker(c, kit.PickOrganizations, typed, faults, ui.Field{Name: "targets.organizations",
		Label: p.T("Connected organizations whose users can request"), Required: true})
	orgs.VisibleWhen = views.VisibleWhen{Field: "allowedTargetScope", Values: string(access.ScopeSpecificOrgs)}
	groups := []views.Group{{Title: p.T("Who can request access"), Parts: []views.Part{
		kit.TextField(typed, faults, ui.Field{Name: "policyName", Label: p.T("Policy name"),
			MaxLength: access.MaxNameLength,
			Required:  true,
			Hint:      p.T("Shown to requestors who can choose between policies.")}),
		kit.TextField(typed, faults, ui.Field{Name: "policyDescription", Label: p.T("Policy description"),
			Type:      "area",
			MaxLength: access.MaxDescriptionLength}),
		kit.OptionsField(typed, faults, scope), people, orgs,
		c.SwitchField(typed, faults, "enabled", p.T("Enable new requests and assignments"),
			p.T("If not enabled, no one can request or be assigned under this policy. People who have the access keep it.")),
	}}}
	return append(groups, policyApproval(c, typed, faults)...)
}

func policyApproval(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	stages := ui.Options{Name: "stages", Label: p.T("Approval stages"), Required: true,
		Hint: p.T("In each stage, one approver decides. The next stage begins when the previous one has approved. A " +
			"policy for any new external user needs approval."),
		Options: []ui.Option{{Value: "0", Label: p.T("None: requests are approved automatically")}}}
	for n := 1; n <= access.MaxStages; n++ {
		stages.Options = append(stages.Options, ui.Option{Value: strconv.Itoa(n), Label: p.N(n, "%d stage", "%d stages")})
	}
	groups := []views.Group{{Title: p.T("Approval"), Parts: []views.Part{
		kit.OptionsField(typed, faults, stages),
		c.SwitchField(typed, faults, "justify", p.T("Require requestor justification"),
			p.T("Requestors must say why they need access.")),
		kit.OptionsField(typed, faults, ui.Options{Name: "showApprovers", Label: p.T("Show approvers to requestors"),
			Required: true, Options: []ui.Option{
				{Value: string(access.Inherit), Label: p.T("Use the organization's setting")},
				{Value: string(access.Yes), Label: p.T("Yes")}, {Value: string(access.No), Label: p.T("No")}}}),
	}}}
	for n := 1; n <= access.MaxStages; n++ {
		groups = append(groups, policyStageParts(c, n, typed, faults))
	}
	return groups
}

// policyStageParts are the fields of a stage; shown only if the policy has that
// many.
func policyStageParts(c *kit.Context, n int, typed url.Values, faults map[string]string) views.Group {
	p := c.Printer
	name := "stages." + strconv.Itoa(n)
	when := ""
	for least := n; least <= access.MaxStages; least++ {
		when += " " + strconv.Itoa(least)
	}
	return views.Group{Title: p.T("Stage %d", n), VisibleWhen: views.VisibleWhen{Field: "stages",
		Values: strings.TrimSpace(when)},
		Parts: []views.Part{
			kit.Picker(c, kit.PickSubjects, typed, faults, ui.Field{Name: name + ".approvers",
				Label:    p.T("Approvers of stage %d", n),
				Required: true,
				Hint: p.T("One approval is enough. No one can approve their own request. For a group, all its current " +
					"members are approvers.")}),
			kit.TextField(typed, faults, ui.Field{Name: name + ".days", Label: p.T("Days to decide in stage %d", n),
				Type:     "number",
				Required: true,
				Hint:     p.T("From 1 to %d. The request expires if no one has decided by then.", access.MaxStageDays)}),
			c.SwitchField(typed, faults, name+".reason", p.T("Require approver justification in stage %d", n),
				p.T("Approvers must give a reason. Requestors and other approvers can read it.")),
		}}
}

// policyLifecycle are the fields for when access ends.
func policyLifecycle(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	part := func(kind string, f ui.Field) views.Part {
		f.Name, f.Required = "expiration."+kind, true
		made := kit.TextField(typed, faults, f)
		made.VisibleWhen = views.VisibleWhen{Field: "expiration", Values: kind}
		return made
	}
	return []views.Group{{Title: p.T("Expiration"),
		Text: p.T("Changes apply to new requests and assignments. Open requests and current assignments keep their dates."),
		Parts: []views.Part{
			kit.OptionsField(typed, faults, ui.Options{Name: "expiration", Label: p.T("Access package assignments expire"),
				Required: true,
				Options: []ui.Option{
					{Value: "date", Label: p.T("On a date")}, {Value: "days", Label: p.T("After a number of days"),
						Hint: p.T("Counted from delivery.")},
					{Value: "hours", Label: p.T("After a number of hours")}, {Value: "never", Label: p.T("Never")}}}),
			part("date", ui.Field{Label: p.T("Expire on"), Type: "datetime-local", Hint: p.T("In the time zone %s.",
				c.ZoneName())}),
			part("days", ui.Field{Label: p.T("Number of days"), Type: "number", Hint: p.T("From 1 to %d.",
				access.MaxAssignmentDays)}),
			part("hours", ui.Field{Label: p.T("Number of hours"), Type: "number", Hint: p.T("From 1 to %d.",
				access.MaxAssignmentDays*24)}),
			c.SwitchField(typed, faults, "customSchedule", p.T("Users can request specific timeline"),
				p.T("Requestors can choose a start date, and an end date before the policy's.")),
			c.SwitchField(typed, faults, "silent", p.T("Don't send notifications"),
				p.T("No mails are sent when access is delivered or ends. Mails about approvals are still sent.")),
		}}}
}
