package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/mail"
)

func newMailbox(t *testing.T, dir string) *Mailbox {
	t.Helper()
	m, err := NewMailbox(dir, fixed, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func send(t *testing.T, m *Mailbox, to, subject string) {
	t.Helper()
	sender, err := mail.NewSMTP(mail.Config{Addr: m.Addr(), From: "portal@meridian.example", FromName: "Meridian Wörks",
		TLS: mail.TLSNone, Now: fixed})
	if err != nil {
		t.Fatal(err)
	}
	message := mail.Message{Subject: subject, Text: "Guten Tag – öffnen: http://localhost:8080/x.",
		HTML: "<p>Guten <b>Tag</b> – " + strings.Repeat("lang ", 40) + "</p>"}
	if err := sender.Send(context.Background(), mail.Envelope{ID: "1", To: to, Message: message}); err != nil {
		t.Fatal(err)
	}
}

func TestMailboxStoresMessages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	m := newMailbox(t, dir)
	send(t, m, "Mira@harbor.example", "Zugang für Sie")
	send(t, m, "tom@harbor.example", "You now have access")
	for name, box := range map[string]*Mailbox{"running": m, "started again": newMailbox(t, dir)} {
		t.Run(name, func(t *testing.T) {
			if got := box.Recipients(); !cmp.Equal(got, []string{"mira@harbor.example", "tom@harbor.example"}) {
				t.Errorf("recipients %q", got)
			}
			all := box.List("")
			if len(all) != 2 || all[0].Subject != "You now have access" || len(box.List("tom@harbor.example")) != 1 {
				t.Fatalf("listed %+v", all)
			}
			msg, ok := box.Message(1)
			if !ok || msg.Subject != "Zugang für Sie" || !msg.Received.Equal(fixed()) ||
				!strings.Contains(msg.From, "Meridian Wörks") {
				t.Errorf("got %+v", msg)
			}
			if !strings.HasPrefix(msg.Text, "Guten Tag – öffnen") || !strings.HasPrefix(msg.HTML, "<p>Guten <b>Tag</b> – lang") {
				t.Errorf("got the texts %q and %q", msg.Text, msg.HTML)
			}
			if _, ok := box.Message(3); ok {
				t.Error("found a message that was never sent")
			}
		})
	}
}

func TestMailboxRefusesInvalidMail(t *testing.T) {
	m := newMailbox(t, t.TempDir())
	body := []byte("Subject: x\r\n\r\nx\r\n")
	tests := map[string]struct {
		from, to string
		body     []byte
	}{
		"recipient": {"a@meridian.example", "nobody", body},
		"sender":    {"nobody", "a@meridian.example", body},
		"size": {"a@meridian.example", "b@meridian.example", append([]byte("Subject: x\r\n\r\n"),
			strings.Repeat("x", maxMessageBytes)...)},
		"encoding": {"a@meridian.example", "b@meridian.example", []byte("Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n")},
	}
	for name, test := range tests {
		if err := smtp.SendMail(m.Addr(), nil, test.from, []string{test.to}, test.body); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := smtp.SendMail(m.Addr(), nil, "a@meridian.example", []string{"b@meridian.example"}, body); err != nil {
		t.Errorf("a proper message was refused: %v", err)
	}
	if got := m.List(""); len(got) != 1 || got[0].Text != "x\r\n" {
		t.Errorf("kept %+v", got)
	}
}

func TestMailboxLimit(t *testing.T) {
	dir := t.TempDir()
	m := newMailbox(t, dir)
	for i := range keptMessages + 3 {
		if err := m.keep(envelope{to: []string{"a@meridian.example"}}, fmt.Appendf(nil, "Subject: %d\r\n\r\nx",
			i)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if list := m.List(""); len(list) != keptMessages || len(files) != keptMessages || list[0].Subject != "502" {
		t.Errorf("%d messages and %d files are kept, the newest is %q", len(list), len(files), list[0].Subject)
	}
	if _, ok := m.Message(3); ok {
		t.Error("the oldest is still there")
	}
	if _, ok := m.Message(4); !ok {
		t.Error("one too many was taken away")
	}
}

func TestSpans(t *testing.T) {
	got := spans("See http://localhost:8080/a?b=c. (https://x.example/d)")
	want := []span{{Text: "See "}, {"http://localhost:8080/a?b=c", "http://localhost:8080/a?b=c"}, {Text: ". ("},
		{"https://x.example/d", "https://x.example/d"}, {Text: ")"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
