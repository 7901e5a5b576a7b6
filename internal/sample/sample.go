// Package sample fills a database with a realistic installation of a chosen
// size: people in groups, partners, catalogs with access packages and policies,
// assignments in every state, and years of requests with their decisions and
// histories. The same seed makes the same installation.
//
// It is for trying and measuring the product at full size, and for tests. Rows
// are written in bulk, bypassing the use cases, but they are consistent: every
// history is a legal path, every grant belongs to an assignment in force, and
// every search word is present.
package sample

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Size is the number of rows of each kind.
type Size struct {
	People, Groups, Organizations, Catalogs, Packages, Policies, Assignments, Requests int
}

// Full is the size at which the product must still be fast.
func Full() Size {
	return Size{People: 50_000, Groups: 2_500, Organizations: 2_500, Catalogs: 7_500, Packages: 20_000, Policies: 25_000,
		Assignments: 300_000, Requests: 1_000_000}
}

// Scale multiplies the size by f, with a minimum for each kind.
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
	// Domain is the new tenant's domain, Issuer its OpenID Provider.
	Domain access.Domain
	Issuer string
	// Progress reports what is being written; may be nil.
	Progress func(m access.Message, args ...any)
}

// generator is the state of one run of Write.
type generator struct {
	Config
	ctx  context.Context
	tx   *store.Tx
	rand *rand.Rand
	now  time.Time

	tenant           access.Tenant
	target           access.TargetID
	people           []personRef
	groups           []access.EntryID
	orgs             []partner
	catalogs         []access.Catalog
	resources        []resource
	catalogResources [][]int // indexes in resources, per catalog
	packages         []packageRef
	roles            map[access.ResourceRoleID]entryRole // of every resource; filled on first use

	held, granted, waiting map[string]bool // packages and roles by person
}

// personRef is a person with what later steps need.
type personRef struct {
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
	id        access.ResourceID
	entry     access.EntryID
	name      string
	roles     []access.ResourceRoleID
	roleNames []string
}

type packageRef struct {
	id       access.PackageID
	catalog  access.CatalogID
	policies []access.Policy
	roles    []access.ResourceRoleID
}

// batchRows is the number of assignments or requests per transaction.
const batchRows = 50_000

// Write fills the database, which must be empty. At full size it takes minutes.
func Write(ctx context.Context, c Config) (access.Tenant, error) {
	if c.Progress == nil {
		c.Progress = func(access.Message, ...any) {}
	}
	m := &generator{Config: c, ctx: ctx, rand: rand.New(rand.NewPCG(c.Seed, 1)),
		held: map[string]bool{}, granted: map[string]bool{}, waiting: map[string]bool{}}
	if err := m.checkEmpty(); err != nil {
		return m.tenant, err
	}
	for _, step := range []struct {
		progress access.Message
		do       func() error
	}{
		{"Writing the organization…", m.writeTenant}, {"Writing people…", m.writePeople},
		{"Writing groups…", m.writeGroups}, {"Writing connected organizations…", m.writePartners},
		{"Writing guests…", m.writeGuests}, {"Writing catalogs and resources…", m.writeCatalogs},
		{"Writing access packages and policies…", m.writePackages},
	} {
		m.Progress(step.progress)
		if err := m.inTransaction(step.do); err != nil {
			return m.tenant, err
		}
	}
	if err := m.writeBatches("Writing assignments from %d of %d…", m.Size.Assignments, 900,
		m.writeAssignments); err != nil {
		return m.tenant, err
	}
	if err := m.writeBatches("Writing requests from %d of %d…", m.Size.Requests-m.Size.Assignments, 1200,
		m.writeRequests); err != nil {
		return m.tenant, err
	}
	return m.tenant, c.Store.Analyze(ctx)
}

// checkEmpty refuses a database that has a tenant.
func (m *generator) checkEmpty() error {
	all, err := m.Store.Directories(m.ctx, "")
	if err == nil && len(all) > 0 {
		err = access.Refuse(access.Conflict, "This database isn't empty. Use a new one for a sample.")
	}
	return err
}

func (m *generator) inTransaction(do func() error) error {
	return m.Store.BulkWrite(m.ctx, func(tx *store.Tx) error {
		if m.tx = tx; m.now.IsZero() {
			m.now = tx.Now
		}
		return do()
	})
}

// writeBatches calls do for n rows of the last days in transactions of
// batchRows rows, oldest first, so that most index entries are appended. progress is a format
// for the number of the first row and n.
func (m *generator) writeBatches(progress access.Message, n, days int, do func(first int, at []time.Time) error) error {
	all := make([]time.Time, max(0, n))
	for i := range all {
		all[i] = m.pastTime(days)
	}
	slices.SortFunc(all, time.Time.Compare)
	first := 0
	for at := range slices.Chunk(all, batchRows) {
		m.Progress(progress, first+1, n)
		if err := m.inTransaction(func() error { return do(first, at) }); err != nil {
			return err
		}
		first += len(at)
	}
	return nil
}

// id returns a UUID version 7 for the time at, from the seed.
func (m *generator) id(at time.Time) string {
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

// pastTime returns a time up to days ago; recent ones are more likely.
func (m *generator) pastTime(days int) time.Time {
	back := m.rand.Float64() * m.rand.Float64() * float64(days) * 24 * float64(time.Hour)
	return m.now.Add(-time.Duration(back)).Truncate(time.Millisecond)
}

// pick returns a random element.
func pick[T any](m *generator, all []T) T { return all[m.rand.IntN(len(all))] }

// chance returns true with probability p.
func (m *generator) chance(p float64) bool { return m.rand.Float64() < p }

// writeWords writes the search words of an object.
func (m *generator) writeWords(b *store.Bulk, kind, id string, texts ...string) error {
	for _, w := range store.Words(texts...) {
		if err := b.Add(m.ctx, m.tenant.ID, kind, w, id); err != nil {
			return err
		}
	}
	return nil
}

func (m *generator) wordTable() *store.Bulk {
	return m.tx.Bulk("search_word", "tenant_id", "kind", "word", "object_id")
}

// flush writes the buffered rows of each table.
func (m *generator) flush(all ...*store.Bulk) error {
	for _, b := range all {
		if err := b.Flush(m.ctx); err != nil {
			return err
		}
	}
	return nil
}

// writeTenant writes the tenant, its directory, its built-in target and an
// administrator.
func (m *generator) writeTenant() error {
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
