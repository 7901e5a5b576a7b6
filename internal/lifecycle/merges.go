package lifecycle

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Merges lets people prove that an administrator is right who proposes to merge two
// people: they are both (C18).
type Merges struct {
	store *store.Store
	wake  func()
}

// MergeProof is one of the two sign-ins that prove that two people are one.
type MergeProof struct {
	Proposal access.MergeID
	// Held is the hash of the token that the browser has from the other sign-in; empty if
	// it has none. Fresh is the hash of the token that it gets if this is the first one.
	Held, Fresh string
}

// Prove records that one of the two people has confirmed the proposal, signed in. If the
// other one has done so in the same browser not long ago, the two are merged and it
// returns true. NotFound for anyone else; Forbidden if the proposer may not merge them
// any more.
func (m *Merges) Prove(ctx context.Context, by access.Person, p MergeProof) (merged bool, err error) {
	err = m.store.Write(ctx, func(tx *store.Tx) error {
		merged = false
		proposal, err := tx.MergeProposal(ctx, by.Tenant, p.Proposal)
		if err != nil {
			return err
		}
		if !proposal.Involves(by.ID) {
			return access.Missing()
		}
		if proposal.ProvedWith(by.ID, p.Held, tx.Now) {
			merged = true
			return MergePeople(ctx, tx, proposal, by.ID, "both sign-ins")
		}
		proposal.Proved, proposal.ProofKey, proposal.ProvedAt = by.ID, p.Fresh, tx.Now
		return tx.SaveMergeProof(ctx, proposal)
	})
	if err == nil && merged {
		m.wake()
	}
	return merged && err == nil, err
}

// maxMergedPolicies is how many policies may name a person who is merged into another:
// each is saved in the same transaction.
const maxMergedPolicies = 200

// MergePeople carries out a proposal: all that From holds, has requested and may decide
// goes to Into, and From becomes a pointer. by is who has confirmed it, and how is kept in
// the audit log. It asks again for everything that was asked when it was proposed.
//
// Where both have the same access package, the assignment that lasts longer stays and the
// other one ends. Of two open requests for it, that of Into stays, and none if one of the
// two has the package. An open request of one on which the other has decided is canceled,
// as nobody approves their own. What both hold by packages is delivered anew to Into, who
// keeps the own sponsors and manager and gets those of From as far as the rules of people
// allow it.
func MergePeople(ctx context.Context, tx *store.Tx, m access.MergeProposal, by access.PersonID, how string) error {
	from, err := tx.Person(ctx, m.Tenant, m.From)
	if err != nil {
		return err
	}
	into, err := tx.Person(ctx, m.Tenant, m.Into)
	if err != nil {
		return err
	}
	if err := CheckMergeRights(ctx, tx, m); err != nil {
		return err
	}
	if err := access.CheckMerge(from, into); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return settleManagers(ctx, tx, &from, &into) },
		func() error { return settleRequests(ctx, tx, from, into, by) },
		func() error { return settleAssignments(ctx, tx, from, into) },
		func() error { return renameInPolicies(ctx, tx, from, into) },
		func() error { // into may have no way in
			return KeepAdministrator(ctx, tx, m.Tenant, func() error { return tx.MergePerson(ctx, from, into) })
		},
		func() error { return tx.EndSessionsOf(ctx, into) }, // from signs in as into now
		func() error { return tx.QueueDelivery(ctx, m.Tenant, from.ID, true) },
		func() error { return tx.QueueDelivery(ctx, m.Tenant, into.ID, false) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, id := range []access.PersonID{from.ID, into.ID} {
		err := tx.Audit(ctx, access.AuditRecord{Tenant: m.Tenant, Actor: by, OnBehalfOf: m.By, Activity: access.ActMerge,
			ObjectKind: access.ObjectPerson, ObjectID: string(id), From: nameAndEmail(from) + " " + string(from.ID),
			To: nameAndEmail(into) + " " + string(into.ID), Reason: m.Reason + " (confirmed by " + how + ")"})
		if err != nil {
			return err
		}
	}
	return nil
}

// CheckMergeRights refuses the proposal if its proposer may not assign the roles of both,
// or if nothing but a mail address would identify an administrator.
func CheckMergeRights(ctx context.Context, tx *store.Tx, m access.MergeProposal) error {
	proposer, err := tx.Person(ctx, m.Tenant, m.By)
	if err != nil {
		return err
	}
	rights, err := tx.Rights(ctx, proposer)
	if err != nil {
		return err
	}
	var theirs [2]access.Rights
	for i, id := range []access.PersonID{m.From, m.Into} {
		if theirs[i], err = tx.AdministrativeRoles(ctx, access.Person{Tenant: m.Tenant, ID: id}); err != nil {
			return err
		}
	}
	if err := rights.MayMerge(theirs[0], theirs[1]); err != nil {
		return err
	}
	return checkMergedIdentified(ctx, tx, m, theirs[0].HasAny() || theirs[1].HasAny())
}

// checkMergedIdentified refuses a merge of two people without an account, of whom one has
// administrative roles, if the one who stays does not sign in with passcodes.
func checkMergedIdentified(ctx context.Context, tx *store.Tx, m access.MergeProposal, administrator bool) error {
	from, err := tx.Person(ctx, m.Tenant, m.From)
	if err != nil || from.Account != "" || !administrator {
		return err
	}
	into, err := tx.Person(ctx, m.Tenant, m.Into)
	if err != nil {
		return err
	}
	return access.AtField(CheckIdentified(ctx, tx.Reader, into, ""), "other")
}

// maxManagers is how far a chain of managers is followed.
const maxManagers = 50

// settleManagers leaves the merged person the first manager, that of into or else that of
// from, whose own managers are neither of the two: nobody is their own manager's manager.
func settleManagers(ctx context.Context, tx *store.Tx, from, into *access.Person) error {
	candidates := []access.PersonID{into.Manager, from.Manager}
	from.Manager, into.Manager = "", ""
	for _, manager := range candidates {
		led, err := isLedBy(ctx, tx, from.Tenant, manager, from.ID, into.ID)
		if err != nil {
			return err
		}
		if manager != "" && !led {
			into.Manager = manager
			return nil
		}
	}
	return nil
}

// isLedBy reports whether one of leaders is the person, or their manager, directly or
// through others.
func isLedBy(ctx context.Context, tx *store.Tx, t access.TenantID, at access.PersonID,
	leaders ...access.PersonID) (bool, error) {
	for range maxManagers {
		if at == "" || slices.Contains(leaders, at) {
			return at != "", nil
		}
		p, err := tx.Person(ctx, t, at)
		if err != nil {
			return false, err
		}
		at = p.Manager
	}
	return false, nil
}

// settleRequests cancels the open requests that the one person could not have besides
// what the other one has.
func settleRequests(ctx context.Context, tx *store.Tx, from, into access.Person, by access.PersonID) error {
	open, err := tx.UndecidedRequests(ctx, from.Tenant, from.ID)
	if err != nil {
		return err
	}
	kept, err := tx.UndecidedRequests(ctx, into.Tenant, into.ID)
	if err != nil {
		return err
	}
	requested := map[access.PackageID]bool{}
	for _, r := range kept {
		canceled, err := cancelIfSettled(ctx, tx, r, from, by, nil)
		if err != nil {
			return err
		}
		requested[r.Package] = requested[r.Package] || !canceled
	}
	for _, r := range open {
		if _, err := cancelIfSettled(ctx, tx, r, into, by, requested); err != nil {
			return err
		}
	}
	return nil
}

// cancelIfSettled cancels an open request if the other person has the package or has
// decided on it, or if the package is among those requested.
func cancelIfSettled(ctx context.Context, tx *store.Tx, r access.Request, other access.Person, by access.PersonID,
	requested map[access.PackageID]bool) (canceled bool, err error) {
	holding, err := tx.Holding(ctx, other, r.Package)
	if err != nil {
		return false, err
	}
	decisions, err := tx.Decisions(ctx, r.Tenant, r.ID)
	if err != nil {
		return false, err
	}
	decided := slices.ContainsFunc(decisions, func(d access.Decision) bool { return d.By == other.ID })
	if !holding.Assigned && !decided && !requested[r.Package] {
		return false, nil
	}
	r.Note = "The requestor was merged with another person, who has this access package, a request for it, or has " +
		"decided on this one."
	return true, CancelRequest(ctx, tx, &r, access.AuditRecord{Actor: by, Activity: access.ActCancel,
		Reason: string(r.Note)})
}

// settleAssignments ends one of two assignments of a package that both people have: the
// one that ends earlier.
func settleAssignments(ctx context.Context, tx *store.Tx, from, into access.Person) error {
	held, err := tx.OpenAssignments(ctx, from.Tenant, from.ID)
	if err != nil {
		return err
	}
	others, err := tx.OpenAssignments(ctx, into.Tenant, into.ID)
	if err != nil {
		return err
	}
	of := map[access.PackageID]access.Assignment{}
	for _, x := range others {
		of[x.Package] = x
	}
	for _, x := range held {
		other, both := of[x.Package]
		if !both {
			continue
		}
		if x.EndsLater(other) {
			x = other
		}
		if err := expireAssignment(ctx, tx, x, ""); err != nil {
			return err
		}
	}
	return nil
}

// renameInPolicies puts into in the place of from in every policy that names from.
func renameInPolicies(ctx context.Context, tx *store.Tx, from, into access.Person) error {
	policies, err := tx.PoliciesNaming(ctx, from.Tenant, from.ID, maxMergedPolicies+1)
	if err != nil {
		return err
	}
	if len(policies) > maxMergedPolicies {
		return access.Refuse(access.Conflict, "“%s” is named in more than %d policies. Replace this person in some of them "+
			"first.", from.Name, maxMergedPolicies)
	}
	for _, p := range policies {
		p.Targets = renamed(p.Targets, from.ID, into.ID)
		p.Terms.Stages = slices.Clone(p.Terms.Stages)
		for i, s := range p.Terms.Stages {
			p.Terms.Stages[i].Approvers = renamed(s.Approvers, from.ID, into.ID)
		}
		if err := tx.SavePolicy(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// renamed has the second person in the place of the first, once.
func renamed(all []access.SubjectRef, from, into access.PersonID) []access.SubjectRef {
	var to []access.SubjectRef
	for _, s := range all {
		if s.Kind == access.SubjectPerson && s.ID == string(from) {
			s.ID = string(into)
		}
		if !slices.Contains(to, s) {
			to = append(to, s)
		}
	}
	return to
}
