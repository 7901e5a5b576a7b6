package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// unknown is an id that does not exist.
const unknown = "0197c9a0-0000-7000-8000-00000000dead"

// path returns the route's path at Meridian Works with the id.
func path(r kit.Route, id string) string {
	return strings.NewReplacer(":domain", "meridian.example", ":id", id).Replace(r.Path)
}

// Every route redirects to the sign-in page if no one is signed in, except
// these.
func TestSignInRequired(t *testing.T) {
	open := map[string]int{
		"GET /": 200, "POST /sign-in": 422, "GET /auth/callback/:id": 422, "GET /auth/signed-out": 200, "POST /sign-out": 303,
		"POST /auth/replace": 422,
		"GET /healthz":       200, "GET /readyz": 200, "GET /robots.txt": 200, "GET /favicon.ico": 307,
		"GET /@:domain": 308, "GET /@:domain/sign-in": 200, "POST /@:domain/sign-in": 422,
		"GET /@:domain/sign-in/code": 200, "POST /@:domain/sign-in/code": 422,
	}
	p := newPortal(t)
	for _, r := range routes() {
		name, target := r.Method+" "+r.Path, path(r, unknown)
		b := p.nobody().sendOnce(r.Method, target, url.Values{})
		want, named := open[name]
		if delete(open, name); named {
			b.sees(want)
		} else if b.sees(303); !strings.HasPrefix(b.header.Get("Location"), home+"/sign-in?to=") {
			t.Errorf("%s leads to %q", name, b.header.Get("Location"))
		}
		if r.Method == http.MethodGet {
			status := b.status
			if b.sendOnce(http.MethodHead, target, nil); b.status != status {
				t.Errorf("HEAD %s answers %d, GET %d", r.Path, b.status, status)
			}
		}
		if r.Level >= kit.TenantPage {
			elsewhere := strings.Replace(target, "meridian.example", "nowhere.example", 1)
			p.nobody().sendOnce(r.Method, elsewhere, url.Values{}).sees(404, "!nowhere")
			p.as("lena").sendOnce(r.Method, elsewhere, url.Values{}).sees(404)
		}
	}
	if len(open) > 0 {
		t.Errorf("doors that are not there: %v", open)
	}
}

// Only the methods in the route table are accepted, and no header or field
// overrides them.
func TestMethods(t *testing.T) {
	p := newPortal(t)
	taken := map[string]bool{}
	for _, r := range routes() {
		taken[r.Method+path(r, unknown)] = true
	}
	lena := p.as("lena").opens(home + "/")
	token := lena.token()
	before := p.dump()
	for _, r := range routes() {
		target := path(r, unknown)
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "GET"} {
			if taken[method+target] {
				continue
			}
			request := httptest.NewRequest(method, address+target,
				strings.NewReader(url.Values{"csrf": {token}, "_method": {"GET"}}.Encode()))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("X-HTTP-Method-Override", "GET")
			lena.send(request)
			if method == http.MethodGet && lena.status == 404 { // read as the page of an object with an unknown id
				continue
			}
			if lena.status != 405 || lena.header.Get("Allow") == "" {
				t.Errorf("%s %s answers %d, Allow %q", method, target, lena.status, lena.header.Get("Allow"))
			}
		}
	}
	request := httptest.NewRequest(http.MethodGet, address+home+"/requests", strings.NewReader(""))
	request.Header.Set("X-HTTP-Method-Override", "POST")
	lena.send(request).sees(200, "My requests")
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
}

// forms returns the routes that accept forms.
func forms() []kit.Route {
	return slices.DeleteFunc(routes(), func(r kit.Route) bool { return r.Method != http.MethodPost })
}

// Only urlencoded forms of at most 1 MiB are accepted.
func TestBodies(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena").opens(home + "/")
	token := lena.token()
	before := p.dump()
	big := "csrf=" + token + "&x=" + strings.Repeat("x", kit.MaxBody)
	post := func(b *browser, r kit.Route, kind string, body io.Reader) *browser {
		request := httptest.NewRequest(http.MethodPost, address+path(r, unknown), body)
		if kind != "" {
			request.Header.Set("Content-Type", kind)
		}
		return b.send(request)
	}
	const form = "application/x-www-form-urlencoded"
	for _, r := range forms() {
		for _, b := range []*browser{lena, p.nobody()} {
			post(b, r, form, strings.NewReader(big)).sees(413, "Too large")
			post(b, r, form, io.MultiReader(strings.NewReader(big))).sees(413, "Too large") // of unknown length
			unread := httptest.NewRequest(http.MethodPost, address+path(r, unknown), io.NopCloser(unreadBody{t}))
			unread.Header.Set("Content-Type", form)
			unread.ContentLength = kit.MaxBody + 1
			b.send(unread).sees(413, "Too large")
			for _, kind := range []string{"application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml",
				"", "nonsense;;"} {
				if r.Upload && strings.HasPrefix(kind, "multipart") {
					continue // TestUploadIsGuarded
				}
				post(b, r, kind, strings.NewReader(`{"csrf":"`+token+`"}`)).sees(415)
			}
			post(b, r, form, strings.NewReader("a=%zz")).sees(400)
		}
	}
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
	lena.opens(home + "/")
	if post(lena, kit.Route{Path: home + "/approvals"}, form+"; charset=UTF-8",
		bytes.NewReader([]byte("csrf="+token))).status != 422 {
		t.Errorf("a form with a charset is answered with %d", lena.status)
	}
}

// unreadBody is a request body that must not be read.
type unreadBody struct{ t *testing.T }

func (u unreadBody) Read([]byte) (int, error) {
	u.t.Error("a body that says that it is too large is read")
	return 0, io.EOF
}

// idsFor returns the ids of an object of each kind, related to the package
// after Lena has requested it.
func (p *fixture) idsFor(o access.Offer) map[kit.Object]string {
	p.t.Helper()
	lena := p.as("lena").opens(packagePath(o)).presses("Submit request", nil).sees(200, "Delivering")
	request, _, _ := strings.Cut(strings.TrimPrefix(lena.at, home+"/requests/"), "?")
	r, err := p.Request(p.t.Context(), p.Tenant.ID, access.RequestID(request))
	if err != nil {
		p.t.Fatal(err)
	}
	return map[kit.Object]string{kit.OfTenant: string(o.Package.ID), kit.OfCatalog: string(p.Catalog.ID),
		kit.OfPackage: string(o.Package.ID),
		kit.OfRequest: request, kit.OfAssignment: string(r.Assignment)}
}

// A form without the session's token is refused, whatever its headers and
// cookies.
func TestForgedForms(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	p.addAdministrator("gala")
	ids := p.idsFor(o)
	gala := p.as("gala").opens(home + "/") // has every right
	token := gala.token()
	before := p.dump()
	for _, r := range forms() {
		target := path(r, ids[r.Of])
		send := func(headers map[string]string, csrf string) *browser {
			request := httptest.NewRequest(http.MethodPost, address+target,
				strings.NewReader(url.Values{"csrf": {csrf}}.Encode()))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range headers {
				request.Header.Set(name, value)
			}
			return gala.send(request)
		}
		for _, headers := range []map[string]string{
			{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "bogus"},
			{"Sec-Fetch-Site": "cross-site", "Origin": address}, {"Sec-Fetch-Site": "cross-site",
				"X-HTTP-Method-Override": "GET"},
		} {
			send(headers, token).sees(403, "This form isn't from your current session.")
		}
		for _, origin := range []string{"https://evil.test", "null", address + ".evil.test",
			"https://sub.access.meridian.example"} {
			request := httptest.NewRequest(http.MethodPost, address+target,
				strings.NewReader(url.Values{"csrf": {token}}.Encode()))
			request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin},
				"Sec-Fetch-Site": {""}}
			gala.send(request).sees(403, "This form isn't from your current session.")
		}
		gala.cookies["csrf"], gala.cookies["_csrf"] = "planted", "planted"
		for _, csrf := range []string{"", "planted", token[:len(token)-1], token + " "} {
			send(nil, csrf).sees(403, "This form isn't from your current session.")
		}
		request := httptest.NewRequest(http.MethodPost, address+target+"?csrf="+token, strings.NewReader(""))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		gala.send(request).sees(403) // a token in the address is ignored
	}
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
}

// Unusual spellings of a path lead to the page, to its canonical path, or to
// 404; never to another host or tenant.
func TestPaths(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	id := string(o.Package.ID)
	lena := p.as("lena")
	for target, want := range map[string]string{
		"/@MERIDIAN.example/access-packages/" + id + "?tab=x": packagePath(o) + "?tab=x",
		"/@meridian.example./requests":                        home + "/requests",
		"/@%EF%BD%8Deridian.example/requests":                 home + "/requests", // a full-width m
		"/@meridian%E3%80%82example/":                         home + "/",
		"/%40meridian.example/access-packages/" + id:          packagePath(o),
		"/%40meridian.example?x=1":                            home + "/?x=1",
		"/@meridian.example":                                  home + "/",
		"//@meridian.example/":                                home + "/",
		"/@meridian.example//requests":                        home + "/requests",
		"/@evil.test//meridian.example":                       "/@evil.test/meridian.example",
	} {
		if lena.sendOnce(http.MethodGet, target, nil); lena.status != 308 || lena.header.Get("Location") != want {
			t.Errorf("%s leads to %d %q", target, lena.status, lena.header.Get("Location"))
		}
	}
	for _, target := range []string{
		"/%40/evil.test", "/%40%2Fevil.test", "/@meridian.example/./requests",
		"/@meridian.example/../@northlight.example/",
		"/@meridian.example/access-packages/../requests", "/@meridian.example%2frequests", "/@meridian.example%5crequests",
		"/@meridian.example%00/",
		"/@meridian.example;x=1/", "/@meridian.example/requests;x=1", "/@meridian.example/requests/",
		"/@meridian.example/Requests",
		"/@meridian.example%252f/requests", "/@meridian.example%0d%0aX:y/", "/@xn--meridian-.example/",
		"/@meridian.example..", "/@127.0.0.1/", "/@meridian/",
		"/@", "/@/", "/static/../@meridian.example/", "/static/app.css", "/.git/HEAD",
		"/metrics", "/debug/pprof/",
		"/@m\u0435ridian.example/", "/@meridian.example/access-packages/" + id + "/",
		"/@meridian.example/access-packages/" + id + "%2f",
		"/@meridian.example/access-packages%2f" + id, "/@meridian.example/access-packages/" + id + "/requests/x",
	} {
		u := (&url.URL{Path: target}).EscapedPath()
		if strings.Contains(target, "%") {
			u = target
		}
		request := httptest.NewRequest(http.MethodGet, address+"/", nil)
		parsed, err := url.ParseRequestURI(u)
		if err != nil {
			parsed = &url.URL{Path: target}
		}
		request.URL = parsed
		request.RequestURI = u
		if lena.send(request); lena.status != 404 && lena.status != 405 {
			t.Errorf("%s is answered with %d %q", target, lena.status, lena.header.Get("Location"))
		}
	}
}

// No page or redirect depends on the Host header or on headers of proxies.
func TestHost(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	lena := p.as("lena")
	for _, target := range []string{"/", home, home + "/", home + "/access-packages", packagePath(o) + "x",
		"/@MERIDIAN.example/"} {
		want := lena.sendOnce(http.MethodGet, target, nil).fullAnswer()
		for _, header := range []string{"Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL",
			"X-Rewrite-URL", "X-User"} {
			request := httptest.NewRequest(http.MethodGet, address+target, nil)
			if header == "Host" {
				request.Host = "evil.test"
			} else {
				request.Header.Set(header, "evil.test")
			}
			if got := lena.send(request).fullAnswer(); got != want {
				t.Errorf("%s with %s:\n%s\nwithout:\n%s", target, header, got, want)
			}
		}
	}
	hinted := httptest.NewRequest(http.MethodGet, address+home+"/sign-in?domain_hint=harbor.example", nil)
	hinted.Host = "evil.test"
	if to := p.nobody().send(hinted).header.Get("Location"); !strings.Contains(to,
		url.QueryEscape(address+"/auth/callback/")) {
		t.Errorf("the redirect URI follows the Host header: %s", to)
	}
}

// Every answer has the security headers.
func TestHeaders(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena").opens(home + "/")
	token := lena.token()
	check := func(b *browser, what string) {
		t.Helper()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " +
				"'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  "max-age=63072000; includeSubDomains", "Cache-Control": "no-store",
			"Access-Control-Allow-Origin": "",
		} {
			if got := b.header.Get(name); got != want {
				t.Errorf("%s (%d): %s is %q", what, b.status, name, got)
			}
		}
		if kind := b.header.Get("Content-Type"); b.body != "" && !strings.Contains(strings.ToLower(kind), "charset=utf-8") {
			t.Errorf("%s: a body of %q", what, kind)
		}
		for _, c := range (&http.Response{Header: b.header}).Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
				c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: cookie %v", what, c)
			}
		}
	}
	for _, r := range routes() {
		for _, b := range []*browser{lena, p.nobody()} {
			for _, csrf := range []string{token, ""} {
				check(b.sendOnce(r.Method, path(r, unknown), url.Values{"csrf": {csrf}}), r.Method+" "+r.Path)
			}
		}
	}
	lena = p.as("lena")
	check(lena.sendOnce("PUT", home+"/", nil), "a wrong method")
	check(lena.sendOnce("GET", "/nowhere", nil), "nowhere")
	for kind, status := range map[string]int{"text/plain": 415, "": 415} {
		r := httptest.NewRequest("POST", address+"/sign-in", strings.NewReader("x"))
		r.Header.Set("Content-Type", kind)
		check(lena.send(r).sees(status), "a wrong type")
	}
	r := httptest.NewRequest("POST", address+"/sign-in", strings.NewReader("x"))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	check(lena.send(r).sees(403), "a form of another site")
	check(p.nobody().opens(home+"/sign-in?domain_hint=harbor.example"), "the way to a provider")
	for n := range nodes(p.nobody().opens("/").page) {
		if href := attribute(n, "href"); strings.HasPrefix(href, "/static/") {
			if b := p.nobody().sendOnce("GET", href, nil).sees(200); b.header.Get("Cache-Control") != "public, "+
				"max-age=31536000, "+
				"immutable" {
				t.Errorf("%s: %v", href, b.header)
			}
		}
	}
	p.config.Rate = 0.001
	p.serve()
	for range 3 {
		lena.sendOnce("GET", "/", nil)
	}
	if check(lena.sees(429), "too many"); lena.header.Get("Retry-After") == "" {
		t.Error("no Retry-After after too many requests")
	}
}

// An internal error shows a reference and no details.
func TestInternalError(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena").opens(home + "/")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/", home + "/", home + "/sign-in"} {
		lena.sendOnce(http.MethodGet, target, nil).sees(500, "Something went wrong", "Reference: ", "!sql", "!database")
	}
	p.nobody().sendOnce(http.MethodGet, "/readyz", nil).sees(503, "not ready", "!sql", "!database")
	p.nobody().sendOnce(http.MethodGet, "/healthz", nil).sees(200)
}
