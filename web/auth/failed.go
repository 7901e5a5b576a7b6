package auth

import (
	"fmt"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/web/kit"
)

// signInFailed says why a sign-in failed, where it was to lead, whom to ask, and how to go
// on: again, or with another account. a is zero for a response to no attempt, and dir is
// the directory of the sign-in, if it is known.
func signInFailed(c *kit.Context, a access.SignInAttempt, dir access.Directory, err error) error {
	useTenantOf(c, a, dir)
	p, kind := c.Printer, access.KindOf(err)
	page := views.ErrorPage{Chrome: c.Chrome(p.T("You're not signed in")), Text: []string{kit.ErrorText(p, err)}}
	if c.SessionKey != "" {
		page.Title = p.T("Sign-in failed")
		page.Chrome.Title = page.Title
	}
	f, failed := signin.FailureOf(err)
	if failed {
		page.Reference = noteFailure(c, a, dir, f)
	}
	again := c.Links.Front()
	if a.ReturnTo != "" {
		again = a.ReturnTo
	}
	if dir.ID == "" {
		if c.SessionKey != "" {
			page.Text = append(page.Text, kit.SignedInText(c))
		}
		if c.Tenant.ID != "" {
			page.Contact = kit.Contact(c)
		}
		page.Links = []views.Link{{Label: p.T("Try again"), Href: again, Primary: true}}
		return c.Show(kit.StatusOf(kind), page.Page())
	}
	page.Text = append(page.Text, usedAccount(c, a, dir, f), kit.TargetText(c, again))
	page.Contact = kit.Contact(c)
	wrong := f.Reason == access.FailedAccount
	if !wrong { // the same account would come again
		page.Links = append(page.Links, views.Link{Label: p.T("Try again"), Href: again, Primary: true})
	}
	page.Links = append(page.Links, views.Link{Label: p.T("Enter another address"), Href: signInPage(c, a)})
	page.SwitchAccount = switchAt(c, a, dir)
	page.SwitchAccount.Secondary = !wrong
	if kind == access.Unavailable {
		kit.RetryLater(c)
	}
	return c.Show(kit.StatusOf(kind), page.Page())
}

// useTenantOf makes the page one of the tenant of the sign-in: that of its pages, or for
// the front page that of the directory.
func useTenantOf(c *kit.Context, a access.SignInAttempt, dir access.Directory) {
	if c.Tenant.ID != "" || dir.ID == "" {
		return
	}
	var t access.Tenant
	var err error
	if a.Tenant != "" {
		t, err = c.Store.Tenant(c.Ctx, a.Tenant)
	} else {
		t, _, err = c.Store.TenantOf(c.Ctx, dir.ID)
	}
	if err != nil {
		c.Log.Warn("tenant of a sign-in not read", "error", err)
		return
	}
	c.UseTenant(t)
}

// noteFailure logs why a sign-in failed and keeps it for the directory's administrators. It
// returns the reference by which they find it. What the provider wrote is quoted, because
// it can be anything.
func noteFailure(c *kit.Context, a access.SignInAttempt, dir access.Directory, f signin.Failure) string {
	noted := access.SignInFailure{Directory: dir.ID, Tenant: c.Tenant.ID, Reason: f.Reason, Account: f.Account,
		Reference: signin.NewToken()[:8], Code: f.Code, Description: f.Description, Detail: f.Detail, At: c.Now}.Shortened()
	if noted.Account == "" {
		noted.Account = a.LoginHint
	}
	attributes := []any{"reference", noted.Reference, "directory", noted.Directory, "tenant", noted.Tenant, "reason",
		noted.Reason, "account", fmt.Sprintf("%q", noted.Account), "code", fmt.Sprintf("%q", noted.Code), "description",
		fmt.Sprintf("%q", noted.Description), "detail", noted.Detail}
	if f.Network != "" {
		attributes = append(attributes, "network", f.Network)
	}
	c.Log.Warn("sign-in failed", attributes...)
	c.Lifecycle.SignIns.Failed(noted)
	return noted.Reference
}

// usedAccount says which account of which organization was used: what the provider says,
// or else the address that was typed.
func usedAccount(c *kit.Context, a access.SignInAttempt, dir access.Directory, f signin.Failure) string {
	p := c.Printer
	switch {
	case f.Account != "":
		return p.T("You used the account %s to sign in at %s.", f.Account, dir.Name)
	case a.LoginHint != "":
		return p.T("You entered %s. People with this domain sign in with %s.", a.LoginHint, dir.Name)
	}
	return p.T("This sign-in needs an account of %s.", dir.Name)
}

// signInPage is the sign-in page that asks for the address, and leads to where the sign-in
// was to lead.
func signInPage(c *kit.Context, a access.SignInAttempt) string {
	if a.Tenant == "" {
		return c.Links.Front()
	}
	return c.PagePath("sign-in") + "?" + url.Values{"to": {a.ReturnTo}, "prompt": {string(a.Prompt.Next())}}.Encode()
}

// switchAt is the form that signs in with another account at the same directory. The
// address that was typed goes along; otherwise it has the domain that led there.
func switchAt(c *kit.Context, a access.SignInAttempt, dir access.Directory) *views.SwitchAccount {
	address := a.LoginHint
	if address == "" {
		address = string(kit.HintIn(a.ReturnTo))
	}
	if address == "" && len(dir.Domains) > 0 {
		address = string(dir.Domains[0])
	}
	action := c.Links.Path("/sign-in")
	if a.Tenant != "" {
		action = c.PagePath("sign-in")
	}
	return &views.SwitchAccount{Action: action, Hidden: []views.Hidden{{Name: "address", Value: address},
		{Name: "to", Value: a.ReturnTo}, {Name: "prompt", Value: string(a.Prompt.Next())}}}
}

// lostAttempt answers a response to no attempt of this browser.
func lostAttempt(c *kit.Context) error {
	return signInFailed(c, access.SignInAttempt{}, access.Directory{},
		access.Invalidf("state", "This sign-in was started in another browser, took too long, or is already complete."))
}

// isFailure reports whether the error of a sign-in is answered with signInFailed.
func isFailure(err error) bool {
	_, failed := signin.FailureOf(err)
	kind := access.KindOf(err)
	return failed || kind == access.Invalid || kind == access.Forbidden
}
