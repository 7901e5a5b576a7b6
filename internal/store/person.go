package store

import (
	"context"
	"time"

	"myaccess/internal/access"
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
		{"per.guest", &p.Guest},
		{"per.governed", &p.Governed},
		{"per.remove_due", scanTime{&p.RemovalDue}},
		{"COALESCE(per.invited_by, '')", &p.InvitedBy},
		{"per.created", scanTime{&p.Created}},
		{"per.version", &p.Version},
	}
}

// Person is the person with the id, without sponsors.
func (r *Reader) Person(ctx context.Context, t access.TenantID, id access.PersonID) (access.Person, error) {
	return queryOne(ctx, r, personColumns, `SELECT {columns} FROM person per WHERE per.tenant_id = $1 AND per.id = $2`, t,
		id)
}

// PersonOf is the person that the account is in the tenant; ok is false if the
// tenant does not know the account.
func (r *Reader) PersonOf(ctx context.Context, t access.TenantID,
	a access.AccountID) (p access.Person, ok bool, err error) {
	type known struct {
		access.TenantID
		access.AccountID
	}
	return exists(sqldb.Cached(r.cache, known{t, a}, func() (access.Person, error) {
		return queryOne(ctx, r, personColumns, `SELECT {columns} FROM person per WHERE per.tenant_id = $1
			AND per.account_id = $2`, t,
			a)
	}))
}

// PeopleByEmail are the people with the address; it identifies nobody, so
// there may be several.
func (r *Reader) PeopleByEmail(ctx context.Context, t access.TenantID, email string) ([]access.Person, error) {
	return queryAll(ctx, r, personColumns,
		`SELECT {columns} FROM person per WHERE per.tenant_id = $1 AND per.email_key = $2 ORDER BY per.id`, t,
		fold(email))
}

// PeopleAfter are up to limit people of the tenant by name, after the one with
// the folded name and id.
func (r *Reader) PeopleAfter(ctx context.Context, t access.TenantID, after Key, limit int) ([]access.Person, error) {
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per
		WHERE per.tenant_id = $1 AND (per.sort_name, per.id) > ($2, $3) ORDER BY per.sort_name, per.id LIMIT $4`,
		t, after.Name, after.ID, int64(limit))
}

// Key is the place in a list that is sorted by name: the folded name and the id
// of the last row seen. The zero Key is before the first row.
type Key struct{ Name, ID string }

// KeyOf is the place of the thing with the name and id.
func KeyOf(name, id string) Key { return Key{fold(name), id} }

// Sponsors are the people who answer for a person.
func (r *Reader) Sponsors(ctx context.Context, t access.TenantID, id access.PersonID) ([]access.PersonID, error) {
	return queryAll(ctx, r, value[access.PersonID],
		`SELECT sponsor_id FROM person_sponsor WHERE tenant_id = $1 AND person_id = $2 ORDER BY sponsor_id`, t, id)
}

// PersonContext is the person with everything that policies ask about.
func (r *Reader) PersonContext(ctx context.Context, t access.TenantID,
	id access.PersonID) (access.PersonContext, error) {
	p, err := r.Person(ctx, t, id)
	if err != nil {
		return access.PersonContext{}, err
	}
	return r.ContextOf(ctx, p)
}

// ContextOf completes a person, who need not be stored yet, with groups and
// connected organization.
func (r *Reader) ContextOf(ctx context.Context, p access.Person) (access.PersonContext, error) {
	who := access.PersonContext{Person: p}
	var err error
	if who.Groups, err = r.GroupsOf(ctx, p.Tenant, p.ID); err != nil || !p.Outsider() {
		return who, err
	}
	who.Organization, _, err = r.OrganizationOf(ctx, p.Tenant, p.Directory)
	return who, err
}

// ExpandSubjects are the people that the subjects mean now: those named, and the
// members of the groups named, each once, by name.
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
	// A cross join, because SQLite takes its tables in the order in which they
	// stand: it would go through everybody by name otherwise, to spare the sort.
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM (
			SELECT per.id AS id FROM person per WHERE per.tenant_id = `+tenant+` AND per.id IN `+sqlq.In(&a, people)+`
			UNION SELECT mem.person_id FROM directory_member mem
			WHERE mem.tenant_id = `+tenant+` AND mem.role = 'Member' AND mem.entry_id IN `+sqlq.In(&a, groups)+
		`) AS ids
		CROSS JOIN person per WHERE per.tenant_id = `+tenant+` AND per.id = ids.id ORDER BY per.sort_name, per.id`,
		a.Values...)
}

// AddPerson adds a person.
func (tx *Tx) AddPerson(ctx context.Context, p access.Person) error {
	err := tx.exec(ctx, `INSERT INTO person (tenant_id, id, account_id, directory_id, domain, kind, name, email, email_key,
			language, time_zone, manager_id, attributes, disabled, guest, governed, remove_due, invited_by, created, version,
			sort_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, $20)`,
		p.Tenant, p.ID, textOrNull(p.Account), p.Directory, p.Domain, p.Kind, p.Name, p.Email, fold(p.Email),
		p.Language, p.TimeZone, textOrNull(p.Manager), jsonValue{attributes(p)}, p.Disabled, p.Guest, p.Governed,
		msOrNull(p.RemovalDue), textOrNull(p.InvitedBy), ms(tx.Now), fold(p.Name))
	if err != nil {
		return err
	}
	return tx.index(ctx, p.Tenant, wordsOfPerson, string(p.ID), p.Name, p.Email)
}

// UpdatePerson changes what is known of a person. Neither the state of a guest
// (MoveGuest) nor the account, once there is one, changes here.
func (tx *Tx) UpdatePerson(ctx context.Context, p access.Person) error {
	err := tx.execOne(ctx, `UPDATE person SET account_id = COALESCE(account_id, $3), domain = $4, kind = $5, name = $6,
		email = $7,
			email_key = $8, language = $9, time_zone = $10, manager_id = $11, attributes = $12, disabled = $13,
			sort_name = $14, version = version + 1
		WHERE tenant_id = $1 AND id = $2`,
		p.Tenant, p.ID, textOrNull(p.Account), p.Domain, p.Kind, p.Name, p.Email,
		fold(p.Email), p.Language, p.TimeZone, textOrNull(p.Manager), jsonValue{attributes(p)}, p.Disabled, fold(p.Name))
	if err != nil {
		return err
	}
	return tx.index(ctx, p.Tenant, wordsOfPerson, string(p.ID), p.Name, p.Email)
}

// SetSponsors replaces the people who answer for a person.
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

// MoveGuest moves a guest from the state that p has to another, if that is
// still the state and the move is legal, and records it. kind, governed, due
// and invitedBy are set as p says.
func (tx *Tx) MoveGuest(ctx context.Context, p access.Person, to access.GuestState, reason string) error {
	if !p.Guest.CanMove(to) {
		return stale()
	}
	err := tx.execOne(ctx, `UPDATE person SET guest = $4, kind = $5, governed = $6, remove_due = $7, invited_by = $8,
			version = version + 1 WHERE tenant_id = $1 AND id = $2 AND guest = $3`,
		p.Tenant, p.ID, p.Guest, to, p.Kind, p.Governed, msOrNull(p.RemovalDue), textOrNull(p.InvitedBy))
	if err != nil {
		return err
	}
	return tx.exec(ctx, `INSERT INTO guest_history (tenant_id, person_id, seq, from_state, to_state, at, reason)
		SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT)
		FROM guest_history WHERE tenant_id = $1 AND person_id = $2`,
		p.Tenant, p.ID, p.Guest, to, ms(tx.Now), reason)
}

// SetRemoveDue fixes when a guest is removed; the zero time calls it off.
func (tx *Tx) SetRemoveDue(ctx context.Context, p access.Person) error {
	return tx.execOne(ctx, `UPDATE person SET remove_due = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2`,
		p.Tenant, p.ID, msOrNull(p.RemovalDue))
}

// GuestStep is one move of a guest.
type GuestStep struct {
	From, To access.GuestState
	At       time.Time
	Reason   string
}

// GuestHistory are the moves of a guest in their order.
func (r *Reader) GuestHistory(ctx context.Context, p access.Person) ([]GuestStep, error) {
	return queryAll(ctx, r, func(s *GuestStep) []column {
		return []column{
			{"from_state", &s.From},
			{"to_state", &s.To},
			{"at", scanTime{&s.At}},
			{"reason", &s.Reason},
		}
	}, `SELECT {columns} FROM guest_history WHERE tenant_id = $1 AND person_id = $2 ORDER BY seq`,
		p.Tenant, p.ID)
}

// SetGoverned marks a guest as governed by access packages.
func (tx *Tx) SetGoverned(ctx context.Context, p access.Person) error {
	return tx.execOne(ctx, `UPDATE person SET governed = TRUE, version = version + 1 WHERE tenant_id = $1 AND id = $2
		AND NOT governed`, p.Tenant, p.ID)
}

// GuestsDue are up to limit guests whose date of removal has come and whom no
// delivery will see to anyway.
func (r *Reader) GuestsDue(ctx context.Context, now time.Time, limit int) ([]access.Person, error) {
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per
		WHERE per.remove_due IS NOT NULL AND per.remove_due <= $1 AND per.guest <> 'removed'
		AND NOT EXISTS (SELECT 1 FROM delivery del WHERE del.tenant_id = per.tenant_id AND del.person_id = per.id)
		ORDER BY per.remove_due LIMIT $2`, ms(now), int64(limit))
}
