package lifecycle

import (
	"context"
	"encoding/json"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// change is what was done to how people of a directory sign in: a sentence, the
// key of the message catalogue, and the domain that it is about, if it is about
// one.
type change struct{ said, domain string }

// What can be done with a domain.
const (
	domainClaimed = "A domain was added, which waits for its proof."
	domainProved  = "A domain was proved by its TXT record."
	domainDropped = "A domain was removed."
)

// activity is what the audit log calls the change.
func (c change) activity() access.Activity {
	switch c.said {
	case domainClaimed:
		return access.ActClaimDomain
	case domainProved:
		return access.ActVerifyDomain
	case domainDropped:
		return access.ActRemoveDomain
	}
	return access.ActUpdate
}

// joinDomains are the domains of a directory, proved or not.
func joinDomains(d access.Directory) string {
	var all []string
	for _, name := range append(claimed(d), d.Domains...) {
		all = append(all, string(name))
	}
	return strings.Join(all, " ")
}

// tellProvider queues a message to every global administrator: whoever adds a
// domain can send its people to a provider of theirs, so that nobody does so
// unnoticed (security.md 3.2, note 15).
func tellProvider(ctx context.Context, tx *store.Tx, by access.Person, d access.Directory, c change) error {
	given, err := tx.RoleAssignments(ctx, by.Tenant)
	if err != nil {
		return err
	}
	var administrators []access.SubjectRef
	for _, r := range given {
		if r.Role == access.GlobalAdministrator {
			administrators = append(administrators, r.Subject)
		}
	}
	people, err := tx.ExpandSubjects(ctx, by.Tenant, administrators)
	if err != nil {
		return err
	}
	text, err := json.Marshal(mail.Provider{Name: d.Name, Change: c.said, Domain: c.domain, By: by.Name})
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Disabled || p.Email == "" {
			continue
		}
		if err := tx.QueueMail(ctx, store.Mail{Tenant: by.Tenant, Kind: string(mail.ProviderChanged), Person: p.ID,
			Text: string(text)}); err != nil {
			return err
		}
	}
	return nil
}

// sendProvider sends what tellProvider has queued.
func (m *Mails) sendProvider(ctx context.Context, l message) (err error) {
	if l.tenant, err = m.store.Tenant(ctx, l.mail.Tenant); err != nil {
		return err
	}
	if l.person, err = m.store.Person(ctx, l.mail.Tenant, l.mail.Person); err != nil {
		return err
	}
	f := mail.Facts{Tenant: l.tenant.Name, Base: l.base, Domain: l.tenant.PrimaryDomain(),
		Support: l.tenant.Settings.SupportContact, Recipient: l.person.Name}
	if err := json.Unmarshal([]byte(l.mail.Text), &f.Provider); err != nil {
		return err
	}
	text, err := mail.Compose(mail.ProviderChanged, l.printer(), f)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(l.mail.ID), To: l.person.Email, Message: text})
}
