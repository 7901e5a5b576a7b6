package lifecycle_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

const noReference = access.RequestID("none")

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

// administrator assigns a tenant role to a person or a group.
func (h *harness) administrator(role access.AdminRole, subject access.SubjectRef) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: role, Subject: subject})
	})
}

// TestUntrustedAddressMatchesNobody: a preregistered person, here a global
// administrator, is not found by an address that the provider does not say is
// verified, nor by one that was trusted by the program before an upgrade (I-14).
func TestUntrustedAddressMatchesNobody(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ida := h.preregister(h.Harbor.ID, "dave@harbor.example")
		untrusted := identity(h.Harbor.ID, "m", "Mallory", "dave@harbor.example")
		untrusted.EmailTrusted, untrusted.EmailProblem = false, access.EmailUnverified
		a, p, ok := h.signIn(untrusted, "1")
		if !ok || p.ID == ida.ID || p.Email != "" || a.EmailProblem != access.EmailUnverified {
			h.t.Errorf("%+v, %+v", a, p)
		}
		old := h.addAccount(h.Harbor, "Old Session", "dave@harbor.example") // as stored before the upgrade
		o := h.Package("Tidal", h.ForPartner(access.Terms{}))
		if r := h.submit(old, o, access.RequestForm{}); r.Target == ida.ID {
			h.t.Error("the session from before the upgrade is the preregistered person's")
		}
		if _, dave, _ := h.signIn(identity(h.Harbor.ID, "d", "Dave", "dave@harbor.example"), "2"); dave.ID != ida.ID {
			h.t.Errorf("with a verified address: %+v", dave)
		}
	})
}

// TestDomainRemovedSinceSignIn: an address of a domain that the directory has lost
// since the sign-in finds nobody.
func TestDomainRemovedSinceSignIn(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a, _, _ := h.signIn(identity(h.Harbor.ID, "d", "Dave", "dave@harbor-lab.example"), "1")
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			other := access.Tenant{ID: "other", Directory: h.Other.ID, Name: "Other", Settings: access.DefaultSettings()}
			if err := tx.SaveTenant(ctx, other); err != nil {
				return err
			}
			if err := tx.SaveOrganization(ctx, access.Organization{ID: "harbor", Tenant: "other", Name: "Harbor",
				State: access.Configured, Directories: []access.DirectoryID{h.Harbor.ID}}); err != nil {
				return err
			}
			h.Harbor.Domains = h.Harbor.Domains[:1]
			if err := tx.SaveDirectory(ctx, h.Harbor, access.VerifiedByOperator); err != nil {
				return err
			}
			err := tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: "other", Role: access.CatalogCreator,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: "expected"}})
			if err != nil { // with the role, a match would be refused
				return err
			}
			return tx.AddPerson(ctx, access.Person{ID: "expected", Tenant: "other", Directory: h.Harbor.ID,
				Kind: access.External, Guest: access.GuestNone, Name: "Expected", Email: "dave@harbor-lab.example"})
		})
		ctx := context.Background()
		tenant, err := h.Store.Tenant(ctx, "other")
		if err != nil {
			h.t.Fatal(err)
		}
		if p, err := h.SignIns.PersonFor(ctx, h.Snapshot(), tenant, a); err != nil || p.ID != "" {
			h.t.Errorf("%+v, %v", p, err)
		}
	})
}

// TestAuditOfMatch: the match of a preregistered person is recorded, and global
// administrators are notified of the person, the address, the provider and the subject
// (M-38).
func TestAuditOfMatch(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		meant := h.preregister(h.Harbor.ID, "dave@harbor.example")
		a := h.AuditTrail()
		a.Name("Dave", string(meant.ID))
		h.signIn(identity(h.Harbor.ID, "subject-1", "Dave Marsh", "Dave@harbor.example"), "1")
		a.Want("Dave | Link preregistered user to account | person Dave | dave@harbor.example > subject-1",
			"Dave | Update | person Dave | Expected <dave@harbor.example> > Dave Marsh <Dave@harbor.example>",
			"Dave | Sign in | person Dave")
		h.runJobs()
		h.wantLetters(access.Request{ID: noReference, Package: "none"}, letter{"lena@meridian.example",
			"First sign-in: Expected was recognized by mail address", "Hello Lena Berg,", `Person: Expected
Email: dave@harbor.example
Provider: Harbor Studio
Subject: subject-1

Open the person:
` + portal + "/admin/people/" + string(meant.ID) + memberHint})
		h.signIn(identity(h.Harbor.ID, "subject-1", "Dave Marsh", "Dave@harbor.example"), "2")
		h.runJobs()
		h.wantMails()
	})
}

// TestAuditOfHeldAdministrator: an address, though verified, does not identify a
// preregistered person with an administrative role, held directly or through a group:
// nobody is signed in as that person, administrators are asked once, and the subject
// that they enter decides (M-39).
func TestAuditOfHeldAdministrator(t *testing.T) {
	t.Parallel()
	for name, group := range map[string]bool{"directly": false, "through a group": true} {
		t.Run(name, func(t *testing.T) {
			forEachEngine(t, func(h *harness) {
				setUpAdministrators(h)
				meant := h.preregister(h.Harbor.ID, "fiona@harbor.example")
				subject := access.SubjectRef{Kind: access.SubjectPerson, ID: string(meant.ID)}
				if group {
					subject = access.SubjectRef{Kind: access.SubjectGroup, ID: string(h.Reviewers.ID)}
					h.Do(func(ctx context.Context, tx *store.Tx) error {
						_, err := tx.AddMember(ctx, h.Tenant.ID, access.Membership{Entry: h.Reviewers.ID, Role: store.GroupMember,
							Person: meant.ID})
						return err
					})
				}
				h.administrator(access.CatalogCreator, subject)
				ctx, a := context.Background(), h.AuditTrail()
				a.Name("Expected", string(meant.ID))
				account, _, known := h.signIn(identity(h.Harbor.ID, "f-1", "Fiona", "fiona@harbor.example"), "1")
				if known {
					h.t.Error("known by the address")
				}
				a.Want("system | Hold preregistered user for confirmation | person Expected | fiona@harbor.example > f-1")
				if _, err := h.SignIns.PersonFor(ctx, h.Snapshot(), h.Tenant, account); access.KindOf(err) != access.Forbidden {
					h.t.Errorf("visits with %v", err)
				}
				o := h.Package("Tidal", h.ForPartner(access.Terms{}))
				h.wantRefusal(account, o, access.RequestForm{}, access.Forbidden)
				h.signIn(identity(h.Harbor.ID, "f-1", "Fiona", "fiona@harbor.example"), "2")
				h.runJobs()
				h.wantLetters(access.Request{ID: noReference, Package: "none"}, letter{"lena@meridian.example",
					"Confirm the account of Expected, who can't sign in yet", "Hello Lena Berg,", `Person: Expected
Email: fiona@harbor.example
Provider: Harbor Studio
Subject: f-1

Enter the subject:
` + portal + "/admin/people/" + string(meant.ID) + "/subject" + memberHint})

				stored := must(h.Person(ctx, h.Tenant.ID, meant.ID))(h.t)
				if err := h.Admin.SetSubject(ctx, h.Lena, meant.ID, stored.Version, " f-1 "); err != nil {
					h.t.Fatal(err)
				}
				if p, err := h.SignIns.PersonFor(ctx, h.Snapshot(), h.Tenant, account); err != nil || p.ID != meant.ID {
					h.t.Errorf("after the subject was entered: %+v, %v", p, err)
				}
				if _, other, ok := h.signIn(identity(h.Harbor.ID, "f-2", "Mallory", "fiona@harbor.example"), "3"); !ok ||
					other.ID == meant.ID {
					h.t.Errorf("another subject with the address: %+v", other)
				}
			})
		})
	}
}

// TestAuditOfGuestsOfOwnProvider: a guest of the tenant's own provider is no member
// (C16): policies for members are not for them, also when a member becomes a guest
// later. What they hold stays, and they are never removed. Administrators are notified
// once of each person (M-40).
func TestAuditOfGuestsOfOwnProvider(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		forMembers, more := h.memberPackage("Inside", access.Terms{}), h.memberPackage("More", access.Terms{})
		forUsers := h.Package("Everyone", access.Policy{Scope: access.ScopeUsers})
		a := h.AuditTrail()
		pat := identity(h.Tenant.Directory, "g-1", "Pat Partner", "")
		pat.EmailTrusted, pat.EmailProblem, pat.Belonging = false, access.EmailElsewhere, access.AddressElsewhere
		account, p, _ := h.signIn(pat, "1")
		a.Name("Pat", string(p.ID))
		if p.Kind != access.Guest || p.Guest != access.GuestActive || p.Governed {
			h.t.Errorf("%+v", p)
		}
		a.Want("Pat | Create | person Pat | > guest | The mail address is in none of the directory's domains.",
			"Pat | Sign in | person Pat")
		h.wantRefusal(account, forMembers, access.RequestForm{}, access.NotFound)
		h.submit(account, forUsers, access.RequestForm{})
		if o, ok, err := h.OrganizationOf(context.Background(), h.Tenant.ID, h.Tenant.Directory); ok || err != nil {
			h.t.Errorf("the own directory is proposed as an organization: %+v, %v", o, err)
		}
		h.runJobs()
		h.wantMails(lena + "Pat Partner signed in and is a guest, not a member") // Pat has no address

		ida := identity(h.Tenant.Directory, "ida@meridian.example", "Ida Falk", "ida@meridian.example")
		idaAccount, _, _ := h.signIn(ida, "2")
		held := h.submit(idaAccount, forMembers, access.RequestForm{})
		h.runJobs()
		h.takeMails()
		a.Skip()
		ida.Belonging, ida.GuestReason = access.GuestOfProvider, "acct = 1"
		idaAccount, p, _ = h.signIn(ida, "3")
		if p.ID != h.Ida.ID || p.Kind != access.Guest || p.Guest != access.GuestActive || p.Governed {
			h.t.Errorf("%+v", p)
		}
		a.Want("Ida Falk | Update | person Ida Falk | member > guest | The provider says that this person is a guest. acct "+
			"= 1",
			"Ida Falk | Sign in | person Ida Falk")
		h.wantRefusal(idaAccount, more, access.RequestForm{}, access.NotFound)
		h.wantState(held, access.Delivered)
		h.runJobs()
		h.wantLetters(access.Request{ID: noReference, Package: "none"}, letter{"lena@meridian.example",
			"Ida Falk signed in and is a guest, not a member", "Hello Lena Berg,", `Claim: acct = 1
Person: Ida Falk
Email: ida@meridian.example
Provider: Meridian Works
Subject: ida@meridian.example

Open the person:
` + portal + "/admin/people/" + string(h.Ida.ID) + memberHint})

		ida.Belonging, ida.GuestReason = access.Belongs, ""
		idaAccount, p, _ = h.signIn(ida, "4")
		if p.Kind != access.Member || p.Guest != access.GuestNone {
			h.t.Errorf("a member again: %+v", p)
		}
		a.Want("Ida Falk | Update | person Ida Falk | guest > member | The provider no longer says that this person is a "+
			"guest.",
			"Ida Falk | Sign in | person Ida Falk")
		h.submit(idaAccount, more, access.RequestForm{})
		ida.Belonging, ida.GuestReason = access.GuestOfProvider, "acct = 1"
		h.signIn(ida, "5")
		h.runJobs()
		h.wantMails("ida@meridian.example: You now have access to More")
	})
}

// TestGuestsOfPartners: who is a guest of a partner's provider is external like its own
// people; only the tenant's own directory has members.
func TestGuestsOfPartners(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		id := identity(h.Harbor.ID, "g", "Guest", "guest@harbor.example")
		id.Belonging = access.GuestOfProvider
		if _, p, ok := h.signIn(id, "1"); !ok || p.Kind != access.External || p.Guest != access.GuestNone {
			h.t.Errorf("%+v", p)
		}
	})
}

// TestSubjectOfAdministrator: an administrator who could not assign a role cannot say
// whose account has it, in a form or by an import, and roles are assigned to people
// with a subject only.
func TestSubjectOfAdministrator(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := context.Background()
		h.administrator(access.IdentityGovernanceAdministrator, access.SubjectRef{Kind: access.SubjectPerson,
			ID: string(h.Ida.ID)})
		fiona := must(h.Admin.AddPerson(ctx, h.Lena, "fiona@meridian.example", "Fiona"))(h.t)
		role := access.RoleAssignment{Role: access.GlobalAdministrator, Subject: access.SubjectRef{
			Kind: access.SubjectPerson, ID: string(fiona.ID)}}
		if err := h.Admin.AssignRole(ctx, h.Lena, role); access.KindOf(err) != access.Invalid {
			h.t.Errorf("without a subject: %v", err)
		}
		h.administrator(role.Role, role.Subject) // as before the upgrade
		fiona = must(h.Person(ctx, h.Tenant.ID, fiona.ID))(h.t)
		if err := h.Admin.SetSubject(ctx, h.Ida, fiona.ID, fiona.Version, "of-ida"); access.KindOf(err) != access.Forbidden {
			h.t.Errorf("an identity governance administrator: %v", err)
		}
		const file = "mail,displayName,subject\nfiona@meridian.example,Fiona,of-ida\n"
		lines, err := h.importText(ctx, h.Ida, file)
		if err != nil || lines[0].Outcome != access.LineFaulty || lines[0].Faults[0].Column != "subject" ||
			!strings.Contains(string(lines[0].Faults[0].Msg), "has a role that is above yours") {
			h.t.Errorf("an import by an identity governance administrator: %+v, %v", lines, err)
		}
		if err := h.Admin.SetSubject(ctx, h.Lena, fiona.ID, fiona.Version, "lena@meridian.example"); access.KindOf(err) !=
			access.Invalid {
			h.t.Errorf("the subject of another person: %v", err)
		}
		lines, err = h.importText(ctx, h.Lena, "mail,displayName,subject\nfiona@meridian.example,Fiona,of-fiona\n")
		if err != nil || lines[0].Outcome != access.LineUpdated {
			h.t.Fatalf("%+v, %v", lines, err)
		}
		if _, p, ok := h.signIn(identity(h.Tenant.Directory, "of-fiona", "Fiona", ""), "1"); !ok || p.ID != fiona.ID {
			h.t.Errorf("%+v", p)
		}
		if err := h.Admin.SetSubject(ctx, h.Lena, fiona.ID, 0, "x"); access.KindOf(err) != access.Conflict {
			h.t.Errorf("of an old version: %v", err)
		}
		nora := must(h.Admin.AddPersonWithSubject(ctx, h.Lena, "nora@meridian.example", "Nora", "of-nora"))(h.t)
		role.Role, role.Subject.ID = access.CatalogCreator, string(nora.ID)
		if err := h.Admin.AssignRole(ctx, h.Lena, role); err != nil {
			h.t.Errorf("with a subject: %v", err)
		}
	})
}

// TestAdministratorWithoutSubjectCannotSignIn: a global administrator who has no subject
// does not count as one who can sign in (W-27).
func TestAdministratorWithoutSubjectCannotSignIn(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := context.Background()
		fiona := must(h.Admin.AddPerson(ctx, h.Lena, "fiona@meridian.example", "Fiona"))(h.t)
		h.administrator(access.GlobalAdministrator, access.SubjectRef{Kind: access.SubjectPerson, ID: string(fiona.ID)})
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.RemoveRoleAssignment(ctx, globalAdministrator(h.Lena))
		})
		if is, err := lifecycle.HasAdministrator(ctx, h.Snapshot(), h.Tenant.ID, h.clock.Now()); err != nil || is {
			h.t.Errorf("without a subject: %v, %v", is, err)
		}
		h.administrator(access.GlobalAdministrator, access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Omar.ID)})
		if is, err := lifecycle.HasAdministrator(ctx, h.Snapshot(), h.Tenant.ID, h.clock.Now()); err != nil || !is {
			h.t.Errorf("with another who has an account: %v, %v", is, err)
		}
	})
}

// TestTrustNotices: after an upgrade that has switched on the trust in addresses, the
// global administrators of each tenant that the directory concerns are notified once
// (M-41).
func TestTrustNotices(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		h.Do(func(ctx context.Context, tx *store.Tx) error { // as the migration leaves it
			b := tx.Bulk("directory", "id", "owner_id", "kind", "name", "issuer", "client_id", "auth_style", "hint_style",
				"tenant_claim", "tenant_value", "scopes", "confirmed_hosts", "enabled", "version", "trust_addresses",
				"trust_notice")
			if err := b.Add(ctx, "entra", string(h.Tenant.ID), "openid", "Quay", "https://login.microsoftonline.com/q/v2.0", "c",
				"none", "none", "", "", "", "", true, int64(1), true, true); err != nil {
				return err
			}
			return b.Flush(ctx)
		})
		for range 2 {
			if err := h.Maintenance.NotifyTrustedAddresses(context.Background()); err != nil {
				h.t.Fatal(err)
			}
		}
		h.runJobs()
		h.wantLetters(access.Request{ID: noReference, Package: "none"}, letter{"lena@meridian.example",
			"Mail addresses from Quay are trusted after the upgrade", "Hello Lena Berg,", `Provider: Quay

Open the provider:
` + portal + "/admin/organizations/providers/entra" + memberHint})
	})
}

// TestAddressRules: a tenant changes the trust in addresses and the guest rule of its
// own directory and of those that it keeps, and of no other.
func TestAddressRules(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := context.Background()
		own := must(h.Directory(ctx, h.Tenant.Directory))(h.t)
		own.TrustAddresses, own.GuestClaim, own.GuestValues = true, "acct", []string{"1"}
		own.EmailClaim, own.NameClaim = "mail", "displayName"
		own.Issuer = "https://elsewhere.example" // not changed here
		if err := h.Admin.SaveAddressRules(ctx, h.Lena, own); err != nil {
			h.t.Fatal(err)
		}
		got := must(h.Directory(ctx, own.ID))(h.t)
		if !got.TrustAddresses || got.GuestClaim != "acct" || len(got.GuestValues) != 1 ||
			got.EmailClaim != "mail" || got.NameClaim != "displayName" ||
			got.Issuer != "https://login.meridian.example" || got.ClientSecret != "secret" {
			h.t.Errorf("%+v", got)
		}
		h.runJobs()
		h.wantMails(lena + "Sign-in settings of Meridian Works changed")
		if err := h.Admin.SaveAddressRules(ctx, h.Lena, own); access.KindOf(err) != access.Conflict {
			h.t.Errorf("an old version: %v", err)
		}
		got.GuestValues = nil
		if err := h.Admin.SaveAddressRules(ctx, h.Lena, got); access.KindOf(err) != access.Invalid {
			h.t.Errorf("a claim without a value: %v", err)
		}
		if err := h.Admin.SaveAddressRules(ctx, h.Omar, got); access.KindOf(err) != access.Forbidden {
			h.t.Errorf("an assignment manager: %v", err)
		}
		shared := must(h.Directory(ctx, h.Harbor.ID))(h.t)
		if err := h.Admin.SaveAddressRules(ctx, h.Lena, shared); access.KindOf(err) != access.NotFound {
			h.t.Errorf("a directory of the installation: %v", err)
		}
	})
}

// importText imports a file with the columns that are guessed, and returns the results of
// its lines. Those with faults are left out.
func (h *harness) importText(ctx context.Context, by access.Person, text string) ([]access.ImportLine, error) {
	m, err := h.Admin.Imports.Start(ctx, by, admin.Upload{Data: []byte(text)})
	if err != nil {
		return nil, err
	}
	err = h.Admin.Imports.Check(ctx, by, m.ID)
	if err == nil {
		err = h.Admin.Imports.Advance(ctx, by, m.ID, m.Lines)
	}
	if err == nil {
		err = h.Admin.Imports.Run(ctx, by, m.ID)
	}
	if err == nil || access.KindOf(err) == access.Invalid { // no line can be imported
		err = h.Admin.Imports.Advance(ctx, by, m.ID, m.Lines)
	}
	if err != nil {
		return nil, err
	}
	return h.ImportLines(ctx, m, nil, 0, m.Lines)
}
