package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// pack adds an access package that administrators can assign.
func (w *workplace) pack() access.Offer {
	return w.Package(w.name("Package"), access.Policy{Scope: access.ScopeNobody})
}

// packageNow reads an access package.
func (w *workplace) packageNow(o access.Offer) access.Package {
	now, err := w.Reader.Package(w.t.Context(), w.Tenant.ID, o.Package.ID)
	return check(w, now, err)
}

// versionOf is the version of a package as its forms carry it.
func (w *workplace) versionOf(o access.Offer) string {
	return strconv.FormatInt(w.packageNow(o).Version, 10)
}

// hasPackage reports whether the catalog has a package with the name.
func (w *workplace) hasPackage(name string) bool {
	_, ok, err := w.PackageNamed(w.t.Context(), w.Tenant.ID, w.Catalog.ID, name)
	return check(w, ok, err)
}

// packageForm is a form of an access package.
func packageForm(task, route string, f func(*workplace, access.Offer) attempt) formByRole {
	return formByRole{task: task, route: "POST /access-packages/:id" + route, make: func(w *workplace) attempt {
		o := w.pack()
		x := f(w, o)
		x.id = string(o.Package.ID)
		return x
	}}
}

// policyFields are the fields of a policy for a scope.
func policyFields(name string, scope access.Scope) url.Values {
	return url.Values{"policyName": {name}, "allowedTargetScope": {string(scope)}, "enabled": {"yes"}, "stages": {"0"},
		"justify": {"no"}, "showApprovers": {"default"}, "customSchedule": {"no"}, "silent": {"no"},
		"expiration": {"days"}, "expiration.days": {"30"}, "finish": {"yes"}}
}

// packageForms are the forms for access packages.
func packageForms() []formByRole {
	return []formByRole{
		{task: "create-package", route: "POST /access-packages/new", make: func(w *workplace) attempt {
			name := w.name("Package")
			return attempt{fields: withFields(policyFields("Initial Policy", access.ScopeMembers), "displayName", name,
				"description", "Made", "hidden", "no", "place", "old", "catalog", string(w.Catalog.ID), "role",
				string(w.Team.Roles[0].ID)), done: func() bool { return w.hasPackage(name) }}
		}},
		packageForm("create-package", "/duplicate", func(w *workplace, o access.Offer) attempt {
			return attempt{done: func() bool { return w.hasPackage("Copy of " + o.Package.Name) }}
		}),
		packageForm("resource-roles", "/roles/change", func(w *workplace, o access.Offer) attempt {
			owner := w.Team.Roles[1].ID
			return attempt{fields: url.Values{"finish": {"yes"}, "started": {w.versionOf(o)}, "role": {string(owner)},
				"remove": {string(w.Team.Roles[0].ID)}},
				done: func() bool {
					roles := w.packageNow(o).Roles
					return slices.Contains(roles, owner) && !slices.Contains(roles, w.Team.Roles[0].ID)
				}}
		}),
		packageForm("hide-delete-package", "/edit", func(w *workplace, o access.Offer) attempt {
			return attempt{fields: w.filled("/access-packages/"+string(o.Package.ID)+"/edit", "hidden", "yes"),
				done: func() bool { return w.packageNow(o).Hidden }}
		}),
		packageForm("hide-delete-package", "/delete", func(w *workplace, o access.Offer) attempt {
			return attempt{done: func() bool { return !w.packageNow(o).Deleted.IsZero() }}
		}),
	}
}

// policyForms are the forms for policies, for members and for people from
// outside.
func policyForms() []formByRole {
	policies := func(w *workplace, o access.Offer) []access.Policy {
		all, err := w.PoliciesOf(w.t.Context(), w.Tenant.ID, o.Package.ID)
		return check(w, all, err)
	}
	one := func(route string, f func(*workplace, access.Offer, string) attempt) formByRole {
		return packageForm("policies", "/policies/:policy"+route, func(w *workplace, o access.Offer) attempt {
			x := f(w, o, "/access-packages/"+string(o.Package.ID)+"/policies/"+string(o.Policies[0].ID))
			x.policy = string(o.Policies[0].ID)
			return x
		})
	}
	external := packageForm("policies", "/policies/new", func(w *workplace, o access.Offer) attempt {
		fields := policyFields("Partners", access.ScopeSpecificOrgs)
		fields.Set("targets.organizations", "connectedOrganizationMembers/"+string(w.Partner.ID))
		return attempt{fields: fields, done: func() bool {
			return slices.ContainsFunc(policies(w, o), func(p access.Policy) bool { return p.Scope == access.ScopeSpecificOrgs })
		}}
	})
	external.way = "for people from outside"
	return []formByRole{external,
		packageForm("policies", "/policies/new", func(w *workplace, o access.Offer) attempt {
			return attempt{fields: policyFields("Members", access.ScopeMembers),
				done: func() bool { return len(policies(w, o)) == 2 }}
		}),
		one("/edit", func(w *workplace, o access.Offer, at string) attempt {
			return attempt{fields: w.filled(at+"/edit", "policyName", "Changed"),
				done: func() bool { return policies(w, o)[0].Name == "Changed" }}
		}),
		one("/enable", func(w *workplace, o access.Offer, _ string) attempt {
			return attempt{fields: url.Values{"enabled": {"no"}}, done: func() bool { return !policies(w, o)[0].Enabled }}
		}),
		one("/delete", func(w *workplace, o access.Offer, _ string) attempt {
			return attempt{done: func() bool { return len(policies(w, o)) == 0 }}
		}),
	}
}

// brokenPack adds an access package whose only resource is no longer there, so
// that its delivery fails.
func (w *workplace) brokenPack() access.Offer {
	e, r := w.resource(access.KindGroup)
	o := w.pack()
	o.Package.Roles = []access.ResourceRoleID{r.Roles[0].ID}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SavePackage(ctx, o.Package); err != nil {
			return err
		}
		return tx.DeleteEntry(ctx, w.Tenant.ID, e.ID)
	})
	return o
}
