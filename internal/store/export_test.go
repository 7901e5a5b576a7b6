package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"io/fs"

	"myaccess/internal/store/sqldb"
)

// Pools are the pools of connections of a store that write and that read.
func (s *Store) Pools() (write, read *sql.DB) { return s.db.Pools() }

// Postgres reports whether the store is on PostgreSQL.
func (s *Store) Postgres() bool { return s.engine == sqldb.Postgres }

// NewBox is the cipher of secrets.
func NewBox(secret []byte) (cipher.AEAD, error) { return newBox(secret) }

// AppendOnly are the tables whose rows never change.
func AppendOnly() []string { return appendOnly() }

// MigrationFiles are the migrations that are files.
func MigrationFiles() fs.FS { return migrationFiles }

// Raw runs a statement in the transaction.
func Raw(ctx context.Context, tx *Tx, query string) error { return tx.exec(ctx, query) }
