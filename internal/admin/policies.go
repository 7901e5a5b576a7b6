package admin

import (
	"context"
	"encoding/json"
	"slices"

	"myaccess/internal/access"
)

// SavePolicy adds a policy (without an id) to the access package that p names, or changes
// an existing one from the version that p names. A policy that could not work is refused
// at the field to correct (access.Policy.Advise). Open requests and current assignments
// keep their terms (F-103, F-128). Who could not change the members of a group that the
// package delivers can't change its policies (W-25).
func (ed *Editor) SavePolicy(ctx context.Context, p access.Policy) (access.Policy, error) {
	p.Tenant = ed.by.Tenant
	p.Targets = slices.Clone(p.Targets) // in the order in which they are stored
	slices.SortFunc(p.Targets, access.SubjectRef.Compare)
	p.Targets = slices.Compact(p.Targets)
	var stored access.Policy
	if p.ID != "" {
		var err error
		if stored, err = ed.tx.Policy(ctx, ed.by.Tenant, p.ID); err != nil {
			return p, err
		}
		p.Package = stored.Package
	}
	c, err := policyCatalog(ctx, ed, ed.by.Tenant, p.Package)
	if err != nil {
		return p, err
	}
	if err := checkVersion(stored.Version, p.Version); err != nil {
		return p, err
	}
	if err := checkPolicy(ctx, ed, p, c); err != nil {
		return p, err
	}
	groups, err := ed.tx.PackageGroups(ctx, p.Tenant, p.Package)
	if err != nil {
		return p, err
	}
	if err := checkPolicyRights(ctx, ed, p, stored, groups); err != nil {
		return p, err
	}
	if p.ID == "" {
		p.ID = access.PolicyID(ed.tx.NewID())
	}
	if err := storePolicy(ctx, ed, p, stored); err != nil {
		return p, err
	}
	return p, nil
}

// policyCatalog returns the catalog of a package if the actor may manage the package's
// policies.
func policyCatalog(ctx context.Context, ed *Editor, t access.TenantID, id access.PackageID) (access.Catalog, error) {
	offer, err := ed.tx.Offer(ctx, t, id)
	if err != nil {
		return access.Catalog{}, err
	}
	return offer.Catalog, ed.rights.MayInCatalog(access.ManagePolicies, offer.Catalog.ID)
}

// checkPolicy validates a policy: its fields, the subjects that it names, and whether it
// can work in its catalog and tenant.
func checkPolicy(ctx context.Context, ed *Editor, p access.Policy, c access.Catalog) error {
	var es access.Errors
	if ed.tolerant {
		es.Add(p.CheckStored())
	} else {
		es.Add(p.Check(c))
	}
	if p.TooManySubjects() {
		return es.Err() // without looking for each of them
	}
	other, taken, err := ed.tx.PolicyNamed(ctx, p.Tenant, p.Package, p.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != p.ID {
		es.Add(access.Invalidf("policyName", "The access package has a policy with this name already."))
	}
	missing, err := checkSubjects(ctx, ed, p)
	if err != nil {
		return err
	}
	facts, err := ed.tx.PolicyFacts(ctx, p, c, ed.tx.Now)
	if err != nil {
		return err
	}
	refused, _ := p.Advise(facts)
	if ed.tolerant {
		ed.warn(refused...)
		refused = nil
	}
	return es.AddForNewFields(missing).AddForNewFields(refused).Err()
}

// checkSubjects returns an error for each field that names an unknown person, group or
// organization.
func checkSubjects(ctx context.Context, ed *Editor, p access.Policy) (access.Errors, error) {
	var es access.Errors
	check := func(field string, all []access.SubjectRef) error {
		for _, s := range all {
			switch err := checkSubject(ctx, ed, p.Tenant, s); {
			case err == nil:
			case access.KindOf(err) == access.NotFound:
				es = es.AddForNewFields(access.Errors{access.Invalidf(field, "A person or group you chose has been deleted. "+
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

// storePolicy stores a validated policy and audits the change.
func storePolicy(ctx context.Context, ed *Editor, p, stored access.Policy) error {
	if err := keepWaysIn(ctx, ed, stored, func() error { return ed.tx.SavePolicy(ctx, p) }); err != nil {
		return err
	}
	act := access.ActUpdatePolicy
	if stored.Version == 0 {
		act = access.ActCreatePolicy
	}
	return recordPolicy(ctx, ed, act, stored, p)
}

func recordPolicy(ctx context.Context, ed *Editor, act access.Activity, from, to access.Policy) error {
	id := to.ID
	if id == "" {
		id = from.ID
	}
	return ed.record(ctx, act, object{kind: access.ObjectPolicy, id: string(id), from: policyText(from),
		to: policyText(to)})
}

// policyText is the whole policy for the audit log, so that the log shows the rules by
// which access was granted.
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

// EnablePolicy enables or disables new requests and assignments under a policy (F-078). It
// refuses to enable a policy that could not work. It does nothing if the policy is in that
// state already.
func (ed *Editor) EnablePolicy(ctx context.Context, id access.PolicyID, enabled bool) error {
	stored, err := ed.tx.Policy(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	c, err := policyCatalog(ctx, ed, ed.by.Tenant, stored.Package)
	if err != nil || stored.Enabled == enabled {
		return err
	}
	p := stored
	p.Enabled = enabled
	if enabled {
		facts, err := ed.tx.PolicyFacts(ctx, p, c, ed.tx.Now)
		if err != nil {
			return err
		}
		if err := p.CanEnable(facts); err != nil {
			return err
		}
		groups, err := ed.tx.PackageGroups(ctx, p.Tenant, p.Package)
		if err != nil {
			return err
		}
		if err := checkPolicyRights(ctx, ed, p, access.Policy{}, groups); err != nil {
			return err
		}
	}
	return storePolicy(ctx, ed, p, stored)
}

// DeletePolicy deletes a policy without assignments and requests (F-067).
func (ed *Editor) DeletePolicy(ctx context.Context, id access.PolicyID) error {
	stored, err := ed.tx.Policy(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if _, err := policyCatalog(ctx, ed, ed.by.Tenant, stored.Package); err != nil {
		return err
	}
	use, err := ed.tx.PolicyUse(ctx, stored)
	if err != nil {
		return err
	}
	if err := use.CanDelete(); err != nil {
		return err
	}
	err = keepWaysIn(ctx, ed, stored, func() error { return ed.tx.DeletePolicy(ctx, ed.by.Tenant, id) })
	if err != nil {
		return err
	}
	return recordPolicy(ctx, ed, access.ActDeletePolicy, stored, access.Policy{})
}
