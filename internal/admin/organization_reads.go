package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Organizations lists the connected organizations (ManageOrganizations).
func (v View) Organizations(ctx context.Context,
	q store.ListQuery[store.OrganizationFilter]) (store.ListPage[store.OrganizationLine], error) {
	return ifAllowed(v.May(access.ManageOrganizations), func() (store.ListPage[store.OrganizationLine], error) {
		return v.read.OrganizationList(ctx, v.tenant(), q)
	})
}

// WalkOrganizations calls f for every connected organization of the list
// (ManageOrganizations).
func (v View) WalkOrganizations(ctx context.Context, q store.ListQuery[store.OrganizationFilter],
	f func(store.OrganizationLine) error) error {
	if err := v.May(access.ManageOrganizations); err != nil {
		return err
	}
	return v.read.WalkOrganizations(ctx, v.tenant(), q, f)
}

// Organization returns a connected organization (ManageOrganizations).
func (v View) Organization(ctx context.Context, id access.OrganizationID) (access.Organization, error) {
	return ifAllowed(v.May(access.ManageOrganizations), func() (access.Organization, error) {
		return v.read.Organization(ctx, v.tenant(), id)
	})
}

// OrganizationChange returns who changed the connected organization last
// (ManageOrganizations); nil if that is unknown.
func (v View) OrganizationChange(ctx context.Context, id access.OrganizationID) (*access.AuditRecord, error) {
	return ifAllowed(v.May(access.ManageOrganizations), func() (*access.AuditRecord, error) {
		return lastChange(ctx, v, access.ObjectOrganization, string(id))
	})
}

// OrganizationUsage is what depends on a connected organization. Policies that
// the reader cannot see are counted in More.
type OrganizationUsage struct {
	store.OrganizationUsage
	// Only is the number of policies, seen or not, that name no one else.
	Only int
}

// OrganizationUsage returns what depends on a connected organization
// (ManageOrganizations).
func (v View) OrganizationUsage(ctx context.Context, id access.OrganizationID) (OrganizationUsage, error) {
	return ifAllowed(v.May(access.ManageOrganizations), func() (OrganizationUsage, error) {
		found, err := v.read.OrganizationUsage(ctx, v.tenant(), id)
		usage := OrganizationUsage{OrganizationUsage: found}
		usage.Policies = nil
		for _, p := range found.Policies {
			if p.Only {
				usage.Only++
			}
			if v.rights.MayInCatalog(access.ReadCatalog, p.Catalog) == nil {
				usage.Policies = append(usage.Policies, p)
			} else {
				usage.More++
			}
		}
		return usage, err
	})
}

// OrganizationDirectory returns a directory that the tenant can see: its own, the
// installation's, or one of a connected organization (ManageOrganizations). The
// provider's client secret is left out.
func (v View) OrganizationDirectory(ctx context.Context, id access.DirectoryID) (access.Directory, error) {
	return ifAllowed(v.May(access.ManageOrganizations), func() (access.Directory, error) {
		d, err := v.read.Directory(ctx, id)
		if err == nil && !d.VisibleTo(v.tenant()) {
			return access.Directory{}, access.Missing()
		}
		return withoutSecret(d), err
	})
}

// OrganizationDirectories returns the directories of a connected organization of
// the tenant, in their order (ManageOrganizations), without the client secrets.
func (v View) OrganizationDirectories(ctx context.Context, o access.Organization) ([]access.Directory, error) {
	return ifAllowed(v.May(access.ManageOrganizations), func() ([]access.Directory, error) {
		found, err := v.read.DirectoriesByID(ctx, o.Directories)
		if err != nil {
			return nil, err
		}
		all := make([]access.Directory, len(o.Directories))
		for i, id := range o.Directories {
			d, ok := found[id]
			if !ok || !d.VisibleTo(v.tenant()) {
				return nil, access.Missing()
			}
			all[i] = withoutSecret(d)
		}
		return all, nil
	})
}

// DirectoryByDomain returns the directory that the tenant can see with the domain,
// verified or pending (ManageOrganizations), without the client secret. ok is
// false if there is none.
func (v View) DirectoryByDomain(ctx context.Context, name access.Domain) (d access.Directory, ok bool, err error) {
	if err := v.May(access.ManageOrganizations); err != nil {
		return access.Directory{}, false, err
	}
	d, err = v.read.DirectoryByDomain(ctx, v.tenant(), name)
	ok = err == nil
	if err != nil && access.KindOf(err) == access.NotFound {
		d, ok, err = v.read.DirectoryWithPendingDomain(ctx, v.tenant(), name)
	}
	return withoutSecret(d), ok, err
}

// OrganizationOf returns the connected organization with the directory
// (ManageOrganizations). ok is false if there is none.
func (v View) OrganizationOf(ctx context.Context,
	id access.DirectoryID) (o access.Organization, ok bool, err error) {
	if err := v.May(access.ManageOrganizations); err != nil {
		return access.Organization{}, false, err
	}
	return v.read.OrganizationOf(ctx, v.tenant(), id)
}

func withoutSecret(d access.Directory) access.Directory {
	d.ClientSecret = ""
	d.DomainClaims = slices.Clone(d.DomainClaims)
	for i := range d.DomainClaims {
		d.DomainClaims[i].Token = ""
	}
	return d
}
