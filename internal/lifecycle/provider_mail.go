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
	Sentence string // the change: a key of the message catalogue
	Domain   string // empty if the change is not about a domain
}

// What can be changed about a domain: keys of the message catalogue.
const (
	DomainAdded    = "A domain was added, which waits for its proof."
	DomainVerified = "A domain was proved by its TXT record."
	DomainRemoved  = "A domain was removed."
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
	assigned, err := tx.RoleAssignments(ctx, by.Tenant)
	if err != nil {
		return err
	}
	var administrators []access.SubjectRef
	for _, r := range assigned {
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
	var all []store.Mail
	for _, p := range people {
		if !p.Disabled && p.Email != "" {
			all = append(all, store.Mail{Tenant: by.Tenant, Kind: string(mail.ProviderChanged), Person: p.ID,
				Text: string(text)})
		}
	}
	return tx.QueueMail(ctx, all...)
}

// sendProvider sends a mail queued by NotifyProviderChange.
func (m *Mails) sendProvider(ctx context.Context, msg message) (err error) {
	if msg.tenant, err = m.store.Tenant(ctx, msg.mail.Tenant); err != nil {
		return err
	}
	if msg.person, err = m.store.Person(ctx, msg.mail.Tenant, msg.mail.Person); err != nil {
		return err
	}
	f := mail.Facts{Tenant: msg.tenant.Name, Base: msg.base, Domain: msg.tenant.PrimaryDomain(),
		Support: msg.tenant.Settings.SupportContact, Recipient: msg.person.Name}
	if err := json.Unmarshal([]byte(msg.mail.Text), &f.Provider); err != nil {
		return err
	}
	text, err := mail.Compose(mail.ProviderChanged, msg.printer(), f)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(msg.mail.ID), To: msg.person.Email, Message: text})
}
