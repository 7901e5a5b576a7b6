package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// entryRoutes are the pages of the built-in directory: its groups, teams, sites
// and applications.
func entryRoutes() []kit.Route {
	const list, one = root + "/directory", root + "/directory/:id"
	all := []kit.Route{
		pageRoute(list, access.ManageEntries, kit.OfTenant, showEntries),
		pageRoute(one, access.ManageEntries, kit.OfTenant, showEntry),
		actionRoute(one+"/add", access.ManageEntries, kit.OfTenant, addMembers),
		actionRoute(one+"/remove", access.ManageEntries, kit.OfTenant, removeMembers),
	}
	all = append(all, formRoutes(list+"/new", access.ManageEntries, kit.OfTenant, showNewEntry, postNewEntry)...)
	all = append(all, formRoutes(one+"/edit", access.ManageEntries, kit.OfTenant, showEditEntry, postEditEntry)...)
	return append(all, formRoutes(one+"/delete", access.ManageEntries, kit.OfTenant, showDeleteEntry, postDeleteEntry)...)
}

func entryCrumbs(c *kit.Context, more ...views.Link) []views.Link {
	return append([]views.Link{{Label: c.Printer.T("Targets and resources"),
		Href: c.AdminPath("directory")}}, more...)
}

func kindOptions(c *kit.Context) []ui.Option {
	var all []ui.Option
	for _, k := range access.ResourceKinds() {
		all = append(all, ui.Option{Value: string(k), Label: kit.KindWord(c.Printer, k)})
	}
	return all
}

// setEntryKind filters entries by kind.
func setEntryKind(f *store.EntryFilter, value string) { f.Kind = access.ResourceKind(value) }

func showEntries(c *kit.Context) error {
	p := c.Printer
	t := kit.Table[access.Entry, store.EntryFilter]{
		Title: p.T("Targets and resources"), Path: c.AdminPath("directory"), Sort: "name",
		Count: store.CounterEntries,
		Lead: p.T("Every organization has the built-in directory as a target. Access packages provide its groups, teams, " +
			"sites and applications. You can also use groups and teams in policies and as approvers."),
		SearchHint: p.T("Name or description"),
		Commands:   []views.Command{{Label: p.T("New"), Href: c.AdminPath("directory", "new"), Primary: true}},
		Filters: []kit.Filter[store.EntryFilter]{{Name: "kind", Label: p.T("Kind"),
			Options: append([]ui.Option{{Label: p.T("All")}}, kindOptions(c)...), Set: setEntryKind}},
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("Kind")}, {Label: p.T("Roles")}},
		Empty: [2]string{p.T("No resources yet"),
			p.T("Create the groups, teams, sites and applications that access packages provide.")},
		EmptyLinks: []views.Link{{Label: p.T("New"), Href: c.AdminPath("directory", "new"), Primary: true}},
		Read: func(q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
			return c.View.Entries(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.EntryFilter], f func(access.Entry) error) error {
			return c.View.WalkEntries(c.Ctx, q, f)
		},
		Row: func(e access.Entry) ui.TableRow {
			return ui.TableRow{Cells: []ui.Cell{{Text: e.Name, Sub: kit.Shorten(e.Description, 120),
				Href: c.AdminPath("directory",
					string(e.ID))}, {Text: kit.KindWord(p, e.Kind)}, {Text: p.List(e.Roles)}}}
		},
		CSVHead: []string{"id", "displayName", "type", "description", "webUrl", "roles"},
		CSVLine: func(e access.Entry) []string {
			return []string{string(e.ID), e.Name, string(e.Kind), e.Description, e.Link, strings.Join(e.Roles, "; ")}
		},
	}
	return t.Serve(c)
}

// loadEntry loads the entry in the path.
func loadEntry(c *kit.Context) (admin.EntryView, error) {
	id, err := c.PathID()
	if err != nil {
		return admin.EntryView{}, err
	}
	return c.View.Entry(c.Ctx, access.EntryID(id))
}

func showEntry(c *kit.Context) error { return entryPage(c, http.StatusOK, url.Values{}, nil) }

// entryPage shows an entry with the people who have the selected role.
func entryPage(c *kit.Context, status int, typed url.Values, fault error) error {
	p := c.Printer
	read, err := loadEntry(c)
	if err != nil {
		return err
	}
	e := read.Entry()
	base := c.AdminPath("directory", string(e.ID))
	changed, err := read.LastChange(c.Ctx)
	role := c.QueryParam("role")
	if chosen := typed.Get("role"); chosen != "" {
		role = chosen
	}
	if !slices.Contains(e.Roles, role) {
		role = e.Roles[0]
	}
	page := views.DetailPage{Chrome: c.Chrome(e.Name), Intro: e.Description, Crumbs: entryCrumbs(c),
		Changed:  changedText(c, changed, err),
		Commands: []views.Command{{Label: p.T("Edit"), Href: base + "/edit"}, deleteEntryCommand(c, read, base)}}
	gaps, err := c.View.Dependents().OfEntry(c.Ctx, e)
	if err = addDependents(c, &page.Notices, p.T("No member of this group can sign in and approve, and no one else can "+
		"approve here. Add a member to the group, or an approver to:"), gaps, err); err != nil {
		return err
	}
	if err := addGroupUses(c, &page.Notices, e); err != nil {
		return err
	}
	for _, r := range e.Roles {
		page.Tabs = append(page.Tabs, ui.Tab{Label: r, Href: base + "?role=" + url.QueryEscape(r), Current: r == role})
	}
	if page.Sections, err = entrySections(c, read, role, typed, fault); err != nil {
		return err
	}
	return c.Show(status, page.Page())
}

// entrySections are the properties of an entry and the people who have the role, with the
// form to add people for readers who may.
func entrySections(c *kit.Context, read admin.EntryView, role string, typed url.Values,
	fault error) ([]views.Section, error) {
	p, e := c.Printer, read.Entry()
	base := c.AdminPath("directory", string(e.ID))
	owners, err := entryOwners(c, read)
	if err != nil {
		return nil, err
	}
	facts := []ui.Fact{{Name: p.T("Kind"), Value: kit.KindWord(p, e.Kind)},
		{Name: p.T("Owners"), Value: orDefault(p.List(owners),
			p.T("None. Only a global administrator can add it to catalogs."))}}
	if link := kit.SafeLink(e.Link); link != "" {
		facts = append(facts, ui.Fact{Name: p.T("Link"), Value: link})
	}
	refusal := read.CanChangeMembers(c.Ctx)
	if refusal != nil && access.KindOf(refusal) != access.Forbidden {
		return nil, refusal
	}
	members, err := memberSection(c, read, role, base, refusal)
	if err != nil {
		return nil, err
	}
	sections := []views.Section{{Title: p.T("Properties"), Facts: facts}, members}
	if refusal == nil || fault != nil {
		sections = append(sections, memberForm(c, role, base, typed, fault))
	}
	return sections, nil
}

func entryOwners(c *kit.Context, read admin.EntryView) ([]string, error) {
	ids, err := read.Owners(c.Ctx)
	return personNames(c, ids), err
}

func deleteEntryCommand(c *kit.Context, read admin.EntryView, base string) views.Command {
	command := views.Command{Label: c.Printer.T("Delete"), Href: base + "/delete", Danger: true}
	if err := read.CanDelete(c.Ctx); access.KindOf(err) == access.Conflict {
		command.DisabledReason = kit.ErrorText(c.Printer, err)
	}
	return command
}

// memberSection is a page of the people who have the role. refusal says why the reader
// can't change them; nil if that is allowed.
func memberSection(c *kit.Context, read admin.EntryView, role, base string, refusal error) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("%s: who has this role", role), Empty: p.T("None.")}
	if refusal != nil {
		s.Text = kit.ErrorText(p, refusal)
	}
	found, err := read.Members(c.Ctx, role, kit.ParsePageKey(c.QueryParam("after")), kit.PageSize)
	if err != nil {
		return s, err
	}
	ids := make([]access.PersonID, len(found.Rows))
	for i, one := range found.Rows {
		ids[i] = one.ID
	}
	managed, err := read.PeopleWithGrant(c.Ctx, role, ids)
	if err != nil {
		return s, err
	}
	for _, one := range found.Rows {
		row := views.Row{Title: one.Name, Href: c.AdminPath("people", string(one.ID)), Hint: mailaddr.Show(one.Email)}
		row.Command = &views.Command{Label: p.T("Remove"), Href: base + "/remove", Post: true,
			Hidden: []views.Hidden{{Name: "role", Value: role},
				{Name: "people", Value: kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.ID)})}}}
		if refusal != nil {
			row.Command = nil
		} else if managed[one.ID] {
			row.Command.DisabledReason = p.T("Through an access package")
		}
		s.Rows = append(s.Rows, row)
	}
	if found.Next != (store.Key{}) {
		s.More = views.Link{Label: p.T("More"),
			Href: base + "?" + url.Values{"role": {role}, "after": {kit.FormatPageKey(found.Next)}}.Encode()}
	}
	return s, nil
}

func memberForm(c *kit.Context, role, base string, typed url.Values, fault error) views.Section {
	p := c.Printer
	byField, all := kit.FaultsOf(p, fault)
	return views.Section{Title: p.T("Add people as %s", role), Form: &views.InlineForm{Action: base + "/add",
		Hidden: []views.Hidden{{Name: "role", Value: role}}, Faults: all,
		Parts: []views.Part{kit.Picker(c, kit.PickPeople, typed, byField, ui.Field{Name: "people", Label: p.T("People"),
			Required: true})}, Buttons: []views.Button{{Label: p.T("Add"), Primary: true}}}}
}

func addMembers(c *kit.Context) error    { return setMembers(c, true, "membersAdded") }
func removeMembers(c *kit.Context) error { return setMembers(c, false, "membersRemoved") }

func setMembers(c *kit.Context, in bool, done string) error {
	typed := c.Fields()
	if c.Searching() {
		return entryPage(c, http.StatusOK, typed, nil)
	}
	e, err := loadEntry(c)
	if err != nil {
		return err
	}
	var es access.Errors
	who := kit.ReadPeople(typed, "people", &es)
	if err = es.Err(); err == nil {
		err = c.Admin.SetMembers(c.Ctx, c.Person, access.Membership{Entry: e.Entry().ID, Role: typed.Get("role")}, who, in)
	}
	if kit.IsFormFault(err) {
		return entryPage(c, kit.StatusOf(access.KindOf(err)), typed, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, c.AdminPath("directory", string(e.Entry().ID))+"?"+
		url.Values{"role": {typed.Get("role")}, "done": {done}}.Encode())
}

// entryValues are the fields of an entry's form.
func entryValues(e access.Entry, owners []access.PersonID) url.Values {
	values := url.Values{"displayName": {e.Name}, "type": {string(e.Kind)}, "description": {e.Description},
		"webUrl": {e.Link}, "roles": {strings.Join(e.Roles, "\n")}}
	for _, o := range owners {
		values.Add("owners", kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(o)}))
	}
	return values
}

func readEntry(typed url.Values, e access.Entry) (access.Entry, []access.PersonID, error) {
	var es access.Errors
	e.Name, e.Description, e.Link = typed.Get("displayName"),
		typed.Get("description"), typed.Get("webUrl")
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
	owners := kit.ReadPeople(typed, "owners", &es)
	return e, owners, es.Err()
}

func entryGroups(c *kit.Context, isNew bool) func(url.Values, map[string]string) []views.Group {
	p := c.Printer
	return func(typed url.Values, faults map[string]string) []views.Group {
		parts := []views.Part{kit.TextField(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"),
			MaxLength: access.MaxNameLength,
			Required:  true})}
		if isNew {
			parts = append(parts, kit.SelectField(typed, faults, ui.Select{Name: "type", Label: p.T("Resource type"),
				Required: true,
				Options:  kindOptions(c)}))
		}
		return []views.Group{{Parts: append(parts,
			kit.TextField(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
				MaxLength: access.MaxDescriptionLength}),
			kit.TextField(typed, faults, ui.Field{Name: "webUrl", Label: p.T("Link"), MaxLength: 2000,
				Hint: p.T("Opens the resource. Must begin with https://. People with access find it in My Access.")}),
			kit.TextField(typed, faults, ui.Field{Name: "roles", Label: p.T("Roles"), Type: "area", MaxLength: 2500,
				Hint: p.T("One per line, such as Member. Leave empty for the default roles. You can add roles later, but not " +
					"remove them.")}),
			kit.Picker(c, kit.PickPeople, typed, faults, ui.Field{Name: "owners", Label: p.T("Owners"),
				Hint: p.T("Owners can add the resource to catalogs that they own.")}))}}
	}
}

func newEntryForm(c *kit.Context) kit.EditForm {
	p := c.Printer
	return kit.EditForm{Title: p.T("New group, team, site or application"), Path: c.AdminPath("directory", "new"),
		Cancel: c.AdminPath("directory"), Submit: p.T("Create"), Crumbs: entryCrumbs(c), Groups: entryGroups(c, true)}
}

func showNewEntry(c *kit.Context) error { return newEntryForm(c).Show(c) }

func postNewEntry(c *kit.Context) error {
	if c.Searching() {
		return newEntryForm(c).Rerender(c, nil)
	}
	e, owners, err := readEntry(c.Fields(), access.Entry{})
	if err == nil {
		e, err = c.Admin.SaveEntry(c.Ctx, c.Person, e, owners)
	}
	if err != nil {
		return newEntryForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("directory", string(e.ID)), "resourceCreated")
}

func editEntryForm(c *kit.Context) (kit.EditForm, access.Entry, error) {
	p := c.Printer
	read, err := loadEntry(c)
	if err != nil {
		return kit.EditForm{}, access.Entry{}, err
	}
	e := read.Entry()
	owners, err := read.Owners(c.Ctx)
	base := c.AdminPath("directory", string(e.ID))
	return kit.EditForm{Title: p.T("Edit %s", e.Name), Path: base + "/edit", Cancel: base, Submit: p.T("Save"),
		Stored: entryValues(e, owners), Version: e.Version,
		Crumbs: entryCrumbs(c, views.Link{Label: e.Name, Href: base}), Groups: entryGroups(c, false)}, e, err
}

func showEditEntry(c *kit.Context) error {
	form, _, err := editEntryForm(c)
	if err != nil {
		return err
	}
	return form.Show(c)
}

func postEditEntry(c *kit.Context) error {
	form, stored, err := editEntryForm(c)
	if err != nil {
		return err
	}
	if c.Searching() {
		return form.Rerender(c, nil)
	}
	e, owners, err := readEntry(c.Fields(), stored)
	if e.Version = c.FormVersion(); err == nil {
		_, err = c.Admin.SaveEntry(c.Ctx, c.Person, e, owners)
	}
	if err != nil {
		return form.Rerender(c, err)
	}
	return c.Done(c.AdminPath("directory", string(e.ID)), "resourceSaved")
}

func deleteEntryForm(c *kit.Context) (kit.EditForm, error) {
	p := c.Printer
	read, err := loadEntry(c)
	e := read.Entry()
	base := c.AdminPath("directory", string(e.ID))
	return kit.EditForm{Title: p.T("Delete %s?", e.Name), Path: base + "/delete", Cancel: base, Submit: p.T("Delete"),
		Danger: true, Refusal: read.CanDelete(c.Ctx), Crumbs: entryCrumbs(c, views.Link{Label: e.Name, Href: base}),
		Groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("This deletes it from the built-in directory, with its lists of members and " +
				"owners.")}}
		}}, err
}

func showDeleteEntry(c *kit.Context) error {
	form, err := deleteEntryForm(c)
	if err != nil {
		return err
	}
	return form.Show(c)
}

func postDeleteEntry(c *kit.Context) error {
	form, err := deleteEntryForm(c)
	if err != nil {
		return err
	}
	id, err := c.PathID()
	if err != nil {
		return err
	}
	if err := c.Admin.DeleteEntry(c.Ctx, c.Person, access.EntryID(id)); err != nil {
		return form.Rerender(c, err)
	}
	return c.Done(c.AdminPath("directory"), "resourceDeleted")
}
