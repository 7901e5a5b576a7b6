package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// What depends on an object that changes. A rule that relates two objects is
// checked whichever of them changes; rules.md lists them all. Where a change must
// be possible although something depends on it (disabling a person, closing a
// catalog), it goes through with a warning that names what depends on it.

// maxWarnings is how many policies a change warns of by name.
const maxWarnings = 20

// warnOf warns of each policy with the sentence, and says how many more there are.
func (ed *Editor) warnOf(found store.PolicyReferences, sentence func(store.PolicyReference) *access.Error) {
	for _, p := range found.Policies {
		ed.warn(sentence(p))
	}
	if found.More > 0 {
		ed.warn(access.Refuse(access.Conflict, "And %d more policies.", found.More))
	}
}

// warnOfGaps warns of approval stages in which no one can decide.
func (ed *Editor) warnOfGaps(gaps store.PolicyReferences, err error) error {
	ed.warnOf(gaps, func(p store.PolicyReference) *access.Error {
		return access.Refuse(access.Conflict, "Policy “%s” of “%s”: no one can approve in stage %d now. Add an approver.",
			p.Name, p.PackageName, p.Stage)
	})
	return err
}

// WarnOfUnusable warns of the enabled policies of the tenant that nobody can request under,
// because the patterns of their questions are over the limits (F-112).
func (ed *Editor) WarnOfUnusable(ctx context.Context) error {
	found, err := ed.tx.UnusablePolicies(ctx, ed.by.Tenant, maxWarnings+1)
	for i, u := range found {
		if i == maxWarnings {
			ed.warn(access.Refuse(access.Conflict, "There are more policies that no one can use."))
			break
		}
		ed.warn(access.Refuse(access.Conflict, "Policy “%s” of “%s”: %s", u.Policy.Name,
			u.PackageName, access.PatternProblem(u.Policy.Questions)))
	}
	return err
}

// warnOfClosing warns of enabled policies for people from outside in a catalog
// that is closed to them.
func warnOfClosing(ctx context.Context, ed *Editor, c, stored access.Catalog) error {
	if c.External || !stored.External {
		return nil
	}
	policies, err := ed.tx.ExternalPolicies(ctx, c.Tenant, c.ID, maxWarnings)
	ed.warnOf(policies, func(p store.PolicyReference) *access.Error {
		return access.Refuse(access.Conflict, "Policy “%s” is for external users. No one can use it until the catalog is "+
			"enabled for them.", p.Name)
	})
	return err
}

// keepAdministrator runs change, and refuses it if it takes the last global
// administrator who can sign in from the tenant.
func keepAdministrator(ctx context.Context, ed *Editor, change func() error) error {
	return lifecycle.KeepAdministrator(ctx, ed.tx, ed.by.Tenant, change)
}

// keepWaysIn is keepAdministrator for a change of the stored policy, by which people from
// outside may be admitted (access.Admission).
func keepWaysIn(ctx context.Context, ed *Editor, stored access.Policy, change func() error) error {
	if stored.ID == "" || !stored.Scope.External() {
		return change()
	}
	return keepAdministrator(ctx, ed, change)
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
