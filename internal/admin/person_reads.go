package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// People lists the people of the tenant (ManagePeople).
func (v View) People(ctx context.Context,
	q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
	return ifAllowed(v.May(access.ManagePeople), func() (store.ListPage[access.Person], error) {
		return v.read.PersonList(ctx, v.tenant(), q)
	})
}

// WalkPeople calls f for every person of the list (ManagePeople).
func (v View) WalkPeople(ctx context.Context, q store.ListQuery[store.PersonFilter],
	f func(access.Person) error) error {
	if err := v.May(access.ManagePeople); err != nil {
		return err
	}
	return v.read.WalkPeople(ctx, v.tenant(), q, f)
}

// PeopleProblems counts the people with each problem (ManagePeople).
func PeopleProblems(ctx context.Context, v View) (map[store.PersonProblem]int64, error) {
	return ifAllowed(v.May(access.ManagePeople), func() (map[store.PersonProblem]int64, error) {
		return v.read.PeopleProblems(ctx, v.tenant())
	})
}

// PersonView reads what belongs to one person.
type PersonView struct {
	v      View
	person access.Person
}

// Person opens a person (ManagePeople).
func (v View) Person(ctx context.Context, id access.PersonID) (PersonView, error) {
	return ifAllowed(v.May(access.ManagePeople), func() (PersonView, error) {
		one, err := v.read.Person(ctx, v.tenant(), id)
		if err == nil {
			one.Sponsors, err = v.read.Sponsors(ctx, v.tenant(), id)
		}
		if err != nil {
			return PersonView{}, err
		}
		return PersonView{v, one}, nil
	})
}

// Person is the person, with sponsors.
func (p PersonView) Person() access.Person { return p.person }

// LastChange returns who changed the person last; nil if that is unknown.
func (p PersonView) LastChange(ctx context.Context) (*access.AuditRecord, error) {
	return ifAllowed(p.v.May(access.ManagePeople), func() (*access.AuditRecord, error) {
		return lastChange(ctx, p.v, access.ObjectPerson, string(p.person.ID))
	})
}

// SignIn is how a person signs in.
type SignIn struct {
	Directory string // its name
	// Account is the provider's identifier of the account; empty before the first
	// sign-in.
	Account string
	// KnownAccount is the account itself; the zero value before the first sign-in.
	KnownAccount access.Account
	// Organization is the name of the connected organization with the directory;
	// empty if there is none.
	Organization string
}

// SignIn returns how the person signs in.
func (p PersonView) SignIn(ctx context.Context) (SignIn, error) {
	return ifAllowed(p.v.May(access.ManagePeople), func() (SignIn, error) {
		dir, err := p.v.read.Directory(ctx, p.person.Directory)
		if err != nil {
			return SignIn{}, err
		}
		s := SignIn{Directory: dir.Name}
		if p.person.Account != "" {
			account, err := p.v.read.Account(ctx, p.person.Account)
			if err != nil {
				return SignIn{}, err
			}
			s.Account, s.KnownAccount = account.Subject, account
		}
		if p.person.Outsider() {
			o, _, err := p.v.read.OrganizationOf(ctx, p.v.tenant(), p.person.Directory)
			if err != nil {
				return SignIn{}, err
			}
			s.Organization = o.Name
		}
		return s, nil
	})
}

// Invitation returns the request that brought in a guest, and its package. The
// person must have one (InvitedBy).
func (p PersonView) Invitation(ctx context.Context) (access.Request, access.Package, error) {
	if err := p.v.May(access.ManagePeople); err != nil {
		return access.Request{}, access.Package{}, err
	}
	request, err := p.v.read.Request(ctx, p.v.tenant(), p.person.InvitedBy)
	if err != nil {
		return access.Request{}, access.Package{}, err
	}
	pack, err := p.v.read.Package(ctx, p.v.tenant(), request.Package)
	return request, pack, err
}

// GuestHistory lists what happened to a guest's account.
func (p PersonView) GuestHistory(ctx context.Context) ([]store.GuestStep, error) {
	return ifAllowed(p.v.May(access.ManagePeople), func() ([]store.GuestStep, error) {
		return p.v.read.GuestHistory(ctx, p.person)
	})
}

// GrantWithRole is a grant with its resource role and what grants it.
type GrantWithRole struct {
	Grant    access.Grant
	Role     store.RoleWithResource
	Packages []string // the names of the packages that grant it now
}

// Grants lists the person's grants that have not been removed.
func (p PersonView) Grants(ctx context.Context, now time.Time) ([]GrantWithRole, error) {
	if err := p.v.May(access.ManagePeople); err != nil {
		return nil, err
	}
	grants, err := p.v.read.Grants(ctx, p.v.tenant(), p.person.ID)
	if err != nil {
		return nil, err
	}
	packages, err := p.grantingPackages(ctx, now)
	if err != nil {
		return nil, err
	}
	var ids []access.ResourceRoleID
	for _, g := range grants {
		ids = append(ids, g.Role)
	}
	roles, err := p.v.read.ResourceRoles(ctx, p.v.tenant(), ids)
	if err != nil {
		return nil, err
	}
	var all []GrantWithRole
	for _, g := range grants {
		if g.State != access.Removed {
			all = append(all, GrantWithRole{g, roles[g.Role], packages[g.Role]})
		}
	}
	return all, nil
}

// grantingPackages are the names of the packages that grant each role of the
// person, by the assignments in force.
func (p PersonView) grantingPackages(ctx context.Context,
	now time.Time) (map[access.ResourceRoleID][]string, error) {
	assignments, err := p.v.read.OpenAssignments(ctx, p.v.tenant(), p.person.ID)
	if err != nil {
		return nil, err
	}
	var ids []access.PackageID
	for _, x := range assignments {
		if x.InForce(now) {
			ids = append(ids, x.Package)
		}
	}
	packages, err := p.v.read.PackagesByID(ctx, p.v.tenant(), ids)
	names := map[access.ResourceRoleID][]string{}
	for _, id := range ids {
		for _, role := range packages[id].Roles {
			names[role] = append(names[role], packages[id].Name)
		}
	}
	return names, err
}

// EntryRights lists the person's roles in entries of the built-in directory.
func (p PersonView) EntryRights(ctx context.Context) ([]store.EntryRight, error) {
	return ifAllowed(p.v.May(access.ManagePeople), func() ([]store.EntryRight, error) {
		return p.v.read.EntryRights(ctx, p.person)
	})
}

// Rights returns the person's administrative roles.
func (p PersonView) Rights(ctx context.Context) (access.Rights, error) {
	return ifAllowed(p.v.May(access.ManagePeople), func() (access.Rights, error) {
		return p.v.read.Rights(ctx, p.person)
	})
}
