package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// What depends on an object that changes. A rule that relates two objects is
// checked whichever of them changes; rules.md lists them all. Where a change must
// be possible although something depends on it (disabling a person, closing a
// catalog), it goes through with a warning that names what depends on it.

// maxWarnings is how many policies a change warns of by name.
const maxWarnings = 20

// warnOfApprovers warns of enabled policies that name any of the people and
// groups as approvers and in which a stage has no one left to decide.
func warnOfApprovers(ctx context.Context, ed *Editor, changed []access.SubjectRef) error {
	gaps, err := approvalGaps(ctx, ed.tx.Reader, ed.by.Tenant, changed, ed.tx.Now)
	ed.warn(gaps...)
	return err
}

// approvalGaps are the stages without anyone who can decide, of enabled policies
// that name any of the people and groups as approvers.
func approvalGaps(ctx context.Context, r *store.Reader, t access.TenantID, named []access.SubjectRef,
	now time.Time) (gaps access.Errors, err error) {
	policies, err := r.PoliciesWithApprovers(ctx, t, named)
	if err != nil {
		return nil, err
	}
	for _, p := range policies[:min(len(policies), maxWarnings)] {
		offer, err := r.Offer(ctx, p.Tenant, p.Package)
		if access.KindOf(err) == access.NotFound && err != nil {
			continue // the package was deleted
		}
		if err != nil {
			return nil, err
		}
		facts, err := r.PolicyFacts(ctx, p, offer.Catalog, now)
		if err != nil {
			return nil, err
		}
		for i := range p.Stages {
			if len(facts.ActiveApprovers[i]) == 0 {
				gaps = append(gaps, access.Refuse(access.Conflict,
					"Policy “%s” of “%s”: no one can approve in stage %d now. Add an approver.", p.Name, offer.Package.Name, i+1))
			}
		}
	}
	return gaps, nil
}

// subjectsOf are the person and the person's groups.
func subjectsOf(ctx context.Context, r *store.Reader, p access.Person) ([]access.SubjectRef, error) {
	who, err := r.ContextOf(ctx, p)
	all := []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(p.ID)}}
	for _, g := range who.Groups {
		all = append(all, access.SubjectRef{Kind: access.SubjectGroup, ID: string(g)})
	}
	return all, err
}

// warnOfPerson is warnOfApprovers for a person and the person's groups.
func warnOfPerson(ctx context.Context, ed *Editor, p access.Person) error {
	changed, err := subjectsOf(ctx, ed.tx.Reader, p)
	if err != nil {
		return err
	}
	return warnOfApprovers(ctx, ed, changed)
}

// warnOfClosing warns of enabled policies for people from outside in a catalog
// that is closed to them.
func warnOfClosing(ctx context.Context, ed *Editor, c, stored access.Catalog) error {
	if c.External || !stored.External {
		return nil
	}
	policies, err := ed.tx.ExternalPolicies(ctx, c.Tenant, c.ID)
	for _, p := range policies[:min(len(policies), maxWarnings)] {
		ed.warn(access.Refuse(access.Conflict, "Policy “%s” is for people outside the directory. No one can use it while "+
			"the "+
			"catalog is closed to them.", p.Name))
	}
	return err
}

// keepAdministrator runs change, and refuses it if it takes the last global
// administrator who can sign in from the tenant.
func keepAdministrator(ctx context.Context, ed *Editor, change func() error) error {
	before, err := hasAdministrator(ctx, ed)
	if err != nil {
		return err
	}
	if err := change(); err != nil || !before {
		return err
	}
	return checkAdministratorLeft(ctx, ed)
}

// checkAdministratorLeft refuses to leave a tenant without any global
// administrator who can sign in.
func checkAdministratorLeft(ctx context.Context, ed *Editor) error {
	left, err := hasAdministrator(ctx, ed)
	if err == nil && !left {
		err = access.Refuse(access.Conflict, "This is the last global administrator. Make somebody else one first.")
	}
	return err
}

// hasAdministrator reports whether the tenant has a global administrator who can
// sign in.
func hasAdministrator(ctx context.Context, ed *Editor) (bool, error) {
	given, err := ed.tx.RoleAssignments(ctx, ed.by.Tenant)
	if err != nil {
		return false, err
	}
	var subjects []access.SubjectRef
	for _, r := range given {
		if r.Role == access.GlobalAdministrator {
			subjects = append(subjects, r.Subject)
		}
	}
	people, err := ed.tx.ExpandSubjects(ctx, ed.by.Tenant, subjects)
	if err != nil {
		return false, err
	}
	for _, p := range people {
		if p.Disabled || p.Guest == access.GuestBlocked {
			continue
		}
		d, err := ed.tx.Directory(ctx, p.Directory)
		if err != nil || d.Enabled {
			return err == nil, err
		}
	}
	return false, nil
}

// checkConsumerDomain refuses a consumer mail domain for a directory of a
// configured organization while an access package is open to all configured
// organizations without approval.
func checkConsumerDomain(ctx context.Context, ed *Editor, d access.Directory, name access.Domain) error {
	if !name.IsConsumer() {
		return nil
	}
	o, ok, err := ed.tx.OrganizationOf(ctx, ed.by.Tenant, d.ID)
	if err != nil || !ok {
		return err
	}
	open, err := ed.tx.OpenToConfiguredOrganizations(ctx, ed.by.Tenant)
	if err != nil || !open || o.State != access.Configured {
		return err
	}
	return access.Invalidf("domain", "Anyone can get an address of %s, and an access package is open to all configured "+
		"organizations without approval. Make “%s” proposed first.", string(name), o.Name)
}
