package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// anyID matches ids, which differ in every run.
var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// csv is the download that was opened last, with ID for every id.
func (b *browser) csv() string {
	b.p.t.Helper()
	if got := b.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		b.p.t.Errorf("%s is sent as %s", b.at, got)
	}
	body, ok := strings.CutPrefix(b.body, "\ufeff")
	if !ok {
		b.p.t.Errorf("%s has no byte order mark: Excel would show é as Ã©", b.at)
	}
	return strings.ReplaceAll(anyID.ReplaceAllString(body, "ID"), "\r\n", "\n")
}

// addGuest adds a guest of Harbor Studio with the state of the account.
func (p *fixture) addGuest(name, mail string, governed bool) access.Person {
	one := access.Person{Tenant: p.Tenant.ID, Directory: p.Harbor.ID, Domain: "harbor.example", Kind: access.Guest,
		Name: name, Email: mail, Guest: access.GuestActive, Governed: governed}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		a := access.Account{ID: access.AccountID(tx.NewID()), Directory: p.Harbor.ID, Subject: mail, Name: name, Email: mail}
		one.ID, one.Account = access.PersonID(tx.NewID()), a.ID
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		return tx.AddPerson(ctx, one)
	})
	return one
}

// assignAs assigns the package to the people with its first policy, as the administrator.
func (p *fixture) assignAs(by string, o access.Offer, people ...access.Person) []access.Request {
	p.t.Helper()
	w := admin.Assigning{Package: o.Package.ID, Ask: access.RequestForm{Policy: o.Policies[0].ID}}
	for _, one := range people {
		w.People = append(w.People, one.ID)
	}
	made, err := p.Admin.Assign(p.t.Context(), p.personOf(by), w)
	if err != nil {
		p.t.Fatal(err)
	}
	p.runJobs()
	return made
}

// removeAccess ends the assignments of the person, as the administrator.
func (p *fixture) removeAccess(by string, o access.Offer, holder access.Person) {
	p.t.Helper()
	held, ok, err := p.Reader.AssignmentOf(p.t.Context(), holder, o.Package.ID)
	if ok && err == nil {
		err = p.Admin.Unassign(p.t.Context(), p.personOf(by), []access.AssignmentID{held.ID}, "Left, for good")
	}
	if !ok || err != nil {
		p.t.Fatal(ok, err)
	}
	p.advance(30 * time.Minute)
}

// personOf is the person of the tenant who signs in under the name.
func (p *fixture) personOf(name string) access.Person {
	p.t.Helper()
	all, err := p.Reader.PeopleByEmail(p.t.Context(), p.Tenant.ID, p.people[name].Email)
	if err != nil || len(all) != 1 {
		p.t.Fatalf("%s: %v, %v", name, all, err)
	}
	return all[0]
}

// fillLists gives every list rows that differ in each column: a second and a disabled
// catalog, guests with and without a governed life, an assignment that has ended, a
// request that is not delivered, and a name that a spreadsheet would run as a formula.
func (p *fixture) fillLists() {
	p.t.Helper()
	p.addAdministrator("gala")
	tidal := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeUsers})
	p.Package("Ebb", p.ForPartner(access.Terms{}), access.Policy{Name: "Crew", Scope: access.ScopeMembers})
	mara, pia := p.addGuest("Mara Lind", "mara@harbor.example", true), p.addGuest("=Pia", "pia@harbor.example", false)
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		closed := access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: p.Tenant.ID, Name: "Next year",
			Description: "Being prepared, slowly", Published: true}
		hidden := access.Package{ID: access.PackageID(tx.NewID()), Tenant: p.Tenant.ID, Catalog: closed.ID, Name: "Later",
			Description: "For later", Hidden: true}
		quay := access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: p.Tenant.ID, Name: "Quay",
			Description: "Harbour", State: access.Proposed}
		for _, err := range []error{tx.SaveCatalog(ctx, closed), tx.SavePackage(ctx, hidden),
			tx.SaveOrganization(ctx, quay)} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	p.addProvider(p.Tenant.ID, access.Directory{Name: "Pier", Domains: []access.Domain{"pier.example"},
		DomainClaims: []access.DomainClaim{{Domain: "pier-two.example", Token: "t"}}})
	p.assignAs("gala", tidal, p.Ida)
	p.clock.Advance(time.Hour)
	p.removeAccess("gala", tidal, p.Ida)
	p.clock.Advance(30 * time.Minute)
	p.assignAs("gala", tidal, p.Omar, mara, pia)
	p.refusing.Store(true)
	p.clock.Advance(time.Hour)
	p.assignAs("gala", tidal, p.Lena)
	p.advance(3 * time.Hour)
}

// Each list downloads as CSV: the rows and filters of the page, ids and states as the
// API names them, times in UTC (F-025, F-255, F-258).
func TestDownloads(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	gala := p.as("gala")
	for list, want := range map[string]string{
		"access-packages": `
id,displayName,description,catalog,isHidden,assignments,policies
ID,Ebb,What Ebb needs,Projects,no,0,2
ID,Later,For later,Next year,yes,0,0
ID,Tidal,What Tidal needs,Projects,no,4,1
`,
		"access-packages?hidden=yes": `
id,displayName,description,catalog,isHidden,assignments,policies
ID,Later,For later,Next year,yes,0,0
`,
		"catalogs": `
id,displayName,description,isEnabled,isExternallyVisible,accessPackages
ID,Next year,"Being prepared, slowly",yes,no,1
ID,Projects,,yes,yes,2
`,
		"catalogs?external=yes": `
id,displayName,description,isEnabled,isExternallyVisible,accessPackages
ID,Projects,,yes,yes,2
`,
		"organizations": `
id,displayName,description,state,domains
ID,Harbor Studio,Design partner,configured,harbor-lab.example harbor.example
ID,Pier,Kept,configured,pier.example
ID,Quay,Harbour,proposed,
`,
		"organizations?state=proposed": `
id,displayName,description,state,domains
ID,Quay,Harbour,proposed,
`,
		"organizations/providers": `
id,displayName,kind,issuer,isEnabled,domains,pendingDomains
ID,Pier,openid,` + p.provider + `/kept,yes,pier.example,pier-two.example
`,
		"people": `
id,displayName,mail,userType,domain,guestState,governed,removalDue,disabled,createdDateTime
ID,'=Pia,pia@harbor.example,guest,harbor.example,active,no,,no,2026-03-02T12:00:00Z
ID,Gala Admin,gala@meridian.example,member,meridian.example,none,no,,no,2026-03-02T12:00:00Z
ID,Ida Falk,ida@meridian.example,member,meridian.example,none,no,,no,2026-03-02T12:00:00Z
ID,Lena Berg,lena@meridian.example,member,meridian.example,none,no,,no,2026-03-02T12:00:00Z
ID,Mara Lind,mara@harbor.example,guest,harbor.example,active,yes,,no,2026-03-02T12:00:00Z
ID,Omar Haddad,omar@meridian.example,member,meridian.example,none,no,,no,2026-03-02T12:00:00Z
`,
		"people?governed=yes": `
id,displayName,mail,userType,domain,guestState,governed,removalDue,disabled,createdDateTime
ID,Mara Lind,mara@harbor.example,guest,harbor.example,active,yes,,no,2026-03-02T12:00:00Z
`,
		"assignments": `
id,displayName,mail,accessPackage,policy,state,startDateTime,endDateTime,expiredDateTime,userLifecycle
ID,Lena Berg,lena@meridian.example,Tidal,Crew,deliveryFailed,2026-03-02T15:00:00Z,,,
ID,'=Pia,pia@harbor.example,Tidal,Crew,delivered,2026-03-02T14:00:00Z,,,Not governed
ID,Mara Lind,mara@harbor.example,Tidal,Crew,delivered,2026-03-02T14:00:00Z,,,Governed
ID,Omar Haddad,omar@meridian.example,Tidal,Crew,delivered,2026-03-02T14:00:00Z,,,
ID,Ida Falk,ida@meridian.example,Tidal,Crew,expired,2026-03-02T12:00:00Z,,2026-03-02T13:00:00Z,
`,
		"assignments?state=expired": `
id,displayName,mail,accessPackage,policy,state,startDateTime,endDateTime,expiredDateTime,userLifecycle
ID,Ida Falk,ida@meridian.example,Tidal,Crew,expired,2026-03-02T12:00:00Z,,2026-03-02T13:00:00Z,
`,
		"requests": `
id,requestType,state,displayName,mail,accessPackage,justification,createdDateTime,completedDateTime
ID,adminAdd,deliveryFailed,Lena Berg,lena@meridian.example,Tidal,,2026-03-02T15:00:00Z,2026-03-02T15:00:00Z
ID,adminAdd,delivered,'=Pia,pia@harbor.example,Tidal,,2026-03-02T14:00:00Z,2026-03-02T14:00:00Z
ID,adminAdd,delivered,Mara Lind,mara@harbor.example,Tidal,,2026-03-02T14:00:00Z,2026-03-02T14:00:00Z
ID,adminAdd,delivered,Omar Haddad,omar@meridian.example,Tidal,,2026-03-02T14:00:00Z,2026-03-02T14:00:00Z
ID,adminRemove,delivered,Ida Falk,ida@meridian.example,Tidal,"Left, for good",2026-03-02T13:00:00Z,2026-03-02T13:30:00Z
ID,adminAdd,delivered,Ida Falk,ida@meridian.example,Tidal,,2026-03-02T12:00:00Z,2026-03-02T12:00:00Z
`,
		"requests?type=adminRemove": `
id,requestType,state,displayName,mail,accessPackage,justification,createdDateTime,completedDateTime
ID,adminRemove,delivered,Ida Falk,ida@meridian.example,Tidal,"Left, for good",2026-03-02T13:00:00Z,2026-03-02T13:30:00Z
`,
		"directory": `
id,displayName,type,description,webUrl,roles
ID,Reviewers,group,,,Member; Owner
ID,Tidal site,site,,https://sites.meridian.example/site,Member; Owner; Visitor
ID,Tidal team,team,,https://sites.meridian.example/team,Member; Owner
`,
	} {
		gala.opens(home+"/admin/"+list).sees(200, "Download CSV").clicks("Download CSV")
		if d := cmp.Diff(strings.TrimPrefix(want, "\n"), gala.csv()); d != "" {
			t.Errorf("%s:\n%s", list, d)
		}
	}
}

// The overview counts what the lists that its figures lead to show (F-254).
func TestOverviewFigures(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	p.refusing.Store(false)
	asks := p.Package("Flood", access.Policy{Name: "Crew", Scope: access.ScopeUsers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(p.Lena)}}})
	p.assignAs("gala", asks, p.Omar, p.Ida)
	gala := p.as("gala").opens(home + "/admin/")
	for figure, want := range map[string]int{"Access packages": 4, "Catalogs": 2, "Connected organizations": 3,
		"People":      6,
		"Assignments": 4, "Pending approval": 2, "Delivery problems": 1} {
		gala.opens(home+"/admin/").sees(200, fmt.Sprintf("%d %s", want, figure))
		gala.clicks(fmt.Sprintf("%d %s", want, figure))
		rows := 0
		for n := range nodes(gala.page) {
			if n.Data == "tr" && n.Parent.Data == "tbody" {
				rows++
			}
		}
		if rows != want {
			t.Errorf("%q leads to %s with %d rows, want %d", figure, gala.at, rows, want)
		}
	}
}

// The list of assignments says which guests are governed; members have no guest
// lifecycle (F-202).
func TestGovernedColumn(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	gala := p.as("gala").opens(home + "/admin/assignments")
	got := map[string]string{}
	for n := range nodes(gala.page) {
		if n.Data != "tr" || n.Parent.Data != "tbody" {
			continue
		}
		var cells []string
		for c := range n.ChildNodes() {
			if c.Data == "td" || c.Data == "th" {
				cells = append(cells, visibleText(c))
			}
		}
		got[cells[1]] = cells[len(cells)-1]
	}
	want := map[string]string{"Lena Berg lena@meridian.example": "", "=Pia pia@harbor.example": "Not governed",
		"Mara Lind mara@harbor.example": "Governed", "Omar Haddad omar@meridian.example": "",
		"Ida Falk ida@meridian.example": ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Catalogs are filtered by whether they are enabled for external users (F-039).
func TestExternalCatalogs(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	gala := p.as("gala").opens(home+"/admin/catalogs").sees(200, "Projects", "Next year")
	gala.presses("Apply", url.Values{"external": {"yes"}}).sees(200, ">Projects<", "!>Next year<")
	gala.presses("Apply", url.Values{"external": {"no"}}).sees(200, ">Next year<", "!>Projects<")
}

// Requests that are ticked are delivered again; those that need it no more are left, with
// the reason.
func TestReprocessSeveral(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	tidal := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeUsers})
	waiting := p.assignAs("gala", p.Package("Flood", access.Policy{Name: "Crew", Scope: access.ScopeUsers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(p.Lena)}}}), p.Ida)
	p.refusing.Store(true)
	failed := p.assignAs("gala", tidal, p.Omar, p.Lena)
	p.advance(3 * time.Hour)
	state := func(r access.Request) access.RequestState {
		t.Helper()
		now, err := p.Reader.Request(t.Context(), p.Tenant.ID, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.State
	}
	if a, b := state(failed[0]), state(failed[1]); a != access.DeliveryFailed || b != access.DeliveryFailed {
		t.Fatalf("the requests are %s and %s", a, b)
	}
	gala := p.as("gala").opens(home + "/admin/requests")
	gala.presses("Reprocess", nil).sees(422, "Select the requests to reprocess.")
	p.refusing.Store(false)
	gala.opens(home+"/admin/requests").presses("Reprocess", url.Values{
		"id": {string(failed[0].ID), string(failed[1].ID), string(waiting[0].ID)}}).sees(200,
		"Reprocessing 2 requests.", "1 request wasn't reprocessed.",
		"You can only reprocess requests that failed or were partially delivered.")
	p.runJobs()
	if a, b := state(failed[0]), state(failed[1]); a != access.Delivered || b != access.Delivered {
		t.Errorf("after reprocessing the requests are %s and %s", a, b)
	}
}

// The pages of a request and of its assignment say why it can't be reprocessed (F-280).
func TestReprocessIsDisabled(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	made := p.assignAs("gala", p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeUsers}), p.Omar)
	p.runJobs()
	r, err := p.Reader.Request(t.Context(), p.Tenant.ID, made[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	const reason = "“Omar Haddad” has been disabled. Enable the person first, or remove the access."
	request, held := home+"/admin/requests/"+string(r.ID), home+"/admin/assignments/"+string(r.Assignment)
	gala := p.as("gala")
	for _, at := range []string{request, held} {
		gala.opens(at).sees(200, "Reprocess", "!"+reason)
	}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		omar, err := tx.Person(ctx, p.Tenant.ID, p.Omar.ID)
		omar.Disabled = true
		return errors.Join(err, tx.UpdatePerson(ctx, omar))
	})
	for _, at := range []string{request, held} {
		gala.opens(at).sees(200, "Reprocess", reason).do(http.MethodPost, at+"/reprocess", nil).sees(409, reason)
	}
}

// A form that names another catalog does not move an access package (F-005), though its
// sender owns both.
func TestPackageStaysInItsCatalog(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	other, ok, err := p.Reader.CatalogNamed(t.Context(), p.Tenant.ID, "Next year")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	tidal := p.Package("Tide", access.Policy{Name: "Crew", Scope: access.ScopeUsers}).Package
	at := home + "/admin/access-packages/" + string(tidal.ID)
	gala := p.as("gala").opens(at + "/edit")
	fields, _ := formState(formWith(gala, "Save"))
	fields.Set("description", "Moved")
	fields.Set("catalog", string(other.ID))
	gala.do("POST", at+"/edit", fields).sees(200, "Access package saved.")
	now, err := p.Reader.Package(t.Context(), p.Tenant.ID, tidal.ID)
	if err != nil || now.Catalog != p.Catalog.ID || now.Description != "Moved" {
		t.Errorf("after the form: %+v, %v", now, err)
	}
	now.Catalog = other.ID
	if _, err := p.Admin.SavePackage(t.Context(), p.personOf("gala"), now); err != nil {
		t.Fatal(err)
	}
	if now, err = p.Reader.Package(t.Context(), p.Tenant.ID, tidal.ID); err != nil || now.Catalog != p.Catalog.ID {
		t.Errorf("after the use case: %+v, %v", now, err)
	}
}

// A policy that asks questions is assigned to one person at a time (F-121), with their
// answers or without.
func TestQuestionsAreAnsweredForOnePerson(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	o := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeUsers, Terms: access.Terms{
		Questions: []access.Question{{ID: "part", Kind: access.ShortText, Text: "Which part?"}}}})
	at := home + "/admin/access-packages/" + string(o.Package.ID) + "/assign"
	both := []string{"singleUser/" + string(p.Omar.ID), "singleUser/" + string(p.Ida.ID)}
	gala := p.as("gala").opens(at)
	assign := func(people []string, answer string) {
		t.Helper()
		fields, _ := formState(formWith(gala, "Assign"))
		fields["people"], fields["answer.part"] = people, []string{answer}
		gala.do("POST", at, fields)
	}
	for _, answer := range []string{"", "The hull"} {
		assign(both, answer)
		gala.sees(422, "This policy has questions. Assign to one person at a time.")
		if gala.faultAt("people") == "" {
			t.Error("the fault is not at the people")
		}
	}
	assign(both[:1], "The hull")
	gala.sees(200, "Omar Haddad", "!Ida Falk")
}

// The page that deletes something in use says why it can't be deleted, and has no button
// for it; of something unused it has one.
func TestDeletePagesSayWhatKeepsThem(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	p.refusing.Store(false)
	board, spare := p.addGroup("Board", p.Ida), p.addGroup("Spare")
	held := p.Package("Flood", access.Policy{Name: "Crew", Scope: access.ScopeUsers,
		Terms: access.Terms{Stages: []access.Stage{{Days: 7,
			Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(board.ID)}}}}}})
	free := p.Package("Calm", access.Policy{Name: "Crew", Scope: access.ScopeUsers})
	loose := p.Package("Loose", access.Policy{Name: "Crew", Scope: access.ScopeUsers})
	direct := p.Package("Direct", access.Policy{Name: "Crew", Scope: access.ScopeUsers})
	p.assignAs("gala", held, p.Omar)
	p.assignAs("gala", direct, p.Lena)
	used := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quayside", Domains: []access.Domain{"quay.example"}})
	p.people["noa"] = access.Identity{Directory: used.ID, Subject: "noa", Name: "Noa", Email: "noa@quay.example"}
	p.as("noa")
	unused := p.addProvider(p.Tenant.ID, access.Directory{Name: "Jetty", Domains: []access.Domain{"jetty.example"}})
	gala := p.as("gala")
	inFlood := "access-packages/" + string(held.Package.ID) + "/policies/" + string(held.Policies[0].ID)
	inLoose := "access-packages/" + string(loose.Package.ID) + "/policies/" + string(loose.Policies[0].ID)
	for at, reason := range map[string]string{
		"access-packages/" + string(direct.Package.ID): "One person has this access package.",
		inFlood: "This policy has open requests.",
		"directory/" + string(board.ID): "“Board” can't be " +
			"deleted",
		"organizations/providers/" + string(used.ID): "People have signed in or been added with “Quayside”.",
		"access-packages/" + string(free.Package.ID): "",
		inLoose:                         "",
		"directory/" + string(spare.ID): "",
		"organizations/providers/" + string(unused.ID): "",
	} {
		gala.opens(home+"/admin/"+at+"/delete").sees(200, reason)
		offered := false
		for n := range nodes(gala.page) {
			offered = offered || n.Data == "form" && buttonOf(n, "Delete") != nil
		}
		if offered != (reason == "") {
			t.Errorf("%s offers to delete: %t, want %t", at, offered, reason == "")
		}
		gala.opens(home+"/admin/"+at).sees(200, reason)
		if reason == "" {
			gala.clicks("Delete").presses("Delete", nil).sees(200, deletionOf(t, at))
		}
	}
}

// deletionOf is the confirmation that the thing of an administration path was deleted.
func deletionOf(t *testing.T, at string) string {
	t.Helper()
	kind := at[:strings.LastIndexByte(at, '/')]
	text := map[string]string{"directory": "Resource deleted.", "access-packages": "Access package deleted.",
		"organizations/providers": "OpenID Provider deleted."}[kind]
	if strings.HasSuffix(kind, "/policies") {
		text = "Policy deleted."
	}
	if text == "" {
		t.Fatalf("no confirmation for %s", at)
	}
	return text
}
