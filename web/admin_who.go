package web

import (
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
)

// showWho says for any person whether and why the chosen package can be
// requested, and shows the form as that person would see it.
func showWho(v *visit) error {
	p := v.printer
	asked := url.Values{}
	for name, values := range v.QueryParams() {
		asked[name] = []string{limitText(values[0], 200)}
	}
	page := v.packageThing("who")
	page.Title = p.T("%s: who can request it?", v.chosen.pack.Name)
	who, several, fault := v.askedAbout(asked)
	switch access.KindOf(fault) {
	case access.Forbidden: // that is an answer as well
		page.Sections = []views.Section{v.whoForm(asked, nil), {Title: p.T("No: %s cannot request it", asked.Get("address")),
			Text: sentence(p, fault)}}
		return v.show(http.StatusOK, page.Page())
	case access.Invalid:
	default:
		if fault != nil {
			return fault
		}
	}
	page.Sections = []views.Section{v.whoForm(asked, fault)}
	if len(several) > 0 {
		page.Sections = append(page.Sections, v.whoOf(several))
	}
	if who.Name != "" {
		more, err := v.explained(who, access.PolicyID(asked.Get("policy")))
		if err != nil {
			return err
		}
		page.Sections = append(page.Sections, more...)
	}
	return v.show(http.StatusOK, page.Page())
}

// whoForm asks about whom.
func (v *visit) whoForm(asked url.Values, fault error) views.Section {
	p := v.printer
	byField, faults := faultsOf(p, fault)
	return views.Section{Title: p.T("About whom?"), Form: &views.InlineForm{Action: v.packagePathOf("who"), Get: true,
		Faults: faults, Parts: []views.Part{
			v.picker(pickPeople, asked, byField, ui.Field{Name: "person", Label: p.T("Somebody who is known here"), MaxLength: 1}),
			text(asked, byField, ui.Field{Name: "address", Label: p.T("Or any mail address"), MaxLength: 200,
				Hint: p.T("Also of somebody who has never been here. The part after the @ says to which organization the person " +
					"belongs.")}),
		}, Buttons: []views.Button{{Label: p.T("Explain"), Primary: true}}}}
}

// askedAbout is whom the form is about; nobody if nobody was asked about, or if
// several people have the address that was typed.
func (v *visit) askedAbout(asked url.Values) (who access.PersonContext, several []access.Person, err error) {
	if address := strings.TrimSpace(asked.Get("address")); address != "" {
		several, err = v.withAddress(address)
		if err != nil {
			return who, nil, err
		}
		if len(several) > 1 {
			return who, several, nil
		}
		who, err = v.Store.ContextOf(v.ctx, several[0])
		return who, nil, err
	}
	var es access.Errors
	chosen := people(asked, "person", &es)
	if len(chosen) == 0 {
		return who, nil, es.Err()
	}
	who, err = v.Store.PersonContext(v.ctx, v.tenant.ID, chosen[0])
	if err != nil && access.KindOf(err) == access.NotFound {
		err = access.Invalidf("person", "Choose from what is offered.")
	}
	return who, nil, err
}

// withAddress are the people with the address; the one who would come with it if
// nobody has it yet.
func (v *visit) withAddress(address string) ([]access.Person, error) {
	known, err := v.Store.PeopleByEmail(v.ctx, v.tenant.ID, address)
	if err != nil || len(known) > 0 {
		return known, err
	}
	domain, err := signin.DomainFromInput(address)
	if err != nil || !strings.Contains(address, "@") {
		return nil, access.Invalidf("address", "Enter a mail address, such as name@example.org.")
	}
	one, err := v.Lifecycle.SignIns.PreviewPerson(v.ctx, v.tenant.ID, domain, address)
	return []access.Person{one}, err
}

// whoOf leads to each of several people with one address.
func (v *visit) whoOf(several []access.Person) views.Section {
	p := v.printer
	s := views.Section{Title: p.T("Several people have this address")}
	for _, one := range several {
		o := v.personOption(one)
		s.Rows = append(s.Rows, views.Row{Title: o.Label, Text: o.Hint, Href: v.whoPath(one, "")})
	}
	return s
}

// whoPath is the page about a person, with the form under one of several
// policies if one is named.
func (v *visit) whoPath(one access.Person, policy access.PolicyID) string {
	q := url.Values{"person": {ref(access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.ID)})}}
	if one.ID == "" {
		q = url.Values{"address": {one.Email}}
	}
	if policy != "" {
		q.Set("policy", string(policy))
	}
	return v.packagePathOf("who") + "?" + q.Encode()
}

// explained is what holds for the person: the answer, the reasons, and the form.
func (v *visit) explained(who access.PersonContext, policy access.PolicyID) ([]views.Section, error) {
	offer, err := v.Store.Offer(v.ctx, v.tenant.ID, v.chosen.pack.ID)
	if err != nil {
		return nil, err
	}
	var holding access.ExistingAccess
	if who.ID != "" {
		if holding, err = v.Store.Holding(v.ctx, who.Person, offer.Package.ID); err != nil {
			return nil, err
		}
	}
	e := offer.Eligibility(who, holding, v.tenant.Settings)
	all := []views.Section{v.answerSection(who, e)}
	if !e.CanRequest {
		return all, nil
	}
	return append(all, v.previewSection(who, offer, policy)), nil
}

func (v *visit) answerSection(who access.PersonContext, e access.Eligibility) views.Section {
	p := v.printer
	s := views.Section{Title: p.T("No: %s cannot request it now", who.Name), Facts: v.whoFacts(who)}
	if e.CanRequest {
		s.Title = p.T("Yes: %s can request it now", who.Name)
		if v.chosen.pack.Hidden {
			s.Text = p.T("It is hidden: it can be opened by its link only.")
		}
	}
	if e.Reason != nil {
		s.Text = sentence(p, e.Reason)
	} else if !e.CanRequest {
		s.Text = p.T("No enabled policy is for this person.")
	}
	table := &ui.Table{Label: p.T("Policies"), Columns: []ui.Column{{Label: p.T("Policy")},
		{Label: p.T("Can request under it")}, {Label: p.T("Why")}}}
	for _, a := range e.Policies {
		state := ui.Badge{Kind: "idle", Text: p.T("No")}
		cell := ui.Cell{Text: a.Policy.Name, Sub: scopeWord(p, a.Policy.Scope), Href: v.packagePathOf("policies",
			string(a.Policy.ID))}
		if a.Usable {
			state = ui.Badge{Kind: "good", Text: p.T("Yes")}
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{cell, {State: state}, {Text: sentence(p, a.Reason)}}})
	}
	s.Table = table
	return s
}

// whoFacts are what policies ask about a person.
func (v *visit) whoFacts(who access.PersonContext) []ui.Fact {
	p := v.printer
	known := personKindWord(p, who.Person)
	if who.ID == "" {
		known = p.T("Not known yet. At the first request: %s", known)
	}
	facts := []ui.Fact{{Name: p.T("Known as"), Value: known}}
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
		facts = append(facts, ui.Fact{Name: p.T("Groups"), Value: v.named(groups)})
	}
	return facts
}

// previewSection is the request form as the person would see it, in the person's
// language and time zone.
func (v *visit) previewSection(who access.PersonContext, o access.Offer, policy access.PolicyID) views.Section {
	p := v.printer
	as := *v
	as.person, as.printer = who.Person, v.print(who.Person)
	usable := o.UsablePolicies(who)
	s := views.Section{Title: p.T("The request form as %s would see it", who.Name),
		Text:    p.T("Nothing can be sent from here."),
		Preview: as.requestForm(o, usable, formState{typed: url.Values{"policy": {string(policy)}}})}
	if len(usable) > 1 {
		for _, one := range usable {
			s.Commands = append(s.Commands, views.Command{Label: p.T("As under %s", one.Name), Href: v.whoPath(who.Person,
				one.ID)})
		}
	}
	return s
}
