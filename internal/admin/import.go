package admin

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/peoplefile"
)

// Imports are the imports of people. An import goes through the states of
// access.ImportState: a file is uploaded, its importer says what its columns are, every
// line is checked without a change, and then the lines without a fault are imported.
// Checking and importing take a bounded number of lines in each transaction, which also
// stores how far it has come, so that other changes are not kept waiting, and an import
// that is interrupted goes on where it was.
type Imports struct{ admin *Admin }

// Upload is a file of people as it was sent. FileName is empty for pasted text.
type Upload struct {
	FileName string
	Data     []byte
}

// maxImports is the maximum number of imports that are kept of a person. Older ones are
// deleted, unless they are in progress.
const maxImports = 5

// maxFileName is the maximum length of the name of a file, in characters.
const maxFileName = 100

// Start stores a file to be imported, with a guess of how it is written and what its
// columns are. Invalid with the field file if it is not a list of people.
func (r *Imports) Start(ctx context.Context, by access.Person, u Upload) (access.PeopleImport, error) {
	var none access.PeopleImport
	if len(u.Data) == 0 {
		return none, access.Invalidf("file", "Choose a file or paste a list.")
	}
	reading, file, err := peoplefile.Detect(u.Data)
	if err != nil {
		return none, faultAt("file", err)
	}
	content, err := pack(u.Data)
	if err != nil {
		return none, err
	}
	name := []rune(storableText(u.FileName))
	return result(ctx, r.admin, by, func(ed *Editor) (access.PeopleImport, error) {
		if err := ed.rights.May(access.ManagePeople); err != nil {
			return none, err
		}
		if err := ed.deleteImportsBut(ctx, maxImports-1); err != nil {
			return none, err
		}
		m := access.PeopleImport{ID: access.ImportID(ed.tx.NewID()), Tenant: ed.by.Tenant, By: ed.by.ID,
			FileName: string(name[:min(len(name), maxFileName)]), State: access.ImportMapping, Reading: reading,
			Lines: len(file.Rows), Created: ed.tx.Now, Version: 1}
		return m, ed.tx.AddPeopleImport(ctx, m, content)
	})
}

// deleteImportsBut deletes the imports of the actor but the latest ones and those in
// progress.
func (ed *Editor) deleteImportsBut(ctx context.Context, n int) error {
	all, err := ed.tx.PeopleImportsOf(ctx, ed.by.Tenant, ed.by.ID)
	if err != nil {
		return err
	}
	for _, m := range all[min(n, len(all)):] {
		if m.State == access.ImportRunning {
			continue
		}
		if err := ed.tx.DeletePeopleImport(ctx, m.Tenant, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// pack compresses a file.
func pack(data []byte) (string, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}

// unpack undoes pack.
func unpack(content string) ([]byte, error) {
	r, err := gzip.NewReader(strings.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, peoplefile.MaxSize))
}

// changeImport runs f in a transaction with an import of the actor. It returns NotFound
// for the import of anyone else: it is imported with its importer's rights.
func (r *Imports) changeImport(ctx context.Context, by access.Person, id access.ImportID,
	f func(ed *Editor, m access.PeopleImport) error) error {
	return r.admin.change(ctx, by, func(ed *Editor) error {
		m, err := ed.tx.PeopleImport(ctx, ed.by.Tenant, id)
		if err != nil {
			return err
		}
		if m.By != ed.by.ID {
			return access.Missing()
		}
		if err := ed.rights.May(access.ManagePeople); err != nil {
			return err
		}
		return f(ed, m)
	})
}

// SaveReading changes how the file of an import is read, and what its columns are, at
// the version. If it is read in another way than before, what the columns are is guessed
// again.
func (r *Imports) SaveReading(ctx context.Context, by access.Person, id access.ImportID, version int64,
	reading access.ImportReading) error {
	stored, err := r.admin.store.PeopleImport(ctx, by.Tenant, id)
	if err != nil {
		return err
	}
	content, err := r.admin.store.PeopleImportContent(ctx, by.Tenant, id)
	if err != nil {
		return err
	}
	data, err := unpack(content)
	if err != nil && content != "" {
		return err
	}
	return r.changeImport(ctx, by, id, func(ed *Editor, m access.PeopleImport) error {
		if m.State != access.ImportMapping {
			return errImportMoved()
		}
		if err := checkVersion(m.Version, version); err != nil {
			return err
		}
		file, err := peoplefile.Read(data, reading)
		if e, ok := errors.AsType[*access.Error](err); ok && e.Field == "file" {
			return faultAt("separator", err)
		}
		if err != nil {
			return err
		}
		was := stored.Reading
		same := was.Encoding == reading.Encoding && was.Separator == reading.Separator && was.Header == reading.Header
		if !same || len(reading.Columns) != len(file.Head) {
			reading.Columns = peoplefile.Guess(file)
		}
		m.Reading, m.Lines = reading, len(file.Rows)
		return ed.tx.SavePeopleImport(ctx, m)
	})
}

// faultAt is a refusal at another field.
func faultAt(field string, err error) error {
	if e, ok := errors.AsType[*access.Error](err); ok {
		return access.Invalidf(field, e.Msg, e.Args...)
	}
	return err
}

// errImportMoved refuses a step of an import that is in another state.
func errImportMoved() error {
	return access.Refuse(access.Conflict, "The import has changed since you opened this page. Check it again.")
}

// Check begins to check the lines of an import. Invalid with the field columns if
// its columns have faults.
func (r *Imports) Check(ctx context.Context, by access.Person, id access.ImportID) error {
	return r.moveImport(ctx, by, id, access.ImportChecking)
}

// Run begins to import the lines of a checked import that have no fault.
func (r *Imports) Run(ctx context.Context, by access.Person, id access.ImportID) error {
	return r.moveImport(ctx, by, id, access.ImportRunning)
}

// Reopen takes an import that is not running yet back to its columns.
func (r *Imports) Reopen(ctx context.Context, by access.Person, id access.ImportID) error {
	return r.moveImport(ctx, by, id, access.ImportMapping)
}

// Stop stops a running import. Lines that were imported stay imported.
func (r *Imports) Stop(ctx context.Context, by access.Person, id access.ImportID) error {
	return r.moveImport(ctx, by, id, access.ImportStopped)
}

func (r *Imports) moveImport(ctx context.Context, by access.Person, id access.ImportID, to access.ImportState) error {
	return r.changeImport(ctx, by, id, func(ed *Editor, m access.PeopleImport) error {
		if !m.State.CanMove(to) {
			return errImportMoved()
		}
		position := 0
		switch to {
		case access.ImportChecking:
			if err := m.Reading.Check(); err != nil {
				return err
			}
		case access.ImportRunning:
			counts, err := ed.tx.CountImportLines(ctx, m)
			if err != nil {
				return err
			}
			if counts[access.LineFaulty] == m.Lines {
				return access.Invalidf("", "No line can be imported. Correct the file and upload it again.")
			}
		case access.ImportStopped:
			position = m.Position
		default:
		}
		if err := ed.tx.MovePeopleImport(ctx, m, to, position); err != nil || to != access.ImportStopped {
			return err
		}
		return ed.recordImport(ctx, m, "stopped")
	})
}

// Delete deletes an import that is not running.
func (r *Imports) Delete(ctx context.Context, by access.Person, id access.ImportID) error {
	return r.changeImport(ctx, by, id, func(ed *Editor, m access.PeopleImport) error {
		if m.State == access.ImportRunning {
			return errImportMoved()
		}
		return ed.tx.DeletePeopleImport(ctx, m.Tenant, m.ID)
	})
}

// recordImport audits the end of an import, if it has changed anything. Each person and
// each membership that it has changed has its own record.
func (ed *Editor) recordImport(ctx context.Context, m access.PeopleImport, end string) error {
	counts, err := ed.tx.CountImportLines(ctx, m)
	if err != nil || m.State != access.ImportRunning {
		return err
	}
	text := fmt.Sprintf("%d created, %d updated, %d unchanged, %d not imported", counts[access.LineCreated],
		counts[access.LineUpdated], counts[access.LineKept],
		m.Lines-counts[access.LineCreated]-counts[access.LineUpdated]-counts[access.LineKept])
	if end != "" {
		text = end + ": " + text
	}
	if m.FileName != "" {
		text += " (" + m.FileName + ")"
	}
	return ed.record(ctx, access.ActImport, object{kind: access.ObjectTenant, id: string(m.Tenant), to: text})
}
