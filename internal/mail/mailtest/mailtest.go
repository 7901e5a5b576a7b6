// Package mailtest is a mail server for tests: it speaks SMTP on a loopback
// port, keeps what it is given, and fails where it is told to.
package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Config says how the server protects its connections and whom it lets in.
type Config struct {
	StartTLS       bool   // offer STARTTLS
	TLS            bool   // TLS from the first byte
	User, Password string // ask for these; an empty user asks for none
}

// Server is a running mail server.
type Server struct {
	config Config
	addr   string
	roots  *x509.CertPool

	refused  sync.Map // *smtp.Conn to the error that it was refused with
	mu       sync.Mutex
	faults   []Fault
	messages []Message
}

// Point is a step of the conversation.
type Point string

// The steps at which a server can be told to fail.
const (
	AtConnect Point = "connect" // before the greeting is answered
	AtMail    Point = "mail"
	AtRcpt    Point = "rcpt"
	AtData    Point = "data"  // after the text has come, before it is kept
	AtReset   Point = "reset" // after the message has been taken
)

// Fault is something that goes wrong, once or several times.
type Fault struct {
	At    Point
	To    string // only for this recipient (AtRcpt, AtData); empty for any
	Code  int    // the answer, such as 451 or 550; 0 hangs up
	Times int    // how often; 0 for always
}

// Start runs a server on 127.0.0.1 until the test ends.
func Start(t testing.TB, c Config) *Server {
	t.Helper()
	cert, roots := certificate(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{config: c, addr: listener.Addr().String(), roots: roots}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "mail.test"
	server.AllowInsecureAuth = !c.StartTLS && !c.TLS
	server.ErrorLog = silent{}
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	settings := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if c.StartTLS {
		server.TLSConfig = settings
	}
	if c.TLS {
		listener = tls.NewListener(listener, settings)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // its error is that it was closed
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return s
}

// Addr is the host and port to send to.
func (s *Server) Addr() string { return s.addr }

// Roots are what the server's certificate leads to.
func (s *Server) Roots() *x509.CertPool { return s.roots }

// Fail makes f happen from now on. Of two faults that fit, the earlier happens.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	s.faults = append(s.faults, f)
}

// Messages are the messages taken so far, the oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// To are the messages to one recipient.
func (s *Server) To(address string) []Message {
	return slices.DeleteFunc(s.Messages(), func(m Message) bool { return !slices.Contains(m.To, address) })
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}

// take returns the fault that happens at p to a message for any of the people
// in to, and counts it.
func (s *Server) take(p Point, to ...string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := &s.faults[i]
		if f.At != p || f.Times == 0 || f.To != "" && !slices.Contains(to, f.To) {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return *f, true
	}
	return Fault{}, false
}

// silent drops what the server would log about connections that tests break on
// purpose.
type silent struct{}

// Printf prints nothing.
func (silent) Printf(string, ...any) {}

// Println prints nothing.
func (silent) Println(...any) {}
