package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// newcomer adds a member without a role.
func (w *workplace) newcomer() access.Person {
	name := w.name("newcomer")
	var who access.Person
	w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		who, err = w.NewMember(ctx, tx, name, strings.ReplaceAll(name, " ", "")+"@meridian.example")
		return err
	})
	return who
}

// givenUpMail adds a mail that the mail server has refused for good.
func (w *workplace) givenUpMail() store.Mail {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.QueueMail(ctx, store.Mail{Tenant: w.Tenant.ID, Kind: "notMember", Person: w.Lena.ID, Text: "{}"})
	})
	m, _, err := w.ClaimMail(w.t.Context(), time.Minute, "")
	if m = check(w, m, err); m.ID == "" {
		w.t.Fatal("no mail to give up")
	}
	m.Attempts, m.NextTry, m.LastError, m.Failure = 1, time.Time{}, "550 5.1.1 unknown", "addressRefused"
	w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) })
	return m
}

// hasRole reports whether the role is assigned.
func (w *workplace) hasRole(r access.RoleAssignment) bool {
	all, err := w.RoleAssignments(w.t.Context(), w.Tenant.ID)
	return slices.Contains(check(w, all, err), r)
}

// roleForm is the form to assign a role, or the button to remove it, in the tenant
// or in a catalog.
func roleForm(task, route string, role access.AdminRole, give bool) formByRole {
	return formByRole{task: task, route: route, way: string(role), make: func(w *workplace) attempt {
		id := access.CatalogID("")
		if role.PerCatalog() {
			id = w.Catalog.ID
		}
		who := w.newcomer()
		r := personRole(who, role, id)
		if !give {
			w.giveRole(who, role, id)
		}
		return attempt{id: string(id), fields: url.Values{"role": {string(role)}, "subject": {pick(who.ID)}},
			done: func() bool { return w.hasRole(r) == give }}
	}}
}

// tenantForms are the forms for roles and settings.
func tenantForms() []formByRole {
	all := []formByRole{{task: "guest-settings", route: "POST /settings", make: func(w *workplace) attempt {
		stored, err := w.Reader.Tenant(w.t.Context(), w.Tenant.ID)
		days := check(w, stored, err).Settings.GuestDays + 1
		return attempt{fields: w.filled("/settings", "daysUntilExternalUserDeleted", strconv.Itoa(days)), done: func() bool {
			now, err := w.Reader.Tenant(w.t.Context(), w.Tenant.ID)
			return check(w, now, err).Settings.GuestDays == days
		}}
	}}, {task: "guest-settings", route: "POST /send-again", make: func(w *workplace) attempt {
		m := w.givenUpMail()
		return attempt{fields: url.Values{"mail": {string(m.ID)}}, done: func() bool {
			late, err := w.LateMails(w.t.Context(), w.Tenant.ID, m.Created.Add(-1), 100)
			return !slices.ContainsFunc(check(w, late, err), func(l store.LateMail) bool { return l.ID == m.ID })
		}}
	}}}
	for _, give := range []bool{true, false} {
		what, tenant := "/give", "/assign"
		if !give {
			what, tenant = "/take", "/take"
		}
		all = append(all, roleForm("catalog-creators", "POST /roles"+tenant, access.CatalogCreator, give),
			roleForm("catalog-creators", "POST /roles"+tenant, access.IdentityGovernanceAdministrator, give),
			roleForm("global-administrators", "POST /roles"+tenant, access.GlobalAdministrator, give),
			roleForm("catalog-owner", "POST /catalogs/:id/roles"+what, access.CatalogOwner, give),
			roleForm("package-managers", "POST /catalogs/:id/roles"+what, access.AccessPackageManager, give),
			roleForm("package-managers", "POST /catalogs/:id/roles"+what, access.AccessPackageAssignmentManager, give))
	}
	return all
}

// newDomain is a domain for the object that was named last.
func (w *workplace) newDomain() access.Domain {
	return access.Domain("partner" + strconv.Itoa(w.made) + ".example")
}

// partner adds a connected organization with directories of its own.
func (w *workplace) partner(directories int) access.Organization {
	o := access.Organization{Tenant: w.Tenant.ID, Name: w.name("Partner"), Description: "A partner",
		State: access.Configured}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		o.ID, o.Directories = access.OrganizationID(tx.NewID()), nil
		for i := range directories {
			d := access.Directory{ID: access.DirectoryID(tx.NewID()), Kind: access.DirectoryPasscode,
				Name: o.Name + strconv.Itoa(i), Owner: w.Tenant.ID, AuthStyle: access.AuthNone, HintStyle: access.HintNone,
				Domains: []access.Domain{access.Domain(strconv.Itoa(i) + string(w.newDomain()))}, Enabled: true}
			if err := tx.SaveDirectory(ctx, d, access.VerifiedByMail); err != nil {
				return err
			}
			o.Directories = append(o.Directories, d.ID)
		}
		return tx.SaveOrganization(ctx, o)
	})
	return o
}

// partnerNow reads a connected organization.
func (w *workplace) partnerNow(id access.OrganizationID) access.Organization {
	o, err := w.Organization(w.t.Context(), w.Tenant.ID, id)
	return check(w, o, err)
}

// partnerForm is a form of a connected organization with two directories.
func partnerForm(route string, f func(*workplace, access.Organization) attempt) formByRole {
	return formByRole{task: "organizations", route: "POST /organizations/:id" + route, make: func(w *workplace) attempt {
		o := w.partner(2)
		x := f(w, o)
		x.id = string(o.ID)
		return x
	}}
}

// partnerForms are the forms for connected organizations and providers.
func partnerForms() []formByRole {
	return append(providerForms(),
		formByRole{task: "organizations", route: "POST /organizations/new", make: func(w *workplace) attempt {
			name := w.name("Partner")
			return attempt{fields: url.Values{"finish": {"yes"}, "displayName": {name}, "description": {"A partner"},
				"state": {"configured"}, "source": {"passcode/" + string(w.newDomain())}}, done: func() bool {
				_, ok, err := w.OrganizationNamed(w.t.Context(), w.Tenant.ID, name)
				return check(w, ok, err)
			}}
		}},
		partnerForm("/edit", func(w *workplace, o access.Organization) attempt {
			return attempt{fields: w.filled("/organizations/"+string(o.ID)+"/edit", "description", "Changed"),
				done: func() bool { return w.partnerNow(o.ID).Description == "Changed" }}
		}),
		partnerForm("/delete", func(w *workplace, o access.Organization) attempt {
			return attempt{fields: w.filled("/organizations/" + string(o.ID) + "/delete"), done: func() bool {
				return isGone(w.Organization(w.t.Context(), w.Tenant.ID, o.ID))
			}}
		}),
		partnerForm("/sources/add", func(w *workplace, o access.Organization) attempt {
			return attempt{fields: url.Values{"finish": {"yes"}, "state": {"configured"},
				"source": {"passcode/" + string(w.newDomain())}},
				done: func() bool { return len(w.partnerNow(o.ID).Directories) == 3 }}
		}),
		partnerForm("/sources/remove", func(w *workplace, o access.Organization) attempt {
			return attempt{fields: w.filled("/organizations/" + string(o.ID) + "/sources/remove?source=" +
				string(o.Directories[0])), done: func() bool { return len(w.partnerNow(o.ID).Directories) == 1 }}
		}),
		partnerForm("/sponsors/edit", func(w *workplace, o access.Organization) attempt {
			return attempt{fields: w.filled("/organizations/"+string(o.ID)+"/sponsors/edit", "internalSponsors",
				pick(w.Lena.ID)), done: func() bool { return len(w.partnerNow(o.ID).InternalSponsors) == 1 }}
		}),
	)
}

// providerForm is a form of a provider of the tenant.
func providerForm(route string, f func(*workplace, access.Directory) attempt) formByRole {
	return formByRole{task: "providers", route: "POST /organizations/providers/:id" + route,
		make: func(w *workplace) attempt {
			name := w.name("Provider")
			d := w.addProvider(w.Tenant.ID, access.Directory{Name: name, Domains: []access.Domain{w.newDomain()}})
			x := f(w, d)
			x.id = string(d.ID)
			return x
		}}
}

// claim makes the provider claim a domain that it has not verified yet.
func (w *workplace) claim(d access.Directory) access.DomainClaim {
	name := access.Domain("claimed-" + string(d.Domains[0]))
	if err := w.Admin.ClaimDomain(w.t.Context(), w.by, d.ID, name); err != nil {
		w.t.Fatal(err)
	}
	return w.providerNow(d.ID).DomainClaims[0]
}

// providerNow reads a provider.
func (w *workplace) providerNow(id access.DirectoryID) access.Directory {
	d, err := w.Directory(w.t.Context(), id)
	return check(w, d, err)
}

// providerForms are the forms for providers.
func providerForms() []formByRole {
	return []formByRole{
		providerForm("/edit", func(w *workplace, d access.Directory) attempt {
			return attempt{fields: w.filled("/organizations/providers/"+string(d.ID)+"/edit", "provider.clientId", "changed"),
				done: func() bool { return w.providerNow(d.ID).ClientID == "changed" }}
		}),
		providerForm("/address-rules", func(w *workplace, d access.Directory) attempt {
			return attempt{fields: w.filled("/organizations/providers/"+string(d.ID)+"/address-rules", "provider.trustAddresses",
				"yes"), done: func() bool { return w.providerNow(d.ID).TrustAddresses }}
		}),
		providerForm("/disable", func(w *workplace, d access.Directory) attempt {
			return attempt{done: func() bool { return !w.providerNow(d.ID).Enabled }}
		}),
		providerForm("/enable", func(w *workplace, d access.Directory) attempt {
			if err := w.Admin.EnableDirectory(w.t.Context(), w.by, d.ID, false); err != nil {
				w.t.Fatal(err)
			}
			return attempt{done: func() bool { return w.providerNow(d.ID).Enabled }}
		}),
		providerForm("/delete", func(w *workplace, d access.Directory) attempt {
			return attempt{done: func() bool { return isGone(w.Directory(w.t.Context(), d.ID)) }}
		}),
		providerForm("/test", func(_ *workplace, _ access.Directory) attempt {
			return attempt{status: http.StatusOK, shows: "Connection test"}
		}),
		providerForm("/domains/add", func(w *workplace, d access.Directory) attempt {
			return attempt{fields: url.Values{"domain": {"more-" + string(d.Domains[0])}},
				done: func() bool { return len(w.providerNow(d.ID).DomainClaims) == 1 }}
		}),
		providerForm("/domains/check", func(w *workplace, d access.Directory) attempt {
			claim := w.claim(d)
			w.txt[access.DomainTXTName(claim.Domain)] = []string{claim.Token}
			return attempt{fields: url.Values{"domain": {string(claim.Domain)}},
				done: func() bool { return w.providerNow(d.ID).HasDomain(claim.Domain) }}
		}),
		providerForm("/domains/remove", func(w *workplace, d access.Directory) attempt {
			claim := w.claim(d)
			return attempt{fields: url.Values{"domain": {string(claim.Domain)}},
				done: func() bool { return len(w.providerNow(d.ID).DomainClaims) == 0 }}
		}),
	}
}
