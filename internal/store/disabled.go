package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// hasAccess is a condition on people: they hold something, or have a request that is not
// decided or not started.
const hasAccess = `(EXISTS (SELECT 1 FROM assignment asg WHERE asg.tenant_id = per.tenant_id
	AND asg.person_id = per.id AND asg.state <> 'expired')
	OR EXISTS (SELECT 1 FROM request req WHERE req.tenant_id = per.tenant_id AND req.target_id = per.id
	AND req.state IN ('submitted', 'pendingApproval', 'scheduled')))`

// DisabledDue are up to limit people, of all tenants, who have been disabled for so long
// that they lose what they hold (F-264), and who hold or request something.
func (r *Reader) DisabledDue(ctx context.Context, now time.Time, limit int) ([]access.Person, error) {
	tenants, err := r.Tenants(ctx)
	var all []access.Person
	for _, t := range tenants {
		until, ok := t.Settings.DisabledLimit(now)
		if !ok || err != nil || len(all) == limit {
			continue
		}
		var found []access.Person
		found, err = queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per
			WHERE per.tenant_id = $2 AND per.disabled_since <= $3 AND `+hasAccess+` AND `+
			notPostponed(JobRemoveDisabled, "per")+` ORDER BY per.disabled_since, per.id LIMIT $4`, ms(now), t.ID, ms(until),
			int64(limit-len(all)))
		all = append(all, found...)
	}
	return all, err
}

// DisabledPlan is what people lose who have been disabled until a time.
type DisabledPlan struct{ People, Assignments int64 }

// DisabledPlan counts the people of the tenant who were disabled at or before until and
// hold something, and their assignments.
func (r *Reader) DisabledPlan(ctx context.Context, t access.TenantID, until time.Time) (DisabledPlan, error) {
	return queryOne(ctx, r, func(p *DisabledPlan) []column {
		return []column{{"COUNT(DISTINCT per.id)", &p.People}, {"COUNT(*)", &p.Assignments}}
	}, `SELECT {columns} FROM person per JOIN assignment asg ON asg.tenant_id = per.tenant_id
		AND asg.person_id = per.id AND asg.state <> 'expired'
		WHERE per.tenant_id = $1 AND per.disabled_since <= $2`, t, ms(until))
}

// UndecidedRequestsOf are the requests for the person that are not decided, or approved but
// not started.
func (r *Reader) UndecidedRequestsOf(ctx context.Context, p access.Person) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req WHERE req.tenant_id = $1
		AND req.target_id = $2
		AND req.state IN ('submitted', 'pendingApproval', 'scheduled') ORDER BY req.id`, p.Tenant, p.ID)
}
