package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// assigned is a person to whom an access package was assigned.
type assigned struct {
	offer      access.Offer
	holder     access.Person
	request    access.RequestID
	assignment access.AssignmentID
}

// assign assigns the package to somebody, and delivers it.
func (w *workplace) assign(o access.Offer) assigned {
	w.t.Helper()
	who := w.newcomer()
	made, err := w.Admin.Assign(w.t.Context(), w.by, admin.Assigning{Package: o.Package.ID,
		People: []access.PersonID{who.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
	id := check(w, made, err)[0].ID
	w.runJobs()
	return assigned{o, who, id, w.requestNow(id).Assignment}
}

// requestNow reads a request.
func (w *workplace) requestNow(id access.RequestID) access.Request {
	r, err := w.Reader.Request(w.t.Context(), w.Tenant.ID, id)
	return check(w, r, err)
}

// assignmentNow reads an assignment.
func (w *workplace) assignmentNow(id access.AssignmentID) access.Assignment {
	x, err := w.Reader.Assignment(w.t.Context(), w.Tenant.ID, id)
	return check(w, x, err)
}

// assignmentForms are the forms to assign access packages to people and to remove
// them, and to mark a guest as governed.
func assignmentForms() []formByRole {
	return []formByRole{
		packageForm("assign", "/assign", func(w *workplace, o access.Offer) attempt {
			who := w.newcomer()
			return attempt{fields: url.Values{"policy": {string(o.Policies[0].ID)}, "people": {pick(who.ID)}},
				done: func() bool {
					_, ok, err := w.AssignmentOf(w.t.Context(), who, o.Package.ID)
					return check(w, ok, err)
				}}
		}),
		{task: "assign", route: "POST /assignments/remove", make: func(w *workplace) attempt {
			x := w.assign(w.pack())
			return attempt{fields: url.Values{"id": {string(x.assignment)}, "reason": {"Left"}},
				done: func() bool { return w.assignmentNow(x.assignment).State == access.AssignExpired }}
		}},
		{task: "mark-governed", route: "POST /assignments/:id/govern", make: func(w *workplace) attempt {
			guest, held := w.ungovernedGuest()
			return attempt{id: string(held), done: func() bool {
				now, err := w.Person(w.t.Context(), w.Tenant.ID, guest.ID)
				return check(w, now, err).Governed
			}}
		}},
	}
}

// ungovernedGuest adds a guest who was not brought in by an access package and has
// requested one since.
func (p *fixture) ungovernedGuest() (access.Person, access.AssignmentID) {
	p.t.Helper()
	guest := access.Person{Tenant: p.Tenant.ID, Directory: p.Harbor.ID, Domain: "harbor.example", Kind: access.Guest,
		Name: "Gerd Gast", Guest: access.GuestActive}
	account := access.Account{Directory: p.Harbor.ID, Name: guest.Name}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		account.ID, guest.ID = access.AccountID(tx.NewID()), access.PersonID(tx.NewID())
		account.Subject, guest.Account = string(account.ID), account.ID
		guest.Email = account.Subject + "@harbor.example"
		account.Email = guest.Email
		if err := tx.SaveAccount(ctx, account); err != nil {
			return err
		}
		return tx.AddPerson(ctx, guest)
	})
	o := p.Package("Package of "+string(guest.ID), p.ForPartner(access.Terms{}))
	r, err := p.Requests.Submit(p.t.Context(), p.Tenant, account, o.Package.ID, access.RequestForm{}, "")
	if err != nil {
		p.t.Fatal(err)
	}
	p.runJobs()
	if r, err = p.Reader.Request(p.t.Context(), p.Tenant.ID, r.ID); err != nil || r.State != access.Delivered {
		p.t.Fatalf("the request of the guest is %s, %v", r.State, err)
	}
	return guest, r.Assignment
}

// pending makes a request that waits for an approver.
func (w *workplace) pending() access.RequestID {
	o := w.Package(w.name("Package"), access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{
		Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{personSubject(w.Lena.ID)}}}}})
	r, err := w.Requests.Submit(w.t.Context(), w.Tenant, w.AccountOf(w.newcomer()), o.Package.ID, access.RequestForm{}, "")
	return check(w, r, err).ID
}

// requestForms are the pages of assignments and requests, and the forms to
// reprocess and cancel requests. What is reprocessed could not be delivered.
func requestForms() []formByRole {
	const reason = "no longer exists"
	view := func(route string, f func(assigned) attempt) formByRole {
		return formByRole{task: "view-assignments", route: "GET " + route, make: func(w *workplace) attempt {
			x := f(w.assign(w.brokenPack()))
			x.status = http.StatusOK
			return x
		}}
	}
	again := func(route string, f func(assigned) attempt) formByRole {
		return formByRole{task: "reprocess-cancel", route: "POST " + route, make: func(w *workplace) attempt {
			held := w.assign(w.brokenPack())
			x := f(held)
			x.done = func() bool { return w.requestNow(held.request).State == access.Delivering }
			return x
		}}
	}
	return []formByRole{
		view("/assignments", func(x assigned) attempt {
			return attempt{query: "?package=" + string(x.offer.Package.ID), shows: x.holder.Email}
		}),
		view("/requests", func(x assigned) attempt {
			return attempt{query: "?package=" + string(x.offer.Package.ID), shows: x.holder.Email}
		}),
		view("/assignments/:id", func(x assigned) attempt {
			return attempt{id: string(x.assignment), shows: x.holder.Email}
		}),
		view("/requests/:id", func(x assigned) attempt { return attempt{id: string(x.request), shows: reason} }),
		view("/access-packages/:id/who", func(x assigned) attempt {
			return attempt{id: string(x.offer.Package.ID), query: "?person=" + pick(x.holder.ID), shows: x.holder.Name}
		}),
		again("/requests/:id/reprocess", func(x assigned) attempt { return attempt{id: string(x.request)} }),
		again("/assignments/:id/reprocess", func(x assigned) attempt { return attempt{id: string(x.assignment)} }),
		// Several requests have a result each, on the same page.
		again("/requests/reprocess", func(x assigned) attempt {
			return attempt{fields: url.Values{"id": {string(x.request)}}, status: http.StatusOK,
				shows: "Reprocessing 1 request.", refusal: http.StatusOK}
		}),
		{task: "reprocess-cancel", route: "POST /requests/:id/cancel", make: func(w *workplace) attempt {
			id := w.pending()
			return attempt{id: string(id), done: func() bool { return w.requestNow(id).State == access.Canceled }}
		}},
		{task: "reassign", route: "POST /requests/:id/reassign", make: func(w *workplace) attempt {
			id, other := w.pending(), w.newcomer()
			return attempt{id: string(id), fields: url.Values{"stage": {"1"}, "approvers": {pick(other.ID)},
				"reason": {"She is away."}}, done: func() bool {
				return slices.Equal(w.requestNow(id).Terms.Stages[0].Approvers, []access.SubjectRef{personSubject(other.ID)})
			}}
		}},
		{task: "remind", route: "POST /requests/:id/remind", make: func(w *workplace) attempt {
			id := w.pending()
			return attempt{id: string(id), done: func() bool { return !w.requestNow(id).Reminded.IsZero() }}
		}},
	}
}
