package web

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// node is another portal on the database of the fixture: what it changes reaches
// the fixture by the database only.
type node struct {
	*admin.Admin
	store *store.Store
	lena  access.Person
}

// otherNode opens another portal, and makes Lena a global administrator there.
func (p *fixture) otherNode() *node {
	p.t.Helper()
	s := storetest.Open(p.t, p.file, p.clock.Now)
	n := &node{admin.New(admin.Config{Store: s, Resolver: p.txt, AllowLoopback: true}), s, p.Lena}
	n.do(p.t, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, p.roleOf(p.Lena.ID, access.GlobalAdministrator))
	})
	return n
}

func (n *node) do(t *testing.T, f func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := n.store.Write(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func (p *fixture) roleOf(id access.PersonID, role access.AdminRole) access.RoleAssignment {
	return access.RoleAssignment{Tenant: p.Tenant.ID, Role: role,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(id)}}
}

// groupRole is the role, assigned to the group Reviewers.
func (p *fixture) groupRole(role access.AdminRole) access.RoleAssignment {
	return access.RoleAssignment{Tenant: p.Tenant.ID, Role: role,
		Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: string(p.Reviewers.ID)}}
}

// inReviewers adds the person to the group Reviewers or removes the person.
func (n *node) inReviewers(p *fixture, who access.Person, in bool) error {
	return n.SetMembers(p.t.Context(), n.lena, access.Membership{Entry: p.Reviewers.ID, Role: store.GroupMember},
		[]access.PersonID{who.ID}, in)
}

// nodeCase is a change on one node, and a page on another before and after it.
type nodeCase struct {
	who, path  string
	prepare    func(ctx context.Context, tx *store.Tx) error // may be nil
	before     int                                           // status
	beforeSees []string
	change     func(ctx context.Context, n *node) error
	after      int // status
	afterSees  []string
}

// nodeCases are the changes of roles, groups, standing, sessions, settings,
// providers and connected organizations.
func nodeCases(p *fixture) map[string]nodeCase {
	const settings, list = home + "/admin/settings", home + "/access-packages"
	ida := func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, p.roleOf(p.Ida.ID, access.GlobalAdministrator))
	}
	group := func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, p.groupRole(access.GlobalAdministrator))
	}
	return map[string]nodeCase{
		"a role is removed": {who: "ida", path: settings, prepare: ida, before: 200, after: 403,
			change: func(ctx context.Context, n *node) error {
				return n.RemoveRole(ctx, n.lena, p.roleOf(p.Ida.ID, access.GlobalAdministrator))
			}},
		"a role is assigned": {who: "ida", path: settings, before: 403, after: 200,
			change: func(ctx context.Context, n *node) error {
				return n.AssignRole(ctx, n.lena, p.roleOf(p.Ida.ID, access.GlobalAdministrator))
			}},
		"a role of a group is removed": {who: "omar", path: settings, prepare: group, before: 200, after: 403,
			change: func(ctx context.Context, n *node) error {
				return n.RemoveRole(ctx, n.lena, p.groupRole(access.GlobalAdministrator))
			}},
		"removed from a group with a role": {who: "omar", path: settings, prepare: group, before: 200, after: 403,
			change: func(_ context.Context, n *node) error { return n.inReviewers(p, p.Omar, false) }},
		"removed from a group with packages": {who: "omar", path: list, before: 200, beforeSees: []string{"For reviewers"},
			after: 200, afterSees: []string{"!For reviewers"},
			change: func(_ context.Context, n *node) error { return n.inReviewers(p, p.Omar, false) }},
		"added to a group with packages": {who: "lena", path: list, before: 200, beforeSees: []string{"!For reviewers"},
			after: 200, afterSees: []string{"For reviewers"},
			change: func(_ context.Context, n *node) error { return n.inReviewers(p, p.Lena, true) }},
		"removed from a group by delivery": {who: "omar", path: settings, prepare: group, before: 200, after: 403,
			change: func(ctx context.Context, n *node) error {
				return n.store.RemoveMember(ctx, p.Tenant.ID, access.Membership{Entry: p.Reviewers.ID, Role: store.GroupMember,
					Person: p.Omar.ID})
			}},
		"disabled": {who: "ida", path: list, before: 200, after: 303,
			change: func(ctx context.Context, n *node) error { return n.changePerson(ctx, p.Ida, true) }},
		"disabled, with the session kept": {who: "ida", path: list, before: 200, after: 403,
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					one, err := tx.Person(ctx, p.Tenant.ID, p.Ida.ID)
					one.Disabled = true
					return errors.Join(err, tx.UpdatePerson(ctx, one))
				})
			}},
		"the sessions are ended": {who: "ida", path: list, before: 200, after: 303,
			change: func(ctx context.Context, n *node) error { return n.EndSessions(ctx, n.lena, p.Ida.ID) }},
		"settings": {who: "ida", path: list, before: 200, beforeSees: []string{"!help@meridian.example"}, after: 200,
			afterSees: []string{"help@meridian.example"},
			change: func(ctx context.Context, n *node) error {
				t, err := n.store.Tenant(ctx, p.Tenant.ID)
				t.Settings.SupportContact = "help@meridian.example"
				return errors.Join(err, n.SaveSettings(ctx, n.lena, t))
			}},
		"the provider is disabled": {who: "mara", path: list, before: 200, after: 303,
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					d := p.Harbor
					d.Enabled = false
					return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
				})
			}},
		"the provider is renamed": {who: "mara", path: list, before: 200, beforeSees: []string{"Harbor Studio", "!Quay"},
			after: 200, afterSees: []string{"Quay", "!Harbor Studio"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					d := p.Harbor
					d.Name = "Quay"
					return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
				})
			}},
		"a domain is removed": {who: "ida", path: list, before: 200, after: 404,
			change: func(ctx context.Context, n *node) error {
				d, err := n.store.Directory(ctx, p.Tenant.Directory)
				d.Domains = []access.Domain{"meridian-works.example"}
				return errors.Join(err, n.store.Write(ctx, func(tx *store.Tx) error {
					return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
				}))
			}},
		"a package is renamed": {who: "ida", path: list, before: 200, beforeSees: []string{"For everyone", "!Renamed"},
			after: 200, afterSees: []string{"Renamed", "!For everyone"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					k, err := p.everyones(ctx, tx)
					k.Name, k.Description = "Renamed", ""
					return errors.Join(err, tx.SavePackage(ctx, k))
				})
			}},
		"a catalog is not published any more": {who: "ida", path: list, before: 200,
			beforeSees: []string{"For everyone"}, after: 200, afterSees: []string{"!For everyone"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					c := p.Catalog
					c.Published = false
					return tx.SaveCatalog(ctx, c)
				})
			}},
		"a resource is renamed": {who: "ida", path: list, before: 200, beforeSees: []string{"Tidal team", "!Ebb team"},
			after: 200, afterSees: []string{"Ebb team", "!Tidal team"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					x := p.Team
					x.Name = "Ebb team"
					return tx.SaveResource(ctx, x)
				})
			}},
		"requested": {who: "ida", path: list, before: 200, beforeSees: []string{"!Requested"}, after: 200,
			afterSees: []string{"Requested"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					k, err := p.everyones(ctx, tx)
					return errors.Join(err, tx.AddRequest(ctx, access.Request{ID: access.RequestID(tx.NewID()),
						Tenant: p.Tenant.ID, Type: access.UserAdd, State: access.Submitted, Package: k.ID, Requestor: p.Ida.ID,
						Target: p.Ida.ID}, ""))
				})
			}},
		"the connected organization is deleted": {who: "mara", path: list, before: 200,
			beforeSees: []string{"For partners"}, after: 403, afterSees: []string{"People of Harbor Studio can't sign in to"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					return tx.DeleteOrganization(ctx, p.Tenant.ID, p.Partner.ID)
				})
			}},
		"a source of the connected organization is removed": {who: "mara", path: list, before: 200, after: 403,
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					o := p.Partner
					o.Directories = []access.DirectoryID{p.Other.ID}
					return tx.SaveOrganization(ctx, o)
				})
			}},
		"a domain of a partner is removed": {who: "mara", path: list, before: 200, after: 403,
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					d := p.Harbor
					d.Domains = []access.Domain{"harbor-lab.example"}
					return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
				})
			}},
		"the connected organization becomes proposed": {who: "mara", path: list, before: 200,
			beforeSees: []string{"For all partners"}, after: 200, afterSees: []string{"!For all partners"},
			change: func(ctx context.Context, n *node) error {
				return n.store.Write(ctx, func(tx *store.Tx) error {
					o := p.Partner
					o.State = access.Proposed
					return tx.SaveOrganization(ctx, o)
				})
			}},
	}
}

// everyones is the package For everyone.
func (p *fixture) everyones(ctx context.Context, tx *store.Tx) (access.Package, error) {
	found, err := tx.PackageList(ctx, p.Tenant.ID, store.ListQuery[store.PackageFilter]{Text: "everyone", Limit: 1})
	if err != nil || len(found.Rows) != 1 {
		return access.Package{}, errors.Join(errors.New("there is no package For everyone"), err)
	}
	return tx.Package(ctx, p.Tenant.ID, found.Rows[0].Package.ID)
}

// changePerson disables or enables a person as an administrator does.
func (n *node) changePerson(ctx context.Context, who access.Person, disabled bool) error {
	one, err := n.store.Person(ctx, who.Tenant, who.ID)
	one.Disabled = disabled
	return errors.Join(err, n.SavePerson(ctx, n.lena, one))
}

// TestNextPageOnAnotherNode: what one portal changes counts on the very next page
// of another on the same database, which has everything cached.
func TestNextPageOnAnotherNode(t *testing.T) {
	for engine, database := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			for name := range nodeCases(&fixture{World: &storetest.World{}}) {
				t.Run(name, func(t *testing.T) {
					p := newPortalOn(t, address, database(t))
					n := p.otherNode()
					p.Package("For reviewers", access.Policy{Scope: access.ScopeSpecificUsers,
						Targets: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(p.Reviewers.ID)}}})
					p.Package("For partners", p.ForPartner(access.Terms{}))
					p.Package("For everyone", access.Policy{Scope: access.ScopeMembers})
					p.Package("For all partners", access.Policy{Scope: access.ScopeAllOrgs})
					c := nodeCases(p)[name]
					if c.prepare != nil {
						p.Do(c.prepare)
					}
					b := p.as(c.who)
					for range 3 { // from the second one on from the cache
						b.sendOnce(http.MethodGet, c.path, nil).sees(c.before, c.beforeSees...)
					}
					if err := c.change(t.Context(), n); err != nil {
						t.Fatal(err)
					}
					for range 2 {
						b.sendOnce(http.MethodGet, c.path, nil).sees(c.after, c.afterSees...)
					}
				})
			}
		})
	}
}

// tenantVersion is the rights version of everyone in the tenant and the version of
// its packages.
func (p *fixture) tenantVersion() string {
	p.t.Helper()
	db, err := sql.Open("pgx", p.file)
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	all := firstColumn(p.t, db, `SELECT version FROM rights_version WHERE tenant_id = '`+string(p.Tenant.ID)+
		`' AND person_id = '' UNION ALL SELECT version FROM package_version WHERE tenant_id = '`+string(p.Tenant.ID)+`'`)
	if len(all) != 2 {
		p.t.Fatalf("versions %q", all)
	}
	return all[0] + " and " + all[1]
}

// TestEverydayWritesKeepCaches: signing in and out, being seen, submitting,
// deciding, delivering into a group and sending mails do not change the version
// under which portals on PostgreSQL cache what is everyone's: all of them would
// wait for its row.
func TestEverydayWritesKeepCaches(t *testing.T) {
	database, ok := storetest.Migrated()["postgres"]
	if !ok {
		t.Skip("PostgreSQL is tested if " + storetest.Variable + " is set")
	}
	p := newPortalOn(t, address, database(t))
	at := p.pendingRequest("mara", "Tidal", storetest.Named(p.Lena))
	lena := p.as("lena")
	before := p.tenantVersion()
	lena.opens(at).presses("Approve", url.Values{"reason": {"Known to us"}}).sees(200, "You have approved this request.")
	p.advance(10 * time.Minute)
	lena.opens(home + "/access-packages").sees(200)
	people, err := p.MembersOf(t.Context(), p.Tenant.ID, access.EntryID(p.Team.ExternalID), p.Team.Roles[0].Name)
	if err != nil || len(people) != 1 {
		t.Errorf("Mara is not in the team: %v, %v", people, err)
	}
	p.as("omar").opens(home+"/").presses("Sign out", nil)
	if after := p.tenantVersion(); after != before {
		t.Error("the version has changed")
	}
	p.changeSettings(func(s *access.Settings) { s.SupportContact = "help@meridian.example" })
	if after := p.tenantVersion(); after == before {
		t.Error("settings do not change the version, so the test does not see changes")
	}
}
