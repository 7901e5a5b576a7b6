package sample

import (
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// requestTables are the tables of requests and assignments.
type requestTables struct {
	requests, history, approvers, decisions, assignments, assignmentHistory,
	grants, grantHistory, members, audit *store.Bulk
}

func (m *generator) requestTables() requestTables {
	t := requestTables{
		requests: m.tx.Bulk("request", "tenant_id", "id", "type", "state", "catalog_id", "package_id", "policy_id",
			"requestor_id", "target_id", "assignment_id",
			"justification", "answers", "terms", "stage", "due_at", "note", "created", "completed"),
		history: m.tx.Bulk("request_history", "tenant_id", "request_id", "seq", "from_state", "to_state", "at", "actor_id",
			"reason"),
		approvers: m.tx.Bulk("request_approver", "tenant_id", "request_id", "stage", "kind", "subject_id", "closed",
			"target_id", "requestor_id"),
		decisions: m.tx.Bulk("decision", "tenant_id", "request_id", "stage", "by_id", "approve", "reason", "at"),
		assignments: m.tx.Bulk("assignment", "tenant_id", "id", "catalog_id", "package_id", "policy_id", "person_id",
			"request_id", "state", "start_at", "end_at",
			"delivered", "ended"),
		assignmentHistory: m.tx.Bulk("assignment_history", "tenant_id", "assignment_id", "seq", "from_state", "to_state",
			"at"),
		grants: m.tx.Bulk("role_grant", "tenant_id", "id", "person_id", "role_id", "state", "epoch", "since", "attempts",
			"stuck", "last_error"),
		grantHistory: m.tx.Bulk("grant_history", "tenant_id", "grant_id", "seq", "from_state", "to_state", "at"),
		members:      m.memberTable(),
		audit: m.tx.Bulk("audit", "tenant_id", "id", "at", "actor_id", "on_behalf", "activity", "object_kind", "object_id",
			"from_text", "to_text", "reason",
			"request_id"),
	}
	for _, child := range []*store.Bulk{t.history, t.approvers, t.decisions, t.assignments} {
		child.After(t.requests)
	}
	t.assignmentHistory.After(t.assignments)
	t.grantHistory.After(t.grants)
	return t
}

func (t requestTables) all() []*store.Bulk {
	return []*store.Bulk{t.requests, t.history, t.approvers, t.decisions, t.assignments, t.assignmentHistory, t.grants,
		t.grantHistory,
		t.members, t.audit}
}

// requestRow is a request to be written.
type requestRow struct {
	id            access.RequestID
	kind          access.RequestType
	who           personRef
	pack          packageRef
	policy        access.Policy
	assignment    access.AssignmentID
	path          []access.RequestState
	at            time.Time
	justification string
}

// writeRequest writes a request that moved along the path, a step every few hours,
// with the decisions that its policy requires.
func (m *generator) writeRequest(t requestTables, a requestRow) error {
	final := a.path[len(a.path)-1]
	var due, completed, assignment any
	if final == access.PendingApproval {
		due = m.now.Add(time.Duration(1+m.rand.IntN(13)) * day).UnixMilli()
	}
	if !final.Open() {
		completed = a.at.Add(time.Duration(len(a.path)) * time.Hour).UnixMilli()
	}
	if a.assignment != "" {
		assignment = string(a.assignment)
	}
	var requestor any
	if a.kind == access.UserAdd {
		requestor = string(a.who.id)
	}
	err := t.requests.Add(m.ctx, string(m.tenant.ID), string(a.id), string(a.kind), string(final), string(a.pack.catalog),
		string(a.pack.id), string(a.policy.ID), requestor,
		string(a.who.id), assignment, a.justification, store.JSON([]access.Answer{}), store.JSON(a.policy.Terms), int64(0),
		due, "",
		a.at.UnixMilli(), completed)
	if err != nil {
		return err
	}
	err = t.history.Add(m.ctx, string(m.tenant.ID), string(a.id), int64(1), nil, string(access.Submitted),
		a.at.UnixMilli(), requestor, "")
	from := access.Submitted
	for i, to := range a.path {
		if err == nil {
			err = t.history.Add(m.ctx, string(m.tenant.ID), string(a.id), int64(i+2), string(from), string(to),
				a.at.Add(time.Duration(i+1)*time.Hour).UnixMilli(), nil, "")
		}
		from = to
	}
	if err != nil {
		return err
	}
	if err := m.writeStages(t, a, final); err != nil {
		return err
	}
	return t.audit.Add(m.ctx, string(m.tenant.ID), m.id(a.at), a.at.UnixMilli(), string(a.who.id), "",
		string(access.ActRequest), "request", string(a.id), "",
		string(final), a.justification, string(a.id))
}

// writeStages writes the approvers and decisions of the request's stages.
func (m *generator) writeStages(t requestTables, a requestRow, final access.RequestState) error {
	if a.kind != access.UserAdd {
		return nil
	}
	for i, s := range a.policy.Stages {
		var closed any
		if final != access.PendingApproval {
			closed = a.at.Add(time.Hour).UnixMilli()
		}
		for _, who := range s.Approvers {
			if err := t.approvers.Add(m.ctx, string(m.tenant.ID), string(a.id), int64(i), string(who.Kind), who.ID,
				closed, string(a.who.id), string(a.who.id)); err != nil {
				return err
			}
		}
		if final == access.PendingApproval || final == access.Canceled || final == access.Expired {
			return nil
		}
		yes := final != access.Denied
		if err := t.decisions.Add(m.ctx, string(m.tenant.ID), string(a.id), int64(i), string(pick(m, m.people).id), yes, "",
			a.at.Add(time.Duration(i+1)*time.Hour).UnixMilli()); err != nil || !yes {
			return err
		}
	}
	return nil
}

// approvedPath returns the path of an approved request.
func approvedPath(o access.Policy, end access.RequestState) []access.RequestState {
	path := []access.RequestState{access.Delivering, end}
	if len(o.Stages) > 0 {
		path = append([]access.RequestState{access.PendingApproval}, path...)
	}
	return path
}

// writeAssignments writes the assignments with their requests: seven in ten in
// force, a few of them with delivery problems, the others ended. Every popularEvery-th
// is for the first package.
func (m *generator) writeAssignments(first int, moments []time.Time) error {
	t := m.requestTables()
	for i, at := range moments {
		k, who, over := pick(m, m.packages), pick(m, m.people), m.chance(.3)
		if n := first + i; n%popularEvery == 0 && n/popularEvery < len(m.people) {
			k, who, over = m.packages[0], m.people[n/popularEvery], false
		}
		key := string(who.id) + string(k.id)
		over = over || m.held[key]
		m.held[key] = true
		if err := m.writeAssignment(t, k, who, over, at); err != nil {
			return err
		}
	}
	return m.flush(t.all()...)
}

// popularEvery makes every 25th assignment one for the first package, 12,000 at
// full size.
const popularEvery = 25

func (m *generator) writeAssignment(t requestTables, k packageRef, who personRef, over bool, at time.Time) error {
	a := requestRow{id: access.RequestID(m.id(at)), kind: access.UserAdd, who: who, pack: k, policy: pick(m, k.policies),
		assignment: access.AssignmentID(m.id(at)), at: at,
		justification: "For the work on " + pick(m, topics())}
	state, path := access.AssignDelivered, approvedPath(a.policy, access.Delivered)
	if !over && m.chance(.004) {
		state, path = access.AssignFailed, approvedPath(a.policy, access.DeliveryFailed)
	}
	a.path = path
	if err := m.writeRequest(t, a); err != nil {
		return err
	}
	start := at.Add(3 * time.Hour)
	end, ended := m.now.Add(time.Duration(1+m.rand.IntN(300))*day), any(nil)
	var delivered any = start.UnixMilli()
	if state == access.AssignFailed {
		delivered = nil
	}
	if over {
		state, end = access.AssignExpired, start.Add(time.Duration(m.rand.Float64()*float64(m.now.Sub(start))))
		ended = end.UnixMilli()
	}
	err := t.assignments.Add(m.ctx, string(m.tenant.ID), string(a.assignment), string(k.catalog), string(k.id),
		string(a.policy.ID), string(who.id), string(a.id), string(state),
		start.UnixMilli(), end.UnixMilli(), delivered, ended)
	if err != nil {
		return err
	}
	if err := m.writeAssignmentHistory(t, a.assignment, state, start, end); err != nil || over ||
		state == access.AssignFailed {
		return err
	}
	return m.writeGrants(t, k, who, start)
}

func (m *generator) writeAssignmentHistory(t requestTables, id access.AssignmentID, state access.AssignmentState,
	start, end time.Time) error {
	steps := []access.AssignmentState{"", access.AssignDelivering, access.AssignDelivered}
	switch state {
	case access.AssignFailed:
		steps[2] = access.AssignFailed
	case access.AssignExpired:
		steps = append(steps, access.AssignExpired)
	case access.AssignDelivering, access.AssignPartial, access.AssignDelivered:
	}
	for i := 1; i < len(steps); i++ {
		var from any
		if steps[i-1] != "" {
			from = string(steps[i-1])
		}
		at := start
		if steps[i] == access.AssignExpired {
			at = end
		}
		if err := t.assignmentHistory.Add(m.ctx, string(m.tenant.ID), string(id), int64(i), from, string(steps[i]),
			at.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// writeGrants writes the grants of a package's roles, each once per person, and the
// memberships in the built-in directory.
func (m *generator) writeGrants(t requestTables, k packageRef, who personRef, at time.Time) error {
	for _, role := range k.roles {
		if key := string(who.id) + string(role); m.granted[key] {
			continue
		} else {
			m.granted[key] = true
		}
		id := access.GrantID(m.id(at))
		err := t.grants.Add(m.ctx, string(m.tenant.ID), string(id), string(who.id), string(role), string(access.Held),
			int64(1), at.UnixMilli(), int64(0), false, "")
		if err == nil {
			err = t.grantHistory.Add(m.ctx, string(m.tenant.ID), string(id), int64(1), nil, string(access.Adding),
				at.UnixMilli())
		}
		if err == nil {
			err = t.grantHistory.Add(m.ctx, string(m.tenant.ID), string(id), int64(2), string(access.Adding),
				string(access.Held),
				at.UnixMilli())
		}
		if err == nil {
			entry, name := m.entryOf(role)
			err = t.members.Add(m.ctx, string(m.tenant.ID), string(entry), name, string(who.id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entryOf returns the entry and name of a role.
func (m *generator) entryOf(role access.ResourceRoleID) (access.EntryID, string) {
	if m.roles == nil {
		m.roles = map[access.ResourceRoleID]entryRole{}
		for _, r := range m.resources {
			for i, id := range r.roles {
				m.roles[id] = entryRole{r.entry, r.roleNames[i]}
			}
		}
	}
	p := m.roles[role]
	return p.entry, p.name
}

// entryRole is a role in an entry of the built-in directory.
type entryRole struct {
	entry access.EntryID
	name  string
}

// writeRequests writes the other requests: denied, expired, canceled and pending
// ones.
func (m *generator) writeRequests(_ int, moments []time.Time) error {
	t := m.requestTables()
	for _, at := range moments {
		k := pick(m, m.packages)
		a := requestRow{kind: access.UserAdd, who: pick(m, m.people), pack: k, policy: pick(m, k.policies), at: at,
			justification: "For the work on " + pick(m, topics())}
		switch r := m.rand.Float64(); {
		case len(a.policy.Stages) == 0:
			a.path = []access.RequestState{access.Canceled}
		case r < .5:
			a.path = []access.RequestState{access.PendingApproval, access.Denied}
		case r < .75:
			a.path = []access.RequestState{access.PendingApproval, access.Expired}
		default:
			a.path = []access.RequestState{access.PendingApproval, access.Canceled}
		}
		if key := string(a.who.id) + string(k.id); len(a.policy.Stages) > 0 && !m.waiting[key] && m.chance(.006) {
			m.waiting[key] = true
			a.path, a.at = []access.RequestState{access.PendingApproval}, m.now.Add(-time.Duration(m.rand.IntN(5*24))*time.Hour)
		}
		a.id = access.RequestID(m.id(a.at))
		if err := m.writeRequest(t, a); err != nil {
			return err
		}
	}
	return m.flush(t.all()...)
}
