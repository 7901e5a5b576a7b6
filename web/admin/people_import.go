package admin

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/peoplefile"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// importRoutes are the pages of imports of people: one to upload a file, and one for each
// import, which shows what is to do next.
func importRoutes(path string) []kit.Route {
	all := append(formRoutes(path, access.ManagePeople, kit.OfTenant, showNewImport, postNewImport),
		formRoutes(path+"/:id", access.ManagePeople, kit.OfTenant, showImport, postImport)...)
	for i := range all {
		all[i].Upload = all[i].Path == path && all[i].FormPage != nil
	}
	return all
}

// linesAtOnce is how many lines are handled before the answer to a form, so that a short
// file needs no waiting. Jobs do the rest.
const linesAtOnce = 300

// uploadField is the field with the file; pasted text is in kit.FileField.
const uploadField = "upload"

// maxPasted is the maximum length of pasted text, in characters.
const maxPasted = 4_000_000

// newImportForm uploads a file of people.
func newImportForm(c *kit.Context) kit.EditForm {
	p := c.Printer
	return kit.EditForm{Title: p.T("Import people"), Path: c.AdminPath("people", "import"), Cancel: c.AdminPath("people"),
		Submit: p.T("Continue"), Upload: true, Crumbs: peopleCrumbs(c),
		Lead: p.T("Upload a CSV or text file, or paste a list. You choose the columns and see a preview before anything "+
			"is imported. Up to %s people and %d MB.", p.Number(peoplefile.MaxPeople), peoplefile.MaxSize>>20),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			groups := []views.Group{{Parts: []views.Part{
				kit.TextField(typed, faults, ui.Field{Name: uploadField, Label: p.T("File"), Type: "file",
					Accept: ".csv,.tsv,.tab,.txt,text/csv,text/plain,text/tab-separated-values",
					Hint: p.T("From a spreadsheet, Microsoft Entra ID, Okta, Google Workspace or Active Directory, or the list " +
						"of people downloaded here. The first line should name the columns.")}),
				kit.TextField(typed, faults, ui.Field{Name: kit.FileField, Label: p.T("Or paste the list"), Type: "area",
					MaxLength: maxPasted, Hint: p.T("For example, copy rows from a spreadsheet, with the column names.")}),
			}}, importHelp(c)}
			return append(groups, recentImports(c)...)
		}}
}

// importHelp says what a file can have.
func importHelp(c *kit.Context) views.Group {
	p := c.Printer
	return views.Group{Title: p.T("Columns you can import"), Facts: []ui.Fact{
		{Name: p.T("Mail address"), Value: p.T("Required. People are matched by it; new ones are added.")},
		{Name: p.T("Name"), Value: p.T("One column, or first and last name. Not changed for people who have signed in.")},
		{Name: p.T("Manager"), Value: p.T("The manager's mail address. The manager can be in the same file.")},
		{Name: p.T("Groups"), Value: p.T("Names of groups and teams, with semicolons between them. People are only added " +
			"to groups, never removed.")},
		{Name: p.T("Language and time zone"), Value: p.T("Such as de-CH and Europe/Berlin.")},
		{Name: p.T("Subject"), Value: p.T("The permanent ID at the identity provider, for people who have not signed in.")},
		{Name: p.T("Attributes"), Value: p.T("Other columns you choose, such as department. An empty cell removes the " +
			"attribute.")}}}
}

// recentImports lists the imports of the reader.
func recentImports(c *kit.Context) []views.Group {
	p := c.Printer
	all, err := admin.ImportsOf(c.Ctx, c.View)
	if err != nil || len(all) == 0 {
		return nil
	}
	t := ui.Table{Label: p.T("Your recent imports"), Columns: []ui.Column{{Label: p.T("File")}, {Label: p.T("State")},
		{Label: p.T("Uploaded")}}}
	for _, m := range all {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: importFileName(c, m),
			Sub:  p.N(m.Lines, "%d line", "%d lines"),
			Href: c.AdminPath("people", "import", string(m.ID))}, {State: importBadge(c, m)},
			{Text: p.DateTime(m.Created), NoWrap: true}}})
	}
	return []views.Group{{Title: t.Label, Text: p.T("They are deleted after 7 days."), Table: &t}}
}

func importFileName(c *kit.Context, m access.PeopleImport) string {
	return cmp.Or(m.FileName, c.Printer.T("Pasted list"))
}

func importBadge(c *kit.Context, m access.PeopleImport) ui.Badge {
	p := c.Printer
	return map[access.ImportState]ui.Badge{
		access.ImportMapping:  {Kind: "idle", Text: p.T("Choose columns")},
		access.ImportChecking: {Kind: "wait", Text: p.T("Checking")},
		access.ImportChecked:  {Kind: "idle", Text: p.T("Preview")},
		access.ImportRunning:  {Kind: "wait", Text: p.T("Importing")},
		access.ImportDone:     {Kind: "good", Text: p.T("Imported")},
		access.ImportStopped:  {Kind: "bad", Text: p.T("Stopped")},
	}[m.State]
}

func showNewImport(c *kit.Context) error { return newImportForm(c).Show(c) }

func postNewImport(c *kit.Context) error {
	u := admin.Upload{Data: []byte(c.FormText(kit.FileField))}
	if utf8.RuneCount(u.Data) > maxPasted {
		return newImportForm(c).Rerender(c, access.Invalidf(kit.FileField, "Paste up to %d characters, or upload a file.",
			maxPasted))
	}
	if file, ok := c.Files[uploadField]; ok {
		if strings.TrimSpace(string(u.Data)) != "" {
			return newImportForm(c).Rerender(c, access.Invalidf(kit.FileField, "Choose a file or paste a list, not both."))
		}
		u = admin.Upload{FileName: file.Name, Data: file.Data}
	}
	m, err := c.Admin.Imports.Start(c.Ctx, c.Person, u)
	if e, ok := errors.AsType[*access.Error](err); ok && u.FileName != "" && e.Kind == access.Invalid {
		err = access.Invalidf(uploadField, e.Msg, e.Args...)
	}
	if err != nil {
		return newImportForm(c).Rerender(c, err)
	}
	return c.Redirect(http.StatusSeeOther, c.AdminPath("people", "import", string(m.ID)))
}

// loadImport loads the import in the path.
func loadImport(c *kit.Context) (admin.ImportView, error) {
	id, err := c.PathID()
	if err != nil {
		return admin.ImportView{}, err
	}
	return admin.OpenImport(c.Ctx, c.View, access.ImportID(id))
}

func showImport(c *kit.Context) error {
	read, err := loadImport(c)
	if err != nil {
		return err
	}
	if read.Import().State != access.ImportMapping {
		return showProgress(c, read)
	}
	form, err := mappingForm(c, read)
	if err != nil {
		return err
	}
	return form.Show(c)
}

// postImport does what a button of the page of an import says.
func postImport(c *kit.Context) error {
	read, err := loadImport(c)
	if err != nil {
		return err
	}
	m := read.Import()
	step := map[string]func() error{
		"run":    func() error { return c.Admin.Imports.Run(c.Ctx, c.Person, m.ID) },
		"stop":   func() error { return c.Admin.Imports.Stop(c.Ctx, c.Person, m.ID) },
		"reopen": func() error { return c.Admin.Imports.Reopen(c.Ctx, c.Person, m.ID) },
		"delete": func() error { return c.Admin.Imports.Delete(c.Ctx, c.Person, m.ID) },
	}[c.FormText("step")]
	switch {
	case step == nil:
		return postMapping(c, read)
	case c.FormText("step") == "delete":
		if err := step(); err != nil {
			return err
		}
		return c.Done(c.AdminPath("people", "import"), "importDeleted")
	}
	return goOn(c, m, step())
}

// goOn handles lines of an import that has moved on, and shows its page.
func goOn(c *kit.Context, m access.PeopleImport, err error) error {
	if err == nil {
		err = c.Admin.Imports.Advance(c.Ctx, c.Person, m.ID, linesAtOnce)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, c.AdminPath("people", "import", string(m.ID)))
}

// postMapping saves how the file is read and what its columns are, and checks the lines
// unless the file is read in another way than before: then its importer looks again.
func postMapping(c *kit.Context, read admin.ImportView) error {
	m := read.Import()
	reading := readReading(c.Fields(), m.Reading)
	again := reading.Encoding != m.Reading.Encoding || reading.Separator != m.Reading.Separator ||
		reading.Header != m.Reading.Header || c.FormText("again") != ""
	var err error
	if !again {
		err = reading.Check()
	}
	if err == nil {
		err = c.Admin.Imports.SaveReading(c.Ctx, c.Person, m.ID, c.FormVersion(), reading)
	}
	switch {
	case err == nil && again:
		return c.Redirect(http.StatusSeeOther, c.AdminPath("people", "import", string(m.ID)))
	case err == nil:
		return goOn(c, m, c.Admin.Imports.Check(c.Ctx, c.Person, m.ID))
	}
	form, formErr := mappingForm(c, read)
	if formErr != nil {
		return formErr
	}
	return form.Rerender(c, err)
}

// readReading reads the form of mappingForm.
func readReading(typed url.Values, stored access.ImportReading) access.ImportReading {
	r := access.ImportReading{Encoding: typed.Get("encoding"), Separator: typed.Get("separator"),
		Header: typed.Get("header") == "yes"}
	for i, c := range stored.Columns {
		next := access.ImportColumn{Field: access.ImportField(typed.Get(columnField(i)))}
		if next.Field == access.ImportAttribute {
			next.Attribute = cmp.Or(strings.TrimSpace(typed.Get(columnField(i)+".name")), c.Attribute)
		}
		r.Columns = append(r.Columns, next)
	}
	return r
}

func columnField(i int) string { return "column-" + strconv.Itoa(i) }

// mappingForm says how the file was read and what its columns seem to be, and lets its
// importer change both.
func mappingForm(c *kit.Context, read admin.ImportView) (kit.EditForm, error) {
	p, m := c.Printer, read.Import()
	file, err := read.File(c.Ctx)
	if err != nil {
		return kit.EditForm{}, err
	}
	path := c.AdminPath("people", "import", string(m.ID))
	stored := url.Values{"encoding": {m.Reading.Encoding}, "separator": {m.Reading.Separator},
		"header": {kit.YesNo(m.Reading.Header)}}
	for i, column := range m.Reading.Columns {
		stored.Set(columnField(i), string(column.Field))
		stored.Set(columnField(i)+".name", attributeName(p.T("Column %d", i+1), file, i, column))
	}
	e := kit.EditForm{Title: p.T("Choose columns"), Path: path, Cancel: c.AdminPath("people"), Submit: p.T("Preview"),
		Stored: stored, Version: m.Version, Crumbs: importCrumbs(c),
		Lead: p.T("This is how the file was read. Check the columns; nothing is imported before you have seen the preview.")}
	e.Groups = func(typed url.Values, faults map[string]string) []views.Group {
		return append([]views.Group{fileGroup(c, m, file, typed, faults)},
			columnGroups(c, m, file, typed, faults)...)
	}
	return e, nil
}

func importCrumbs(c *kit.Context) []views.Link {
	return peopleCrumbs(c, views.Link{Label: c.Printer.T("Import people"), Href: c.AdminPath("people", "import")})
}

// attributeName is the name of the attribute that a column is, or could be.
func attributeName(number string, f peoplefile.File, i int, c access.ImportColumn) string {
	return cmp.Or(c.Attribute, f.Head[i], number)
}

func fileGroup(c *kit.Context, m access.PeopleImport, file peoplefile.File, typed url.Values,
	faults map[string]string) views.Group {
	p := c.Printer
	encodings := ui.Select{Name: "encoding", Label: p.T("Encoding"),
		Hint: p.T("Change this if letters such as ä or é look wrong below.")}
	for _, name := range peoplefile.Encodings() {
		encodings.Options = append(encodings.Options, ui.Option{Value: name, Label: encodingWord(c, name)})
	}
	separators := ui.Select{Name: "separator", Label: p.T("Separator")}
	for _, name := range peoplefile.Separators() {
		separators.Options = append(separators.Options, ui.Option{Value: name, Label: separatorWord(c, name)})
	}
	header := ui.Select{Name: "header", Label: p.T("First line"), Options: []ui.Option{
		{Value: "yes", Label: p.T("Names the columns")}, {Value: "no", Label: p.T("Refers to a person")}}}
	return views.Group{Title: importFileName(c, m), Text: p.N(len(file.Rows), "%d line with people.",
		"%d lines with people."),
		Parts: []views.Part{kit.SelectField(typed, faults, encodings), kit.SelectField(typed, faults, separators),
			kit.SelectField(typed, faults, header)},
		Buttons: []views.Button{{Label: p.T("Read file again"), Name: "again", Value: "yes"}}}
}

func encodingWord(c *kit.Context, name string) string {
	p := c.Printer
	return cmp.Or(map[string]string{"utf-8": "UTF-8", "utf-16le": "UTF-16", "utf-16be": p.T("UTF-16, big-endian"),
		"windows-1252": p.T("Windows-1252 (Western)"), "windows-1250": p.T("Windows-1250 (Central)"),
		"windows-1251": p.T("Windows-1251 (Cyrillic)"), "windows-1253": p.T("Windows-1253 (Greek)"),
		"windows-1254": p.T("Windows-1254 (Turkish)"), "macintosh": p.T("Mac OS Roman")}[name], name)
}

func separatorWord(c *kit.Context, name string) string {
	p := c.Printer
	return cmp.Or(map[string]string{"comma": p.T("Comma"), "semicolon": p.T("Semicolon"), "tab": p.T("Tab"),
		"bar": p.T("Vertical bar")}[name], name)
}

func fieldWord(c *kit.Context, f access.ImportField) string {
	p := c.Printer
	return map[access.ImportField]string{
		access.ImportNothing: p.T("Don't import"), access.ImportMail: p.T("Mail address"), access.ImportName: p.T("Name"),
		access.ImportGivenName: p.T("First name"), access.ImportSurname: p.T("Last name"),
		access.ImportManager: p.T("Manager's mail address"), access.ImportLanguage: p.T("Language"),
		access.ImportTimeZone: p.T("Time zone"), access.ImportGroups: p.T("Groups"), access.ImportSubject: p.T("Subject"),
		access.ImportPersonID: p.T("Person ID in this portal"), access.ImportAttribute: p.T("Attribute"),
	}[f]
}

// columnGroups are the choices for the columns: first those that are imported, then the
// others.
func columnGroups(c *kit.Context, m access.PeopleImport, file peoplefile.File, typed url.Values,
	faults map[string]string) []views.Group {
	p := c.Printer
	used := views.Group{Title: p.T("Imported columns"), Field: "columns", Error: faults["columns"]}
	rest := views.Group{Title: p.T("Other columns"), Text: p.T("Not imported unless you choose what they contain.")}
	for i, column := range m.Reading.Columns {
		number := p.T("Column %d", i+1)
		attribute := attributeName(number, file, i, column)
		s := ui.Select{Name: columnField(i), Label: cmp.Or(file.Head[i], number), Hint: sampleText(c, file, i)}
		for _, f := range access.ImportFields() {
			label := fieldWord(c, f)
			if f == access.ImportAttribute {
				label = p.T("Attribute “%s”", attribute)
			}
			s.Options = append(s.Options, ui.Option{Value: string(f), Label: label})
		}
		part := kit.SelectField(typed, faults, s)
		part.Hidden = []views.Hidden{{Name: columnField(i) + ".name", Value: attribute}}
		if column.Field == access.ImportNothing {
			rest.Parts = append(rest.Parts, part)
		} else {
			used.Parts = append(used.Parts, part)
		}
	}
	if len(rest.Parts) == 0 {
		return []views.Group{used}
	}
	used.Buttons = []views.Button{{Label: p.T("Preview"), Primary: true}}
	return []views.Group{used, rest}
}

// sampleText shows the first values of a column.
func sampleText(c *kit.Context, file peoplefile.File, i int) string {
	var found []string
	for _, row := range file.Rows {
		if row.Fault != nil || row.Cells[i] == "" || slices.Contains(found, row.Cells[i]) {
			continue
		}
		if found = append(found, row.Cells[i]); len(found) == 3 {
			break
		}
	}
	for i, text := range found {
		found[i] = "“" + kit.Shorten(text, 40) + "”"
	}
	if len(found) == 0 {
		return c.Printer.T("No values")
	}
	return c.Printer.T("Such as %s", c.Printer.Series(found))
}
