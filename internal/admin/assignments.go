package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// Assigning is a package that an administrator assigns to people, known or not.
type Assigning struct {
	Package access.PackageID
	People  []access.PersonID
	// Address and Name are of somebody whom the tenant need not know yet (F-183).
	Address, Name string
	Ask           access.RequestForm
	// Key is that of the form: posting it twice assigns once.
	Key string
}

// Assign makes a request for each of the people (F-182); all are made or none.
// The same rules hold as for those who ask: approvers decide where the policy
// says so, and who holds the package or awaits it is refused by name. A policy
// with questions takes one person at a time (F-121).
func (a *Admin) Assign(ctx context.Context, by access.Person, w Assigning) ([]access.Request, error) {
	var made []access.Request
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		made = nil
		offer, err := tx.Offer(ctx, by.Tenant, w.Package)
		if err != nil {
			return err
		}
		if err := rights.MayInCatalog(access.ManageRequests, offer.Package.Catalog); err != nil {
			return err
		}
		people, err := assignees(ctx, tx, by, w)
		if err != nil {
			return err
		}
		if len(people) > 1 && len(w.Ask.Answers) > 0 {
			return access.Invalidf("people", "This policy asks questions, which are answered for one person at a time.")
		}
		for _, p := range people {
			r, err := assign(ctx, tx, by, p, offer, w)
			if err != nil {
				return err
			}
			made = append(made, r)
		}
		return nil
	})
	return made, err
}

// assignees are the people meant: those chosen, and the one with the address,
// who is made known if nobody has it yet.
func assignees(ctx context.Context, tx *store.Tx, by access.Person, w Assigning) ([]access.Person, error) {
	var people []access.Person
	for _, id := range w.People {
		p, err := tx.Person(ctx, by.Tenant, id)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	if w.Address != "" {
		p, err := lifecycle.Preregister(ctx, tx, by, w.Address, w.Name)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	if len(people) == 0 {
		return nil, access.Invalidf("people", "Choose somebody, or give a mail address.")
	}
	return people, nil
}

// assign makes the request for one person.
func assign(ctx context.Context, tx *store.Tx, by, p access.Person, offer access.Offer,
	w Assigning) (access.Request, error) {
	key := ""
	if w.Key != "" {
		key = w.Key + "." + string(p.ID)
		if old, ok, err := tx.RequestByForm(ctx, by, key); ok || err != nil {
			return old, err
		}
	}
	who, err := tx.ContextOf(ctx, p)
	if err != nil {
		return access.Request{}, err
	}
	tenant, err := tx.Tenant(ctx, by.Tenant)
	if err != nil {
		return access.Request{}, err
	}
	holding, err := tx.Holding(ctx, p, w.Package)
	if err != nil {
		return access.Request{}, err
	}
	if err := holding.CanAssign(who, tenant.Settings); err != nil {
		return access.Request{}, err
	}
	r, err := offer.NewAssignmentRequest(who, access.AssignmentForm{RequestForm: w.Ask, By: by.ID}, tx.Now)
	if err != nil {
		return r, err
	}
	r.ID = access.RequestID(tx.NewID())
	return r, lifecycle.SubmitRequest(ctx, tx, &r, key)
}

// Unassign ends assignments before their time, each by a request of the
// administrator (F-187). Each is judged by itself; the first refusal ends it
// all.
func (a *Admin) Unassign(ctx context.Context, by access.Person, ids []access.AssignmentID, reason string) error {
	if err := access.CheckText("reason", reason, access.MaxReasonLength, false); err != nil {
		return err
	}
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		for _, id := range ids {
			x, err := assignmentFor(ctx, tx, by, rights, id)
			if err != nil {
				return err
			}
			if err := x.CanRemove(); err != nil {
				return err
			}
			err = lifecycle.EndAssignment(ctx, tx, x, lifecycle.EndReason{RequestType: access.AdminRemove,
				Activity: access.ActRemoveDirectly,
				By:       by.ID, Reason: reason})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// assignmentFor is an assignment that the actor may manage.
func assignmentFor(ctx context.Context, tx *store.Tx, by access.Person, rights access.Rights,
	id access.AssignmentID) (access.Assignment, error) {
	x, err := tx.Assignment(ctx, by.Tenant, id)
	if err != nil {
		return x, err
	}
	return x, mayManage(ctx, tx, rights, by.Tenant, x.Package)
}

// requestFor is a request that the actor may manage.
func requestFor(ctx context.Context, tx *store.Tx, by access.Person, rights access.Rights,
	id access.RequestID) (access.Request, error) {
	r, err := tx.Request(ctx, by.Tenant, id)
	if err != nil {
		return r, err
	}
	return r, mayManage(ctx, tx, rights, by.Tenant, r.Package)
}

func mayManage(ctx context.Context, tx *store.Tx, rights access.Rights, t access.TenantID, id access.PackageID) error {
	p, err := tx.Package(ctx, t, id)
	if err != nil {
		return err
	}
	return rights.MayInCatalog(access.ManageRequests, p.Catalog)
}

// CancelRequest ends a request that is not yet delivered, or whose delivery
// failed; what was granted for it is taken back (F-155, F-250).
func (a *Admin) CancelRequest(ctx context.Context, by access.Person, id access.RequestID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		r, err := requestFor(ctx, tx, by, rights, id)
		if err != nil {
			return err
		}
		if err := r.CanCancelAsAdmin(); err != nil {
			return err
		}
		if r.Assignment != "" {
			if err := takeBack(ctx, tx, by, r); err != nil {
				return err
			}
		}
		return lifecycle.CancelRequest(ctx, tx, &r, access.AuditRecord{Actor: by.ID, Activity: access.ActCancel})
	})
}

// takeBack ends the assignment of a request that is canceled while it is being
// delivered.
func takeBack(ctx context.Context, tx *store.Tx, by access.Person, r access.Request) error {
	x, err := tx.Assignment(ctx, r.Tenant, r.Assignment)
	if err != nil || x.State == access.AssignExpired {
		return err
	}
	from := x.State
	x.Ended = tx.Now
	if err := tx.MoveAssignment(ctx, x, access.AssignExpired); err != nil {
		return err
	}
	err = tx.Audit(ctx, access.AuditRecord{Tenant: x.Tenant, Actor: by.ID, Activity: access.ActRemoveAssignment,
		ObjectKind: "assignment",
		ObjectID:   string(x.ID), From: string(from), To: string(access.AssignExpired), Request: r.ID})
	if err != nil {
		return err
	}
	return tx.QueueDelivery(ctx, x.Tenant, x.Person, true)
}

// Reprocess tries requests again at once (F-177), or puts right what has gone
// astray since they were delivered (F-178). Each is judged by itself; the first
// refusal ends it all.
func (a *Admin) Reprocess(ctx context.Context, by access.Person, ids ...access.RequestID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		for _, id := range ids {
			r, err := requestFor(ctx, tx, by, rights, id)
			if err != nil {
				return err
			}
			if err := r.CanReprocess(tx.Now); err != nil {
				return err
			}
			if err := lifecycle.ReprocessRequest(ctx, tx, by.ID, r.Tenant, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Govern marks a guest who was there before as governed by access packages, so
// that losing the last one has its consequences (F-190).
func (a *Admin) Govern(ctx context.Context, by access.Person, id access.AssignmentID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		x, err := assignmentFor(ctx, tx, by, rights, id)
		if err != nil {
			return err
		}
		p, err := tx.Person(ctx, by.Tenant, x.Person)
		if err != nil {
			return err
		}
		first, err := tx.Request(ctx, by.Tenant, x.Request)
		if err != nil {
			return err
		}
		if err := p.CanMarkGoverned(first.Type == access.UserAdd); err != nil {
			return err
		}
		if err := tx.SetGoverned(ctx, p); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActMarkGoverned, object{kind: "person", id: string(p.ID), to: "governed"})
	})
}
