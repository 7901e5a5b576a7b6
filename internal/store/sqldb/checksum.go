package sqldb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ChangedMigrationError says that a migration is not what it was when it ran on the
// database: a migration that has landed never changes again.
type ChangedMigrationError struct {
	Version int64
	// Have is the checksum of what ran on the database, Known that of this program's
	// migration; empty if this program has none with the version.
	Have, Known string
}

// Error implements error.
func (e *ChangedMigrationError) Error() string {
	return fmt.Sprintf("migration %d of the database has the checksum %s, this program's has %q", e.Version, e.Have,
		e.Known)
}

// Checksums returns the checksum of each migration by version: of the text of a file, of
// the statements for the engine, and of what code executes on its sample. White space does
// not count in statements of Go code, nor the ends of lines in files.
func (m Migrations) Checksums(e Engine) (map[int64]string, error) {
	all := map[int64]string{}
	names, err := fs.Glob(m.Files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the migration %s has no number: %w", name, err)
		}
		text, err := fs.ReadFile(m.Files, name)
		if err != nil {
			return nil, err
		}
		all[version] = checksum(string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
	}
	for version, statements := range m.PerEngine {
		var texts []string
		for _, s := range statements(e) {
			texts = append(texts, oneLine(s))
		}
		all[version] = checksum(texts...)
	}
	for version, code := range m.Code {
		r := &recorder{sample: code.Sample}
		if err := code.Run(context.Background(), r); err != nil {
			return nil, fmt.Errorf("the sample of migration %d: %w", version, err)
		}
		all[version] = checksum(r.executed...)
	}
	return all, nil
}

// checksum is half of the SHA-256 of texts, in hexadecimal.
func checksum(texts ...string) string {
	h := sha256.New()
	for _, s := range texts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(s), s) // a hash returns no error
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func oneLine(statement string) string { return strings.Join(strings.Fields(statement), " ") }

// recorder is a Querier that records what is executed. Each query returns the rows of the
// sample.
type recorder struct {
	sample   [][]string
	executed []string
}

func (r *recorder) record(query string, args []any) {
	r.executed = append(r.executed, oneLine(query), fmt.Sprintf("%q", args))
}

// ExecContext implements Querier.
func (r *recorder) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	r.record(query, args)
	return nil, nil //nolint:nilnil // migrations do not look at it
}

// QueryContext implements Querier.
func (r *recorder) QueryContext(_ context.Context, query string, args ...any) (Rows, error) {
	r.record(query, args)
	return &sampleRows{rows: r.sample, at: -1}, nil
}

// Queue implements Querier.
func (r *recorder) Queue(_ context.Context, query string, args ...any) error {
	r.record(query, args)
	return nil
}

// Flush implements Querier.
func (*recorder) Flush(context.Context) error { return nil }

// sampleRows are rows of texts.
type sampleRows struct {
	rows [][]string
	at   int
}

// Next implements Rows.
func (s *sampleRows) Next() bool {
	s.at++
	return s.at < len(s.rows)
}

// Scan implements Rows, for texts.
func (s *sampleRows) Scan(dest ...any) error {
	if len(dest) != len(s.rows[s.at]) {
		return fmt.Errorf("the sample has %d columns, the query %d", len(s.rows[s.at]), len(dest))
	}
	for i, d := range dest {
		text := s.rows[s.at][i]
		if scanner, ok := d.(sql.Scanner); ok {
			if err := scanner.Scan(text); err != nil {
				return err
			}
			continue
		}
		v := reflect.ValueOf(d)
		if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.String {
			return fmt.Errorf("a sample has texts only, not %T", d)
		}
		v.Elem().SetString(text)
	}
	return nil
}

// Err implements Rows.
func (*sampleRows) Err() error { return nil }

// Close implements Rows.
func (*sampleRows) Close() error { return nil }

// checksumTable has the checksums of the migrations that have run.
const checksumTable = "migration_checksum"

// checkMigrations returns a *ChangedMigrationError if a migration that has run on the
// database is not this program's.
func (d *DB) checkMigrations(ctx context.Context) error {
	known, err := d.config.Migrations.Checksums(d.engine.name)
	if err != nil {
		return err
	}
	return checkChecksums(ctx, d.write, d.engine, known)
}

func checkChecksums(ctx context.Context, db *sql.DB, e engine, known map[int64]string) error {
	have, err := storedChecksums(ctx, db, e)
	if err != nil {
		return err
	}
	for _, version := range slices.Sorted(maps.Keys(have)) {
		if have[version] != known[version] {
			return &ChangedMigrationError{Version: version, Have: have[version], Known: known[version]}
		}
	}
	return nil
}

// storedChecksums are the checksums in the database by version; none if it has no table of
// them yet.
func storedChecksums(ctx context.Context, db *sql.DB, e engine) (all map[int64]string, err error) {
	if exists, err := hasTable(ctx, db, e, checksumTable); err != nil || !exists {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT version, checksum FROM "+checksumTable)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all = map[int64]string{}
	for rows.Next() {
		var version int64
		var sum string
		if err := rows.Scan(&version, &sum); err != nil {
			return nil, err
		}
		all[version] = sum
	}
	return all, rows.Err()
}

func hasTable(ctx context.Context, db *sql.DB, e engine, name string) (exists bool, err error) {
	err = db.QueryRowContext(ctx, e.hasTable, name).Scan(&exists)
	return exists, err
}

// storeChecksums stores the checksums of the migrations that have run and have none: new
// ones, and all of a database that was made before there were checksums.
func (d *DB) storeChecksums(ctx context.Context) error {
	have, err := storedChecksums(ctx, d.write, d.engine)
	if err != nil {
		return err
	}
	known, err := d.config.Migrations.Checksums(d.engine.name)
	if err != nil {
		return err
	}
	maps.DeleteFunc(known, func(version int64, _ string) bool { return have[version] != "" })
	if len(known) == 0 {
		return nil
	}
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+checksumTable+
		" (version BIGINT PRIMARY KEY, checksum TEXT NOT NULL)")
	for _, version := range slices.Sorted(maps.Keys(known)) {
		if err == nil { // another portal may store them at the same time
			_, err = tx.ExecContext(ctx, "INSERT INTO "+checksumTable+
				" (version, checksum) VALUES ($1, $2) ON CONFLICT (version) DO NOTHING", version, known[version])
		}
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
