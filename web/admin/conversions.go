package admin

import (
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// conversionSections say how many people of passcode directories have been carried over to
// the provider.
func conversionSections(c *kit.Context, read admin.DirectoryView) ([]views.Section, error) {
	p := c.Printer
	all, err := read.Conversions(c.Ctx)
	var sections []views.Section
	for _, v := range all {
		sections = append(sections, views.Section{
			Title: p.T("One-time passcodes replaced for %s", string(v.Passcodes.FormerDomain)),
			Text: p.T("People of %s now sign in at %s and keep their access and requests. At their first sign-in there, the "+
				"provider must confirm their mail address, or they enter a code sent to it.",
				string(v.Passcodes.FormerDomain), v.Provider),
			Facts: []ui.Fact{{Name: p.T("Carried over"), Value: p.N(int(v.Over), "%d person", "%d people")},
				{Name: p.T("Not yet"), Value: p.N(int(v.Left), "%d person", "%d people")}},
			More: views.Link{Label: p.T("Show people"), Href: providerPath(c, v.Passcodes, "/people")}})
	}
	return sections, err
}

// conversionCommand leads to the form to add the provider of a passcode domain.
func conversionCommand(c *kit.Context, read admin.DirectoryView) (views.Command, error) {
	d := read.Directory()
	path := c.AdminPath("organizations", "new")
	o, ok, err := read.Organization(c.Ctx)
	if ok {
		path = c.AdminPath("organizations", string(o.ID), "sources", "add")
	}
	return views.Command{Label: c.Printer.T("Replace with an OpenID Provider"),
		Href: path + "?" + url.Values{"domain": {string(d.Domains[0])}}.Encode()}, err
}

// convertedNotice says which provider has the domain of a passcode directory now.
func convertedNotice(c *kit.Context, d access.Directory) views.Notice {
	return views.Notice{Kind: "info",
		Text: c.Printer.T("An OpenID Provider has replaced these passcodes. If the domain %s is removed from it, passcodes "+
			"are used again.", string(d.FormerDomain)),
		Link: views.Link{Label: c.Printer.T("Open the provider"), Href: c.AdminPath("organizations", "providers",
			string(d.Successor))}}
}

// showDirectoryPeople lists the people of a directory: for passcodes that a provider has
// replaced, who was carried over and who was not yet.
func showDirectoryPeople(c *kit.Context, read admin.DirectoryView) error {
	d, p := read.Directory(), c.Printer
	t := kit.Table[access.Person, store.PersonFilter]{
		Title: p.T("People of %s", d.Name), Path: providerPath(c, d, "/people"), Sort: "name",
		Crumbs: organizationCrumbs(c, views.Link{Label: p.T("Providers"), Href: c.AdminPath("organizations", "providers")},
			views.Link{Label: d.Name, Href: providerPath(c, d, "")}),
		SearchHint: p.T("Name or mail address"),
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("Carried over")},
			{Label: p.T("Passcode address")}, {Label: p.T("Added"), Order: "age"}},
		Empty: [2]string{p.T("No people"), p.T("People appear here when they have signed in.")},
		Read: func(q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
			return read.People(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.PersonFilter], f func(access.Person) error) error {
			return read.WalkPeople(c.Ctx, q, f)
		},
		Row: func(one access.Person) ui.TableRow {
			return ui.TableRow{Cells: []ui.Cell{{Text: one.Name, Sub: mailaddr.Show(one.Email), Href: c.AdminPath("people",
				string(one.ID))}, {State: carriedBadge(c, one, d)}, {Text: mailaddr.Show(passcodeAddress(one, d))},
				{Text: p.ShortDate(one.Created), NoWrap: true}}}
		},
		CSVHead: []string{"id", "displayName", "mail", "carriedOver", "passcodeAddress"},
		CSVLine: func(one access.Person) []string {
			return []string{string(one.ID), one.Name, one.Email, kit.YesNo(one.CarriedFrom != ""), passcodeAddress(one, d)}
		},
	}
	if d.Successor != "" {
		t.Lead = p.T("People of %s who signed in with one-time passcodes before an OpenID Provider replaced them. Those who "+
			"aren't carried over yet keep their access.", string(d.FormerDomain))
		t.Filters = []kit.Filter[store.PersonFilter]{kit.YesNoFilter(c, "over", p.T("Carried over"),
			func(f *store.PersonFilter, is store.Flag) { f.Carried.Over = is })}
	}
	return t.Serve(c)
}

// passcodeAddress is the address that a person signed in with, or would have; empty for
// somebody who never did.
func passcodeAddress(one access.Person, d access.Directory) string {
	switch {
	case one.CarriedFrom != "":
		return one.CarriedAddress
	case d.Kind == access.DirectoryPasscode:
		return one.Email
	}
	return ""
}

// carriedBadge says whether a person was carried over; it is empty if that does not
// concern the person.
func carriedBadge(c *kit.Context, one access.Person, d access.Directory) ui.Badge {
	switch {
	case one.CarriedFrom != "":
		return ui.Badge{Kind: "good", Text: c.Printer.T("Yes")}
	case d.Successor != "":
		return ui.Badge{Kind: "wait", Text: c.Printer.T("Not yet")}
	}
	return ui.Badge{}
}

// returnText says what happens to the domains of a provider that it has from passcode
// directories, if it loses them; empty if there are none.
func returnText(c *kit.Context, read admin.DirectoryView) (string, error) {
	all, err := read.Conversions(c.Ctx)
	var names []access.Domain
	for _, v := range all {
		names = append(names, v.Passcodes.FormerDomain)
	}
	if len(names) == 0 || read.Directory().Kind != access.DirectoryOpenID {
		return "", err
	}
	return c.Printer.T("Without this provider, people of %s sign in with one-time passcodes again.",
		domainsText(c, names)), err
}
