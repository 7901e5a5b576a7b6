package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// message gathers what a message says.
type message struct {
	ctx           context.Context
	r             *store.Reader
	mail          store.Mail
	base          string
	tenant        access.Tenant
	person        access.Person
	request       access.Request
	accessPackage access.Package
}

func (l *message) load() (err error) {
	if l.tenant, err = l.r.Tenant(l.ctx, l.mail.Tenant); err != nil {
		return err
	}
	if l.person, err = l.r.Person(l.ctx, l.mail.Tenant, l.mail.Person); err != nil {
		return err
	}
	if l.request, err = l.r.Request(l.ctx, l.mail.Tenant, l.mail.Request); err != nil {
		return err
	}
	l.accessPackage, err = l.r.Package(l.ctx, l.mail.Tenant, l.request.Package)
	return err
}

// obsolete reports whether the message asks for what has been done already.
func (l *message) obsolete() bool {
	asks := l.mail.Kind == string(mail.ApprovalAsked) || l.mail.Kind == string(mail.ApprovalReminder)
	return asks && (l.request.State != access.PendingApproval || l.request.Stage != l.mail.Stage)
}

// printer prints in the language and time zone of the recipient, or the
// tenant's.
func (l *message) printer() *lang.Printer {
	language, zone := l.person.Language, l.person.TimeZone
	if language == "" {
		language = l.tenant.Settings.Language
	}
	if zone == "" {
		zone = l.tenant.Settings.TimeZone
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC // a zone that this machine does not know
	}
	return lang.New(language, location)
}

// facts are what the message tells, as things are when it is sent.
func (l *message) facts() (mail.Facts, error) {
	r := l.request
	f := mail.Facts{
		Tenant: l.tenant.Name, Base: l.base, Domain: l.tenant.PrimaryDomain(), Support: l.tenant.Settings.SupportContact,
		Recipient: l.person.Name, Package: l.accessPackage.Name, PackageID: l.accessPackage.ID, RequestID: r.ID,
		Justification: r.Justification, Answers: r.Answers, Stage: l.mail.Stage + 1, Stages: len(r.Terms.Stages),
		Submitted: r.Created, Due: r.Due, Start: r.Start, End: r.End, Reason: r.Note,
	}
	if l.person.Outsider() {
		f.Hint = l.person.Domain
	}
	if l.mail.Kind == string(mail.AccessDelivered) {
		x, err := l.r.Assignment(l.ctx, r.Tenant, r.Assignment)
		if err != nil {
			return f, err
		}
		f.End = x.End
	}
	if err := l.addRequestor(&f); err != nil {
		return f, err
	}
	if err := l.addDecision(&f); err != nil {
		return f, err
	}
	return f, l.addResources(&f)
}

// addRequestor tells for whom the request is, and of which organization.
func (l *message) addRequestor(f *mail.Facts) error {
	p, err := l.r.Person(l.ctx, l.request.Tenant, l.request.Target)
	if err != nil {
		return err
	}
	f.Requestor = mail.Party{Name: p.Name, Email: p.Email, Organization: l.tenant.Name}
	if !p.Outsider() {
		return nil
	}
	o, ok, err := l.r.OrganizationOf(l.ctx, p.Tenant, p.Directory)
	f.Requestor.Organization = string(p.Domain)
	if ok {
		f.Requestor.Organization = o.Name + " (" + string(p.Domain) + ")"
	}
	return err
}

// addDecision tells who decided last, and why. A request that was canceled was so
// for another reason than those that approvers had given.
func (l *message) addDecision(f *mail.Facts) error {
	if l.mail.Kind == string(mail.RequestCanceled) {
		return nil
	}
	ds, err := l.r.Decisions(l.ctx, l.request.Tenant, l.request.ID)
	if err != nil || len(ds) == 0 {
		return err
	}
	d := ds[min(l.mail.Stage, len(ds)-1)]
	by, err := l.r.Person(l.ctx, l.request.Tenant, d.By)
	f.Decider = by.Name
	if d.Reason != "" {
		f.Reason = d.Reason
	}
	return err
}

// addResources tells of every resource role of the package, and what is wrong with
// those that are missing.
func (l *message) addResources(f *mail.Facts) error {
	r := l.request
	roles, err := l.r.PackageRoles(l.ctx, r.Tenant, r.Package)
	if err != nil {
		return err
	}
	grants, err := l.r.GrantsOfPackage(l.ctx, r.Tenant, r.Target, r.Package)
	if err != nil {
		return err
	}
	problems := map[access.ResourceRoleID]string{}
	for _, g := range grants {
		problems[g.Role] = g.LastError
	}
	for _, x := range roles[r.Package] {
		f.Resources = append(f.Resources, mail.Resource{Name: x.Resource.Name, Role: x.Role.Name, Link: x.Resource.Link,
			Problem: problems[x.Role.ID]})
	}
	return nil
}
