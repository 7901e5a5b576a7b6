package shape_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryActivityIsTested finds audit activities and kinds of objects that no line in a
// test TestAuditOf… names. Such a line is written by hand and compared with the whole
// record (storetest.AuditTrail); a word in it stands between two bars.
func TestEveryActivityIsTested(t *testing.T) {
	var activities, kinds, lines []string
	for _, s := range sources(t) {
		switch {
		case s.name == "internal/access/audit.go":
			activities = constantsOf(s.file, "Activity")
			kinds = append(kinds, constantsOf(s.file, "ObjectKind")...)
		case s.name == "internal/access/resource.go":
			kinds = append(kinds, constantsOf(s.file, "ResourceKind")...)
		case s.test && slices.Contains([]string{"internal/lifecycle", "internal/admin", "internal/workspace"}, s.pkg):
			lines = append(lines, auditLines(s.file)...)
		}
	}
	if len(activities) < 50 || len(kinds) < 15 || len(lines) < 100 {
		t.Fatalf("found %d activities, %d kinds, %d lines", len(activities), len(kinds), len(lines))
	}
	named := func(word string) bool {
		return slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, word) })
	}
	for _, a := range activities {
		if !named(" | " + a + " | ") {
			t.Errorf("no test TestAuditOf… has a line with the activity %q", a)
		}
	}
	for _, k := range kinds {
		if !named(" | " + k + " ") {
			t.Errorf("no test TestAuditOf… has a line about an object of the kind %q", k)
		}
	}
}

// constantsOf returns the values of the string constants of a type.
func constantsOf(f *ast.File, kind string) []string {
	var all []string
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if of, ok := v.Type.(*ast.Ident); ok && of.Name == kind {
				all = append(all, text(v.Values[0]))
			}
		}
	}
	return all
}

// auditLines returns the texts with a bar in the tests TestAuditOf… of a file.
func auditLines(f *ast.File) []string {
	var all []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(fn.Name.Name, "TestAuditOf") {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			line := text(e)
			if strings.Contains(line, " | ") {
				all = append(all, line)
			}
			return line == ""
		})
	}
	return all
}

// text returns the value of a literal, or of a sum of texts with "…" for what is no
// literal; empty for other expressions.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if e.Kind == token.STRING && err == nil {
			return s
		}
	case *ast.BinaryExpr:
		left, right := text(e.X), text(e.Y)
		if e.Op != token.ADD || left == "" && right == "" {
			return ""
		}
		if left == "" {
			left = "…"
		}
		if right == "" {
			right = "…"
		}
		return left + right
	}
	return ""
}
