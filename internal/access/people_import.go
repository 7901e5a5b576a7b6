package access

import (
	"slices"
	"time"
)

// ImportState is how far an import has come.
type ImportState string

// The states of an import.
const (
	ImportMapping  ImportState = "mapping"  // the importer says which column is what
	ImportChecking ImportState = "checking" // its lines are checked, nothing is changed
	ImportChecked  ImportState = "checked"  // the importer can start it
	ImportRunning  ImportState = "running"  // its lines are imported
	ImportDone     ImportState = "done"
	ImportStopped  ImportState = "stopped" // before all lines were imported
)

// CanMove reports whether an import in state s can become one in state to.
func (s ImportState) CanMove(to ImportState) bool {
	return slices.Contains(map[ImportState][]ImportState{
		ImportMapping:  {ImportChecking},
		ImportChecking: {ImportMapping, ImportChecked, ImportStopped},
		ImportChecked:  {ImportMapping, ImportRunning},
		ImportRunning:  {ImportDone, ImportStopped},
	}[s], to)
}

// Busy reports whether a job works on an import in the state.
func (s ImportState) Busy() bool { return s == ImportChecking || s == ImportRunning }

// Ended reports whether nothing more happens to an import in the state.
func (s ImportState) Ended() bool { return s == ImportDone || s == ImportStopped }

// PeopleImport is a file of people that someone imports, in steps: upload, mapping of the
// columns, check, import. Nobody else can see it, because it is imported with the
// importer's rights.
type PeopleImport struct {
	ID       ImportID
	Tenant   TenantID
	By       PersonID
	FileName string // empty for pasted text
	State    ImportState
	Reading  ImportReading
	Lines    int // with people
	Position int // how many lines have been checked or imported; of the current state
	Created  time.Time
	Ended    time.Time // zero until Ended
	Version  int64
}

// ImportReading says how a file is written and what its columns are.
type ImportReading struct {
	Encoding  string // such as utf-8
	Separator string // name of the character between columns, such as comma
	Header    bool   // the first line names the columns
	Columns   []ImportColumn
}

// ImportColumn is what a column of a file contains.
type ImportColumn struct {
	Field ImportField
	// Attribute is the name of the attribute, if Field is ImportAttribute.
	Attribute string `json:",omitempty"`
}

// ImportField is what a column can contain.
type ImportField string

// What a column can contain.
const (
	ImportNothing   ImportField = "" // the column is not imported
	ImportMail      ImportField = "mail"
	ImportName      ImportField = "displayName"
	ImportGivenName ImportField = "givenName"
	ImportSurname   ImportField = "surname"
	ImportManager   ImportField = "manager" // mail address of the manager
	ImportLanguage  ImportField = "preferredLanguage"
	ImportTimeZone  ImportField = "timeZone"
	ImportGroups    ImportField = "groups"  // names, separated by semicolons
	ImportSubject   ImportField = "subject" // the provider's permanent ID of a person who has not signed in
	ImportPersonID  ImportField = "id"      // of a person here, as in the portal's own downloads
	ImportAttribute ImportField = "attribute"
)

// ImportFields returns everything that a column can contain.
func ImportFields() []ImportField {
	return []ImportField{ImportNothing, ImportMail, ImportName, ImportGivenName, ImportSurname, ImportManager,
		ImportLanguage, ImportTimeZone, ImportGroups, ImportSubject, ImportPersonID, ImportAttribute}
}

// Index is the position of the first column with the field; -1 if there is none.
func (r ImportReading) Index(f ImportField) int {
	return slices.IndexFunc(r.Columns, func(c ImportColumn) bool { return c.Field == f })
}

// Check returns every fault of the columns: none has the mail addresses, two have the same
// content, too many attributes. The field is columns.
func (r ImportReading) Check() error {
	var es Errors
	if r.Index(ImportMail) < 0 {
		es.Add(Invalidf("columns", "Choose the column that has the mail addresses."))
	}
	seen := map[ImportColumn]bool{}
	attributes := 0
	for _, c := range r.Columns {
		if !slices.Contains(ImportFields(), c.Field) {
			es.Add(Invalidf("columns", "Choose one of the options."))
		}
		switch {
		case c.Field == ImportNothing:
			continue
		case seen[c] && c.Field == ImportAttribute:
			es.Add(Invalidf("columns", "Two columns are for the attribute “%s”. Choose one.", c.Attribute))
		case seen[c]:
			es.Add(Invalidf("columns", "Two columns are for the same field: %s. Choose one.", string(c.Field)))
		}
		if seen[c] = true; c.Field == ImportAttribute {
			attributes++
		}
	}
	if attributes > MaxAttributes {
		es.Add(Invalidf("columns", "A person can have at most %d attributes.", MaxAttributes))
	}
	return es.Err()
}

// ImportOutcome is what happens, or has happened, to a line of an import.
type ImportOutcome string

// The outcomes of a line. Until the import runs, they are what would happen.
const (
	LineCreates ImportOutcome = "create" // the person is new
	LineUpdates ImportOutcome = "update"
	LineSame    ImportOutcome = "same" // nothing changes
	LineFaulty  ImportOutcome = "fault"
	LineCreated ImportOutcome = "created"
	LineUpdated ImportOutcome = "updated"
	LineKept    ImportOutcome = "kept" // nothing had to change
	LineFailed  ImportOutcome = "failed"
)

// Done is the outcome of a line that is imported.
func (o ImportOutcome) Done() ImportOutcome {
	return map[ImportOutcome]ImportOutcome{LineCreates: LineCreated, LineUpdates: LineUpdated, LineSame: LineKept,
		LineFaulty: LineFailed}[o]
}

// ImportLine is the result of a line of an import.
type ImportLine struct {
	Line    int // where it is in the file, from 1
	Outcome ImportOutcome
	Address string
	Name    string
	Changed []string // names of the columns, attributes and groups
	Faults  []ImportFault
	// Also is the line of the same person before this one; 0 if there is none.
	Also int
}

// ImportFault is something that is wrong with a line, at a column; Column is empty for the
// whole line. Msg and Args are as in Error; Args has texts and whole numbers only.
type ImportFault struct {
	Column string
	Msg    Message
	Args   []any
}
