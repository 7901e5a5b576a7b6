package admin

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/plain"
	"myaccess/internal/store"
)

// Imported is the result of one line of an import, or of its preview.
type Imported struct {
	Line    int
	Address string
	Name    string
	Verb    string // create, update or same
	Changed []string
	Err     error // nil if the line can be imported
}

// The columns of an import file. Any other column is an attribute.
const (
	colMail     = "mail"
	colName     = "displayName"
	colManager  = "manager"
	colLanguage = "preferredLanguage"
	colZone     = "timeZone"
	colGroups   = "groups"  // names, separated by semicolons
	colSubject  = "subject" // the provider's permanent ID of a person who has not signed in
)

// maxImport is the maximum number of people in one file.
const maxImport = 20000

// errDryRun rolls back an import that is only previewed or has errors.
var errDryRun = errors.New("dry run")

// Import adds and updates the people of a CSV file. The columns mail and displayName are
// required; manager, preferredLanguage, timeZone, groups and subject are optional; every
// other column is an attribute. People are matched by their address. Groups must exist, and no
// one is removed from a group. A dry run changes nothing. If a line has an error, nothing
// is imported, and the errors of all lines are returned.
func (a *Admin) Import(ctx context.Context, by access.Person, text string, dry bool) ([]Imported, error) {
	rows, head, err := readPeople(text)
	if err != nil {
		return nil, err
	}
	var lines []Imported
	err = a.change(ctx, by, func(ed *Editor) error {
		lines = nil
		if err := ed.rights.May(access.ManagePeople); err != nil {
			return err
		}
		i := peopleImport{Editor: ed, groups: map[string]access.Entry{}}
		bad := false
		for n, row := range rows {
			line := i.person(ctx, head, row)
			line.Line = n + 2
			if access.KindOf(line.Err) == access.Internal && line.Err != nil {
				return line.Err
			}
			bad = bad || line.Err != nil
			lines = append(lines, line)
		}
		for n, row := range rows {
			if lines[n].Err != nil {
				continue
			}
			err := i.setManager(ctx, head, row, &lines[n])
			if err != nil && access.KindOf(err) == access.Internal {
				return err
			}
			lines[n].Err = err
			bad = bad || err != nil
		}
		if dry || bad {
			return errDryRun
		}
		return ed.record(ctx, access.ActImport, object{kind: access.ObjectTenant, id: string(by.Tenant),
			to: countText(lines)})
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return lines, err
}

func countText(lines []Imported) string {
	var created, updated []string
	for _, l := range lines {
		switch l.Verb {
		case "create":
			created = append(created, l.Address)
		case "update":
			updated = append(updated, l.Address)
		}
	}
	return "created " + strings.Join(created, " ") + "; updated " + strings.Join(updated, " ")
}

// readPeople splits the file into its header and its rows.
func readPeople(text string) (rows [][]string, head []string, err error) {
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	in.TrimLeadingSpace = true
	if first, _, _ := strings.Cut(text, "\n"); strings.Count(first, ";") > strings.Count(first, ",") {
		in.Comma = ';'
	}
	head, err = in.Read()
	if err != nil {
		return nil, nil, access.Invalidf("file", "The file is empty, or its first line cannot be read.")
	}
	for i := range head {
		head[i] = plain.Text(plainCell(head[i]))
	}
	if !slices.Contains(head, colMail) || !slices.Contains(head, colName) {
		return nil, nil, access.Invalidf("file", "The first line names the columns. Two are needed: %s and %s.", colMail,
			colName)
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if fault, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, nil, access.Invalidf("file", "Line %d cannot be read: it has another number of columns, or a "+
				"quotation mark that is not closed.", fault.Line)
		}
		if err != nil {
			return nil, nil, access.Invalidf("file", "The file cannot be read.")
		}
		for i := range row {
			row[i] = plain.Text(plainCell(row[i]))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || len(rows) > maxImport {
		return nil, nil, access.Invalidf("file", "A file has from 1 to %d people.", maxImport)
	}
	return rows, head, nil
}

// peopleImport is the state of one import.
type peopleImport struct {
	*Editor
	groups map[string]access.Entry
}

func cell(head, row []string, name string) string {
	if at := slices.Index(head, name); at >= 0 {
		return row[at]
	}
	return ""
}

// person adds or updates the person of a row, except for the manager.
func (i *peopleImport) person(ctx context.Context, head, row []string) Imported {
	line := Imported{Address: cell(head, row, colMail), Name: cell(head, row, colName), Verb: "same"}
	known, err := i.tx.PeopleByEmail(ctx, i.by.Tenant, line.Address)
	if err != nil {
		return withError(line, err)
	}
	if len(known) == 0 {
		line.Verb = "create"
	}
	stored, err := lifecycle.Preregister(ctx, i.tx, i.by, line.Address, line.Name)
	if err != nil {
		return withError(line, err)
	}
	stored.Sponsors, err = i.tx.Sponsors(ctx, stored.Tenant, stored.ID)
	if err != nil {
		return withError(line, err)
	}
	p := i.wanted(head, row, stored)
	if err := checkPerson(ctx, i.Editor, p); err != nil {
		return withError(line, err)
	}
	line.Changed = changes(stored, p)
	if len(line.Changed) > 0 {
		if err := savePerson(ctx, i.Editor, p, stored); err != nil {
			return withError(line, err)
		}
	}
	linked, err := i.setSubject(ctx, p, cell(head, row, colSubject))
	if err != nil {
		return withError(line, err)
	}
	line.Changed = append(line.Changed, linked...)
	joined, err := i.addToGroups(ctx, p, cell(head, row, colGroups))
	if line.Changed = append(line.Changed, joined...); len(line.Changed) > 0 && line.Verb == "same" {
		line.Verb = "update"
	}
	return withError(line, err)
}

func withError(line Imported, err error) Imported {
	line.Err = err
	return line
}

// setSubject links a person who has not signed in to the account with the subject, if
// there is one in the row, and returns the column if that is a change.
func (i *peopleImport) setSubject(ctx context.Context, p access.Person, subject string) ([]string, error) {
	switch {
	case subject == "":
		return nil, nil
	case p.Account == "":
		return []string{colSubject}, setSubject(ctx, i.Editor, p, subject)
	}
	_, err := linkAccount(ctx, i.Editor, KnownPerson{Person: p, Subject: subject}, &p)
	return nil, err
}

// wanted is the person with the values of the row. Fields without a column keep their
// values.
func (i *peopleImport) wanted(head, row []string, p access.Person) access.Person {
	attributes := map[string]string{}
	for name, value := range p.Attributes {
		attributes[name] = value
	}
	for at, name := range head {
		value := row[at]
		switch name {
		case colMail, colManager, colGroups, colSubject, "":
		case colName:
			if p.Account == "" {
				p.Name = value
			}
		case colLanguage:
			p.Language = value
		case colZone:
			p.TimeZone = value
		default:
			if attributes[name] = value; value == "" {
				delete(attributes, name)
			}
		}
	}
	p.Attributes = attributes
	return p
}

// changes returns the names of the fields and attributes that differ.
func changes(stored, p access.Person) []string {
	var all []string
	for name, differ := range map[string]bool{colName: stored.Name != p.Name, colLanguage: stored.Language != p.Language,
		colZone: stored.TimeZone != p.TimeZone} {
		if differ {
			all = append(all, name)
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

// addToGroups adds the person to the named groups and returns the groups that the person
// was not in.
func (i *peopleImport) addToGroups(ctx context.Context, p access.Person, names string) ([]string, error) {
	var joined []string
	for name := range strings.SplitSeq(names, ";") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		e, known := i.groups[name]
		if !known {
			found, ok, err := i.tx.EntryNamed(ctx, i.by.Tenant, name)
			if err != nil {
				return joined, err
			}
			if ok && store.NameKey(found.Name) != store.NameKey(name) {
				return joined, access.Invalidf(colGroups, "There is no group or team “%s”. “%s” is written with other "+
					"characters.", name, found.Name)
			}
			if !ok || !found.IsGroup() {
				return joined, access.Invalidf(colGroups, "There is no group or team “%s”.", name)
			}
			e, i.groups[name] = found, found
		}
		m := access.Membership{Entry: e.ID, Role: store.GroupMember, Person: p.ID}
		changed, err := i.tx.AddMember(ctx, i.by.Tenant, m)
		if err != nil {
			return joined, err
		}
		if changed {
			err := checkMembers(ctx, i.tx.Reader, i.self(), []access.EntryID{e.ID}, colGroups)
			if err == nil {
				err = checkJoins(ctx, i.Editor, p, m, colGroups)
			}
			if err != nil {
				return joined, err
			}
			joined = append(joined, e.Name)
			if err := i.record(ctx, access.ActChangeMembers, object{kind: access.ObjectKind(e.Kind), id: string(e.ID),
				to: m.Role + ": " + p.Name}); err != nil {
				return joined, err
			}
		}
	}
	return joined, nil
}

// setManager sets the row's manager. It runs after all people are added, because a manager
// can be in a later row.
func (i *peopleImport) setManager(ctx context.Context, head, row []string, line *Imported) error {
	if !slices.Contains(head, colManager) {
		return nil
	}
	one := func(address string) (access.Person, error) {
		found, err := i.tx.PeopleByEmail(ctx, i.by.Tenant, address)
		if err == nil && len(found) != 1 {
			err = access.Invalidf(colManager, "There is nobody, or more than one, with the address “%s”.", address)
		}
		if err != nil {
			return access.Person{}, err
		}
		return found[0], nil
	}
	p, err := one(line.Address)
	if err != nil {
		return err
	}
	wanted := p
	wanted.Manager = ""
	if address := cell(head, row, colManager); address != "" {
		m, err := one(address)
		if err != nil {
			return err
		}
		wanted.Manager = m.ID
	}
	if wanted.Manager == p.Manager {
		return nil
	}
	if wanted.Sponsors, err = i.tx.Sponsors(ctx, p.Tenant, p.ID); err != nil {
		return err
	}
	if err := checkPerson(ctx, i.Editor, wanted); err != nil {
		return err
	}
	if line.Changed = append(line.Changed, colManager); line.Verb == "same" {
		line.Verb = "update"
	}
	return savePerson(ctx, i.Editor, wanted, p)
}
