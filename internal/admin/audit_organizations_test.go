package admin_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// TestAuditOfOrganizations: an organization that is added by hand has the kind of one that a
// request proposes (see TestAuditOfProposedOrganization of package lifecycle).
func TestAuditOfOrganizations(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		a := w.AuditTrail()
		o := w.connects(w.Ida, quay("Quay"), passcodes("quay.example"))
		a.Name("Quay", string(o.ID))
		a.Name("QD", string(o.Directories[0]))
		a.Want("Ida Falk | Create | directory QD | > quay.example, passcode, quay.example",
			"Ida Falk | Create | connectedOrganization Quay | > Quay, configured, directory QD")
		o.Name, o.State = "Quays", access.Proposed
		o = w.connects(w.Ida, o)
		a.Want("Ida Falk | Update | connectedOrganization Quay | Quay, configured, directory QD > " +
			"Quays, proposed, directory QD")
		mustDo(t, w.Admin.DeleteOrganization(ctx, w.Ida, o.ID, o.Version))
		a.Want("Ida Falk | Delete | connectedOrganization Quay | Quays, proposed, directory QD > | " +
			"policies that named it: 0")
	})
}

func TestAuditOfSponsors(t *testing.T) {
	eachOrgFixture(t, func(_ context.Context, w *orgFixture) {
		mara := w.guest()
		a := w.AuditTrail()
		a.Name("Mara Lind", string(mara.ID))
		const same = "Harbor Studio, configured, directory Harbor Studio"
		o := w.stored(w.Tenant.ID, w.Partner.ID)
		o.InternalSponsors, o.ExternalSponsors = []access.SubjectRef{person(w.Omar)}, []access.PersonID{mara.ID}
		o = w.connects(w.Ida, o)
		a.WantAnyOrder("Ida Falk | Update | connectedOrganization Harbor Studio | "+same+" > "+same,
			"Ida Falk | Assign user as internal sponsor | connectedOrganization Harbor Studio | > Omar Haddad",
			"Ida Falk | Assign user as external sponsor | connectedOrganization Harbor Studio | > Mara Lind")
		o.InternalSponsors, o.ExternalSponsors = nil, nil
		w.connects(w.Ida, o)
		a.WantAnyOrder("Ida Falk | Update | connectedOrganization Harbor Studio | "+same+" > "+same,
			"Ida Falk | Remove user as internal sponsor | connectedOrganization Harbor Studio | > Omar Haddad",
			"Ida Falk | Remove user as external sponsor | connectedOrganization Harbor Studio | > Mara Lind")
	})
}

// TestAuditOfProviders: a provider with its domains, from its creation to its deletion.
func TestAuditOfProviders(t *testing.T) {
	eachOrgFixture(t, func(ctx context.Context, w *orgFixture) {
		a := w.AuditTrail()
		o := w.connects(w.Lena, quay("Quay"), provider("Quay", "quay.example"))
		id := o.Directories[0]
		a.Name("Quay", string(o.ID))
		a.Name("QD", string(id))
		const text = "Quay, openid, issuer https://login.quay.example, client myaccess, client_secret_basic, hint none, " +
			"scopes profile email, quay.example"
		a.Want("Lena Berg | Create | directory QD | > "+text,
			"Lena Berg | Create | connectedOrganization Quay | > Quay, configured, directory QD")

		mustDo(t, w.Admin.ClaimDomain(ctx, w.Lena, id, "bay.example"))
		a.Want("Lena Berg | Add unverified domain | directory QD | > bay.example")
		d := must(w.Directory(ctx, id))(t)
		claim, err := d.DomainClaim("bay.example")
		mustDo(t, err)
		w.dns[access.DomainTXTName("bay.example")] = []string{claim.Token}
		mustDo(t, w.Admin.VerifyDomain(ctx, w.Lena, id, "bay.example"))
		a.Want("Lena Berg | Verify domain | directory QD | > bay.example")
		must(w.Admin.Vouch(ctx, w.Tenant.ID, "quay.example"))(t)
		a.Want("operator | Verify domain | directory QD | > quay.example | verified by the operator")
		mustDo(t, w.Admin.RemoveDomain(ctx, w.Lena, id, "bay.example"))
		a.Want("Lena Berg | Remove domain | directory QD | > bay.example")

		d = must(w.Directory(ctx, id))(t)
		d.Scopes, d.ClientSecret = []string{"email"}, "hidden"
		mustDo(t, w.Admin.SaveDirectory(ctx, w.Lena, d))
		const changed = "Quay, openid, issuer https://login.quay.example, client myaccess, client_secret_basic, hint none, " +
			"scopes email, quay.example"
		a.Want("Lena Berg | Update | directory QD | " + text + " > " + changed)
		mustDo(t, w.Admin.EnableDirectory(ctx, w.Lena, id, false))
		const off = "Quay, openid, switched off, issuer https://login.quay.example, client myaccess, client_secret_basic, " +
			"hint none, scopes email, quay.example"
		a.Want("Lena Berg | Update | directory QD | " + changed + " > " + off)
		_, err = w.Admin.Apply(ctx, admin.ByPerson(w.Lena), func(ed *admin.Editor) error {
			return ed.DeleteDirectory(ctx, id)
		})
		mustDo(t, err)
		a.Want("Lena Berg | Delete | directory QD | " + off + " >")
	})
}
