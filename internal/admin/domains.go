package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// Resolver looks up TXT records; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// ClaimDomain adds an unverified domain to a provider of the tenant. It has no effect
// until it is verified, by a TXT record or by the operator.
func (ed *Editor) ClaimDomain(ctx context.Context, id access.DirectoryID, name access.Domain) error {
	return changeDirectory(ctx, ed, id, func(d *access.Directory) (lifecycle.ProviderChange, error) {
		if err := d.CanAddDomain(name); err != nil {
			return lifecycle.ProviderChange{}, err
		}
		if err := checkDomainFree(ctx, ed, *d, name); err != nil {
			return lifecycle.ProviderChange{}, err
		}
		if err := checkConsumerDomain(ctx, ed, *d, name); err != nil {
			return lifecycle.ProviderChange{}, err
		}
		d.DomainClaims = append(d.DomainClaims, access.DomainClaim{Domain: name, Token: rand.Text()})
		return lifecycle.ProviderChange{Sentence: lifecycle.DomainAdded, Domain: string(name)}, nil
	})
}

// RemoveDomain removes a domain, verified or not, from a provider of the tenant.
func (ed *Editor) RemoveDomain(ctx context.Context, id access.DirectoryID, name access.Domain) error {
	return changeDirectory(ctx, ed, id, func(d *access.Directory) (lifecycle.ProviderChange, error) {
		if d.Kind != access.DirectoryOpenID || !d.HasDomain(name) && !slices.Contains(lifecycle.ClaimedDomains(*d), name) {
			return lifecycle.ProviderChange{}, access.Missing()
		}
		d.Domains = slices.DeleteFunc(d.Domains, func(x access.Domain) bool { return x == name })
		d.DomainClaims = slices.DeleteFunc(d.DomainClaims, func(c access.DomainClaim) bool { return c.Domain == name })
		return lifecycle.ProviderChange{Sentence: lifecycle.DomainRemoved, Domain: string(name)}, nil
	})
}

// lookupTime limits a DNS lookup.
const lookupTime = 5 * time.Second

// VerifyDomain looks for the TXT record of a claimed domain, outside any transaction, and
// marks the domain verified if the record exists.
func (a *Admin) VerifyDomain(ctx context.Context, by access.Person, id access.DirectoryID, name access.Domain) error {
	d, err := a.store.Directory(ctx, id)
	if err == nil && d.Owner != by.Tenant {
		err = access.Missing()
	}
	if err != nil {
		return err
	}
	rights, err := a.store.Rights(ctx, by)
	if err == nil {
		err = rights.May(access.ManageProviders)
	}
	if err != nil {
		return err
	}
	claim, err := d.DomainClaim(name)
	if err != nil {
		return err
	}
	if err := a.lookup(ctx, claim); err != nil {
		return err
	}
	return a.change(ctx, by, func(ed *Editor) error { return domainVerified(ctx, ed, id, claim) })
}

// domainVerified marks the domain of a claim verified, if the directory still has the
// claim.
func domainVerified(ctx context.Context, ed *Editor, id access.DirectoryID, claim access.DomainClaim) error {
	name := claim.Domain
	return changeDirectory(ctx, ed, id, func(d *access.Directory) (lifecycle.ProviderChange, error) {
		if fresh, err := d.DomainClaim(name); err != nil || fresh != claim {
			return lifecycle.ProviderChange{}, access.Refuse(access.Conflict,
				"Someone else changed this while you were editing. Compare both versions and save again.")
		}
		return lifecycle.ProviderChange{Sentence: lifecycle.DomainVerified, Domain: string(name)},
			verifyDomain(ctx, ed, d, name)
	})
}

// lookup refuses a claim whose token is in no TXT record.
func (a *Admin) lookup(ctx context.Context, c access.DomainClaim) error {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	found, err := a.resolver.LookupTXT(ctx, access.DomainTXTName(c.Domain))
	fault, _ := errors.AsType[*net.DNSError](err)
	switch {
	case fault != nil && fault.IsNotFound, err == nil && len(found) == 0:
		return access.Invalidf("domain", "There is no TXT record at %s yet. New records can take up to an hour to appear "+
			"everywhere.", access.DomainTXTName(c.Domain))
	case err != nil:
		return errors.Join(access.Refuse(access.Unavailable, "The name servers of %s aren't responding. Try again later.",
			string(c.Domain)), err)
	case !slices.Contains(found, c.Token):
		return access.Invalidf("domain", "The TXT record at %s has a different value. Copy the value below, without quotes.",
			access.DomainTXTName(c.Domain))
	}
	return nil
}

// verifyDomain turns a claim into a verified domain of the directory. It refuses a domain
// that was verified for another directory in the meantime.
func verifyDomain(ctx context.Context, ed *Editor, d *access.Directory, name access.Domain) error {
	if err := checkDomainFree(ctx, ed, *d, name); err != nil {
		return err
	}
	if err := checkConsumerDomain(ctx, ed, *d, name); err != nil {
		return err
	}
	d.DomainClaims = slices.DeleteFunc(d.DomainClaims, func(c access.DomainClaim) bool { return c.Domain == name })
	d.Domains = append(d.Domains, name)
	return nil
}

// Vouch verifies, for the operator of the installation, a domain that a provider of the
// tenant has claimed, and returns the provider. It returns NotFound if no provider of the
// tenant has claimed the domain.
func (a *Admin) Vouch(ctx context.Context, t access.TenantID, name access.Domain) (access.Directory, error) {
	var d access.Directory
	_, err := a.Apply(ctx, ByOperator(), func(ed *Editor) error {
		in, err := ed.In(t)
		if err == nil {
			d, err = in.Vouch(ctx, name)
		}
		return err
	})
	return d, err
}

// Vouch is Admin.Vouch within a transaction; only the operator may call it.
func (ed *Editor) Vouch(ctx context.Context, name access.Domain) (access.Directory, error) {
	if err := ed.operatorOnly(); err != nil {
		return access.Directory{}, err
	}
	d, ok, err := ed.tx.DirectoryWithPendingDomain(ctx, ed.by.Tenant, name)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, access.Refuse(access.NotFound, "No provider of this organization is waiting to verify %s.", string(name))
	}
	if err := verifyDomain(ctx, ed, &d, name); err != nil {
		return d, err
	}
	err = keepAdministrator(ctx, ed, func() error { return storeDirectory(ctx, ed, d, access.VerifiedByOperator) })
	if err != nil {
		return d, err
	}
	if err := ed.record(ctx, access.ActVerifyDomain, object{kind: access.ObjectDirectory, id: string(d.ID),
		to: string(name), reason: "verified by the operator"}); err != nil {
		return d, err
	}
	return d, lifecycle.NotifyProviderChange(ctx, ed.tx, ed.by, d,
		lifecycle.ProviderChange{Sentence: "The operator verified a domain.", Domain: string(name)})
}
