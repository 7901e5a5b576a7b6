package demo

import "myaccess/internal/lang"

// guide returns the steps of the sample's scenario.
func (d *Demo) guide(p *lang.Printer) []guideStep {
	const host, mira, lena, ida = "meridian.example", "mira@harbor.example", "lena@meridian.example",
		"ida@meridian.example"
	return []guideStep{
		{Title: p.T("Meridian Works has a connected organization"),
			Text: p.T("Harbor Studio has the domains harbor.example and harbor-lab.example. Lena Berg is its sponsor. The " +
				"workspace file set this up.")},
		{Title: p.T("A catalog has what partners need"),
			Text: p.T("“Partner projects” is enabled for external users and has the Tidal team, the Tidal site and a security " +
				"group.")},
		{Title: p.T("An access package can be requested"),
			Text: p.T("“Tidal project” includes all three. People of Harbor Studio answer one question. No approval is " +
				"needed, and access ends after 90 days.")},
		{Title: p.T("A partner follows the link"),
			Text: p.T("Choose Mira Sand at the sign-in of Harbor Studio, open “Tidal project”, answer the question and " +
				"submit."),
			Links: []link{{p.T("Open the portal as a partner"), d.portalLink(host, "harbor.example")}}},
		{Title: p.T("Access is delivered"),
			Text:  p.T("The request page shows what was delivered. Mira also gets a message."),
			Links: []link{{p.T("Messages to Mira Sand"), mailPath(mira)}}},
		{Title: p.T("Some requests need approval"),
			Text: p.T("Request “Tidal release board” (an order number looks like PO-123456). Lena Berg approves first, then " +
				"Ida Falk, from the links in their messages. Sign out in between, or use a private window."),
			Links: []link{{p.T("Messages to Lena Berg"), mailPath(lena)}, {p.T("Messages to Ida Falk"), mailPath(ida)}}},
		{Title: p.T("Access ends"),
			Text: p.T("Move the clock by 30 days, three times. The access is removed, Mira gets a message, and the guest is " +
				"blocked. After 30 more days, the guest is removed."),
			Links: []link{{p.T("Messages to Mira Sand"), mailPath(mira)}}},
	}
}
