package admin_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// conversion is a passcode directory for quay.example, and the provider Loch of another
// connected organization.
type conversion struct {
	*waysFixture
	passcodes, provider access.DirectoryID
	quay, loch          access.Organization
}

func eachConversion(t *testing.T, f func(ctx context.Context, c *conversion)) {
	eachWaysFixture(t, func(ctx context.Context, w *waysFixture) {
		c := &conversion{waysFixture: w}
		stored, err := w.Store.Tenant(ctx, w.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Settings.Passcode = true
		w.applies(func(ed *admin.Editor) (err error) {
			if err := ed.SaveSettings(ctx, stored); err != nil {
				return err
			}
			c.quay, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Quay"),
				New: []access.Directory{passcodes("quay.example")}})
			if err != nil {
				return err
			}
			c.loch, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Loch"),
				New: []access.Directory{provider("Loch", "loch.example")}})
			return err
		})
		c.passcodes, c.provider = c.quay.Directories[0], c.loch.Directories[0]
		f(ctx, c)
	})
}

// connectProvider adds the provider of quay.example to the organization of its passcodes,
// as the person.
func (c *conversion) connectProvider(ctx context.Context) func(ed *admin.Editor) error {
	return func(ed *admin.Editor) error {
		o, err := ed.Reader().Organization(ctx, c.Tenant.ID, c.quay.ID)
		if err == nil {
			_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o,
				New: []access.Directory{provider("Quay login", "quay.example")}})
		}
		return err
	}
}

// TestWaysThroughAConversion: how people with a role sign in is not changed by a provider
// for their passcodes, for whoever could not assign the role (W-26): neither by a new one
// nor by a domain of another one.
func TestWaysThroughAConversion(t *testing.T) {
	eachConversion(t, func(ctx context.Context, c *conversion) {
		var noor access.Person
		c.applies(func(ed *admin.Editor) (err error) {
			noor, err = ed.AddPerson(ctx, "noor@quay.example", "Noor")
			if err != nil {
				return err
			}
			c.loch, err = ed.Reader().Organization(ctx, c.Tenant.ID, c.loch.ID)
			return err
		})
		ways := map[string]func(*admin.Editor) error{
			"a new provider": c.connectProvider(ctx),
			"a domain": func(ed *admin.Editor) error {
				if err := ed.DeleteOrganization(ctx, c.loch.ID, c.loch.Version); err != nil {
					return err
				}
				return ed.ClaimDomain(ctx, c.provider, "quay.example")
			},
		}
		for what, f := range ways {
			if _, err := c.Admin.Preview(ctx, admin.ByPerson(c.Ida), f); err != nil {
				t.Errorf("%s before Noor has a role: %v", what, err)
			}
		}
		c.role(access.GlobalAdministrator, "", person(noor))
		for what, f := range ways {
			c.refusedTo(what, c.Ida, c.Lena, access.Forbidden, "Noor has a role that is above yours", f)
		}
	})
}

// TestConversionNeedsOneOrganization: a provider of one connected organization does not get
// the domain of passcodes of another configured one, nor of a proposed one that a policy
// names; asked when the domain is claimed, when it is verified, and when a provider joins
// an organization. It does get that of one that was only proposed.
func TestConversionNeedsOneOrganization(t *testing.T) {
	eachConversion(t, func(ctx context.Context, c *conversion) {
		const refusal = "People of quay.example sign in with one-time passcodes in the connected organization “Quay”."
		claim := func(ed *admin.Editor) error { return ed.ClaimDomain(ctx, c.provider, "quay.example") }
		join := func(ed *admin.Editor) error {
			_, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: quay("Third"),
				New: []access.Directory{provider("Third", "quay.example")}})
			return err
		}
		refused := func(what string) {
			t.Helper()
			for way, f := range map[string]func(*admin.Editor) error{"claimed": claim, "joined": join} {
				_, err := c.Admin.Preview(ctx, admin.ByPerson(c.Lena), f)
				if err == nil || access.KindOf(err) != access.Invalid || !strings.Contains(err.Error(), refusal) {
					t.Errorf("%s, %s: %v", what, way, err)
				}
			}
		}
		refused("configured")
		setState := func(state access.OrganizationState) func(*admin.Editor) error {
			return func(ed *admin.Editor) error {
				o, err := ed.Reader().Organization(ctx, c.Tenant.ID, c.quay.ID)
				if o.State = state; err == nil {
					_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o})
				}
				return err
			}
		}
		c.applies(setState(access.Proposed))
		c.applies(join)
		if _, err := c.Admin.Preview(ctx, admin.ByPerson(c.Lena), setState(access.Configured)); err != nil {
			t.Fatal(err)
		}
		c.applies(setState(access.Configured))
		_, err := c.Admin.Vouch(ctx, c.Tenant.ID, "quay.example")
		if err == nil || !strings.Contains(err.Error(), refusal) {
			t.Errorf("verified after the organization was configured: %v", err)
		}
		c.applies(setState(access.Proposed))
		c.Package("Named", access.Policy{Scope: access.ScopeSpecificOrgs,
			Targets: []access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(c.quay.ID)}}})
		if _, err = c.Admin.Vouch(ctx, c.Tenant.ID, "quay.example"); err == nil || !strings.Contains(err.Error(), refusal) {
			t.Errorf("verified after a policy has named the organization: %v", err)
		}
	})
}

// TestConversionKeepsAnAdministrator: a provider does not replace the passcodes by which the
// last global administrator signs in (W-27): nobody knows yet that it lets them in.
func TestConversionKeepsAnAdministrator(t *testing.T) {
	eachConversion(t, func(ctx context.Context, c *conversion) {
		var noor access.Person
		c.applies(func(ed *admin.Editor) (err error) {
			if noor, err = ed.AddPerson(ctx, "noor@quay.example", "Noor"); err != nil {
				return err
			}
			return c.connectProvider(ctx)(ed)
		})
		c.role(access.GlobalAdministrator, "", person(noor))
		verified := func(ed *admin.Editor) error {
			in, err := ed.In(c.Tenant.ID)
			if err == nil {
				_, err = in.Vouch(ctx, "quay.example")
			}
			return err
		}
		if _, err := c.Admin.Preview(ctx, admin.ByOperator(), verified); err != nil {
			t.Errorf("while Lena is one too: %v", err)
		}
		_, err := c.Admin.Preview(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			in, err := ed.In(c.Tenant.ID)
			if err == nil {
				err = in.RemoveRole(ctx, roleOf(c.Lena, access.GlobalAdministrator))
			}
			if err != nil {
				t.Errorf("Lena's role: %v", err)
				return err
			}
			return verified(ed)
		})
		if wantKind(t, "the last one", err, access.Conflict); err != nil &&
			!strings.Contains(err.Error(), "This is the last global administrator") {
			t.Error(err)
		}
	})
}

// conversionReads are reads of providers that replace passcodes.
func (r *readFixture) conversionReads() []read {
	directory := func(name string, see func(context.Context, admin.DirectoryView) error) read {
		return read{name, actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			d, err := v.Directory(ctx, r.keeps.ID)
			return opened(d, err, func(d admin.DirectoryView) (int, error) { return done(see(ctx, d)) })
		}}
	}
	return []read{
		directory("DirectoryView.Conversions", func(ctx context.Context, d admin.DirectoryView) error {
			_, err := d.Conversions(ctx)
			return err
		}),
		directory("DirectoryView.Passcodes", func(ctx context.Context, d admin.DirectoryView) error {
			_, _, err := d.Passcodes(ctx, "quay.example")
			return err
		}),
		directory("DirectoryView.People", func(ctx context.Context, d admin.DirectoryView) error {
			_, err := d.People(ctx, store.ListQuery[store.PersonFilter]{Limit: 5})
			return err
		}),
		directory("DirectoryView.WalkPeople", func(ctx context.Context, d admin.DirectoryView) error {
			return d.WalkPeople(ctx, store.ListQuery[store.PersonFilter]{}, func(access.Person) error { return nil })
		}),
	}
}
