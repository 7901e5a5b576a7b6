package mail_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/lang"
	"myaccess/internal/mail"
)

// Every message is as in testdata. MAIL_SAMPLES=write rewrites the files.
func TestSamples(t *testing.T) {
	write := os.Getenv("MAIL_SAMPLES") == "write"
	for name, p := range map[string]*lang.Printer{"en": lang.New("en", nil), "pseudo": lang.Pseudo()} {
		for _, k := range mail.Kinds() {
			m := compose(t, k, p, sample())
			got := "Subject: " + m.Subject + "\n\n" + m.Text + "\n" + m.HTML
			file := filepath.Join("testdata", string(k)+"."+name+".txt")
			if write {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
	}
}

// Every sentence goes through the message catalogue: the text outside the marks of the
// pseudo-language consists of facts.
func TestEverySentenceIsTranslated(t *testing.T) {
	f := sample()
	facts := []string{f.Notice.Address, f.Requestor.Organization, f.Requestor.Email, f.Requestor.Name, f.Package,
		f.Decider, f.Reason,
		f.Provider.Name, f.Provider.By, f.Provider.Domain, f.Notice.Name, f.Notice.Provider,
		f.Notice.Subject, f.Notice.Reason}
	facts = append(facts, strings.Split(f.Justification, "\n")...)
	for _, a := range f.Answers {
		facts = append(facts, a.Text, strings.Join(a.Shown(), ", "))
	}
	for _, r := range f.Resources {
		facts = append(facts, r.Name, r.Role)
	}
	for _, k := range mail.Kinds() {
		m := compose(t, k, lang.Pseudo(), f)
		for l := range strings.Lines(m.Subject + "\n" + m.Text) {
			rest := unmarked(l)
			for _, s := range facts {
				if s != "" {
					rest = strings.ReplaceAll(rest, s, "")
				}
			}
			if strings.HasPrefix(strings.TrimSpace(rest), "https://") {
				continue
			}
			if strings.ContainsFunc(rest, unicode.IsLetter) {
				t.Errorf("%s: %q is not in the catalogue", k, strings.TrimSpace(rest))
			}
		}
	}
}

// unmarked returns the text outside the marks of the pseudo-language.
func unmarked(s string) string {
	depth := 0
	return strings.Map(func(r rune) rune {
		switch r {
		case '⟦':
			depth++
			return -1
		case '⟧':
			depth--
			return -1
		}
		if depth > 0 {
			return -1
		}
		return r
	}, s)
}

func compose(t *testing.T, k mail.Kind, p *lang.Printer, f mail.Facts) mail.Message {
	t.Helper()
	m, err := mail.Compose(k, p, f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestUnknownKind(t *testing.T) {
	if _, err := mail.Compose("invoice", lang.New("en", nil), sample()); err == nil {
		t.Error("a message of an unknown kind was composed")
	}
}

// Every link of every message leads to the portal, with the hint, or to a resource.
func TestLinks(t *testing.T) {
	f := sample()
	f.Base += "/"
	for _, k := range mail.Kinds() {
		m := compose(t, k, lang.New("en", nil), f)
		for _, part := range strings.Split(m.HTML, `href="`)[1:] {
			link, _, _ := strings.Cut(part, `"`)
			ours := strings.HasPrefix(link, "https://access.meridian.example/@meridian.example/") &&
				strings.HasSuffix(link, "domain_hint=harbor.example")
			if !ours && link != f.Resources[0].Link {
				t.Errorf("%s: link to %s", k, link)
			}
		}
		if n := strings.Count(m.HTML, "background:#0f6cbd"); n > 1 {
			t.Errorf("%s has %d buttons", k, n)
		}
	}
	f.Hint = ""
	if m := compose(t, mail.ApprovalAsked, lang.New("en", nil), f); strings.Contains(m.Text, "domain_hint") {
		t.Error("a hint for a recipient without a domain:\n" + m.Text)
	}
}

func TestBadLinksAreNotShown(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", "https://",
		"mailto:a@b.example", "https://a\n.example"} {
		f := sample()
		f.Resources = []mail.Resource{{Name: "Site", Link: link}}
		m := compose(t, mail.AccessDelivered, lang.New("en", nil), f)
		if !strings.Contains(m.Text, "- Site\n") || strings.Count(m.HTML, "href=") != 1 {
			t.Errorf("%q is shown:\n%s", link, m.Text)
		}
	}
}

// N-3, N-8, N-21: hostile text in every fact that people write stays text.
func TestTextsOfPeopleAreEscaped(t *testing.T) {
	const evil = "Eve</td><script>x()</script>\r\nBcc: " +
		"all@meridian.example\r\n\r\nSee:\nhttps://evil.example/\u202eexe.\u2066\u200b\x00"
	f := sample()
	for _, s := range []*string{&f.Tenant, &f.Support, &f.Recipient, &f.Package, &f.Requestor.Name, &f.Requestor.Email,
		&f.Requestor.Organization, &f.Justification, &f.Decider, &f.Reason, (*string)(&f.Note), &f.Answers[0].Text,
		&f.Answers[1].Values[0],
		&f.Resources[0].Name, &f.Resources[0].Role, (*string)(&f.Resources[0].Problem)} {
		*s = evil
	}
	for _, k := range mail.Kinds() {
		m := compose(t, k, lang.New("en", nil), f)
		if strings.ContainsAny(m.Subject, "\r\n") || len([]rune(m.Subject)) > 200 {
			t.Errorf("%s: subject %q", k, m.Subject)
		}
		if strings.ContainsAny(m.Subject+m.Text+m.HTML, "\x00\r\u202e\u2066\u200b") {
			t.Errorf("%s: deceptive characters are left", k)
		}
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, `href="https://evil`) {
			t.Errorf("%s: text became markup:\n%s", k, m.HTML)
		}
		for l := range strings.Lines(m.Text) {
			if strings.HasPrefix(l, "Bcc:") || strings.HasPrefix(l, "https://evil") || strings.HasPrefix(l, "See:") {
				t.Errorf("%s: text could be the portal's own: %q", k, l)
			}
		}
	}
}

func TestLongTextIsShortened(t *testing.T) {
	f := sample()
	f.Justification = strings.Repeat("ä", 2000)
	f.Package = strings.Repeat("p", 2000)
	m := compose(t, mail.ApprovalAsked, lang.New("en", nil), f)
	if n := strings.Count(m.Text, "ä"); n != 599 {
		t.Errorf("%d characters of the justification are shown", n)
	}
	if m := compose(t, mail.AccessEnded, lang.New("en", nil), f); len([]rune(m.Subject)) != 200 {
		t.Errorf("the subject has %d characters", len([]rune(m.Subject)))
	}
}

func TestCanceledByTheRequestor(t *testing.T) {
	f := sample()
	f.Note = ""
	m := compose(t, mail.RequestCanceled, lang.New("en", nil), f)
	if !strings.Contains(m.Text, "Mara Lind canceled the request for “Harbour redesign”.") {
		t.Error(m.Text)
	}
}

func TestKindsAreDistinct(t *testing.T) {
	ks := mail.Kinds()
	slices.Sort(ks)
	if n := len(slices.Compact(ks)); n != 21 {
		t.Errorf("%d kinds", n)
	}
}

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		" mara@harbor.example ":                         "mara@harbor.example",
		"Mara.Lind+x@HARBOR.example":                    "Mara.Lind+x@harbor.example",
		"mara@bücher.example":                           "mara@xn--bcher-kva.example",
		"":                                              "",
		"mara":                                          "",
		"mara@localhost":                                "",
		"Mara <mara@harbor.example>":                    "",
		"<mara@harbor.example>":                         "",
		"mara@harbor.example (Mara)":                    "",
		"a@harbor.example, b@harbor.example":            "",
		`"mara@evil"@harbor.example`:                    "",
		"mara@[127.0.0.1]":                              "",
		"mara@harbor.example\r\nBcc: x":                 "",
		"ma\u202era@harbor.example":                     "",
		strings.Repeat("m", 65) + "@harbor.example":     "",
		"mara@" + strings.Repeat("h.", 130) + "example": "",
	} {
		got, err := mail.ParseAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseAddress(%q) = %q, %v", in, got, err)
		}
	}
}
