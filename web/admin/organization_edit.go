package admin

import (
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// organizationForm is the frame of the forms that change a connected
// organization; back is the tab that Cancel leads to.
func organizationForm(c *kit.Context, o access.Organization, title, path, back string) kit.EditForm {
	base := c.AdminPath("organizations", string(o.ID))
	return kit.EditForm{Title: title, Path: base + path, Cancel: base + back, Submit: c.Printer.T("Save"),
		Version: o.Version,
		Crumbs:  organizationCrumbs(c, views.Link{Label: o.Name, Href: base})}
}

func editOrganizationForm(c *kit.Context, o access.Organization) kit.EditForm {
	e := organizationForm(c, o, c.Printer.T("Edit %s", o.Name), "/edit", "")
	e.Stored = url.Values{"displayName": {o.Name}, "description": {o.Description}, "state": {string(o.State)}}
	e.Groups = func(typed url.Values, faults map[string]string) []views.Group {
		return []views.Group{{Parts: append(basicParts(c, typed, faults), confirmTrustParts(c, typed, faults)...)}}
	}
	return e
}

func showEditOrganization(c *kit.Context, o access.Organization) error {
	return editOrganizationForm(c, o).Show(c)
}

func postEditOrganization(c *kit.Context, o access.Organization) error {
	typed, wanted := c.Fields(), o
	basics, err := readOrganization(typed, o)
	if err == nil {
		wanted.Name, wanted.Description, wanted.State, wanted.Version = basics.Name, basics.Description, basics.State,
			c.FormVersion()
		_, err = c.Admin.SaveOrganization(c.Ctx, c.Person, admin.Connecting{Organization: wanted,
			Sure: typed.Get("sure") == "yes"})
	}
	if err != nil {
		return editOrganizationForm(c, o).Rerender(c, err)
	}
	return c.Done(c.AdminPath("organizations", string(o.ID)), "organizationSaved")
}

func editSponsorsForm(c *kit.Context, o access.Organization) kit.EditForm {
	e := organizationForm(c, o, c.Printer.T("Sponsors of %s", o.Name), "/sponsors/edit", "/sponsors")
	e.Stored = url.Values{"internalSponsors": kit.SubjectValues(o.InternalSponsors),
		"externalSponsors": kit.SubjectValues(personSubjects(o.ExternalSponsors))}
	e.Groups = func(typed url.Values, faults map[string]string) []views.Group {
		return []views.Group{{Parts: sponsorParts(c, typed, faults, o.ID)}}
	}
	return e
}

// personSubjects converts ids of people to subjects.
func personSubjects(all []access.PersonID) []access.SubjectRef {
	var subjects []access.SubjectRef
	for _, id := range all {
		subjects = append(subjects, access.SubjectRef{Kind: access.SubjectPerson, ID: string(id)})
	}
	return subjects
}

func showEditSponsors(c *kit.Context, o access.Organization) error {
	return editSponsorsForm(c, o).Show(c)
}

func postEditSponsors(c *kit.Context, o access.Organization) error {
	if c.Searching() {
		return editSponsorsForm(c, o).Rerender(c, nil)
	}
	var es access.Errors
	typed, wanted := c.Fields(), o
	wanted.Version = c.FormVersion()
	wanted.InternalSponsors, wanted.ExternalSponsors = kit.ReadSubjects(typed, "internalSponsors", &es),
		kit.ReadPeople(typed, "externalSponsors", &es)
	err := es.Err()
	if err == nil {
		_, err = c.Admin.SaveOrganization(c.Ctx, c.Person, admin.Connecting{Organization: wanted})
	}
	if err != nil {
		return editSponsorsForm(c, o).Rerender(c, err)
	}
	return c.Done(c.AdminPath("organizations", string(o.ID), "sponsors"), "sponsorsSaved")
}

// removeSourceForm asks for confirmation before a directory is removed from a
// connected organization.
func removeSourceForm(c *kit.Context, o access.Organization, d access.Directory) kit.EditForm {
	p := c.Printer
	e := organizationForm(c, o, p.T("Remove %s from %s?", d.Name, o.Name), "/sources/remove", "/sources")
	e.Submit, e.Danger, e.Hidden = p.T("Remove"), true, []views.Hidden{{Name: "source", Value: string(d.ID)}}
	e.Groups = func(url.Values, map[string]string) []views.Group {
		return []views.Group{{Facts: directoryFacts(c, d),
			Text: p.T("Its people can no longer sign in here, unless an access package is open to anyone. They lose their " +
				"roles until it's added again. They keep their access until it expires. Sponsors from this directory are " +
				"removed.")}}
	}
	return e
}

// sourceOf is the organization's directory with the id.
func sourceOf(c *kit.Context, o access.Organization, id string) (access.Directory, error) {
	if !slices.Contains(o.Directories, access.DirectoryID(id)) {
		return access.Directory{}, access.Missing()
	}
	return c.View.OrganizationDirectory(c.Ctx, access.DirectoryID(id))
}

func showRemoveSource(c *kit.Context, o access.Organization) error {
	d, err := sourceOf(c, o, c.QueryParam("source"))
	if err != nil {
		return err
	}
	return removeSourceForm(c, o, d).Show(c)
}

func postRemoveSource(c *kit.Context, o access.Organization) error {
	d, err := sourceOf(c, o, c.FormText("source"))
	if err != nil {
		return err
	}
	wanted := o
	wanted.Version = c.FormVersion()
	wanted.Directories = slices.DeleteFunc(slices.Clone(o.Directories), func(id access.DirectoryID) bool {
		return id == d.ID
	})
	if _, err := c.Admin.SaveOrganization(c.Ctx, c.Person,
		admin.Connecting{Organization: wanted}); err != nil {
		return removeSourceForm(c, o, d).Rerender(c, err)
	}
	return c.Done(c.AdminPath("organizations", string(o.ID), "sources"), "sourceRemoved")
}

// deleteOrganizationForm asks for confirmation before a connected organization
// is deleted, and shows what that affects (F-027).
func deleteOrganizationForm(c *kit.Context, o access.Organization) (kit.EditForm, error) {
	p := c.Printer
	ties, err := c.View.OrganizationUsage(c.Ctx, o.ID)
	e := organizationForm(c, o, p.T("Delete %s?", o.Name), "/delete", "")
	e.Submit, e.Danger = p.T("Delete"), true
	e.Groups = func(url.Values, map[string]string) []views.Group {
		named := policyLinks(c, ties)
		what := views.Group{Title: p.T("What this affects"), Facts: []ui.Fact{
			{Name: p.T("Policies that name it"), Value: p.N(len(ties.Policies)+int(ties.More), "%d policy", "%d policies")},
			{Name: p.T("Guests"), Value: p.N(int(ties.Guests), "%d person, who can no longer sign in here",
				"%d people, who can no longer sign in here")},
			{Name: p.T("Open requests"), Value: p.N(int(ties.Open), "%d request, which continues",
				"%d requests, which continue")},
			{Name: p.T("Assignments"), Value: p.N(int(ties.Held), "%d assignment, kept until it ends",
				"%d assignments, kept until they end")},
		}, Text: p.T("Its people can no longer sign in or request access here, unless an access package is open to anyone. " +
			"Providers that you manage for it are kept. Delete them on their own pages.")}
		if ties.Only > 0 {
			what.Notices = []views.Notice{{Kind: "warn",
				Text: p.N(ties.Only, "%d policy names no other organization, so no one will be able to request under it.",
					"%d policies name no other organization, so no one will be able to request under them.")}}
		}
		return []views.Group{what, {Title: named.Title, Text: named.Text, Table: named.Table}}
	}
	return e, err
}

func showDeleteOrganization(c *kit.Context, o access.Organization) error {
	e, err := deleteOrganizationForm(c, o)
	if err != nil {
		return err
	}
	return e.Show(c)
}

func postDeleteOrganization(c *kit.Context, o access.Organization) error {
	if err := c.Admin.DeleteOrganization(c.Ctx, c.Person, o.ID, c.FormVersion()); err != nil {
		e, broken := deleteOrganizationForm(c, o)
		if broken != nil {
			return broken
		}
		return e.Rerender(c, err)
	}
	return c.Done(c.AdminPath("organizations"), "organizationDeleted")
}
