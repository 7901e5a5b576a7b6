package kit

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// Table is a list for administrators: how it is filtered and sorted, and how
// its rows are read and shown. T is the type of a row, F the filters of its
// query.
type Table[T, F any] struct {
	Title, Lead string
	Path        string // of the list
	Crumbs      []views.Link
	Tabs        []ui.Tab
	Commands    []views.Command
	SearchHint  string // of the search field; no search if empty
	Filters     []Filter[F]
	Columns     []Column
	Sort        string            // initial order, with - before it if descending
	Count       store.CounterKind // counter of all rows without Fixed, for lists too long to be counted exactly
	Empty       [2]string         // title and text of the empty list
	EmptyLinks  []views.Link
	Fixed       F                 // filters that the page sets and people cannot change
	KeepInURL   map[string]string // URL parameters of Fixed
	Bulk        *views.BulkActions

	Read func(store.ListQuery[F]) (store.ListPage[T], error)
	Walk func(store.ListQuery[F], func(T) error) error
	Row  func(T) ui.TableRow
	// CSVHead and CSVLine are the header and a line of the download.
	CSVHead []string
	CSVLine func(T) []string
}

// Filter is a filter of a list whose query takes an F.
type Filter[F any] struct {
	Name, Label string
	Options     []ui.Option // the first is "all", with an empty value
	Set         func(*F, string)
}

// Column is a column of a list. Order is the sort key for it; empty if the list
// cannot be sorted by it.
type Column struct {
	Label, Order string
	Priority     int // see ui.Column
}

// YesNoFilter is a filter with the options all, yes and no.
func YesNoFilter[F any](c *Context, name, label string, set func(*F, store.Flag)) Filter[F] {
	p := c.Printer
	return Filter[F]{name, label, []ui.Option{{Label: p.T("All")}, {Value: string(store.Yes), Label: p.T("Yes")},
		{Value: string(store.No), Label: p.T("No")}}, func(f *F, value string) { set(f, store.Flag(value)) }}
}

// ListRequest is the query that a request asks for, with the values of its
// filters as in the URL.
type ListRequest[F any] struct {
	store.ListQuery[F]
	values map[string]string
}

// Query reads filters, order and position from the request. Values that the
// list does not offer are ignored.
func (t Table[T, F]) Query(c *Context) ListRequest[F] {
	p := ListRequest[F]{store.ListQuery[F]{Text: Shorten(c.QueryParam("q"), 100), Filter: t.Fixed,
		After: ParsePageKey(c.QueryParam("after")), Limit: PageSize}, map[string]string{}}
	for _, f := range t.Filters {
		value := c.QueryParam(f.Name)
		for _, o := range f.Options {
			if value == o.Value && value != "" {
				p.values[f.Name] = value
				f.Set(&p.Filter, value)
			}
		}
	}
	sort := c.QueryParam("sort")
	if !t.sortable(strings.TrimPrefix(sort, "-")) {
		sort = t.Sort
	}
	p.Sort, p.Desc = strings.TrimPrefix(sort, "-"), strings.HasPrefix(sort, "-")
	return p
}

func (t Table[T, F]) sortable(order string) bool {
	for _, c := range t.Columns {
		if c.Order != "" && c.Order == order {
			return true
		}
	}
	return false
}

// params are the URL parameters of the filters and the order, without the
// position.
func (t Table[T, F]) params(p ListRequest[F]) url.Values {
	q := url.Values{}
	if p.Text != "" {
		q.Set("q", p.Text)
	}
	for _, f := range t.Filters {
		if value := p.values[f.Name]; value != "" {
			q.Set(f.Name, value)
		}
	}
	if s := sortParam(p.Sort, p.Desc); s != t.Sort {
		q.Set("sort", s)
	}
	for name, value := range t.KeepInURL {
		q.Set(name, value)
	}
	return q
}

func sortParam(order string, desc bool) string {
	if desc {
		return "-" + order
	}
	return order
}

func (t Table[T, F]) href(q url.Values) string {
	if len(q) == 0 {
		return t.Path
	}
	return t.Path + "?" + q.Encode()
}

// Serve answers with the list, or with its CSV download.
func (t Table[T, F]) Serve(c *Context) error {
	asked := t.Query(c)
	if c.QueryParam("format") == "csv" && t.Walk != nil {
		return t.download(c, asked)
	}
	page, err := t.Page(c, asked)
	if err != nil {
		return err
	}
	return c.Show(http.StatusOK, page.Page())
}

// Page is the page struct of the list with the rows of the query.
func (t Table[T, F]) Page(c *Context, asked ListRequest[F]) (views.AdminList, error) {
	p := c.Printer
	narrowed := asked.Text != "" || len(asked.values) > 0
	asked.Total = !narrowed
	found, err := t.Read(asked.ListQuery)
	if err != nil {
		return views.AdminList{}, err
	}
	query := t.params(asked)
	page := views.AdminList{Chrome: c.Chrome(t.Title), Crumbs: t.Crumbs, Intro: t.Lead, Tabs: t.Tabs, Commands: t.Commands,
		Action:     t.Path,
		Searchable: t.SearchHint != "", SearchHint: t.SearchHint, Search: asked.Text, Bulk: t.Bulk,
		Table: ui.Table{Label: t.Title, Columns: t.columnHeads(query, asked)}, Empty: t.Empty, EmptyLinks: t.EmptyLinks}
	if t.Bulk != nil {
		page.Table.CheckboxName = "id"
	}
	if sort := query.Get("sort"); sort != "" {
		page.HiddenFields = []views.Hidden{{Name: "sort", Value: sort}}
	}
	for name, value := range t.KeepInURL {
		page.HiddenFields = append(page.HiddenFields, views.Hidden{Name: name, Value: value})
	}
	page.Filters = t.filterSelects(asked)
	for _, r := range found.Rows {
		page.Table.Rows = append(page.Table.Rows, t.Row(r))
	}
	if narrowed {
		page.Empty, page.EmptyLinks = [2]string{p.T("No results"),
			p.T("Try fewer words or clear the filters.")},
			[]views.Link{{Label: p.T("Clear filters"), Href: t.Path}}
	}
	if page.Count, err = t.countText(c, found); err != nil {
		return page, err
	}
	if asked.After != (store.Key{}) {
		page.First = t.href(query)
	}
	if t.Walk != nil && len(found.Rows) > 0 {
		page.CSV = t.hrefWith(query, "format", "csv")
	}
	if found.Next != (store.Key{}) {
		page.Next = t.hrefWith(query, "after", FormatPageKey(found.Next))
	}
	return page, nil
}

// hrefWith is the list's URL with one more parameter.
func (t Table[T, F]) hrefWith(q url.Values, name, value string) string {
	more := url.Values{name: {value}}
	for n, values := range q {
		more[n] = values
	}
	return t.href(more)
}

// countText says how many rows the list has, counted together with the rows that
// are shown; empty if it is not counted.
func (t Table[T, F]) countText(c *Context, found store.ListPage[T]) (string, error) {
	p := c.Printer
	switch {
	case !found.Counted || found.Total == 0:
		return "", nil
	case found.Total == 1:
		return p.T("1 item"), nil
	case found.Total <= store.MaxTotal:
		return p.T("%s items", p.Number(found.Total)), nil
	}
	var none F
	if t.Count != "" && any(t.Fixed) == any(none) {
		n, err := c.View.Counter(c.Ctx, t.Count, "")
		if err != nil && access.KindOf(err) != access.Forbidden {
			return "", err
		}
		if n > store.MaxTotal {
			return p.T("About %s items", p.Number(roundCount(n))), nil
		}
	}
	return p.T("More than %s items", p.Number(store.MaxTotal)), nil
}

// roundCount keeps three digits of a number that was counted some time ago.
func roundCount(n int64) int64 {
	unit := int64(1)
	for n/unit >= 1000 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

func (t Table[T, F]) columnHeads(query url.Values, asked ListRequest[F]) []ui.Column {
	var all []ui.Column
	for _, c := range t.Columns {
		head := ui.Column{Label: c.Label, Priority: c.Priority}
		if c.Order != "" {
			next := c.Order
			if c.Order == asked.Sort {
				head.Sorted = "ascending"
				if asked.Desc {
					head.Sorted = "descending"
				}
				next = sortParam(c.Order, !asked.Desc)
			}
			head.Sort = t.hrefWith(query, "sort", next)
		}
		all = append(all, head)
	}
	return all
}

func (t Table[T, F]) filterSelects(asked ListRequest[F]) []ui.Select {
	var all []ui.Select
	for _, f := range t.Filters {
		s := ui.Select{Name: f.Name, Label: f.Label}
		for _, o := range f.Options {
			o.Selected = o.Value == asked.values[f.Name]
			s.Options = append(s.Options, o)
		}
		all = append(all, s)
	}
	return all
}

// byteOrderMark begins a download. Without it, Excel takes the file for one in the
// encoding of the computer's language and shows other letters than ASCII wrong.
const byteOrderMark = "\ufeff"

// download streams the list, filtered as shown, as CSV (RFC 4180) in UTF-8. The snapshot
// ends before: a slow client must not keep it open.
func (t Table[T, F]) download(c *Context, asked ListRequest[F]) error {
	c.EndSnapshot()
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	name := t.Path[strings.LastIndexByte(t.Path, '/')+1:]
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	asked.After = store.Key{}
	if c.Request().Method == http.MethodHead {
		return nil
	}
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.WriteString(c.Response(), byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(c.Response())
	out.UseCRLF = true
	if err := out.Write(t.CSVHead); err != nil {
		return err
	}
	rows := 0
	err := t.Walk(asked.ListQuery, func(one T) error {
		line := t.CSVLine(one)
		for i, text := range line {
			line[i] = admin.SafeCell(text)
		}
		if rows++; rows%500 == 0 {
			out.Flush()
			c.Response().Flush()
		}
		return out.Write(line)
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil { // headers are sent: abort, so that the client sees an incomplete download
		c.LogFault(err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
