package kit

import (
	"net/http"

	"myaccess/internal/lang"
)

// Done redirects to a page that confirms what was done. what is a key of
// confirmations.
func (c *Context) Done(path, what string) error {
	return c.Redirect(http.StatusSeeOther, path+"?done="+what)
}

// notice is the confirmation that the parameter "done" asks for; empty if there
// is none.
func (c *Context) notice() string {
	done := c.QueryParam("done")
	for _, all := range []map[string]lang.Message{objectConfirmations(), confirmations()} {
		if text, ok := all[done]; ok {
			return c.Printer.T(text)
		}
	}
	return ""
}

// objectConfirmations are the confirmations that a thing was created, changed or deleted.
func objectConfirmations() map[string]lang.Message {
	return map[string]lang.Message{
		"assignmentRemoved":   "Assignment removed.",
		"assignmentSaved":     "Assignment saved.",
		"catalogCreated":      "Catalog created.",
		"catalogDeleted":      "Catalog deleted.",
		"catalogSaved":        "Catalog saved.",
		"domainAdded":         "Domain added.",
		"domainRemoved":       "Domain removed.",
		"importDeleted":       "Import deleted.",
		"membersAdded":        "People added.",
		"membersRemoved":      "Person removed.",
		"organizationCreated": "Connected organization created.",
		"organizationDeleted": "Connected organization deleted.",
		"organizationSaved":   "Connected organization saved.",
		"packageCreated":      "Access package created.",
		"packageDeleted":      "Access package deleted.",
		"packageSaved":        "Access package saved.",
		"personAdded":         "Person added.",
		"personSaved":         "Person saved.",
		"policyCreated":       "Policy created.",
		"policyDeleted":       "Policy deleted.",
		"policySaved":         "Policy saved.",
		"providerDeleted":     "OpenID Provider deleted.",
		"providerSaved":       "OpenID Provider saved.",
		"resourceCreated":     "Resource created.",
		"resourceDeleted":     "Resource deleted.",
		"resourceRemoved":     "Resource removed from the catalog.",
		"resourceRolesSaved":  "Resource roles saved.",
		"resourceSaved":       "Resource saved.",
		"resourcesAdded":      "Resources added to the catalog.",
		"settingsSaved":       "Settings saved.",
		"sourceRemoved":       "Directory removed from the connected organization.",
		"sourcesAdded":        "Directories and domains added to the connected organization.",
		"sponsorsSaved":       "Sponsors saved.",
	}
}

// confirmations are the confirmations of everything else.
func confirmations() map[string]lang.Message {
	return map[string]lang.Message{
		"administrator":  "You're now a global administrator.",
		"again":          "Delivery started again.",
		"assigned":       "Access assigned. The requests are listed below.",
		"canceled":       "Request canceled.",
		"copied":         "Access package duplicated. Its policies are disabled until you enable them.",
		"declined":       "Merge declined.",
		"domainVerified": "Domain verified. Its people are sent to this provider to sign in.",
		"ended":          "All sessions ended.",
		"mailed":         "The mails are being sent again.",
		"merged":         "People merged.",
		"proposed":       "Merge proposed. Another global administrator has to confirm it.",
		"reassigned":     "Approvers changed. The new ones are notified.",
		"reminded":       "Reminder sent.",
		"roleAssigned":   "Role assigned.",
		"roleRemoved":    "Role removed.",
		"switchedOff":    "OpenID Provider turned off. All sessions of its people have ended.",
		"switchedOn":     "OpenID Provider turned on. People can sign in there again.",
	}
}
