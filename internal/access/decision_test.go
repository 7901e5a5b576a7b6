package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// twoStageRequest is a request by mara that was made at noon and has two stages: a week
// for omar, then three days for ida, who must give a reason.
func twoStageRequest() access.Request {
	second := stage(3, ref(access.SubjectPerson, "ida"))
	second.RequireReason = true
	return access.Request{
		ID: "r", Type: access.UserAdd, State: access.PendingApproval, Requestor: "mara", Target: "mara", Created: noon,
		Terms: access.Terms{Stages: []access.Stage{stage(7, ref(access.SubjectPerson, "omar")), second}},
	}
}

func approval(stage int, by access.PersonID, at time.Time) access.Decision {
	return access.Decision{Stage: stage, By: by, Approve: true, At: at}
}

func denial(stage int, by access.PersonID, at time.Time) access.Decision {
	return access.Decision{Stage: stage, By: by, At: at}
}

// F-093 to F-095: one approval per stage, one denial ends it, each stage's time
// starts after the previous one, and the deadline itself is too late.
func TestEvaluate(t *testing.T) {
	first := noon.Add(2 * day)
	waiting := func(stage int, due time.Time) access.Verdict {
		return access.Verdict{Outcome: access.OutcomeWaiting, Stage: stage, Due: due}
	}
	lapsed := func(stage int, due time.Time) access.Verdict {
		return access.Verdict{Outcome: access.OutcomeTimedOut, Stage: stage, Due: due}
	}
	tests := map[string]struct {
		ds   []access.Decision
		at   time.Time
		want access.Verdict
	}{
		"nobody yet":   {nil, noon, waiting(0, noon.Add(7*day))},
		"just in time": {nil, noon.Add(7*day - 1), waiting(0, noon.Add(7*day))},
		"too late":     {nil, noon.Add(7 * day), lapsed(0, noon.Add(7*day))},
		"one of two":   {[]access.Decision{approval(0, "omar", first)}, first, waiting(1, first.Add(3*day))},
		"the second clock by itself": {[]access.Decision{approval(0, "omar", first)}, first.Add(3*day - 1),
			waiting(1, first.Add(3*day))},
		"the second too late": {[]access.Decision{approval(0, "omar", first)}, first.Add(3 * day),
			lapsed(1, first.Add(3*day))},
		"both": {[]access.Decision{approval(0, "omar", first), approval(1, "ida", first)}, first.Add(365 * day),
			access.Verdict{Outcome: access.OutcomeApproved, Stage: 2}},
		"no at once": {[]access.Decision{denial(0, "omar", first)}, first, access.Verdict{Outcome: access.OutcomeDenied}},
		"yes, then no": {[]access.Decision{approval(0, "omar", first), denial(1, "ida", first)}, first,
			access.Verdict{Outcome: access.OutcomeDenied, Stage: 1}},
		"a no never lapses": {[]access.Decision{denial(0, "omar", first)}, noon.Add(99 * day),
			access.Verdict{Outcome: access.OutcomeDenied}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, twoStageRequest().Evaluate(tt.ds, tt.at)); d != "" {
				t.Error(d)
			}
		})
	}
	free := access.Request{Created: noon}
	if v := free.Evaluate(nil, noon.Add(999*day)); v.Outcome != access.OutcomeApproved {
		t.Errorf("without stages: %+v, want that it is granted", v)
	}
}

func TestNextState(t *testing.T) {
	tests := []struct {
		outcome access.Outcome
		start   time.Time
		want    access.RequestState
	}{
		{access.OutcomeWaiting, time.Time{}, access.PendingApproval},
		{access.OutcomeDenied, noon.Add(day), access.Denied},
		{access.OutcomeTimedOut, noon.Add(day), access.Expired},
		{access.OutcomeApproved, time.Time{}, access.Delivering},
		{access.OutcomeApproved, noon, access.Delivering},
		{access.OutcomeApproved, noon.Add(-day), access.Delivering},
		{access.OutcomeApproved, noon.Add(time.Millisecond), access.Scheduled},
	}
	for _, tt := range tests {
		if got := (access.Request{Start: tt.start}).NextState(access.Verdict{Outcome: tt.outcome}, noon); got != tt.want {
			t.Errorf("outcome %d with the start %v leads to %s, want %s", tt.outcome, tt.start, got, tt.want)
		}
	}
}

// Omar may decide asked() at noon. Each case removes one condition.
func TestCanDecide(t *testing.T) {
	early := []access.Decision{approval(0, "omar", noon)}
	tests := map[string]struct {
		person   access.PersonID
		approver bool
		change   func(*access.Request)
		ds       []access.Decision
		at       time.Time
		ok       bool
		kind     access.ErrorKind
	}{
		"an approver":                   {person: "omar", approver: true, at: noon, ok: true},
		"at the last moment":            {person: "omar", approver: true, at: noon.Add(7*day - 1), ok: true},
		"too late":                      {person: "omar", approver: true, at: noon.Add(7 * day), kind: access.Conflict},
		"nobody's approver":             {person: "rolf", at: noon, kind: access.NotFound},
		"nobody at all":                 {at: noon, kind: access.NotFound},
		"the requestor, named approver": {person: "mara", approver: true, at: noon, kind: access.Forbidden},
		"the requestor, not approver":   {person: "mara", at: noon, kind: access.Forbidden},
		"requestor for somebody else": {person: "mara", approver: true, at: noon, kind: access.Forbidden,
			change: func(r *access.Request) { r.Target = "pia" }},
		"target of somebody's request": {person: "mara", approver: true, at: noon, kind: access.Forbidden,
			change: func(r *access.Request) { r.Requestor = "lena" }},
		"the first one again":          {person: "omar", approver: false, ds: early, at: noon, kind: access.Conflict},
		"another of the first stage":   {person: "noor", approver: false, ds: early, at: noon, kind: access.NotFound},
		"the second stage":             {person: "ida", approver: true, ds: early, at: noon, ok: true},
		"the second stage before time": {person: "ida", approver: false, at: noon, kind: access.NotFound},
		"approver of both":             {person: "omar", approver: true, ds: early, at: noon, ok: true},
		"decided while the state lags": {person: "omar", approver: true, ds: []access.Decision{denial(0, "ida", noon)},
			at:   noon,
			kind: access.Conflict},
		"granted while the state lags": {person: "omar", approver: true, ds: append(early, approval(1, "ida", noon)),
			at:   noon,
			kind: access.Conflict},
		"requestor after an edited stage": {person: "mara", approver: true, ds: early, at: noon, kind: access.Forbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := twoStageRequest()
			if tt.change != nil {
				tt.change(&r)
			}
			wantKind(t, r.CanDecide(tt.person, tt.approver, tt.ds, tt.at), tt.ok, tt.kind)
		})
	}
}

// Only pending requests can be decided.
func TestCanDecideByState(t *testing.T) {
	for _, s := range access.RequestStates() {
		r := twoStageRequest()
		r.State = s
		wantKind(t, r.CanDecide("omar", true, nil, noon), s == access.PendingApproval, access.Conflict)
	}
}

// A requestor who becomes the only approver never gets the access by waiting.
func TestOnlyApproverIsTheRequestor(t *testing.T) {
	r := twoStageRequest()
	r.Terms.Stages = []access.Stage{stage(7, ref(access.SubjectPerson, "mara"))}
	wantKind(t, r.CanDecide("mara", true, nil, noon), false, access.Forbidden)
	if s := r.NextState(r.Evaluate(nil, noon.Add(7*day)), noon.Add(7*day)); s != access.Expired {
		t.Errorf("ends as %s, want that it expires", s)
	}
}

func TestCheckDecisionReason(t *testing.T) {
	r := twoStageRequest()
	tests := []struct {
		stage  int
		reason string
		want   string
	}{
		{0, "", ""}, {0, "fine", ""}, {1, "", "reason"}, {1, " \n", "reason"}, {1, "fine", ""}, {2, "", ""},
		{0, strings.Repeat("é", access.MaxReasonLength), ""}, {0, strings.Repeat("e", access.MaxReasonLength+1), "reason"},
		{0, "\x1b[2J", "reason"},
	}
	for _, tt := range tests {
		wantFields(t, r.CheckDecisionReason(tt.stage, tt.reason), tt.want)
	}
}
