// Package sample fills a database with an installation of a chosen size that
// one can believe in: people in groups, partners, catalogs with access packages
// and policies, assignments in every state, and the requests of years with
// their decisions and histories. The same seed makes the same installation.
//
// It is for trying the product at full size, for measuring it, and for tests.
// Rows are written in bulk, and what the tables promise one another holds: every
// history is a legal path, every grant belongs to an assignment in force, every
// word by which something is found is there.
package sample

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Size is how many of each thing there are.
type Size struct {
	People, Groups, Organizations, Catalogs, Packages, Policies, Assignments, Requests int
}

// Full is the size that the product is to be fast at (security.md 4.2).
func Full() Size {
	return Size{People: 50_000, Groups: 2_500, Organizations: 2_500, Catalogs: 7_500, Packages: 20_000, Policies: 25_000,
		Assignments: 300_000, Requests: 1_000_000}
}

// Scale is the size times f, and at least one of each.
func (s Size) Scale(f float64) Size {
	for _, n := range []*int{&s.People, &s.Groups, &s.Organizations, &s.Catalogs, &s.Packages, &s.Policies, &s.Assignments,
		&s.Requests} {
		*n = max(1, int(float64(*n)*f))
	}
	s.People, s.Policies = max(s.People, 20), max(s.Policies, s.Packages)
	return s
}

// Config says what to write.
type Config struct {
	Store *store.Store
	Size  Size
	Seed  uint64
	// Domain is that of the tenant, which must not exist yet; Issuer its
	// OpenID Provider.
	Domain access.Domain
	Issuer string
	// Progress is told what is being written; it may be nil.
	Progress func(format string, args ...any)
}

// maker is one run.
type maker struct {
	Config
	ctx  context.Context
	tx   *store.Tx
	rand *rand.Rand
	now  time.Time

	tenant    access.Tenant
	target    access.TargetID
	people    []someone
	groups    []access.EntryID
	orgs      []partner
	catalogs  []access.Catalog
	resources []resource
	listed    [][]int // the resources of each catalog, by their places
	packages  []pack
	roles     map[access.ResourceRoleID]place // of every resource, made when first asked

	held, granted, waiting map[string]bool // packages and roles by person
}

// someone is a person as far as the rest needs to know.
type someone struct {
	id     access.PersonID
	guest  bool
	domain access.Domain
}

type partner struct {
	id     access.OrganizationID
	dir    access.DirectoryID
	domain access.Domain
	name   string
}

type resource struct {
	id    access.ResourceID
	entry access.EntryID
	name  string
	roles []access.ResourceRoleID
	names []string
}

type pack struct {
	id       access.PackageID
	catalog  access.CatalogID
	policies []access.Policy
	roles    []access.ResourceRoleID
}

// portion is how many assignments or requests a transaction writes.
const portion = 50_000

// Write fills the database, which takes minutes at full size and must be empty.
func Write(ctx context.Context, c Config) (access.Tenant, error) {
	if c.Progress == nil {
		c.Progress = func(string, ...any) {}
	}
	m := &maker{Config: c, ctx: ctx, rand: rand.New(rand.NewPCG(c.Seed, 1)),
		held: map[string]bool{}, granted: map[string]bool{}, waiting: map[string]bool{}}
	if err := m.empty(); err != nil {
		return m.tenant, err
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"the tenant", m.found}, {"people", m.makePeople}, {"groups", m.makeGroups}, {"connected organizations",
			m.makePartners},
		{"guests", m.makeGuests}, {"catalogs and resources", m.makeCatalogs}, {"access packages and policies",
			m.makePackages},
	} {
		m.Progress("%s …", step.what)
		if err := m.write(step.do); err != nil {
			return m.tenant, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if err := m.portions("assignments", m.Size.Assignments, 900, m.makeAssignments); err != nil {
		return m.tenant, err
	}
	if err := m.portions("requests", m.Size.Requests-m.Size.Assignments, 1200, m.makeRequests); err != nil {
		return m.tenant, err
	}
	return m.tenant, c.Store.Analyze(ctx)
}

// empty refuses a database that somebody uses already.
func (m *maker) empty() error {
	all, err := m.Store.Directories(m.ctx, "")
	if err == nil && len(all) > 0 {
		err = access.Refuse(access.Conflict, "This database is not empty: a sample is written into a new one only.")
	}
	return err
}

func (m *maker) write(do func() error) error {
	return m.Store.BulkWrite(m.ctx, func(tx *store.Tx) error {
		if m.tx = tx; m.now.IsZero() {
			m.now = tx.Now
		}
		return do()
	})
}

// portions lets n things be made that came about in the last days, the oldest
// first, so that what is written goes to the end of most indexes.
func (m *maker) portions(what string, n, days int, do func(first int, at []time.Time) error) error {
	all := make([]time.Time, max(0, n))
	for i := range all {
		all[i] = m.past(days)
	}
	slices.SortFunc(all, time.Time.Compare)
	first := 0
	for at := range slices.Chunk(all, portion) {
		m.Progress("%s from %d on, of %d …", what, first+1, n)
		if err := m.write(func() error { return do(first, at) }); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		first += len(at)
	}
	return nil
}

// id is an identifier of a thing made at at (UUID version 7), from the seed.
func (m *maker) id(at time.Time) string {
	var u uuid.UUID
	ms := at.UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	for i := 6; i < 16; i++ {
		u[i] = byte(m.rand.Uint32())
	}
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80
	return u.String()
}

// past is a moment up to days ago; more recent ones are likelier.
func (m *maker) past(days int) time.Time {
	back := m.rand.Float64() * m.rand.Float64() * float64(days) * 24 * float64(time.Hour)
	return m.now.Add(-time.Duration(back)).Truncate(time.Millisecond)
}

// pick is one of the list.
func pick[T any](m *maker, all []T) T { return all[m.rand.IntN(len(all))] }

// chance is true with the probability p.
func (m *maker) chance(p float64) bool { return m.rand.Float64() < p }

// words writes the words by which a thing is found.
func (m *maker) words(b *store.Bulk, kind, id string, texts ...string) error {
	for _, w := range store.Words(texts...) {
		if err := b.Add(m.ctx, m.tenant.ID, kind, w, id); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) wordTable() *store.Bulk {
	return m.tx.Bulk("search_word", "tenant_id", "kind", "word", "object_id")
}

// flush writes what waits in each.
func (m *maker) flush(all ...*store.Bulk) error {
	for _, b := range all {
		if err := b.Flush(m.ctx); err != nil {
			return err
		}
	}
	return nil
}

// found makes the tenant, its directory, its built-in target and an
// administrator.
func (m *maker) found() error {
	dir := access.Directory{ID: access.DirectoryID(m.id(m.now)), Kind: access.DirectoryOpenID, Name: "Meridian Works",
		Issuer: m.Issuer, ClientID: "myaccess",
		ClientSecret: "secret", AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"profile", "email"},
		Domains: []access.Domain{m.Domain}, Enabled: true}
	if err := m.tx.SaveDirectory(m.ctx, dir, access.VerifiedByOperator); err != nil {
		return err
	}
	m.tenant = access.Tenant{ID: access.TenantID(m.id(m.now)), Directory: dir.ID, Name: dir.Name, Domains: dir.Domains,
		Settings: access.DefaultSettings()}
	if err := m.tx.SaveTenant(m.ctx, m.tenant); err != nil {
		return err
	}
	m.target = access.TargetID(m.id(m.now))
	return m.tx.SaveTarget(m.ctx, access.Target{ID: m.target, Tenant: m.tenant.ID, Name: "Built-in directory",
		Kind: access.TargetBuiltIn})
}
