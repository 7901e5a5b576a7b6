package admin

import (
	"context"
	"encoding/json"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// SaveSettings changes name and settings of the actor's tenant from the version
// that t names (F-193, F-197, F-247, F-249). What becomes of guests who have
// lost their last assignment already stays as it was (F-199).
func (a *Admin) SaveSettings(ctx context.Context, by access.Person, t access.Tenant) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		stored, err := tx.Tenant(ctx, by.Tenant)
		if err != nil {
			return err
		}
		if err := rights.May(access.ManageSettings); err != nil {
			return err
		}
		if err := checkVersion(stored.Version, t.Version); err != nil {
			return err
		}
		var es access.Errors
		es.Add(t.Settings.Check())
		es.Add(lifecycle.CheckZone(t.Settings.TimeZone))
		if err := es.Err(); err != nil {
			return err
		}
		from, to := stored.Settings, t.Settings
		stored.Settings = to
		if err := tx.SaveTenant(ctx, stored); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActUpdateSettings, object{kind: "tenant", id: string(stored.ID),
			from: settingsText(from),
			to:   settingsText(to)})
	})
}

// settingsText is settings as the audit log keeps them.
func settingsText(s access.Settings) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // settings always marshal
	}
	return string(text)
}
