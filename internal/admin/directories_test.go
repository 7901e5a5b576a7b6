package admin_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// adds creates a provider along with a connected organization.
func (w *orgFixture) adds(by access.Person, d access.Directory) access.Directory {
	w.t.Helper()
	o := w.connects(by, quay(cmp.Or(d.Name, string(d.Domains[0]))), d)
	return w.directory(o.Directories[0])
}

func (w *orgFixture) directory(id access.DirectoryID) access.Directory {
	w.t.Helper()
	d, err := w.Directory(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func TestProviderCreatedWithOrganization(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		with := func(o access.Organization, d access.Directory) admin.Connecting {
			return admin.Connecting{Organization: o, New: []access.Directory{d}}
		}
		w.refuses("who may manage organizations only", w.Ida, with(quay("Quay"), provider("Quay", "quay.example")), "",
			access.Forbidden)
		w.refuses("a name that is taken", w.Lena, with(quay("Harbor Studio"), provider("Quay", "quay.example")),
			"displayName", access.Invalid)
		if kept, err := w.DirectoryList(ctx, w.Tenant.ID, store.ListQuery[store.DirectoryFilter]{Limit: 5}); err != nil ||
			len(kept.Rows) != 0 {
			t.Errorf("then no provider is made either: %+v, %v", kept.Rows, err)
		}
		for field, spoil := range map[string]func(*access.Directory){
			"provider.displayName":             func(d *access.Directory) { d.Name = "" },
			"provider.issuer":                  func(d *access.Directory) { d.Issuer = "http://login.quay.example" },
			"provider.clientId":                func(d *access.Directory) { d.ClientID = " " },
			"provider.clientSecret":            func(d *access.Directory) { d.ClientSecret = "" },
			"provider.tokenEndpointAuthMethod": func(d *access.Directory) { d.AuthStyle = "guess" },
			"provider.domainHintParameter":     func(d *access.Directory) { d.HintStyle = "guess" },
			"provider.tenantClaim":             func(d *access.Directory) { d.TenantClaim = "tid" },
			"provider.scopes":                  func(d *access.Directory) { d.Scopes = []string{`"all"`} },
			"provider.confirmedHosts":          func(d *access.Directory) { d.ConfirmedHosts = []string{"10.0.0.1"} },
			"provider.id":                      func(d *access.Directory) { d.ID = "mine" },
			"domain":                           func(d *access.Directory) { d.Domains = []access.Domain{"harbor.example"} },
		} {
			d := provider("Quay", "quay.example")
			spoil(&d)
			w.refuses(field, w.Lena, with(quay("Quay"), d), field, access.Invalid)
		}
		taken := provider("Quay", "quay.example")
		taken.ID = w.Harbor.ID
		w.refuses("the id of another directory", w.Lena, with(quay("Quay"), taken), "provider.id", access.Invalid)

		d := w.adds(w.Lena, provider("Quay", "quay.example"))
		if d.Owner != w.Tenant.ID || len(d.Domains) != 0 || len(d.DomainClaims) != 1 || !d.Enabled {
			t.Errorf("its domain needs verification: %+v", d)
		}
		w.refuses("the same name twice", w.Lena, with(quay("Quay 2"), provider("Quay", "quay-two.example")),
			"provider.displayName", access.Invalid)
		w.refuses("a domain that waits already", w.Lena, with(quay("Quay 2"), passcodes("quay.example")), "domain",
			access.Invalid)
	})
}

func TestInternalIssuerRefused(t *testing.T) {
	eachOrgFixture(t, func(_ context.Context, w *orgFixture) {
		for _, issuer := range []string{
			"http://login.quay.example", "https://127.0.0.1", "https://[::1]", "https://0.0.0.0",
			"https://169.254.169.254/latest", "https://10.0.0.1",
			"https://[::ffff:127.0.0.1]", "https://2130706433", "https://0177.0.0.1", "https://0x7f.1", "https://localhost",
			"https://intranet",
			"https://user@login.quay.example", "https://login.quay.example?x", "https://login.microsoftonline.com/common/v2.0",
			"javascript:alert(1)", "",
		} {
			d := provider("Quay", "quay.example")
			d.Issuer = issuer
			w.refuses(issuer, w.Lena, admin.Connecting{Organization: quay("Quay"), New: []access.Directory{d}},
				"provider.issuer", access.Invalid)
		}
	})
}

func TestEditProvider(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		d := w.adds(w.Lena, provider("Quay", "quay.example"))
		edited := d
		edited.Name, edited.ClientSecret, edited.Issuer = "Quay Partners", "", "https://id.quay.example"
		wantKind(t, "who may manage organizations only", w.Admin.SaveDirectory(ctx, w.Ida, edited), access.Forbidden)
		wantKind(t, "another tenant's administrator", w.Admin.SaveDirectory(ctx, w.eve, edited), access.NotFound)
		harbor := w.directory(w.Harbor.ID)
		wantKind(t, "a directory of the installation", w.Admin.SaveDirectory(ctx, w.Lena, harbor), access.NotFound)
		if err := w.Admin.SaveDirectory(ctx, w.Lena, edited); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "the version before", w.Admin.SaveDirectory(ctx, w.Lena, edited), access.Conflict)
		got := w.directory(d.ID)
		if got.ClientSecret != "s3cret" || got.Issuer != "https://id.quay.example" || got.Name != "Quay Partners" ||
			len(got.DomainClaims) != 1 || got.DomainClaims[0] != d.DomainClaims[0] {
			t.Errorf("the secret and the domains stay: %+v", got)
		}

		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveAccount(ctx, access.Account{ID: access.AccountID(tx.NewID()), Directory: d.ID, Subject: "noor",
				Name: "Noor"})
		})
		got.Issuer = "https://elsewhere.example"
		wantKind(t, "another issuer, when somebody has signed in", w.Admin.SaveDirectory(ctx, w.Lena, got), access.Invalid)
		got.Issuer, got.AuthStyle = "https://id.quay.example", access.AuthNone
		if err := w.Admin.SaveDirectory(ctx, w.Lena, got); err != nil {
			t.Fatal(err)
		}
		if got = w.directory(d.ID); got.ClientSecret != "" {
			t.Error("a public client has no secret")
		}
		wantKind(t, "to delete it, when somebody is known", w.Admin.DeleteDirectory(ctx, w.Lena, d.ID), access.Conflict)
	})
}

func TestDomainVerification(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		const name = access.Domain("quay.example")
		mine, theirs := w.adds(w.Lena, provider("Quay", name)), w.adds(w.eve, provider("Quay", name))
		prove := func(by access.Person, d access.Directory) error { return w.Admin.VerifyDomain(ctx, by, d.ID, name) }
		known := func(t access.TenantID, want access.DirectoryID) {
			w.t.Helper()
			d, err := w.DirectoryByDomain(ctx, t, name)
			if err != nil && access.KindOf(err) != access.NotFound || d.ID != want {
				w.t.Errorf("people of %s are sent to %q, want %q: %v", name, d.ID, want, err)
			}
		}
		if mine.DomainClaims[0].Token == theirs.DomainClaims[0].Token {
			t.Error("two tenants are asked for the same record")
		}
		wantKind(t, "no record", prove(w.Lena, mine), access.Invalid)
		w.dns[access.DomainTXTName(name)] = []string{"v=spf1 -all", theirs.DomainClaims[0].Token}
		wantKind(t, "another tenant's record", prove(w.Lena, mine), access.Invalid)
		wantKind(t, "who may manage organizations only", prove(w.Ida, mine), access.Forbidden)
		wantKind(t, "another tenant's administrator", prove(w.eve, mine), access.NotFound)
		known(w.Tenant.ID, "")

		w.dns[access.DomainTXTName(name)] = append(w.dns[access.DomainTXTName(name)], mine.DomainClaims[0].Token)
		if err := prove(w.Lena, mine); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "once more", prove(w.Lena, mine), access.Conflict)
		known(w.Tenant.ID, mine.ID)
		known(w.elsewhere.ID, "")
		if err := prove(w.eve, theirs); err != nil {
			t.Errorf("each tenant proves it for itself: %v", err)
		}
		known(w.elsewhere.ID, theirs.ID)
		known("", "")

		if err := w.Admin.RemoveDomain(ctx, w.Lena, mine.ID, name); err != nil {
			t.Fatal(err)
		}
		known(w.Tenant.ID, "")
		known(w.elsewhere.ID, theirs.ID)
		wantKind(t, "what is not there", w.Admin.RemoveDomain(ctx, w.Lena, mine.ID, name), access.NotFound)
		want := []string{"Create directory", "Verify domain", "Remove domain"}
		if log := w.acts(string(mine.ID)); !slices.Equal(log, want) {
			t.Errorf("the audit log has %q", log)
		}
	})
}

func TestDomainUnique(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		d := w.adds(w.Lena, provider("Quay", "quay.example"))
		claim := func(d access.Directory, name access.Domain) error {
			return w.Admin.ClaimDomain(ctx, w.Lena, d.ID, name)
		}
		wantKind(t, "one of the installation", claim(d, "harbor-lab.example"), access.Invalid)
		wantKind(t, "the tenant's own", claim(d, "meridian.example"), access.Invalid)
		wantKind(t, "one that it has", claim(d, "quay.example"), access.Invalid)
		wantKind(t, "none", claim(d, "10.0.0.1"), access.Invalid)
		other := w.adds(w.Lena, provider("North", "north.example"))
		wantKind(t, "one that waits elsewhere", claim(other, "quay.example"), access.Invalid)
		code := w.adds(w.Lena, passcodes("mail.example"))
		wantKind(t, "a second of a passcode directory", claim(code, "post.example"), access.Invalid)
		wantKind(t, "the one of a passcode directory", w.Admin.RemoveDomain(ctx, w.Lena, code.ID, "mail.example"),
			access.NotFound)
		wantKind(t, "by who may manage organizations only", w.Admin.ClaimDomain(ctx, w.Ida, d.ID, "quay-two.example"),
			access.Forbidden)
		if err := claim(d, "quay-two.example"); err != nil {
			t.Fatal(err)
		}

		// Meanwhile the operator adds the domain to a directory of the installation.
		w.dns[access.DomainTXTName("quay.example")] = []string{w.directory(d.ID).DomainClaims[0].Token}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			harbor := w.Harbor
			harbor.Domains = append(slices.Clone(harbor.Domains), "quay.example")
			return tx.SaveDirectory(ctx, harbor, access.VerifiedByOperator)
		})
		wantKind(t, "verified for another meanwhile", w.Admin.VerifyDomain(ctx, w.Lena, d.ID, "quay.example"), access.Invalid)
	})
}

func TestOperatorVerifiesDomain(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		d := w.adds(w.Lena, provider("Quay", "quay.example"))
		_, err := w.Admin.Vouch(ctx, w.elsewhere.ID, "quay.example")
		wantKind(t, "for a tenant that does not wait", err, access.NotFound)
		if _, err := w.Admin.Vouch(ctx, w.Tenant.ID, "quay.example"); err != nil {
			t.Fatal(err)
		}
		if got := w.directory(d.ID); !got.HasDomain("quay.example") || len(got.DomainClaims) != 0 {
			t.Errorf("got %+v", got)
		}
		_, err = w.Admin.Vouch(ctx, w.Tenant.ID, "quay.example")
		wantKind(t, "twice", err, access.NotFound)
	})
}

// TestDisableProvider: sessions and started sign-ins of the provider end at once, those of
// others continue (I-11).
func TestDisableProvider(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		d, other := w.adds(w.Lena, provider("Quay", "quay.example")), w.adds(w.Lena, provider("North", "north.example"))
		begins := func(d access.Directory, key string) {
			t.Helper()
			_, err := w.SignIns.Complete(ctx, lifecycle.CompletedSignIn{Identity: identity(d.ID, "noor", "Noor", ""),
				Tenant: w.Tenant.ID, Session: access.Session{Key: key}})
			if err == nil {
				err = w.SignIns.SaveAttempt(ctx, access.SignInAttempt{Key: key, Binding: key, Directory: d.ID, Tenant: w.Tenant.ID})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		begins(d, "quay")
		begins(other, "north")
		wantKind(t, "who may manage organizations only", w.Admin.EnableDirectory(ctx, w.Ida, d.ID, false), access.Forbidden)
		wantKind(t, "another tenant's administrator", w.Admin.EnableDirectory(ctx, w.eve, d.ID, false), access.NotFound)
		if err := w.Admin.EnableDirectory(ctx, w.Lena, d.ID, false); err != nil {
			t.Fatal(err)
		}
		_, err := w.SignIns.Session(ctx, w.Snapshot(), "quay", w.clock.Now())
		wantKind(t, "the session is over", err, access.NotFound)
		_, err = w.SignIns.TakeAttempt(ctx, "quay", "quay")
		wantKind(t, "so is what had begun", err, access.NotFound)
		if _, err := w.SignIns.Session(ctx, w.Snapshot(), "north", w.clock.Now()); err != nil {
			t.Errorf("others go on: %v", err)
		}
		if err := w.Admin.EnableDirectory(ctx, w.Lena, d.ID, true); err != nil || !w.directory(d.ID).Enabled {
			t.Error(err)
		}
	})
}

func TestDeleteProvider(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		o := w.connects(w.Lena, quay("North", w.Other.ID), provider("Quay", "quay.example"))
		id := slices.DeleteFunc(slices.Clone(o.Directories), func(id access.DirectoryID) bool { return id == w.Other.ID })[0]
		wantKind(t, "who may manage organizations only", w.Admin.DeleteDirectory(ctx, w.Ida, id), access.Forbidden)
		wantKind(t, "another tenant's administrator", w.Admin.DeleteDirectory(ctx, w.eve, id), access.NotFound)
		wantKind(t, "a directory of the installation", w.Admin.DeleteDirectory(ctx, w.Lena, w.Other.ID), access.NotFound)
		if err := w.Admin.DeleteDirectory(ctx, w.Lena, id); err != nil {
			t.Fatal(err)
		}
		if o = w.stored(w.Tenant.ID, o.ID); !slices.Equal(o.Directories, []access.DirectoryID{w.Other.ID}) {
			t.Errorf("its organization has lost it: %+v", o)
		}
		if found, err := w.OrganizationList(ctx, w.Tenant.ID, store.ListQuery[store.OrganizationFilter]{Text: "quay.example",
			Limit: 5}); err != nil ||
			len(found.Rows) != 0 {
			t.Errorf("and is not found by its domain any more: %+v, %v", found.Rows, err)
		}
		w.adds(w.Lena, passcodes("quay.example")) // the domain is free again
	})
}
