package access

import (
	"slices"
	"strconv"
	"time"
)

// Stage is one step of approval: one decision by one of its approvers.
type Stage struct {
	Approvers []SubjectRef `json:"approvers"`
	// Days is how long a decision may take before the request expires (F-095).
	Days int `json:"days"`
	// RequireReason is true if approvers must say why (F-096).
	RequireReason bool `json:"reason"`
}

// Limit is Days as a duration.
func (s Stage) Limit() time.Duration { return time.Duration(s.Days) * 24 * time.Hour }

// MaxStages is how many stages of approval a policy may have (F-089).
const MaxStages = 3

// ApproversField is the form field of the approvers of the stage with the number
// n, from 1.
func ApproversField(n int) string { return stageField(n) + ".approvers" }

// MaxStageDays is how many days a decision may take at most (F-095).
const MaxStageDays = 14

// stageField is what the form fields of the stage with the number n begin with.
func stageField(n int) string { return "stages." + strconv.Itoa(n) }

func (s Stage) check(n int) error {
	var es Errors
	if len(s.Approvers) == 0 {
		es.Add(Invalidf(ApproversField(n), "Stage %d has no approver.", n))
	}
	if slices.ContainsFunc(s.Approvers, func(a SubjectRef) bool { return !a.isPersonOrGroup() }) {
		es.Add(Invalidf(ApproversField(n), "Stage %d: approvers are people and groups.", n))
	}
	if s.Days < 1 || s.Days > MaxStageDays {
		es.Add(Invalidf(stageField(n)+".days", "Stage %d: a decision is made within 1 to %d days.", n, MaxStageDays))
	}
	return es.Err()
}
