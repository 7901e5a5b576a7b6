package lifecycle

import (
	"context"
	"encoding/json"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// ProviderChange is a change of how people of a directory sign in.
type ProviderChange struct {
	Sentence string // what was done: a key of the message catalogue
	Domain   string // the domain concerned; empty if it is not about one
}

// What can be done with a domain.
const (
	DomainClaimed = "A domain was added, which waits for its proof."
	DomainProved  = "A domain was proved by its TXT record."
	DomainDropped = "A domain was removed."
)

// Activity is what the audit log calls the change.
func (c ProviderChange) Activity() access.Activity {
	switch c.Sentence {
	case DomainClaimed:
		return access.ActClaimDomain
	case DomainProved:
		return access.ActVerifyDomain
	case DomainDropped:
		return access.ActRemoveDomain
	}
	return access.ActUpdate
}

// JoinDomains are the domains of a directory, proved or not.
func JoinDomains(d access.Directory) string {
	var all []string
	for _, name := range append(ClaimedDomains(d), d.Domains...) {
		all = append(all, string(name))
	}
	return strings.Join(all, " ")
}

// ClaimedDomains are the domains of a directory that are not verified yet.
func ClaimedDomains(d access.Directory) []access.Domain {
	var all []access.Domain
	for _, c := range d.DomainClaims {
		all = append(all, c.Domain)
	}
	return all
}

// NotifyProviderChange queues a message to every global administrator: whoever adds a
// domain can send its people to a provider of theirs, so that nobody does so
// unnoticed (security.md 3.2, note 15).
func NotifyProviderChange(ctx context.Context, tx *store.Tx, by access.Person, d access.Directory,
	c ProviderChange) error {
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
	text, err := json.Marshal(mail.Provider{Name: d.Name, Change: c.Sentence, Domain: c.Domain, By: by.Name})
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

// sendProvider sends what NotifyProviderChange has queued.
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
