package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/access/accesstest"
	"myaccess/internal/store"
	adminpages "myaccess/web/admin"
	"myaccess/web/kit"
)

// formByRole is a way of doing a task of the matrix: a form or a page of
// administrators, submitted or opened by a person of each role.
type formByRole struct {
	task  string // of accesstest.Tasks
	route string // of routeTasks
	way   string // tells several ways of one route apart; may be empty
	// may reports whether a role allows it, where that depends on more than the
	// task; nil if it does not.
	may func(access.AdminRole) bool
	// make makes what to act on.
	make func(*workplace) attempt
}

// attempt is one submission of a form, or one look at a page.
type attempt struct {
	id, policy string // in place of :id and :policy in the path
	query      string
	fields     url.Values
	// done reports whether the store has what the form was submitted for; nil for
	// a page.
	done func() bool
	// status is the answer if the role allows it; 0 for a redirect. The page then
	// shows the text, which the page of a refusal must not.
	status int
	shows  string
	// refusal is the status if the role does not allow it; 0 for the usual one.
	refusal int
}

// workplace is a portal with two people for each role that is assigned in the
// tenant or in its catalog: one with this role alone, to do what it allows, and
// one who also owns the catalog "Elsewhere", to be refused. The actors own every
// resource that they are to add.
type workplace struct {
	*fixture
	chief     *browser // a global administrator
	by        access.Person
	with      map[access.AdminRole]*browser
	without   map[access.AdminRole]*browser // "" has no role here
	people    []access.PersonID             // the actors
	elsewhere access.Catalog
	made      int // objects, to name the next one
}

func newWorkplace(t *testing.T) *workplace {
	p := newPortal(t)
	p.addAdministrator("chief")
	chief, err := p.PeopleByEmail(t.Context(), p.Tenant.ID, "chief@meridian.example")
	if err != nil {
		t.Fatal(err)
	}
	w := &workplace{fixture: p, chief: p.as("chief"), by: chief[0], with: map[access.AdminRole]*browser{},
		without: map[access.AdminRole]*browser{}}
	w.elsewhere = w.addCatalog("Elsewhere")
	for _, a := range actors() {
		role := access.AdminRole("")
		if roles := a.rolesAt(ownScope); len(roles) > 0 {
			role = roles[0]
			w.people = append(w.people, w.addActor(a).ID)
			w.with[role] = w.as(a.name)
		}
		a.name += "-elsewhere"
		also := w.addActor(a)
		w.giveRole(also, access.CatalogOwner, w.elsewhere.ID)
		w.people = append(w.people, also.ID)
		w.without[role] = w.as(a.name)
	}
	w.dump() // opens the database until the whole test ends, not a part of it
	return w
}

// name returns a name that no object has yet.
func (w *workplace) name(kind string) string {
	w.made++
	return fmt.Sprintf("%s %d", kind, w.made)
}

// filled returns the values of the form at the path below the administrators'
// pages, as the chief finds them, with changes: names and values of fields.
func (w *workplace) filled(path string, changes ...string) url.Values {
	w.t.Helper()
	w.chief.opens(home + "/admin" + path).sees(http.StatusOK)
	action, _, _ := strings.Cut(home+"/admin"+path, "?")
	for n := range nodes(w.chief.page) {
		if n.Data != "form" || w.chief.resolve(attribute(n, "action")) != action {
			continue
		}
		fields := readForm(w.chief, n).fields
		fields.Del("csrf")
		return withFields(fields, changes...)
	}
	w.t.Fatalf("%s has no form", path)
	return nil
}

// withFields sets fields: names and values.
func withFields(fields url.Values, changes ...string) url.Values {
	for i := 0; i < len(changes); i += 2 {
		fields.Set(changes[i], changes[i+1])
	}
	return fields
}

// check returns x, and ends the test if there was an error.
func check[T any](w *workplace, x T, err error) T {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

// isGone reports whether reading an object fails because it does not exist.
func isGone[T any](_ T, err error) bool { return err != nil && access.KindOf(err) == access.NotFound }

// allows reports whether the role allows the form.
func (f formByRole) allows(role access.AdminRole) bool {
	if f.may != nil {
		return role != "" && f.may(role)
	}
	return accesstest.Tasks()[f.task].Allows(role)
}

// refusal is the status for a person who has the role, and owns another catalog,
// if it does not allow the form: who has no role in the catalog cannot tell what
// is in it from nothing.
func (f formByRole) refusal(role access.AdminRole) int {
	tasks := accesstest.Tasks()
	if tasks[f.task].InCatalog && !tasks["view-catalog"].Allows(role) {
		return http.StatusNotFound
	}
	return http.StatusForbidden
}

// submit sends the form, or opens the page.
func (f formByRole) submit(b *browser, x attempt) {
	method, path, _ := strings.Cut(f.route, " ")
	path = strings.NewReplacer(":id", x.id, ":policy", x.policy).Replace(path) + x.query
	fields := cloneValues(x.fields)
	if method == http.MethodPost {
		fields.Set("csrf", b.token())
	}
	b.sendOnce(method, home+"/admin"+path, fields)
}

// refused submits the form as every role that does not allow it, on one object,
// and returns what it submitted. Nothing must change.
func (w *workplace) refused(f formByRole) attempt {
	w.t.Helper()
	x := f.make(w)
	if x.done != nil && x.done() {
		w.t.Fatal("is done before anyone has submitted it")
	}
	before := w.dump()
	for _, role := range append(access.AdminRoles(), "") {
		if f.allows(role) {
			continue
		}
		b, want := w.without[role], x.refusal
		if want == 0 {
			want = f.refusal(role)
		}
		f.submit(b, x)
		if after := w.dump(); after != before || x.done != nil && x.done() {
			w.t.Errorf("%q was refused (%d) and has changed %s", role, b.status, difference(before, after))
			before = after
		}
		if b.status != want || x.shows != "" && strings.Contains(b.body, x.shows) {
			w.t.Errorf("%q is answered %d, want %d: %s", role, b.status, want, visibleText(b.page))
		}
	}
	return x
}

// accepted submits the form as every role that allows it: x, and a new one for
// each role after the first.
func (w *workplace) accepted(f formByRole, x attempt) {
	w.t.Helper()
	tried := 0
	for _, role := range access.AdminRoles() {
		if !f.allows(role) {
			continue
		}
		if tried++; tried > 1 {
			x = f.make(w)
		}
		b, want := w.with[role], x.status
		if want == 0 {
			want = http.StatusSeeOther
		}
		f.submit(b, x)
		if b.status != want {
			w.t.Errorf("%q is answered %d, want %d: %s", role, b.status, want, visibleText(b.page))
		}
		if x.done != nil && !x.done() || !strings.Contains(b.body, x.shows) {
			w.t.Errorf("%q submitted it (%d), and it is not done: %s", role, b.status, visibleText(b.page))
		}
	}
	if tried == 0 {
		w.t.Error("no role allows it")
	}
}

// allForms are every form of administrators, and the pages of assignments and
// requests.
func allForms() []formByRole {
	return slices.Concat(tenantForms(), partnerForms(), peopleForms(), catalogForms(), resourceForms(), packageForms(),
		policyForms(), assignmentForms(), requestForms())
}

// TestFormsByRole does every task of the matrix with each role that allows it, by
// the forms and pages that there are for it, and reads the effect from the store;
// people with the other roles are refused and change nothing. Every form of
// administrators is among them.
func TestFormsByRole(t *testing.T) {
	w, tasks := newWorkplace(t), tasksByRoute(t)
	done, undone := map[string]bool{}, accesstest.Tasks()
	for _, f := range allForms() {
		if task, ok := tasks[f.route]; !ok {
			t.Errorf("%s is not a route", f.route)
		} else if task.Name != f.task && f.way == "" {
			t.Errorf("%s does the task %s, not %s", f.route, task.Name, f.task)
		}
		done[f.route] = true
		delete(undone, f.task)
		t.Run(f.task+" "+f.route+" "+f.way, func(t *testing.T) {
			w.t = t
			w.accepted(f, w.refused(f))
		})
	}
	w.t = t
	for _, r := range adminpages.Routes() {
		if r.Method == http.MethodPost && !done[routeName(r)] {
			t.Errorf("%s is submitted by no role", routeName(r))
		}
	}
	// The first three have pages without forms, which TestSweep opens; targets have
	// no page yet.
	for _, name := range []string{"enter", "view-catalog", "find-people", "targets"} {
		delete(undone, name)
	}
	if len(undone) > 0 {
		t.Errorf("no form does %v", slices.Sorted(maps.Keys(undone)))
	}
}

// TestUseCasesRefuseByRole submits the forms of TestFormsByRole to a portal whose
// routes ask for no more than some role, in the catalog of the object if there is
// one: the use cases and the reads refuse by themselves.
func TestUseCasesRefuseByRole(t *testing.T) {
	w := newWorkplace(t)
	all := routes()
	for i, r := range all {
		switch {
		case r.Level != kit.AdminPage:
		case r.Of == kit.OfTenant:
			all[i].Action = access.SeeAdmin
		default:
			all[i].Action = access.ReadCatalog
		}
	}
	var err error
	if w.handler, err = w.server.Handler(all); err != nil {
		t.Fatal(err)
	}
	for _, f := range allForms() {
		t.Run(f.task+" "+f.route+" "+f.way, func(t *testing.T) {
			w.t = t
			w.refused(f)
		})
	}
	w.t = t
}

// giveRole assigns a role: in the tenant, or in the catalog.
func (p *fixture) giveRole(who access.Person, r access.AdminRole, c access.CatalogID) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, personRole(who, r, c))
	})
}

// personRole is the assignment of a role to a person.
func personRole(who access.Person, r access.AdminRole, c access.CatalogID) access.RoleAssignment {
	return access.RoleAssignment{Tenant: who.Tenant, Role: r, Catalog: c, Subject: personSubject(who.ID)}
}

func personSubject(id access.PersonID) access.SubjectRef {
	return access.SubjectRef{Kind: access.SubjectPerson, ID: string(id)}
}

// pick is the value of a picker that has chosen the person.
func pick(id access.PersonID) string { return kit.SubjectValue(personSubject(id)) }
