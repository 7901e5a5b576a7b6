package mail

import (
	_ "embed" // the layout
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"myaccess/internal/lang"
)

//go:embed layout.html
var layout string

// letter is what every message consists of, ready to print.
type letter struct {
	Lang     string
	Subject  string
	Greeting string
	Lead     string
	Rows     []fact
	Items    []Resource
	Button   string
	Link     string
	Tail     []string
}

// fact is a line of the table.
type fact struct{ Name, Value string }

// Compose makes up the message of kind k from f, printed by p. An unknown kind
// is an error.
func Compose(k Kind, p *lang.Printer, f Facts) (Message, error) {
	write, ok := writers()[k]
	if !ok {
		return Message{}, fmt.Errorf("mail: there is no message %q", k)
	}
	f = f.oneLined()
	l := letter{Lang: p.Tag(), Greeting: p.T("Hello %s,", f.Recipient)}
	write(&l, p, f)
	if k == ProviderChanged {
		l.Tail = append(l.Tail, p.T("%s sends you this because you are a global administrator.", f.Tenant))
	} else {
		l.Tail = append(l.Tail, p.T("%s sends you this because the request or the access concerns you.", f.Tenant))
	}
	if f.Support != "" {
		l.Tail = append(l.Tail, p.T("Questions? Ask %s.", f.Support))
	}
	l.Subject = line(l.Subject)
	html, err := l.html()
	return Message{Subject: l.Subject, Text: l.text(), HTML: html}, err
}

// oneLined returns f with every name on one line, so that no sentence or
// subject made of them can be torn apart.
func (f Facts) oneLined() Facts {
	for _, s := range []*string{&f.Tenant, &f.Support, &f.Recipient, &f.Package, &f.Decider,
		&f.Provider.Name, &f.Provider.By, &f.Requestor.Name, &f.Requestor.Email, &f.Requestor.Organization} {
		*s = line(*s)
	}
	return f
}

// approval is what an approver must know to decide (F-166).
func (l *letter) approval(p *lang.Printer, f Facts) {
	l.about(p, f)
	if f.Stages > 1 {
		l.row(p.T("Stage"), p.T("%d of %d", f.Stage, f.Stages))
	}
	l.row(p.T("Decide by"), p.DateTime(f.Due))
	l.link(p.T("Approve or deny request"), f, "/approvals/"+string(f.RequestID))
}

// decided is what everybody who had a part is told.
func (l *letter) decided(p *lang.Printer, f Facts) {
	l.row(p.T("Decided by"), f.Decider)
	l.row(p.T("Reason"), f.Reason)
	l.about(p, f)
	l.link(p.T("See the request"), f, "/approvals/"+string(f.RequestID))
}

// about tells who asks for what, why, and for when.
func (l *letter) about(p *lang.Printer, f Facts) {
	l.row(p.T("Person"), f.Requestor.Name)
	l.row(p.T("E-mail"), f.Requestor.Email)
	l.row(p.T("Organization"), f.Requestor.Organization)
	l.row(p.T("Access package"), f.Package)
	l.row(p.T("Business justification"), f.Justification)
	for _, a := range f.Answers {
		l.row(a.Text, a.String())
	}
	if !f.Start.IsZero() {
		l.row(p.T("From"), p.DateTime(f.Start))
	}
	if !f.End.IsZero() {
		l.row(p.T("Until"), p.DateTime(f.End))
	}
	if !f.Submitted.IsZero() {
		l.row(p.T("Submitted"), p.DateTime(f.Submitted))
	}
}

// row adds a line to the table, unless there is nothing to say.
func (l *letter) row(name, value string) {
	if value = block(value); value != "" {
		l.Rows = append(l.Rows, fact{line(name), value})
	}
}

// items lists the resources, each with its link if that is one for browsers.
func (l *letter) items(f Facts) {
	for _, r := range f.Resources {
		u, err := url.Parse(r.Link)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			r.Link = ""
		}
		l.Items = append(l.Items, Resource{Name: line(r.Name), Role: line(r.Role), Link: r.Link, Problem: line(r.Problem)})
	}
}

// link makes the message's button: a page of the portal, with the recipient's
// domain as a hint.
func (l *letter) link(label string, f Facts, path string) {
	l.Button, l.Link = label, strings.TrimSuffix(f.Base, "/")+"/@"+string(f.Domain)+path
	if f.Hint != "" {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		l.Link += join + "domain_hint=" + url.QueryEscape(string(f.Hint))
	}
}

// text is the message for readers without HTML. What has several lines is
// quoted, so that it cannot pass for the portal's own words.
func (l letter) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", l.Greeting, l.Lead)
	if len(l.Rows) > 0 {
		b.WriteString("\n")
	}
	for _, r := range l.Rows {
		if strings.Contains(r.Value, "\n") {
			r.Value = "\n> " + strings.ReplaceAll(r.Value, "\n", "\n> ")
		} else {
			r.Value = " " + r.Value
		}
		if !strings.HasSuffix(r.Name, "?") {
			r.Name += ":"
		}
		b.WriteString(r.Name + r.Value + "\n")
	}
	if len(l.Items) > 0 {
		b.WriteString("\n")
	}
	for _, r := range l.Items {
		b.WriteString(r.text())
	}
	if l.Link != "" {
		fmt.Fprintf(&b, "\n%s:\n%s\n", l.Button, l.Link)
	}
	b.WriteString("\n-- \n" + strings.Join(l.Tail, "\n") + "\n")
	return b.String()
}

func (r Resource) text() string {
	s := "- " + r.Name
	if r.Role != "" {
		s += " (" + r.Role + ")"
	}
	for _, more := range []string{r.Problem, r.Link} {
		if more != "" {
			s += "\n  " + more
		}
	}
	return s + "\n"
}

func (l letter) html() (string, error) {
	t, err := template.New("mail").Parse(layout)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, l)
	return b.String(), err
}
