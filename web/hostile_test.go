package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/views/viewstest"
)

// hostileTexts are texts that try to become markup, script or addresses.
func hostileTexts() []string {
	return []string{
		`"'></textarea></title><svg onload=probe()><script>probe()</script>` + ` <img src=x onerror=probe()>`,
		`javascript:probe()`,
		`' onfocus='probe()' autofocus='` + ` {{7*7}}${7*7}%s%d%n` + ` &lt;script&gt;probe()&amp;` +
			"\u202eevil\u2066\u200b\u2028probe()",
		`</script><script>probe()</script>` + ` ]]><x onload=probe()>` + ` <!--<script>`,
	}
}

// expectInert checks that no text of the page has become markup, script or an
// address.
func (b *browser) expectInert() {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		switch {
		case n.Data == "script" && (!strings.HasPrefix(attribute(n, "src"), "/static/") || n.FirstChild != nil),
			slices.Contains([]string{"svg", "img", "style", "iframe", "object", "embed", "base", "x"}, n.Data) &&
				!isOwnMarkup(n):
			b.p.t.Errorf("%s: a word became <%s>", b.at, n.Data)
		}
		for _, a := range n.Attr {
			focused := a.Key == "autofocus" && attribute(n, "name") != "address" && attribute(n, "name") != "code"
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || focused {
				b.p.t.Errorf("%s: a word became the attribute %s of <%s>", b.at, a.Key, n.Data)
			}
			if a.Key == "href" || a.Key == "action" || a.Key == "src" {
				u, err := url.Parse(a.Val)
				if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Scheme == "" && u.Host != "" {
					b.p.t.Errorf("%s: <%s> leads to %q", b.at, n.Data, a.Val)
				}
			}
		}
	}
}

// isOwnMarkup distinguishes the icons and QR codes of the pages from inserted
// markup.
func isOwnMarkup(n *html.Node) bool {
	class := attribute(n, "class")
	return n.Data == "svg" && (strings.HasPrefix(class, "icon") || class == "qr")
}

// addHostileTenant adds a tenant in which every name and text is the word.
func (p *fixture) addHostileTenant(word string) access.Offer {
	p.t.Helper()
	p.addAdministrator("gala")
	p.changeSettings(func(s *access.Settings) { s.SupportContact, s.ShowApprovers = strings.TrimSpace(word), true })
	p.Tenant.Name, p.Harbor.Name, p.Partner.Name, p.Partner.Description, p.Catalog.Name, p.Catalog.Description = word,
		word, word, word, word, word
	question := func(id access.QuestionID, kind access.QuestionKind) access.Question {
		return access.Question{ID: id, Kind: kind, Text: word, Localized: access.Localized{"de": word}, PatternMessage: word}
	}
	choice := question("c", access.MultipleChoice)
	choice.PatternMessage, choice.Choices = "", []access.Choice{{Value: word, Text: word}}
	pattern := question("p", access.ShortText)
	pattern.Pattern = "x"
	terms := access.Terms{Stages: []access.Stage{storetest.Named(p.Omar), groupStage(p)}, ShowApprovers: access.Yes,
		Questions: []access.Question{question("s", access.ShortText), question("l", access.LongText), choice, pattern}}
	one, two := p.ForPartner(terms), p.ForPartner(terms)
	one.Name, one.Description, two.Name = word, word, word+"2"
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, r := range []access.Resource{p.Team, p.Site} {
			r.Name, r.Link, r.Roles[0].Name = word, word, word
			if err := tx.SaveResource(ctx, r); err != nil {
				return err
			}
		}
		omar := p.Omar
		omar.Name = word
		for _, err := range []error{tx.SaveTenant(ctx, p.Tenant), tx.SaveDirectory(ctx, p.Harbor, access.VerifiedByOperator),
			tx.SaveOrganization(ctx, p.Partner), tx.SaveCatalog(ctx, p.Catalog),
			tx.UpdatePerson(ctx, omar)} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	o := p.Package(word, one, two)
	o.Package.Description = word
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
	for name, who := range p.people {
		if who.Directory == p.Harbor.ID || name == "omar" || name == "zoe" {
			who.Name = word
			p.people[name] = who
		}
	}
	return o
}

// Stored and typed texts are escaped on every page.
func TestTextsAreEscaped(t *testing.T) {
	for _, word := range hostileTexts() {
		p := newPortal(t)
		o := p.addHostileTenant(word)
		mara := p.as("mara")
		typed := url.Values{"answer.s": {word}, "answer.l": {word}, "answer.c": {word}, "answer.p": {word},
			"justification": {word}}
		mara.opens(packagePath(o)).sees(200).expectInert()
		mara.opens(packagePath(o)+"?policy="+string(o.Policies[0].ID)).presses("Submit request",
			typed).sees(422).expectInert()
		typed.Set("answer.p", "x")
		if mara.presses("Submit request", typed).sees(200, "Pending approval"); !strings.Contains(visibleText(mara.page),
			strings.Join(strings.Fields(word), " ")) {
			t.Errorf("%q is not shown as it was typed", word)
		}
		mara.opens(home + "/access-packages?q=" + url.QueryEscape(word)).sees(200).expectInert()
		omar := p.as("omar").opens(home + "/approvals").sees(200)
		omar.presses("Approve", url.Values{"reason": {word}}).sees(422).expectInert()
		omar.clicks("Details").presses("Approve", url.Values{"reason": {word}}).sees(200).expectInert()
		omar.do(http.MethodPost, strings.Split(omar.at, "?")[0], url.Values{"decision": {"deny"}, "stage": {"0"},
			"reason": {word}}).expectInert()
		p.as("ida").opens(home+"/approvals").clicks("Details").presses("Approve", url.Values{"reason": {word}}).sees(200)
		p.runJobs()
		p.nobody().opens("/").presses("Continue", url.Values{"address": {word}}).sees(422).expectInert()
		p.nobody().opens(home+"/").presses("Continue", url.Values{"address": {word + "@x.example"}}).sees(422).expectInert()
		p.nobody().opens("/auth/callback/x?error="+url.QueryEscape(word)+"&error_description="+url.QueryEscape(word)+
			"&state=x").sees(422, "!probe").expectInert()
		for _, name := range []string{"mara", "gala"} {
			p.as(name).crawl((*browser).expectInert)
		}
	}
}

// Every page is well-formed: tags nest, ids are unique, references resolve.
func TestPagesAreWellFormed(t *testing.T) {
	p := newPortal(t)
	p.addDataForEveryPage()
	check := func(b *browser) {
		for _, fault := range viewstest.Faults(b.body) {
			t.Errorf("%s: %s", b.at, fault)
		}
		b.expectTokens()
	}
	for _, name := range []string{"lena", "omar", "ida", "mara", "pia", "zoe", "gala"} {
		p.as(name).crawl(check)
	}
	p.nobody().crawl(check)
	p.openFormPages(check)
}

// expectTokens checks that every form of a session has its token.
func (b *browser) expectTokens() {
	b.p.t.Helper()
	if len(b.cookies) == 0 {
		return
	}
	for n := range nodes(b.page) {
		if fields, _ := formState(n); n.Data == "form" && attribute(n, "method") == "post" && fields.Get("csrf") == "" {
			b.p.t.Errorf("%s: the form to %s carries no token", b.at, attribute(n, "action"))
		}
	}
}

// openFormPages opens pages that only forms lead to.
func (p *fixture) openFormPages(check func(*browser)) {
	p.t.Helper()
	o := p.Package("Faulty", policyWithQuestions(p), hasName("Another", policyWithQuestions(p)))
	mara := p.as("mara").opens(packagePath(o))
	check(mara)
	check(mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"answer.more": {"x"}, "key": {"\x00"},
		"start": {"x"}}).sees(422))
	check(mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"policy": {string(o.Policies[0].ID)},
		"answer.more": {"x"}, "start": {"x"}}).sees(422))
	check(mara.do(http.MethodPost, packagePath(o)+"/requests", url.Values{"policy": {unknown}}).sees(409))
	omar := p.as("omar").opens(home + "/approvals")
	check(omar.presses("Approve", nil).sees(422))
	check(omar.clicks("Details"))
	check(omar.do(http.MethodPost, omar.at, url.Values{"decision": {"x"}, "stage": {"0"}}).sees(422))
	check(omar.do(http.MethodPost, omar.at, url.Values{"decision": {"approve"}, "stage": {"7"}}).sees(409))
	check(omar.sendOnce(http.MethodPut, home+"/", nil).sees(405))
	check(omar.opens(home + "/nowhere"))
	check(p.nobody().opens("/").presses("Continue", url.Values{"address": {"x"}}).sees(422))
	zoe := p.as("zoe")
	check(zoe.opens(home+"/sign-in?prompt=select_account").sees(200, "Sign in to Meridian Works"))
	check(zoe.presses("Continue", url.Values{"address": {"x"}}).sees(422))
	check(zoe.opens(home+"/sign-in/code?attempt=x").sees(200, "Enter the code"))
}

// All texts and dates go through the message catalogue.
func TestPagesAreTranslated(t *testing.T) {
	p := newPortal(t)
	p.addDataForEveryPage()
	known := []string{"MyAccess", "Design partner", "Owner", "Visitor", "https://sites.meridian.example/site",
		"https://sites.meridian.example/team", "Reviewers", "Gala Admin", "gala@meridian.example", "Mara Lind", "Pia Sand",
		"Lena Berg", "Omar Haddad", "Ida Falk", "Zoe Elsewhere", "Harbor Studio", "Meridian Works", "Elsewhere",
		"What Tidal needs", "What Boats needs", "What Ropes needs", "What Nets needs", "What Sails needs",
		"What Faulty needs", "Tidal team", "Tidal site",
		"Tidal", "Boats", "Ropes", "Nets", "Sails", "Faulty", "Projects", "For ", "Member", string(access.ScopeSpecificOrgs),
		"Another",
		"mara@harbor.example", "pia@harbor-lab.example", "harbor.example", "harbor-lab.example", "elsewhere.example",
		"northlight.example", "lena@meridian.example", "omar@meridian.example", "ida@meridian.example",
		"zoe@elsewhere.example", "meridian.example",
		"Cost centre", "Such as AB-12.", "Design partner", "What for", "Which site", "Bern", "Geneva", "Which days", "Monday",
		"Tuesday"}
	check := func(b *browser) {
		if !strings.Contains(b.body, "⟦") {
			t.Errorf("%s is not in the pseudo language", b.at)
		}
		for _, found := range viewstest.Untranslated(b.body, known...) {
			t.Errorf("%s: %s", b.at, found)
		}
	}
	browsers := []*browser{p.nobody()}
	for _, name := range []string{"lena", "omar", "ida", "mara", "pia", "zoe", "gala"} {
		browsers = append(browsers, p.as(name))
	}
	p.usePseudoLanguage()
	for _, b := range browsers {
		b.crawl(check)
	}
}
