package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/sqlq"
)

// The kinds of objects that are searched by their words.
const (
	wordsOfPerson       = "person"
	wordsOfEntry        = "entry"
	wordsOfOrganization = "organization"
	wordsOfDirectory    = "provider"
	wordsOfCatalog      = "catalog"
	wordsOfPackage      = "package"
)

// maxWords is the maximum number of different words indexed per object, maxWord
// the maximum number of characters of each.
const (
	maxWords = 200
	maxWord  = 64
)

// searchTokens are the words of a text as they are searched: folded and split
// at all characters but letters, marks and digits.
func searchTokens(text string) []string {
	words := strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
	for i, w := range words {
		if runes := []rune(w); len(runes) > maxWord {
			words[i] = string(runes[:maxWord])
		}
	}
	return words
}

// maxQueryWords is the maximum number of different words of a text that are searched
// for: each takes a query of its own. Those after them are ignored.
const maxQueryWords = 16

// queryWords are the first different words of a text that is searched for.
func queryWords(text string) []string { return firstDistinct(searchTokens(text), maxQueryWords) }

// firstDistinct returns the first n different words.
func firstDistinct(words []string, n int) []string {
	var all []string
	for _, w := range words {
		if len(all) == n {
			break
		}
		if !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// indexWords stores the words that an object is searched by.
func (tx *Tx) indexWords(ctx context.Context, t access.TenantID, kind, id string, texts ...string) error {
	words := searchTokens(strings.Join(texts, "\n"))
	slices.Sort(words)
	words = slices.Compact(words)
	words = words[:min(len(words), maxWords)]
	have, err := queryAll(ctx, tx.Reader, value[string], `SELECT word FROM search_word WHERE tenant_id = $1
		AND object_id = $2
		AND kind = $3 ORDER BY word`,
		t, id, kind)
	if err != nil || slices.Equal(have, words) {
		return err
	}
	if len(have) > 0 {
		if err := tx.deleteWords(ctx, t, kind, id); err != nil {
			return err
		}
	}
	if len(words) == 0 {
		return nil
	}
	a := sqlq.Args{}
	tenant, k, object := a.Add(t), a.Add(kind), a.Add(id)
	var rows []string
	for _, w := range words {
		rows = append(rows, `(`+tenant+`, `+k+`, `+a.Add(w)+`, `+object+`)`)
	}
	return tx.exec(ctx, `INSERT INTO search_word (tenant_id, kind, word, object_id) VALUES `+strings.Join(rows, `, `),
		a.Values...)
}

// deleteWords deletes the words of an object.
func (tx *Tx) deleteWords(ctx context.Context, t access.TenantID, kind, id string) error {
	return tx.exec(ctx, `DELETE FROM search_word WHERE tenant_id = $1 AND object_id = $2 AND kind = $3`, t, id, kind)
}

// maxIDs is the maximum number of matches that are looked up by id. More are
// found faster by reading the list.
const maxIDs = 400

// maxSort is the maximum number of matches that are sorted as a whole. Reading
// the list until a page is full takes longer for fewer, because they may all be
// at its end.
const maxSort = 1500

// maxCount is the maximum to which matches of a word are counted, to find the
// rarest word.
const maxCount = 4000

// afterPrefix is appended to a word for the upper bound of all words that begin
// with it.
const afterPrefix = "\U0010FFFF"

// wordSearch is what the words of a text match.
type wordSearch struct {
	engine   sqldb.Engine
	tenant   access.TenantID
	kind     string
	words    []string // the rarest first
	few      bool     // at most maxIDs objects have all words: ids
	ids      []string
	sortable bool // not few, but the rarest word has at most maxSort matches
}

// searchFor counts the matches of the words of a text, and looks them up if
// they are few.
func (r *Reader) searchFor(ctx context.Context, t access.TenantID, kind, text string) (wordSearch, error) {
	w := wordSearch{engine: r.engine, tenant: t, kind: kind}
	n := map[string]int64{}
	for _, word := range queryWords(text) {
		count, err := r.countWords(ctx, t, kind, word)
		if err != nil {
			return w, err
		}
		n[word] = count
		w.words = append(w.words, word)
	}
	if len(w.words) == 0 {
		return w, nil
	}
	slices.SortStableFunc(w.words, func(a, b string) int { return cmp.Compare(n[a], n[b]) })
	rarest := n[w.words[0]]
	w.sortable = rarest <= maxSort
	if len(w.words) == 1 && rarest > maxIDs {
		return w, nil
	}
	a := &sqlq.Args{}
	ids, err := queryAll(ctx, r, value[string], `SELECT DISTINCT sw.object_id FROM search_word sw WHERE TRUE`+w.within(a)+
		` LIMIT `+a.Add(int64(maxIDs+1)), a.Values...)
	if w.few = len(ids) <= maxIDs; w.few {
		w.ids, w.sortable = ids, false
	}
	return w, err
}

// countWords counts the words that begin with the prefix, once per object, up to
// maxCount.
func (r *Reader) countWords(ctx context.Context, t access.TenantID, kind, prefix string) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM (SELECT 1 FROM search_word WHERE tenant_id = $1
		AND kind = $2
		AND word >= $3 AND word < $4 LIMIT $5) AS counted`, t, kind, prefix, prefix+afterPrefix, int64(maxCount))
}

// within is the condition that the word sw is the rarest one, of an object that has
// all words.
func (w wordSearch) within(a *sqlq.Args) string {
	return ` AND sw.tenant_id = ` + a.Add(w.tenant) + ` AND sw.kind = ` + a.Add(w.kind) +
		w.begins(a, `sw.word`, w.words[0]) + w.hasWords(a, `sw.object_id`, w.words[1:])
}

// where is the condition that the object with the id has all words.
func (w wordSearch) where(a *sqlq.Args, id string) string { return w.hasWords(a, id, w.words) }

// hasWords is the condition that each of the words begins a word of the object with
// the id.
func (w wordSearch) hasWords(a *sqlq.Args, id string, words []string) string {
	var sql strings.Builder
	for _, word := range words {
		sql.WriteString(
			` AND EXISTS (SELECT 1 FROM search_word sw2 WHERE sw2.tenant_id = ` + a.Add(w.tenant) + ` AND sw2.object_id = ` +
				id + ` AND sw2.kind = ` + a.Add(w.kind) + w.begins(a, `sw2.word`, word) + `)`)
	}
	return sql.String()
}

// begins is the condition that the column begins with the word.
func (w wordSearch) begins(a *sqlq.Args, column, word string) string {
	from := a.Add(word)
	return ` AND ` + column + ` >= ` + from + ` AND ` + column + ` < ` + a.Add(word+afterPrefix) +
		beginsExactly(w.engine, column, from)
}
