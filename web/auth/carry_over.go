package auth

import (
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/web/kit"
)

// The page on which a person who signed in with passcodes before, and now at a provider
// that does not say that the address is verified, confirms that it is theirs. The field "do"
// says which button was pressed.
const (
	doSend    = "send"    // send a code
	doCode    = "code"    // enter it
	doAsk     = "ask"     // ask before the next one
	doDecline = "decline" // continue as a new person
)

// showConfirm says whose address has to be proven, or asks for the code that was sent.
func showConfirm(c *kit.Context) error {
	pending, away, err := pendingCarryOver(c)
	if away || err != nil {
		return err
	}
	if attempt := c.QueryParam("attempt"); attempt != "" {
		return provePage(c, http.StatusOK, pending, attempt, "", "")
	}
	return confirmPage(c, pending)
}

// pendingCarryOver loads who is to be carried over to the account. If there is nobody, or
// nobody is signed in, it redirects to where the reader wanted to go and returns true.
func pendingCarryOver(c *kit.Context) (pending access.CarryOver, away bool, err error) {
	to := c.SafeRedirect(c.QueryParam("to"))
	if to == "" {
		to = c.SafeRedirect(c.FormText("to"))
	}
	if c.SessionKey == "" || !c.Tenant.Settings.AcceptsSession(c.Session, c.Now) {
		return pending, true, c.Redirect(http.StatusSeeOther, c.PagePath("sign-in")+"?"+
			url.Values{"to": {targetOrHome(c, to)}}.Encode())
	}
	pending, err = c.Lifecycle.CarryOvers.Pending(c.Ctx, c.Store, c.Tenant.ID, c.Account)
	if access.KindOf(err) == access.NotFound && err != nil {
		return pending, true, c.Redirect(http.StatusSeeOther, targetOrHome(c, to))
	}
	return pending, false, err
}

// confirmPage offers to prove the address, and to continue without.
func confirmPage(c *kit.Context, pending access.CarryOver) error {
	p := c.Printer
	address := mailaddr.Show(pending.Address)
	page := views.Confirm{Chrome: c.Chrome(p.T("Is %s your address?", address)), Action: c.Home + kit.ConfirmPath,
		Text: []string{kit.SignedInText(c),
			p.T("%[2]s already has access or requests at %[1]s, from sign-ins with one-time passcodes. To keep them, enter a "+
				"code that we send to this address.", c.Tenant.Name, address)},
		Hidden: []views.Hidden{{Name: "to", Value: c.SafeRedirect(c.QueryParam("to"))}},
		Buttons: []views.Button{{Label: p.T("Send code"), Name: "do", Value: doSend, Primary: true},
			{Label: p.T("This isn't my address"), Name: "do", Value: doAsk}}}
	return c.Show(http.StatusOK, page.Page())
}

// declinePage asks before somebody continues as a new person.
func declinePage(c *kit.Context, pending access.CarryOver) error {
	p := c.Printer
	to := c.SafeRedirect(c.FormText("to"))
	page := views.Confirm{Chrome: c.Chrome(p.T("Continue without this access?")), Action: c.Home + kit.ConfirmPath,
		Text: []string{p.T("You'll continue as a new person in %s, without the access and requests of %s. Only an "+
			"administrator can change that later.", c.Tenant.Name, mailaddr.Show(pending.Address))},
		Hidden: []views.Hidden{{Name: "to", Value: to}},
		Buttons: []views.Button{{Label: p.T("Continue as a new person"), Name: "do", Value: doDecline,
			Primary: true}},
		Links: []views.Link{{Label: p.T("Back"), Href: kit.ConfirmURL(c, to)}}}
	return c.Show(http.StatusOK, page.Page())
}

// provePage asks for the code.
func provePage(c *kit.Context, status int, pending access.CarryOver, attempt, typed, fault string) error {
	p := c.Printer
	text := p.T("We sent a code to %s. It can take a minute.", mailaddr.Show(pending.Address))
	if c.QueryParam("mail") == "last" {
		text = p.T("We sent several codes to this address in the last hour. Enter the one from the latest mail.")
	}
	to := c.SafeRedirect(c.QueryParam("to"))
	if to == "" {
		to = c.SafeRedirect(c.FormText("to"))
	}
	page := views.Passcode{Chrome: c.Chrome(p.T("Enter the code")), Text: text, Action: c.Home + kit.ConfirmPath,
		Attempt: kit.Shorten(attempt, 64), Field: codeField(c, typed, fault), Submit: p.T("Confirm"),
		Hidden: []views.Hidden{{Name: "do", Value: doCode}, {Name: "to", Value: to}},
		Resend: views.Link{Label: p.T("Back"), Href: kit.ConfirmURL(c, to)}}
	return c.Show(status, page.Page())
}

// postConfirm does what the pressed button says.
func postConfirm(c *kit.Context) error {
	pending, away, err := pendingCarryOver(c)
	if away || err != nil {
		return err
	}
	switch c.FormText("do") {
	case doSend:
		return sendProof(c)
	case doCode:
		return postProof(c, pending)
	case doAsk:
		if err := pending.CanDecline(); err != nil {
			return err
		}
		return declinePage(c, pending)
	case doDecline:
		if err := c.Lifecycle.CarryOvers.Decline(c.Ctx, c.Tenant.ID, c.Account); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, targetOrHome(c, c.SafeRedirect(c.FormText("to"))))
	}
	return confirmPage(c, pending)
}

// sendProof sends a code to the address and redirects to the page that asks for it.
func sendProof(c *kit.Context) error {
	if err := c.CheckStart(); err != nil {
		return err
	}
	to := c.SafeRedirect(c.FormText("to"))
	started := signin.Started{State: signin.NewToken(), Binding: signin.NewToken()}
	sent, err := c.Lifecycle.CarryOvers.Send(c.Ctx, c.Account, lifecycle.PasscodeRequest{Tenant: c.Tenant.ID,
		Key: signin.HashToken(started.State), Binding: signin.HashToken(started.Binding), Client: kit.ClientNetwork(c),
		ReturnTo: targetOrHome(c, to)})
	if err != nil {
		return err
	}
	c.SessionCookies.Bind(c.Response(), c.Request(), started)
	q := url.Values{"attempt": {started.State}, "to": {to}}
	if !sent {
		q.Set("mail", "last")
	}
	return c.Redirect(http.StatusSeeOther, c.Home+kit.ConfirmPath+"?"+q.Encode())
}

// postProof carries the person over if the code is right.
func postProof(c *kit.Context, pending access.CarryOver) error {
	attempt, typed := c.FormText("attempt"), kit.Shorten(c.FormText("code"), 20)
	binding := c.SessionCookies.Binding(c.Request(), attempt)
	to, err := c.Lifecycle.CarryOvers.Redeem(c.Ctx, c.Account, signin.HashToken(attempt), signin.HashToken(binding),
		strings.TrimSpace(typed))
	switch {
	case access.KindOf(err) == access.Invalid && err != nil:
		return provePage(c, http.StatusUnprocessableEntity, pending, attempt, typed, kit.ErrorText(c.Printer, err))
	case access.KindOf(err) == access.NotFound && err != nil:
		return provePage(c, http.StatusUnprocessableEntity, pending, attempt, "",
			c.Printer.T("This code was requested in another browser, has expired, or was entered incorrectly too often. "+
				"Request a new one."))
	case err != nil:
		return err
	}
	c.SessionCookies.Unbind(c.Response(), attempt)
	return c.Redirect(http.StatusSeeOther, to)
}
