package store

import (
	"cmp"
	"context"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/sqlq"
)

func personColumns(p *access.Person) []column {
	return []column{
		{"per.tenant_id", &p.Tenant},
		{"per.id", &p.ID},
		{"COALESCE(per.account_id, '')", &p.Account},
		{"per.directory_id", &p.Directory},
		{"per.domain", &p.Domain},
		{"per.kind", &p.Kind},
		{"per.name", &p.Name},
		{"per.email", &p.Email},
		{"per.language", &p.Language},
		{"per.time_zone", &p.TimeZone},
		{"COALESCE(per.manager_id, '')", &p.Manager},
		{"per.attributes", jsonValue{&p.Attributes}},
		{"per.disabled", &p.Disabled},
		{"per.disabled_since", scanTime{&p.DisabledSince}},
		{"per.sessions_ended", scanTime{&p.SessionsEnded}},
		{"per.guest", &p.Guest},
		{"per.governed", &p.Governed},
		{"per.remove_due", scanTime{&p.RemovalDue}},
		{"COALESCE(per.invited_by, '')", &p.InvitedBy},
		{"per.created", scanTime{&p.Created}},
		{"per.version", &p.Version},
		{"COALESCE(per.merged_into, '')", &p.MergedInto},
		{"COALESCE(per.carried_from, '')", &p.CarriedFrom},
		{"per.carried_address", &p.CarriedAddress},
	}
}

// Person is the person with the id, without sponsors.
func (r *Reader) Person(ctx context.Context, t access.TenantID, id access.PersonID) (access.Person, error) {
	return queryOne(ctx, r, personColumns, `SELECT {columns} FROM person per WHERE per.tenant_id = $1 AND per.id = $2`, t,
		id)
}

// personOfAccount is the id of the person of the account in the tenant, or of the one
// that this person was merged into.
func personOfAccount(tenant, account string) string {
	return `(SELECT COALESCE(per2.merged_into, per2.id) FROM person per2 WHERE per2.tenant_id = ` + tenant +
		` AND per2.account_id = ` + account + `)`
}

// PersonOf is the person of the account in the tenant; ok is false if there is
// none.
func (r *Reader) PersonOf(ctx context.Context, t access.TenantID,
	a access.AccountID) (p access.Person, ok bool, err error) {
	if v := r.visit; v != nil && v.tenant == t && v.session.Account.ID == a {
		return v.person, true, nil
	}
	type known struct {
		access.TenantID
		access.AccountID
	}
	return exists(sqldb.Cached(r.cache, known{t, a}, func() (access.Person, error) {
		return queryOne(ctx, r, personColumns, `SELECT {columns} FROM person per WHERE per.tenant_id = $1
			AND per.id = `+personOfAccount(`$1`, `$2`), t, a)
	}))
}

// PeopleByEmail are the people with the address; none if it is not an address.
// Addresses are compared in canonical form, and are not unique.
func (r *Reader) PeopleByEmail(ctx context.Context, t access.TenantID, email string) ([]access.Person, error) {
	address, ok := mailaddr.Parse(email)
	if !ok {
		return nil, nil
	}
	return queryAll(ctx, r, personColumns,
		`SELECT {columns} FROM person per WHERE per.tenant_id = $1 AND per.address = $2
			AND per.merged_into IS NULL ORDER BY per.id`, t, address)
}

// canonicalAddress is the address that identifies a person, as it is stored: empty
// if the text is not an address.
func canonicalAddress(email string) mailaddr.Address {
	address, _ := mailaddr.Parse(email)
	return address
}

// fillAddresses stores the canonical addresses of the people who are stored already.
// Several people may have the same one, as before; nobody is changed otherwise.
func fillAddresses(ctx context.Context, q sqldb.Querier) error {
	r := &Reader{q: q}
	type person struct{ tenant, id, email string }
	all, err := queryAll(ctx, r, func(p *person) []column {
		return []column{{"per.tenant_id", &p.tenant}, {"per.id", &p.id}, {"per.email", &p.email}}
	}, `SELECT {columns} FROM person per WHERE per.email <> ''`)
	for _, p := range all {
		if err == nil {
			err = r.exec(ctx, `UPDATE person SET address = $3 WHERE tenant_id = $1 AND id = $2`, p.tenant, p.id,
				canonicalAddress(p.email))
		}
	}
	return err
}

// PeopleAfter are up to limit people of the tenant by name, after the one with
// the folded name and id.
func (r *Reader) PeopleAfter(ctx context.Context, t access.TenantID, after Key, limit int) ([]access.Person, error) {
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per
		WHERE per.tenant_id = $1 AND (per.sort_name, per.id) > ($2, $3) AND per.merged_into IS NULL ORDER BY per.sort_name,
		per.id LIMIT $4`,
		t, after.Name, after.ID, int64(limit))
}

// PersonFilter narrows a list of people; zero fields narrow nothing.
type PersonFilter struct {
	Kind         access.PersonKind
	Guest        access.GuestState
	Governed     Flag
	Disabled     Flag
	Directory    access.DirectoryID
	Organization access.OrganizationID // a connected one
	Group        access.EntryID        // people who have a role in it
	Role         string                // in Group; GroupMember if empty. Without Group it matches nothing
	Problem      PersonProblem
	Carried      Carried
}

// Carried narrows people to those of a passcode directory whose domain a provider has now.
type Carried struct {
	From access.DirectoryID // the passcode directory; empty narrows nothing
	// Over narrows to those who were carried over, or those who were not yet.
	Over Flag
}

// where is the condition that a person is one of them.
func (c Carried) where(a *sqlq.Args) string {
	if c.From == "" {
		return ``
	}
	from := a.Add(c.From) // each of the conditions uses it: PostgreSQL refuses parameters that none does
	over, left := `per.carried_from = `+from, `per.directory_id = `+from
	switch c.Over {
	case Yes:
		return ` AND ` + over
	case No:
		return ` AND ` + left
	}
	return ` AND (` + over + ` OR ` + left + `)`
}

// PersonProblem is something about who a person is that administrators have to solve.
type PersonProblem string

// The problems of people.
const (
	// ProblemSubject: has administrative roles, has not signed in, and is known by the
	// address only.
	ProblemSubject PersonProblem = "subject"
	// ProblemElsewhere: a member whose address is in none of the directory's domains.
	ProblemElsewhere PersonProblem = "elsewhere"
	// ProblemShared: several people have the address, so that it finds none of them.
	ProblemShared PersonProblem = "shared"
	// ProblemUnreadable: the address is not one, so that it finds nobody.
	ProblemUnreadable PersonProblem = "unreadable"
)

// PersonProblems lists every problem.
func PersonProblems() []PersonProblem {
	return []PersonProblem{ProblemSubject, ProblemElsewhere, ProblemShared, ProblemUnreadable}
}

// where is the condition that a person has the problem.
func (p PersonProblem) where() string {
	return map[PersonProblem]string{
		ProblemSubject: ` AND per.account_id IS NULL
			AND EXISTS (SELECT 1 FROM directory dir WHERE dir.id = per.directory_id AND dir.kind = 'openid')
			AND (EXISTS (SELECT 1 FROM role_assignment ra WHERE ra.tenant_id = per.tenant_id AND ra.subject_id = per.id)
			OR EXISTS (SELECT 1 FROM directory_member mem JOIN role_assignment ra ON ra.tenant_id = mem.tenant_id
				AND ra.subject_id = mem.entry_id
				WHERE mem.tenant_id = per.tenant_id AND mem.person_id = per.id AND mem.role = 'Member'))`,
		ProblemElsewhere: ` AND per.kind = 'member' AND per.address <> ''
			AND NOT EXISTS (SELECT 1 FROM directory_domain dom WHERE dom.directory_id = per.directory_id
				AND dom.proof <> 'pending' AND per.address LIKE '%@' || dom.name)`,
		ProblemShared: ` AND per.address <> '' AND EXISTS (SELECT 1 FROM person per2 WHERE per2.tenant_id = per.tenant_id
			AND per2.address = per.address AND per2.id <> per.id AND per2.merged_into IS NULL)`,
		ProblemUnreadable: ` AND per.address = '' AND per.email <> ''`,
	}[p]
}

// PersonList is the list of people, by "name" or "age".
func (r *Reader) PersonList(ctx context.Context, t access.TenantID,
	q ListQuery[PersonFilter]) (ListPage[access.Person], error) {
	f := q.Filter
	role := cmp.Or(f.Role, GroupMember)
	p := q.paging()
	var err error
	if p.among, err = r.peopleAmong(ctx, t, f); err != nil {
		return ListPage[access.Person]{}, err
	}
	return page(ctx, r, listing[access.Person]{
		columns: personColumns, base: `person per`, tenant: `per.tenant_id`, id: `per.id`, kind: wordsOfPerson,
		orders: []order{{"name", `per.sort_name`, false}, {"age", `per.id`, false}},
		where: func(a *sqlq.Args) string {
			sql := equal(a, `per.kind`, f.Kind) + equal(a, `per.guest`, f.Guest) + equal(a, `per.directory_id`, f.Directory) +
				f.Governed.where(`per.governed`) + f.Disabled.where(`per.disabled`) + f.Problem.where() +
				f.Carried.where(a) + ` AND per.merged_into IS NULL`
			if f.Organization != "" {
				sql += ` AND per.directory_id IN (SELECT od.directory_id FROM organization_directory od
					WHERE od.tenant_id = per.tenant_id AND od.organization_id = ` + a.Add(f.Organization) + `)`
			}
			if f.Group != "" {
				sql += ` AND EXISTS (SELECT 1 FROM directory_member mem WHERE mem.tenant_id = per.tenant_id
					AND mem.person_id = per.id
					AND mem.role = ` + a.Add(role) + ` AND mem.entry_id = ` + a.Add(f.Group) + `)`
			} else if f.Role != "" {
				sql += matchesNothing
			}
			return sql
		},
	}, t, p)
}

// peopleAmong are the ids of the people in the filter's group or organization.
// It is nil without such a filter, and for more than maxIDs people, who are
// found faster by reading the list.
func (r *Reader) peopleAmong(ctx context.Context, t access.TenantID, f PersonFilter) (ids []string, err error) {
	switch {
	case f.Group != "":
		ids, err = queryAll(ctx, r, value[string], `SELECT person_id FROM directory_member WHERE tenant_id = $1
			AND entry_id = $2 AND role = $3 LIMIT $4`, t, f.Group, cmp.Or(f.Role, GroupMember), int64(maxIDs+1))
	case f.Organization != "":
		ids, err = queryAll(ctx, r, value[string], `SELECT per.id FROM organization_directory od CROSS JOIN person per
			WHERE od.tenant_id = $1
			AND od.organization_id = $2 AND per.tenant_id = $1 AND per.directory_id = od.directory_id LIMIT $3`, t,
			f.Organization,
			int64(maxIDs+1))
	default:
		return nil, nil
	}
	if len(ids) > maxIDs {
		return nil, err
	}
	return append([]string{}, ids...), err
}

// WalkPeople walks PersonList.
func (r *Reader) WalkPeople(ctx context.Context, t access.TenantID, q ListQuery[PersonFilter],
	f func(access.Person) error) error {
	return walk(ctx, t, q, r.PersonList, f)
}

// Sponsors are the sponsors of a person.
func (r *Reader) Sponsors(ctx context.Context, t access.TenantID, id access.PersonID) ([]access.PersonID, error) {
	return queryAll(ctx, r, value[access.PersonID],
		`SELECT sponsor_id FROM person_sponsor WHERE tenant_id = $1 AND person_id = $2 ORDER BY sponsor_id`, t, id)
}

// PersonContext is the person with the facts that policies check.
func (r *Reader) PersonContext(ctx context.Context, t access.TenantID,
	id access.PersonID) (access.PersonContext, error) {
	p, err := r.Person(ctx, t, id)
	if err != nil {
		return access.PersonContext{}, err
	}
	return r.ContextOf(ctx, p)
}

// ContextOf adds the facts that policies check to a person, who need not be
// stored.
func (r *Reader) ContextOf(ctx context.Context, p access.Person) (access.PersonContext, error) {
	who := access.PersonContext{Person: p}
	var err error
	if who.Groups, err = r.GroupsOf(ctx, p.Tenant, p.ID); err != nil || !p.Outsider() {
		return who, err
	}
	who.Organization, _, err = r.OrganizationOf(ctx, p.Tenant, p.Directory)
	return who, err
}

// ExpandSubjects are the people named by the subjects and the members of the
// groups named, each once, by name.
func (r *Reader) ExpandSubjects(ctx context.Context, t access.TenantID,
	subjects []access.SubjectRef) ([]access.Person, error) {
	a := sqlq.Args{}
	tenant := a.Add(t)
	var people, groups []string
	for _, s := range subjects {
		switch s.Kind {
		case access.SubjectPerson:
			people = append(people, s.ID)
		case access.SubjectGroup:
			groups = append(groups, s.ID)
		case access.SubjectOrganization: // its people are not among those known by name
		}
	}
	// A CROSS JOIN keeps SQLite from reading everyone by name to avoid the sort.
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM (
			SELECT COALESCE(per.merged_into, per.id) AS id FROM person per WHERE per.tenant_id = `+tenant+`
				AND per.id IN `+sqlq.In(&a, people)+`
			UNION SELECT mem.person_id FROM directory_member mem
			WHERE mem.tenant_id = `+tenant+` AND mem.role = 'Member' AND mem.entry_id IN `+sqlq.In(&a, groups)+
		`) AS ids
		CROSS JOIN person per WHERE per.tenant_id = `+tenant+` AND per.id = ids.id ORDER BY per.sort_name, per.id`,
		a.Values...)
}

// AddPerson adds a person.
func (tx *Tx) AddPerson(ctx context.Context, p access.Person) error {
	err := tx.exec(ctx, `INSERT INTO person (tenant_id, id, account_id, directory_id, domain, kind, name, email, address,
			language, time_zone, manager_id, attributes, disabled, guest, governed, remove_due, invited_by, created, version,
			sort_name, disabled_since, carried_from, carried_address)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, $20,
			CASE WHEN $14 THEN CAST($19 AS BIGINT) END, $21, $22)`,
		p.Tenant, p.ID, textOrNull(p.Account), p.Directory, p.Domain, p.Kind, p.Name, p.Email, canonicalAddress(p.Email),
		p.Language, p.TimeZone, textOrNull(p.Manager), jsonValue{attributes(p)}, p.Disabled, p.Guest, p.Governed,
		msOrNull(p.RemovalDue), textOrNull(p.InvitedBy), ms(tx.Now), fold(p.Name),
		textOrNull(p.CarriedFrom), p.CarriedAddress)
	if err != nil {
		return err
	}
	return tx.indexWords(ctx, p.Tenant, wordsOfPerson, string(p.ID), p.Name, p.Email)
}

// UpdatePerson changes a person's details, and since when the person is disabled, but not
// the guest state (MoveGuest), nor the account once it is set.
func (tx *Tx) UpdatePerson(ctx context.Context, p access.Person) error {
	err := tx.execOne(ctx, `UPDATE person SET account_id = COALESCE(account_id, $3), domain = $4, kind = $5, name = $6,
		email = $7,
			address = $8, language = $9, time_zone = $10, manager_id = $11, attributes = $12, disabled = $13,
			sort_name = $14, disabled_since = CASE WHEN $13 THEN COALESCE(disabled_since, $15) END, version = version + 1
		WHERE tenant_id = $1 AND id = $2`,
		p.Tenant, p.ID, textOrNull(p.Account), p.Domain, p.Kind, p.Name, p.Email,
		canonicalAddress(p.Email), p.Language, p.TimeZone, textOrNull(p.Manager), jsonValue{attributes(p)}, p.Disabled,
		fold(p.Name),
		ms(tx.Now))
	if err != nil {
		return err
	}
	return tx.indexWords(ctx, p.Tenant, wordsOfPerson, string(p.ID), p.Name, p.Email)
}

// SetSponsors replaces the sponsors of a person.
func (tx *Tx) SetSponsors(ctx context.Context, t access.TenantID, id access.PersonID,
	sponsors []access.PersonID) error {
	err := tx.exec(ctx, `DELETE FROM person_sponsor WHERE tenant_id = $1 AND person_id = $2`, t, id)
	for _, s := range sponsors {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO person_sponsor (tenant_id, person_id, sponsor_id) VALUES ($1, $2, $3)`, t, id, s)
		}
	}
	return err
}

func attributes(p access.Person) map[string]string {
	if p.Attributes == nil {
		return map[string]string{}
	}
	return p.Attributes
}
