package web

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// table is a list of administrators: what it is called, how it is narrowed and
// sorted, and how its rows are read and shown. T is what a row is of, F the
// filters that its query takes.
type table[T, F any] struct {
	title, lead string
	path        string // of the list
	crumbs      []views.Link
	tabs        []ui.Tab
	commands    []views.Command
	hint        string // beside the search field; no search if empty
	filters     []filter[F]
	columns     []column
	sort        string // of the list as it is first shown, with - before it if descending
	action      access.Action
	tally       store.CounterKind // the number of all rows, if they are counted
	object      string            // that the tally is of; empty for the tenant
	empty       [2]string         // where there is nothing at all
	emptyLinks  []views.Link
	fixed       F                 // filters that the page sets itself
	keep        map[string]string // parameters of the address that give fixed filters
	bulk        *views.BulkActions

	read func(store.ListQuery[F]) (store.ListPage[T], error)
	walk func(store.ListQuery[F], func(T) error) error
	row  func(T) ui.TableRow
	// head and line are the columns of the download and its lines.
	head []string
	line func(T) []string
}

// filter is a way to narrow a list whose filters are an F.
type filter[F any] struct {
	name, label string
	options     []ui.Option // the first is for all, with an empty value
	set         func(*F, string)
}

// column is a column of a list; order is what the list is sorted by with it,
// empty if it cannot be.
type column struct{ label, order string }

// yesNoFilter narrows by whether something is so.
func yesNoFilter[F any](v *visit, name, label string, set func(*F, store.Flag)) filter[F] {
	p := v.printer
	return filter[F]{name, label, []ui.Option{{Label: p.T("All")}, {Value: string(store.Yes), Label: p.T("Yes")},
		{Value: string(store.No), Label: p.T("No")}}, func(f *F, value string) { set(f, store.Flag(value)) }}
}

// listRequest is what of a list is asked for, with the values of its filters as
// they are in the address.
type listRequest[F any] struct {
	store.ListQuery[F]
	values map[string]string
}

// asked is what of a list the request asks for.
func (t table[T, F]) asked(v *visit) listRequest[F] {
	p := listRequest[F]{store.ListQuery[F]{Text: limitText(v.QueryParam("q"), 100), Filter: t.fixed,
		After: place(v.QueryParam("after")), Limit: pageSize}, map[string]string{}}
	for _, f := range t.filters {
		value := v.QueryParam(f.name)
		for _, o := range f.options {
			if value == o.Value && value != "" {
				p.values[f.name] = value
				f.set(&p.Filter, value)
			}
		}
	}
	sort := v.QueryParam("sort")
	if !t.sortable(strings.TrimPrefix(sort, "-")) {
		sort = t.sort
	}
	p.Sort, p.Desc = strings.TrimPrefix(sort, "-"), strings.HasPrefix(sort, "-")
	if all, catalogs := v.rights.CatalogsFor(t.action); !all && t.action != "" {
		p.Catalogs = append([]access.CatalogID{}, catalogs...)
	}
	return p
}

func (t table[T, F]) sortable(order string) bool {
	for _, c := range t.columns {
		if c.order != "" && c.order == order {
			return true
		}
	}
	return false
}

// query is the address of the list narrowed and sorted as p, without a place.
func (t table[T, F]) query(p listRequest[F]) url.Values {
	q := url.Values{}
	if p.Text != "" {
		q.Set("q", p.Text)
	}
	for _, f := range t.filters {
		if value := p.values[f.name]; value != "" {
			q.Set(f.name, value)
		}
	}
	if s := sign(p.Sort, p.Desc); s != t.sort {
		q.Set("sort", s)
	}
	for name, value := range t.keep {
		q.Set(name, value)
	}
	return q
}

func sign(order string, desc bool) string {
	if desc {
		return "-" + order
	}
	return order
}

func (t table[T, F]) at(q url.Values) string {
	if len(q) == 0 {
		return t.path
	}
	return t.path + "?" + q.Encode()
}

// serve answers with the list, or with its download.
func (t table[T, F]) serve(v *visit) error {
	asked := t.asked(v)
	if v.QueryParam("format") == "csv" && t.walk != nil {
		return t.download(v, asked)
	}
	page, err := t.page(v, asked)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page.Page())
}

func (t table[T, F]) page(v *visit, asked listRequest[F]) (views.AdminList, error) {
	p := v.printer
	found, err := t.read(asked.ListQuery)
	if err != nil {
		return views.AdminList{}, err
	}
	query := t.query(asked)
	page := views.AdminList{Chrome: v.chrome(t.title), Crumbs: t.crumbs, Intro: t.lead, Tabs: t.tabs, Commands: t.commands,
		Action:     t.path,
		Searchable: t.hint != "", SearchHint: t.hint, Search: asked.Text, Bulk: t.bulk,
		Table: ui.Table{Label: t.title, Columns: t.heads(query, asked)}, Empty: t.empty, EmptyLinks: t.emptyLinks}
	if t.bulk != nil {
		page.Table.CheckboxName = "id"
	}
	if sort := query.Get("sort"); sort != "" {
		page.HiddenFields = []views.Hidden{{Name: "sort", Value: sort}}
	}
	for name, value := range t.keep {
		page.HiddenFields = append(page.HiddenFields, views.Hidden{Name: name, Value: value})
	}
	page.Filters = t.selects(asked)
	for _, r := range found.Rows {
		page.Table.Rows = append(page.Table.Rows, t.row(r))
	}
	narrowed := asked.Text != "" || len(asked.values) > 0
	if narrowed {
		page.Empty, page.EmptyLinks = [2]string{p.T("Nothing found"),
			p.T("Nothing here is as you asked. Ask for less, or look at all.")},
			[]views.Link{{Label: p.T("Show all"), Href: t.path}}
	}
	if page.Count, err = t.count(v, narrowed || asked.Catalogs != nil); err != nil {
		return page, err
	}
	if asked.After != (store.Key{}) {
		page.First = t.at(query)
	}
	if t.walk != nil && len(found.Rows) > 0 {
		page.CSV = t.with(query, "format", "csv")
	}
	if found.Next != (store.Key{}) {
		page.Next = t.with(query, "after", found.Next.ID+"~"+found.Next.Name)
	}
	return page, nil
}

// with is the address of the list with one more parameter.
func (t table[T, F]) with(q url.Values, name, value string) string {
	more := url.Values{name: {value}}
	for n, values := range q {
		more[n] = values
	}
	return t.at(more)
}

// count says how many rows there are, where all are shown and they are counted.
func (t table[T, F]) count(v *visit, narrowed bool) (string, error) {
	if t.tally == "" || narrowed {
		return "", nil
	}
	n, err := v.Store.Counter(v.ctx, v.tenant.ID, t.tally, t.object)
	if err != nil || n == 0 {
		return "", err
	}
	return v.printer.T("%s in all", v.printer.Number(n)), nil
}

func (t table[T, F]) heads(query url.Values, asked listRequest[F]) []ui.Column {
	var all []ui.Column
	for _, c := range t.columns {
		head := ui.Column{Label: c.label}
		if c.order != "" {
			next := c.order
			if c.order == asked.Sort {
				head.Sorted = "ascending"
				if asked.Desc {
					head.Sorted = "descending"
				}
				next = sign(c.order, !asked.Desc)
			}
			head.Sort = t.with(query, "sort", next)
		}
		all = append(all, head)
	}
	return all
}

func (t table[T, F]) selects(asked listRequest[F]) []ui.Select {
	var all []ui.Select
	for _, f := range t.filters {
		s := ui.Select{Name: f.name, Label: f.label}
		for _, o := range f.options {
			o.Selected = o.Value == asked.values[f.name]
			s.Options = append(s.Options, o)
		}
		all = append(all, s)
	}
	return all
}

// download streams the list, narrowed as it is shown, as CSV (RFC 4180) that a
// spreadsheet can open without taking a cell for a formula.
func (t table[T, F]) download(v *visit, asked listRequest[F]) error {
	h := v.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	name := t.path[strings.LastIndexByte(t.path, '/')+1:]
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	asked.After = store.Key{}
	if v.Request().Method == http.MethodHead {
		return nil
	}
	v.Response().WriteHeader(http.StatusOK)
	out := csv.NewWriter(v.Response())
	out.UseCRLF = true
	if err := out.Write(t.head); err != nil {
		return err
	}
	rows := 0
	err := t.walk(asked.ListQuery, func(one T) error {
		line := t.line(one)
		for i, text := range line {
			line[i] = safeCell(text)
		}
		if rows++; rows%500 == 0 {
			out.Flush()
			v.Response().Flush()
		}
		return out.Write(line)
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil { // the head has been sent: a broken download is seen to be broken
		v.report(err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// safeCell is text as a cell that no spreadsheet takes for a formula (OWASP, CSV
// injection).
func safeCell(text string) string {
	if text == "" {
		return text
	}
	switch r := []rune(text)[0]; r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return "'" + text
	}
	return text
}
