package admin

import (
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/web/kit"
)

// addGroupUses adds a notice that says what the members of a group may do, and who
// may change them; none if nothing names the group.
func addGroupUses(c *kit.Context, all *[]views.Notice, e access.Entry) error {
	p := c.Printer
	found, err := c.View.Dependents().GroupUses(c.Ctx, []access.EntryID{e.ID})
	uses := found[e.ID]
	if err != nil || len(uses) == 0 {
		return err
	}
	n := views.Notice{Kind: "info", Text: kit.GroupUseText(p, uses)}
	if uses[0].TenantWide() {
		n.Text += " " + p.T("Only global administrators can add or remove them.")
	}
	for _, u := range uses[:min(len(uses), maxNamedUses)] {
		n.Items = append(n.Items, groupUseLink(c, u))
	}
	if rest := len(uses) - maxNamedUses; rest > 0 {
		n.More = p.T("And %s more", p.Number(int64(rest)))
	}
	*all = append(*all, n)
	return nil
}

// maxNamedUses is how many uses of a group its page lists.
const maxNamedUses = 10

// groupUseLink names one use of a group.
func groupUseLink(c *kit.Context, u access.GroupUse) views.Link {
	p := c.Printer
	switch {
	case u.TenantWide():
		return views.Link{Label: roleWord(p, u.Role), Href: c.AdminPath("roles")}
	case u.Kind == access.UseRole:
		return views.Link{Label: p.T("%s of the catalog “%s”", roleWord(p, u.Role), u.Name),
			Href: c.AdminPath("catalogs", string(u.Catalog), "roles")}
	case u.Kind == access.UseSponsor:
		return views.Link{Label: p.T("Sponsor of “%s”", u.Name), Href: c.AdminPath("organizations")}
	case u.Kind == access.UseAudience:
		return views.Link{Label: p.T("Policy without approval: “%s”", u.Name), Href: catalogPath(c, u)}
	case u.Name == "":
		return views.Link{Label: p.T("Approver of open requests"), Href: catalogPath(c, u)}
	}
	return views.Link{Label: p.T("Approver in the policy “%s”", u.Name), Href: catalogPath(c, u)}
}

// catalogPath is the page of the catalog of a use.
func catalogPath(c *kit.Context, u access.GroupUse) string {
	return c.AdminPath("catalogs", string(u.Catalog))
}

// rolesOfGroups are the texts about the groups among resource roles.
func rolesOfGroups(c *kit.Context, roles []store.RoleWithResource) map[access.EntryID]string {
	var groups []access.EntryID
	for _, x := range roles {
		groups = append(groups, access.EntryID(x.Resource.ExternalID))
	}
	return kit.GroupUseTexts(c, slices.Compact(slices.Sorted(slices.Values(groups))))
}

// textsOfResources are the texts about the groups among resources.
func textsOfResources(c *kit.Context, all []access.Resource) map[access.EntryID]string {
	var groups []access.EntryID
	for _, r := range all {
		groups = append(groups, access.EntryID(r.ExternalID))
	}
	return kit.GroupUseTexts(c, groups)
}

// packagesGivingRoles are the access packages that make people administrators, on
// the overview of those who assign roles.
func packagesGivingRoles(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Access packages that give administrative roles"),
		Text: p.T("These add people to a group with an administrative role. Each request needs approval by someone who can " +
			"assign that role. If that is not intended, remove the group from the access package.")}
	if c.Rights.May(access.ManageRoles) != nil {
		return s, nil
	}
	found, err := c.View.Dependents().PackagesGivingRoles(c.Ctx, maxStuckRows)
	for _, one := range found {
		s.Rows = append(s.Rows, views.Row{Title: one.Name,
			Href: c.AdminPath("access-packages", string(one.ID), "roles")})
	}
	return s, err
}
