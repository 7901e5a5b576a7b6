package views

import (
	"myaccess/internal/lang"
	"myaccess/views/ui"
)

// Form is the form to request a package.
type Form struct {
	Action         string
	IdempotencyKey string // makes sure that posting twice creates one request
	Faults         []Fault
	PolicyChoice   *ui.Options // choice of policy; nil if there is only one
	// PolicyChoiceAction is the form action that shows the form of the
	// chosen policy. It is sent with HiddenFields.
	PolicyChoiceAction string
	HiddenFields       []Hidden
	Policy             string // id of the chosen policy
	Hint               string // what will happen on submitting
	Parts              []Part
	RestoredNotice     string // says that typed text was restored; empty if it was not
}

// Part is an element of a form. Only what is set is rendered.
type Part struct {
	Field   *ui.Field
	Options *ui.Options
	Select  *ui.Select
	Picker  *ui.Picker
	Note    string
	Heading string
	Hidden  []Hidden
	Buttons []Button
	// VisibleWhen is the condition for the part; with scripts it is hidden
	// otherwise.
	VisibleWhen VisibleWhen
}

// named returns the faults prefixed with the labels of their fields, for the
// list above the form.
func (f Form) named(p *lang.Printer) []Fault {
	labels := map[string]string{}
	for _, part := range f.Parts {
		if part.Field != nil {
			labels[part.Field.ID()] = part.Field.Label
		}
		if part.Options != nil {
			labels[part.Options.ID()] = part.Options.Label
		}
	}
	var all []Fault
	for _, fault := range f.Faults {
		if label := labels[fault.Field]; label != "" {
			fault.Text = p.T("%s – %s", label, fault.Text)
		}
		all = append(all, fault)
	}
	return all
}

// VisibleWhen shows something only while another field has one of the values;
// always if Field is empty.
type VisibleWhen struct{ Field, Values string }

// Fault is an error in a form, with the id of its field.
type Fault struct{ Field, Text string }

// Button submits a form with a name and a value. FormAction replaces the form's
// action if set, such as to add a fragment that scrolls to a place on the page.
type Button struct {
	Label, Name, Value, FormAction string
	Primary, Danger                bool
}

// Hidden is a hidden field of a form.
type Hidden struct{ Name, Value string }
