package kit

import (
	"errors"
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/views"
)

// DomainHint is the domain hint of the link in canonical form; empty if it has
// none.
func (c *Context) DomainHint() access.Domain { return domainHint(c.QueryParams()) }

// HintIn is the domain hint of a link to a path with a query; empty if it has none.
func HintIn(link string) access.Domain {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return domainHint(u.Query())
}

func domainHint(query url.Values) access.Domain {
	given := query.Get("domain_hint")
	if given == "" {
		given = query.Get("whr")
	}
	d, ok := mailaddr.CanonicalDomain(given)
	if !ok {
		return ""
	}
	return d
}

// HintedDirectory is the directory of the link's domain hint; its zero value if
// there is none.
func (c *Context) HintedDirectory() (access.Directory, error) {
	d := c.DomainHint()
	if d == "" {
		return access.Directory{}, nil
	}
	return c.DirectoryForDomain(d)
}

// DirectoryForDomain is the directory at which people of the domain sign in to
// this tenant: its own, or one whose people it admits; the zero value if there
// is none.
func (c *Context) DirectoryForDomain(d access.Domain) (access.Directory, error) {
	dir, err := c.Store.DirectoryByDomain(c.Ctx, c.Tenant.ID, d)
	if err != nil || !dir.Enabled {
		if access.KindOf(err) == access.NotFound {
			err = nil
		}
		return access.Directory{}, err
	}
	if dir.ID == c.Tenant.Directory {
		return dir, nil
	}
	admitted, err := c.Store.AdmitsDirectory(c.Ctx, c.Tenant.ID, dir)
	if err != nil || !admitted {
		return access.Directory{}, err
	}
	return dir, nil
}

// RedirectAway sends the browser to an address outside the portal, or one that
// may redirect there. After a form it does so with a page, because browsers
// apply form-action to every redirect that follows a form.
func (c *Context) RedirectAway(title, address string, text ...string) error {
	if c.Request().Method == http.MethodGet {
		return c.Redirect(http.StatusSeeOther, address)
	}
	c.Response().Header().Set("Refresh", "0; url="+address)
	page := views.ErrorPage{Chrome: c.Chrome(title),
		Text:  append(text, c.Printer.T("If nothing happens, follow the link.")),
		Links: []views.Link{{Label: c.Printer.T("Continue"), Href: address, Primary: true}}}
	return c.Show(http.StatusOK, page.Page())
}

// sendToSignIn redirects to the sign-in page. If the request is a form of a
// session that has ended, it saves what was typed as a draft for the account of
// that session.
func (c *Context) sendToSignIn(r Route) error {
	if r.FormPage == nil {
		return c.Redirect(http.StatusSeeOther, c.signInURL(c.currentURL(), c.DomainHint()))
	}
	target := r.FormPage(c.Request().URL.EscapedPath())
	id := c.formAccount()
	if id == "" {
		return c.Redirect(http.StatusSeeOther, c.signInURL(target, ""))
	}
	key := signin.NewToken()
	err := c.Lifecycle.SignIns.SaveDraft(c.Ctx, access.FormDraft{Key: signin.HashToken(key), Tenant: c.Tenant.ID,
		Account: id, Form: c.draftFields()})
	if kind := access.KindOf(err); err != nil && (kind == access.Forbidden || kind == access.NotFound) {
		return c.Redirect(http.StatusSeeOther, c.signInURL(target, "")) // signing in says why
	}
	if err != nil && store.IsStorageError(err) {
		return errors.Join(access.Refuse(access.Unavailable, "Your session has ended, and what you entered can't be saved "+
			"right now. Go back to copy it, and sign in again in a few minutes."), err)
	}
	tooLong := err != nil && access.KindOf(err) == access.Invalid
	if err != nil && !tooLong {
		return err
	}
	domain, err := c.domainOfAccount(id)
	if err != nil {
		return err
	}
	p := c.Printer
	if tooLong {
		return c.draftTooLong(c.signInURL(target, domain))
	}
	return c.RedirectAway(p.T("Your session has ended"), c.signInURL(target+"?draft="+key, domain),
		p.T("What you entered is saved. You'll see it again after you sign in with the same account."))
}

// ConfirmPath is the page, below the tenant, on which people prove their address who signed
// in with passcodes before (access.CarryOver).
const ConfirmPath = "/sign-in/confirm"

// ConfirmURL is that page, which leads to the target.
func ConfirmURL(c *Context, target string) string {
	return c.Home + ConfirmPath + "?" + url.Values{"to": {target}}.Encode()
}

// sendToConfirm redirects to the page at ConfirmPath, and from there to the page of the
// request.
func sendToConfirm(c *Context, r Route) error {
	target := c.currentURL()
	if r.FormPage != nil {
		target = r.FormPage(c.Request().URL.EscapedPath())
	}
	return c.Redirect(http.StatusSeeOther, ConfirmURL(c, target))
}

// draftTooLong says that what was typed is not kept, before the browser leaves the
// page from which it can still be copied.
func (c *Context) draftTooLong(signIn string) error {
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(p.T("Your session has ended")),
		Text: []string{p.T("What you entered is too long to save: more than %d KB. Nothing was changed.",
			access.MaxDraftSize>>10), p.T("Go back in your browser and copy it, then sign in and paste it again.")},
		Links: []views.Link{{Label: p.T("Sign in"), Href: signIn, Primary: true}}}
	return c.Show(http.StatusRequestEntityTooLarge, page.Page())
}

// pauseBeforeSignIn shows a page for a second before it redirects to the
// sign-in page. Links in the older shape have their page in the fragment, which
// only scripts can read and a redirect to the provider would lose.
func (c *Context) pauseBeforeSignIn() error {
	target := c.PagePath("sign-in") + "?" +
		url.Values{"to": {c.PagePath()}, "domain_hint": {string(c.DomainHint())}}.Encode()
	c.Response().Header().Set("Refresh", "1; url="+target)
	page := views.ErrorPage{Chrome: c.Chrome(c.Printer.T("Going to sign-in")),
		Text:  []string{c.Printer.T("If nothing happens, follow the link.")},
		Links: []views.Link{{Label: c.Printer.T("Continue"), Href: target, Primary: true}}}
	return c.Show(http.StatusOK, page.Page())
}

func (c *Context) signInURL(target string, hint access.Domain) string {
	q := url.Values{"to": {target}}
	if hint != "" {
		q.Set("domain_hint", string(hint))
	}
	return c.PagePath("sign-in") + "?" + q.Encode()
}

// domainOfAccount is a domain of the account's directory; empty if it has none.
func (c *Context) domainOfAccount(id access.AccountID) (access.Domain, error) {
	a, err := c.Store.Account(c.Ctx, id)
	if err != nil {
		return "", err
	}
	dir, err := c.Store.Directory(c.Ctx, a.Directory)
	if err != nil || len(dir.Domains) == 0 {
		return dir.FormerDomain, err
	}
	return dir.Domains[0], nil
}

// draftFields is the form as it was sent, without the CSRF token and secrets.
func (c *Context) draftFields() map[string][]string {
	form := map[string][]string{}
	for name, values := range c.Request().PostForm {
		if name == "csrf" || name == SecretField || name == "sealed" {
			continue
		}
		for _, value := range values {
			form[storable(name)] = append(form[storable(name)], storable(value))
		}
	}
	return form
}

// Draft is what was typed before the session ended; nil if there is no draft.
func (c *Context) Draft() url.Values {
	key := c.QueryParam("draft")
	if key == "" {
		return nil
	}
	d, err := c.Lifecycle.SignIns.Draft(c.Ctx, signin.HashToken(key), c.Account.ID, c.Now)
	if err != nil {
		return nil
	}
	return d.Form
}
