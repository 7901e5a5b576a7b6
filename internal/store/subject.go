package store

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// Subjects are the people, groups and connected organizations that subjects
// refer to, by id. What does not exist in the tenant is missing. Organizations
// are without directories, domains and sponsors.
type Subjects struct {
	People        map[access.PersonID]access.Person
	Groups        map[access.EntryID]access.Entry
	Organizations map[access.OrganizationID]access.Organization
}

// maxSubjects is the maximum number of ids in one query; both engines limit the
// number of its arguments.
const maxSubjects = 512

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

// byIDs reads the rows of a table with the ids. from ends where their list goes.
func byIDs[T any](ctx context.Context, r *Reader, cols columns[T], from string, t access.TenantID,
	ids []string) ([]T, error) {
	var all []T
	for some := range slices.Chunk(ids, maxSubjects) {
		a := sqlq.Args{}
		a.Add(t)
		found, err := queryAll(ctx, r, cols, `SELECT {columns} FROM `+from+sqlq.In(&a, some), a.Values...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
