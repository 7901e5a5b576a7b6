package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// The parity tests make the same change by a form of the administrators' pages
// and by a workspace file, and compare what both answer.

// parityFixture is a portal whose tenant has objects of every kind. Lena is
// global administrator, Ida identity governance administrator, and both have
// signed in before. Olaf and Nils have not; Olaf is disabled, Mara is a guest.
// The provider Pier belongs to the tenant. Moritz was merged into Lena.
type parityFixture struct {
	*fixture
}

// moritz is the id of Moritz.
const moritz = "019cafe0-0000-7000-8000-00000000000a"

const parityBase = `directories:
  - {displayName: Mailers, domains: [gmail.com], provider: {issuer: "https://g.example", clientId: x, clientSecret: y}}
  - {displayName: Quay, domains: [quay.example], provider: {issuer: "https://q.example", clientId: x, clientSecret: y}}
tenants:
  - directory: Meridian Works
    users:
      - {displayName: Olaf, mail: olaf@meridian.example, disabled: true}
      - {displayName: Nils, mail: nils@meridian.example}
      - {displayName: Mara, mail: mara@gmail.com, directory: Mailers, userType: guest}
      - {displayName: Moritz, mail: moritz@meridian.example, id: 019cafe0-0000-7000-8000-00000000000a}
    resources:
      - {displayName: Empty, type: group}
      - {displayName: Board, type: group, members: [lena@meridian.example]}
      - {displayName: Ledger, type: application, roles: [Viewer]}
    catalogs:
      - displayName: C
        isExternallyVisible: true
        resources: [Ledger]
        accessPackages:
          - displayName: P
            description: p
            assignmentPolicies: [{displayName: Stored, allowedTargetScope: allMemberUsers}]
      - displayName: Closed
        accessPackages: [{displayName: Q, description: q}]
    connectedOrganizations:
      - {displayName: Quay, description: q, identitySources: [quay.example]}
    roleAssignments:
      - {role: globalAdministrator, user: lena@meridian.example}
      - {role: identityGovernanceAdministrator, user: ida@meridian.example}
`

// parityTenant is the start of a file that changes the tenant.
const parityTenant = "tenants:\n  - directory: Meridian Works\n"

// inPackage is the start of a file that changes policies of the package P.
const inPackage = parityTenant + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n" +
	"        accessPackages:\n          - displayName: P\n            description: p\n            assignmentPolicies:\n"

func newParityFixture(t *testing.T, s *store.Store, c *storetest.Clock) *parityFixture {
	t.Helper()
	p := &fixture{t: t, clock: c, txt: txtRecords{}, World: storetest.NewWorld(t, s)}
	p.start(address)
	p.people = map[string]access.Identity{}
	for name, person := range map[string]access.Person{"lena": p.Lena, "ida": p.Ida} {
		p.people[name] = access.Identity{Directory: p.Tenant.Directory, Subject: person.Email, Name: person.Name,
			Email: person.Email}
	}
	a := &parityFixture{fixture: p}
	a.apply(parityBase)
	_, err := a.Admin.SaveOrganization(t.Context(), p.Lena, admin.Connecting{
		Organization: access.Organization{Name: "Pier", Description: "p", State: access.Configured},
		New: []access.Directory{{Kind: access.DirectoryOpenID, Name: "Pier", Issuer: "https://login.pier.example",
			ClientID: "x", ClientSecret: "y", AuthStyle: access.AuthBasic, HintStyle: access.HintNone,
			Scopes: []string{"email"}, Domains: []access.Domain{"pier.example"}}}})
	if err != nil {
		t.Fatal(err)
	}
	a.mergeMoritz()
	return a
}

// mergeMoritz merges Moritz into Lena.
func (a *parityFixture) mergeMoritz() {
	a.Do(func(ctx context.Context, tx *store.Tx) error {
		m := access.MergeProposal{ID: access.MergeID(tx.NewID()), Tenant: a.Tenant.ID, From: moritz, Into: a.Lena.ID,
			By: a.Lena.ID, Reason: "Twice"}
		return lifecycle.MergePeople(ctx, tx, m, a.Ida.ID, "the test")
	})
}

// apply applies a workspace file.
func (a *parityFixture) apply(text string) {
	a.t.Helper()
	f, err := workspace.Parse([]byte(text))
	if err == nil {
		_, err = workspace.Apply(a.t.Context(), a.Store, f, parityOptions())
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

func parityOptions() workspace.Options {
	return workspace.Options{AllowLoopback: true, ReadFile: os.ReadFile}
}

// must ends the test if reading has failed.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// objects calls each for every object of the tenant: with its kind, its name,
// its id, and its value in a picker, which is empty for objects that no picker of
// subjects offers.
func (a *parityFixture) objects(each func(kind, name, id, value string)) {
	ctx, t, tenant := context.Background(), a.t, a.Tenant.ID
	each("tenant", a.Tenant.Name, string(tenant), "")
	for _, d := range must(a.Directories(ctx, tenant))(t) {
		each("directory", d.Name, string(d.ID), "")
	}
	for _, p := range must(a.PeopleAfter(ctx, tenant, store.Key{}, 1000))(t) {
		name, _, _ := strings.Cut(p.Email, "@")
		each("person", name, string(p.ID), "singleUser/"+string(p.ID))
	}
	for _, e := range must(a.Entries(ctx, tenant))(t) {
		each("entry", e.Name, string(e.ID), "groupMembers/"+string(e.ID))
	}
	for _, o := range must(a.Organizations(ctx, tenant))(t) {
		each("organization", o.Name, string(o.ID), "connectedOrganizationMembers/"+string(o.ID))
	}
	for _, c := range must(a.Catalogs(ctx, tenant))(t) {
		each("catalog", c.Name, string(c.ID), "")
		for _, r := range must(a.CatalogResourceRoles(ctx, tenant, c.ID))(t) {
			each("role", r.Resource.Name+"."+r.Role.Name, string(r.Role.ID), "")
		}
		for _, p := range must(a.PackagesOf(ctx, tenant, c.ID))(t) {
			each("package", p.Name, string(p.ID), "")
			for _, o := range must(a.PoliciesOf(ctx, tenant, p.ID))(t) {
				each("policy", o.Name, string(o.ID), "")
			}
		}
	}
}

// ids replaces {kind name} with the id of the object, such as {package P}, and
// {name} with the value that a picker has for the person, group or organization.
func (a *parityFixture) ids() *strings.Replacer {
	var all []string
	a.objects(func(kind, name, id, value string) {
		all = append(all, "{"+kind+" "+name+"}", id)
		if value != "" {
			all = append(all, "{"+name+"}", value)
		}
	})
	return strings.NewReplacer(all...)
}

// parityCase is one change, by a form and by a file. In the file, “#” and a “!”
// for each fault follow a line at which faults are expected.
type parityCase struct {
	given string // a file that is applied first; may be empty
	file  string
	form  typedForm
	by    string // who sends the form; Lena if empty
	// noField says why the form has no field for the fault, so that only the list
	// at the top of the page has it.
	noField string
	// alias is a name in the file's faults, and the name that the form's have: the
	// two are about different objects.
	alias [2]string
	// page makes the change in place of a form, which cannot: noForm says why.
	page   func(ctx context.Context, a *parityFixture, ed *admin.Editor) error
	noForm string
}

// typedForm is what is typed into a form. The path is below that of the
// administrators' pages. Names in braces are replaced by ids. Values that the
// form does not offer are sent too, as a script could.
type typedForm struct {
	path  string
	typed url.Values
}

// submit opens the page of the form, and sends the form with the values that it
// has and those that are typed.
func (a *parityFixture) submit(b *browser, f typedForm) {
	a.t.Helper()
	ids := a.ids()
	typed := url.Values{}
	for name, values := range f.typed {
		typed[name] = nil
		for _, v := range values {
			typed[name] = append(typed[name], ids.Replace(v))
		}
	}
	b.opens(home + "/admin" + ids.Replace(f.path)).sees(http.StatusOK)
	form := b.formFor(typed)
	maps.Copy(form.fields, typed)
	b.sendOnce(http.MethodPost, form.action, form.submission(form.fields, b.token()))
}

// formFor is the wizard of the page, or its form with a visible field that is
// typed into.
func (b *browser) formFor(typed url.Values) adminForm {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data != "form" || attribute(n, "method") != "post" {
			continue
		}
		f := readForm(b, n)
		if len(f.steps) > 0 {
			return f
		}
		for e := range nodes(n) {
			name := strings.TrimPrefix(attribute(e, "name"), "q.")
			if name != "" && typed.Has(name) && attribute(e, "type") != "hidden" {
				return f
			}
		}
	}
	b.p.t.Fatalf("%s has no form for %v", b.at, slices.Sorted(maps.Keys(typed)))
	return adminForm{}
}

// shownFault is a fault in the list at the top of a page. Field is empty if it
// does not lead to a field.
type shownFault struct{ Field, Text string }

// shownFaults are the faults in the list at the top of the page. Each field that
// they lead to must be on the page, with one of its faults.
func (b *browser) shownFaults() (all []shownFault) {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data != "li" || n.Parent.Parent.Parent == nil ||
			attribute(n.Parent.Parent.Parent, "class") != "message bad" {
			continue
		}
		f := shownFault{Text: visibleText(n)}
		for link := range nodes(n) {
			if link.Data == "a" {
				f.Field = strings.TrimPrefix(attribute(link, "href"), "#f-")
				b.expectField(attribute(link, "href"))
			}
		}
		all = append(all, f)
	}
	for _, f := range all {
		if f.Field != "" && !slices.Contains(all, shownFault{f.Field, b.faultAt(f.Field)}) {
			b.p.t.Errorf("%s: at %s it says %q, in the list %q", b.at, f.Field, b.faultAt(f.Field), f.Text)
		}
	}
	return all
}

// expectField checks that the link leads to an element of the page.
func (b *browser) expectField(link string) {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if id := attribute(n, "id"); id != "" && "#"+id == link {
			return
		}
	}
	b.p.t.Errorf("%s: there is no %s", b.at, link)
}

// faultSteps are the steps of the wizard with faults, but for the one shown.
func (b *browser) faultSteps() (all []string) {
	for n := range nodes(b.page) {
		if n.Data == "button" && attribute(n, "class") == "fault" && attribute(n, "aria-current") == "" {
			all = append(all, attribute(n, "value"))
		}
	}
	return all
}

// answeredFaults are the faults in the answer to a form. Those of a wizard are
// read on the last step, which names all of them, and at their fields in their
// steps.
func (b *browser) answeredFaults() []shownFault {
	b.p.t.Helper()
	listed, steps := b.shownFaults(), b.faultSteps()
	if len(steps) == 0 {
		return listed
	}
	var texts, inSteps []string
	all := slices.DeleteFunc(slices.Clone(listed), func(f shownFault) bool { return f.Field == "" })
	for _, f := range listed {
		_, text, _ := strings.Cut(f.Text, ": ")
		if f.Field == "" {
			texts = append(texts, text)
		}
	}
	form := b.formFor(nil)
	for _, step := range steps {
		form.fields.Set("go", step)
		b.do(http.MethodPost, form.action, form.fields).sees(http.StatusOK)
		for _, f := range b.shownFaults() {
			all, inSteps = append(all, f), append(inSteps, f.Text)
		}
	}
	slices.Sort(texts)
	slices.Sort(inSteps)
	if diff := cmp.Diff(texts, inSteps); diff != "" {
		b.p.t.Errorf("%s: the last step (-), the steps with faults (+): %s", b.at, diff)
	}
	return all
}

// plan returns the faults of the case's file, which must be at the lines that are
// marked.
func (a *parityFixture) plan(name string, c parityCase) []workspace.Fault {
	a.t.Helper()
	var lines, at []int
	for i, line := range strings.Split(c.file, "\n") {
		if _, marks, ok := strings.Cut(line, " #!"); ok {
			for range 1 + strings.Count(marks, "!") {
				lines = append(lines, i+1)
			}
		}
	}
	f, err := workspace.Parse([]byte(strings.NewReplacer(" #!!", "", " #!", "").Replace(c.file)))
	if err != nil {
		a.t.Errorf("%s: %v", name, err)
		return nil
	}
	_, err = workspace.Plan(a.t.Context(), a.Store, f, parityOptions())
	faults, ok := errors.AsType[workspace.Faults](err)
	if !ok {
		a.t.Errorf("%s: the file is accepted, or fails: %v", name, err)
		return nil
	}
	for _, fault := range faults {
		at = append(at, fault.Line)
	}
	if diff := cmp.Diff(lines, at); diff != "" {
		a.t.Errorf("%s: lines: want (-), got (+): %s%v", name, diff, faults)
	}
	return faults
}

// compare makes the change of the case by both, which must refuse it with the
// same messages, kinds and fields.
func (a *parityFixture) compare(name string, c parityCase, browsers map[string]*browser) {
	a.t.Helper()
	faults := a.plan(name, c)
	if len(faults) == 0 {
		return
	}
	if c.page != nil {
		a.compareWithEditor(name, c, faults)
		return
	}
	who := c.by
	if who == "" {
		who = "lena"
	}
	if browsers[who] == nil {
		browsers[who] = a.as(who)
	}
	b, before := browsers[who], len(must(a.AuditLog(a.t.Context(), a.Tenant.ID))(a.t))
	a.submit(b, c.form)
	status := http.StatusConflict
	var want []shownFault
	for _, f := range faults {
		if f.Kind != access.Conflict {
			status = http.StatusUnprocessableEntity
		}
		text := strings.Join(strings.Fields(f.Text()), " ")
		if c.alias[0] != "" {
			text = strings.ReplaceAll(text, c.alias[0], c.alias[1])
		}
		shown := shownFault{Field: f.Field, Text: text}
		if c.noField != "" {
			shown.Field = ""
		}
		want = append(want, shown)
	}
	b.sees(status)
	got := b.answeredFaults()
	byText := func(x, y shownFault) int { return strings.Compare(x.Text+x.Field, y.Text+y.Field) }
	slices.SortFunc(want, byText)
	slices.SortFunc(got, byText)
	if diff := cmp.Diff(want, got); diff != "" {
		a.t.Errorf("%s: the file (-), the form (+): %s", name, diff)
	}
	if after := len(must(a.AuditLog(a.t.Context(), a.Tenant.ID))(a.t)); after != before {
		a.t.Errorf("%s: the form has changed something", name)
	}
}

// compareWithEditor compares the file's faults with those of the use cases that
// the pages call.
func (a *parityFixture) compareWithEditor(name string, c parityCase, faults []workspace.Fault) {
	a.t.Helper()
	if c.noForm == "" {
		a.t.Errorf("%s: why can no form make the change?", name)
	}
	ctx := a.t.Context()
	_, err := a.Admin.Preview(ctx, admin.ByPerson(a.Lena), func(ed *admin.Editor) error { return c.page(ctx, a, ed) })
	var es access.Errors
	es.Add(err)
	var want []workspace.Fault
	for _, e := range es {
		want = append(want, workspace.Fault{Msg: e.Msg, Args: e.Args, Kind: e.Kind, Field: e.Field})
	}
	got := slices.Clone(faults)
	for i := range got {
		got[i].Line = 0
	}
	byText := func(x, y workspace.Fault) int { return strings.Compare(x.Text(), y.Text()) }
	slices.SortFunc(want, byText)
	slices.SortFunc(got, byText)
	if diff := cmp.Diff(want, got); diff != "" {
		a.t.Errorf("%s: the use case (-), the file (+): %s", name, diff)
	}
}

// TestFormsAndFilesRefuseAlike sends administrators' forms and plans workspace
// files with the same faults: both are refused with the same messages and kinds,
// at the field of the form and at the line of the file.
func TestFormsAndFilesRefuseAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		a, browsers := newParityFixture(t, s, c), map[string]*browser{}
		for name, c := range parityRefusals() {
			if c.given == "" {
				a.compare(name, c, browsers)
			}
		}
	})
}

// TestStoredObjectsRefuseAlike is TestFormsAndFilesRefuseAlike for changes that
// do not fit what is stored.
func TestStoredObjectsRefuseAlike(t *testing.T) {
	for name, one := range parityRefusals() {
		if one.given == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
				a := newParityFixture(t, s, c)
				a.apply(one.given)
				a.compare(name, one, map[string]*browser{})
			})
		})
	}
}

// parityRefusals are the changes that pages and files refuse.
func parityRefusals() map[string]parityCase {
	all := map[string]parityCase{}
	for _, some := range []map[string]parityCase{firstRefusals(), policyRefusals(), questionRefusals(),
		catalogRefusals(), entryRefusals(), organizationRefusals(), personRefusals(), settingRefusals(), roleRefusals(),
		directoryRefusals(), tenantDirectoryRefusals(), storedRefusals(), identifiedRefusals()} {
		maps.Copy(all, some)
	}
	return all
}
