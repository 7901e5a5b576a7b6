package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
)

// showFront is / : people of the tenants themselves type their address here.
// Whoever is signed in goes to their own tenant.
func showFront(v *visit) error {
	if v.key != "" {
		t, ok, err := v.Store.TenantOf(v.ctx, v.account.Directory)
		if err != nil {
			return err
		}
		if ok {
			return v.Redirect(http.StatusSeeOther, "/@"+string(t.PrimaryDomain())+"/")
		}
		return v.showHosts()
	}
	return v.askAddress(http.StatusOK, "", "", "")
}

// showHosts leads somebody whose own organization hosts nothing here to those
// in which the account is known.
func (v *visit) showHosts() error {
	hosts, err := v.Store.TenantsOfAccount(v.ctx, v.account.ID)
	if err != nil {
		return err
	}
	if len(hosts) == 1 {
		return v.Redirect(http.StatusSeeOther, "/@"+string(hosts[0].PrimaryDomain())+"/")
	}
	p := v.printer
	page := views.ErrorPage{Chrome: v.chrome(p.T("Where do you want to go?")), SwitchAccount: true, ReturnTo: "/"}
	page.Text = []string{p.T("You are signed in as %s (%s) of %s.", v.account.Name, v.account.Email, v.organization()),
		p.T("If you were sent a link to something, follow that link.")}
	for _, t := range hosts {
		page.Links = append(page.Links, views.Link{Label: t.Name, Href: "/@" + string(t.PrimaryDomain()) + "/"})
	}
	return v.show(http.StatusOK, page.Page())
}

// postFront sends somebody who typed an address at / to the provider.
func postFront(v *visit) error {
	typed := v.form("address")
	d, err := signin.DomainFromInput(typed)
	if err != nil {
		return v.askAddress(http.StatusUnprocessableEntity, typed, sentence(v.printer, err), "")
	}
	dir, err := v.Store.DirectoryByDomain(v.ctx, "", d)
	if err == nil && dir.Enabled && dir.Kind == access.DirectoryOpenID {
		return v.begin(dir, signin.Start{Target: "/", LoginHint: hintOf(typed), DomainHint: d})
	}
	if err != nil && access.KindOf(err) != access.NotFound {
		return err
	}
	return v.askAddress(http.StatusUnprocessableEntity, typed, v.printer.T("No organization here signs in with %s.",
		string(d)), "")
}

// hintOf is what was typed if it is an address, for the provider to fill in.
func hintOf(typed string) string {
	if _, ok := access.DomainOf(typed); ok {
		return typed
	}
	return ""
}

// plainAt brings /%40domain to /@domain, as some mail programs and chats write
// links.
func plainAt(v *visit) error {
	u := v.Request().URL
	target := "/@" + strings.TrimPrefix(u.EscapedPath(), "/%40")
	if u.RawQuery != "" {
		target += "?" + u.RawQuery
	}
	return v.Redirect(http.StatusPermanentRedirect, target)
}

// addSlash brings /@domain to /@domain/.
func addSlash(v *visit) error {
	target := v.home + "/"
	if query := v.Request().URL.RawQuery; query != "" {
		target += "?" + query
	}
	return v.Redirect(http.StatusPermanentRedirect, target)
}

// showSignIn is the tenant's sign-in page. A hint that names a directory skips
// the question.
func showSignIn(v *visit) error {
	to := own(v.QueryParam("to"))
	if v.key != "" && v.QueryParam("prompt") == "" && v.tenant.Settings.AcceptsSession(v.signed, v.now) {
		if _, err := v.Lifecycle.SignIns.PersonFor(v.ctx, v.Store, v.tenant, v.account); err == nil {
			return v.Redirect(http.StatusSeeOther, orHome(v, to))
		}
	}
	dir, err := v.hinted()
	if err != nil {
		return err
	}
	if dir.ID == "" || dir.Kind == access.DirectoryPasscode {
		return v.askAddress(http.StatusOK, "", "", to)
	}
	return v.begin(dir, signin.Start{Tenant: v.tenant.ID, Target: orHome(v, to), DomainHint: v.hint()})
}

func orHome(v *visit, to string) string {
	if to == "" {
		return v.home + "/"
	}
	return to
}

// postSignIn sends somebody who typed an address to the provider.
func postSignIn(v *visit) error {
	typed, to := v.form("address"), own(v.form("to"))
	d, err := signin.DomainFromInput(typed)
	if err != nil {
		return v.askAddress(http.StatusUnprocessableEntity, typed, sentence(v.printer, err), to)
	}
	dir, err := v.realm(d)
	if err != nil {
		return err
	}
	if dir.ID != "" && dir.Kind != access.DirectoryPasscode {
		return v.begin(dir, signin.Start{Tenant: v.tenant.ID, Target: orHome(v, to), LoginHint: hintOf(typed), DomainHint: d})
	}
	if dir.ID != "" && hintOf(typed) == "" {
		return v.askAddress(http.StatusUnprocessableEntity, typed,
			v.printer.T("Enter your whole mail address: a code is sent there."), to)
	}
	err = v.sendCode(typed, to)
	if err == nil || access.KindOf(err) != access.NotFound {
		return err
	}
	return v.askAddress(http.StatusUnprocessableEntity, typed,
		v.printer.T("%s does not work with an organization that signs in with %s.", v.tenant.Name, string(d)), to)
}

// hint is the domain that the link names, in canonical form; empty if it names
// none.
func (v *visit) hint() access.Domain {
	given := v.QueryParam("domain_hint")
	if given == "" {
		given = v.QueryParam("whr")
	}
	d, ok := signin.CanonicalDomain(given)
	if !ok {
		return ""
	}
	return d
}

// hinted is the directory of the link's hint; one without id if there is none.
func (v *visit) hinted() (access.Directory, error) {
	d := v.hint()
	if d == "" {
		return access.Directory{}, nil
	}
	return v.realm(d)
}

// realm is the directory at which people of the domain sign in to this tenant:
// its own, or one that it lets people in of; one without id if there is none.
func (v *visit) realm(d access.Domain) (access.Directory, error) {
	dir, err := v.Store.DirectoryByDomain(v.ctx, v.tenant.ID, d)
	if err != nil || !dir.Enabled {
		if access.KindOf(err) == access.NotFound {
			err = nil
		}
		return access.Directory{}, err
	}
	if dir.ID == v.tenant.Directory {
		return dir, nil
	}
	admitted, err := v.Store.AdmitsDirectory(v.ctx, v.tenant.ID, dir)
	if err != nil || !admitted {
		return access.Directory{}, err
	}
	return dir, nil
}

// askAddress shows the page that asks for the work address.
func (v *visit) askAddress(status int, typed, fault, to string) error {
	p := v.printer
	page := views.SignIn{Chrome: v.chrome(p.T("Sign in")), Action: v.home + "/sign-in", ReturnTo: to, Field: ui.Field{
		Name: "address", Label: p.T("Work address"),
		Hint: p.T("Such as name@example.org. You are sent to the sign-in of your organization."),
		Type: "email", MaxLength: 254, Required: true, Autocomplete: "username", Value: typed, Error: fault,
	}}
	if v.tenant.ID != "" {
		page.Title = p.T("Sign in to %s", v.tenant.Name)
	}
	return v.show(status, page.Page())
}

// begin sends the browser to the directory's provider.
func (v *visit) begin(dir access.Directory, start signin.Start) error {
	if wait := v.starts.wait(v.RealIP()); wait > 0 {
		v.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		return access.Refuse(access.TooManyRequests, "You have begun to sign in very often. Wait a moment and try again.")
	}
	if v.QueryParam("prompt") == "select_account" {
		start.Prompt = "select_account"
	}
	started, err := v.SignIn.Begin(v.ctx, dir, start)
	if err != nil {
		return err
	}
	if err := v.Lifecycle.SignIns.SaveAttempt(v.ctx, started.Attempt); err != nil {
		return err
	}
	v.cookies.Bind(v.Response(), v.Request(), started)
	return v.leave(v.printer.T("Going to %s", dir.Name), started.URL)
}

// leave sends the browser to an address that is not ours, or that may lead
// there. A form's answer cannot simply redirect: browsers hold every step of the
// way against form-action.
func (v *visit) leave(title, address string, text ...string) error {
	if v.Request().Method == http.MethodGet {
		return v.Redirect(http.StatusSeeOther, address)
	}
	v.Response().Header().Set("Refresh", "0; url="+address)
	page := views.ErrorPage{Chrome: v.chrome(title), Text: append(text, v.printer.T("If nothing happens, follow the link.")),
		Links: []views.Link{{Label: v.printer.T("Continue"), Href: address, Primary: true}}}
	return v.show(http.StatusOK, page.Page())
}

// finishSignIn is where providers send browsers back to.
func finishSignIn(v *visit) error {
	q := v.Request().URL.Query()
	state := q.Get("state")
	binding := v.cookies.Binding(v.Request(), state)
	attempt, err := v.Lifecycle.SignIns.TakeAttempt(v.ctx, signin.HashToken(state), signin.HashToken(binding))
	if err != nil {
		if access.KindOf(err) == access.NotFound {
			return v.attemptOver(access.SignInAttempt{},
				access.Invalidf("state", "This sign-in was not begun in this browser, took "+
					"too long, or has been finished already."))
		}
		return err
	}
	v.cookies.Unbind(v.Response(), state)
	if attempt.Directory != access.DirectoryID(v.Param("id")) {
		return v.attemptOver(attempt, access.Invalidf("state", "This answer came from another organization than the one "+
			"that was asked."))
	}
	dir, err := v.Store.Directory(v.ctx, attempt.Directory)
	if err != nil {
		return err
	}
	done, err := v.SignIn.Finish(v.ctx, dir, attempt, q, binding)
	if err != nil {
		if kind := access.KindOf(err); kind == access.Invalid || kind == access.Forbidden {
			v.report(err)
			return v.attemptOver(attempt, err)
		}
		return err
	}
	return v.signIn(attempt, done)
}

// signIn makes the session. The one that the browser had before ends (S-2).
func (v *visit) signIn(attempt access.SignInAttempt, done signin.Finished) error {
	if v.key != "" {
		if err := v.Lifecycle.SignIns.EndSession(v.ctx, v.key); err != nil {
			return err
		}
	}
	id := signin.NewToken()
	_, err := v.Lifecycle.SignIns.Complete(v.ctx, lifecycle.CompletedSignIn{Identity: done.Identity,
		Tenant:  attempt.Tenant,
		Session: access.Session{Key: signin.HashToken(id), SID: done.SID, IDToken: done.IDToken}})
	if err != nil {
		return err
	}
	if err := v.cookies.SetSession(v.Response(), v.Request(), id); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, attempt.ReturnTo)
}

// attemptOver says that a sign-in came to nothing, and how to begin again.
func (v *visit) attemptOver(a access.SignInAttempt, err error) error {
	p := v.printer
	again := "/"
	if a.ReturnTo != "" {
		again = a.ReturnTo
	}
	status := statuses()[access.KindOf(err)]
	page := views.ErrorPage{Chrome: v.chrome(p.T("You are not signed in")), Text: []string{sentence(p, err)},
		Links: []views.Link{{Label: p.T("Begin again"), Href: again, Primary: true}}}
	return v.show(status, page.Page())
}

// signOut ends the session here, then at the provider where it offers that. It
// never depends on the provider. With a target, somebody wants to sign in with
// another account.
func signOut(v *visit) error {
	to := own(v.form("to"))
	token, err := v.Store.IDToken(v.ctx, v.key)
	v.Response().Header().Set("Clear-Site-Data", `"cache"`)
	if v.key == "" || access.KindOf(err) == access.NotFound && err != nil {
		v.cookies.ClearSession(v.Response())
		if to != "" {
			return v.leave(v.printer.T("Changing the account"), changeAccount(to))
		}
		return v.Redirect(http.StatusSeeOther, "/auth/signed-out")
	}
	if err := errors.Join(err, v.Lifecycle.SignIns.EndSession(v.ctx, v.key)); err != nil {
		return err
	}
	v.cookies.ClearSession(v.Response())
	v.key = ""
	if to != "" {
		return v.leave(v.printer.T("Changing the account"), changeAccount(to))
	}
	dir, err := v.Store.Directory(v.ctx, v.signed.Directory)
	if err != nil {
		return err
	}
	if address, ok := v.SignIn.EndSession(v.ctx, dir, token); ok {
		return v.leave(v.printer.T("Signing out"), address)
	}
	return v.Redirect(http.StatusSeeOther, "/auth/signed-out")
}

// changeAccount is the sign-in page of the target's tenant, where another
// account can be chosen.
func changeAccount(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(u.Path) < 3 || u.Path[:2] != "/@" {
		return "/"
	}
	home := u.Path
	for i := 2; i < len(home); i++ {
		if home[i] == '/' {
			home = home[:i]
			break
		}
	}
	q := url.Values{"to": {to}, "prompt": {"select_account"}}
	for _, name := range []string{"domain_hint", "whr"} {
		if hint := u.Query().Get(name); hint != "" {
			q.Set("domain_hint", hint)
		}
	}
	return home + "/sign-in?" + q.Encode()
}

// showSignedOut is where sign-out ends.
func showSignedOut(v *visit) error {
	p := v.printer
	page := views.ErrorPage{Chrome: v.chrome(p.T("You are signed out")), Text: []string{p.T("You can close this window.")},
		Links: []views.Link{{Label: p.T("Sign in again"), Href: "/"}}}
	return v.show(http.StatusOK, page.Page())
}

// sendToSignIn sends somebody who is not signed in to the sign-in page. What
// was typed into a form of a session that has ended waits there, kept as a
// draft; the account, and so the organization, is known from the form.
func (v *visit) sendToSignIn(r route) error {
	if r.page == nil {
		return v.Redirect(http.StatusSeeOther, v.signInPage(v.here(), v.hint()))
	}
	target := r.page(v.Request().URL.EscapedPath())
	id := v.formAccount()
	if id == "" {
		return v.Redirect(http.StatusSeeOther, v.signInPage(target, ""))
	}
	key := signin.NewToken()
	if err := v.Lifecycle.SignIns.SaveDraft(v.ctx, access.FormDraft{Key: signin.HashToken(key), Account: id,
		Form: v.typed()}); err != nil {
		return err
	}
	domain, err := v.domainOf(id)
	if err != nil {
		return err
	}
	p := v.printer
	return v.leave(p.T("Your session has ended"), v.signInPage(target+"?draft="+key, domain),
		p.T("What you typed has been kept. It is there again when you have signed in with the same account."))
}

// pause shows a page for a moment before it sends the browser to sign in. A link
// in the older shape names its page in a part of the address that only scripts
// see, and that would be lost on a straight way to the provider.
func (v *visit) pause() error {
	target := v.home + "/sign-in?" + url.Values{"to": {v.home + "/"}, "domain_hint": {string(v.hint())}}.Encode()
	v.Response().Header().Set("Refresh", "1; url="+target)
	page := views.ErrorPage{Chrome: v.chrome(v.printer.T("Going to the sign-in")),
		Text:  []string{v.printer.T("If nothing happens, follow the link.")},
		Links: []views.Link{{Label: v.printer.T("Continue"), Href: target, Primary: true}}}
	return v.show(http.StatusOK, page.Page())
}

func (v *visit) signInPage(target string, hint access.Domain) string {
	q := url.Values{"to": {target}}
	if hint != "" {
		q.Set("domain_hint", string(hint))
	}
	return v.home + "/sign-in?" + q.Encode()
}

// domainOf is a domain of the directory of an account.
func (v *visit) domainOf(id access.AccountID) (access.Domain, error) {
	a, err := v.Store.Account(v.ctx, id)
	if err != nil {
		return "", err
	}
	dir, err := v.Store.Directory(v.ctx, a.Directory)
	if err != nil || len(dir.Domains) == 0 {
		return "", err
	}
	return dir.Domains[0], nil
}

// typed is the form as it was sent, without what belongs to the session, and
// without secrets.
func (v *visit) typed() map[string][]string {
	form := map[string][]string{}
	for name, values := range v.Request().PostForm {
		if name == "csrf" || name == secretField || name == "sealed" {
			continue
		}
		for _, value := range values {
			form[plain(name)] = append(form[plain(name)], plain(value))
		}
	}
	return form
}

// plain is s without what a database does not store.
func plain(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") }

// draft is what was typed before signing in again; nil if nothing waits.
func (v *visit) draft() url.Values {
	key := v.QueryParam("draft")
	if key == "" {
		return nil
	}
	d, err := v.Lifecycle.SignIns.Draft(v.ctx, signin.HashToken(key), v.account.ID, v.now)
	if err != nil {
		return nil
	}
	return d.Form
}

// health says that the process runs, and nothing to strangers.
func health(v *visit) error { return v.String(http.StatusOK, "ok\n") }

// ready says whether the portal can do its work.
func ready(v *visit) error {
	if err := v.Ready(v.ctx); err != nil {
		v.Log.Error("not ready", "error", err)
		return v.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return v.String(http.StatusOK, "ready\n")
}

func robots(v *visit) error {
	return v.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}
