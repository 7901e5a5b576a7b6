package access

import (
	"slices"
)

// Admission is how people of a directory come into a tenant. It is read from the data
// whenever it matters: at each page, where roles are asked for, and in the transaction of
// each change. So a way in that is lost is lost at once, without a job and without
// ending sessions, which may be in use in other tenants.
type Admission struct {
	Tenant    string // name of the tenant
	Directory string // name of the directory
	Kind      DirectoryKind
	Enabled   bool
	Domains   []Domain // verified ones of the directory
	Own       bool     // it is the tenant's own directory
	// Successor is the provider that people of a passcode directory sign in at now; empty
	// if there is none.
	Successor DirectoryID
	// Visible is false for directories of other tenants.
	Visible bool
	// Connected is true if the directory belongs to a connected organization that is
	// configured, or to a proposed one that a policy names (F-016).
	Connected bool
	// Open is true if the tenant has a package that anyone from outside may request
	// (F-075). It is not read where it does not matter.
	Open bool
	// Passcodes is true if people can sign in to the tenant with one-time passcodes.
	Passcodes bool
}

// Admits reports whether people of the directory may be people of the tenant.
func (a Admission) Admits() bool { return a.Own || a.Visible && (a.Connected || a.Open) }

// Check refuses people of the directory if they have no way into the tenant now.
func (a Admission) Check() error {
	switch {
	case !a.Enabled:
		return Refuse(Forbidden, "Sign-in with %s is turned off.", a.Directory)
	case !a.Admits() || a.Kind == DirectoryPasscode && !a.Passcodes:
		return Refuse(Forbidden, "People of %[2]s can't sign in to %[1]s.", a.Tenant, a.Directory)
	}
	return nil
}

// CheckPerson refuses a person of the directory who has no way into the tenant now: one
// that Check refuses, or whose domain is no longer a verified domain of the directory.
// Whether an administrator has disabled the person is another question.
func (a Admission) CheckPerson(p Person) error {
	if err := a.Check(); err != nil {
		return err
	}
	if len(a.Domains) == 0 || p.Domain != "" && !slices.Contains(a.Domains, p.Domain) {
		return Refuse(Forbidden, "People of %[2]s can't sign in to %[1]s.", a.Tenant, a.Directory)
	}
	return nil
}
