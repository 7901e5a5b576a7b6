package demo

import (
	"bytes"
	_ "embed"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"myaccess/internal/lang"
	"myaccess/internal/mailaddr"
)

//go:embed style.css
var stylesheet string

// frame is the data of the frame around every page of the console.
type frame struct {
	P     *lang.Printer
	Title string
	Here  string // the page's path, to return to
	Now   string
	Mails int
}

// step is a duration by which a button moves the clock.
type step struct{ Value, Label string }

func steps(p *lang.Printer) []step {
	return []step{{"1h", p.T("+1 hour")}, {"24h", p.T("+1 day")}, {"720h", p.T("+30 days")}}
}

// home is the start page.
type home struct {
	frame
	Guide         []guideStep // empty if the workspace is not the sample
	Organizations []organizationRow
}

// guideStep is a step of the scenario.
type guideStep struct {
	Title, Text string
	Links       []link
}

type link struct{ Text, URL string }

// organizationRow is an organization on the start page.
type organizationRow struct {
	Organization
	Links  []link // into its own portal, for its own people and for its partners
	People []personRow
}

// personRow is a person on the start page.
type personRow struct {
	Person
	Links []link // to the portals where the person can request
	Mail  string // the path of the messages to the person
}

// routes are the pages of the console and of the providers.
func (d *Demo) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.home)
	mux.HandleFunc("GET /mail", d.mail)
	mux.HandleFunc("GET /mail/{number}", d.message)
	mux.HandleFunc("POST /clock", d.advance)
	mux.HandleFunc("GET /dns", d.dns)
	mux.HandleFunc("POST /dns/records", d.publish)
	mux.HandleFunc("POST /dns/client", d.register)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		if _, err := io.WriteString(w, stylesheet); err != nil {
			d.config.Log.Debug("the stylesheet was not sent", "error", err)
		}
	})
	d.Provider.routes(mux)
	return mux
}

func (d *Demo) frame(r *http.Request, title lang.Message) frame {
	p := printer(d.config.Catalog, r)
	return frame{P: p, Title: p.T(title), Here: r.URL.RequestURI(), Now: p.DateTime(d.Clock.Now()),
		Mails: len(d.Mailbox.List(""))}
}

func (d *Demo) home(w http.ResponseWriter, r *http.Request) {
	h := home{frame: d.frame(r, "Demonstration")}
	if d.guided {
		h.Guide = d.guide(h.P)
	}
	all := d.Provider.Organizations()
	for _, o := range all {
		row := organizationRow{Organization: o, Links: d.tenantLinks(h.P, o)}
		for _, person := range o.People {
			row.People = append(row.People, personRow{person, d.personLinks(person, o, all), mailPath(person.Email)})
		}
		h.Organizations = append(h.Organizations, row)
	}
	render(w, r, http.StatusOK, homePage(h))
}

// tenantLinks returns the links into a tenant's portal.
func (d *Demo) tenantLinks(p *lang.Printer, o Organization) []link {
	if !o.Tenant {
		return nil
	}
	links := []link{{p.T("Portal for its own people"), d.portalLink(o.Domains[0], o.Domains[0])}}
	for _, partner := range o.Partners {
		links = append(links, link{p.T("Portal for people of %s (%s)", partner.Name, partner.Domain),
			d.portalLink(o.Domains[0], partner.Domain)})
	}
	return links
}

// personLinks returns the links to the tenants that admit a person.
func (d *Demo) personLinks(p Person, home Organization, all []Organization) []link {
	domain, _ := mailaddr.DomainOf(p.Email)
	var links []link
	for _, o := range all {
		connected := slices.ContainsFunc(o.Partners, func(x Partner) bool { return slices.Contains(home.Domains, x.Domain) })
		if o.Tenant && (o.Slug == home.Slug || connected) {
			links = append(links, link{o.Name, d.portalLink(o.Domains[0], string(domain))})
		}
	}
	return links
}

// portalLink returns the address of a tenant's packages with a domain hint.
func (d *Demo) portalLink(tenant, hint string) string {
	return d.config.PortalURL + "/@" + tenant + "/access-packages?" + url.Values{"domain_hint": {hint}}.Encode()
}

func mailPath(to string) string { return "/mail?" + url.Values{"to": {to}}.Encode() }

// mailbox is the list of messages.
type mailbox struct {
	frame
	To         string
	Recipients []string
	Messages   []messageRow
}

type messageRow struct {
	Message
	At string
}

func (d *Demo) mail(w http.ResponseWriter, r *http.Request) {
	to := strings.ToLower(strings.TrimSpace(r.URL.Query().Get("to")))
	page := mailbox{frame: d.frame(r, "Mailbox"), To: to, Recipients: d.Mailbox.Recipients()}
	for _, m := range d.Mailbox.List(to) {
		page.Messages = append(page.Messages, messageRow{m, page.P.DateTime(m.Received)})
	}
	render(w, r, http.StatusOK, mailboxPage(page))
}

// messageView is the page of a message.
type messageView struct {
	frame
	messageRow
	Spans  []span
	Source string // of the frame that shows the HTML
}

func (d *Demo) message(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	m, ok := d.Mailbox.Message(number)
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	page := messageView{frame: d.frame(r, "Message"), Spans: spans(m.Text)}
	page.messageRow = messageRow{m, page.P.DateTime(m.Received)}
	page.Title = m.Subject
	if m.HTML != "" {
		page.Source = `<base target="_blank">` + m.HTML
	}
	// The frame inherits this page's policy, and mails have inline styles.
	w.Header().Set("Content-Security-Policy", policy("'unsafe-inline'", ""))
	render(w, r, http.StatusOK, messagePage(page))
}

// advance moves the clock and redirects back to the page.
func (d *Demo) advance(w http.ResponseWriter, r *http.Request) {
	by, err := time.ParseDuration(r.PostFormValue("by"))
	if err == nil {
		err = d.Clock.Advance(by)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	http.Redirect(w, r, safeBack(r.PostFormValue("back")), http.StatusSeeOther)
}

// safeBack returns back if it is a page with the clock's buttons, else the
// start page.
func safeBack(back string) string {
	path, _, _ := strings.Cut(back, "?")
	if path == "/mail" || path == "/dns" || strings.HasPrefix(path, "/mail/") && !strings.Contains(path, "\\") {
		return back
	}
	return "/"
}

// printer uses the browser's language and UTC.
func printer(catalog *lang.Catalog, r *http.Request) *lang.Printer {
	return catalog.Printer(catalog.Match(lang.ParseAcceptLanguage(r.Header.Get("Accept-Language"))), time.UTC)
}

// render renders a page.
func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := b.WriteTo(w); err != nil {
		return // the browser has disconnected
	}
}
