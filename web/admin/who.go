package admin

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// showWho says whether and why a person can request the target package, and
// shows the form as that person would see it.
func showWho(c *kit.Context) error {
	// A refusal below is an answer about the person, not about the reader.
	if err := c.Rights.MayInCatalog(access.ReadAssignments, c.Target.Catalog.ID); err != nil {
		return err
	}
	p := c.Printer
	asked := url.Values{}
	for name, values := range c.QueryParams() {
		asked[name] = []string{kit.Shorten(values[0], 200)}
	}
	page := packagePage(c, "who")
	page.Title = p.T("%s: who can request it?", c.Target.Package.Name)
	who, several, fault := readSubject(c, asked)
	switch access.KindOf(fault) {
	case access.Forbidden: // a refusal is the answer
		page.Sections = []views.Section{whoForm(c, asked, nil), {Title: p.T("No, %s can't request it", asked.Get("address")),
			Text: kit.ErrorText(p, fault)}}
		return c.Show(http.StatusOK, page.Page())
	case access.Invalid:
	default:
		if fault != nil {
			return fault
		}
	}
	page.Sections = []views.Section{whoForm(c, asked, fault)}
	if len(several) > 0 {
		page.Sections = append(page.Sections, peopleSection(c, several))
	}
	if who.Name != "" {
		more, err := explanationSections(c, who, access.PolicyID(asked.Get("policy")))
		if err != nil {
			return err
		}
		page.Sections = append(page.Sections, more...)
	}
	return c.Show(http.StatusOK, page.Page())
}

// whoForm asks for a person.
func whoForm(c *kit.Context, asked url.Values, fault error) views.Section {
	p := c.Printer
	byField, faults := kit.FaultsOf(p, fault)
	return views.Section{Title: p.T("Check a person"), Form: &views.InlineForm{Action: packagePath(c, "who"), Get: true,
		Faults: faults, Parts: []views.Part{
			kit.Picker(c, kit.PickPeople, asked, byField, ui.Field{Name: "person", Label: p.T("Person"),
				MaxLength: 1}),
			kit.TextField(asked, byField, ui.Field{Name: "address", Label: p.T("Or a mail address"), MaxLength: 200,
				Hint: p.T("Also for people who have never signed in. The part after the @ decides which organization the person " +
					"belongs to.")}),
		}, Buttons: []views.Button{{Label: p.T("Check access"), Primary: true}}}}
}

// readSubject is the person that the form asks about. It is empty if none was
// entered, or if several people have the address; these are returned instead.
func readSubject(c *kit.Context, asked url.Values) (who access.PersonContext, several []access.Person, err error) {
	if address := asked.Get("address"); address != "" {
		several, err = peopleWithAddress(c, address)
		if err != nil {
			return who, nil, err
		}
		if len(several) > 1 {
			return who, several, nil
		}
		who, err = c.Target.PackageView.ContextOf(c.Ctx, several[0])
		return who, nil, err
	}
	var es access.Errors
	chosen := kit.ReadPeople(asked, "person", &es)
	if len(chosen) == 0 {
		return who, nil, es.Err()
	}
	who, err = c.Target.PackageView.PersonContext(c.Ctx, chosen[0])
	if err != nil && access.KindOf(err) == access.NotFound {
		err = access.Invalidf("person", "Choose one of the listed options.")
	}
	return who, nil, err
}

// peopleWithAddress are the people with the address, or the person who would be
// created for it at sign-in.
func peopleWithAddress(c *kit.Context, address string) ([]access.Person, error) {
	known, err := c.Target.PackageView.PeopleByEmail(c.Ctx, address)
	if err != nil || len(known) > 0 {
		return known, err
	}
	parsed, ok := mailaddr.Parse(address)
	if !ok {
		return nil, access.Invalidf("address", "Enter a mail address, such as name@example.org.")
	}
	one, err := c.Lifecycle.SignIns.PreviewPerson(c.Ctx, c.Tenant.ID, parsed.Domain(), address)
	return []access.Person{one}, err
}

// peopleSection links to each of several people with one address.
func peopleSection(c *kit.Context, several []access.Person) views.Section {
	p := c.Printer
	s := views.Section{Title: p.T("More than one person has this address")}
	for _, one := range several {
		o := kit.PersonOption(c, one)
		s.Rows = append(s.Rows, views.Row{Title: o.Label, Text: o.Hint, Href: whoPath(c, one, "")})
	}
	return s
}

// whoPath is the page about a person; with policy it shows the form under that
// policy.
func whoPath(c *kit.Context, one access.Person, policy access.PolicyID) string {
	q := url.Values{"person": {kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.ID)})}}
	if one.ID == "" {
		q = url.Values{"address": {one.Email}}
	}
	if policy != "" {
		q.Set("policy", string(policy))
	}
	return packagePath(c, "who") + "?" + q.Encode()
}

// explanationSections are the answer, the reasons and the form.
func explanationSections(c *kit.Context, who access.PersonContext, policy access.PolicyID) ([]views.Section, error) {
	found, err := c.Target.PackageView.Explain(c.Ctx, who, c.Tenant.Settings)
	if err != nil {
		return nil, err
	}
	all := []views.Section{answerSection(c, who, found.Eligibility)}
	if !found.Eligibility.CanRequest {
		return all, nil
	}
	return append(all, previewSection(c, who, found, policy)), nil
}

func answerSection(c *kit.Context, who access.PersonContext, e access.Eligibility) views.Section {
	p := c.Printer
	s := views.Section{Title: p.T("No, %s can't request it now", who.Name), Facts: whoFacts(c, who)}
	if e.CanRequest {
		s.Title = p.T("Yes, %s can request it now", who.Name)
		if c.Target.Package.Hidden {
			s.Text = p.T("It's hidden: people need the link to open it.")
		}
	}
	if e.Reason != nil {
		s.Text = kit.ErrorText(p, e.Reason)
	} else if !e.CanRequest {
		s.Text = p.T("No enabled policy applies to this person.")
	}
	table := &ui.Table{Label: p.T("Policies"), Columns: []ui.Column{{Label: p.T("Policy")},
		{Label: p.T("Can request")}, {Label: p.T("Why")}}}
	for _, a := range e.Policies {
		state := ui.Badge{Kind: "idle", Text: p.T("No")}
		cell := ui.Cell{Text: a.Policy.Name, Sub: scopeWord(p, a.Policy.Scope), Href: packagePath(c, "policies",
			string(a.Policy.ID))}
		if a.Usable {
			state = ui.Badge{Kind: "good", Text: p.T("Yes")}
		}
		table.Rows = append(table.Rows,
			ui.TableRow{Cells: []ui.Cell{cell, {State: state}, {Text: kit.ErrorText(p, a.Reason)}}})
	}
	s.Table = table
	return s
}

// whoFacts are the facts about a person that policies depend on.
func whoFacts(c *kit.Context, who access.PersonContext) []ui.Fact {
	p := c.Printer
	known := kit.PersonKindWord(p, who.Person)
	if who.ID == "" {
		known = p.T("New person. At the first request: %s", known)
	}
	facts := []ui.Fact{{Name: p.T("Type"), Value: known}}
	if who.Outsider() {
		organization := p.T("None")
		if who.Organization.ID != "" {
			organization = who.Organization.Name
		}
		if who.Organization.State == access.Proposed {
			organization = p.T("%s (only proposed)", organization)
		}
		facts = append(facts, ui.Fact{Name: p.T("Connected organization"), Value: organization})
	}
	if len(who.Groups) > 0 {
		var groups []access.SubjectRef
		for _, g := range who.Groups {
			groups = append(groups, access.SubjectRef{Kind: access.SubjectGroup, ID: string(g)})
		}
		facts = append(facts, ui.Fact{Name: p.T("Groups"), Value: subjectList(c, groups)})
	}
	return facts
}

// previewSection is the request form in the person's language and time zone.
func previewSection(c *kit.Context, who access.PersonContext, found admin.Explanation,
	policy access.PolicyID) views.Section {
	p := c.Printer
	as := *c
	as.Person, as.Printer = who.Person, c.PrinterFor(who.Person)
	usable := found.Eligibility.UsablePolicies()
	s := views.Section{Title: p.T("Request form as %s sees it", who.Name),
		Text:    p.T("Preview only. You can't submit it."),
		Preview: kit.RequestForm(&as, found.Offer, usable, kit.FormState{Typed: url.Values{"policy": {string(policy)}}})}
	if len(usable) > 1 {
		for _, one := range usable {
			s.Commands = append(s.Commands, views.Command{Label: p.T("Preview with %s", one.Name), Href: whoPath(c, who.Person,
				one.ID)})
		}
	}
	return s
}
