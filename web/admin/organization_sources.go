package admin

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// The step to choose the directories and domains of a connected organization.
// The field "source" has one value for each: directory/ and the id of a known
// directory, passcode/ and a domain whose people sign in with passcodes, or
// openid/ and the domain of the provider being entered.

// sourcesStep is the wizards' step to choose sources.
func sourcesStep(c *kit.Context) kit.WizardStep {
	return kit.WizardStep{Name: "sources", Label: c.Printer.T("Directory + domain"), Owns: kit.FieldsNamed("domain",
		"identitySources", "provider."),
		Groups: c.Groups(sourceGroups), Arrange: func(typed url.Values) { arrangeSources(c, typed) },
		Hold: func(typed url.Values) bool {
			return typed.Get("domain") != ""
		}}
}

// arrangeSources applies the button that was pressed in the step.
func arrangeSources(c *kit.Context, typed url.Values) {
	if gone := c.FormText("drop"); gone != "" {
		typed["source"] = slices.DeleteFunc(typed["source"], func(s string) bool { return s == gone })
		if strings.HasPrefix(gone, "openid/") {
			typed.Del("sealed")
		}
	}
	add := c.FormText("add")
	if name, ok := strings.CutPrefix(add, "form/"); ok {
		applyPreset(c, typed, name, openIDDomain(typed))
	}
	source, ok := strings.CutPrefix(add, "use/")
	if !ok || slices.Contains(typed["source"], source) || len(typed["source"]) >= maxSources {
		return
	}
	typed.Add("source", source)
	typed.Del("domain")
	if domain, ok := strings.CutPrefix(source, "openid/"); ok {
		typed.Set("provider.id", uuid.Must(uuid.NewV7()).String())
		applyPreset(c, typed, "other", access.Domain(domain))
		name := typed.Get("displayName")
		if name == "" {
			name = domain
		}
		typed.Set("provider.displayName", name)
	}
}

// maxSources is the maximum number of sources to add at once.
const maxSources = 20

// openIDDomain is the domain of the provider being entered; empty if there is
// none.
func openIDDomain(typed url.Values) access.Domain {
	for _, s := range typed["source"] {
		if d, ok := strings.CutPrefix(s, "openid/"); ok {
			return access.Domain(d)
		}
	}
	return ""
}

// sourceGroups are the chosen sources and the field to add another.
func sourceGroups(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	var all []views.Group
	for _, s := range typed["source"] {
		g := sourceGroup(c, s)
		g.Buttons = append(g.Buttons, views.Button{Label: p.T("Don't add"), Name: "drop", Value: s})
		if strings.HasPrefix(s, "openid/") {
			g = newProviderGroup(c, g, typed, faults)
		}
		all = append(all, g)
	}
	title := p.T("Add a directory or domain")
	if len(all) > 0 {
		title = p.T("Add another directory or domain")
	}
	find := views.Group{Title: title, Field: "identitySources", Error: faults["identitySources"],
		Text: p.T("Enter a full domain of the partner. All verified domains of its directory will belong to the connected " +
			"organization."),
		Buttons: []views.Button{{Label: p.T("Look up"), Name: "add", Value: "look"}}}
	looked := views.Group{}
	if asked := typed.Get("domain"); asked != "" {
		var fault string
		if looked, fault = lookupGroup(c, asked, typed); fault != "" {
			faults["domain"] = fault
		}
	}
	find.Parts = []views.Part{kit.TextField(typed, faults, ui.Field{Name: "domain", Label: p.T("Domain"), MaxLength: 253,
		Autocomplete: "off",
		Hint:         p.T("Such as partner.example.")})}
	all = append(all, find)
	if looked.Title != "" {
		all = append(all, looked)
	}
	return all
}

// newProviderGroup is the form of the provider being entered, with its test.
func newProviderGroup(c *kit.Context, g views.Group, typed url.Values, faults map[string]string) views.Group {
	p := c.Printer
	g.Field, g.Error = "provider.id", faults["provider.id"]
	var ready []views.Button
	for _, f := range presetButtons(c, openIDDomain(typed)) {
		ready = append(ready, views.Button{Label: f.label, Name: "add", Value: "form/" + f.name,
			Primary: f.name == typed.Get("provider.form")})
		if f.name == typed.Get("provider.form") {
			g.Text = f.help
		}
	}
	if why := typed.Get("provider.unfound"); why != "" {
		g.Notices = append(g.Notices, views.Notice{Kind: "warn",
			Text: why + " " + p.T("Replace {tenant-id} with the tenant ID, and enter it as the value of the tenant claim.")})
		typed.Del("provider.unfound")
	}
	id := typed.Get("provider.id")
	g.Copies = []views.CopyField{callbackURL(c, access.DirectoryID(id))}
	g.Parts = append([]views.Part{{Note: p.T("Presets"), Buttons: ready,
		Hidden: []views.Hidden{{Name: "provider.id", Value: id},
			{Name: "provider.form", Value: typed.Get("provider.form")}}}}, providerParts(c, typed, faults, false)...)
	g.Buttons = append([]views.Button{{Label: p.T("Test connection"), Name: "try", Value: "provider"}}, g.Buttons...)
	if c.FormText("try") == "provider" {
		t, notice := testConnection(c, readProvider(c, typed, access.Directory{Kind: access.DirectoryOpenID,
			Owner: c.Tenant.ID}))
		g.Notices = append(g.Notices, notice)
		g.Table = &t
	}
	return g
}

// sourceGroup describes a chosen source.
func sourceGroup(c *kit.Context, s string) views.Group {
	p := c.Printer
	kind, rest, _ := strings.Cut(s, "/")
	switch kind {
	case "directory":
		d, err := c.View.OrganizationDirectory(c.Ctx, access.DirectoryID(rest))
		if err != nil {
			return views.Group{Title: p.T("Unknown")}
		}
		return views.Group{Title: d.Name, Facts: directoryFacts(c, d)}
	case "passcode":
		return views.Group{Title: rest, Facts: passcodeFacts(c, access.Domain(rest)),
			Notices: passcodeNotices(c, access.Domain(rest))}
	}
	return views.Group{Title: p.T("OpenID Provider for %s", rest)}
}

// directoryFacts say who maintains a directory, and how its people sign in.
func directoryFacts(c *kit.Context, d access.Directory) []ui.Fact {
	p := c.Printer
	facts := []ui.Fact{{Name: p.T("Organization"), Value: d.Name}, {Name: p.T("Verified domains"),
		Value: domainsText(c, d.Domains)}}
	if len(d.DomainClaims) > 0 && d.Owner == c.Tenant.ID {
		var names []access.Domain
		for _, claim := range d.DomainClaims {
			names = append(names, claim.Domain)
		}
		facts = append(facts, ui.Fact{Name: p.T("Needs verification"), Value: domainsText(c, names)})
	}
	facts = append(facts, ui.Fact{Name: p.T("How its people sign in"), Value: signInText(c, d)},
		ui.Fact{Name: p.T("Managed by"),
			Value: maintainerText(c, d)})
	if !d.Enabled {
		facts = append(facts, ui.Fact{Name: p.T("State"), Value: p.T("Turned off. No one can sign in.")})
	}
	return facts
}

func domainsText(c *kit.Context, all []access.Domain) string {
	if len(all) == 0 {
		return c.Printer.T("None yet")
	}
	var names []string
	for _, d := range all {
		names = append(names, string(d))
	}
	return c.Printer.List(names)
}

// signInText says how people of a directory sign in (F-020).
func signInText(c *kit.Context, d access.Directory) string {
	p := c.Printer
	if d.Kind == access.DirectoryPasscode {
		return p.T("With a one-time passcode sent by mail, to addresses of exactly this domain.")
	}
	host := d.Issuer
	if u, err := url.Parse(d.Issuer); err == nil {
		host = u.Host
	}
	return p.T("At their own OpenID Provider, %s.", host)
}

func maintainerText(c *kit.Context, d access.Directory) string {
	if d.Owner == c.Tenant.ID {
		return c.Printer.T("You")
	}
	return c.Printer.T("The operator of this installation")
}

func passcodeFacts(c *kit.Context, d access.Domain) []ui.Fact {
	return []ui.Fact{{Name: c.Printer.T("How its people sign in"),
		Value: signInText(c, access.Directory{Kind: access.DirectoryPasscode,
			Domains: []access.Domain{d}})}}
}

// passcodeNotices warn about domains whose people should not sign in with
// passcodes.
func passcodeNotices(c *kit.Context, d access.Domain) []views.Notice {
	p := c.Printer
	var all []views.Notice
	if d.IsConsumer() {
		all = append(all, views.Notice{Kind: "warn",
			Text: p.T("Anyone can get an address in %s, so it doesn't show who a person works for. Set the organization's "+
				"state to proposed, and name it only in policies with approval.", string(d))})
	}
	if !c.Tenant.Settings.Passcode {
		all = append(all, views.Notice{Kind: "warn",
			Text: p.T("One-time passcodes are turned off in the settings. Until you turn them on, its people can't sign in."),
			Link: views.Link{Label: p.T("Settings"), Href: c.AdminPath("settings")}})
	}
	return append(all, inviteNotice(c, d)...)
}

// inviteNotice warns that the settings admit no guests of a domain; it can
// still be added (F-019).
func inviteNotice(c *kit.Context, d access.Domain) []views.Notice {
	if c.Tenant.Settings.MayInvite(d) {
		return nil
	}
	return []views.Notice{{Kind: "warn", Text: c.Printer.T("The settings don't allow guests from %s. You can add it, "+
		"but its people can't sign in.", string(d))}}
}

// readConnecting reads the connected organization with its chosen sources.
func readConnecting(c *kit.Context, typed url.Values, o access.Organization) (admin.Connecting, error) {
	var es access.Errors
	w := admin.Connecting{Organization: o, Sure: typed.Get("sure") == "yes"}
	w.Directories = slices.Clone(o.Directories)
	for i, s := range typed["source"] {
		kind, rest, _ := strings.Cut(s, "/")
		name, err := access.ParseDomain(rest)
		switch {
		case i >= maxSources:
			es.Add(access.Invalidf("identitySources", "Add at most %d directories or domains at a time.", maxSources))
			return w, es.Err()
		case kind == "directory":
			w.Directories = append(w.Directories, access.DirectoryID(rest))
		case kind == "passcode" && err == nil:
			w.New = append(w.New, access.Directory{Kind: access.DirectoryPasscode, Domains: []access.Domain{name}})
		case kind == "openid" && err == nil:
			d := readProvider(c, typed, access.Directory{Kind: access.DirectoryOpenID, Domains: []access.Domain{name},
				ID: access.DirectoryID(typed.Get("provider.id"))})
			w.New = append(w.New, d)
		default:
			es.Add(access.Invalidf("identitySources", "Choose one of the listed options."))
		}
	}
	return w, es.Err()
}
