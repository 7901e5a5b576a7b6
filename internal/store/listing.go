package store

import (
	"context"

	"myaccess/internal/access"
)

// Page narrows, sorts and pages a list of administrators. A list is paged by
// key: the place of its last row is where the next page begins.
type Page struct {
	// Text is what is searched for: each of its words must begin a word of the
	// thing's texts.
	Text string
	// Filter has a value for each of the list's filters that is set.
	Filter map[string]string
	Sort   string // one of the list's orders; the first if empty or unknown
	Desc   bool
	After  Key // of the last row seen; the zero Key is the start
	Limit  int
	// Catalogs narrows the list to what is in them, for people who may see no
	// more; nil is no such limit, and an empty list holds nothing.
	Catalogs []access.CatalogID
}

// Paged is a page of a list. Next is where the page after it begins; the zero
// Key if this is the last.
type Paged[T any] struct {
	Rows []T
	Next Key
}

// order is a way to sort a list.
type order struct {
	name   string
	column string // of text, or of numbers
	number bool
}

// listing is how a list is read: SELECT cols FROM from WHERE tenant and the
// conditions, in one of the orders, by key.
type listing[T any] struct {
	cols, from string
	tenant, id string // the columns of the tenant's id and of the thing's
	kind       string // of the words that it is searched by; empty if it is not
	catalog    string // the column of the catalog's id; empty if there is none
	orders     []order
	scan       func(row, ...any) (T, error) // scans the columns and then the rest
	// where adds the conditions that the filters mean.
	where func(a *args, filter map[string]string) string
}

// page reads a page of the list.
func page[T any](ctx context.Context, r *Reader, l listing[T], t access.TenantID, p Page) (Paged[T], error) {
	if p.Catalogs != nil && len(p.Catalogs) == 0 {
		return Paged[T]{}, nil
	}
	a := &args{}
	o := l.order(p.Sort)
	conditions := l.tenant + ` = ` + a.add(t)
	if l.where != nil {
		conditions += l.where(a, p.Filter)
	}
	if p.Catalogs != nil && l.catalog != "" {
		conditions += ` AND ` + l.catalog + ` IN ` + in(a, sequence(p.Catalogs))
	}
	found, err := r.searched(ctx, a, t, l.kind, l.id, p.Text)
	if err != nil {
		return Paged[T]{}, err
	}
	conditions += found + after(a, o, l.id, p)
	direction := ``
	if p.Desc {
		direction = ` DESC`
	}
	query := `SELECT ` + l.cols + `, CAST(` + o.column + ` AS TEXT), ` + l.id + ` FROM ` + l.from + ` WHERE ` + conditions +
		` ORDER BY ` + o.column + direction + `, ` + l.id + direction + ` LIMIT ` + a.add(int64(p.Limit+1))
	var keys []Key
	rows, err := list(ctx, r, func(r row) (T, error) {
		var k Key
		one, err := l.scan(r, &k.Name, &k.ID)
		keys = append(keys, k)
		return one, err
	}, query, a.list...)
	if err != nil {
		return Paged[T]{}, err
	}
	if len(rows) <= p.Limit {
		return Paged[T]{Rows: rows}, nil
	}
	return Paged[T]{Rows: rows[:p.Limit], Next: keys[p.Limit-1]}, nil
}

func (l listing[T]) order(name string) order {
	for _, o := range l.orders {
		if o.name == name {
			return o
		}
	}
	return l.orders[0]
}

// after is the condition that a row comes after the key of the page.
func after(a *args, o order, id string, p Page) string {
	if p.After == (Key{}) {
		return ``
	}
	var place any = p.After.Name
	if o.number {
		place = number(p.After.Name)
	}
	sign := ` > `
	if p.Desc {
		sign = ` < `
	}
	if o.column == id { // ids alone are an order: that of age
		return ` AND ` + id + sign + a.add(p.After.ID)
	}
	return ` AND (` + o.column + `, ` + id + `)` + sign + `(` + a.add(place) + `, ` + a.add(p.After.ID) + `)`
}

// walk calls f with every row of the list that p narrows, some at a time, so
// that no more than a page of them is in memory.
func walk[T any](ctx context.Context, p Page, read func(context.Context, Page) (Paged[T], error), f func(T) error) error {
	p.Limit = 500
	for {
		got, err := read(ctx, p)
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
		p.After = got.Next
	}
}

// searched is the condition that a thing is found by the text: every word of it
// begins a word of the thing.
func (r *Reader) searched(ctx context.Context, a *args, t access.TenantID, kind, id, text string) (string, error) {
	if kind == "" {
		return ``, nil
	}
	words, err := r.candidates(ctx, t, kind, text)
	return words.where(a, id), err
}
