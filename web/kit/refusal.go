package kit

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/views"
)

// errWrongAccount marks the refusal of an account that cannot be used in the tenant: it
// does not admit the account, or the person is disabled.
var errWrongAccount = errors.New("wrong account")

// isWrongAccount reports whether the reader is signed in with an account that
// the link is not meant for: one that the tenant does not admit, or one of
// another directory than the link's domain hint.
func isWrongAccount(c *Context, err error, kind access.ErrorKind) bool {
	if errors.Is(err, errWrongAccount) {
		return true
	}
	return kind == access.NotFound && c.SessionKey != "" && otherOrganization(c).ID != ""
}

// otherOrganization is the directory of the link's domain hint, if it is another one than
// the reader's; otherwise its zero value.
func otherOrganization(c *Context) access.Directory {
	if c.Tenant.ID == "" {
		return access.Directory{}
	}
	dir, err := c.HintedDirectory()
	if err != nil || dir.ID == c.Account.Directory {
		return access.Directory{}
	}
	return dir
}

// wrongAccountPage says that the account cannot be used here, and why.
func wrongAccountPage(c *Context, err error) views.ErrorPage {
	p := c.Printer
	page := views.ErrorPage{Chrome: c.Chrome(p.T("You can't use this account here")),
		Text:  []string{ErrorText(p, err)},
		Links: []views.Link{{Label: p.T("Home"), Href: c.Links.Front()}}}
	if errors.Is(err, errWrongAccount) {
		page.Reference = c.Session.Reference()
		c.Log.Info("request refused: account", "reference", page.Reference, "directory", c.Account.Directory, "tenant",
			c.Tenant.ID, "path", cutQuoted(c.Request().URL.Path, maxQuoted), "error", err.Error())
	}
	if other := otherOrganization(c); other.ID != "" {
		page.Text = []string{p.T("This link is for people of %s.", other.Name)}
	}
	return page
}

// addAccount completes the page of a refusal: which account is signed in, what the link
// leads to as far as its address says, whom to contact, and another account. Nothing of it
// depends on what the address names, so that what is hidden, not for the reader or not
// there looks the same, except to administrators who may see it.
func addAccount(c *Context, page *views.ErrorPage) {
	if c.SessionKey == "" {
		return
	}
	to := returnTarget(c)
	page.Text = append(page.Text, SignedInText(c), TargetText(c, to))
	page.Contact = Contact(c)
	page.Links = append(page.Links, adminLinks(c)...)
	page.SwitchAccount = SwitchAccount(c, to)
}

// AccountLabel names the reader's account, such as “Mara Lind (mara@harbor.example)”.
func AccountLabel(c *Context) string {
	return views.AccountLabel(c.Printer, c.Account.Name, mailaddr.Show(c.Account.Email))
}

// SignedInText names the account of the session and its organization.
func SignedInText(c *Context) string {
	return c.Printer.T("You're signed in as %s of %s.", AccountLabel(c), c.DirectoryName())
}

// ContactText says whom to ask: the tenant's support contact, or the sender of the link.
func ContactText(c *Context) string {
	if support := c.Tenant.Settings.SupportContact; support != "" {
		return c.Printer.T("Need help? Contact: %s", support)
	}
	return c.Printer.T("Need help? Ask the person who sent you the link.")
}

// Contact is ContactText with a link, if the contact is a mail address or an https address.
func Contact(c *Context) views.Contact {
	text, support := ContactText(c), c.Tenant.Settings.SupportContact
	href := contactHref(support)
	before, after, found := strings.Cut(text, support)
	if href == "" || !found {
		return views.Contact{Before: text}
	}
	return views.Contact{Before: before, Label: support, After: after, Href: href}
}

// contactHref is the address of a link to a contact; empty if it is a sentence.
func contactHref(contact string) string {
	if address, ok := mailaddr.Parse(contact); ok {
		return "mailto:" + url.PathEscape(string(address))
	}
	return SafeLink(contact)
}

// TargetText says what kind of page a path of the portal leads to. It looks nothing up.
func TargetText(c *Context, path string) string {
	p, tenant := c.Printer, c.Tenant.Name
	if tenant == "" {
		return p.T("The link leads to the start page.")
	}
	if u, err := url.Parse(path); err == nil {
		path = u.Path
	}
	rest, ok := strings.CutPrefix(path, c.Home+"/")
	area, id, _ := strings.Cut(rest, "/")
	switch {
	case ok && area == "admin":
		return p.T("The link leads to the administration of %s.", tenant)
	case ok && area == "access-packages" && id != "":
		return p.T("The link leads to an access package of %s.", tenant)
	case ok && (area == "requests" || area == "approvals") && id != "":
		return p.T("The link leads to a request at %s.", tenant)
	}
	return p.T("The link leads to pages of %s.", tenant)
}

// SwitchAccount is the form that signs the reader out and leads through a sign-in with
// another account to the path.
func SwitchAccount(c *Context, to string) *views.SwitchAccount {
	return &views.SwitchAccount{Action: c.Links.Path("/sign-out"), Hidden: []views.Hidden{{Name: "to", Value: to}}}
}

// returnTarget is the page to return to after signing in: the current one, or that of the
// form.
func returnTarget(c *Context) string {
	to := c.currentURL()
	if method := c.Request().Method; method != http.MethodGet && method != http.MethodHead {
		if to = ""; c.formPage != nil {
			to = c.SafeRedirect(c.formPage(c.Request().URL.EscapedPath()))
		}
	}
	if to == "" {
		return c.PagePath()
	}
	return to
}

// adminLinks leads to the administrators' page of the access package or the request that
// the path names, if the reader's roles allow it.
func adminLinks(c *Context) []views.Link {
	id, err := c.PathID()
	if err != nil || c.level != SignedIn || !c.Rights.HasAny() {
		return nil
	}
	rest, _ := strings.CutPrefix(c.Request().URL.Path, c.Home+"/")
	area, _, _ := strings.Cut(rest, "/")
	p := c.Printer
	var link views.Link
	switch area {
	case "access-packages":
		_, err = c.View.Package(c.Ctx, access.ReadCatalog, access.PackageID(id))
		link = views.Link{Label: p.T("Open in administration"), Href: c.AdminPath(area, id)}
	case "requests", "approvals":
		_, err = c.View.Request(c.Ctx, access.ReadAssignments, access.RequestID(id))
		link = views.Link{Label: p.T("Open in administration"), Href: c.AdminPath("requests", id)}
	default:
		return nil
	}
	if err != nil {
		if access.KindOf(err) == access.Internal {
			c.Log.Warn("administrator's link not looked up", "error", err)
		}
		return nil
	}
	return []views.Link{link}
}

// addressWarning tells the reader that the portal has no mail address of them because of
// what their provider sent at the last sign-in; nil if it has one.
func addressWarning(c *Context) *views.Warning {
	p, sent := c.Printer, mailaddr.Show(c.Account.SentEmail)
	if c.Person.Email != "" || c.Account.EmailProblem == access.EmailFine {
		return nil
	}
	text := p.T("The sign-in of %s sent no mail address for you.", c.DirectoryName())
	switch {
	case sent == "":
	case c.Account.EmailProblem == access.EmailUnreadable:
		text = p.T("The sign-in of %s sent an invalid mail address for you: %s.", c.DirectoryName(), Quoted(sent))
	case c.Account.EmailProblem == access.EmailUnverified:
		text = p.T("Your mail address %s is unverified: the sign-in of %s doesn't confirm it.", sent, c.DirectoryName())
	case c.Account.EmailProblem == access.EmailElsewhere:
		text = p.T("Your mail address %s is unverified: it's in none of the domains of %s.", sent, c.DirectoryName())
	}
	return &views.Warning{Text: text + " " + p.T("You won't get mail from %s.", c.Tenant.Name) + " " + ContactText(c),
		SwitchAccount: secondary(SwitchAccount(c, returnTarget(c)))}
}

func secondary(s *views.SwitchAccount) *views.SwitchAccount {
	s.Secondary = true
	return s
}
