package admin

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/peoplefile"
	"myaccess/internal/plain"
	"myaccess/internal/store"
)

// importedRow is a row of an imported file with what its columns are.
type importedRow struct {
	reading access.ImportReading
	head    []string
	peoplefile.Row
}

// cell is the text in the column with the field; empty if there is none.
func (r importedRow) cell(f access.ImportField) string {
	if i := r.reading.Index(f); i >= 0 && i < len(r.Cells) {
		return r.Cells[i]
	}
	return ""
}

// column is the name of the column with the field, as in the file.
func (r importedRow) column(f access.ImportField) string { return r.columnAt(r.reading.Index(f)) }

func (r importedRow) columnAt(i int) string {
	if i < 0 || i >= len(r.reading.Columns) {
		return ""
	}
	c := r.reading.Columns[i]
	if i < len(r.head) && r.head[i] != "" {
		return r.head[i]
	}
	return cmp.Or(c.Attribute, string(c.Field))
}

// name is the person's name: of its own column, or made of first and last name.
func (r importedRow) name() string {
	return cmp.Or(r.cell(access.ImportName),
		strings.TrimSpace(r.cell(access.ImportGivenName)+" "+r.cell(access.ImportSurname)))
}

// nameColumn is the column of the name; empty if the file has none.
func (r importedRow) nameColumn() string {
	for _, f := range []access.ImportField{access.ImportName, access.ImportGivenName, access.ImportSurname} {
		if r.reading.Index(f) >= 0 {
			return r.column(f)
		}
	}
	return ""
}

// personPlan is what a row changes. Making it reads only; carrying it out is write.
type personPlan struct {
	line   access.ImportLine
	stored access.Person // with sponsors; without ID for a new person
	wanted access.Person
	joins  []access.Entry
	link   string // the subject of the account to link; empty if there is none to link
}

// fault adds a refusal at a column to the line. It returns errors that are no refusals.
func (p *personPlan) fault(column string, err error) error {
	if err == nil {
		return nil
	}
	if access.KindOf(err) == access.Internal || access.KindOf(err) == access.Unavailable {
		return err
	}
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		p.line.Faults = append(p.line.Faults, access.ImportFault{Column: column, Msg: e.Msg, Args: plainArgs(e.Args)})
	}
	return nil
}

// plainArgs are arguments of a message of the types that ImportFault can have.
func plainArgs(args []any) []any {
	var all []any
	for _, a := range args {
		switch v := a.(type) {
		case string:
			a = storableText(v)
		case int:
			a = int64(v)
		}
		all = append(all, a)
	}
	return all
}

// storableText is s without what the database cannot store, cut to a length that a report
// can show.
func storableText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
	if runes := []rune(s); len(runes) > maxReported {
		return string(runes[:maxReported]) + "…"
	}
	return s
}

// maxReported is how many characters of a cell a report shows.
const maxReported = 300

// plan returns what the row changes, or everything that is wrong with it.
func (i *peopleImport) plan(ctx context.Context, row importedRow) (personPlan, error) {
	p := personPlan{line: access.ImportLine{Line: row.Line, Outcome: access.LineSame,
		Address: storableText(row.cell(access.ImportMail)), Name: storableText(row.name())}}
	if row.Fault != nil {
		return p, p.settle(p.fault("", row.Fault))
	}
	if err := i.findPerson(ctx, row, &p); err != nil {
		return p, err
	}
	p.checkCells(row)
	known := p.stored.Tenant != "" // or to be added
	if p.wanted = wantedPerson(row, p.stored); known && p.stored.ID != "" && p.wanted.Name != p.stored.Name {
		if err := p.fault(row.nameColumn(), checkManagePerson(ctx, i.Editor, p.stored, "name")); err != nil {
			return p, err
		}
	}
	if len(p.wanted.Attributes) > access.MaxAttributes {
		_ = p.fault("", access.Invalidf("", "A person can have at most %d attributes.", access.MaxAttributes))
	}
	for _, step := range []func(context.Context, importedRow, *personPlan) error{i.planManager, i.planSubject,
		i.planGroups} {
		if err := step(ctx, row, &p); err != nil {
			return p, err
		}
	}
	return p, p.settle(nil)
}

// settle sets the outcome of the line.
func (p *personPlan) settle(err error) error {
	switch {
	case len(p.line.Faults) > 0:
		p.line.Outcome, p.line.Changed = access.LineFaulty, nil
		return err
	case p.stored.ID == "":
		p.line.Outcome = access.LineCreates
	}
	p.line.Changed = changes(p.stored, p.wanted)
	for _, g := range p.joins {
		p.line.Changed = append(p.line.Changed, g.Name)
	}
	if p.link != "" {
		p.line.Changed = append(p.line.Changed, string(access.ImportSubject))
	}
	if p.line.Outcome == access.LineSame && len(p.line.Changed) > 0 {
		p.line.Outcome = access.LineUpdates
	}
	return err
}

// checkCells adds the faults of each cell by itself. A name or an address that is stored so
// already is no fault.
func (p *personPlan) checkCells(row importedRow) {
	at := func(column string, err error) { _ = p.fault(column, err) } // refusals only
	address, name := row.cell(access.ImportMail), row.name()
	isStored := func(text, stored string) bool { return p.stored.ID != "" && text == plain.Text(stored) }
	sameName, sameAddress := isStored(name, p.stored.Name), isStored(address, p.stored.Email)
	for c, text := range row.Cells {
		field := row.reading.Columns[c].Field
		if field == access.ImportNothing || field == access.ImportAttribute || !unprintable(text) ||
			sameAddress && field == access.ImportMail || sameName && field == access.ImportName {
			continue
		}
		at(row.columnAt(c), access.Invalidf("", "The text has characters that can't be shown, such as control characters."))
	}
	if address == "" && row.cell(access.ImportPersonID) == "" {
		at(row.column(access.ImportMail), access.Invalidf("", "Required."))
	} else if _, err := mailaddr.Check("", address); address != "" && !sameAddress {
		at(row.column(access.ImportMail), err)
	}
	if name != "" && !sameName && !unprintable(name) {
		at(row.nameColumn(), access.Person{Name: name}.CheckName())
	}
	// A name that is right, so that only the faults of the other field are found.
	const right = "x"
	if language := row.cell(access.ImportLanguage); language != "" {
		at(row.column(access.ImportLanguage), access.Person{Name: right, Language: language}.CheckDetails())
	}
	if zone := row.cell(access.ImportTimeZone); zone != "" {
		at(row.column(access.ImportTimeZone), lifecycle.CheckZone(zone))
	}
	for c, text := range row.Cells {
		if a := row.reading.Columns[c]; a.Field == access.ImportAttribute && text != "" {
			at(row.columnAt(c), access.Person{Name: right,
				Attributes: map[string]string{a.Attribute: text}}.CheckDetails())
		}
	}
}

// unprintable reports whether a text has control characters or the sign of a byte that
// could not be read.
func unprintable(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || unicode.IsControl(r) })
}

// findPerson finds the person of the row, or the one to add. Without an address that can
// be used there is neither.
func (i *peopleImport) findPerson(ctx context.Context, row importedRow, p *personPlan) error {
	address, name := row.cell(access.ImportMail), row.name()
	mail := row.column(access.ImportMail)
	if id := row.cell(access.ImportPersonID); id != "" {
		found, err := i.tx.Person(ctx, i.by.Tenant, access.PersonID(id))
		switch {
		case err == nil && found.MergedInto == "":
			if address != plain.Text(found.Email) && mailKey(found.Email) != mailKey(address) {
				return p.fault(mail, access.Invalidf("", "The person with this ID has the address “%s”. An import doesn't "+
					"change addresses.", found.Email))
			}
			return i.found(ctx, row, found, p)
		case err != nil && access.KindOf(err) != access.NotFound:
			return err
		case address == "":
			return p.fault(mail, access.Invalidf("", "Required."))
		}
	}
	if _, ok := mailaddr.Parse(address); !ok {
		return nil // checkCells says so
	}
	usable := name
	if unprintable(name) || (access.Person{Name: name}).CheckName() != nil {
		usable = "" // checkCells says so
	}
	found, err := i.toPreregister(ctx, address, usable)
	if err != nil {
		return p.fault(mail, err)
	}
	if found.Account == "" && name == "" && row.nameColumn() != "" {
		if err := p.fault(row.nameColumn(), access.Invalidf("", "Required.")); err != nil {
			return err
		}
	}
	return i.found(ctx, row, found, p)
}

// home is what lifecycle.ToPreregister says of new people of a domain.
type home struct {
	person  access.Person // without name and address
	refusal error
}

// toPreregister is lifecycle.ToPreregister. It looks up each domain once.
func (i *peopleImport) toPreregister(ctx context.Context, address, name string) (access.Person, error) {
	known, err := i.tx.PeopleByEmail(ctx, i.by.Tenant, address)
	if err != nil {
		return access.Person{}, err
	}
	domain, _ := mailaddr.DomainOf(address)
	if h, ok := i.homes[domain]; ok && len(known) == 0 {
		p := h.person
		p.Email, p.Name = address, cmp.Or(name, address)
		return p, h.refusal
	}
	p, err := lifecycle.ToPreregister(ctx, i.tx.Reader, i.by.Tenant, address, name)
	if len(known) == 0 && (err == nil || access.KindOf(err) != access.Internal) {
		i.homes[domain] = home{p, err}
	}
	return p, err
}

// mailKey is an address in canonical form, or the text itself if it is none.
func mailKey(address string) string {
	if a, ok := mailaddr.Parse(address); ok {
		return string(a)
	}
	return strings.TrimSpace(address)
}

// found makes found the person of the row.
func (i *peopleImport) found(ctx context.Context, row importedRow, found access.Person, p *personPlan) (err error) {
	if found.ID != "" {
		found.Sponsors, err = i.tx.Sponsors(ctx, found.Tenant, found.ID)
	}
	p.stored = found
	if p.line.Address == "" {
		p.line.Address = storableText(found.Email)
	}
	if p.line.Name == "" && (found.ID != "" || row.nameColumn() == "") {
		p.line.Name = storableText(found.Name)
	}
	return err
}

// wantedPerson is the person with the values of the row. Fields without a column keep
// their values, and so does the name of a person who has signed in.
func wantedPerson(row importedRow, p access.Person) access.Person {
	if name := row.name(); name != "" && p.Account == "" && name != plain.Text(p.Name) {
		p.Name = name
	}
	if row.reading.Index(access.ImportLanguage) >= 0 {
		p.Language = row.cell(access.ImportLanguage)
	}
	if row.reading.Index(access.ImportTimeZone) >= 0 {
		p.TimeZone = row.cell(access.ImportTimeZone)
	}
	all := maps.Clone(p.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	for c, column := range row.reading.Columns {
		if column.Field != access.ImportAttribute {
			continue
		}
		if all[column.Attribute] = row.Cells[c]; row.Cells[c] == "" {
			delete(all, column.Attribute)
		}
	}
	p.Attributes = all
	return p
}

// changes returns the names of the fields and attributes that differ.
func changes(stored, p access.Person) []string {
	var all []string
	for field, differ := range map[access.ImportField]bool{access.ImportName: stored.Name != p.Name,
		access.ImportLanguage: stored.Language != p.Language, access.ImportTimeZone: stored.TimeZone != p.TimeZone,
		access.ImportManager: stored.Manager != p.Manager} {
		if differ {
			all = append(all, string(field))
		}
	}
	for name, value := range p.Attributes {
		if stored.Attributes[name] != value {
			all = append(all, name)
		}
	}
	for name := range stored.Attributes {
		if _, ok := p.Attributes[name]; !ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// planSubject finds out whether the person can be linked to the account with the subject.
func (i *peopleImport) planSubject(ctx context.Context, row importedRow, p *personPlan) error {
	subject := row.cell(access.ImportSubject)
	if subject == "" || p.stored.Tenant == "" {
		return nil
	}
	column := row.column(access.ImportSubject)
	if first, ok := i.work.subjects[subject]; ok && i.work.file.Rows[first].Line != row.Line &&
		mailKey(i.work.row(first).cell(access.ImportMail)) != mailKey(row.cell(access.ImportMail)) {
		return p.fault(column, access.Invalidf("", "Line %d has the same subject.",
			i.work.file.Rows[first].Line))
	}
	if p.stored.ID != "" && p.stored.Account == "" {
		if err := mayIdentify(ctx, i.Editor, p.stored); err != nil {
			return p.fault(column, err)
		}
	}
	_, _, err := accountToLink(ctx, i.Editor, KnownPerson{Person: p.wanted, Subject: subject}, p.wanted)
	if err == nil && p.stored.Account == "" {
		p.link = subject
	}
	return p.fault(column, err)
}

// planGroups finds the groups that the person is not in. Every name that is no group, and
// every group whose members the importer may not change, is a fault.
func (i *peopleImport) planGroups(ctx context.Context, row importedRow, p *personPlan) error {
	column := row.column(access.ImportGroups)
	names := row.cell(access.ImportGroups)
	if names == "" || unprintable(names) {
		return nil
	}
	var in []access.EntryID
	if p.stored.ID != "" {
		var err error
		if in, err = i.tx.GroupsOf(ctx, i.by.Tenant, p.stored.ID); err != nil {
			return err
		}
	}
	for name := range strings.SplitSeq(names, ";") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		e, err := i.group(ctx, name)
		if err == nil && !slices.Contains(in, e.ID) {
			in = append(in, e.ID)
			p.joins = append(p.joins, e)
			err = checkMembers(ctx, i.tx.Reader, i.self(), []access.EntryID{e.ID}, "groups")
			if err == nil {
				err = i.checkIdentified(ctx, *p, e)
			}
		}
		if err := p.fault(column, err); err != nil {
			return err
		}
	}
	return nil
}

// checkIdentified refuses to add a person without an account to a group with an
// administrative role, unless the row has the subject. It is checkJoins before the person
// is stored.
func (i *peopleImport) checkIdentified(ctx context.Context, p personPlan, e access.Entry) error {
	if p.stored.Tenant == "" || p.stored.Account != "" || p.link != "" {
		return nil
	}
	uses, err := i.tx.GroupRoles(ctx, i.by.Tenant, []access.EntryID{e.ID})
	if err != nil || len(uses) == 0 {
		return err
	}
	return lifecycle.CheckIdentified(ctx, i.tx.Reader, p.wanted, uses[0].GroupName)
}

// group is the group or team with the name.
func (i *peopleImport) group(ctx context.Context, name string) (access.Entry, error) {
	if e, ok := i.groups[name]; ok {
		return e, nil
	}
	found, ok, err := i.tx.EntryNamed(ctx, i.by.Tenant, name)
	switch {
	case err != nil:
		return found, err
	case ok && store.NameKey(found.Name) != store.NameKey(name):
		return found, access.Invalidf("groups", "There is no group or team “%s”. “%s” is written with other characters.",
			name, found.Name)
	case !ok || !found.IsGroup():
		return found, access.Invalidf("groups", "There is no group or team “%s”.", name)
	}
	i.groups[name] = found
	return found, nil
}

// write carries a plan out.
func (i *peopleImport) write(ctx context.Context, p personPlan) error {
	if p.stored.ID == "" {
		p.stored.ID = access.PersonID(i.tx.NewID())
		if p.wanted.Name != "" {
			p.stored.Name = p.wanted.Name
		}
		if err := lifecycle.AddPreregistered(ctx, i.tx, i.by, p.stored); err != nil {
			return err
		}
		p.wanted.ID = p.stored.ID
	}
	if len(changes(p.stored, p.wanted)) > 0 {
		if err := savePerson(ctx, i.Editor, p.wanted, p.stored); err != nil {
			return err
		}
	}
	if p.link != "" {
		if err := setSubject(ctx, i.Editor, p.wanted, p.link); err != nil {
			return err
		}
	}
	for _, g := range p.joins {
		m := access.Membership{Entry: g.ID, Role: store.GroupMember, Person: p.wanted.ID}
		if err := checkJoins(ctx, i.Editor, p.wanted, m, "groups"); err != nil {
			return err
		}
		added, err := i.tx.AddMember(ctx, i.by.Tenant, m)
		if err != nil {
			return err
		}
		if !added {
			continue
		}
		if err := i.record(ctx, access.ActChangeMembers, object{kind: access.ObjectKind(g.Kind), id: string(g.ID),
			to: m.Role + ": " + p.wanted.Name}); err != nil {
			return err
		}
	}
	return nil
}
