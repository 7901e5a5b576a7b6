package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// InitialPolicy is the name of the policy that a package is created with
// (F-058).
const InitialPolicy = "Initial Policy"

// NewPackage is an access package to create, with its roles and first policy.
type NewPackage struct {
	Package access.Package // its Roles are ignored: see Roles below
	// Catalog is created with the package if New is true; otherwise
	// Package.Catalog names an existing one. Without a catalog the package is
	// added to access.GeneralCatalog (F-002).
	Catalog     access.Catalog
	New         bool
	Roles       []access.ResourceRoleID // of resources in the catalog
	Entries     []EntryRole             // of entries to add to the catalog first
	Policy      access.Policy           // the first; named InitialPolicy if it has no name
	PolicyError error                   // from reading the policy form; reported with the other faults
}

// CreatePackage creates a package with its roles and its first policy, and its catalog if
// it is new: all or nothing (F-058 to F-061).
func (ed *Editor) CreatePackage(ctx context.Context, n NewPackage) (access.Package, error) {
	var made access.Package
	steps, err := checkNewPackage(ctx, ed, &n)
	if err != nil {
		return made, err
	}
	if made, err = storeNewPackage(ctx, ed, n.Package, steps); err != nil {
		return made, err
	}
	return made, storePolicy(ctx, ed, n.Policy, access.Policy{})
}

// storeNewPackage stores a validated package with the roles of steps.
func storeNewPackage(ctx context.Context, ed *Editor, p access.Package, steps []roleStep) (access.Package, error) {
	var err error
	if p.Roles, err = applyRoleSteps(ctx, ed, p, steps); err != nil {
		return p, err
	}
	if err := ed.tx.SavePackage(ctx, p); err != nil {
		return p, err
	}
	if err := ed.record(ctx, access.ActCreatePackage, object{kind: access.ObjectPackage, id: string(p.ID),
		to: packageText(p)}); err != nil {
		return p, err
	}
	return p, recordRoleSteps(ctx, ed, p, steps)
}

// AddPackage adds a package to the catalog that p names, with roles of resources in that
// catalog. It has no policy yet, so no one can request it.
func (ed *Editor) AddPackage(ctx context.Context, p access.Package,
	roles []access.ResourceRoleID) (access.Package, error) {
	if err := ed.rights.MayInCatalog(access.ManagePackages, p.Catalog); err != nil {
		return p, err
	}
	p.ID, p.Tenant, p.Version, p.Roles = access.PackageID(ed.tx.NewID()), ed.by.Tenant, 0, nil
	var es access.Errors
	if err := collect(&es, checkPackage(ctx, ed, p)); err != nil {
		return p, err
	}
	steps, err := planRoles(ctx, ed.tx.Reader, ed.self(), p, RoleChange{Add: roles})
	if err := collect(&es, err); err != nil {
		return p, err
	}
	if err := es.Err(); err != nil {
		return p, err
	}
	return storeNewPackage(ctx, ed, p, steps)
}

// checkNewPackage validates a package to create and plans its roles. It reports all errors
// at once.
func checkNewPackage(ctx context.Context, ed *Editor, n *NewPackage) ([]roleStep, error) {
	var es access.Errors
	n.Package.ID, n.Package.Tenant = access.PackageID(ed.tx.NewID()), ed.by.Tenant
	if err := collect(&es, resolveCatalog(ctx, ed, n)); err != nil {
		return nil, err
	}
	if err := collect(&es, checkPackage(ctx, ed, n.Package)); err != nil {
		return nil, err
	}
	n.Policy = firstPolicy(ed.tx, n.Policy, n.Package)
	var steps []roleStep
	if n.Package.Catalog != "" {
		var err error
		steps, err = planRoles(ctx, ed.tx.Reader, ed.self(), n.Package, RoleChange{Add: n.Roles, Entries: n.Entries})
		if err := collect(&es, err); err != nil {
			return nil, err
		}
		err = checkPolicyRights(ctx, ed, n.Policy, access.Policy{}, deliveredGroups(steps, true))
		if err := collect(&es, err); err != nil {
			return nil, err
		}
		var read, more access.Errors
		read.Add(n.PolicyError)
		if err := collect(&more, checkPolicy(ctx, ed, n.Policy, n.Catalog)); err != nil {
			return nil, err
		}
		n.PolicyError = read.AddForNewFields(more).Err()
	}
	if err := collect(&es, n.PolicyError); err != nil {
		return nil, err
	}
	return steps, es.Err()
}

// collect adds an error that the user can correct (Invalid or Conflict) to es, and returns
// any other.
func collect(es *access.Errors, err error) error {
	if kind := access.KindOf(err); err != nil && kind != access.Invalid && kind != access.Conflict {
		return err
	}
	es.Add(err)
	return nil
}

// resolveCatalog loads or creates the package's catalog, and refuses a catalog in which
// the actor may not manage packages. The creator of a catalog becomes its owner at once.
func resolveCatalog(ctx context.Context, ed *Editor, n *NewPackage) (err error) {
	if n.New {
		n.Catalog.Tenant, n.Catalog.ID = ed.by.Tenant, ""
		if err := addCatalog(ctx, ed, &n.Catalog); err != nil {
			return renameField(err, "displayName", "catalogName")
		}
		n.Package.Catalog = n.Catalog.ID
		if !ed.operator {
			ed.rights, err = ed.tx.Rights(ctx, ed.by) // now include those of the catalog's owner
		}
		return err
	}
	if n.Package.Catalog == "" {
		general, ok, err := generalCatalog(ctx, ed.tx.Reader, ed.self(), access.ManagePackages)
		if err != nil {
			return err
		}
		if !ok {
			return access.Invalidf("catalog", "Select a catalog.")
		}
		n.Package.Catalog = general.ID
	}
	if n.Catalog, err = ed.tx.Catalog(ctx, ed.by.Tenant, n.Package.Catalog); err != nil {
		return err
	}
	return ed.rights.MayInCatalog(access.ManagePackages, n.Package.Catalog)
}

// generalCatalog returns access.GeneralCatalog (F-002); ok is false if the actor may not
// do the action in it.
func generalCatalog(ctx context.Context, r *store.Reader, by administrator,
	a access.Action) (c access.Catalog, ok bool, err error) {
	c, ok, err = r.CatalogNamed(ctx, by.Tenant, access.GeneralCatalog)
	return c, ok && by.rights.MayInCatalog(a, c.ID) == nil, err
}

// renameField moves the errors of one field to another.
func renameField(err error, from, to string) error {
	var es access.Errors
	if err := collect(&es, err); err != nil {
		return err
	}
	for i, e := range es {
		if e.Field == from {
			moved := *e
			moved.Field = to
			es[i] = &moved
		}
	}
	return es.Err()
}

func firstPolicy(tx *store.Tx, o access.Policy, p access.Package) access.Policy {
	o.ID, o.Tenant, o.Package = access.PolicyID(tx.NewID()), p.Tenant, p.ID
	if o.Name == "" {
		o.Name = InitialPolicy
	}
	return o
}

// SavePackage changes the name, the description and whether the package is hidden, from
// the version that p names (F-065). The catalog and the roles stay.
func (ed *Editor) SavePackage(ctx context.Context, p access.Package) (access.Package, error) {
	p.Tenant = ed.by.Tenant
	stored, err := editablePackage(ctx, ed.tx.Reader, ed.rights, ed.by.Tenant, p.ID)
	if err != nil {
		return p, err
	}
	if err := checkVersion(stored.Version, p.Version); err != nil {
		return p, err
	}
	p.Catalog, p.Roles = stored.Catalog, stored.Roles
	if err := checkPackage(ctx, ed, p); err != nil {
		return p, err
	}
	if err := ed.tx.SavePackage(ctx, p); err != nil {
		return p, err
	}
	return p, ed.record(ctx, access.ActUpdatePackage, object{kind: access.ObjectPackage, id: string(p.ID),
		from: packageText(stored), to: packageText(p)})
}

// editablePackage returns the package if it is not deleted and the actor may manage it.
func editablePackage(ctx context.Context, r *store.Reader, rights access.Rights, t access.TenantID,
	id access.PackageID) (access.Package, error) {
	p, err := r.Package(ctx, t, id)
	if err == nil && !p.Deleted.IsZero() {
		err = access.Missing()
	}
	if err != nil {
		return p, err
	}
	return p, rights.MayInCatalog(access.ManagePackages, p.Catalog)
}

// checkPackage validates a package, including that its name is unique in the catalog.
func checkPackage(ctx context.Context, ed *Editor, p access.Package) error {
	var es access.Errors
	es.Add(p.Check())
	other, taken, err := ed.tx.PackageNamed(ctx, p.Tenant, p.Catalog, p.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != p.ID {
		es.Add(access.Invalidf("displayName", "There is an access package with this name in the catalog already."))
	}
	return es.Err()
}

// packageText describes a package for the audit log.
func packageText(p access.Package) string {
	if p.Hidden {
		return p.Name + ", hidden"
	}
	return p.Name
}

// DeletePackage deletes a package that no one holds (F-066). It cancels the open requests
// and notifies the people involved.
func (ed *Editor) DeletePackage(ctx context.Context, id access.PackageID) error {
	p, err := editablePackage(ctx, ed.tx.Reader, ed.rights, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	holders, err := ed.tx.CountHolders(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := p.CanDelete(holders); err != nil {
		return err
	}
	if err := cancelOpenRequests(ctx, ed, id); err != nil {
		return err
	}
	err = keepAdministrator(ctx, ed, func() error { return ed.tx.DeletePackage(ctx, ed.by.Tenant, id) })
	if err != nil {
		return err
	}
	return ed.record(ctx, access.ActDeletePackage, object{kind: access.ObjectPackage, id: string(id),
		from: packageText(p)})
}

// cancelOpenRequests cancels the open requests for a package that is being deleted.
func cancelOpenRequests(ctx context.Context, ed *Editor, id access.PackageID) error {
	open, err := ed.tx.OpenRequests(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	for _, r := range open {
		r.Note = "The access package was deleted."
		if err := lifecycle.CancelRequest(ctx, ed.tx, &r, access.AuditRecord{Actor: ed.by.ID, Activity: access.ActCancel,
			Reason: string(r.Note)}); err != nil {
			return err
		}
	}
	return nil
}

// DuplicatePackage copies a package within its catalog, with its roles and policies. The
// copied policies are disabled until someone has reviewed them.
func (ed *Editor) DuplicatePackage(ctx context.Context, id access.PackageID) (access.Package, error) {
	var made access.Package
	p, err := editablePackage(ctx, ed.tx.Reader, ed.rights, ed.by.Tenant, id)
	if err != nil {
		return made, err
	}
	policies, err := ed.tx.PoliciesOf(ctx, ed.by.Tenant, id)
	if err != nil {
		return made, err
	}
	if err := checkDeliveredGroups(ctx, ed, id, ""); err != nil {
		return made, err
	}
	made = p
	made.ID, made.Version = access.PackageID(ed.tx.NewID()), 0
	if made.Name, err = copyName(ctx, ed, p); err != nil {
		return made, err
	}
	if err := ed.tx.SavePackage(ctx, made); err != nil {
		return made, err
	}
	if err := ed.record(ctx, access.ActCreatePackage,
		object{kind: access.ObjectPackage, id: string(made.ID), from: "a copy of " + p.Name,
			to: packageText(made)}); err != nil {
		return made, err
	}
	for _, o := range policies {
		o.ID, o.Package, o.Enabled, o.Version = access.PolicyID(ed.tx.NewID()), made.ID, false, 0
		o.Targets = slices.Clone(o.Targets)
		if err := storePolicy(ctx, ed, o, access.Policy{}); err != nil {
			return made, err
		}
	}
	return made, nil
}

// copyName returns a free name in the catalog for a copy of the package, within the length
// limit.
func copyName(ctx context.Context, ed *Editor, p access.Package) (string, error) {
	const prefix = "Copy of "
	taken, err := ed.tx.PackageSortNames(ctx, p.Tenant, p.Catalog, prefix)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = fmt.Sprintf(" (%d)", n)
		}
		name := []rune(prefix + p.Name)
		name = name[:min(len(name), access.MaxNameLength-len(suffix))]
		try := strings.TrimSpace(string(name)) + suffix
		if !slices.Contains(taken, store.Fold(try)) {
			return try, nil
		}
	}
}
