package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Envelope is one message to one recipient.
type Envelope struct {
	// ID is the message's own; a copy sent after a crash has the same.
	ID      string
	To      string // an address
	Message Message
}

// Sender hands a message to a mail server.
type Sender interface {
	// Send returns nil once the server has taken the message. A *SendError says
	// whether trying again can help.
	Send(ctx context.Context, e Envelope) error
}

// SendError is why a message was not taken.
type SendError struct {
	Temporary bool  // it can be tried again
	Recipient bool  // the address is at fault, not the server
	Err       error // what the server said
}

// Error returns what happened in a sentence for operators.
func (e *SendError) Error() string {
	switch {
	case e.Recipient:
		return fmt.Sprintf("the address was not accepted: %v", e.Err)
	case e.Temporary:
		return fmt.Sprintf("the mail server did not take the message for now: %v", e.Err)
	}
	return fmt.Sprintf("the mail server refused the message: %v", e.Err)
}

// Unwrap returns what the server said.
func (e *SendError) Unwrap() error { return e.Err }

// Temporary reports whether a message that failed with err should be tried
// again. What is no *SendError is not the message's fault and so is.
func Temporary(err error) bool {
	if e, ok := errors.AsType[*SendError](err); ok {
		return e.Temporary
	}
	return err != nil
}

// TLS says how the connection to the mail server is protected.
type TLS string

// The ways to protect a connection. TLSNone is only for servers on a loopback
// address.
const (
	TLSStart    TLS = "starttls" // begins in the clear and insists on STARTTLS (RFC 3207)
	TLSImplicit TLS = "tls"      // from the first byte (RFC 8314)
	TLSNone     TLS = "none"
)

// Config says which mail server to use.
type Config struct {
	Addr           string // host:port
	From           string // address of the sender
	FromName       string // shown as the sender
	User, Password string // empty for a server that asks for none
	TLS            TLS
	Now            func() time.Time
}

// SMTP sends through a mail server (RFC 5321).
type SMTP struct {
	config Config
	client []gomail.Option
	host   string
}

// timeout is how long the whole conversation about one message may take.
const timeout = 30 * time.Second

// NewSMTP checks the configuration. It does not connect.
func NewSMTP(c Config) (*SMTP, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("the mail server's address is host:port: %w", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return nil, fmt.Errorf("%q is not a port", port)
	}
	s := &SMTP{config: c, host: host, client: []gomail.Option{gomail.WithPort(n), gomail.WithTimeout(timeout), gomail.WithoutNoop()}}
	switch c.TLS {
	case TLSStart:
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSImplicit:
		s.client = append(s.client, gomail.WithSSL())
	case TLSNone:
		if !loopback(host) {
			return nil, errors.New("mail may be sent without TLS only to a server on a loopback address")
		}
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("%q is not a way to protect the connection: starttls, tls or none", c.TLS)
	}
	if c.User != "" {
		s.client = append(s.client, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	return s, gomail.NewMsg().From(c.From)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send implements Sender.
func (s *SMTP) Send(ctx context.Context, e Envelope) error {
	m, err := s.compose(e)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.host, s.client...)
	if err != nil {
		return &SendError{Temporary: true, Err: err}
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return classify(err)
	}
	return nil
}

func (s *SMTP) compose(e Envelope) (*gomail.Msg, error) {
	m := gomail.NewMsg()
	if err := m.FromFormat(s.config.FromName, s.config.From); err != nil {
		return nil, &SendError{Err: err}
	}
	if err := m.To(e.To); err != nil {
		return nil, &SendError{Recipient: true, Err: err}
	}
	m.Subject(e.Message.Subject)
	m.SetDateWithValue(s.config.Now())
	m.SetMessageIDWithValue(e.ID + "@" + s.host)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	m.SetBodyString(gomail.TypeTextPlain, e.Message.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, e.Message.HTML)
	return m, nil
}

// classify tells a bad address and a refusal from a server that cannot just
// now.
func classify(err error) error {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return &SendError{Temporary: true, Err: err}
	}
	recipient := e.Reason == gomail.ErrSMTPRcptTo || e.Reason == gomail.ErrGetRcpts
	return &SendError{Temporary: e.IsTemp(), Recipient: recipient, Err: err}
}
