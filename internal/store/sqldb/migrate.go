package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Migrations are the steps of a schema. Each runs once, in a transaction, in the
// order of the versions.
type Migrations struct {
	// Files are *.sql files of goose, named by version. Both engines run them.
	Files fs.FS
	// PerEngine has, by version, migrations whose statements differ by engine.
	PerEngine map[int64]func(Engine) []string
	// Code has, by version, migrations that need more than SQL.
	Code map[int64]CodeMigration
}

// CodeMigration is a migration that needs more than SQL.
type CodeMigration struct {
	Run func(ctx context.Context, q Querier) error
	// Sample are the rows, all of texts, that queries return when the checksum is
	// computed: that of the statements which Run executes then. There should be one row for
	// each case that Run tells apart.
	Sample [][]string
}

// migrate runs the migrations that the database does not have yet.
func (d *DB) migrate(ctx context.Context) error {
	var inGo []*goose.Migration
	for version, statements := range d.config.Migrations.PerEngine {
		run := func(ctx context.Context, tx *sql.Tx) error {
			for _, s := range statements(d.engine.name) {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					return err
				}
			}
			return nil
		}
		inGo = append(inGo, goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil))
	}
	for version, code := range d.config.Migrations.Code {
		run := func(ctx context.Context, tx *sql.Tx) error { return code.Run(ctx, standard{tx}) }
		inGo = append(inGo, goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil))
	}
	p, err := goose.NewProvider(d.engine.goose, d.write, d.config.Migrations.Files,
		goose.WithGoMigrations(inGo...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := d.engine.explain(d.config.Address, d.migrateUp(ctx, p))
		if err == nil || attempt == conflictRetries || !mayPass(err) {
			return err
		}
		if gone := backoff(ctx, attempt); gone != nil {
			return err
		}
	}
}

// mayPass reports whether a later attempt to migrate may succeed: another process
// may be migrating the same database, or the server may be starting.
func mayPass(err error) bool {
	if _, newer := errors.AsType[*NewerSchemaError](err); newer {
		return false
	}
	if _, changed := errors.AsType[*ChangedMigrationError](err); changed {
		return false
	}
	e, ok := errors.AsType[*UnusableError](err)
	return !ok || e.passing
}

// migrateUp runs the migrations of p that are missing, unless one that has run has changed.
func (d *DB) migrateUp(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if known := sources[len(sources)-1].Version; have > known {
		return &NewerSchemaError{Have: have, Known: known}
	}
	if err := d.checkMigrations(ctx); err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	return d.storeChecksums(ctx)
}
