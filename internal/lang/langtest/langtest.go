// Package langtest has translations for tests, made from the templates, and checks
// those that people have written.
package langtest

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/en_GB"
	"github.com/leonelquinteros/gotext"

	"myaccess/internal/lang"
	"myaccess/internal/lang/templates"
)

// The languages of Pseudo: one whose texts are 40 % longer than in English, and one that
// is written from right to left.
const (
	Long        = "qps"
	RightToLeft = "ar"
)

// Pseudo returns a catalogue with the languages Long and RightToLeft. It has exactly the
// messages of the templates: what is printed in English is missing there.
func Pseudo() (*lang.Catalog, error) {
	files := fstest.MapFS{}
	for _, domain := range []string{"portal", "admin"} {
		text, err := templates.Files.ReadFile(domain + ".pot")
		if err != nil {
			return nil, err
		}
		for tag, translate := range map[string]func(string) string{Long: lengthen, RightToLeft: mirror} {
			files[tag+"/"+domain+".po"] = &fstest.MapFile{Data: translated(tag, Parse(text), translate)}
		}
	}
	return lang.Read(files, func(tag string) locales.Translator {
		if tag == RightToLeft {
			return ar.New()
		}
		return en_GB.New()
	}), nil
}

// translated returns a .po file.
func translated(tag string, messages []templates.Message, translate func(string) string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "msgid \"\"\nmsgstr \"\"\n\"Language: %s\\n\"\n\"Plural-Forms: nplurals=2; plural=n != 1;\\n\"\n", tag)
	for _, m := range messages {
		b.WriteString("\n")
		if m.Context != "" {
			fmt.Fprintf(&b, "msgctxt %s\n", strconv.Quote(m.Context))
		}
		fmt.Fprintf(&b, "msgid %s\n", strconv.Quote(m.ID))
		if m.Plural == "" {
			fmt.Fprintf(&b, "msgstr %s\n", strconv.Quote(translate(m.ID)))
			continue
		}
		fmt.Fprintf(&b, "msgid_plural %s\nmsgstr[0] %s\nmsgstr[1] %s\n", strconv.Quote(m.Plural),
			strconv.Quote(translate(m.ID)), strconv.Quote(translate(m.Plural)))
	}
	return []byte(b.String())
}

// lengthen writes a text in brackets with accents, and a tail of four tenths of its
// length in words that may be broken as others are.
func lengthen(s string) string {
	accents := strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ó", "u", "ú", "A", "Á", "E", "É", "O", "Ó")
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i + 1
		if s[i] == '%' { // verbs stay as they are
			for j < len(s) && strings.IndexByte("[]0123456789", s[j]) >= 0 {
				j++
			}
			j = min(j+1, len(s))
			b.WriteString(s[i:j])
		} else {
			for j < len(s) && s[j] != '%' {
				j++
			}
			b.WriteString(accents.Replace(s[i:j]))
		}
		i = j
	}
	tail := len([]rune(s)) * 4 / 10
	return "[" + b.String() + strings.Repeat(" lorem", tail/6+1)[:max(tail, 1)] + "]"
}

// mirror puts a text between right-to-left words.
func mirror(s string) string { return "אב " + s + " גד" }

// Parse returns the messages of a template, or of a translation, in order.
func Parse(text []byte) []templates.Message {
	po := gotext.NewPo()
	po.Parse(text)
	var all []templates.Message
	for _, t := range po.GetDomain().GetTranslations() {
		if t.ID != "" {
			all = append(all, templates.Message{ID: t.ID, Plural: t.PluralID})
		}
	}
	for context, texts := range po.GetDomain().GetCtxTranslations() {
		for _, t := range texts {
			if t.ID != "" {
				all = append(all, templates.Message{Context: context, ID: t.ID, Plural: t.PluralID})
			}
		}
	}
	templates.Sort(all)
	return all
}

// Check returns what is wrong with a translation: it is not a .po file, its rule for plurals
// cannot be used or is not followed, its messages are not those of the template, or their
// formats take other arguments. A text that is not translated yet is no fault.
func Check(template, translation []byte) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for n, line := range strings.Split(string(translation), "\n") {
		if err := checkLine(strings.TrimSpace(line)); err != nil {
			fault("line %d: %v", n+1, err)
		}
	}
	po := gotext.NewPo()
	po.Parse(translation)
	forms, _, err := lang.PluralRule(po.GetDomain().PluralForms)
	if err != nil {
		fault("the header Plural-Forms: %v", err)
	}
	if po.GetDomain().Language == "" {
		fault("the header Language is missing")
	}
	known := Parse(template)
	check := func(context string, t *gotext.Translation) {
		m := templates.Message{Context: context, ID: t.ID, Plural: t.PluralID}
		if t.ID == "" {
			return
		}
		if !slices.Contains(known, m) {
			fault("%q is not in the template", t.ID)
			return
		}
		if m.Plural != "" && len(t.Trs) != forms {
			fault("%q has %d plural forms, and the rule %d", t.ID, len(t.Trs), forms)
		}
		for _, text := range t.Trs {
			if text != "" && !maps.Equal(templates.Verbs(text), templates.Verbs(max(m.ID, m.Plural))) {
				fault("%q takes other arguments than %q", text, m.ID)
			}
		}
	}
	for _, t := range po.GetDomain().GetTranslations() {
		check("", t)
	}
	for context, all := range po.GetDomain().GetCtxTranslations() {
		for _, t := range all {
			check(context, t)
		}
	}
	slices.Sort(faults)
	return faults
}

// checkLine refuses a line that is no part of a .po file: the library skips such lines.
func checkLine(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	keyword, text, _ := strings.Cut(line, " ")
	if line[0] == '"' {
		keyword, text = "", line
	}
	known := keyword == "" || slices.Contains([]string{"msgctxt", "msgid", "msgid_plural", "msgstr"}, keyword) ||
		strings.HasPrefix(keyword, "msgstr[") && strings.HasSuffix(keyword, "]")
	if !known {
		return fmt.Errorf("%q is no keyword", keyword)
	}
	if _, err := strconv.Unquote(strings.TrimSpace(text)); err != nil {
		return fmt.Errorf("%s is not a text in quotes", text)
	}
	return nil
}

// CheckAll checks every translation in files (TAG/DOMAIN.po).
func CheckAll(files fs.FS) (faults []string) {
	names, err := fs.Glob(files, "*/*")
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		domain, isPO := strings.CutSuffix(path.Base(name), ".po")
		template, templateErr := templates.Files.ReadFile(domain + ".pot")
		if err != nil || templateErr != nil || !isPO {
			faults = append(faults, name+" is no translation of portal or admin")
			continue
		}
		for _, f := range Check(template, text) {
			faults = append(faults, name+": "+f)
		}
	}
	return faults
}
