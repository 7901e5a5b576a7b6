package admin

import (
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// newOrganizationWizard creates a connected organization (F-013).
func newOrganizationWizard(c *kit.Context) kit.Wizard {
	p := c.Printer
	return kit.Wizard{Title: p.T("New connected organization"), Path: c.AdminPath("organizations", "new"),
		Crumbs: organizationCrumbs(c),
		Lead:   p.T("A partner whose people can request access packages, with the directories or domains they sign in with."),
		Cancel: c.AdminPath("organizations"), Submit: p.T("Create"),
		Initial: url.Values{"state": {string(access.Configured)}, "domain": {c.QueryParam("domain")}},
		Check:   func(typed url.Values) error { return unconfirmed(checkNewOrganization(c, typed)) },
		Steps: []kit.WizardStep{
			{Name: "basics", Label: p.T("Basics"), Owns: kit.FieldsNamed("displayName", "description", "state"),
				Groups: func(typed url.Values, faults map[string]string) []views.Group {
					return []views.Group{{Parts: basicParts(c, typed, faults)}}
				}},
			sourcesStep(c),
			{Name: "sponsors", Label: p.T("Sponsors"), Owns: kit.FieldsNamed("internalSponsors", "externalSponsors"),
				Groups: func(typed url.Values, faults map[string]string) []views.Group {
					return []views.Group{{Text: p.T("Sponsors are the contacts for this partnership. Optional."),
						Parts: sponsorParts(c, typed, faults, "")}}
				}},
			{Name: "review", Label: p.T("Review + create"), Owns: kit.FieldsNamed("sure", unworkableField),
				Groups: c.Groups(reviewOrganization)},
		}}
}

// basicParts are the fields of a connected organization itself.
func basicParts(c *kit.Context, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	return []views.Part{
		kit.TextField(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"), MaxLength: access.MaxNameLength,
			Required: true}),
		kit.TextField(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
			MaxLength: access.MaxDescriptionLength,
			Required:  true,
			Hint:      p.T("What you work on together.")}),
		kit.OptionsField(typed, faults, ui.Options{Name: "state", Label: p.T("State"), Required: true, Options: []ui.Option{
			{Value: string(access.Configured), Label: p.T("Configured"),
				Hint: p.T("Trusted. Policies for all configured connected organizations include its people.")},
			{Value: string(access.Proposed), Label: p.T("Proposed"),
				Hint: p.T("Its people see only access packages with a policy that names this organization or is open to anyone.")},
		}}),
	}
}

// sponsorParts choose sponsors. If o is set, external sponsors are chosen among
// its guests.
func sponsorParts(c *kit.Context, typed url.Values, faults map[string]string, o access.OrganizationID) []views.Part {
	p := c.Printer
	guests := kit.PickGuests
	if o != "" {
		guests = kit.PickGuestsOf + kit.PickKind(o)
	}
	return []views.Part{
		kit.Picker(c, kit.PickSponsors, typed, faults, ui.Field{Name: "internalSponsors", Label: p.T("Internal sponsors"),
			Hint: p.T("Members of your organization, or groups.")}),
		kit.Picker(c, guests, typed, faults, ui.Field{Name: "externalSponsors", Label: p.T("External sponsors"),
			Hint: p.T("Guests of the partner organization who have already been added here.")}),
	}
}

// reviewOrganization is the summary before creation.
func reviewOrganization(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	facts := []ui.Fact{
		{Name: p.T("Name"), Value: orNone(c, typed.Get("displayName"))}, {Name: p.T("Description"),
			Value: orNone(c, typed.Get("description"))},
		{Name: p.T("State"), Value: organizationBadge(c, access.OrganizationState(typed.Get("state"))).Text},
	}
	facts = append(facts, reviewSources(c, typed)...)
	for _, side := range [][2]string{{"internalSponsors", p.T("Internal sponsors")},
		{"externalSponsors", p.T("External sponsors")}} {
		var es access.Errors
		names := kit.SubjectNames(c, kit.ReadSubjects(typed, side[0], &es))
		facts = append(facts, ui.Fact{Name: side[1], Value: orNone(c, p.List(names))})
	}
	return []views.Group{{Facts: facts, Parts: append(confirmTrustParts(c, typed, faults),
		unworkableParts(c, typed, faults)...)}}
}

// reviewSources are the chosen sources, one per line.
func reviewSources(c *kit.Context, typed url.Values) []ui.Fact {
	p := c.Printer
	var facts []ui.Fact
	for _, s := range typed["source"] {
		kind, rest, _ := strings.Cut(s, "/")
		g := sourceGroup(c, s)
		value := g.Title
		switch kind {
		case "openid":
			value = p.T("%s: OpenID Provider %s. The domain needs verification by a DNS record. The provider's page shows the "+
				"record.",
				rest, typed.Get("provider.issuer"))
		case "passcode":
			value = p.T("%s: one-time passcodes", rest)
		}
		facts = append(facts, ui.Fact{Name: p.T("Directory + domain"), Value: value})
	}
	if len(facts) == 0 {
		facts = []ui.Fact{{Name: p.T("Directory + domain"), Value: orNone(c, "")}}
	}
	return facts
}

// confirmTrustParts ask for confirmation if the organization is configured and
// one of its domains is open to anyone.
func confirmTrustParts(c *kit.Context, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	consumer := access.Domain("")
	for _, s := range typed["source"] {
		if d, ok := strings.CutPrefix(s, "passcode/"); ok && access.Domain(d).IsConsumer() {
			consumer = access.Domain(d)
		}
	}
	if faults["sure"] == "" && (consumer == "" || typed.Get("state") != string(access.Configured)) {
		return nil
	}
	return []views.Part{kit.OptionsField(typed, faults,
		ui.Options{Name: "sure", Label: p.T("Anyone can be one of its people"),
			Multiple: true, Options: []ui.Option{{Value: "yes",
				Label: p.T("Set the state to configured anyway"),
				Hint:  p.T("Anything available to all configured organizations is then available to anyone.")}}})}
}

// orNone is text, or the word for none.
func orNone(c *kit.Context, text string) string {
	if text == "" {
		return c.Printer.T("None")
	}
	return text
}

// readOrganization reads a connected organization from its form, without its
// sources.
func readOrganization(typed url.Values, o access.Organization) (access.Organization, error) {
	var es access.Errors
	o.Name, o.Description, o.State = typed.Get("displayName"),
		typed.Get("description"), access.OrganizationState(typed.Get("state"))
	o.InternalSponsors, o.ExternalSponsors = kit.ReadSubjects(typed, "internalSponsors", &es),
		kit.ReadPeople(typed, "externalSponsors",
			&es)
	return o, es.Err()
}

// readNewOrganization reads a new connected organization with its sources.
func readNewOrganization(c *kit.Context, typed url.Values) (admin.Connecting, error) {
	var es access.Errors
	o, err := readOrganization(typed, access.Organization{})
	es.Add(err)
	connecting, err := readConnecting(c, typed, o)
	es.Add(err)
	return connecting, es.Err()
}

// checkNewOrganization returns the faults of the form, without saving.
func checkNewOrganization(c *kit.Context, typed url.Values) error {
	connecting, err := readNewOrganization(c, typed)
	return withSavingFaults(c, err, saveOrganization(c, connecting))
}

// saveOrganization saves the connected organization, for previews.
func saveOrganization(c *kit.Context, connecting admin.Connecting) func(*admin.Editor) error {
	return func(ed *admin.Editor) error {
		_, err := ed.SaveOrganization(c.Ctx, connecting)
		return err
	}
}

// unconfirmed returns err without the fault that a consumer mail domain is not
// confirmed: the last step asks for that.
func unconfirmed(err error) error {
	var es access.Errors
	es.Add(err)
	return slices.DeleteFunc(es, func(e *access.Error) bool { return e.Field == "sure" }).Err()
}

// withSavingFaults adds to the faults of reading a form those that saving would
// find at other fields.
func withSavingFaults(c *kit.Context, read error, save func(*admin.Editor) error) error {
	var es, more access.Errors
	es.Add(read)
	_, err := c.Admin.Preview(c.Ctx, admin.ByPerson(c.Person), save)
	if err != nil && !kit.IsFormFault(err) {
		if read != nil {
			return read
		}
		return err
	}
	more.Add(err)
	return es.AddForNewFields(more).Err()
}

func showNewOrganization(c *kit.Context) error { return newOrganizationWizard(c).Show(c) }

func postNewOrganization(c *kit.Context) error {
	w, typed := newOrganizationWizard(c), c.Fields()
	if !w.Finishing(c) {
		return w.ShowStep(c)
	}
	connecting, err := readNewOrganization(c, typed)
	if err != nil {
		return w.Rerender(c, withSavingFaults(c, err, saveOrganization(c, connecting)))
	}
	if err := confirmUnworkables(c, typed, connecting); err != nil {
		return w.Rerender(c, err)
	}
	o, err := w.Admin(c).SaveOrganization(c.Ctx, c.Person, connecting)
	if err != nil {
		return w.Rerender(c, err)
	}
	return redirectToConnected(c, w, o, connecting, "organizationCreated")
}

// redirectToConnected redirects to the page of a new provider, which says how
// to verify its domain, or to the organization. done is the key of the confirmation.
func redirectToConnected(
	c *kit.Context, w kit.Wizard, o access.Organization, connecting admin.Connecting, done string,
) error {
	for _, d := range connecting.New {
		if d.Kind == access.DirectoryOpenID {
			return w.Done(c, c.AdminPath("organizations", "providers", string(d.ID), "domains"), done)
		}
	}
	return w.Done(c, c.AdminPath("organizations", string(o.ID)), done)
}

// addSourcesWizard adds sources to a connected organization.
func addSourcesWizard(c *kit.Context, o access.Organization) kit.Wizard {
	p := c.Printer
	base := c.AdminPath("organizations", string(o.ID))
	return kit.Wizard{Title: p.T("Add a directory or domain to %s", o.Name), Path: base + "/sources/add",
		Cancel: base + "/sources", Submit: p.T("Add"),
		Crumbs:  organizationCrumbs(c, views.Link{Label: o.Name, Href: base}),
		Initial: url.Values{"state": {string(o.State)}, "domain": {c.QueryParam("domain")}},
		Check: func(typed url.Values) error {
			connecting, err := readAddedSources(c, typed, o)
			return unconfirmed(withSavingFaults(c, err, saveOrganization(c, connecting)))
		},
		Steps: []kit.WizardStep{sourcesStep(c), {Name: "review", Label: p.T("Review + add"), Owns: kit.FieldsNamed("sure",
			unworkableField),
			Groups: func(typed url.Values, faults map[string]string) []views.Group {
				return []views.Group{{Facts: reviewSources(c, typed), Parts: append(confirmTrustParts(c, typed, faults),
					unworkableParts(c, typed, faults)...)}}
			}}}}
}

// readAddedSources reads the connected organization with the sources to add.
func readAddedSources(c *kit.Context, typed url.Values, o access.Organization) (admin.Connecting, error) {
	connecting, err := readConnecting(c, typed, o)
	if err == nil && len(typed["source"]) == 0 {
		err = access.Invalidf("identitySources", "Look up a domain and add the result.")
	}
	return connecting, err
}

func showAddSources(c *kit.Context, o access.Organization) error {
	return addSourcesWizard(c, o).Show(c)
}

func postAddSources(c *kit.Context, o access.Organization) error {
	w, typed := addSourcesWizard(c, o), c.Fields()
	if !w.Finishing(c) {
		return w.ShowStep(c)
	}
	connecting, err := readAddedSources(c, typed, o)
	if err == nil {
		err = confirmUnworkables(c, typed, connecting)
	}
	if err == nil {
		o, err = w.Admin(c).SaveOrganization(c.Ctx, c.Person, connecting)
	}
	if err != nil {
		return w.Rerender(c, err)
	}
	return redirectToConnected(c, w, o, connecting, "sourcesAdded")
}
