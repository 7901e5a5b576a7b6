package admin

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"myaccess/internal/access"
	"myaccess/internal/peoplefile"
	"myaccess/internal/store"
)

// Lines of a transaction. A transaction of either kind takes some hundredths of a second.
const (
	checkedAtOnce  = 200
	importedAtOnce = 50
)

// linesOfRun is how many lines of one import a run of the job handles, so that several
// imports take turns.
const linesOfRun = 2000

// Work checks and imports lines of the imports in progress, and returns how many.
// An import that fails does not hinder the others; it is tried again by the next run.
func (r *Imports) Work(ctx context.Context) (int, error) {
	busy, err := r.admin.store.BusyPeopleImports(ctx)
	if err != nil {
		return 0, err
	}
	handled, failed := 0, []error(nil)
	for _, m := range busy {
		n, err := r.advanceSafely(ctx, m, linesOfRun)
		handled, failed = handled+n, append(failed, err)
	}
	return handled, errors.Join(failed...)
}

// Advance checks or imports about as many lines of the actor's import at once; jobs
// do the rest.
func (r *Imports) Advance(ctx context.Context, by access.Person, id access.ImportID, lines int) error {
	m, err := r.admin.store.PeopleImport(ctx, by.Tenant, id)
	if err != nil || !m.State.Busy() || m.By != by.ID {
		return err
	}
	_, err = r.advance(ctx, m, lines)
	return err
}

// advanceSafely is advance; a panic becomes an error.
func (r *Imports) advanceSafely(ctx context.Context, m access.PeopleImport, lines int) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("importing people: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.advance(ctx, m, lines)
}

// advance checks or imports lines of an import until it is done with the state, or has
// handled the given number of lines.
func (r *Imports) advance(ctx context.Context, m access.PeopleImport, lines int) (handled int, err error) {
	w, err := r.importWork(ctx, m)
	if access.KindOf(err) == access.NotFound && err != nil {
		return 0, nil // it has just been deleted
	}
	if err != nil {
		return 0, err
	}
	for handled < lines && w.m.State == m.State && err == nil && ctx.Err() == nil {
		from := w.m.Position
		err = r.importChunk(ctx, w)
		handled += w.m.Position - from
	}
	if access.KindOf(err) == access.Conflict && err != nil {
		return handled, nil // stopped, or another process works on it
	}
	if w.m.State != m.State {
		r.admin.wake()
	}
	return handled, err
}

// importWork is an import in progress.
type importWork struct {
	m     access.PeopleImport
	by    access.Person
	file  peoplefile.File
	order []int          // of the rows: managers before their people
	rows  map[string]int // the last row by the canonical address of its person
	// subjects are the first rows with each subject.
	subjects map[string]int
	before   []int        // the row before with the same address; -1 if there is none
	failed   map[int]bool // rows with faults
	lines    map[int]int  // rows by their lines
	// refused are the rows that could not be written, although nothing was wrong with them.
	refused map[int]error
}

func (r *Imports) importWork(ctx context.Context, m access.PeopleImport) (*importWork, error) {
	w := &importWork{m: m, rows: map[string]int{}, subjects: map[string]int{}, failed: map[int]bool{},
		lines:   map[int]int{},
		refused: map[int]error{}}
	var err error
	if w.by, err = r.admin.store.Person(ctx, m.Tenant, m.By); err != nil {
		return nil, err
	}
	if w.file, err = readImport(ctx, r.admin.store.Reader, m); err != nil {
		return nil, err
	}
	w.before = make([]int, len(w.file.Rows))
	for at, row := range w.file.Rows {
		w.lines[row.Line], w.before[at] = at, -1
		subject := w.row(at).cell(access.ImportSubject)
		if _, ok := w.subjects[subject]; !ok {
			w.subjects[subject] = at
		}
		key := mailKey(w.row(at).cell(access.ImportMail))
		if key == "" {
			continue
		}
		if last, ok := w.rows[key]; ok {
			w.before[at] = last
		}
		w.rows[key] = at
	}
	w.sort()
	faulty, err := r.admin.store.ImportLines(ctx, m, []access.ImportOutcome{access.LineFaulty, access.LineFailed}, 0,
		peoplefile.MaxPeople)
	for _, l := range faulty {
		w.failed[w.lines[l.Line]] = true
	}
	return w, err
}

func (w *importWork) row(at int) importedRow {
	return importedRow{w.m.Reading, w.file.Head, w.file.Rows[at]}
}

// sort puts the rows in the order in which they are handled: that of the file, but the row
// of a manager before those of the manager's people. Of a circle of managers, which is a
// fault, any order will do.
func (w *importWork) sort() {
	seen := make([]bool, len(w.file.Rows))
	for at := range w.file.Rows {
		if seen[at] {
			continue
		}
		var path []int // rows that wait for the next one
		for next := at; next >= 0 || len(path) > 0; {
			if next >= 0 && !seen[next] {
				seen[next] = true
				path = append(path, next)
				next = w.waitsFor(next, seen)
				continue
			}
			last := path[len(path)-1]
			if more := w.waitsFor(last, seen); more >= 0 {
				next = more
				continue
			}
			w.order, path, next = append(w.order, last), path[:len(path)-1], -1
		}
	}
}

// waitsFor is a row that has to be handled before the given one and is not seen yet; -1 if
// there is none.
func (w *importWork) waitsFor(at int, seen []bool) int {
	if b := w.before[at]; b >= 0 && !seen[b] {
		return b
	}
	if m, ok := w.rows[mailKey(w.row(at).cell(access.ImportManager))]; ok && !seen[m] {
		return m
	}
	return -1
}

// peopleImport is one transaction of an import.
type peopleImport struct {
	*Editor
	work   *importWork
	groups map[string]access.Entry
	homes  map[access.Domain]home
	faulty map[int]bool // rows with faults that this transaction has found
}

// refusedRow ends a transaction in which a row could not be written.
type refusedRow struct {
	at  int
	err error
}

// Error implements error.
func (r *refusedRow) Error() string { return r.err.Error() }

// Unwrap returns the refusal.
func (r *refusedRow) Unwrap() error { return r.err }

// importChunk handles the next lines of an import in one transaction.
func (r *Imports) importChunk(ctx context.Context, w *importWork) error {
	size := checkedAtOnce
	if w.m.State == access.ImportRunning {
		size = importedAtOnce
	}
	end := min(w.m.Position+size, len(w.order))
	var moved access.PeopleImport
	var faulty []int
	err := r.admin.store.Write(ctx, func(tx *store.Tx) error {
		faulty = nil
		var warnings access.Errors
		ed, err := r.admin.editor(ctx, tx, ByPerson(w.by), &warnings)
		if err != nil {
			return err
		}
		i := peopleImport{Editor: ed, work: w, groups: map[string]access.Entry{}, homes: map[access.Domain]home{},
			faulty: map[int]bool{}}
		moved, faulty, err = i.chunk(ctx, end)
		return err
	})
	if r, ok := errors.AsType[*refusedRow](err); ok && access.KindOf(r.err) != access.Internal {
		w.refused[r.at] = r.err
		return nil // the next transaction leaves the row out
	}
	if err != nil {
		return err
	}
	w.m = moved
	for _, at := range faulty {
		w.failed[at] = true
	}
	return nil
}

// chunk handles the rows up to end. It returns the import as it is then, and the rows with
// faults. An importer who has lost the right to import stops the import.
func (i *peopleImport) chunk(ctx context.Context, end int) (access.PeopleImport, []int, error) {
	m := i.work.m
	to := m.State
	if i.rights.May(access.ManagePeople) != nil {
		to, end = access.ImportStopped, m.Position
	}
	lines, faulty, err := i.handle(ctx, i.work.order[m.Position:end])
	if err != nil {
		return m, nil, err
	}
	if m.State == access.ImportChecking {
		err = i.tx.AddImportLines(ctx, m, lines)
	}
	for _, l := range lines {
		if err == nil && m.State == access.ImportRunning {
			err = i.tx.UpdateImportLine(ctx, m, l)
		}
	}
	if err != nil {
		return m, nil, err
	}
	if end == len(i.work.order) && to == m.State {
		to = map[access.ImportState]access.ImportState{access.ImportChecking: access.ImportChecked,
			access.ImportRunning: access.ImportDone}[m.State]
	}
	if err := i.tx.MovePeopleImport(ctx, m, to, end); err != nil {
		return m, nil, err
	}
	switch to {
	case access.ImportDone:
		err = i.recordImport(ctx, m, "")
	case access.ImportStopped:
		err = i.recordImport(ctx, m, "stopped")
	default:
	}
	m.State, m.Position = to, end
	return m, faulty, err
}

// handle checks or imports rows.
func (i *peopleImport) handle(ctx context.Context, rows []int) (lines []access.ImportLine, faulty []int, err error) {
	running := i.work.m.State == access.ImportRunning
	for _, at := range rows {
		if running && i.work.failed[at] {
			continue // was so when it was checked, and is not what the importer has agreed to
		}
		p, err := i.plan(ctx, i.work.row(at))
		if err != nil {
			return nil, nil, err
		}
		if refusal := i.work.refused[at]; refusal != nil {
			if err := p.fault("", refusal); err != nil {
				return nil, nil, err
			}
			p.line.Outcome, p.line.Changed = access.LineFaulty, nil
		}
		if running && p.line.Outcome != access.LineFaulty {
			if err := i.write(ctx, p); err != nil {
				return nil, nil, &refusedRow{at, err}
			}
		}
		if p.line.Outcome == access.LineFaulty {
			faulty = append(faulty, at)
			i.faulty[at] = true
		}
		i.noteDuplicate(at, &p.line)
		if running {
			p.line.Outcome = p.line.Outcome.Done()
		}
		lines = append(lines, p.line)
	}
	return lines, faulty, nil
}
