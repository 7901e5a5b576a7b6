package web

import (
	"strings"
	"testing"

	"myaccess/internal/lang/langtest"
)

// useTranslations makes the pages print in the languages of langtest.Pseudo.
func (p *fixture) useTranslations() {
	p.t.Helper()
	c, err := langtest.Pseudo()
	if err != nil {
		p.t.Fatal(err)
	}
	p.server.Catalog, p.server.NewPrinter = c, c.Printer
}

// Pages are in the first language of the browser that there is a translation for, say so
// in their head, and are written from right to left if the language is.
func TestTranslatedPages(t *testing.T) {
	p := newPortal(t)
	p.Package("Tidal", policyWithQuestions(p))
	mara := p.as("mara")
	p.useTranslations()
	for accept, want := range map[string][2]string{
		"xx, ar-EG, qps": {`<html lang="ar" dir="rtl">`, "אב Sign out גד"},
		"qps;q=0.9, xx":  {`<html lang="qps" dir="ltr">`, "[Sígn óút "},
		"xx":             {`<html lang="en" dir="ltr">`, "Sign out"},
	} {
		mara.language = accept
		mara.opens(home + "/access-packages")
		for _, part := range want {
			if !strings.Contains(mara.body, part) {
				t.Errorf("%s: the page has no %s", accept, part)
			}
		}
		stranger := p.nobody()
		stranger.language = accept
		stranger.opens("/")
		if !strings.Contains(stranger.body, want[0]) {
			t.Errorf("%s: the front page has no %s", accept, want[0])
		}
	}
}
