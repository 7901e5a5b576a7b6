// Package mailtest is an SMTP server for tests. It listens on a loopback port, stores
// messages, and fails as configured.
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

// Config configures the server.
type Config struct {
	StartTLS       bool   // offer STARTTLS
	TLS            bool   // TLS from the first byte
	User, Password string // required credentials; an empty user requires none
	// Network is the network in memory to listen on; nil for a loopback port.
	Network *Network
}

// Server is a running mail server.
type Server struct {
	config Config
	addr   string
	roots  *x509.CertPool

	refused  sync.Map // *smtp.Conn to its error at AtConnect
	ended    chan struct{}
	end      func()
	mu       sync.Mutex
	faults   []Fault
	messages []Message
}

// Point is a step of an SMTP session.
type Point string

// The steps at which the server can fail.
const (
	AtConnect Point = "connect" // at EHLO or HELO
	AtMail    Point = "mail"
	AtRcpt    Point = "rcpt"
	AtData    Point = "data"  // after the text, before it is stored
	AtReset   Point = "reset" // after the message was accepted
)

// Fault is a failure, once or several times.
type Fault struct {
	At    Point
	To    string // only for this recipient (AtRcpt, AtData); empty for any
	Code  int    // the reply, such as 451 or 550; 0 closes the connection
	Times int    // how often; 0 for always
	// Delay makes the fault a late reply: the session goes on after it. With a very
	// long one, the server never answers.
	Delay time.Duration
}

// Start runs a server until the test ends.
func Start(t testing.TB, c Config) *Server {
	t.Helper()
	cert, roots := certificate(t)
	listener, err := c.listen(t)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{config: c, addr: listener.Addr().String(), roots: roots, ended: make(chan struct{})}
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
	s.end = sync.OnceFunc(func() {
		close(s.ended)
		_ = server.Close()
		<-done
	})
	t.Cleanup(s.end)
	return s
}

// listen opens the listener of a server.
func (c Config) listen(t testing.TB) (net.Listener, error) {
	if c.Network != nil {
		return c.Network, nil
	}
	return (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
}

// Close ends the server and its connections before the test ends.
func (s *Server) Close() { s.end() }

// Addr is the server's host:port.
func (s *Server) Addr() string { return s.addr }

// Roots has the server's certificate authority.
func (s *Server) Roots() *x509.CertPool { return s.roots }

// Fail adds a fault. If several faults match, the first one that was added happens.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	s.faults = append(s.faults, f)
}

// Messages returns the accepted messages, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// To returns the messages to one recipient.
func (s *Server) To(address string) []Message {
	return slices.DeleteFunc(s.Messages(), func(m Message) bool { return !slices.Contains(m.To, address) })
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}

// take returns the fault at p for a message to one of the addresses in to, and counts
// it.
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

// silent drops the server's log of connections that tests break on purpose.
type silent struct{}

// Printf prints nothing.
func (silent) Printf(string, ...any) {}

// Println prints nothing.
func (silent) Println(...any) {}
