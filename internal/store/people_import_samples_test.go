package store_test

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// addImports adds samples of imports of people.
func (s samples) addImports(w *storetest.World) {
	lines := []access.ImportLine{{Line: 1, Outcome: access.LineCreates}, {Line: 2, Outcome: access.LineFaulty}}
	for i, state := range []access.ImportState{access.ImportMapping, access.ImportChecking,
		access.ImportChecked, access.ImportRunning, access.ImportDone, access.ImportStopped} {
		m := access.PeopleImport{ID: access.ImportID(state), Tenant: w.Tenant.ID, By: w.Lena.ID, State: state, Lines: 2,
			Version: 1}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddPeopleImport(ctx, m, "x"), tx.AddImportLines(ctx, m, lines[:min(i, 2)]))
		})
		s.add(m, m.ID, state)
	}
	s.add([]access.ImportOutcome{access.LineFaulty}, []access.ImportOutcome(nil), lines[0],
		[]access.ImportLine{{Line: 7, Outcome: access.LineCreates}})
}
