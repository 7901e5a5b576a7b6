package admin

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// SaveTenantDirectory adds a directory of the tenant (without a version; with a new id if
// it has none), or changes an existing one from the version that d names. Only the operator
// may call it: new domains in d.Domains count as verified. Those in d.DomainClaims wait for
// their TXT record; one without a token gets a new one. An empty secret keeps the stored
// one. The rules are those of the pages; the fields of errors are those of
// SaveInstallationDirectory, and that of a claim is "unverified." and its number, from 1.
func (ed *Editor) SaveTenantDirectory(ctx context.Context, d access.Directory) (access.Directory, error) {
	if err := ed.operatorOnly(); err != nil {
		return d, err
	}
	var stored access.Directory
	var err error
	if d.Owner = ed.by.Tenant; d.Version == 0 {
		d.ID = cmp.Or(d.ID, access.DirectoryID(ed.tx.NewID()))
	} else if stored, err = editableDirectory(ctx, ed, d.ID); err != nil {
		return d, err
	}
	if err := checkVersion(stored.Version, d.Version); err != nil {
		return d, err
	}
	d = withTokens(d)
	if err := checkTenantDirectory(ctx, ed, d, stored); err != nil {
		return d, err
	}
	err = keepAdministrator(ctx, ed, func() error { return storeTenantDirectory(ctx, ed, d, stored) })
	if err != nil || !stored.Enabled || d.Enabled {
		return d, err
	}
	return d, ed.warnOfGaps(ed.tx.GapsOfDirectory(ctx, ed.by.Tenant, d.ID, maxWarnings))
}

// withTokens is the directory with a token for each domain that is not verified. A passcode
// directory has no provider.
func withTokens(d access.Directory) access.Directory {
	if d.Kind == access.DirectoryPasscode {
		return access.Directory{ID: d.ID, Owner: d.Owner, Kind: d.Kind, Name: d.Name, Domains: d.Domains,
			DomainClaims: d.DomainClaims, AuthStyle: access.AuthNone, HintStyle: access.HintNone, Enabled: d.Enabled,
			Successor: d.Successor, FormerDomain: d.FormerDomain, Version: d.Version}
	}
	d.DomainClaims = slices.Clone(d.DomainClaims)
	for i := range d.DomainClaims {
		d.DomainClaims[i].Token = cmp.Or(d.DomainClaims[i].Token, rand.Text())
	}
	return d
}

func checkTenantDirectory(ctx context.Context, ed *Editor, d, stored access.Directory) error {
	var es access.Errors
	if err := addInvalid(&es, checkPasscodeDirectory(ctx, ed, d, stored)); err != nil {
		return err
	}
	es.Add(access.CheckDomainCount(len(d.Domains) + len(d.DomainClaims)))
	for i, name := range d.Domains {
		var err error
		if !stored.HasDomain(name) {
			err = checkVerified(ctx, ed, d, name)
		}
		if err := collect(&es, renameField(err, "domain", "domain."+strconv.Itoa(i+1))); err != nil {
			return err
		}
	}
	for i, c := range d.DomainClaims {
		err := checkClaimFree(ctx, ed, d, c.Domain)
		if err := collect(&es, renameField(err, "domain", "unverified."+strconv.Itoa(i+1))); err != nil {
			return err
		}
	}
	if stored.Version != 0 {
		if err := addInvalid(&es, checkIssuerStays(ctx, ed, d, stored)); err != nil {
			return err
		}
	}
	if err := addInvalid(&es, checkDirectory(ctx, ed, d)); err != nil {
		return err
	}
	return es.Err()
}

// checkPasscodeDirectory refuses a passcode directory without exactly one domain. One that a
// provider has replaced has that provider as its successor, which follows from the domain:
// it can only be stored along with a new directory.
func checkPasscodeDirectory(ctx context.Context, ed *Editor, d, stored access.Directory) error {
	switch {
	case d.Kind != access.DirectoryPasscode:
		return nil
	case d.Successor == "" && (len(d.Domains) != 1 || len(d.DomainClaims) > 0):
		return access.Invalidf("provider.domains", "A passcode directory must have exactly one domain.")
	case d.Successor == "" || d.Successor == stored.Successor && d.FormerDomain == stored.FormerDomain &&
		len(d.Domains) == 0:
		return nil
	}
	to, err := ed.tx.Directory(ctx, d.Successor)
	if err != nil {
		return err
	}
	if stored.Version != 0 || len(d.Domains) > 0 || to.Kind != access.DirectoryOpenID || !to.VisibleTo(d.Owner) ||
		!to.HasDomain(d.FormerDomain) {
		return access.Invalidf("successor", "A provider replaces one-time passcodes when their domain is verified for it. "+
			"List the domain with the provider.")
	}
	return nil
}

// checkVerified refuses a new verified domain of a directory.
func checkVerified(ctx context.Context, ed *Editor, d access.Directory, name access.Domain) error {
	if err := checkDomainFree(ctx, ed, d, name); err != nil {
		return err
	}
	return checkConsumerDomain(ctx, ed, d, name)
}

// checkClaimFree refuses a claim of a domain that another directory of the tenant has, or
// that the directory has verified. That a directory of the installation has it is no fault:
// it can have got the domain later, and a claim has no effect until it is verified.
func checkClaimFree(ctx context.Context, ed *Editor, d access.Directory, name access.Domain) error {
	if d.HasDomain(name) {
		return access.Invalidf("domain", "%s is already added.", string(name))
	}
	other, err := ed.tx.DirectoryByDomain(ctx, d.Owner, name)
	if err == nil && other.ID != d.ID && other.Owner == "" {
		return nil
	}
	if err != nil && access.KindOf(err) != access.NotFound {
		return err
	}
	return checkDomainFree(ctx, ed, d, name)
}

// storeTenantDirectory stores a validated directory, and audits and announces the change.
func storeTenantDirectory(ctx context.Context, ed *Editor, d, stored access.Directory) error {
	proof, change := access.VerifiedByOperator, lifecycle.ProviderChange{Sentence: "The sign-in settings were changed."}
	if d.Kind == access.DirectoryPasscode {
		proof = access.VerifiedByMail
	}
	o := object{kind: access.ObjectDirectory, id: string(d.ID), to: directoryText(d)}
	if stored.Version == 0 {
		change = lifecycle.ProviderChange{Sentence: "A provider was added.", Domain: lifecycle.JoinDomains(d)}
	} else {
		o.from = directoryText(stored)
	}
	if err := storeDirectory(ctx, ed, d, proof); err != nil {
		return err
	}
	if err := ed.record(ctx, saveActivity(stored.Version), o); err != nil {
		return err
	}
	return lifecycle.NotifyProviderChange(ctx, ed.tx, ed.by, d, change)
}
