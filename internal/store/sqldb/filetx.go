package sqldb

import (
	"context"
	"database/sql"
)

// fileTx is a transaction of SQLite. Nothing waits to be sent: the database is in the
// process.
type fileTx struct {
	standard
	tx *sql.Tx
}

// beginFile begins a transaction on the connection that writes. The context is that of
// one of the transactions that will share it, and does not end it.
func beginFile(ctx context.Context, db *sql.DB) (sharedTx, error) {
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, err
	}
	return fileTx{standard{tx}, tx}, nil
}

// Save implements sharedTx.
func (t fileTx) Save(ctx context.Context) error { return t.exec(ctx, `SAVEPOINT part`) }

// Release implements sharedTx.
func (t fileTx) Release(ctx context.Context) error { return t.exec(ctx, `RELEASE part`) }

// Undo implements sharedTx.
func (t fileTx) Undo(ctx context.Context) error { return t.exec(ctx, `ROLLBACK TO part; RELEASE part`) }

// Commit implements sharedTx.
func (t fileTx) Commit(context.Context) error { return t.tx.Commit() }

// Rollback implements sharedTx.
func (t fileTx) Rollback() { _ = t.tx.Rollback() }

// Open implements sharedTx.
func (fileTx) Open() bool { return false }

func (t fileTx) exec(ctx context.Context, query string) error {
	_, err := t.ExecContext(context.WithoutCancel(ctx), query)
	return err
}
