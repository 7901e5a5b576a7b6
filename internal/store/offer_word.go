package store

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// The table offer_word has the offers of each term in the order of the portal's
// list, so that a page of a search is read as a few ranges from where it begins. A
// term is a word of the package, or the first termPrefix characters of one. The
// rows follow from offer and search_word and are written with them.

// termPrefix is the least number of characters of a term. Shorter words have no
// rows.
const termPrefix = 3

// maxWordAudiences limits the rows of a package with very many audience keys: one
// with more has its rows under manyAudiences, and offer tells who sees it.
const (
	maxWordAudiences = 8
	manyAudiences    = access.AudienceKey("")
)

// prefixTerm is the first characters of a word as a term; false if it has fewer.
func prefixTerm(word string) (string, bool) {
	n := 0
	for at := range word {
		if n++; n > termPrefix {
			return word[:at], true
		}
	}
	return word, n == termPrefix
}

// OfferTerms are the terms of a package with the words, sorted.
func OfferTerms(words []string) []string {
	var terms []string
	for _, w := range words {
		if prefix, ok := prefixTerm(w); ok {
			terms = append(terms, prefix, w)
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// OfferWordAudiences are the audience keys under which the terms of a package with
// the keys are stored.
func OfferWordAudiences(keys []access.AudienceKey) []access.AudienceKey {
	if len(keys) > maxWordAudiences {
		return []access.AudienceKey{manyAudiences}
	}
	return keys
}

// offerWord is a row of offer_word of a package.
type offerWord struct {
	audience access.AudienceKey
	term     string
	sortName string
}

// offerWords are the rows that a package should have.
func (r *Reader) offerWords(ctx context.Context, t access.TenantID, id access.PackageID) (map[offerWord]bool, error) {
	have, err := r.offerRows(ctx, t, id)
	if err != nil || len(have) == 0 {
		return nil, err
	}
	words, err := queryAll(ctx, r, value[string], `SELECT word FROM search_word WHERE tenant_id = $1 AND object_id = $2
		AND kind = $3`, t, id, wordsOfPackage)
	terms, keys := OfferTerms(words), make([]access.AudienceKey, len(have))
	for i, h := range have {
		keys[i] = h.key
	}
	rows := map[offerWord]bool{}
	for _, key := range OfferWordAudiences(keys) {
		for _, term := range terms {
			rows[offerWord{key, term, have[0].sortName}] = true
		}
	}
	return rows, err
}

// withOfferWords runs change, which may write offer and search_word of the
// package, and then writes offer_word as follows from them.
func (tx *Tx) withOfferWords(ctx context.Context, t access.TenantID, id access.PackageID, change func() error) error {
	have, err := tx.offerWords(ctx, t, id)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	want, err := tx.offerWords(ctx, t, id)
	if err != nil {
		return err
	}
	for _, w := range sortedWords(have) {
		if !want[w] {
			if err := tx.exec(ctx, `DELETE FROM offer_word WHERE tenant_id = $1 AND audience = $2 AND term = $3
				AND sort_name = $4 AND package_id = $5`, t, w.audience, w.term, w.sortName, id); err != nil {
				return err
			}
		}
	}
	b := tx.Bulk("offer_word", "tenant_id", "audience", "term", "sort_name", "package_id")
	for _, w := range sortedWords(want) {
		if !have[w] {
			if err := b.Add(ctx, t, w.audience, w.term, w.sortName, id); err != nil {
				return err
			}
		}
	}
	return b.Flush(ctx)
}

// sortedWords are rows in a fixed order, so that transactions write in the same
// one.
func sortedWords(rows map[offerWord]bool) []offerWord {
	all := make([]offerWord, 0, len(rows))
	for w := range rows {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b offerWord) int {
		if d := strings.Compare(string(a.audience), string(b.audience)); d != 0 {
			return d
		}
		return strings.Compare(a.term, b.term)
	})
	return all
}

// termSearch is how a text is searched for in offer_word.
type termSearch struct {
	terms []string // the package has one of them, unless there are none: nothing matches
	words []string // and a word that begins with each of these
	exact bool     // terms and words are all that the text asks for
}

// maxTerms is the maximum number of words that are looked up for the beginning of
// one. More are looked up by their first characters.
const maxTerms = 8

// termSearch returns how to search for the text; false if offer_word does not help:
// every word of the text is short, or the person has too many audience keys.
func (r *Reader) termSearch(ctx context.Context, who access.PersonContext, s PackageSearch) (termSearch, bool, error) {
	audiences := len(who.AudienceKeys()) + 1
	if audiences > sqlq.MaxUnion {
		return termSearch{}, false, nil
	}
	word, others, ok, err := r.rarestWord(ctx, who.Tenant, s.Text)
	if err != nil || !ok {
		return termSearch{}, false, err
	}
	found := termSearch{words: others, exact: !s.Plain && len(others) == 0 && fold(s.Text) == word}
	prefix, _ := prefixTerm(word)
	if prefix == word {
		found.terms = []string{word}
		return found, true, nil
	}
	most := min(maxTerms, sqlq.MaxUnion/audiences)
	found.terms, ok, err = r.wordsFrom(ctx, who.Tenant, word, most)
	if err == nil && !ok {
		found.terms, found.words, found.exact = []string{prefix}, append(others, word), false
	}
	return found, true, err
}

// rarestWord is the word of the text that is a term, or begins with one, and that
// the fewest packages have, and the other words. Ok is false if there is none.
func (r *Reader) rarestWord(ctx context.Context, t access.TenantID, text string) (word string, others []string, ok bool,
	err error) {
	words := slices.Sorted(slices.Values(queryWords(text)))
	best, fewest := -1, int64(0)
	for i, w := range words {
		if _, long := prefixTerm(w); !long {
			continue
		}
		n := int64(0)
		if len(words) > 1 {
			if n, err = r.countWords(ctx, t, wordsOfPackage, w); err != nil {
				return "", nil, false, err
			}
		}
		if best < 0 || n < fewest {
			best, fewest = i, n
		}
	}
	if best < 0 {
		return "", nil, false, nil
	}
	return words[best], slices.Delete(slices.Clone(words), best, best+1), true, nil
}

// wordsFrom are the different words of packages that begin with the prefix; false
// if there are more than most.
func (r *Reader) wordsFrom(ctx context.Context, t access.TenantID, prefix string, most int) ([]string, bool, error) {
	const next = `(SELECT sw.word FROM search_word sw WHERE sw.tenant_id = $1 AND sw.kind = $2 AND sw.word `
	found, err := queryAll(ctx, r, value[string], `WITH RECURSIVE found (word) AS (SELECT `+next+`>= $3 AND sw.word < $4
		ORDER BY sw.word LIMIT 1)
		UNION ALL SELECT `+next+`> found.word AND sw.word < $4 ORDER BY sw.word LIMIT 1) FROM found
		WHERE found.word IS NOT NULL)
		SELECT word FROM found WHERE word IS NOT NULL LIMIT $5`, t, wordsOfPackage, prefix, prefix+afterPrefix,
		int64(most+1))
	// PostgreSQL compares as people sort, so some words may only look like it.
	ok := len(found) <= most
	return slices.DeleteFunc(found, func(w string) bool { return !strings.HasPrefix(w, prefix) }), ok, err
}

// termTable is a table called ids with the first packages that are listed to the
// person and have one of the terms.
func termTable(a *sqlq.Args, who access.PersonContext, terms []string, conditions, limit string) string {
	tenant, mine := a.Add(who.Tenant), who.AudienceKeys()
	many := ` AND EXISTS (SELECT 1 FROM offer ofr WHERE ofr.tenant_id = ` + tenant +
		` AND ofr.package_id = ow.package_id AND ofr.audience IN ` + sqlq.In(a, mine) + `)`
	var ranges []string
	for _, term := range terms {
		place := a.Add(term)
		for _, key := range append(slices.Clone(mine), manyAudiences) {
			also := conditions
			if key == manyAudiences {
				also += many
			}
			ranges = append(ranges, `SELECT ow.package_id AS id, ow.sort_name FROM offer_word ow WHERE ow.tenant_id = `+
				tenant+` AND ow.audience = `+a.Add(key)+` AND ow.term = `+place+also+
				` ORDER BY ow.sort_name, ow.package_id LIMIT `+limit)
		}
	}
	return sqlq.OrderedUnion(ranges, ` ORDER BY 2, 1 LIMIT `+limit) + ` AS ids`
}
