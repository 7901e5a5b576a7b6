package store

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"myaccess/internal/access"
)

// The kinds of thing that are searched by their words.
const (
	wordsOfPerson       = "person"
	wordsOfEntry        = "entry"
	wordsOfOrganization = "organization"
	wordsOfDirectory    = "provider"
	wordsOfCatalog      = "catalog"
	wordsOfPackage      = "package"
)

// maxWords is how many different words of a thing are kept, and maxWord how
// many characters of each.
const (
	maxWords = 200
	maxWord  = 64
)

// tokens are the words of a text as they are searched by: folded, cut at
// everything that is neither letter, mark nor digit.
func tokens(text string) []string {
	words := strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
	for i, w := range words {
		if runes := []rune(w); len(runes) > maxWord {
			words[i] = string(runes[:maxWord])
		}
	}
	return words
}

// index writes the words that a thing is searched by.
func (tx *Tx) index(ctx context.Context, t access.TenantID, kind, id string, texts ...string) error {
	words := tokens(strings.Join(texts, "\n"))
	slices.Sort(words)
	words = slices.Compact(words)
	words = words[:min(len(words), maxWords)]
	have, err := list(ctx, tx.Reader, column[string], `SELECT word FROM search_word WHERE tenant_id = $1 AND object_id = $2 AND kind = $3 ORDER BY word`,
		t, id, kind)
	if err != nil || slices.Equal(have, words) {
		return err
	}
	if len(have) > 0 {
		if err := tx.forgetWords(ctx, t, kind, id); err != nil {
			return err
		}
	}
	if len(words) == 0 {
		return nil
	}
	a := args{}
	tenant, k, object := a.add(t), a.add(kind), a.add(id)
	var rows []string
	for _, w := range words {
		rows = append(rows, `(`+tenant+`, `+k+`, `+a.add(w)+`, `+object+`)`)
	}
	return tx.exec(ctx, `INSERT INTO search_word (tenant_id, kind, word, object_id) VALUES `+strings.Join(rows, `, `), a.list...)
}

// forgetWords deletes the words of a thing.
func (tx *Tx) forgetWords(ctx context.Context, t access.TenantID, kind, id string) error {
	return tx.exec(ctx, `DELETE FROM search_word WHERE tenant_id = $1 AND object_id = $2 AND kind = $3`, t, id, kind)
}
