package admin

import (
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/views"
	"myaccess/web/kit"
)

// lookupGroup says which directory has a domain, and offers to add it.
// Directories of other tenants are reported as unknown.
func lookupGroup(c *kit.Context, asked string, typed url.Values) (g views.Group, fault string) {
	p := c.Printer
	d, ok := mailaddr.CanonicalDomain(asked)
	if !ok {
		return g, p.T("“%s” is not a domain name such as partner.example.", kit.Shorten(asked, 100))
	}
	dir, known, err := c.View.DirectoryByDomain(c.Ctx, d)
	if err != nil {
		c.LogFault(err)
		return g, p.T("Search isn't available right now.")
	}
	if known {
		return knownDirectory(c, d, dir, typed)
	}
	return unknownDomain(c, d, typed), ""
}

// knownDirectory offers the directory of a domain.
func knownDirectory(c *kit.Context, d access.Domain, dir access.Directory,
	typed url.Values) (g views.Group, fault string) {
	p := c.Printer
	if dir.ID == c.Tenant.Directory {
		return g, p.T("%s is your own domain. Its people are members, not partners.", string(d))
	}
	if slices.Contains(typed["source"], "directory/"+string(dir.ID)) {
		return g, p.T("%s belongs to “%s”, which you have already chosen.", string(d), dir.Name)
	}
	other, connected, err := c.View.OrganizationOf(c.Ctx, dir.ID)
	if err != nil {
		c.LogFault(err)
		return g, p.T("Search isn't available right now.")
	}
	g = views.Group{Title: p.T("%s belongs to %s", string(d), dir.Name), Facts: directoryFacts(c, dir),
		Notices: inviteNotice(c, d)}
	if mayConvert(c, dir, other, connected) && openIDDomain(typed) == "" {
		g.Text = p.T("Its people sign in with one-time passcodes. If the organization has an OpenID Provider, add that: it " +
			"replaces the passcodes once its domain is verified, and people keep their access.")
		g.Buttons = []views.Button{{Label: p.T("Replace with an OpenID Provider"), Name: "add",
			Value: "use/openid/" + string(d), Primary: connected}}
	}
	if connected {
		g.Notices = append(g.Notices, views.Notice{Kind: "warn",
			Text: p.T("This directory already belongs to the connected organization “%s”.", other.Name),
			Link: views.Link{Label: p.T("Open directory"), Href: c.AdminPath("organizations", string(other.ID))}})
		return g, ""
	}
	g.Buttons = append([]views.Button{{Label: p.T("Add %s", dir.Name), Name: "add",
		Value: "use/directory/" + string(dir.ID), Primary: true}}, g.Buttons...)
	return g, ""
}

// mayConvert reports whether a provider can be added in place of the passcode directory: in
// its own connected organization, or another one if that was only proposed.
func mayConvert(c *kit.Context, dir access.Directory, other access.Organization, connected bool) bool {
	return dir.Kind == access.DirectoryPasscode && dir.Owner == c.Tenant.ID &&
		c.Rights.May(access.ManageProviders) == nil &&
		(!connected || other.State == access.Proposed || string(other.ID) == c.Param("id"))
}

// unknownDomain offers the ways to add a domain that no known directory has.
func unknownDomain(c *kit.Context, d access.Domain, typed url.Values) views.Group {
	p := c.Printer
	g := views.Group{Title: p.T("No directory found for %s", string(d)), Notices: passcodeNotices(c, d),
		Text: p.T("Its people can sign in with one-time passcodes sent to addresses in exactly this domain. Or add the " +
			"organization's OpenID Provider and verify its domains with a DNS record."),
		Buttons: []views.Button{{Label: p.T("Add with one-time passcodes"), Name: "add", Value: "use/passcode/" + string(d)}}}
	if slices.Contains(typed["source"], "passcode/"+string(d)) || openIDDomain(typed) == d {
		g.Text, g.Buttons = p.T("You have already chosen this domain."), nil
		return g
	}
	switch {
	case c.Rights.May(access.ManageProviders) != nil:
		g.Text += " " + p.T("Only a global administrator or an identity governance administrator can add an OpenID Provider.")
	case openIDDomain(typed) != "":
		g.Text += " " + p.T("Add one OpenID Provider at a time. You can add more domains of a provider on its page.")
	default:
		g.Buttons = append(g.Buttons, views.Button{Label: p.T("Add an OpenID Provider"), Name: "add",
			Value: "use/openid/" + string(d), Primary: !d.IsConsumer()})
	}
	return g
}
