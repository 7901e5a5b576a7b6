package web

import (
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
)

// editsOrganization is the frame of the forms that change a connected
// organization; back is where it is cancelled to.
func (v *visit) editsOrganization(o access.Organization, title, path, back string) editor {
	base := v.adminPath("organizations", string(o.ID))
	return editor{title: title, path: base + path, cancel: base + back, submit: v.printer.T("Save"), version: o.Version,
		crumbs: v.organizationCrumbs(views.Link{Label: o.Name, Href: base})}
}

func (v *visit) editOrganization(o access.Organization) editor {
	e := v.editsOrganization(o, v.printer.T("Edit %s", o.Name), "/edit", "")
	e.stored = url.Values{"displayName": {o.Name}, "description": {o.Description}, "state": {string(o.State)}}
	e.groups = func(typed url.Values, faults map[string]string) []views.Group {
		return []views.Group{{Parts: append(v.basicParts(typed, faults), v.sureParts(typed, faults)...)}}
	}
	return e
}

func showEditOrganization(v *visit, o access.Organization) error {
	return v.editOrganization(o).show(v)
}

func postEditOrganization(v *visit, o access.Organization) error {
	typed, wanted := v.fields(), o
	basics, err := readOrganization(typed, o)
	if err == nil {
		wanted.Name, wanted.Description, wanted.State, wanted.Version = basics.Name, basics.Description, basics.State,
			v.version()
		_, err = v.Admin.SaveOrganization(v.ctx, v.person, admin.Connecting{Organization: wanted,
			Sure: typed.Get("sure") == "yes"})
	}
	if err != nil {
		return v.editOrganization(o).refused(v, err)
	}
	return v.done(v.adminPath("organizations", string(o.ID)), "saved")
}

func (v *visit) editSponsors(o access.Organization) editor {
	e := v.editsOrganization(o, v.printer.T("Sponsors of %s", o.Name), "/sponsors/edit", "/sponsors")
	e.stored = url.Values{"internalSponsors": refs(o.InternalSponsors),
		"externalSponsors": refs(personSubjects(o.ExternalSponsors))}
	e.groups = func(typed url.Values, faults map[string]string) []views.Group {
		return []views.Group{{Parts: v.sponsorParts(typed, faults, o.ID)}}
	}
	return e
}

// personSubjects are people as subjects.
func personSubjects(all []access.PersonID) []access.SubjectRef {
	var subjects []access.SubjectRef
	for _, id := range all {
		subjects = append(subjects, access.SubjectRef{Kind: access.SubjectPerson, ID: string(id)})
	}
	return subjects
}

func showEditSponsors(v *visit, o access.Organization) error { return v.editSponsors(o).show(v) }

func postEditSponsors(v *visit, o access.Organization) error {
	if v.finding() {
		return v.editSponsors(o).refused(v, nil)
	}
	var es access.Errors
	typed, wanted := v.fields(), o
	wanted.Version = v.version()
	wanted.InternalSponsors, wanted.ExternalSponsors = subjects(typed, "internalSponsors", &es),
		people(typed, "externalSponsors", &es)
	err := es.Err()
	if err == nil {
		_, err = v.Admin.SaveOrganization(v.ctx, v.person, admin.Connecting{Organization: wanted})
	}
	if err != nil {
		return v.editSponsors(o).refused(v, err)
	}
	return v.done(v.adminPath("organizations", string(o.ID), "sponsors"), "saved")
}

// removeSource asks whether a directory is to leave a connected organization.
func (v *visit) removeSource(o access.Organization, d access.Directory) editor {
	p := v.printer
	e := v.editsOrganization(o, p.T("Remove %s from %s?", d.Name, o.Name), "/sources/remove", "/sources")
	e.submit, e.danger, e.hidden = p.T("Remove"), true, []views.Hidden{{Name: "source", Value: string(d.ID)}}
	e.groups = func(url.Values, map[string]string) []views.Group {
		return []views.Group{{Facts: v.directoryFacts(d),
			Text: p.T("Its people cannot request anything any more that is offered to this organization. Access that they " +
				"hold stays until it ends, and guests can still sign in. Sponsors who are among them are sponsors no more.")}}
	}
	return e
}

// sourceOf is the directory with the id among those of the organization.
func (v *visit) sourceOf(o access.Organization, id string) (access.Directory, error) {
	if !slices.Contains(o.Directories, access.DirectoryID(id)) {
		return access.Directory{}, access.Missing()
	}
	return v.Store.Directory(v.ctx, access.DirectoryID(id))
}

func showRemoveSource(v *visit, o access.Organization) error {
	d, err := v.sourceOf(o, v.QueryParam("source"))
	if err != nil {
		return err
	}
	return v.removeSource(o, d).show(v)
}

func postRemoveSource(v *visit, o access.Organization) error {
	d, err := v.sourceOf(o, v.form("source"))
	if err != nil {
		return err
	}
	wanted := o
	wanted.Version = v.version()
	wanted.Directories = slices.DeleteFunc(slices.Clone(o.Directories), func(id access.DirectoryID) bool {
		return id == d.ID
	})
	if _, err := v.Admin.SaveOrganization(v.ctx, v.person,
		admin.Connecting{Organization: wanted}); err != nil {
		return v.removeSource(o, d).refused(v, err)
	}
	return v.done(v.adminPath("organizations", string(o.ID), "sources"), "removed")
}

// deleteOrganization asks whether a connected organization is to be deleted, and
// shows what that touches (F-027).
func (v *visit) deleteOrganization(o access.Organization) (editor, error) {
	p := v.printer
	ties, err := v.Store.OrganizationUsage(v.ctx, v.tenant.ID, o.ID)
	e := v.editsOrganization(o, p.T("Delete %s?", o.Name), "/delete", "")
	e.submit, e.danger = p.T("Delete"), true
	e.groups = func(url.Values, map[string]string) []views.Group {
		named := v.namedBy(ties)
		only := 0
		for _, n := range ties.Policies {
			if n.Only {
				only++
			}
		}
		what := views.Group{Title: p.T("What this touches"), Facts: []ui.Fact{
			{Name: p.T("Policies that name it"), Value: p.N(len(ties.Policies)+int(ties.More), "%d policy", "%d policies")},
			{Name: p.T("Guests"), Value: p.N(int(ties.Guests), "%d person; the account stays, and can still sign in",
				"%d people; their accounts stay, and can still sign in")},
			{Name: p.T("Open requests"), Value: p.N(int(ties.Open), "%d request, which goes on", "%d requests, which go on")},
			{Name: p.T("Assignments"), Value: p.N(int(ties.Held), "%d assignment, which stays until it ends",
				"%d assignments, which stay until they end")},
		}, Text: p.T("Its people cannot request anything any more, unless it is offered to anybody. Providers that you " +
			"keep for it stay; delete them on their own pages.")}
		if only > 0 {
			what.Notices = []views.Notice{{Kind: "warn", Text: p.N(only, "%d policy names nobody else, and will be for nobody.",
				"%d policies name nobody else, and will be for nobody.")}}
		}
		return []views.Group{what, {Title: named.Title, Text: named.Text, Table: named.Table}}
	}
	return e, err
}

func showDeleteOrganization(v *visit, o access.Organization) error {
	e, err := v.deleteOrganization(o)
	if err != nil {
		return err
	}
	return e.show(v)
}

func postDeleteOrganization(v *visit, o access.Organization) error {
	if err := v.Admin.DeleteOrganization(v.ctx, v.person, o.ID, v.version()); err != nil {
		e, broken := v.deleteOrganization(o)
		if broken != nil {
			return broken
		}
		return e.refused(v, err)
	}
	return v.done(v.adminPath("organizations"), "deleted")
}
