package mail_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/mail/mailtest"
)

func at() time.Time { return time.Date(2026, 3, 12, 13, 5, 0, 0, time.UTC) }

func sender(t *testing.T, s *mailtest.Server, c mail.Config) *mail.SMTP {
	t.Helper()
	c.Addr, c.From, c.FromName, c.Now, c.Roots = s.Addr(), "no-reply@meridian.example", "Meridian Wörks, MyAccess", at,
		s.Roots()
	x, err := mail.NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func envelope(to string) mail.Envelope {
	return mail.Envelope{ID: "0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a03", To: to, Message: mail.Message{
		Subject: "Zugriff für Ärzte – “Kai”", Text: "Grüße.\n.\n\nEnde.\n", HTML: "<p>Grüße " + strings.Repeat("lang ", 300) +
			"</p>",
	}}
}

func TestSend(t *testing.T) {
	for name, tt := range map[string]struct {
		server mailtest.Config
		client mail.Config
	}{
		"STARTTLS": {mailtest.Config{StartTLS: true}, mail.Config{TLS: mail.TLSStart}},
		"STARTTLS, password": {mailtest.Config{StartTLS: true, User: "portal", Password: "s3cret"},
			mail.Config{TLS: mail.TLSStart, User: "portal", Password: "s3cret"}},
		"TLS": {mailtest.Config{TLS: true}, mail.Config{TLS: mail.TLSImplicit,
			HelloName: "portal.meridian.example"}},
		"TLS, password": {mailtest.Config{TLS: true, User: "portal", Password: "s3cret"},
			mail.Config{TLS: mail.TLSImplicit, User: "portal", Password: "s3cret"}},
		"none": {mailtest.Config{}, mail.Config{TLS: mail.TLSNone}},
		"none, password": {mailtest.Config{User: "portal", Password: "s3cret"}, mail.Config{TLS: mail.TLSNone, User: "portal",
			Password: "s3cret"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, tt.server)
			if err := sender(t, s, tt.client).Send(t.Context(), envelope("mara@harbor.example")); err != nil {
				t.Fatal(err)
			}
			if got := s.To("mara@harbor.example"); len(got) != 1 {
				t.Fatalf("%d messages", len(got))
			}
			check(t, s.Messages()[0], tt.client)
		})
	}
}

// check compares an accepted message with the one that was sent.
func check(t *testing.T, m mailtest.Message, c mail.Config) {
	t.Helper()
	e := envelope("")
	hello := c.HelloName
	if hello == "" {
		hello = "meridian.example"
	}
	for _, x := range []struct{ what, got, want string }{
		{"envelope", m.From, "no-reply@meridian.example"},
		{"subject", m.Subject, e.Message.Subject},
		{"text", strings.TrimSpace(m.Text), strings.TrimSpace(e.Message.Text)},
		{"HTML", m.HTML, e.Message.HTML},
		{"Message-ID", m.Header.Get("Message-Id"), "<" + e.ID + "@meridian.example>"},
		{"Date", m.Header.Get("Date"), "Thu, 12 Mar 2026 13:05:00 +0000"},
		{"To", m.Header.Get("To"), "<mara@harbor.example>"},
		{"Auto-Submitted", m.Header.Get("Auto-Submitted"), "auto-generated"},
		{"hello", m.Hello, hello},
	} {
		if x.got != x.want {
			t.Errorf("%s: got %q, want %q", x.what, x.got, x.want)
		}
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Meridian Wörks, MyAccess" {
		t.Errorf("From: %v, %v", from, err)
	}
	if m.TLS != (c.TLS == mail.TLSStart) && c.TLS != mail.TLSImplicit {
		t.Errorf("protected: %t", m.TLS)
	}
}

// For each kind of failure of the server, the error says the cause. Only a refused
// address is not retried.
func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		fault mailtest.Fault
		cause mail.Cause
	}{
		"greylisting":               {mailtest.Fault{At: mailtest.AtRcpt, Code: 451}, mail.Later},
		"no such person":            {mailtest.Fault{At: mailtest.AtRcpt, Code: 550}, mail.AddressRefused},
		"hangs up at the recipient": {mailtest.Fault{At: mailtest.AtRcpt}, mail.Unreachable},
		"busy":                      {mailtest.Fault{At: mailtest.AtConnect, Code: 421}, mail.Later},
		"closed":                    {mailtest.Fault{At: mailtest.AtConnect, Code: 554}, mail.SenderRefused},
		"hangs up at once":          {mailtest.Fault{At: mailtest.AtConnect}, mail.Unreachable},
		"sender refused":            {mailtest.Fault{At: mailtest.AtMail, Code: 550}, mail.SenderRefused},
		"hangs up at the sender":    {mailtest.Fault{At: mailtest.AtMail}, mail.Unreachable},
		"disk full":                 {mailtest.Fault{At: mailtest.AtData, Code: 452}, mail.Later},
		"looks like spam":           {mailtest.Fault{At: mailtest.AtData, Code: 554}, mail.MessageRefused},
		"hangs up at the text":      {mailtest.Fault{At: mailtest.AtData}, mail.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Config{})
			tt.fault.Times = 1
			s.Fail(tt.fault)
			x := sender(t, s, mail.Config{TLS: mail.TLSNone})
			err := x.Send(t.Context(), envelope("mara@harbor.example"))
			e, ok := errors.AsType[*mail.SendError](err)
			if !ok || e.Cause != tt.cause || mail.Temporary(err) != (tt.cause != mail.AddressRefused) {
				t.Fatalf("got %+v (%v)", e, err)
			}
			if n := len(s.Messages()); n != 0 {
				t.Fatalf("%d messages were accepted", n)
			}
			if err := x.Send(t.Context(), envelope("mara@harbor.example")); err != nil || len(s.Messages()) != 1 {
				t.Errorf("the second attempt: %v, %d messages", err, len(s.Messages()))
			}
		})
	}
}

// A connection that breaks after the server accepted the message is not an error.
func TestAcceptedIsSent(t *testing.T) {
	s := mailtest.Start(t, mailtest.Config{})
	s.Fail(mailtest.Fault{At: mailtest.AtReset})
	if err := sender(t, s, mail.Config{TLS: mail.TLSNone}).Send(t.Context(), envelope("mara@harbor.example")); err != nil {
		t.Errorf("an accepted message counts as failed: %v", err)
	}
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// Sending ends with its context, at whatever step the server stops answering, and can
// be retried.
func TestServerThatNeverAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  mailtest.Fault
		server mailtest.Config
		client mail.Config
	}{
		"at EHLO":     {mailtest.Fault{At: mailtest.AtConnect}, mailtest.Config{}, mail.Config{TLS: mail.TLSNone}},
		"at MAIL":     {mailtest.Fault{At: mailtest.AtMail}, mailtest.Config{}, mail.Config{TLS: mail.TLSNone}},
		"at RCPT":     {mailtest.Fault{At: mailtest.AtRcpt}, mailtest.Config{}, mail.Config{TLS: mail.TLSNone}},
		"at the text": {mailtest.Fault{At: mailtest.AtData}, mailtest.Config{}, mail.Config{TLS: mail.TLSNone}},
		"STARTTLS": {mailtest.Fault{At: mailtest.AtRcpt}, mailtest.Config{StartTLS: true},
			mail.Config{TLS: mail.TLSStart}},
		"implicit TLS": {mailtest.Fault{At: mailtest.AtRcpt}, mailtest.Config{TLS: true}, mail.Config{TLS: mail.TLSImplicit}},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, tt.server)
			tt.fault.Delay, tt.fault.Times = time.Hour, 1
			s.Fail(tt.fault)
			x := sender(t, s, tt.client)
			if err := sendWithin(t, x, 100*time.Millisecond); !mail.Temporary(err) ||
				!errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if err := x.Send(t.Context(), envelope("mara@harbor.example")); err != nil || len(s.Messages()) != 1 {
				t.Errorf("the second attempt: %v, %d messages", err, len(s.Messages()))
			}
		})
	}
}

// A server that accepts connections and sends no greeting does not hold a sender
// either.
func TestServerWithoutGreeting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	x, err := mail.NewSMTP(mail.Config{Addr: l.Addr().String(), From: "no-reply@meridian.example", TLS: mail.TLSNone,
		Now: at})
	if err != nil {
		t.Fatal(err)
	}
	if err := sendWithin(t, x, 100*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// sendWithin sends with a context that ends after the time, and fails the test if
// Send does not return soon after that.
func sendWithin(t *testing.T, x *mail.SMTP, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- x.Send(ctx, envelope("mara@harbor.example")) }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit + 10*time.Second):
		t.Fatal("Send goes on after its context has ended")
		return nil
	}
}

// Sending one message takes a minute at most, on the clock of a network in memory.
func TestSendingIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := mailtest.NewNetwork()
		s := mailtest.Start(t, mailtest.Config{Network: network})
		s.Fail(mailtest.Fault{At: mailtest.AtRcpt, Delay: time.Hour})
		x := sender(t, s, mail.Config{TLS: mail.TLSNone, Dial: network.Dial})
		start := time.Now()
		if err := x.Send(t.Context(), envelope("mara@harbor.example")); !mail.Temporary(err) {
			t.Errorf("got %v", err)
		}
		if d := time.Since(start); d != time.Minute {
			t.Errorf("it took %s", d)
		}
	})
}

func TestBadRecipientDoesNotAffectOthers(t *testing.T) {
	s := mailtest.Start(t, mailtest.Config{})
	s.Fail(mailtest.Fault{At: mailtest.AtRcpt, To: "gone@harbor.example", Code: 550})
	x := sender(t, s, mail.Config{TLS: mail.TLSNone})
	for _, to := range []string{"gone@harbor.example", "", "mara@harbor.example\r\nRCPT TO:<eve@harbor.example>",
		`"a b"@harbor.example`} {
		err := x.Send(t.Context(), envelope(to))
		if e, ok := errors.AsType[*mail.SendError](err); !ok || e.Cause != mail.AddressRefused || mail.Temporary(err) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if err := x.Send(t.Context(), envelope("mara@harbor.example")); err != nil {
		t.Error(err)
	}
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// Without the configured protection, neither a message nor a password is sent.
func TestProtection(t *testing.T) {
	for name, tt := range map[string]struct {
		server mailtest.Config
		client mail.Config
		others bool // trust another server's certificate
		cause  mail.Cause
	}{
		"no STARTTLS offered": {mailtest.Config{}, mail.Config{TLS: mail.TLSStart}, false, mail.Unprotected},
		"unknown certificate": {mailtest.Config{StartTLS: true}, mail.Config{TLS: mail.TLSStart}, true, mail.Unprotected},
		"unknown, TLS":        {mailtest.Config{TLS: true}, mail.Config{TLS: mail.TLSImplicit}, true, mail.Unprotected},
		"no TLS at all":       {mailtest.Config{}, mail.Config{TLS: mail.TLSImplicit}, false, mail.Unprotected},
		"wrong password": {mailtest.Config{StartTLS: true, User: "portal", Password: "s3cret"},
			mail.Config{TLS: mail.TLSStart, User: "portal", Password: "guess"}, false, mail.SignInRefused},
		"no password": {mailtest.Config{StartTLS: true, User: "portal", Password: "s3cret"}, mail.Config{TLS: mail.TLSStart},
			false, mail.SignInRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailtest.Start(t, tt.server)
			tt.client.Addr, tt.client.From, tt.client.Now, tt.client.Roots = s.Addr(), "no-reply@meridian.example", at, s.Roots()
			if tt.others {
				tt.client.Roots = mailtest.Start(t, mailtest.Config{TLS: true}).Roots()
			}
			x, err := mail.NewSMTP(tt.client)
			if err != nil {
				t.Fatal(err)
			}
			err = x.Send(t.Context(), envelope("mara@harbor.example"))
			if e, ok := errors.AsType[*mail.SendError](err); !ok || e.Cause != tt.cause || len(s.Messages()) != 0 {
				t.Errorf("got %v, want %s", err, tt.cause)
			} else if strings.Contains(err.Error(), "guess") {
				t.Errorf("the error contains the password: %v", err)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	x, err := mail.NewSMTP(mail.Config{Addr: addr, From: "no-reply@meridian.example", TLS: mail.TLSStart, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Send(context.Background(), envelope("mara@harbor.example")); !mail.Temporary(err) {
		t.Errorf("a server that is down: %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := mail.Config{Addr: "mail.meridian.example:587", From: "no-reply@meridian.example", TLS: mail.TLSStart, Now: at}
	if _, err := mail.NewSMTP(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*mail.Config){
		"no port":          func(c *mail.Config) { c.Addr = "mail.meridian.example" },
		"port 0":           func(c *mail.Config) { c.Addr = "mail.meridian.example:0" },
		"port smtp":        func(c *mail.Config) { c.Addr = "mail.meridian.example:smtp" },
		"clear text":       func(c *mail.Config) { c.TLS = mail.TLSNone },
		"clear, private":   func(c *mail.Config) { c.TLS, c.Addr = mail.TLSNone, "10.0.0.1:25" },
		"no TLS mode":      func(c *mail.Config) { c.TLS = "" },
		"unknown TLS mode": func(c *mail.Config) { c.TLS = "ssl" },
		"no sender":        func(c *mail.Config) { c.From = "" },
		"sender with name": func(c *mail.Config) { c.From = "X <no-reply@meridian.example>" },
		"no clock":         func(c *mail.Config) { c.Now = nil },
	} {
		c := good
		spoil(&c)
		if _, err := mail.NewSMTP(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// N-8: hostile names in any message add no header to what the server receives.
func TestHeadersCannotBeAdded(t *testing.T) {
	s := mailtest.Start(t, mailtest.Config{})
	x := sender(t, s, mail.Config{TLS: mail.TLSNone})
	f := sample()
	f.Package = "Quay\r\nBcc: all@meridian.example\r\n\r\n<h1>x</h1> =?utf-8?q?y=0D=0AX-Evil:_1?=" +
		strings.Repeat(" long", 2000)
	f.Requestor.Name = f.Package
	for _, k := range mail.Kinds() {
		e := envelope("mara@harbor.example")
		e.Message = compose(t, k, lang.New("en", nil), f)
		if err := x.Send(t.Context(), e); err != nil {
			t.Fatalf("%s: %v", k, err)
		}
	}
	e := envelope("mara@harbor.example")
	e.Message.Subject = "x\r\nBcc: all@meridian.example" // not from Compose
	if err := x.Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	known := " Auto-Submitted Content-Type Date From Message-Id Mime-Version Subject To User-Agent " +
		"X-Auto-Response-Suppress X-Mailer "
	for _, m := range s.Messages() {
		for name := range m.Header {
			if !strings.Contains(known, " "+name+" ") {
				t.Errorf("%q has the header %s", m.Subject, name)
			}
		}
		if len(m.To) != 1 || strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("to %q, subject %q", m.To, m.Subject)
		}
	}
	if n := len(s.Messages()); n != len(mail.Kinds())+1 {
		t.Errorf("%d messages", n)
	}
}
