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
		scope.Hint = p.T("The catalog is not enabled for external users: policies for users not in your directory cannot " +
			"be used in it.")
	}
	people := kit.Picker(c, kit.PickSubjects, typed, faults, ui.Field{Name: "targets.people",
		Label: p.T("Users and groups who can request"), Required: true})
	people.VisibleWhen = views.VisibleWhen{Field: "allowedTargetScope", Values: string(access.ScopeSpecificUsers)}
	orgs := kit.Picker(c, kit.PickOrganizations, typed, faults, ui.Field{Name: "targets.organizations",
		Label: p.T("Connected organizations whose users can request"), Required: true})
	orgs.VisibleWhen = views.VisibleWhen{Field: "allowedTargetScope", Values: string(access.ScopeSpecificOrgs)}
	groups := []views.Group{{Title: p.T("Who can request access"), Parts: []views.Part{
		kit.TextField(typed, faults, ui.Field{Name: "policyName", Label: p.T("Name of the policy"),
			MaxLength: access.MaxNameLength,
			Required:  true,
			Hint:      p.T("Requestors read it if they can choose among policies.")}),
		kit.TextField(typed, faults, ui.Field{Name: "policyDescription", Label: p.T("Description of the policy"),
			Type:      "area",
			MaxLength: access.MaxDescriptionLength}),
		kit.OptionsField(typed, faults, scope), people, orgs,
		c.SwitchField(typed, faults, "enabled", p.T("Enable new requests and assignments"),
			p.T("If not, nobody can request under the policy and nobody can be assigned with it. Who holds the access keeps "+
				"it.")),
	}}}
	return append(groups, policyApproval(c, typed, faults)...)
}

func policyApproval(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	stages := ui.Select{Name: "stages", Label: p.T("Stages of approval"), Required: true,
		Hint: p.T("In each stage one of the approvers decides; the next stage begins after the one before it has " +
			"approved. A policy for all users from outside needs approval."),
		Options: []ui.Option{{Value: "0", Label: p.T("None: every request is approved at once")}}}
	for n := 1; n <= access.MaxStages; n++ {
		stages.Options = append(stages.Options, ui.Option{Value: strconv.Itoa(n), Label: p.N(n, "%d stage", "%d stages")})
	}
	groups := []views.Group{{Title: p.T("Approval"), Parts: []views.Part{
		kit.SelectField(typed, faults, stages),
		c.SwitchField(typed, faults, "justify", p.T("Require requestor justification"),
			p.T("Whether requestors must say why.")),
		kit.OptionsField(typed, faults, ui.Options{Name: "showApprovers", Label: p.T("Show requestors who the approvers are"),
			Required: true, Options: []ui.Option{
				{Value: string(access.Inherit), Label: p.T("As the organization's settings say")},
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
				Hint: p.T("One of them is enough. Nobody approves a request of their own. Of a group, everybody who is in it " +
					"at the time.")}),
			kit.TextField(typed, faults, ui.Field{Name: name + ".days", Label: p.T("Days to decide in stage %d", n),
				Type:     "number",
				Required: true,
				Hint:     p.T("From 1 to %d. Without a decision by then the request expires.", access.MaxStageDays)}),
			c.SwitchField(typed, faults, name+".reason", p.T("Require approver justification in stage %d", n),
				p.T("Whether approvers must say why. Requestors and other approvers read it.")),
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
		Text: p.T("What is changed here applies to new requests and assignments. Requests under way and access that is " +
			"held keep the dates that they have."),
		Parts: []views.Part{
			kit.OptionsField(typed, faults, ui.Options{Name: "expiration", Label: p.T("Access package assignments expire"),
				Required: true,
				Options: []ui.Option{
					{Value: "date", Label: p.T("On a date")}, {Value: "days", Label: p.T("After a number of days"),
						Hint: p.T("Counted from when the access was delivered.")},
					{Value: "hours", Label: p.T("After a number of hours")}, {Value: "never", Label: p.T("Never")}}}),
			part("date", ui.Field{Label: p.T("Expire on"), Type: "datetime-local", Hint: p.T("In the time zone %s.",
				c.ZoneName())}),
			part("days", ui.Field{Label: p.T("Expire after how many days"), Type: "number", Hint: p.T("From 1 to %d.",
				access.MaxAssignmentDays)}),
			part("hours", ui.Field{Label: p.T("Expire after how many hours"), Type: "number", Hint: p.T("From 1 to %d.",
				access.MaxAssignmentDays*24)}),
			c.SwitchField(typed, faults, "customSchedule", p.T("Users can request specific timeline"),
				p.T("Whether requestors may name a start, and an end before the one that the policy sets.")),
			c.SwitchField(typed, faults, "silent", p.T("Keep quiet about assignments"),
				p.T("If so, nobody gets a mail when the access has been delivered or ends. Mails about approval are sent all the "+
					"same.")),
		}}}
}
