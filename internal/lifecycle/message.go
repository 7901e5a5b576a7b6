package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// message collects the facts of one mail.
type message struct {
	ctx           context.Context
	r             *store.Reader
	mail          store.Mail
	base          string
	catalog       *lang.Catalog
	tenant        access.Tenant
	person        access.Person
	request       access.Request
	accessPackage access.Package
}

// load reads the tenant, the recipient, the request and its package.
func (m *message) load() (err error) {
	if m.tenant, err = m.r.Tenant(m.ctx, m.mail.Tenant); err != nil {
		return err
	}
	if err = m.loadPerson(); err != nil {
		return err
	}
	if m.request, err = m.r.Request(m.ctx, m.mail.Tenant, m.mail.Request); err != nil {
		return err
	}
	m.accessPackage, err = m.r.Package(m.ctx, m.mail.Tenant, m.request.Package)
	return err
}

// loadPerson reads the recipient, who may have been merged into another person since the
// mail was queued.
func (m *message) loadPerson() (err error) {
	m.person, err = m.r.Person(m.ctx, m.mail.Tenant, m.mail.Person)
	if err == nil && m.person.MergedInto != "" {
		m.person, err = m.r.Person(m.ctx, m.mail.Tenant, m.person.MergedInto)
	}
	return err
}

// checkNeeded returns an unneededError for a mail that asks for a decision that has been
// made, or that others have been asked for since, and for one whose recipient has lost the
// address since it was queued.
func (m *message) checkNeeded() error {
	if m.person.Email == "" {
		return unneededError(mail.NoAddress)
	}
	if m.mail.Kind != string(mail.ApprovalAsked) && m.mail.Kind != string(mail.ApprovalReminder) {
		return nil
	}
	if m.request.State != access.PendingApproval || m.request.Stage != m.mail.Stage {
		return unneededError(mail.Obsolete)
	}
	approver, err := m.r.IsApprover(m.ctx, m.person, m.request.ID, m.request.Stage)
	if err == nil && !approver {
		err = unneededError(mail.Obsolete)
	}
	return err
}

// printer returns a printer for the recipient's language and time zone, or the
// tenant's if the recipient has none.
func (m *message) printer() *lang.Printer {
	language, zone := m.person.Language, m.person.TimeZone
	if language == "" {
		language = m.tenant.Settings.Language
	}
	if zone == "" {
		zone = m.tenant.Settings.TimeZone
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC // unknown on this machine
	}
	return m.catalog.Printer(language, location)
}

// facts returns the contents of the mail at the time of sending.
func (m *message) facts() (mail.Facts, error) {
	r := m.request
	f := mail.Facts{
		Tenant: m.tenant.Name, Base: m.base, Domain: m.tenant.PrimaryDomain(), Support: m.tenant.Settings.SupportContact,
		Recipient: m.person.Name, Package: m.accessPackage.Name, PackageID: m.accessPackage.ID, RequestID: r.ID,
		Justification: r.Justification, Answers: r.Answers, Stage: m.mail.Stage + 1, Stages: len(r.Terms.Stages),
		Submitted: r.Created, Due: r.Due, Start: r.Start, End: r.End, Note: r.Note,
	}
	var err error
	if f.Hint, err = domainHint(m.ctx, m.r, m.person); err != nil {
		return f, err
	}
	if m.mail.Kind == string(mail.AccessDelivered) {
		x, err := m.r.Assignment(m.ctx, r.Tenant, r.Assignment)
		if err != nil {
			return f, err
		}
		f.End = x.End
	}
	if err := m.addRequestor(&f); err != nil {
		return f, err
	}
	if err := m.addDecision(&f); err != nil {
		return f, err
	}
	return f, m.addResources(&f)
}

// domainHint is the domain by which links lead the person to the provider where they
// sign in: their own one if it is still verified for their directory, or another one of
// it; empty if it has none.
func domainHint(ctx context.Context, r *store.Reader, p access.Person) (access.Domain, error) {
	dir, err := r.Admission(ctx, p.Tenant, p.Directory)
	switch {
	case err != nil || len(dir.Domains) == 0:
		return "", err
	case slices.Contains(dir.Domains, p.Domain):
		return p.Domain, nil
	}
	return dir.Domains[0], nil
}

// addRequestor sets the person that the request is for, and the organization.
func (m *message) addRequestor(f *mail.Facts) error {
	p, err := m.r.Person(m.ctx, m.request.Tenant, m.request.Target)
	if err != nil {
		return err
	}
	f.Requestor = mail.Party{Name: p.Name, Email: mailaddr.Show(p.Email), Organization: m.tenant.Name}
	if !p.Outsider() {
		return nil
	}
	o, ok, err := m.r.OrganizationOf(m.ctx, p.Tenant, p.Directory)
	f.Requestor.Organization = string(p.Domain)
	if ok {
		f.Requestor.Organization = o.Name + " (" + string(p.Domain) + ")"
	}
	return err
}

// addDecision sets who decided last, and the reason. A canceled request keeps
// its own reason, not that of an earlier approval.
func (m *message) addDecision(f *mail.Facts) error {
	if m.mail.Kind == string(mail.RequestCanceled) {
		return nil
	}
	ds, err := m.r.Decisions(m.ctx, m.request.Tenant, m.request.ID)
	if err != nil || len(ds) == 0 {
		return err
	}
	d := ds[min(m.mail.Stage, len(ds)-1)]
	by, err := m.r.Person(m.ctx, m.request.Tenant, d.By)
	f.Decider = by.Name
	if d.Reason != "" {
		f.Reason = d.Reason
	}
	return err
}

// addResources sets the resource roles of the package, and the problem of each
// role that was not delivered.
func (m *message) addResources(f *mail.Facts) error {
	r := m.request
	roles, err := m.r.PackageRoles(m.ctx, r.Tenant, r.Package)
	if err != nil {
		return err
	}
	grants, err := m.r.GrantsOfPackage(m.ctx, r.Tenant, r.Target, r.Package)
	if err != nil {
		return err
	}
	problems := map[access.ResourceRoleID]access.Message{}
	for _, g := range grants {
		problems[g.Role] = g.LastError
	}
	for _, x := range roles[r.Package] {
		f.Resources = append(f.Resources, mail.Resource{Name: x.Resource.Name, Role: x.Role.Name, Link: x.Resource.Link,
			Problem: problems[x.Role.ID]})
	}
	return nil
}
