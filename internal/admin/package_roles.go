package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// RoleChange is a change of a package's resource roles (F-052, F-053).
type RoleChange struct {
	Package access.PackageID
	Version int64 // of the package when the edit started
	Remove  []access.ResourceRoleID
	Add     []access.ResourceRoleID // of resources in the package's catalog
	Entries []EntryRole             // of entries to add to the catalog first
}

// EntryRole is a role of an entry of the built-in directory.
type EntryRole struct {
	Entry access.EntryID
	Role  string
}

// RoleEffect is the effect of a change on one role.
type RoleEffect struct {
	store.RoleWithResource
	Added bool
	// Listed is true if the resource is added to the catalog first.
	Listed bool
	// Changes is the number of people who gain or lose the role. Keeps is the number who
	// hold it through another package too, for whom nothing changes (F-055).
	Changes, Keeps int64
}

// RolePreview is the effect of a change of a package's roles.
type RolePreview struct {
	Holders int64 // of the package, now
	Effects []RoleEffect
}

// administrator is a person with their current rights.
type administrator struct {
	access.Person
	rights access.Rights
}

// roleStep is one role that a package gains or loses. The role and its resource have no id
// yet if they come from an entry that is in no catalog.
type roleStep struct {
	store.RoleWithResource
	added bool
	entry access.EntryID // to add to the catalog; empty if it is there already
}

// PreviewRoles returns the effect of ChangeRoles, and the same refusals.
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

// ChangeRoles adds roles to a package and removes roles from it, from the version that c
// names. Every holder of the package gains and loses them: a rollout queues the holders
// for delivery after the commit.
func (ed *Editor) ChangeRoles(ctx context.Context, c RoleChange) error {
	p, steps, err := planRoleChange(ctx, ed.tx.Reader, ed.self(), c)
	if err != nil {
		return err
	}
	return keepAdministrator(ctx, ed, func() error { return changeRoles(ctx, ed, p, steps) })
}

// changeRoles applies the planned steps to a package.
func changeRoles(ctx context.Context, ed *Editor, p access.Package, steps []roleStep) (err error) {
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

// planRoleChange validates a change and plans its steps.
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
		err = access.Invalidf("role", "Select at least one role to add or remove.")
	}
	return p, steps, err
}

// planRoles plans the steps for the roles that c adds to p and removes from it. It skips
// roles that are added already or removed already, and refuses roles of groups whose
// members the actor may not change (W-25).
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
			return nil, access.Invalidf("role", "Choose roles of resources in this catalog.")
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
	if err := checkRoleSteps(ctx, r, by, steps); err != nil {
		return nil, err
	}
	return steps, checkHolders(ctx, r, p, steps)
}

// addStep adds a step unless the package has the role or another step adds it.
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

// planEntryRole plans a role of an entry. It refuses an entry that the actor may not add
// to the catalog (F-041, F-052).
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

// applyRoleSteps adds new resources to the catalog, and returns the package's roles after
// the change, in order.
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

// listEntry adds the entry of a step to a catalog and returns its role.
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

// recordRoleSteps audits the roles that a package gained and lost.
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
