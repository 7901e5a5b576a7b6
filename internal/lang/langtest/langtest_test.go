package langtest_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"myaccess/internal/lang/langtest"
)

// Every translation that is part of the program can be used.
func TestTranslationsAreWhole(t *testing.T) {
	for _, f := range langtest.CheckAll(os.DirFS("../locale")) {
		t.Error(f)
	}
}

// The patterns of lists, and of a date with a time, are in the templates.
func TestPatternsAreTranslated(t *testing.T) {
	c, err := langtest.Pseudo()
	if err != nil {
		t.Fatal(err)
	}
	p := c.Printer(langtest.RightToLeft, nil)
	if got, want := p.List([]string{"a", "b", "c"}), "אב אב a, b גד and c גד"; got != want {
		t.Errorf("a list is %q, want %q", got, want)
	}
	if got := p.DateTime(time.Unix(0, 0)); !strings.HasPrefix(got, "אב ") {
		t.Errorf("a time is %q", got)
	}
}

const template = `msgid ""
msgstr ""

msgid "Cancel %s"
msgstr ""

msgid "%d person of %s"
msgid_plural "%d people of %s"
msgstr[0] ""
msgstr[1] ""
`

// A broken translation is refused here: the program skips what it cannot read.
func TestBrokenTranslations(t *testing.T) {
	whole := `msgid ""
msgstr ""
"Language: pl\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

msgid "Cancel %s"
msgstr "Anuluj %s"

msgid "%d person of %s"
msgid_plural "%d people of %s"
msgstr[0] "%[2]s: %[1]d osoba"
msgstr[1] "%[2]s: %[1]d osoby"
msgstr[2] ""
`
	if faults := langtest.Check([]byte(template), []byte(whole)); len(faults) != 0 {
		t.Error(faults)
	}
	for name, edit := range map[string][2]string{
		"is no keyword":           {"msgstr \"Anuluj", "mgstr \"Anuluj"},
		"is not a text in quotes": {"Anuluj %s\"", "Anuluj %s"},
		"not in the template":     {"msgid \"Cancel %s\"", "msgid \"Stop %s\""},
		"takes other arguments":   {"Anuluj %s", "Anuluj %d"},
		"takes other arguments ":  {"%[2]s: %[1]d osoba", "%[2]s: osoba"},
		"has 2 plural forms":      {"msgstr[2] \"\"\n", ""},
		"gives the form -1":       {" ? 1 : 2)", " ? 1 : x)"},
		"gives the form 2":        {"nplurals=3", "nplurals=2"},
		"Language is missing":     {"\"Language: pl\\n\"\n", ""},
	} {
		broken := strings.Replace(whole, edit[0], edit[1], 1)
		faults := strings.Join(langtest.Check([]byte(template), []byte(broken)), "\n")
		if broken == whole || !strings.Contains(faults, strings.TrimSpace(name)) {
			t.Errorf("%s: %q", name, faults)
		}
	}
}

// The pseudo-languages print what the templates have, longer and from right to left, and
// leave other texts in English.
func TestPseudoLanguages(t *testing.T) {
	c, err := langtest.Pseudo()
	if err != nil {
		t.Fatal(err)
	}
	long, rtl := c.Printer(langtest.Long, nil), c.Printer(langtest.RightToLeft, nil)
	for _, tt := range []struct{ got, want string }{
		{long.T("Cancel"), "[Cáncél l]"},
		{long.N(2, "%d person", "%d people"), "[2 péóplé lo]"},
		{long.T("no message of the program"), "no message of the program"},
		{long.Dir(), "ltr"},
		{rtl.T("Cancel"), "אב Cancel גד"},
		{rtl.Dir() + " " + rtl.Tag(), "rtl ar"},
	} {
		if strings.Join(strings.Fields(tt.got), " ") != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if got := long.T("Pending approval"); len([]rune(got)) < len("Pending approval")*14/10 {
		t.Errorf("%q is not 40 %% longer", got)
	}
}
