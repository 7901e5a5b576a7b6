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

// page is an address of each kind of page that there is.
type page struct{ kind, address string }

// most bounds how many kinds of pages are looked for.
const most = 400

// crawl finds one page of every kind that can be reached from an address by
// links, filters, orders and searches, below the path but not below the one left
// out.
func crawl(ctx context.Context, v *rig.Visitor, from, below, without string) ([]page, error) {
	c := crawler{below: below, without: without, known: map[string]bool{}}
	c.add(from)
	for i := 0; i < len(c.found) && i < most; i++ {
		got, err := v.Get(ctx, c.found[i].address)
		if err != nil {
			return nil, err
		}
		if got.Status != http.StatusOK { // a link that leads nowhere
			c.found[i].kind, c.dead = "", append(c.dead, fmt.Sprintf("%s: %d", c.found[i].address, got.Status))
			continue
		}
		if c.found[i].address != got.URL.String() { // it led elsewhere
			c.found[i].kind = ""
			c.add(got.URL.String())
		}
		tree, err := html.Parse(strings.NewReader(got.Body))
		if err != nil {
			return nil, err
		}
		c.title = ""
		c.look(got.URL, tree)
	}
	if len(c.dead) > 0 {
		return nil, fmt.Errorf("links that lead nowhere: %s", strings.Join(c.dead, ", "))
	}
	all := slices.DeleteFunc(c.found, func(p page) bool { return p.kind == "" })
	return all[:min(len(all), most)], nil
}

type crawler struct {
	below, without string

	known map[string]bool
	found []page
	dead  []string
	title string // of the first row of a list: what somebody might search for
}

// add notes an address unless there is one of its kind already.
func (c *crawler) add(address string) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, c.below) || c.without != "" && strings.HasPrefix(u.Path, c.without) ||
		u.Query().Get("format") != "" || mixed(u) {
		return
	}
	u.Fragment = ""
	if k := kindOf(u); !c.known[k] {
		c.known[k] = true
		c.found = append(c.found, page{k, u.String()})
	}
}

// mixed reports whether a list is narrowed, sorted or paged in several ways at
// once, to what is of one thing aside: there are too many of those.
func mixed(u *url.URL) bool {
	n := 0
	for name, values := range u.Query() {
		of := name == "package" || name == "person" || name == "policy" || name == "catalog"
		if values[0] != "" && !of && name != "tab" && name != "name" && name != "one" {
			n++
		}
	}
	return n > 1 && !strings.HasSuffix(u.Path, "/pick")
}

// kindOf is an address without what tells one thing from another of its kind.
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

// searchKind says what kind of search a text makes.
func searchKind(text string) string {
	switch {
	case text == oneLetter, text == suffix, text == nothing:
		return text
	case strings.Contains(text, " "):
		return "(a name)"
	}
	return "(a word)"
}

// What is searched for besides the name of the first row and its first word.
const (
	oneLetter = "e"       // begins very many words
	suffix    = "example" // is in every address
	nothing   = "qqqqq"   // is in none
)

// look takes in what an element and those in it lead to.
func (c *crawler) look(at *url.URL, n *html.Node) {
	if n.Type == html.ElementNode {
		a := map[string]string{}
		for _, x := range n.Attr {
			a[x.Key] = x.Val
		}
		switch {
		case n.Data == "a" && a["href"] != "":
			c.follow(at, a["href"])
			if c.title == "" && within(n, "tbody") {
				c.title = strings.TrimSpace(textOf(n))
			}
		case n.Data == "form" && !strings.EqualFold(a["method"], http.MethodPost):
			defer c.ask(at, n, a["action"]) // once the first row is known
		}
		if source := a["data-pick"]; source != "" {
			c.search(at, source)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.look(at, child)
	}
}

// within reports whether n is in an element with the name.
func within(n *html.Node, name string) bool {
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

// ask sends a form that looks for something, with each value of each choice.
func (c *crawler) ask(at *url.URL, form *html.Node, action string) {
	for _, field := range fieldsOf(form) {
		if field.name == "q" {
			c.search(at, action)
		}
		for _, value := range field.values {
			c.follow(at, with(action, field.name, value))
		}
	}
}

func (c *crawler) search(at *url.URL, action string) {
	texts := []string{oneLetter, suffix, nothing}
	if word, _, several := strings.Cut(c.title, " "); word != "" {
		texts = append(texts, word)
		if several {
			texts = append(texts, c.title)
		}
	}
	for _, text := range texts {
		c.follow(at, with(action, "q", text))
	}
}

func with(action, name, value string) string {
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

// fieldsOf are the fields of a form for text, and those for a choice with their
// values.
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
