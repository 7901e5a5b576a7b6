package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
)

// Connecting is a connected organization to save.
type Connecting struct {
	access.Organization
	// New are directories to create in the same transaction, in addition to
	// Organization.Directories.
	New []access.Directory
	// Sure confirms that an organization with a consumer mail domain counts as configured
	// (F-029).
	Sure bool
}

// SaveOrganization adds a connected organization (without an id), or changes an existing
// one from the version that w names (F-013, F-026). An actor who may not manage providers
// can use existing directories and passcode directories, in which each sign-in verifies
// the address.
func (ed *Editor) SaveOrganization(ctx context.Context, w Connecting) (access.Organization, error) {
	var o access.Organization
	if err := ed.rights.May(access.ManageOrganizations); err != nil {
		return o, err
	}
	o = w.Organization
	o.Tenant = ed.by.Tenant
	var stored access.Organization
	var err error
	if o.ID == "" {
		o.ID, o.Version = access.OrganizationID(ed.tx.NewID()), 0
	} else if stored, err = ed.tx.Organization(ctx, ed.by.Tenant, o.ID); err != nil {
		return o, err
	}
	if err := checkVersion(stored.Version, o.Version); err != nil {
		return o, err
	}
	var es access.Errors
	for _, d := range w.New {
		made, err := addDirectory(ctx, ed, d)
		if err := addInvalid(&es, err); err != nil {
			return o, err
		}
		o.Directories = append(slices.Clone(o.Directories), made)
	}
	if err := addInvalid(&es, checkOrganization(ctx, ed, &o, stored, w, len(es) > 0)); err != nil {
		return o, err
	}
	if err := es.Err(); err != nil {
		return o, err
	}
	if err := checkOrganizationRights(ctx, ed, o, stored); err != nil {
		return o, err
	}
	return o, keepAdministrator(ctx, ed, func() error { return saveOrganization(ctx, ed, o, stored) })
}

// checkOrganizationRights refuses sponsors of whose members others decide (W-25), and to
// connect or disconnect a directory whose people have roles that the actor could not
// assign (W-26).
func checkOrganizationRights(ctx context.Context, ed *Editor, o, stored access.Organization) error {
	err := checkNamed(ctx, ed, access.UseSponsor, "internalSponsors",
		difference(o.InternalSponsors, stored.InternalSponsors)...)
	if err != nil {
		return err
	}
	if stored.ID != "" && o.State != stored.State {
		if err := checkDirectoryPeople(ctx, ed, "state", stored.Directories...); err != nil {
			return err
		}
	}
	return checkDirectoryPeople(ctx, ed, "identitySources", changedDirectories(stored.Directories, o.Directories)...)
}

// addInvalid adds an Invalid error to es, and returns any other.
func addInvalid(es *access.Errors, err error) error {
	if err != nil && access.KindOf(err) != access.Invalid {
		return err
	}
	es.Add(err)
	return nil
}

// checkOrganization validates o. With unmade, creating a new directory has failed, so the
// directories are not checked.
func checkOrganization(ctx context.Context, ed *Editor, o *access.Organization, stored access.Organization,
	w Connecting, unmade bool) error {
	var es access.Errors
	if ed.tolerant {
		es.Add(o.CheckStored())
	} else {
		es.Add(o.Check())
	}
	other, taken, err := ed.tx.OrganizationNamed(ctx, o.Tenant, o.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != o.ID {
		es.Add(access.Invalidf("displayName", "A connected organization with this name already exists."))
	}
	consumer := access.Domain("")
	if !unmade {
		if consumer, err = checkSources(ctx, ed, o, stored); addInvalid(&es, err) != nil {
			return err
		}
	}
	if err := addInvalid(&es, checkSponsors(ctx, ed, o, stored)); err != nil {
		return err
	}
	offered, err := ed.tx.OpenToConfiguredOrganizations(ctx, o.Tenant)
	if err != nil {
		return err
	}
	es.Add(o.CheckTrust(consumer, offered, w.Sure))
	return es.Err()
}

// checkSources refuses directories that the tenant may not use. It returns a consumer mail
// domain of the directories, if its directory is new to the organization or the
// organization becomes configured.
func checkSources(ctx context.Context, ed *Editor, o *access.Organization,
	stored access.Organization) (consumer access.Domain, err error) {
	tenant, err := ed.tx.Tenant(ctx, o.Tenant)
	if err != nil {
		return "", err
	}
	o.Directories = slices.Clone(o.Directories)
	slices.Sort(o.Directories)
	o.Directories = slices.Compact(o.Directories)
	var es access.Errors
	for _, id := range o.Directories {
		d, err := ed.tx.Directory(ctx, id)
		if access.KindOf(err) == access.NotFound && err != nil || err == nil && !d.VisibleTo(o.Tenant) {
			es.Add(access.Invalidf("identitySources", "Choose one of the listed options."))
			continue
		}
		if err != nil {
			return "", err
		}
		other, ok, err := ed.tx.OrganizationOf(ctx, o.Tenant, id)
		switch {
		case err != nil:
			return "", err
		case id == tenant.Directory:
			es.Add(access.Invalidf("identitySources", "“%s” is your own directory. Its people are members, not partners.",
				d.Name))
		case ok && other.ID != o.ID:
			es.Add(access.Invalidf("identitySources", "“%s” already belongs to the connected organization “%s”.", d.Name,
				other.Name))
		}
		if err := addInvalid(&es, checkClaimsStay(ctx, ed, d, o.ID)); err != nil {
			return "", err
		}
		if i := slices.IndexFunc(d.Domains, access.Domain.IsConsumer); i >= 0 &&
			(stored.State != access.Configured || !slices.Contains(stored.Directories, id)) {
			consumer = d.Domains[i]
		}
	}
	return consumer, es.Err()
}

// checkSponsors validates the sponsors. It removes stored external sponsors whose
// directory has left the organization.
func checkSponsors(ctx context.Context, ed *Editor, o *access.Organization, stored access.Organization) error {
	internal, err := internalSponsors(ctx, ed, o)
	if err != nil {
		return err
	}
	external, err := sponsorPeople(ctx, ed, o.Tenant, &o.ExternalSponsors, "externalSponsors")
	if err != nil {
		return err
	}
	var stay []access.Person
	for _, p := range external {
		if !slices.Contains(o.Directories, p.Directory) && slices.Contains(stored.Directories, p.Directory) &&
			slices.Contains(stored.ExternalSponsors, p.ID) {
			o.ExternalSponsors = slices.DeleteFunc(o.ExternalSponsors, func(id access.PersonID) bool { return id == p.ID })
			continue
		}
		stay = append(stay, p)
	}
	if ed.tolerant {
		return nil
	}
	return o.CheckSponsors(internal, stay)
}

// internalSponsors returns the people among the internal sponsors. It removes duplicates
// from o.
func internalSponsors(ctx context.Context, ed *Editor, o *access.Organization) ([]access.Person, error) {
	o.InternalSponsors = slices.Clone(o.InternalSponsors)
	slices.SortFunc(o.InternalSponsors, access.SubjectRef.Compare)
	o.InternalSponsors = slices.Compact(o.InternalSponsors)
	var people []access.PersonID
	for _, s := range o.InternalSponsors {
		switch s.Kind {
		case access.SubjectPerson:
			people = append(people, access.PersonID(s.ID))
			continue
		case access.SubjectGroup:
			err := checkSubject(ctx, ed, o.Tenant, s)
			if err == nil {
				continue
			}
			if access.KindOf(err) != access.NotFound {
				return nil, err
			}
		case access.SubjectOrganization:
		}
		return nil, access.Invalidf("internalSponsors", "Choose one of the listed options.")
	}
	return sponsorPeople(ctx, ed, o.Tenant, &people, "internalSponsors")
}

// sponsorPeople loads the people with the ids, after removing duplicates from ids.
func sponsorPeople(ctx context.Context, ed *Editor, t access.TenantID, ids *[]access.PersonID,
	field string) ([]access.Person, error) {
	*ids = slices.Clone(*ids)
	slices.Sort(*ids)
	*ids = slices.Compact(*ids)
	var all []access.Person
	for _, id := range *ids {
		p, err := personToName(ctx, ed, t, id)
		if access.KindOf(err) == access.NotFound && err != nil {
			return nil, access.Invalidf(field, "Choose one of the listed options.")
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func saveOrganization(ctx context.Context, ed *Editor, o, stored access.Organization) error {
	if err := ed.tx.SaveOrganization(ctx, o); err != nil {
		return err
	}
	err := ed.record(ctx, saveActivity(stored.Version), object{kind: access.ObjectOrganization, id: string(o.ID),
		from: organizationText(stored), to: organizationText(o)})
	for _, side := range []struct {
		now, before []string
		on, off     access.Activity
	}{
		{idsOf(o.InternalSponsors), idsOf(stored.InternalSponsors), access.ActAddInternalSponsor,
			access.ActRemoveInternalSponsor},
		{texts(o.ExternalSponsors), texts(stored.ExternalSponsors), access.ActAddExternalSponsor,
			access.ActRemoveExternalSponsor},
	} {
		for act, changed := range map[access.Activity][]string{side.on: difference(side.now, side.before),
			side.off: difference(side.before, side.now)} {
			for _, id := range changed {
				if err == nil {
					err = ed.record(ctx, act, object{kind: access.ObjectOrganization, id: string(o.ID), to: id})
				}
			}
		}
	}
	return err
}

func idsOf(all []access.SubjectRef) (ids []string) {
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids
}

func texts[T ~string](all []T) (out []string) {
	for _, one := range all {
		out = append(out, string(one))
	}
	return out
}

// difference returns the elements of all that are not in others.
func difference[T comparable](all, others []T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return slices.Contains(others, one) })
}

// organizationText describes a connected organization for the audit log.
func organizationText(o access.Organization) string {
	if o.ID == "" {
		return ""
	}
	words := []string{o.Name, string(o.State)}
	for _, d := range o.Directories {
		words = append(words, "directory "+string(d))
	}
	return strings.Join(words, ", ")
}

// DeleteOrganization deletes a connected organization at the given version (F-027) and
// removes it from policies. The tenant's own directories, people, requests and assignments
// stay.
func (ed *Editor) DeleteOrganization(ctx context.Context, id access.OrganizationID, version int64) error {
	if err := ed.rights.May(access.ManageOrganizations); err != nil {
		return err
	}
	o, err := ed.tx.Organization(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := checkVersion(o.Version, version); err != nil {
		return err
	}
	ties, err := ed.tx.OrganizationUsage(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := checkDirectoryPeople(ctx, ed, "", o.Directories...); err != nil {
		return err
	}
	err = keepAdministrator(ctx, ed, func() error { return ed.tx.DeleteOrganization(ctx, ed.by.Tenant, id) })
	if err != nil {
		return err
	}
	return ed.record(ctx, access.ActDelete, object{kind: access.ObjectOrganization, id: string(id),
		from:   organizationText(o),
		reason: "policies that named it: " + strconv.FormatInt(int64(len(ties.Policies))+ties.More, 10)})
}
