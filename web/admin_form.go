package web

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// editor is a form of administrators that makes or changes a thing. What stands
// in its fields is always a url.Values: that of the stored thing, or what was
// typed.
type editor struct {
	title, lead string
	path        string // of the form, which is where it is sent
	crumbs      []views.Link
	cancel      string
	submit      string // the word on the button
	danger      bool
	notices     []views.Notice
	hidden      []views.Hidden // what goes along besides
	// stored are the values of the thing as it is stored; nil for a new one.
	stored  url.Values
	version int64
	// groups are the parts of the form with the values and the faults by field.
	groups func(typed url.Values, faults map[string]string) []views.Group
	// arrange does to what was typed what a button asks that adds, drops or
	// moves a part of the form; nil if it has none.
	arrange func(typed url.Values)
}

// fields are what was typed into a form, without what belongs to the machinery.
func (v *visit) fields() url.Values {
	typed := url.Values{}
	for name, values := range v.Request().PostForm {
		switch name {
		case "csrf", "find", "go", "finish", "version":
			continue
		}
		for _, text := range values {
			typed.Add(name, strings.ReplaceAll(text, "\r\n", "\n"))
		}
	}
	v.hide(typed)
	return typed
}

// secretField is the one field of forms whose text is never shown again.
const secretField = "provider.clientSecret"

// hide replaces a secret that was typed by its sealed form, which goes along in
// a hidden field of this session.
func (v *visit) hide(typed url.Values) {
	if secret := typed.Get(secretField); secret != "" {
		typed.Set("sealed", v.seal(secret))
	}
	typed.Del(secretField)
}

// seal encrypts text so that only this session can bring it back.
func (v *visit) seal(text string) string {
	return base64.RawURLEncoding.EncodeToString(v.box.Seal(nil, nil, []byte(text), []byte(v.key)))
}

// unseal is the reverse of seal; empty for what this session has not sealed.
func (v *visit) unseal(sealed string) string {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return ""
	}
	text, err := v.box.Open(nil, nil, raw, []byte(v.key))
	if err != nil {
		return ""
	}
	return string(text)
}

// version is the version that the form sent started from.
func (v *visit) version() int64 {
	n, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// finding reports whether the form was only sent to search with one of its
// pickers.
func (v *visit) finding() bool { return v.form("find") != "" }

// arranging reports whether the form was only sent to search, or for a button
// that adds, drops, moves or tries a part of it.
func (v *visit) arranging() bool {
	return v.finding() || v.form("add") != "" || v.form("drop") != "" || v.form("move") != "" || v.form("try") != ""
}

// show answers with the form as it is first seen: with the stored values, or
// with what was typed before the session ended.
func (e editor) show(v *visit) error {
	if draft := v.draft(); draft != nil {
		e.notices = append(e.notices, views.Notice{Kind: "info",
			Text: v.printer.T("Your session had ended. What you had typed is here again.")})
		return e.answer(v, http.StatusOK, draft, nil)
	}
	typed := e.stored
	if typed == nil {
		typed = url.Values{}
	}
	return e.answer(v, http.StatusOK, typed, nil)
}

// refused answers with the form after it was sent and err came of it, or after
// it was sent to search or to be arranged (err is nil then). Refusals that the
// form cannot mend are returned.
func (e editor) refused(v *visit, err error) error {
	switch kind := access.KindOf(err); {
	case err == nil:
		typed := v.fields()
		if e.arrange != nil {
			e.arrange(typed)
		}
		return e.answer(v, http.StatusOK, typed, nil)
	case kind == access.Invalid || kind == access.Conflict:
		return e.answer(v, statuses()[kind], v.fields(), err)
	}
	return err
}

func (e editor) answer(v *visit, status int, typed url.Values, err error) error {
	p := v.printer
	byField, all := faultsOf(p, err)
	page := views.AdminForm{Chrome: v.chrome(e.title), Crumbs: e.crumbs, Intro: e.lead, Action: e.path, Notices: e.notices,
		Groups: e.groups(typed, byField), CancelURL: e.cancel,
		Hidden:  append(e.hidden, views.Hidden{Name: "version", Value: strconv.FormatInt(e.version, 10)}),
		Buttons: []views.Button{{Label: e.submit, Primary: !e.danger, Danger: e.danger}}}
	if key := typed.Get("key"); key != "" { // so that posting it twice does it once
		page.Hidden = append(page.Hidden, views.Hidden{Name: "key", Value: key})
	}
	if err != nil {
		page.Faults = all
	}
	if status == http.StatusConflict && e.stored != nil {
		page.Conflicts = theirs(e.stored, typed, page.Groups)
	}
	return v.show(status, page.Page())
}

// theirs are the fields in which what is stored differs from what was typed.
func theirs(stored, typed url.Values, groups []views.Group) []views.FieldConflict {
	var all []views.FieldConflict
	for _, g := range groups {
		for _, part := range g.Parts {
			name, label := named(part)
			if name == "" || slices.Equal(stored[name], typed[name]) || stored.Get(name) == "" && typed.Get(name) == "" {
				continue
			}
			all = append(all, views.FieldConflict{Label: label, Stored: shown(part, stored[name]), Typed: shown(part, typed[name])})
		}
	}
	return all
}

// named is the name and the label of a part of a form.
func named(part views.Part) (name, label string) {
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

// shown are values as the part shows them to be chosen.
func shown(part views.Part, values []string) string {
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
	return strings.Join(texts, ", ")
}

// text is the part for a line of text.
func text(typed url.Values, faults map[string]string, f ui.Field) views.Part {
	if f.Type == "" {
		f.Type = "text"
	}
	f.Value, f.Error = typed.Get(f.Name), faults[f.Name]
	return views.Part{Field: &f}
}

// choice is the part for one of a few options, or several if o.Many.
func choice(typed url.Values, faults map[string]string, o ui.Options) views.Part {
	o.Error = faults[o.Name]
	for i := range o.Options {
		o.Options[i].Selected = slices.Contains(typed[o.Name], o.Options[i].Value)
	}
	return views.Part{Options: &o}
}

// drop is the part for one of many options.
func drop(typed url.Values, faults map[string]string, s ui.Select) views.Part {
	s.Error = faults[s.Name]
	for i := range s.Options {
		s.Options[i].Selected = s.Options[i].Value == typed.Get(s.Name)
	}
	return views.Part{Select: &s}
}

// yesNo is the part for a switch. Its value is yes or no.
func (v *visit) yesNo(typed url.Values, faults map[string]string, name, label, hint string) views.Part {
	return choice(typed, faults, ui.Options{Name: name, Label: label, Hint: hint, Required: true, Inline: true,
		Options: []ui.Option{{Value: "yes", Label: v.printer.T("Yes")}, {Value: "no", Label: v.printer.T("No")}}})
}

// yes is the value of a switch.
func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
