package store

import (
	"context"

	"myaccess/internal/access"
)

// Subjects are the people, groups and connected organizations that subjects
// refer to, by id. What does not exist in the tenant is missing. Organizations
// are without directories, domains and sponsors.
type Subjects struct {
	People        map[access.PersonID]access.Person
	Groups        map[access.EntryID]access.Entry
	Organizations map[access.OrganizationID]access.Organization
}

// Subjects reads what the subjects refer to, with one query per kind of subject
// (and per 512 of them).
func (r *Reader) Subjects(ctx context.Context, t access.TenantID, refs []access.SubjectRef) (Subjects, error) {
	s := Subjects{map[access.PersonID]access.Person{}, map[access.EntryID]access.Entry{},
		map[access.OrganizationID]access.Organization{}}
	ids := map[access.SubjectKind][]string{}
	for _, ref := range refs {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	people, err := byIDs(ctx, r, personColumns, `person per WHERE per.tenant_id = $1 AND per.id IN `, t,
		ids[access.SubjectPerson])
	if err != nil {
		return s, err
	}
	for _, one := range people {
		s.People[one.ID] = one
	}
	groups, err := byIDs(ctx, r, entryColumns, `directory_entry ent WHERE ent.tenant_id = $1 AND ent.id IN `, t,
		ids[access.SubjectGroup])
	if err != nil {
		return s, err
	}
	for _, one := range groups {
		s.Groups[one.ID] = one
	}
	organizations, err := byIDs(ctx, r, organizationColumns, `organization org WHERE org.tenant_id = $1 AND org.id IN `, t,
		ids[access.SubjectOrganization])
	for _, one := range organizations {
		s.Organizations[one.ID] = one
	}
	return s, err
}
