package lifecycle

import (
	"context"
	"errors"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// maxGapItems is how many requests and policies a mail about approvals that no one can
// decide names.
const maxGapItems = 20

// NotifyApprovalGaps looks for pending requests and enabled policies with a stage in which
// no one can decide, and mails the owners of their catalogs (M-49): once, until somebody
// can decide again. A tenant that fails does not keep the others from it.
func (r *Maintenance) NotifyApprovalGaps(ctx context.Context) error {
	tenants, err := r.store.Tenants(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range tenants {
		failed = append(failed, r.notifyGapsOf(ctx, t.ID))
	}
	return errors.Join(failed...)
}

func (r *Maintenance) notifyGapsOf(ctx context.Context, t access.TenantID) error {
	gaps, err := r.store.ApprovalGaps(ctx, t)
	if err != nil {
		return err
	}
	known, err := r.store.KnownApprovalGaps(ctx, t)
	if err != nil || sameGaps(gaps, known) {
		return err
	}
	return r.store.Write(ctx, func(tx *store.Tx) error {
		gaps, err := tx.ApprovalGaps(ctx, t)
		if err != nil {
			return err
		}
		added, err := tx.SaveApprovalGaps(ctx, t, gaps)
		if err != nil {
			return err
		}
		return notifyGaps(ctx, tx, t, added)
	})
}

// sameGaps reports whether both lists have the same gaps.
func sameGaps(a, b []store.ApprovalGap) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(g store.ApprovalGap) bool { return !slices.Contains(b, g) })
}

// notifyGaps mails the owners of each catalog the gaps in it.
func notifyGaps(ctx context.Context, tx *store.Tx, t access.TenantID, gaps []store.ApprovalGap) error {
	var catalogs []access.CatalogID
	items := map[access.CatalogID][]mail.GapItem{}
	for _, g := range gaps {
		item, id, err := gapItem(ctx, tx, t, g)
		if err != nil {
			return err
		}
		if !slices.Contains(catalogs, id) {
			catalogs = append(catalogs, id)
		}
		items[id] = append(items[id], item)
	}
	for _, id := range catalogs {
		if err := notifyOwners(ctx, tx, t, id, items[id]); err != nil {
			return err
		}
	}
	return nil
}

// gapItem names the request or policy of a gap, and its catalog.
func gapItem(ctx context.Context, tx *store.Tx, t access.TenantID, g store.ApprovalGap) (mail.GapItem,
	access.CatalogID, error) {
	item := mail.GapItem{Stage: g.Stage}
	var of access.PackageID
	if g.Kind == store.GapOfPolicy {
		p, err := tx.Policy(ctx, t, access.PolicyID(g.ID))
		if err != nil {
			return item, "", err
		}
		item.Policy, of = p.Name, p.Package
	} else {
		r, err := tx.Request(ctx, t, access.RequestID(g.ID))
		if err != nil {
			return item, "", err
		}
		target, err := tx.Person(ctx, t, r.Target)
		if err != nil {
			return item, "", err
		}
		item.Person, item.Due, of = target.Name, r.Due, r.Package
	}
	p, err := tx.Package(ctx, t, of)
	item.Package = p.Name
	return item, p.Catalog, err
}

// notifyOwners mails the owners of a catalog who can read it, or global administrators if
// there are none.
func notifyOwners(ctx context.Context, tx *store.Tx, t access.TenantID, id access.CatalogID,
	items []mail.GapItem) error {
	c, err := tx.Catalog(ctx, t, id)
	if err != nil {
		return err
	}
	facts := mail.Gap{Catalog: c.Name, Owner: true, Items: items[:min(len(items), maxGapItems)],
		More: max(0, len(items)-maxGapItems)}
	people, err := readersWithRole(ctx, tx, t, access.CatalogOwner, id)
	if err == nil && len(people) == 0 {
		facts.Owner = false
		people, err = readersWithRole(ctx, tx, t, access.GlobalAdministrator, "")
	}
	if err != nil {
		return err
	}
	return queueNotice(ctx, tx, t, mail.NoApprover, facts, people)
}
