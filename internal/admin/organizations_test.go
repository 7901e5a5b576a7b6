package admin_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// fakeResolver is a name server: TXT records by name.
type fakeResolver map[string][]string

func (n fakeResolver) LookupTXT(_ context.Context, name string) ([]string, error) {
	if found, ok := n[name]; ok {
		return found, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// orgFixture is a world with administrators: Lena is global administrator, Omar owns a
// catalog, Ida manages connected organizations. Elsewhere is another tenant, with Eve as
// its global administrator.
type orgFixture struct {
	*storetest.World
	services
	t         *testing.T
	dns       fakeResolver
	elsewhere access.Tenant
	eve       access.Person
	clock     *storetest.Clock
}

func eachOrgFixture(t *testing.T, f func(ctx context.Context, w *orgFixture)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		world, _ := newAdminWorld(t, s)
		w := &orgFixture{World: world, t: t, dns: fakeResolver{}, clock: c}
		w.services = newServices(s, w.dns)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			w.elsewhere = access.Tenant{ID: access.TenantID(tx.NewID()), Directory: w.Other.ID, Name: "Elsewhere",
				Settings: access.DefaultSettings()}
			a := access.Account{ID: access.AccountID(tx.NewID()), Directory: w.Other.ID, Subject: "eve", Name: "Eve",
				Email: "eve@elsewhere.example"}
			w.eve = access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.elsewhere.ID, Account: a.ID, Directory: w.Other.ID,
				Kind: access.Member, Name: "Eve",
				Email: a.Email, Guest: access.GuestNone}
			for _, step := range []func() error{
				func() error { return tx.SaveTenant(ctx, w.elsewhere) },
				func() error { return tx.SaveAccount(ctx, a) },
				func() error { return tx.AddPerson(ctx, w.eve) },
				func() error { return tx.AddRoleAssignment(ctx, roleOf(w.eve, access.GlobalAdministrator)) },
				func() error {
					return tx.AddRoleAssignment(ctx, roleOf(w.Ida, access.ConnectedOrganizationAdministrator))
				},
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		})
		f(t.Context(), w)
	})
}

func roleOf(p access.Person, r access.AdminRole) access.RoleAssignment {
	return access.RoleAssignment{Tenant: p.Tenant, Role: r, Subject: access.SubjectRef{Kind: access.SubjectPerson,
		ID: string(p.ID)}}
}

// quay is a connected organization with the directories.
func quay(name string, dirs ...access.DirectoryID) access.Organization {
	return access.Organization{Name: name, Description: "Transport", State: access.Configured, Directories: dirs}
}

// provider is an OpenID Provider for the domains.
func provider(name string, domains ...access.Domain) access.Directory {
	return access.Directory{Kind: access.DirectoryOpenID, Name: name, Issuer: "https://login." + string(domains[0]),
		ClientID: "myaccess", ClientSecret: "s3cret",
		AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"profile", "email"}, Domains: domains}
}

// passcodes is a passcode directory for the domain.
func passcodes(d access.Domain) access.Directory {
	return access.Directory{Kind: access.DirectoryPasscode, Domains: []access.Domain{d}}
}

// connects saves a connected organization without errors.
func (w *orgFixture) connects(by access.Person, o access.Organization, dirs ...access.Directory) access.Organization {
	w.t.Helper()
	made, err := w.Admin.SaveOrganization(w.t.Context(), by, admin.Connecting{Organization: o, New: dirs})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.stored(by.Tenant, made.ID)
}

func (w *orgFixture) stored(t access.TenantID, id access.OrganizationID) access.Organization {
	w.t.Helper()
	o, err := w.Organization(w.t.Context(), t, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// refuses saves a connected organization and expects an error of the field, or, if field
// is empty, a refusal of the kind.
func (w *orgFixture) refuses(what string, by access.Person, c admin.Connecting, field string, want access.ErrorKind) {
	w.t.Helper()
	_, err := w.Admin.SaveOrganization(w.t.Context(), by, c)
	wantKind(w.t, what, err, want)
	var es access.Errors
	if es.Add(err); field != "" && !slices.ContainsFunc(es, func(e *access.Error) bool { return e.Field == field }) {
		w.t.Errorf("%s: no fault of %s: %v", what, field, err)
	}
}

func TestConnectedOrganizations(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		mine := w.connects(w.Lena, quay("Quay"), passcodes("quay.example"))
		theirs := w.connects(w.eve, quay("Quay"), passcodes("secret.example"))
		one := func(o access.Organization) admin.Connecting { return admin.Connecting{Organization: o} }

		w.refuses("an owner of a catalog", w.Omar, one(quay("North", w.Other.ID)), "", access.Forbidden)
		w.refuses("no name, no directory", w.Ida, one(access.Organization{State: access.Configured}), "identitySources",
			access.Invalid)
		w.refuses("a name that is taken", w.Ida, one(quay("QUAY", w.Other.ID)), "displayName", access.Invalid)
		w.refuses("a directory of another organization", w.Ida, one(quay("North", w.Harbor.ID)), "identitySources",
			access.Invalid)
		w.refuses("the tenant's own directory", w.Ida, one(quay("North", w.Tenant.Directory)), "identitySources",
			access.Invalid)
		w.refuses("another tenant's directory", w.Ida, one(quay("North", theirs.Directories[0])), "identitySources",
			access.Invalid)
		w.refuses("a directory of nowhere", w.Ida, one(quay("North", "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01")),
			"identitySources", access.Invalid)
		w.refuses("another tenant's organization", w.Lena, one(theirs), "", access.NotFound)

		mine.Directories, mine.State = append(mine.Directories, w.Other.ID), access.Proposed
		mine = w.connects(w.Ida, mine)
		if len(mine.Directories) != 2 || mine.State != access.Proposed {
			t.Errorf("Ida has changed it: %+v", mine)
		}
		stale := mine
		stale.Version--
		w.refuses("the version before", w.Ida, one(stale), "", access.Conflict)

		found, err := w.OrganizationList(ctx, w.Tenant.ID, store.ListQuery[store.OrganizationFilter]{Text: "quay.ex",
			Limit: 5})
		if err != nil || len(found.Rows) != 1 || found.Rows[0].Domains != "elsewhere.example quay.example" {
			t.Errorf("it is found by a domain, and shows all of them: %+v, %v", found.Rows, err)
		}
		log := w.acts(string(mine.ID))
		if want := []string{"Create connectedOrganization", "Update connectedOrganization"}; !slices.Equal(log, want) {
			t.Errorf("the audit log has %q", log)
		}
	})
}

// acts are the activities on an object in the audit log, with the object's kind if the
// activity does not include it.
func (w *orgFixture) acts(object string) []string {
	w.t.Helper()
	lines, err := w.AuditOf(w.t.Context(), w.Tenant.ID, object)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, l := range lines {
		act := string(l.Activity)
		if !strings.Contains(act, " ") {
			act += " " + string(l.ObjectKind)
		}
		all = append(all, act)
	}
	return all
}

// guest makes a person of Harbor Studio a guest.
func (w *orgFixture) guest() access.Person {
	w.t.Helper()
	p := access.Person{Tenant: w.Tenant.ID, Account: w.Mara.ID, Directory: w.Harbor.ID, Domain: "harbor.example",
		Kind: access.Guest, Name: w.Mara.Name,
		Email: w.Mara.Email, Guest: access.GuestActive}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		p.ID = access.PersonID(tx.NewID())
		return tx.AddPerson(ctx, p)
	})
	return p
}

func TestOrganizationSponsors(t *testing.T) {
	eachOrgFixture(t, func(_ context.Context, w *orgFixture) {
		mara := w.guest()
		o := w.stored(w.Tenant.ID, w.Partner.ID)
		one := func(p access.Person) []access.SubjectRef { return storetest.Named(p).Approvers }
		change := func(internal []access.SubjectRef, external []access.PersonID) admin.Connecting {
			wanted := o
			wanted.InternalSponsors, wanted.ExternalSponsors = internal, external
			return admin.Connecting{Organization: wanted}
		}
		w.refuses("a guest as internal sponsor", w.Ida, change(one(mara), nil), "internalSponsors", access.Invalid)
		w.refuses("a member as external sponsor", w.Ida, change(nil, []access.PersonID{w.Omar.ID}), "externalSponsors",
			access.Invalid)
		w.refuses("somebody of another tenant", w.Ida, change(one(w.eve), nil), "internalSponsors", access.Invalid)
		site := access.SubjectRef{Kind: access.SubjectGroup, ID: w.Site.ExternalID}
		w.refuses("what is no group", w.Ida, change([]access.SubjectRef{site}, nil), "internalSponsors", access.Invalid)
		w.refuses("an organization", w.Ida, change([]access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(o.ID)}},
			nil), "internalSponsors", access.Invalid)
		other := w.connects(w.Ida, quay("North", w.Other.ID))
		other.ExternalSponsors = []access.PersonID{mara.ID}
		w.refuses("a guest of another organization", w.Ida, admin.Connecting{Organization: other}, "externalSponsors",
			access.Invalid)

		group := access.SubjectRef{Kind: access.SubjectGroup, ID: string(w.Reviewers.ID)}
		w.connects(w.Ida, change(append(one(w.Omar), one(w.Omar)[0], group, group), []access.PersonID{mara.ID}).Organization)
		o = w.stored(w.Tenant.ID, o.ID)
		if len(o.InternalSponsors) != 2 || o.InternalSponsors[0] != group || len(o.ExternalSponsors) != 1 {
			t.Fatalf("got %+v", o)
		}
		if use, err := w.EntryUse(t.Context(), w.Tenant.ID, w.Reviewers.ID); err != nil ||
			use != "a connected organization has it as a sponsor" {
			t.Errorf("the group can be deleted: %q, %v", use, err)
		}
		o.InternalSponsors = nil
		w.connects(w.Ida, o, passcodes("harbour.example"))
		o = w.stored(w.Tenant.ID, o.ID)
		o.Directories = slices.DeleteFunc(o.Directories, func(id access.DirectoryID) bool { return id == w.Harbor.ID })
		if o = w.connects(w.Ida, o); len(o.ExternalSponsors) != 0 {
			t.Errorf("whose directory has left is a sponsor no more: %+v", o)
		}
		want := []string{"Update connectedOrganization", "Assign user as internal sponsor",
			"Assign user as internal sponsor", "Assign user as external sponsor", "Update connectedOrganization",
			"Remove user as internal sponsor", "Remove user as internal sponsor", "Update connectedOrganization",
			"Remove user as external sponsor"}
		log := w.acts(string(o.ID))
		slices.Sort(log)
		if slices.Sort(want); !slices.Equal(log, want) {
			t.Errorf("the audit log has %q", log)
		}
	})
}

func TestDeleteOrganization(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		mara := w.guest()
		w.Package("Tidal", w.ForPartner(access.Terms{}))
		o := w.stored(w.Tenant.ID, w.Partner.ID)
		ties, err := w.OrganizationUsage(ctx, w.Tenant.ID, o.ID)
		if err != nil || len(ties.Policies) != 1 || !ties.Policies[0].Only || ties.Policies[0].PackageName != "Tidal" ||
			ties.Guests != 1 || ties.Open != 0 || ties.Held != 0 {
			t.Errorf("what it touches is known before: %+v, %v", ties, err)
		}
		wantKind(t, "an owner of a catalog", w.Admin.DeleteOrganization(ctx, w.Omar, o.ID, o.Version), access.Forbidden)
		wantKind(t, "another tenant's administrator", w.Admin.DeleteOrganization(ctx, w.eve, o.ID, o.Version),
			access.NotFound)
		wantKind(t, "another version", w.Admin.DeleteOrganization(ctx, w.Ida, o.ID, o.Version+1), access.Conflict)
		if err := w.Admin.DeleteOrganization(ctx, w.Ida, o.ID, o.Version); err != nil {
			t.Fatal(err)
		}
		_, err = w.Organization(ctx, w.Tenant.ID, o.ID)
		wantKind(t, "it is gone", err, access.NotFound)
		_, err = w.SignIns.PersonFor(ctx, w.Snapshot(), w.Tenant, w.Mara)
		wantKind(t, "a guest of it comes in no more", err, access.Forbidden)
		if in, err := w.AdmitsDirectory(ctx, w.Tenant.ID, w.Harbor); err != nil || in {
			t.Errorf("and cannot sign in: %v, %v", in, err)
		}
		if p, err := w.Person(ctx, w.Tenant.ID, mara.ID); err != nil || p.Kind != access.Guest {
			t.Errorf("the guest stays: %+v, %v", p, err)
		}
		if policies, err := w.OrganizationUsage(ctx, w.Tenant.ID, "x"); err != nil || len(policies.Policies) != 0 {
			t.Errorf("nothing names what is not there: %+v, %v", policies, err)
		}
	})
}

func TestConsumerDomainNeedsConfirmation(t *testing.T) {
	eachOrgFixture(t, func(_ context.Context, w *orgFixture) {
		with := func(sure bool, d access.Domain) admin.Connecting {
			return admin.Connecting{Organization: quay("Friends"), New: []access.Directory{passcodes(d)}, Sure: sure}
		}
		w.refuses("configured, without a word", w.Ida, with(false, "gmail.com"), "sure", access.Invalid)
		w.refuses("in one of its countries", w.Ida, with(false, "outlook.de"), "sure", access.Invalid)
		proposed := quay("Friends")
		proposed.State = access.Proposed
		o := w.connects(w.Ida, proposed, passcodes("gmail.com"))
		o.State = access.Configured
		w.refuses("to configure it later", w.Ida, admin.Connecting{Organization: o}, "sure", access.Invalid)

		w.Package("Library", access.Policy{Scope: access.ScopeAllOrgs})
		w.refuses("where something is had without approval", w.Ida, admin.Connecting{Organization: o, Sure: true},
			"state", access.Invalid)
	})
	eachOrgFixture(t, func(_ context.Context, w *orgFixture) {
		w.Package("Library", access.Policy{Scope: access.ScopeAllOrgs,
			Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.Omar)}}})
		o, err := w.Admin.SaveOrganization(t.Context(), w.Ida, admin.Connecting{Organization: quay("Friends"),
			New: []access.Directory{passcodes("gmail.com")}, Sure: true})
		if err != nil {
			t.Fatalf("meant so, and nothing is had without approval: %v", err)
		}
		o = w.stored(w.Tenant.ID, o.ID)
		o.Description = "Friends of the house"
		w.connects(w.Ida, o)
	})
}

// TestOrganizationScope: proposed organizations count only if a policy names them (F-016),
// and a tenant's own directory counts only in that tenant.
func TestOrganizationScope(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		in := func(what string, tenant access.TenantID, d access.Directory, want bool) {
			t.Helper()
			if got, err := w.AdmitsDirectory(ctx, tenant, d); err != nil || got != want {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
		in("of a configured organization", w.Tenant.ID, w.Harbor, true)
		o := w.stored(w.Tenant.ID, w.Partner.ID)
		o.State = access.Proposed
		w.connects(w.Ida, o)
		in("of a proposed one", w.Tenant.ID, w.Harbor, false)
		w.Package("Tidal", w.ForPartner(access.Terms{}))
		in("of a proposed one that a policy names", w.Tenant.ID, w.Harbor, true)

		theirs := w.connects(w.eve, quay("Quay"), provider("Quay", "quay.example"))
		d, err := w.Directory(ctx, theirs.Directories[0])
		if err != nil {
			t.Fatal(err)
		}
		w.Package("For anybody", access.Policy{Scope: access.ScopeAnyone,
			Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.Omar)}}})
		in("anybody that the tenant can know", w.Tenant.ID, w.Other, true)
		in("people of a provider that another tenant keeps", w.Tenant.ID, d, false)
		in("at home", w.elsewhere.ID, d, true)
		_, err = w.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Identity: identity(d.ID, "noor", "Noor", ""),
			Tenant: w.elsewhere.ID, Session: access.Session{Key: "noor"}})
		if err != nil {
			t.Fatal(err)
		}
		noor, ok, err := w.World.Store.AccountOf(ctx, d.ID, "noor")
		if err != nil || !ok {
			t.Fatal(err)
		}
		_, err = w.SignIns.PersonFor(ctx, w.Snapshot(), w.Tenant, noor)
		wantKind(t, "with a session from elsewhere", err, access.Forbidden)
	})
}
