package store

import (
	"database/sql"

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
