package admin

import (
	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// lateMailDays is how many days back the overview shows mails that were not sent.
const lateMailDays = 30

// unsentMails are messages that the mail server has not accepted, each with why, and a
// button to send those again that were given up.
func unsentMails(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Mails not sent"),
		Text: p.T("Sending is retried for five days, except to addresses that the mail server refuses.")}
	if c.Rights.May(access.ManageSettings) != nil {
		return s, nil
	}
	late, err := c.View.Problems().LateMails(c.Ctx, c.Now.AddDate(0, 0, -lateMailDays), maxStuckRows+1)
	for i, m := range late {
		if m.CanSendAgain {
			s.Commands = []views.Command{*sendAgain(c, p.T("Resend all"), views.Hidden{Name: "all", Value: "yes"})}
		}
		if i == maxStuckRows {
			s.Text += " " + p.T("There are more.")
			break
		}
		row := views.Row{Title: p.T("%s, to %s", mailWord(p, m.Kind), mailaddr.Show(m.To)), Text: failureWord(p, m.Failure),
			Hint: m.LastError, State: ui.Badge{Kind: "wait", Text: p.T("Pending")}}
		if m.NextTry.IsZero() {
			row.State = ui.Badge{Kind: "bad", Text: p.T("Failed")}
		}
		if m.Request != "" {
			row.Href = c.AdminPath("requests", string(m.Request))
		}
		if m.CanSendAgain {
			row.Command = sendAgain(c, p.T("Resend"), views.Hidden{Name: "mail", Value: string(m.ID)})
		}
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// sendAgain is a button that sends the mails of the field again.
func sendAgain(c *kit.Context, label string, which views.Hidden) *views.Command {
	return &views.Command{Label: label, Href: c.AdminPath("send-again"), Post: true, Hidden: []views.Hidden{which}}
}

// sendMailAgain sends the mail, the mails of the request, or all mails again that were
// given up.
func sendMailAgain(c *kit.Context) error {
	f := c.Fields()
	which := store.GivenUpMails{ID: access.MailID(f.Get("mail")), Request: access.RequestID(f.Get("request")),
		Since: c.Now.AddDate(0, 0, -lateMailDays)}
	if which.ID == "" && which.Request == "" && f.Get("all") != "yes" {
		return access.Missing()
	}
	if err := c.Admin.SendMailAgain(c.Ctx, c.Person, which); err != nil {
		return err
	}
	if which.Request != "" && kit.IsID(string(which.Request)) {
		return c.Done(c.AdminPath("requests", string(which.Request)), "mailed")
	}
	return c.Done(c.AdminPath(), "mailed")
}

// failureWord says why a mail was not sent, by the cause of package mail; empty for another error.
func failureWord(p *lang.Printer, cause string) string {
	return map[string]string{
		"later":          p.T("The mail server didn't take the message for now."),
		"unreachable":    p.T("The mail server can't be reached."),
		"unprotected":    p.T("The connection to the mail server can't be protected with TLS."),
		"signInRefused":  p.T("The mail server doesn't accept the user name and password, or requires them."),
		"senderRefused":  p.T("The mail server refuses messages from this sender."),
		"messageRefused": p.T("The mail server refuses this message."),
		"mailboxRefused": p.T("The recipient's mailbox is full or disabled."),
		"noSMTPUTF8": p.T("The mail server can't send to addresses with characters outside ASCII: it doesn't support " +
			"SMTPUTF8."),
		"addressRefused": p.T("The mail server doesn't accept the recipient's address."),
		"obsolete":       p.T("Not sent. The recipient no longer had to decide."),
		"noAddress":      p.T("Not sent. The recipient has no mail address."),
	}[cause]
}
