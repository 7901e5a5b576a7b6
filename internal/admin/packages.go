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

// NewPackage is an access package to be created, with everything that makes it
// usable at once.
type NewPackage struct {
	Package access.Package // its roles are those of Roles
	// Catalog is made along with the package if New is true; otherwise Package
	// names the one that it comes into.
	Catalog access.Catalog
	New     bool
	Roles   []access.ResourceRoleID // of resources that the catalog has
	Entries []EntryRole             // of entries that come into the catalog on the way
	Policy  access.Policy           // the first; without a name it gets the usual one
	Wrong   error                   // what was found wrong with it before, to be told with the rest
}

// CreatePackage creates a package with its roles and its first policy, and if
// wished the catalog that it comes into, all or nothing (F-058 to F-061).
func (a *Admin) CreatePackage(ctx context.Context, by access.Person, n NewPackage) (access.Package, error) {
	var made access.Package
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		n, who := n, actor{by, rights}
		steps, err := judgeNew(ctx, tx, &who, &n)
		if err != nil {
			return err
		}
		made = n.Package
		if made.Roles, err = takeSteps(ctx, tx, who, made, steps); err != nil {
			return err
		}
		if err := tx.SavePackage(ctx, made); err != nil {
			return err
		}
		if err := record(ctx, tx, by, access.ActCreatePackage, object{kind: "access package", id: string(made.ID),
			to: packageText(made)}); err != nil {
			return err
		}
		if err := recordSteps(ctx, tx, by, made, steps); err != nil {
			return err
		}
		return putPolicy(ctx, tx, by, n.Policy, access.Policy{})
	})
	return made, err
}

// judgeNew finds every fault of a package to be created, and says what is to be
// done for its roles.
func judgeNew(ctx context.Context, tx *store.Tx, by *actor, n *NewPackage) ([]roleStep, error) {
	var es access.Errors
	n.Package.ID, n.Package.Tenant = access.PackageID(tx.NewID()), by.Tenant
	if err := gather(&es, place(ctx, tx, by, n)); err != nil {
		return nil, err
	}
	if err := gather(&es, checkPackage(ctx, tx, n.Package)); err != nil {
		return nil, err
	}
	n.Policy = firstPolicy(tx, n.Policy, n.Package)
	var steps []roleStep
	if n.Package.Catalog != "" {
		var err error
		steps, err = judgeRoles(ctx, tx.Reader, *by, n.Package, RoleChange{Add: n.Roles, Entries: n.Entries})
		if err := gather(&es, err); err != nil {
			return nil, err
		}
		if n.Wrong == nil {
			n.Wrong = judgePolicy(ctx, tx, n.Policy, n.Catalog)
		}
	}
	if err := gather(&es, n.Wrong); err != nil {
		return nil, err
	}
	return steps, es.Err()
}

// gather adds to es what a form can mend, and returns anything else.
func gather(es *access.Errors, err error) error {
	if kind := access.KindOf(err); err != nil && kind != access.Invalid && kind != access.Conflict {
		return err
	}
	es.Add(err)
	return nil
}

// place finds the catalog that the package comes into, or makes it, and refuses
// one that the actor may not build in. Who makes one owns it at once.
func place(ctx context.Context, tx *store.Tx, by *actor, n *NewPackage) (err error) {
	if n.New {
		n.Catalog.Tenant, n.Catalog.ID = by.Tenant, ""
		if err := addCatalog(ctx, tx, by.Person, by.rights, &n.Catalog); err != nil {
			return renamed(err, "displayName", "catalogName")
		}
		n.Package.Catalog = n.Catalog.ID
		by.rights, err = tx.Rights(ctx, by.Person)
		return err
	}
	if n.Package.Catalog == "" {
		return access.Invalidf("catalog", "Choose a catalog.")
	}
	if n.Catalog, err = tx.Catalog(ctx, by.Tenant, n.Package.Catalog); err != nil {
		return err
	}
	return by.rights.MayInCatalog(access.ManagePackages, n.Package.Catalog)
}

// renamed is err with what it says of one field said of another.
func renamed(err error, from, to string) error {
	var es access.Errors
	if err := gather(&es, err); err != nil {
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

// SavePackage changes name, description and whether the package is hidden, from
// the version that p names (F-065). Its catalog and its roles stay.
func (a *Admin) SavePackage(ctx context.Context, by access.Person, p access.Package) (access.Package, error) {
	p.Tenant = by.Tenant
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		stored, err := ownPackage(ctx, tx.Reader, rights, by.Tenant, p.ID)
		if err != nil {
			return err
		}
		if err := checkVersion(stored.Version, p.Version); err != nil {
			return err
		}
		p.Catalog, p.Roles = stored.Catalog, stored.Roles
		if err := checkPackage(ctx, tx, p); err != nil {
			return err
		}
		if err := tx.SavePackage(ctx, p); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActUpdatePackage, object{kind: "access package", id: string(p.ID),
			from: packageText(stored), to: packageText(p)})
	})
	return p, err
}

// ownPackage is the package, if it exists and the actor may build it.
func ownPackage(ctx context.Context, r *store.Reader, rights access.Rights, t access.TenantID,
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

// checkPackage finds every fault of the package, a name that another one of the
// catalog has among them.
func checkPackage(ctx context.Context, tx *store.Tx, p access.Package) error {
	var es access.Errors
	es.Add(p.Check())
	other, taken, err := tx.PackageNamed(ctx, p.Tenant, p.Catalog, p.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != p.ID {
		es.Add(access.Invalidf("displayName", "There is an access package with this name in the catalog already."))
	}
	return es.Err()
}

// packageText is a package in one line of the audit log.
func packageText(p access.Package) string {
	if p.Hidden {
		return p.Name + ", hidden"
	}
	return p.Name
}

// DeletePackage deletes a package that nobody holds (F-066). Requests that are
// still open are canceled, and those concerned are told.
func (a *Admin) DeletePackage(ctx context.Context, by access.Person, id access.PackageID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		p, err := ownPackage(ctx, tx.Reader, rights, by.Tenant, id)
		if err != nil {
			return err
		}
		holders, err := tx.CountHolders(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if err := p.CanDelete(holders); err != nil {
			return err
		}
		if err := cancelOpen(ctx, tx, by, id); err != nil {
			return err
		}
		if err := tx.DeletePackage(ctx, by.Tenant, id); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActDeletePackage, object{kind: "access package", id: string(id),
			from: packageText(p)})
	})
}

// cancelOpen cancels the requests for a package that is about to go.
func cancelOpen(ctx context.Context, tx *store.Tx, by access.Person, id access.PackageID) error {
	open, err := tx.OpenRequests(ctx, by.Tenant, id)
	if err != nil {
		return err
	}
	for _, r := range open {
		r.Note = "The access package was deleted."
		if err := lifecycle.CancelRequest(ctx, tx, &r, access.AuditRecord{Actor: by.ID, Activity: access.ActCancel,
			Reason: r.Note}); err != nil {
			return err
		}
	}
	return nil
}

// DuplicatePackage makes a package like the one with the id: in the same
// catalog, with its roles, and with its policies, disabled until somebody has
// looked at them.
func (a *Admin) DuplicatePackage(ctx context.Context, by access.Person, id access.PackageID) (access.Package, error) {
	var made access.Package
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		p, err := ownPackage(ctx, tx.Reader, rights, by.Tenant, id)
		if err != nil {
			return err
		}
		policies, err := tx.PoliciesOf(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		made = p
		made.ID, made.Version = access.PackageID(tx.NewID()), 0
		if made.Name, err = copyName(ctx, tx, p); err != nil {
			return err
		}
		if err := tx.SavePackage(ctx, made); err != nil {
			return err
		}
		if err := record(ctx, tx, by, access.ActCreatePackage,
			object{kind: "access package", id: string(made.ID), from: "a copy of " + p.Name,
				to: packageText(made)}); err != nil {
			return err
		}
		for _, o := range policies {
			o.ID, o.Package, o.Enabled, o.Version = access.PolicyID(tx.NewID()), made.ID, false, 0
			o.Targets = slices.Clone(o.Targets)
			if err := putPolicy(ctx, tx, by, o, access.Policy{}); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// copyName is the name of a copy of the package: one that is free in its
// catalog, and not too long.
func copyName(ctx context.Context, tx *store.Tx, p access.Package) (string, error) {
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = fmt.Sprintf(" (%d)", n)
		}
		name := []rune("Copy of " + p.Name)
		name = name[:min(len(name), access.MaxNameLength-len(suffix))]
		try := strings.TrimSpace(string(name)) + suffix
		if _, taken, err := tx.PackageNamed(ctx, p.Tenant, p.Catalog, try); err != nil || !taken {
			return try, err
		}
	}
}
