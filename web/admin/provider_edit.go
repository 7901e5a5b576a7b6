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

// providerEditForm is the frame of the forms that change a provider.
func providerEditForm(c *kit.Context, d access.Directory, title, path string) kit.EditForm {
	p := c.Printer
	return kit.EditForm{Title: title, Path: providerPath(c, d, path), Cancel: providerPath(c, d, ""), Submit: p.T("Save"),
		Version: d.Version,
		Crumbs: organizationCrumbs(c, views.Link{Label: p.T("Providers"), Href: c.AdminPath("organizations", "providers")},
			views.Link{Label: d.Name, Href: providerPath(c, d, "")})}
}

func editProviderForm(c *kit.Context, d access.Directory, sealed string) kit.EditForm {
	e := providerEditForm(c, d, c.Printer.T("Edit %s", d.Name), "/edit")
	e.Stored = providerValues(d)
	if sealed != "" {
		e.Hidden = []views.Hidden{{Name: "sealed", Value: sealed}}
	}
	e.Groups = func(typed url.Values, faults map[string]string) []views.Group {
		if d.Kind == access.DirectoryPasscode {
			return []views.Group{{Facts: directoryFacts(c, d), Parts: providerParts(c, typed, faults, false)[:1]}}
		}
		return []views.Group{{Copies: []views.CopyField{callbackURL(c, d.ID)}, Parts: append(unworkableParts(c, typed,
			faults), providerParts(c, typed, faults, d.ClientSecret != "")...)}}
	}
	return e
}

func showEditProvider(c *kit.Context, d access.Directory) error {
	return editProviderForm(c, d, "").Show(c)
}

func postEditProvider(c *kit.Context, d access.Directory) error {
	typed := c.Fields()
	wanted := readProvider(c, typed, d)
	wanted.Version = c.FormVersion()
	var err error
	if d.Kind == access.DirectoryOpenID && !sameConnection(wanted, d) {
		err = confirmUnworkable(c, typed, wanted, func(ed *admin.Editor) error { return ed.SaveDirectory(c.Ctx, wanted) })
	}
	if err == nil {
		err = c.Admin.SaveDirectory(c.Ctx, c.Person, wanted)
	}
	if err != nil {
		return editProviderForm(c, d, typed.Get("sealed")).Rerender(c, err)
	}
	return c.Done(providerPath(c, d, ""), "providerSaved")
}

// disableProviderForm asks for confirmation before a provider is disabled.
func disableProviderForm(c *kit.Context, read admin.DirectoryView) (kit.EditForm, error) {
	p, d := c.Printer, read.Directory()
	n, err := read.CountSessions(c.Ctx)
	e := providerEditForm(c, d, p.T("Turn off %s?", d.Name), "/disable")
	e.Submit, e.Danger = p.T("Turn off"), true
	e.Groups = func(url.Values, map[string]string) []views.Group {
		return []views.Group{{Text: p.T("No one can sign in there until it is turned on again. People keep their access."),
			Facts: []ui.Fact{{Name: p.T("Sessions that end immediately"), Value: p.Number(n)}}}}
	}
	return e, err
}

func showDisableProvider(c *kit.Context, read admin.DirectoryView) error {
	e, err := disableProviderForm(c, read)
	if err != nil {
		return err
	}
	return e.Show(c)
}

func postDisableProvider(c *kit.Context, d access.Directory) error {
	if err := c.Admin.EnableDirectory(c.Ctx, c.Person, d.ID, false); err != nil {
		return err
	}
	return c.Done(providerPath(c, d, ""), "switchedOff")
}

func deleteProviderForm(c *kit.Context, read admin.DirectoryView) (kit.EditForm, error) {
	p, d := c.Printer, read.Directory()
	used, err := read.IsUsed(c.Ctx)
	if err != nil {
		return kit.EditForm{}, err
	}
	returning, err := returnText(c, read)
	e := providerEditForm(c, d, p.T("Delete %s?", d.Name), "/delete")
	e.Submit, e.Danger, e.Refusal = p.T("Delete"), true, d.CanDelete(used)
	e.Groups = func(url.Values, map[string]string) []views.Group {
		return []views.Group{{Facts: directoryFacts(c, d),
			Text: p.T("Its domains can be used again, and it is removed from its connected organization. No one has ever "+
				"signed in with it.") + " " + returning}}
	}
	return e, err
}

func showDeleteProvider(c *kit.Context, read admin.DirectoryView) error {
	form, err := deleteProviderForm(c, read)
	if err != nil {
		return err
	}
	return form.Show(c)
}

func postDeleteProvider(c *kit.Context, read admin.DirectoryView) error {
	form, err := deleteProviderForm(c, read)
	if err != nil {
		return err
	}
	if err := c.Admin.DeleteDirectory(c.Ctx, c.Person, read.Directory().ID); err != nil {
		return form.Rerender(c, err)
	}
	return c.Done(c.AdminPath("organizations", "providers"), "providerDeleted")
}

func showDomains(c *kit.Context, read admin.DirectoryView) error {
	return domainsPage(c, http.StatusOK, read, url.Values{}, nil)
}

// domainsPage lists the domains of a provider and says how to verify the
// others. err is why the last action failed.
func domainsPage(c *kit.Context, status int, read admin.DirectoryView, typed url.Values, err error) error {
	p, d := c.Printer, read.Directory()
	returning, readErr := returnText(c, read)
	if readErr != nil {
		return readErr
	}
	page := providerFrame(c, d, "/domains")
	page.Title = p.T("%s: domains", d.Name)
	byField, all := kit.FaultsOf(p, err)
	if err != nil && !typed.Has("added") {
		for _, f := range all {
			page.Notices = append(page.Notices, views.Notice{Kind: "bad", Text: f.Text})
		}
		byField, all = nil, nil
	}
	for _, claim := range d.DomainClaims {
		section, err := claimSection(c, read, claim)
		if err != nil {
			return err
		}
		page.Sections = append(page.Sections, section)
	}
	proved := views.Section{Title: p.T("Verified domains"), Empty: p.T("None yet.")}
	if returning != "" {
		proved.Text = p.T("If you remove a domain that replaced one-time passcodes, its people use passcodes again.") + " " +
			returning
	}
	for _, name := range d.Domains {
		row := views.Row{Title: string(name)}
		if d.Kind == access.DirectoryOpenID {
			row.Command = &views.Command{Label: p.T("Remove"), Href: providerPath(c, d, "/domains/remove"), Post: true,
				Hidden: []views.Hidden{{Name: "domain", Value: string(name)}}}
		}
		proved.Rows = append(proved.Rows, row)
	}
	page.Sections = append(page.Sections, proved)
	if d.Kind == access.DirectoryOpenID {
		page.Sections = append(page.Sections, views.Section{Title: p.T("Add domain"),
			Form: &views.InlineForm{Action: providerPath(c, d, "/domains/add"), Faults: all, Parts: []views.Part{
				kit.TextField(typed, byField, ui.Field{Name: "domain", Label: p.T("Domain"), MaxLength: 253, Required: true,
					Autocomplete: "off",
					Hint:         p.T("A domain of its people's mail addresses. Add each subdomain separately.")}),
			}, Buttons: []views.Button{{Label: p.T("Add")}}}})
	}
	return c.Show(status, page.Page())
}

// claimSection says how to verify a domain.
func claimSection(c *kit.Context, read admin.DirectoryView, claim access.DomainClaim) (views.Section, error) {
	p, d := c.Printer, read.Directory()
	text := p.T("Ask the person who manages the DNS of %s to add a TXT record with this name and value. Then check it. "+
		"A new record can take up to an hour to appear. The operator of this installation can verify the domain instead.",
		string(claim.Domain))
	passcodes, ok, err := read.Passcodes(c.Ctx, claim.Domain)
	if ok {
		text += " " + p.T("Until then, people of %s sign in with one-time passcodes. After that, they sign in here and keep "+
			"their access.", string(passcodes.Domains[0]))
	}
	hidden := []views.Hidden{{Name: "domain", Value: string(claim.Domain)}}
	return views.Section{Title: p.T("%s needs verification", string(claim.Domain)),
		Text: text,
		Copies: []views.CopyField{
			copyText(c, "name-"+string(claim.Domain), p.T("Record name"), access.DomainTXTName(claim.Domain)),
			copyText(c, "value-"+string(claim.Domain), p.T("Record value"), claim.Token),
		},
		Commands: []views.Command{
			{Label: p.T("Check now"), Href: providerPath(c, d, "/domains/check"), Post: true, Hidden: hidden, Primary: true},
			{Label: p.T("Remove"), Href: providerPath(c, d, "/domains/remove"), Post: true, Hidden: hidden},
		}}, err
}

// domainAnswer answers after an action on a domain.
func domainAnswer(c *kit.Context, read admin.DirectoryView, typed url.Values, err error, done string) error {
	switch kind := access.KindOf(err); {
	case err == nil:
		return c.Done(providerPath(c, read.Directory(), "/domains"), done)
	case kit.IsFormFault(err), kind == access.Unavailable:
		return domainsPage(c, kit.StatusOf(kind), read, typed, err)
	}
	return err
}

func addDomain(c *kit.Context, read admin.DirectoryView) error {
	typed := c.Fields()
	typed.Set("added", "yes")
	name, ok := mailaddr.CanonicalDomain(typed.Get("domain"))
	if !ok {
		return domainAnswer(c, read, typed, access.Invalidf("domain", "“%s” is not a domain name such as partner.example.",
			kit.Shorten(typed.Get("domain"), 100)), "")
	}
	return domainAnswer(c, read, typed, c.Admin.ClaimDomain(c.Ctx, c.Person, read.Directory().ID, name), "domainAdded")
}

func checkDomain(c *kit.Context, read admin.DirectoryView) error {
	return domainAnswer(c, read, url.Values{}, c.Admin.VerifyDomain(c.Ctx, c.Person, read.Directory().ID,
		access.Domain(c.FormText("domain"))), "domainVerified")
}

func removeDomain(c *kit.Context, read admin.DirectoryView) error {
	return domainAnswer(c, read, url.Values{}, c.Admin.RemoveDomain(c.Ctx, c.Person, read.Directory().ID,
		access.Domain(c.FormText("domain"))), "domainRemoved")
}
