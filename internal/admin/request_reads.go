package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Requests lists the requests that the actor can see (ReadAssignments).
func (v View) Requests(ctx context.Context,
	q store.ListQuery[store.RequestFilter]) (store.ListPage[store.RequestLine], error) {
	return checked(v.May(access.ReadAssignments), func() (store.ListPage[store.RequestLine], error) {
		return v.read.RequestList(ctx, v.tenant(), narrow(v, access.ReadAssignments, q))
	})
}

// WalkRequests calls f for every request of the list (ReadAssignments).
func (v View) WalkRequests(ctx context.Context, q store.ListQuery[store.RequestFilter],
	f func(store.RequestLine) error) error {
	if err := v.May(access.ReadAssignments); err != nil {
		return err
	}
	return v.read.WalkRequests(ctx, v.tenant(), narrow(v, access.ReadAssignments, q), f)
}

// Policy returns a policy if the actor may do the action in its catalog, also if
// its package was deleted.
func (v View) Policy(ctx context.Context, a access.Action, id access.PolicyID) (access.Policy, PackageView, error) {
	found, err := v.read.Policy(ctx, v.tenant(), id)
	if err != nil {
		return access.Policy{}, PackageView{}, err
	}
	p, err := v.AnyPackage(ctx, a, found.Package)
	if err != nil {
		return access.Policy{}, PackageView{}, err
	}
	return found, p, nil
}

// RequestView reads what belongs to one request.
type RequestView struct {
	PackageView
	request access.Request
}

// Request opens a request if the actor may do the action in the catalog of its
// package, which may be deleted.
func (v View) Request(ctx context.Context, a access.Action, id access.RequestID) (RequestView, error) {
	found, err := v.read.Request(ctx, v.tenant(), id)
	if err != nil {
		return RequestView{}, err
	}
	p, err := v.AnyPackage(ctx, a, found.Package)
	if err != nil {
		return RequestView{}, err
	}
	return RequestView{p, found}, nil
}

// Request is the request.
func (r RequestView) Request() access.Request { return r.request }

// Person returns the person whom the request is for (ReadAssignments).
func (r RequestView) Person(ctx context.Context) (access.Person, error) {
	return checked(r.may(access.ReadAssignments), func() (access.Person, error) {
		return r.v.read.Person(ctx, r.v.tenant(), r.request.Target)
	})
}

// PolicyName returns the name of the request's policy (ReadAssignments); empty if
// it has none or the policy was deleted.
func (r RequestView) PolicyName(ctx context.Context) (string, error) {
	return checked(r.may(access.ReadAssignments), func() (string, error) {
		if r.request.Policy == "" {
			return "", nil
		}
		found, err := r.v.read.Policy(ctx, r.v.tenant(), r.request.Policy)
		if err != nil && access.KindOf(err) == access.NotFound {
			return "", nil
		}
		return found.Name, err
	})
}

// Mails lists the messages about the request (ReadAssignments).
func (r RequestView) Mails(ctx context.Context) ([]store.Mail, error) {
	return checked(r.may(access.ReadAssignments), func() ([]store.Mail, error) {
		return r.v.read.Mails(ctx, r.v.tenant(), r.request.ID)
	})
}
