package access

import "time"

// MergeProofLifetime is how long the first of the two sign-ins counts that prove that
// two people are the same.
const MergeProofLifetime = 15 * time.Minute

// MergeProposal is an administrator's proposal to merge two people who are the same: all
// that From holds, has requested and may decide goes to Into. It is carried out when a
// global administrator other than the proposer confirms it, or when the person signs in
// as both.
type MergeProposal struct {
	ID         MergeID
	Tenant     TenantID
	From, Into PersonID
	By         PersonID // who proposes it
	Reason     string
	Created    time.Time
	// Proved is the one of the two who has signed in to confirm it; empty if neither has.
	Proved   PersonID
	ProofKey string // hash of a token that the browser of that sign-in has
	ProvedAt time.Time
}

// Involves reports whether the person is one of the two.
func (m MergeProposal) Involves(p PersonID) bool { return p == m.From || p == m.Into }

// ProvedWith reports whether the other of the two has signed in with the same browser, not
// long ago, so that a confirmation of p proves that both are one.
func (m MergeProposal) ProvedWith(p PersonID, key string, now time.Time) bool {
	return m.Involves(p) && m.Proved != "" && m.Proved != p && key != "" && key == m.ProofKey &&
		now.Before(m.ProvedAt.Add(MergeProofLifetime))
}

// CanConfirm refuses to let an administrator confirm a proposal of their own, or one that
// is about themselves.
func (m MergeProposal) CanConfirm(by PersonID, r Rights) error {
	switch {
	case !r.HasTenantRole(GlobalAdministrator):
		return Refuse(Forbidden, "Only a global administrator can confirm this.")
	case by == m.By:
		return Refuse(Forbidden, "You proposed this merge. Another global administrator has to confirm it.")
	case m.Involves(by):
		return Refuse(Forbidden, "This merge involves you. Another global administrator has to confirm it.")
	}
	return nil
}

// CheckMerge refuses to merge two people: one with themselves, someone who is merged
// already or disabled, and a member with someone from outside, whose rights differ.
func CheckMerge(from, into Person) error {
	switch {
	case from.ID == into.ID:
		return Invalidf("other", "Select another person.")
	case from.MergedInto != "" || into.MergedInto != "":
		return Refuse(Conflict, "One of these people has already been merged.")
	case from.Disabled || into.Disabled:
		return Invalidf("other", "One of these people is disabled. Enable them first.")
	case from.Outsider() != into.Outsider():
		return Invalidf("other", "You can't merge a member with a person from outside.")
	}
	return nil
}

// MayMerge refuses to merge two people with these rights, of which the one who stays has
// both: it takes the right to assign each of the roles.
func (r Rights) MayMerge(from, into Rights) error {
	if err := r.May(ManagePeople); err != nil {
		return err
	}
	for _, of := range []Rights{from, into} {
		for _, role := range of.Tenant {
			if err := r.MayAssignRole(role, ""); err != nil {
				return err
			}
		}
		for c, roles := range of.Catalogs {
			for _, role := range roles {
				if err := r.MayAssignRole(role, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Absorb is p with what is known of other and not of p: language, time zone, manager and
// attributes. Whoever became known later tells how the person signs in now.
func (p Person) Absorb(other Person) Person {
	if p.Language == "" {
		p.Language = other.Language
	}
	if p.TimeZone == "" {
		p.TimeZone = other.TimeZone
	}
	if p.Manager == "" || p.Manager == other.ID {
		p.Manager = other.Manager
	}
	if p.Manager == p.ID {
		p.Manager = ""
	}
	all := map[string]string{}
	for name, value := range other.Attributes {
		if len(all) < MaxAttributes {
			all[name] = value
		}
	}
	for name, value := range p.Attributes {
		if _, ok := all[name]; ok || len(all) < MaxAttributes {
			all[name] = value
		}
	}
	p.Attributes = all
	if other.Account != "" && (p.Account == "" || other.Created.After(p.Created)) {
		p.Directory, p.Domain, p.Email = other.Directory, other.Domain, other.Email
	}
	return p
}

// EndsLater reports whether the assignment gives access longer than the other one.
func (x Assignment) EndsLater(other Assignment) bool {
	if x.End.IsZero() || other.End.IsZero() {
		return x.End.IsZero() && !other.End.IsZero()
	}
	return x.End.After(other.End)
}
