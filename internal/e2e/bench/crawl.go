package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"myaccess/internal/e2e/rig"
)

// page is a page to measure: its kind, which identifies it between runs, and an
// address of that kind.
type page struct{ kind, address string }

// maxPages is the maximum number of kinds of pages to find.
const maxPages = 400

// crawl finds one page of every kind that can be reached from an address by
// links, filters, sort orders and searches, with a path below prefix but not
// below exclude. A broken link is an error.
func crawl(ctx context.Context, v *rig.Visitor, from, prefix, exclude string) ([]page, error) {
	c := crawler{prefix: prefix, exclude: exclude, seen: map[string]bool{}}
	c.add(from)
	for i := 0; i < len(c.pages) && i < maxPages; i++ {
		got, err := v.Get(ctx, c.pages[i].address)
		if err != nil {
			return nil, err
		}
		if got.Status != http.StatusOK { // a broken link
			c.pages[i].kind, c.dead = "", append(c.dead, fmt.Sprintf("%s: %d", c.pages[i].address, got.Status))
			continue
		}
		if c.pages[i].address != got.URL.String() { // redirected
			c.pages[i].kind = ""
			c.add(got.URL.String())
		}
		tree, err := html.Parse(strings.NewReader(got.Body))
		if err != nil {
			return nil, err
		}
		c.firstName = ""
		c.visitNode(got.URL, tree)
	}
	if len(c.dead) > 0 {
		return nil, fmt.Errorf("broken links: %s", strings.Join(c.dead, ", "))
	}
	all := slices.DeleteFunc(c.pages, func(p page) bool { return p.kind == "" })
	return all[:min(len(all), maxPages)], nil
}

type crawler struct {
	prefix, exclude string

	seen      map[string]bool
	pages     []page
	dead      []string
	firstName string // of the first row of a list, to search for
}

// add adds an address unless there is one of its kind.
func (c *crawler) add(address string) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, c.prefix) || c.exclude != "" && strings.HasPrefix(u.Path, c.exclude) ||
		u.Query().Get("format") != "" || combinesFilters(u) {
		return
	}
	u.Fragment = ""
	if k := kindOf(u); !c.seen[k] {
		c.seen[k] = true
		c.pages = append(c.pages, page{k, u.String()})
	}
}

// combinesFilters reports whether an address filters, sorts or pages a list in
// several ways at once, the filter for one object aside: there are too many
// combinations to measure.
func combinesFilters(u *url.URL) bool {
	n := 0
	for name, values := range u.Query() {
		of := name == "package" || name == "person" || name == "policy" || name == "catalog"
		if values[0] != "" && !of && name != "tab" && name != "name" && name != "one" {
			n++
		}
	}
	return n > 1 && !strings.HasSuffix(u.Path, "/pick")
}

// kindOf returns an address without ids, cursors and searched names.
func kindOf(u *url.URL) string {
	kind := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).ReplaceAllString(u.Path, ":id")
	query := u.Query()
	var all []string
	for name, values := range query {
		value := values[0]
		switch {
		case value == "":
			continue
		case name == "q":
			value = searchKind(value)
		case name == "after" || name == "before" || len(value) > 25:
			value = "…"
		}
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	if len(all) == 0 {
		return kind
	}
	return kind + "?" + strings.Join(all, "&")
}

// searchKind returns the kind of a searched text.
func searchKind(text string) string {
	switch {
	case text == commonPrefix, text == everyAddress, text == noMatch:
		return text
	case strings.Contains(text, " "):
		return "(a name)"
	}
	return "(a word)"
}

// Texts to search for, besides the name of the first row and its first word.
const (
	commonPrefix = "e"       // the beginning of very many words
	everyAddress = "example" // a part of every mail address
	noMatch      = "qqqqq"   // finds nothing
)

// visitNode adds the addresses that an element and its descendants link to.
func (c *crawler) visitNode(at *url.URL, n *html.Node) {
	if n.Type == html.ElementNode {
		a := map[string]string{}
		for _, x := range n.Attr {
			a[x.Key] = x.Val
		}
		switch {
		case n.Data == "a" && a["href"] != "":
			c.follow(at, a["href"])
			if c.firstName == "" && hasAncestor(n, "tbody") {
				c.firstName = strings.TrimSpace(textOf(n))
			}
		case n.Data == "form" && !strings.EqualFold(a["method"], http.MethodPost):
			defer c.followForm(at, n, a["action"]) // after the first row was read
		}
		if source := a["data-pick"]; source != "" {
			c.followSearches(at, source)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.visitNode(at, child)
	}
}

// hasAncestor reports whether n is in an element with the name.
func hasAncestor(n *html.Node, name string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	text := ""
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		text += textOf(child)
	}
	return text
}

func (c *crawler) follow(at *url.URL, address string) {
	if u, err := at.Parse(address); err == nil && u.Host == at.Host {
		c.add(u.String())
	}
}

// followForm adds the addresses that a GET form leads to: each value of each
// select, and searches.
func (c *crawler) followForm(at *url.URL, form *html.Node, action string) {
	for _, field := range fieldsOf(form) {
		if field.name == "q" {
			c.followSearches(at, action)
		}
		for _, value := range field.values {
			c.follow(at, withQuery(action, field.name, value))
		}
	}
}

func (c *crawler) followSearches(at *url.URL, action string) {
	texts := []string{commonPrefix, everyAddress, noMatch}
	if word, _, several := strings.Cut(c.firstName, " "); word != "" {
		texts = append(texts, word)
		if several {
			texts = append(texts, c.firstName)
		}
	}
	for _, text := range texts {
		c.follow(at, withQuery(action, "q", text))
	}
}

func withQuery(action, name, value string) string {
	sep := "?"
	if strings.Contains(action, "?") {
		sep = "&"
	}
	return action + sep + url.Values{name: {value}}.Encode()
}

type field struct {
	name   string
	values []string
}

// fieldsOf returns the fields of a form, those of selects with their values.
func fieldsOf(n *html.Node) []field {
	var all []field
	if n.Type == html.ElementNode && (n.Data == "input" || n.Data == "select") {
		f := field{}
		for _, a := range n.Attr {
			if a.Key == "name" {
				f.name = a.Val
			}
		}
		for o := n.FirstChild; o != nil && n.Data == "select"; o = o.NextSibling {
			for _, a := range o.Attr {
				if a.Key == "value" && a.Val != "" {
					f.values = append(f.values, a.Val)
				}
			}
		}
		all = append(all, f)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		all = append(all, fieldsOf(child)...)
	}
	return all
}
