package admin

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func peopleCrumbs(c *kit.Context, more ...views.Link) []views.Link {
	return append([]views.Link{{Label: c.Printer.T("People"), Href: c.AdminPath("people")}}, more...)
}

// newPersonForm adds a person before the first sign-in.
func newPersonForm(c *kit.Context) kit.EditForm {
	p := c.Printer
	return kit.EditForm{Title: p.T("Add person"), Path: c.AdminPath("people", "new"), Cancel: c.AdminPath("people"),
		Submit: p.T("Add"), Crumbs: peopleCrumbs(c),
		Lead: p.T("Once added, a person can be named in policies and assigned access before their first sign-in."),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Parts: []views.Part{
				kit.TextField(typed, faults, ui.Field{Name: "address", Label: p.T("Mail address"), Type: "email", MaxLength: 254,
					Required: true,
					Hint:     p.T("The domain determines which organization the person belongs to.")}),
				kit.TextField(typed, faults, ui.Field{Name: "name", Label: p.T("Name"), MaxLength: access.MaxNameLength,
					Required: true}),
				subjectField(c, typed, faults, false),
			}}}
		}}
}

// subjectField is the field for the provider's permanent ID of a person.
func subjectField(c *kit.Context, typed url.Values, faults map[string]string, required bool) views.Part {
	p := c.Printer
	return kit.TextField(typed, faults, ui.Field{Name: "subject", Label: p.T("Subject"), MaxLength: 255,
		Required: required, Autocomplete: "off",
		Hint: p.T("The permanent ID at the identity provider, which no one else can get. Required for administrative " +
			"roles. Microsoft Entra ID: the object ID on the user's page. Keycloak: the ID on the user's page. Others: the " +
			"claim “sub”.")})
}

// subjectForm enters the subject of a person who has not signed in.
func subjectForm(c *kit.Context, one access.Person) kit.EditForm {
	p := c.Printer
	base := c.AdminPath("people", string(one.ID))
	var refusal error
	if one.Account != "" {
		refusal = access.Refuse(access.Conflict, "“%s” already has an account.", one.Name)
	}
	return kit.EditForm{Refusal: refusal, Title: p.T("Enter the subject of %s", one.Name), Path: base + "/subject",
		Cancel: base,
		Submit: p.T("Save"), Version: one.Version, Crumbs: peopleCrumbs(c, views.Link{Label: one.Name, Href: base}),
		Lead: p.T("From then on, only the account with this subject can sign in as this person, regardless of its mail " +
			"address."),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Parts: []views.Part{subjectField(c, typed, faults, true)}}}
		}}
}

func showSubject(c *kit.Context) error {
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	return subjectForm(c, read.Person()).Show(c)
}

func postSubject(c *kit.Context) error {
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	one := read.Person()
	if err := c.Admin.SetSubject(c.Ctx, c.Person, one.ID, c.FormVersion(), c.FormText("subject")); err != nil {
		return subjectForm(c, one).Rerender(c, err)
	}
	return c.Done(c.AdminPath("people", string(one.ID)), "personSaved")
}

func showNewPerson(c *kit.Context) error { return newPersonForm(c).Show(c) }

func postNewPerson(c *kit.Context) error {
	typed := c.Fields()
	made, err := c.Admin.AddPersonWithSubject(c.Ctx, c.Person, typed.Get("address"),
		typed.Get("name"), typed.Get("subject"))
	if err != nil {
		return newPersonForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("people", string(made.ID)), "personAdded")
}

// personValues are the fields of a person's form.
func personValues(one access.Person) url.Values {
	values := url.Values{"name": {one.Name}, "language": {one.Language}, "timeZone": {one.TimeZone},
		"disabled": {kit.YesNo(one.Disabled)}}
	if one.Manager != "" {
		values.Set("manager", kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.Manager)}))
	}
	for _, s := range one.Sponsors {
		values.Add("sponsors", kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(s)}))
	}
	var lines []string
	for _, name := range sortedKeys(one.Attributes) {
		lines = append(lines, name+": "+one.Attributes[name])
	}
	values.Set("attributes", strings.Join(lines, "\n"))
	return values
}

// readPerson reads a person from the form.
func readPerson(typed url.Values, one access.Person) (access.Person, error) {
	var es access.Errors
	one.Name, one.Language, one.TimeZone = typed.Get("name"), typed.Get("language"),
		typed.Get("timeZone")
	one.Disabled = typed.Get("disabled") == "yes"
	one.Manager = ""
	if all := kit.ReadPeople(typed, "manager", &es); len(all) > 0 {
		one.Manager = all[len(all)-1]
	}
	one.Sponsors = kit.ReadPeople(typed, "sponsors", &es)
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
	if len(es) > 0 { // and the faults that saving would find
		es.Add(one.CheckDetails())
		if one.TimeZone != "" {
			es.Add(lifecycle.CheckZone(one.TimeZone))
		}
	}
	return one, es.Err()
}

func editPersonForm(c *kit.Context, one access.Person) kit.EditForm {
	p := c.Printer
	base := c.AdminPath("people", string(one.ID))
	return kit.EditForm{Title: p.T("Edit %s", one.Name), Path: base + "/edit", Cancel: base, Submit: p.T("Save"),
		Stored: personValues(one), Version: one.Version,
		Crumbs: peopleCrumbs(c, views.Link{Label: one.Name, Href: base}),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return personGroups(c, one, typed, faults)
		}}
}

func personGroups(c *kit.Context, one access.Person, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	var parts []views.Part
	if one.Account == "" {
		parts = append(parts, kit.TextField(typed, faults, ui.Field{Name: "name", Label: p.T("Name"),
			MaxLength: access.MaxNameLength,
			Required:  true}))
	}
	parts = append(parts,
		kit.TextField(typed, faults, ui.Field{Name: "language", Label: p.T("Language"), MaxLength: 35,
			Hint: p.T("For example, en or de-CH. Leave empty to use the organization's.")}),
		kit.TextField(typed, faults, ui.Field{Name: "timeZone", Label: p.T("Time zone"), MaxLength: 60,
			Hint: p.T("For example, Europe/Berlin. Leave empty to use the organization's.")}),
		kit.Picker(c, kit.PickPeople, typed, faults, ui.Field{Name: "manager", Label: p.T("Manager"), MaxLength: 1}))
	if one.Outsider() {
		parts = append(parts, kit.Picker(c, kit.PickMembers, typed, faults, ui.Field{Name: "sponsors", Label: p.T("Sponsors"),
			Hint: p.T("People responsible for this guest. At most %d.", access.MaxGuestSponsors)}))
	}
	parts = append(parts,
		kit.TextField(typed, faults, ui.Field{Name: "attributes", Label: p.T("Attributes"), Type: "area", MaxLength: 8000,
			Hint: p.T("One per line, as name: value. For example, department: Sales.")}),
		c.SwitchField(typed, faults, "disabled", p.T("Disabled"),
			p.T("A disabled person can't sign in here, request or decide. Their sessions here end at once.")+" "+
				disabledHint(c)))
	return []views.Group{{Parts: parts}}
}

func showEditPerson(c *kit.Context) error {
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	return editPersonForm(c, read.Person()).Show(c)
}

func postEditPerson(c *kit.Context) error {
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	stored := read.Person()
	if c.Searching() {
		return editPersonForm(c, stored).Rerender(c, nil)
	}
	one, err := readPerson(c.Fields(), stored)
	if one.Version = c.FormVersion(); err == nil {
		err = c.Admin.SavePerson(c.Ctx, c.Person, one)
	}
	if err != nil {
		return editPersonForm(c, stored).Rerender(c, err)
	}
	return c.Done(c.AdminPath("people", string(one.ID)), "personSaved")
}

// disabledText says since when a person is disabled, and when their access is removed.
func disabledText(c *kit.Context, one access.Person) string {
	p, days := c.Printer, c.Tenant.Settings.DisabledDays
	since := p.Date(one.DisabledSince)
	if days == 0 {
		return p.T("Since %s", since)
	}
	return p.T("Since %s. Access is removed on %s.", since, p.Date(access.AddDays(
		c.Tenant.Settings.Local(one.DisabledSince), days)))
}

// disabledHint says what becomes of what a disabled person holds (F-264).
func disabledHint(c *kit.Context) string {
	p, days := c.Printer, c.Tenant.Settings.DisabledDays
	if days == 0 {
		return p.T("They keep their access until it expires or is removed.")
	}
	return p.N(days, "They lose their access after %d day.", "They lose their access after %d days.")
}
