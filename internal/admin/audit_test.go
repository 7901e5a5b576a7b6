package admin_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// The tests TestAuditOf… compare every audit record of a story with lines that are written
// by hand, the words of the activities included. See storetest.AuditTrail for the lines.

// must returns v, or ends the test if there is an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		mustDo(t, err)
		return v
	}
}

// mustDo ends the test if there is an error.
func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAuditOfCatalogs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		c := must(use.Admin.SaveCatalog(ctx, w.Ida, access.Catalog{Name: "Travel", Published: true}))(t)
		a.Name("Travel", string(c.ID))
		a.Want("Ida Falk | Create | catalog Travel | > Travel",
			"Ida Falk | Add Entitlement Management role assignment | roleAssignment Ida Falk | "+
				"> catalogOwner of catalog Travel")
		c = must(s.Catalog(ctx, w.Tenant.ID, c.ID))(t)
		c.Name, c.Published, c.External = "Trips", false, true
		must(use.Admin.SaveCatalog(ctx, w.Ida, c))(t)
		a.Want("Ida Falk | Update | catalog Travel | Travel > Trips, not enabled, enabled for external users")
		mustDo(t, use.Admin.DeleteCatalog(ctx, w.Ida, c.ID))
		a.Want("Ida Falk | Delete | catalog Travel | Trips, not enabled, enabled for external users >")
	})
}

func TestAuditOfRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		governs := access.RoleAssignment{Role: access.IdentityGovernanceAdministrator, Subject: person(w.Omar)}
		reads := access.RoleAssignment{Role: access.CatalogReader, Catalog: w.Catalog.ID, Subject: group(w.Reviewers)}
		for range 2 { // the second time changes nothing
			mustDo(t, use.Admin.AssignRole(ctx, w.Lena, governs))
		}
		a.Want("Lena Berg | Add Entitlement Management role assignment | roleAssignment Omar Haddad | " +
			"> identityGovernanceAdministrator")
		mustDo(t, use.Admin.AssignRole(ctx, w.Omar, reads))
		a.Want("Omar Haddad | Add Entitlement Management role assignment | roleAssignment Reviewers | " +
			"> catalogReader of catalog Projects")
		mustDo(t, use.Admin.RemoveRole(ctx, w.Lena, governs))
		a.Want("Lena Berg | Remove Entitlement Management role assignment | roleAssignment Omar Haddad | " +
			"> identityGovernanceAdministrator")
		for range 2 {
			mustDo(t, use.Admin.RemoveRole(ctx, w.Omar, reads))
		}
		a.Want("Omar Haddad | Remove Entitlement Management role assignment | roleAssignment Reviewers | " +
			"> catalogReader of catalog Projects")
	})
}

// TestAuditOfFirstAdministrator: the person who uses the link of the set-up is the actor.
func TestAuditOfFirstAdministrator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		use, a := newServices(s, nil), w.AuditTrail()
		mustDo(t, use.Setup.Invite(t.Context(), w.Tenant.ID, "key"))
		a.Want()
		mustDo(t, use.Setup.Claim(t.Context(), "key", w.Lena))
		a.Want("Lena Berg | Add Entitlement Management role assignment | roleAssignment Lena Berg | " +
			"> globalAdministrator")
	})
}

func TestAuditOfResources(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		for range 2 { // the second time changes nothing
			mustDo(t, use.Admin.AddResources(ctx, w.Lena, w.Catalog.ID, []access.EntryID{w.Reviewers.ID}))
		}
		a.Want("Lena Berg | Create resource request | catalog Projects | > Reviewers")
		r, ok, err := s.ResourceByExternal(ctx, w.Tenant.ID, w.Team.Target, string(w.Reviewers.ID))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		mustDo(t, use.Admin.RemoveResource(ctx, w.Omar, w.Catalog.ID, r.ID))
		a.Want("Omar Haddad | Create resource remove request | catalog Projects | Reviewers >")
	})
}

func TestAuditOfSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		tenant := must(s.Tenant(ctx, w.Tenant.ID))(t)
		tenant.Settings.GuestDays, tenant.Settings.DomainList = 7, []access.Domain{"bad.example"}
		tenant.Settings.DomainRule = access.DomainsDeny
		mustDo(t, use.Admin.SaveSettings(ctx, w.Lena, tenant))
		a.Want("Lena Berg | Update tenant setting | tenant Meridian Works | " +
			`{"Language":"en","TimeZone":"UTC","GuestAction":"blockSignInAndDelete","GuestDays":30,"DisabledDays":30,` +
			`"DomainRule":"any","DomainList":null,"ResourceVisibility":"all","ShowApprovers":false,` +
			`"SupportContact":"","SenderName":"",` +
			`"Passcode":false,"SessionIdle":0,"SessionLife":0} > ` +
			`{"Language":"en","TimeZone":"UTC","GuestAction":"blockSignInAndDelete","GuestDays":7,"DisabledDays":30,` +
			`"DomainRule":"deny","DomainList":["bad.example"],"ResourceVisibility":"all","ShowApprovers":false,` +
			`"SupportContact":"",` +
			`"SenderName":"","Passcode":false,"SessionIdle":0,"SessionLife":0}`)
	})
}

// lenasPolicy is the audit text of the policy forLena.
const lenasPolicy = `{"DisplayName":"Initial Policy","Description":"","AllowedTargetScope":"specificDirectoryUsers",` +
	`"SpecificAllowedTargets":[{"kind":"singleUser","id":"Lena Berg"}],"Enabled":true,"Terms":{"justify":false,` +
	`"expiration":{"kind":"noExpiration"},"customSchedule":false,"showApprovers":""}}`

func TestAuditOfPackages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		owns(w, w.Reviewers, w.Omar.ID)
		a := w.AuditTrail()
		made := must(use.Admin.CreatePackage(ctx, w.Omar, admin.NewPackage{
			Package: access.Package{Catalog: w.Catalog.ID, Name: "Tidal", Description: "Tides", Hidden: true},
			Roles:   []access.ResourceRoleID{w.Team.Roles[1].ID},
			Entries: []admin.EntryRole{{Entry: w.Reviewers.ID, Role: "Member"}}, Policy: forLena(w)}))(t)
		a.Name("Tidal", string(made.ID))
		a.Name("of Tidal", string(onlyPolicy(t, s, made).ID))
		a.Want("Omar Haddad | Create resource request | catalog Projects | > Reviewers",
			"Omar Haddad | Create access package | accessPackage Tidal | > Tidal, hidden",
			"Omar Haddad | Update access package | accessPackage Tidal | > Tidal team: Owner | resource role added",
			"Omar Haddad | Update access package | accessPackage Tidal | > Reviewers: Member | resource role added",
			"Omar Haddad | Create access package assignment policy | accessPackageAssignmentPolicy of Tidal | > "+
				lenasPolicy)

		made = must(s.Package(ctx, w.Tenant.ID, made.ID))(t)
		made.Name, made.Hidden = "Tide", false
		must(use.Admin.SavePackage(ctx, w.Omar, made))(t)
		a.Want("Omar Haddad | Update access package | accessPackage Tidal | Tidal, hidden > Tide")
		made = must(s.Package(ctx, w.Tenant.ID, made.ID))(t)
		mustDo(t, use.Admin.ChangeRoles(ctx, w.Omar, admin.RoleChange{Package: made.ID, Version: made.Version,
			Remove: []access.ResourceRoleID{w.Team.Roles[1].ID}, Add: []access.ResourceRoleID{w.Site.Roles[2].ID}}))
		a.Want("Omar Haddad | Update access package | accessPackage Tidal | Tidal team: Owner > | resource role removed",
			"Omar Haddad | Update access package | accessPackage Tidal | > Tidal site: Visitor | resource role added")

		copied := must(use.Admin.DuplicatePackage(ctx, w.Omar, made.ID))(t)
		a.Name("the copy", string(copied.ID))
		a.Name("of the copy", string(onlyPolicy(t, s, copied).ID))
		disabled := strings.Replace(lenasPolicy, `"Enabled":true`, `"Enabled":false`, 1)
		a.Want("Omar Haddad | Create access package | accessPackage the copy | a copy of Tide > Copy of Tide",
			"Omar Haddad | Create access package assignment policy | accessPackageAssignmentPolicy of the copy | > "+disabled)
		mustDo(t, use.Admin.DeletePackage(ctx, w.Omar, copied.ID))
		a.Want("Omar Haddad | Delete access package | accessPackage the copy | Copy of Tide >")
	})
}

// onlyPolicy returns the only policy of a package.
func onlyPolicy(t *testing.T, s *store.Store, p access.Package) access.Policy {
	t.Helper()
	all, err := s.PoliciesOf(t.Context(), p.Tenant, p.ID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d policies, %v", len(all), err)
	}
	return all[0]
}

func TestAuditOfPolicies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		offer := w.Package("Tidal")
		a := w.AuditTrail()
		made := must(use.Admin.SavePolicy(ctx, w.Omar, forMembers(offer, "Crew", group(w.Reviewers))))(t)
		a.Name("Crew", string(made.ID))
		const head, enabled, disabled, tail = `{"DisplayName":"Crew","Description":`,
			`,"AllowedTargetScope":"allMemberUsers","Enabled":true,`, `,"AllowedTargetScope":"allMemberUsers","Enabled":false,`,
			`"Terms":{"stages":[{"approvers":[{"kind":"groupMembers","id":"Reviewers"}],"days":7,"reason":false}],` +
				`"justify":false,"expiration":{"kind":"afterDuration","days":30},"customSchedule":false,"showApprovers":""}}`
		a.Want("Omar Haddad | Create access package assignment policy | accessPackageAssignmentPolicy Crew | > " +
			head + `""` + enabled + tail)
		made = must(s.Policy(ctx, w.Tenant.ID, made.ID))(t)
		made.Description = "For the crew"
		must(use.Admin.SavePolicy(ctx, w.Omar, made))(t)
		a.Want("Omar Haddad | Update access package assignment policy | accessPackageAssignmentPolicy Crew | " +
			head + `""` + enabled + tail + " > " + head + `"For the crew"` + enabled + tail)
		mustDo(t, use.Admin.EnablePolicy(ctx, w.Omar, made.ID, false))
		a.Want("Omar Haddad | Update access package assignment policy | accessPackageAssignmentPolicy Crew | " +
			head + `"For the crew"` + enabled + tail + " > " + head + `"For the crew"` + disabled + tail)
		mustDo(t, use.Admin.EnablePolicy(ctx, w.Omar, made.ID, false)) // is disabled already
		a.Want()
		mustDo(t, use.Admin.DeletePolicy(ctx, w.Omar, made.ID))
		a.Want("Omar Haddad | Delete access package assignment policy | accessPackageAssignmentPolicy Crew | " +
			head + `"For the crew"` + disabled + tail + " >")
	})
}

func TestAuditOfPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		nils := must(use.Admin.AddPerson(ctx, w.Lena, "nils@meridian.example", "Nils New"))(t)
		a.Name("Nils", string(nils.ID))
		a.Want("Lena Berg | Create | person Nils | > member")
		nils = must(s.Person(ctx, w.Tenant.ID, nils.ID))(t)
		nils.Name, nils.Disabled, nils.Manager = "Nils Nord", true, w.Ida.ID
		nils.Attributes = map[string]string{"department": "Sales"}
		mustDo(t, use.Admin.SavePerson(ctx, w.Lena, nils))
		a.Want("Lena Berg | Update | person Nils | Nils New > Nils Nord, disabled, manager Ida Falk, department=Sales")
		mustDo(t, use.Admin.EndSessions(ctx, w.Lena, w.Ida.ID))
		a.Want("Lena Berg | End sessions | person Ida Falk")
	})
}

func TestAuditOfEntries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		for _, object := range []string{" | group Sailors", " | team Sailors", " | site Sailors", " | application Sailors"} {
			kind := access.ResourceKind(strings.Fields(object)[1])
			e := must(use.Admin.SaveEntry(ctx, w.Lena, access.Entry{Kind: kind,
				Name: "Sailors", Roles: []string{"Member", "Owner"}}, nil))(t)
			a.Name("Sailors", string(e.ID))
			a.Want("Lena Berg | Create" + object + " | > Sailors, Member, Owner")
			e = must(s.Entry(ctx, w.Tenant.ID, e.ID))(t)
			e.Name = "Crew"
			must(use.Admin.SaveEntry(ctx, w.Lena, e, nil))(t)
			a.Want("Lena Berg | Update" + object + " | Sailors > Crew, Member, Owner")
			owner := access.Membership{Entry: e.ID, Role: "Owner"}
			for range 2 { // the second time changes nothing
				mustDo(t, use.Admin.SetMembers(ctx, w.Lena, owner, []access.PersonID{w.Omar.ID, w.Ida.ID}, true))
			}
			a.Want("Lena Berg | Change members"+object+" | > Owner: Omar Haddad",
				"Lena Berg | Change members"+object+" | > Owner: Ida Falk")
			mustDo(t, use.Admin.SetMembers(ctx, w.Lena, owner, []access.PersonID{w.Omar.ID, w.Ida.ID}, false))
			a.Want("Lena Berg | Change members"+object+" | Owner: Omar Haddad >",
				"Lena Berg | Change members"+object+" | Owner: Ida Falk >")
			mustDo(t, use.Admin.DeleteEntry(ctx, w.Lena, e.ID))
			a.Want("Lena Berg | Delete" + object + " | Crew >")
		}
	})
}

func TestAuditOfImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		a := w.AuditTrail()
		const text = "mail,displayName,manager,groups,department\n" +
			"nils@meridian.example,Nils New,lena@meridian.example,Reviewers,\n" +
			"ida@meridian.example,Ida Falk,,,Sales\n"
		must(importText(ctx, use.Admin, s, w.Lena, text, true))(t)
		a.Want() // a preview
		must(importText(ctx, use.Admin, s, w.Lena, text, false))(t)
		found := must(s.PeopleByEmail(ctx, w.Tenant.ID, "nils@meridian.example"))(t)
		a.Name("Nils", string(found[0].ID))
		a.Want("Lena Berg | Create | person Nils | > member",
			"Lena Berg | Update | person Nils | Nils New > Nils New, manager Lena Berg",
			"Lena Berg | Change members | group Reviewers | > Member: Nils New",
			"Lena Berg | Update | person Ida Falk | Ida Falk > Ida Falk, department=Sales",
			"Lena Berg | Import people | tenant Meridian Works | > 1 created, 1 updated, 0 unchanged, 0 not imported")
	})
}

// TestAuditOfOperator: what the operator of the installation does at the command line.
func TestAuditOfOperator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		apply := func(f func(ed *admin.Editor) error) {
			t.Helper()
			_, err := use.Admin.Apply(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
				in, err := ed.In(w.Tenant.ID)
				if err != nil {
					return err
				}
				return f(in)
			})
			mustDo(t, err)
		}
		var made access.Tenant
		apply(func(ed *admin.Editor) (err error) {
			made, err = ed.SaveTenant(ctx, access.Tenant{Directory: w.Other.ID, Name: "Elsewhere",
				Settings: access.DefaultSettings()})
			return err
		})
		elsewhere := w.AuditTrailOf(made.ID)
		elsewhere.Name("Elsewhere", string(made.ID))
		general, _, err := s.CatalogNamed(ctx, made.ID, "General")
		mustDo(t, err)
		elsewhere.Name("General", string(general.ID))
		elsewhere.Want("operator | Create | tenant Elsewhere | > Elsewhere",
			"operator | Create | catalog General | > General")

		a := w.AuditTrail()
		tenant := must(s.Tenant(ctx, w.Tenant.ID))(t)
		tenant.Name = "Meridian"
		apply(func(ed *admin.Editor) error {
			_, err := ed.SaveTenant(ctx, tenant)
			return err
		})
		a.Want("operator | Update | tenant Meridian Works | Meridian Works > Meridian")

		kim := access.Person{Directory: w.Harbor.ID, Name: "Kim Reef", Email: "kim@harbor.example"}
		var saved access.Person
		save := func(ed *admin.Editor) (err error) {
			saved, err = ed.SaveKnownPerson(ctx, admin.KnownPerson{Person: kim})
			return err
		}
		apply(save)
		a.Name("Kim", string(saved.ID))
		a.Want("operator | Create | person Kim | > external")
		kim = must(s.Person(ctx, w.Tenant.ID, saved.ID))(t)
		kim.Name = "Kim Shore"
		apply(save)
		a.Want("operator | Update | person Kim | Kim Reef > Kim Shore")
		apply(func(ed *admin.Editor) error { return ed.RecordApply(context.Background(), 3) })
		a.Want("operator | Apply workspace file | tenant Meridian Works | > changes: 3")
	})
}
