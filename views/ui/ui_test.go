package ui_test

import (
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"myaccess/views/ui"
)

const hostile = `"'><script>alert(1)</script><b x='`

// gallery has one of each component, with hostile words wherever a word goes.
func gallery() map[string]templ.Component {
	field := ui.Field{Name: "a", Label: hostile, Hint: hostile, Error: hostile, Value: hostile, Type: "text",
		MaxLength: 100, Required: true, Autocomplete: hostile}
	area := field
	area.Type = "area"
	choice := ui.Options{Name: "b", Label: hostile, Hint: hostile, Error: hostile, Required: true, Options: []ui.Option{
		{Value: hostile, Label: hostile, Hint: hostile, Selected: true}, {Value: "2", Label: "two"},
	}}
	many := choice
	many.Multiple = true
	return map[string]templ.Component{
		"input": ui.TextField(field), "area": ui.TextField(area), "bare input": ui.TextField(ui.Field{Name: "c", Label: "c",
			Type: "email"}),
		"choice": ui.OptionGroup(choice), "many": ui.OptionGroup(many),
		"bare choice": ui.OptionGroup(ui.Options{Name: "d", Label: "d"}),
		"state":       ui.StateBadge("", ui.Badge{Kind: "good", Text: hostile}), "message": ui.MessageBar("", "bad", hostile),
		"notice": ui.MessageBar("", "info", hostile),
		"tabs": ui.Tabs(hostile, []ui.Tab{{Label: hostile, Href: "/a?b=" + hostile, Current: true},
			{Label: "b", Href: "/b"}}),
		"matrix": ui.MatrixTable(ui.Matrix{Label: hostile, First: hostile, Columns: []string{hostile, "b"}, Yes: hostile,
			No: hostile, Groups: []ui.MatrixGroup{{Label: hostile, Rows: []ui.MatrixRow{{Label: hostile, Sub: hostile,
				Cells: []bool{true, false}}}}}}),
		"facts": ui.FactList([]ui.Fact{{Name: hostile, Value: hostile}}), "empty": ui.EmptyState(hostile, hostile),
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func nodes(t *testing.T, text string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestWordsAreEscaped(t *testing.T) {
	for name, c := range gallery() {
		for _, n := range nodes(t, render(t, c)) {
			if n.Data == "script" || n.Data == "b" || attribute(n, "x") != "" {
				t.Errorf("%s: a word became %q", name, n.Data)
			}
		}
	}
}

// Ids are unique, and everything that refers to one finds it.
func TestReferencesResolve(t *testing.T) {
	for name, c := range gallery() {
		ids, refs := map[string]bool{}, []string{}
		for _, n := range nodes(t, render(t, c)) {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: two of %s", name, id)
				}
				ids[id] = true
			}
			refs = append(refs, strings.Fields(attribute(n, "for")+" "+attribute(n, "aria-describedby")+" "+
				attribute(n, "data-limit-of"))...)
		}
		for _, ref := range refs {
			if !ids[ref] {
				t.Errorf("%s: nothing has the id %s", name, ref)
			}
		}
	}
}

func TestEveryInputIsLabelled(t *testing.T) {
	for name, c := range gallery() {
		all := nodes(t, render(t, c))
		labels := map[string]bool{}
		for _, n := range all {
			labels[attribute(n, "for")] = true
		}
		for _, n := range all {
			if (n.Data == "input" || n.Data == "textarea") && !labels[attribute(n, "id")] {
				t.Errorf("%s: %s has no label", name, attribute(n, "id"))
			}
		}
	}
}

func TestAFaultIsTiedToItsField(t *testing.T) {
	text := render(t, ui.TextField(ui.Field{Name: "a", Label: "A", Error: "Too long", Type: "text"}))
	for _, want := range []string{`aria-invalid="true"`, `aria-describedby="f-a-error"`, `id="f-a-error"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// Browsers count a character beyond the basic plane as two.
func TestTextAreaShowsLimit(t *testing.T) {
	text := render(t, ui.TextField(ui.Field{Name: "a", Label: "A", Value: "aé😀", MaxLength: 10, Type: "area"}))
	if !strings.Contains(text, ">4 / 10<") || !strings.Contains(text, `maxlength="10"`) {
		t.Error(text)
	}
}

// Exactly one tab is the current one.
func TestCurrentTabIsMarked(t *testing.T) {
	text := render(t, ui.Tabs("Views", []ui.Tab{{Label: "A", Href: "/a", Current: true}, {Label: "B", Href: "/b"}}))
	if strings.Count(text, `aria-current="page"`) != 1 || !strings.Contains(text, `href="/a" aria-current="page"`) {
		t.Error(text)
	}
}
