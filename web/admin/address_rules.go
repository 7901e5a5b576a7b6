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
	trust := p.T("No: only addresses that the provider says are verified")
	if d.TrustAddresses {
		trust = p.T("Yes")
	}
	rule := p.T("Standard")
	if d.GuestClaim != "" {
		rule = p.T("%s is %s", d.GuestClaim, strings.Join(d.GuestValues, ", "))
	}
	return []ui.Fact{{Name: p.T("Trust mail addresses"), Value: trust}, {Name: p.T("Guest rule"), Value: rule}}
}

// addressRulesForm changes whether a provider's addresses are trusted, and who is a
// guest of it.
func addressRulesForm(c *kit.Context, d access.Directory) kit.EditForm {
	p := c.Printer
	e := providerEditForm(c, d, p.T("Addresses and guests of %s", d.Name), "/address-rules")
	e.Stored = url.Values{"provider.trustAddresses": {kit.YesNo(d.TrustAddresses)}, "provider.guestClaim": {d.GuestClaim},
		"provider.guestValues": {strings.Join(d.GuestValues, "\n")}}
	e.Groups = func(typed url.Values, faults map[string]string) []views.Group {
		return []views.Group{{Parts: []views.Part{
			c.SwitchField(typed, faults, "provider.trustAddresses", p.T("Trust mail addresses"),
				p.T("Addresses in the provider's verified domains count as verified, even if the provider says that they "+
					"aren't. Turn this on only if people can't choose their address there. People you added before their first "+
					"sign-in are recognized by a verified address.")),
			kit.TextField(typed, faults, ui.Field{Name: "provider.guestClaim", Label: p.T("Guest claim"),
				MaxLength: access.MaxClaimLength, Autocomplete: "off",
				Hint: p.T("The claim that tells guests of the provider from members, such as acct, userType or " +
					"identity_provider. Leave empty for the standard rule: acct is 1, userType is Guest, or another identity " +
					"provider signed the person in.")}),
			kit.TextField(typed, faults, ui.Field{Name: "provider.guestValues", Label: p.T("Values of guests"), Type: "area",
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
	return c.Done(providerPath(c, d, ""), "saved")
}
