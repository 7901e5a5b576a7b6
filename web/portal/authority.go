package portal

import (
	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// What a page shows about access packages that give administrative roles: the rule is
// that of the use cases (W-25), so that a button is there exactly if it would work.

// approvalRefusals are why the reader can't approve some of the requests.
func approvalRefusals(c *kit.Context, all []store.RequestLine) (map[access.RequestID]error, error) {
	ids := make([]access.PackageID, len(all))
	for i, a := range all {
		ids[i] = a.Request.Package
	}
	giving, err := c.Store.GivingRoles(c.Ctx, c.Tenant.ID, ids)
	if err != nil {
		return nil, err
	}
	refused := map[access.RequestID]error{}
	for _, a := range all {
		if !giving[a.Request.Package] {
			continue
		}
		ds, err := c.Store.Decisions(c.Ctx, c.Tenant.ID, a.Request.ID)
		if err != nil {
			return nil, err
		}
		refusal := lifecycle.CheckApproval(c.Ctx, c.Store, c.Person.ID, a.Request, ds, c.Now)
		if refusal != nil && access.KindOf(refusal) != access.Forbidden {
			return nil, refusal
		}
		refused[a.Request.ID] = refusal
	}
	return refused, nil
}

// whyNotApprove says why the reader can only deny the request, and who can approve it;
// empty if the reader can.
func whyNotApprove(c *kit.Context, r access.Request, ds []access.Decision) (string, error) {
	p := c.Printer
	refusal := lifecycle.CheckApproval(c.Ctx, c.Store, c.Person.ID, r, ds, c.Now)
	if refusal == nil {
		return "", nil
	}
	if access.KindOf(refusal) != access.Forbidden {
		return "", refusal
	}
	able, err := lifecycle.ApproversWithAuthority(c.Ctx, c.Store, r, ds, c.Now)
	var names []string
	for _, one := range able[:min(len(able), 10)] {
		names = append(names, one.Name)
	}
	text := p.T("You can't approve this request.") + " " + kit.ErrorText(p, refusal) + " "
	switch len(names) {
	case 0:
		return text + p.T("No approver of this stage can approve it. Deny it, or ask someone who can assign the role to "+
			"assign the access package."), err
	case 1:
		return text + p.T("%s can approve it.", names[0]), err
	}
	return text + p.T("One of these can approve it: %s.", p.List(names)), err
}

// withoutRefused returns those of the usable policies of the package under which a
// request by the reader would be accepted, and why it would not under the others: no one
// can approve it (Conflict), or it gives an administrative role (Forbidden).
func withoutRefused(c *kit.Context, id access.PackageID, usable []access.Policy) (left []access.Policy, refusal,
	err error) {
	usable, refusal, err = withApprovers(c, usable)
	if err != nil {
		return nil, nil, err
	}
	uses, err := c.Store.PackageRoleUses(c.Ctx, c.Tenant.ID, id)
	if err != nil || len(uses) == 0 {
		return usable, refusal, err
	}
	var rights access.Rights
	if c.Person.ID != "" {
		if rights, err = c.Store.Rights(c.Ctx, c.Person); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range usable {
		if err := p.CheckRoles(uses, rights); err != nil {
			refusal = err
			continue
		}
		left = append(left, p)
	}
	return left, refusal, nil
}

// withApprovers returns those of the policies under which somebody can approve a request by
// the reader, and the refusal under the others.
func withApprovers(c *kit.Context, usable []access.Policy) (left []access.Policy, refusal, err error) {
	for _, p := range usable {
		switch err := lifecycle.CheckPolicyApprovers(c.Ctx, c.Store, c.Tenant, c.Person.ID, p); {
		case err == nil:
			left = append(left, p)
		case access.KindOf(err) == access.Conflict:
			refusal = err
		default:
			return nil, nil, err
		}
	}
	return left, refusal, nil
}

// refusedPackages are those of the packages, which the reader is offered, whose request
// would be refused under every policy.
func refusedPackages(c *kit.Context, found []store.OfferLine) (map[access.PackageID]bool, error) {
	ids := make([]access.PackageID, len(found))
	for i, l := range found {
		ids[i] = l.Package.ID
	}
	giving, err := c.Store.GivingRoles(c.Ctx, c.Tenant.ID, ids)
	if err != nil || len(giving) == 0 {
		return nil, err
	}
	who, err := personContext(c)
	if err != nil {
		return nil, err
	}
	refused := map[access.PackageID]bool{}
	for id := range giving {
		offer, err := c.Store.Offer(c.Ctx, c.Tenant.ID, id)
		if err != nil {
			return nil, err
		}
		left, refusal, err := withoutRefused(c, id, offer.UsablePolicies(who))
		if err != nil {
			return nil, err
		}
		refused[id] = refusal != nil && len(left) == 0
	}
	return refused, nil
}

// refusalText says that no one can approve a request of a package, or that it can't be
// requested without approval. It names the group only to people who may see the resources.
func refusalText(c *kit.Context, refusal error) string {
	if access.KindOf(refusal) == access.Conflict {
		return kit.ErrorText(c.Printer, refusal)
	}
	text := c.Printer.T("You can't request this access package: it includes an administrative role and needs no " +
		"approval. Ask someone who can assign the role to assign it to you.")
	if showsResources(c) {
		text += " " + kit.ErrorText(c.Printer, refusal)
	}
	return text
}
