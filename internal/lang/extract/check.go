package extract

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"myaccess/internal/lang/templates"
)

// message adds a message, and checks its text. A format without words, such as "%s", is
// none, unless it has a context.
func (w *walk) message(n ast.Node, m templates.Message) {
	for _, s := range []string{m.ID, m.Plural} {
		if first, _ := utf8.DecodeRuneInString(s); m.Context == "" && unicode.IsLower(first) {
			w.fault(n, "%q begins with a lower-case letter: write a whole sentence or label, or C with a context", s)
		}
		if s != strings.TrimSpace(s) {
			w.fault(n, "%q begins or ends with a blank: is it a part of a sentence?", s)
		}
		if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(",.;:)!?", first) {
			w.fault(n, "%q begins with %q: is it a part of a sentence?", s, first)
		}
	}
	if m.Context == "" && !strings.ContainsFunc(withoutVerbs(m.ID+m.Plural), unicode.IsLetter) {
		return
	}
	w.add(m)
}

// concatenation refuses to join what a printer has printed with other words: another
// language has them in another order. Only whole sentences may follow each other, with a
// blank between them.
func (w *walk) concatenation(n ast.Node, operands []ast.Expr) {
	printed := func(e ast.Expr) bool { return w.printed(e) != nil }
	if !slices.ContainsFunc(operands, printed) {
		return
	}
	for _, e := range operands {
		if tv := w.TypesInfo.Types[e]; tv.Value != nil && strings.TrimSpace(constant.StringVal(tv.Value)) != "" {
			w.fault(n, "a translated text is joined with %s: write one message with arguments", tv.Value)
		}
		for _, text := range w.printed(e) {
			if !sentence(text) {
				w.fault(n, "the message %q is joined with another text, but is no sentence: write one message with arguments",
					text)
			}
		}
	}
}

// printed returns the constant texts that a call of the printer prints; nil for any
// other expression.
func (w *walk) printed(e ast.Expr) (texts []string) {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return nil
	}
	at := map[string][]int{"T": {0}, "N": {1, 2}, "C": {1}}[w.method(c)]
	for _, i := range at {
		if tv := w.TypesInfo.Types[c.Args[i]]; tv.Value != nil {
			texts = append(texts, constant.StringVal(tv.Value))
		}
	}
	return texts
}

// sentence reports whether a text can follow another one.
func sentence(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return (unicode.IsUpper(first) || first == '%') && strings.ContainsAny(text[len(text)-1:], ".?!")
}

// flatten returns the operands of a chain of additions.
func flatten(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return append(flatten(e.X), flatten(e.Y)...)
		}
	case *ast.ParenExpr:
		return flatten(e.X)
	}
	return []ast.Expr{e}
}

// countArguments compares the arguments of a call with the format that it takes, if that
// is a constant message.
func (w *walk) countArguments(c *ast.CallExpr) {
	signature, ok := w.TypesInfo.Types[c.Fun].Type.Underlying().(*types.Signature)
	if !ok || !signature.Variadic() || c.Ellipsis.IsValid() {
		return
	}
	last := signature.Params().Len() - 1
	n := len(c.Args) - last
	if w.method(c) == "N" {
		n++
	}
	for i := range last {
		tv := w.TypesInfo.Types[c.Args[i]]
		if !w.isMessage(signature.Params().At(i).Type()) || tv.Value == nil {
			continue
		}
		text := constant.StringVal(tv.Value)
		if verbs := templates.Verbs(text); len(verbs) != n && (n > 0 || strings.Contains(text, "%s") ||
			strings.Contains(text, "%d")) {
			w.fault(c, "%q takes %d arguments and gets %d", text, len(verbs), n)
		}
	}
}

// withoutVerbs returns a format without its verbs.
func withoutVerbs(format string) string {
	return strings.NewReplacer("%s", "", "%d", "").Replace(format)
}
