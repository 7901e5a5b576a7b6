package admin

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// shownLines is how many lines of an import a page shows.
const shownLines = 100

// showProgress is the page of an import whose columns are chosen.
func showProgress(c *kit.Context, read admin.ImportView) error {
	p, m := c.Printer, read.Import()
	counts, err := read.Count(c.Ctx)
	if err != nil {
		return err
	}
	page := views.DetailPage{Chrome: c.Chrome(p.T("Import people")), Crumbs: importCrumbs(c), State: importBadge(c, m),
		AutoRefresh: m.State.Busy()}
	path := c.AdminPath("people", "import", string(m.ID))
	button := func(label, step string) views.Command {
		return views.Command{Label: label, Href: path, Post: true, Hidden: []views.Hidden{{Name: "step", Value: step}}}
	}
	switch m.State {
	case access.ImportChecking:
		page.Intro = p.T("%s of %s lines checked. Nothing is imported yet.", p.Number(int64(m.Position)),
			p.Number(int64(m.Lines)))
		page.Commands = []views.Command{{Label: p.T("Refresh"), Href: path, Primary: true},
			button(p.T("Change columns"), "reopen")}
	case access.ImportRunning:
		page.Intro = p.T("%s of %s lines done. You can leave this page; the import continues.",
			p.Number(int64(m.Position)), p.Number(int64(m.Lines)))
		stop := button(p.T("Stop import"), "stop")
		stop.Danger = true
		page.Commands = []views.Command{{Label: p.T("Refresh"), Href: path, Primary: true}, stop}
	case access.ImportChecked:
		page.Intro, page.Commands = previewCommands(c, m, counts, button)
	default:
		page.Intro = endedText(c, m, counts)
		page.Commands = []views.Command{{Label: p.T("People"), Href: c.AdminPath("people"), Primary: true},
			button(p.T("Delete import"), "delete")}
	}
	page.Sections = []views.Section{{Title: importFileName(c, m), Facts: importFacts(c, m, counts)}}
	if !m.State.Busy() || counts[access.LineFaulty]+counts[access.LineFailed] > 0 {
		lines, tabs, err := lineSection(c, read, counts)
		if err != nil {
			return err
		}
		page.Sections, page.Tabs = append(page.Sections, lines), tabs
	}
	return c.Show(http.StatusOK, page.Page())
}

// previewCommands are the sentence above a preview and its buttons.
func previewCommands(c *kit.Context, m access.PeopleImport, counts map[access.ImportOutcome]int,
	button func(label, step string) views.Command) (string, []views.Command) {
	p := c.Printer
	bad := counts[access.LineFaulty]
	good := m.Lines - bad
	text := p.T("Nothing is imported yet. This is what would happen.")
	run := button(p.T("Import %s", p.Number(int64(good))), "run")
	if bad > 0 {
		text = p.T("Nothing is imported yet. Lines with errors are skipped; correct the file and upload it again to import "+
			"them. %s of %s lines can be imported.", p.Number(int64(good)), p.Number(int64(m.Lines)))
		run.Label = p.T("Import %s, skip %s", p.Number(int64(good)), p.Number(int64(bad)))
	}
	run.Primary = true
	all := []views.Command{run, button(p.T("Change columns"), "reopen"), button(p.T("Delete import"), "delete")}
	if good == 0 {
		text = p.T("Every line has an error, so nothing can be imported. Correct the file, or change the columns.")
		all = all[1:]
	}
	return text, all
}

func endedText(c *kit.Context, m access.PeopleImport, counts map[access.ImportOutcome]int) string {
	p := c.Printer
	done := counts[access.LineCreated] + counts[access.LineUpdated] + counts[access.LineKept]
	if m.State == access.ImportStopped {
		return p.T("The import was stopped. %s of %s lines were imported; import the same file again to do the rest.",
			p.Number(int64(done)), p.Number(int64(m.Lines)))
	}
	return p.T("%s of %s lines imported.", p.Number(int64(done)), p.Number(int64(m.Lines)))
}

// importFacts say what happens to how many lines, and how the file was read.
func importFacts(c *kit.Context, m access.PeopleImport, counts map[access.ImportOutcome]int) []ui.Fact {
	p := c.Printer
	var facts []ui.Fact
	for _, f := range lineFilters(c, m, counts)[1:] {
		facts = append(facts, ui.Fact{Name: f.label, Value: p.Number(int64(f.count))})
	}
	var used, unused []string
	for i, column := range m.Reading.Columns {
		word := fieldWord(c, column.Field)
		switch column.Field {
		case access.ImportNothing:
			unused = append(unused, strconv.Itoa(i+1))
			continue
		case access.ImportAttribute:
			word = column.Attribute
		default:
		}
		used = append(used, word)
	}
	facts = append(facts, ui.Fact{Name: p.T("Encoding"), Value: encodingWord(c, m.Reading.Encoding)},
		ui.Fact{Name: p.T("Separator"), Value: separatorWord(c, m.Reading.Separator)},
		ui.Fact{Name: p.T("Imported columns"), Value: p.List(used)})
	if len(unused) > 0 {
		facts = append(facts, ui.Fact{Name: p.T("Columns not imported"), Value: p.Series(unused)})
	}
	return facts
}

// lineFilter is a choice of lines of an import.
type lineFilter struct {
	name, label string
	outcomes    []access.ImportOutcome
	count       int
}

// lineFilters are the choices, the first of all lines.
func lineFilters(c *kit.Context, m access.PeopleImport, counts map[access.ImportOutcome]int) []lineFilter {
	p := c.Printer
	all := []lineFilter{{name: "", label: p.T("All lines"), count: m.Lines},
		{name: "errors", label: p.T("Errors"), outcomes: []access.ImportOutcome{access.LineFaulty, access.LineFailed}},
		{name: "new", label: p.T("New"), outcomes: []access.ImportOutcome{access.LineCreates, access.LineCreated}},
		{name: "changed", label: p.T("Changed"), outcomes: []access.ImportOutcome{access.LineUpdates, access.LineUpdated}},
		{name: "same", label: p.T("Unchanged"), outcomes: []access.ImportOutcome{access.LineSame, access.LineKept}}}
	for i, f := range all {
		for _, o := range f.outcomes {
			all[i].count += counts[o]
		}
	}
	return all
}

// lineSection lists lines of an import: the errors if there are any and nothing else is
// asked for.
func lineSection(c *kit.Context, read admin.ImportView,
	counts map[access.ImportOutcome]int) (views.Section, []ui.Tab, error) {
	p, m := c.Printer, read.Import()
	path := c.AdminPath("people", "import", string(m.ID))
	filters := lineFilters(c, m, counts)
	shown, asked := filters[0], c.QueryParam("show")
	if asked == "" && filters[1].count > 0 {
		asked = filters[1].name
	}
	var tabs []ui.Tab
	for _, f := range filters {
		if f.name == asked {
			shown = f
		}
	}
	for _, f := range filters {
		tabs = append(tabs, ui.Tab{Label: p.T("%s (%s)", f.label, p.Number(int64(f.count))),
			Href: path + "?show=" + cmp.Or(f.name, "all"), Current: f.name == shown.name})
	}
	after, _ := strconv.Atoi(c.QueryParam("after")) // anything else is the start
	lines, err := read.Lines(c.Ctx, shown.outcomes, after, shownLines+1)
	if err != nil {
		return views.Section{}, nil, err
	}
	s := views.Section{Title: shown.label, Empty: p.T("No lines.")}
	if len(lines) > shownLines {
		lines = lines[:shownLines]
		s.More = views.Link{Label: p.T("Next %d lines", shownLines), Href: path + "?" + url.Values{
			"show": {cmp.Or(shown.name, "all")}, "after": {strconv.Itoa(lines[shownLines-1].Line)}}.Encode()}
	}
	t := ui.Table{Label: shown.label, Columns: []ui.Column{{Label: p.T("Line")}, {Label: p.T("Person")},
		{Label: p.T("Result")}}}
	for _, l := range lines {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: strconv.Itoa(l.Line)},
			{Text: l.Name, Sub: l.Address}, {State: outcomeBadge(c, l.Outcome), Sub: lineText(c, l)}}})
	}
	s.Table = &t
	return s, tabs, nil
}

func outcomeBadge(c *kit.Context, o access.ImportOutcome) ui.Badge {
	p := c.Printer
	return map[access.ImportOutcome]ui.Badge{
		access.LineCreates: {Kind: "good", Text: p.T("New")}, access.LineCreated: {Kind: "good", Text: p.T("Added")},
		access.LineUpdates: {Kind: "wait", Text: p.T("Changes")}, access.LineUpdated: {Kind: "good", Text: p.T("Changed")},
		access.LineSame: {Kind: "idle", Text: p.T("Unchanged")}, access.LineKept: {Kind: "idle", Text: p.T("Unchanged")},
		access.LineFaulty: {Kind: "bad", Text: p.T("Error")}, access.LineFailed: {Kind: "bad", Text: p.T("Not imported")},
	}[o]
}

// lineText says everything that is wrong with a line, by column, or what it changes.
func lineText(c *kit.Context, l access.ImportLine) string {
	p := c.Printer
	var all []string
	for _, f := range l.Faults {
		text := kit.ErrorText(p, &access.Error{Kind: access.Invalid, Msg: f.Msg, Args: f.Args})
		if f.Column != "" {
			text = p.T("%s: %s", f.Column, text)
		}
		all = append(all, text)
	}
	if len(l.Changed) > 0 {
		all = append(all, p.T("Changed: %s.", p.Series(l.Changed)))
	}
	if l.Also > 0 {
		all = append(all, p.T("The same person is in line %d; the later line counts.", l.Also))
	}
	return strings.Join(all, " ")
}
