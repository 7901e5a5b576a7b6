package store

import (
	"context"
	"database/sql"
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
