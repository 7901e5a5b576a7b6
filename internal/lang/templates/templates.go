// Package templates has the templates of translations, portal.pot and admin.pot: all
// messages of the program in English. Translators begin with a copy (README,
// “Languages”). The files are written by `make generate`; the shape test fails if they are
// not current. They are not part of the program.
package templates

import (
	"embed"
	"slices"
	"strings"
)

// Files are the templates.
//
//go:embed *.pot
var Files embed.FS

// Message is a message of a template.
type Message struct {
	Context string // empty for most
	ID      string // the English text
	Plural  string // the English text for other numbers than 1; empty if there is no number
}

// Format returns a template. Messages have no line numbers and are in the order of their
// text, so that a change of one changes no other line.
func Format(messages []Message) []byte {
	var b strings.Builder
	b.WriteString("# All messages of one domain in English. Written by `make generate`.\n" +
		"msgid \"\"\nmsgstr \"\"\n" +
		"\"MIME-Version: 1.0\\n\"\n" +
		"\"Content-Type: text/plain; charset=UTF-8\\n\"\n" +
		"\"Content-Transfer-Encoding: 8bit\\n\"\n" +
		"\"Language: \\n\"\n" +
		"\"Plural-Forms: nplurals=2; plural=n != 1;\\n\"\n")
	for _, m := range messages {
		b.WriteString("\n")
		if len(Verbs(m.ID+m.Plural)) > 0 {
			b.WriteString("#, go-format\n")
		}
		if m.Context != "" {
			b.WriteString("msgctxt " + quote(m.Context) + "\n")
		}
		b.WriteString("msgid " + quote(m.ID) + "\n")
		if m.Plural == "" {
			b.WriteString("msgstr \"\"\n")
		} else {
			b.WriteString("msgid_plural " + quote(m.Plural) + "\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n")
		}
	}
	return []byte(b.String())
}

// quote returns s as a string of a .po file.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}

// Sort puts messages into the order of templates.
func Sort(all []Message) {
	slices.SortFunc(all, func(a, b Message) int {
		return strings.Compare(a.ID+"\x00"+a.Context+"\x00"+a.Plural, b.ID+"\x00"+b.Context+"\x00"+b.Plural)
	})
}

// Verbs returns the verbs of a format by the number of the argument that each takes, from
// 1. The last one wins if an argument is taken twice.
func Verbs(format string) map[int]byte {
	verbs, next := map[int]byte{}, 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		if rest := format[min(i, len(format)):]; strings.HasPrefix(rest, "[") {
			n, end := 0, 1
			for ; end < len(rest) && rest[end] >= '0' && rest[end] <= '9'; end++ {
				n = 10*n + int(rest[end]-'0')
			}
			next, i = n, i+end+1
		}
		if i < len(format) && (format[i] >= 'a' && format[i] <= 'z' || format[i] >= 'A' && format[i] <= 'Z') {
			verbs[next] = format[i]
			next++
		}
	}
	return verbs
}
