package admin

import (
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// addressRulesCommand leads to the form for trusted addresses and guests.
func addressRulesCommand(c *kit.Context, d access.Directory) views.Command {
	return views.Command{Label: c.Printer.T("Edit addresses and guests"), Href: providerPath(c, d, "/address-rules")}
}

// addressFacts are whether a provider's addresses are trusted, and its guest rule.
func addressFacts(c *kit.Context, d access.Directory) []ui.Fact {
	p := c.Printer
	trust := p.T("No, only addresses that the provider marks as verified")
	if d.TrustAddresses {
		trust = p.T("Yes")
	}
	rule := p.T("Standard")
	if d.GuestClaim != "" {
		rule = p.T("%s is %s", d.GuestClaim, p.Series(d.GuestValues))
		if len(d.GuestValues) > 1 {
			rule = p.T("%s is one of these: %s", d.GuestClaim, p.Series(d.GuestValues))
		}
	}
	email, name := d.EmailClaim, d.NameClaim
	if email == "" {
		email = p.T("Standard")
	}
	if name == "" {
		name = p.T("Standard")
	}
	return []ui.Fact{{Name: p.T("Address claim"), Value: email}, {Name: p.T("Name claim"), Value: name},
		{Name: p.T("Trust mail addresses"), Value: trust}, {Name: p.T("Guest rule"), Value: rule}}
}

// addressRulesForm changes whether a provider's addresses are trusted, and who is a
// guest of it.
func addressRulesForm(c *kit.Context, d access.Directory) kit.EditForm {
	p := c.Printer
	e := providerEditForm(c, d, p.T("Addresses and guests of %s", d.Name), "/address-rules")
	e.Stored = url.Values{"provider.trustAddresses": {kit.YesNo(d.TrustAddresses)}, "provider.guestClaim": {d.GuestClaim},
		"provider.emailClaim": {d.EmailClaim}, "provider.nameClaim": {d.NameClaim},
		"provider.guestValues": {strings.Join(d.GuestValues, "\n")}}
	e.Groups = func(typed url.Values, faults map[string]string) []views.Group {
		return []views.Group{{Parts: []views.Part{
			kit.TextField(typed, faults, ui.Field{Name: "provider.emailClaim", Label: p.T("Address claim"),
				MaxLength: access.MaxClaimLength, Autocomplete: "off",
				Hint: p.T("The claim that holds the mail address, such as mail or upn. Leave empty for the standard claims: " +
					"email, or else preferred_username. An address in another claim counts as verified only if you trust the " +
					"provider's addresses.")}),
			kit.TextField(typed, faults, ui.Field{Name: "provider.nameClaim", Label: p.T("Name claim"),
				MaxLength: access.MaxClaimLength, Autocomplete: "off",
				Hint: p.T("The claim that holds the name, such as displayName. Leave empty for the standard claims: name, or " +
					"else given_name and family_name.")}),
			c.SwitchField(typed, faults, "provider.trustAddresses", p.T("Trust mail addresses"),
				p.T("Addresses in the provider's verified domains count as verified, even if the provider says they aren't. Turn "+
					"this on only if people can't choose their own address there. People you added before their first sign-in are "+
					"recognized by a verified address.")),
			kit.TextField(typed, faults, ui.Field{Name: "provider.guestClaim", Label: p.T("Guest claim"),
				MaxLength: access.MaxClaimLength, Autocomplete: "off",
				Hint: p.T("The claim that tells guests of the provider from members, such as acct, userType or " +
					"identity_provider. Leave empty for the standard rule: acct is 1, userType is Guest, or another identity " +
					"provider signed the person in.")}),
			kit.TextField(typed, faults, ui.Field{Name: "provider.guestValues", Label: p.T("Guest values"), Type: "area",
				MaxLength: access.MaxGuestValues * (access.MaxClaimLength + 1),
				Hint: p.T("One per line, such as 1 or Guest. * is any value. Guests aren't members, and neither are people " +
					"whose mail address is in none of your directory's domains.")}),
		}}}
	}
	return e
}

// mayEditAddressRules returns NotFound for directories whose rules the tenant cannot
// change.
func mayEditAddressRules(c *kit.Context, d access.Directory) error {
	if d.Owner != c.Tenant.ID && d.ID != c.Tenant.Directory || d.Kind != access.DirectoryOpenID {
		return access.Missing()
	}
	return nil
}

func showAddressRules(c *kit.Context, read admin.DirectoryView) error {
	if err := mayEditAddressRules(c, read.Directory()); err != nil {
		return err
	}
	return addressRulesForm(c, read.Directory()).Show(c)
}

func postAddressRules(c *kit.Context, read admin.DirectoryView) error {
	d, typed := read.Directory(), c.Fields()
	if err := mayEditAddressRules(c, d); err != nil {
		return err
	}
	wanted := d
	wanted.Version = c.FormVersion()
	wanted.EmailClaim = strings.TrimSpace(typed.Get("provider.emailClaim"))
	wanted.NameClaim = strings.TrimSpace(typed.Get("provider.nameClaim"))
	wanted.TrustAddresses = typed.Get("provider.trustAddresses") == "yes"
	wanted.GuestClaim, wanted.GuestValues = typed.Get("provider.guestClaim"), nil
	for line := range strings.SplitSeq(typed.Get("provider.guestValues"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			wanted.GuestValues = append(wanted.GuestValues, line)
		}
	}
	if err := c.Admin.SaveAddressRules(c.Ctx, c.Person, wanted); err != nil {
		return addressRulesForm(c, d).Rerender(c, err)
	}
	return c.Done(providerPath(c, d, ""), "providerSaved")
}

// unusedAddresses says how many people have no address because of what the provider sent at
// their last sign-in; empty if there are none.
func unusedAddresses(c *kit.Context, read admin.DirectoryView) (string, error) {
	counts, err := read.CountEmailProblems(c.Ctx)
	if err != nil {
		return "", err
	}
	p := c.Printer
	words := map[access.EmailProblem]string{access.EmailMissing: p.T("Missing"), access.EmailUnreadable: p.T("Invalid"),
		access.EmailUnverified: p.T("Not verified"), access.EmailElsewhere: p.T("In none of the verified domains")}
	var all int64
	var parts []string
	for _, problem := range []access.EmailProblem{access.EmailMissing, access.EmailUnreadable, access.EmailUnverified,
		access.EmailElsewhere} {
		if n := counts[problem]; n > 0 {
			all += n
			parts = append(parts, p.T("%s (%s)", words[problem], p.Number(n)))
		}
	}
	if all == 0 {
		return "", nil
	}
	return p.N(int(all), "The mail address that the provider sent isn't used for %d person. Reason: %s.",
		"The mail addresses that the provider sent aren't used for %d people. Reasons: %s.", p.Series(parts)), nil
}

// addUnusedAddresses warns of them on the provider's page.
func addUnusedAddresses(c *kit.Context, read admin.DirectoryView, page *views.DetailPage) error {
	text, err := unusedAddresses(c, read)
	if text != "" {
		page.Notices = append(page.Notices, views.Notice{Kind: "warn", Text: text,
			Link: views.Link{Label: c.Printer.T("Edit addresses and guests"),
				Href: providerPath(c, read.Directory(), "/address-rules")}})
	}
	return err
}
