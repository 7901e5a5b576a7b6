// Package extract finds the messages of the program, for the templates of translators
// (internal/lang/templates): every constant of the type lang.Message or access.Message.
//
// It checks what translations depend on, too: no message is put together from parts, none
// is made of a text that is not a constant, and each has as many arguments as its format
// takes.
package extract

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"myaccess/internal/lang/templates"
)

// Messages are all messages and what is wrong with them, each fault with its place.
type Messages struct {
	Domains map[string][]templates.Message // by domain, in order
	Faults  []string
}

// Domain returns the domain of a message by the package and file in which it is written;
// empty for parts of tests. The name of a package is without that of the module.
//
// Administration, the command line with its settings, and the demonstration are admin. All else is portal:
// signing in, requesting and approving, shared parts, mails, and refusals.
func Domain(pkg, file string) string {
	under := func(folders ...string) bool {
		return slices.ContainsFunc(folders, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
	}
	switch {
	case strings.HasSuffix(pkg, "test"), under("internal/e2e", "internal/tools", "internal/lang/extract"):
		return ""
	case under("web/admin", "internal/admin", "internal/workspace", "internal/peoplefile", "internal/demo",
		"internal/sample", "internal/outbound", "internal/store/sqldb", "cmd"):
		return "admin"
	case pkg == "views" && (strings.HasPrefix(file, "admin") || strings.HasPrefix(file, "entry")):
		return "admin"
	}
	return "portal"
}

// Program returns the messages of the module in directory dir: the constants of the types
// internal/lang.Message and internal/access.Message.
func Program(dir string) (Messages, error) {
	loaded, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.NeedName | packages.NeedFiles |
		packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes | packages.NeedTypesSizes |
		packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule}, "./...")
	if err != nil {
		return Messages{}, err
	}
	found := map[string]map[templates.Message]bool{}
	var m Messages
	for _, p := range loaded {
		var broken []error
		for _, e := range p.Errors {
			broken = append(broken, e)
		}
		if len(broken) > 0 {
			return Messages{}, errors.Join(broken...)
		}
		for _, f := range p.Syntax {
			position := p.Fset.Position(f.Pos())
			domain := Domain(strings.TrimPrefix(p.PkgPath, p.Module.Path+"/"), path.Base(filepath.ToSlash(position.Filename)))
			if domain == "" {
				continue
			}
			w := walk{Package: p, add: func(m templates.Message) {
				if found[domain] == nil {
					found[domain] = map[templates.Message]bool{}
				}
				found[domain][m] = true
			}}
			ast.Inspect(f, w.node)
			m.Faults = append(m.Faults, w.faults...)
		}
	}
	for one := range found["portal"] {
		delete(found["admin"], one)
	}
	m.Domains = map[string][]templates.Message{"portal": sorted(found["portal"]), "admin": sorted(found["admin"])}
	m.Faults = append(m.Faults, clashes(m.Domains)...)
	slices.Sort(m.Faults)
	return m, nil
}

func sorted(set map[templates.Message]bool) []templates.Message {
	all := slices.Collect(maps.Keys(set))
	templates.Sort(all)
	return all
}

// clashes finds messages with two plurals, or with and without one: a .po file can
// have one translation of them.
func clashes(domains map[string][]templates.Message) (faults []string) {
	plurals := map[templates.Message]string{}
	for _, name := range []string{"portal", "admin"} {
		for _, m := range domains[name] {
			key := templates.Message{Context: m.Context, ID: m.ID}
			if other, ok := plurals[key]; ok && other != m.Plural {
				faults = append(faults, fmt.Sprintf("%q has two plurals: %q and %q (empty: none)", m.ID, other, m.Plural))
			}
			plurals[key] = m.Plural
		}
	}
	return faults
}

// walk visits the nodes of one file.
type walk struct {
	*packages.Package
	add    func(templates.Message)
	faults []string
}

func (w *walk) fault(n ast.Node, format string, args ...any) {
	at := w.Fset.Position(n.Pos())
	w.faults = append(w.faults, fmt.Sprintf("%s:%d: ", at.Filename, at.Line)+fmt.Sprintf(format, args...))
}

func (w *walk) node(n ast.Node) bool {
	if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.ADD_ASSIGN {
		w.concatenation(a, flatten(a.Rhs[0]))
	}
	e, ok := n.(ast.Expr)
	if !ok {
		return true
	}
	if tv := w.TypesInfo.Types[e]; w.isMessage(tv.Type) {
		if tv.Value != nil {
			if !w.isTypedConstant(e) {
				w.message(e, templates.Message{ID: constant.StringVal(tv.Value)})
			}
			return false
		}
		if b, ok := e.(*ast.BinaryExpr); ok {
			w.fault(b, "a message is joined from parts")
			return false
		}
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		return w.call(e)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			w.concatenation(e, flatten(e))
		}
	}
	return true
}

// call checks a call; it reports whether its arguments are yet to be visited.
func (w *walk) call(c *ast.CallExpr) bool {
	if t := w.TypesInfo.Types[c.Fun]; t.IsType() {
		if w.isMessage(t.Type) && !w.isMessage(w.TypesInfo.Types[c.Args[0]].Type) {
			w.fault(c, "a text that is not a constant becomes a message")
		}
		return true
	}
	w.countArguments(c)
	var rest []ast.Expr
	switch w.method(c) {
	case "N":
		w.message(c, templates.Message{ID: w.constant(c.Args[1]), Plural: w.constant(c.Args[2])})
		rest = append([]ast.Expr{c.Args[0]}, c.Args[3:]...)
	case "C":
		w.message(c, templates.Message{Context: w.constant(c.Args[0]), ID: w.constant(c.Args[1])})
		rest = c.Args[2:]
	case "join": // of package lang itself: the patterns of lists and times
		w.message(c, templates.Message{Context: w.constant(c.Args[2]), ID: w.constant(c.Args[3])})
		rest = c.Args[:2]
	default:
		return true
	}
	for _, e := range rest {
		ast.Inspect(e, w.node)
	}
	return false
}

// method returns the name of the printer's method that a call calls; empty for another
// call.
func (w *walk) method(c *ast.CallExpr) string {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	f, ok := w.TypesInfo.Uses[sel.Sel].(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return ""
	}
	of := f.Signature().Recv().Type()
	if p, ok := of.(*types.Pointer); ok {
		of = p.Elem()
	}
	if of.String() != w.Module.Path+"/internal/lang.Printer" {
		return ""
	}
	return f.Name()
}

// constant returns the text of an argument that must be a constant.
func (w *walk) constant(e ast.Expr) string {
	tv := w.TypesInfo.Types[e]
	if tv.Value == nil {
		w.fault(e, "the texts of N and C must be constants")
		return ""
	}
	return constant.StringVal(tv.Value)
}

// isTypedConstant reports whether e is the name of a constant that is a message where it
// is defined.
func (w *walk) isTypedConstant(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	if sel, isSelector := e.(*ast.SelectorExpr); isSelector {
		name, ok = sel.Sel, true
	}
	return ok && w.TypesInfo.Uses[name] != nil && w.isMessage(w.TypesInfo.Uses[name].Type())
}

func (w *walk) isMessage(t types.Type) bool {
	if t == nil {
		return false
	}
	name := types.Unalias(t).String()
	return name == w.Module.Path+"/internal/lang.Message" || name == w.Module.Path+"/internal/access.Message"
}
