package kit

import (
	"net/url"
	"slices"

	"myaccess/views"
	"myaccess/views/ui"
)

// TextField is a form part for a line of text.
func TextField(typed url.Values, faults map[string]string, f ui.Field) views.Part {
	if f.Type == "" {
		f.Type = "text"
	}
	f.Value, f.Error = typed.Get(f.Name), faults[f.Name]
	return views.Part{Field: &f}
}

// OptionsField is a form part for radio buttons, or for check boxes if
// o.Multiple.
func OptionsField(typed url.Values, faults map[string]string, o ui.Options) views.Part {
	o.Error = faults[o.Name]
	for i := range o.Options {
		o.Options[i].Selected = slices.Contains(typed[o.Name], o.Options[i].Value)
	}
	return views.Part{Options: &o}
}

// SelectField is a form part for a drop-down list.
func SelectField(typed url.Values, faults map[string]string, s ui.Select) views.Part {
	s.Error = faults[s.Name]
	for i := range s.Options {
		s.Options[i].Selected = s.Options[i].Value == typed.Get(s.Name)
	}
	return views.Part{Select: &s}
}

// SwitchField is a form part for yes or no.
func (c *Context) SwitchField(typed url.Values, faults map[string]string, name, label, hint string) views.Part {
	return OptionsField(typed, faults, ui.Options{Name: name, Label: label, Hint: hint, Required: true, Inline: true,
		Options: []ui.Option{{Value: "yes", Label: c.Printer.T("Yes")}, {Value: "no", Label: c.Printer.T("No")}}})
}

// YesNo is the value of a switch.
func YesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
