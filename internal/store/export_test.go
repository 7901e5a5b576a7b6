package store

import (
	"context"
	"database/sql"
	"io/fs"
	"maps"
	"strconv"
	"testing/fstest"
	"time"

	"myaccess/internal/store/sqldb"
)

// Pools are the pools of connections of a store that write and that read.
func (s *Store) Pools() (write, read *sql.DB) { return s.db.Pools() }

// Postgres reports whether the store is on PostgreSQL.
func (s *Store) Postgres() bool { return s.engine == sqldb.Postgres }

// AppendOnly are the tables whose rows never change.
func AppendOnly() []string { return appendOnly() }

// FillPolicyApprovers are the statements of the migration that copies approvers.
func (s *Store) FillPolicyApprovers() []string { return fillPolicyApprovers(s.engine) }

// AddOfferWords are the statements of the migration that adds offer_word.
func (s *Store) AddOfferWords() []string { return addOfferWords(s.engine) }

// FillMailDomains runs the migration that fills the domains of messages.
func (s *Store) FillMailDomains(ctx context.Context) error {
	return fillMailDomains(ctx, s.db.Writer())
}

// ReadClaim does the first half of ClaimMail. The function it returns does the
// second, as if that took long.
func (s *Store) ReadClaim(ctx context.Context, after string, lease time.Duration) func() (Mail, bool, error) {
	now := s.config.Now()
	next, ok, err := s.nextMail(ctx, now, after)
	return func() (Mail, bool, error) {
		if err != nil || !ok {
			return Mail{}, false, err
		}
		return s.leaseMail(ctx, next, now, lease)
	}
}

// MigrationChecksums are the checksums of the migrations by version.
func MigrationChecksums(e sqldb.Engine) (map[int64]string, error) {
	m, err := migrations()
	if err != nil {
		return nil, err
	}
	return m.Checksums(e)
}

// OpenOld opens the database at address as the program did whose last migration
// was version, and returns the connections that write.
func OpenOld(ctx context.Context, address string, version int64) (write *sql.DB, done func() error, err error) {
	m, err := migrations()
	if err != nil {
		return nil, nil, err
	}
	files := fstest.MapFS{}
	names, err := fs.Glob(m.Files, "*.sql")
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if n, err := strconv.ParseInt(name[:5], 10, 64); err != nil || n > version {
			continue
		}
		text, err := fs.ReadFile(m.Files, name)
		if err != nil {
			return nil, nil, err
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	maps.DeleteFunc(m.PerEngine, func(n int64, _ func(sqldb.Engine) []string) bool { return n > version })
	maps.DeleteFunc(m.Code, func(n int64, _ sqldb.CodeMigration) bool { return n > version })
	m.Files = files
	db, err := sqldb.Open(ctx, sqldb.Config{Address: address, Migrations: m})
	if err != nil {
		return nil, nil, err
	}
	write, _ = db.Pools()
	return write, db.Close, nil
}

// Uncached is the reader of a transaction that caches nothing.
func Uncached(tx *Tx) *Reader {
	r := *tx.Reader
	r.visit = nil
	return &r
}
