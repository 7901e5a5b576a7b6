package workspace_test

import (
	"context"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// policyCase saves a policy of the package. text is the policy in the file; change makes
// the same policy from an enabled policy for all members.
func policyCase(text string, change func(a *parityFixture, p *access.Policy)) parityCase {
	indent := strings.Repeat(" ", 14)
	return parityCase{
		file: inPackage + indent + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent) + "\n",
		page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
			p := a.policy(access.ScopeMembers)
			change(a, &p)
			return a.savePolicy(ctx, ed, p)
		}}
}

// forMembers is the beginning of a policy for all members in a file.
const forMembers = "- displayName: A\n  allowedTargetScope: allMemberUsers\n"

func (a *parityFixture) ref(p access.Person) access.SubjectRef {
	return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}
}

// stages is an approval of so many stages by Lena.
func (a *parityFixture) stages(n int) (all []access.Stage) {
	for range n {
		all = append(all, access.Stage{Days: 14, Approvers: []access.SubjectRef{a.ref(a.lena)}})
	}
	return all
}

func policyRefusals() map[string]parityCase {
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	approval := forMembers + "  requestApprovalSettings:\n    stages:\n"
	byLena := "      - primaryApprovers: [{user: lena@m.example}]\n"
	return map[string]parityCase{
		"a policy without a name": policyCase("- allowedTargetScope: allMemberUsers\n  displayName: ' ' #!",
			func(_ *parityFixture, p *access.Policy) { p.Name = " " }),
		"a policy with a long name": policyCase("- allowedTargetScope: allMemberUsers\n  displayName: "+long+" #!",
			func(_ *parityFixture, p *access.Policy) { p.Name = long }),
		"a policy with a long description": policyCase(forMembers+"  description: "+long+" #!",
			func(_ *parityFixture, p *access.Policy) { p.Description = long }),
		"a policy for named people that names none": policyCase(
			"- displayName: A #!\n  allowedTargetScope: specificDirectoryUsers",
			func(_ *parityFixture, p *access.Policy) { p.Scope = access.ScopeSpecificUsers }),
		"a policy for named organizations that names none": policyCase(
			"- displayName: A #!\n  allowedTargetScope: specificConnectedOrganizationUsers",
			func(_ *parityFixture, p *access.Policy) { p.Scope = access.ScopeSpecificOrgs }),
		"a policy for all that names somebody": policyCase(forMembers+"  specificAllowedTargets: [{user: lena@m.example}] #!",
			func(a *parityFixture, p *access.Policy) { p.Targets = []access.SubjectRef{a.ref(a.lena)} }),
		"an organization among named people": policyCase("- displayName: A\n  allowedTargetScope: specificDirectoryUsers\n"+
			"  specificAllowedTargets: #!\n    - connectedOrganization: Quay",
			func(a *parityFixture, p *access.Policy) {
				p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{{Kind: access.SubjectOrganization,
					ID: string(a.quay.ID)}}
			}),
		"four stages": policyCase(forMembers+"  requestApprovalSettings:\n    stages: #!\n"+strings.Repeat(byLena, 4),
			func(a *parityFixture, p *access.Policy) { p.Stages = a.stages(4) }),
		"a stage without approvers": policyCase(approval+byLena+"      - daysBeforeAutomaticDenial: 3\n"+
			"        primaryApprovers: [] #!",
			func(a *parityFixture, p *access.Policy) {
				p.Stages = a.stages(2)
				p.Stages[1] = access.Stage{Days: 3}
			}),
		"an organization that approves": policyCase(approval+
			"      - primaryApprovers: [{connectedOrganization: Quay}] #!",
			func(a *parityFixture, p *access.Policy) {
				p.Stages = a.stages(1)
				p.Stages[0].Approvers[0] = access.SubjectRef{Kind: access.SubjectOrganization, ID: string(a.quay.ID)}
			}),
		"a stage of 15 days": policyCase(approval+byLena+"        daysBeforeAutomaticDenial: 15 #!",
			func(a *parityFixture, p *access.Policy) {
				p.Stages = a.stages(1)
				p.Stages[0].Days = 15
			}),
		"a group without members approves": policyCase(approval+byLena+"      - primaryApprovers: [{group: Empty}] #!",
			func(a *parityFixture, p *access.Policy) {
				p.Stages = a.stages(2)
				p.Stages[1].Approvers[0] = access.SubjectRef{Kind: access.SubjectGroup, ID: string(a.empty.ID)}
			}),
		"the only requestor is the only approver": policyCase("- displayName: A\n"+
			"  allowedTargetScope: specificDirectoryUsers\n  specificAllowedTargets: [{user: lena@m.example}]\n"+
			"  requestApprovalSettings:\n    stages:\n      - primaryApprovers: [{user: lena@m.example}] #!",
			func(a *parityFixture, p *access.Policy) {
				p.Scope, p.Targets, p.Stages = access.ScopeSpecificUsers, []access.SubjectRef{a.ref(a.lena)}, a.stages(1)
			}),
		"a policy for people from outside in a closed catalog": {file: parityTenant + "    catalogs:\n" +
			"      - displayName: Closed\n        accessPackages:\n          - displayName: Q\n            description: q\n" +
			"            assignmentPolicies:\n              - displayName: A\n                allowedTargetScope: " +
			"allConfiguredConnectedOrganizationUsers #!\n",
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.policy(access.ScopeAllOrgs)
				p.Package = a.closed.ID
				return a.savePolicy(ctx, ed, p)
			}},
		"an end that is over": policyCase(forMembers+"  expiration:\n    endDateTime: 2001-01-01T00:00:00Z #!",
			func(_ *parityFixture, p *access.Policy) {
				p.Expiration = access.Expiration{Kind: access.AfterDate, End: 978307200000}
			}),
		"too many days": policyCase(forMembers+"  expiration:\n    durationInDays: 3661 #!",
			func(_ *parityFixture, p *access.Policy) {
				p.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 3661}
			}),
		"too many hours": policyCase(forMembers+"  expiration:\n    durationInHours: 87841 #!",
			func(_ *parityFixture, p *access.Policy) {
				p.Expiration = access.Expiration{Kind: access.AfterDuration, Hours: 87841}
			}),
		"approvers shown perhaps": policyCase(forMembers+"  approverDetails: perhaps #!",
			func(_ *parityFixture, p *access.Policy) { p.ShowApprovers = "perhaps" }),
	}
}

func questionRefusals() map[string]parityCase {
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	questions := forMembers + "  questions:\n"
	asks := func(text string, all ...access.Question) parityCase {
		return policyCase(questions+text, func(_ *parityFixture, p *access.Policy) { p.Questions = all })
	}
	short := access.Question{ID: "q", Kind: access.ShortText, Text: "Why?"}
	with := func(change func(q *access.Question)) access.Question {
		q := short
		change(&q)
		return q
	}
	const why = "    - {id: q, type: shortText, text: \"Why?\"}\n"
	const block = "    - id: q\n      text: Why?\n      type: "
	many, manyText := []access.Question{}, forMembers+"  questions: #!\n"
	for i := range access.MaxQuestions + 1 {
		id := strconv.Itoa(i)
		many = append(many, access.Question{ID: access.QuestionID(id), Kind: access.ShortText, Text: "Why?"})
		manyText += "    - {id: \"" + id + "\", type: shortText, text: \"Why?\"}\n"
	}
	return map[string]parityCase{
		"too many questions": policyCase(manyText, func(_ *parityFixture, p *access.Policy) { p.Questions = many }),
		"two questions with one id": asks(why+"    - {id: q, type: shortText, text: \"When?\"} #!", short,
			with(func(q *access.Question) { q.Text = "When?" })),
		"a question without a text": asks("    - id: q\n      type: shortText\n      text: ' ' #!",
			with(func(q *access.Question) { q.Text = " " })),
		"a kind of question that is none": asks(block+"poem #!", with(func(q *access.Question) { q.Kind = "poem" })),
		"a text with choices": asks(block+"shortText #!\n      choices: [{actualValue: a, text: A}]",
			with(func(q *access.Question) { q.Choices = []access.Choice{{Value: "a", Text: "A"}} })),
		"a choice of nothing": asks("    - id: q #!\n      type: multipleChoice\n      text: Why?",
			with(func(q *access.Question) { q.Kind = access.MultipleChoice })),
		"a choice twice": asks(block+"multipleChoice\n      choices: [{actualValue: a, text: A}, {actualValue: a, text: "+
			"B}] #!",
			with(func(q *access.Question) {
				q.Kind, q.Choices = access.MultipleChoice, []access.Choice{{Value: "a", Text: "A"}, {Value: "a", Text: "B"}}
			})),
		"a choice with a pattern": asks(block+"multipleChoice\n      choices: [{actualValue: a, text: A}]\n"+
			"      regexPattern: a #!",
			with(func(q *access.Question) {
				q.Kind, q.Choices, q.Pattern = access.MultipleChoice, []access.Choice{{Value: "a", Text: "A"}}, "a"
			})),
		"a pattern that is none": asks(block+"shortText\n      regexPattern: '(' #!",
			with(func(q *access.Question) { q.Pattern = "(" })),
		"a long sentence for a pattern": asks(block+"shortText\n      regexPattern: a\n      regexMessage: "+long+" #!",
			with(func(q *access.Question) { q.Pattern, q.PatternMessage = "a", long })),
		"a language of a text that is none": asks(block+"shortText\n      localizations: {\"no language\": Warum} #!",
			with(func(q *access.Question) { q.Localized = access.Localized{"no language": "Warum"} })),
		"a language of a sentence that is none": asks(block+"shortText\n      regexPattern: a\n"+
			"      regexMessageLocalizations: {\"no language\": Warum} #!",
			with(func(q *access.Question) {
				q.Pattern, q.PatternLocalized = "a", access.Localized{"no language": "Warum"}
			})),
	}
}
