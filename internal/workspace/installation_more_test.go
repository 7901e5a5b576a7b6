package workspace_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

func (b *installation) peopleAndGroups() (all []access.SubjectRef) {
	for _, p := range b.people {
		all = append(all, access.SubjectRef{Kind: access.SubjectPerson, ID: string(p)})
	}
	for _, g := range b.groups {
		all = append(all, access.SubjectRef{Kind: access.SubjectGroup, ID: string(g)})
	}
	return all
}

// members are the subjects that can be internal sponsors.
func (b *installation) members(all []access.SubjectRef) (out []access.SubjectRef) {
	for _, s := range all {
		if s.Kind == access.SubjectGroup {
			out = append(out, s)
		} else if p, err := b.store.Person(context.Background(), b.tenant.ID,
			access.PersonID(s.ID)); err == nil && p.Kind == access.Member {
			out = append(out, s)
		}
	}
	return out
}

// sponsorOrganizations makes guests of connected organizations external sponsors.
func (b *installation) sponsorOrganizations() {
	for _, id := range b.orgs {
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			o, err := ed.Reader().Organization(ctx, b.tenant.ID, id)
			if err != nil {
				return err
			}
			for _, person := range b.people {
				p, err := ed.Reader().Person(ctx, b.tenant.ID, person)
				if err == nil && p.Kind == access.Guest && slices.Contains(o.Directories, p.Directory) {
					o.ExternalSponsors = append(o.ExternalSponsors, p.ID)
				}
			}
			_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o, Sure: true})
			return err
		})
	}
}

// changeDirectories changes the tenant's own directories: their domains, and how they sign
// people in.
func (b *installation) changeDirectories() {
	for _, id := range b.ownDirectories() {
		d, err := b.store.Directory(context.Background(), id)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, c := range d.DomainClaims {
			if b.chance(.5) {
				b.try(true, func(ctx context.Context, ed *admin.Editor) error {
					_, err := ed.Vouch(ctx, c.Domain)
					return err
				})
			}
		}
		domain, change := b.domain(), b.provider()
		b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.ClaimDomain(ctx, id, domain) })
		if gone := one(b, d.Domains); gone != "" && b.chance(.2) {
			b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.RemoveDomain(ctx, id, gone) })
		}
		if b.chance(.4) {
			b.try(false, func(ctx context.Context, ed *admin.Editor) error {
				stored, err := ed.Reader().Directory(ctx, id)
				if change.ID, change.Version = id, stored.Version; err != nil {
					return err
				}
				return ed.SaveDirectory(ctx, change)
			})
		}
		if b.chance(.2) {
			on := b.chance(.3)
			b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.EnableDirectory(ctx, id, on) })
		}
	}
}

// replacePasscodes replaces passcode directories by providers, and signs in some of their
// people there, who are carried over.
func (b *installation) replacePasscodes() {
	ctx := context.Background()
	for _, id := range b.ownDirectories() {
		d, err := b.store.Directory(ctx, id)
		if err != nil {
			b.t.Fatal(err)
		}
		if d.Kind != access.DirectoryPasscode || len(d.Domains) == 0 || b.chance(.3) {
			continue
		}
		name := d.Domains[0]
		addresses := []string{fmt.Sprintf("kim@%s", name), fmt.Sprintf("lou@%s", name)}
		for _, address := range addresses {
			b.completes(access.Identity{Directory: id, Subject: address, Name: address, Email: address, EmailTrusted: true})
		}
		provider := b.provider()
		provider.Domains = []access.Domain{name}
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			o, _, err := ed.Reader().OrganizationOf(ctx, b.tenant.ID, id)
			if err == nil && o.ID != "" {
				o, err = ed.Reader().Organization(ctx, b.tenant.ID, o.ID)
			}
			if err != nil {
				return err
			}
			if o.ID == "" {
				o = access.Organization{Name: b.name(), Description: "d", State: access.Proposed}
			}
			_, err = ed.SaveOrganization(ctx, admin.Connecting{Organization: o, New: []access.Directory{provider}, Sure: true})
			return err
		})
		if !b.try(true, func(ctx context.Context, ed *admin.Editor) (err error) {
			provider, err = ed.Vouch(ctx, name)
			return err
		}) {
			continue
		}
		b.completes(access.Identity{Directory: provider.ID, Subject: "at the provider", Email: addresses[0],
			EmailTrusted: true})
	}
}

// signInDirectory is where people of the directory sign in: the provider that has replaced
// its passcodes.
func (b *installation) signInDirectory(id access.DirectoryID) access.DirectoryID {
	if d, err := b.store.Directory(context.Background(), id); err == nil && d.Successor != "" {
		return d.Successor
	}
	return id
}

// completes signs somebody in.
func (b *installation) completes(id access.Identity) {
	b.number++
	a, err := b.signIn.Complete(context.Background(), lifecycle.CompletedSignIn{Tenant: b.tenant.ID, Identity: id,
		Session: access.Session{Key: fmt.Sprint("session", b.number)}})
	if err != nil {
		b.t.Fatal(err)
	}
	p, ok, err := b.store.PersonOf(context.Background(), b.tenant.ID, a.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	if ok && !slices.Contains(b.people, p.ID) {
		b.people = append(b.people, p.ID)
	}
}

func (b *installation) addCatalogs() {
	for range 3 {
		c := access.Catalog{Name: b.name(), Description: b.text(), Published: b.chance(.8), External: b.chance(.7)}
		var id access.CatalogID
		if !b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			made, err := ed.SaveCatalog(ctx, c)
			id = made.ID
			return err
		}) {
			continue
		}
		b.catalogs = append(b.catalogs, id)
	}
	for range 5 {
		c, entries := one(b, b.catalogs), some(b, b.entries, 3)
		b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.AddResources(ctx, c, entries) })
	}
}

func (b *installation) addPackages() {
	ctx := context.Background()
	for range 4 {
		c := one(b, b.catalogs)
		n := admin.NewPackage{Package: access.Package{Catalog: c, Name: b.name(), Description: b.text(),
			Hidden: b.chance(.3)}, Policy: b.policy()}
		if c != "" {
			offered, err := b.store.CatalogResourceRoles(ctx, b.tenant.ID, c)
			if err != nil {
				b.t.Fatal(err)
			}
			for _, x := range some(b, offered, 3) {
				n.Roles = append(n.Roles, x.Role.ID)
			}
		}
		for _, id := range some(b, b.entries, 1) {
			e, err := b.store.Entry(ctx, b.tenant.ID, id)
			if err != nil {
				b.t.Fatal(err)
			}
			n.Entries = append(n.Entries, admin.EntryRole{Entry: id, Role: one(b, e.Roles)})
		}
		var id access.PackageID
		if !b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			made, err := ed.CreatePackage(ctx, n)
			id = made.ID
			return err
		}) {
			continue
		}
		b.packages = append(b.packages, id)
	}
	for range 6 {
		p := b.policy()
		p.Package = one(b, b.packages)
		var id access.PolicyID
		if !b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			made, err := ed.SavePolicy(ctx, p)
			id = made.ID
			return err
		}) {
			continue
		}
		b.policies = append(b.policies, id)
	}
}

// policy is a policy with every kind of setting.
func (b *installation) policy() access.Policy {
	p := access.Policy{Name: b.name(), Description: b.text(), Scope: one(b, access.Scopes()), Enabled: b.chance(.6)}
	switch p.Scope {
	case access.ScopeSpecificUsers:
		p.Targets = some(b, b.peopleAndGroups(), 3)
	case access.ScopeSpecificOrgs:
		for _, o := range some(b, b.orgs, 3) {
			p.Targets = append(p.Targets, access.SubjectRef{Kind: access.SubjectOrganization, ID: string(o)})
		}
	default:
	}
	for range b.rand.IntN(access.MaxStages + 1) {
		p.Stages = append(p.Stages, access.Stage{Days: 1 + b.rand.IntN(access.MaxStageDays), RequireReason: b.chance(.5),
			Approvers: append(some(b, b.peopleAndGroups(), 3), one(b, b.peopleAndGroups()))})
	}
	p.Expiration = one(b, []access.Expiration{{Kind: access.NoExpiration},
		{Kind: access.AfterDuration, Days: 1 + b.rand.IntN(access.MaxAssignmentDays)},
		{Kind: access.AfterDuration, Hours: 1 + b.rand.IntN(50)},
		{Kind: access.AfterDate, End: b.clock.Now().UnixMilli() + b.rand.Int64N(4e9)}})
	p.RequireJustification, p.CustomSchedule, p.SuppressNotifications = b.chance(.5), b.chance(.5), b.chance(.5)
	p.ShowApprovers = one(b, []access.Inheritable{"", access.Inherit, access.Yes, access.No})
	for i := range b.rand.IntN(3) {
		p.Questions = append(p.Questions, b.question(i))
	}
	return p
}

func (b *installation) question(i int) access.Question {
	translations := func() access.Localized {
		if b.chance(.5) {
			return nil
		}
		return access.Localized{"no": b.name(), "pt-br": b.text(), "zh-hant": "\u7e41"}
	}
	q := access.Question{ID: access.QuestionID(fmt.Sprintf("%s%d", one(b, []string{"q", "no", "1e"}), i)), Text: b.text(),
		Localized: translations(), Required: b.chance(.5),
		Kind: one(b, []access.QuestionKind{access.ShortText, access.LongText, access.MultipleChoice})}
	if q.Kind == access.MultipleChoice {
		q.AllowsMultiple = b.chance(.5)
		for _, value := range unrepeated([]string{b.name(), b.name(), "1"}) {
			q.Choices = append(q.Choices, access.Choice{Value: value, Text: b.name(), Localized: translations()})
		}
		return q
	}
	if b.chance(.5) {
		q.Pattern, q.PatternMessage, q.PatternLocalized = one(b, []string{"PO-[0-9]{6}", `\d+`, "no", "\\Q*\\E", "( x )"}),
			b.text(), translations()
	}
	return q
}

// mergePeople merges some people into others: the administrator proposes it, and a second
// global administrator confirms it.
func (b *installation) mergePeople() {
	second := b.signsIn(b.tenant.Directory, fmt.Sprintf("deputy%d@%s", b.number, b.tenant.Domains[0]), true)
	if !b.try(false, func(ctx context.Context, ed *admin.Editor) error {
		return ed.AssignRole(ctx, access.RoleAssignment{Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(second.ID)}})
	}) {
		return
	}
	for range 8 {
		f := admin.MergeForm{From: one(b, b.people), Into: one(b, b.people), Reason: "Twice"}
		if f.From == b.admin.ID {
			continue
		}
		var m access.MergeProposal
		if b.try(false, func(ctx context.Context, ed *admin.Editor) (err error) {
			m, err = ed.ProposeMerge(ctx, f)
			return err
		}) {
			_, err := b.use.ConfirmMerge(context.Background(), second, m.ID)
			b.count(err)
		}
	}
}

func (b *installation) assignRoles() {
	for range 5 {
		r := access.RoleAssignment{Role: one(b, access.AdminRoles()), Subject: one(b, b.peopleAndGroups())}
		if r.Role.PerCatalog() {
			r.Catalog = one(b, b.catalogs)
		}
		b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.AssignRole(ctx, r) })
	}
}

// loseDirectory connects an organization, now and then, and deletes its only directory.
func (b *installation) loseDirectory() {
	if b.chance(.6) {
		return
	}
	d := b.provider()
	d.ID = access.DirectoryID(fmt.Sprintf("019cafe0-0000-7000-8000-%012d", b.number))
	w := admin.Connecting{Organization: access.Organization{Name: b.name(), Description: b.name(), State: access.Proposed},
		New: []access.Directory{d}}
	b.try(false, func(ctx context.Context, ed *admin.Editor) error {
		if _, err := ed.SaveOrganization(ctx, w); err != nil {
			return err
		}
		return ed.DeleteDirectory(ctx, d.ID)
	})
}

// disturb changes what other things depend on: a group loses its members, a catalog is
// closed, an organization or a directory is deleted.
func (b *installation) disturb() {
	if c := one(b, b.catalogs); c != "" {
		name, external, published := b.name(), b.chance(.5), b.chance(.7)
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			stored, err := ed.Reader().Catalog(ctx, b.tenant.ID, c)
			if stored.Name, stored.External, stored.Published = name, external, published; err != nil {
				return err
			}
			_, err = ed.SaveCatalog(ctx, stored)
			return err
		})
	}
	if g := one(b, b.groups); g != "" && b.chance(.5) {
		members, err := b.store.MembersOf(context.Background(), b.tenant.ID, g, store.GroupMember)
		if err != nil {
			b.t.Fatal(err)
		}
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			return ed.SetMembers(ctx, access.Membership{Entry: g, Role: store.GroupMember}, members, false)
		})
	}
	if o := one(b, b.orgs); o != "" && b.chance(.5) {
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			stored, err := ed.Reader().Organization(ctx, b.tenant.ID, o)
			if err != nil {
				return err
			}
			return ed.DeleteOrganization(ctx, o, stored.Version)
		})
	}
	b.loseDirectory()
	if d := one(b, b.ownDirectories()); d != "" && b.chance(.4) {
		b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.DeleteDirectory(ctx, d) })
	}
	if p := one(b, b.packages); p != "" && b.chance(.4) {
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			_, err := ed.DuplicatePackage(ctx, p)
			return err
		})
	}
	if p := one(b, b.packages); p != "" && b.chance(.3) {
		b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.DeletePackage(ctx, p) })
	}
	if p := one(b, b.policies); p != "" {
		on := b.chance(.5)
		b.try(false, func(ctx context.Context, ed *admin.Editor) error { return ed.EnablePolicy(ctx, p, on) })
	}
	if e := one(b, b.entries); e != "" {
		name := strings.ToUpper(b.name())
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			stored, err := ed.Reader().Entry(ctx, b.tenant.ID, e)
			if stored.Name = name; err != nil {
				return err
			}
			owners, err := ed.Reader().EntryOwners(ctx, b.tenant.ID, e)
			if err == nil {
				_, err = ed.SaveEntry(ctx, stored, owners)
			}
			return err
		})
	}
}
