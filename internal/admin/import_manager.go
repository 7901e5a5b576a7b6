package admin

import (
	"context"

	"myaccess/internal/access"
)

// newManager stands for a manager whom the same import adds, while it is only checked.
const newManager access.PersonID = "new"

// planManager finds the manager. A manager can be in the same file: the row was handled
// before this one.
func (i *peopleImport) planManager(ctx context.Context, row importedRow, p *personPlan) error {
	if row.reading.Index(access.ImportManager) < 0 {
		return nil
	}
	column, address := row.column(access.ImportManager), row.cell(access.ImportManager)
	p.wanted.Manager = ""
	if address == "" {
		return nil
	}
	if mailKey(address) == mailKey(p.line.Address) {
		return p.fault(column, access.Invalidf("", "A person can't be their own manager."))
	}
	found, err := i.tx.PeopleByEmail(ctx, i.by.Tenant, address)
	if err != nil {
		return err
	}
	at, inFile := i.work.rows[mailKey(address)]
	checking := i.work.m.State == access.ImportChecking
	switch {
	case len(found) == 1:
		p.wanted.Manager = found[0].ID
	case len(found) == 0 && inFile && checking && !i.isFaulty(at):
		p.wanted.Manager = newManager
	case len(found) == 0 && inFile && i.isFaulty(at):
		return p.fault(column, access.Invalidf("", "The manager “%s” is in line %d, which can't be imported.", address,
			i.work.file.Rows[at].Line))
	default:
		return p.fault(column, access.Invalidf("", "No person, or more than one, has the address “%s”.", address))
	}
	if checking {
		return i.checkManagersAhead(ctx, column, address, p)
	}
	err = checkManagers(ctx, i.Editor, p.wanted)
	return p.fault(column, err)
}

func (i *peopleImport) isFaulty(at int) bool { return i.work.failed[at] || i.faulty[at] }

// checkManagersAhead follows the managers up from the person, as they will be when the
// file is imported, and adds a fault for a cycle.
func (i *peopleImport) checkManagersAhead(ctx context.Context, column, address string, p *personPlan) error {
	own, at := mailKey(p.line.Address), mailKey(address)
	for range 50 {
		if at == "" {
			return nil
		}
		if at == own {
			return p.fault(column, access.Invalidf("", "This manager would make “%s” their own manager, directly or "+
				"indirectly. Choose someone else.", p.line.Name))
		}
		if row, ok := i.work.rows[at]; ok && !i.isFaulty(row) && i.work.file.Rows[row].Fault == nil {
			at = mailKey(i.work.row(row).cell(access.ImportManager))
			continue
		}
		people, err := i.tx.PeopleByEmail(ctx, i.by.Tenant, at)
		if err != nil || len(people) != 1 || people[0].Manager == "" {
			return err
		}
		m, err := i.tx.Person(ctx, i.by.Tenant, people[0].Manager)
		if err != nil {
			return err
		}
		at = mailKey(m.Email)
	}
	return nil
}

// noteDuplicate names the line of the same person before this one. The later line counts.
func (i *peopleImport) noteDuplicate(at int, l *access.ImportLine) {
	b := i.work.before[at]
	if b < 0 {
		return
	}
	l.Also = i.work.file.Rows[b].Line
	if l.Outcome == access.LineCreates && !i.isFaulty(b) {
		l.Outcome = access.LineUpdates
	}
}
