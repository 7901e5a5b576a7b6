package admin

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// Fields of an OpenID Provider begin with "provider.", in wizards and forms.

// providerPreset has the values that all providers of one product share.
type providerPreset struct {
	name, label, help    string
	issuer, claim, value string
	hint                 access.HintStyle
	auth                 access.AuthStyle
}

// presetButtons are the presets for a provider of the domain.
func presetButtons(c *kit.Context, d access.Domain) []providerPreset {
	p := c.Printer
	return []providerPreset{
		{"entra", "Microsoft Entra ID", p.T("Register an application with the platform “Web” and the callback address " +
			"below, for accounts in this directory only. Use its application ID as the client ID, and create a secret. The " +
			"issuer contains the tenant ID, which is looked up by the domain."),
			"https://login.microsoftonline.com/{tenant-id}/v2.0", "tid", "", access.HintDomain, access.AuthPost},
		{"google", "Google Workspace", p.T("Create an OAuth client of type “Web application” with the callback address " +
			"below. Only people of this one Workspace domain can sign in."),
			"https://accounts.google.com", "hd", string(d), access.HintHosted, access.AuthPost},
		{"okta", "Okta", p.T("Create an app integration “OIDC – Web Application” with the callback address below, and " +
			"assign it to the people who should sign in. With a custom authorization server, the issuer ends in " +
			"/oauth2/default."),
			"https://{your-org}.okta.com", "", "", access.HintNone, access.AuthBasic},
		{"keycloak", "Keycloak", p.T("Create a client of type OpenID Connect, turn on client authentication, and enter the " +
			"callback address below as a valid redirect URI."),
			"https://{host}/realms/{realm}", "", "", access.HintKeycloak, access.AuthBasic},
		{"other", p.T("Another OpenID Provider"), p.T("Register a confidential client for the authorization code flow with " +
			"the callback address below."),
			"", "", "", access.HintNone, access.AuthBasic},
	}
}

// applyPreset replaces typed values by those of a preset. For Entra ID it looks
// up the tenant of the domain.
func applyPreset(c *kit.Context, typed url.Values, name string, d access.Domain) {
	for _, f := range presetButtons(c, d) {
		if f.name != name {
			continue
		}
		if name == "entra" {
			c.EndSnapshot()
			issuer, tenant, err := c.SignIn.FindEntraTenant(c.Ctx, d)
			if err == nil {
				f.issuer, f.value = issuer, tenant
			} else {
				typed.Set("provider.unfound", kit.ErrorText(c.Printer, err))
			}
		}
		for field, value := range map[string]string{
			"form": name, "issuer": f.issuer, "tenantClaim": f.claim, "tenantValue": f.value,
			"domainHintParameter": string(f.hint), "domainHintValue": "", "domainHintValues": "",
			"tokenEndpointAuthMethod": string(f.auth), "scopes": "profile email", "confirmedHosts": "",
		} {
			typed.Set("provider."+field, value)
		}
	}
}

// providerValues are the fields of a provider's form, without its secret.
func providerValues(d access.Directory) url.Values {
	return url.Values{
		"provider.displayName": {d.Name}, "provider.issuer": {d.Issuer}, "provider.clientId": {d.ClientID},
		"provider.tokenEndpointAuthMethod": {string(d.AuthStyle)}, "provider.domainHintParameter": {string(d.HintStyle)},
		"provider.domainHintValue": {d.HintValue}, "provider.domainHintValues": {hintLines(d)},
		"provider.tenantClaim": {d.TenantClaim}, "provider.tenantValue": {d.TenantValue},
		"provider.scopes": {strings.Join(d.Scopes, " ")}, "provider.confirmedHosts": {strings.Join(d.ConfirmedHosts, "\n")},
	}
}

// readProvider reads a provider from its form.
func readProvider(c *kit.Context, typed url.Values, d access.Directory) access.Directory {
	get := func(name string) string { return typed.Get("provider." + name) }
	d.Name, d.Issuer, d.ClientID, d.ClientSecret = get("displayName"), get("issuer"), get("clientId"),
		c.Unseal(typed.Get("sealed"))
	d.AuthStyle, d.HintStyle = access.AuthStyle(get("tokenEndpointAuthMethod")),
		access.HintStyle(get("domainHintParameter"))
	d.HintValue, d.HintValues = get("domainHintValue"), readHintValues(get("domainHintValues"))
	d.TenantClaim, d.TenantValue = get("tenantClaim"), get("tenantValue")
	d.Scopes = nil
	for _, s := range strings.Fields(get("scopes")) {
		if s != "openid" {
			d.Scopes = append(d.Scopes, s)
		}
	}
	d.ConfirmedHosts = strings.Fields(access.LowerASCII(get("confirmedHosts")))
	return d
}

// hintLines are the values of the domain hint by domain as the form has them: a line each.
func hintLines(d access.Directory) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(d.HintValues)) {
		lines = append(lines, string(name)+" = "+d.HintValues[name])
	}
	return strings.Join(lines, "\n")
}

// readHintValues reads what hintLines writes; nil for no line. A line without a value, and a
// second one for a domain, have the value "", which is refused.
func readHintValues(text string) map[access.Domain]string {
	var all map[access.Domain]string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		d, ok := mailaddr.CanonicalDomain(strings.TrimSpace(name))
		if !ok {
			d = access.Domain(strings.TrimSpace(name))
		}
		if all == nil {
			all = map[access.Domain]string{}
		}
		if _, twice := all[d]; twice {
			value = ""
		}
		all[d] = strings.TrimSpace(value)
	}
	return all
}

// providerParts are the fields of a provider. kept says that a secret is
// stored.
func providerParts(c *kit.Context, typed url.Values, faults map[string]string, kept bool) []views.Part {
	p := c.Printer
	secret := ui.Field{Name: kit.SecretField, Label: p.T("Client secret"), Type: "password",
		MaxLength:    access.MaxClientLength,
		Autocomplete: "off"}
	switch {
	case typed.Get("sealed") != "":
		secret.Hint = p.T("The secret you entered is kept. Leave empty, or enter another.")
	case kept:
		secret.Hint = p.T("A secret is stored and never shown. Leave empty to keep it.")
	default:
		secret.Hint = p.T("Encrypted in the database and never shown again.")
	}
	return []views.Part{
		kit.TextField(typed, faults, ui.Field{Name: "provider.displayName", Label: p.T("Provider name"),
			MaxLength: access.MaxNameLength,
			Required:  true,
			Hint:      p.T("The organization name that its people see when they sign in.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.issuer", Label: p.T("Issuer"),
			MaxLength:    access.MaxIssuerLength,
			Required:     true,
			Autocomplete: "off",
			Hint: p.T("The provider's issuer URL, exactly as the provider states it, such as " +
				"https://login.partner.example.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.clientId", Label: p.T("Client ID"),
			MaxLength: access.MaxClientLength,
			Required:  true, Autocomplete: "off"}),
		kit.TextField(typed, faults, secret),
		kit.OptionsField(typed, faults, ui.Options{Name: "provider.tokenEndpointAuthMethod",
			Label:   p.T("Client authentication"),
			Options: authOptions(c)}),
		kit.SelectField(typed, faults, ui.Select{Name: "provider.domainHintParameter",
			Label:   p.T("Domain hint"),
			Options: hintOptions(c),
			Hint:    p.T("Tells the provider which domain the person belongs to, so that they don't have to choose.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.domainHintValue", Label: p.T("Domain hint value"),
			MaxLength: access.MaxHintLength, Autocomplete: "off",
			Hint: p.T("Sent instead of the domain. kc_idp_hint and connector_id take the provider's name for a connection, " +
				"such as ldap. Without a value, nothing is sent.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.domainHintValues", Label: p.T("Values for specific domains"),
			Type: "area", MaxLength: access.MaxDomains * (access.MaxHintLength + 260),
			Hint: p.T("Only if domains of this provider need different values: one per line, such as partner.example = saml.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.tenantClaim", Label: p.T("Tenant claim"),
			MaxLength:    access.MaxClaimLength,
			Autocomplete: "off",
			Hint: p.T("If the provider serves several organizations, the claim that identifies each one, such as tid, " +
				"hd or org_id. Otherwise leave empty.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.tenantValue", Label: p.T("Tenant claim value"),
			MaxLength: access.MaxClaimLength, Autocomplete: "off",
			Hint: p.T("Only people with this value can sign in.")}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.scopes", Label: p.T("Additional scopes"),
			MaxLength:    access.MaxScopesLength,
			Autocomplete: "off"}),
		kit.TextField(typed, faults, ui.Field{Name: "provider.confirmedHosts", Label: p.T("Other hosts of the provider"),
			Type:      "area",
			MaxLength: 2000,
			Hint: p.T("Only if a connection test requires it. Other hosts where the provider has its endpoints, one per " +
				"line.")}),
	}
}

func authOptions(c *kit.Context) []ui.Option {
	p := c.Printer
	return []ui.Option{
		{Value: string(access.AuthBasic), Label: p.T("Secret in a header (client_secret_basic)")},
		{Value: string(access.AuthPost), Label: p.T("Secret in the body (client_secret_post)")},
		{Value: string(access.AuthNone), Label: p.T("None (public client with PKCE)")},
	}
}

func hintOptions(c *kit.Context) []ui.Option {
	p := c.Printer
	return []ui.Option{
		{Value: string(access.HintNone), Label: p.T("None")},
		{Value: string(access.HintDomain), Label: p.T("Entra ID (domain_hint)")},
		{Value: string(access.HintHosted), Label: p.T("Google (hd)")},
		{Value: string(access.HintKeycloak), Label: p.T("Keycloak (kc_idp_hint)")},
		{Value: string(access.HintConnector), Label: p.T("Dex (connector_id)")},
	}
}

// optionLabel is the label of the option with the value.
func optionLabel(all []ui.Option, value string) string {
	for _, o := range all {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// callbackURL is the redirect URI of a directory, with a copy button.
func callbackURL(c *kit.Context, id access.DirectoryID) views.CopyField {
	return copyText(c, "callback", c.Printer.T("Callback address (register it at the provider)"), c.SignIn.CallbackURL(id))
}

// copyText is a text with a copy button.
func copyText(c *kit.Context, id, label, text string) views.CopyField {
	return views.CopyField{ID: "copy-" + id, Label: label, Text: text, Button: c.Printer.T("Copy"),
		Done: c.Printer.T("Copied")}
}

// testConnection tests the connection to a provider, step by step.
func testConnection(c *kit.Context, d access.Directory) (ui.Table, views.Notice) {
	p := c.Printer
	t := ui.Table{Label: p.T("Connection test"), Columns: []ui.Column{{Label: p.T("Step")}, {Label: p.T("Result")},
		{Label: p.T("What was found")}}}
	if wait := c.StartWait("probe " + string(c.Person.ID)); wait > 0 {
		return t, views.Notice{Kind: "bad", Text: p.T("Too many tests. Wait a moment and try again.")}
	}
	c.EndSnapshot()
	steps := c.SignIn.Probe(c.Ctx, d)
	for _, s := range steps {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: probeWord(c, s.Name)},
			{State: verdictBadge(c, s.Verdict)}, {Text: stepText(p, s)}}})
	}
	if signin.Works(steps) {
		return t, views.Notice{Kind: "good", Text: p.T("The connection works. To test everything, try a sign-in.")}
	}
	return t, views.Notice{Kind: "bad", Text: p.T("No one can sign in with these settings. The steps show what to fix.")}
}

func verdictBadge(c *kit.Context, verdict signin.Verdict) ui.Badge {
	p := c.Printer
	return map[signin.Verdict]ui.Badge{
		signin.Passed: {Kind: "good", Text: p.T("Passed")}, signin.Warned: {Kind: "wait", Text: p.T("Check this")},
		signin.Failed: {Kind: "bad", Text: p.T("Failed")},
	}[verdict]
}

func probeWord(c *kit.Context, step string) string {
	p := c.Printer
	return map[string]string{
		signin.StepAddress: p.T("Address"), signin.StepDiscovery: p.T("Settings"), signin.StepIssuer: p.T("Issuer"),
		signin.StepTenant:    p.T("Organization"),
		signin.StepEndpoints: p.T("Endpoints"), signin.StepKeys: p.T("Keys"), signin.StepClient: p.T("Client authentication"),
		signin.StepChallenge: p.T("PKCE"), signin.StepAddresses: p.T("Mail addresses"),
		signin.StepHint: p.T("Hint"),
	}[step]
}
