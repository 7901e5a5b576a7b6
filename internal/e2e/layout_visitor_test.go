package e2e_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"myaccess/internal/e2e/rig"
)

// visitor walks through the portal of TestLayout. Every answer is kept to be measured.
type visitor struct {
	*rig.Visitor
	p *longPortal
}

// open opens a page of the portal, by its path.
func (v *visitor) open(path string) rig.Page {
	v.p.t.Helper()
	page, err := v.Get(v.p.t.Context(), v.p.base+path)
	page = v.keep(page, err)
	v.keepEnglish(v.inEnglish().Get(v.p.t.Context(), page.URL.String()))
	return page
}

// inEnglish returns the visitor as somebody who reads English.
func (v *visitor) inEnglish() *rig.Visitor {
	english := *v.Visitor
	english.Language = "en"
	return &english
}

// post sends a form, and keeps the page that answers in both languages. A form that is
// answered with a page, not with the address of one, has changed nothing: it is sent twice.
func (v *visitor) post(to string, fields url.Values) rig.Page {
	v.p.t.Helper()
	english, redirect, err := v.inEnglish().PostNoRedirect(v.p.t.Context(), to, fields)
	if err != nil {
		v.p.t.Fatal(err)
	}
	if redirect != "" {
		return v.open(redirect)
	}
	v.keepEnglish(english, err)
	return v.keep(v.Post(v.p.t.Context(), to, fields))
}

// keepEnglish keeps a page to be measured in English.
func (v *visitor) keepEnglish(page rig.Page, err error) {
	v.p.t.Helper()
	if err != nil {
		v.p.t.Fatal(err)
	}
	if !strings.HasPrefix(page.Body, "<!doctype html>") { // a file
		return
	}
	kind := http.StatusText(page.Status)
	if page.Status == http.StatusOK {
		kind = v.p.routeOf(page.URL.Path)
	}
	v.p.english = append(v.p.english, answer{nameOf(v, page), page.Body, !v.p.first[kind]})
	v.p.first[kind] = true
}

func nameOf(v *visitor, page rig.Page) string {
	return v.Name + " at " + page.URL.RequestURI() + ", " + http.StatusText(page.Status)
}

func (v *visitor) keep(page rig.Page, err error) rig.Page {
	v.p.t.Helper()
	if err != nil {
		v.p.t.Fatal(err)
	}
	if page.Status >= http.StatusInternalServerError {
		v.p.t.Errorf("%s answers %d", page.URL, page.Status)
	}
	if !strings.HasPrefix(page.Body, "<!doctype html>") { // a file
		return page
	}
	route := v.p.routeOf(page.URL.Path)
	if page.Status == http.StatusOK {
		v.p.seen[route] = true
	}
	v.p.kept = append(v.p.kept, answer{Name: nameOf(v, page), HTML: page.Body})
	return page
}

// id matches an id in a path.
var id = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// kindOf is the kind of page that is at an address: its path without ids, the names of its
// parameters, and its tab. It is empty for addresses that are not followed: those of
// other servers, of files, and of a list in another order.
func (v *visitor) kindOf(u *url.URL) string {
	q := u.Query()
	if v.p.base != u.Scheme+"://"+u.Host || strings.HasPrefix(u.Path, "/static/") || q.Has("sort") || q.Has("format") {
		return ""
	}
	kind := id.ReplaceAllString(u.Path, ":id")
	names := []string{q.Get("tab")}
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	return kind + "?" + strings.Join(names, "&")
}

// crawl opens one page of every kind that can be reached by links, from these paths on, and
// that no crawl has opened yet.
func (v *visitor) crawl(paths ...string) {
	v.p.t.Helper()
	for ; len(paths) > 0; paths = paths[1:] {
		u, err := url.Parse(v.p.base + paths[0])
		if err != nil {
			v.p.t.Fatal(err)
		}
		kind := v.kindOf(u)
		if kind == "" || v.p.crawled[kind] {
			continue
		}
		v.p.crawled[kind] = true
		page := v.open(u.RequestURI())
		for n := range elements(page) {
			to, err := page.URL.Parse(attribute(n, "href"))
			if n.Data == "a" && err == nil && v.kindOf(to) != "" {
				paths = append(paths, to.RequestURI())
			}
		}
	}
}

// submit sends a form in the main part of the page, with the values that it has and those
// that are typed: the one that has the button (name=value), the one whose action ends with
// button if that begins with a slash, or the first one if button is empty.
func (v *visitor) submit(page rig.Page, button string, typed url.Values) rig.Page {
	v.p.t.Helper()
	name, value, _ := strings.Cut(button, "=")
	for form := range elements(page) {
		if form.Data != "form" || attribute(form, "method") != "post" || !isIn(form, "main") {
			continue
		}
		action, fields := attribute(form, "action"), url.Values{}
		found := strings.HasSuffix(action, button) && (button == "" || button[0] == '/')
		for n := range descendants(form) {
			if n.Data == "button" && button != "" && attribute(n, "name") == name && attribute(n, "value") == value {
				found = true
				fields.Set(name, value)
				if to := attribute(n, "formaction"); to != "" {
					action = to
				}
			}
			addField(fields, n)
		}
		if !found {
			continue
		}
		for name, values := range typed {
			fields[name] = values
		}
		to, err := page.URL.Parse(action)
		if err != nil {
			v.p.t.Fatal(err)
		}
		return v.post(to.String(), fields)
	}
	v.p.t.Fatalf("%s (%d) has no form with the button %q", page.URL, page.Status, button)
	return page
}

// addField adds the value that a form has for a field.
func addField(fields url.Values, n *html.Node) {
	name, kind := attribute(n, "name"), attribute(n, "type")
	switch {
	case name == "":
	case n.Data == "textarea" && n.FirstChild != nil:
		fields.Add(name, n.FirstChild.Data)
	case n.Data == "select":
		for o := range descendants(n) {
			if hasAttribute(o, "selected") {
				fields.Set(name, attribute(o, "value"))
			}
		}
	case n.Data == "input" && (kind != "checkbox" && kind != "radio" || hasAttribute(n, "checked")):
		fields.Add(name, attribute(n, "value"))
	}
}

// linkTo returns the path of the first link of the page whose path ends so, without ids.
func (v *visitor) linkTo(page rig.Page, suffix string) string {
	v.p.t.Helper()
	return v.linkWith(page, suffix, func(n *html.Node) bool {
		to, err := page.URL.Parse(attribute(n, "href"))
		return err == nil && strings.HasSuffix(id.ReplaceAllString(to.Path, ":id"), suffix)
	})
}

// linkNamed returns the path of the first link of the page with the text.
func (v *visitor) linkNamed(page rig.Page, text string) string {
	v.p.t.Helper()
	return v.linkWith(page, text, func(n *html.Node) bool {
		for d := range n.Descendants() {
			if d.Type == html.TextNode && strings.TrimSpace(d.Data) == text {
				return true
			}
		}
		return false
	})
}

func (v *visitor) linkWith(page rig.Page, what string, is func(*html.Node) bool) string {
	v.p.t.Helper()
	for n := range elements(page) {
		if n.Data == "a" && is(n) {
			return attribute(n, "href")
		}
	}
	v.p.t.Fatalf("%s (%d) has no link to %s", page.URL, page.Status, what)
	return ""
}

// valueOf returns the value of the first field with the name.
func (v *visitor) valueOf(page rig.Page, name string) string {
	v.p.t.Helper()
	for n := range elements(page) {
		if n.Data == "input" && attribute(n, "name") == name {
			return attribute(n, "value")
		}
	}
	v.p.t.Fatalf("%s (%d) has no field %s", page.URL, page.Status, name)
	return ""
}

// elements returns the elements of a page.
func elements(page rig.Page) func(yield func(*html.Node) bool) {
	root, err := html.Parse(strings.NewReader(page.Body))
	if err != nil {
		return func(func(*html.Node) bool) {}
	}
	return descendants(root)
}

func descendants(of *html.Node) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for n := range of.Descendants() {
			if n.Type == html.ElementNode && !yield(n) {
				return
			}
		}
	}
}

func isIn(n *html.Node, tag string) bool {
	for a := range n.Ancestors() {
		if a.Data == tag {
			return true
		}
	}
	return false
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
