package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/web/kit"
)

// browser sends requests and reads pages as a person would.
type browser struct {
	p        *fixture
	cookies  map[string]string
	language string // Accept-Language

	// multipart makes the next form one with files, by field.
	multipart bool
	files     map[string]kit.UploadedFile

	at     string // of the page, path and query
	status int
	header http.Header
	body   string
	page   *html.Node
}

// nobody returns a browser without a session.
func (p *fixture) nobody() *browser {
	return &browser{p: p, cookies: map[string]string{}, language: "en"}
}

// as returns a browser in which the person is signed in.
func (p *fixture) as(name string) *browser {
	p.t.Helper()
	b := p.nobody()
	b.signIn(name)
	return b
}

// signIn signs a person in, as after the provider's answer.
func (b *browser) signIn(name string) {
	b.p.t.Helper()
	who, ok := b.p.people[name]
	if !ok {
		b.p.t.Fatalf("there is no %s", name)
	}
	who.EmailTrusted = who.EmailProblem == access.EmailFine
	id := signin.NewToken()
	_, err := b.p.SignIns.Complete(b.p.t.Context(), lifecycle.CompletedSignIn{Identity: who, Tenant: b.p.Tenant.ID,
		Session: access.Session{Key: signin.HashToken(id)}})
	if err != nil {
		b.p.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := b.p.server.SessionCookies.SetSession(w, httptest.NewRequest(http.MethodGet, address, nil), id); err != nil {
		b.p.t.Fatal(err)
	}
	b.keep(w.Result())
}

func (b *browser) keep(res *http.Response) {
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
}

// send sends one request, as a page of the portal would, without following
// redirects.
func (b *browser) send(r *http.Request) *browser {
	b.p.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.language != "" {
		r.Header.Set("Accept-Language", b.language)
	}
	if _, told := r.Header["Sec-Fetch-Site"]; !told {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	b.p.handler.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.p.t.Fatal(err)
	}
	b.keep(res)
	b.at, b.status, b.header, b.body = r.URL.RequestURI(), res.StatusCode, res.Header,
		strings.ReplaceAll(string(body), "\u00a0", " ") // between the parts of dates
	if b.page, err = html.Parse(strings.NewReader(b.body)); err != nil {
		b.p.t.Fatal(err)
	}
	return b
}

// sendOnce sends one request without following redirects.
func (b *browser) sendOnce(method, target string, form url.Values) *browser {
	b.p.t.Helper()
	body, kind := io.Reader(strings.NewReader(form.Encode())), "application/x-www-form-urlencoded"
	if b.multipart && method == http.MethodPost {
		body, kind = b.multipartForm(form)
	}
	r := httptest.NewRequest(method, address+target, body)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
	}
	return b.send(r)
}

// multipartForm is a form as browsers send one with files.
func (b *browser) multipartForm(form url.Values) (io.Reader, string) {
	b.p.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			if err := w.WriteField(name, value); err != nil {
				b.p.t.Fatal(err)
			}
		}
	}
	for name, file := range b.files {
		part, err := w.CreateFormFile(name, file.Name)
		if err == nil {
			_, err = part.Write(file.Data)
		}
		if err != nil {
			b.p.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.p.t.Fatal(err)
	}
	return &body, w.FormDataContentType()
}

// do acts like a click: it sends a request with the page's token and follows
// redirects.
func (b *browser) do(method, target string, form url.Values) *browser {
	b.p.t.Helper()
	if method == http.MethodPost && !form.Has("csrf") {
		form = cloneValues(form)
		form.Set("csrf", b.token())
	}
	b.sendOnce(method, target, form)
	for range 10 {
		next := b.header.Get("Location")
		if refresh, ok := strings.CutPrefix(b.header.Get("Refresh"), "0; url="); ok {
			next = refresh
		}
		if !strings.HasPrefix(next, "/") {
			return b
		}
		b.sendOnce(http.MethodGet, next, nil)
	}
	b.p.t.Fatalf("%s leads in a circle", target)
	return b
}

func (b *browser) opens(target string) *browser {
	b.p.t.Helper()
	return b.do(http.MethodGet, target, nil)
}

func cloneValues(form url.Values) url.Values {
	out := url.Values{}
	for name, values := range form {
		out[name] = slices.Clone(values)
	}
	return out
}

// token returns the CSRF token of the page, or of the overview if the page has
// none.
func (b *browser) token() string {
	b.p.t.Helper()
	for range 2 {
		for n := range nodes(b.page) {
			if attribute(n, "name") == "csrf" {
				return attribute(n, "value")
			}
		}
		b.sendOnce(http.MethodGet, home+"/", nil)
	}
	return ""
}

// nodes returns the elements of a page.
func nodes(page *html.Node) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if page == nil {
			return
		}
		for n := range page.Descendants() {
			if n.Type == html.ElementNode && !yield(n) {
				return
			}
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// visibleText returns the visible text of an element, with single spaces.
func visibleText(n *html.Node) string {
	var s strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" &&
			!strings.HasPrefix(attribute(d.Parent, "class"), "face") {
			s.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(s.String()), " ")
}

// sees checks the status, and that the page contains each text, visible or in
// its source. A text that begins with ! must be absent.
func (b *browser) sees(status int, texts ...string) *browser {
	b.p.t.Helper()
	if b.status != status {
		b.p.t.Errorf("%s answers %d, want %d: %s", b.at, b.status, status, visibleText(b.page))
	}
	read := visibleText(b.page)
	for _, want := range texts {
		absent, no := strings.CutPrefix(want, "!")
		if no && (strings.Contains(read, absent) || strings.Contains(b.body, absent)) {
			b.p.t.Errorf("%s shows %q: %s", b.at, absent, read)
		}
		if !no && !strings.Contains(read, want) && !strings.Contains(b.body, want) {
			b.p.t.Errorf("%s does not show %q: %s", b.at, want, read)
		}
	}
	return b
}

// clicks follows the link with the text.
func (b *browser) clicks(label string) *browser {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data == "a" && visibleText(n) == label {
			return b.opens(b.resolve(attribute(n, "href")))
		}
	}
	b.p.t.Fatalf("%s has no link %q: %s", b.at, label, visibleText(b.page))
	return b
}

// resolve returns the address of a link or action of the page.
func (b *browser) resolve(ref string) string {
	b.p.t.Helper()
	here, err := url.Parse(address + b.at)
	if err != nil {
		b.p.t.Fatal(err)
	}
	to, err := here.Parse(ref)
	if err != nil {
		b.p.t.Fatal(err)
	}
	return to.RequestURI()
}

// presses submits the form with the button, with its current values and the
// given ones.
func (b *browser) presses(button string, typed url.Values) *browser {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data != "form" {
			continue
		}
		pressed := buttonOf(n, button)
		if pressed == nil {
			continue
		}
		fields, known := formState(n)
		for name, values := range typed {
			if !known[name] {
				b.p.t.Fatalf("the form of %q at %s has no field %s", button, b.at, name)
			}
			fields[name] = values
		}
		if name := attribute(pressed, "name"); name != "" {
			fields.Set(name, attribute(pressed, "value"))
		}
		action := b.resolve(attribute(n, "action"))
		if attribute(n, "method") == "post" {
			b.multipart = attribute(n, "enctype") == "multipart/form-data"
			defer func() { b.multipart, b.files = false, nil }()
			return b.do(http.MethodPost, action, fields)
		}
		path, _, _ := strings.Cut(action, "?")
		return b.opens(path + "?" + fields.Encode())
	}
	b.p.t.Fatalf("%s has no button %q: %s", b.at, button, visibleText(b.page))
	return b
}

func buttonOf(form *html.Node, label string) *html.Node {
	for n := range nodes(form) {
		if n.Data == "button" && visibleText(n) == label {
			return n
		}
	}
	return nil
}

// formState returns the values that a form would submit, and the names of its
// fields.
func formState(form *html.Node) (fields url.Values, known map[string]bool) {
	fields, known = url.Values{}, map[string]bool{}
	for n := range nodes(form) {
		name := attribute(n, "name")
		if name == "" {
			continue
		}
		switch kind := attribute(n, "type"); {
		case n.Data == "textarea":
			known[name] = true
			fields.Add(name, textAreaValue(n))
		case n.Data == "select":
			known[name] = true
			for o := range nodes(n) {
				if has(o, "selected") {
					fields.Set(name, attribute(o, "value"))
				}
			}
		case n.Data == "input" && (kind != "checkbox" && kind != "radio" || has(n, "checked")):
			fields.Add(name, attribute(n, "value"))
			fallthrough
		case n.Data == "input":
			known[name] = true
		}
	}
	return fields, known
}

// textAreaValue returns the text in a text area.
func textAreaValue(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// hasValue checks the value of a field.
func (b *browser) hasValue(field, want string) *browser {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if attribute(n, "name") != field {
			continue
		}
		got := attribute(n, "value")
		if n.Data == "textarea" {
			got = textAreaValue(n)
		}
		if kind := attribute(n, "type"); (kind == "radio" || kind == "checkbox") && !has(n, "checked") {
			continue
		}
		if got != want {
			b.p.t.Errorf("%s: %q in %s, want %q", b.at, got, field, want)
		}
		return b
	}
	b.p.t.Errorf("%s: there is no field %s", b.at, field)
	return b
}

// faultAt returns the fault shown at a field.
func (b *browser) faultAt(field string) string {
	for n := range nodes(b.page) {
		if attribute(n, "id") == "f-"+field+"-error" {
			return visibleText(n)
		}
	}
	return ""
}
