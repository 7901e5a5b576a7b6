package admin_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// Who reads: a role in the tenant or in the catalog of the test; elsewhere owns
// another catalog, nobody has no role, and eve is the global administrator of
// another tenant. All of them own the entry of the test.
const (
	ga, iga, coa, cc = access.GlobalAdministrator, access.IdentityGovernanceAdministrator,
		access.ConnectedOrganizationAdministrator, access.CatalogCreator
	co, cr, apm, aam = access.CatalogOwner, access.CatalogReader, access.AccessPackageManager,
		access.AccessPackageAssignmentManager
	elsewhere, nobody, eve access.AdminRole = "elsewhere", "", "eve"
)

type actors []access.AdminRole

// read is a read with who may do it. Everyone else is refused.
type read struct {
	name string // type and method
	may  actors
	// empty are those who may read, but see none of the test's objects.
	empty actors
	// inCatalog is true for reads of an object in a catalog: people with a role
	// there, or in all catalogs, are refused with Forbidden, others with NotFound.
	// Other reads are refused with Forbidden.
	inCatalog bool
	// own is how many objects eve sees: hers.
	own int
	// see returns how many of the test's objects the actor sees.
	see func(context.Context, admin.View) (int, error)
}

// readFixture is a tenant with one object of each kind.
type readFixture struct {
	*orgFixture
	pack       access.PackageID
	policy     access.Policy
	request    access.RequestID
	assignment access.AssignmentID
	quay       access.Organization // with a directory that the tenant maintains
	keeps      access.Directory    // that directory
	guest      access.Person
	twin       access.Person  // has the guest's address
	merge      access.MergeID // a proposal to merge the twin into the guest
	gone       access.Person  // disabled, and the only approver of a policy
}

func newReadFixture(ctx context.Context, t *testing.T, w *orgFixture) *readFixture {
	r := &readFixture{orgFixture: w}
	offer := w.Package("Tidal", access.Policy{Scope: access.ScopeUsers})
	r.pack, r.policy = offer.Package.ID, offer.Policies[0]
	made, err := w.Admin.Assign(ctx, w.Lena, admin.Assigning{Package: r.pack, People: []access.PersonID{w.Omar.ID},
		Ask: access.RequestForm{Policy: r.policy.ID}})
	if err != nil {
		t.Fatal(err)
	}
	r.request = made[0].ID
	assignments, err := w.OpenAssignments(ctx, w.Tenant.ID, w.Omar.ID)
	if err != nil || len(assignments) != 1 {
		t.Fatal(assignments, err)
	}
	r.assignment = assignments[0].ID
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		err := tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogReader,
			Catalog: w.Catalog.ID, Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: w.Team.ExternalID}})
		if err != nil {
			return err
		}
		r.keeps = w.Harbor
		r.keeps.ID, r.keeps.Owner = access.DirectoryID(tx.NewID()), w.Tenant.ID
		r.keeps.Name, r.keeps.Issuer, r.keeps.Domains = "Quay", "https://login.quay.example", []access.Domain{"quay.example"}
		r.quay = quay("Quay", r.keeps.ID)
		r.quay.ID, r.quay.Tenant = access.OrganizationID(tx.NewID()), w.Tenant.ID
		r.guest = access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: w.Harbor.ID,
			Account: w.Mara.ID, Domain: "harbor.example", Kind: access.Guest, Name: "Mara Lind", Email: w.Mara.Email,
			Guest: access.GuestActive, InvitedBy: r.request}
		r.twin = access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: w.Harbor.ID,
			Domain: "harbor.example", Kind: access.External, Name: "Mara L.", Email: w.Mara.Email, Guest: access.GuestNone}
		r.gone = access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: w.Tenant.Directory,
			Domain: "meridian.example", Kind: access.Member, Name: "Gil Gone", Email: "gil@meridian.example", Disabled: true,
			Guest: access.GuestNone}
		for _, step := range []error{
			tx.SaveDirectory(ctx, r.keeps, access.VerifiedByOperator), tx.SaveOrganization(ctx, r.quay),
			tx.AddPerson(ctx, r.guest), tx.AddPerson(ctx, r.gone), tx.AddPerson(ctx, r.twin)} {
			if step != nil {
				return step
			}
		}
		return nil
	})
	m, err := w.Admin.ProposeMerge(ctx, w.Lena, admin.MergeForm{From: r.twin.ID, Into: r.guest.ID, Reason: "Twice"})
	if err != nil {
		t.Fatal(err)
	}
	r.merge = m.ID
	w.Package("Undecided", access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(r.gone)}, Questions: []access.Question{
			{ID: "q", Kind: access.ShortText, Text: "Why?", Pattern: "a{1000}b{1000}c{1000}"}}}})
	w.Package("Unrequested", access.Policy{Scope: access.ScopeSpecificUsers,
		Targets: []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(r.gone.ID)}}})
	return r
}

// actors makes a person for each role.
func (r *readFixture) actors(ctx context.Context, t *testing.T) map[access.AdminRole]access.Person {
	other, err := r.Admin.SaveCatalog(ctx, r.Lena, access.Catalog{Name: "Other", Published: true})
	if err != nil {
		t.Fatal(err)
	}
	all := map[access.AdminRole]access.Person{eve: r.eve, elsewhere: withRole(t, r.World, co, other.ID)}
	owners := []access.PersonID{all[elsewhere].ID}
	for _, role := range append(access.AdminRoles(), nobody) {
		all[role] = withRole(t, r.World, role, r.Catalog.ID)
		owners = append(owners, all[role].ID)
	}
	r.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SetEntryOwners(ctx, r.Tenant.ID, r.Reviewers.ID, owners)
	})
	return all
}

// recount brings the counters up to date, as a job does.
func (r *readFixture) recount(ctx context.Context, t *testing.T) {
	for _, tenant := range []access.TenantID{r.Tenant.ID, r.elsewhere.ID} {
		changes, err := r.Recount(ctx, tenant)
		if err != nil {
			t.Fatal(err)
		}
		r.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCounters(ctx, changes) })
	}
}

// done is one object if there is no error.
func done(err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// count is how many of the rows are the test's.
func count[T any](all []T, err error, is func(T) bool) (int, error) {
	n := 0
	for _, one := range all {
		if is(one) {
			n++
		}
	}
	return n, err
}

// walked is like count for a walk.
func walked[T any](is func(T) bool, walk func(func(T) error) error) (int, error) {
	n := 0
	err := walk(func(one T) error {
		if is(one) {
			n++
		}
		return nil
	})
	return n, err
}

// TestReadRights checks every read against a table written by hand (W-01 to W-18).
func TestReadRights(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		r := newReadFixture(ctx, t, w)
		who := r.actors(ctx, t)
		r.recount(ctx, t)
		rows := slices.Concat(r.lists(), r.tenantReads(), r.catalogReads(), r.packageReads(), r.assignmentReads(),
			r.personReads(), r.directoryReads(), r.conversionReads(), r.dependentReads())
		for role, p := range who {
			v := viewFor(t, w.Store, p)
			for _, row := range rows {
				n, err := row.see(ctx, v)
				row.check(t, role, n, err)
			}
		}
		allMethods(t, rows)
	})
}

// check compares what an actor saw with the table.
func (r read) check(t *testing.T, role access.AdminRole, n int, err error) {
	t.Helper()
	refusal := access.Forbidden
	if inIt := slices.Contains(actors{ga, iga, co, cr, apm, aam}, role); r.inCatalog && !inIt {
		refusal = access.NotFound
	}
	switch {
	case role == eve:
		if n != r.own || err != nil && access.KindOf(err) != access.NotFound {
			t.Errorf("%s: another tenant's administrator sees %d: %v", r.name, n, err)
		}
	case slices.Contains(r.may, role):
		if n == 0 || err != nil {
			t.Errorf("%s: %s sees %d: %v", r.name, role, n, err)
		}
	case slices.Contains(r.empty, role):
		if n != 0 || err != nil {
			t.Errorf("%s: %s sees %d instead of an empty list: %v", r.name, role, n, err)
		}
	case err == nil || n != 0 || access.KindOf(err) != refusal:
		t.Errorf("%s: %q sees %d: %v, want kind %d", r.name, role, n, err, refusal)
	}
}

// allMethods finds reads that the table does not have.
func allMethods(t *testing.T, rows []read) {
	t.Helper()
	known := map[string]bool{}
	for _, r := range rows {
		name, _, _ := strings.Cut(r.name, " ")
		known[name] = true
	}
	for _, v := range []any{admin.View{}, admin.PackageView{}, admin.RequestView{}, admin.AssignmentView{},
		admin.PersonView{}, admin.EntryView{}, admin.DirectoryView{}, admin.DependentsView{},
		admin.ProblemsView{}} {
		typ := reflect.TypeOf(v)
		for m := range typ.Methods() {
			reads := m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]()
			if reads && !known[typ.Name()+"."+m.Name] && !known["PackageView."+m.Name] {
				t.Errorf("%s.%s has no row", typ.Name(), m.Name)
			}
		}
		if typ.NumMethod() > 60 {
			t.Errorf("%s has %d methods", typ.Name(), typ.NumMethod())
		}
	}
}

func (r *readFixture) lists() []read {
	readers, managers := actors{ga, iga, co, cr, apm, aam}, actors{ga, iga, co, apm, aam}
	isCatalog := func(l store.CatalogLine) bool { return l.ID == r.Catalog.ID }
	isPackage := func(l store.PackageLine) bool { return l.ID == r.pack }
	isRequest := func(l store.RequestLine) bool { return l.Request.ID == r.request }
	isAssignment := func(l store.AssignmentLine) bool { return l.ID == r.assignment }
	return []read{
		{"View.Catalogs", readers, actors{coa, cc, elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				page, err := v.Catalogs(ctx, access.ReadCatalog, store.ListQuery[store.CatalogFilter]{Limit: 50})
				return count(page.Rows, err, isCatalog)
			}},
		{"View.Catalogs to build in", actors{ga, iga, co, apm}, actors{coa, cc, cr, aam, elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				page, err := v.Catalogs(ctx, access.ManagePackages, store.ListQuery[store.CatalogFilter]{Limit: 50})
				return count(page.Rows, err, isCatalog)
			}},
		{"View.WalkCatalogs", readers, actors{coa, cc, elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				return walked(isCatalog, func(f func(store.CatalogLine) error) error {
					return v.WalkCatalogs(ctx, store.ListQuery[store.CatalogFilter]{}, f)
				})
			}},
		{"View.Packages", readers, actors{elsewhere}, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.Packages(ctx, store.ListQuery[store.PackageFilter]{Limit: 50})
			return count(page.Rows, err, isPackage)
		}},
		{"View.WalkPackages", readers, actors{elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				return walked(isPackage, func(f func(store.PackageLine) error) error {
					return v.WalkPackages(ctx, store.ListQuery[store.PackageFilter]{}, f)
				})
			}},
		{"View.Requests", managers, actors{elsewhere}, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.Requests(ctx, store.ListQuery[store.RequestFilter]{Limit: 50})
			return count(page.Rows, err, isRequest)
		}},
		{"View.WalkRequests", managers, actors{elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				return walked(isRequest, func(f func(store.RequestLine) error) error {
					return v.WalkRequests(ctx, store.ListQuery[store.RequestFilter]{}, f)
				})
			}},
		{"View.Assignments", managers, actors{elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				page, err := v.Assignments(ctx, store.ListQuery[store.AssignmentFilter]{Limit: 50})
				return count(page.Rows, err, isAssignment)
			}},
		{"View.WalkAssignments", managers, actors{elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				return walked(isAssignment, func(f func(store.AssignmentLine) error) error {
					return v.WalkAssignments(ctx, store.ListQuery[store.AssignmentFilter]{}, f)
				})
			}},
	}
}
