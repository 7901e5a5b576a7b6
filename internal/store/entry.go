package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
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

// Entries are the entries of the built-in directory by name.
func (r *Reader) Entries(ctx context.Context, t access.TenantID) ([]access.Entry, error) {
	return queryAll(ctx, r, entryColumns,
		`SELECT {columns} FROM directory_entry ent WHERE ent.tenant_id = $1 ORDER BY ent.sort_name, ent.id`, t)
}

// GroupMember is the right whose holders policies mean by a group's members.
const GroupMember = "Member"

// GroupsOf are the groups and teams of which the person is a member.
func (r *Reader) GroupsOf(ctx context.Context, t access.TenantID, p access.PersonID) ([]access.EntryID, error) {
	type known struct {
		access.TenantID
		access.PersonID
	}
	return sqldb.Cached(r.cache, known{t, p}, func() ([]access.EntryID, error) {
		return queryAll(ctx, r, value[access.EntryID], `SELECT mem.entry_id FROM directory_member mem
			JOIN directory_entry ent ON ent.tenant_id = mem.tenant_id AND ent.id = mem.entry_id
			WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND mem.role = 'Member' AND ent.kind IN ('group', 'team')
			ORDER BY mem.entry_id`, t, p)
	})
}

// MembersOf are the people who hold a right in an entry.
func (r *Reader) MembersOf(ctx context.Context, t access.TenantID, e access.EntryID,
	role string) ([]access.PersonID, error) {
	return queryAll(ctx, r, value[access.PersonID], `SELECT person_id FROM directory_member
		WHERE tenant_id = $1 AND entry_id = $2 AND role = $3 ORDER BY person_id`, t, e, role)
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
	return tx.index(ctx, e.Tenant, wordsOfEntry, string(e.ID), e.Name, e.Description)
}

// EntryNamed is the entry with the name, without regard to case; ok is false if
// there is none.
func (r *Reader) EntryNamed(ctx context.Context, t access.TenantID, name string) (e access.Entry, ok bool, err error) {
	return queryOptional(ctx, r, entryColumns, `SELECT {columns} FROM directory_entry ent WHERE ent.tenant_id = $1
		AND ent.sort_name = $2`, t, fold(name))
}

// EntryUse says what an entry is needed for; empty if it can be deleted.
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
			AND subject_id = $2`},
	} {
		n, err := queryOne(ctx, r, value[int64], use.query, t, id)
		if err != nil || n > 0 {
			return use.text, err
		}
	}
	return "", nil
}

// DeleteEntry deletes an entry with its members and owners.
func (tx *Tx) DeleteEntry(ctx context.Context, t access.TenantID, id access.EntryID) error {
	for _, table := range []string{"directory_member", "directory_owner"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND entry_id = $2`, t, id); err != nil {
			return err
		}
	}
	if err := tx.forgetWords(ctx, t, wordsOfEntry, string(id)); err != nil {
		return err
	}
	return tx.execOne(ctx, `DELETE FROM directory_entry WHERE tenant_id = $1 AND id = $2`, t, id)
}

// HasEntryGrant reports whether the person should hold the role in the entry by an
// access package.
func (r *Reader) HasEntryGrant(ctx context.Context, p access.Person, e access.EntryID, role string) (bool, error) {
	n, err := queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM role_grant gr
		JOIN resource_role rr ON rr.tenant_id = gr.tenant_id AND rr.id = gr.role_id
		JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
		JOIN target tgt ON tgt.tenant_id = res.tenant_id AND tgt.id = res.target_id
		WHERE gr.tenant_id = $1 AND gr.person_id = $2 AND gr.state IN ('adding', 'held') AND rr.external_id = $4
		AND res.external_id = $3 AND tgt.kind = 'directory'`, p.Tenant, p.ID, e, role)
	return n > 0, err
}

// EntryRights are the rights that a person has in the entries of the built-in
// directory, by name.
func (r *Reader) EntryRights(ctx context.Context, p access.Person) ([]EntryRight, error) {
	return queryAll(ctx, r, func(b *EntryRight) []column {
		return []column{
			{"ent.id", &b.Entry.ID},
			{"ent.kind", &b.Entry.Kind},
			{"ent.name", &b.Entry.Name},
			{"mem.role", &b.Role},
		}
	}, `SELECT {columns} FROM directory_member mem JOIN directory_entry ent
		ON ent.tenant_id = mem.tenant_id
		AND ent.id = mem.entry_id
		WHERE mem.tenant_id = $1 AND mem.person_id = $2 ORDER BY ent.sort_name, mem.role`, p.Tenant, p.ID)
}

// EntryRight is a right of a person in an entry.
type EntryRight struct {
	Entry access.Entry
	Role  string
}

// EntryOwners are the people who may hand an entry out (F-041).
func (r *Reader) EntryOwners(ctx context.Context, t access.TenantID, e access.EntryID) ([]access.PersonID, error) {
	return queryAll(ctx, r, value[access.PersonID],
		`SELECT person_id FROM directory_owner WHERE tenant_id = $1 AND entry_id = $2 ORDER BY person_id`, t, e)
}

// OwnsEntry reports whether the person may hand the entry out as its owner.
func (r *Reader) OwnsEntry(ctx context.Context, p access.Person, e access.EntryID) (bool, error) {
	n, err := queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM directory_owner WHERE tenant_id = $1 AND entry_id = $2
		AND person_id = $3`,
		p.Tenant, e, p.ID)
	return n > 0, err
}

// SetEntryOwners replaces the people who may hand an entry out.
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

// LedgerLine is one line of the built-in directory's ledger: a change that delivery
// made there. Calls that found nothing to change leave none.
type LedgerLine struct {
	Effect string // add, remove, or the state of an account: active, blocked, removed
	access.Membership
}

// Ledger is the ledger of the tenant's built-in directory in the order of its
// lines.
func (r *Reader) Ledger(ctx context.Context, t access.TenantID) ([]LedgerLine, error) {
	return queryAll(ctx, r, func(e *LedgerLine) []column {
		return []column{
			{"effect", &e.Effect},
			{"entry_id", &e.Entry},
			{"role", &e.Role},
			{"person_id", &e.Person},
			{"call_key", &e.IdempotencyKey},
		}
	}, `SELECT {columns} FROM directory_effect WHERE tenant_id = $1 ORDER BY id`, t)
}

// AddMember gives a person a right in an entry and reports whether that changed
// anything.
func (tx *Tx) AddMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error) {
	n, err := tx.execCount(ctx, `INSERT INTO directory_member (tenant_id, entry_id, role, person_id) VALUES ($1, $2, $3,
		$4)
		ON CONFLICT DO NOTHING`, t, m.Entry, m.Role, m.Person)
	return n > 0, err
}

// RemoveMember takes a right in an entry from a person and reports whether that
// changed anything.
func (tx *Tx) RemoveMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error) {
	n, err := tx.execCount(ctx, `DELETE FROM directory_member WHERE tenant_id = $1 AND entry_id = $2 AND role = $3
		AND person_id = $4`,
		t, m.Entry, m.Role, m.Person)
	return n > 0, err
}

// addEffect writes a line of the ledger.
func (tx *Tx) addEffect(ctx context.Context, t access.TenantID, effect string, m access.Membership) error {
	return tx.exec(ctx, `INSERT INTO directory_effect (tenant_id, id, at, effect, entry_id, role, person_id, call_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, t, tx.NewID(), ms(tx.Now), effect, m.Entry, m.Role, m.Person,
		m.IdempotencyKey)
}
