package views

import (
	"myaccess/views/ui"
)

// Approvals is the list of pending or decided approvals.
type Approvals struct {
	Chrome
	Tabs           []ui.Tab
	Pending        bool
	Action         string
	Rows           []Row
	Selectable     bool // whether a row can be selected
	Reason         ui.Field
	RestoredNotice string   // says that typed text was restored; empty if it was not
	Faults         []Fault  // of the form, not of a field
	Results        []string // result of each of several decisions
	Next, First    string
}

// Approval is the page of a request for its approvers.
type Approval struct {
	Chrome
	Package   string
	State     ui.Badge
	Conflict  string // why the decision just submitted was not accepted; empty otherwise
	Facts     []ui.Fact
	Answers   []ui.Fact
	Resources []Resource
	Steps     []Step
	Decide    *Decide // nil if the reader cannot decide
	WhyNot    string  // why the reader cannot decide
}

// Decide is the form to decide.
type Decide struct {
	Action         string
	Stage          int
	WhyNotApprove  string // why the reader can only deny; empty otherwise
	RestoredNotice string // says that typed text was restored; empty if it was not
	Faults         []Fault
	Reason         ui.Field
}
