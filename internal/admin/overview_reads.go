package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// counterAction is what a counter over all catalogs needs. Counters that are
// not named here are not shown to anyone.
func counterAction(kind store.CounterKind) access.Action {
	return map[store.CounterKind]access.Action{
		store.CounterPackages:      access.ReadCatalog,
		store.CounterCatalogs:      access.ReadCatalog,
		store.CounterOrganizations: access.ManageOrganizations,
		store.CounterPeople:        access.ManagePeople,
		store.CounterEntries:       access.ManageEntries,
		store.CounterAssignments:   access.ReadAssignments,
		store.CounterRequests:      access.ReadAssignments,
		store.CounterPending:       access.ReadAssignments,
		store.CounterStuck:         access.ReadAssignments,
	}[kind]
}

// Counter returns how many objects of a kind there are in the tenant, or in the
// catalog with the id. It returns Forbidden if the actor cannot see the list in
// all catalogs.
func (v View) Counter(ctx context.Context, kind store.CounterKind, catalog access.CatalogID) (int64, error) {
	return ifAllowed(mayEverywhere(v, counterAction(kind)), func() (int64, error) {
		return v.read.Counter(ctx, v.tenant(), kind, string(catalog))
	})
}

// ProblemsView reads what does not work in a tenant, for the administrators' overview.
type ProblemsView struct{ v View }

// Problems opens the reads of what does not work.
func (v View) Problems() ProblemsView { return ProblemsView{v} }

// LateRemovals lists removals of access that have been tried since before the
// time without success (ReadAssignments in all catalogs).
func (p ProblemsView) LateRemovals(ctx context.Context, before time.Time, limit int) ([]store.LateGrant, error) {
	return ifAllowed(mayEverywhere(p.v, access.ReadAssignments), func() ([]store.LateGrant, error) {
		return p.v.read.LateRemovals(ctx, p.v.tenant(), before, limit)
	})
}

// WithheldRemovals lists removals that wait for another global administrator
// (ReadAssignments in all catalogs).
func (p ProblemsView) WithheldRemovals(ctx context.Context, limit int) ([]store.LateGrant, error) {
	return ifAllowed(mayEverywhere(p.v, access.ReadAssignments), func() ([]store.LateGrant, error) {
		return p.v.read.WithheldRemovals(ctx, p.v.tenant(), limit)
	})
}

// ExpiringRequests lists undecided requests that expire before the time
// (ReadAssignments in all catalogs).
func (p ProblemsView) ExpiringRequests(ctx context.Context, before time.Time, limit int) ([]store.RequestLine, error) {
	return ifAllowed(mayEverywhere(p.v, access.ReadAssignments), func() ([]store.RequestLine, error) {
		return p.v.read.ExpiringRequests(ctx, p.v.tenant(), before, limit)
	})
}

// CountUndecidable counts the pending requests that no one can decide, of those that the
// actor can see (ReadAssignments).
func (p ProblemsView) CountUndecidable(ctx context.Context) (int64, error) {
	return ifAllowed(p.v.May(access.ReadAssignments), func() (int64, error) {
		return p.v.read.CountWithoutDecider(ctx, p.v.tenant(), allowedCatalogs(p.v, access.ReadAssignments))
	})
}

// PoliciesWithoutApprover returns the first stages without anyone who can decide, of the
// enabled policies that the actor can see (ReadCatalog).
func (p ProblemsView) PoliciesWithoutApprover(ctx context.Context, limit int) (store.PolicyReferences, error) {
	return ifAllowed(p.v.May(access.ReadCatalog), func() (store.PolicyReferences, error) {
		return p.v.read.PoliciesWithoutDecider(ctx, p.v.tenant(), allowedCatalogs(p.v, access.ReadCatalog), limit)
	})
}

// PoliciesWithoutRequestor returns the first enabled policies under which no one can
// request, of those that the actor can see (ReadCatalog).
func (p ProblemsView) PoliciesWithoutRequestor(ctx context.Context, limit int) (store.PolicyReferences, error) {
	return ifAllowed(p.v.May(access.ReadCatalog), func() (store.PolicyReferences, error) {
		return p.v.read.PoliciesWithoutRequestor(ctx, p.v.tenant(), allowedCatalogs(p.v, access.ReadCatalog), limit)
	})
}

// allowedCatalogs are the catalogs in which the actor may do the action; nil for all.
func allowedCatalogs(v View, a access.Action) []access.CatalogID {
	everywhere, catalogs := v.rights.CatalogsFor(a)
	if everywhere {
		return nil
	}
	return append([]access.CatalogID{}, catalogs...)
}

// LateMails lists messages made since the time that the mail server has not
// accepted (ManageSettings).
func (p ProblemsView) LateMails(ctx context.Context, since time.Time, limit int) ([]store.LateMail, error) {
	return ifAllowed(p.v.May(access.ManageSettings), func() ([]store.LateMail, error) {
		return p.v.read.LateMails(ctx, p.v.tenant(), since, limit)
	})
}

// UnusablePolicies lists enabled policies that nobody can request under, because of
// the patterns of their questions (ReadCatalog in all catalogs).
func (p ProblemsView) UnusablePolicies(ctx context.Context, limit int) ([]store.UnusablePolicy, error) {
	return ifAllowed(mayEverywhere(p.v, access.ReadCatalog), func() ([]store.UnusablePolicy, error) {
		return p.v.read.UnusablePolicies(ctx, p.v.tenant(), limit)
	})
}
