package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// maxNamed is how many policies the page of an object names.
const maxNamed = 10

// DependentsView reads which enabled policies do not work now because of the
// state of one object. It names the first 10 policies and counts the others.
type DependentsView struct{ v View }

// Dependents opens the reads of policies that depend on other objects.
func (v View) Dependents() DependentsView { return DependentsView{v} }

// OfPerson returns the approval stages in which no one can decide, and in which
// the person, alone or by a group, was to approve. There are none while the
// person is not disabled (ManagePeople).
func (d DependentsView) OfPerson(ctx context.Context, p access.Person) (store.PolicyReferences, error) {
	return d.broken(d.v.May(access.ManagePeople), p.Disabled, func() (store.PolicyReferences, error) {
		return d.v.read.GapsOfPerson(ctx, d.v.tenant(), p.ID, maxNamed)
	})
}

// OfEntry returns the approval stages in which no one can decide, and in which
// the group was to approve (ManageEntries).
func (d DependentsView) OfEntry(ctx context.Context, e access.Entry) (store.PolicyReferences, error) {
	return d.broken(d.v.May(access.ManageEntries), e.IsGroup(), func() (store.PolicyReferences, error) {
		return d.v.read.GapsOfGroup(ctx, d.v.tenant(), e.ID, maxNamed)
	})
}

// OfDirectory returns the approval stages in which no one can decide, and in
// which people of the directory were to approve. There are none while the
// directory is enabled (ManageProviders).
func (d DependentsView) OfDirectory(ctx context.Context, dir access.Directory) (store.PolicyReferences, error) {
	return d.broken(d.v.May(access.ManageProviders), !dir.Enabled, func() (store.PolicyReferences, error) {
		return d.v.read.GapsOfDirectory(ctx, d.v.tenant(), dir.ID, maxNamed)
	})
}

// OfCatalog returns the policies for people from outside in the catalog. There
// are none while it is open to them (ReadCatalog).
func (d DependentsView) OfCatalog(ctx context.Context, c access.Catalog) (store.PolicyReferences, error) {
	return d.broken(d.v.rights.MayInCatalog(access.ReadCatalog, c.ID), !c.External,
		func() (store.PolicyReferences, error) {
			return d.v.read.ExternalPolicies(ctx, d.v.tenant(), c.ID, maxNamed)
		})
}

// OfSettings returns the policies for anyone. There are none while one-time
// passcodes are on (ManageSettings).
func (d DependentsView) OfSettings(ctx context.Context, s access.Settings) (store.PolicyReferences, error) {
	return d.broken(d.v.May(access.ManageSettings), !s.Passcode, func() (store.PolicyReferences, error) {
		return d.v.read.PoliciesForAnyone(ctx, d.v.tenant(), maxNamed)
	})
}

// GroupUses returns what the members of each group may do because something names
// the group: the uses in the tenant, and those in catalogs that the actor can see
// (SeeAdmin).
func (d DependentsView) GroupUses(ctx context.Context,
	groups []access.EntryID) (map[access.EntryID][]access.GroupUse, error) {
	if err := d.v.May(access.SeeAdmin); err != nil || len(groups) == 0 {
		return nil, err
	}
	uses, err := d.v.read.GroupUses(ctx, d.v.tenant(), groups)
	all := map[access.EntryID][]access.GroupUse{}
	for _, u := range uses {
		if u.Catalog == "" || d.v.rights.MayInCatalog(access.ReadCatalog, u.Catalog) == nil {
			all[u.Group] = append(all[u.Group], u)
		}
	}
	return all, err
}

// PackagesGivingRoles lists the first access packages that make people
// administrators, by a role in a group (ManageRoles).
func (d DependentsView) PackagesGivingRoles(ctx context.Context, limit int) ([]access.Package, error) {
	return ifAllowed(d.v.May(access.ManageRoles), func() ([]access.Package, error) {
		return d.v.read.PackagesGivingRoles(ctx, d.v.tenant(), limit)
	})
}

// broken runs f if the actor may read and the object is in the state that can
// break a policy.
func (d DependentsView) broken(refusal error, state bool,
	f func() (store.PolicyReferences, error)) (store.PolicyReferences, error) {
	if !state && refusal == nil {
		return store.PolicyReferences{}, nil
	}
	return ifAllowed(refusal, f)
}
