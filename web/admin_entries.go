package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// entryRoutes are the pages of the built-in directory: its groups, teams, sites
// and applications.
func entryRoutes() []route {
	const list, one = adminHome + "/directory", adminHome + "/directory/:id"
	all := []route{
		read(list, access.ManageEntries, ofTenant, showEntries),
		read(one, access.ManageEntries, ofTenant, showEntry),
		act(one+"/add", access.ManageEntries, ofTenant, addMembers),
		act(one+"/remove", access.ManageEntries, ofTenant, removeMembers),
	}
	all = append(all, form(list+"/new", access.ManageEntries, ofTenant, showNewEntry, postNewEntry)...)
	all = append(all, form(one+"/edit", access.ManageEntries, ofTenant, showEditEntry, postEditEntry)...)
	return append(all, form(one+"/delete", access.ManageEntries, ofTenant, showDeleteEntry, postDeleteEntry)...)
}

func (v *visit) entryCrumbs(more ...views.Link) []views.Link {
	return v.adminCrumbs(append([]views.Link{{Label: v.printer.T("Targets and resources"),
		Href: v.adminPath("directory")}}, more...)...)
}

func (v *visit) kindOptions() []ui.Option {
	var all []ui.Option
	for _, k := range access.ResourceKinds() {
		all = append(all, ui.Option{Value: string(k), Label: kindWord(v.printer, k)})
	}
	return all
}

// setEntryKind narrows a list of entries to a kind.
func setEntryKind(f *store.EntryFilter, value string) { f.Kind = access.ResourceKind(value) }

func showEntries(v *visit) error {
	p := v.printer
	t := table[access.Entry, store.EntryFilter]{
		title: p.T("Targets and resources"), path: v.adminPath("directory"), crumbs: v.adminCrumbs(), sort: "name",
		tally: store.CounterEntries,
		lead: p.T("The built-in directory is the target that every organization has: access packages hand out its " +
			"groups, teams, sites and applications. Groups and teams are also what policies and approvals name."),
		hint:     p.T("Name or description"),
		commands: []views.Command{{Label: p.T("New"), Href: v.adminPath("directory", "new"), Primary: true}},
		filters: []filter[store.EntryFilter]{{"kind", p.T("Kind"),
			append([]ui.Option{{Label: p.T("All")}}, v.kindOptions()...), setEntryKind}},
		columns: []column{{p.T("Name"), "name"}, {p.T("Kind"), ""}, {p.T("Roles"), ""}},
		empty: [2]string{p.T("The directory is empty"),
			p.T("Make the groups, teams, sites and applications that access packages hand out.")},
		emptyLinks: []views.Link{{Label: p.T("New"), Href: v.adminPath("directory", "new"), Primary: true}},
		read: func(q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
			return v.Store.EntryList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.EntryFilter], f func(access.Entry) error) error {
			return v.Store.WalkEntries(v.ctx, v.tenant.ID, q, f)
		},
		row: func(e access.Entry) ui.TableRow {
			return ui.TableRow{Cells: []ui.Cell{{Text: e.Name, Sub: limitText(e.Description, 120), Href: v.adminPath("directory",
				string(e.ID))}, {Text: kindWord(p, e.Kind)}, {Text: p.List(e.Roles)}}}
		},
		head: []string{"id", "displayName", "type", "description", "webUrl", "roles"},
		line: func(e access.Entry) []string {
			return []string{string(e.ID), e.Name, string(e.Kind), e.Description, e.Link, strings.Join(e.Roles, "; ")}
		},
	}
	return t.serve(v)
}

// entry is the entry that the path names.
func (v *visit) entry() (access.Entry, error) {
	id, err := v.id()
	if err != nil {
		return access.Entry{}, err
	}
	return v.Store.Entry(v.ctx, v.tenant.ID, access.EntryID(id))
}

func showEntry(v *visit) error { return v.entryPage(http.StatusOK, url.Values{}, nil) }

// entryPage shows an entry with those who hold one of its roles.
func (v *visit) entryPage(status int, typed url.Values, fault error) error {
	p := v.printer
	e, err := v.entry()
	if err != nil {
		return err
	}
	base := v.adminPath("directory", string(e.ID))
	role := v.QueryParam("role")
	if chosen := typed.Get("role"); chosen != "" {
		role = chosen
	}
	if !slices.Contains(e.Roles, role) {
		role = e.Roles[0]
	}
	page := views.DetailPage{Chrome: v.chrome(e.Name), Intro: e.Description, Crumbs: v.entryCrumbs(),
		Changed:  v.changed(string(e.ID)),
		Commands: []views.Command{{Label: p.T("Edit"), Href: base + "/edit"}, v.deleteEntryCommand(e, base)}}
	for _, r := range e.Roles {
		page.Tabs = append(page.Tabs, ui.Tab{Label: r, Href: base + "?role=" + url.QueryEscape(r), Current: r == role})
	}
	owners, err := v.entryOwners(e)
	if err != nil {
		return err
	}
	facts := []ui.Fact{{Name: p.T("Kind"), Value: kindWord(p, e.Kind)},
		{Name: p.T("Owners"), Value: orText(p.List(owners), p.T("none: only a global administrator can add it to catalogs"))}}
	if link := linkOf(e.Link); link != "" {
		facts = append(facts, ui.Fact{Name: p.T("Link"), Value: link})
	}
	members, err := v.memberSection(e, role, base)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{{Title: p.T("Properties"), Facts: facts}, members, v.memberForm(role, base, typed,
		fault)}
	return v.show(status, page.Page())
}

func (v *visit) entryOwners(e access.Entry) ([]string, error) {
	ids, err := v.Store.EntryOwners(v.ctx, v.tenant.ID, e.ID)
	var names []string
	for _, id := range ids {
		names = append(names, v.personName(id))
	}
	return names, err
}

func (v *visit) deleteEntryCommand(e access.Entry, base string) views.Command {
	c := views.Command{Label: v.printer.T("Delete"), Href: base + "/delete", Danger: true}
	if use, err := v.Store.EntryUse(v.ctx, v.tenant.ID, e.ID); err == nil && use != "" {
		c.DisabledReason = v.printer.T("“%s” cannot be deleted: %s.", e.Name, v.printer.T(use))
	}
	return c
}

// memberSection is a page of the people who hold the role.
func (v *visit) memberSection(e access.Entry, role, base string) (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("%s: who has this role", role), Empty: p.T("Nobody.")}
	found, err := v.Store.PersonList(v.ctx, v.tenant.ID, store.ListQuery[store.PersonFilter]{
		Filter: store.PersonFilter{Group: e.ID, Role: role}, After: place(v.QueryParam("after")), Limit: pageSize})
	if err != nil {
		return s, err
	}
	for _, one := range found.Rows {
		row := views.Row{Title: one.Name, Href: v.adminPath("people", string(one.ID)), Hint: one.Email}
		managed, err := v.Store.HasEntryGrant(v.ctx, one, e.ID, role)
		if err != nil {
			return s, err
		}
		row.Command = &views.Command{Label: p.T("Take out"), Href: base + "/remove", Post: true,
			Hidden: []views.Hidden{{Name: "role", Value: role},
				{Name: "people", Value: ref(access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.ID)})}}}
		if managed {
			row.Command.DisabledReason = p.T("Held by an access package")
		}
		s.Rows = append(s.Rows, row)
	}
	if found.Next != (store.Key{}) {
		s.More = views.Link{Label: p.T("More"),
			Href: base + "?" + url.Values{"role": {role}, "after": {found.Next.ID + "~" + found.Next.Name}}.Encode()}
	}
	return s, nil
}

func (v *visit) memberForm(role, base string, typed url.Values, fault error) views.Section {
	p := v.printer
	byField, all := faultsOf(p, fault)
	return views.Section{Title: p.T("Add people as %s", role), Form: &views.InlineForm{Action: base + "/add",
		Hidden: []views.Hidden{{Name: "role", Value: role}}, Faults: all,
		Parts: []views.Part{v.picker(pickPeople, typed, byField, ui.Field{Name: "people", Label: p.T("People"),
			Required: true})}, Buttons: []views.Button{{Label: p.T("Add"), Primary: true}}}}
}

func addMembers(v *visit) error    { return v.setMembers(true, "added") }
func removeMembers(v *visit) error { return v.setMembers(false, "removed") }

func (v *visit) setMembers(in bool, done string) error {
	typed := v.fields()
	if v.finding() {
		return v.entryPage(http.StatusOK, typed, nil)
	}
	e, err := v.entry()
	if err != nil {
		return err
	}
	var es access.Errors
	who := people(typed, "people", &es)
	if err = es.Err(); err == nil {
		err = v.Admin.SetMembers(v.ctx, v.person, access.Membership{Entry: e.ID, Role: typed.Get("role")}, who, in)
	}
	if kind := access.KindOf(err); err != nil && (kind == access.Invalid || kind == access.Conflict) {
		return v.entryPage(statuses()[kind], typed, err)
	}
	if err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, v.adminPath("directory", string(e.ID))+"?"+
		url.Values{"role": {typed.Get("role")}, "done": {done}}.Encode())
}

// entryValues are the fields of an entry's form.
func entryValues(e access.Entry, owners []access.PersonID) url.Values {
	values := url.Values{"displayName": {e.Name}, "type": {string(e.Kind)}, "description": {e.Description},
		"webUrl": {e.Link}, "roles": {strings.Join(e.Roles, "\n")}}
	for _, o := range owners {
		values.Add("owners", ref(access.SubjectRef{Kind: access.SubjectPerson, ID: string(o)}))
	}
	return values
}

func readEntry(typed url.Values, e access.Entry) (access.Entry, []access.PersonID, error) {
	var es access.Errors
	e.Name, e.Description, e.Link = strings.TrimSpace(typed.Get("displayName")),
		strings.TrimSpace(typed.Get("description")), strings.TrimSpace(typed.Get("webUrl"))
	if e.ID == "" {
		e.Kind = access.ResourceKind(typed.Get("type"))
	}
	e.Roles = nil
	for line := range strings.SplitSeq(typed.Get("roles"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			e.Roles = append(e.Roles, line)
		}
	}
	if len(e.Roles) == 0 {
		e.Roles = access.DefaultRoles(e.Kind)
	}
	owners := people(typed, "owners", &es)
	return e, owners, es.Err()
}

func (v *visit) entryGroups(isNew bool) func(url.Values, map[string]string) []views.Group {
	p := v.printer
	return func(typed url.Values, faults map[string]string) []views.Group {
		parts := []views.Part{text(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"), MaxLength: access.MaxNameLength,
			Required: true})}
		if isNew {
			parts = append(parts, drop(typed, faults, ui.Select{Name: "type", Label: p.T("What it is"), Required: true,
				Options: v.kindOptions()}))
		}
		return []views.Group{{Parts: append(parts,
			text(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
				MaxLength: access.MaxDescriptionLength}),
			text(typed, faults, ui.Field{Name: "webUrl", Label: p.T("Link"), MaxLength: 2000,
				Hint: p.T("Opens it; begins with https://. Holders find it under My Access.")}),
			text(typed, faults, ui.Field{Name: "roles", Label: p.T("Roles"), Type: "area", MaxLength: 2500,
				Hint: p.T("One a line, such as Member. Empty for the usual ones. Roles can be added later, and not removed.")}),
			v.picker(pickPeople, typed, faults, ui.Field{Name: "owners", Label: p.T("Owners"),
				Hint: p.T("They may add it to the catalogs that they own.")}))}}
	}
}

func (v *visit) newEntry() editor {
	p := v.printer
	return editor{title: p.T("New group, team, site or application"), path: v.adminPath("directory", "new"),
		cancel: v.adminPath("directory"), submit: p.T("Create"), crumbs: v.entryCrumbs(), groups: v.entryGroups(true)}
}

func showNewEntry(v *visit) error { return v.newEntry().show(v) }

func postNewEntry(v *visit) error {
	if v.finding() {
		return v.newEntry().refused(v, nil)
	}
	e, owners, err := readEntry(v.fields(), access.Entry{})
	if err == nil {
		e, err = v.Admin.SaveEntry(v.ctx, v.person, e, owners)
	}
	if err != nil {
		return v.newEntry().refused(v, err)
	}
	return v.done(v.adminPath("directory", string(e.ID)), "created")
}

func (v *visit) editEntry() (editor, access.Entry, error) {
	p := v.printer
	e, err := v.entry()
	if err != nil {
		return editor{}, e, err
	}
	owners, err := v.Store.EntryOwners(v.ctx, v.tenant.ID, e.ID)
	base := v.adminPath("directory", string(e.ID))
	return editor{title: p.T("Edit %s", e.Name), path: base + "/edit", cancel: base, submit: p.T("Save"),
		stored: entryValues(e, owners), version: e.Version,
		crumbs: v.entryCrumbs(views.Link{Label: e.Name, Href: base}), groups: v.entryGroups(false)}, e, err
}

func showEditEntry(v *visit) error {
	form, _, err := v.editEntry()
	if err != nil {
		return err
	}
	return form.show(v)
}

func postEditEntry(v *visit) error {
	form, stored, err := v.editEntry()
	if err != nil {
		return err
	}
	if v.finding() {
		return form.refused(v, nil)
	}
	e, owners, err := readEntry(v.fields(), stored)
	if e.Version = v.version(); err == nil {
		_, err = v.Admin.SaveEntry(v.ctx, v.person, e, owners)
	}
	if err != nil {
		return form.refused(v, err)
	}
	return v.done(v.adminPath("directory", string(e.ID)), "saved")
}

func (v *visit) deleteEntry() (editor, error) {
	p := v.printer
	e, err := v.entry()
	base := v.adminPath("directory", string(e.ID))
	return editor{title: p.T("Delete %s?", e.Name), path: base + "/delete", cancel: base, submit: p.T("Delete"),
		danger: true, crumbs: v.entryCrumbs(views.Link{Label: e.Name, Href: base}),
		groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("It is deleted from the built-in directory, with the list of its members and " +
				"owners.")}}
		}}, err
}

func showDeleteEntry(v *visit) error {
	form, err := v.deleteEntry()
	if err != nil {
		return err
	}
	return form.show(v)
}

func postDeleteEntry(v *visit) error {
	form, err := v.deleteEntry()
	if err != nil {
		return err
	}
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.Admin.DeleteEntry(v.ctx, v.person, access.EntryID(id)); err != nil {
		return form.refused(v, err)
	}
	return v.done(v.adminPath("directory"), "deleted")
}
