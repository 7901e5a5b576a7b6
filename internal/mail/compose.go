package mail

import (
	_ "embed" // the layout
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/lang"
)

//go:embed layout.html
var layout string

// content is the content of a message, ready to print.
type content struct {
	Lang     string
	Dir      string // of the language: ltr or rtl
	Subject  string
	Greeting string
	Lead     string
	Rows     []row
	Items    []item
	Button   string
	Link     string
	Tail     []string
}

// row is a line of the table.
type row struct{ Name, Value string }

// Compose returns the message of kind k about f in the language of p. An unknown kind
// is an error.
func Compose(k Kind, p *lang.Printer, f Facts) (Message, error) {
	write, ok := writers()[k]
	if !ok {
		return Message{}, fmt.Errorf("mail: there is no message %q", k)
	}
	f = f.singleLine()
	c := content{Lang: p.Tag(), Dir: p.Dir(), Greeting: p.T("Hello %s,", f.Recipient)}
	write(&c, p, f)
	c.Tail = append(c.Tail, reasonSent(k, p, f))
	if f.Support != "" {
		c.Tail = append(c.Tail, p.T("Questions? Ask %s.", f.Support))
	}
	c.Subject = cleanLine(c.Subject)
	html, err := c.html()
	return Message{Subject: c.Subject, Text: c.text(), HTML: html}, err
}

// reasonSent says why the recipient gets a message of the kind.
func reasonSent(k Kind, p *lang.Printer, f Facts) string {
	switch k {
	case NoApprover:
		if f.Gap.Owner {
			return p.T("You received this because you own the catalog “%s” of %s.", f.Gap.Catalog, f.Tenant)
		}
	case ApprovalAsked, ApprovalReminder, StageApproved, RequestApproved, RequestDeniedApprovers,
		RequestExpiredApprovers:
		return p.T("You received this because you're an approver at %s.", f.Tenant)
	case RequestCanceled:
		return p.T("You received this because it concerns a request at %s.", f.Tenant)
	case Passcode, CarryOverCode:
		return p.T("You received this because your mail address was used to sign in at %s.", f.Tenant)
	case ProviderChanged, PersonMatched, SubjectNeeded, NotMember, AddressesTrusted:
	case RequestDenied, RequestExpired, AccessDelivered, DeliveryPartial, DeliveryFailed, AccessEnded:
		return p.T("You received this because it concerns your access at %s.", f.Tenant)
	}
	return p.T("You received this because you're a global administrator of %s.", f.Tenant)
}

// singleLine returns f with every name on one line, so that a name cannot add lines to
// a sentence or subject.
func (f Facts) singleLine() Facts {
	f.Gap.Items = slices.Clone(f.Gap.Items)
	for i := range f.Gap.Items {
		item := &f.Gap.Items[i]
		item.Package, item.Person, item.Policy = cleanLine(item.Package), cleanLine(item.Person), cleanLine(item.Policy)
	}
	for _, s := range []*string{&f.Tenant, &f.Gap.Catalog, &f.Support, &f.Recipient, &f.Package, &f.Decider,
		&f.Provider.Name, &f.Provider.By, &f.Notice.Name, &f.Notice.Address, &f.Notice.Provider, &f.Notice.Subject,
		&f.Notice.Reason, &f.Requestor.Name, &f.Requestor.Email, &f.Requestor.Organization} {
		*s = cleanLine(*s)
	}
	return f
}

// approval adds what an approver needs to decide (F-166).
func (c *content) approval(p *lang.Printer, f Facts) {
	c.about(p, f)
	if f.Stages > 1 {
		c.row(p.T("Stage"), p.T("%d of %d", f.Stage, f.Stages))
	}
	c.row(p.T("Decide by"), p.DateTime(f.Due))
	c.link(p.T("Approve or deny request"), f, "/approvals/"+string(f.RequestID))
}

// decided adds the decision, for everyone involved.
func (c *content) decided(p *lang.Printer, f Facts) {
	c.row(p.T("Decided by"), f.Decider)
	c.row(p.T("Reason"), f.Reason)
	c.about(p, f)
	c.link(p.T("View request"), f, "/approvals/"+string(f.RequestID))
}

// about adds the requestor, the package, the justification, answers and dates.
func (c *content) about(p *lang.Printer, f Facts) {
	c.row(p.T("Person"), f.Requestor.Name)
	c.row(p.T("Email"), f.Requestor.Email)
	c.row(p.T("Organization"), f.Requestor.Organization)
	c.row(p.T("Access package"), f.Package)
	c.row(p.T("Business justification"), f.Justification)
	for _, a := range f.Answers {
		c.row(a.Text, p.Series(a.Shown()))
	}
	if !f.Start.IsZero() {
		c.row(p.T("From"), p.DateTime(f.Start))
	}
	if !f.End.IsZero() {
		c.row(p.T("Until"), p.DateTime(f.End))
	}
	if !f.Submitted.IsZero() {
		c.row(p.T("Submitted"), p.DateTime(f.Submitted))
	}
}

// row adds a line to the table, unless the value is empty.
func (c *content) row(name, value string) {
	if value = cleanBlock(value); value != "" {
		c.Rows = append(c.Rows, row{cleanLine(name), value})
	}
}

// item is a resource role as it is printed.
type item struct{ Name, Role, Link, Problem string }

// items adds the resources, each with its link if that is http or https.
func (c *content) items(p *lang.Printer, f Facts) {
	for _, r := range f.Resources {
		u, err := url.Parse(r.Link)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			r.Link = ""
		}
		shown := item{Name: cleanLine(r.Name), Role: cleanLine(r.Role), Link: r.Link}
		if r.Problem != "" {
			shown.Problem = cleanLine(p.T(lang.Message(r.Problem)))
		}
		c.Items = append(c.Items, shown)
	}
}

// link sets the button: a page of the portal, with the recipient's domain as a hint.
func (c *content) link(label string, f Facts, path string) {
	c.Button, c.Link = label, strings.TrimSuffix(f.Base, "/")+"/@"+string(f.Domain)+path
	if f.Hint != "" {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		c.Link += join + "domain_hint=" + url.QueryEscape(string(f.Hint))
	}
}

// text returns the message as plain text. Values with several lines are quoted, so
// that they cannot be mistaken for the portal's own text.
func (c content) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", c.Greeting, c.Lead)
	if len(c.Rows) > 0 {
		b.WriteString("\n")
	}
	for _, r := range c.Rows {
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
	if len(c.Items) > 0 {
		b.WriteString("\n")
	}
	for _, r := range c.Items {
		b.WriteString(r.text())
	}
	if c.Link != "" {
		fmt.Fprintf(&b, "\n%s:\n%s\n", c.Button, c.Link)
	}
	b.WriteString("\n-- \n" + strings.Join(c.Tail, "\n") + "\n")
	return b.String()
}

func (r item) text() string {
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

func (c content) html() (string, error) {
	t, err := template.New("mail").Parse(layout)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, c)
	return b.String(), err
}
