package admin

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// A provider may claim a domain that a passcode directory has: anyone with one mailbox can
// have made that, by signing in. When the domain is verified it moves to the provider,
// which is the directory's successor then; its people are carried over as they sign in
// there (access.CarryOver). If the provider loses the domain, it returns.

// checkConversion refuses to move the domain of a passcode directory to the provider: for
// whoever could not assign the roles of its people (W-26), and between two connected
// organizations.
func checkConversion(ctx context.Context, ed *Editor, d, from access.Directory, name access.Domain) error {
	if err := checkDirectoryPeople(ctx, ed, "domain", from.ID); err != nil {
		return err
	}
	theirs, ok, err := ed.tx.OrganizationOf(ctx, ed.by.Tenant, from.ID)
	if err != nil || !ok {
		return err
	}
	other, ok, err := ed.tx.OrganizationOf(ctx, ed.by.Tenant, d.ID)
	if err != nil || !ok || other.ID == theirs.ID {
		return err
	}
	return checkMovable(ctx, ed, name, theirs)
}

// checkMovable refuses a provider of one connected organization for a domain whose people
// sign in with passcodes in another one that means something: it is configured, or a policy
// names it. One that was proposed for a request of somebody with a mailbox does not.
func checkMovable(ctx context.Context, ed *Editor, name access.Domain, theirs access.Organization) error {
	named, err := ed.tx.NamedByPolicy(ctx, ed.by.Tenant, theirs.ID)
	if err != nil || !named && theirs.State == access.Proposed {
		return err
	}
	return access.Invalidf("domain", "People of %s sign in with one-time passcodes in the connected organization “%s”. "+
		"Add "+
		"the provider there, or remove the passcodes from it first.", string(name), theirs.Name)
}

// checkClaimsStay refuses, for a directory of a connected organization, claims of domains
// whose people sign in with passcodes in another one.
func checkClaimsStay(ctx context.Context, ed *Editor, d access.Directory, o access.OrganizationID) error {
	for _, name := range lifecycle.ClaimedDomains(d) {
		from, err := ed.tx.PasscodeDirectories(ctx, ed.by.Tenant, name)
		if err != nil {
			return err
		}
		for _, p := range from {
			theirs, ok, err := ed.tx.OrganizationOf(ctx, ed.by.Tenant, p.ID)
			if err != nil {
				return err
			}
			if !ok || theirs.ID == o {
				continue
			}
			if err := checkMovable(ctx, ed, name, theirs); err != nil {
				return renameField(err, "domain", "identitySources")
			}
		}
	}
	return nil
}

// storeDirectory stores a directory that was checked. The domains that are newly verified
// for a provider move to it from passcode directories, and those that it loses return.
func storeDirectory(ctx context.Context, ed *Editor, d access.Directory, proof access.DomainVerification) error {
	if d.Kind != access.DirectoryOpenID {
		return ed.tx.SaveDirectory(ctx, d, proof)
	}
	stored, err := ed.tx.Directory(ctx, d.ID)
	if err != nil && access.KindOf(err) != access.NotFound {
		return err
	}
	if err := freeName(ctx, ed, d); err != nil {
		return err
	}
	var from []access.Directory
	for _, name := range difference(d.Domains, stored.Domains) {
		found, err := ed.tx.PasscodeDirectories(ctx, d.Owner, name)
		if err != nil {
			return err
		}
		for _, p := range found {
			p.FormerDomain, p.Domains = name, nil
			if err := ed.tx.SaveDirectory(ctx, p, access.VerifiedByMail); err != nil {
				return err
			}
			from = append(from, p)
		}
	}
	if err := ed.tx.SaveDirectory(ctx, d, proof); err != nil {
		return err
	}
	for _, p := range from {
		if err := convertDirectory(ctx, ed, p, d); err != nil {
			return err
		}
	}
	return returnDomains(ctx, ed, d, difference(stored.Domains, d.Domains))
}

// convertDirectory makes the provider the successor of a passcode directory whose domain it
// has. Sessions that began with a passcode end. Both belong to one connected organization
// then, so that nobody loses the way in: the provider's, or that of the passcodes.
func convertDirectory(ctx context.Context, ed *Editor, from, to access.Directory) error {
	in := *ed
	in.by.Tenant = from.Owner
	from.Successor = to.ID
	if err := ed.tx.SaveDirectory(ctx, from, access.VerifiedByMail); err != nil {
		return err
	}
	tenant, err := ed.tx.Tenant(ctx, from.Owner)
	if err != nil {
		return err
	}
	if tenant.Directory != to.ID { // its people are members, and of no organization
		if err := connectSuccessor(ctx, &in, from.ID, to.ID); err != nil {
			return err
		}
	}
	return recordConversion(ctx, &in, access.ActConvertDomain, from, to)
}

// connectSuccessor adds the provider to the connected organization of the passcode
// directory; if it has one already, the passcode directory moves there.
func connectSuccessor(ctx context.Context, ed *Editor, from, to access.DirectoryID) error {
	theirs, ok, err := ed.tx.OrganizationOf(ctx, ed.by.Tenant, from)
	if err != nil || !ok {
		return err
	}
	other, has, err := ed.tx.OrganizationOf(ctx, ed.by.Tenant, to)
	switch {
	case err != nil:
		return err
	case !has:
		return setSources(ctx, ed, theirs.ID, []access.DirectoryID{to}, nil)
	case other.ID == theirs.ID:
		return nil
	}
	if err := setSources(ctx, ed, theirs.ID, nil, []access.DirectoryID{from}); err != nil {
		return err
	}
	return setSources(ctx, ed, other.ID, []access.DirectoryID{from}, nil)
}

// setSources adds directories to a connected organization and removes others.
func setSources(ctx context.Context, ed *Editor, id access.OrganizationID, add, remove []access.DirectoryID) error {
	stored, err := ed.tx.Organization(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	wanted := stored
	wanted.Directories = append(difference(stored.Directories, remove), add...)
	slices.Sort(wanted.Directories)
	return saveOrganization(ctx, ed, wanted, stored)
}

// returnDomains gives domains that the provider has lost back to the passcode directories
// that it had them from.
func returnDomains(ctx context.Context, ed *Editor, lost access.Directory, names []access.Domain) error {
	if len(names) == 0 {
		return nil
	}
	all, err := ed.tx.Predecessors(ctx, lost.ID)
	if err != nil {
		return err
	}
	for _, p := range all {
		if !slices.Contains(names, p.FormerDomain) {
			continue
		}
		in := *ed
		in.by.Tenant = p.Owner
		was := p
		p.Domains, p.Successor, p.FormerDomain = []access.Domain{p.FormerDomain}, "", ""
		if err := ed.tx.SaveDirectory(ctx, p, access.VerifiedByMail); err != nil {
			return err
		}
		if err := recordConversion(ctx, &in, access.ActReturnDomain, was, lost); err != nil {
			return err
		}
	}
	return nil
}

// recordConversion records that the domain of a passcode directory has moved to the
// provider or back, and notifies global administrators.
func recordConversion(ctx context.Context, ed *Editor, act access.Activity, p, provider access.Directory) error {
	err := ed.record(ctx, act, object{kind: access.ObjectDirectory, id: string(p.ID), from: string(p.FormerDomain),
		to: provider.Name})
	if err != nil {
		return err
	}
	sentence := lifecycle.DomainConverted
	if act == access.ActReturnDomain {
		sentence = lifecycle.DomainReturned
	}
	return lifecycle.NotifyProviderChange(ctx, ed.tx, ed.by, provider, lifecycle.ProviderChange{Sentence: sentence,
		Domain: string(p.FormerDomain)})
}

// namesake is the passcode directory that has the name of the new provider d and one of its
// domains: anyone with a mailbox can have made it, under the name of the domain. ok is
// false if there is none.
func namesake(ctx context.Context, ed *Editor, d access.Directory, taken access.DirectoryID) (access.Directory,
	bool, error) {
	other, err := ed.tx.Directory(ctx, taken)
	if err != nil || other.Kind != access.DirectoryPasscode || d.Kind != access.DirectoryOpenID {
		return other, false, err
	}
	return other, slices.ContainsFunc(append(lifecycle.ClaimedDomains(d), d.Domains...), other.Holds), nil
}

// freeName renames the namesake of a provider.
func freeName(ctx context.Context, ed *Editor, d access.Directory) error {
	taken, ok, err := ed.tx.DirectoryNamed(ctx, d.Owner, d.Name)
	if err != nil || !ok || taken == d.ID {
		return err
	}
	other, ok, err := namesake(ctx, ed, d, taken)
	if err != nil || !ok {
		return err
	}
	name := other.Name
	for i := 1; ok; i++ {
		end := " (one-time passcode)"
		if i > 1 {
			end = " (one-time passcode " + strconv.Itoa(i) + ")"
		}
		runes := []rune(name)
		other.Name = string(runes[:min(len(runes), access.MaxNameLength-utf8.RuneCountInString(end))]) + end
		if _, ok, err = ed.tx.DirectoryNamed(ctx, d.Owner, other.Name); err != nil {
			return err
		}
	}
	return ed.tx.SaveDirectory(ctx, other, access.VerifiedByMail)
}
