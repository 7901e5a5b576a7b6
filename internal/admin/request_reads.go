package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// Requests lists the requests that the actor can see (ReadAssignments).
func (v View) Requests(ctx context.Context,
	q store.ListQuery[store.RequestFilter]) (store.ListPage[store.RequestLine], error) {
	return ifAllowed(v.May(access.ReadAssignments), func() (store.ListPage[store.RequestLine], error) {
		return v.read.RequestList(ctx, v.tenant(), inCatalogs(v, access.ReadAssignments, q))
	})
}

// WalkRequests calls f for every request of the list (ReadAssignments).
func (v View) WalkRequests(ctx context.Context, q store.ListQuery[store.RequestFilter],
	f func(store.RequestLine) error) error {
	if err := v.May(access.ReadAssignments); err != nil {
		return err
	}
	return v.read.WalkRequests(ctx, v.tenant(), inCatalogs(v, access.ReadAssignments, q), f)
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

// CheckReprocess returns the refusal of Editor.Reprocess for a request of the package, if
// its state allows it (ManageRequests).
func (p PackageView) CheckReprocess(ctx context.Context, r access.Request) error {
	if err := p.may(access.ManageRequests); err != nil {
		return err
	}
	return lifecycle.CheckReprocess(ctx, p.v.read, r, p.v.actor.ID)
}

// Request is the request.
func (r RequestView) Request() access.Request { return r.request }

// Person returns the person whom the request is for (ReadAssignments).
func (r RequestView) Person(ctx context.Context) (access.Person, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() (access.Person, error) {
		return r.v.read.Person(ctx, r.v.tenant(), r.request.Target)
	})
}

// PolicyName returns the name of the request's policy (ReadAssignments); empty if
// it has none or the policy was deleted.
func (r RequestView) PolicyName(ctx context.Context) (string, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() (string, error) {
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

// Decisions lists the decisions on the request by stage (ReadAssignments).
func (r RequestView) Decisions(ctx context.Context) ([]access.Decision, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() ([]access.Decision, error) {
		return r.v.read.Decisions(ctx, r.v.tenant(), r.request.ID)
	})
}

// History lists the request's changes of state (ReadAssignments).
func (r RequestView) History(ctx context.Context) ([]store.RequestStep, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() ([]store.RequestStep, error) {
		return r.v.read.RequestHistory(ctx, r.v.tenant(), r.request.ID)
	})
}

// Approvers lists the people who can decide in the stage now (ReadAssignments); none if
// the request has no such stage.
func (r RequestView) Approvers(ctx context.Context, stage int) ([]access.Person, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() ([]access.Person, error) {
		return lifecycle.Approvers(ctx, r.v.read, r.request, stage)
	})
}

// StageWithoutDecider returns the first stage of the request, from its open one, in which
// no one can decide now, counted from 1 (ReadAssignments); 0 if there is none.
func (r RequestView) StageWithoutDecider(ctx context.Context) (int, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() (int, error) {
		return lifecycle.StageWithoutDecider(ctx, r.v.read, r.request)
	})
}

// Reassignments are the audit records of when others were asked to decide on the request
// (ReadAssignments), oldest first.
func (r RequestView) Reassignments(ctx context.Context) ([]access.AuditRecord, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() ([]access.AuditRecord, error) {
		all, err := r.v.read.AuditOf(ctx, r.v.tenant(), string(r.request.ID))
		return slices.DeleteFunc(all, func(a access.AuditRecord) bool { return a.Activity != access.ActAddApprover }), err
	})
}

// Grants lists what the person has of the package's resource roles
// (ReadAssignments).
func (r RequestView) Grants(ctx context.Context) ([]access.Grant, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() ([]access.Grant, error) {
		return r.v.read.GrantsOfPackage(ctx, r.v.tenant(), r.request.Target, r.request.Package)
	})
}

// Assignment returns the request's assignment (ReadAssignments).
func (r RequestView) Assignment(ctx context.Context) (access.Assignment, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() (access.Assignment, error) {
		return r.v.read.Assignment(ctx, r.v.tenant(), r.request.Assignment)
	})
}

// PersonName returns the name of a person, such as of one who has decided
// (ReadAssignments).
func (r RequestView) PersonName(ctx context.Context, id access.PersonID) (string, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() (string, error) {
		one, err := r.v.read.Person(ctx, r.v.tenant(), id)
		return one.Name, err
	})
}

// Mails lists the messages about the request (ReadAssignments).
func (r RequestView) Mails(ctx context.Context) ([]store.Mail, error) {
	return ifAllowed(r.may(access.ReadAssignments), func() ([]store.Mail, error) {
		return r.v.read.Mails(ctx, r.v.tenant(), r.request.ID)
	})
}
