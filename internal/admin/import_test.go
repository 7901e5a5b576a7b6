package admin_test

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// importText checks a file with the columns that are guessed, and imports it unless dry. It
// returns the results of the lines.
func importText(ctx context.Context, a *admin.Admin, s *store.Store, by access.Person, text string,
	dry bool) ([]access.ImportLine, error) {
	m, err := a.Imports.Start(ctx, by, admin.Upload{Data: []byte(text)})
	if err != nil {
		return nil, err
	}
	return runImport(ctx, a, s, by, m, dry)
}

// runImport checks an import, and imports what has no fault unless dry.
func runImport(ctx context.Context, a *admin.Admin, s *store.Store, by access.Person, m access.PeopleImport,
	dry bool) ([]access.ImportLine, error) {
	const all = 1 << 30
	if err := a.Imports.Check(ctx, by, m.ID); err != nil {
		return nil, err
	}
	if err := a.Imports.Advance(ctx, by, m.ID, all); err != nil {
		return nil, err
	}
	counts, err := s.CountImportLines(ctx, m)
	if err != nil {
		return nil, err
	}
	if !dry && counts[access.LineFaulty] < m.Lines {
		if err := a.Imports.Run(ctx, by, m.ID); err != nil {
			return nil, err
		}
		if err := a.Imports.Advance(ctx, by, m.ID, all); err != nil {
			return nil, err
		}
	}
	return s.ImportLines(ctx, m, nil, 0, all)
}
