package kit

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/views"
	"myaccess/views/ui"
)

// EditForm is a form that creates or changes one object. The values of its
// fields are always url.Values: the stored ones, or what was typed.
type EditForm struct {
	Title, Lead string
	Path        string // where the form is sent
	Crumbs      []views.Link
	Cancel      string
	Submit      string // label of the button
	Danger      bool
	Notices     []views.Notice
	// Refusal is why nobody can submit the form now; nil if it can be submitted. The
	// form then has the reason instead of its fields and its button.
	Refusal error
	Hidden  []views.Hidden // more hidden fields
	// Stored are the stored values of the object; nil for a new one.
	Stored  url.Values
	Version int64
	// Groups builds the form parts from the values and the faults by field.
	Groups func(typed url.Values, faults map[string]string) []views.Group
	// Upload makes the form one that can have files.
	Upload bool
	// Arrange applies the button that was pressed to add, remove or move a part of
	// the form; nil if there are no such buttons.
	Arrange func(typed url.Values)
}

// Groups binds a function that builds the groups of a form to the request.
func (c *Context) Groups(
	fill func(c *Context, typed url.Values, faults map[string]string) []views.Group,
) func(url.Values, map[string]string) []views.Group {
	return func(typed url.Values, faults map[string]string) []views.Group { return fill(c, typed, faults) }
}

// Fields returns what was typed, without the fields that the form machinery
// uses. A secret is sealed.
func (c *Context) Fields() url.Values {
	typed := url.Values{}
	for name, values := range c.Request().PostForm {
		switch name {
		case "csrf", "find", "go", "finish", "version":
			continue
		}
		typed[name] = slices.Clone(values)
	}
	c.sealSecret(typed)
	return typed
}

// FormVersion is the version of the object that the form was filled from; 0 if
// it has none.
func (c *Context) FormVersion() int64 {
	n, err := strconv.ParseInt(c.FormText("version"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Searching reports whether the form was sent by the search button of a picker,
// so that nothing must be saved.
func (c *Context) Searching() bool { return c.FormText("find") != "" }

// Rearranging reports whether the form was sent by a button that searches,
// adds, removes, moves or tests a part of it, so that nothing must be saved.
func (c *Context) Rearranging() bool {
	return c.Searching() || c.FormText("add") != "" || c.FormText("drop") != "" || c.FormText("move") != "" ||
		c.FormText("try") != ""
}

// Show answers with the form as first opened: with the stored values, or with
// the draft that was kept when the session ended.
func (e EditForm) Show(c *Context) error {
	if draft := c.Draft(); draft != nil {
		e.Notices = append(e.Notices, views.Notice{Kind: "info",
			Text: c.Printer.T("Your session had ended. We restored what you entered.")})
		if version, err := strconv.ParseInt(draft.Get("version"), 10, 64); err == nil {
			e.Version = version // so that what has been saved since is not overwritten
		}
		return e.Render(c, http.StatusOK, draft, nil)
	}
	typed := e.Stored
	if typed == nil {
		typed = url.Values{}
	}
	return e.Render(c, http.StatusOK, typed, nil)
}

// Rerender answers with the form as typed: with the faults in err, or rearranged
// if err is nil. It returns errors that are not about the content of the form.
func (e EditForm) Rerender(c *Context, err error) error {
	switch {
	case err == nil:
		typed := c.Fields()
		if e.Arrange != nil {
			e.Arrange(typed)
		}
		return e.Render(c, http.StatusOK, typed, nil)
	case IsFormFault(err):
		return e.Render(c, StatusOf(access.KindOf(err)), c.Fields(), err)
	}
	return err
}

// Render answers with the form as typed, and with the faults in err. At a
// conflict it shows which fields someone else has changed in between.
func (e EditForm) Render(c *Context, status int, typed url.Values, err error) error {
	p := c.Printer
	byField, all := FaultsOf(p, err)
	page := views.AdminForm{Chrome: c.Chrome(e.Title), Crumbs: e.Crumbs, Intro: e.Lead, Action: e.Path, Notices: e.Notices,
		Groups: e.Groups(typed, byField), CancelURL: e.Cancel,
		Upload:  e.Upload,
		Hidden:  append(e.Hidden, views.Hidden{Name: "version", Value: strconv.FormatInt(e.Version, 10)}),
		Buttons: []views.Button{{Label: e.Submit, Primary: !e.Danger, Danger: e.Danger}}}
	if key := typed.Get("key"); key != "" { // makes submitting twice harmless
		page.Hidden = append(page.Hidden, views.Hidden{Name: "key", Value: key})
	}
	if e.Refusal != nil {
		page.Groups, page.Buttons = []views.Group{{Text: ErrorText(p, e.Refusal)}}, nil
	}
	if err != nil {
		page.Faults = LinkFaults(all, namesOf(page.Groups)...)
		for i, f := range all {
			all[i].Text = summaryText(p, f.Text, labelOf(page.Groups, strings.TrimPrefix(f.Field, "f-")))
		}
		inFieldOrder(page.Faults, page.Groups)
	}
	if status == http.StatusConflict && e.Stored != nil {
		page.Conflicts = storedDifferences(p, e.Stored, typed, page.Groups)
	}
	return c.Show(status, page.Page())
}

// storedDifferences lists the fields whose stored value differs from what was
// typed.
func storedDifferences(p *lang.Printer, stored, typed url.Values, groups []views.Group) []views.FieldConflict {
	var all []views.FieldConflict
	for _, g := range groups {
		for _, part := range g.Parts {
			name, label := partName(part)
			if name == "" || slices.Equal(stored[name], typed[name]) || stored.Get(name) == "" && typed.Get(name) == "" {
				continue
			}
			all = append(all, views.FieldConflict{Label: label, Stored: shownValues(p, part, stored[name]),
				Typed: shownValues(p, part, typed[name])})
		}
	}
	return all
}

// labelOf is the label of the field with the name; empty if the groups have none.
func labelOf(groups []views.Group, field string) string {
	for _, g := range groups {
		for _, part := range g.Parts {
			if name, label := partName(part); name == field && name != "" {
				return label
			}
		}
	}
	return ""
}

// namesOf are the names of the fields of the groups, and of groups that can have faults.
func namesOf(groups []views.Group) []string {
	var all []string
	for _, g := range groups {
		all = append(all, g.Field)
		for _, part := range g.Parts {
			name, _ := partName(part)
			all = append(all, name)
		}
	}
	return all
}

// summaryText is the text of a fault in the list of all faults of a page, where “Required.”
// does not say of what.
func summaryText(p *lang.Printer, text, label string) string {
	if label == "" || text != p.T("Required.") {
		return text
	}
	return p.T("%s is required.", label)
}

// partName is the name and label of a form part.
func partName(part views.Part) (name, label string) {
	switch {
	case part.Field != nil:
		return part.Field.Name, part.Field.Label
	case part.Options != nil:
		return part.Options.Name, part.Options.Label
	case part.Select != nil:
		return part.Select.Name, part.Select.Label
	case part.Picker != nil:
		return part.Picker.Name, part.Picker.Label
	}
	return "", ""
}

// shownValues is the text of values as the part shows them: labels of options
// where it has options.
func shownValues(p *lang.Printer, part views.Part, values []string) string {
	var options []ui.Option
	switch {
	case part.Options != nil:
		options = part.Options.Options
	case part.Select != nil:
		options = part.Select.Options
	case part.Picker != nil:
		options = append(slices.Clone(part.Picker.Selected), part.Picker.Results...)
	}
	texts := slices.Clone(values)
	for i, value := range values {
		for _, o := range options {
			if o.Value == value {
				texts[i] = o.Label
			}
		}
	}
	return p.Series(texts)
}
