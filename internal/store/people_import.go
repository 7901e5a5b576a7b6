package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func importColumns(m *access.PeopleImport) []column {
	return []column{
		{"imp.tenant_id", &m.Tenant},
		{"imp.id", &m.ID},
		{"imp.by_id", &m.By},
		{"imp.file_name", &m.FileName},
		{"imp.state", &m.State},
		{"imp.reading", jsonValue{&m.Reading}},
		{"imp.lines", &m.Lines},
		{"imp.position", &m.Position},
		{"imp.created", scanTime{&m.Created}},
		{"imp.ended", scanTime{&m.Ended}},
		{"imp.version", &m.Version},
	}
}

// PeopleImport is the import with the id.
func (r *Reader) PeopleImport(ctx context.Context, t access.TenantID,
	id access.ImportID) (access.PeopleImport, error) {
	return queryOne(ctx, r, importColumns, `SELECT {columns} FROM people_import imp WHERE imp.tenant_id = $1
		AND imp.id = $2`, t, id)
}

// PeopleImportsOf are the imports of a person, the latest first.
func (r *Reader) PeopleImportsOf(ctx context.Context, t access.TenantID,
	by access.PersonID) ([]access.PeopleImport, error) {
	return queryAll(ctx, r, importColumns, `SELECT {columns} FROM people_import imp WHERE imp.tenant_id = $1
		AND imp.by_id = $2 ORDER BY imp.id DESC`, t, by)
}

// BusyPeopleImports are the imports of all tenants that a job works on, the oldest first.
func (r *Reader) BusyPeopleImports(ctx context.Context) ([]access.PeopleImport, error) {
	return queryAll(ctx, r, importColumns, `SELECT {columns} FROM people_import imp
		WHERE imp.state IN ('checking', 'running') ORDER BY imp.id`)
}

// PeopleImportContent is the file of an import, as it was given to AddPeopleImport; empty
// if the import has ended.
func (r *Reader) PeopleImportContent(ctx context.Context, t access.TenantID, id access.ImportID) (string, error) {
	return queryOne(ctx, r, func(s *string) []column {
		return []column{{"imp.content", scanSecret{r, s, func() string { return contentContext(id) }}}}
	}, `SELECT {columns} FROM people_import imp WHERE imp.tenant_id = $1 AND imp.id = $2`, t, id)
}

func contentContext(id access.ImportID) string { return "people_import " + string(id) }

// AddPeopleImport adds an import of the file, which is stored encrypted until the import
// has ended.
func (tx *Tx) AddPeopleImport(ctx context.Context, m access.PeopleImport, content string) error {
	return tx.exec(ctx, `INSERT INTO people_import (tenant_id, id, by_id, file_name, state, reading, lines, position,
			content, created, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 1)`, m.Tenant, m.ID, m.By, m.FileName, m.State, jsonValue{m.Reading},
		m.Lines, tx.seal(content, contentContext(m.ID)), ms(tx.Now))
}

// SavePeopleImport stores the reading of an import and its number of lines, if the import
// is in the same state still and has the version.
func (tx *Tx) SavePeopleImport(ctx context.Context, m access.PeopleImport) error {
	return tx.execOne(ctx, `UPDATE people_import SET reading = $5, lines = $6, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND state = $3 AND version = $4`, m.Tenant, m.ID, m.State, m.Version,
		jsonValue{m.Reading}, m.Lines)
}

// MovePeopleImport moves an import from its state and its position to others. It returns
// Conflict if the import is not there any more, so of two that handle the same lines one
// fails. An import that ends loses its file, and one that goes back to its columns the
// results of its lines.
func (tx *Tx) MovePeopleImport(ctx context.Context, m access.PeopleImport, to access.ImportState, position int) error {
	if m.State != to && !m.State.CanMove(to) {
		return stale()
	}
	var ended any
	if to.Ended() {
		ended = ms(tx.Now)
	}
	err := tx.execOne(ctx, `UPDATE people_import SET state = $5, position = $6, version = version + 1,
			ended = CAST($7 AS BIGINT), content = CASE WHEN CAST($7 AS BIGINT) IS NULL THEN content END
		WHERE tenant_id = $1 AND id = $2 AND state = $3 AND position = $4`, m.Tenant, m.ID, m.State, int64(m.Position), to,
		int64(position), ended)
	if err != nil || to != access.ImportMapping {
		return err
	}
	return tx.exec(ctx, `DELETE FROM people_import_line WHERE tenant_id = $1 AND import_id = $2`, m.Tenant, m.ID)
}

// importDetail is what is stored of a line as JSON.
type importDetail struct {
	Changed []string             `json:",omitempty"`
	Faults  []access.ImportFault `json:",omitempty"`
	Also    int                  `json:",omitempty"`
}

// AddImportLines adds the results of lines.
func (tx *Tx) AddImportLines(ctx context.Context, m access.PeopleImport, lines []access.ImportLine) error {
	b := tx.Bulk("people_import_line", "tenant_id", "import_id", "line", "outcome", "address", "name", "detail")
	for _, l := range lines {
		err := b.Add(ctx, m.Tenant, m.ID, int64(l.Line), l.Outcome, l.Address, l.Name,
			jsonValue{importDetail{l.Changed, l.Faults, l.Also}})
		if err != nil {
			return err
		}
	}
	return b.Flush(ctx)
}

// UpdateImportLine replaces the outcome, the changes and the faults of a line.
func (tx *Tx) UpdateImportLine(ctx context.Context, m access.PeopleImport, l access.ImportLine) error {
	return tx.exec(ctx, `UPDATE people_import_line SET outcome = $4, detail = $5 WHERE tenant_id = $1 AND import_id = $2
		AND line = $3`, m.Tenant, m.ID, int64(l.Line), l.Outcome, jsonValue{importDetail{l.Changed, l.Faults, l.Also}})
}

// ImportLines are up to limit lines of an import after the given one, in the order of the
// file: those with one of the outcomes, or all if there are none.
func (r *Reader) ImportLines(ctx context.Context, m access.PeopleImport, outcomes []access.ImportOutcome, after,
	limit int) ([]access.ImportLine, error) {
	var detail importDetail
	a := sqlq.Args{Values: []any{m.Tenant, m.ID, int64(after), int64(limit)}}
	where := ""
	if len(outcomes) > 0 {
		where = ` AND iml.outcome IN ` + sqlq.In(&a, outcomes)
	}
	var line access.ImportLine
	var all []access.ImportLine
	err := r.eachRow(ctx, []column{{"iml.line", &line.Line}, {"iml.outcome", &line.Outcome},
		{"iml.address", &line.Address}, {"iml.name", &line.Name}, {"iml.detail", jsonValue{&detail}}}, func() {
		line.Changed, line.Faults, line.Also = detail.Changed, withWholeNumbers(detail.Faults), detail.Also
		all = append(all, line)
		line, detail = access.ImportLine{}, importDetail{}
	}, `SELECT {columns} FROM people_import_line iml WHERE iml.tenant_id = $1 AND iml.import_id = $2 AND iml.line > $3`+
		where+` ORDER BY iml.line LIMIT $4`, a.Values...)
	return all, err
}

// withWholeNumbers makes whole numbers of those among the arguments, which JSON has read
// as fractions.
func withWholeNumbers(faults []access.ImportFault) []access.ImportFault {
	for _, f := range faults {
		for i, a := range f.Args {
			if n, ok := a.(float64); ok {
				f.Args[i] = int64(n)
			}
		}
	}
	return faults
}

// CountImportLines counts the lines of an import by outcome.
func (r *Reader) CountImportLines(ctx context.Context,
	m access.PeopleImport) (map[access.ImportOutcome]int, error) {
	type count struct {
		outcome access.ImportOutcome
		n       int
	}
	all, err := queryAll(ctx, r, func(c *count) []column {
		return []column{{"iml.outcome", &c.outcome}, {"COUNT(*)", &c.n}}
	}, `SELECT {columns} FROM people_import_line iml WHERE iml.tenant_id = $1 AND iml.import_id = $2
		GROUP BY iml.outcome`, m.Tenant, m.ID)
	counts := map[access.ImportOutcome]int{}
	for _, c := range all {
		counts[c.outcome] = c.n
	}
	return counts, err
}

// DeletePeopleImport deletes an import with the results of its lines.
func (tx *Tx) DeletePeopleImport(ctx context.Context, t access.TenantID, id access.ImportID) error {
	err := tx.exec(ctx, `DELETE FROM people_import_line WHERE tenant_id = $1 AND import_id = $2`, t, id)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM people_import WHERE tenant_id = $1 AND id = $2`, t, id)
}

// importKept is how long an import is kept after its upload.
const importKept = 7 * 24 * time.Hour

// deleteOldImports deletes the imports that are not kept any longer and whose people are
// not being imported.
func (tx *Tx) deleteOldImports(ctx context.Context) error {
	before := ms(tx.Now.Add(-importKept))
	err := tx.exec(ctx, `DELETE FROM people_import_line WHERE (tenant_id, import_id) IN (
		SELECT imp.tenant_id, imp.id FROM people_import imp
		WHERE imp.created <= $1 AND imp.state <> 'running')`, before)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM people_import WHERE created <= $1 AND state <> 'running'`, before)
}
