package store

import (
	"context"
	"strings"

	"myaccess/internal/store/sqlq"
)

// Bulk writes rows of one table, many with each statement. It is for filling a
// database with a sample; whatever else is written goes through the methods of
// Tx, which keep histories and words in step.
type Bulk struct {
	tx    *Tx
	head  string
	most  int // rows of a statement
	args  sqlq.Args
	rows  []string
	after []*Bulk
}

// After makes the rows of others be written before those of b, which refer to
// them.
func (b *Bulk) After(others ...*Bulk) *Bulk {
	b.after = append(b.after, others...)
	return b
}

// Bulk begins to write rows of the table with the columns.
func (tx *Tx) Bulk(table string, columns ...string) *Bulk {
	return &Bulk{tx: tx, head: `INSERT INTO ` + table + ` (` + strings.Join(columns, `, `) + `) VALUES `,
		most: max(1, maxBulkValues(tx.engine)/len(columns))}
}

// Add writes a row, at the latest when Flush is called.
func (b *Bulk) Add(ctx context.Context, values ...any) error {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = b.args.Add(v)
	}
	b.rows = append(b.rows, `(`+strings.Join(marks, `, `)+`)`)
	if len(b.rows) < b.most {
		return nil
	}
	return b.Flush(ctx)
}

// Flush writes what waits.
func (b *Bulk) Flush(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	for _, first := range b.after {
		if err := first.Flush(ctx); err != nil {
			return err
		}
	}
	err := b.tx.exec(ctx, b.head+strings.Join(b.rows, `, `), b.args.Values...)
	b.rows, b.args.Values = b.rows[:0], b.args.Values[:0]
	return err
}

// JSON is a value as it is stored in a column of JSON.
func JSON(v any) any { return jsonValue{v} }

// Fold is s as names are sorted and compared by.
func Fold(s string) string { return fold(s) }

// Words are the different words of texts, as things are searched by them.
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

// The kinds of words in the table search_word.
const (
	PersonWords       = wordsOfPerson
	EntryWords        = wordsOfEntry
	OrganizationWords = wordsOfOrganization
	CatalogWords      = wordsOfCatalog
	PackageWords      = wordsOfPackage
)
