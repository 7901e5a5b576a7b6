package auth

import (
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// sendCode sends a one-time passcode to the address and redirects to the page
// that asks for it. It returns NotFound if people of the address's domain do
// not sign in with passcodes here.
func sendCode(c *kit.Context, address, to string) error {
	if err := c.CheckStart(); err != nil {
		return err
	}
	started := signin.Started{State: signin.NewToken(), Binding: signin.NewToken()}
	sent, err := c.Lifecycle.Passcodes.Send(c.Ctx, lifecycle.PasscodeRequest{Tenant: c.Tenant.ID, Address: address,
		Key: signin.HashToken(started.State), Client: kit.ClientNetwork(c),
		Binding: signin.HashToken(started.Binding), ReturnTo: targetOrHome(c, to)})
	if err != nil {
		return cannotSignIn(err)
	}
	c.SessionCookies.Bind(c.Response(), c.Request(), started)
	q := url.Values{"attempt": {started.State}}
	if !sent {
		q.Set("mail", "last")
	}
	return c.Redirect(http.StatusSeeOther, c.PagePath("sign-in", "code")+"?"+q.Encode())
}

// showCode asks for the passcode.
func showCode(c *kit.Context) error {
	return codePage(c, http.StatusOK, c.QueryParam("attempt"), "", "")
}

func codePage(c *kit.Context, status int, attempt, typed, fault string) error {
	p := c.Printer
	text := p.T("We sent a code to the address you entered. It can take a minute.")
	if c.QueryParam("mail") == "last" {
		text = p.T("We sent several codes to this address in the last hour. Enter the one from the latest mail.")
	}
	page := views.Passcode{Chrome: c.Chrome(p.T("Enter the code")), Text: text, Action: c.PagePath("sign-in", "code"),
		Attempt: kit.Shorten(attempt, 64), Field: codeField(c, typed, fault), Submit: p.T("Sign in"),
		Resend: views.Link{Label: p.T("Enter another address"), Href: c.PagePath("sign-in")}}
	return c.Show(status, page.Page())
}

// codeField is the field for a passcode.
func codeField(c *kit.Context, typed, fault string) ui.Field {
	p := c.Printer
	return ui.Field{Name: "code", Label: p.T("Code"), Type: "text", MaxLength: 20, Required: true, Focus: true,
		Autocomplete: "one-time-code", Value: typed, Error: fault,
		Hint: p.T("%d digits, valid for %d minutes in this browser.", access.PasscodeDigits,
			int(access.PasscodeLifetime.Minutes()))}
}

// postCode signs in with a passcode.
func postCode(c *kit.Context) error {
	attempt, typed := c.FormText("attempt"), kit.Shorten(c.FormText("code"), 20)
	binding := c.SessionCookies.Binding(c.Request(), attempt)
	redeemed, err := c.Lifecycle.Passcodes.Redeem(c.Ctx, signin.HashToken(attempt), signin.HashToken(binding),
		strings.TrimSpace(typed))
	switch {
	case access.KindOf(err) == access.Invalid && err != nil:
		return codePage(c, http.StatusUnprocessableEntity, attempt, typed, kit.ErrorText(c.Printer, err))
	case access.KindOf(err) == access.NotFound && err != nil:
		return signInFailed(c, access.SignInAttempt{ReturnTo: c.PagePath("sign-in")}, access.Directory{},
			access.Invalidf("code", "This code was requested in another browser, has expired, or was entered incorrectly too "+
				"often. Request a new one."))
	case err != nil:
		return cannotSignIn(err)
	}
	c.SessionCookies.Unbind(c.Response(), attempt)
	return completeSignIn(c, access.SignInAttempt{Tenant: redeemed.Tenant, ReturnTo: redeemed.ReturnTo,
		Session: c.SessionKey}, // the form has the session's token
		signin.Finished{Identity: redeemed.Identity})
}
