package mail_test

import (
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
)

// sample returns facts with all fields.
func sample() mail.Facts {
	return mail.Facts{
		Tenant: "Meridian Works", Base: "https://access.meridian.example", Domain: "meridian.example", Hint: "harbor.example",
		Support: "support@meridian.example", Recipient: "Ada Berg", Package: "Harbour redesign",
		PackageID: "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01", RequestID: "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a02",
		Requestor: mail.Party{Name: "Mara Lind", Email: "mara@harbor.example",
			Organization: "Harbor Studio (harbor.example)"},
		Justification: "I draw the quay walls.\nThe drawings are on the team's site.",
		Answers: []access.Answer{
			{Text: "Which phase?", Values: []string{"p2", "p3"}, Labels: []string{"Phase 2", "Phase 3"}},
			{Text: "Badge number?", Values: []string{"H-1207"}},
		},
		Stage: 1, Stages: 2,
		Submitted: time.Date(2026, 3, 9, 8, 15, 0, 0, time.UTC),
		Due:       time.Date(2026, 3, 12, 13, 5, 0, 0, time.UTC),
		Start:     time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		End:       time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC),
		Code:      "48210733",
		Provider: mail.Provider{Name: "Harbor Studio", Change: "A domain was verified by its TXT record.",
			Domain: "harbor.example", By: "Petra Novak"},
		Notice: mail.Notice{PersonID: "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a03", Name: "Pat Partner",
			Address:  "pat@harbor.example",
			Provider: "Meridian Works", DirectoryID: "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a04", Subject: "g-1",
			Reason: "acct = 1"},
		Gap: mail.Gap{Catalog: "Projects", Owner: true, More: 3, Items: []mail.GapItem{
			{Package: "Harbour redesign", Person: "Mara Lind", Due: time.Date(2026, 3, 12, 13, 5, 0, 0, time.UTC), Stage: 1},
			{Package: "Quay walls", Policy: "All partners", Stage: 2}}},
		Decider: "Nils Roth", Reason: "The project needs her.", Note: "The access package was deleted.",
		Resources: []mail.Resource{
			{Name: "Quay team", Role: "Member", Link: "https://teams.meridian.example/quay"},
			{Name: "Quay site", Role: "Visitor", Problem: "The site does not answer."},
		},
	}
}
