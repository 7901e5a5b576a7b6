package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// View reads for one person what their administrative roles allow in their
// tenant. Every method checks the rights first: it returns Forbidden if the
// roles do not allow it, and NotFound for what is in a catalog where the person
// has no role. Lists hold only what is in the catalogs that the person can see.
// A view of one object, such as PackageView, is opened by a method of View that
// has checked the rights. The zero View allows nothing.
type View struct {
	read   *store.Reader
	actor  access.Person
	rights access.Rights
}

// ViewFor returns the view of the actor, with the roles that the actor has now:
// none if disabled. It reads them once; the view keeps them, so it must not
// outlive the page or call it is made for.
func ViewFor(ctx context.Context, read *store.Reader, actor access.Person) (View, error) {
	rights, err := read.Rights(ctx, actor)
	if err != nil {
		return View{}, err
	}
	return View{read: read, actor: actor, rights: rights}, nil
}

// Rights are the rights that the view checks.
func (v View) Rights() access.Rights { return v.rights }

// May refuses an action that the actor may not do in the tenant or in any catalog.
func (v View) May(a access.Action) error { return v.rights.May(a) }

// mayEverywhere refuses an action unless the actor may do it in all catalogs.
func mayEverywhere(v View, a access.Action) error {
	if everywhere, _ := v.rights.CatalogsFor(a); everywhere {
		return nil
	}
	return access.Refuse(access.Forbidden, "Your roles don't allow this.")
}

// tenant is the id of the actor's tenant.
func (v View) tenant() access.TenantID { return v.actor.Tenant }

// ifAllowed runs f unless the check before it has refused.
func ifAllowed[T any](refusal error, f func() (T, error)) (T, error) {
	if refusal != nil {
		var none T
		return none, refusal
	}
	return f()
}

// inCatalogs restricts a query to the catalogs in which the actor may do the action.
func inCatalogs[F any](v View, a access.Action, q store.ListQuery[F]) store.ListQuery[F] {
	everywhere, catalogs := v.rights.CatalogsFor(a)
	switch {
	case everywhere:
	case q.Catalogs == nil:
		q.Catalogs = append([]access.CatalogID{}, catalogs...)
	default:
		q.Catalogs = slices.DeleteFunc(slices.Clone(q.Catalogs), func(id access.CatalogID) bool {
			return !slices.Contains(catalogs, id)
		})
	}
	return q
}

// PersonName returns the name of a person, for any administrator.
func (v View) PersonName(ctx context.Context, id access.PersonID) (string, error) {
	return ifAllowed(v.May(access.SeeAdmin), func() (string, error) {
		one, err := v.read.Person(ctx, v.tenant(), id)
		return one.Name, err
	})
}

// Subjects returns people, groups and organizations, to show their names to any
// administrator. Those that do not exist are missing.
func (v View) Subjects(ctx context.Context, refs []access.SubjectRef) (store.Subjects, error) {
	return ifAllowed(v.May(access.SeeAdmin), func() (store.Subjects, error) {
		return v.read.Subjects(ctx, v.tenant(), refs)
	})
}

// FindPeople lists people for a picker (FindPeople).
func (v View) FindPeople(ctx context.Context,
	q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
	return ifAllowed(v.May(access.FindPeople), func() (store.ListPage[access.Person], error) {
		return v.read.PersonList(ctx, v.tenant(), q)
	})
}

// FindGroups lists groups and teams for a picker (FindPeople).
func (v View) FindGroups(ctx context.Context, text string, limit int) (store.ListPage[access.Entry], error) {
	return ifAllowed(v.May(access.FindPeople), func() (store.ListPage[access.Entry], error) {
		return v.read.EntryList(ctx, v.tenant(), store.ListQuery[store.EntryFilter]{Text: text, Limit: limit,
			Filter: store.EntryFilter{Groups: true}})
	})
}

// FindOrganizations lists connected organizations for a picker (FindPeople).
func (v View) FindOrganizations(ctx context.Context, text string,
	limit int) (store.ListPage[store.OrganizationLine], error) {
	return ifAllowed(v.May(access.FindPeople), func() (store.ListPage[store.OrganizationLine], error) {
		return v.read.OrganizationList(ctx, v.tenant(),
			store.ListQuery[store.OrganizationFilter]{Text: text, Limit: limit})
	})
}

// RoleAssignments lists every role assignment of the tenant and its catalogs
// (ManageRoles).
func (v View) RoleAssignments(ctx context.Context) ([]access.RoleAssignment, error) {
	return ifAllowed(v.May(access.ManageRoles), func() ([]access.RoleAssignment, error) {
		return v.read.RoleAssignments(ctx, v.tenant())
	})
}

// lastChange is who changed the object of the kind last; nil if that is unknown.
func lastChange(ctx context.Context, v View, kind access.ObjectKind, id string) (*access.AuditRecord, error) {
	last, ok, err := v.read.LastChange(ctx, v.tenant(), id)
	if err != nil || !ok || last.ObjectKind != kind {
		return nil, err
	}
	return &last, nil
}
