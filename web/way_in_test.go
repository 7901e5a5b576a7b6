package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// insider is a guest of Harbor Studio with a session and a role in a catalog, who approves
// requests and has pages with forms open.
type insider struct {
	p       *fixture
	guest   access.Person
	request *browser // has the form of a request open
	decide  *browser // has the form of a decision open
	change  *browser // has the form of the catalog open
	pending access.RequestID
	offer   access.Offer // of Harbor Studio's package
	draft   string       // page with what was typed in a session that ended
}

// catalogPath is the path of the pages of the catalog Projects.
func (p *fixture) catalogPath() string { return home + "/admin/catalogs/" + string(p.Catalog.ID) }

func newInsider(p *fixture) *insider {
	p.t.Helper()
	in := &insider{p: p, guest: p.addGuest("Mara Lind", "mara@harbor.example", true)}
	p.people["mara"] = access.Identity{Directory: p.Harbor.ID, Subject: "mara@harbor.example", Name: "Mara Lind",
		Email: "mara@harbor.example"}
	p.assignCatalogRole(in.guest, access.CatalogOwner)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	in.offer = o
	members := p.Package("Boats", access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(in.guest)}}})

	late := p.as("mara").opens(packagePath(o))
	p.clock.Advance(access.MaxSessionIdle)
	late.presses("Submit request", url.Values{"justification": {"Kept text"}})
	in.draft = late.returnTarget()

	omar := p.as("omar").opens(packagePath(members)).presses("Submit request", nil).sees(200, "Pending approval")
	at, _, _ := strings.Cut(omar.at, "?")
	in.pending = access.RequestID(strings.TrimPrefix(at, home+"/requests/"))
	in.request = p.as("mara").opens(packagePath(o)).sees(200, "Submit request")
	in.decide = p.as("mara").opens(home+"/approvals/"+string(in.pending)).sees(200, "Your decision")
	in.change = p.as("mara").opens(p.catalogPath()+"/edit").sees(200, "Mara Lind")
	return in
}

// pages are what the guest could open: pages, the links of mails, downloads, drafts.
func (in *insider) pages() []string {
	return []string{home + "/", home + "/access-packages", home + "/requests", home + "/approvals",
		home + "/approvals/" + string(in.pending), in.draft, home + "/admin/", in.p.catalogPath(),
		home + "/admin/catalogs?format=csv", home + "/admin/requests", home + "/admin/access-packages"}
}

// isIn checks that every page and right is there.
func (in *insider) isIn() {
	in.p.t.Helper()
	b := in.p.as("mara")
	for _, at := range in.pages() {
		b.opens(at).sees(200)
	}
	b.opens(in.draft).hasValue("justification", "Kept text")
	if rights, err := in.p.Rights(in.p.t.Context(), in.guest); err != nil || !rights.HasAny() {
		in.p.t.Errorf("rights %+v, %v", rights, err)
	}
}

// isOut checks that no page is there, no form that was open does anything, and no right
// is left, for sessions from before and for new ones.
func (in *insider) isOut(why string) {
	t, p := in.p.t, in.p
	t.Helper()
	before := p.as("mara")
	for _, b := range []*browser{in.request, before} {
		for _, at := range in.pages() {
			b.sendOnce(http.MethodGet, at, nil)
			if b.status != 403 && b.status != 303 || strings.Contains(b.body, "Projects") ||
				strings.Contains(b.body, "Omar Haddad") || strings.Contains(b.body, "Kept text") {
				t.Errorf("%s: %s answers %d: %s", why, at, b.status, visibleText(b.page))
			}
			if to := b.header.Get("Location"); b.status == 303 && !strings.HasPrefix(to, home+"/sign-in?") {
				t.Errorf("%s: %s leads to %s", why, at, to)
			}
		}
	}
	dump := p.dump
	if strings.HasPrefix(p.file, "postgres") {
		dump = func() string { return "" }
	}
	stored := dump()
	for _, f := range []struct {
		b    *browser
		path string
		form url.Values
	}{
		{in.decide, home + "/approvals/" + string(in.pending), url.Values{"decision": {"approve"}, "reason": {"x"},
			"stage": {"0"}}},
		{in.change, p.catalogPath() + "/edit", url.Values{"name": {"Taken"}, "version": {"1"}}},
		{in.change, home + "/admin/access-packages/new", url.Values{"name": {"Taken"}}},
	} {
		f.form.Set("csrf", p.csrfOf(f.b))
		f.b.sendOnce(http.MethodPost, f.path, f.form)
		if f.b.status != 403 && !strings.Contains(f.b.header.Get("Refresh")+f.b.header.Get("Location"), "/sign-in?") {
			t.Errorf("%s: a form to %s is answered %d: %s", why, f.path, f.b.status, visibleText(f.b.page))
		}
	}
	if after := dump(); after != stored && !strings.Contains(difference(stored, after), "draft: ") {
		t.Errorf("%s: the forms change %s", why, difference(stored, after))
	}
	in.hasNoRights(why)
}

// csrfOf is the token of the form that the browser has open.
func (p *fixture) csrfOf(b *browser) string {
	for n := range nodes(b.page) {
		if attribute(n, "name") == "csrf" {
			return attribute(n, "value")
		}
	}
	return ""
}

// hasNoRights checks the use cases below the pages, as a form would call them whose page
// was opened in time.
func (in *insider) hasNoRights(why string) {
	t, p, ctx := in.p.t, in.p, in.p.t.Context()
	t.Helper()
	if rights, err := p.Rights(ctx, p.personNow(in.guest.ID)); err != nil || rights.HasAny() {
		t.Errorf("%s: rights %+v, %v", why, rights, err)
	}
	c := p.Catalog
	c.Name, c.Version = "Taken", 1
	if _, err := p.Admin.SaveCatalog(ctx, in.guest, c); err == nil {
		t.Errorf("%s: a catalog is saved", why)
	}
	if err := p.Requests.Decide(ctx, in.guest, lifecycle.DecisionInput{Request: in.pending, Approve: true,
		Reason: "Known"}); err == nil {
		t.Errorf("%s: a request is decided", why)
	}
	r, err := p.Request(ctx, p.Tenant.ID, in.pending)
	if err != nil || r.State != access.PendingApproval {
		t.Errorf("%s: the request is %s, %v", why, r.State, err)
	}
}

// loss is how the guest loses the way in, and gets it back.
type loss struct {
	lose, regain func(ctx context.Context) error
}

func losses(p *fixture, guest access.Person) map[string]loss {
	organization := func(change func(*access.Organization)) func(context.Context) error {
		return func(ctx context.Context) error {
			o, err := p.Organization(ctx, p.Tenant.ID, p.Partner.ID)
			change(&o)
			if err == nil {
				_, err = p.Admin.SaveOrganization(ctx, p.Lena, admin.Connecting{Organization: o})
			}
			return err
		}
	}
	provider := func(change func(*access.Directory)) func(context.Context) error {
		return func(ctx context.Context) error {
			d, err := p.Directory(ctx, p.Harbor.ID)
			change(&d)
			return errors.Join(err, p.Write(ctx, func(tx *store.Tx) error {
				return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
			}))
		}
	}
	disabled := func(is bool) func(context.Context) error {
		return func(ctx context.Context) error {
			one := p.personNow(guest.ID)
			one.Disabled = is
			return p.Admin.SavePerson(ctx, p.Lena, one)
		}
	}
	return map[string]loss{
		"the organization is deleted": {lose: func(ctx context.Context) error {
			o, err := p.Organization(ctx, p.Tenant.ID, p.Partner.ID)
			return errors.Join(err, p.Admin.DeleteOrganization(ctx, p.Lena, o.ID, o.Version))
		}},
		"the organization is proposed": {
			organization(func(o *access.Organization) { o.State = access.Proposed }),
			organization(func(o *access.Organization) { o.State = access.Configured })},
		"the source is removed": {
			organization(func(o *access.Organization) { o.Directories = []access.DirectoryID{p.Other.ID} }),
			organization(func(o *access.Organization) { o.Directories = []access.DirectoryID{p.Harbor.ID} })},
		"the provider is switched off": {
			provider(func(d *access.Directory) { d.Enabled = false }),
			provider(func(d *access.Directory) { d.Enabled = true })},
		"the domain is removed": {
			provider(func(d *access.Directory) { d.Domains = []access.Domain{"harbor-lab.example"} }),
			provider(func(d *access.Directory) { d.Domains = []access.Domain{"harbor.example", "harbor-lab.example"} })},
		"all domains are removed": {
			provider(func(d *access.Directory) { d.Domains = nil }),
			provider(func(d *access.Directory) { d.Domains = []access.Domain{"harbor.example"} })},
		"the person is disabled": {disabled(true), disabled(false)},
	}
}

// Who loses the way in loses every page, form and right with the next request, whichever
// way is lost, on either engine; and gets it back with it.
func TestLosingTheWayIn(t *testing.T) {
	for engine, database := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			for why := range losses(newPortal(t), access.Person{}) {
				t.Run(why, func(t *testing.T) {
					p := newPortalOn(t, address, database(t))
					in := newInsider(p)
					in.unnamed()
					in.isIn()
					way := losses(p, in.guest)[why]
					if err := way.lose(t.Context()); err != nil {
						t.Fatal(err)
					}
					in.isOut(why)
					if way.regain == nil {
						return
					}
					if err := way.regain(t.Context()); err != nil {
						t.Fatal(err)
					}
					p.clock.Advance(time.Second)
					in.isIn()
				})
			}
		})
	}
}

// unnamed makes the package of the guest's organization one for all configured ones, so
// that no policy names it.
func (in *insider) unnamed() {
	in.p.Do(func(ctx context.Context, tx *store.Tx) error {
		o := in.offer.Policies[0]
		o.Scope, o.Targets = access.ScopeAllOrgs, nil
		return tx.SavePolicy(ctx, o)
	})
}
