package web

import (
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
)

// newOrganization is the wizard for a connected organization (F-013).
func (v *visit) newOrganization() wizard {
	p := v.printer
	return wizard{title: p.T("New connected organization"), path: v.adminPath("organizations", "new"),
		crumbs: v.organizationCrumbs(),
		lead: p.T("A partner whose people may be offered access packages, with the directories or domains that they sign " +
			"in with."),
		cancel: v.adminPath("organizations"), submit: p.T("Create"), fresh: url.Values{"state": {string(access.Configured)}},
		steps: []wizardStep{
			{name: "basics", label: p.T("Basics"), owns: fieldsNamed("displayName", "description", "state"),
				groups: func(typed url.Values, faults map[string]string) []views.Group {
					return []views.Group{{Parts: v.basicParts(typed, faults)}}
				}},
			v.sourcesStep(),
			{name: "sponsors", label: p.T("Sponsors"), owns: fieldsNamed("internalSponsors", "externalSponsors"),
				groups: func(typed url.Values, faults map[string]string) []views.Group {
					return []views.Group{{Text: p.T("Sponsors are whom to ask about the relation. Policies can name them as " +
						"approvers. None are needed."), Parts: v.sponsorParts(typed, faults, "")}}
				}},
			{name: "review", label: p.T("Review + create"), owns: fieldsNamed("sure"), groups: v.reviewOrganization},
		}}
}

// basicParts are the fields of a connected organization itself.
func (v *visit) basicParts(typed url.Values, faults map[string]string) []views.Part {
	p := v.printer
	return []views.Part{
		text(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"), MaxLength: access.MaxNameLength, Required: true}),
		text(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
			MaxLength: access.MaxDescriptionLength,
			Required:  true,
			Hint:      p.T("What the relation is about.")}),
		choice(typed, faults, ui.Options{Name: "state", Label: p.T("State"), Required: true, Options: []ui.Option{
			{Value: string(access.Configured), Label: p.T("Configured"),
				Hint: p.T("You vouch for it: policies for all configured connected organizations are for its people too.")},
			{Value: string(access.Proposed), Label: p.T("Proposed"),
				Hint: p.T("Its people see only what policies offer it by name, or offer anybody.")},
		}}),
	}
}

// sponsorParts choose sponsors. With an organization, its guests are offered.
func (v *visit) sponsorParts(typed url.Values, faults map[string]string, o access.OrganizationID) []views.Part {
	p := v.printer
	guests := pickGuests
	if o != "" {
		guests = guestsOf + pickKind(o)
	}
	return []views.Part{
		v.picker(pickSponsors, typed, faults, ui.Field{Name: "internalSponsors", Label: p.T("Internal sponsors"),
			Hint: p.T("Members of your organization, or groups.")}),
		v.picker(guests, typed, faults, ui.Field{Name: "externalSponsors", Label: p.T("External sponsors"),
			Hint: p.T("Guests of the partner organization who are known here already.")}),
	}
}

// reviewOrganization shows everything again before it is created.
func (v *visit) reviewOrganization(typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	facts := []ui.Fact{
		{Name: p.T("Name"), Value: orNothing(v, typed.Get("displayName"))}, {Name: p.T("Description"),
			Value: orNothing(v, typed.Get("description"))},
		{Name: p.T("State"), Value: v.organizationState(access.OrganizationState(typed.Get("state"))).Text},
	}
	facts = append(facts, v.reviewSources(typed)...)
	for _, side := range [][2]string{{"internalSponsors", p.T("Internal sponsors")},
		{"externalSponsors", p.T("External sponsors")}} {
		var es access.Errors
		names := v.subjectNames(subjects(typed, side[0], &es))
		facts = append(facts, ui.Fact{Name: side[1], Value: orNothing(v, p.List(names))})
	}
	return []views.Group{{Facts: facts, Parts: v.sureParts(typed, faults)}}
}

// reviewSources are the sources that were chosen, one a line.
func (v *visit) reviewSources(typed url.Values) []ui.Fact {
	p := v.printer
	var facts []ui.Fact
	for _, s := range typed["source"] {
		kind, rest, _ := strings.Cut(s, "/")
		g := v.sourceGroup(s)
		value := g.Title
		switch kind {
		case "openid":
			value = p.T("%s: OpenID Provider %s. The domain counts once its record in the DNS is found; its page says which.",
				rest, typed.Get("provider.issuer"))
		case "passcode":
			value = p.T("%s: one-time passcodes", rest)
		}
		facts = append(facts, ui.Fact{Name: p.T("Directory + domain"), Value: value})
	}
	if len(facts) == 0 {
		facts = []ui.Fact{{Name: p.T("Directory + domain"), Value: orNothing(v, "")}}
	}
	return facts
}

// sureParts ask whether an organization is meant to count as configured of
// whose domains anybody can get an address.
func (v *visit) sureParts(typed url.Values, faults map[string]string) []views.Part {
	p := v.printer
	consumer := access.Domain("")
	for _, s := range typed["source"] {
		if d, ok := strings.CutPrefix(s, "passcode/"); ok && access.Domain(d).IsConsumer() {
			consumer = access.Domain(d)
		}
	}
	if faults["sure"] == "" && (consumer == "" || typed.Get("state") != string(access.Configured)) {
		return nil
	}
	return []views.Part{choice(typed, faults, ui.Options{Name: "sure", Label: p.T("Anybody can be among its people"),
		Multiple: true, Options: []ui.Option{{Value: "yes",
			Label: p.T("The organization is to count as configured all the same"),
			Hint:  p.T("Whatever is offered to all configured organizations is then offered to anybody.")}}})}
}

// orNothing is text, or a word for none.
func orNothing(v *visit, text string) string {
	if text == "" {
		return v.printer.T("None")
	}
	return text
}

// readOrganization is the connected organization that was typed, but for its
// sources.
func readOrganization(typed url.Values, o access.Organization) (access.Organization, error) {
	var es access.Errors
	o.Name, o.Description, o.State = strings.TrimSpace(typed.Get("displayName")),
		strings.TrimSpace(typed.Get("description")), access.OrganizationState(typed.Get("state"))
	o.InternalSponsors, o.ExternalSponsors = subjects(typed, "internalSponsors", &es), people(typed, "externalSponsors",
		&es)
	return o, es.Err()
}

func showNewOrganization(v *visit) error { return v.newOrganization().show(v) }

func postNewOrganization(v *visit) error {
	w, typed := v.newOrganization(), v.fields()
	if !w.finishing(v) {
		return w.moved(v)
	}
	var es access.Errors
	o, err := readOrganization(typed, access.Organization{})
	es.Add(err)
	c, err := v.connecting(typed, o)
	if es.Add(err); len(es) > 0 { // with what saving would find too
		es.Add(c.Check())
		return w.refused(v, es.Err())
	}
	o, err = v.Admin.SaveOrganization(v.ctx, v.person, c)
	if err != nil {
		return w.refused(v, err)
	}
	return v.connected(o, c)
}

// connected goes on to the page of the provider that was added, which says how
// to prove its domain, or to that of the organization.
func (v *visit) connected(o access.Organization, c admin.Connecting) error {
	for _, d := range c.New {
		if d.Kind == access.DirectoryOpenID {
			return v.done(v.adminPath("organizations", "providers", string(d.ID), "domains"), "created")
		}
	}
	return v.done(v.adminPath("organizations", string(o.ID)), "created")
}

// addSources is the wizard that adds sources to a connected organization.
func (v *visit) addSources(o access.Organization) wizard {
	p := v.printer
	base := v.adminPath("organizations", string(o.ID))
	return wizard{title: p.T("Add a directory or domain to %s", o.Name), path: base + "/sources/add",
		cancel: base + "/sources", submit: p.T("Add"),
		crumbs: v.organizationCrumbs(views.Link{Label: o.Name, Href: base}),
		fresh:  url.Values{"state": {string(o.State)}},
		steps: []wizardStep{v.sourcesStep(), {name: "review", label: p.T("Review + add"), owns: fieldsNamed("sure"),
			groups: func(typed url.Values, faults map[string]string) []views.Group {
				return []views.Group{{Facts: v.reviewSources(typed), Parts: v.sureParts(typed, faults)}}
			}}}}
}

func showAddSources(v *visit, o access.Organization) error { return v.addSources(o).show(v) }

func postAddSources(v *visit, o access.Organization) error {
	w, typed := v.addSources(o), v.fields()
	if !w.finishing(v) {
		return w.moved(v)
	}
	c, err := v.connecting(typed, o)
	if err == nil && len(typed["source"]) == 0 {
		err = access.Invalidf("identitySources", "Look a domain up, and add what is found.")
	}
	if err == nil {
		o, err = v.Admin.SaveOrganization(v.ctx, v.person, c)
	}
	if err != nil {
		return w.refused(v, err)
	}
	return v.connected(o, c)
}
