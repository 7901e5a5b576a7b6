package viewstest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"myaccess/internal/lang"
	"myaccess/views/viewstest"
)

func printed(t *testing.T, s viewstest.Sample) string {
	t.Helper()
	var b strings.Builder
	if err := s.Page.Render(t.Context(), &b); err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return b.String()
}

// Every page, in both languages: tags nest, ids are unique, labels and
// descriptions refer to existing ids.
func TestSamplesAreValid(t *testing.T) {
	for _, p := range []*lang.Printer{lang.New("en", nil), lang.Pseudo()} {
		for _, s := range viewstest.Samples(p) {
			for _, fault := range viewstest.Faults(printed(t, s)) {
				t.Errorf("%s: %s", s.Name, fault)
			}
		}
	}
}

// All texts of the pages themselves go through the catalogue.
func TestPagesAreTranslated(t *testing.T) {
	for _, s := range viewstest.Samples(lang.Pseudo()) {
		for _, found := range viewstest.Untranslated(printed(t, s), viewstest.Words()...) {
			t.Errorf("%s: %s", s.Name, found)
		}
	}
}

// There is a sample of every page.
func TestEveryPageHasASample(t *testing.T) {
	shown := map[string]bool{}
	for _, s := range viewstest.Samples(lang.New("en", nil)) {
		shown[s.Of] = true
	}
	pages := pageStructs(t)
	if len(pages) < 9 {
		t.Fatalf("found only the pages %v", pages)
	}
	for _, name := range pages {
		if !shown[name] {
			t.Errorf("%s has no sample", name)
		}
	}
}

// pageStructs returns the types of package views that have a method Page.
func pageStructs(t *testing.T) []string {
	t.Helper()
	var all []string
	files, err := filepath.Glob("../*_templ.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if m, ok := d.(*ast.FuncDecl); ok && m.Name.Name == "Page" && m.Recv != nil {
				all = append(all, m.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	return all
}

// Faults finds each kind of fault.
func TestCheckerFindsFaults(t *testing.T) {
	for page, want := range map[string]string{
		`<h1>a</h1><p><b>x</p></b>`:          "</p> closes [p b]",
		`<h1>a</h1><p>x`:                     "never closed: p",
		`<h1 id="a">a</h1><p id="a"></p>`:    "the id a stands twice",
		`<h1>a</h1><label for="x">x</label>`: "for of <label> points to x, which is not there",
		`<h1>a</h1><p aria-describedby="y"></p>`: "aria-describedby of <p> points to y, which is not " +
			"there",
		`<h1>a</h1><a href="#f-z">z</a>`: "a link leads to #f-z, which is not there",
		`<h1>a</h1><input name="n"/>`:    "the field n has no label",
		`<h1>a</h1><button> </button>`:   "a <button> says nothing",
		`<h1>a</h1><h3>b</h3>`:           `<h3> "b" follows <h1>`,
		`<h2>b</h2>`:                     `<h2> "b" follows <h0>`,
		`<h1>a</h1><h1>a</h1>`:           "the page has 2 <h1>",
		`<h1>a</h1><label for="i">l</label><input id="i" name="n"/>`: "",
	} {
		got := viewstest.Faults(page)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%s: %q, want %q", page, got, want)
		}
	}
	page := `<p title="b">⟦a⟦b⟧c⟧ 12 Mara</p><p>⟦a⟧ plain</p>`
	want := []string{`title of <p>: "b"`, `<p>: "⟦a⟧ plain"`}
	if got := viewstest.Untranslated(page, "Mara"); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}
