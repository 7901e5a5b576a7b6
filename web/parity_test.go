package workspace_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// parityFixture is an installation that is changed by the pages' use cases and by
// workspace files.
type parityFixture struct {
	*store.Store
	use     *admin.Admin
	tenant  access.Tenant
	lena    access.Person // global administrator
	omar    access.Person // disabled
	ida     access.Person // identity governance administrator
	mara    access.Person // guest
	catalog access.Catalog
	pack    access.Package
	closed  access.Package // in a catalog that is closed to people from outside
	board   access.Entry
	empty   access.Entry // a group without members
	gmail   access.DirectoryID
	quay    access.Organization
}

const parityBase = `directories:
  - {displayName: M, domains: [m.example], provider: {issuer: "https://m.example", clientId: x, clientSecret: y}}
  - {displayName: Mailers, domains: [gmail.com], provider: {issuer: "https://g.example", clientId: x, clientSecret: y}}
  - {displayName: Quay, domains: [quay.example], provider: {issuer: "https://q.example", clientId: x, clientSecret: y}}
tenants:
  - directory: M
    users:
      - {displayName: Lena, mail: lena@m.example}
      - {displayName: Omar, mail: omar@m.example, disabled: true}
      - {displayName: Ida, mail: ida@m.example}
      - {displayName: Mara, mail: mara@gmail.com, directory: Mailers, userType: guest}
    resources:
      - {displayName: Empty, type: group}
      - {displayName: Board, type: group, members: [lena@m.example]}
      - {displayName: Ledger, type: application, roles: [Viewer]}
    catalogs:
      - displayName: C
        isExternallyVisible: true
        resources: [Ledger]
        accessPackages: [{displayName: P, description: p}]
      - displayName: Closed
        accessPackages: [{displayName: Q, description: q}]
    connectedOrganizations:
      - {displayName: Quay, description: q, identitySources: [quay.example]}
    roleAssignments:
      - {role: globalAdministrator, user: lena@m.example}
      - {role: identityGovernanceAdministrator, user: ida@m.example}
`

// parityTenant is the start of a file that changes the tenant.
const parityTenant = "tenants:\n  - directory: M\n"

// inPackage is the start of a file that changes policies of the package.
const inPackage = parityTenant + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n" +
	"        accessPackages:\n          - displayName: P\n            description: p\n            assignmentPolicies:\n"

func newParityFixture(t *testing.T, s *store.Store) *parityFixture {
	t.Helper()
	ctx := context.Background()
	if _, err := workspace.Apply(ctx, s, parse(t, []byte(parityBase)), options()); err != nil {
		t.Fatal(err)
	}
	a := &parityFixture{Store: s, use: admin.New(admin.Config{Store: s, AllowLoopback: true})}
	a.tenant = must(s.TenantByDomain(ctx, "m.example"))(t)
	a.lena = must(s.PeopleByEmail(ctx, a.tenant.ID, "lena@m.example"))(t)[0]
	a.omar = must(s.PeopleByEmail(ctx, a.tenant.ID, "omar@m.example"))(t)[0]
	a.ida = must(s.PeopleByEmail(ctx, a.tenant.ID, "ida@m.example"))(t)[0]
	a.mara = must(s.PeopleByEmail(ctx, a.tenant.ID, "mara@gmail.com"))(t)[0]
	for _, c := range must(s.Catalogs(ctx, a.tenant.ID))(t) {
		switch c.Name {
		case "C":
			a.catalog = c
			a.pack = must(s.PackagesOf(ctx, a.tenant.ID, c.ID))(t)[0]
		case "Closed":
			a.closed = must(s.PackagesOf(ctx, a.tenant.ID, c.ID))(t)[0]
		}
	}
	for _, e := range must(s.Entries(ctx, a.tenant.ID))(t) {
		switch e.Name {
		case "Board":
			a.board = e
		case "Empty":
			a.empty = e
		}
	}
	a.quay = must(s.Organizations(ctx, a.tenant.ID))(t)[0]
	a.gmail = must(s.DirectoryByDomain(ctx, "", "gmail.com"))(t).ID
	return a
}

// policy is an enabled policy of the package.
func (a *parityFixture) policy(scope access.Scope, approvers ...access.Person) access.Policy {
	p := access.Policy{Package: a.pack.ID, Name: "A", Scope: scope, Enabled: true,
		Terms: access.Terms{ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.NoExpiration}}}
	if len(approvers) > 0 {
		p.Stages = []access.Stage{{Days: 14, Approvers: []access.SubjectRef{}}}
	}
	for _, one := range approvers {
		p.Stages[0].Approvers = append(p.Stages[0].Approvers, access.SubjectRef{Kind: access.SubjectPerson,
			ID: string(one.ID)})
	}
	return p
}

func (a *parityFixture) savePolicy(ctx context.Context, ed *admin.Editor, p access.Policy) error {
	_, err := ed.SavePolicy(ctx, p)
	return err
}

func (a *parityFixture) saveEntry(ctx context.Context, ed *admin.Editor, e access.Entry) error {
	_, err := ed.SaveEntry(ctx, e, nil)
	return err
}

func (a *parityFixture) connect(ctx context.Context, ed *admin.Editor, o access.Organization, sure bool,
	made ...access.Directory) error {
	_, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: o, New: made, Sure: sure})
	return err
}

// parityCase is one change, by the pages' use cases and by a file. In the file,
// “#” and a “!” for each fault follow a line at which faults are expected.
type parityCase struct {
	file string
	page func(ctx context.Context, a *parityFixture, ed *admin.Editor) error
	by   func(a *parityFixture) access.Person // who acts on the page; nil for Lena
}

// actor returns the person who makes the change on the page.
func (c parityCase) actor(a *parityFixture) access.Person {
	if c.by != nil {
		return c.by(a)
	}
	return a.lena
}

func group(name string, roles ...string) access.Entry {
	return access.Entry{Kind: access.KindGroup, Name: name, Roles: roles}
}

// refusalsOf returns the refusals in err.
func refusalsOf(t *testing.T, err error) (all []workspace.Fault) {
	t.Helper()
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		all = append(all, workspace.Fault{Text: e.Error(), Kind: e.Kind, Field: e.Field})
	}
	return all
}

// TestPageAndFileRefusalsMatch: a file is refused for the same changes as the pages' use
// cases, with the same kind, message and field, at the line of the field.
func TestPageAndFileRefusalsMatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		a, ctx := newParityFixture(t, s), context.Background()
		cases := map[string]parityCase{}
		for _, some := range []map[string]parityCase{parityRefusals(), policyRefusals(), questionRefusals(),
			objectRefusals(), peopleRefusals(), directoryRefusals()} {
			maps.Copy(cases, some)
		}
		for name, c := range cases {
			var lines []int
			for i, line := range strings.Split(c.file, "\n") {
				for range strings.Count(line, "!") {
					lines = append(lines, i+1)
				}
			}
			text := strings.NewReplacer(" #!!", "", " #!", "").Replace(c.file)
			f, err := workspace.Parse([]byte(text))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			_, err = workspace.Plan(ctx, s, f, options())
			faults, ok := errors.AsType[workspace.Faults](err)
			if !ok {
				t.Errorf("%s: the file is accepted, or fails: %v", name, err)
				continue
			}
			var at []int
			got := slices.Clone([]workspace.Fault(faults))
			for i := range got {
				at, got[i].Line = append(at, got[i].Line), 0
			}
			if diff := cmp.Diff(lines, at); diff != "" {
				t.Errorf("%s: lines: want (-), got (+): %s%v", name, diff, faults)
			}
			_, err = a.use.Preview(ctx, admin.ByPerson(c.actor(a)), func(ed *admin.Editor) error { return c.page(ctx, a, ed) })
			want := refusalsOf(t, err)
			byText := func(x, y workspace.Fault) int { return strings.Compare(x.Text, y.Text) }
			slices.SortFunc(want, byText)
			slices.SortFunc(got, byText)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: the pages (-), the file (+): %s", name, diff)
			}
		}
	})
}

// TestPackageChangeStartsRollout: a file that changes a package's roles starts a rollout,
// as the pages do, and queues no deliveries in its own transaction.
func TestPackageChangeStartsRollout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		a, ctx := newParityFixture(t, s), context.Background()
		err := s.Write(ctx, func(tx *store.Tx) error {
			p := a.policy(access.ScopeMembers)
			p.ID, p.Tenant = access.PolicyID(tx.NewID()), a.tenant.ID
			if err := tx.SavePolicy(ctx, p); err != nil {
				return err
			}
			r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: a.tenant.ID, Type: access.AdminAdd,
				State: access.Submitted, Package: a.pack.ID, Policy: p.ID, Requestor: a.lena.ID, Target: a.lena.ID, Terms: p.Terms}
			if err := tx.AddRequest(ctx, r, ""); err != nil {
				return err
			}
			return tx.AddAssignment(ctx, access.Assignment{ID: access.AssignmentID(tx.NewID()), Tenant: a.tenant.ID,
				Person: a.lena.ID, Package: a.pack.ID, Policy: p.ID, Request: r.ID, State: access.AssignDelivered, Start: tx.Now})
		})
		if err != nil {
			t.Fatal(err)
		}
		text := parityTenant + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n        " +
			"accessPackages:\n" +
			"          - {displayName: P, description: p, resourceRoleScopes: [{resource: Ledger, role: Viewer}]}\n"
		if done := apply(t, s, []byte(text)); len(done) != 1 {
			t.Fatalf("done: %v", done)
		}
		rollout, ok, err := s.OpenRollout(ctx)
		if err != nil || !ok || rollout.Package != a.pack.ID || rollout.Total != 1 {
			t.Errorf("the rollout is %+v, %v, %v", rollout, ok, err)
		}
		if queued, err := s.LeaseDeliveries(ctx, time.Minute, 5); err != nil || len(queued) != 0 {
			t.Errorf("queued at once: %v, %v", queued, err)
		}
	})
}
