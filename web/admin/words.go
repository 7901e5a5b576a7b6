package admin

import (
	"cmp"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// roleWord is the displayed name of an administrative role.
func roleWord(p *lang.Printer, r access.AdminRole) string {
	return map[access.AdminRole]string{
		access.GlobalAdministrator:                p.T("Global administrator"),
		access.IdentityGovernanceAdministrator:    p.T("Identity governance administrator"),
		access.ConnectedOrganizationAdministrator: p.T("Connected organization administrator"),
		access.CatalogCreator:                     p.T("Catalog creator"),
		access.CatalogOwner:                       p.T("Catalog owner"),
		access.CatalogReader:                      p.T("Catalog reader"),
		access.AccessPackageManager:               p.T("Access package manager"),
		access.AccessPackageAssignmentManager:     p.T("Access package assignment manager"),
	}[r]
}

// roleHead is the name of an administrative role as the heading of a narrow column.
func roleHead(p *lang.Printer, r access.AdminRole) string {
	short := map[access.AdminRole]string{
		access.GlobalAdministrator:                p.T("Global admin"),
		access.IdentityGovernanceAdministrator:    p.T("Identity governance admin"),
		access.ConnectedOrganizationAdministrator: p.T("Connected organization admin"),
		access.AccessPackageManager:               p.T("Package manager"),
		access.AccessPackageAssignmentManager:     p.T("Assignment manager"),
	}[r]
	return cmp.Or(short, roleWord(p, r))
}

// actionWord describes an action; note says more of it, and may be empty.
func actionWord(p *lang.Printer, a access.Action) (text, note string) {
	words := map[access.Action][2]string{
		access.SeeAdmin:            {p.T("Open Administration")},
		access.ManageOrganizations: {p.T("Manage connected organizations and their sponsors")},
		access.ManageProviders:     {p.T("Manage identity providers and domains")},
		access.ManageSettings:      {p.T("Change settings"), p.T("Including the lifecycle of external users")},
		access.ManageRoles: {p.T("Assign and remove roles"),
			p.T("Global administrator: only by global administrators")},
		access.ManagePeople:  {p.T("Manage and import people, end their sessions")},
		access.ManageTargets: {p.T("Manage targets")},
		access.ManageEntries: {p.T("Manage groups, teams, sites and applications"), p.T("In the built-in directory")},
		access.FindPeople:    {p.T("Find people, groups and organizations"), p.T("To select them in forms")},
		access.CreateCatalogs: {p.T("Create catalogs"),
			p.T("Makes a catalog creator the owner of the catalog")},
		access.ReadCatalog:     {p.T("View the catalog, its access packages and policies")},
		access.EditCatalog:     {p.T("Edit or delete the catalog, assign roles in it")},
		access.ManageResources: {p.T("Add and remove resources"), p.T("Adding also needs a right to the resource")},
		access.ManagePackages: {p.T("Create, edit and delete access packages"),
			p.T("Including their resource roles")},
		access.ManagePolicies:  {p.T("Create, edit and delete policies")},
		access.ReadAssignments: {p.T("View assignments, requests and delivery errors")},
		access.ManageRequests:  {p.T("Assign directly, remove, cancel and reprocess")},
	}[a]
	return words[0], words[1]
}

// languageOptions are the languages that there are translations for, each by its own
// name.
func languageOptions(c *kit.Context) []ui.Option {
	var all []ui.Option
	for _, tag := range c.Catalog.Languages() {
		name := c.NewPrinter(tag, nil).C("the name of this language in itself", "English")
		all = append(all, ui.Option{Value: tag, Label: name})
	}
	return all
}

// typeWord says what a request is for and who created it.
func typeWord(p *lang.Printer, t access.RequestType) string {
	return map[access.RequestType]string{
		access.UserAdd: p.T("Requested"), access.UserExtend: p.T("Extension"), access.UserUpdate: p.T("Change"),
		access.UserRemove: p.T("Ended by the holder"),
		access.AdminAdd:   p.T("Assigned directly"), access.AdminUpdate: p.T("Changed directly"),
		access.AdminRemove: p.T("Removed directly"), access.SystemAdd: p.T("Assigned by the system"),
		access.SystemUpdate: p.T("Changed by the system"), access.SystemRemove: p.T("Ended by the system"),
		access.OnBehalfAdd: p.T("Requested for another person"),
	}[t]
}

// governedText says whether a guest is governed; empty for members.
func governedText(p *lang.Printer, one access.Person) string {
	switch {
	case one.Kind == access.Member:
		return ""
	case one.Governed:
		return p.T("Governed")
	}
	return p.T("Not governed")
}

// mailWord says what a message is about.
func mailWord(p *lang.Printer, kind string) string {
	if text := map[string]string{
		"approvalAsked": p.T("Approval needed"), "approvalReminder": p.T("Approval reminder"),
		"stageApproved":   p.T("Stage approved"),
		"requestApproved": p.T("Request approved"), "requestDenied": p.T("Request denied"),
		"requestDeniedApprovers": p.T("Request denied (approvers)"),
		"requestExpired":         p.T("Request expired"), "requestExpiredApprovers": p.T("Request expired (approvers)"),
		"requestCanceled": p.T("Request canceled"),
		"accessDelivered": p.T("You now have access"), "deliveryPartial": p.T("Partly delivered"),
		"deliveryFailed": p.T("Not delivered"), "accessEnded": p.T("Access has ended"),
		"providerChanged": p.T("Provider changed"), "personMatched": p.T("Person recognized by mail address"),
		"subjectNeeded": p.T("Confirm an account"), "notMember": p.T("Guest of your provider"),
		"addressesTrusted": p.T("Mail addresses trusted"), "passcode": p.T("One-time passcode"),
	}[kind]; text != "" {
		return text
	}
	return kind
}

// guestBadge is the state of a guest's account.
func guestBadge(p *lang.Printer, s access.GuestState) ui.Badge {
	return map[access.GuestState]ui.Badge{
		access.GuestActive: {Kind: "good", Text: p.T("Active")}, access.GuestBlocked: {Kind: "bad", Text: p.T("Blocked")},
		access.GuestRemoved: {Kind: "idle", Text: p.T("Removed")},
	}[s]
}

// governedReason says why a guest is governed, or is not (F-196).
func governedReason(p *lang.Printer, one access.Person) string {
	if one.Governed {
		return p.T("Yes: an access package brought this guest in, or the guest was marked so. Losing the last one has the " +
			"consequences that the settings say.")
	}
	return p.T("No: this guest was there before, and is never blocked or removed by itself.")
}
