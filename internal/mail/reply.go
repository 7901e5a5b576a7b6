package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// classify converts an error of the library. Only a reply that refuses the recipient's
// address is AddressRefused: everything else is about the server or the sender, and
// would refuse every other message as well until somebody repairs it.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*SendError](err); ok {
		return e
	}
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return &SendError{Cause: connectCause(err), Err: connectReply(err)}
	}
	if e.ErrorCode() == 0 {
		return &SendError{Cause: Unreachable, Err: err}
	}
	r := reply{at: e.Reason, code: e.ErrorCode(), text: replyText(e)}
	r.status = r.enhanced()
	return &SendError{Cause: r.cause(), Err: r}
}

// connectReply returns the server's reply in err as the server wrote it, and other
// errors unchanged.
func connectReply(err error) error {
	if r, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("at the connection: %d %s", r.Code, r.Msg)
	}
	return err
}

// connectCause returns the cause of an error before the message: at the greeting, EHLO,
// STARTTLS or AUTH.
func connectCause(err error) Cause {
	if r, ok := errors.AsType[*textproto.Error](err); ok {
		switch {
		case r.Code < 500:
			return Later
		case isSignIn(r.Code, status{}):
			return SignInRefused
		}
		return SenderRefused
	}
	for _, unsupported := range []error{gomail.ErrPlainAuthNotSupported, gomail.ErrNoSupportedAuthDiscovered} {
		if errors.Is(err, unsupported) {
			return SignInRefused
		}
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	if certificate || notTLS || alert || unknown || strings.Contains(err.Error(), "STARTTLS") ||
		strings.Contains(err.Error(), "tls: ") {
		return Unprotected
	}
	return Unreachable
}

// reply is a reply of the server that refuses a message.
type reply struct {
	at     gomail.SendErrReason // the command that it answers
	code   int                  // from 400 to 599
	text   string               // without the code; may have several lines
	status status
}

// Error returns the command and the reply.
func (r reply) Error() string {
	command, ok := map[gomail.SendErrReason]string{gomail.ErrSMTPMailFrom: "MAIL FROM", gomail.ErrSMTPRcptTo: "RCPT TO",
		gomail.ErrSMTPData: "DATA", gomail.ErrWriteContent: "the text", gomail.ErrSMTPDataClose: "the end of the text"}[r.at]
	if !ok {
		command = r.at.String()
	}
	return fmt.Sprintf("at %s: %d %s", command, r.code, r.text)
}

// status is an enhanced status code (RFC 3463); zero without one.
type status struct{ class, subject, detail int }

// replyText returns the text of the server's reply. The library's error is the command,
// the code, the text, and the recipient; package textproto quotes the text.
func replyText(e *gomail.SendError) string {
	_, text, _ := strings.Cut(e.Error(), e.Reason.String()+": "+strconv.Itoa(e.ErrorCode()))
	text = strings.TrimSpace(text)
	quoted, err := strconv.QuotedPrefix(text)
	if err == nil {
		if text, err = strconv.Unquote(quoted); err == nil {
			return text
		}
	}
	text, _, _ = strings.Cut(text, ", affected ")
	return text
}

// enhanced returns the enhanced status code in the reply. It is the first word of a
// line, whether the server announces such codes or not, or has a number sign, as in
// "(#5.1.1)". Anything else, such as an address of a host, is none.
func (r reply) enhanced() status {
	for line := range strings.Lines(r.text) {
		for i, word := range strings.Fields(line) {
			if i > 0 && !strings.Contains(word, "#") {
				continue
			}
			if s, ok := parseStatus(strings.Trim(word, "-#()[]<>:;,.")); ok {
				return s
			}
		}
	}
	return status{}
}

func parseStatus(s string) (status, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || parts[0] != "4" && parts[0] != "5" {
		return status{}, false
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil || n[i] < 0 || len(p) > 3 {
			return status{}, false
		}
	}
	return status{n[0], n[1], n[2]}, true
}

// cause returns the cause that the reply names.
func (r reply) cause() Cause {
	s := r.status
	afterSender := r.at == gomail.ErrSMTPRcptTo || r.at == gomail.ErrSMTPData || r.at == gomail.ErrWriteContent ||
		r.at == gomail.ErrSMTPDataClose
	switch {
	case r.code < 500 || s.class == 4:
		return Later
	case isSignIn(r.code, s), !afterSender && r.hasWord("authenticat"):
		return SignInRefused
	case !afterSender, s.subject == 7, s.subject == 1 && (s.detail == 7 || s.detail == 8):
		return SenderRefused
	case s.subject == 6 && (s.detail == 7 || s.detail == 9): // RFC 6531
		return NoSMTPUTF8
	case s.subject == 2 && (s.detail == 1 || s.detail == 2), s.subject == 0 && r.namesMailbox():
		return MailboxRefused
	case r.refusesAddress():
		return AddressRefused
	case r.at == gomail.ErrSMTPRcptTo && r.namesSender():
		return SenderRefused
	}
	return MessageRefused
}

// isSignIn reports whether a reply asks for other credentials (RFC 4954).
func isSignIn(code int, s status) bool {
	return code == 530 || code == 534 || code == 535 || code == 538 ||
		s.subject == 7 && (s.detail == 8 || s.detail == 9 || s.detail == 11)
}

// refusesAddress reports whether a reply that is no temporary one refuses the address of
// the recipient. A status of the addresses says so wherever it comes; a reply without a
// precise status only at RCPT, if its code is one for mailboxes and its text does not
// name another reason.
func (r reply) refusesAddress() bool {
	s := r.status
	switch {
	case s.subject == 1 && s.detail != 0:
		return s.detail == 1 || s.detail == 2 || s.detail == 3 || s.detail == 4 || s.detail == 6 || s.detail == 10
	case s.subject > 1, r.at != gomail.ErrSMTPRcptTo:
		return false
	}
	return (r.code == 550 || r.code == 551 || r.code == 553 || r.code == 556) && !r.namesSender()
}

// namesSender reports whether the text of a reply without a precise status says that
// the sender or the server is refused.
func (r reply) namesSender() bool {
	return r.hasWord("relay", "rcpthosts", "authent", "log in", "login", "sender", "spam", "policy", "policies", "block",
		"blacklist", "black list", "listed", "reputation", "denied", "not permitted", "prohibited", "spf", "dkim", "dmarc",
		"helo", "ehlo", "client host", "reverse dns", "ptr", "too many", "rate")
}

// namesMailbox reports whether a reply to RCPT without a precise status says that the
// mailbox is full.
func (r reply) namesMailbox() bool {
	return r.at == gomail.ErrSMTPRcptTo && (r.code == 552 || r.hasWord("quota", "mailbox full", "mailbox is full"))
}

// hasWord reports whether a word of the text begins with one of the prefixes, which
// are in lower case. Addresses are ignored.
func (r reply) hasWord(prefixes ...string) bool {
	var words []string
	for _, w := range strings.Fields(strings.ToLower(r.text)) {
		if !strings.Contains(w, "@") {
			words = append(words, w)
		}
	}
	text := strings.Join(words, " ")
	return slices.ContainsFunc(prefixes, func(p string) bool { return containsWord(text, p) })
}

// containsWord reports whether a word of the text begins with the prefix.
func containsWord(text, prefix string) bool {
	for {
		i := strings.Index(text, prefix)
		if i < 0 {
			return false
		}
		if i == 0 || text[i-1] < 'a' || text[i-1] > 'z' {
			return true
		}
		text = text[i+1:]
	}
}
