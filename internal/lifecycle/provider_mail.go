package lifecycle

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// ProviderChange is a change of how people of a directory sign in.
type ProviderChange struct {
	Sentence access.Message // the change
	Domain   string         // empty if the change is not about a domain
}

// What can be changed about a domain.
const (
	DomainAdded    access.Message = "A domain was added and needs verification."
	DomainVerified access.Message = "A domain was verified by its TXT record."
	DomainRemoved  access.Message = "A domain was removed."
	// DomainConverted and DomainReturned are about people of a passcode directory.
	DomainConverted access.Message = "The provider replaced one-time passcodes for a domain."
	DomainReturned  access.Message = "One-time passcodes replaced the provider again for a domain."
)

// Activity returns the audit activity of the change.
func (c ProviderChange) Activity() access.Activity {
	switch c.Sentence {
	case DomainAdded:
		return access.ActClaimDomain
	case DomainVerified:
		return access.ActVerifyDomain
	case DomainRemoved:
		return access.ActRemoveDomain
	}
	return access.ActUpdate
}

// JoinDomains returns the domains of a directory, verified or not, separated
// by spaces.
func JoinDomains(d access.Directory) string {
	var all []string
	for _, name := range append(ClaimedDomains(d), d.Domains...) {
		all = append(all, string(name))
	}
	return strings.Join(all, " ")
}

// ClaimedDomains returns the domains of a directory that are not verified yet.
func ClaimedDomains(d access.Directory) []access.Domain {
	var all []access.Domain
	for _, c := range d.DomainClaims {
		all = append(all, c.Domain)
	}
	return all
}

// NotifyProviderChange queues a mail to every global administrator. An
// administrator who adds a domain can send its people to another provider, so
// the others are notified of it (M-37).
func NotifyProviderChange(ctx context.Context, tx *store.Tx, by access.Person, d access.Directory,
	c ProviderChange) error {
	return notifyAdministrators(ctx, tx, by.Tenant, mail.ProviderChanged,
		mail.Provider{Name: d.Name, Change: c.Sentence, Domain: c.Domain, By: by.Name})
}

// notifyAdministrators queues a mail of the kind with the facts to every global
// administrator of the tenant who can read it.
func notifyAdministrators(ctx context.Context, tx *store.Tx, t access.TenantID, kind mail.Kind, facts any) error {
	people, err := readersWithRole(ctx, tx, t, access.GlobalAdministrator, "")
	if err != nil {
		return err
	}
	return queueNotice(ctx, tx, t, kind, facts, people)
}

// readersWithRole are the people with the role in the tenant, or in the catalog, who can
// sign in and have an address.
func readersWithRole(ctx context.Context, tx *store.Tx, t access.TenantID, role access.AdminRole,
	c access.CatalogID) ([]access.Person, error) {
	assigned, err := tx.RoleAssignments(ctx, t)
	if err != nil {
		return nil, err
	}
	var subjects []access.SubjectRef
	for _, r := range assigned {
		if r.Role == role && r.Catalog == c {
			subjects = append(subjects, r.Subject)
		}
	}
	people, err := tx.ExpandSubjects(ctx, t, subjects)
	if err != nil {
		return nil, err
	}
	people, err = tx.WithWayIn(ctx, t, people)
	return slices.DeleteFunc(people, func(p access.Person) bool { return p.Email == "" }), err
}

// queueNotice queues a mail of the kind with the facts to the people.
func queueNotice(ctx context.Context, tx *store.Tx, t access.TenantID, kind mail.Kind, facts any,
	people []access.Person) error {
	text, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	var all []store.Mail
	for _, p := range people {
		all = append(all, store.Mail{Tenant: t, Kind: string(kind), Person: p.ID, Text: string(text)})
	}
	return tx.QueueMail(ctx, all...)
}

// NotifyTrustedAddresses queues a mail to the global administrators of each tenant
// that an upgrade concerns which has switched on the trust in a directory's addresses
// (M-41). It does so once, however often it is called.
func (r *Maintenance) NotifyTrustedAddresses(ctx context.Context) error {
	return r.store.Write(ctx, func(tx *store.Tx) error {
		notices, err := tx.TakeTrustNotices(ctx)
		for _, n := range notices {
			if err == nil {
				err = notifyAdministrators(ctx, tx, n.Tenant, mail.AddressesTrusted,
					mail.Notice{Provider: n.Name, DirectoryID: n.Directory})
			}
		}
		return err
	})
}

// sendNotice sends a mail queued by queueNotice.
func (m *Mails) sendNotice(ctx context.Context, msg message) (err error) {
	if msg.tenant, err = m.store.Tenant(ctx, msg.mail.Tenant); err != nil {
		return err
	}
	if err = msg.loadPerson(); err != nil {
		return err
	}
	if msg.person.Email == "" {
		return unneededError(mail.NoAddress)
	}
	f := mail.Facts{Tenant: msg.tenant.Name, Base: msg.base, Domain: msg.tenant.PrimaryDomain(),
		Support: msg.tenant.Settings.SupportContact, Recipient: msg.person.Name}
	if f.Hint, err = domainHint(ctx, m.store.Reader, msg.person); err != nil {
		return err
	}
	kind, facts := mail.Kind(msg.mail.Kind), any(&f.Notice)
	if kind == mail.ProviderChanged {
		facts = &f.Provider
	}
	if kind == mail.NoApprover {
		facts = &f.Gap
	}
	if err := json.Unmarshal([]byte(msg.mail.Text), facts); err != nil {
		return err
	}
	text, err := mail.Compose(kind, msg.printer(), f)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(msg.mail.ID), To: msg.person.Email,
		Sender: msg.tenant.Settings.SenderName, Message: text})
}
