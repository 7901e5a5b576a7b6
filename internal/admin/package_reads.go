package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// Packages lists the access packages that the actor can see (ReadCatalog).
func (v View) Packages(ctx context.Context,
	q store.ListQuery[store.PackageFilter]) (store.ListPage[store.PackageLine], error) {
	return ifAllowed(v.May(access.ReadCatalog), func() (store.ListPage[store.PackageLine], error) {
		return v.read.PackageList(ctx, v.tenant(), inCatalogs(v, access.ReadCatalog, q))
	})
}

// WalkPackages calls f for every access package of the list (ReadCatalog).
func (v View) WalkPackages(ctx context.Context, q store.ListQuery[store.PackageFilter],
	f func(store.PackageLine) error) error {
	if err := v.May(access.ReadCatalog); err != nil {
		return err
	}
	return v.read.WalkPackages(ctx, v.tenant(), inCatalogs(v, access.ReadCatalog, q), f)
}

// PackageView reads what belongs to one access package.
type PackageView struct {
	v       View
	catalog access.Catalog
	pack    access.Package
}

// Package opens an access package if the actor may do the action in its
// catalog. A deleted one is not found.
func (v View) Package(ctx context.Context, a access.Action, id access.PackageID) (PackageView, error) {
	pack, err := v.read.Package(ctx, v.tenant(), id)
	if err == nil && !pack.Deleted.IsZero() {
		err = access.Missing()
	}
	if err != nil {
		return PackageView{}, err
	}
	return openPackage(ctx, v, a, pack)
}

// AnyPackage is Package for one that may be deleted: its requests and
// assignments remain. If its catalog was deleted too, only the catalog's id is
// known.
func (v View) AnyPackage(ctx context.Context, a access.Action, id access.PackageID) (PackageView, error) {
	pack, err := v.read.Package(ctx, v.tenant(), id)
	if err != nil {
		return PackageView{}, err
	}
	return openPackage(ctx, v, a, pack)
}

func openPackage(ctx context.Context, v View, a access.Action, pack access.Package) (PackageView, error) {
	if err := v.rights.MayInCatalog(a, pack.Catalog); err != nil {
		return PackageView{}, err
	}
	catalog, err := v.read.Catalog(ctx, v.tenant(), pack.Catalog)
	if err != nil && access.KindOf(err) == access.NotFound {
		catalog, err = access.Catalog{ID: pack.Catalog, Tenant: v.tenant()}, nil
	}
	if err != nil {
		return PackageView{}, err
	}
	return PackageView{v, catalog, pack}, nil
}

// Package is the access package.
func (p PackageView) Package() access.Package { return p.pack }

// Catalog is the access package's catalog.
func (p PackageView) Catalog() access.Catalog { return p.catalog }

// may refuses an action that the actor may not do in the package's catalog.
func (p PackageView) may(a access.Action) error { return p.v.rights.MayInCatalog(a, p.pack.Catalog) }

// LastChange returns who changed the package last (ReadCatalog); nil if that is
// unknown.
func (p PackageView) LastChange(ctx context.Context) (*access.AuditRecord, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() (*access.AuditRecord, error) {
		return lastChange(ctx, p.v, access.ObjectPackage, string(p.pack.ID))
	})
}

// Roles lists the resource roles of the package (ReadCatalog).
func (p PackageView) Roles(ctx context.Context) ([]store.RoleWithResource, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() ([]store.RoleWithResource, error) {
		all, err := p.v.read.PackageRoles(ctx, p.v.tenant(), p.pack.ID)
		return all[p.pack.ID], err
	})
}

// Policies lists the policies of the package (ReadCatalog).
func (p PackageView) Policies(ctx context.Context) ([]access.Policy, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() ([]access.Policy, error) {
		return p.v.read.PoliciesOf(ctx, p.v.tenant(), p.pack.ID)
	})
}

// Policy returns a policy of the package (ReadCatalog). It returns NotFound for
// policies of other packages.
func (p PackageView) Policy(ctx context.Context, id access.PolicyID) (access.Policy, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() (access.Policy, error) {
		found, err := p.v.read.Policy(ctx, p.v.tenant(), id)
		if err == nil && found.Package != p.pack.ID {
			return access.Policy{}, access.Missing()
		}
		return found, err
	})
}

// PolicyUse returns whether requests or assignments depend on a policy of the
// package (ManagePolicies).
func (p PackageView) PolicyUse(ctx context.Context, id access.PolicyID) (access.PolicyUse, error) {
	return ifAllowed(p.may(access.ManagePolicies), func() (access.PolicyUse, error) {
		return p.v.read.PolicyUse(ctx, access.Policy{ID: id, Tenant: p.v.tenant(), Package: p.pack.ID})
	})
}

// PolicyChange returns who changed a policy of the package last (ReadCatalog);
// nil if that is unknown.
func (p PackageView) PolicyChange(ctx context.Context, id access.PolicyID) (*access.AuditRecord, error) {
	found, err := p.Policy(ctx, id)
	if err != nil {
		return nil, err
	}
	return lastChange(ctx, p.v, access.ObjectPolicy, string(found.ID))
}

// CountHolders counts the people who hold the package (ReadCatalog).
func (p PackageView) CountHolders(ctx context.Context) (int64, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() (int64, error) {
		return p.v.read.CountHolders(ctx, p.v.tenant(), p.pack.ID)
	})
}

// Counter counts requests for the package (ReadAssignments).
func (p PackageView) Counter(ctx context.Context, kind store.CounterKind) (int64, error) {
	return ifAllowed(p.may(access.ReadAssignments), func() (int64, error) {
		return p.v.read.Counter(ctx, p.v.tenant(), kind, string(p.pack.ID))
	})
}

// LastRollout returns the latest change of resource roles (ReadCatalog). ok is
// false if there was none.
func (p PackageView) LastRollout(ctx context.Context) (last store.Rollout, ok bool, err error) {
	if err := p.may(access.ReadCatalog); err != nil {
		return store.Rollout{}, false, err
	}
	return p.v.read.LastRollout(ctx, p.v.tenant(), p.pack.ID)
}

// CountUndelivered counts, up to limit, the holders whose delivery is pending
// (ReadCatalog).
func (p PackageView) CountUndelivered(ctx context.Context, limit int) (int64, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() (int64, error) {
		return p.v.read.CountUndelivered(ctx, p.v.tenant(), p.pack.ID, limit)
	})
}

// OrganizationDomains returns, for connected organizations, a verified domain with
// which their people sign in, for the links to the package (ReadCatalog).
// Organizations without one are missing.
func (p PackageView) OrganizationDomains(ctx context.Context,
	ids []access.OrganizationID) (map[access.OrganizationID]store.OrganizationDomain, error) {
	return ifAllowed(p.may(access.ReadCatalog), func() (map[access.OrganizationID]store.OrganizationDomain, error) {
		return p.v.read.OrganizationDomains(ctx, p.v.tenant(), ids)
	})
}

// Explanation says whether a person can request a package, and why.
type Explanation struct {
	Offer       access.Offer
	Eligibility access.Eligibility
}

// Explain returns whether the person can request the package now
// (ReadAssignments). The person's id is empty for one who is not known yet.
func (p PackageView) Explain(ctx context.Context, who access.PersonContext, s access.Settings) (Explanation, error) {
	return ifAllowed(p.may(access.ReadAssignments), func() (Explanation, error) {
		offer, err := p.v.read.Offer(ctx, p.v.tenant(), p.pack.ID)
		if err != nil {
			return Explanation{}, err
		}
		var holding access.ExistingAccess
		if who.ID != "" {
			if holding, err = p.v.read.Holding(ctx, who.Person, p.pack.ID); err != nil {
				return Explanation{}, err
			}
		}
		found := Explanation{offer, offer.Eligibility(who, holding, s)}
		gaps := map[access.PolicyID]int{}
		for _, policy := range found.Eligibility.UsablePolicies() {
			gaps[policy.ID], err = lifecycle.StageWithoutDecider(ctx, p.v.read, access.Request{Tenant: p.v.tenant(),
				Requestor: who.ID, Target: who.ID, Terms: policy.Terms})
			if err != nil {
				return Explanation{}, err
			}
		}
		found.Eligibility = found.Eligibility.CheckApprovers(who.Name, gaps)
		uses, err := p.v.read.PackageRoleUses(ctx, p.v.tenant(), p.pack.ID)
		if err != nil || len(uses) == 0 {
			return found, err
		}
		var rights access.Rights
		if who.ID != "" {
			rights, err = p.v.read.Rights(ctx, who.Person)
		}
		found.Eligibility = found.Eligibility.CheckRoles(uses, rights)
		return found, err
	})
}

// PersonContext returns what policies look at in a person, to explain to an
// administrator who can request the package (ReadAssignments).
func (p PackageView) PersonContext(ctx context.Context, id access.PersonID) (access.PersonContext, error) {
	return ifAllowed(p.may(access.ReadAssignments), func() (access.PersonContext, error) {
		return p.v.read.PersonContext(ctx, p.v.tenant(), id)
	})
}

// ContextOf is PersonContext for a person who may not be known yet.
func (p PackageView) ContextOf(ctx context.Context, one access.Person) (access.PersonContext, error) {
	return ifAllowed(p.may(access.ReadAssignments), func() (access.PersonContext, error) {
		if one.Tenant != p.v.tenant() {
			return access.PersonContext{}, access.Missing()
		}
		return p.v.read.ContextOf(ctx, one)
	})
}

// PeopleByEmail lists the people with the address (ReadAssignments).
func (p PackageView) PeopleByEmail(ctx context.Context, address string) ([]access.Person, error) {
	return ifAllowed(p.may(access.ReadAssignments), func() ([]access.Person, error) {
		return p.v.read.PeopleByEmail(ctx, p.v.tenant(), address)
	})
}

// PolicyFacts is View.PolicyFacts in the package's catalog (ReadCatalog).
func (p PackageView) PolicyFacts(ctx context.Context, o access.Policy, now time.Time) (access.PolicyFacts, error) {
	return p.v.PolicyFacts(ctx, o, p.catalog, now)
}
