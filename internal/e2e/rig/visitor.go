package rig

import (
	"context"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Visitor is a person with a browser.
type Visitor struct {
	Name, Email string
	Subject     string // at the provider; empty: types name and address there
	Tenant      string // domain of the tenant to visit
	Language    string // Accept-Language; empty for none
	client      *http.Client
}

// Page is a response.
type Page struct {
	Status int
	URL    *url.URL // after redirects
	Body   string
}

// NewVisitor returns a visitor who is not signed in. Its requests come from the
// IP address from; empty: from a random address each.
func NewVisitor(name, email, subject, tenant, from string) *Visitor {
	return &Visitor{Name: name, Email: email, Subject: subject, Tenant: tenant,
		client: &http.Client{Jar: &jar{}, Transport: &forwardedTransport{from: from,
			next: &http.Transport{MaxIdleConnsPerHost: 4}}}}
}

// forwardedTransport sets X-Forwarded-For, as a proxy does.
type forwardedTransport struct {
	from string
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (o *forwardedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	from := o.from
	if from == "" {
		from = RandomAddress()
	}
	r.Header.Set("X-Forwarded-For", from)
	return o.next.RoundTrip(r)
}

// RandomAddress returns a random IP address, so that the portal's rate limit by
// address does not apply.
func RandomAddress() string {
	n := rand.Uint32() //nolint:gosec // not a secret
	return fmt.Sprintf("10.%d.%d.%d", n>>16&0xff, n>>8&0xff, n&0xff)
}

// jar is a cookie jar. Unlike the one in net/http, it sends secure cookies over
// http, as browsers do on loopback addresses; ports are ignored.
type jar struct {
	mu     sync.Mutex
	values map[string]string
}

// SetCookies implements http.CookieJar.
func (j *jar) SetCookies(_ *url.URL, all []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.values == nil {
		j.values = map[string]string{}
	}
	for _, c := range all {
		if c.MaxAge < 0 {
			delete(j.values, c.Name)
			continue
		}
		j.values[c.Name] = c.Value
	}
}

// Cookies implements http.CookieJar.
func (j *jar) Cookies(*url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []*http.Cookie
	for name, value := range j.values {
		all = append(all, &http.Cookie{Name: name, Value: value})
	}
	return all
}

// SetCookies adds cookies to the visitor's browser.
func (v *Visitor) SetCookies(cookies []*http.Cookie) { v.client.Jar.SetCookies(nil, cookies) }

// CookieHeader returns the Cookie header of the visitor's browser.
func (v *Visitor) CookieHeader() string {
	var all []string
	for _, c := range v.client.Jar.Cookies(nil) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

// TenantURL returns the address of the visitor's tenant at the portal.
func (v *Visitor) TenantURL(p *Portal) string { return p.Base + "/@" + v.Tenant }

// SignIn signs the visitor in at the portal, with a domain hint and the
// provider's page.
func (v *Visitor) SignIn(ctx context.Context, p *Portal) error {
	_, domain, _ := strings.Cut(v.Email, "@")
	asked, err := v.Get(ctx, v.TenantURL(p)+"/sign-in?domain_hint="+domain)
	if err != nil {
		return err
	}
	form := url.Values{"person": {v.Subject}}
	if v.Subject == "" {
		form = url.Values{"name": {v.Name}, "email": {v.Email}}
	}
	page, err := v.Post(ctx, asked.URL.String(), form)
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK || !strings.HasPrefix(page.URL.Path, "/@"+v.Tenant) {
		return fmt.Errorf("%s is not signed in: %d at %s\n%s", v.Email, page.Status, page.URL, page.Body)
	}
	return nil
}

// Get opens a page.
func (v *Visitor) Get(ctx context.Context, address string) (Page, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Page{}, err
	}
	return v.do(r)
}

// Post sends a form and follows redirects.
func (v *Visitor) Post(ctx context.Context, address string, form url.Values) (Page, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return Page{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

// PostNoRedirect sends a form without following redirects: it returns the
// response to the form itself, and in to the path and query of its redirect.
func (v *Visitor) PostNoRedirect(ctx context.Context, address string, form url.Values) (p Page, to string, err error) {
	still := &Visitor{client: &http.Client{Jar: v.client.Jar, Transport: v.client.Transport,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			to = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}}}
	p, err = still.Post(ctx, address, form)
	return p, to, err
}

func (v *Visitor) do(r *http.Request) (Page, error) {
	if v.Language != "" {
		r.Header.Set("Accept-Language", v.Language)
	}
	resp, err := v.client.Do(r)
	if err != nil {
		return Page{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Page{Status: resp.StatusCode, URL: resp.Request.URL, Body: string(body)}, err
}

// HiddenFields returns the values of the page's hidden fields.
func (p Page) HiddenFields() url.Values {
	all := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(
		p.Body, -1) {
		all.Set(m[1], html.UnescapeString(m[2]))
	}
	return all
}

// Links returns the linked paths that begin with prefix, without duplicates, in
// page order.
func (p Page) Links(prefix string) []string {
	seen := map[string]bool{}
	var all []string
	for _, m := range regexp.MustCompile(`href="([^"?#]+)`).FindAllStringSubmatch(p.Body, -1) {
		if path := html.UnescapeString(m[1]); strings.HasPrefix(path, prefix) && !seen[path] {
			seen[path] = true
			all = append(all, path)
		}
	}
	return all
}

// NextPage returns the address of a list's next page; empty if there is none.
func (p Page) NextPage() string {
	m := regexp.MustCompile(`href="([^"]*[?&;]after=[^"]*)"`).FindStringSubmatch(p.Body)
	if m == nil {
		return ""
	}
	next, err := p.URL.Parse(html.UnescapeString(m[1]))
	if err != nil {
		return ""
	}
	return next.String()
}

// HasForm reports whether the page has a form whose action is path.
func (p Page) HasForm(path string) bool { return strings.Contains(p.Body, `action="`+path+`"`) }
