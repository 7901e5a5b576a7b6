package kit

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// PickKind is what a picker offers. The value of a choice is the kind of
// subject and its id, such as singleUser/0197…
type PickKind string

// The kinds.
const (
	PickPeople        PickKind = "people"        // all people
	PickMembers       PickKind = "members"       // people of the tenant's own directory
	PickGuests        PickKind = "guests"        // guests and external people
	PickGroups        PickKind = "groups"        // groups and teams
	PickSubjects      PickKind = "subjects"      // people and groups
	PickSponsors      PickKind = "sponsors"      // members and groups
	PickOrganizations PickKind = "organizations" // connected organizations
	// PickGuestsOf is followed by the id of the connected organization whose guests
	// are offered.
	PickGuestsOf PickKind = "guests/"
)

// PickLimit is the maximum number of results of a picker's search.
const PickLimit = 12

// Picker is a form part to choose subjects. It keeps what is chosen and shows
// the results of the search typed in it.
func Picker(c *Context, kind PickKind, typed url.Values, faults map[string]string, f ui.Field) views.Part {
	p := c.Printer
	out := ui.Picker{Name: f.Name, Label: f.Label, Hint: f.Hint, Required: f.Required, Error: faults[f.Name],
		Single: f.MaxLength == 1,
		Query:  typed.Get("q." + f.Name), FindLabel: p.T("Find"), SearchLabel: pickerPlaceholder(c, kind),
		SearchURL: c.AdminPath("pick") + "?" + url.Values{"kind": {string(kind)}, "name": {f.Name},
			"one": {YesNo(f.MaxLength == 1)}}.Encode()}
	out.Selected = selectedSubjects(c, typed[f.Name])
	if out.Query != "" || c.FormText("find") == f.Name {
		FillPicker(c, &out, kind, typed[f.Name])
	}
	return views.Part{Picker: &out}
}

func pickerPlaceholder(c *Context, kind PickKind) string {
	p := c.Printer
	switch kind {
	case PickGroups:
		return p.T("Name of a group or team")
	case PickOrganizations:
		return p.T("Organization or domain")
	case PickSubjects, PickSponsors:
		return p.T("Person or group")
	case PickPeople, PickMembers, PickGuests, PickGuestsOf:
	}
	return p.T("Name or mail address")
}

// FillPicker runs the picker's search. chosen is left out of the results.
func FillPicker(c *Context, out *ui.Picker, kind PickKind, chosen []string) {
	found, err := findOptions(c, kind, out.Query)
	if err != nil {
		c.LogFault(err)
		out.NoResults = c.Printer.T("Search isn't available right now.")
		return
	}
	out.Results = slices.DeleteFunc(found, func(o ui.Option) bool { return slices.Contains(chosen, o.Value) })
	if len(found) == 0 {
		out.NoResults = c.Printer.T("No results for “%s”.", out.Query)
	}
}

// findOptions returns the first matches of the text.
func findOptions(c *Context, kind PickKind, text string) ([]ui.Option, error) {
	text = Shorten(text, 100)
	var all []ui.Option
	if kind == PickGroups || kind == PickSubjects || kind == PickSponsors {
		groups, err := c.View.FindGroups(c.Ctx, text, PickLimit/2)
		if err != nil {
			return nil, err
		}
		all = append(all, groupOptions(c, groups.Rows)...)
	}
	if kind == PickOrganizations {
		found, err := c.View.FindOrganizations(c.Ctx, text, PickLimit)
		for _, o := range found.Rows {
			all = append(all, organizationOption(c, o.Organization))
		}
		return all, err
	}
	if kind == PickGroups {
		return all, nil
	}
	filter := store.PersonFilter{}
	if kind == PickMembers || kind == PickSponsors {
		filter.Kind = access.Member
	}
	if o, ok := strings.CutPrefix(string(kind), string(PickGuestsOf)); ok {
		filter.Kind, filter.Organization = access.Guest, access.OrganizationID(o)
	}
	people, err := c.View.FindPeople(c.Ctx,
		store.ListQuery[store.PersonFilter]{Text: text, Filter: filter, Limit: PickLimit})
	for _, one := range people.Rows {
		if kind != PickGuests || one.Outsider() {
			all = append(all, PersonOption(c, one))
		}
	}
	return all, err
}

// PersonOption is a person as an option of a picker.
func PersonOption(c *Context, one access.Person) ui.Option {
	hint := []string{mailaddr.Show(one.Email), PersonKindWord(c.Printer, one)}
	if one.Email == "" {
		hint = hint[1:]
	}
	return ui.Option{Value: string(access.SubjectPerson) + "/" + string(one.ID), Label: one.Name,
		Hint: strings.Join(hint, " · ")}
}

// groupOptions are the groups as options of a picker, in their order. Each says what
// its members may do because something names the group.
func groupOptions(c *Context, groups []access.Entry) []ui.Option {
	ids := make([]access.EntryID, len(groups))
	for i, e := range groups {
		ids[i] = e.ID
	}
	texts := GroupUseTexts(c, ids)
	options := make([]ui.Option, len(groups))
	for i, e := range groups {
		options[i] = groupOption(c, e)
		if text := texts[e.ID]; text != "" {
			options[i].Hint += " · " + text
		}
	}
	return options
}

func groupOption(c *Context, e access.Entry) ui.Option {
	return ui.Option{Value: string(access.SubjectGroup) + "/" + string(e.ID), Label: e.Name,
		Hint: KindWord(c.Printer, e.Kind)}
}

func organizationOption(c *Context, o access.Organization) ui.Option {
	return ui.Option{Value: string(access.SubjectOrganization) + "/" + string(o.ID), Label: o.Name,
		Hint: organizationHint(c, o)}
}

func organizationHint(c *Context, o access.Organization) string {
	if o.State == access.Proposed {
		return c.Printer.T("Connected organization, proposed")
	}
	return c.Printer.T("Connected organization")
}

// parseSubject parses a value of a picker; ok is false if it is invalid.
func parseSubject(ref string) (s access.SubjectRef, ok bool) {
	kind, id, ok := strings.Cut(ref, "/")
	s = access.SubjectRef{Kind: access.SubjectKind(kind), ID: id}
	known := s.Kind == access.SubjectPerson || s.Kind == access.SubjectGroup || s.Kind == access.SubjectOrganization
	return s, ok && known && id != ""
}

// SubjectValue is the value of a subject in a picker.
func SubjectValue(s access.SubjectRef) string { return string(s.Kind) + "/" + s.ID }

// SubjectValues are the values of subjects in a picker.
func SubjectValues(all []access.SubjectRef) []string {
	var out []string
	for _, s := range all {
		out = append(out, SubjectValue(s))
	}
	return out
}

// maxChosen is the maximum number of values of a picker: twice as many as any list of
// ours may have, so that the list's own limit is told.
const maxChosen = 1000

// ReadSubjects parses the values of a picker. An invalid one, or too many, is added to
// es as a fault of the field.
func ReadSubjects(typed url.Values, field string, es *access.Errors) []access.SubjectRef {
	if len(typed[field]) > maxChosen {
		es.Add(access.Invalidf(field, "Choose at most %d.", maxChosen))
		return nil
	}
	var all []access.SubjectRef
	for _, r := range typed[field] {
		s, ok := parseSubject(r)
		if !ok {
			es.Add(access.Invalidf(field, "Choose one of the listed options."))
			return nil
		}
		all = append(all, s)
	}
	return all
}

// ReadPeople is like ReadSubjects for a picker of people.
func ReadPeople(typed url.Values, field string, es *access.Errors) []access.PersonID {
	var all []access.PersonID
	for _, s := range ReadSubjects(typed, field, es) {
		if s.Kind != access.SubjectPerson {
			es.Add(access.Invalidf(field, "Choose people only."))
			return nil
		}
		all = append(all, access.PersonID(s.ID))
	}
	return all
}

// selectedSubjects are the options of the values that a picker has sent,
// without what no longer exists.
func selectedSubjects(c *Context, values []string) []ui.Option {
	var refs []access.SubjectRef
	for _, v := range values {
		if s, ok := parseSubject(v); ok {
			refs = append(refs, s)
		}
	}
	known := SubjectOptions(c, refs)
	var all []ui.Option
	for _, s := range refs {
		if o, ok := known[s]; ok {
			o.Selected = true
			all = append(all, o)
		}
	}
	return all
}

// SubjectOptions are the options of subjects, read with one query per kind.
// Subjects that do not exist are missing. If reading fails, all are missing and
// the error is logged.
func SubjectOptions(c *Context, refs []access.SubjectRef) map[access.SubjectRef]ui.Option {
	all := map[access.SubjectRef]ui.Option{}
	if len(refs) == 0 {
		return all
	}
	found, err := c.View.Subjects(c.Ctx, refs)
	if err != nil {
		c.LogFault(err)
	}
	for id, one := range found.People {
		all[access.SubjectRef{Kind: access.SubjectPerson, ID: string(id)}] = PersonOption(c, one)
	}
	groups := slices.Collect(maps.Values(found.Groups))
	for i, o := range groupOptions(c, groups) {
		all[access.SubjectRef{Kind: access.SubjectGroup, ID: string(groups[i].ID)}] = o
	}
	for id, one := range found.Organizations {
		all[access.SubjectRef{Kind: access.SubjectOrganization, ID: string(id)}] = organizationOption(c, one)
	}
	return all
}

// SubjectNames are the names of subjects, in their order.
func SubjectNames(c *Context, refs []access.SubjectRef) []string {
	known := SubjectOptions(c, refs)
	var names []string
	for _, s := range refs {
		if o, ok := known[s]; ok {
			names = append(names, o.Label)
		} else {
			names = append(names, c.Printer.C("in place of a name", "a deleted person"))
		}
	}
	return names
}
