package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// RoleChange is what is to become of the resource roles of a package (F-052,
// F-053).
type RoleChange struct {
	Package access.PackageID
	Version int64 // of the package that the change started from
	Remove  []access.ResourceRoleID
	Add     []access.ResourceRoleID // of resources that the package's catalog has
	Entries []EntryRole             // of entries that come into the catalog on the way
}

// EntryRole names a right in an entry of the built-in directory.
type EntryRole struct {
	Entry access.EntryID
	Role  string
}

// RoleEffect is what a change of a package's roles does with one of them.
type RoleEffect struct {
	store.RoleWithResource
	Added bool
	// Listed is true if the resource comes into the catalog on the way.
	Listed bool
	// Changes is how many people gain the role or lose it, and Keeps how many
	// hold it through another package, so that nothing changes for them (F-055).
	Changes, Keeps int64
}

// RolePreview is what a change of a package's roles does.
type RolePreview struct {
	Holders int64 // of the package, now
	Effects []RoleEffect
}

// administrator is a person with the rights that count now.
type administrator struct {
	access.Person
	rights access.Rights
}

// roleStep is one role that a package gains or loses. The role has no id yet,
// nor its resource, if it comes from an entry that no catalog has.
type roleStep struct {
	store.RoleWithResource
	added bool
	entry access.EntryID // that comes into the catalog; empty if it is there
}

// PreviewRoles says what ChangeRoles would do, and refuses what it would refuse.
func (a *Admin) PreviewRoles(ctx context.Context, by access.Person, c RoleChange) (RolePreview, error) {
	rights, err := a.store.Rights(ctx, by)
	if err != nil {
		return RolePreview{}, err
	}
	p, steps, err := planRoleChange(ctx, a.store.Reader, administrator{by, rights}, c)
	if err != nil {
		return RolePreview{}, err
	}
	preview := RolePreview{}
	now := a.store.Now()
	if preview.Holders, err = a.store.CountHoldersAt(ctx, p, now); err != nil {
		return preview, err
	}
	for _, s := range steps {
		e := RoleEffect{RoleWithResource: s.RoleWithResource, Added: s.added, Listed: s.entry != ""}
		if s.Role.ID != "" {
			if e.Keeps, err = a.store.CountHoldersElsewhere(ctx, p, s.Role.ID, now); err != nil {
				return preview, err
			}
		}
		e.Changes = preview.Holders - e.Keeps
		preview.Effects = append(preview.Effects, e)
	}
	return preview, nil
}

// ChangeRoles adds roles to a package and takes roles out of it, from the
// version that c names. Everybody who holds the package gains and loses them:
// a rollout queues the holders for delivery after the commit.
func (ed *Editor) ChangeRoles(ctx context.Context, c RoleChange) error {
	p, steps, err := planRoleChange(ctx, ed.tx.Reader, ed.self(), c)
	if err != nil {
		return err
	}
	if p.Roles, err = applyRoleSteps(ctx, ed, p, steps); err != nil {
		return err
	}
	if err := ed.tx.SavePackage(ctx, p); err != nil {
		return err
	}
	if err := recordRoleSteps(ctx, ed, p, steps); err != nil {
		return err
	}
	return lifecycle.StartRollout(ctx, ed.tx, p, slices.ContainsFunc(steps, func(s roleStep) bool { return !s.added }))
}

// planRoleChange finds every fault of a change, and says what is to be done.
func planRoleChange(ctx context.Context, r *store.Reader, by administrator,
	c RoleChange) (access.Package, []roleStep, error) {
	p, err := editablePackage(ctx, r, by.rights, by.Tenant, c.Package)
	if err != nil {
		return p, nil, err
	}
	if err := checkVersion(p.Version, c.Version); err != nil {
		return p, nil, err
	}
	steps, err := planRoles(ctx, r, by, p, c)
	if err == nil && len(steps) == 0 {
		err = access.Invalidf("role", "Choose at least one role to add or to remove.")
	}
	return p, steps, err
}

// planRoles says what is to be done for the roles that c adds to p and takes
// from it. What p has already, and what it has no longer, is passed over.
func planRoles(ctx context.Context, r *store.Reader, by administrator, p access.Package,
	c RoleChange) ([]roleStep, error) {
	have, err := r.PackageRoles(ctx, p.Tenant, p.ID)
	if err != nil {
		return nil, err
	}
	offered, err := r.CatalogResourceRoles(ctx, p.Tenant, p.Catalog)
	if err != nil {
		return nil, err
	}
	var steps []roleStep
	for _, x := range have[p.ID] {
		if slices.Contains(c.Remove, x.Role.ID) {
			steps = append(steps, roleStep{RoleWithResource: x})
		}
	}
	gone := len(steps)
	for _, id := range c.Add {
		i := slices.IndexFunc(offered, func(x store.RoleWithResource) bool { return x.Role.ID == id })
		if i < 0 {
			return nil, access.Invalidf("role", "Choose roles of resources that are in the catalog.")
		}
		steps = addStep(steps, have[p.ID], roleStep{RoleWithResource: offered[i], added: true})
	}
	for _, e := range c.Entries {
		s, err := planEntryRole(ctx, r, by, p.Catalog, e)
		if err != nil {
			return nil, err
		}
		steps = addStep(steps, have[p.ID], s)
	}
	if len(have[p.ID])-gone+len(steps)-gone > access.MaxPackageRoles {
		return nil, access.Invalidf("role", "An access package has at most %d resource roles.", access.MaxPackageRoles)
	}
	return steps, nil
}

// addStep adds a step for a role that the package neither has nor gets already.
func addStep(steps []roleStep, have []store.RoleWithResource, s roleStep) []roleStep {
	same := func(x store.RoleWithResource) bool {
		return x.Resource.Target == s.Resource.Target && x.Resource.ExternalID == s.Resource.ExternalID &&
			x.Role.ExternalID == s.Role.ExternalID
	}
	if slices.ContainsFunc(have, same) ||
		slices.ContainsFunc(steps, func(o roleStep) bool { return same(o.RoleWithResource) }) {
		return steps
	}
	return append(steps, s)
}

// planEntryRole refuses to hand out an entry that the actor may not put into the
// catalog (F-041, F-052).
func planEntryRole(ctx context.Context, r *store.Reader, by administrator, c access.CatalogID,
	e EntryRole) (roleStep, error) {
	if err := by.rights.MayInCatalog(access.ManageResources, c); err != nil {
		return roleStep{}, err
	}
	entry, err := r.Entry(ctx, by.Tenant, e.Entry)
	if err != nil {
		return roleStep{}, err
	}
	if err := checkMayAdd(ctx, r, by, entry); err != nil {
		return roleStep{}, err
	}
	target, err := r.BuiltInTarget(ctx, by.Tenant)
	if err != nil {
		return roleStep{}, err
	}
	resource, known, err := r.ResourceByExternal(ctx, by.Tenant, target.ID, string(entry.ID))
	if err != nil {
		return roleStep{}, err
	}
	if !known {
		resource = access.Resource{Tenant: by.Tenant, Target: target.ID, Kind: entry.Kind, ExternalID: string(entry.ID)}
	}
	resource = resource.WithEntry(entry)
	for _, role := range resource.Roles {
		if role.ExternalID == e.Role {
			return roleStep{RoleWithResource: store.RoleWithResource{Role: role, Resource: resource}, added: true,
				entry: e.Entry}, nil
		}
	}
	return roleStep{}, access.Invalidf("entry", "“%s” has no role “%s”.", entry.Name, e.Role)
}

// applyRoleSteps brings the resources that need it into the catalog, and returns the
// roles that the package has afterwards, in their order.
func applyRoleSteps(ctx context.Context, ed *Editor, p access.Package,
	steps []roleStep) ([]access.ResourceRoleID, error) {
	roles := slices.Clone(p.Roles)
	for i, s := range steps {
		if !s.added {
			roles = slices.DeleteFunc(roles, func(id access.ResourceRoleID) bool { return id == s.Role.ID })
			continue
		}
		if s.entry != "" {
			role, err := listEntry(ctx, ed, p.Catalog, s)
			if err != nil {
				return nil, err
			}
			steps[i].Role = role
		}
		roles = append(roles, steps[i].Role.ID)
	}
	return roles, nil
}

// listEntry puts the entry of a step into a catalog and returns its role.
func listEntry(ctx context.Context, ed *Editor, c access.CatalogID, s roleStep) (access.ResourceRole, error) {
	resource, err := addResource(ctx, ed, c, s.entry)
	if err != nil {
		return s.Role, err
	}
	for _, role := range resource.Roles {
		if role.ExternalID == s.Role.ExternalID {
			return role, nil
		}
	}
	return s.Role, access.Missing()
}

// recordRoleSteps writes the roles that a package gained and lost into the audit
// log.
func recordRoleSteps(ctx context.Context, ed *Editor, p access.Package, steps []roleStep) error {
	for _, s := range steps {
		o := object{kind: access.ObjectPackage, id: string(p.ID), from: s.Resource.Name + ": " + s.Role.Name,
			reason: "resource role removed"}
		if s.added {
			o.from, o.to, o.reason = "", o.from, "resource role added"
		}
		if err := ed.record(ctx, access.ActUpdatePackage, o); err != nil {
			return err
		}
	}
	return nil
}
