package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// MoveGuest moves a guest from p.Guest to another state, with p.Kind,
// p.Governed, p.RemovalDue and p.InvitedBy, and adds it to the history. It
// returns a Conflict if the stored state is not p.Guest or the move is not
// legal.
func (tx *Tx) MoveGuest(ctx context.Context, p access.Person, to access.GuestState, reason access.Message) error {
	if !p.Guest.CanMove(to) {
		return stale()
	}
	err := tx.execOne(ctx, `UPDATE person SET guest = $4, kind = $5, governed = $6, remove_due = $7, invited_by = $8,
			version = version + 1 WHERE tenant_id = $1 AND id = $2 AND guest = $3`,
		p.Tenant, p.ID, p.Guest, to, p.Kind, p.Governed, msOrNull(p.RemovalDue), textOrNull(p.InvitedBy))
	if err != nil {
		return err
	}
	return tx.exec(ctx, `INSERT INTO guest_history (tenant_id, person_id, seq, from_state, to_state, at, reason)
		SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT)
		FROM guest_history WHERE tenant_id = $1 AND person_id = $2`,
		p.Tenant, p.ID, p.Guest, to, ms(tx.Now), reason)
}

// SetRemoveDue stores when a guest is to be removed; zero cancels the removal.
func (tx *Tx) SetRemoveDue(ctx context.Context, p access.Person) error {
	return tx.execOne(ctx, `UPDATE person SET remove_due = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2`,
		p.Tenant, p.ID, msOrNull(p.RemovalDue))
}

// GuestStep is one move of a guest.
type GuestStep struct {
	From, To access.GuestState
	At       time.Time
	Reason   access.Message
}

// GuestHistory are the moves of a guest in their order.
func (r *Reader) GuestHistory(ctx context.Context, p access.Person) ([]GuestStep, error) {
	return queryAll(ctx, r, func(s *GuestStep) []column {
		return []column{
			{"from_state", &s.From},
			{"to_state", &s.To},
			{"at", scanTime{&s.At}},
			{"reason", &s.Reason},
		}
	}, `SELECT {columns} FROM guest_history WHERE tenant_id = $1 AND person_id = $2 ORDER BY seq`,
		p.Tenant, p.ID)
}

// SetGoverned marks a guest as governed by access packages. It returns a
// Conflict if it is.
func (tx *Tx) SetGoverned(ctx context.Context, p access.Person) error {
	return tx.execOne(ctx, `UPDATE person SET governed = TRUE, version = version + 1 WHERE tenant_id = $1 AND id = $2
		AND NOT governed`, p.Tenant, p.ID)
}

// GuestsDue are up to limit guests whose removal is due and who have no queued
// delivery.
func (r *Reader) GuestsDue(ctx context.Context, now time.Time, limit int) ([]access.Person, error) {
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per
		WHERE per.remove_due IS NOT NULL AND per.remove_due <= $1 AND per.guest <> 'removed'
		AND NOT EXISTS (SELECT 1 FROM delivery del WHERE del.tenant_id = per.tenant_id AND del.person_id = per.id)
		AND `+notPostponed(JobRemoveGuests, "per")+` ORDER BY per.remove_due LIMIT $2`, ms(now), int64(limit))
}
