package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Directories lists the directories that the tenant maintains (ManageProviders).
func (v View) Directories(ctx context.Context,
	q store.ListQuery[store.DirectoryFilter]) (store.ListPage[access.Directory], error) {
	return ifAllowed(v.May(access.ManageProviders), func() (store.ListPage[access.Directory], error) {
		return v.read.DirectoryList(ctx, v.tenant(), q)
	})
}

// WalkDirectories calls f for every directory of the list (ManageProviders).
func (v View) WalkDirectories(ctx context.Context, q store.ListQuery[store.DirectoryFilter],
	f func(access.Directory) error) error {
	if err := v.May(access.ManageProviders); err != nil {
		return err
	}
	return v.read.WalkDirectories(ctx, v.tenant(), q, f)
}

// DirectoryView reads what belongs to one directory.
type DirectoryView struct {
	v         View
	directory access.Directory
}

// Directory opens a directory that the tenant maintains or signs in with, or one
// of the installation that belongs to one of its connected organizations
// (ManageProviders). Others are not found.
func (v View) Directory(ctx context.Context, id access.DirectoryID) (DirectoryView, error) {
	return ifAllowed(v.May(access.ManageProviders), func() (DirectoryView, error) {
		d, err := v.read.Directory(ctx, id)
		if err != nil {
			return DirectoryView{}, err
		}
		if err := mayReadDirectory(ctx, v, d); err != nil {
			return DirectoryView{}, err
		}
		return DirectoryView{v, d}, nil
	})
}

// mayReadDirectory returns NotFound for directories that are neither the tenant's
// own nor of the installation and connected.
func mayReadDirectory(ctx context.Context, v View, d access.Directory) error {
	if d.Owner == v.tenant() {
		return nil
	}
	tenant, err := v.read.Tenant(ctx, v.tenant())
	if err != nil || tenant.Directory == d.ID {
		return err
	}
	_, connected, err := v.read.OrganizationOf(ctx, v.tenant(), d.ID)
	if err == nil && (d.Owner != "" || !connected) {
		return access.Missing()
	}
	return err
}

// Directory is the directory.
func (d DirectoryView) Directory() access.Directory { return d.directory }

// LastChange returns who changed the directory last; nil if that is unknown.
func (d DirectoryView) LastChange(ctx context.Context) (*access.AuditRecord, error) {
	return ifAllowed(d.v.May(access.ManageProviders), func() (*access.AuditRecord, error) {
		return lastChange(ctx, d.v, access.ObjectDirectory, string(d.directory.ID))
	})
}

// Organization returns the connected organization with the directory. ok is false
// if there is none.
func (d DirectoryView) Organization(ctx context.Context) (o access.Organization, ok bool, err error) {
	if err := d.v.May(access.ManageProviders); err != nil {
		return access.Organization{}, false, err
	}
	return d.v.read.OrganizationOf(ctx, d.v.tenant(), d.directory.ID)
}

// IsUsed reports whether people or accounts of the directory are known.
func (d DirectoryView) IsUsed(ctx context.Context) (bool, error) {
	return ifAllowed(d.v.May(access.ManageProviders), func() (bool, error) {
		known, err := d.v.read.HasPeople(ctx, d.v.tenant(), d.directory.ID)
		if err != nil || known {
			return known, err
		}
		return d.v.read.HasAccounts(ctx, d.directory.ID)
	})
}

// CountEmailProblems counts the people of this tenant who have signed in at the directory, by
// why the address that it sent is not used.
func (d DirectoryView) CountEmailProblems(ctx context.Context) (map[access.EmailProblem]int64, error) {
	return ifAllowed(d.v.May(access.ManageProviders), func() (map[access.EmailProblem]int64, error) {
		return d.v.read.CountEmailProblems(ctx, d.v.tenant(), d.directory.ID)
	})
}

// SignInFailures are the failed sign-ins of the directory's people in this tenant.
type SignInFailures struct {
	Last   []access.SignInFailure // the newest first
	Counts map[access.SignInReason]int64
}

// SignInFailures returns the last failed sign-ins of the directory's people in this tenant,
// and how many there were since.
func (d DirectoryView) SignInFailures(ctx context.Context, since time.Time) (SignInFailures, error) {
	return ifAllowed(d.v.May(access.ManageProviders), func() (f SignInFailures, err error) {
		if f.Last, err = d.v.read.LastSignInFailures(ctx, d.v.tenant(), d.directory.ID); err != nil {
			return f, err
		}
		f.Counts, err = d.v.read.CountSignInFailures(ctx, d.v.tenant(), d.directory.ID, since)
		return f, err
	})
}

// CountSessions counts the sessions of the directory's people.
func (d DirectoryView) CountSessions(ctx context.Context) (int64, error) {
	return ifAllowed(d.v.May(access.ManageProviders), func() (int64, error) {
		return d.v.read.CountSessionsAt(ctx, d.directory.ID)
	})
}
