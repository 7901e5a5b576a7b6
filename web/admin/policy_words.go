package admin

import (
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// scopeWord is the name of a scope (F-070 to F-076).
func scopeWord(p *lang.Printer, s access.Scope) string {
	return map[access.Scope]string{
		access.ScopeSpecificUsers: p.T("For users in your directory: specific users and groups"),
		access.ScopeMembers:       p.T("For users in your directory: all members (excluding guests)"),
		access.ScopeUsers:         p.T("For users in your directory: all users (including guests)"),
		access.ScopeSpecificOrgs:  p.T("For users not in your directory: specific connected organizations"),
		access.ScopeAllOrgs:       p.T("For users not in your directory: all configured connected organizations"),
		access.ScopeAnyone: p.T("For users not in your directory: all users (all connected organizations and any " +
			"new external user)"),
		access.ScopeNobody: p.T("None (administrator direct assignments only)"),
	}[s]
}

// scopeHint explains a scope.
func scopeHint(p *lang.Printer, s access.Scope) string {
	return map[access.Scope]string{
		access.ScopeSpecificOrgs: p.T("You can include proposed organizations."),
		access.ScopeAllOrgs:      p.T("Includes organizations that you add later, but not proposed ones."),
		access.ScopeAnyone:       p.T("Requires approval. A new organization is added as proposed."),
		access.ScopeNobody:       p.T("No one can request under this policy. Administrators can assign access with it."),
	}[s]
}

// scopeTexts say who may request under each of the policies.
func scopeTexts(c *kit.Context, all []access.Policy) []string {
	var shown []access.SubjectRef
	for _, o := range all {
		shown = append(shown, firstSubjects(o.Targets)...)
	}
	names, texts := kit.SubjectNames(c, shown), make([]string, len(all))
	for i, o := range all {
		texts[i] = scopeWord(c.Printer, o.Scope)
		if n := len(firstSubjects(o.Targets)); n > 0 {
			texts[i] += ": " + nameList(c.Printer, names[:n], len(o.Targets))
			names = names[n:]
		} else if o.NamesNoOne() {
			texts[i] += ". " + noRequestorText(c.Printer, o.Scope)
		}
	}
	return texts
}

// noRequestorText says why no one can request under a policy of the scope, which names
// who can.
func noRequestorText(p *lang.Printer, s access.Scope) string {
	if s.External() {
		return p.T("No one can request under this policy: the connected organizations that it named were deleted.")
	}
	return p.T("No one can request under this policy: the people and groups that it names are disabled, can't sign in, " +
		"or are groups without members.")
}

// firstSubjects are the subjects that nameList names.
func firstSubjects(all []access.SubjectRef) []access.SubjectRef { return all[:min(len(all), 10)] }

// nameList is the first names of total subjects in one line.
func nameList(p *lang.Printer, names []string, total int) string {
	if len(names) == total {
		return p.List(names)
	}
	return p.N(total-len(names), "%[2]s and %[1]d more", "%[2]s and %[1]d more", p.Series(names))
}

// subjectList is the names of subjects in one line, cut if there are many.
func subjectList(c *kit.Context, all []access.SubjectRef) string {
	return nameList(c.Printer, kit.SubjectNames(c, firstSubjects(all)), len(all))
}

// approvalText summarizes the policy's approval in one line.
func approvalText(p *lang.Printer, o access.Policy) string {
	if len(o.Stages) == 0 {
		return p.T("No approval")
	}
	return p.N(len(o.Stages), "%d approval stage", "%d approval stages")
}

// expirationText says when assignments end.
func expirationText(p *lang.Printer, e access.Expiration) string {
	switch {
	case e.Kind == access.AfterDate:
		return p.T("On %s", p.DateTime(time.UnixMilli(e.End)))
	case e.Kind == access.AfterDuration && e.Hours > 0:
		return p.N(e.Hours, "After %d hour", "After %d hours")
	case e.Kind == access.AfterDuration:
		return p.N(e.Days, "After %d day", "After %d days")
	}
	return p.T("Never")
}

// questionKindWord is the format of an answer.
func questionKindWord(p *lang.Printer, k access.QuestionKind) string {
	return map[access.QuestionKind]string{
		access.ShortText: p.T("Short text"), access.LongText: p.T("Long text"), access.MultipleChoice: p.T("Multiple choice"),
	}[k]
}

func yesNoWord(c *kit.Context, b bool) string {
	if b {
		return c.Printer.T("Yes")
	}
	return c.Printer.T("No")
}

// policyRequestFacts, policyQuestionFacts and policyLifecycleFacts are the parts
// of a policy in words, for its page and for the last step of a wizard.
func policyRequestFacts(c *kit.Context, o access.Policy) []ui.Fact {
	p := c.Printer
	facts := []ui.Fact{{Name: p.T("Policy"), Value: o.Name}}
	if o.Description != "" {
		facts = append(facts, ui.Fact{Name: p.T("Description"), Value: o.Description})
	}
	return append(facts, policyTermFacts(c, o)...)
}

// policyTermFacts is policyRequestFacts without name and description.
func policyTermFacts(c *kit.Context, o access.Policy) []ui.Fact {
	p := c.Printer
	facts := []ui.Fact{
		{Name: p.T("Who can request"), Value: scopeTexts(c, []access.Policy{o})[0]},
		{Name: p.T("Accepts new requests and assignments"), Value: yesNoWord(c, o.Enabled)},
		{Name: p.T("Approval"), Value: approvalText(p, o)},
	}
	for i, s := range o.Stages {
		by := subjectList(c, s.Approvers)
		if by == "" {
			by = p.T("No one")
		}
		text := p.N(s.Days, "%[2]s, within %[1]d day", "%[2]s, within %[1]d days", by)
		if s.RequireReason {
			text = p.T("%s, reason required", text)
		}
		facts = append(facts, ui.Fact{Name: p.T("Stage %d", i+1), Value: text})
	}
	shown := map[access.Inheritable]string{access.Yes: p.T("Yes"), access.No: p.T("No")}[o.ShowApprovers]
	if shown == "" {
		shown = p.T("Use the organization's setting")
	}
	return append(facts, ui.Fact{Name: p.T("Requestor justification required"),
		Value: yesNoWord(c, o.RequireJustification)},
		ui.Fact{Name: p.T("Approvers shown to requestors"), Value: shown})
}

func policyQuestionFacts(c *kit.Context, o access.Policy) []ui.Fact {
	p := c.Printer
	var facts []ui.Fact
	for i, q := range o.Questions {
		words := []string{questionKindWord(p, q.Kind)}
		if q.Required {
			words = append(words, p.T("Required"))
		}
		if q.AllowsMultiple {
			words = append(words, p.T("Several choices"))
		}
		if q.Pattern != "" {
			words = append(words, p.T("Pattern: %s", q.Pattern))
		}
		text := p.T("%s (%s)", q.Text, p.Series(words))
		if len(q.Choices) > 0 {
			var names []string
			for _, choice := range q.Choices {
				names = append(names, choice.Text)
			}
			text = p.T("%s: %s", text, p.Series(names))
		}
		facts = append(facts, ui.Fact{Name: p.T("Question %d", i+1), Value: text})
	}
	if len(facts) == 0 {
		facts = []ui.Fact{{Name: p.T("Questions"), Value: p.T("None")}}
	}
	return facts
}

func policyLifecycleFacts(c *kit.Context, o access.Policy) []ui.Fact {
	p := c.Printer
	mails := p.T("Sent")
	if o.SuppressNotifications {
		mails = p.T("Not sent for assignments")
	}
	return []ui.Fact{{Name: p.T("Assignments expire"), Value: expirationText(p, o.Expiration)},
		{Name: p.T("Requestors can choose dates"), Value: yesNoWord(c, o.CustomSchedule)},
		{Name: p.T("Mails"), Value: mails}}
}

// policyBadge says whether a policy accepts requests.
func policyBadge(p *lang.Printer, o access.Policy) ui.Badge {
	if o.Enabled {
		return ui.Badge{Kind: "quiet", Text: p.T("Enabled")}
	}
	return ui.Badge{Kind: "idle", Text: p.T("Not enabled")}
}
