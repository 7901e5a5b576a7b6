package portal

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// requestReader reads a request for its requestor or one of its approvers. The
// caller must have checked that the reader is one.
type requestReader struct {
	read    *store.Reader
	request access.Request
}

// Request is the request.
func (r requestReader) Request() access.Request { return r.request }

// Decisions lists the decisions by stage.
func (r requestReader) Decisions(ctx context.Context) ([]access.Decision, error) {
	return r.read.Decisions(ctx, r.request.Tenant, r.request.ID)
}

// History lists the changes of state.
func (r requestReader) History(ctx context.Context) ([]store.RequestStep, error) {
	return r.read.RequestHistory(ctx, r.request.Tenant, r.request.ID)
}

// Approvers lists the people who can decide in the stage now.
func (r requestReader) Approvers(ctx context.Context, stage int) ([]access.Person, error) {
	return lifecycle.Approvers(ctx, r.read, r.request, stage)
}

// Assignment returns the request's assignment.
func (r requestReader) Assignment(ctx context.Context) (access.Assignment, error) {
	return r.read.Assignment(ctx, r.request.Tenant, r.request.Assignment)
}

// Roles lists the package's resource roles.
func (r requestReader) Roles(ctx context.Context) ([]store.RoleWithResource, error) {
	all, err := r.read.PackageRoles(ctx, r.request.Tenant, r.request.Package)
	return all[r.request.Package], err
}

// Grants lists what the person has of the package's resource roles.
func (r requestReader) Grants(ctx context.Context) ([]access.Grant, error) {
	return r.read.GrantsOfPackage(ctx, r.request.Tenant, r.request.Target, r.request.Package)
}

// PersonName returns the name of a person.
func (r requestReader) PersonName(ctx context.Context, id access.PersonID) (string, error) {
	one, err := r.read.Person(ctx, r.request.Tenant, id)
	return one.Name, err
}
