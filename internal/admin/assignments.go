package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// Assigning is a package to assign to people.
type Assigning struct {
	Package access.PackageID
	People  []access.PersonID
	// Address and Name are of a person who may not exist in the tenant yet (F-183).
	Address, Name string
	Ask           access.RequestForm
	// Key identifies the form: submitting it twice assigns once.
	Key string
}

// Assign makes a request for each person (F-182), all or none. The rules for requestors
// apply: the policy's approvers decide, and people who hold the package or have an open
// request are refused by name. A policy with questions takes one person at a time (F-121),
// and the form's answers must be checked (access.RequestForm.CheckAnswers).
func (ed *Editor) Assign(ctx context.Context, w Assigning) ([]access.Request, error) {
	var made []access.Request
	made = nil
	offer, err := ed.tx.Offer(ctx, ed.by.Tenant, w.Package)
	if err != nil {
		return made, err
	}
	if err := ed.rights.MayInCatalog(access.ManageRequests, offer.Package.Catalog); err != nil {
		return made, err
	}
	if err := offer.CheckAssignees(w.Ask.Policy, len(w.People)); err != nil {
		return made, err
	}
	people, err := assignees(ctx, ed, w)
	if err != nil {
		return made, err
	}
	if err := offer.CheckAssignees(w.Ask.Policy, len(people)); err != nil {
		return made, err
	}
	if !offer.NeedsApproval(w.Ask.Policy) {
		if err := checkDeliveredGroups(ctx, ed, w.Package, "people"); err != nil {
			return made, err
		}
	}
	for _, p := range people {
		if err := lifecycle.CheckAssignee(ctx, ed.tx.Reader, p, w.Package); err != nil {
			return made, access.AtField(err, assigneeField(p, w))
		}
		r, err := assign(ctx, ed, p, offer, w)
		if err != nil {
			return made, err
		}
		made = append(made, r)
	}
	return made, nil
}

// assignees returns the selected people and the person with the address, who is added if
// the address is unknown.
func assignees(ctx context.Context, ed *Editor, w Assigning) ([]access.Person, error) {
	var people []access.Person
	for _, id := range w.People {
		p, err := personToName(ctx, ed, ed.by.Tenant, id)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	if w.Address != "" {
		p, err := lifecycle.Preregister(ctx, ed.tx, ed.by, w.Address, w.Name)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	if len(people) == 0 {
		return nil, access.Invalidf("people", "Choose a person or enter a mail address.")
	}
	return people, nil
}

// assigneeField is the field in which the person was entered.
func assigneeField(p access.Person, w Assigning) string {
	if slices.Contains(w.People, p.ID) {
		return "people"
	}
	return "address"
}

// assign makes the request for one person.
func assign(ctx context.Context, ed *Editor, p access.Person, offer access.Offer,
	w Assigning) (access.Request, error) {
	key := ""
	if w.Key != "" {
		key = w.Key + "." + string(p.ID)
		if old, ok, err := ed.tx.RequestByForm(ctx, ed.by, key); ok || err != nil {
			return old, err
		}
	}
	who, err := ed.tx.ContextOf(ctx, p)
	if err != nil {
		return access.Request{}, err
	}
	tenant, err := ed.tx.Tenant(ctx, ed.by.Tenant)
	if err != nil {
		return access.Request{}, err
	}
	holding, err := ed.tx.Holding(ctx, p, w.Package)
	if err != nil {
		return access.Request{}, err
	}
	if err := holding.CanAssign(who, tenant.Settings); err != nil {
		return access.Request{}, err
	}
	r, err := offer.NewAssignmentRequest(who, access.AssignmentForm{RequestForm: w.Ask, By: ed.by.ID},
		tenant.Settings.Local(ed.tx.Now))
	if err != nil {
		return r, err
	}
	r.ID = access.RequestID(ed.tx.NewID())
	return r, lifecycle.SubmitRequest(ctx, ed.tx, &r, key)
}

// Unassign ends assignments early, each with a request of the administrator (F-187). It
// ends all or none: the first refusal is returned.
func (ed *Editor) Unassign(ctx context.Context, ids []access.AssignmentID, reason string) error {
	if err := access.CheckText("reason", reason, access.MaxReasonLength, false); err != nil {
		return err
	}
	return keepAdministrator(ctx, ed, func() error { return unassign(ctx, ed, ids, reason) })
}

// unassign is Unassign without the check that an administrator is left.
func unassign(ctx context.Context, ed *Editor, ids []access.AssignmentID, reason string) error {
	for _, id := range ids {
		x, err := assignmentFor(ctx, ed, id)
		if err != nil {
			return err
		}
		if err := checkWithdrawal(ctx, ed, x.Package, "reason"); err != nil {
			return err
		}
		if err := checkLastPackage(ctx, ed, x, "reason"); err != nil {
			return err
		}
		if err := x.CanRemove(); err != nil {
			return err
		}
		err = lifecycle.EndAssignment(ctx, ed.tx, x, lifecycle.EndReason{RequestType: access.AdminRemove,
			Activity: access.ActRemoveDirectly,
			By:       ed.by.ID, Reason: reason})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkLastPackage refuses to take the last access package from a governed guest who has a
// role that the actor could not assign: the guest would be blocked (W-26).
func checkLastPackage(ctx context.Context, ed *Editor, x access.Assignment, field string) error {
	p, err := ed.tx.Person(ctx, x.Tenant, x.Person)
	if err != nil || !p.Governed {
		return err
	}
	held, err := ed.tx.OpenAssignments(ctx, x.Tenant, p.ID)
	if err != nil || slices.ContainsFunc(held, func(other access.Assignment) bool { return other.ID != x.ID }) {
		return err
	}
	return checkManagePerson(ctx, ed, p, field)
}

// assignmentFor returns an assignment that the actor may manage.
func assignmentFor(ctx context.Context, ed *Editor, id access.AssignmentID) (access.Assignment, error) {
	x, err := ed.tx.Assignment(ctx, ed.by.Tenant, id)
	if err != nil {
		return x, err
	}
	return x, checkMayManage(ctx, ed, ed.by.Tenant, x.Package)
}

// requestFor returns a request that the actor may manage.
func requestFor(ctx context.Context, ed *Editor, id access.RequestID) (access.Request, error) {
	r, err := ed.tx.Request(ctx, ed.by.Tenant, id)
	if err != nil {
		return r, err
	}
	return r, checkMayManage(ctx, ed, ed.by.Tenant, r.Package)
}

func checkMayManage(ctx context.Context, ed *Editor, t access.TenantID, id access.PackageID) error {
	p, err := ed.tx.Package(ctx, t, id)
	if err != nil {
		return err
	}
	return ed.rights.MayInCatalog(access.ManageRequests, p.Catalog)
}

// CancelRequest cancels a request that is not yet delivered or whose delivery failed, and
// removes what was granted for it (F-155, F-250).
func (ed *Editor) CancelRequest(ctx context.Context, id access.RequestID) error {
	r, err := requestFor(ctx, ed, id)
	if err != nil {
		return err
	}
	if err := r.CanCancelAsAdmin(); err != nil {
		return err
	}
	if r.Assignment != "" {
		if err := checkWithdrawal(ctx, ed, r.Package, ""); err != nil {
			return err
		}
		err = keepAdministrator(ctx, ed, func() error { return endCanceledAssignment(ctx, ed, r) })
		if err != nil {
			return err
		}
	}
	r.Note = "An administrator canceled the request."
	return lifecycle.CancelRequest(ctx, ed.tx, &r, access.AuditRecord{Actor: ed.by.ID, Activity: access.ActCancel})
}

// endCanceledAssignment ends the assignment of a request that is canceled during delivery.
func endCanceledAssignment(ctx context.Context, ed *Editor, r access.Request) error {
	x, err := ed.tx.Assignment(ctx, r.Tenant, r.Assignment)
	if err != nil || x.State == access.AssignExpired {
		return err
	}
	if err := checkLastPackage(ctx, ed, x, ""); err != nil {
		return err
	}
	from := x.State
	x.Ended = ed.tx.Now
	if err := ed.tx.MoveAssignment(ctx, x, access.AssignExpired); err != nil {
		return err
	}
	err = ed.tx.Audit(ctx, access.AuditRecord{Tenant: x.Tenant, Actor: ed.by.ID, Activity: access.ActRemoveAssignment,
		ObjectKind: access.ObjectAssignment,
		ObjectID:   string(x.ID), From: string(from), To: string(access.AssignExpired), Request: r.ID})
	if err != nil {
		return err
	}
	return ed.tx.QueueDelivery(ctx, x.Tenant, x.Person, true)
}

// Reprocess retries the delivery of requests at once (F-177), or repairs access that has
// changed since delivery (F-178): all or none; the first refusal is returned.
func (ed *Editor) Reprocess(ctx context.Context, ids ...access.RequestID) error {
	tenant, err := ed.tx.Tenant(ctx, ed.by.Tenant)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, err := requestFor(ctx, ed, id)
		if err != nil {
			return err
		}
		if err := r.CanReprocess(tenant.Settings.Local(ed.tx.Now)); err != nil {
			return err
		}
		if err := lifecycle.ReprocessRequest(ctx, ed.tx, ed.by.ID, r.Tenant, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// Govern marks an existing guest as governed by access packages, so that losing the last
// package starts the guest's removal (F-190). A guest with a role that the actor could not
// assign is not marked (W-26).
func (ed *Editor) Govern(ctx context.Context, id access.AssignmentID) error {
	x, err := assignmentFor(ctx, ed, id)
	if err != nil {
		return err
	}
	p, err := ed.tx.Person(ctx, ed.by.Tenant, x.Person)
	if err != nil {
		return err
	}
	first, err := ed.tx.Request(ctx, ed.by.Tenant, x.Request)
	if err != nil {
		return err
	}
	if err := p.CanMarkGoverned(first.Type == access.UserAdd); err != nil {
		return err
	}
	if err := checkManagePerson(ctx, ed, p, ""); err != nil {
		return err
	}
	if err := ed.tx.SetGoverned(ctx, p); err != nil {
		return err
	}
	return ed.record(ctx, access.ActMarkGoverned, object{kind: access.ObjectPerson, id: string(p.ID), to: "governed"})
}
