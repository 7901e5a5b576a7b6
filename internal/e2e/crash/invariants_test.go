package crash

import (
	"fmt"
	"strconv"
	"strings"

	"myaccess/internal/access"
)

// expectConfirmed checks that every confirmed step is saved exactly once and is
// in the audit log (B-1). It uses a few queries for all steps: one query per step
// would be slower than the people who add steps meanwhile.
func (d *data) expectConfirmed(all []confirmed) {
	d.t.Helper()
	if len(all) == 0 {
		return
	}
	found := d.countRows(`SELECT 'submitted', q.id, p.email FROM request q JOIN person p ON p.id = q.requestor_id
		JOIN request_history h ON h.request_id = q.id AND h.seq = 1`)
	canceled := d.countRows(`SELECT q.id FROM request q JOIN request_history h ON h.request_id = q.id
		AND h.to_state = 'canceled' WHERE q.state = 'canceled'`)
	decided := d.countRows(`SELECT CASE WHEN d.approve THEN 'approved' ELSE 'denied' END, d.request_id, d.stage, p.email
		FROM decision d JOIN person p ON p.id = d.by_id`)
	further := d.countRows(`SELECT DISTINCT a.request_id, d.stage FROM decision d JOIN request_approver a
		ON a.tenant_id = d.tenant_id AND a.request_id = d.request_id AND a.stage > d.stage`)
	audit := d.countRows(`SELECT a.activity, a.object_id, p.email FROM audit a JOIN person p ON p.id = a.actor_id`)
	for _, t := range all {
		n := decided[joinColumns(t.outcome, t.request, t.stage, t.by)]
		activity := "Approve access package assignment request"
		switch {
		case t.outcome == "submitted":
			n = found[joinColumns(t.outcome, t.request, t.by)]
			activity = "User requests access package assignment"
		case t.outcome == "canceled":
			n, activity = canceled[t.request], "Cancel access package assignment request"
		case t.outcome == "denied":
			activity = "Deny access package assignment request"
		case further[joinColumns(t.request, t.stage)] > 0: // approved, and a later stage has opened
			activity = "Approval stage completed for access package assignment request"
		}
		recorded := audit[joinColumns(activity, t.request, t.by)] > 0
		if n != 1 || !recorded {
			d.t.Errorf("B-1: %s got the answer that %s is %s (stage %q): found %d times, in the audit log: %v",
				t.by, t.request, t.outcome, t.stage, n, recorded)
		}
	}
}

// joinColumns returns a row in the form that queryRows returns.
func joinColumns(columns ...string) string { return strings.Join(columns, " ") }

// countRows returns how often a query finds each row.
func (d *data) countRows(query string, args ...any) map[string]int {
	d.t.Helper()
	all := map[string]int{}
	for _, r := range d.queryRows(query, args...) {
		all[r]++
	}
	return all
}

// expectInvariants checks the invariants that hold at any time.
func (d *data) expectInvariants(sqlite bool) {
	d.t.Helper()
	d.expectWholeSteps()
	d.expectEffectsOnce()
	expectHistory(d, "request", access.RequestState.CanMove)
	expectHistory(d, "assignment", access.AssignmentState.CanMove)
	expectHistory(d, "grant", access.GrantState.CanMove)
	d.expectAudit()
	if !sqlite {
		return
	}
	if got := d.queryRows(`PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" { // B-8
		d.t.Errorf("B-8: integrity_check: %s", countedList(got))
	}
	d.expectNone("B-8: foreign_key_check", `PRAGMA foreign_key_check`)
}

// expectWholeSteps expects that no step was saved partially (B-2).
func (d *data) expectWholeSteps() {
	d.t.Helper()
	d.expectNone("B-2: pending at a stage that does not match its decisions", `SELECT q.id, q.stage FROM request q
		WHERE q.state = 'pendingApproval'
		AND q.stage <> (SELECT COUNT(*) FROM decision d WHERE d.tenant_id = q.tenant_id AND d.request_id = q.id
		AND d.approve)`)
	d.expectNone("B-2: denied by a decision, but not in its state", `SELECT q.id, q.state FROM request q JOIN decision d
		ON d.tenant_id = q.tenant_id AND d.request_id = q.id WHERE NOT d.approve AND q.state <> 'denied'`)
	d.expectNone("B-2: denied without a decision", `SELECT q.id FROM request q WHERE q.state = 'denied'
		AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.tenant_id = q.tenant_id AND d.request_id = q.id AND NOT d.approve)`)
	d.expectNone("B-2: delivering without an assignment", `SELECT q.id, q.state FROM request q
		WHERE q.state IN ('delivering', 'delivered') AND q.assignment_id IS NULL`)
	d.expectNone("B-2: more than one open request of a person for a package", `SELECT target_id, package_id, COUNT(*)
		FROM request
		WHERE type = 'userAdd' AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering') GROUP BY target_id,
		package_id HAVING COUNT(*) > 1`)
	d.expectNone("B-2: two persons with the same address", `SELECT email, COUNT(*) FROM person GROUP BY email
		HAVING COUNT(*) > 1`)
	d.expectNone("B-3: held in the target without a grant", `SELECT m.person_id, m.entry_id, m.role
		FROM directory_member m
		WHERE EXISTS (SELECT 1 FROM directory_effect f WHERE f.person_id = m.person_id AND f.entry_id = m.entry_id)
		AND NOT EXISTS (SELECT 1 FROM role_grant g JOIN resource_role o ON o.tenant_id = g.tenant_id AND o.id = g.role_id
			JOIN resource r ON r.tenant_id = o.tenant_id AND r.id = o.resource_id
			WHERE g.person_id = m.person_id AND r.external_id = m.entry_id AND o.external_id = m.role AND g.state <> 'removed')`)
}

// expectEffectsOnce expects that each change in the target was made once (B-4):
// additions and removals alternate, and no call had two effects.
func (d *data) expectEffectsOnce() {
	d.t.Helper()
	d.expectNone("B-4: a call with two effects", `SELECT call_key, COUNT(*) FROM directory_effect GROUP BY call_key
		HAVING COUNT(*) > 1`)
	last := map[string]string{}
	for _, row := range d.queryRows(`SELECT person_id, entry_id, role, effect FROM directory_effect
			WHERE effect IN ('add', 'remove') ORDER BY at, id`) {
		i := strings.LastIndexByte(row, ' ')
		what, effect := row[:i], row[i+1:]
		if before := last[what]; before == effect || before == "" && effect == "remove" {
			d.t.Errorf("B-4: %s after %q: %s", effect, before, what)
		}
		last[what] = effect
	}
	for what, effect := range last {
		f := strings.Fields(what)
		n := d.queryNumber(`SELECT COUNT(*) FROM directory_member WHERE person_id = $1 AND entry_id = $2 AND role = $3`, f[0],
			f[1], f[2])
		if (n == 1) != (effect == "add") {
			d.t.Errorf("B-4: the last effect is %s, but the target has it %d times: %s", effect, n, what)
		}
	}
	last = map[string]string{}
	for _, row := range d.queryRows(`SELECT person_id, effect FROM directory_effect WHERE effect NOT IN ('add', 'remove')
		ORDER BY at, id`) {
		person, effect, _ := strings.Cut(row, " ")
		if last[person] == effect {
			d.t.Errorf("B-4: the account of %s was set to %s twice", person, effect)
		}
		last[person] = effect
	}
}

// expectHistory expects that the history of every object of a kind is a legal
// path in time order that ends in the current state (B-5).
func expectHistory[S ~string](d *data, kind string, canMove func(from, to S) bool) {
	d.t.Helper()
	table := kind
	if kind == "grant" {
		table = "role_grant"
	}
	type step struct {
		seq, at int64
		state   S
	}
	last := map[string]step{}
	for _, row := range d.queryRows(`SELECT ` + kind + `_id, seq, at, to_state, from_state FROM ` + kind + `_history
		ORDER BY ` + kind + `_id, seq`) {
		f := strings.Split(row, " ")
		id, next, from := f[0], step{mustParseInt(f[1]), mustParseInt(f[2]), S(f[3])}, S(f[4])
		before := last[id]
		if next.seq != before.seq+1 || from != before.state || next.at < before.at ||
			before.seq > 0 && !canMove(from, next.state) {
			d.t.Errorf("B-5: %s %s goes from %+v to %+v", kind, id, before, next)
		}
		last[id] = next
	}
	for _, row := range d.queryRows(`SELECT id, state FROM ` + table) {
		id, state, _ := strings.Cut(row, " ")
		if last[id].state != S(state) {
			d.t.Errorf("B-5: the history of %s %s ends at %s, but its state is %s", kind, id, last[id].state, state)
		}
	}
}

// expectAudit expects an audit record for every state change of a request and
// every expired assignment (B-9).
func (d *data) expectAudit() {
	d.t.Helper()
	d.expectNone("B-9: fewer audit records than state changes", `SELECT h.request_id, COUNT(*) FROM request_history h
		GROUP BY h.tenant_id, h.request_id
		HAVING COUNT(*) > (SELECT COUNT(*) FROM audit a WHERE a.tenant_id = h.tenant_id AND a.object_id = h.request_id)`)
	d.expectNone("B-9: an expired assignment that is not in the audit log", `SELECT x.id FROM assignment x
		WHERE x.state = 'expired'
		AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.tenant_id = x.tenant_id AND a.object_id = x.id)`)
}

// pendingWork returns the number of deliveries, mails, audit records to seal and
// due ends that are left.
func (d *data) pendingWork() int64 {
	d.t.Helper()
	return d.queryNumber(`SELECT (SELECT COUNT(*) FROM delivery) + (SELECT COUNT(*) FROM mail WHERE next_try IS NOT NULL) +
		(SELECT COUNT(*) FROM audit_unsealed) + (SELECT COUNT(*) FROM assignment WHERE state <> 'expired' AND end_at <= $1)`,
		now())
}

// expectSettled checks the invariants that hold when no work is pending.
func (d *data) expectSettled() {
	d.t.Helper()
	d.expectNone("B-3: not delivered", `SELECT id, state FROM request WHERE state IN ('submitted', 'delivering',
		'partiallyDelivered', 'deliveryFailed')`)
	d.expectNone("B-3: not delivered", `SELECT id, state FROM assignment WHERE state NOT IN ('delivered', 'expired')`)
	d.expectNone("B-3: a grant that is neither held nor removed",
		`SELECT id, state FROM role_grant WHERE state NOT IN ('held', 'removed')`)
	wanted := `SELECT x.person_id, r.external_id, o.external_id FROM assignment x
		JOIN package_role k ON k.tenant_id = x.tenant_id AND k.package_id = x.package_id
		JOIN resource_role o ON o.tenant_id = k.tenant_id AND o.id = k.role_id
		JOIN resource r ON r.tenant_id = o.tenant_id AND r.id = o.resource_id WHERE x.state = 'delivered'`
	held := `SELECT m.person_id, m.entry_id, m.role FROM directory_member m JOIN resource r ON r.external_id = m.entry_id`
	d.expectNone("B-3: delivered, but not held", wanted+` EXCEPT `+held)
	d.expectNone("B-3: held, but not delivered", held+` EXCEPT `+wanted)
	d.expectNone("a guest with delivered access is not active",
		`SELECT p.email, p.guest FROM person p WHERE p.kind <> 'member'
		AND p.guest <> 'active'
		AND EXISTS (SELECT 1 FROM assignment x WHERE x.tenant_id = p.tenant_id AND x.person_id = p.id
		AND x.state = 'delivered')`)
	d.expectNone("a guest without delivered access is active", `SELECT p.email, p.guest FROM person p
		WHERE p.guest = 'active'
		AND NOT EXISTS (SELECT 1 FROM assignment x WHERE x.tenant_id = p.tenant_id AND x.person_id = p.id
		AND x.state = 'delivered')`)
	d.expectNone("a guest's account is in another state", `SELECT p.email, p.guest, a.state FROM person p
		JOIN directory_account a ON a.tenant_id = p.tenant_id AND a.person_id = p.id WHERE a.state <> p.guest`)
}

// expectMails expects that the required mails were written and have arrived
// (B-6), and returns the number of extra copies that followed a kill. copies is
// the number of copies received, by mail id.
func (d *data) expectMails(copies map[string]int) (again int) {
	d.t.Helper()
	d.expectNone("B-6: no mail of access that was delivered", `SELECT q.id FROM request q WHERE q.type = 'userAdd'
		AND q.state = 'delivered'
		AND 1 <> (SELECT COUNT(*) FROM mail m WHERE m.tenant_id = q.tenant_id AND m.request_id = q.id
		AND m.kind = 'accessDelivered')`)
	// The mails that had not been sent when a request was withdrawn are dropped (B-13).
	d.expectNone("B-6: no mail to an approver", `SELECT a.request_id, a.stage, m.person_id FROM request_approver a
		JOIN directory_member m ON m.tenant_id = a.tenant_id AND m.entry_id = a.subject_id AND m.role = 'Member'
		JOIN request q ON q.tenant_id = a.tenant_id AND q.id = a.request_id AND q.target_id <> m.person_id
		WHERE 1 <> (SELECT COUNT(*) FROM mail l WHERE l.tenant_id = a.tenant_id AND l.request_id = a.request_id
		AND l.stage = a.stage
			AND l.person_id = m.person_id AND l.kind = 'approvalAsked')
		AND NOT (q.state = 'canceled' AND NOT EXISTS (SELECT 1 FROM mail l WHERE l.tenant_id = a.tenant_id
			AND l.request_id = a.request_id AND l.stage = a.stage AND l.person_id = m.person_id
			AND l.kind = 'approvalAsked'))`)
	d.expectNone("B-6: a mail was given up", `SELECT id, kind, last_error FROM mail WHERE sent IS NULL`)
	for _, row := range d.queryRows(`SELECT m.id, m.kind, m.fence, q.state, m.stage, q.stage FROM mail m
			JOIN request q ON q.tenant_id = m.tenant_id AND q.id = m.request_id`) {
		f := strings.Split(row, " ")
		id, kind, claims, state := f[0], f[1], int(mustParseInt(f[2])), f[3]
		got := copies[id]
		open := state == "pendingApproval" && f[4] == f[5]
		if got == 0 && (kind != "approvalAsked" || open) {
			d.t.Errorf("B-6: the mail %s (%s) did not arrive; its request is %s", id, kind, state)
		}
		// every claim after the first follows a kill
		if got > claims {
			d.t.Errorf("B-6: the mail %s (%s) arrived %d times, but was claimed %d times", id, kind, got, claims)
		}
		again += max(0, got-1)
	}
	return again
}

func mustParseInt(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("%q: %v", text, err)) // a column of integers
	}
	return n
}
