package web

import (
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// providerRoutes are the pages of the directories that people of connected
// organizations sign in at. Those that the tenant keeps can be changed; those of
// the installation are shown where they belong to a connected organization.
func providerRoutes() []route {
	const list, one = adminHome + "/organizations/providers", adminHome + "/organizations/providers/:id"
	may := access.ManageProviders
	of := func(f func(*visit, access.Directory) error) func(*visit) error {
		return func(v *visit) error {
			d, err := v.chosenDirectory()
			if err != nil {
				return err
			}
			return f(v, d)
		}
	}
	own := func(f func(*visit, access.Directory) error) func(*visit) error {
		return of(func(v *visit, d access.Directory) error {
			if d.Owner != v.tenant.ID {
				return access.Missing()
			}
			return f(v, d)
		})
	}
	all := []route{
		read(list, may, ofTenant, showProviders),
		read(one, may, ofTenant, of(showProvider)),
		act(one+"/test", may, ofTenant, own(testProvider)),
		act(one+"/enable", may, ofTenant, own(enableProvider)),
		read(one+"/domains", may, ofTenant, own(showDomains)),
		act(one+"/domains/add", may, ofTenant, own(addDomain)),
		act(one+"/domains/check", may, ofTenant, own(checkDomain)),
		act(one+"/domains/remove", may, ofTenant, own(removeDomain)),
	}
	all = append(all, form(one+"/edit", may, ofTenant, own(showEditProvider), own(postEditProvider))...)
	all = append(all, form(one+"/disable", may, ofTenant, own(showDisableProvider), own(postDisableProvider))...)
	return append(all, form(one+"/delete", may, ofTenant, own(showDeleteProvider), own(postDeleteProvider))...)
}

// chosenDirectory is the directory that the path names, if it is one that the
// tenant keeps, or one of the installation with which the tenant is connected.
func (v *visit) chosenDirectory() (access.Directory, error) {
	id, err := v.id()
	if err != nil {
		return access.Directory{}, err
	}
	d, err := v.Store.Directory(v.ctx, access.DirectoryID(id))
	if err != nil || d.Owner == v.tenant.ID || d.ID == v.tenant.Directory {
		return d, err
	}
	_, connected, err := v.Store.OrganizationOf(v.ctx, v.tenant.ID, d.ID)
	if err == nil && (d.Owner != "" || !connected) {
		err = access.Missing()
	}
	return d, err
}

func (v *visit) providerPath(d access.Directory, rest string) string {
	return v.adminPath("organizations", "providers", string(d.ID)) + rest
}

func showProviders(v *visit) error {
	p := v.printer
	return table[access.Directory, store.DirectoryFilter]{
		title: p.T("Providers"), path: v.adminPath("organizations", "providers"), crumbs: v.organizationCrumbs(),
		tabs: v.organizationTabs(true),
		lead: p.T("How people of connected organizations sign in, where you keep that yourself. Providers that the " +
			"operator of this installation keeps are shown with the organizations that they belong to."),
		hint: p.T("Name, domain or host"), sort: "name",
		filters: []filter[store.DirectoryFilter]{
			{"kind", p.T("Kind"), []ui.Option{{Label: p.T("All")}, {Value: string(access.DirectoryOpenID),
				Label: p.T("OpenID Provider")},
				{Value: string(access.DirectoryPasscode), Label: p.T("One-time passcode")}},
				func(f *store.DirectoryFilter, value string) { f.Kind = access.DirectoryKind(value) }},
			yesNoFilter(v, "enabled", p.T("Enabled"), func(f *store.DirectoryFilter, is store.Flag) { f.Enabled = is }),
		},
		columns: []column{{p.T("Name"), "name"}, {p.T("Kind"), ""}, {p.T("State"), ""}, {p.T("Verified domains"), ""},
			{p.T("Waiting for their proof"), ""}},
		empty: [2]string{p.T("You keep no provider"),
			p.T("Add a connected organization, and a provider along with it.")},
		emptyLinks: []views.Link{{Label: p.T("New connected organization"), Href: v.adminPath("organizations", "new"),
			Primary: true}},
		read: func(q store.ListQuery[store.DirectoryFilter]) (store.ListPage[access.Directory], error) {
			return v.Store.DirectoryList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.DirectoryFilter], f func(access.Directory) error) error {
			return v.Store.WalkDirectories(v.ctx, v.tenant.ID, q, f)
		},
		row: func(d access.Directory) ui.TableRow {
			waiting := ""
			if len(d.DomainClaims) > 0 {
				waiting = v.domainsText(claimedDomains(d))
			}
			return ui.TableRow{Cells: []ui.Cell{{Text: d.Name, Sub: d.Issuer, Href: v.providerPath(d, "")},
				{Text: v.directoryKind(d)}, {State: v.directoryState(d)},
				{Text: v.domainsText(d.Domains)}, {Text: waiting}}}
		},
		head: []string{"id", "displayName", "kind", "issuer", "isEnabled", "domains", "pendingDomains"},
		line: func(d access.Directory) []string {
			return []string{string(d.ID), d.Name, string(d.Kind), d.Issuer, yes(d.Enabled), joined(d.Domains),
				joined(claimedDomains(d))}
		},
	}.serve(v)
}

func claimedDomains(d access.Directory) []access.Domain {
	var all []access.Domain
	for _, c := range d.DomainClaims {
		all = append(all, c.Domain)
	}
	return all
}

func joined(all []access.Domain) string {
	var names []string
	for _, d := range all {
		names = append(names, string(d))
	}
	return strings.Join(names, " ")
}

func (v *visit) directoryKind(d access.Directory) string {
	if d.Kind == access.DirectoryPasscode {
		return v.printer.T("One-time passcode")
	}
	return v.printer.T("OpenID Provider")
}

func (v *visit) directoryState(d access.Directory) ui.Badge {
	if !d.Enabled {
		return ui.Badge{Kind: "bad", Text: v.printer.T("Switched off")}
	}
	return ui.Badge{Kind: "good", Text: v.printer.T("Enabled")}
}

// providerThing is the frame of the pages of a provider, at one of its tabs.
func (v *visit) providerThing(d access.Directory, tab string) views.DetailPage {
	p := v.printer
	page := views.DetailPage{Chrome: v.chrome(d.Name), State: v.directoryState(d), Intro: v.directoryKind(d),
		Crumbs: v.organizationCrumbs(views.Link{Label: p.T("Providers"), Href: v.adminPath("organizations", "providers")})}
	if d.Owner == v.tenant.ID {
		for _, t := range [][2]string{{"", p.T("Overview")}, {"/domains", p.T("Domains")}} {
			page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: v.providerPath(d, t[0]), Current: t[0] == tab})
		}
	}
	return page
}

func showProvider(v *visit, d access.Directory) error { return v.providerPage(d, nil) }

// providerPage shows a provider, with what came of a test of it.
func (v *visit) providerPage(d access.Directory, tested *views.Section) error {
	p := v.printer
	page := v.providerThing(d, "")
	if d.Owner != v.tenant.ID {
		page.Notices = []views.Notice{{Kind: "info",
			Text: p.T("The operator of this installation keeps this provider. Ask there if something of it must change.")}}
		page.Sections = []views.Section{{Title: p.T("Properties"), Facts: v.directoryFacts(d)}}
		return v.show(http.StatusOK, page.Page())
	}
	page.Changed = v.changed(string(d.ID))
	remove, err := v.deleteCommand(d)
	if err != nil {
		return err
	}
	page.Commands = []views.Command{{Label: p.T("Edit"), Href: v.providerPath(d, "/edit")}, v.switchCommand(d), remove}
	if len(d.DomainClaims) > 0 {
		page.Notices = append(page.Notices, views.Notice{Kind: "warn",
			Text: p.T("Waiting for their proof: %s. Until then nobody is sent to this provider by them.",
				v.domainsText(claimedDomains(d))),
			Link: views.Link{Label: p.T("Prove them"), Href: v.providerPath(d, "/domains")}})
	}
	organization, err := v.organizationFact(d)
	if err != nil {
		return err
	}
	facts := append(v.directoryFacts(d), organization)
	if d.Kind == access.DirectoryPasscode {
		page.Sections = []views.Section{{Title: p.T("Properties"), Facts: facts}}
		return v.show(http.StatusOK, page.Page())
	}
	if tested != nil {
		page.Sections = append(page.Sections, *tested)
	}
	page.Sections = append(page.Sections, views.Section{Title: p.T("Properties"),
		Facts: append(facts, v.providerFacts(d)...), Copies: []views.CopyField{v.callback(d.ID)}},
		v.testSection(d))
	return v.show(http.StatusOK, page.Page())
}

// switchCommand switches a provider off, or on again.
func (v *visit) switchCommand(d access.Directory) views.Command {
	if d.Enabled {
		return views.Command{Label: v.printer.T("Switch off"), Href: v.providerPath(d, "/disable")}
	}
	return views.Command{Label: v.printer.T("Switch on"), Href: v.providerPath(d, "/enable"), Post: true}
}

func (v *visit) deleteCommand(d access.Directory) (views.Command, error) {
	c := views.Command{Label: v.printer.T("Delete"), Href: v.providerPath(d, "/delete"), Danger: true}
	known, err := v.Store.HasPeople(v.ctx, v.tenant.ID, d.ID)
	if err == nil && !known {
		known, err = v.Store.HasAccounts(v.ctx, d.ID)
	}
	if fault := d.CanDelete(known); fault != nil {
		c.DisabledReason = sentence(v.printer, fault)
	}
	return c, err
}

// organizationFact names the connected organization that a provider belongs to.
func (v *visit) organizationFact(d access.Directory) (ui.Fact, error) {
	p := v.printer
	o, ok, err := v.Store.OrganizationOf(v.ctx, v.tenant.ID, d.ID)
	if !ok {
		return ui.Fact{Name: p.T("Connected organization"), Value: p.T("None: look one of its domains up to add it to one.")},
			err
	}
	return ui.Fact{Name: p.T("Connected organization"), Value: o.Name}, nil
}

// providerFacts are how a provider is set up. Its secret is not told.
func (v *visit) providerFacts(d access.Directory) []ui.Fact {
	p := v.printer
	secret := p.T("Stored, and not shown")
	if d.ClientSecret == "" {
		secret = p.T("None")
	}
	claim := p.T("None: everybody whom the provider knows is of this organization")
	if d.TenantClaim != "" {
		claim = d.TenantClaim + " = " + d.TenantValue
	}
	facts := []ui.Fact{
		{Name: p.T("Issuer"), Value: d.Issuer}, {Name: p.T("Client id"), Value: d.ClientID}, {Name: p.T("Client secret"),
			Value: secret},
		{Name: p.T("How the portal proves itself"), Value: optionLabel(authOptions(v), string(d.AuthStyle))},
		{Name: p.T("How the provider is told the domain"), Value: optionLabel(hintOptions(v), string(d.HintStyle))},
		{Name: p.T("Tenant claim"), Value: claim}, {Name: p.T("Scopes besides openid"),
			Value: orNothing(v, strings.Join(d.Scopes, " "))},
	}
	if len(d.ConfirmedHosts) > 0 {
		facts = append(facts, ui.Fact{Name: p.T("Other hosts of the provider"), Value: p.List(d.ConfirmedHosts)})
	}
	return facts
}

// testSection offers the test of the connection and the trial sign-in.
func (v *visit) testSection(d access.Directory) views.Section {
	p := v.printer
	s := views.Section{Title: p.T("Try it"), Commands: []views.Command{{Label: p.T("Test the connection"),
		Href: v.providerPath(d, "/test"), Post: true}}}
	trial := views.Command{Label: p.T("Try to sign in"),
		Href: v.home + "/sign-in?" + url.Values{"domain_hint": {""}, "prompt": {"select_account"}}.Encode()}
	switch {
	case !d.Enabled:
		trial.DisabledReason = p.T("The provider is switched off.")
	case len(d.Domains) == 0:
		trial.DisabledReason = p.T("None of its domains is proved yet.")
	default:
		trial.Href = v.home + "/sign-in?" + url.Values{"domain_hint": {string(d.Domains[0])},
			"prompt": {"select_account"}}.Encode()
		s.Text = p.T("The test asks the provider for its settings and keys. To try a whole sign-in, open the link in a " +
			"private window: here it would end your own session.")
		s.Copies = []views.CopyField{v.toCopy("trial", p.T("Link for a trial sign-in"), v.Base+trial.Href)}
	}
	s.Commands = append(s.Commands, trial)
	return s
}

// testProvider tests the connection and shows what was found.
func testProvider(v *visit, d access.Directory) error {
	if d.Kind != access.DirectoryOpenID {
		return access.Missing()
	}
	t, notice := v.probe(d)
	return v.providerPage(d, &views.Section{Title: v.printer.T("Test of the connection"), Text: notice.Text, Table: &t})
}

func enableProvider(v *visit, d access.Directory) error {
	if err := v.Admin.EnableDirectory(v.ctx, v.person, d.ID, true); err != nil {
		return err
	}
	return v.done(v.providerPath(d, ""), "switchedOn")
}
