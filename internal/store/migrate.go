package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"

	"myaccess/internal/access"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate runs the migrations that the database has not seen, each in a
// transaction, and refuses a database that has seen more than there are.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	guards := goose.NewGoMigration(2, &goose.GoFunc{RunTx: s.createTriggers}, nil)
	p, err := goose.NewProvider(s.dialect.goose, s.write, files,
		goose.WithGoMigrations(guards), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := upTo(ctx, p)
		if err == nil || attempt == attempts || access.KindOf(err) == access.Unavailable {
			return err
		}
		// Another process may have begun at the same instant and been quicker.
		if gone := rest(ctx, attempt); gone != nil {
			return err
		}
	}
}

// upTo runs what is missing of p's migrations.
func upTo(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if know := sources[len(sources)-1].Version; have > know {
		return access.Refuse(access.Unavailable,
			"The database was written by a later version of myaccess (schema %d, this program knows %d).", have, know)
	}
	_, err = p.Up(ctx)
	return err
}

// createTriggers is the one migration whose text the engines do not share.
func (s *Store) createTriggers(ctx context.Context, tx *sql.Tx) error {
	for _, t := range s.dialect.triggers {
		if _, err := tx.ExecContext(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
