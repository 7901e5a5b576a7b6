package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// The use cases of Editor, each in its own transaction.

// AddPerson is Editor.AddPerson in a transaction of its own.
func (a *Admin) AddPerson(ctx context.Context, by access.Person, address, name string) (access.Person, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Person, error) { return ed.AddPerson(ctx, address, name) })
}

// AddPersonWithSubject is Editor.AddPerson followed by Editor.SetSubject, unless the
// subject is empty.
func (a *Admin) AddPersonWithSubject(ctx context.Context, by access.Person, address, name,
	subject string) (access.Person, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Person, error) {
		if subject = strings.TrimSpace(subject); subject == "" {
			return ed.AddPerson(ctx, address, name)
		}
		var es access.Errors
		es.Add(access.CheckSubject("subject", subject))
		p, err := ed.AddPerson(ctx, address, name)
		if err := addInvalid(&es, err); err != nil {
			return p, err
		}
		if err := es.Err(); err != nil {
			return p, err
		}
		return p, setSubject(ctx, ed, p, subject)
	})
}

// SetSubject is Editor.SetSubject.
func (a *Admin) SetSubject(ctx context.Context, by access.Person, id access.PersonID, version int64,
	subject string) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SetSubject(ctx, id, version, subject) })
}

// SaveAddressRules is Editor.SaveAddressRules.
func (a *Admin) SaveAddressRules(ctx context.Context, by access.Person, d access.Directory) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SaveAddressRules(ctx, d) })
}

// AddResources is Editor.AddResources in a transaction of its own.
func (a *Admin) AddResources(ctx context.Context, by access.Person, c access.CatalogID,
	entries []access.EntryID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.AddResources(ctx, c, entries) })
}

// Assign is Editor.Assign in a transaction of its own. The answers are checked before.
func (a *Admin) Assign(ctx context.Context, by access.Person, w Assigning) (made []access.Request, err error) {
	err = lifecycle.WithCheckedAnswers(ctx, a.store.Reader, by.Tenant, w.Ask, func(ask access.RequestForm) error {
		w.Ask = ask
		made, err = result(ctx, a, by, func(ed *Editor) ([]access.Request, error) { return ed.Assign(ctx, w) })
		return err
	})
	return made, err
}

// CancelRequest is Editor.CancelRequest in a transaction of its own.
func (a *Admin) CancelRequest(ctx context.Context, by access.Person, id access.RequestID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.CancelRequest(ctx, id) })
}

// ChangeRoles is Editor.ChangeRoles in a transaction of its own.
func (a *Admin) ChangeRoles(ctx context.Context, by access.Person, c RoleChange) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.ChangeRoles(ctx, c) })
}

// CreatePackage is Editor.CreatePackage in a transaction of its own.
func (a *Admin) CreatePackage(ctx context.Context, by access.Person, n NewPackage) (access.Package, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Package, error) { return ed.CreatePackage(ctx, n) })
}

// DeleteCatalog is Editor.DeleteCatalog in a transaction of its own.
func (a *Admin) DeleteCatalog(ctx context.Context, by access.Person, id access.CatalogID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeleteCatalog(ctx, id) })
}

// DeleteDirectory is Editor.DeleteDirectory in a transaction of its own.
func (a *Admin) DeleteDirectory(ctx context.Context, by access.Person, id access.DirectoryID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeleteDirectory(ctx, id) })
}

// DeleteEntry is Editor.DeleteEntry in a transaction of its own.
func (a *Admin) DeleteEntry(ctx context.Context, by access.Person, id access.EntryID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeleteEntry(ctx, id) })
}

// DeleteOrganization is Editor.DeleteOrganization in a transaction of its own.
func (a *Admin) DeleteOrganization(ctx context.Context, by access.Person, id access.OrganizationID,
	version int64) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeleteOrganization(ctx, id, version) })
}

// DeletePackage is Editor.DeletePackage in a transaction of its own.
func (a *Admin) DeletePackage(ctx context.Context, by access.Person, id access.PackageID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeletePackage(ctx, id) })
}

// DeletePolicy is Editor.DeletePolicy in a transaction of its own.
func (a *Admin) DeletePolicy(ctx context.Context, by access.Person, id access.PolicyID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.DeletePolicy(ctx, id) })
}

// DuplicatePackage is Editor.DuplicatePackage in a transaction of its own.
func (a *Admin) DuplicatePackage(ctx context.Context, by access.Person, id access.PackageID) (access.Package, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Package, error) { return ed.DuplicatePackage(ctx, id) })
}

// EnablePolicy is Editor.EnablePolicy in a transaction of its own.
func (a *Admin) EnablePolicy(ctx context.Context, by access.Person, id access.PolicyID, enabled bool) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.EnablePolicy(ctx, id, enabled) })
}

// EndSessions is Editor.EndSessions in a transaction of its own.
func (a *Admin) EndSessions(ctx context.Context, by access.Person, id access.PersonID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.EndSessions(ctx, id) })
}

// AssignRole is Editor.AssignRole in a transaction of its own.
func (a *Admin) AssignRole(ctx context.Context, by access.Person, r access.RoleAssignment) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.AssignRole(ctx, r) })
}

// Govern is Editor.Govern in a transaction of its own.
func (a *Admin) Govern(ctx context.Context, by access.Person, id access.AssignmentID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.Govern(ctx, id) })
}

// RemoveResource is Editor.RemoveResource in a transaction of its own.
func (a *Admin) RemoveResource(ctx context.Context, by access.Person, c access.CatalogID, id access.ResourceID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.RemoveResource(ctx, c, id) })
}

// Reprocess is Editor.Reprocess in a transaction of its own.
func (a *Admin) Reprocess(ctx context.Context, by access.Person, ids ...access.RequestID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.Reprocess(ctx, ids...) })
}

// ReassignRequest is Editor.ReassignRequest in a transaction of its own.
func (a *Admin) ReassignRequest(ctx context.Context, by access.Person, id access.RequestID,
	x access.Reassignment) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.ReassignRequest(ctx, id, x) })
}

// RemindApprovers is Editor.RemindApprovers in a transaction of its own.
func (a *Admin) RemindApprovers(ctx context.Context, by access.Person, id access.RequestID) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.RemindApprovers(ctx, id) })
}

// SendMailAgain is Editor.SendMailAgain in a transaction of its own.
func (a *Admin) SendMailAgain(ctx context.Context, by access.Person, which store.GivenUpMails) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SendMailAgain(ctx, which) })
}

// SaveCatalog is Editor.SaveCatalog in a transaction of its own.
func (a *Admin) SaveCatalog(ctx context.Context, by access.Person, c access.Catalog) (access.Catalog, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Catalog, error) { return ed.SaveCatalog(ctx, c) })
}

// SaveEntry is Editor.SaveEntry in a transaction of its own.
func (a *Admin) SaveEntry(ctx context.Context, by access.Person, e access.Entry,
	owners []access.PersonID) (access.Entry, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Entry, error) { return ed.SaveEntry(ctx, e, owners) })
}

// SaveOrganization is Editor.SaveOrganization in a transaction of its own.
func (a *Admin) SaveOrganization(ctx context.Context, by access.Person, w Connecting) (access.Organization, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Organization, error) { return ed.SaveOrganization(ctx, w) })
}

// SavePackage is Editor.SavePackage in a transaction of its own.
func (a *Admin) SavePackage(ctx context.Context, by access.Person, p access.Package) (access.Package, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Package, error) { return ed.SavePackage(ctx, p) })
}

// SavePerson is Editor.SavePerson in a transaction of its own.
func (a *Admin) SavePerson(ctx context.Context, by access.Person, p access.Person) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SavePerson(ctx, p) })
}

// SavePolicy is Editor.SavePolicy in a transaction of its own.
func (a *Admin) SavePolicy(ctx context.Context, by access.Person, p access.Policy) (access.Policy, error) {
	return result(ctx, a, by, func(ed *Editor) (access.Policy, error) { return ed.SavePolicy(ctx, p) })
}

// SaveSettings is Editor.SaveSettings in a transaction of its own.
func (a *Admin) SaveSettings(ctx context.Context, by access.Person, t access.Tenant) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SaveSettings(ctx, t) })
}

// SetMembers is Editor.SetMembers in a transaction of its own.
func (a *Admin) SetMembers(ctx context.Context, by access.Person, m access.Membership, people []access.PersonID,
	in bool) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SetMembers(ctx, m, people, in) })
}

// RemoveRole is Editor.RemoveRole in a transaction of its own.
func (a *Admin) RemoveRole(ctx context.Context, by access.Person, r access.RoleAssignment) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.RemoveRole(ctx, r) })
}

// Unassign is Editor.Unassign in a transaction of its own.
func (a *Admin) Unassign(ctx context.Context, by access.Person, ids []access.AssignmentID, reason string) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.Unassign(ctx, ids, reason) })
}

// SaveDirectory is Editor.SaveDirectory in a transaction of its own.
func (a *Admin) SaveDirectory(ctx context.Context, by access.Person, d access.Directory) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.SaveDirectory(ctx, d) })
}

// EnableDirectory is Editor.EnableDirectory in a transaction of its own.
func (a *Admin) EnableDirectory(ctx context.Context, by access.Person, id access.DirectoryID, on bool) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.EnableDirectory(ctx, id, on) })
}

// ClaimDomain is Editor.ClaimDomain in a transaction of its own.
func (a *Admin) ClaimDomain(ctx context.Context, by access.Person, id access.DirectoryID, name access.Domain) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.ClaimDomain(ctx, id, name) })
}

// RemoveDomain is Editor.RemoveDomain in a transaction of its own.
func (a *Admin) RemoveDomain(ctx context.Context, by access.Person, id access.DirectoryID, name access.Domain) error {
	return a.change(ctx, by, func(ed *Editor) error { return ed.RemoveDomain(ctx, id, name) })
}
