package web

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
)

// editsProvider is the frame of the forms that change a provider.
func (v *visit) editsProvider(d access.Directory, title, path string) editor {
	p := v.printer
	return editor{title: title, path: v.providerPath(d, path), cancel: v.providerPath(d, ""), submit: p.T("Save"),
		version: d.Version,
		crumbs: v.organizationCrumbs(views.Link{Label: p.T("Providers"), Href: v.adminPath("organizations", "providers")},
			views.Link{Label: d.Name, Href: v.providerPath(d, "")})}
}

func (v *visit) editProvider(d access.Directory, sealed string) editor {
	e := v.editsProvider(d, v.printer.T("Edit %s", d.Name), "/edit")
	e.stored = providerValues(d)
	if sealed != "" {
		e.hidden = []views.Hidden{{Name: "sealed", Value: sealed}}
	}
	e.groups = func(typed url.Values, faults map[string]string) []views.Group {
		if d.Kind == access.DirectoryPasscode {
			return []views.Group{{Facts: v.directoryFacts(d), Parts: v.providerParts(typed, faults, false)[:1]}}
		}
		return []views.Group{{Copies: []views.CopyField{v.callback(d.ID)}, Parts: v.providerParts(typed, faults,
			d.ClientSecret != "")}}
	}
	return e
}

func showEditProvider(v *visit, d access.Directory) error { return v.editProvider(d, "").show(v) }

func postEditProvider(v *visit, d access.Directory) error {
	typed := v.fields()
	wanted := v.readProvider(typed, d)
	wanted.Version = v.version()
	if err := v.Admin.SaveDirectory(v.ctx, v.person, wanted); err != nil {
		return v.editProvider(d, typed.Get("sealed")).refused(v, err)
	}
	return v.done(v.providerPath(d, ""), "saved")
}

// disableProvider asks whether a provider is to be switched off.
func (v *visit) disableProvider(d access.Directory) (editor, error) {
	p := v.printer
	n, err := v.Store.CountSessionsAt(v.ctx, d.ID)
	e := v.editsProvider(d, p.T("Switch %s off?", d.Name), "/disable")
	e.submit, e.danger = p.T("Switch off"), true
	e.groups = func(url.Values, map[string]string) []views.Group {
		return []views.Group{{Text: p.T("Nobody can sign in there any more, until it is switched on again. What people " +
			"hold stays."),
			Facts: []ui.Fact{{Name: p.T("Sessions that end at once"), Value: p.Number(n)}}}}
	}
	return e, err
}

func showDisableProvider(v *visit, d access.Directory) error {
	e, err := v.disableProvider(d)
	if err != nil {
		return err
	}
	return e.show(v)
}

func postDisableProvider(v *visit, d access.Directory) error {
	if err := v.Admin.EnableDirectory(v.ctx, v.person, d.ID, false); err != nil {
		return err
	}
	return v.done(v.providerPath(d, ""), "switchedOff")
}

func (v *visit) deleteProvider(d access.Directory) editor {
	p := v.printer
	e := v.editsProvider(d, p.T("Delete %s?", d.Name), "/delete")
	e.submit, e.danger = p.T("Delete"), true
	e.groups = func(url.Values, map[string]string) []views.Group {
		return []views.Group{{Facts: v.directoryFacts(d),
			Text: p.T("Its domains are free again, and the connected organization that it belongs to loses it. Nobody has " +
				"ever signed in with it.")}}
	}
	return e
}

func showDeleteProvider(v *visit, d access.Directory) error { return v.deleteProvider(d).show(v) }

func postDeleteProvider(v *visit, d access.Directory) error {
	if err := v.Admin.DeleteDirectory(v.ctx, v.person, d.ID); err != nil {
		return v.deleteProvider(d).refused(v, err)
	}
	return v.done(v.adminPath("organizations", "providers"), "deleted")
}

func showDomains(v *visit, d access.Directory) error {
	return v.domainsPage(http.StatusOK, d, url.Values{}, nil)
}

// domainsPage are the domains of a provider: those that are proved, and how to
// prove the others. err is what came of adding or checking one.
func (v *visit) domainsPage(status int, d access.Directory, typed url.Values, err error) error {
	p := v.printer
	page := v.providerThing(d, "/domains")
	page.Title = p.T("%s: domains", d.Name)
	byField, all := faultsOf(p, err)
	if err != nil && !typed.Has("added") {
		for _, f := range all {
			page.Notices = append(page.Notices, views.Notice{Kind: "bad", Text: f.Text})
		}
		byField, all = nil, nil
	}
	for _, c := range d.DomainClaims {
		page.Sections = append(page.Sections, v.claimSection(d, c))
	}
	proved := views.Section{Title: p.T("Proved domains"), Empty: p.T("None yet.")}
	for _, name := range d.Domains {
		row := views.Row{Title: string(name)}
		if d.Kind == access.DirectoryOpenID {
			row.Command = &views.Command{Label: p.T("Remove"), Href: v.providerPath(d, "/domains/remove"), Post: true,
				Hidden: []views.Hidden{{Name: "domain", Value: string(name)}}}
		}
		proved.Rows = append(proved.Rows, row)
	}
	page.Sections = append(page.Sections, proved)
	if d.Kind == access.DirectoryOpenID {
		page.Sections = append(page.Sections, views.Section{Title: p.T("Add a domain"),
			Form: &views.InlineForm{Action: v.providerPath(d, "/domains/add"), Faults: all, Parts: []views.Part{
				text(typed, byField, ui.Field{Name: "domain", Label: p.T("Domain"), MaxLength: 253, Required: true, Autocomplete: "off",
					Hint: p.T("A domain of the mail addresses of its people. Sub-domains are domains of their own.")}),
			}, Buttons: []views.Button{{Label: p.T("Add")}}}})
	}
	return v.show(status, page.Page())
}

// claimSection says how a domain is proved.
func (v *visit) claimSection(d access.Directory, c access.DomainClaim) views.Section {
	p := v.printer
	hidden := []views.Hidden{{Name: "domain", Value: string(c.Domain)}}
	return views.Section{Title: p.T("%s waits for its proof", string(c.Domain)),
		Text: p.T("Whoever manages the DNS of %s adds a record of the type TXT with this name and this value. Then check "+
			"it; it can take an hour to be seen. The operator of this installation can vouch for the domain instead.",
			string(c.Domain)),
		Copies: []views.CopyField{
			v.toCopy("name-"+string(c.Domain), p.T("Name of the record"), access.DomainTXTName(c.Domain)),
			v.toCopy("value-"+string(c.Domain), p.T("Value of the record"), c.Token),
		},
		Commands: []views.Command{
			{Label: p.T("Check now"), Href: v.providerPath(d, "/domains/check"), Post: true, Hidden: hidden, Primary: true},
			{Label: p.T("Remove"), Href: v.providerPath(d, "/domains/remove"), Post: true, Hidden: hidden},
		}}
}

// domainAnswer answers after something was done with a domain.
func (v *visit) domainAnswer(d access.Directory, typed url.Values, err error, done string) error {
	switch kind := access.KindOf(err); {
	case err == nil:
		return v.done(v.providerPath(d, "/domains"), done)
	case kind == access.Invalid, kind == access.Conflict, kind == access.Unavailable:
		return v.domainsPage(statuses()[kind], d, typed, err)
	}
	return err
}

func addDomain(v *visit, d access.Directory) error {
	typed := v.fields()
	typed.Set("added", "yes")
	name, ok := signin.CanonicalDomain(typed.Get("domain"))
	if !ok {
		return v.domainAnswer(d, typed, access.Invalidf("domain", "“%s” is not a domain name such as partner.example.",
			limitText(typed.Get("domain"), 100)), "")
	}
	return v.domainAnswer(d, typed, v.Admin.ClaimDomain(v.ctx, v.person, d.ID, name), "added")
}

func checkDomain(v *visit, d access.Directory) error {
	return v.domainAnswer(d, url.Values{}, v.Admin.ProveDomain(v.ctx, v.person, d.ID,
		access.Domain(v.form("domain"))), "proved")
}

func removeDomain(v *visit, d access.Directory) error {
	return v.domainAnswer(d, url.Values{}, v.Admin.DropDomain(v.ctx, v.person, d.ID,
		access.Domain(v.form("domain"))), "removed")
}
