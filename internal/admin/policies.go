package admin

import (
	"context"
	"encoding/json"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SavePolicy adds a policy, which has no id, to the access package that p names,
// or changes the one with the id from the version that p names. One that could
// not work as things stand is refused at the field that is to be mended
// (access.Policy.Advise). Requests under way and what is held keep the terms
// that they have (F-103, F-128).
func (a *Admin) SavePolicy(ctx context.Context, by access.Person, p access.Policy) (access.Policy, error) {
	p.Tenant = by.Tenant
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		var stored access.Policy
		if p.ID != "" {
			var err error
			if stored, err = tx.Policy(ctx, by.Tenant, p.ID); err != nil {
				return err
			}
			p.Package = stored.Package
		}
		c, err := policyCatalog(ctx, tx, rights, by.Tenant, p.Package)
		if err != nil {
			return err
		}
		if err := checkVersion(stored.Version, p.Version); err != nil {
			return err
		}
		if err := judgePolicy(ctx, tx, p, c); err != nil {
			return err
		}
		if p.ID == "" {
			p.ID = access.PolicyID(tx.NewID())
		}
		return putPolicy(ctx, tx, by, p, stored)
	})
	return p, err
}

// policyCatalog is the catalog of a package whose policies the rights allow to
// be changed.
func policyCatalog(ctx context.Context, tx *store.Tx, rights access.Rights, t access.TenantID,
	id access.PackageID) (access.Catalog, error) {
	offer, err := tx.Offer(ctx, t, id)
	if err != nil {
		return access.Catalog{}, err
	}
	return offer.Catalog, rights.MayInCatalog(access.ManagePolicies, offer.Catalog.ID)
}

// judgePolicy finds every fault of a policy in the catalog: in what it says, in
// whom it names, and in how things stand around it.
func judgePolicy(ctx context.Context, tx *store.Tx, p access.Policy, c access.Catalog) error {
	var es access.Errors
	es.Add(p.Check(c))
	other, taken, err := tx.PolicyNamed(ctx, p.Tenant, p.Package, p.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != p.ID {
		es.Add(access.Invalidf("policyName", "The access package has a policy with this name already."))
	}
	missing, err := missingSubjects(ctx, tx, p)
	if err != nil {
		return err
	}
	facts, err := tx.PolicyFacts(ctx, p, c, tx.Now)
	if err != nil {
		return err
	}
	refused, _ := p.Advise(facts)
	return es.AddForNewFields(missing).AddForNewFields(refused).Err()
}

// missingSubjects are the faults of the fields that name somebody whom the
// tenant does not have.
func missingSubjects(ctx context.Context, tx *store.Tx, p access.Policy) (access.Errors, error) {
	var es access.Errors
	check := func(field string, all []access.SubjectRef) error {
		for _, s := range all {
			switch err := checkSubject(ctx, tx, p.Tenant, s); {
			case err == nil:
			case access.KindOf(err) == access.NotFound:
				es = es.AddForNewFields(access.Errors{access.Invalidf(field, "Somebody who is named here is not there any more. "+
					"Choose again.")})
			default:
				return err
			}
		}
		return nil
	}
	if err := check(p.TargetsField(), p.Targets); err != nil {
		return nil, err
	}
	for i, s := range p.Stages {
		if err := check(access.ApproversField(i+1), s.Approvers); err != nil {
			return nil, err
		}
	}
	return es, nil
}

// putPolicy stores a policy that has been judged, and records it.
func putPolicy(ctx context.Context, tx *store.Tx, by access.Person, p, stored access.Policy) error {
	if err := tx.SavePolicy(ctx, p); err != nil {
		return err
	}
	act := access.ActUpdatePolicy
	if stored.Version == 0 {
		act = access.ActCreatePolicy
	}
	return recordPolicy(ctx, tx, by, act, stored, p)
}

func recordPolicy(ctx context.Context, tx *store.Tx, by access.Person, act access.Activity,
	from, to access.Policy) error {
	id := to.ID
	if id == "" {
		id = from.ID
	}
	return record(ctx, tx, by, act, object{kind: "accessPackageAssignmentPolicy", id: string(id), from: policyText(from),
		to: policyText(to)})
}

// policyText is a policy as the audit log keeps it: whole, so that one can tell
// afterwards by which rules somebody was let in.
func policyText(p access.Policy) string {
	if p.ID == "" {
		return ""
	}
	text, err := json.Marshal(struct {
		DisplayName, Description, AllowedTargetScope string
		SpecificAllowedTargets                       []access.SubjectRef `json:",omitempty"`
		Enabled                                      bool
		Terms                                        access.Terms
	}{p.Name, p.Description, string(p.Scope), p.Targets, p.Enabled, p.Terms})
	if err != nil {
		panic(err) // policies always marshal
	}
	return string(text)
}

// EnablePolicy lets a policy accept new requests and assignments, or no more
// (F-078). What could not work is not enabled. To be so already is no fault.
func (a *Admin) EnablePolicy(ctx context.Context, by access.Person, id access.PolicyID, enabled bool) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		stored, err := tx.Policy(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		c, err := policyCatalog(ctx, tx, rights, by.Tenant, stored.Package)
		if err != nil || stored.Enabled == enabled {
			return err
		}
		p := stored
		p.Enabled = enabled
		if enabled {
			facts, err := tx.PolicyFacts(ctx, p, c, tx.Now)
			if err != nil {
				return err
			}
			if err := p.CanEnable(facts); err != nil {
				return err
			}
		}
		return putPolicy(ctx, tx, by, p, stored)
	})
}

// DeletePolicy deletes a policy under which nobody holds the package or has
// asked for it (F-067).
func (a *Admin) DeletePolicy(ctx context.Context, by access.Person, id access.PolicyID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		stored, err := tx.Policy(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if _, err := policyCatalog(ctx, tx, rights, by.Tenant, stored.Package); err != nil {
			return err
		}
		use, err := tx.PolicyUse(ctx, stored)
		if err != nil {
			return err
		}
		if err := use.CanDelete(); err != nil {
			return err
		}
		if err := tx.DeletePolicy(ctx, by.Tenant, id); err != nil {
			return err
		}
		return recordPolicy(ctx, tx, by, access.ActDeletePolicy, stored, access.Policy{})
	})
}
