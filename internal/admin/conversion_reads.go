package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Conversion is a passcode directory whose domain a provider has now, with how many of its
// people have been carried over.
type Conversion struct {
	Passcodes access.Directory
	Provider  string // name
	store.CarryCount
}

// Conversions are those of the tenant that the directory is part of, as the passcode
// directory or as the provider (ManageProviders).
func (d DirectoryView) Conversions(ctx context.Context) ([]Conversion, error) {
	if err := d.v.May(access.ManageProviders); err != nil {
		return nil, err
	}
	provider, passcodes := d.directory, []access.Directory{d.directory}
	var err error
	switch {
	case d.directory.Kind == access.DirectoryOpenID:
		passcodes, err = d.v.read.PredecessorsIn(ctx, d.v.tenant(), d.directory.ID)
	case d.directory.Successor == "":
		return nil, nil
	default:
		provider, err = d.v.read.Directory(ctx, d.directory.Successor)
	}
	all := make([]Conversion, len(passcodes))
	for i, p := range passcodes {
		all[i] = Conversion{Passcodes: p, Provider: provider.Name}
		if err == nil {
			all[i].CarryCount, err = d.v.read.CountCarried(ctx, d.v.tenant(), p.ID)
		}
	}
	return all, err
}

// People lists the people of a directory, those who were carried over from it included
// (ManageProviders).
func (d DirectoryView) People(ctx context.Context,
	q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
	return ifAllowed(d.v.May(access.ManageProviders), func() (store.ListPage[access.Person], error) {
		q.Filter.Carried.From = d.directory.ID
		return d.v.read.PersonList(ctx, d.v.tenant(), q)
	})
}

// WalkPeople calls f for every person of the list (ManageProviders).
func (d DirectoryView) WalkPeople(ctx context.Context, q store.ListQuery[store.PersonFilter],
	f func(access.Person) error) error {
	if err := d.v.May(access.ManageProviders); err != nil {
		return err
	}
	q.Filter.Carried.From = d.directory.ID
	return d.v.read.WalkPeople(ctx, d.v.tenant(), q, f)
}

// Passcodes is the passcode directory of the tenant that has the domain
// (ManageProviders). ok is false if there is none.
func (d DirectoryView) Passcodes(ctx context.Context, name access.Domain) (p access.Directory, ok bool, err error) {
	if err := d.v.May(access.ManageProviders); err != nil {
		return access.Directory{}, false, err
	}
	found, err := d.v.read.PasscodeDirectories(ctx, d.v.tenant(), name)
	if err != nil || len(found) == 0 {
		return access.Directory{}, false, err
	}
	return found[0], true, nil
}
