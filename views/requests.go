package views

import (
	"myaccess/views/ui"
)

// Requests is the list of a person's requests.
type Requests struct {
	Chrome
	Rows        []Row
	Next, First string
}

// Request is the page of a request with its timeline.
type Request struct {
	Chrome
	Package      string
	State        ui.Badge
	Facts        []ui.Fact
	Steps        []Step
	Resources    []Resource
	CancelAction string // form action; empty if it cannot be canceled
	ResubmitURL  string // page to submit it again; empty if it cannot be
	AutoRefresh  bool   // the page reloads itself until the state is final
}

// Step is an entry of the timeline. Kind is done, now, bad or next.
type Step struct {
	Kind, Title, Time string
	Lines             []string
}
