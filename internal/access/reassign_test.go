package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
)

// pendingAt is a request of "ann" for "bob" whose first of two stages has decided.
func pendingAt(now time.Time) access.Request {
	stage := func(id string) access.Stage {
		return access.Stage{Days: 7, Approvers: []access.SubjectRef{{Kind: access.SubjectPerson, ID: id}}}
	}
	return access.Request{State: access.PendingApproval, Requestor: "ann", Target: "bob", Stage: 1,
		Due:   now.Add(time.Hour),
		Terms: access.Terms{Stages: []access.Stage{stage("one"), stage("two"), stage("three")}}}
}

// TestCanRemind: A stage is reminded at most once an hour, and only while it can decide;
// the refusal says when the next reminder can be sent.
func TestCanRemind(t *testing.T) {
	now := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		change func(*access.Request)
		want   access.ErrorKind // 0 if it is allowed
	}{
		"never reminded":      {func(*access.Request) {}, 0},
		"an hour ago":         {func(r *access.Request) { r.Reminded = now.Add(-time.Hour) }, 0},
		"less than that":      {func(r *access.Request) { r.Reminded = now.Add(-time.Hour + 1) }, access.TooManyRequests},
		"just before the due": {func(r *access.Request) { r.Due = now.Add(1) }, 0},
		"due":                 {func(r *access.Request) { r.Due = now }, access.Conflict},
		"denied":              {func(r *access.Request) { r.State = access.Denied }, access.Conflict},
		"scheduled":           {func(r *access.Request) { r.State = access.Scheduled }, access.Conflict},
	} {
		r := pendingAt(now)
		tt.change(&r)
		err := r.CanRemind(now)
		if tt.want == 0 && err != nil || tt.want != 0 && access.KindOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
		if e, ok := errors.AsType[*access.Error](err); ok && tt.want == access.TooManyRequests &&
			!e.Args[0].(time.Time).Equal(r.Reminded.Add(time.Hour)) {
			t.Errorf("%s: the next is at %v", name, e.Args)
		}
		if reassign := r.CanReassign(now); (reassign != nil) != (tt.want == access.Conflict) {
			t.Errorf("%s: reassigning: %v", name, reassign)
		}
	}
}

// TestCheckReassignment: Every fault of naming other approvers, at its field.
func TestCheckReassignment(t *testing.T) {
	now := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	person := func(id string) access.SubjectRef { return access.SubjectRef{Kind: access.SubjectPerson, ID: id} }
	group := access.SubjectRef{Kind: access.SubjectGroup, ID: "ann"} // its id is not a person's
	many := make([]access.SubjectRef, access.MaxStageApprovers+1)
	for i := range many {
		many[i] = person(strings.Repeat("x", i+1))
	}
	for name, tt := range map[string]struct {
		change func(*access.Reassignment)
		want   string // the fields at fault
	}{
		"a person":           {func(*access.Reassignment) {}, ""},
		"the next stage":     {func(x *access.Reassignment) { x.Stage = 2 }, ""},
		"a group":            {func(x *access.Reassignment) { x.Approvers = []access.SubjectRef{group} }, ""},
		"as many as can be":  {func(x *access.Reassignment) { x.Approvers = many[1:] }, ""},
		"one of them before": {func(x *access.Reassignment) { x.Approvers = append(x.Approvers, person("two")) }, ""},
		"a decided stage":    {func(x *access.Reassignment) { x.Stage = 0 }, "stage"},
		"no such stage":      {func(x *access.Reassignment) { x.Stage = 3 }, "stage"},
		"no stage":           {func(x *access.Reassignment) { x.Stage = -1 }, "stage"},
		"nobody":             {func(x *access.Reassignment) { x.Approvers = nil }, "approvers"},
		"too many":           {func(x *access.Reassignment) { x.Approvers = many }, "approvers"},
		"the requestor": {func(x *access.Reassignment) { x.Approvers = append(x.Approvers, person("ann")) },
			"approvers"},
		"the target": {func(x *access.Reassignment) { x.Approvers = append(x.Approvers, person("bob")) }, "approvers"},
		"the same":   {func(x *access.Reassignment) { x.Approvers = []access.SubjectRef{person("two")} }, "approvers"},
		"an organization": {func(x *access.Reassignment) {
			x.Approvers = []access.SubjectRef{{Kind: access.SubjectOrganization, ID: "o"}}
		}, "approvers"},
		"no reason":   {func(x *access.Reassignment) { x.Reason = " \n" }, "reason"},
		"long reason": {func(x *access.Reassignment) { x.Reason = strings.Repeat("é", access.MaxReasonLength+1) }, "reason"},
		"everything":  {func(x *access.Reassignment) { *x = access.Reassignment{Stage: 7} }, "approvers reason stage"},
	} {
		x := access.Reassignment{Stage: 1, Approvers: []access.SubjectRef{person("eve")}, Reason: "She is away."}
		tt.change(&x)
		var fields []string
		err := pendingAt(now).CheckReassignment(x)
		if es, ok := errors.AsType[access.Errors](err); ok {
			for _, e := range es {
				fields = append(fields, e.Field)
			}
		}
		slices.Sort(fields)
		if got := strings.Join(fields, " "); got != tt.want || (err == nil) != (tt.want == "") {
			t.Errorf("%s: %q, want %q (%v)", name, got, tt.want, err)
		}
	}
}
