package admin_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// ruleFixture is a world to test the rules between two objects in both directions: see
// rules.md.
type ruleFixture struct {
	*storetest.World
	services
	t *testing.T
}

func eachRuleFixture(t *testing.T, f func(ctx context.Context, r *ruleFixture)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, use := newAdminWorld(t, s)
		f(t.Context(), &ruleFixture{w, use, t})
	})
}

// applies runs f as Lena, and returns the warnings.
func (r *ruleFixture) applies(f func(*admin.Editor) error) string {
	r.t.Helper()
	warnings, err := r.Admin.Apply(r.t.Context(), admin.ByPerson(r.Lena), f)
	if err != nil {
		r.t.Fatal(err)
	}
	return warnings.Error()
}

// refused runs f as Lena, and expects a refusal of the kind with the sentence.
func (r *ruleFixture) refused(what string, kind access.ErrorKind, sentence string, f func(*admin.Editor) error) {
	r.t.Helper()
	_, err := r.Admin.Preview(r.t.Context(), admin.ByPerson(r.Lena), f)
	if err == nil || access.KindOf(err) != kind || !strings.Contains(err.Error(), sentence) {
		r.t.Errorf("%s: %v, want kind %d and “%s”", what, err, kind, sentence)
	}
}

func (r *ruleFixture) save(p access.Policy) func(*admin.Editor) error {
	return func(ed *admin.Editor) error {
		_, err := ed.SavePolicy(r.t.Context(), p)
		return err
	}
}

// group makes a group with the members.
func (r *ruleFixture) group(name string, members ...access.PersonID) access.Entry {
	r.t.Helper()
	var e access.Entry
	r.applies(func(ed *admin.Editor) (err error) {
		e, err = ed.SaveEntry(r.t.Context(), access.Entry{Kind: access.KindGroup, Name: name, Roles: []string{"Member"}}, nil)
		if err != nil || len(members) == 0 {
			return err
		}
		return ed.SetMembers(r.t.Context(), access.Membership{Entry: e.ID, Role: "Member"}, members, true)
	})
	return e
}

// stored is the person as stored now, with the sponsors.
func (r *ruleFixture) stored(p access.Person) access.Person {
	r.t.Helper()
	fresh, err := r.Person(r.t.Context(), p.Tenant, p.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return fresh
}

func (r *ruleFixture) disables(p access.Person) func(*admin.Editor) error {
	fresh := r.stored(p)
	fresh.Disabled = true
	return func(ed *admin.Editor) error { return ed.SavePerson(r.t.Context(), fresh) }
}

// wantDependents checks that the policies are those with the names, each with its package
// and its first stage.
func wantDependents(t *testing.T, what string, found store.PolicyReferences, err error, want ...string) {
	t.Helper()
	var got []string
	for _, p := range found.Policies {
		if p.PackageName != "Tidal" || p.Policy == "" || p.Package == "" || p.Stage > 1 {
			t.Errorf("%s: %+v", what, p)
		}
		got = append(got, p.Name)
	}
	if err != nil || found.More != 0 || !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%s names %q and %d more, want %q: %v", what, got, found.More, want, err)
	}
}

// TestConsumerDomainAndOpenPolicy: a configured organization with a consumer domain, and a
// policy for all configured organizations without approval, exclude each other in either
// order.
func TestConsumerDomainAndOpenPolicy(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		o := r.Package("Tidal")
		open := access.Policy{Package: o.Package.ID, Name: "Open", Scope: access.ScopeAllOrgs, Enabled: true,
			Terms: access.Terms{ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.NoExpiration}}}
		connect := func(state access.OrganizationState) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				_, err := ed.SaveOrganization(ctx, admin.Connecting{Sure: true,
					Organization: access.Organization{Name: "Mailers", Description: "x", State: state},
					New:          []access.Directory{{Kind: access.DirectoryPasscode, Domains: []access.Domain{"gmail.com"}}}})
				return err
			}
		}
		// The organization first.
		r.refused("the policy second", access.Invalid, "Anyone can get an address of gmail.com",
			func(ed *admin.Editor) error {
				if err := connect(access.Configured)(ed); err != nil {
					t.Errorf("the organization alone: %v", err)
				}
				return r.save(open)(ed)
			})
		disabled := open
		disabled.Enabled = false
		r.refused("the policy enabled later", access.Invalid, "Anyone can get", func(ed *admin.Editor) error {
			if err := connect(access.Configured)(ed); err != nil {
				return err
			}
			p, err := ed.SavePolicy(ctx, disabled)
			if err != nil {
				t.Errorf("the policy, not enabled: %v", err)
			}
			return ed.EnablePolicy(ctx, p.ID, true)
		})
		// The policy first.
		r.applies(r.save(open))
		r.refused("the organization second", access.Invalid, "Choose proposed", connect(access.Configured))
		r.applies(connect(access.Proposed))
	})
}

// TestConsumerDomainOfConnectedDirectory: a domain that a directory gets is
// checked like the directory that an organization gets.
func TestConsumerDomainOfConnectedDirectory(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		o := r.Package("Tidal")
		r.applies(r.save(access.Policy{Package: o.Package.ID, Name: "Open", Scope: access.ScopeAllOrgs, Enabled: true,
			Terms: access.Terms{ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.NoExpiration}}}))
		var d access.DirectoryID
		r.applies(func(ed *admin.Editor) error {
			made, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{provider("Quay", "quay.example")}})
			d = made.Directories[0]
			return err
		})
		r.refused("a claim", access.Invalid, "Anyone can get an address of gmail.com", func(ed *admin.Editor) error {
			return ed.ClaimDomain(ctx, d, "gmail.com")
		})
		harbor, err := r.Directory(ctx, r.Harbor.ID)
		if err != nil {
			t.Fatal(err)
		}
		harbor.Domains = append(harbor.Domains, "gmail.com")
		_, err = r.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			_, err := ed.SaveInstallationDirectory(ctx, harbor)
			return err
		})
		wantKind(t, "the operator's word", err, access.Invalid)
	})
}

// TestLastApprover: a policy needs an approver when it is saved; removing the last one
// gives a warning, and a group that approves can't be deleted.
func TestLastApprover(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		o := r.Package("Tidal")
		board := r.group("Board", r.Ida.ID)
		by := func(name string, s access.SubjectRef) access.Policy {
			p := forMembers(o, name, s)
			p.Package, p.Enabled = o.Package.ID, true
			return p
		}
		r.applies(func(ed *admin.Editor) error {
			if err := r.save(by("By the board", group(board)))(ed); err != nil {
				return err
			}
			return r.save(by("By Ida", person(r.Ida)))(ed)
		})
		want := func(what, got string, policies ...string) {
			t.Helper()
			for _, p := range policies {
				if !strings.Contains(got, "Policy “"+p+"” of “Tidal”: no one can approve in stage 1 now") {
					t.Errorf("%s warns: %q, without “%s”", what, got, p)
				}
			}
			if n := strings.Count(got, "no one can approve"); n != len(policies) {
				t.Errorf("%s warns %d times: %q", what, n, got)
			}
		}
		m := access.Membership{Entry: board.ID, Role: "Member"}
		warnings, err := r.Admin.Preview(ctx, admin.ByPerson(r.Lena), func(ed *admin.Editor) error {
			return ed.SetMembers(ctx, m, []access.PersonID{r.Ida.ID}, false)
		})
		if err != nil {
			t.Fatal(err)
		}
		want("a group without members", warnings.Error(), "By the board")
		r.refused("a group that approves", access.Conflict, "is an approver in the policy “By the board”",
			func(ed *admin.Editor) error { return ed.DeleteEntry(ctx, board.ID) })
		pages := viewFor(t, r.Store, r.Lena).Dependents()
		gaps, err := pages.OfEntry(ctx, board)
		wantDependents(t, "the page of a group with an approver", gaps, err)
		gaps, err = pages.OfPerson(ctx, r.stored(r.Ida))
		wantDependents(t, "the page of a person who is not disabled", gaps, err)
		want("a disabled person", r.applies(r.disables(r.Ida)), "By Ida", "By the board")
		gaps, err = pages.OfPerson(ctx, r.stored(r.Ida))
		wantDependents(t, "the page of the person", gaps, err, "By Ida", "By the board")
		gaps, err = pages.OfEntry(ctx, board)
		wantDependents(t, "the page of the group", gaps, err, "By the board")
		_, err = viewFor(t, r.Store, r.Omar).Dependents().OfPerson(ctx, r.stored(r.Ida))
		wantKind(t, "who may not see people", err, access.Forbidden)
		// The other direction.
		r.refused("a policy by somebody disabled", access.Invalid, "no one can decide", r.save(by("Again", person(r.Ida))))
		r.refused("a policy by an empty group", access.Invalid, "no one can decide", r.save(by("Again", group(board))))
	})
}

// TestApproverOfDisabledProvider: the people of a disabled provider can't sign in, so they
// can't approve.
func TestApproverOfDisabledProvider(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		r.Tenant.Settings.Passcode = true
		r.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, r.Tenant) })
		o := r.Package("Tidal")
		var d access.DirectoryID
		var noor access.Person
		r.applies(func(ed *admin.Editor) error {
			made, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{passcodes("quay.example")}})
			if err != nil {
				return err
			}
			d = made.Directories[0]
			noor, err = ed.AddPerson(ctx, "noor@quay.example", "Noor")
			return err
		})
		p := forMembers(o, "By Noor", person(noor))
		p.Package, p.Enabled = o.Package.ID, true
		r.applies(r.save(p))
		if got := r.applies(func(ed *admin.Editor) error { return ed.EnableDirectory(ctx, d, false) }); !strings.Contains(got,
			"Policy “By Noor” of “Tidal”: no one can approve in stage 1 now") {
			t.Errorf("it warns: %q", got)
		}
		dir, err := r.Directory(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		gaps, err := viewFor(t, r.Store, r.Lena).Dependents().OfDirectory(ctx, dir)
		wantDependents(t, "the page of the provider", gaps, err, "By Noor")
		dir.Enabled = true
		gaps, err = viewFor(t, r.Store, r.Lena).Dependents().OfDirectory(ctx, dir)
		wantDependents(t, "the page of an enabled provider", gaps, err)
		p.Name = "Again"
		r.refused("a policy by somebody who cannot sign in", access.Invalid, "no one can decide", r.save(p))
	})
}

// TestLastAdministrator: no change removes the last global administrator who can sign in.
func TestLastAdministrator(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		const last = "This is the last global administrator"
		admins := r.group("Administrators", r.Ida.ID)
		lena, group := roleOf(r.Lena, access.GlobalAdministrator), access.RoleAssignment{Tenant: r.Tenant.ID,
			Role: access.GlobalAdministrator, Subject: group(admins)}
		r.refused("the role of the only one", access.Conflict, last,
			func(ed *admin.Editor) error { return ed.RemoveRole(ctx, lena) })
		r.applies(func(ed *admin.Editor) error {
			if err := ed.AssignRole(ctx, group); err != nil {
				return err
			}
			return ed.RemoveRole(ctx, lena)
		})
		m := access.Membership{Entry: admins.ID, Role: "Member"}
		_, err := r.Admin.Preview(ctx, admin.ByPerson(r.Ida), func(ed *admin.Editor) error {
			return ed.SetMembers(ctx, m, []access.PersonID{r.Ida.ID}, false)
		})
		wantKind(t, "out of the only group", err, access.Conflict)
		ida := r.stored(r.Ida)
		ida.Disabled = true
		_, err = r.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			in, err := ed.In(r.Tenant.ID)
			if err != nil {
				return err
			}
			return in.SavePerson(ctx, ida)
		})
		if wantKind(t, "disabled by the operator", err, access.Conflict); err != nil && !strings.Contains(err.Error(), last) {
			t.Errorf("it says %v", err)
		}
	})
}

// TestCloseCatalog: a policy for people from outside needs an open catalog; closing the
// catalog gives a warning.
func TestCloseCatalog(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		o := r.Package("Tidal")
		p := r.ForPartner(access.Terms{ShowApprovers: access.Inherit,
			Expiration: access.Expiration{Kind: access.NoExpiration}})
		p.Package, p.Name, p.Enabled = o.Package.ID, "Partners", true
		r.applies(r.save(p))
		c, err := r.Reader.Catalog(ctx, r.Tenant.ID, r.World.Catalog.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.External = false
		got := r.applies(func(ed *admin.Editor) error {
			_, err := ed.SaveCatalog(ctx, c)
			return err
		})
		if !strings.Contains(got, "Policy “Partners” is for external users") {
			t.Errorf("it warns: %q", got)
		}
		found, err := viewFor(t, r.Store, r.Lena).Dependents().OfCatalog(ctx, c)
		wantDependents(t, "the page of the catalog", found, err, "Partners")
		p.Name = "Again"
		r.refused("a policy in a closed catalog", access.Invalid, "isn't enabled for external users", r.save(p))
	})
}

// TestDisablePasscodes: a policy for anyone gives a warning while passcodes are off, and
// so does turning them off.
func TestDisablePasscodes(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		o := r.Package("Tidal")
		tenant, err := r.Reader.Tenant(ctx, r.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		tenant.Settings.Passcode = true
		r.applies(func(ed *admin.Editor) error { return ed.SaveSettings(ctx, tenant) })
		tenant.Version++
		tenant.Settings.Passcode = false
		warnings, err := r.Admin.Preview(ctx, admin.ByPerson(r.Lena), func(ed *admin.Editor) error {
			return ed.SaveSettings(ctx, tenant)
		})
		if err != nil || len(warnings) != 0 {
			t.Errorf("without a policy for anyone it warns: %v, %v", warnings, err)
		}
		p := forMembers(o, "Anyone", person(r.Omar), person(r.Ida))
		p.Package, p.Enabled, p.Scope = o.Package.ID, true, access.ScopeAnyone
		r.applies(r.save(p))
		if got := r.applies(func(ed *admin.Editor) error { return ed.SaveSettings(ctx, tenant) }); !strings.Contains(got,
			"without one-time passcodes") {
			t.Errorf("it warns: %q", got)
		}
		found, err := viewFor(t, r.Store, r.Lena).Dependents().OfSettings(ctx, tenant.Settings)
		wantDependents(t, "the page of the settings", found, err, "Anyone")
		tenant.Version++
		if got := r.applies(func(ed *admin.Editor) error { return ed.SaveSettings(ctx, tenant) }); got != "" {
			t.Errorf("once they are off, it warns: %q", got)
		}
	})
}

// TestManyDependents: a page names the first ten policies and counts the others; a
// change warns of the first twenty, and of how many more there are.
func TestManyDependents(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		board := r.group("Board", r.Ida.ID)
		o := r.Package("Tidal")
		r.Do(func(ctx context.Context, tx *store.Tx) error {
			for n := range 23 {
				p := forMembers(o, fmt.Sprintf("Policy %02d", n), group(board))
				p.ID, p.Tenant = access.PolicyID(tx.NewID()), r.Tenant.ID
				p.Package, p.Enabled = o.Package.ID, n < 22
				if err := tx.SavePolicy(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		m := access.Membership{Entry: board.ID, Role: "Member"}
		warned := r.applies(func(ed *admin.Editor) error {
			return ed.SetMembers(ctx, m, []access.PersonID{r.Ida.ID}, false)
		})
		if strings.Count(warned, "no one can approve") != 20 || !strings.Contains(warned, "And 2 more policies.") {
			t.Errorf("it warns: %q", warned)
		}
		gaps, err := viewFor(t, r.Store, r.Lena).Dependents().OfEntry(ctx, board)
		if err != nil || len(gaps.Policies) != 10 || gaps.Policies[9].Name != "Policy 09" || gaps.More != 12 {
			t.Errorf("the page: %+v, %v", gaps, err)
		}
	})
}

// TestDomainOfTenantProvider: a domain is verified either for a tenant's own provider or
// for a directory of the installation, in either order.
func TestDomainOfTenantProvider(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		var d access.DirectoryID
		r.applies(func(ed *admin.Editor) error {
			made, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{provider("Quay", "quay.example")}})
			d = made.Directories[0]
			return err
		})
		harbor, err := r.Directory(ctx, r.Harbor.ID)
		if err != nil {
			t.Fatal(err)
		}
		harbor.Domains = append(harbor.Domains, "quay.example")
		given := func(ed *admin.Editor) error {
			_, err := ed.SaveInstallationDirectory(ctx, harbor)
			return err
		}
		vouched := func(ed *admin.Editor) error {
			in, err := ed.In(r.Tenant.ID)
			if err == nil {
				_, err = in.Vouch(ctx, "quay.example")
			}
			return err
		}
		if _, err := r.Admin.Preview(ctx, admin.ByOperator(), given); err != nil {
			t.Errorf("a domain that is only claimed: %v", err)
		}
		// The directory of the installation first.
		_, err = r.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			if err := given(ed); err != nil {
				return err
			}
			return vouched(ed)
		})
		wantKind(t, "the tenant's provider second", err, access.Invalid)
		// The tenant's provider first.
		if _, err := r.Admin.Apply(ctx, admin.ByOperator(), vouched); err != nil {
			t.Fatal(err)
		}
		_, err = r.Admin.Preview(ctx, admin.ByOperator(), given)
		var es access.Errors
		if es.Add(err); len(es) != 1 || es[0].Kind != access.Conflict || es[0].Field != "domain.3" || es[0].Error() !=
			"quay.example is a verified domain of the provider “Quay” of “Meridian Works”. Remove it there first." {
			t.Errorf("the directory of the installation second: %+v", err)
		}
		_, err = r.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			_, err := ed.SaveInstallationDirectory(ctx, access.Directory{Name: "New", Domains: []access.Domain{"quay.example"},
				Issuer: "https://new.example", ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone,
				Enabled: true})
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "“Quay” of “Meridian Works”") {
			t.Errorf("a new directory of the installation: %v", err)
		}
		r.applies(func(ed *admin.Editor) error { return ed.RemoveDomain(ctx, d, "quay.example") })
		if _, err := r.Admin.Preview(ctx, admin.ByOperator(), given); err != nil {
			t.Errorf("once the tenant has removed it: %v", err)
		}
	})
}
