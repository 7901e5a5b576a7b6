package admin

import (
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// providerRoutes are the pages of the directories of connected organizations.
// Only the tenant's own can be changed; directories of the installation are
// shown if they belong to one of its connected organizations.
func providerRoutes() []kit.Route {
	const list, one = root + "/organizations/providers", root + "/organizations/providers/:id"
	may := access.ManageProviders
	visible := func(f func(*kit.Context, admin.DirectoryView) error) func(*kit.Context) error {
		return func(c *kit.Context) error {
			read, err := loadDirectory(c)
			if err != nil {
				return err
			}
			return f(c, read)
		}
	}
	ownView := func(f func(*kit.Context, admin.DirectoryView) error) func(*kit.Context) error {
		return visible(func(c *kit.Context, read admin.DirectoryView) error {
			if read.Directory().Owner != c.Tenant.ID {
				return access.Missing()
			}
			return f(c, read)
		})
	}
	own := func(f func(*kit.Context, access.Directory) error) func(*kit.Context) error {
		return ownView(func(c *kit.Context, read admin.DirectoryView) error { return f(c, read.Directory()) })
	}
	all := []kit.Route{
		pageRoute(list, may, kit.OfTenant, showProviders),
		pageRoute(one, may, kit.OfTenant, visible(showProvider)),
		pageRoute(one+"/people", may, kit.OfTenant, ownView(showDirectoryPeople)),
		actionRoute(one+"/test", may, kit.OfTenant, ownView(testProvider)),
		actionRoute(one+"/enable", may, kit.OfTenant, own(enableProvider)),
		pageRoute(one+"/domains", may, kit.OfTenant, ownView(showDomains)),
		actionRoute(one+"/domains/add", may, kit.OfTenant, ownView(addDomain)),
		actionRoute(one+"/domains/check", may, kit.OfTenant, ownView(checkDomain)),
		actionRoute(one+"/domains/remove", may, kit.OfTenant, ownView(removeDomain)),
	}
	all = append(all, formRoutes(one+"/address-rules", may, kit.OfTenant, visible(showAddressRules),
		visible(postAddressRules))...)
	all = append(all, formRoutes(one+"/edit", may, kit.OfTenant, own(showEditProvider), own(postEditProvider))...)
	all = append(all, formRoutes(one+"/disable", may, kit.OfTenant, ownView(showDisableProvider),
		own(postDisableProvider))...)
	return append(all, formRoutes(one+"/delete", may, kit.OfTenant, ownView(showDeleteProvider),
		ownView(postDeleteProvider))...)
}

// loadDirectory loads the directory in the path. It must be the tenant's own,
// or one of the installation that the tenant is connected with.
func loadDirectory(c *kit.Context) (admin.DirectoryView, error) {
	id, err := c.PathID()
	if err != nil {
		return admin.DirectoryView{}, err
	}
	return c.View.Directory(c.Ctx, access.DirectoryID(id))
}

func providerPath(c *kit.Context, d access.Directory, rest string) string {
	return c.AdminPath("organizations", "providers", string(d.ID)) + rest
}

func showProviders(c *kit.Context) error {
	p := c.Printer
	return kit.Table[access.Directory, store.DirectoryFilter]{
		Title: p.T("Providers"), Path: c.AdminPath("organizations", "providers"), Crumbs: organizationCrumbs(c),
		Tabs: organizationTabs(c, true),
		Lead: p.T("The OpenID Providers you manage for connected organizations. Providers that the operator of this " +
			"installation manages are shown with their organizations."),
		SearchHint: p.T("Name, domain or host"), Sort: "name",
		Commands: []views.Command{{Label: p.T("Your own provider"),
			Href: c.AdminPath("organizations", "providers", string(c.Tenant.Directory))}},
		Filters: []kit.Filter[store.DirectoryFilter]{
			{Name: "kind", Label: p.T("Kind"), Options: []ui.Option{{Label: p.T("All")}, {Value: string(access.DirectoryOpenID),
				Label: p.T("OpenID Provider")},
				{Value: string(access.DirectoryPasscode), Label: p.T("One-time passcode")}},
				Set: func(f *store.DirectoryFilter, value string) { f.Kind = access.DirectoryKind(value) }},
			kit.YesNoFilter(c, "enabled", p.T("Enabled"), func(f *store.DirectoryFilter, is store.Flag) { f.Enabled = is }),
		},
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("Kind")}, {Label: p.T("State")},
			{Label: p.T("Verified domains")},
			{Label: p.T("Needs verification")}},
		Empty: [2]string{p.T("No providers yet"),
			p.T("Add a connected organization with a provider.")},
		EmptyLinks: []views.Link{{Label: p.T("New connected organization"), Href: c.AdminPath("organizations", "new"),
			Primary: true}},
		Read: func(q store.ListQuery[store.DirectoryFilter]) (store.ListPage[access.Directory], error) {
			return c.View.Directories(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.DirectoryFilter], f func(access.Directory) error) error {
			return c.View.WalkDirectories(c.Ctx, q, f)
		},
		Row: func(d access.Directory) ui.TableRow {
			waiting := ""
			if len(d.DomainClaims) > 0 {
				waiting = domainsText(c, claimedDomains(d))
			}
			return ui.TableRow{Cells: []ui.Cell{{Text: d.Name, Sub: d.Issuer, Href: providerPath(c, d, "")},
				{Text: directoryKind(c, d)}, {State: directoryState(c, d)},
				{Text: domainsText(c, d.Domains)}, {Text: waiting}}}
		},
		CSVHead: []string{"id", "displayName", "kind", "issuer", "isEnabled", "domains", "pendingDomains"},
		CSVLine: func(d access.Directory) []string {
			return []string{string(d.ID), d.Name, string(d.Kind), d.Issuer, kit.YesNo(d.Enabled), joinDomains(d.Domains),
				joinDomains(claimedDomains(d))}
		},
	}.Serve(c)
}

func claimedDomains(d access.Directory) []access.Domain {
	var all []access.Domain
	for _, c := range d.DomainClaims {
		all = append(all, c.Domain)
	}
	return all
}

func joinDomains(all []access.Domain) string {
	var names []string
	for _, d := range all {
		names = append(names, string(d))
	}
	return strings.Join(names, " ")
}

func directoryKind(c *kit.Context, d access.Directory) string {
	if d.Kind == access.DirectoryPasscode {
		return c.Printer.T("One-time passcode")
	}
	return c.Printer.T("OpenID Provider")
}

func directoryState(c *kit.Context, d access.Directory) ui.Badge {
	if d.Successor != "" {
		return ui.Badge{Kind: "wait", Text: c.Printer.T("Replaced")}
	}
	if !d.Enabled {
		return ui.Badge{Kind: "bad", Text: c.Printer.T("Turned off")}
	}
	return ui.Badge{Kind: "quiet", Text: c.Printer.T("Enabled")}
}

// providerFrame is the frame of a provider's pages, with the tab marked.
func providerFrame(c *kit.Context, d access.Directory, tab string) views.DetailPage {
	p := c.Printer
	page := views.DetailPage{Chrome: c.Chrome(d.Name), State: directoryState(c, d), Intro: directoryKind(c, d),
		Crumbs: organizationCrumbs(c, views.Link{Label: p.T("Providers"), Href: c.AdminPath("organizations", "providers")})}
	if d.Owner == c.Tenant.ID {
		for _, t := range [][2]string{{"", p.T("Overview")}, {"/domains", p.T("Domains")}} {
			page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: providerPath(c, d, t[0]), Current: t[0] == tab})
		}
	}
	return page
}

func showProvider(c *kit.Context, read admin.DirectoryView) error { return providerPage(c, read, nil) }

// providerPage shows a provider, with the results of a test.
func providerPage(c *kit.Context, read admin.DirectoryView, tested *views.Section) error {
	p, d := c.Printer, read.Directory()
	page := providerFrame(c, d, "")
	gaps, err := c.View.Dependents().OfDirectory(c.Ctx, d)
	if err = addDependents(c, &page.Notices, p.T("People can't sign in while this provider is turned off, and no one "+
		"else can approve here. Turn it on, or add an approver to:"), gaps, err); err != nil {
		return err
	}
	if d.Owner != c.Tenant.ID {
		page.Notices = append(page.Notices, views.Notice{Kind: "info",
			Text: p.T("The operator of this installation manages this provider. Contact the operator to change it.")})
		facts := directoryFacts(c, d)
		if d.ID == c.Tenant.Directory {
			facts = append(facts, addressFacts(c, d)...)
			page.Commands = []views.Command{addressRulesCommand(c, d)}
			if err := addUnusedAddresses(c, read, &page); err != nil {
				return err
			}
		}
		converted, err := conversionSections(c, read)
		if err != nil {
			return err
		}
		page.Sections = append(converted, views.Section{Title: p.T("Properties"), Facts: facts})
		return showWithFailures(c, read, page)
	}
	changed, err := read.LastChange(c.Ctx)
	page.Changed = changedText(c, changed, err)
	remove, err := deleteCommand(c, read)
	if err != nil {
		return err
	}
	page.Commands = []views.Command{{Label: p.T("Edit"), Href: providerPath(c, d, "/edit")}}
	if d.Successor == "" {
		page.Commands = append(page.Commands, switchCommand(c, d))
	}
	page.Commands = append(page.Commands, remove)
	if d.Kind == access.DirectoryOpenID {
		page.Commands = append(page.Commands, addressRulesCommand(c, d))
	}
	if page.Sections, err = conversionSections(c, read); err != nil {
		return err
	}
	if len(d.DomainClaims) > 0 {
		page.Notices = append(page.Notices, views.Notice{Kind: "warn",
			Text: p.T("Domains that need verification: %s. Until then, no one with these domains is sent to this provider.",
				domainsText(c, claimedDomains(d))),
			Link: views.Link{Label: p.T("Verify domains"), Href: providerPath(c, d, "/domains")}})
	}
	organization, err := organizationFact(c, read)
	if err != nil {
		return err
	}
	if err := addUnusedAddresses(c, read, &page); err != nil {
		return err
	}
	facts := append(directoryFacts(c, d), organization)
	if d.Kind == access.DirectoryPasscode {
		return passcodesPage(c, read, page, facts)
	}
	if tested != nil {
		page.Sections = append(page.Sections, *tested)
	}
	page.Sections = append(page.Sections, views.Section{Title: p.T("Properties"),
		Facts: append(facts, providerFacts(c, d)...), Copies: []views.CopyField{callbackURL(c, d.ID)}},
		testSection(c, d))
	return showWithFailures(c, read, page)
}

// passcodesPage shows a passcode directory.
func passcodesPage(c *kit.Context, read admin.DirectoryView, page views.DetailPage, facts []ui.Fact) error {
	d := read.Directory()
	if d.Successor != "" {
		page.Notices = append(page.Notices, convertedNotice(c, d))
	} else if len(d.Domains) > 0 {
		convert, err := conversionCommand(c, read)
		if err != nil {
			return err
		}
		page.Commands = append(page.Commands, convert)
	}
	page.Sections = append(page.Sections, views.Section{Title: c.Printer.T("Properties"), Facts: facts})
	return showWithFailures(c, read, page)
}

// switchCommand disables or enables a provider.
func switchCommand(c *kit.Context, d access.Directory) views.Command {
	if d.Enabled {
		return views.Command{Label: c.Printer.T("Turn off"), Href: providerPath(c, d, "/disable")}
	}
	return views.Command{Label: c.Printer.T("Turn on"), Href: providerPath(c, d, "/enable"), Post: true}
}

func deleteCommand(c *kit.Context, read admin.DirectoryView) (views.Command, error) {
	d := read.Directory()
	command := views.Command{Label: c.Printer.T("Delete"), Href: providerPath(c, d, "/delete"), Danger: true}
	used, err := read.IsUsed(c.Ctx)
	if fault := d.CanDelete(used); fault != nil {
		command.DisabledReason = kit.ErrorText(c.Printer, fault)
	}
	return command, err
}

// organizationFact names the provider's connected organization.
func organizationFact(c *kit.Context, read admin.DirectoryView) (ui.Fact, error) {
	p := c.Printer
	o, ok, err := read.Organization(c.Ctx)
	if !ok {
		return ui.Fact{Name: p.T("Connected organization"),
				Value: p.T("None. To add it to one, look up one of its domains.")},
			err
	}
	return ui.Fact{Name: p.T("Connected organization"), Value: o.Name}, nil
}

// providerFacts are the settings of a provider, without its secret.
func providerFacts(c *kit.Context, d access.Directory) []ui.Fact {
	p := c.Printer
	secret := p.T("Stored, not shown")
	if d.ClientSecret == "" {
		secret = p.T("None")
	}
	claim := p.T("None. Everyone at the provider belongs to this organization.")
	if d.TenantClaim != "" {
		claim = d.TenantClaim + " = " + d.TenantValue
	}
	facts := []ui.Fact{
		{Name: p.T("Issuer"), Value: d.Issuer}, {Name: p.T("Client ID"), Value: d.ClientID}, {Name: p.T("Client secret"),
			Value: secret},
		{Name: p.T("Client authentication"), Value: optionLabel(authOptions(c), string(d.AuthStyle))},
		{Name: p.T("Domain hint"), Value: optionLabel(hintOptions(c), string(d.HintStyle))},
		{Name: p.T("Tenant claim"), Value: claim}, {Name: p.T("Additional scopes"),
			Value: orNone(c, strings.Join(d.Scopes, " "))},
	}
	if d.HintValue != "" {
		facts = append(facts, ui.Fact{Name: p.T("Domain hint value"), Value: d.HintValue})
	}
	if len(d.HintValues) > 0 {
		facts = append(facts, ui.Fact{Name: p.T("Values for specific domains"),
			Value: p.List(strings.Split(hintLines(d), "\n"))})
	}
	if len(d.ConfirmedHosts) > 0 {
		facts = append(facts, ui.Fact{Name: p.T("Other hosts of the provider"), Value: p.List(d.ConfirmedHosts)})
	}
	return append(facts, addressFacts(c, d)...)
}

// testSection offers the connection test and a trial sign-in.
func testSection(c *kit.Context, d access.Directory) views.Section {
	p := c.Printer
	s := views.Section{Title: p.T("Connection test"), Commands: []views.Command{{Label: p.T("Test connection"),
		Href: providerPath(c, d, "/test"), Post: true}}}
	trial := views.Command{Label: p.T("Try a sign-in"),
		Href: c.PagePath("sign-in") + "?" + url.Values{"domain_hint": {""}, "prompt": {"select_account"}}.Encode()}
	switch {
	case !d.Enabled:
		trial.DisabledReason = p.T("The provider is turned off.")
	case len(d.Domains) == 0:
		trial.DisabledReason = p.T("None of its domains is verified yet.")
	default:
		trial.Href = c.PagePath("sign-in") + "?" + url.Values{"domain_hint": {string(d.Domains[0])},
			"prompt": {"select_account"}}.Encode()
		s.Text = p.T("The test reads the provider's settings and keys. To test a complete sign-in, open the link in a " +
			"private window. In this window it would end your session.")
		s.Copies = []views.CopyField{copyText(c, "trial", p.T("Link for a trial sign-in"), c.Links.Absolute(trial.Href))}
	}
	s.Commands = append(s.Commands, trial)
	return s
}

// testProvider tests the connection and shows the results.
func testProvider(c *kit.Context, read admin.DirectoryView) error {
	d := read.Directory()
	if d.Kind != access.DirectoryOpenID {
		return access.Missing()
	}
	t, notice := testConnection(c, d)
	unused, err := unusedAddresses(c, read)
	if err != nil {
		return err
	}
	if unused != "" {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: c.Printer.T("Mail addresses of sign-ins")},
			{State: verdictBadge(c, signin.Warned)}, {Text: unused}}})
	}
	return providerPage(c, read, &views.Section{Title: c.Printer.T("Connection test"), Text: notice.Text,
		Table: &t})
}

func enableProvider(c *kit.Context, d access.Directory) error {
	if err := c.Admin.EnableDirectory(c.Ctx, c.Person, d.ID, true); err != nil {
		return err
	}
	return c.Done(providerPath(c, d, ""), "switchedOn")
}
