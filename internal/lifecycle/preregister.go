package lifecycle

import (
	"context"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// Preregister returns the person with the address, added without an account if
// the tenant has none. The person who first signs in with the address, at the
// directory of its domain, is linked to it (F-009). Invalid with the field
// address if it is not a mail address, several people have it, or no directory
// has its domain.
func Preregister(ctx context.Context, tx *store.Tx, by access.Person, address, name string) (access.Person, error) {
	p, err := ToPreregister(ctx, tx.Reader, by.Tenant, address, name)
	if err != nil || p.ID != "" {
		return p, err
	}
	if err := p.CheckName(); err != nil {
		return p, err
	}
	p.ID = access.PersonID(tx.NewID())
	return p, AddPreregistered(ctx, tx, by, p)
}

// ToPreregister returns the person with the address, or the one that Preregister would
// add, without an ID. It refuses what Preregister refuses.
func ToPreregister(ctx context.Context, r *store.Reader, t access.TenantID, address,
	name string) (access.Person, error) {
	var es access.Errors
	parsed, err := mailaddr.Check("address", address)
	es.Add(err)
	if name = strings.TrimSpace(name); name != "" {
		es.Add(access.Person{Name: name}.CheckName())
	}
	if err := es.Err(); err != nil {
		return access.Person{}, err
	}
	known, err := r.PeopleByEmail(ctx, t, address)
	if err != nil {
		return access.Person{}, err
	}
	switch len(known) {
	case 0:
	case 1:
		return known[0], nil
	default:
		return access.Person{}, access.Invalidf("address", "Several people have this address. Choose one of them.")
	}
	d := parsed.Domain()
	dir, err := r.DirectoryByDomain(ctx, t, d)
	if access.KindOf(err) == access.NotFound {
		return access.Person{}, access.Invalidf("address", "No organization uses the domain %s. Add it as a connected "+
			"organization first.", string(d))
	}
	if err != nil {
		return access.Person{}, err
	}
	p, err := newPerson(ctx, r, t, access.Account{Directory: dir.ID, Email: address, Name: name})
	if err != nil {
		return p, err
	}
	if p.Account = ""; name == "" {
		p.Name = address
	}
	return p, nil
}

// AddPreregistered adds a person of ToPreregister, who has an ID now.
func AddPreregistered(ctx context.Context, tx *store.Tx, by, p access.Person) error {
	if err := tx.AddPerson(ctx, p); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: by.Tenant, Actor: by.ID, Activity: access.ActCreate,
		ObjectKind: access.ObjectPerson, ObjectID: string(p.ID), To: string(p.Kind)})
}

// CheckZone refuses a name that is not a time zone.
func CheckZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return access.Invalidf("timeZone", "“%s” is not a time zone such as Europe/Berlin.", name)
	}
	return nil
}
