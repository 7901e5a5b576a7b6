package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/en_GB"
	"github.com/leonelquinteros/gotext"
	"github.com/leonelquinteros/gotext/plurals"
)

// translations are the files of package lang: locale/TAG/DOMAIN.po.
//
//go:embed locale
var translations embed.FS

// Catalog has the translations into all languages. It is safe for concurrent use. A nil
// Catalog has English only.
type Catalog struct {
	languages map[string]*language // by tag, lower-cased
}

// language is what a Printer needs to know of a language. The maps are nil in English.
type language struct {
	tag       string
	locale    locales.Translator // for dates and numbers
	texts     map[string]string  // by the English text
	inContext map[inContext]string
	plurals   map[string][]string // the forms, by the English singular
	form      func(n int) int     // the plural rule; gives an index into the forms
}

type inContext struct{ context, text string }

// Load returns the translations that are part of the program.
func Load() *Catalog {
	files, err := fs.Sub(translations, "locale")
	if err != nil {
		return nil
	}
	return Read(files, locale)
}

// Read returns the translations of the files TAG/portal.po and TAG/admin.po. What cannot
// be read of them is printed in English: langtest.Check finds it. locale returns how dates
// and numbers are written, by tag.
func Read(files fs.FS, locale func(tag string) locales.Translator) *Catalog {
	c := &Catalog{languages: map[string]*language{"en": english()}}
	found, err := fs.Glob(files, "*/*.po")
	if err != nil {
		return c
	}
	for _, name := range found {
		tag := strings.ToLower(path.Dir(name))
		text, err := fs.ReadFile(files, name)
		if err != nil {
			continue
		}
		if c.languages[tag] == nil {
			c.languages[tag] = &language{tag: tag, locale: locale(tag), texts: map[string]string{},
				inContext: map[inContext]string{}, plurals: map[string][]string{}}
		}
		c.languages[tag].add(text)
	}
	return c
}

// add adds the messages of a .po file.
func (l *language) add(text []byte) {
	po := gotext.NewPo()
	po.Parse(text)
	domain := po.GetDomain()
	if _, form, err := PluralRule(domain.PluralForms); err == nil {
		l.form = form
	}
	for _, t := range domain.GetTranslations() {
		if t.ID == "" || t.Trs[0] == "" {
			continue
		}
		if t.PluralID == "" {
			l.texts[t.ID] = t.Trs[0]
			continue
		}
		forms := make([]string, len(t.Trs))
		for i := range forms {
			forms[i] = t.Trs[i]
		}
		l.plurals[t.ID] = forms
	}
	for context, all := range domain.GetCtxTranslations() {
		for _, t := range all {
			if t.Trs[0] != "" {
				l.inContext[inContext{context, t.ID}] = t.Trs[0]
			}
		}
	}
}

// plural returns the form for n of the message whose English singular is one; false if
// there is none.
func (l *language) plural(one string, n int) (string, bool) {
	forms := l.plurals[one]
	if len(forms) == 0 || l.form == nil {
		return "", false
	}
	i := l.form(n)
	if i >= len(forms) || forms[i] == "" {
		return "", false
	}
	return forms[i], true
}

// PluralRule parses the header Plural-Forms of a .po file, such as "nplurals=2;
// plural=n != 1;". rule returns the index of the form for n things, of either sign.
func PluralRule(header string) (forms int, rule func(n int) int, err error) {
	fields := map[string]string{}
	for _, field := range strings.Split(header, ";") {
		name, value, _ := strings.Cut(field, "=")
		fields[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if forms, err = strconv.Atoi(fields["nplurals"]); err != nil || forms < 1 {
		return 0, nil, fmt.Errorf("%q has no number of forms (nplurals)", header)
	}
	expression, err := plurals.Compile(fields["plural"])
	if err != nil {
		return 0, nil, fmt.Errorf("the rule of %q cannot be read: %w", header, err)
	}
	rule = func(n int) int { return expression.Eval(uint32(max(n, -n))) }
	// Every rule in use repeats after 1000; the library accepts rules that it cannot evaluate.
	defer func() {
		if recover() != nil {
			forms, rule, err = 0, nil, fmt.Errorf("the rule of %q cannot be evaluated", header)
		}
	}()
	for n := range 1000 {
		if i := rule(n); i < 0 || i >= forms {
			return 0, nil, fmt.Errorf("the rule of %q gives the form %d for %d", header, i, n)
		}
	}
	return forms, rule, nil
}

// Printer returns the printer for a language tag (BCP 47, such as "en" or "de-CH") and a
// time zone. A language that is not translated is printed in a wider one ("de" for
// "de-CH"), else in English; a nil zone is UTC.
func (c *Catalog) Printer(tag string, zone *time.Location) *Printer {
	if zone == nil {
		zone = time.UTC
	}
	l := c.find(tag)
	if l == nil {
		l = c.english()
	}
	return &Printer{language: l, zone: zone}
}

// Match returns the first of tags that there is a translation for; empty if there is
// none.
func (c *Catalog) Match(tags []string) string {
	for _, tag := range tags {
		if c.find(tag) != nil {
			return tag
		}
	}
	return ""
}

// find returns the language of tag, or a wider one; nil if there is none (RFC 4647,
// 3.4).
func (c *Catalog) find(tag string) *language {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	for c != nil && tag != "" {
		if l := c.languages[tag]; l != nil {
			return l
		}
		tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
	}
	return nil
}

func (c *Catalog) english() *language {
	if c == nil {
		return english()
	}
	return c.languages["en"]
}

// Languages returns the tags of all languages, English first.
func (c *Catalog) Languages() []string {
	all := []string{"en"}
	if c != nil {
		for tag := range c.languages {
			if tag != "en" {
				all = append(all, tag)
			}
		}
	}
	slices.Sort(all[1:])
	return all
}

func english() *language { return &language{tag: "en", locale: en_GB.New()} }

// locale returns how dates and numbers are written in a language. A language is added
// here with its files; without that its dates and numbers are those of English.
func locale(tag string) locales.Translator {
	switch tag {
	default:
		return en_GB.New()
	}
}

// direction returns the direction of the script that a language is usually written in.
func direction(tag string) string {
	switch BaseLanguage(tag) {
	case "ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi":
		return "rtl"
	}
	return "ltr"
}
