package admin

import (
	"context"
	"encoding/json"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// SaveSettings changes the settings of the actor's tenant from the version that t names
// (F-193, F-197, F-247, F-249). Guests who have already lost their last assignment keep
// the old lifecycle (F-199).
func (ed *Editor) SaveSettings(ctx context.Context, t access.Tenant) error {
	stored, err := ed.tx.Tenant(ctx, ed.by.Tenant)
	if err != nil {
		return err
	}
	if err := ed.rights.May(access.ManageSettings); err != nil {
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
	if stored.Settings.Passcode && !t.Settings.Passcode {
		if err := checkPasscodePeople(ctx, ed); err != nil {
			return err
		}
	}
	wanted := stored
	wanted.Settings = t.Settings
	return storeSettings(ctx, ed, wanted, stored)
}

// storeSettings stores a tenant and audits the change of its settings.
func storeSettings(ctx context.Context, ed *Editor, t, stored access.Tenant) error {
	if err := keepAdministrator(ctx, ed, func() error { return ed.tx.SaveTenant(ctx, t) }); err != nil {
		return err
	}
	if stored.Settings.Passcode && !t.Settings.Passcode {
		open, err := ed.tx.OpenToAnyone(ctx, t.ID)
		if err != nil {
			return err
		}
		if open {
			ed.warn(access.Refuse(access.Conflict, "A policy is for anyone outside the directory. People whose organization "+
				"has "+
				"no provider here can't sign in without one-time passcodes."))
		}
	}
	if err := warnOfRemoval(ctx, ed, t, stored); err != nil {
		return err
	}
	from, to := settingsText(stored.Settings), settingsText(t.Settings)
	if ed.operator && from == to {
		return nil
	}
	return ed.record(ctx, access.ActUpdateSettings, object{kind: access.ObjectTenant, id: string(t.ID), from: from,
		to: to})
}

// settingsText is the settings for the audit log.
func settingsText(s access.Settings) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // settings always marshal
	}
	return string(text)
}

// warnOfRemoval warns of what disabled people lose because of changed settings (F-264).
func warnOfRemoval(ctx context.Context, ed *Editor, t, stored access.Tenant) error {
	until, ok := t.Settings.DisabledLimit(ed.tx.Now)
	if !ok || t.Settings.DisabledDays == stored.Settings.DisabledDays {
		return nil
	}
	plan, err := ed.tx.DisabledPlan(ctx, t.ID, until)
	if err == nil && plan.People > 0 {
		ed.warn(access.Refuse(access.Conflict, "People who have been disabled for %d or more days lose their access "+
			"now. People: %d, assignments: %d.", t.Settings.DisabledDays, plan.People, plan.Assignments))
	}
	return err
}

// DisabledPlan counts what disabled people would lose at now with the settings
// (ManageSettings).
func (d DependentsView) DisabledPlan(ctx context.Context, s access.Settings,
	now time.Time) (store.DisabledPlan, error) {
	return ifAllowed(d.v.May(access.ManageSettings), func() (store.DisabledPlan, error) {
		until, ok := s.DisabledLimit(now)
		if !ok {
			return store.DisabledPlan{}, nil
		}
		return d.v.read.DisabledPlan(ctx, d.v.tenant(), until)
	})
}
