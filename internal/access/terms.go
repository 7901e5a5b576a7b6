package access

import (
	"slices"
)

// Inheritable is a yes or no that a policy can leave to the tenant's settings.
type Inheritable string

// The values of Inheritable. The empty value means Inherit.
const (
	Inherit Inheritable = "default"
	Yes     Inheritable = "yes"
	No      Inheritable = "no"
)

// Or returns the choice, or def for Inherit.
func (t Inheritable) Or(def bool) bool {
	if t == Yes || t == No {
		return t == Yes
	}
	return def
}

// Terms are the part of a policy that applies to a request. They are copied
// into the request, so that later edits of the policy do not change it (F-103,
// F-128).
type Terms struct {
	Stages []Stage `json:"stages,omitempty"`
	// RequireJustification is true if the requestor must give a justification
	// (F-088).
	RequireJustification bool       `json:"justify"`
	Expiration           Expiration `json:"expiration"`
	// CustomSchedule lets the requestor choose a period (F-081, F-124).
	CustomSchedule        bool        `json:"customSchedule"`
	ShowApprovers         Inheritable `json:"showApprovers"`    // F-068
	SuppressNotifications bool        `json:"silent,omitempty"` // no mails about the assignment (F-069)
	Questions             []Question  `json:"questions,omitempty"`
}

func (t Terms) check() error {
	var es Errors
	es.Add(CheckStageCount(len(t.Stages)))
	for i, s := range t.Stages {
		es.Add(s.check(i + 1))
	}
	if !slices.Contains([]Inheritable{"", Inherit, Yes, No}, t.ShowApprovers) {
		es.Add(Invalidf("showApprovers", "“%s” is not valid. Use default, yes or no.", string(t.ShowApprovers)))
	}
	es.Add(t.Expiration.check())
	es.Add(checkQuestions(t.Questions))
	return es.Err()
}
