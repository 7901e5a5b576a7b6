package auth

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/web/kit"
)

// A link can be opened by any other site, so a GET never ends or replaces the session
// that the browser has. It shows a page that says who is signed in and what would
// happen, with a form that does it.

// replaceNotice says on the sign-in page what becomes of the session that the browser
// has; empty if it has none.
func replaceNotice(c *kit.Context) string {
	if c.SessionKey == "" {
		return ""
	}
	return kit.SignedInText(c) + " " + c.Printer.T("This session ends when you sign in with another account.")
}

// askToReplace asks a person who is signed in already, by a link, whether to sign in at
// the directory. admitted says whether the session can be used in this tenant.
func askToReplace(c *kit.Context, dir access.Directory, to string, admitted bool) error {
	p := c.Printer
	stay := c.Links.Front()
	if admitted {
		stay = targetOrHome(c, to)
	}
	page := views.Confirm{Chrome: c.Chrome(p.T("Sign in with another account?")), Action: c.PagePath("sign-in"),
		Text: []string{kit.SignedInText(c),
			p.T("If you sign in with %s, this session is replaced by the new one.", dir.Name)},
		Hidden: []views.Hidden{{Name: "address", Value: string(c.DomainHint())}, {Name: "to", Value: to}},
		Buttons: []views.Button{{Label: p.T("Continue to %s", dir.Name), Name: "prompt", Value: string(prompt(c)),
			Primary: true}},
		Links: []views.Link{{Label: p.T("Stay signed in"), Href: stay}}}
	return c.Show(http.StatusOK, page.Page())
}

// prompt is the prompt that the link or the form asks the provider for.
func prompt(c *kit.Context) access.Prompt {
	if asked := access.ParsePrompt(c.FormText("prompt")); asked != access.PromptNothing {
		return asked
	}
	return access.ParsePrompt(c.QueryParam("prompt"))
}

// offerReplacement asks which of two sessions to keep: the one that the browser has, or
// the one with the id, of the account, which a sign-in begun before it has created. The
// id travels in the form, encrypted for the browser's session.
func offerReplacement(c *kit.Context, id string, signedIn access.Account, to string) error {
	p := c.Printer
	name := views.AccountLabel(p, signedIn.Name, mailaddr.Show(signedIn.Email))
	page := views.Confirm{Chrome: c.Chrome(p.T("Sign in with another account?")),
		Action: c.Links.Path("/auth/replace"),
		Text: []string{kit.SignedInText(c), p.T("A sign-in that began in another tab or window was completed as %s.", name),
			p.T("If you continue as %s, your current session ends.", signedIn.Name)},
		Hidden: []views.Hidden{{Name: "sealed", Value: c.Seal(id)}, {Name: "to", Value: to}},
		Buttons: []views.Button{
			{Label: p.T("Continue as %s", signedIn.Name), Name: "choice", Value: "replace", Primary: true},
			{Label: p.T("Stay signed in as %s", c.Account.Name), Name: "choice", Value: "stay"}}}
	return c.Show(http.StatusOK, page.Page())
}

// postReplace keeps one of the two sessions that offerReplacement has asked about, and
// ends the other.
func postReplace(c *kit.Context) error {
	id, to := c.Unseal(c.FormText("sealed")), c.SafeRedirect(c.FormText("to"))
	if to == "" {
		to = c.Links.Front()
	}
	in, err := c.Lifecycle.SignIns.Session(c.Ctx, c.Store, signin.HashToken(id), c.Now)
	if err != nil && access.KindOf(err) != access.NotFound {
		return err
	}
	if err != nil || !c.Now.Before(in.Session.Created.Add(access.SignInAttemptLifetime)) {
		return signInFailed(c, access.SignInAttempt{ReturnTo: to}, access.Directory{},
			access.Invalidf("state", "This sign-in was started in another browser, took too long, or is already complete."))
	}
	ends := c.SessionKey
	if c.FormText("choice") != "replace" {
		ends = in.Session.Key
	}
	if err := c.Lifecycle.SignIns.EndSession(c.Ctx, ends); err != nil {
		return err
	}
	if ends == c.SessionKey {
		if err := c.SessionCookies.SetSession(c.Response(), c.Request(), id); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, to)
}
