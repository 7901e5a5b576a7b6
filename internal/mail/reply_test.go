package mail_test

import (
	"bufio"
	"errors"
	"mime"
	"net"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/mail/mailtest"
)

// replies are what a scripted server replies to commands; "." is the end of the text,
// and "" the greeting. A command that is not in it succeeds.
type replies map[string]string

// script starts a server on a loopback port and returns a sender to it, and what it
// has been sent.
func script(t *testing.T, r replies) (*mail.SMTP, func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	received := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			received <- ""
			return
		}
		defer conn.Close()
		received <- r.serve(conn)
	}()
	t.Cleanup(func() { _ = l.Close() })
	x, err := mail.NewSMTP(mail.Config{Addr: l.Addr().String(), From: "access@home.example", FromName: "MyAccess",
		TLS: mail.TLSNone, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	return x, func() string { return <-received }
}

// serve is one session. It returns all lines of the client.
func (r replies) serve(conn net.Conn) string {
	var got strings.Builder
	reply := func(command, otherwise string) bool {
		text, ok := r[command]
		if !ok {
			text = otherwise
		}
		_, err := conn.Write([]byte(text + "\r\n"))
		return err == nil && strings.HasPrefix(text, otherwise[:1])
	}
	reply("", "220 mail.test")
	inText := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		line := lines.Text()
		got.WriteString(line + "\r\n")
		command, _, _ := strings.Cut(line, " ")
		switch {
		case inText && line != ".":
		case inText:
			inText = false
			reply(".", "250 accepted")
		case command == "DATA":
			inText = reply(command, "354 go on")
		case command == "QUIT":
			reply(command, "221 bye")
			return got.String()
		default:
			reply(command, "250 ok")
		}
	}
	return got.String()
}

// caseReplies reads a file of cases: a line is a command, an arrow and its reply.
func caseReplies(t *testing.T, file string) (all []replies) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		command, reply, ok := strings.Cut(line, "  ->  ")
		if !ok {
			continue
		}
		command, _, _ = strings.Cut(command, " ")
		if command == "end" {
			command = "."
		}
		all = append(all, replies{command: strings.TrimSpace(reply)})
	}
	return all
}

// refused sends one message to a server with the replies and returns the error.
func refused(t *testing.T, to string, r replies) error {
	t.Helper()
	x, _ := script(t, r)
	err := x.Send(t.Context(), envelope(to))
	if err == nil {
		t.Fatalf("%v: it was sent", r)
	}
	return err
}

// TestC53Greylisting: A server that asks to come back later has refused neither the
// message nor the address.
func TestC53Greylisting(t *testing.T) {
	cases := caseReplies(t, "testdata/C53-greylist.smtp")
	if len(cases) != 1 {
		t.Fatalf("%d cases", len(cases))
	}
	cases = append(cases, replies{"RCPT": "451 try again"}, replies{"RCPT": "450 5.1.1 who is that?"},
		replies{"MAIL": "451 4.7.1 later"}, replies{".": "421 4.3.2 shutting down"}, replies{"DATA": "452 disk full"},
		replies{"RCPT": "550 4.7.1 greylisted"}, replies{"": "421 too busy"},
		replies{"RCPT": "450-4.2.0 one\r\n450 4.2.0 two"})
	for _, r := range cases {
		err := refused(t, "grey@f06.example", r)
		if !mail.Temporary(err) || !strings.HasPrefix(err.Error(), "the mail server did not take the message for now: ") {
			t.Errorf("%q: %v", r, err)
		}
	}
}

// TestC54ServerPolicy: What the server or the sender is refused for is not a fault of
// the recipient's address, and is retried.
func TestC54ServerPolicy(t *testing.T) {
	cases := caseReplies(t, "testdata/C54-server-policy.smtp")
	if len(cases) != 3 {
		t.Fatalf("%d cases", len(cases))
	}
	for i, want := range []mail.Cause{mail.SenderRefused, mail.SenderRefused, mail.MessageRefused} {
		err := refused(t, "o365@f06.example", cases[i])
		if cause, _ := mail.Reason(err); cause != want || !mail.Temporary(err) {
			t.Errorf("%q: %s (%v)", cases[i], cause, err)
		}
	}
	if err := refused(t, "o365@f06.example", cases[0]); !strings.HasPrefix(err.Error(),
		"the mail server refuses messages from this sender: ") || !strings.Contains(err.Error(), "550 5.7.708 Service") {
		t.Error(err)
	}
}

// TestC54CausesOfReplies: The cause that each reply stands for: with an enhanced status
// code, with one that the server writes in its own way, and without one.
func TestC54CausesOfReplies(t *testing.T) {
	for reply, want := range map[string]mail.Cause{
		"RCPT 550 5.1.1 unknown":                                 mail.AddressRefused,
		"RCPT 550 5.1.10 null MX":                                mail.AddressRefused,
		"RCPT 550-5.1.1 The account does not\r\n550 5.1.1 exist": mail.AddressRefused,
		"RCPT 550-The account does not exist\r\n550 5.1.1 sorry": mail.AddressRefused,
		"RCPT 550 #5.1.0 Address rejected.":                      mail.AddressRefused,
		"RCPT 553 sorry, no mailbox here (#5.1.1)":               mail.AddressRefused,
		"RCPT 501 5.1.3 bad syntax":                              mail.AddressRefused,
		"RCPT 550 No such user here":                             mail.AddressRefused,
		"RCPT 550 <policy@f06.example>: user unknown":            mail.AddressRefused,
		"RCPT 550 5.0.0 user unknown":                            mail.AddressRefused,
		"RCPT 551 user not local":                                mail.AddressRefused,
		"RCPT 553 mailbox name not allowed":                      mail.AddressRefused,
		"RCPT 556 domain does not accept mail":                   mail.AddressRefused,
		"RCPT 550 corporate mailbox unavailable":                 mail.AddressRefused, // no "rate"
		". 550 5.1.1 unknown":                                    mail.AddressRefused,
		"DATA 550 5.1.2 unknown":                                 mail.AddressRefused,
		"MAIL 550 5.1.1 unknown":                                 mail.SenderRefused,
		"MAIL 553 not your address":                              mail.SenderRefused,
		"MAIL 552 too much":                                      mail.SenderRefused,
		"MAIL 530 authenticate first":                            mail.SignInRefused,
		"MAIL 554 5.2.252 SendAsDenied":                          mail.SenderRefused,
		" 554 no service here":                                   mail.SenderRefused,
		"RCPT 550 5.7.1 relaying denied":                         mail.SenderRefused,
		"RCPT 553 not in my rcpthosts (#5.7.1)":                  mail.SenderRefused,
		"RCPT 550 relay not permitted":                           mail.SenderRefused,
		"RCPT 550 Access denied, 5.1.1.10 is on a blocklist":     mail.SenderRefused,
		"RCPT 550 5.1.8 the sender's domain does not exist":      mail.SenderRefused,
		"RCPT 550 5.1.7 syntax of the sender":                    mail.SenderRefused,
		"RCPT 550 5.1.0 sender rejected":                         mail.SenderRefused,
		"RCPT 550 5.7.8 bad credentials":                         mail.SignInRefused,
		"RCPT 530 5.7.0 authenticate first":                      mail.SignInRefused,
		"RCPT 554 5.7.1 no":                                      mail.SenderRefused,
		". 550 5.7.26 unauthenticated mail":                      mail.SenderRefused,
		". 554 5.6.0 bad content":                                mail.MessageRefused,
		". 550 looks like spam to me":                            mail.MessageRefused,
		". 552 too big":                                          mail.MessageRefused,
		"RCPT 554 no":                                            mail.MessageRefused,
		"RCPT 550 5.3.0 other":                                   mail.MessageRefused,
		"RCPT 550 5.4.4 no route":                                mail.MessageRefused,
		"RCPT 550 5.1.5 valid":                                   mail.MessageRefused,
		"DATA 554 5.5.1 no valid recipients":                     mail.MessageRefused,
		"DATA 503 bad sequence":                                  mail.MessageRefused,
		"RCPT 552 5.2.2 full":                                    mail.MailboxRefused,
		"RCPT 552 storage exceeded":                              mail.MailboxRefused,
		"RCPT 550 5.2.1 disabled":                                mail.MailboxRefused,
		"RCPT 550 the user is over quota":                        mail.MailboxRefused,
		"RCPT 553 5.6.7 address in UTF-8":                        mail.NoSMTPUTF8,
		"RCPT hello":                                             mail.Unreachable,
	} {
		command, text, _ := strings.Cut(reply, " ")
		err := refused(t, "mara@harbor.example", replies{command: text})
		if cause, _ := mail.Reason(err); cause != want {
			t.Errorf("%q is %s, want %s (%v)", reply, cause, want, err)
		}
	}
}

// TestC54HostileReplies: A reply that is no text, or has no end, is stored as one short
// line of UTF-8, and what it says is still read.
func TestC54HostileReplies(t *testing.T) {
	for name, tt := range map[string]struct {
		reply string
		cause mail.Cause
	}{
		"bytes":      {"550 5.1.1 Empf\xe4nger unbekannt \x00\x1b[31m", mail.AddressRefused},
		"direction":  {"550 5.7.1 \u202egnp.exe", mail.SenderRefused},
		"long line":  {"550 5.7.1 " + strings.Repeat("no ", 20_000), mail.SenderRefused},
		"many lines": {strings.Repeat("550-5.1.1 no\r\n", 10_000) + "550 5.1.1 no", mail.AddressRefused},
		"no end":     {strings.Repeat("550-5.1.1 no\r\n", 200_000), mail.Unreachable},
		"only code":  {"550", mail.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			cause, reason := mail.Reason(refused(t, "mara@harbor.example", replies{"RCPT": tt.reply}))
			if cause != tt.cause {
				t.Errorf("the cause is %s: %.200s", cause, reason)
			}
			if !utf8.ValidString(reason) || strings.ContainsAny(reason, "\x00\x1b\r\n\u202e") || len([]rune(reason)) > 1000 {
				t.Errorf("stored as %.200q of %d characters", reason, len(reason))
			}
		})
	}
}

// TestC54AddressOutsideASCII: An address whose local part is not in ASCII is sent to a
// server that takes such addresses, and reported as what it is at another.
func TestC54AddressOutsideASCII(t *testing.T) {
	err := refused(t, "mära@harbor.example", replies{"EHLO": "250-mail.test\r\n250 8BITMIME"})
	if cause, reason := mail.Reason(err); cause != mail.NoSMTPUTF8 || !mail.Temporary(err) ||
		!strings.Contains(reason, "SMTPUTF8") {
		t.Errorf("%s: %s", cause, reason)
	}
	for to, want := range map[string][3]string{
		"mära@harbor.example": {" SMTPUTF8\r\n", "RCPT TO:<mära@harbor.example>\r\n", "To: <mära@harbor.example>\r\n"},
		"mara@bücher.example": {"> BODY=8BITMIME\r\n", "RCPT TO:<mara@xn--bcher-kva.example>\r\n",
			"To: <mara@xn--bcher-kva.example>\r\n"},
	} {
		x, received := script(t, replies{"EHLO": "250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8"})
		if err := x.Send(t.Context(), envelope(to)); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		got := received()
		for _, line := range want {
			if !strings.Contains(got, line) {
				t.Errorf("%s: no %q in\n%s", to, line, got)
			}
		}
	}
}

// TestC54EncodedWords: What looks like an encoded word in a name is shown as it was
// typed, and is not decoded.
func TestC54EncodedWords(t *testing.T) {
	for _, typed := range []string{"=?utf-8?q?Evil=0D=0ABcc:_x?=", "Quay =?UTF-8?B?RXZpbA==?= x",
		"=?utf-8?q?Evil?=" + strings.Repeat(" Häfen", 20), "=?utf-8?q?Evil", "a=?iso-8859-1?q?Evil?="} {
		s := mailtest.Start(t, mailtest.Config{})
		x := sender(t, s, mail.Config{TLS: mail.TLSNone})
		f := sample()
		f.Package = typed
		e := envelope("mara@harbor.example")
		e.Sender = typed
		e.Message = compose(t, mail.AccessDelivered, lang.New("en", nil), f)
		if err := x.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		m := s.Messages()[0]
		if !strings.HasSuffix(m.Subject, typed) {
			t.Errorf("%q is shown in the subject as %q", typed, m.Subject)
		}
		shown, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("From"))
		if err != nil || !strings.Contains(shown, strings.ReplaceAll(typed, "=?", "= ?")) {
			t.Errorf("%q is shown as the sender %q, %v", typed, shown, err)
		}
	}
}

// TestC54SenderNames: Any name of a sender gives a header with one address, without
// characters that change the direction of text.
func TestC54SenderNames(t *testing.T) {
	for name, want := range map[string]string{
		"":                           "Meridian Wörks, MyAccess", // of the configuration
		"Harbor":                     "Harbor",
		`Harbor "Access" \`:          `Harbor "Access" \`,
		"Harbor\r\nBcc: x@y.example": "Harbor Bcc: x@y.example",
		"a <ceo@harbor.example>, b":  "a <ceo@harbor.example>, b",
		"Häfen, \u202eevil\u200f":    "Häfen, evil",
	} {
		s := mailtest.Start(t, mailtest.Config{})
		e := envelope("mara@harbor.example")
		e.Sender = name
		if err := sender(t, s, mail.Config{TLS: mail.TLSNone}).Send(t.Context(), e); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		from, err := s.Messages()[0].Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != want || from[0].Address != "no-reply@meridian.example" {
			t.Errorf("%q: From %v, %v", name, from, err)
		}
	}
}

// TestReasonOfOtherErrors: An error that is not about a message has no cause.
func TestReasonOfOtherErrors(t *testing.T) {
	if cause, reason := mail.Reason(errors.New("disk\nfull")); cause != "" || reason != "disk full" {
		t.Errorf("%q: %q", cause, reason)
	}
}
