package admin

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// addDirectory creates a directory of the actor's tenant and returns its id. A passcode
// directory has the one domain in d.Domains; a provider gets unverified claims for them.
// The fields of errors start with "provider.".
func addDirectory(ctx context.Context, ed *Editor, d access.Directory) (access.DirectoryID, error) {
	domains := d.Domains
	d.Owner, d.Enabled, d.Version, d.Domains, d.DomainClaims = ed.by.Tenant, true, 0, nil, nil
	proof := access.VerifiedByMail
	switch {
	case d.Kind == access.DirectoryPasscode && len(domains) == 1:
		d = access.Directory{ID: d.ID, Owner: d.Owner, Kind: d.Kind, Name: cmp.Or(d.Name, string(domains[0])),
			Domains:   domains,
			AuthStyle: access.AuthNone, HintStyle: access.HintNone, Enabled: true}
	case d.Kind == access.DirectoryOpenID:
		if err := ed.rights.May(access.ManageProviders); err != nil {
			return "", err
		}
		for _, name := range domains {
			d.DomainClaims = append(d.DomainClaims, access.DomainClaim{Domain: name, Token: rand.Text()})
		}
	default:
		return "", access.Invalidf("provider.domains", "A passcode directory must have exactly one domain.")
	}
	if d.ID == "" {
		d.ID = access.DirectoryID(ed.tx.NewID())
	}
	if err := checkNewDirectory(ctx, ed, d); err != nil {
		return d.ID, err
	}
	if err := storeDirectory(ctx, ed, d, proof); err != nil {
		return d.ID, err
	}
	if err := ed.record(ctx, access.ActCreate, object{kind: access.ObjectDirectory, id: string(d.ID),
		to: directoryText(d)}); err != nil {
		return d.ID, err
	}
	return d.ID, lifecycle.NotifyProviderChange(ctx, ed.tx, ed.by, d,
		lifecycle.ProviderChange{Sentence: "A provider was added.",
			Domain: lifecycle.JoinDomains(d)})
}

// checkNewDirectory validates a directory to create. Its id can be chosen in advance, so
// that the callback address is known when the provider is configured.
func checkNewDirectory(ctx context.Context, ed *Editor, d access.Directory) error {
	if id, err := uuid.Parse(string(d.ID)); err != nil || id.String() != string(d.ID) {
		return access.Invalidf("provider.id", "The form data is invalid. Open the page again.")
	}
	if _, err := ed.tx.Directory(ctx, d.ID); err == nil {
		return access.Invalidf("provider.id", "This provider has already been added. Open the page again.")
	} else if access.KindOf(err) != access.NotFound {
		return err
	}
	var es access.Errors
	if err := addInvalid(&es, checkDirectory(ctx, ed, d)); err != nil {
		return err
	}
	for _, name := range append(lifecycle.ClaimedDomains(d), d.Domains...) {
		if err := addInvalid(&es, checkDomainFree(ctx, ed, d, name)); err != nil {
			return err
		}
	}
	return es.Err()
}

// checkDirectory validates the fields of a directory.
func checkDirectory(ctx context.Context, ed *Editor, d access.Directory) error {
	var es access.Errors
	es.Add(d.Check(ed.private))
	other, taken, err := ed.tx.DirectoryNamed(ctx, d.Owner, d.Name)
	if err != nil {
		return err
	}
	if taken && other != d.ID {
		_, taken, err = namesake(ctx, ed, d, other)
		if taken = !taken; err != nil {
			return err
		}
	}
	if taken && other != d.ID {
		es.Add(access.Invalidf("displayName", "A provider with this name already exists."))
	}
	for _, e := range es {
		e.Field = "provider." + e.Field
	}
	return es.Err()
}

// checkDomainFree refuses a domain that belongs to another directory visible to the
// tenant, or that another directory of the tenant has claimed. A provider may have that of
// a passcode directory of the tenant (checkConversion).
func checkDomainFree(ctx context.Context, ed *Editor, d access.Directory, name access.Domain) error {
	if _, err := access.ParseDomain(string(name)); err != nil {
		return err
	}
	other, err := ed.tx.DirectoryByDomain(ctx, d.Owner, name)
	if err == nil && d.Kind == access.DirectoryOpenID && other.Kind == access.DirectoryPasscode {
		if err := checkConversion(ctx, ed, d, other, name); err != nil {
			return err
		}
	} else if err == nil && other.ID != d.ID {
		return access.Invalidf("domain", "%s already belongs to “%s”.", string(name), other.Name)
	}
	if err != nil && access.KindOf(err) != access.NotFound {
		return err
	}
	waiting, ok, err := ed.tx.DirectoryWithPendingDomain(ctx, d.Owner, name)
	if ok && waiting.ID != d.ID {
		return access.Invalidf("domain", "%s is already awaiting verification in “%s”.", string(name), waiting.Name)
	}
	return err
}

// changeDirectory applies f to a directory of the actor's tenant and saves the result. It
// returns NotFound for other directories. It refuses to change how people sign in who have
// roles that the actor could not assign (W-26), and to cut off the last global
// administrator.
func changeDirectory(ctx context.Context, ed *Editor, id access.DirectoryID,
	f func(d *access.Directory) (lifecycle.ProviderChange, error)) error {
	d, err := editableDirectory(ctx, ed, id)
	if err != nil {
		return err
	}
	if err := checkDirectoryPeople(ctx, ed, "provider.issuer", id); err != nil {
		return err
	}
	from := directoryText(d)
	c, err := f(&d)
	if err != nil {
		return err
	}
	return saveDirectory(ctx, ed, d, from, c)
}

// saveDirectory stores a changed directory, records the change from the former text and
// notifies global administrators.
func saveDirectory(ctx context.Context, ed *Editor, d access.Directory, from string, c lifecycle.ProviderChange) error {
	err := keepAdministrator(ctx, ed, func() error { return storeDirectory(ctx, ed, d, access.VerifiedByDNS) })
	if err != nil {
		return err
	}
	o := object{kind: access.ObjectDirectory, id: string(d.ID), from: from, to: directoryText(d)}
	if c.Domain != "" {
		o.from, o.to = "", c.Domain
	}
	if err := ed.record(ctx, c.Activity(), o); err != nil {
		return err
	}
	return lifecycle.NotifyProviderChange(ctx, ed.tx, ed.by, d, c)
}

func editableDirectory(ctx context.Context, ed *Editor, id access.DirectoryID) (access.Directory, error) {
	if err := ed.rights.May(access.ManageProviders); err != nil {
		return access.Directory{}, err
	}
	d, err := ed.tx.Directory(ctx, id)
	if err == nil && d.Owner != ed.by.Tenant {
		err = access.Missing()
	}
	return d, err
}

// SaveDirectory changes how people of a directory sign in, from the version that d names.
// An empty secret keeps the stored one. The issuer is part of the key of each account
// (security rule I-1), so it can't change once someone has signed in.
func (ed *Editor) SaveDirectory(ctx context.Context, d access.Directory) error {
	return changeDirectory(ctx, ed, d.ID,
		func(stored *access.Directory) (lifecycle.ProviderChange, error) {
			if err := checkVersion(stored.Version, d.Version); err != nil {
				return lifecycle.ProviderChange{}, err
			}
			wanted := *stored
			wanted.Name = d.Name
			if stored.Kind == access.DirectoryOpenID {
				wanted.Issuer, wanted.ClientID, wanted.AuthStyle, wanted.HintStyle = d.Issuer, d.ClientID, d.AuthStyle, d.HintStyle
				wanted.HintValue, wanted.HintValues = d.HintValue, d.HintValues
				wanted.TenantClaim, wanted.TenantValue, wanted.Scopes, wanted.ConfirmedHosts = d.TenantClaim, d.TenantValue,
					d.Scopes, d.ConfirmedHosts
				wanted.ClientSecret = cmp.Or(d.ClientSecret, stored.ClientSecret)
				if d.AuthStyle == access.AuthNone {
					wanted.ClientSecret = ""
				}
			}
			var es access.Errors
			if err := addInvalid(&es, checkIssuerStays(ctx, ed, wanted, *stored)); err != nil {
				return lifecycle.ProviderChange{}, err
			}
			if err := addInvalid(&es, checkDirectory(ctx, ed, wanted)); err != nil {
				return lifecycle.ProviderChange{}, err
			}
			*stored = wanted
			return lifecycle.ProviderChange{Sentence: "The sign-in settings were changed."}, es.Err()
		})
}

// SaveAddressRules changes which claims of a provider hold the address and the name, whether
// its addresses are trusted, and who is a guest of it, from the version that d names. A tenant may change that of the
// directories that it keeps, and of its own, which the operator keeps: they are its own
// people.
func (ed *Editor) SaveAddressRules(ctx context.Context, d access.Directory) error {
	if err := ed.rights.May(access.ManageProviders); err != nil {
		return err
	}
	stored, err := ed.tx.Directory(ctx, d.ID)
	if err != nil {
		return err
	}
	tenant, err := ed.tx.Tenant(ctx, ed.by.Tenant)
	if err != nil {
		return err
	}
	if stored.Owner != tenant.ID && stored.ID != tenant.Directory || stored.Kind != access.DirectoryOpenID {
		return access.Missing()
	}
	if err := checkVersion(stored.Version, d.Version); err != nil {
		return err
	}
	if err := checkDirectoryPeople(ctx, ed, "", d.ID); err != nil {
		return err
	}
	wanted := stored
	wanted.TrustAddresses, wanted.GuestClaim, wanted.GuestValues = d.TrustAddresses, d.GuestClaim, d.GuestValues
	wanted.EmailClaim, wanted.NameClaim = d.EmailClaim, d.NameClaim
	if err := checkDirectory(ctx, ed, wanted); err != nil {
		return err
	}
	return saveDirectory(ctx, ed, wanted, directoryText(stored),
		lifecycle.ProviderChange{Sentence: "The claims, the trusted addresses or the guest rule were changed."})
}

// checkIssuerStays refuses to change the issuer of a directory with accounts: the issuer
// is part of the key of each account (security rule I-1).
func checkIssuerStays(ctx context.Context, ed *Editor, d, stored access.Directory) error {
	if stored.ID == "" || d.Issuer == stored.Issuer {
		return nil
	}
	used, err := ed.tx.HasAccounts(ctx, d.ID)
	if err != nil || !used {
		return err
	}
	return access.Invalidf("provider.issuer", "People have already signed in with this issuer. Add another provider for "+
		"the new issuer, so that no one is mistaken for someone else.")
}

// EnableDirectory enables or disables a directory. Disabling ends its sessions at once,
// and no one can sign in there (security rule I-11).
func (ed *Editor) EnableDirectory(ctx context.Context, id access.DirectoryID, on bool) error {
	err := changeDirectory(ctx, ed, id, func(d *access.Directory) (lifecycle.ProviderChange, error) {
		d.Enabled = on
		if on {
			return lifecycle.ProviderChange{Sentence: "The provider was turned on."}, nil
		}
		return lifecycle.ProviderChange{Sentence: "The provider was turned off."}, nil
	})
	if err != nil || on {
		return err
	}
	return ed.warnOfGaps(ed.tx.GapsOfDirectory(ctx, ed.by.Tenant, id, maxWarnings))
}

// DeleteDirectory deletes a directory without people and accounts. One with people can be
// disabled, and its domains removed.
func (ed *Editor) DeleteDirectory(ctx context.Context, id access.DirectoryID) error {
	d, err := editableDirectory(ctx, ed, id)
	if err != nil {
		return err
	}
	people, err := ed.tx.HasPeople(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	accounts, err := ed.tx.HasAccounts(ctx, id)
	if err != nil {
		return err
	}
	if err := d.CanDelete(people || accounts); err != nil {
		return err
	}
	empty := d
	empty.Domains, empty.DomainClaims = nil, nil
	if err := storeDirectory(ctx, ed, empty, ""); err != nil { // its domains return to passcodes
		return err
	}
	if err := ed.tx.DeleteDirectory(ctx, d); err != nil {
		return err
	}
	if err := ed.record(ctx, access.ActDelete, object{kind: access.ObjectDirectory, id: string(id),
		from: directoryText(d)}); err != nil {
		return err
	}
	return lifecycle.NotifyProviderChange(ctx, ed.tx, ed.by, d,
		lifecycle.ProviderChange{Sentence: "The provider was deleted.",
			Domain: lifecycle.JoinDomains(d)})
}

// directoryText describes a directory for the audit log, without its secret.
func directoryText(d access.Directory) string {
	words := []string{d.Name, string(d.Kind)}
	if !d.Enabled {
		words = append(words, "switched off")
	}
	if d.Kind == access.DirectoryOpenID {
		words = append(words, "issuer "+d.Issuer, "client "+d.ClientID, string(d.AuthStyle), "hint "+string(d.HintStyle))
		if d.HintValue != "" {
			words = append(words, "hint value "+d.HintValue)
		}
		for _, name := range slices.Sorted(maps.Keys(d.HintValues)) {
			words = append(words, "hint value of "+string(name)+" "+d.HintValues[name])
		}
		if d.TenantClaim != "" {
			words = append(words, d.TenantClaim+"="+d.TenantValue)
		}
		if d.TrustAddresses {
			words = append(words, "addresses trusted")
		}
		if d.EmailClaim != "" {
			words = append(words, "address in "+d.EmailClaim)
		}
		if d.NameClaim != "" {
			words = append(words, "name in "+d.NameClaim)
		}
		if d.GuestClaim != "" {
			words = append(words, "guests "+d.GuestClaim+"="+strings.Join(d.GuestValues, "|"))
		}
		words = append(words, "scopes "+strings.Join(d.Scopes, " "))
		words = append(words, d.ConfirmedHosts...)
	}
	for _, name := range slices.Concat(d.Domains, lifecycle.ClaimedDomains(d)) {
		words = append(words, string(name))
	}
	return strings.Join(words, ", ")
}
