package shape_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the top directory of the project, from this package.
const root = "../.."

// mayImport returns which of our packages each package may import. A package
// must be listed to exist. Tests may import more.
func mayImport() map[string][]string {
	kit := []string{"internal/access", "internal/mailaddr", "internal/plain", "internal/lang", "internal/store",
		"internal/lifecycle",
		"internal/admin",
		"internal/signin", "views", "views/ui", "static"}
	area := append([]string{"web/kit"}, kit...) // of web
	admins := append([]string{"internal/peoplefile"}, area...)
	return map[string][]string{
		"internal/access":         {},
		"internal/mailaddr":       {"internal/access"},
		"internal/plain":          {"internal/access", "internal/mailaddr"},
		"internal/peoplefile":     {"internal/access", "internal/mailaddr"},
		"internal/lang":           {},
		"internal/lang/extract":   {"internal/lang/templates"},
		"internal/lang/templates": {},
		"internal/lang/langtest":  {"internal/lang", "internal/lang/templates"},
		"internal/shape":          {},
		"static":                  {},
		"views":                   {"views/ui", "internal/lang"},
		"views/ui":                {},
		"internal/store": {"internal/access", "internal/mailaddr", "internal/store/sqldb",
			"internal/store/sqlq"},
		"internal/store/sqlq":          {},
		"internal/store/sqldb":         {"internal/access"},
		"internal/connector":           {"internal/access", "internal/outbound"},
		"internal/connector/directory": {"internal/access", "internal/connector"},
		"internal/mail":                {"internal/access", "internal/lang", "internal/mailaddr"},
		"internal/signin":              {"internal/access", "internal/mailaddr", "internal/plain", "internal/outbound"},
		"internal/lifecycle": {"internal/access", "internal/mailaddr", "internal/plain", "internal/lang", "internal/store",
			"internal/connector", "internal/mail"},
		"internal/admin": {"internal/access", "internal/mailaddr", "internal/plain", "internal/peoplefile", "internal/store",
			"internal/lifecycle",
			"internal/connector"},
		"internal/jobs":      {},
		"internal/outbound":  {"internal/access"},
		"internal/workspace": {"internal/access", "internal/mailaddr", "internal/plain", "internal/store", "internal/admin"},
		"web":                {"web/kit", "web/auth", "web/portal", "web/admin"},
		"web/kit":            kit,
		"web/auth":           area,
		"web/portal":         area,
		"web/admin":          admins,
		"internal/sample":    {"internal/access", "internal/store"},
		"internal/demo": {"internal/access", "internal/mailaddr", "internal/lang", "internal/store", "internal/lifecycle",
			"internal/jobs", "internal/mail", "internal/workspace", "internal/signin", "static"},
		"cmd/myaccess":                     anything(),
		"internal/access/accesstest":       {"internal/access"},
		"internal/store/storetest":         {"internal/access", "internal/store"},
		"internal/connector/connectortest": {"internal/access", "internal/connector"},
		"internal/mail/mailtest":           {"internal/access", "internal/mail"},
		"internal/jobs/jobstest":           {"internal/jobs", "internal/lifecycle"},
		"internal/signin/signintest":       {"internal/access", "internal/signin"},
		"views/viewstest":                  {"internal/lang", "views", "views/ui"},
		"internal/deeptest":                {},
		"internal/e2e":                     anything(),
		"internal/e2e/crash":               anything(),
		"internal/e2e/rig":                 anything(),
		"internal/e2e/bench":               anything(),
	}
}

func anything() []string { return []string{"*"} }

// onlyIn returns where a third-party package may be imported.
func onlyIn() map[string][]string {
	return map[string][]string{
		"database/sql":               {"internal/store/sqldb", "internal/store/storetest"},
		"github.com/labstack/echo":   {"web/kit"},
		"github.com/coreos/go-oidc":  {"internal/signin"},
		"github.com/gorilla":         {"internal/signin"},
		"github.com/wneessen":        {"internal/mail"},
		"modernc.org/sqlite":         {"internal/store/sqldb"},
		"github.com/jackc/pgx":       {"internal/store/sqldb"},
		"github.com/pressly/goose":   {"internal/store/sqldb"},
		"go.yaml.in/yaml":            {"internal/workspace", "internal/demo"},
		"github.com/alecthomas/kong": {"cmd/myaccess"},
		"github.com/leonelquinteros": {"internal/lang", "internal/lang/langtest"},
		"github.com/go-playground":   {"internal/lang", "internal/lang/langtest"},
		"golang.org/x/tools":         {"internal/lang/extract"},
	}
}

// Limits of the code: lines of a function, lines of a file, and parameters.
// Lines end at 120 columns, which a linter checks (.golangci.yaml).
const (
	mostLines      = 70
	mostFileLines  = 500
	mostParameters = 6 // the context and tx included
	mostMethods    = 60
)

// namespaces are the types that may have more methods than mostMethods: they are
// the namespace of all queries, split by file.
func namespaces() []string { return []string{"internal/store.Reader", "internal/store.Tx"} }

// source is a parsed file.
type source struct {
	name      string // path from the root
	pkg       string
	test      bool
	generated bool
	lines     int
	set       *token.FileSet
	file      *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, root), "/"))
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(rel, ".") ||
			strings.HasPrefix(rel, "artifacts") || strings.HasPrefix(rel, "internal/tools")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(rel, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, rel, text, parser.ParseComments)
		all = append(all, source{rel, path.Dir(rel), strings.HasSuffix(rel, "_test.go"), strings.HasSuffix(rel, "_templ.go"),
			strings.Count(string(text), "\n"), set, f})
		return err
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("%d files read: %v", len(all), err)
	}
	return all
}

func imports(s source) []string {
	var all []string
	for _, i := range s.file.Imports {
		all = append(all, strings.Trim(i.Path.Value, `"`))
	}
	return all
}

func TestImports(t *testing.T) {
	allowed := mayImport()
	for _, s := range sources(t) {
		may, ok := allowed[s.pkg]
		if !ok {
			t.Errorf("%s: the package %s has no line in the table", s.name, s.pkg)
		}
		for _, i := range imports(s) {
			own, ours := strings.CutPrefix(i, "myaccess/")
			if ours && !s.test && !slices.Contains(may, own) && !slices.Contains(may, "*") {
				t.Errorf("%s imports %s", s.name, own)
			}
			if ours && own == "internal/demo" && s.pkg != "cmd/myaccess" && s.pkg != "internal/demo" &&
				!strings.HasPrefix(s.pkg, "internal/e2e") {
				t.Errorf("%s imports the demonstration", s.name)
			}
			if ours && s.pkg == "cmd/myaccess" && own == "internal/demo" && s.name != "cmd/myaccess/demo.go" {
				t.Errorf("%s imports the demonstration, which only demo.go may", s.name)
			}
		}
	}
}

func TestRestrictedImports(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range imports(s) {
			if s.pkg == "internal/access" && strings.Contains(strings.Split(i, "/")[0], ".") && !s.test {
				t.Errorf("%s imports %s: internal/access is pure", s.name, i)
			}
			for prefix, places := range onlyIn() {
				if strings.HasPrefix(i, prefix) && !s.test && !slices.Contains(places, s.pkg) &&
					!strings.HasPrefix(s.pkg, "internal/e2e") {
					t.Errorf("%s imports %s, which belongs to %s", s.name, i, strings.Join(places, ", "))
				}
			}
		}
	}
}

// TestClock finds calls of time.Now, time.Since and time.Until outside the
// command: time is passed in.
func TestClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.pkg == "cmd/myaccess" || strings.HasPrefix(s.pkg, "internal/e2e") || strings.HasSuffix(s.pkg, "test") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"},
				sel.Sel.Name) {
				t.Errorf("%s: time.%s", s.set.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

// TestState finds init functions and mutable package variables: only embedded
// files and sentinel errors are allowed. Packages for tests may keep what each
// process prepares once.
func TestState(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.generated || strings.HasSuffix(s.pkg, "test") {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s has an init function", s.name)
			}
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR || g.Doc != nil && strings.Contains(docText(g.Doc), "go:embed") {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if !strings.HasPrefix(name.Name, "err") && !strings.HasPrefix(name.Name, "Err") && name.Name != "_" &&
						name.String() != "version" {
						t.Errorf("%s: the package variable %s could be changed", s.set.Position(name.Pos()), name.Name)
					}
				}
			}
		}
	}
}

func docText(g *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range g.List {
		b.WriteString(c.Text)
	}
	return b.String()
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated {
			continue
		}
		if s.lines > mostFileLines {
			t.Errorf("%s has %d lines: what does it want to become?", s.name, s.lines)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			from, to := s.set.Position(f.Pos()).Line, s.set.Position(f.End()).Line
			if n := to - from + 1; n > mostLines && !s.test {
				t.Errorf("%s: %s has %d lines", s.set.Position(f.Pos()), f.Name.Name, n)
			}
			if n := f.Type.Params.NumFields(); n > mostParameters {
				t.Errorf("%s: %s has %d parameters", s.set.Position(f.Pos()), f.Name.Name, n)
			}
		}
	}
}

// TestMethods finds types that have taken on too much.
func TestMethods(t *testing.T) {
	count := map[string]int{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || s.test {
				continue
			}
			of := f.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if generic, ok := of.(*ast.IndexExpr); ok {
				of = generic.X
			}
			if name, ok := of.(*ast.Ident); ok {
				count[s.pkg+"."+name.Name]++
			}
		}
	}
	for name, n := range count {
		if n > mostMethods && !slices.Contains(namespaces(), name) {
			t.Errorf("%s has %d methods", name, n)
		}
	}
	for _, name := range namespaces() {
		if count[name] == 0 {
			t.Errorf("there is no type %s", name)
		}
	}
}

// TestDocumented finds packages and exported identifiers without a comment.
func TestDocumented(t *testing.T) {
	described := map[string]bool{}
	all := sources(t)
	for _, s := range all {
		described[s.pkg] = described[s.pkg] || s.file.Doc != nil
	}
	for _, s := range all {
		if !described[s.pkg] && !s.test {
			t.Errorf("the package %s has no comment", s.pkg)
			described[s.pkg] = true
		}
		if s.test || s.generated {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() && f.Doc == nil {
				t.Errorf("%s: %s has no comment", s.set.Position(f.Pos()), f.Name.Name)
			}
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE && g.Doc == nil {
				for _, spec := range g.Specs {
					if ts := spec.(*ast.TypeSpec); ts.Name.IsExported() && ts.Doc == nil {
						t.Errorf("%s: %s has no comment", s.set.Position(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

// TestTop checks that the top directory has only what belongs there.
func TestTop(t *testing.T) {
	allowed := []string{"cmd", "web", "views", "static", "internal", "go.mod", "go.sum", "Makefile", "README.md"}
	ignored := []string{"bin", "artifacts", "data"} // written by make, not committed
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) && !slices.Contains(ignored, e.Name()) {
			t.Errorf("%s does not belong at the top", e.Name())
		}
	}
}

// TestAdminPagesReadWithRights finds reads of administrators' pages that bypass
// admin.View, which checks the reader's rights: no selector in web/admin may be
// named Store, that of kit.Context and of kit.Server, nor may one make a view of
// another person.
func TestAdminPagesReadWithRights(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg != "web/admin" || s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Store" || sel.Sel.Name == "ViewFor") {
				t.Errorf("%s: %s: read through the View of the context", s.set.Position(sel.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}
