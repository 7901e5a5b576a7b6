package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// GroupMember is the role in a group or team that makes people its members for
// policies.
const GroupMember = "Member"

// GroupsOf are the groups and teams that the person is a member of.
func (r *Reader) GroupsOf(ctx context.Context, t access.TenantID, p access.PersonID) ([]access.EntryID, error) {
	type known struct {
		access.TenantID
		access.PersonID
	}
	return cachedForPerson(r, t, p, known{t, p}, func() ([]access.EntryID, error) {
		return queryAll(ctx, r, value[access.EntryID], `SELECT mem.entry_id FROM directory_member mem
			JOIN directory_entry ent ON ent.tenant_id = mem.tenant_id AND ent.id = mem.entry_id
			WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND mem.role = 'Member' AND ent.kind IN ('group', 'team')
			ORDER BY mem.entry_id`, t, p)
	})
}

// MembersOf are the people with a role in an entry.
func (r *Reader) MembersOf(ctx context.Context, t access.TenantID, e access.EntryID,
	role string) ([]access.PersonID, error) {
	return queryAll(ctx, r, value[access.PersonID], `SELECT person_id FROM directory_member
		WHERE tenant_id = $1 AND entry_id = $2 AND role = $3 ORDER BY person_id`, t, e, role)
}

// EntryRight is a role of a person in an entry.
type EntryRight struct {
	Entry access.Entry
	Role  string
}

// EntryRights are the roles of a person in entries of the built-in directory,
// by name of the entry.
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

// HasEntryGrant reports whether an access package gives the person the role in
// the entry.
func (r *Reader) HasEntryGrant(ctx context.Context, p access.Person, e access.EntryID, role string) (bool, error) {
	n, err := queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM role_grant gr
		JOIN resource_role rr ON rr.tenant_id = gr.tenant_id AND rr.id = gr.role_id
		JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
		JOIN target tgt ON tgt.tenant_id = res.tenant_id AND tgt.id = res.target_id
		WHERE gr.tenant_id = $1 AND gr.person_id = $2 AND gr.state IN ('adding', 'held') AND rr.external_id = $4
		AND res.external_id = $3 AND tgt.kind = 'directory'`, p.Tenant, p.ID, e, role)
	return n > 0, err
}

// PeopleWithEntryGrant returns the people of the list to whom access packages
// give the role in the entry.
func (r *Reader) PeopleWithEntryGrant(ctx context.Context, t access.TenantID, e access.EntryID, role string,
	people []access.PersonID) (map[access.PersonID]bool, error) {
	return setOf(queryBlocks(ctx, r, value[access.PersonID], people, func(a *sqlq.Args, block []access.PersonID) string {
		return `SELECT gr.person_id FROM role_grant gr
			JOIN resource_role rr ON rr.tenant_id = gr.tenant_id AND rr.id = gr.role_id
			JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
			JOIN target tgt ON tgt.tenant_id = res.tenant_id AND tgt.id = res.target_id
			WHERE gr.tenant_id = ` + a.Add(t) + ` AND gr.state IN ('adding', 'held') AND rr.external_id = ` + a.Add(role) +
			` AND res.external_id = ` + a.Add(e) + ` AND tgt.kind = 'directory' AND gr.person_id IN ` + sqlq.In(a, block)
	}))
}

// AddMember gives a person a role in an entry and reports whether the person
// did not have it.
func (tx *Tx) AddMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error) {
	n, err := tx.execCount(ctx, `INSERT INTO directory_member (tenant_id, entry_id, role, person_id) VALUES ($1, $2, $3,
		$4)
		ON CONFLICT DO NOTHING`, t, m.Entry, m.Role, m.Person)
	return n > 0, err
}

// RemoveMember removes a person's role in an entry and reports whether the
// person had it.
func (tx *Tx) RemoveMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error) {
	n, err := tx.execCount(ctx, `DELETE FROM directory_member WHERE tenant_id = $1 AND entry_id = $2 AND role = $3
		AND person_id = $4`,
		t, m.Entry, m.Role, m.Person)
	return n > 0, err
}
