package admin

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
)

// SaveInstallationDirectory adds a directory of the whole installation (without a version;
// with a new id if it has none), or changes an existing one from the version that d names.
// Only the operator may call it.
// Every domain of d counts as verified. The issuer can change although people have signed
// in: the operator thereby confirms that the subjects at the provider stay the same
// (security rule I-1). The fields of errors are those of a tenant's own provider, except
// that the field of a domain is "domain." and the domain's number, from 1.
func (ed *Editor) SaveInstallationDirectory(ctx context.Context, d access.Directory) (access.Directory, error) {
	if err := ed.operatorOnly(); err != nil {
		return d, err
	}
	var stored access.Directory
	var err error
	if d.Version == 0 {
		d.ID = cmp.Or(d.ID, access.DirectoryID(ed.tx.NewID()))
		d.Kind, d.Owner = access.DirectoryOpenID, ""
	} else if stored, err = ed.tx.Directory(ctx, d.ID); err != nil {
		return d, err
	}
	if err := checkVersion(stored.Version, d.Version); err != nil {
		return d, err
	}
	var es access.Errors
	if len(d.Domains) == 0 {
		es.Add(access.Invalidf("domain", "Enter at least one domain for the directory."))
	}
	es.Add(access.CheckDomainCount(len(d.Domains)))
	if err := collect(&es, checkInstallationDomains(ctx, ed, d, stored)); err != nil {
		return d, err
	}
	if err := addInvalid(&es, checkConsumerDomains(ctx, ed, d, stored)); err != nil {
		return d, err
	}
	if err := addInvalid(&es, checkDirectory(ctx, ed, d)); err != nil {
		return d, err
	}
	if err := es.Err(); err != nil {
		return d, err
	}
	return d, keepAdministrators(ctx, ed, func() error { return storeDirectory(ctx, ed, d, access.VerifiedByOperator) })
}

// keepAdministrators is keepAdministrator for every tenant.
func keepAdministrators(ctx context.Context, ed *Editor, change func() error) error {
	tenants, err := ed.tx.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		next := change
		change = func() error { return lifecycle.KeepAdministrator(ctx, ed.tx, t.ID, next) }
	}
	return change()
}

// checkInstallationDomains refuses domains of another directory of the installation, and
// new domains that a tenant's own provider has verified.
func checkInstallationDomains(ctx context.Context, ed *Editor, d, stored access.Directory) error {
	var es access.Errors
	for i, name := range d.Domains {
		err := checkDomainFree(ctx, ed, d, name)
		if err == nil && !stored.HasDomain(name) {
			err = checkNoTenantDomain(ctx, ed, name)
		}
		if err := collect(&es, renameField(err, "domain", "domain."+strconv.Itoa(i+1))); err != nil {
			return err
		}
	}
	return es.Err()
}

// checkNoTenantDomain refuses a domain that a tenant's own provider has verified.
func checkNoTenantDomain(ctx context.Context, ed *Editor, name access.Domain) error {
	other, ok, err := ed.tx.TenantProviderByDomain(ctx, name)
	if err != nil || !ok {
		return err
	}
	owner, err := ed.tx.Tenant(ctx, other.Owner)
	if err != nil {
		return err
	}
	refusal := access.Refuse(access.Conflict, "%s is a verified domain of the provider “%s” of “%s”. Remove it there "+
		"first.", string(name), other.Name, owner.Name)
	refusal.Field = "domain"
	return refusal
}

// checkConsumerDomains runs checkConsumerDomain in every tenant for the new domains of a
// directory of the installation.
func checkConsumerDomains(ctx context.Context, ed *Editor, d, stored access.Directory) error {
	added := slices.DeleteFunc(slices.Clone(d.Domains), func(name access.Domain) bool {
		return stored.HasDomain(name) || !name.IsConsumer()
	})
	if stored.ID == "" || len(added) == 0 {
		return nil
	}
	tenants, err := ed.tx.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		in, err := ed.In(t.ID)
		if err != nil {
			return err
		}
		if err := checkConsumerDomain(ctx, in, d, added[0]); err != nil {
			return err
		}
	}
	return nil
}

// SaveTenant adds a tenant (without an id) with its built-in directory and the general
// catalog (F-002), or changes the name and settings of an existing one from the version
// that t names. Only the operator may call it.
func (ed *Editor) SaveTenant(ctx context.Context, t access.Tenant) (access.Tenant, error) {
	if err := ed.operatorOnly(); err != nil {
		return t, err
	}
	if t.ID != "" {
		return t, changeTenant(ctx, ed, t)
	}
	if err := checkTenant(t); err != nil {
		return t, err
	}
	t.ID, t.Version = access.TenantID(ed.tx.NewID()), 0
	in, err := ed.In(t.ID)
	if err != nil {
		return t, err
	}
	if err := ed.tx.SaveTenant(ctx, t); err != nil {
		return t, err
	}
	if err := in.record(ctx, access.ActCreate, object{kind: access.ObjectTenant, id: string(t.ID),
		to: t.Name}); err != nil {
		return t, err
	}
	err = ed.tx.SaveTarget(ctx, access.Target{ID: access.TargetID(ed.tx.NewID()), Tenant: t.ID, Name: "Built-in directory",
		Kind: access.TargetBuiltIn})
	if err != nil {
		return t, err
	}
	_, err = in.SaveCatalog(ctx, access.Catalog{Name: access.GeneralCatalog, Description: "Catalog that always exists",
		Published: true})
	return t, err
}

func checkTenant(t access.Tenant) error {
	var es access.Errors
	es.Add(t.Check())
	es.Add(lifecycle.CheckZone(t.Settings.TimeZone))
	return es.Err()
}

// changeTenant changes the name and the settings of a tenant.
func changeTenant(ctx context.Context, ed *Editor, t access.Tenant) error {
	stored, err := ed.tx.Tenant(ctx, t.ID)
	if err != nil {
		return err
	}
	if err := checkVersion(stored.Version, t.Version); err != nil {
		return err
	}
	if err := checkTenant(t); err != nil {
		return err
	}
	in, err := ed.In(t.ID)
	if err != nil {
		return err
	}
	if t.Name != stored.Name {
		if err := in.record(ctx, access.ActUpdate, object{kind: access.ObjectTenant, id: string(t.ID), from: stored.Name,
			to: t.Name}); err != nil {
			return err
		}
	}
	return storeSettings(ctx, in, t, stored)
}

// KnownPerson is a person whose account or guest state the operator knows before the first
// sign-in.
type KnownPerson struct {
	access.Person
	Subject string // of the account at the directory; empty if not known
	Guest   bool   // an external person who has an account in the targets already
	// State is that of the account of a new guest; active if empty.
	State access.GuestState
	// ByID is true if the id identifies the person. The address, name and language can be
	// what a provider has said then: none, that of another person, or of any domain.
	ByID bool
}

// SaveKnownPerson adds a person (without a version; with a new id if there is none), or
// changes an existing one from the version that k names. Only the operator may call it;
// the person's directory need not be in a connected organization. Fields that pages can
// edit follow the rules of SavePerson.
func (ed *Editor) SaveKnownPerson(ctx context.Context, k KnownPerson) (access.Person, error) {
	if err := ed.operatorOnly(); err != nil {
		return k.Person, err
	}
	p, stored := k.Person, access.Person{}
	p.Tenant = ed.by.Tenant
	var err error
	if p.Version != 0 {
		if stored, err = ed.tx.Person(ctx, p.Tenant, p.ID); err != nil {
			return p, err
		}
		if stored.Sponsors, err = ed.tx.Sponsors(ctx, p.Tenant, p.ID); err != nil {
			return p, err
		}
		p.Manager, p.Sponsors = stored.Manager, stored.Sponsors
	}
	if err := checkVersion(stored.Version, p.Version); err != nil {
		return p, err
	}
	if err := checkNotMerged(stored); err != nil {
		return p, err
	}
	if err := checkKnownPerson(ctx, ed, k, &p); err != nil {
		return p, err
	}
	if k.Subject != "" {
		if _, err := linkAccount(ctx, ed, k, &p); err != nil {
			return p, err
		}
	}
	if stored.ID == "" {
		p.ID = cmp.Or(p.ID, access.PersonID(ed.tx.NewID()))
		if err := ed.tx.AddPerson(ctx, p); err != nil {
			return p, err
		}
		err = ed.record(ctx, access.ActCreate, object{kind: access.ObjectPerson, id: string(p.ID), to: string(p.Kind)})
	} else {
		err = savePerson(ctx, ed, p, stored)
	}
	if err != nil || !k.Guest || p.Guest != access.GuestNone {
		return p, err
	}
	return p, makeGuest(ctx, ed, p, k)
}

// makeGuest gives p the guest account of k.
func makeGuest(ctx context.Context, ed *Editor, p access.Person, k KnownPerson) error {
	const reason = "Workspace file"
	p.Kind, p.Governed, p.RemovalDue = access.Guest, k.Governed, k.RemovalDue
	if err := ed.tx.MoveGuest(ctx, p, access.GuestActive, reason); err != nil {
		return err
	}
	if k.State == "" || k.State == access.GuestActive {
		return nil
	}
	if p.Guest = access.GuestActive; k.State == access.GuestRemoved {
		p.Kind = access.External
	}
	return keepAdministrator(ctx, ed, func() error { return ed.tx.MoveGuest(ctx, p, k.State, reason) })
}

// checkKnownPerson validates a person, and derives the domain from the address and the
// kind of a new person from the directory.
func checkKnownPerson(ctx context.Context, ed *Editor, k KnownPerson, p *access.Person) error {
	dir, err := ed.tx.Directory(ctx, p.Directory)
	if err != nil {
		return err
	}
	tenant, err := ed.tx.Tenant(ctx, p.Tenant)
	if err != nil {
		return err
	}
	var es access.Errors
	address, err := mailaddr.Check("address", p.Email)
	d := address.Domain()
	switch {
	case k.ByID:
		d = cmp.Or(dir.DomainFor(d), p.Domain)
	case err != nil:
		es.Add(err)
	case !dir.Holds(d):
		es.Add(access.Invalidf("address", "“%s” is not an address of the directory “%s”.", p.Email, dir.Name))
	}
	p.Domain = d
	own := dir.ID == tenant.Directory
	if p.Version == 0 {
		p.Kind, p.Guest, p.Governed, p.RemovalDue = access.External, access.GuestNone, false, time.Time{}
		if own {
			p.Kind = access.Member
		}
	}
	if k.Guest && own { // the provider says who is a guest there
		es.Add(access.Invalidf("userType", "Set userType to guest for people of other directories, or leave it out."))
	}
	checked := *ed
	checked.tolerant = ed.tolerant || k.ByID
	if err := addInvalid(&es, checkPerson(ctx, &checked, *p)); err != nil {
		return err
	}
	return es.Err()
}

// linkAccount links p to the account with the known subject, creates the account if
// needed, and returns it.
func linkAccount(ctx context.Context, ed *Editor, k KnownPerson, p *access.Person) (access.Account, error) {
	a, stored, err := accountToLink(ctx, ed, k, *p)
	if err != nil {
		return a, err
	}
	if !stored {
		if err := ed.tx.SaveAccount(ctx, a); err != nil {
			return a, err
		}
	}
	p.Account = a.ID
	return a, nil
}

// accountToLink is the account with the known subject, and whether it is stored: p can be
// linked to it, unless accountToLink refuses.
func accountToLink(ctx context.Context, ed *Editor, k KnownPerson, p access.Person) (a access.Account, stored bool,
	err error) {
	dir, err := ed.tx.Directory(ctx, p.Directory)
	if err != nil {
		return a, false, err
	}
	if err := access.CheckSubject("subject", k.Subject); err != nil {
		return a, false, err
	}
	if dir.Kind == access.DirectoryPasscode && !ed.operator {
		return a, false, access.Invalidf("subject", "People of “%s” sign in with passcodes and need no subject.", dir.Name)
	}
	subject := dir.SubjectOf(k.Subject)
	a, stored, err = ed.tx.AccountOf(ctx, p.Directory, subject)
	if err != nil {
		return a, false, err
	}
	if !stored {
		a = access.Account{ID: access.AccountID(ed.tx.NewID()), Directory: p.Directory, Subject: subject, Name: p.Name,
			Email: p.Email, Language: p.Language}
	}
	if p.Account != "" && p.Account != a.ID {
		return a, false, access.Invalidf("subject", "“%s” has signed in with another subject already.", p.Email)
	}
	other, taken, err := ed.tx.PersonOf(ctx, p.Tenant, a.ID)
	if err != nil {
		return a, false, err
	}
	if taken && other.ID != p.ID {
		return a, false, access.Invalidf("subject", "The subject of “%s” is that of “%s”.", p.Email, other.Email)
	}
	return a, stored, nil
}

// RecordApply audits that a workspace file was applied, with the number of changes in the
// tenant.
func (ed *Editor) RecordApply(ctx context.Context, changes int) error {
	return ed.record(ctx, access.ActApply, object{kind: access.ObjectTenant, id: string(ed.by.Tenant),
		to: "changes: " + strconv.Itoa(changes)})
}
