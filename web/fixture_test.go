package web

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/directory"
	"myaccess/internal/jobs/jobstest"
	"myaccess/internal/lang"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
	"myaccess/web/kit"
)

// This file and browser_test.go have the helpers of the tests: a portal with the
// real handler, use cases and database, and browsers in front of it. Only the
// provider is replaced: people are signed in by the use case that follows its
// answer.

const (
	address = "https://access.meridian.example"
	home    = "/@meridian.example"
)

// fixture is a portal over storetest.World. It also hosts Northlight, a tenant
// unrelated to Meridian Works.
type fixture struct {
	*storetest.World
	*lifecycle.Lifecycle
	Admin   *admin.Admin
	t       *testing.T
	clock   *storetest.Clock
	file    string // of the database; its address on PostgreSQL
	dumps   dumpCache
	config  kit.Config
	server  *kit.Server
	handler http.Handler
	people  map[string]access.Identity
	North   access.Tenant
	// provider is the address of the test provider. It answers discovery,
	// but no sign-in returns from it.
	provider   string
	statements atomic.Int64 // how many the store has executed
	full       atomic.Bool  // statements that insert fail because the disk is full
	refusing   atomic.Bool  // the target refuses every grant
	untouched  atomic.Bool  // the update of a session's last use fails for the same reason
	unreadable atomic.Bool  // every statement fails because the disk fails
	storageLog logText      // what the store has logged
	txt        txtRecords   // for the verification of domains
}

// logText collects a log.
type logText struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// count returns how often the text is in the log.
func (l *logText) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.all.String(), text)
}

// dumpCache reads the database for dump. It caches the last dump, because most
// requests that tests compare change nothing.
type dumpCache struct {
	db      *sql.DB // one connection, because data_version is per connection
	version string
	last    string
}

// txtRecords are TXT records by name.
type txtRecords map[string][]string

// LookupTXT implements admin.Resolver.
func (r txtRecords) LookupTXT(_ context.Context, name string) ([]string, error) {
	if len(r[name]) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return r[name], nil
}

// discardSender discards mails.
type discardSender struct{}

func (discardSender) Send(context.Context, mail.Envelope) error { return nil }

// refusingTarget is a target that refuses every grant while refusing is set.
type refusingTarget struct {
	connector.Connector
	refusing *atomic.Bool
}

// Grant implements connector.Connector.
func (r refusingTarget) Grant(ctx context.Context, c connector.Call) error {
	if r.refusing.Load() {
		return &connector.Error{Kind: connector.Denied, Reason: "The target refused it."}
	}
	return r.Connector.Grant(ctx, c)
}

func newPortal(t *testing.T) *fixture {
	t.Helper()
	return newPortalAt(t, address)
}

// newPortalAt returns a portal with the address, which may have a path.
func newPortalAt(t *testing.T, base string) *fixture {
	t.Helper()
	return newPortalOn(t, base, storetest.Migrated()["sqlite"](t))
}

// newPortalOn returns a portal with the address on a migrated database.
func newPortalOn(t *testing.T, base, database string) *fixture {
	t.Helper()
	p := &fixture{t: t, clock: storetest.NewClock(), txt: txtRecords{}, file: database}
	p.World = storetest.NewWorld(t, storetest.Open(t, p.file, p.clock.Now, func(c *store.Config) {
		c.Log = slog.New(slog.NewTextHandler(&p.storageLog, nil))
		c.Intercept = func(query string, _ []any) error {
			p.statements.Add(1)
			if p.unreadable.Load() {
				return sqldb.ErrIO
			}
			if p.full.Load() && strings.HasPrefix(query, "INSERT") ||
				p.untouched.Load() && strings.HasPrefix(query, "UPDATE session SET seen") {
				return sqldb.ErrFull
			}
			return nil
		}
	}))
	p.start(base)
	p.useTestProvider(&p.Harbor, "/harbor")
	p.addNorthlight()
	p.people = map[string]access.Identity{
		"mara": {Directory: p.Harbor.ID, Subject: "mara", Name: "Mara Lind", Email: "mara@harbor.example"},
		"pia":  {Directory: p.Harbor.ID, Subject: "pia", Name: "Pia Sand", Email: "pia@harbor-lab.example"},
		"zoe":  {Directory: p.Other.ID, Subject: "zoe", Name: "Zoe Elsewhere", Email: "zoe@elsewhere.example"},
		"noor": {Directory: p.North.Directory, Subject: "noor", Name: "Noor North", Email: "noor@northlight.example"},
		"lena": {Directory: p.Tenant.Directory, Subject: "lena@meridian.example", Name: "Lena Berg",
			Email: "lena@meridian.example"},
		"omar": {Directory: p.Tenant.Directory, Subject: "omar@meridian.example", Name: "Omar Haddad",
			Email: "omar@meridian.example"},
		"ida": {Directory: p.Tenant.Directory, Subject: "ida@meridian.example", Name: "Ida Falk",
			Email: "ida@meridian.example"},
	}
	return p
}

// start creates the use cases over the store, and the handler.
func (p *fixture) start(base string) {
	p.t.Helper()
	built := directory.New(p.Store, p.Entry)
	open := func(t access.Target) (connector.Connector, error) {
		c, err := built.Open(t)
		return refusingTarget{c, &p.refusing}, err
	}
	p.Lifecycle = lifecycle.New(lifecycle.Config{Store: p.Store, Sender: discardSender{}, BaseURL: base,
		Log:           slog.New(slog.DiscardHandler),
		Jitter:        func() float64 { return 0.5 },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: open})})
	p.Admin = admin.New(admin.Config{Store: p.Store, Resolver: p.txt, AllowLoopback: true})
	in, err := signin.New(signin.Config{Base: base, Network: outbound.Network{AllowLoopback: true}, Now: p.clock.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	p.config = kit.Config{Store: p.Reader, Lifecycle: p.Lifecycle, Admin: p.Admin, SignIn: in, Base: base,
		Secret: []byte(strings.Repeat("s", 32)),
		Now:    p.clock.Now, Log: slog.New(slog.DiscardHandler), Ready: p.Ping, Writable: p.Writable, Rate: 1e6}
	p.serve()
}

// serve creates the handler from the configuration.
func (p *fixture) serve() {
	p.t.Helper()
	var err error
	if p.server, err = kit.NewServer(p.config); err != nil {
		p.t.Fatal(err)
	}
	if p.handler, err = p.server.Handler(routes()); err != nil {
		p.t.Fatal(err)
	}
}

// useTestProvider sets the directory's issuer to the test provider, which only
// answers discovery.
func (p *fixture) useTestProvider(d *access.Directory, path string) {
	if p.provider == "" {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			issuer := p.provider + strings.TrimSuffix(r.URL.Path, "/.well-known/openid-configuration")
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": issuer, "authorization_endpoint": issuer + "/authorize",
				"token_endpoint": issuer + "/token",
				// the client may have closed the connection
				"jwks_uri": issuer + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
		}))
		p.t.Cleanup(s.Close)
		p.provider = s.URL
	}
	d.Issuer = p.provider + path
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveDirectory(ctx, *d, access.VerifiedByOperator)
	})
}

// addNorthlight adds the second tenant.
func (p *fixture) addNorthlight() {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		d := access.Directory{ID: access.DirectoryID(tx.NewID()), Kind: access.DirectoryOpenID, Name: "Northlight",
			Issuer: "https://login.northlight.example", ClientID: "myaccess",
			ClientSecret: "secret", AuthStyle: access.AuthBasic, HintStyle: access.HintNone,
			Domains: []access.Domain{"northlight.example"}, Enabled: true}
		p.North = access.Tenant{ID: access.TenantID(tx.NewID()), Directory: d.ID, Name: "Northlight",
			Settings: access.DefaultSettings(), Domains: d.Domains}
		if err := tx.SaveDirectory(ctx, d, access.VerifiedByOperator); err != nil {
			return err
		}
		return tx.SaveTenant(ctx, p.North)
	})
}

// addNorthlightPackage adds a package of Northlight that all its members can
// request.
func (p *fixture) addNorthlightPackage(name string) access.Package {
	var k access.Package
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		c := access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: p.North.ID, Name: "North", Published: true,
			External: true}
		k = access.Package{ID: access.PackageID(tx.NewID()), Tenant: p.North.ID, Catalog: c.ID, Name: name,
			Description: "Of the north"}
		o := access.Policy{ID: access.PolicyID(tx.NewID()), Tenant: p.North.ID, Package: k.ID, Name: "All",
			Scope: access.ScopeMembers, Enabled: true,
			Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}}
		for _, err := range []error{tx.SaveCatalog(ctx, c), tx.SavePackage(ctx, k), tx.SavePolicy(ctx, o)} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return k
}

// addAdministrator adds a member who is a global administrator.
func (p *fixture) addAdministrator(name string) {
	p.t.Helper()
	address := name + "@meridian.example"
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		who, err := p.NewMember(ctx, tx, strings.ToUpper(name[:1])+name[1:]+" Admin", address)
		if err != nil {
			return err
		}
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(who.ID)}})
	})
	p.people[name] = access.Identity{Directory: p.Tenant.Directory, Subject: address,
		Name: strings.ToUpper(name[:1]) + name[1:] + " Admin", Email: address}
}

// changeSettings changes the settings of Meridian Works.
func (p *fixture) changeSettings(change func(*access.Settings)) {
	change(&p.Tenant.Settings)
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, p.Tenant) })
}

// runJobs runs every job until none finds anything to do.
func (p *fixture) runJobs() {
	p.t.Helper()
	for done := 1; done > 0; {
		done = 0
		for _, j := range jobstest.List(p.Lifecycle) {
			n, err := j.Run(p.t.Context(), p.clock.Now())
			if err != nil {
				p.t.Fatalf("%s: %v", j.Name, err)
			}
			done += n
		}
		n, err := p.Admin.Imports.Work(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		done += n
	}
}

// advance moves the clock and runs the jobs.
func (p *fixture) advance(d time.Duration) {
	p.t.Helper()
	p.clock.Advance(d)
	p.runJobs()
}

// dump returns everything in the database but sessions, line by line.
func (p *fixture) dump() string {
	p.t.Helper()
	d := &p.dumps
	if d.db == nil {
		var err error
		if d.db, err = sql.Open("sqlite", "file:"+p.file+"?_pragma=query_only(1)"); err != nil {
			p.t.Fatal(err)
		}
		d.db.SetMaxOpenConns(1)
		p.t.Cleanup(func() { d.db.Close() })
	}
	db, version := d.db, firstColumn(p.t, d.db, `SELECT data_version FROM pragma_data_version`)[0]
	if d.last != "" && version == d.version {
		return d.last
	}
	var all strings.Builder
	for _, table := range firstColumn(p.t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'session'
		ORDER BY name`) {
		for _, c := range firstColumn(p.t, db,
			`SELECT group_concat('quote(' || name || ')', '||'',''||') FROM pragma_table_info('`+table+`')`) {
			for _, line := range firstColumn(p.t, db, `SELECT `+c+` FROM `+table+` ORDER BY 1`) {
				all.WriteString(table + ": " + line + "\n")
			}
		}
	}
	d.version, d.last = version, all.String()
	return d.last
}

func firstColumn(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// difference returns the lines of one dump that another does not have.
func difference(before, after string) string {
	var s strings.Builder
	known := map[string]bool{}
	for line := range strings.Lines(before) {
		known[line] = true
	}
	for line := range strings.Lines(after) {
		if !known[line] {
			s.WriteString("+ " + line)
		}
		delete(known, line)
	}
	for line := range known {
		s.WriteString("- " + line)
	}
	return s.String()
}

// usePseudoLanguage makes all pages print in the pseudo language.
func (p *fixture) usePseudoLanguage() {
	p.server.NewPrinter = func(string, *time.Location) *lang.Printer { return lang.Pseudo() }
}
