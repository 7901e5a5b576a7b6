package demo

import (
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// envelope is the sender and the recipients of a message in the SMTP session.
type envelope struct {
	from string
	to   []string
}

// stamp prepends the envelope and the time to a message, in the header fields
// that mail servers use.
func (e envelope) stamp(now time.Time, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", e.from)
	for _, to := range e.to {
		fmt.Fprintf(&b, "Delivered-To: %s\r\n", to)
	}
	fmt.Fprintf(&b, "Received: by localhost with SMTP; %s\r\n", now.UTC().Format(time.RFC1123Z))
	b.Write(body)
	return b.Bytes()
}

// smtpSession is an SMTP session.
type smtpSession struct {
	box *Mailbox
	envelope
}

func (m *Mailbox) session(*smtp.Conn) (smtp.Session, error) {
	return &smtpSession{box: m}, nil
}

// Mail implements smtp.Session.
func (c *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if from != "" && !validAddress(from) {
		return smtpError("the sender is not an address")
	}
	c.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (c *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !validAddress(to) {
		return smtpError("the recipient is not an address")
	}
	c.to = append(c.to, strings.ToLower(to))
	return nil
}

// Data implements smtp.Session.
func (c *smtpSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if _, err := parseMessage(1, c.stamp(time.Time{}, body)); err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "this is not a message"}
	}
	return c.box.keep(c.envelope, body)
}

// Reset implements smtp.Session.
func (c *smtpSession) Reset() { c.envelope = envelope{} }

// Logout implements smtp.Session.
func (c *smtpSession) Logout() error { return nil }

func validAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && !strings.ContainsAny(s, "\r\n")
}

func smtpError(why string) error {
	return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 3}, Message: why}
}
