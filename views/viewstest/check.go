// Package viewstest has a filled struct for every page, and finds faults in
// rendered pages: tags that do not nest, duplicate ids, references to missing
// ids, fields without a label, and words that bypass the message catalogue.
package viewstest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Faults returns the faults of a rendered page.
func Faults(page string) []string {
	faults := nestingFaults(page)
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return append(faults, err.Error())
	}
	ids, labels := map[string]bool{}, map[string]bool{}
	for n := range elements(root) {
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				faults = append(faults, "the id "+id+" stands twice")
			}
			ids[id] = true
		}
		if n.Data == "label" {
			labels[attribute(n, "for")] = true
		}
	}
	for n := range elements(root) {
		faults = append(faults, referenceFaults(n, ids)...)
		faults = append(faults, missingLabels(n, labels)...)
	}
	return append(faults, outline(root)...)
}

// voidElements are the elements without an end tag.
func voidElements() []string {
	return []string{"meta", "link", "input", "br", "hr", "img"}
}

// nestingFaults finds tags that do not nest. It reads tokens, because a parser would
// repair them.
func nestingFaults(page string) []string {
	var open, faults []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				faults = append(faults, fmt.Sprintf("never closed: %s", strings.Join(open, " ")))
			}
			return faults
		case html.StartTagToken:
			name, _ := z.TagName()
			if !slices.Contains(voidElements(), string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return append(faults, fmt.Sprintf("</%s> closes %v", name, open))
			}
			open = open[:len(open)-1]
		}
	}
}

func elements(root *html.Node) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for n := range root.Descendants() {
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

// referenceFaults finds references to missing ids.
func referenceFaults(n *html.Node, ids map[string]bool) []string {
	var faults []string
	for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls", "data-limit-of"} {
		for id := range strings.FieldsSeq(attribute(n, name)) {
			if !ids[id] {
				faults = append(faults, fmt.Sprintf("%s of <%s> points to %s, which is not there", name, n.Data, id))
			}
		}
	}
	if id, ok := strings.CutPrefix(attribute(n, "href"), "#"); ok && n.Data == "a" && !ids[id] {
		faults = append(faults, "a link leads to #"+id+", which is not there")
	}
	return faults
}

// missingLabels finds fields and buttons without a label.
func missingLabels(n *html.Node, labels map[string]bool) []string {
	named := attribute(n, "aria-label") != ""
	switch n.Data {
	case "input", "textarea", "select":
		if attribute(n, "type") != "hidden" && !named && !labels[attribute(n, "id")] {
			return []string{"the field " + attribute(n, "name") + " has no label"}
		}
	case "a", "button", "h1", "h2", "h3", "label", "legend", "title", "dt":
		if !named && strings.TrimSpace(Text(n)) == "" {
			return []string{fmt.Sprintf("a <%s> says nothing", n.Data)}
		}
	}
	return nil
}

// outline finds pages without exactly one h1, and headings that skip a level.
func outline(root *html.Node) []string {
	level, tops := 0, 0
	var faults []string
	for n := range elements(root) {
		if len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		now := int(n.Data[1] - '0')
		if now == 1 {
			tops++
		}
		if now > level+1 {
			faults = append(faults, fmt.Sprintf("<h%d> %q follows <h%d>", now, Text(n), level))
		}
		level = now
	}
	if tops != 1 {
		faults = append(faults, fmt.Sprintf("the page has %d <h1>", tops))
	}
	return faults
}

// Text returns the visible text of an element.
func Text(n *html.Node) string {
	var s strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			s.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(s.String()), " ")
}

// Untranslated finds words on a page rendered in the pseudo language that did
// not come from the catalogue. known are words that are the same in every
// language.
func Untranslated(page string, known ...string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	look := func(where, s string) {
		if rest := unmarked(s, known); letterPattern().MatchString(rest) {
			found = append(found, fmt.Sprintf("%s: %q", where, strings.TrimSpace(s)))
		}
	}
	for d := range root.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && attribute(d.Parent, "aria-hidden") == "" {
			look("<"+d.Parent.Data+">", d.Data)
		}
		for _, name := range []string{"aria-label", "title", "placeholder", "alt"} {
			if s := attribute(d, name); s != "" {
				look(name+" of <"+d.Data+">", s)
			}
		}
	}
	return found
}

func letterPattern() *regexp.Regexp { return regexp.MustCompile(`\pL`) }

// unmarked returns s without marked text and known words.
func unmarked(s string, known []string) string {
	depth := 0
	var rest strings.Builder
	for _, r := range s {
		switch {
		case r == '⟦':
			depth++
		case r == '⟧':
			depth--
		case depth == 0:
			rest.WriteRune(r)
		}
	}
	out := rest.String()
	longestFirst := slices.SortedFunc(slices.Values(known), func(a, b string) int { return len(b) - len(a) })
	for _, word := range longestFirst {
		out = strings.ReplaceAll(out, word, "")
	}
	return out
}
