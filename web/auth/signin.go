package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// showFront is the page /. It asks for the work address, or redirects a
// signed-in person to the tenant of their directory.
func showFront(c *kit.Context) error {
	if c.SessionKey != "" {
		t, ok, err := c.Store.TenantOf(c.Ctx, c.Account.Directory)
		if err != nil {
			return err
		}
		if ok {
			return c.Redirect(http.StatusSeeOther, c.Links.Home(t.PrimaryDomain())+"/")
		}
		return showTenants(c)
	}
	return addressPage(c, http.StatusOK, "", "", "")
}

// showTenants lists the tenants that know the account of a person whose own
// organization hosts nothing here.
func showTenants(c *kit.Context) error {
	hosts, err := c.Store.TenantsOfAccount(c.Ctx, c.Account.ID)
	if err != nil {
		return err
	}
	if len(hosts) == 1 {
		return c.Redirect(http.StatusSeeOther, c.Links.Home(hosts[0].PrimaryDomain())+"/")
	}
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(p.T("Where do you want to go?")),
		SwitchAccount: kit.SwitchAccount(c, c.Links.Front())}
	page.Text = []string{kit.SignedInText(c),
		p.T("If someone sent you a link, use that link.")}
	for _, t := range hosts {
		page.Links = append(page.Links, views.Link{Label: t.Name, Href: c.Links.Home(t.PrimaryDomain()) + "/"})
	}
	return c.Show(http.StatusOK, page.Page())
}

// postFront redirects to the provider of the address typed at /, which is for people of
// the tenants: their domains are public, as addresses of pages. Every other domain gets
// one answer, by one query, whether a provider of a partner has it or nobody (N-26).
func postFront(c *kit.Context) error {
	typed := c.FormText("address")
	d, err := signin.DomainFromInput(typed)
	if err != nil {
		return addressPage(c, http.StatusUnprocessableEntity, typed, kit.ErrorText(c.Printer, err), "")
	}
	var dir access.Directory
	tenant, err := c.Store.TenantByDomain(c.Ctx, d)
	if err == nil {
		dir, err = c.Store.Directory(c.Ctx, tenant.Directory)
	}
	if err == nil && dir.Enabled && dir.Kind == access.DirectoryOpenID {
		return beginSignIn(c, dir, signin.Start{Target: c.Links.Front(), LoginHint: loginHint(typed), DomainHint: d})
	}
	if err != nil && access.KindOf(err) != access.NotFound {
		return err
	}
	return addressPage(c, http.StatusUnprocessableEntity, typed,
		c.Printer.T("We don't recognize %s. Check the address, or use the link you were sent.",
			string(d)), "")
}

// loginHint is what was typed if it is a mail address; empty otherwise.
func loginHint(typed string) string {
	if _, ok := mailaddr.Parse(typed); ok {
		return typed
	}
	return ""
}

// redirectToSlash redirects /@domain to /@domain/.
func redirectToSlash(c *kit.Context) error {
	target := c.PagePath()
	if query := c.Request().URL.RawQuery; query != "" {
		target += "?" + query
	}
	return c.Redirect(http.StatusPermanentRedirect, target)
}

// showSignIn is the tenant's sign-in page. It is skipped if the link's domain
// hint names a directory with a provider, and nobody is signed in whose session would
// end.
func showSignIn(c *kit.Context) error {
	to, admitted := c.SafeRedirect(c.QueryParam("to")), false
	if c.SessionKey != "" && c.Tenant.Settings.AcceptsSession(c.Session, c.Now) {
		person, err := c.Lifecycle.SignIns.PersonFor(c.Ctx, c.Store, c.Tenant, c.Account)
		if admitted = err == nil && person.AcceptsSession(c.Session); admitted && c.QueryParam("prompt") == "" {
			return c.Redirect(http.StatusSeeOther, targetOrHome(c, to))
		}
	}
	dir, err := c.HintedDirectory()
	if err != nil {
		return err
	}
	if dir.ID == "" || dir.Kind == access.DirectoryPasscode {
		return addressPage(c, http.StatusOK, "", "", to)
	}
	if c.SessionKey != "" {
		return askToReplace(c, dir, to, admitted)
	}
	return beginSignIn(c, dir, signin.Start{Tenant: c.Tenant.ID, Target: targetOrHome(c, to), DomainHint: c.DomainHint()})
}

func targetOrHome(c *kit.Context, to string) string {
	if to == "" {
		return c.PagePath()
	}
	return to
}

// postSignIn redirects to the provider of the address that was typed, or sends
// a passcode.
func postSignIn(c *kit.Context) error {
	typed, to := c.FormText("address"), c.SafeRedirect(c.FormText("to"))
	d, err := signin.DomainFromInput(typed)
	if err != nil {
		return addressPage(c, http.StatusUnprocessableEntity, typed, kit.ErrorText(c.Printer, err), to)
	}
	dir, err := c.DirectoryForDomain(d)
	if err != nil {
		return err
	}
	if dir.ID != "" && dir.Kind != access.DirectoryPasscode {
		return beginSignIn(c, dir, signin.Start{Tenant: c.Tenant.ID, Target: targetOrHome(c, to), LoginHint: loginHint(typed),
			DomainHint: d})
	}
	if dir.ID != "" && loginHint(typed) == "" {
		return addressPage(c, http.StatusUnprocessableEntity, typed,
			c.Printer.T("Enter your full mail address. We'll send a code to it."), to)
	}
	err = sendCode(c, typed, to)
	if err == nil || access.KindOf(err) != access.NotFound {
		return err
	}
	return addressPage(c, http.StatusUnprocessableEntity, typed,
		c.Printer.T("We don't recognize %s. Check the address.", string(d)), to)
}

// addressPage asks for the work address.
func addressPage(c *kit.Context, status int, typed, fault, to string) error {
	p := c.Printer
	page := views.SignIn{Chrome: c.Chrome(p.T("Sign in")), Action: c.PagePath("sign-in"), ReturnTo: to,
		Prompt: string(prompt(c)),
		Notice: replaceNotice(c), Field: ui.Field{
			Name: "address", Label: p.T("Work email"),
			Hint: p.T("For example, name@example.org."),
			Type: "email", MaxLength: 254, Required: true, Focus: true, Autocomplete: "username", Value: typed, Error: fault,
		}}
	if fault != "" && c.Tenant.ID != "" {
		page.Contact = kit.Contact(c)
	}
	if c.Tenant.ID != "" {
		page.Title = p.T("Sign in to %s", c.Tenant.Name)
	}
	return c.Show(status, page.Page())
}

// beginSignIn redirects to the directory's provider.
func beginSignIn(c *kit.Context, dir access.Directory, start signin.Start) error {
	if err := c.CheckStart(); err != nil {
		return err
	}
	start.Prompt, start.Session = prompt(c), c.SessionKey
	c.EndSnapshot()
	started, err := c.SignIn.Begin(c.Ctx, dir, start)
	if err != nil && isFailure(err) {
		return signInFailed(c, access.SignInAttempt{Directory: dir.ID, Tenant: start.Tenant, ReturnTo: start.Target,
			LoginHint: start.LoginHint}, dir, err)
	}
	if err != nil {
		return err
	}
	if err := c.Lifecycle.SignIns.SaveAttempt(c.Ctx, started.Attempt); err != nil {
		return cannotSignIn(err)
	}
	c.SessionCookies.Bind(c.Response(), c.Request(), started)
	return c.RedirectAway(c.Printer.T("Going to %s", dir.Name), started.URL)
}

// finishSignIn is the redirect URI of providers.
func finishSignIn(c *kit.Context) error {
	c.EndSnapshot()
	q := c.Request().URL.Query()
	state := q.Get("state")
	binding := c.SessionCookies.Binding(c.Request(), state)
	attempt, err := c.Lifecycle.SignIns.TakeAttempt(c.Ctx, signin.HashToken(state), signin.HashToken(binding))
	if err != nil {
		if access.KindOf(err) == access.NotFound {
			return lostAttempt(c)
		}
		return cannotSignIn(err)
	}
	c.SessionCookies.Unbind(c.Response(), state)
	if attempt.Directory != access.DirectoryID(c.Param("id")) {
		return signInFailed(c, attempt, access.Directory{},
			access.Invalidf("state", "The sign-in response came from a different organization than expected."))
	}
	dir, err := c.Store.Directory(c.Ctx, attempt.Directory)
	if err != nil {
		return err
	}
	done, err := c.SignIn.Finish(c.Ctx, dir, attempt, q, binding)
	if err != nil {
		if isFailure(err) {
			return signInFailed(c, attempt, dir, err)
		}
		return err
	}
	if done.UserInfoError != nil {
		c.Log.Warn("signed in without userinfo", "directory", dir.ID, "error", fmt.Sprintf("%.500q", done.UserInfoError))
	}
	return completeSignIn(c, attempt, done)
}

// completeSignIn creates the session. A session that the browser already had
// ends (S-2); the person is asked first if it has begun since, as somebody else.
func completeSignIn(c *kit.Context, attempt access.SignInAttempt, done signin.Finished) error {
	replaces := attempt.MayReplace(c.SessionKey, c.Account, done.Identity)
	ends := c.SessionKey
	if !replaces {
		ends = ""
	}
	id := signin.NewToken()
	account, err := c.Lifecycle.SignIns.Complete(c.Ctx, lifecycle.CompletedSignIn{Identity: done.Identity,
		Tenant: attempt.Tenant, Replaces: ends,
		Session: access.Session{Key: signin.HashToken(id), SID: done.SID, IDToken: done.IDToken, Prompt: attempt.Prompt}})
	if err != nil {
		return cannotSignIn(err)
	}
	if !replaces {
		return offerReplacement(c, id, account, attempt.ReturnTo)
	}
	if err := c.SessionCookies.SetSession(c.Response(), c.Request(), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, attempt.ReturnTo)
}

// signOut ends the session here, then at the provider if it supports that; it
// depends neither on the provider nor on the database: the cookie is deleted in any
// case. The field "to" is set by people who want to sign in with another account.
func signOut(c *kit.Context) error {
	to := c.SafeRedirect(c.FormText("to"))
	c.SessionCookies.ClearSession(c.Response())
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	if c.SessionKey == "" {
		return signedOut(c, to, "")
	}
	token, tokenErr := c.Store.IDToken(c.Ctx, c.SessionKey)
	if access.KindOf(tokenErr) == access.NotFound && tokenErr != nil { // it has ended meanwhile
		return signedOut(c, to, "")
	}
	endErr := c.Lifecycle.SignIns.EndSession(c.Ctx, c.SessionKey)
	c.SessionKey = ""
	var provider string
	dir, dirErr := c.Store.Directory(c.Ctx, c.Session.Directory)
	if dirErr == nil && tokenErr == nil {
		provider, _ = c.SignIn.EndSession(c.Ctx, dir, token)
	}
	if err := errors.Join(c.SessionFault, tokenErr, endErr, dirErr); err != nil {
		return signedOutHere(c, provider, err)
	}
	return signedOut(c, to, provider)
}

// signedOut redirects after the session has ended: to the sign-in page that leads to
// the target, to the provider's page that ends its session too, or to a page that says
// it is done.
func signedOut(c *kit.Context, to, provider string) error {
	switch {
	case to != "":
		return c.RedirectAway(c.Printer.T("Switching accounts"), switchAccountURL(c, to, c.Session.NextPrompt(c.Now)))
	case provider != "":
		return c.RedirectAway(c.Printer.T("Signing out"), provider)
	}
	return c.Redirect(http.StatusSeeOther, c.Links.Path("/auth/signed-out"))
}

// signedOutHere says that the browser is signed out, but that the end of the session
// is not stored yet because of err.
func signedOutHere(c *kit.Context, provider string, err error) error {
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(p.T("You're signed out in this browser")), Text: []string{
		p.T("The portal can't save anything right now, so your session is still in its database."),
		p.T("The session no longer works, and is removed as soon as the portal can save again.")}}
	page.Reference = c.LogFault(err)
	if provider != "" {
		page.Links = append(page.Links, views.Link{Label: p.T("Sign out at your organization too"), Href: provider})
	}
	return c.Show(http.StatusOK, page.Page())
}

// cannotSignIn is err, with a sentence about signing in if err is that nothing can be
// stored.
func cannotSignIn(err error) error {
	if !store.IsStorageError(err) {
		return err
	}
	return errors.Join(access.Refuse(access.Unavailable,
		"You can't sign in right now because the portal can't save anything. Nothing was saved. Try again in a few minutes."),
		err)
}

// switchAccountURL is the sign-in page of the target's tenant, with a prompt for another
// account.
func switchAccountURL(c *kit.Context, to string, prompt access.Prompt) string {
	u, err := url.Parse(to)
	if err != nil {
		return c.Links.Front()
	}
	fromRoot, ok := c.Links.FromRoot(u.Path)
	domain, named := strings.CutPrefix(fromRoot, "/@")
	if domain, _, _ = strings.Cut(domain, "/"); !ok || !named || domain == "" {
		return c.Links.Front()
	}
	q := url.Values{"to": {to}, "prompt": {string(prompt)}}
	for _, name := range []string{"domain_hint", "whr"} {
		if hint := u.Query().Get(name); hint != "" {
			q.Set("domain_hint", hint)
		}
	}
	return c.Links.Home(access.Domain(domain)) + "/sign-in?" + q.Encode()
}

// showSignedOut is the page after signing out.
func showSignedOut(c *kit.Context) error {
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(p.T("You are signed out")), Text: []string{p.T("You can close this window.")},
		Links: []views.Link{{Label: p.T("Sign in again"), Href: c.Links.Front()}}}
	return c.Show(http.StatusOK, page.Page())
}
