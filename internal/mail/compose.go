package mail

import (
	_ "embed" // the layout
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"unicode"

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

// Compose makes up the message of kind k from f, printed by p.
func Compose(k Kind, p *lang.Printer, f Facts) (Message, error) {
	write, ok := writers()[k]
	if !ok {
		return Message{}, fmt.Errorf("mail: there is no message %q", k)
	}
	l := letter{Lang: p.Tag(), Greeting: p.T("Hello %s,", line(f.Recipient))}
	write(&l, p, f)
	l.Tail = append(l.Tail, p.T("%s sends you this because the request or the access concerns you.", line(f.Tenant)))
	if f.Support != "" {
		l.Tail = append(l.Tail, p.T("Questions? Ask %s.", line(f.Support)))
	}
	l.Subject = line(l.Subject)
	html, err := l.html()
	return Message{Subject: l.Subject, Text: l.text(), HTML: html}, err
}

type writer func(l *letter, p *lang.Printer, f Facts)

func writers() map[Kind]writer {
	return map[Kind]writer{
		ApprovalAsked: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Action required: Approve or deny request by %s", p.Date(f.Due))
			l.Lead = p.T("%s asks for access to “%s”. Your decision is needed by %s.", line(f.Requestor.Name), line(f.Package), p.DateTime(f.Due))
			l.approval(p, f)
		},
		ApprovalReminder: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Reminder: Approve or deny the request by %s for %s", p.Date(f.Due), line(f.Requestor.Name))
			l.Lead = p.T("The request of %s for “%s” still waits. If nobody decides by %s, it expires.", line(f.Requestor.Name), line(f.Package), p.DateTime(f.Due))
			l.approval(p, f)
		},
		StageApproved: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Request approved for %s to %s", line(f.Requestor.Name), line(f.Package))
			l.Lead = p.T("Stage %d of %d was approved. The next stage has been asked.", f.Stage, f.Stages)
			l.decided(p, f)
		},
		RequestApproved: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Request approved for %s to %s", line(f.Requestor.Name), line(f.Package))
			l.Lead = p.T("The request was approved. There is nothing left for you to do.")
			l.decided(p, f)
		},
		RequestDenied: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Request denied to %s", line(f.Package))
			l.Lead = p.T("Your request for “%s” was denied.", line(f.Package))
			l.row(p.T("Reason"), f.Reason)
			l.link(p.T("See your request"), f, "/requests/"+string(f.RequestID))
		},
		RequestDeniedApprovers: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Request denied for %s to %s", line(f.Requestor.Name), line(f.Package))
			l.Lead = p.T("The request was denied. There is nothing left for you to do.")
			l.decided(p, f)
		},
		RequestExpired: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Your request has expired for %s", line(f.Package))
			l.Lead = p.T("Nobody decided your request for “%s” in time. You can submit it again; what you wrote is kept.", line(f.Package))
			l.link(p.T("Submit it again"), f, "/requests/"+string(f.RequestID))
		},
		RequestExpiredApprovers: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Request has expired for %s", line(f.Package))
			l.Lead = p.T("Nobody decided the request of %s in time. It can no longer be decided.", line(f.Requestor.Name))
			l.link(p.T("See the request"), f, "/approvals/"+string(f.RequestID))
		},
		RequestCanceled: writeCanceled,
		AccessDelivered: writeDelivered,
		DeliveryPartial: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Part of your access to %s is still missing", line(f.Package))
			l.Lead = p.T("Some of what belongs to “%s” could not be delivered yet. It is tried again until it succeeds.", line(f.Package))
			l.items(f)
			l.link(p.T("See how it stands"), f, "/requests/"+string(f.RequestID))
		},
		DeliveryFailed: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Your access to %s could not be delivered yet", line(f.Package))
			l.Lead = p.T("Your request for “%s” was granted, but nothing of it could be delivered yet. It is tried again until it succeeds.", line(f.Package))
			l.items(f)
			l.link(p.T("See how it stands"), f, "/requests/"+string(f.RequestID))
		},
		AccessEnded: func(l *letter, p *lang.Printer, f Facts) {
			l.Subject = p.T("Access has ended for %s", line(f.Package))
			l.Lead = p.T("Your access to “%s” has ended and was removed. If you still need it, you can ask again.", line(f.Package))
			l.link(p.T("See the access package"), f, "/access-packages/"+string(f.PackageID))
		},
	}
}

func writeCanceled(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("Request canceled for %s", line(f.Package))
	if f.Reason == "" {
		l.Lead = p.T("%s has withdrawn the request. There is nothing left for you to do.", line(f.Requestor.Name))
		return
	}
	l.Lead = p.T("The request of %s was canceled.", line(f.Requestor.Name))
	l.row(p.T("Reason"), p.T(f.Reason))
}

func writeDelivered(l *letter, p *lang.Printer, f Facts) {
	l.Subject = p.T("You now have access to %s", line(f.Package))
	l.Lead = p.T("You now have access to everything in “%s”.", line(f.Package))
	if !f.End.IsZero() {
		l.row(p.T("Until"), p.DateTime(f.End))
	}
	l.items(f)
	l.link(p.T("Open your access packages"), f, "/access-packages?tab=active")
}

// approval is what an approver must know to decide (F-166).
func (l *letter) approval(p *lang.Printer, f Facts) {
	l.about(p, f)
	if f.Stages > 1 {
		l.row(p.T("Stage"), p.T("%d of %d", f.Stage, f.Stages))
	}
	l.link(p.T("Approve or deny request"), f, "/approvals/"+string(f.RequestID))
}

// decided is what everybody who had a part is told.
func (l *letter) decided(p *lang.Printer, f Facts) {
	l.row(p.T("Decided by"), f.Decider)
	l.row(p.T("Reason"), f.Reason)
	l.about(p, f)
	l.link(p.T("See the request"), f, "/approvals/"+string(f.RequestID))
}

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
}

// row adds a line to the table, unless there is nothing to say.
func (l *letter) row(name, value string) {
	if value = short(value, 600); value != "" {
		l.Rows = append(l.Rows, fact{line(name), value})
	}
}

func (l *letter) items(f Facts) {
	for _, r := range f.Resources {
		if !strings.HasPrefix(r.Link, "https://") && !strings.HasPrefix(r.Link, "http://") {
			r.Link = ""
		}
		l.Items = append(l.Items, Resource{Name: line(r.Name), Role: line(r.Role), Link: r.Link, Problem: line(r.Problem)})
	}
}

// link makes the message's button: a page of the portal, with the recipient's
// domain as a hint.
func (l *letter) link(label string, f Facts, path string) {
	l.Button, l.Link = label, f.Base+"/@"+string(f.Domain)+path
	if f.Hint != "" {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		l.Link += join + "domain_hint=" + url.QueryEscape(string(f.Hint))
	}
}

// line is s on one line, without control characters, shortened to 200
// characters.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return short(strings.Join(strings.Fields(s), " "), 200)
}

// short is s with at most n characters.
func short(s string, n int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "�"))
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func (l letter) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", l.Greeting, l.Lead)
	if len(l.Rows) > 0 {
		b.WriteString("\n")
	}
	for _, r := range l.Rows {
		fmt.Fprintf(&b, "%s: %s\n", r.Name, strings.ReplaceAll(r.Value, "\n", "\n    "))
	}
	if len(l.Items) > 0 {
		b.WriteString("\n")
	}
	for _, r := range l.Items {
		fmt.Fprintf(&b, "- %s (%s) %s%s\n", r.Name, r.Role, r.Link, r.Problem)
	}
	if l.Link != "" {
		fmt.Fprintf(&b, "\n%s:\n%s\n", l.Button, l.Link)
	}
	b.WriteString("\n--\n" + strings.Join(l.Tail, "\n") + "\n")
	return b.String()
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
