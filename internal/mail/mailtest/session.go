package mailtest

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// errHungUp is what the conversation ends with when the test wants it cut.
var errHungUp = errors.New("mailtest: told to hang up")

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	known  bool
	from   string
	to     []string
}

// session begins a connection. A client that is refused may greet once more
// with HELO and is refused again.
func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	x := &session{server: s, conn: c, known: s.config.User == ""}
	if err, again := s.refused.Load(c); again {
		return nil, err.(error)
	}
	err := x.fault(AtConnect)
	if err != nil {
		s.refused.Store(c, err)
		return nil, err
	}
	return x, nil
}

// fault answers as the test has told the server to.
func (x *session) fault(p Point) error {
	f, ok := x.server.take(p, x.to...)
	if !ok {
		return nil
	}
	if f.Code == 0 {
		return errors.Join(errHungUp, x.conn.Conn().Close())
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode{f.Code / 100, 0, 0},
		Message: fmt.Sprintf("told to fail at %s", p)}
}

// AuthMechanisms implements smtp.AuthSession.
func (x *session) AuthMechanisms() []string {
	if x.server.config.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		want, got := x.server.config.User+"\x00"+x.server.config.Password, user+"\x00"+password
		if subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 0 {
			return smtp.ErrAuthFailed
		}
		x.known = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if !x.known {
		return smtp.ErrAuthRequired
	}
	x.from = from
	return x.fault(AtMail)
}

// Rcpt implements smtp.Session. A recipient who is refused is not one.
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	before := x.to
	x.to = []string{to}
	err := x.fault(AtRcpt)
	x.to = before
	if err == nil {
		x.to = append(x.to, to)
	}
	return err
}

// Data implements smtp.Session.
func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := x.fault(AtData); err != nil {
		return err
	}
	m, err := parse(bytes.NewReader(raw))
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	m.From, m.To = x.from, x.to
	_, m.TLS = x.conn.TLSConnectionState()
	m.Hello = x.conn.Hostname()
	x.server.keep(m)
	return nil
}

// Reset implements smtp.Session. The fault hangs up: RSET has no other answer.
func (x *session) Reset() {
	if len(x.to) > 0 {
		_ = x.fault(AtReset) // closing is all that can happen
	}
	x.from, x.to = "", nil
}

// Logout implements smtp.Session.
func (x *session) Logout() error { return nil }
