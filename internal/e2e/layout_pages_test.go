package e2e_test

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/e2e/rig"
	"myaccess/web/kit"
)

// own and ownAdmin are the paths of the tenant's pages that are walked.
const (
	own      = "/@meridian.example"
	ownAdmin = own + "/admin"
)

// walkEveryPage opens pages of every route, every step of the wizards, forms with faults,
// and refusals, each as somebody who sees the most there.
func (p *longPortal) walkEveryPage() {
	p.t.Helper()
	p.walkSignIn()
	p.walkRequests()
	petra := p.signIn("Petra Novak", "petra@meridian.example", "meridian.example")
	petra.walkOrganizations()
	petra.walkPackages()
	petra.walkPeople()
	p.walkApprovals(petra)
	p.walkMerge(petra)
	petra.crawl(own+"/", ownAdmin+"/")
}

// walkSignIn opens what people see who are not signed in, or may not be here.
func (p *longPortal) walkSignIn() {
	p.t.Helper()
	nobody := p.visit("nobody", "meridian.example")
	nobody.crawl("/", own+"/", "/auth/signed-out")
	nobody.submit(nobody.open(own+"/sign-in"), "", url.Values{"address": {"someone@unknown.example"}})
	nobody.open(own + "/sign-in/code?attempt=unknown")
	nobody.open("/auth/callback/unknown?state=unknown")
	nobody.open("/no-page")
	jonas := p.signIn("Jonas Weber", "jonas@meridian.example", "meridian.example")
	jonas.open(ownAdmin + "/")
	jonas.open("/@northlight.example/admin/")
	secret := filepath.Join(p.dir, "client-secret")
	p.writeFile(secret, []byte("secret"))
	setup := regexp.MustCompile(`/@works.example/setup/\S+`).FindString(p.command("init", "works.example", "--name",
		"Works",
		"--issuer", "https://login.works.example", "--client-id", "myaccess", "--client-secret-file", secret))
	p.signIn("Wanda Works", "wanda@works.example", "works.example").open(setup)
}

// walkRequests opens the pages of people who request access: one who has some, one whose
// request is pending, and a partner's who begins.
func (p *longPortal) walkRequests() {
	p.t.Helper()
	for _, who := range [][2]string{{"Amina Diallo", "amina@meridian.example"},
		{"Mikael Aho", "mikael@northlight.example"}, {"Mira Sand", "mira@harbor.example"}} {
		v := p.signIn(who[0], who[1], "meridian.example")
		v.open(own + "/")
		v.crawl(own + "/access-packages")
		for _, path := range v.open(own + "/requests").Links(own + "/requests/") {
			v.open(path)
		}
		for _, path := range v.open(own + "/access-packages").Links(own + "/access-packages/") {
			if page := v.open(path); strings.Contains(page.Body, `name="key"`) {
				v.submit(page, "", url.Values{"key": {""}, "justification": {""}})
			}
		}
	}
}

// walkApprovals opens the pages of an approver who has a request to decide, and those of
// the administrator for it.
func (p *longPortal) walkApprovals(petra *visitor) {
	p.t.Helper()
	lena := p.signIn("Lena Berg", "lena@meridian.example", "meridian.example")
	lena.crawl(own + "/approvals")
	list := lena.open(own + "/approvals")
	lena.submit(list, "", nil)
	pending := lena.linkTo(list, "/approvals/:id")
	lena.submit(lena.open(pending), "", url.Values{"decision": {""}})
	petra.crawl(ownAdmin + strings.Replace(strings.TrimPrefix(pending, own), "approvals", "requests", 1))
}

// walkOrganizations adds a partner with a provider that does not answer, and a domain whose
// people sign in with passcodes, which a provider replaces. One of these people, whose
// address that provider does not vouch for, is asked to prove it.
func (v *visitor) walkOrganizations() {
	v.p.t.Helper()
	v.submit(v.open(ownAdmin+"/settings"), "", url.Values{"timeZone": {"Middle Earth"}})
	v.submit(v.open(ownAdmin+"/settings"), "", url.Values{"passcode": {"yes"}})
	provider := url.Values{"provider.issuer": {"http://127.0.0.1:1"}, "provider.clientId": {"meridian"},
		kit.SecretField: {"secret"}}
	page := v.steps(v.open(ownAdmin+"/organizations/new"), step{},
		step{typed: url.Values{"displayName": {"Quay Transport"}, "description": {"Ships and trains"}}},
		step{"add=look", url.Values{"domain": {"quay.example"}}}, step{"add=use/openid/quay.example", nil}, step{},
		step{"try=provider", provider}, step{}, step{})
	page = v.saveAnyway(page)
	v.crawl(strings.TrimSuffix(page.URL.Path, "/domains"))
	v.submit(page, "", nil)

	one := v.linkTo(v.open(ownAdmin+"/organizations"), "/organizations/:id")
	look := step{"add=look", url.Values{"domain": {"pier.example"}}}
	v.steps(v.open(one+"/sources/add"), look, step{"add=use/passcode/pier.example", nil}, step{},
		step{"finish=yes", nil})
	v.open(one + "/sources/remove?source=" + lastID(v.linkTo(v.open(one+"/sources"), "/providers/:id")))
	ada := access.Identity{Name: "Ada Pier", Subject: "ada@pier.example", Email: "ada@pier.example", EmailTrusted: true}
	v.p.signInAs(ada, v.Tenant)
	page = v.steps(v.open(one+"/sources/add"), look, step{"add=use/openid/pier.example", nil}, step{typed: provider})
	page = v.saveAnyway(page)
	v.p.command("vouch", "pier.example", v.Tenant)
	ada.Subject, ada.EmailTrusted = "ada", false
	v.p.signInAs(ada, v.Tenant).open(own + "/sign-in/confirm")
	page = v.open(strings.TrimSuffix(page.URL.Path, "/domains"))
	v.open(v.linkTo(page, "/providers/:id/people"))
}

// saveAnyway finishes a wizard with a provider that does not answer.
func (v *visitor) saveAnyway(page rig.Page) rig.Page {
	v.p.t.Helper()
	page = v.submit(page, "finish=yes", nil)
	return v.submit(page, "finish=yes", url.Values{"unworkable": {v.valueOf(page, "unworkable")}})
}

// walkPackages creates an access package and a policy, and changes the roles of one.
func (v *visitor) walkPackages() {
	v.p.t.Helper()
	catalog := v.linkTo(v.open(ownAdmin+"/catalogs"), "/catalogs/:id")
	page := v.steps(v.open(ownAdmin+"/access-packages/new?catalog="+lastID(catalog)), step{},
		step{typed: url.Values{"displayName": {"Quay access"}, "description": {"Ships and trains"}}})
	policy := func(name string) []step {
		return []step{{typed: url.Values{"policyName": {name}, "allowedTargetScope": {"allMemberUsers"}}},
			{"add=question", nil}, {}, {typed: url.Values{"questions.1.text": {"Which ship?"}}},
			{typed: url.Values{"expiration": {"days"}, "expiration.days": {"0"}}},
			{typed: url.Values{"expiration.days": {"30"}}}}
	}
	page = v.submit(page, "", url.Values{"role": {v.valueOf(page, "role")}})
	page = v.steps(page, policy("Crew")...)
	page = v.submit(page, "finish=yes", nil)
	pack := page.URL.Path
	v.steps(v.open(pack+"/policies/new"), policy("Passengers")...)
	page = v.open(pack + "/roles/change")
	v.submit(page, "", url.Values{"role": {v.valueOf(page, "role")}})
	v.open(pack + "/who?address=jonas@meridian.example")
	v.open(pack + "/who?address=someone@unknown.example")
	v.submit(v.open(pack+"/assign"), "", nil)
	v.crawl(pack, pack+"/delete")
	page = v.submit(v.open(ownAdmin+"/catalogs/new"), "", url.Values{"displayName": {""}})
	page = v.submit(page, "", url.Values{"displayName": {"Ferries"}, "description": {"To the islands"}})
	v.open(page.URL.Path + "/delete")
	list := v.open(ownAdmin + "/assignments")
	one := v.linkTo(list, "/assignments/:id")
	v.open(ownAdmin + "/assignments/remove?id=" + lastID(one))
}

// walkPeople imports people and sends forms with faults.
func (v *visitor) walkPeople() {
	v.p.t.Helper()
	page := v.steps(v.open(ownAdmin+"/people/import"), step{}, step{typed: url.Values{
		"file": {"mail,displayName,department\nnew@meridian.example,Nora New,Transport\nnot an address,Nobody,"}}}, step{})
	v.submit(page, "", nil) // imports
	v.open(v.linkNamed(v.open(ownAdmin+"/people"), "Nora New") + "/subject")
	v.submit(v.open(ownAdmin+"/people/new"), "", nil)
	page = v.submit(v.open(ownAdmin+"/directory/new"), "", nil)
	page = v.submit(page, "", url.Values{"displayName": {"Ferries"}, "type": {"group"}})
	v.open(page.URL.Path + "/delete")
	v.open(ownAdmin + "/roles/permissions")
	v.submit(v.open(ownAdmin+"/roles/assign"), "", nil)
}

// walkMerge proposes a merge of two people, and confirms it as one of them.
func (p *longPortal) walkMerge(petra *visitor) {
	p.t.Helper()
	people := petra.open(ownAdmin + "/people")
	one, other := petra.linkNamed(people, "Jonas Weber"), petra.linkNamed(people, "Amina Diallo")
	page := petra.open(one + "/merge?with=" + lastID(other))
	page = petra.submit(petra.submit(page, "", nil), "", url.Values{"reason": {"The same person twice"}})
	link := regexp.MustCompile(own + `/merges/[0-9a-f-]+`).FindString(page.Body)
	jonas := p.signIn("Jonas Weber", "jonas@meridian.example", "meridian.example")
	jonas.submit(jonas.open(link), "", nil)
}

// step is one submission of a step of a wizard. Without a button, it leads to the next step.
type step struct {
	button string
	typed  url.Values
}

// steps submits the steps of a wizard.
func (v *visitor) steps(page rig.Page, steps ...step) rig.Page {
	v.p.t.Helper()
	for _, s := range steps {
		page = v.submit(page, s.button, s.typed)
	}
	return page
}

// lastID returns the id at the end of a path.
func lastID(path string) string { return path[strings.LastIndex(path, "/")+1:] }
