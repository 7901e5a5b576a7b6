package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Assignments lists the assignments that the actor can see (ReadAssignments).
func (v View) Assignments(ctx context.Context,
	q store.ListQuery[store.AssignmentFilter]) (store.ListPage[store.AssignmentLine], error) {
	return ifAllowed(v.May(access.ReadAssignments), func() (store.ListPage[store.AssignmentLine], error) {
		return v.read.AssignmentList(ctx, v.tenant(), inCatalogs(v, access.ReadAssignments, q))
	})
}

// WalkAssignments calls f for every assignment of the list (ReadAssignments).
func (v View) WalkAssignments(ctx context.Context, q store.ListQuery[store.AssignmentFilter],
	f func(store.AssignmentLine) error) error {
	if err := v.May(access.ReadAssignments); err != nil {
		return err
	}
	return v.read.WalkAssignments(ctx, v.tenant(), inCatalogs(v, access.ReadAssignments, q), f)
}

// AssignmentLines returns the assignments with the ids, in their order, if the
// actor may do the action in the catalog of each. It returns NotFound if one does
// not exist.
func (v View) AssignmentLines(ctx context.Context, a access.Action,
	ids []access.AssignmentID) ([]store.AssignmentLine, error) {
	found, err := v.read.AssignmentLines(ctx, v.tenant(), ids)
	if err != nil {
		return nil, err
	}
	lines := make([]store.AssignmentLine, len(ids))
	for i, id := range ids {
		one, ok := found[id]
		if !ok {
			return nil, access.Missing()
		}
		if err := v.rights.MayInCatalog(a, one.Catalog); err != nil {
			return nil, err
		}
		lines[i] = one
	}
	return lines, nil
}

// AssignmentView reads what belongs to one assignment.
type AssignmentView struct {
	PackageView
	assignment access.Assignment
}

// Assignment opens an assignment if the actor may do the action in the catalog
// of its package, which may be deleted.
func (v View) Assignment(ctx context.Context, a access.Action, id access.AssignmentID) (AssignmentView, error) {
	found, err := v.read.Assignment(ctx, v.tenant(), id)
	if err != nil {
		return AssignmentView{}, err
	}
	p, err := v.AnyPackage(ctx, a, found.Package)
	if err != nil {
		return AssignmentView{}, err
	}
	return AssignmentView{p, found}, nil
}

// Assignment is the assignment.
func (x AssignmentView) Assignment() access.Assignment { return x.assignment }

// Person returns the person who has the assignment (ReadAssignments).
func (x AssignmentView) Person(ctx context.Context) (access.Person, error) {
	return ifAllowed(x.may(access.ReadAssignments), func() (access.Person, error) {
		return x.v.read.Person(ctx, x.v.tenant(), x.assignment.Person)
	})
}

// FirstRequest returns the request that made the assignment (ReadAssignments).
func (x AssignmentView) FirstRequest(ctx context.Context) (access.Request, error) {
	return ifAllowed(x.may(access.ReadAssignments), func() (access.Request, error) {
		return x.v.read.Request(ctx, x.v.tenant(), x.assignment.Request)
	})
}

// Grants lists what the person has of the package's resource roles
// (ReadAssignments).
func (x AssignmentView) Grants(ctx context.Context) ([]access.Grant, error) {
	return ifAllowed(x.may(access.ReadAssignments), func() ([]access.Grant, error) {
		return x.v.read.GrantsOfPackage(ctx, x.v.tenant(), x.assignment.Person, x.assignment.Package)
	})
}
