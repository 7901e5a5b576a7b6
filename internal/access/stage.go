package access

import (
	"slices"
	"strconv"
	"time"
)

// Stage is a step of approval: one decision by one of its approvers.
type Stage struct {
	Approvers []SubjectRef `json:"approvers"`
	// Days is the time to decide before the request expires (F-095).
	Days int `json:"days"`
	// RequireReason is true if approvers must give a reason (F-096).
	RequireReason bool `json:"reason"`
}

// DueFrom returns the end of the time to decide that begins at since. Days are counted in
// the zone that since is in, that of the tenant (Settings.Local).
func (s Stage) DueFrom(since time.Time) time.Time { return AddDays(since, s.Days) }

// MaxStages is the maximum number of approval stages of a policy (F-089).
const MaxStages = 3

// CheckStageCount refuses more stages than a policy can have, at the field stages.
func CheckStageCount(n int) error {
	if n > MaxStages {
		return Invalidf("stages", "A policy can have at most %d approval stages.", MaxStages)
	}
	return nil
}

// ApproversField is the form field of the approvers of stage n, counted from 1.
func ApproversField(n int) string { return stageField(n) + ".approvers" }

// MaxStageApprovers is the maximum number of people and groups that a stage names.
const MaxStageApprovers = 500

// MaxStageDays is the maximum of Stage.Days (F-095).
const MaxStageDays = 14

// stageField is the prefix of the form fields of stage n.
func stageField(n int) string { return "stages." + strconv.Itoa(n) }

func (s Stage) check(n int) error {
	var es Errors
	if len(s.Approvers) == 0 {
		es.Add(Invalidf(ApproversField(n), "Stage %d has no approver.", n))
	}
	if len(s.Approvers) > MaxStageApprovers {
		return Invalidf(ApproversField(n), "Stage %d: choose at most %d approvers, or use a group.", n, MaxStageApprovers)
	}
	if slices.ContainsFunc(s.Approvers, func(a SubjectRef) bool { return !a.isPersonOrGroup() }) {
		es.Add(Invalidf(ApproversField(n), "Stage %d: approvers are people and groups.", n))
	}
	if s.Days < 1 || s.Days > MaxStageDays {
		es.Add(Invalidf(stageField(n)+".days", "Stage %d: enter 1 to %d days for a decision.", n, MaxStageDays))
	}
	return es.Err()
}
