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

// pickKind is what a picker chooses from. What it chooses is written as the kind
// of subject and the id, such as singleUser/0197…
type pickKind string

// What pickers choose from.
const (
	pickPeople        pickKind = "people"        // everybody
	pickMembers       pickKind = "members"       // of the tenant's own directory
	pickGuests        pickKind = "guests"        // guests and external people
	pickGroups        pickKind = "groups"        // groups and teams
	pickSubjects      pickKind = "subjects"      // people and groups
	pickSponsors      pickKind = "sponsors"      // members and groups
	pickOrganizations pickKind = "organizations" // connected ones
	// guestsOf is followed by the id of a connected organization, whose guests
	// are meant.
	guestsOf pickKind = "guests/"
)

// picks is how many things a search of a picker shows.
const picks = 12

// picker is the part of a form that chooses things of the kind. It keeps what
// was chosen, and shows what the search in it has found.
func (v *visit) picker(kind pickKind, typed url.Values, faults map[string]string, f ui.Field) views.Part {
	p := v.printer
	out := ui.Picker{Name: f.Name, Label: f.Label, Hint: f.Hint, Required: f.Required, Error: faults[f.Name],
		Single: f.MaxLength == 1,
		Query:  typed.Get("q." + f.Name), FindLabel: p.T("Find"), SearchLabel: searchWord(v, kind),
		SearchURL: v.adminPath("pick") + "?" + url.Values{"kind": {string(kind)}, "name": {f.Name},
			"one": {yes(f.MaxLength == 1)}}.Encode()}
	for _, ref := range typed[f.Name] {
		if o, ok := v.option(ref); ok {
			o.Selected = true
			out.Selected = append(out.Selected, o)
		}
	}
	if out.Query != "" || v.form("find") == f.Name {
		v.search(&out, kind, typed[f.Name])
	}
	return views.Part{Picker: &out}
}

func searchWord(v *visit, kind pickKind) string {
	p := v.printer
	switch kind {
	case pickGroups:
		return p.T("Name of a group or team")
	case pickOrganizations:
		return p.T("Name or domain of an organization")
	case pickSubjects, pickSponsors:
		return p.T("Name or mail address of a person, name of a group")
	case pickPeople, pickMembers, pickGuests, guestsOf:
	}
	return p.T("Name or mail address")
}

// search fills in what the query of the picker finds.
func (v *visit) search(out *ui.Picker, kind pickKind, chosen []string) {
	found, err := v.pick(kind, out.Query)
	if err != nil {
		v.report(err)
		out.NoResults = v.printer.T("The search does not work at the moment.")
		return
	}
	out.Results = slices.DeleteFunc(found, func(o ui.Option) bool { return slices.Contains(chosen, o.Value) })
	if len(found) == 0 {
		out.NoResults = v.printer.T("Nothing found for “%s”.", out.Query)
	}
}

// pick are the first things of the kind that the text finds.
func (v *visit) pick(kind pickKind, text string) ([]ui.Option, error) {
	text = limitText(text, 100)
	var all []ui.Option
	if kind == pickGroups || kind == pickSubjects || kind == pickSponsors {
		groups, err := v.Store.EntryList(v.ctx, v.tenant.ID,
			store.ListQuery[store.EntryFilter]{Text: text, Filter: store.EntryFilter{Groups: true}, Limit: picks / 2})
		if err != nil {
			return nil, err
		}
		for _, e := range groups.Rows {
			all = append(all, v.groupOption(e))
		}
	}
	if kind == pickOrganizations {
		found, err := v.Store.OrganizationList(v.ctx, v.tenant.ID,
			store.ListQuery[store.OrganizationFilter]{Text: text, Limit: picks})
		for _, o := range found.Rows {
			all = append(all, v.organizationOption(o.Organization))
		}
		return all, err
	}
	if kind == pickGroups {
		return all, nil
	}
	filter := store.PersonFilter{}
	if kind == pickMembers || kind == pickSponsors {
		filter.Kind = access.Member
	}
	if o, ok := strings.CutPrefix(string(kind), string(guestsOf)); ok {
		filter.Kind, filter.Organization = access.Guest, access.OrganizationID(o)
	}
	people, err := v.Store.PersonList(v.ctx, v.tenant.ID,
		store.ListQuery[store.PersonFilter]{Text: text, Filter: filter, Limit: picks})
	for _, one := range people.Rows {
		if kind != pickGuests || one.Outsider() {
			all = append(all, v.personOption(one))
		}
	}
	return all, err
}

func (v *visit) personOption(one access.Person) ui.Option {
	hint := []string{one.Email, personKindWord(v.printer, one)}
	if one.Email == "" {
		hint = hint[1:]
	}
	return ui.Option{Value: string(access.SubjectPerson) + "/" + string(one.ID), Label: one.Name,
		Hint: strings.Join(hint, " · ")}
}

func (v *visit) groupOption(e access.Entry) ui.Option {
	return ui.Option{Value: string(access.SubjectGroup) + "/" + string(e.ID), Label: e.Name,
		Hint: kindWord(v.printer, e.Kind)}
}

func (v *visit) organizationOption(o access.Organization) ui.Option {
	return ui.Option{Value: string(access.SubjectOrganization) + "/" + string(o.ID), Label: o.Name,
		Hint: v.organizationHint(o)}
}

func (v *visit) organizationHint(o access.Organization) string {
	if o.State == access.Proposed {
		return v.printer.T("Connected organization, proposed")
	}
	return v.printer.T("Connected organization")
}

// subject reads what a picker has sent; ok is false for anything else.
func subject(ref string) (s access.SubjectRef, ok bool) {
	kind, id, ok := strings.Cut(ref, "/")
	s = access.SubjectRef{Kind: access.SubjectKind(kind), ID: id}
	known := s.Kind == access.SubjectPerson || s.Kind == access.SubjectGroup || s.Kind == access.SubjectOrganization
	return s, ok && known && id != ""
}

// ref is how a picker writes a subject.
func ref(s access.SubjectRef) string { return string(s.Kind) + "/" + s.ID }

// refs is how a picker writes subjects.
func refs(all []access.SubjectRef) []string {
	var out []string
	for _, s := range all {
		out = append(out, ref(s))
	}
	return out
}

// subjects reads everything that a picker has sent; what is none is a fault of
// the field.
func subjects(typed url.Values, field string, es *access.Errors) []access.SubjectRef {
	var all []access.SubjectRef
	for _, r := range typed[field] {
		s, ok := subject(r)
		if !ok {
			es.Add(access.Invalidf(field, "Choose from what is offered."))
			return nil
		}
		all = append(all, s)
	}
	return all
}

// people reads the people that a picker has sent.
func people(typed url.Values, field string, es *access.Errors) []access.PersonID {
	var all []access.PersonID
	for _, s := range subjects(typed, field, es) {
		if s.Kind != access.SubjectPerson {
			es.Add(access.Invalidf(field, "Choose people here."))
			return nil
		}
		all = append(all, access.PersonID(s.ID))
	}
	return all
}

// option is a subject as a picker shows it; ok is false if there is none.
func (v *visit) option(r string) (o ui.Option, ok bool) {
	s, ok := subject(r)
	if !ok {
		return o, false
	}
	switch s.Kind {
	case access.SubjectPerson:
		one, err := v.Store.Person(v.ctx, v.tenant.ID, access.PersonID(s.ID))
		return v.personOption(one), err == nil
	case access.SubjectGroup:
		e, err := v.Store.Entry(v.ctx, v.tenant.ID, access.EntryID(s.ID))
		return v.groupOption(e), err == nil
	case access.SubjectOrganization:
	}
	one, err := v.Store.Organization(v.ctx, v.tenant.ID, access.OrganizationID(s.ID))
	return v.organizationOption(one), err == nil
}

// subjectNames are the names of subjects, for reading.
func (v *visit) subjectNames(all []access.SubjectRef) []string {
	var names []string
	for _, s := range all {
		if o, ok := v.option(ref(s)); ok {
			names = append(names, o.Label)
		} else {
			names = append(names, v.printer.T("somebody who is gone"))
		}
	}
	return names
}

// showPicked is what a picker's search finds, for scripts.
func showPicked(v *visit) error {
	out := ui.Picker{Name: limitText(v.QueryParam("name"), 60), Single: v.QueryParam("one") == "yes",
		Query: limitText(v.QueryParam("q"), 100)}
	v.search(&out, pickKind(v.QueryParam("kind")), nil)
	return v.show(http.StatusOK, views.PickerResults(out))
}
