package workspace_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/plain"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// installation builds a random installation through the use cases of the pages. What they
// refuse is left out.
type installation struct {
	t      *testing.T
	rand   *rand.Rand
	store  *store.Store
	clock  *storetest.Clock
	use    *admin.Admin
	signIn *lifecycle.SignIns

	accepted, refused int
	number            int // makes domains and ids unique

	tenant access.Tenant
	admin  access.Person // the tenant's first global administrator
	// What the tenant has, by id.
	people   []access.PersonID
	groups   []access.EntryID
	entries  []access.EntryID
	dirs     []access.DirectoryID
	orgs     []access.OrganizationID
	catalogs []access.CatalogID
	packages []access.PackageID
	policies []access.PolicyID
}

// newInstallation builds the installation of a seed.
func newInstallation(t *testing.T, seed uint64) *installation {
	t.Helper()
	c := storetest.NewClock()
	s := storetest.Open(t, storetest.Migrated()["sqlite"](t), c.Now, storetest.RunOnce)
	b := &installation{t: t, rand: rand.New(rand.NewPCG(seed, 11)), store: s, clock: c,
		use: admin.New(admin.Config{Store: s}), signIn: lifecycle.New(lifecycle.Config{Store: s}).SignIns}
	hosts := b.sharedDirectories()
	for i := range 1 + b.rand.IntN(2) {
		b.addTenant(hosts[i])
	}
	c.Advance(time.Duration(b.rand.IntN(40)) * 24 * time.Hour) // the ends of some policies pass
	return b
}

// try runs a use case: as the operator, or as the tenant's administrator. A refusal is
// counted.
func (b *installation) try(operator bool, f func(ctx context.Context, ed *admin.Editor) error) bool {
	b.t.Helper()
	ctx := context.Background()
	by := admin.ByPerson(b.admin)
	if operator {
		by = admin.ByOperator()
	}
	_, err := b.use.Apply(ctx, by, func(ed *admin.Editor) error {
		if operator && b.tenant.ID != "" {
			var err error
			if ed, err = ed.In(b.tenant.ID); err != nil {
				return err
			}
		}
		return f(ctx, ed)
	})
	return b.count(err)
}

// count counts a refusal, and fails the test on any other error.
func (b *installation) count(err error) bool {
	b.t.Helper()
	switch access.KindOf(err) {
	case access.Invalid, access.Conflict, access.NotFound, access.Forbidden:
	default:
		if err != nil {
			b.t.Fatal(err)
		}
	}
	if err != nil {
		b.refused++
		return false
	}
	b.accepted++
	return true
}

func (b *installation) chance(p float64) bool { return b.rand.Float64() < p }

// one is a random element of all; the zero value if there are none.
func one[T any](b *installation, all []T) (x T) {
	if len(all) == 0 {
		return x
	}
	return all[b.rand.IntN(len(all))]
}

// some are random elements of all, perhaps none.
func some[T any](b *installation, all []T, most int) (out []T) {
	for range b.rand.IntN(most + 1) {
		if len(all) > 0 {
			out = append(out, one(b, all))
		}
	}
	return out
}

// name is a name, most often one that YAML, sorting or people could take for something else,
// as the pages read it (C37).
func (b *installation) name() string {
	odd := []string{"no", "Yes", "1e3", "~", "null", "0x1F", "1_000", "12:30:45", "2026-03-01", "<<", "=", "- x", "? a",
		"a: b", "# c", "'q'", `"dq"`, "{a}", "[b]", "&a", "*b", "!t", "%d", "@at", "`bt`", " lead", "trail ", "  both  ",
		"a\u0308", "\u00e4", "\U0001F389 party", "\u05e9\u05dc\u05d5\u05dd", "\u202eover", "\ufeffbom", "a\u2028b",
		"zero\u200bwidth",
		"\uff21wide", "stra\u00dfe", "STRASSE", "\u0130stanbul", "\u00a0nbsp", "true", "off", ".inf", "0o17", "+1", "1.",
		`\back\`,
		"a|b", "> f", "%YAML", "---", "...", "a  b", "A B", "\u00e4 \u00fc", strings.Repeat("x", access.MaxNameLength),
		strings.Repeat("\u00e9", access.MaxNameLength), "019cafe0-0000-7000-8000-000000000000", "a@b.example", "null: ~",
		"\\n",
		"y", "N", "ON", "1:1", "0", "-0", "1e-3", "0b1", "!!str x", ": ", " #"}
	if b.chance(.4) {
		return plain.Text(one(b, odd))
	}
	return fmt.Sprintf("%s %d", one(b, []string{"Tidal", "Quay", "Board", "Ledger", "Harbour", "Sales"}), b.rand.IntN(40))
}

// text is a description, as the pages read it.
func (b *installation) text() string {
	odd := []string{"one\ntwo", "\nlead", "trail\n", "a\r\nb", "\ttab", "  indented\n first", "a\n\n\nb\n", "# c\n- d",
		" ",
		strings.Repeat("long ", 190), "x\u2028y", "a \nb ", "\n\n", "tab\t\nend", "\ufeff", "| \n> ", "\u0001",
		"---\na: b\n...\n"}
	if b.chance(.3) {
		return plain.Text(one(b, odd))
	}
	return b.name()
}

// domain is a new domain; now and then one where everybody can get an address.
func (b *installation) domain() access.Domain {
	b.number++
	if b.chance(.05) {
		return one(b, []access.Domain{"gmail.com", "gmx.net", "outlook.com"})
	}
	return access.Domain(fmt.Sprintf("d%d.example", b.number))
}

// provider is a directory with a provider.
func (b *installation) provider() access.Directory {
	b.number++
	d := access.Directory{Kind: access.DirectoryOpenID, Name: b.name(), Enabled: true,
		Issuer: fmt.Sprintf("https://id%d.example/%d", b.number, b.rand.IntN(3)), ClientID: b.name(), ClientSecret: b.name(),
		AuthStyle: one(b, []access.AuthStyle{access.AuthBasic, access.AuthPost, access.AuthNone}), HintStyle: one(b,
			access.HintStyles()), EmailClaim: one(b, []string{"", "mail"}), NameClaim: one(b, []string{"", "nickname"})}
	if b.chance(.5) {
		d.Scopes = one(b, [][]string{{}, {"profile"}, {"email", "profile", "groups"}, {"no", "~"}})
	}
	if b.chance(.3) {
		d.TenantClaim, d.TenantValue = b.name(), b.name()
	}
	if d.TrustAddresses = b.chance(.3); b.chance(.3) {
		d.GuestClaim, d.GuestValues = b.name(), []string{"1", access.AnyValue}[:1+b.rand.IntN(2)]
	}
	if b.chance(.3) {
		d.ConfirmedHosts = []string{"keys.example.org", "login.example.net"}[:1+b.rand.IntN(2)]
	}
	for range b.rand.IntN(3) {
		d.Domains = append(d.Domains, b.domain())
	}
	if d.HintStyle != access.HintNone && b.chance(.5) {
		d.HintValue = one(b, []string{"", "ldap", "no", "a: b"})
		for _, name := range d.Domains {
			d.HintValues = map[access.Domain]string{name: b.name()}
		}
	}
	return d
}

// sharedDirectories adds directories of the installation.
func (b *installation) sharedDirectories() (all []access.DirectoryID) {
	for len(all) < 4 {
		d := b.provider()
		d.Enabled = b.chance(.9)
		d.Domains = append(d.Domains, b.domain())
		var id access.DirectoryID
		if !b.try(true, func(ctx context.Context, ed *admin.Editor) error {
			made, err := ed.SaveInstallationDirectory(ctx, d)
			id = made.ID
			return err
		}) {
			continue
		}
		all = append(all, id)
	}
	return all
}

// addTenant adds a tenant with its contents.
func (b *installation) addTenant(host access.DirectoryID) {
	ctx := context.Background()
	all, err := b.store.Directories(ctx, "")
	if err != nil {
		b.t.Fatal(err)
	}
	*b = installation{t: b.t, rand: b.rand, store: b.store, clock: b.clock, use: b.use, signIn: b.signIn,
		accepted: b.accepted, refused: b.refused, number: b.number}
	for _, d := range all {
		if d.ID == host {
			b.tenant = access.Tenant{Directory: host, Domains: d.Domains, Settings: access.DefaultSettings()}
		} else {
			b.dirs = append(b.dirs, d.ID)
		}
	}
	wanted := b.tenant
	for b.tenant.ID == "" {
		wanted.Name = b.name()
		_, err := b.use.Apply(ctx, admin.ByOperator(), func(ed *admin.Editor) error {
			made, err := ed.SaveTenant(ctx, wanted)
			if err == nil {
				b.tenant = made
			}
			return err
		})
		if err != nil {
			b.tenant.ID = ""
		}
	}
	b.firstAdministrator()
	for range 2 {
		b.saveSettings()
		b.connectOrganizations()
		b.changeDirectories()
		b.addPeople()
		b.replacePasscodes()
		b.addEntries()
		b.addCatalogs()
		b.addPackages()
		b.assignRoles()
		b.mergePeople()
		b.disturb()
	}
}

// firstAdministrator signs in a member with a setup link.
func (b *installation) firstAdministrator() {
	ctx := context.Background()
	if !b.try(true, func(ctx context.Context, ed *admin.Editor) error {
		d, err := ed.Reader().Directory(ctx, b.tenant.Directory)
		d.Enabled = true
		if err == nil {
			_, err = ed.SaveInstallationDirectory(ctx, d)
		}
		return err
	}) {
		b.t.Fatal("the tenant's directory cannot be switched on")
	}
	b.admin = b.signsIn(b.tenant.Directory, "boss@"+string(b.tenant.Domains[0]), true)
	if err := b.use.Setup.Invite(ctx, b.tenant.ID, fmt.Sprint("key", b.tenant.ID)); err != nil {
		b.t.Fatal(err)
	}
	if err := b.use.Setup.Claim(ctx, fmt.Sprint("key", b.tenant.ID), b.admin); err != nil {
		b.t.Fatal(err)
	}
}

// signsIn signs somebody in at the directory: with the address, which is verified there
// or not.
func (b *installation) signsIn(dir access.DirectoryID, address string, trusted bool) access.Person {
	ctx := context.Background()
	dir = b.signInDirectory(dir)
	b.number++
	a, err := b.signIn.Complete(ctx, lifecycle.CompletedSignIn{Tenant: b.tenant.ID,
		Identity: access.Identity{Directory: dir,
			Subject: fmt.Sprintf("%s-%d", one(b, []string{"s", "1e3", "no", "~"}), b.number),
			Name:    one(b, []string{"", b.name()}),
			Email:   address, EmailTrusted: trusted, Language: one(b, []string{"", "de", "de_DE", "no"})},
		Session: access.Session{Key: fmt.Sprint("session", b.number)}})
	if err != nil {
		b.t.Fatal(err)
	}
	p, ok, err := b.store.PersonOf(ctx, b.tenant.ID, a.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	if ok {
		b.people = append(b.people, p.ID)
	}
	return p
}

func (b *installation) saveSettings() {
	s := access.Settings{Language: one(b, []string{"en", "de", "", "no"}),
		TimeZone: one(b, []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia"}),
		GuestAction: one(b, []access.LifecycleAction{access.LifecycleNone, access.LifecycleBlock,
			access.LifecycleBlockAndDelete}), GuestDays: b.rand.IntN(50), DisabledDays: b.rand.IntN(50),
		DomainRule: one(b, []access.DomainRule{access.DomainsAny, access.DomainsAllow, access.DomainsDeny}),
		ResourceVisibility: one(b, []access.ResourceVisibility{access.ResourcesShownToNobody, access.ResourcesShownToMembers,
			access.ResourcesShownToAll}), ShowApprovers: b.chance(.5), SupportContact: strings.TrimSpace(b.text()),
		SenderName: b.name(), Passcode: b.chance(.7),
		SessionIdle: one(b, []time.Duration{0, time.Minute, 90 * time.Second, 8 * time.Hour, time.Second}),
		SessionLife: one(b, []time.Duration{0, time.Hour, 12 * time.Hour})}
	for range b.rand.IntN(3) {
		s.DomainList = append(s.DomainList, b.domain())
	}
	b.try(false, func(ctx context.Context, ed *admin.Editor) error {
		t, err := ed.Reader().Tenant(ctx, b.tenant.ID)
		if err != nil {
			return err
		}
		t.Settings = s
		return ed.SaveSettings(ctx, t)
	})
}

// address is a mail address of a directory that the tenant sees; sometimes of another, or
// none.
func (b *installation) address() string {
	ctx := context.Background()
	d, err := b.store.Directory(ctx, one(b, append(b.ownDirectories(), append(b.dirs, b.tenant.Directory)...)))
	if err != nil {
		b.t.Fatal(err)
	}
	b.number++
	local := one(b, []string{"ana", "No", "1e3", "x'y", "\u00e4", "~"})
	if len(d.Domains) == 0 || b.chance(.1) {
		return one(b, []string{"", "ana@elsewhere.example", "not an address", "ANA@" + string(b.tenant.Domains[0])})
	}
	return fmt.Sprintf("%s%d@%s", local, b.number, one(b, d.Domains))
}

func (b *installation) ownDirectories() (all []access.DirectoryID) {
	err := b.store.WalkDirectories(context.Background(), b.tenant.ID, store.ListQuery[store.DirectoryFilter]{},
		func(d access.Directory) error {
			all = append(all, d.ID)
			return nil
		})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func (b *installation) addPeople() {
	for range 4 {
		address, name := b.address(), b.name()
		var made access.Person
		if b.try(false, func(ctx context.Context, ed *admin.Editor) (err error) {
			made, err = ed.AddPerson(ctx, address, name)
			return err
		}) {
			b.people = append(b.people, made.ID)
		}
		b.signsIn(one(b, append(b.ownDirectories(), append(b.dirs, b.tenant.Directory)...)), b.address(), b.chance(.7))
	}
	for range 6 {
		id, manager, sponsors := one(b, b.people), one(b, b.people), some(b, b.people, 5)
		if b.chance(.5) {
			manager = ""
		}
		language, zone := one(b, []string{"", "en", "pt-BR", "no", "DE"}), one(b, []string{"", "Europe/Paris", "Asia/Tokyo"})
		attributes := map[string]string{}
		for range b.rand.IntN(4) {
			attributes[b.name()] = b.name()
		}
		name, disabled := b.name(), b.chance(.3)
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			p, err := ed.Reader().Person(ctx, b.tenant.ID, id)
			if err != nil {
				return err
			}
			p.Name, p.Language, p.TimeZone, p.Manager, p.Attributes = name, language, zone, manager, attributes
			p.Sponsors, p.Disabled = unrepeated(sponsors), disabled
			return ed.SavePerson(ctx, p)
		})
	}
	b.moveGuests()
	b.sponsorOrganizations()
}

func unrepeated[T comparable](all []T) (out []T) {
	for _, x := range all {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// moveGuests makes guests of people from outside, and blocks and removes some, as delivery
// does.
func (b *installation) moveGuests() {
	for _, id := range b.people {
		if b.chance(.4) {
			continue
		}
		governed, due := b.chance(.5), b.clock.Now().Add(time.Duration(b.rand.IntN(1e6))*time.Second)
		to := one(b, []access.GuestState{access.GuestActive, access.GuestBlocked, access.GuestRemoved})
		b.count(b.store.Write(context.Background(), func(tx *store.Tx) error {
			ctx := context.Background()
			p, err := tx.Person(ctx, b.tenant.ID, id)
			if err != nil || p.Kind == access.Member || p.Guest == to {
				return err
			}
			if p.Kind = access.Guest; p.Guest == access.GuestNone {
				p.Governed, to = governed, access.GuestActive
			}
			if to == access.GuestRemoved {
				p.Kind = access.External
			}
			if p.RemovalDue = (time.Time{}); to == access.GuestBlocked {
				p.RemovalDue = due
			}
			return tx.MoveGuest(ctx, p, to, "test")
		}))
	}
}

func (b *installation) addEntries() {
	for range 4 {
		e := access.Entry{Kind: one(b, access.ResourceKinds()), Name: b.name(), Description: b.text()}
		if b.chance(.5) {
			e.Link = one(b, []string{"https://x.example/?a=b#c", "http://y.example/%20"})
		}
		e.Roles = access.DefaultRoles(e.Kind)
		if b.chance(.5) {
			e.Roles = append([]string{b.name(), b.name()}, e.Roles...)
		}
		owners := some(b, b.people, 3)
		var id access.EntryID
		if !b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			made, err := ed.SaveEntry(ctx, e, owners)
			id = made.ID
			return err
		}) {
			continue
		}
		if b.entries = append(b.entries, id); e.IsGroup() {
			b.groups = append(b.groups, id)
		}
	}
	for range 8 {
		id, people, n, in := one(b, b.entries), some(b, b.people, 4), b.rand.IntN(8), b.chance(.85)
		b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			e, err := ed.Reader().Entry(ctx, b.tenant.ID, id)
			if err != nil {
				return err
			}
			return ed.SetMembers(ctx, access.Membership{Entry: id, Role: e.Roles[n%len(e.Roles)]}, people, in)
		})
	}
}

func (b *installation) connectOrganizations() {
	for range 3 {
		o := access.Organization{Name: b.name(), Description: b.text(),
			State:            one(b, []access.OrganizationState{access.Configured, access.Proposed}),
			Directories:      some(b, append(b.ownDirectories(), b.dirs...), 1),
			InternalSponsors: some(b, b.peopleAndGroups(), 3), ExternalSponsors: some(b, b.people, 2)}
		w := admin.Connecting{Organization: o, Sure: b.chance(.7)}
		if b.chance(.5) {
			d := b.provider()
			if shared, err := b.store.DirectoryName(context.Background(), one(b, b.dirs)); err == nil && b.chance(.3) {
				d.Name = shared
			}
			d.ID = access.DirectoryID(fmt.Sprintf("019cafe0-0000-7000-8000-%012d", b.number))
			w.New = append(w.New, d)
		}
		if b.chance(.4) {
			w.New = append(w.New, access.Directory{Kind: access.DirectoryPasscode, Name: one(b, []string{"", b.name()}),
				Domains: []access.Domain{b.domain()}})
		}
		if b.chance(.7) {
			w.ExternalSponsors = nil
		}
		if b.chance(.5) {
			w.InternalSponsors = b.members(w.InternalSponsors)
		}
		var id access.OrganizationID
		if !b.try(false, func(ctx context.Context, ed *admin.Editor) error {
			made, err := ed.SaveOrganization(ctx, w)
			id = made.ID
			return err
		}) {
			continue
		}
		b.orgs = append(b.orgs, id)
	}
}
