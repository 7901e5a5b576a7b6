package store

import (
	"context"
	"strings"

	"myaccess/internal/store/sqlq"
)

// Bulk inserts rows of one table, many with each statement. Outside of this
// package it is for filling a database with a sample. Everything else uses the
// other methods of Tx, which also write histories and search words.
type Bulk struct {
	tx      *Tx
	insert  string
	maxRows int // of a statement
	args    sqlq.Args
	rows    []string
	after   []*Bulk
}

// After makes b write the rows of others before its own, which have foreign keys
// to them.
func (b *Bulk) After(others ...*Bulk) *Bulk {
	b.after = append(b.after, others...)
	return b
}

// Bulk inserts rows with the columns into the table.
func (tx *Tx) Bulk(table string, columns ...string) *Bulk {
	return &Bulk{tx: tx, insert: `INSERT INTO ` + table + ` (` + strings.Join(columns, `, `) + `) VALUES `,
		maxRows: max(1, maxBulkValues(tx.engine)/len(columns))}
}

// Add inserts a row, at the latest when Flush is called.
func (b *Bulk) Add(ctx context.Context, values ...any) error {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = b.args.Add(v)
	}
	b.rows = append(b.rows, `(`+strings.Join(marks, `, `)+`)`)
	if len(b.rows) < b.maxRows {
		return nil
	}
	return b.Flush(ctx)
}

// Flush inserts the rows that were added since the last statement.
func (b *Bulk) Flush(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	for _, first := range b.after {
		if err := first.Flush(ctx); err != nil {
			return err
		}
	}
	err := b.tx.exec(ctx, b.insert+strings.Join(b.rows, `, `), b.args.Values...)
	b.rows, b.args.Values = b.rows[:0], b.args.Values[:0]
	return err
}

// JSON is v as the argument for a column of JSON.
func JSON(v any) any { return jsonValue{v} }

// Fold is the normalized form of a name, for sorting and comparing.
func Fold(s string) string { return fold(s) }

// Words are the distinct search words of texts.
func Words(texts ...string) []string {
	seen := map[string]bool{}
	var all []string
	for _, w := range searchTokens(strings.Join(texts, "\n")) {
		if !seen[w] {
			seen[w] = true
			all = append(all, w)
		}
	}
	return all
}

// Values of the column kind of the table search_word.
const (
	PersonWords       = wordsOfPerson
	EntryWords        = wordsOfEntry
	OrganizationWords = wordsOfOrganization
	CatalogWords      = wordsOfCatalog
	PackageWords      = wordsOfPackage
)
