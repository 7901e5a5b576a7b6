package admin

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// settingRoutes are the pages of the tenant's settings.
func settingRoutes() []kit.Route {
	return append(formRoutes(root+"/settings", access.ManageSettings, kit.OfTenant, showSettings, postSettings),
		actionRoute(root+"/send-again", access.ManageSettings, kit.OfTenant, sendMailAgain))
}

func settingsForm(c *kit.Context) (kit.EditForm, error) {
	p := c.Printer
	e := kit.EditForm{Title: p.T("Settings"), Path: c.AdminPath("settings"), Cancel: c.AdminPath(),
		Submit: p.T("Save"),
		Stored: settingValues(c.Tenant.Settings), Version: c.Tenant.Version, Groups: c.Groups(settingGroups),
		Notices: []views.Notice{{Kind: "info", Text: p.T("To choose who can create catalogs, assign roles."),
			Link: views.Link{Label: p.T("Roles"), Href: c.AdminPath("roles")}}}}
	found, err := c.View.Dependents().OfSettings(c.Ctx, c.Tenant.Settings)
	return e, addDependents(c, &e.Notices, p.T("One-time passcodes are turned off, so people whose organization has no "+
		"provider can't sign in to request with these policies:"), found, err)
}

func showSettings(c *kit.Context) error {
	form, err := settingsForm(c)
	if err != nil {
		return err
	}
	return form.Show(c)
}

func postSettings(c *kit.Context) error {
	form, err := settingsForm(c)
	if err != nil {
		return err
	}
	s, err := readSettings(c.Fields(), c.Tenant.Settings)
	if err == nil {
		err = confirmRemoval(c, s)
	}
	if err == nil {
		t := c.Tenant
		t.Settings, t.Version = s, c.FormVersion()
		err = c.Admin.SaveSettings(c.Ctx, c.Person, t)
	}
	if err != nil {
		return form.Rerender(c, err)
	}
	return c.Done(c.AdminPath("settings"), "settingsSaved")
}

// confirmRemoval refuses settings by which disabled people would lose what they hold now,
// until the number of people and assignments has been shown and confirmed (F-264).
func confirmRemoval(c *kit.Context, s access.Settings) error {
	if s.DisabledDays == c.Tenant.Settings.DisabledDays || s.Check() != nil ||
		c.FormText("sure") == strconv.Itoa(s.DisabledDays) {
		return nil
	}
	plan, err := c.View.Dependents().DisabledPlan(c.Ctx, s, c.Now)
	if err != nil || plan.People == 0 {
		return err
	}
	return access.Invalidf("sure", "People who have been disabled for %d or more days lose their access as soon as you "+
		"save this. People: %d, assignments: %d. Confirm it, or choose a longer period.", s.DisabledDays, plan.People,
		plan.Assignments)
}

// settingValues are the fields of the settings' form.
func settingValues(s access.Settings) url.Values {
	var domains []string
	for _, d := range s.DomainList {
		domains = append(domains, string(d))
	}
	return url.Values{
		"externalUserLifecycleAction": {string(s.GuestAction)}, "daysUntilExternalUserDeleted": {strconv.Itoa(s.GuestDays)},
		"daysUntilDisabledUserLosesAccess": {strconv.Itoa(s.DisabledDays)},
		"domainRule":                       {string(s.DomainRule)}, "domains": {strings.Join(domains, "\n")},
		"resourceVisibility": {string(s.ResourceVisibility)}, "showApprovers": {kit.YesNo(s.ShowApprovers)},
		"passcode":   {kit.YesNo(s.Passcode)},
		"senderName": {s.SenderName}, "supportContact": {s.SupportContact}, "language": {s.Language},
		"timeZone":    {s.TimeZone},
		"sessionIdle": {minutes(s.SessionIdle, access.MaxSessionIdle)},
		"sessionLife": {minutes(s.SessionLife, access.MaxSessionLifetime)},
	}
}

// minutes is a duration as the field shows it; def if it is zero.
func minutes(d, def time.Duration) string {
	if d == 0 {
		d = def
	}
	return strconv.Itoa(int(d.Minutes()))
}

// readSettings reads the settings from their form. stored are those that the form
// was filled from.
func readSettings(typed url.Values, stored access.Settings) (access.Settings, error) {
	var es access.Errors
	limit := func(field string, stored, longest time.Duration) time.Duration {
		d := access.Minutes(wholeNumber(typed, field, &es))
		if stored == 0 && d == longest {
			return 0 // which the form shows as the longest
		}
		return d
	}
	s := access.Settings{
		GuestAction:        access.LifecycleAction(typed.Get("externalUserLifecycleAction")),
		GuestDays:          wholeNumber(typed, "daysUntilExternalUserDeleted", &es),
		DisabledDays:       wholeNumber(typed, "daysUntilDisabledUserLosesAccess", &es),
		DomainRule:         access.DomainRule(typed.Get("domainRule")),
		ResourceVisibility: access.ResourceVisibility(typed.Get("resourceVisibility")),
		ShowApprovers:      typed.Get("showApprovers") == "yes", Passcode: typed.Get("passcode") == "yes",
		SenderName:     typed.Get("senderName"),
		SupportContact: typed.Get("supportContact"),
		Language:       typed.Get("language"), TimeZone: typed.Get("timeZone"),
		SessionIdle: limit("sessionIdle", stored.SessionIdle, access.MaxSessionIdle),
		SessionLife: limit("sessionLife", stored.SessionLife, access.MaxSessionLifetime),
	}
	if s.DomainRule != access.DomainsAny {
		for _, name := range strings.Fields(typed.Get("domains")) {
			d, ok := mailaddr.CanonicalDomain(strings.TrimSuffix(name, ","))
			if !ok {
				es.Add(access.Invalidf("domains", "“%s” is not a domain name such as partner.example.", name))
				continue
			}
			s.DomainList = append(s.DomainList, d)
		}
	}
	if len(es) > 0 { // and the faults that saving would find
		es.Add(s.Check())
		es.Add(lifecycle.CheckZone(s.TimeZone))
	}
	return s, es.Err()
}

func settingGroups(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	return []views.Group{
		{Title: p.T("External users"), Text: p.T("What happens to guests who were invited by access packages. A change " +
			"applies to guests who lose their last access package from now on."),
			Parts: guestParts(c, typed, faults)},
		{Title: p.T("Disabled people"), Text: p.T("What happens to people's access after an administrator disables them."),
			Parts: disabledParts(c, typed, faults)},
		{Title: p.T("My Access"), Parts: []views.Part{
			kit.OptionsField(typed, faults, ui.Options{Name: "resourceVisibility",
				Label: p.T("Who can see an access package's resources before they have access"), Required: true,
				Options: []ui.Option{
					{Value: string(access.ResourcesShownToAll), Label: p.T("Everyone who can see the access package")},
					{Value: string(access.ResourcesShownToMembers), Label: p.T("Members")},
					{Value: string(access.ResourcesShownToNobody), Label: p.T("No one")},
				}}),
			c.SwitchField(typed, faults, "showApprovers", p.T("Show requestors who can approve"),
				p.T("For policies that leave this open. Name and mail address are shown while a request is pending.")),
		}},
		{Title: p.T("Sign-in"), Parts: []views.Part{
			c.SwitchField(typed, faults, "passcode", p.T("One-time passcodes"),
				p.T("People whose organization has no provider can sign in with a code sent to their mail address.")),
			kit.TextField(typed, faults, ui.Field{Name: "sessionIdle",
				Label:    p.T("Idle timeout (minutes)"),
				Required: true, MaxLength: 6,
				Hint: p.T("At most %d.", int(access.MaxSessionIdle.Minutes()))}),
			kit.TextField(typed, faults, ui.Field{Name: "sessionLife", Label: p.T("Maximum session length (minutes)"),
				Required: true, MaxLength: 6,
				Hint: p.T("At most %d.", int(access.MaxSessionLifetime.Minutes()))}),
		}},
		{Title: p.T("Mails, language and time"), Parts: []views.Part{
			kit.TextField(typed, faults, ui.Field{Name: "senderName", Label: p.T("Sender name in mails"),
				MaxLength: access.MaxNameLength,
				Hint:      p.T("Shown before the address of the sender. Leave empty for the installation's name.")}),
			kit.TextField(typed, faults, ui.Field{Name: "supportContact", Label: p.T("Support contact"), MaxLength: 200,
				Hint: p.T("An address or a sentence. Shown at the bottom of every page.")}),
			kit.SelectField(typed, faults, ui.Select{Name: "language", Label: p.T("Default language"),
				Options: languageOptions(c)}),
			kit.TextField(typed, faults, ui.Field{Name: "timeZone", Label: p.T("Default time zone"),
				MaxLength: 60,
				Required:  true, Hint: p.T("For example, Europe/Berlin.")}),
		}},
	}
}

func guestParts(c *kit.Context, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	return []views.Part{
		kit.OptionsField(typed, faults, ui.Options{Name: "externalUserLifecycleAction",
			Label: p.T("When a guest loses the last access package"), Required: true, Options: []ui.Option{
				{Value: string(access.LifecycleBlockAndDelete), Label: p.T("Block the guest and remove the account later")},
				{Value: string(access.LifecycleBlock), Label: p.T("Block the guest and keep the account")},
				{Value: string(access.LifecycleNone), Label: p.T("Do nothing")},
			}}),
		kit.TextField(typed, faults, ui.Field{Name: "daysUntilExternalUserDeleted",
			Label:    p.T("Days before the account is removed"),
			Required: true, MaxLength: 4, Hint: p.T("0 means immediately. At most 3660.")}),
		kit.OptionsField(typed, faults, ui.Options{Name: "domainRule", Label: p.T("Who can be invited"), Required: true,
			Options: []ui.Option{
				{Value: string(access.DomainsAny), Label: p.T("People from any domain")},
				{Value: string(access.DomainsAllow), Label: p.T("Only people from the domains below")},
				{Value: string(access.DomainsDeny), Label: p.T("No one from the domains below")},
			}}),
		kit.TextField(typed, faults, ui.Field{Name: "domains", Label: p.T("Domains"), Type: "area", MaxLength: 25000,
			Hint: p.T("One per line. Guests who have already been invited aren't affected.")}),
	}
}

func disabledParts(c *kit.Context, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	parts := []views.Part{kit.TextField(typed, faults, ui.Field{Name: "daysUntilDisabledUserLosesAccess",
		Label: p.T("Days until disabled people lose their access"), Required: true, MaxLength: 4,
		Hint: p.T("0 means never. At most %d. People who are enabled before then keep their access.",
			access.MaxDisabledDays)})}
	days := strings.TrimSpace(typed.Get("daysUntilDisabledUserLosesAccess"))
	if faults["sure"] != "" || typed.Get("sure") != "" && typed.Get("sure") == days {
		parts = append(parts, kit.OptionsField(typed, faults,
			ui.Options{Name: "sure", Label: p.T("Disabled people lose access"),
				Multiple: true, Options: []ui.Option{{Value: days, Label: p.T("Remove this access now")}}}))
	}
	return parts
}
