package mailtest

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// errHungUp is the error of a session that a fault closes.
var errHungUp = errors.New("mailtest: a fault closes the connection")

// session is one connection.
type session struct {
	server        *Server
	conn          *smtp.Conn
	authenticated bool
	from          string
	to            []string
}

// session starts a session. A client whose EHLO failed may send HELO; it fails with the
// same error.
func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	x := &session{server: s, conn: c, authenticated: s.config.User == ""}
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

// fault returns the error of the fault at p, if there is one.
func (x *session) fault(p Point) error {
	f, ok := x.server.take(p, x.to...)
	if !ok {
		return nil
	}
	if f.Delay > 0 {
		wait := time.NewTimer(f.Delay)
		defer wait.Stop()
		select {
		case <-wait.C:
			return nil
		case <-x.server.ended:
			return errHungUp
		}
	}
	if f.Code == 0 {
		return errors.Join(errHungUp, x.conn.Conn().Close())
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode{f.Code / 100, 0, 0},
		Message: fmt.Sprintf("a fault at %s", p)}
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
		x.authenticated = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if !x.authenticated {
		return smtp.ErrAuthRequired
	}
	x.from = from
	return x.fault(AtMail)
}

// Rcpt implements smtp.Session. A rejected recipient is not added.
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

// Reset implements smtp.Session. A fault closes the connection: RSET has no error reply.
func (x *session) Reset() {
	if len(x.to) > 0 {
		_ = x.fault(AtReset) // the connection is closed
	}
	x.from, x.to = "", nil
}

// Logout implements smtp.Session.
func (x *session) Logout() error { return nil }
