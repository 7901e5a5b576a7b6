package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/views"
	"myaccess/views/ui"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func (v *visit) peopleCrumbs(more ...views.Link) []views.Link {
	return v.adminCrumbs(append([]views.Link{{Label: v.printer.T("People"), Href: v.adminPath("people")}}, more...)...)
}

// newPerson is the form to make somebody known before the first sign-in.
func (v *visit) newPerson() editor {
	p := v.printer
	return editor{title: p.T("Add somebody"), path: v.adminPath("people", "new"), cancel: v.adminPath("people"),
		submit: p.T("Add"), crumbs: v.peopleCrumbs(),
		lead: p.T("Somebody who is known can be named in policies and assigned to before signing in for the first time."),
		groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Parts: []views.Part{
				text(typed, faults, ui.Field{Name: "address", Label: p.T("Mail address"), Type: "email", MaxLength: 254, Required: true,
					Hint: p.T("Its domain says which organization the person belongs to.")}),
				text(typed, faults, ui.Field{Name: "name", Label: p.T("Name"), MaxLength: access.MaxNameLength, Required: true}),
			}}}
		}}
}

func showNewPerson(v *visit) error { return v.newPerson().show(v) }

func postNewPerson(v *visit) error {
	typed := v.fields()
	made, err := v.Admin.AddPerson(v.ctx, v.person, strings.TrimSpace(typed.Get("address")),
		strings.TrimSpace(typed.Get("name")))
	if err != nil {
		return v.newPerson().refused(v, err)
	}
	return v.done(v.adminPath("people", string(made.ID)), "created")
}

// personValues are the fields of a person's form.
func personValues(one access.Person) url.Values {
	values := url.Values{"name": {one.Name}, "language": {one.Language}, "timeZone": {one.TimeZone},
		"disabled": {yes(one.Disabled)}}
	if one.Manager != "" {
		values.Set("manager", ref(access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.Manager)}))
	}
	for _, s := range one.Sponsors {
		values.Add("sponsors", ref(access.SubjectRef{Kind: access.SubjectPerson, ID: string(s)}))
	}
	var lines []string
	for _, name := range sortedKeys(one.Attributes) {
		lines = append(lines, name+": "+one.Attributes[name])
	}
	values.Set("attributes", strings.Join(lines, "\n"))
	return values
}

// readPerson is the person as typed into the form.
func readPerson(typed url.Values, one access.Person) (access.Person, error) {
	var es access.Errors
	one.Name, one.Language, one.TimeZone = strings.TrimSpace(typed.Get("name")), strings.TrimSpace(typed.Get("language")),
		strings.TrimSpace(typed.Get("timeZone"))
	one.Disabled = typed.Get("disabled") == "yes"
	one.Manager = ""
	if all := people(typed, "manager", &es); len(all) > 0 {
		one.Manager = all[len(all)-1]
	}
	one.Sponsors = people(typed, "sponsors", &es)
	one.Attributes = map[string]string{}
	for line := range strings.SplitSeq(typed.Get("attributes"), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			es.Add(access.Invalidf("attributes", "Write each attribute as name: value, one a line."))
			break
		}
		one.Attributes[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if len(es) > 0 { // with what saving would find too
		es.Add(one.CheckDetails())
		if one.TimeZone != "" {
			es.Add(lifecycle.CheckZone(one.TimeZone))
		}
	}
	return one, es.Err()
}

func (v *visit) editPerson(one access.Person) editor {
	p := v.printer
	base := v.adminPath("people", string(one.ID))
	return editor{title: p.T("Edit %s", one.Name), path: base + "/edit", cancel: base, submit: p.T("Save"),
		stored: personValues(one), version: one.Version,
		crumbs: v.peopleCrumbs(views.Link{Label: one.Name, Href: base}),
		groups: func(typed url.Values, faults map[string]string) []views.Group {
			return v.personGroups(one, typed, faults)
		}}
}

func (v *visit) personGroups(one access.Person, typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	var parts []views.Part
	if one.Account == "" {
		parts = append(parts, text(typed, faults, ui.Field{Name: "name", Label: p.T("Name"), MaxLength: access.MaxNameLength,
			Required: true}))
	}
	parts = append(parts,
		text(typed, faults, ui.Field{Name: "language", Label: p.T("Language"), MaxLength: 35,
			Hint: p.T("Such as en or de-CH. Empty for the organization's.")}),
		text(typed, faults, ui.Field{Name: "timeZone", Label: p.T("Time zone"), MaxLength: 60,
			Hint: p.T("Such as Europe/Berlin. Empty for the organization's.")}),
		v.picker(pickPeople, typed, faults, ui.Field{Name: "manager", Label: p.T("Manager"), MaxLength: 1}))
	if one.Outsider() {
		parts = append(parts, v.picker(pickMembers, typed, faults, ui.Field{Name: "sponsors", Label: p.T("Sponsors"),
			Hint: p.T("Who answers for this guest; at most %d.", access.MaxGuestSponsors)}))
	}
	parts = append(parts,
		text(typed, faults, ui.Field{Name: "attributes", Label: p.T("Attributes"), Type: "area", MaxLength: 8000,
			Hint: p.T("One a line, as name: value. Such as department: Sales.")}),
		v.yesNo(typed, faults, "disabled", p.T("Disabled"),
			p.T("Somebody who is disabled can neither sign in here nor ask or decide; all sessions end at once. What is held "+
				"stays until it ends or is removed.")))
	return []views.Group{{Parts: parts}}
}

func showEditPerson(v *visit) error {
	one, err := v.somebody()
	if err != nil {
		return err
	}
	return v.editPerson(one).show(v)
}

func postEditPerson(v *visit) error {
	stored, err := v.somebody()
	if err != nil {
		return err
	}
	if v.finding() {
		return v.editPerson(stored).refused(v, nil)
	}
	one, err := readPerson(v.fields(), stored)
	if one.Version = v.version(); err == nil {
		err = v.Admin.SavePerson(v.ctx, v.person, one)
	}
	if err != nil {
		return v.editPerson(stored).refused(v, err)
	}
	return v.done(v.adminPath("people", string(one.ID)), "saved")
}

// importForm is where a file of people is tried and imported.
func (v *visit) importForm(lines []admin.Imported, tried bool) editor {
	p := v.printer
	e := editor{title: p.T("Import people"), path: v.adminPath("people", "import"), cancel: v.adminPath("people"),
		submit: p.T("Try it, without changing anything"), crumbs: v.peopleCrumbs(),
		lead: p.T("A file as spreadsheets save it (CSV). The first line names the columns: mail and displayName are " +
			"needed; manager (a mail address), preferredLanguage, timeZone and groups (names, with ; between) may be there; " +
			"every other column is an attribute.")}
	e.groups = func(typed url.Values, faults map[string]string) []views.Group {
		groups := []views.Group{{Parts: []views.Part{text(typed, faults, ui.Field{Name: "file", Label: p.T("The file's text"),
			Type: "area", MaxLength: 900_000, Required: true,
			Hint: p.T("Paste it here, the line with the names of the columns first.")})}}}
		if tried {
			groups = append(groups, v.importGroup(lines))
		}
		return groups
	}
	return e
}

// shownLines is how many lines of an import are shown; faults come first.
const shownLines = 100

func (v *visit) importGroup(lines []admin.Imported) views.Group {
	p := v.printer
	counts := map[string]int{}
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b admin.Imported) int {
		switch {
		case (a.Err != nil) == (b.Err != nil):
			return 0
		case a.Err != nil:
			return -1
		}
		return 1
	})
	t := ui.Table{Label: p.T("What would happen"), Columns: []ui.Column{{Label: p.T("Line")}, {Label: p.T("Person")},
		{Label: p.T("What happens")}}}
	for _, l := range sorted {
		word := l.Verb
		var badge ui.Badge
		switch {
		case l.Err != nil:
			word, badge = "fault", ui.Badge{Kind: "bad", Text: p.T("Fault")}
		case l.Verb == "create":
			badge = ui.Badge{Kind: "good", Text: p.T("Becomes known")}
		case l.Verb == "update":
			badge = ui.Badge{Kind: "wait", Text: p.T("Changes")}
		default:
			badge = ui.Badge{Kind: "idle", Text: p.T("Stays as it is")}
		}
		if counts[word]++; len(t.Rows) >= shownLines {
			continue
		}
		c := ui.Cell{State: badge, Sub: strings.Join(l.Changed, ", ")}
		if l.Err != nil {
			c.Sub = sentence(p, l.Err)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: p.Number(int64(l.Line))}, {Text: l.Name, Sub: l.Address},
			c}})
	}
	g := views.Group{Title: t.Label, Table: &t,
		Text: p.T("%d become known, %d change, %d stay as they are, %d lines are at fault.", counts["create"],
			counts["update"], counts["same"], counts["fault"])}
	if counts["fault"] == 0 {
		g.Buttons = []views.Button{{Label: p.T("Import them now"), Name: "apply", Value: "yes", Primary: true}}
	}
	return g
}

func showImport(v *visit) error { return v.importForm(nil, false).show(v) }

func postImport(v *visit) error {
	apply := v.form("apply") == "yes"
	lines, err := v.Admin.Import(v.ctx, v.person, v.form("file"), !apply)
	if err != nil {
		return v.importForm(nil, false).refused(v, err)
	}
	bad := slices.ContainsFunc(lines, func(l admin.Imported) bool { return l.Err != nil })
	if apply && !bad {
		return v.done(v.adminPath("people"), "imported")
	}
	status := http.StatusOK
	if bad {
		status = http.StatusUnprocessableEntity
	}
	return v.importForm(lines, true).answer(v, status, v.fields(), nil)
}
