package web

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
)

// c37 are the answers of the case, as the form sends them.
func c37(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/C37-blanks.form")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	_, first, _ = strings.Cut(first, "=")
	var all []string
	for part := range strings.SplitSeq(first, "|") {
		answer, err := url.QueryUnescape(strings.TrimSpace(part))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, answer)
	}
	return all
}

// C37: blanks and invisible characters around an answer, and within it, neither decide
// whether it matches nor are they stored.
func TestC37Answers(t *testing.T) {
	p := newPortal(t)
	answers := c37(t)
	if len(answers) != 3 || answers[1] != "\u00a0PO-123456" {
		t.Fatalf("the case has %q", answers)
	}
	answers = append(answers, "\ufeffPO-123456\u2800", "PO-\u200b123\u00ad456", "\u200ePO-123456\t", "PO-123\u200d456")
	for i, answer := range answers {
		o := p.Package("Order "+string(rune('a'+i)), p.ForPartner(access.Terms{RequireJustification: true,
			Stages: []access.Stage{storetest.Named(p.Omar)}, Questions: []access.Question{
				{ID: "order", Kind: access.ShortText, Text: "Order", Required: true, Pattern: "PO-[0-9]{6}",
					PatternMessage: "An order number looks like PO-123456."},
				{ID: "place", Kind: access.ShortText, Text: "Place", Pattern: "caf\u00e9 [a-z]"},
				{ID: "why", Kind: access.LongText, Text: "Why"},
				// stored before choices were
				{ID: "site", Kind: access.MultipleChoice, Text: "Site", Required: true, Choices: []access.Choice{
					{Value: "Zu\u0308rich\u200b", Text: "Zurich"}, {Value: "Bern", Text: "Bern"}}},
			}}))
		mara := p.as("mara")
		mara.opens(packagePath(o)).presses("Submit request", url.Values{"answer.order": {answer},
			"answer.place": {"cafe\u0301\u00a0b"}, "answer.why": {"\u200b first\r\n\r\nsecond \u2060"},
			"answer.site": {"Zu\u0308rich\u200b"}, "justification": {"\u00a0We build it\u200b together\u3164"}}).
			sees(200, "Pending approval", "PO-123456")
		q := p.requestAt(mara.at)
		want := map[access.QuestionID]string{"order": "PO-123456", "place": "caf\u00e9 b", "why": "first\n\nsecond",
			"site": "Zurich"}
		for _, a := range q.Answers {
			if strings.Join(a.Shown(), ", ") != want[a.Question] {
				t.Errorf("%q: the answer to %s is stored as %q", answer, a.Question, strings.Join(a.Shown(), ", "))
			}
		}
		if len(q.Answers) != 4 || q.Justification != "We build it together" {
			t.Errorf("%q: stored are %q, %q", answer, q.Answers, q.Justification)
		}
	}
}

// C37: nothing that can be seen is no answer where one is required.
func TestC37RequiredAnswers(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", policyWithQuestions(p))
	for _, empty := range []string{"\u200b", "\u00a0\u2003", "\u2800", "\u3164", "\ufeff\u200d\ufe0f",
		"\u200e\u2060\u00ad",
		"\x00\x1f"} {
		typed := validRequestForm()
		typed.Set("answer.cost", empty)
		typed.Set("justification", empty)
		mara := p.as("mara")
		mara.opens(packagePath(o)).presses("Submit request", typed).sees(422)
		for _, field := range []string{"answer.cost", "justification"} {
			if got := mara.faultAt(field); got != "Required." {
				t.Errorf("%q: the fault at %s is %q", empty, field, got)
			}
		}
	}
}

// C37: reasons, names, descriptions and search words.
func TestC37OtherTexts(t *testing.T) {
	p := newPortal(t)
	at := p.pendingRequest("mara", "Tidal", access.Stage{Days: 7, RequireReason: true, Approvers: storetest.Named(p.
		Omar).Approvers})
	omar := p.as("omar")
	omar.opens(at).presses("Deny", url.Values{"reason": {"\u200b\u00a0"}}).sees(422)
	omar.opens(at).presses("Deny", url.Values{"reason": {"\u200bNot\u00a0now\ufeff"}}).sees(200)
	q := p.requestAt(strings.Replace(at, "/approvals/", "/requests/", 1))
	decisions, err := p.Store.Decisions(t.Context(), p.Tenant.ID, q.ID)
	if err != nil || len(decisions) != 1 || decisions[0].Reason != "Not now" {
		t.Errorf("the decision is stored as %+v, %v", decisions, err)
	}

	p.addAdministrator("gala")
	gala := p.as("gala")
	gala.opens(home+"/admin/catalogs/new").presses("Create", url.Values{"displayName": {"\u200b"},
		"description": {"\u2800"}}).sees(422)
	gala.presses("Create", url.Values{"displayName": {"\ufeffBuild\u00a0to\u200bols cafe\u0301 "},
		"description": {"\u200bone\r\ntwo\u00a0"}}).sees(200, "Build tools caf\u00e9")
	catalogs, err := p.Store.Catalogs(t.Context(), p.Tenant.ID)
	if err != nil || !slices.ContainsFunc(catalogs, func(c access.Catalog) bool {
		return c.Name == "Build tools caf\u00e9" && c.Description == "one\ntwo"
	}) {
		t.Errorf("the catalogs are stored as %+v, %v", catalogs, err)
	}
	gala.opens(home+"/admin/catalogs/new").presses("Create", url.Values{"displayName": {"Build tools caf\u00e9\u2060"},
		"description": {"x"}}).sees(422, "A catalog with this name already exists.")
	for _, words := range []string{"\u200bBuild tools", "Build\u00a0to\u00adols", "cafe\u0301\ufeff"} {
		gala.opens(home+"/admin/catalogs?"+url.Values{"q": {words}}.Encode()).sees(200, "Build tools caf\u00e9")
	}
}

// requestAt is the request of a page's address.
func (p *fixture) requestAt(at string) (q access.Request) {
	p.t.Helper()
	id := regexp.MustCompile(`requests/([0-9a-f-]{36})`).FindStringSubmatch(at)
	if id == nil {
		p.t.Fatalf("%s is not the address of a request", at)
	}
	q, err := p.Store.Request(p.t.Context(), p.Tenant.ID, access.RequestID(id[1]))
	if err != nil {
		p.t.Fatal(err)
	}
	return q
}
