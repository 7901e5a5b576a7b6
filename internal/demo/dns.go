package demo

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"myaccess/internal/access"
)

// DNS replaces the name servers of all domains: it has the TXT records that
// were published on the console. They are stored in a file. It is safe for
// concurrent use.
type DNS struct {
	file string

	mu  sync.Mutex
	txt map[string][]string
}

// maxRecords is the maximum number of names with a record.
const maxRecords = 200

// NewDNS reads the records from file; none if there is no such file.
func NewDNS(file string) (*DNS, error) {
	d := &DNS{file: file, txt: map[string][]string{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	return d, json.Unmarshal(text, &d.txt)
}

// LookupTXT works as that of net.Resolver.
func (d *DNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := d.txt[strings.ToLower(strings.TrimSuffix(name, "."))]
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return slices.Clone(found), nil
}

// Publish sets the TXT record of a name; an empty value removes it.
func (d *DNS) Publish(name, value string) error {
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(value), `"`)
	if _, err := access.ParseDomain(strings.TrimPrefix(name, "_myaccess.")); err != nil {
		return access.Invalidf("name", "Type the name of the record as the portal shows it, such as _myaccess.quay.example.")
	}
	if len(value) > 255 {
		return access.Invalidf("value", "A value has at most 255 characters.")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	before, had := d.txt[name]
	switch {
	case value == "":
		delete(d.txt, name)
	case !had && len(d.txt) >= maxRecords:
		return access.Invalidf("name", "There is no room for more records.")
	default:
		d.txt[name] = []string{value}
	}
	text, err := json.Marshal(d.txt)
	if err == nil {
		err = replaceFile(d.file, text)
	}
	if err != nil {
		d.txt[name] = before
	}
	return err
}

// records returns all records by name.
func (d *DNS) records() []record {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []record
	for name, values := range d.txt {
		for _, value := range values {
			all = append(all, record{name, value})
		}
	}
	slices.SortFunc(all, func(a, b record) int { return strings.Compare(a.Name, b.Name) })
	return all
}

type record struct{ Name, Value string }

// unknownPartner is an organization that the portal does not know, to be added
// as a connected organization by hand. On the console's DNS page its
// administrators publish TXT records and register the portal as a client.
func unknownPartner(consoleURL string) Organization {
	return Organization{Slug: "quay", Issuer: consoleURL + "/idp/quay", Name: "Quay Partners",
		Domains: []string{"quay.example"}, People: []Person{
			{Subject: "noor", Name: "Noor Vance", Email: "noor@quay.example", Language: "en", Role: "Logistics"},
			{Subject: "piet", Name: "Piet Maas", Email: "piet@quay.example", Language: "en", Role: "Harbour master"},
		}}
}

// The portal's client at the unknown partner's provider.
const (
	partnerClient = "myaccess"
	partnerSecret = "a-secret-for-the-demonstration"
)

// dnsView is the DNS page, for the unknown partner's administrators.
type dnsView struct {
	frame
	Organization
	Client, Secret string
	Callback       string // as typed
	Registered     []string
	Name, Value    string
	Records        []record
	Fault          *access.Error
	Done           bool
}

func (d *Demo) dns(w http.ResponseWriter, r *http.Request) {
	d.showDNS(w, r, http.StatusOK, dnsView{Done: r.URL.Query().Has("done")})
}

func (d *Demo) showDNS(w http.ResponseWriter, r *http.Request, status int, page dnsView) {
	page.frame, page.Organization = d.frame(r, "DNS and clients"), unknownPartner(d.config.ConsoleURL)
	page.Client, page.Secret, page.Records = partnerClient, partnerSecret, d.DNS.records()
	page.Registered = d.Provider.redirects(page.Issuer, partnerClient)
	render(w, r, status, dnsPage(page))
}

// publish sets a TXT record.
func (d *Demo) publish(w http.ResponseWriter, r *http.Request) {
	name, value := r.PostFormValue("name"), r.PostFormValue("value")
	if err := d.DNS.Publish(name, value); err != nil {
		fault, ok := errors.AsType[*access.Error](err)
		if !ok {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		d.showDNS(w, r, http.StatusUnprocessableEntity, dnsView{Fault: fault, Name: name, Value: value})
		return
	}
	http.Redirect(w, r, "/dns?done", http.StatusSeeOther)
}

// register registers the portal's callback address at the unknown partner's provider.
func (d *Demo) register(w http.ResponseWriter, r *http.Request) {
	callback := strings.TrimSpace(r.PostFormValue("callback"))
	u, err := url.Parse(callback)
	if err != nil || u.Scheme+"://"+u.Host != d.config.PortalURL || !strings.HasPrefix(u.Path, "/auth/callback/") ||
		u.RawQuery != "" {
		d.showDNS(w, r, http.StatusUnprocessableEntity, dnsView{Callback: callback,
			Fault: access.Invalidf("callback", "Type the callback address as the portal shows it, such as %s/auth/callback/…",
				d.config.PortalURL)})
		return
	}
	if err := d.Register(unknownPartner(d.config.ConsoleURL).Issuer, callback); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/dns?done", http.StatusSeeOther)
}

// Register registers the portal's callback address at the unknown partner's provider;
// other issuers are ignored.
func (d *Demo) Register(issuerURL, callback string) error {
	if issuerURL != unknownPartner(d.config.ConsoleURL).Issuer {
		return nil
	}
	return d.Provider.RegisterClient(issuerURL, Client{ID: partnerClient, Secret: partnerSecret,
		PostLogoutURIs: []string{d.config.PortalURL + "/auth/signed-out"},
		RedirectURIs:   append(d.Provider.redirects(issuerURL, partnerClient), callback)})
}

// redirects returns the registered redirect URIs of a client.
func (p *Provider) redirects(issuerURL, client string) []string {
	for _, is := range p.issuers {
		if is.Issuer == issuerURL {
			c, _ := is.client(client)
			return slices.Clone(c.RedirectURIs)
		}
	}
	return nil
}
