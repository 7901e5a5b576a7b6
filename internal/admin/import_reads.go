package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/peoplefile"
	"myaccess/internal/plain"
	"myaccess/internal/store"
)

// ImportView reads an import of its actor.
type ImportView struct {
	read *store.Reader
	m    access.PeopleImport
}

// OpenImport returns the view of an import. It returns NotFound for the import of anyone
// but the view's actor.
func OpenImport(ctx context.Context, v View, id access.ImportID) (ImportView, error) {
	if err := v.May(access.ManagePeople); err != nil {
		return ImportView{}, err
	}
	m, err := v.read.PeopleImport(ctx, v.tenant(), id)
	if err == nil && m.By != v.actor.ID {
		err = access.Missing()
	}
	if err != nil {
		return ImportView{}, err
	}
	return ImportView{v.read, m}, nil
}

// ImportsOf returns the imports of the view's actor, the latest first.
func ImportsOf(ctx context.Context, v View) ([]access.PeopleImport, error) {
	return ifAllowed(v.May(access.ManagePeople), func() ([]access.PeopleImport, error) {
		return v.read.PeopleImportsOf(ctx, v.tenant(), v.actor.ID)
	})
}

// Import is the import itself.
func (v ImportView) Import() access.PeopleImport { return v.m }

// File is what is in the file of an import that has not ended.
func (v ImportView) File(ctx context.Context) (peoplefile.File, error) {
	return readImport(ctx, v.read, v.m)
}

// Count counts the lines by outcome.
func (v ImportView) Count(ctx context.Context) (map[access.ImportOutcome]int, error) {
	return v.read.CountImportLines(ctx, v.m)
}

// Lines lists up to limit lines after the given line, with one of the outcomes, or with
// any.
func (v ImportView) Lines(ctx context.Context, outcomes []access.ImportOutcome, after,
	limit int) ([]access.ImportLine, error) {
	return v.read.ImportLines(ctx, v.m, outcomes, after, limit)
}

// readImport reads the file of an import that has not ended.
func readImport(ctx context.Context, r *store.Reader, m access.PeopleImport) (peoplefile.File, error) {
	content, err := r.PeopleImportContent(ctx, m.Tenant, m.ID)
	if err != nil {
		return peoplefile.File{}, err
	}
	data, err := unpack(content)
	if err != nil {
		return peoplefile.File{}, err
	}
	f, err := peoplefile.Read(data, m.Reading)
	if err != nil {
		return f, err
	}
	for i := range f.Head {
		f.Head[i] = plain.Text(plainCell(f.Head[i]))
	}
	for _, row := range f.Rows {
		for i := range row.Cells {
			row.Cells[i] = plain.Text(plainCell(row.Cells[i]))
		}
	}
	return f, nil
}
