package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// View reads what a person may see as an administrator. Each method checks the
// right that it needs, so that no surface can forget to: Forbidden without it,
// and lists hold only what is in the catalogs in which the person has it.
type View struct {
	read *store.Reader
	by   access.Person
}

// View reads from r for a person.
func (a *Admin) View(r *store.Reader, by access.Person) View { return View{r, by} }

// narrowed is a query for what the person may do the action on.
func narrowed[F any](ctx context.Context, v View, do access.Action, q store.ListQuery[F]) (store.ListQuery[F], error) {
	rights, err := v.read.Rights(ctx, v.by)
	if err != nil {
		return q, err
	}
	if err := rights.May(needed(do)); err != nil {
		return q, err
	}
	everywhere, catalogs := rights.CatalogsFor(do)
	switch {
	case everywhere:
	case q.Catalogs == nil:
		q.Catalogs = append([]access.CatalogID{}, catalogs...)
	default:
		q.Catalogs = slices.DeleteFunc(slices.Clone(q.Catalogs), func(c access.CatalogID) bool {
			return !slices.Contains(catalogs, c)
		})
	}
	return q, nil
}

// needed is the right without which a list of what the action is allowed on is
// refused. Every administrator can list catalogs, though the list may be empty:
// it is where those begin who create one.
func needed(do access.Action) access.Action {
	if do == access.ReadCatalog {
		return access.SeeAdmin
	}
	return do
}

// list reads a page of a list for which the action is needed.
func list[F, T any](ctx context.Context, v View, do access.Action, q store.ListQuery[F],
	read func(context.Context, access.TenantID, store.ListQuery[F]) (store.ListPage[T], error)) (store.ListPage[T],
	error) {
	q, err := narrowed(ctx, v, do, q)
	if err != nil {
		return store.ListPage[T]{}, err
	}
	return read(ctx, v.by.Tenant, q)
}

// CatalogList is a page of the catalogs.
func (v View) CatalogList(ctx context.Context,
	q store.ListQuery[store.CatalogFilter]) (store.ListPage[store.CatalogLine], error) {
	return list(ctx, v, access.ReadCatalog, q, v.read.CatalogList)
}

// WalkCatalogs calls f for each of the catalogs.
func (v View) WalkCatalogs(ctx context.Context, q store.ListQuery[store.CatalogFilter],
	f func(store.CatalogLine) error) error {
	q, err := narrowed(ctx, v, access.ReadCatalog, q)
	if err != nil {
		return err
	}
	return v.read.WalkCatalogs(ctx, v.by.Tenant, q, f)
}

// PackageList is a page of the access packages.
func (v View) PackageList(ctx context.Context,
	q store.ListQuery[store.PackageFilter]) (store.ListPage[store.PackageLine], error) {
	return list(ctx, v, access.ReadCatalog, q, v.read.PackageList)
}

// WalkPackages calls f for each of the access packages.
func (v View) WalkPackages(ctx context.Context, q store.ListQuery[store.PackageFilter],
	f func(store.PackageLine) error) error {
	q, err := narrowed(ctx, v, access.ReadCatalog, q)
	if err != nil {
		return err
	}
	return v.read.WalkPackages(ctx, v.by.Tenant, q, f)
}

// AssignmentList is a page of the assignments.
func (v View) AssignmentList(ctx context.Context,
	q store.ListQuery[store.AssignmentFilter]) (store.ListPage[store.AssignmentLine], error) {
	return list(ctx, v, access.ReadAssignments, q, v.read.AssignmentList)
}

// WalkAssignments calls f for each of the assignments.
func (v View) WalkAssignments(ctx context.Context, q store.ListQuery[store.AssignmentFilter],
	f func(store.AssignmentLine) error) error {
	q, err := narrowed(ctx, v, access.ReadAssignments, q)
	if err != nil {
		return err
	}
	return v.read.WalkAssignments(ctx, v.by.Tenant, q, f)
}

// RequestList is a page of the requests.
func (v View) RequestList(ctx context.Context,
	q store.ListQuery[store.RequestFilter]) (store.ListPage[store.RequestLine], error) {
	return list(ctx, v, access.ReadAssignments, q, v.read.RequestList)
}

// WalkRequests calls f for each of the requests.
func (v View) WalkRequests(ctx context.Context, q store.ListQuery[store.RequestFilter],
	f func(store.RequestLine) error) error {
	q, err := narrowed(ctx, v, access.ReadAssignments, q)
	if err != nil {
		return err
	}
	return v.read.WalkRequests(ctx, v.by.Tenant, q, f)
}

// PersonList is a page of the people.
func (v View) PersonList(ctx context.Context,
	q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
	return list(ctx, v, access.ManagePeople, q, v.read.PersonList)
}

// WalkPeople calls f for each of the people.
func (v View) WalkPeople(ctx context.Context, q store.ListQuery[store.PersonFilter],
	f func(access.Person) error) error {
	q, err := narrowed(ctx, v, access.ManagePeople, q)
	if err != nil {
		return err
	}
	return v.read.WalkPeople(ctx, v.by.Tenant, q, f)
}

// OrganizationList is a page of the connected organizations.
func (v View) OrganizationList(ctx context.Context,
	q store.ListQuery[store.OrganizationFilter]) (store.ListPage[store.OrganizationLine], error) {
	return list(ctx, v, access.ManageOrganizations, q, v.read.OrganizationList)
}

// WalkOrganizations calls f for each of the connected organizations.
func (v View) WalkOrganizations(ctx context.Context, q store.ListQuery[store.OrganizationFilter],
	f func(store.OrganizationLine) error) error {
	q, err := narrowed(ctx, v, access.ManageOrganizations, q)
	if err != nil {
		return err
	}
	return v.read.WalkOrganizations(ctx, v.by.Tenant, q, f)
}

// EntryList is a page of the entries of the built-in directory.
func (v View) EntryList(ctx context.Context,
	q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
	return list(ctx, v, access.ManageEntries, q, v.read.EntryList)
}

// WalkEntries calls f for each of the entries of the built-in directory.
func (v View) WalkEntries(ctx context.Context, q store.ListQuery[store.EntryFilter], f func(access.Entry) error) error {
	q, err := narrowed(ctx, v, access.ManageEntries, q)
	if err != nil {
		return err
	}
	return v.read.WalkEntries(ctx, v.by.Tenant, q, f)
}

// DirectoryList is a page of the tenant's own directories.
func (v View) DirectoryList(ctx context.Context,
	q store.ListQuery[store.DirectoryFilter]) (store.ListPage[access.Directory], error) {
	return list(ctx, v, access.ManageProviders, q, v.read.DirectoryList)
}

// WalkDirectories calls f for each of the tenant's own directories.
func (v View) WalkDirectories(ctx context.Context, q store.ListQuery[store.DirectoryFilter],
	f func(access.Directory) error) error {
	q, err := narrowed(ctx, v, access.ManageProviders, q)
	if err != nil {
		return err
	}
	return v.read.WalkDirectories(ctx, v.by.Tenant, q, f)
}
