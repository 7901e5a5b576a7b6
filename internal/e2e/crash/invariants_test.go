package crash

import (
	"fmt"
	"strconv"
	"strings"

	"myaccess/internal/access"
)

// expectKept checks that everything that people were told is in the state once
// and in the audit log (B-1). It asks a few queries in all: the people go on
// meanwhile, so that a query for each step would never catch up with them.
func (d *data) expectKept(all []told) {
	d.t.Helper()
	if len(all) == 0 {
		return
	}
	found := d.counts(`SELECT 'submitted', q.id, p.email FROM request q JOIN person p ON p.id = q.requestor_id
		JOIN request_history h ON h.request_id = q.id AND h.seq = 1`)
	canceled := d.counts(`SELECT q.id FROM request q JOIN request_history h ON h.request_id = q.id
		AND h.to_state = 'canceled' WHERE q.state = 'canceled'`)
	decided := d.counts(`SELECT CASE WHEN d.approve THEN 'approved' ELSE 'denied' END, d.request_id, d.stage, p.email
		FROM decision d JOIN person p ON p.id = d.by_id`)
	audit := d.counts(`SELECT a.activity, a.object_id, p.email FROM audit a JOIN person p ON p.id = a.actor_id`)
	for _, t := range all {
		var n int
		var activities []access.Activity
		switch t.what {
		case "submitted":
			n, activities = found[row(t.what, t.request, t.by)], []access.Activity{access.ActRequest}
		case "canceled":
			n, activities = canceled[t.request], []access.Activity{access.ActCancel}
		default:
			n = decided[row(t.what, t.request, t.stage, t.by)]
			activities = []access.Activity{access.ActApprove, access.ActCompleteStage, access.ActDeny}
		}
		recorded := false
		for _, a := range activities {
			recorded = recorded || audit[row(string(a), t.request, t.by)] > 0
		}
		if n != 1 || !recorded {
			d.t.Errorf("B-1: %s was told that %s is %s (stage %q): found %d times, in the audit log: %v",
				t.by, t.request, t.what, t.stage, n, recorded)
		}
	}
}

// row is a row as rows returns it.
func row(columns ...string) string { return strings.Join(columns, " ") }

// counts returns how often a query finds each row.
func (d *data) counts(query string, args ...any) map[string]int {
	d.t.Helper()
	all := map[string]int{}
	for _, r := range d.rows(query, args...) {
		all[r]++
	}
	return all
}

// expectSound expects what holds at any moment.
func (d *data) expectSound(sqlite bool) {
	d.t.Helper()
	d.expectWholeSteps()
	d.expectOneEffect()
	expectHistory(d, "request", access.RequestState.CanMove)
	expectHistory(d, "assignment", access.AssignmentState.CanMove)
	expectHistory(d, "grant", access.GrantState.CanMove)
	d.expectAudit()
	if !sqlite {
		return
	}
	if got := d.rows(`PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" { // B-8
		d.t.Errorf("B-8: integrity_check: %s", list(got))
	}
	d.expectNone("B-8: foreign_key_check", `PRAGMA foreign_key_check`)
}

// expectWholeSteps expects that no step was taken by half (B-2).
func (d *data) expectWholeSteps() {
	d.t.Helper()
	d.expectNone("B-2: waits at a stage that does not follow from its decisions", `SELECT q.id, q.stage FROM request q
		WHERE q.state = 'pendingApproval'
		AND q.stage <> (SELECT COUNT(*) FROM decision d WHERE d.tenant_id = q.tenant_id AND d.request_id = q.id
		AND d.approve)`)
	d.expectNone("B-2: a denial that the state does not know of", `SELECT q.id, q.state FROM request q JOIN decision d
		ON d.tenant_id = q.tenant_id AND d.request_id = q.id WHERE NOT d.approve AND q.state <> 'denied'`)
	d.expectNone("B-2: denied by nobody", `SELECT q.id FROM request q WHERE q.state = 'denied'
		AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.tenant_id = q.tenant_id AND d.request_id = q.id AND NOT d.approve)`)
	d.expectNone("B-2: delivering without an assignment", `SELECT q.id, q.state FROM request q
		WHERE q.state IN ('delivering', 'delivered') AND q.assignment_id IS NULL`)
	d.expectNone("B-2: more than one open request of a person for a package", `SELECT target_id, package_id, COUNT(*)
		FROM request
		WHERE type = 'userAdd' AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering') GROUP BY target_id,
		package_id HAVING COUNT(*) > 1`)
	d.expectNone("B-2: a person made known twice", `SELECT email, COUNT(*) FROM person GROUP BY email HAVING COUNT(*) > 1`)
	d.expectNone("B-3: held in the target without a grant that asks for it", `SELECT m.person_id, m.entry_id, m.role
		FROM directory_member m
		WHERE EXISTS (SELECT 1 FROM directory_effect f WHERE f.person_id = m.person_id AND f.entry_id = m.entry_id)
		AND NOT EXISTS (SELECT 1 FROM role_grant g JOIN resource_role o ON o.tenant_id = g.tenant_id AND o.id = g.role_id
			JOIN resource r ON r.tenant_id = o.tenant_id AND r.id = o.resource_id
			WHERE g.person_id = m.person_id AND r.external_id = m.entry_id AND o.external_id = m.role AND g.state <> 'removed')`)
}

// expectOneEffect expects that what was done in the target was done once (B-4): what is
// added and removed alternates, and no call has had two effects.
func (d *data) expectOneEffect() {
	d.t.Helper()
	d.expectNone("B-4: a call with two effects", `SELECT call_key, COUNT(*) FROM directory_effect GROUP BY call_key
		HAVING COUNT(*) > 1`)
	last := map[string]string{}
	for _, row := range d.rows(`SELECT person_id, entry_id, role, effect FROM directory_effect
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
		n := d.number(`SELECT COUNT(*) FROM directory_member WHERE person_id = $1 AND entry_id = $2 AND role = $3`, f[0],
			f[1], f[2])
		if (n == 1) != (effect == "add") {
			d.t.Errorf("B-4: the last effect is %s, and it is held %d times: %s", effect, n, what)
		}
	}
	last = map[string]string{}
	for _, row := range d.rows(`SELECT person_id, effect FROM directory_effect WHERE effect NOT IN ('add', 'remove')
		ORDER BY at, id`) {
		person, effect, _ := strings.Cut(row, " ")
		if last[person] == effect {
			d.t.Errorf("B-4: the account of %s was made %s twice", person, effect)
		}
		last[person] = effect
	}
}

// expectHistory expects that the history of everything of a kind is a legal path that
// ends in the current state, in time order (B-5).
func expectHistory[S ~string](d *data, kind string, may func(from, to S) bool) {
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
	for _, row := range d.rows(`SELECT ` + kind + `_id, seq, at, to_state, from_state FROM ` + kind + `_history
		ORDER BY ` + kind + `_id, seq`) {
		f := strings.Split(row, " ")
		id, next, from := f[0], step{number(f[1]), number(f[2]), S(f[3])}, S(f[4])
		before := last[id]
		if next.seq != before.seq+1 || from != before.state || next.at < before.at ||
			before.seq > 0 && !may(from, next.state) {
			d.t.Errorf("B-5: %s %s goes from %+v to %+v", kind, id, before, next)
		}
		last[id] = next
	}
	for _, row := range d.rows(`SELECT id, state FROM ` + table) {
		id, state, _ := strings.Cut(row, " ")
		if last[id].state != S(state) {
			d.t.Errorf("B-5: the history of %s %s ends at %s, and it stands at %s", kind, id, last[id].state, state)
		}
	}
}

// expectAudit expects that the audit log has every move of a request and
// every end (B-9).
func (d *data) expectAudit() {
	d.t.Helper()
	d.expectNone("B-9: fewer lines of the audit log than moves", `SELECT h.request_id, COUNT(*) FROM request_history h
		GROUP BY h.tenant_id, h.request_id
		HAVING COUNT(*) > (SELECT COUNT(*) FROM audit a WHERE a.tenant_id = h.tenant_id AND a.object_id = h.request_id)`)
	d.expectNone("B-9: an end that is not in the audit log", `SELECT x.id FROM assignment x WHERE x.state = 'expired'
		AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.tenant_id = x.tenant_id AND a.object_id = x.id)`)
}

// working is how much is still to be done.
func (d *data) working() int64 {
	d.t.Helper()
	return d.number(`SELECT (SELECT COUNT(*) FROM delivery) + (SELECT COUNT(*) FROM mail WHERE next_try IS NOT NULL) +
		(SELECT COUNT(*) FROM audit_unsealed) + (SELECT COUNT(*) FROM assignment WHERE state <> 'expired' AND end_at <= $1)`,
		now())
}

// expectSettled expects what holds when nothing is left to be done.
func (d *data) expectSettled() {
	d.t.Helper()
	d.expectNone("B-3: not delivered", `SELECT id, state FROM request WHERE state IN ('submitted', 'delivering',
		'partiallyDelivered', 'deliveryFailed')`)
	d.expectNone("B-3: not delivered", `SELECT id, state FROM assignment WHERE state NOT IN ('delivered', 'expired')`)
	d.expectNone("B-3: a grant that is on its way",
		`SELECT id, state FROM role_grant WHERE state NOT IN ('held', 'removed')`)
	wanted := `SELECT x.person_id, r.external_id, o.external_id FROM assignment x
		JOIN package_role k ON k.tenant_id = x.tenant_id AND k.package_id = x.package_id
		JOIN resource_role o ON o.tenant_id = k.tenant_id AND o.id = k.role_id
		JOIN resource r ON r.tenant_id = o.tenant_id AND r.id = o.resource_id WHERE x.state = 'delivered'`
	held := `SELECT m.person_id, m.entry_id, m.role FROM directory_member m JOIN resource r ON r.external_id = m.entry_id`
	d.expectNone("B-3: delivered, and not held", wanted+` EXCEPT `+held)
	d.expectNone("B-3: held, and not delivered", held+` EXCEPT `+wanted)
	d.expectNone("a guest who holds something is not let in",
		`SELECT p.email, p.guest FROM person p WHERE p.kind <> 'member'
		AND p.guest <> 'active'
		AND EXISTS (SELECT 1 FROM assignment x WHERE x.tenant_id = p.tenant_id AND x.person_id = p.id
		AND x.state = 'delivered')`)
	d.expectNone("a guest who holds nothing is let in", `SELECT p.email, p.guest FROM person p WHERE p.guest = 'active'
		AND NOT EXISTS (SELECT 1 FROM assignment x WHERE x.tenant_id = p.tenant_id AND x.person_id = p.id
		AND x.state = 'delivered')`)
	d.expectNone("a guest's account stands elsewhere", `SELECT p.email, p.guest, a.state FROM person p
		JOIN directory_account a ON a.tenant_id = p.tenant_id AND a.person_id = p.id WHERE a.state <> p.guest`)
}

// expectMails expects that the mails that matter were written and have arrived
// (B-6), and returns how many arrived again because a portal was killed. copies
// is how often each has arrived, by its id.
func (d *data) expectMails(copies map[string]int) (again int) {
	d.t.Helper()
	d.expectNone("B-6: no mail of access that was delivered", `SELECT q.id FROM request q WHERE q.type = 'userAdd'
		AND q.state = 'delivered'
		AND 1 <> (SELECT COUNT(*) FROM mail m WHERE m.tenant_id = q.tenant_id AND m.request_id = q.id
		AND m.kind = 'accessDelivered')`)
	d.expectNone("B-6: no mail to an approver", `SELECT a.request_id, a.stage, m.person_id FROM request_approver a
		JOIN directory_member m ON m.tenant_id = a.tenant_id AND m.entry_id = a.subject_id AND m.role = 'Member'
		JOIN request q ON q.tenant_id = a.tenant_id AND q.id = a.request_id AND q.target_id <> m.person_id
		WHERE 1 <> (SELECT COUNT(*) FROM mail l WHERE l.tenant_id = a.tenant_id AND l.request_id = a.request_id
		AND l.stage = a.stage
			AND l.person_id = m.person_id AND l.kind = 'approvalAsked')`)
	d.expectNone("B-6: a mail was given up", `SELECT id, kind, last_error FROM mail WHERE sent IS NULL`)
	for _, row := range d.rows(`SELECT m.id, m.kind, m.fence, q.state, m.stage, q.stage FROM mail m
			JOIN request q ON q.tenant_id = m.tenant_id AND q.id = m.request_id`) {
		f := strings.Split(row, " ")
		id, kind, claims, state := f[0], f[1], int(number(f[2])), f[3]
		got := copies[id]
		open := state == "pendingApproval" && f[4] == f[5]
		if got == 0 && (kind != "approvalAsked" || open) {
			d.t.Errorf("B-6: the mail %s (%s) did not arrive; its request is %s", id, kind, state)
		}
		// every claim after the first follows a kill
		if got > claims {
			d.t.Errorf("B-6: the mail %s (%s) arrived %d times, and was taken on %d times", id, kind, got, claims)
		}
		again += max(0, got-1)
	}
	return again
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("%q: %v", text, err)) // a column of integers
	}
	return n
}
