package admin

import (
	"fmt"
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// showWithFailures shows the page of a directory with its failed sign-ins at the end.
func showWithFailures(c *kit.Context, read admin.DirectoryView, page views.DetailPage) error {
	found, err := read.SignInFailures(c.Ctx, c.Now.Add(-access.SignInFailureLifetime))
	if err != nil {
		return err
	}
	page.Sections = append(page.Sections, failuresSection(c, found))
	return c.Show(http.StatusOK, page.Page())
}

// failuresSection lists failed sign-ins. What the provider wrote is in quotes.
func failuresSection(c *kit.Context, found admin.SignInFailures) views.Section {
	p := c.Printer
	s := views.Section{Title: p.T("Failed sign-ins"),
		Empty: p.T("No sign-in to your organization failed in the last %d days.", failureDays)}
	if len(found.Last) == 0 {
		return s
	}
	s.Text = p.T("From the last %d days, at most %d of each kind. People see only the reference, which is also in the "+
		"log.",
		failureDays, access.MaxSignInFailures)
	for _, r := range access.SignInReasons() {
		if n := found.Counts[r]; n > 0 {
			s.Facts = append(s.Facts, ui.Fact{Name: signInFailureWord(p, r), Value: p.Number(n)})
		}
	}
	s.Table = &ui.Table{Label: p.T("Failed sign-ins"), Columns: []ui.Column{{Label: p.T("Time")}, {Label: p.T("Problem")},
		{Label: p.T("Account")}, {Label: p.T("Details")}, {Label: p.T("Reference")}}}
	for _, f := range found.Last {
		s.Table.Rows = append(s.Table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: p.DateTime(f.At)},
			{Text: signInFailureWord(p, f.Reason)}, {Text: f.Account}, {Text: providerText(p, f), Sub: f.Detail},
			{Text: f.Reference}}})
	}
	return s
}

const failureDays = int(access.SignInFailureLifetime / (24 * 60 * 60 * 1e9))

// providerText is the error that the provider sent, in quotes; empty if it sent none.
func providerText(p *lang.Printer, f access.SignInFailure) string {
	var quoted []string
	for _, text := range []string{f.Code, f.Description} {
		if text != "" {
			quoted = append(quoted, fmt.Sprintf("%q", text))
		}
	}
	if len(quoted) == 0 {
		return ""
	}
	return p.T("The provider says: %s", p.Series(quoted))
}

// signInFailureWord says at which step a sign-in failed.
func signInFailureWord(p *lang.Printer, r access.SignInReason) string {
	return map[access.SignInReason]string{
		access.FailedDiscovery: p.T("Can't read the provider's settings"),
		access.FailedResponse:  p.T("Refused by the provider or canceled by the person"),
		access.FailedToken:     p.T("Code not accepted"),
		access.FailedKeys:      p.T("Can't read the provider's keys"),
		access.FailedIDToken:   p.T("Invalid ID token"),
		access.FailedUserInfo:  p.T("Can't read the user info"),
		access.FailedAccount:   p.T("Account of another organization"),
		access.FailedAdmission: p.T("Not allowed here"),
	}[r]
}
