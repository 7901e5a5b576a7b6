package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Limits of the mailbox.
const (
	keptMessages    = 500
	maxMessageBytes = 1 << 20
	maxRecipients   = 50
	smtpTimeout     = time.Minute
)

// Mailbox is a mail server that delivers nothing: it keeps the last 500
// messages for the console, in memory and as files. It is safe for concurrent
// use.
type Mailbox struct {
	dir    string
	now    func() time.Time
	server *smtp.Server
	listen net.Listener
	done   chan struct{}

	mu       sync.Mutex
	messages []Message // oldest first
	last     int
}

// NewMailbox reads the messages stored in dir, creates dir if it is missing,
// and starts an SMTP server (RFC 5321) on a free port of 127.0.0.1.
func NewMailbox(dir string, now func() time.Time, log *slog.Logger) (*Mailbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	m := &Mailbox{dir: dir, now: now, done: make(chan struct{})}
	if err := m.load(); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m.listen, m.server = l, smtp.NewServer(smtp.BackendFunc(m.session))
	m.server.Domain = "localhost"
	m.server.MaxMessageBytes, m.server.MaxRecipients = maxMessageBytes, maxRecipients
	m.server.ReadTimeout, m.server.WriteTimeout = smtpTimeout, smtpTimeout
	m.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	go func() {
		defer close(m.done)
		if err := m.server.Serve(l); err != nil {
			log.Error("the demonstration's mail server has stopped", "error", err)
		}
	}()
	return m, nil
}

// Addr returns the server's address, host:port.
func (m *Mailbox) Addr() string { return m.listen.Addr().String() }

// Close stops the server. Accepted messages are kept.
func (m *Mailbox) Close() error {
	err := m.server.Close()
	if errors.Is(err, smtp.ErrServerClosed) {
		err = nil
	}
	err = errors.Join(err, closeListener(m.listen)) // Serve may not have started with it yet
	<-m.done
	return err
}

func closeListener(l net.Listener) error {
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// List returns the messages to an address, or all if it is empty, newest first.
func (m *Mailbox) List(to string) []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Message
	for _, msg := range slices.Backward(m.messages) {
		if to == "" || slices.Contains(msg.To, to) {
			found = append(found, msg)
		}
	}
	return found
}

// Message returns the message with a number; ok is false if there is none, or
// no longer.
func (m *Mailbox) Message(number int) (msg Message, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := slices.BinarySearchFunc(m.messages, number, func(msg Message, n int) int { return msg.Number - n })
	if !ok {
		return Message{}, false
	}
	return m.messages[i], true
}

// Recipients returns the addresses with messages, sorted.
func (m *Mailbox) Recipients() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, msg := range m.messages {
		all = append(all, msg.To...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// keep stores a message. It returns nil only after the file is written.
func (m *Mailbox) keep(e envelope, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	raw := e.stamp(m.now(), body)
	msg, err := parseMessage(m.last+1, raw)
	if err != nil {
		return err
	}
	if err := replaceFile(m.file(msg.Number), raw); err != nil {
		return err
	}
	m.last++
	m.messages = append(m.messages, msg)
	if len(m.messages) > keptMessages {
		oldest := m.messages[0].Number
		m.messages = slices.Delete(m.messages, 0, 1)
		return os.Remove(m.file(oldest))
	}
	return nil
}

func (m *Mailbox) file(number int) string {
	return filepath.Join(m.dir, fmt.Sprintf("%08d.eml", number))
}

// load reads the messages of earlier runs.
func (m *Mailbox) load() error {
	names, err := filepath.Glob(filepath.Join(m.dir, "*.eml"))
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		number, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(name), ".eml"))
		if err != nil || name != m.file(number) {
			continue // not one of ours
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		msg, err := parseMessage(number, raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		m.messages, m.last = append(m.messages, msg), number
	}
	return nil
}
