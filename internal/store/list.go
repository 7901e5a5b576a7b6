package store

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// Key is the place in a list that is sorted by name: the folded name and the id
// of the last row seen. The zero Key is before the first row.
type Key struct{ Name, ID string }

// KeyOf returns the key of the row with the name and id.
func KeyOf(name, id string) Key { return Key{fold(name), id} }

// ListQuery narrows, sorts and pages a list of administrators. F are the list's
// filters; the zero F narrows nothing. A list is paged by key: the place of its
// last row is where the next page begins.
type ListQuery[F any] struct {
	// Text is what is searched for: each of its words must begin a word of the
	// object's texts.
	Text   string
	Filter F
	Sort   string // one of the list's orders; the first if empty or unknown
	Desc   bool
	After  Key // of the last row seen; the zero Key is the start
	Limit  int
	// Catalogs narrows the list to what is in them, for people who may see no
	// more; nil is no such limit, and an empty list holds nothing.
	Catalogs []access.CatalogID
	// Total asks for ListPage.Total. A list that is searched, or that its filter
	// narrows to a group or an organization, is not counted.
	Total bool
}

// MaxTotal is how many rows of a list are counted at most.
const MaxTotal = 1000

// paging is a ListQuery without its filters, which are in the list's conditions.
type paging struct {
	text     string
	sort     string
	desc     bool
	after    Key
	limit    int
	catalogs []access.CatalogID
	among    []string // the only ids that the list may hold; nil is no such limit
	total    bool
}

func (q ListQuery[F]) paging() paging {
	return paging{text: q.Text, sort: q.Sort, desc: q.Desc, after: q.After, limit: q.Limit, catalogs: q.Catalogs,
		total: q.Total}
}

// Flag is a filter by whether something is so. The zero Flag narrows nothing; one
// that is neither Yes nor No matches nothing.
type Flag string

// The values of a Flag.
const (
	Yes Flag = "yes"
	No  Flag = "no"
)

// where is the condition that a column of truth is as the flag says.
func (f Flag) where(column string) string {
	switch f {
	case "":
		return ``
	case Yes:
		return ` AND ` + column + ` = TRUE`
	case No:
		return ` AND ` + column + ` = FALSE`
	}
	return matchesNothing
}

// matchesNothing is the condition that no row meets.
const matchesNothing = ` AND 1 = 0`

// equal is the condition that a column is the value, if there is one.
func equal[S ~string](a *sqlq.Args, column string, value S) string {
	if value == "" {
		return ``
	}
	return ` AND ` + column + ` = ` + a.Add(string(value))
}

// noIndex is a column, hidden from its index if the list has one of the other
// filters, which match fewer rows: SQLite has no statistics to choose by.
func noIndex(column string, others ...string) string {
	for _, o := range others {
		if o != "" {
			return column + ` || ''`
		}
	}
	return column
}

// ListPage is a page of a list. Next is where the page after it begins; the zero
// Key if this is the last.
type ListPage[T any] struct {
	Rows []T
	Next Key
	// Total is the number of rows on all pages, of the same moment as Rows, if
	// Counted; MaxTotal+1 means more than MaxTotal.
	Total   int64
	Counted bool
}

// order is a way to sort a list.
type order struct {
	name   string
	column string // of text, or of numbers
	number bool
}

// listing is how a list is read: SELECT columns FROM base joins WHERE tenant and
// conditions ORDER BY an order, paged by key.
type listing[T any] struct {
	columns    columns[T]
	base       string   // the table with its alias, for conditions and orders
	joins      string   // further tables, for columns
	tenant, id string   // the columns of the tenant's id and the row's id
	kind       string   // the kind of words that it is searched by; empty if it is not
	by         []lookup // columns of other objects that it is searched by
	catalog    string   // the column of the catalog's id; empty if there is none
	orders     []order
	// where adds the conditions that the filters mean; nil if there are none.
	where func(a *sqlq.Args) string
}

// lookup is a column with the id of another object, by the words of which a list is
// searched.
type lookup struct{ kind, column string }

// lookupHits are the objects of a lookup that a text matches.
type lookupHits struct {
	lookup
	wordSearch
}

// lookUp finds what the text matches in each lookup; nothing if it has no
// words.
func (l listing[T]) lookUp(ctx context.Context, r *Reader, t access.TenantID, text string) ([]lookupHits, error) {
	var all []lookupHits
	for _, by := range l.by {
		w, err := r.searchFor(ctx, t, by.kind, text)
		if err != nil || len(w.words) == 0 {
			return nil, err
		}
		all = append(all, lookupHits{by, w})
	}
	return all, nil
}

// ranges are selects of the list's rows that refer to the hits: one per object
// if they are few, otherwise one that reads the list.
func (h lookupHits) ranges(a *sqlq.Args, from, end string) []string {
	if !h.few || len(h.ids) > sqlq.MaxUnion {
		return []string{from + h.where(a, h.column) + end}
	}
	var all []string
	for _, id := range h.ids {
		all = append(all, from+` AND `+h.column+` = `+a.Add(id)+end)
	}
	return all
}

// page reads a page of the list.
func page[T any](ctx context.Context, r *Reader, l listing[T], t access.TenantID, p paging) (ListPage[T], error) {
	if p.catalogs != nil && l.catalog == "" {
		return ListPage[T]{}, errors.New("the list cannot be narrowed to catalogs")
	}
	p.total = p.total && p.text == "" && p.among == nil
	if p.catalogs != nil && len(p.catalogs) == 0 {
		return ListPage[T]{Counted: p.total}, nil
	}
	words := wordSearch{}
	if l.kind != "" {
		var err error
		if words, err = r.searchFor(ctx, t, l.kind, p.text); err != nil {
			return ListPage[T]{}, err
		}
	}
	found, err := l.lookUp(ctx, r, t, p.text)
	if err != nil {
		return ListPage[T]{}, err
	}
	query, a := l.query(t, p, words, found)
	var one, zero T
	var rows []T
	var key Key
	var keys []Key
	cols := append(l.columns(&one), column{`CAST(` + l.order(p.sort).column + ` AS TEXT)`, &key.Name},
		column{l.id, &key.ID})
	got := ListPage[T]{Counted: p.total}
	if p.total { // in the same statement, so of the same snapshot
		cols = append(cols, column{l.total(a, t, p), &got.Total})
	}
	if err := r.eachRow(ctx, cols, func() {
		rows, keys = append(rows, one), append(keys, key)
		one = zero
	}, query, a.Values...); err != nil {
		return ListPage[T]{}, err
	}
	if got.Rows = rows; len(rows) > p.limit {
		got.Rows, got.Next = rows[:p.limit], keys[p.limit-1]
	}
	if len(rows) == 0 && p.after != (Key{}) { // after the last row
		got.Counted = false
	}
	return got, nil
}

// total is a column with the number of rows of the whole list, up to MaxTotal+1.
func (l listing[T]) total(a *sqlq.Args, t access.TenantID, p paging) string {
	where := l.tenant + ` = ` + a.Add(t)
	if l.where != nil {
		where += l.where(a)
	}
	if p.catalogs != nil {
		where += ` AND ` + l.catalog + ` IN ` + sqlq.In(a, p.catalogs)
	}
	return `(SELECT COUNT(*) FROM (SELECT 1 FROM ` + l.base + ` WHERE ` + where + ` LIMIT ` + a.Add(int64(MaxTotal+1)) +
		`) AS counted)`
}

// query is the query of a page. It begins with the matches of the search or the
// filters if they are few, because SQLite has no statistics to choose by.
func (l listing[T]) query(t access.TenantID, p paging, words wordSearch, found []lookupHits) (string, *sqlq.Args) {
	a := &sqlq.Args{}
	o := l.order(p.sort)
	c := clauses{tenant: l.tenant + ` = ` + a.Add(t), conditions: afterKey(a, o, l.id, p)}
	if l.where != nil {
		c.conditions += l.where(a)
	}
	if p.desc {
		c.direction = ` DESC`
	}
	c.end = ` ORDER BY ` + o.column + c.direction
	if o.column != l.id { // SQLite uses no index if a column is in ORDER BY twice
		c.end += `, ` + l.id + c.direction
	}
	c.end += ` LIMIT ` + a.Add(int64(p.limit+1))
	if len(words.words) > 0 && !words.few && !words.sortable {
		c.conditions += words.where(a, l.id)
	}
	if first := l.first(a, &c, o, p, words, found); first != "" {
		return `SELECT {columns} FROM ` + first + ` CROSS JOIN ` + l.base + l.joins + ` WHERE ` + c.tenant + ` AND ` + l.id +
			` = ids.id` +
			c.conditions + c.end, a
	}
	return `SELECT {columns} FROM ` + l.base + l.joins + ` WHERE ` + c.tenant + c.conditions + c.end, a
}

// clauses are parts of the query of a page.
type clauses struct{ tenant, conditions, direction, end string }

// first is a table called ids with the first rows of a page, to begin the query
// with; empty to read the list itself. It applies the conditions of c and removes
// them from c.
func (l listing[T]) first(a *sqlq.Args, c *clauses, o order, p paging, words wordSearch, found []lookupHits) string {
	within := p.catalogs != nil && l.catalog != ""
	each := within && len(p.catalogs) <= sqlq.MaxUnion && !words.few && !words.sortable && p.among == nil && found == nil
	if within && !each {
		c.conditions += ` AND ` + l.catalog + ` IN ` + sqlq.In(a, p.catalogs)
	}
	if p.among != nil && (words.few || words.sortable) {
		c.conditions += ` AND ` + l.id + ` IN ` + sqlq.In(a, p.among)
	}
	switch {
	case words.few:
		return l.inOrder(c, o, sqlq.IDTable(a, words.ids), `ids.id`)
	case words.sortable:
		c.conditions += words.within(a)
		return l.inOrder(c, o, `search_word sw`, `sw.object_id`)
	case p.among != nil:
		return l.inOrder(c, o, sqlq.IDTable(a, p.among), `ids.id`)
	}
	from := `SELECT ` + l.id + ` AS id, ` + o.column + ` AS place FROM ` + l.base + ` WHERE ` + c.tenant
	var ranges []string
	for _, h := range found {
		ranges = append(ranges, h.ranges(a, from+c.conditions, c.end)...)
	}
	if each {
		for _, id := range p.catalogs {
			ranges = append(ranges, from+` AND `+l.catalog+` = `+a.Add(id)+c.conditions+c.end)
		}
	}
	switch {
	case len(ranges) > 0:
		c.conditions = ``
		return sqlq.OrderedUnion(ranges, ` ORDER BY 2`+c.direction+`, 1`+c.direction+` LIMIT `+a.Add(int64(p.limit+1))) +
			` AS ids`
	case found != nil:
		return sqlq.IDTable(a, nil)
	}
	return ``
}

// inOrder is a table called ids with the first rows of the list that from has the
// ids of, so that joins and other columns are read for one page only. from may
// have an id several times.
func (l listing[T]) inOrder(c *clauses, o order, from, id string) string {
	group := l.id
	if o.column != l.id {
		group = o.column + `, ` + l.id
	}
	first := `(SELECT ` + l.id + ` AS id FROM ` + from + ` CROSS JOIN ` + l.base + ` WHERE ` + c.tenant + ` AND ` + l.id +
		` = ` + id + c.conditions +
		` GROUP BY ` + group + c.end + `) AS ids`
	c.conditions = ``
	return first
}

func (l listing[T]) order(name string) order {
	for _, o := range l.orders {
		if o.name == name {
			return o
		}
	}
	return l.orders[0]
}

// afterKey is the condition that a row comes after the key of the page.
func afterKey(a *sqlq.Args, o order, id string, p paging) string {
	if p.after == (Key{}) {
		return ``
	}
	var place any = p.after.Name
	if o.number {
		place = wholeNumber(p.after.Name)
	}
	sign := ` > `
	if p.desc {
		sign = ` < `
	}
	if o.column == id { // the order of ids is the order of age
		return ` AND ` + id + sign + a.Add(p.after.ID)
	}
	return ` AND (` + o.column + `, ` + id + `)` + sign + `(` + a.Add(place) + `, ` + a.Add(p.after.ID) + `)`
}

// walk calls f with every row of the list that q narrows, some at a time, so
// that no more than a page of them is in memory.
func walk[T, F any](ctx context.Context, t access.TenantID, q ListQuery[F],
	read func(context.Context, access.TenantID, ListQuery[F]) (ListPage[T], error), f func(T) error) error {
	q.Limit = 500
	for {
		got, err := read(ctx, t, q)
		if err != nil {
			return err
		}
		for _, row := range got.Rows {
			if err := f(row); err != nil {
				return err
			}
		}
		if got.Next == (Key{}) {
			return nil
		}
		q.After = got.Next
	}
}
