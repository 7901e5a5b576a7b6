package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"myaccess/internal/access"
)

// TLS is the protection of the connection to the mail server.
type TLS string

// The kinds of protection. TLSNone is permitted for servers on loopback addresses
// only.
const (
	TLSStart    TLS = "starttls" // plain at first, STARTTLS is required (RFC 3207)
	TLSImplicit TLS = "tls"      // from the first byte (RFC 8314)
	TLSNone     TLS = "none"
)

// Config configures SMTP.
type Config struct {
	Addr           string // host:port
	From           string // address of the sender
	FromName       string // shown as the sender
	HelloName      string // for EHLO; empty for the domain of From
	User, Password string // empty for a server without authentication
	TLS            TLS
	Roots          *x509.CertPool // trusted certificate authorities; nil for the system's
	Now            func() time.Time
	// Dial makes the connections; nil for those of the system.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// SMTP sends through a mail server (RFC 5321), with one connection per message, so
// that messages do not affect each other.
type SMTP struct {
	config Config
	client []gomail.Option
	tls    *tls.Config
	host   string
	domain string // of From, for the ids of messages
}

// timeout is the maximum time for one message, from connecting to the server's
// last reply. RFC 5321 allows servers more, but a worker waits meanwhile.
const timeout = time.Minute

// splitAddress splits host:port.
func splitAddress(s string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, access.Invalidf("addr", "The mail server's address must be host:port. %s", err)
	}
	if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
		return host, 0, access.Invalidf("addr", "“%s” isn't a port.", text)
	}
	return host, port, nil
}

// NewSMTP checks the configuration without connecting. The error has all faults.
func NewSMTP(c Config) (*SMTP, error) {
	host, port, err := splitAddress(c.Addr)
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	if c.Now == nil {
		err = errors.Join(err, errors.New("mail needs a clock"))
	}
	from, fault := ParseAddress(c.From)
	if fault != nil {
		err = errors.Join(err, access.Invalidf("from", "The sender's address isn't valid. %s", fault))
	}
	if err != nil {
		return nil, errors.Join(err, (&SMTP{host: host}).protect(c))
	}
	c.From = from
	s := &SMTP{config: c, host: host, domain: c.From[strings.LastIndexByte(c.From, '@')+1:]}
	if c.HelloName == "" {
		c.HelloName = s.domain
	}
	s.client = []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(timeout), gomail.WithoutNoop(),
		gomail.WithHELO(c.HelloName)}
	if err := s.protect(c); err != nil {
		return nil, err
	}
	// The client's own checks, so that a fault is found now and not with the first message.
	_, err = gomail.NewClient(host, s.client...)
	return s, err
}

// protect sets the options for TLS and for the authentication that it permits.
func (s *SMTP) protect(c Config) error {
	auth := gomail.SMTPAuthAutoDiscover
	s.tls = &tls.Config{ServerName: s.host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
	switch c.TLS {
	case TLSStart:
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSImplicit:
		// dial makes the connection; with this policy the client notices that it
		// is encrypted, which some kinds of authentication require.
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case TLSNone:
		if !loopback(s.host) {
			return access.Invalidf("tls", "Mail without TLS is allowed only to a server on a loopback address.")
		}
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.NoTLS))
		auth = gomail.SMTPAuthPlainNoEnc
	default:
		return access.Invalidf("tls", "The connection security must be starttls, tls or none, not “%s”.", c.TLS)
	}
	s.client = append(s.client, gomail.WithTLSConfig(s.tls))
	if c.User != "" {
		s.client = append(s.client, gomail.WithSMTPAuth(auth), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send implements Sender. It takes a minute at most, and ends when ctx does.
func (s *SMTP) Send(ctx context.Context, e Envelope) error {
	to, err := ParseAddress(e.To)
	if err != nil {
		return &SendError{Cause: AddressRefused, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	options := append(slices.Clip(s.client), gomail.WithDialContextFunc(s.dialer(ctx)))
	if isASCII(to) {
		// A server that accepts a message as one with SMTPUTF8 may return it if the next
		// server lacks that.
		options = append(options, gomail.WithoutSMTPUTF8())
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return &SendError{Cause: Unreachable, Err: err}
	}
	m := s.compose(e, to)
	err = deliver(ctx, client, m, !isASCII(to))
	if m.IsDelivered() {
		return nil // accepted: a later error must not send it twice
	}
	if err != nil && ctx.Err() != nil {
		return &SendError{Cause: Unreachable, Err: fmt.Errorf("no answer in time: %w", errors.Join(ctx.Err(), err))}
	}
	return classify(err)
}

// deliver connects and sends the message. With needsUTF8, it returns NoSMTPUTF8 if the
// server does not have that extension: the reply to the address would not tell.
func deliver(ctx context.Context, client *gomail.Client, m *gomail.Msg, needsUTF8 bool) (err error) {
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.CloseWithSMTPClient(conn)) }()
	if ok, _ := conn.Extension("SMTPUTF8"); needsUTF8 && !ok {
		return &SendError{Cause: NoSMTPUTF8, Err: errors.New("the server does not offer SMTPUTF8")}
	}
	return client.SendWithSMTPClient(conn, m)
}

// dialer returns a function that connects to the server. The connection is closed
// when sending ends: the library itself limits only the time without a step
// forward, and does not look at the context after connecting.
func (s *SMTP) dialer(sending context.Context) gomail.DialContextFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := s.config.Dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conn = &limitedConn{Conn: conn, left: maxReplies}
		context.AfterFunc(sending, func() { _ = conn.Close() })
		if s.config.TLS == TLSImplicit {
			encrypted := tls.Client(conn, s.tls)
			return encrypted, encrypted.HandshakeContext(ctx)
		}
		return conn, nil
	}
}

// maxReplies is the maximum size of all that the server sends for one message, in bytes.
const maxReplies = 1 << 20

// limitedConn is a connection that fails when the server has sent too much: the library
// reads a reply as a whole, however long it is.
type limitedConn struct {
	net.Conn
	left int
}

// Read implements net.Conn.
func (c *limitedConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errors.New("the mail server's replies are too long")
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// compose returns the message to the address in to.
func (s *SMTP) compose(e Envelope, to string) *gomail.Msg {
	m := gomail.NewMsg()
	from := headerName(cmp.Or(e.Sender, s.config.FromName))
	m.FromMailAddress(&mail.Address{Name: from, Address: s.config.From})
	m.SetAddrHeaderFromMailAddress(gomail.HeaderTo, &mail.Address{Address: to})
	if subject := cleanLine(e.Message.Subject); strings.Contains(subject, "=?") {
		m.SetGenHeaderPreformatted(gomail.HeaderSubject, encodedWords(subject))
	} else {
		m.Subject(subject)
	}
	m.SetDateWithValue(s.config.Now())
	m.SetMessageIDWithValue(e.ID + "@" + s.domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	m.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	m.SetUserAgent("MyAccess")
	m.SetBodyString(gomail.TypeTextPlain, e.Message.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, e.Message.HTML)
	return m
}
