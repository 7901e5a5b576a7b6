package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func entryColumns(e *access.Entry) []column {
	return []column{
		{"ent.tenant_id", &e.Tenant},
		{"ent.id", &e.ID},
		{"ent.kind", &e.Kind},
		{"ent.name", &e.Name},
		{"ent.description", &e.Description},
		{"ent.link", &e.Link},
		{"ent.roles", jsonValue{&e.Roles}},
		{"ent.version", &e.Version},
	}
}

// Entry is the entry of the built-in directory with the id.
func (r *Reader) Entry(ctx context.Context, t access.TenantID, id access.EntryID) (access.Entry, error) {
	return queryOne(ctx, r, entryColumns, `SELECT {columns} FROM directory_entry ent WHERE ent.tenant_id = $1
		AND ent.id = $2`,
		t,
		id)
}

// EntryNamed is the entry with the name, without regard to case; ok is false if
// there is none.
func (r *Reader) EntryNamed(ctx context.Context, t access.TenantID, name string) (e access.Entry, ok bool, err error) {
	return queryOptional(ctx, r, entryColumns, `SELECT {columns} FROM directory_entry ent WHERE ent.tenant_id = $1
		AND ent.sort_name = $2`, t, fold(name))
}

// Entries are the entries of the built-in directory by name.
func (r *Reader) Entries(ctx context.Context, t access.TenantID) ([]access.Entry, error) {
	return queryAll(ctx, r, entryColumns,
		`SELECT {columns} FROM directory_entry ent WHERE ent.tenant_id = $1 ORDER BY ent.sort_name, ent.id`, t)
}

// EntryFilter narrows a list of the built-in directory's entries; zero fields
// narrow nothing.
type EntryFilter struct {
	Kind    access.ResourceKind
	Groups  bool             // groups and teams only
	Outside access.CatalogID // entries that the catalog does not have
	Owner   access.PersonID  // entries that the person owns
	// AddableBy is what the person may add to a catalog: what the person owns, and
	// all applications if Applications.
	AddableBy    access.PersonID
	Applications bool // without AddableBy it matches nothing
}

// EntryList is the list of the built-in directory's entries, by "name" or "age".
func (r *Reader) EntryList(ctx context.Context, t access.TenantID,
	q ListQuery[EntryFilter]) (ListPage[access.Entry], error) {
	f := q.Filter
	return page(ctx, r, listing[access.Entry]{
		columns: entryColumns, base: `directory_entry ent`, tenant: `ent.tenant_id`, id: `ent.id`, kind: wordsOfEntry,
		orders: []order{{"name", `ent.sort_name`, false}, {"age", `ent.id`, false}},
		where: func(a *sqlq.Args) string {
			sql := equal(a, `ent.kind`, f.Kind)
			if f.Groups {
				sql += ` AND ent.kind IN ('group', 'team')`
			}
			if f.Outside != "" {
				sql += ` AND ent.id NOT IN (SELECT res.external_id FROM catalog_resource cr CROSS JOIN resource res CROSS
					JOIN target tgt
					WHERE cr.tenant_id = ` + a.Add(t) + ` AND cr.catalog_id = ` + a.Add(f.Outside) + ` AND res.tenant_id = cr.tenant_id
						AND res.id = cr.resource_id
					AND tgt.tenant_id = res.tenant_id AND tgt.id = res.target_id AND tgt.kind = 'directory')`
			}
			if f.AddableBy != "" {
				kinds := ``
				if f.Applications {
					kinds = `ent.kind = 'application' OR `
				}
				sql += ` AND (` + kinds + `EXISTS (SELECT 1 FROM directory_owner own WHERE own.tenant_id = ent.tenant_id
					AND own.entry_id = ent.id
					AND own.person_id = ` + a.Add(f.AddableBy) + `))`
			} else if f.Applications {
				sql += matchesNothing
			}
			if f.Owner != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_owner own WHERE own.tenant_id = ent.tenant_id AND own.entry_id = ent.id
					AND own.person_id = ` + a.Add(f.Owner) + `)`
			}
			return sql
		},
	}, t, q.paging())
}

// WalkEntries walks EntryList.
func (r *Reader) WalkEntries(ctx context.Context, t access.TenantID, q ListQuery[EntryFilter],
	f func(access.Entry) error) error {
	return walk(ctx, t, q, r.EntryList, f)
}

// EntryUse says what refers to an entry; empty if it can be deleted.
func (r *Reader) EntryUse(ctx context.Context, t access.TenantID, id access.EntryID) (string, error) {
	for _, use := range []struct{ text, query string }{
		{"a catalog lists it, or has listed it", `SELECT COUNT(*) FROM target tgt CROSS JOIN resource res
			WHERE tgt.tenant_id = $1 AND tgt.kind = 'directory' AND res.tenant_id = $1 AND res.target_id = tgt.id
			AND res.external_id = $2`},
		{"a connected organization has it as a sponsor", `SELECT COUNT(*) FROM organization_sponsor_group WHERE tenant_id = $1
			AND entry_id = $2`},
		{"a policy names it", `SELECT COUNT(*) FROM policy_subject WHERE tenant_id = $1 AND subject_id = $2`},
		{"it has an administrative role", `SELECT COUNT(*) FROM role_assignment WHERE tenant_id = $1 AND subject_id = $2`},
		{"it has decided about requests, or may", `SELECT COUNT(*) FROM request_approver WHERE tenant_id = $1
			AND subject_id = $2 AND closed IS NULL`},
		{"it has decided about requests, or may", `SELECT COUNT(*) FROM request_approver WHERE tenant_id = $1
			AND subject_id = $2 AND closed IS NOT NULL`},
		{"it approves in a later stage of an open request", `SELECT COUNT(*) FROM request WHERE tenant_id = $1
			AND state IN ('submitted', 'pendingApproval') AND CAST(terms AS TEXT) LIKE '%"' || $2 || '"%'`},
	} {
		n, err := queryOne(ctx, r, value[int64], use.query, t, id)
		if err != nil || n > 0 {
			return use.text, err
		}
	}
	return "", nil
}

// EntryOwners are the people who may add the entry to catalogs (F-041).
func (r *Reader) EntryOwners(ctx context.Context, t access.TenantID, e access.EntryID) ([]access.PersonID, error) {
	return queryAll(ctx, r, value[access.PersonID],
		`SELECT person_id FROM directory_owner WHERE tenant_id = $1 AND entry_id = $2 ORDER BY person_id`, t, e)
}

// OwnsEntry reports whether the person is an owner of the entry.
func (r *Reader) OwnsEntry(ctx context.Context, p access.Person, e access.EntryID) (bool, error) {
	n, err := queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM directory_owner WHERE tenant_id = $1 AND entry_id = $2
		AND person_id = $3`,
		p.Tenant, e, p.ID)
	return n > 0, err
}

// OwnedEntries returns the entries of the list that the person owns.
func (r *Reader) OwnedEntries(ctx context.Context, p access.Person,
	entries []access.EntryID) (map[access.EntryID]bool, error) {
	return setOf(queryBlocks(ctx, r, value[access.EntryID], entries, func(a *sqlq.Args, block []access.EntryID) string {
		return `SELECT entry_id FROM directory_owner WHERE tenant_id = ` + a.Add(p.Tenant) + ` AND person_id = ` +
			a.Add(p.ID) + ` AND entry_id IN ` + sqlq.In(a, block)
	}))
}

// SaveEntry adds the entry, or changes the one with its id.
func (tx *Tx) SaveEntry(ctx context.Context, e access.Entry) error {
	err := tx.exec(ctx, `INSERT INTO directory_entry (tenant_id, id, kind, name, description, link, roles, version,
		sort_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8) ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		description = excluded.description, link = excluded.link, roles = excluded.roles, sort_name = excluded.sort_name,
		version = directory_entry.version + 1`,
		e.Tenant, e.ID, e.Kind, e.Name, e.Description, e.Link, jsonValue{e.Roles}, fold(e.Name))
	if err != nil {
		return err
	}
	return tx.indexWords(ctx, e.Tenant, wordsOfEntry, string(e.ID), e.Name, e.Description)
}

// SetEntryOwners replaces the owners of an entry.
func (tx *Tx) SetEntryOwners(ctx context.Context, t access.TenantID, e access.EntryID, owners []access.PersonID) error {
	err := tx.exec(ctx, `DELETE FROM directory_owner WHERE tenant_id = $1 AND entry_id = $2`, t, e)
	for _, p := range owners {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO directory_owner (tenant_id, entry_id, person_id) VALUES ($1, $2, $3)
				ON CONFLICT DO NOTHING`, t, e, p)
		}
	}
	return err
}

// DeleteEntry deletes an entry with its members and owners.
func (tx *Tx) DeleteEntry(ctx context.Context, t access.TenantID, id access.EntryID) error {
	for _, table := range []string{"directory_member", "directory_owner"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND entry_id = $2`, t, id); err != nil {
			return err
		}
	}
	if err := tx.deleteWords(ctx, t, wordsOfEntry, string(id)); err != nil {
		return err
	}
	return tx.execOne(ctx, `DELETE FROM directory_entry WHERE tenant_id = $1 AND id = $2`, t, id)
}
