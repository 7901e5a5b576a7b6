package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// oldPattern is a pattern that was stored before patterns had limits.
func oldPattern() string { return strings.Repeat(`\pL{0,1000}`, 40) }

// withOldPattern is a policy for members with a question that has the pattern.
func withOldPattern() access.Policy {
	return access.Policy{Name: "Crew", Scope: access.ScopeMembers, Terms: access.Terms{
		Expiration: access.Expiration{Kind: access.NoExpiration}, Questions: []access.Question{
			{ID: "site", Kind: access.ShortText, Text: "Which site?", Required: true, Pattern: oldPattern()}}}}
}

// A policy with a pattern from before the limits is listed as a problem on the
// overview, on its page and on that of its access package; a request under it is
// refused with a sentence that keeps what was typed; and it can be mended.
func TestOldPatternIsAProblem(t *testing.T) {
	const problem = "No one can request under this policy: the regular expression of question 1 is invalid or too " +
		"complex. Change it."
	p := newPortal(t)
	o := p.Package("Tidal", withOldPattern())
	p.addAdministrator("gala")
	gala := p.as("gala").opens(home+"/admin/").sees(200, "Policies that no one can use", "Crew of Tidal", problem)
	gala.opens(home+"/admin/access-packages/"+string(o.Package.ID)).sees(200, "Crew: "+problem)
	policy := home + "/admin/access-packages/" + string(o.Package.ID) + "/policies/" + string(o.Policies[0].ID)
	gala.opens(policy).sees(200, problem)

	p.as("lena").opens(packagePath(o)).presses("Submit request", url.Values{"answer.site": {"ABC"}}).
		sees(422, "Your answers cannot be checked, because a regular expression of this policy is invalid or too complex. "+
			"Ask an administrator to change it.").hasValue("answer.site", "ABC")

	gala.opens(policy+"/edit").presses("Save", nil).sees(422, "Question 1: this regular expression is too complex").
		presses("Save", url.Values{"questions.1.pattern": {"[A-Z]+"}}).sees(200, "!"+problem)
	gala.opens(home+"/admin/").sees(200, "!Policies that no one can use")
	p.as("lena").opens(packagePath(o)).presses("Submit request", url.Values{"answer.site": {"ABC"}}).sees(200,
		"!cannot be")
}

// A pattern that is tried in the form is refused as quickly as one that is saved.
func TestTriedPatternIsLimited(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", withOldPattern())
	p.addAdministrator("gala")
	gala := p.as("gala").opens(home + "/admin/access-packages/" + string(o.Package.ID) + "/policies/" +
		string(o.Policies[0].ID) + "/edit")
	start := time.Now()
	gala.presses("Test question 1", url.Values{"questions.1.try": {strings.Repeat("a", 200)}}).
		sees(200, "The regular expression is too complex.")
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

// A form has at most 5,000 values, and is refused before it is parsed.
func TestFormWithManyFields(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena").opens(home + "/")
	token := lena.token()
	post := func(body string) *browser {
		r := httptest.NewRequest(http.MethodPost, address+home+"/approvals", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return lena.send(r)
	}
	post("csrf="+token+strings.Repeat("&a=b", kit.MaxFields)).sees(413, "The form is too large.")
	post("csrf=" + token + strings.Repeat("&", kit.MaxBody-100)).sees(413)
	post("csrf="+token+strings.Repeat("&a=b", kit.MaxFields-1)).sees(422, "Select at least one request")
}

// Whatever a browser sends, it is answered at once: each took much longer, or would
// without a limit.
func TestHostileRequests(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeMembers, Terms: choiceTerms()})
	p.addAdministrator("gala")
	gala, lena := p.as("gala"), p.as("lena")
	small := choiceTerms()
	small.Questions = small.Questions[:1]
	edited := p.Package("Ebb", access.Policy{Name: "Crew", Scope: access.ScopeMembers, Terms: small})
	edit := home + "/admin/access-packages/" + string(edited.Package.ID) + "/policies/" +
		string(edited.Policies[0].ID) + "/edit"
	large := strings.Repeat("x", 900_000)
	save := func(name, value string) func() *browser {
		return func() *browser {
			got := gala.opens(edit).presses("Save", url.Values{name: {value}})
			if got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s of %d bytes: %d", name, len(value), got.status)
			}
			return got
		}
	}
	get := func(b *browser, target string, header ...string) func() *browser {
		return func() *browser {
			r := httptest.NewRequest(http.MethodGet, address+target, nil)
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			return b.send(r)
		}
	}
	search := func(text string) string { return "?q=" + url.QueryEscape(text) }
	for name, do := range map[string]func() *browser{
		"a choice of 900 KB":       save("questions.1.choices", large),
		"bars":                     save("questions.1.choices", strings.Repeat("|", 300_000)),
		"a text in many languages": save("questions.1.texts", strings.Repeat("de-x: y\n", 50_000)),
		"a name of 900 KB":         save("policyName", large),
		"a name that NFKC makes eleven times as long": save("policyName", strings.Repeat("\ufdfa", 90_000)),
		"words":        get(lena, home+"/access-packages"+search(strings.Repeat("a b c d e f g h ", 400))),
		"a long word":  get(lena, home+"/access-packages"+search(strings.Repeat("x", 20_000))),
		"wildcards":    get(lena, home+"/access-packages"+search(strings.Repeat("%_", 5000))),
		"ligatures":    get(lena, home+"/access-packages"+search(strings.Repeat("\ufdfa\ufdfb㌀", 30))),
		"people":       get(gala, home+"/admin/people"+search(strings.Repeat("\ufdfa\ufdfb㌀", 30))),
		"languages":    get(lena, packagePath(o), "Accept-Language", strings.Repeat("a-b;q=0.1,", 3000)),
		"a language":   get(lena, packagePath(o), "Accept-Language", "de-"+strings.Repeat("x", 30_000)),
		"a hint":       get(p.nobody(), home+"/sign-in?domain_hint="+strings.Repeat("ä", 5000)),
		"a target":     get(p.nobody(), home+"/sign-in?to=/"+strings.Repeat("x/", 15_000)),
		"cookies":      get(p.nobody(), home+"/sign-in", "Cookie", strings.Repeat("__Host-signin-0=x; ", 1500)),
		"parameters":   get(lena, home+"/access-packages?"+strings.Repeat("q&", 15_000)),
		"a long path":  get(lena, home+"/"+strings.Repeat("x", 30_000)),
		"a long draft": get(lena, packagePath(o)+"?draft="+strings.Repeat("x", 30_000)),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := do()
			took := time.Since(start)
			t.Logf("%d, %v, %d KB", got.status, took, len(got.body)>>10)
			if took > 3*time.Second || got.status >= 500 || len(got.body) > 6<<20 {
				t.Errorf("%d after %v, with %d KB", got.status, took, len(got.body)>>10)
			}
		})
	}
}

// choiceTerms are terms with as many choices as a policy may have.
func choiceTerms() access.Terms {
	terms := access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}
	for i := range access.MaxQuestions {
		q := access.Question{ID: access.QuestionID(strings.Repeat("q", i+1)), Kind: access.MultipleChoice, Text: "Which?"}
		for j := range access.MaxChoices {
			value := strings.Repeat("c", j+1)
			q.Choices = append(q.Choices, access.Choice{Value: value, Text: value, Localized: access.Localized{"de": value}})
		}
		terms.Questions = append(terms.Questions, q)
	}
	return terms
}

// A name that begins like a formula leaves in a download as text, and comes back from
// it as it was (N-7).
func TestDownloadCanBeImported(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	names := []string{"=Ana", "Ben;=1+1", "+Cai", "'Dee", "Eve - Fox; Gil"}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		for i, name := range names {
			err := tx.AddPerson(ctx, access.Person{ID: access.PersonID(tx.NewID()), Tenant: p.Tenant.ID,
				Directory: p.Tenant.Directory, Domain: "meridian.example", Kind: access.Member, Name: name,
				Email: string(rune('a'+i)) + "@meridian.example", Guest: access.GuestNone})
			if err != nil {
				return err
			}
		}
		return nil
	})
	gala := p.as("gala").opens(home + "/admin/people?format=csv")
	download := gala.body
	for _, cell := range []string{",'=Ana,", ",Ben;'=1+1,", ",'+Cai,", ",'Dee,", ",Eve - Fox; Gil,"} {
		if !strings.Contains(download, cell) {
			t.Errorf("no %s in\n%s", cell, download)
		}
	}
	var file strings.Builder
	file.WriteString("mail,displayName\n")
	for line := range strings.Lines(download) {
		if cells := strings.Split(line, ","); strings.HasSuffix(cells[2], "@meridian.example") &&
			len(cells[2]) == len("a@meridian.example") {
			file.WriteString(cells[2] + "," + cells[1] + "\n")
		}
	}
	gala.opens(home+"/admin/people/import").presses("Continue", url.Values{"file": {file.String()}}).
		presses("Preview", nil).sees(200, "New 0", "Changed 0", "Unchanged 5", "Errors 0", "Import 5")
}
