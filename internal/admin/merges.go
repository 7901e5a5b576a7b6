package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// MergeForm is what an administrator enters to propose to merge two people.
type MergeForm struct {
	// From is merged into Into, who stays.
	From, Into access.PersonID
	Reason     string
}

// ProposeMerge proposes to merge two people who are the same (C18). Nothing is merged
// before the proposal is confirmed.
func (ed *Editor) ProposeMerge(ctx context.Context, f MergeForm) (access.MergeProposal, error) {
	m := access.MergeProposal{Tenant: ed.by.Tenant, From: f.From, Into: f.Into, By: ed.by.ID,
		Reason: strings.TrimSpace(f.Reason)}
	if err := ed.rights.May(access.ManagePeople); err != nil {
		return m, err
	}
	var es access.Errors
	es.Add(access.CheckText("reason", m.Reason, access.MaxReasonLength, true))
	from, err := ed.tx.Person(ctx, m.Tenant, m.From)
	if err != nil {
		return m, err
	}
	into, err := ed.tx.Person(ctx, m.Tenant, m.Into)
	if access.KindOf(err) == access.NotFound && err != nil {
		es.Add(access.Invalidf("other", "Select another person."))
		return m, es.Err()
	}
	if err != nil {
		return m, err
	}
	err = access.CheckMerge(from, into)
	if access.KindOf(err) == access.Conflict {
		return m, err
	}
	es.Add(err)
	if err := es.Err(); err != nil {
		return m, err
	}
	if err := lifecycle.CheckMergeRights(ctx, ed.tx, m); err != nil {
		return m, err
	}
	for _, p := range []access.PersonID{m.From, m.Into} {
		open, err := ed.tx.MergeProposalsOf(ctx, m.Tenant, p)
		if err != nil {
			return m, err
		}
		if len(open) > 0 {
			return m, access.Refuse(access.Conflict, "One of these two people already has an open merge proposal.")
		}
	}
	m.ID = access.MergeID(ed.tx.NewID())
	if err := ed.tx.AddMergeProposal(ctx, m); err != nil {
		return m, err
	}
	return m, recordMerge(ctx, ed, access.ActProposeMerge, m)
}

// ConfirmMerge carries out a proposal of another administrator.
func (ed *Editor) ConfirmMerge(ctx context.Context, id access.MergeID) (access.MergeProposal, error) {
	m, err := ed.tx.MergeProposal(ctx, ed.by.Tenant, id)
	if err != nil {
		return m, err
	}
	if err := m.CanConfirm(ed.by.ID, ed.rights); err != nil {
		return m, err
	}
	return m, lifecycle.MergePeople(ctx, ed.tx, m, ed.by.ID, "a second administrator")
}

// DeclineMerge deletes a proposal without carrying it out.
func (ed *Editor) DeclineMerge(ctx context.Context, id access.MergeID) error {
	if err := ed.rights.May(access.ManagePeople); err != nil {
		return err
	}
	m, err := ed.tx.MergeProposal(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := ed.tx.DeleteMergeProposal(ctx, m); err != nil {
		return err
	}
	return recordMerge(ctx, ed, access.ActDeclineMerge, m)
}

func recordMerge(ctx context.Context, ed *Editor, act access.Activity, m access.MergeProposal) error {
	return ed.record(ctx, act, object{kind: access.ObjectPerson, id: string(m.From), from: string(m.From),
		to: string(m.Into), reason: m.Reason})
}

// MergeView is a proposal with what its page shows.
type MergeView struct {
	access.MergeProposal
	FromPerson, IntoPerson access.Person
	Proposer               string // name
}

// maxMergeProposals is how many open proposals a page lists.
const maxMergeProposals = 100

// Merges lists the oldest open proposals to merge people (ManagePeople).
func (v View) Merges(ctx context.Context) ([]MergeView, error) {
	if err := v.May(access.ManagePeople); err != nil {
		return nil, err
	}
	open, err := v.read.MergeProposals(ctx, v.tenant(), maxMergeProposals)
	if err != nil {
		return nil, err
	}
	return mergeViews(ctx, v, open)
}

// Merge is the open proposal with the id (ManagePeople).
func (v View) Merge(ctx context.Context, id access.MergeID) (MergeView, error) {
	if err := v.May(access.ManagePeople); err != nil {
		return MergeView{}, err
	}
	m, err := v.read.MergeProposal(ctx, v.tenant(), id)
	if err != nil {
		return MergeView{}, err
	}
	all, err := mergeViews(ctx, v, []access.MergeProposal{m})
	if err != nil {
		return MergeView{}, err
	}
	return all[0], nil
}

func mergeViews(ctx context.Context, v View, open []access.MergeProposal) ([]MergeView, error) {
	var refs []access.SubjectRef
	for _, m := range open {
		for _, p := range []access.PersonID{m.From, m.Into, m.By} {
			refs = append(refs, access.SubjectRef{Kind: access.SubjectPerson, ID: string(p)})
		}
	}
	found, err := v.read.Subjects(ctx, v.tenant(), refs)
	all := make([]MergeView, len(open))
	for i, m := range open {
		all[i] = MergeView{m, found.People[m.From], found.People[m.Into], found.People[m.By].Name}
	}
	return all, err
}

// SameAddress are the other people with the person's address, and the one that the person
// was merged into.
func (p PersonView) SameAddress(ctx context.Context) (others []access.Person, into access.Person, err error) {
	if err := p.v.May(access.ManagePeople); err != nil {
		return nil, into, err
	}
	if p.person.MergedInto != "" {
		into, err = p.v.read.Person(ctx, p.v.tenant(), p.person.MergedInto)
		return nil, into, err
	}
	if p.person.Email == "" {
		return nil, into, nil
	}
	all, err := p.v.read.PeopleByEmail(ctx, p.v.tenant(), p.person.Email)
	for _, one := range all {
		if one.ID != p.person.ID {
			others = append(others, one)
		}
	}
	return others, into, err
}

// MergeProposals are the open proposals about the person.
func (p PersonView) MergeProposals(ctx context.Context) ([]access.MergeProposal, error) {
	return ifAllowed(p.v.May(access.ManagePeople), func() ([]access.MergeProposal, error) {
		return p.v.read.MergeProposalsOf(ctx, p.v.tenant(), p.person.ID)
	})
}

// ProposeMerge is Editor.ProposeMerge as a transaction.
func (a *Admin) ProposeMerge(ctx context.Context, by access.Person, f MergeForm) (access.MergeProposal, error) {
	return result(ctx, a, by, func(ed *Editor) (access.MergeProposal, error) { return ed.ProposeMerge(ctx, f) })
}

// ConfirmMerge is Editor.ConfirmMerge as a transaction.
func (a *Admin) ConfirmMerge(ctx context.Context, by access.Person, id access.MergeID) (access.MergeProposal, error) {
	return result(ctx, a, by, func(ed *Editor) (access.MergeProposal, error) { return ed.ConfirmMerge(ctx, id) })
}

// DeclineMerge is Editor.DeclineMerge as a transaction.
func (a *Admin) DeclineMerge(ctx context.Context, by access.Person, id access.MergeID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeclineMerge(ctx, id) })
}
