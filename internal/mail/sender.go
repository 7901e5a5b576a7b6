package mail

import (
	"context"
	"errors"
)

// Envelope is one message to one recipient.
type Envelope struct {
	// ID identifies the message; a copy that is sent after a crash has the same.
	ID      string
	To      string // address
	Sender  string // name shown as the sender; empty for that of the configuration
	Message Message
}

// Sender sends messages to a mail server.
type Sender interface {
	// Send returns nil after the server has accepted the message. A *SendError says
	// why it was not accepted.
	Send(ctx context.Context, e Envelope) error
}

// Cause is why a message was not accepted. It is stored with the message.
type Cause string

// The causes. AddressRefused is the only one that the recipient's address has; all
// others can go away, by themselves or when someone repairs the mail server.
const (
	Later          Cause = "later"          // the server did not take it for now, such as greylisting
	Unreachable    Cause = "unreachable"    // no connection, or it was lost
	Unprotected    Cause = "unprotected"    // TLS could not be used
	SignInRefused  Cause = "signInRefused"  // the server did not accept the credentials, or requires some
	SenderRefused  Cause = "senderRefused"  // the server takes no messages from this sender
	MessageRefused Cause = "messageRefused" // the server does not take this message, such as for its size
	MailboxRefused Cause = "mailboxRefused" // the address is right, and its mailbox is full or disabled
	NoSMTPUTF8     Cause = "noSMTPUTF8"     // the server takes only addresses in ASCII (RFC 6531)
	AddressRefused Cause = "addressRefused" // there is no such address
)

// Why a message was not sent that nobody needs any more. They are stored as causes, with the
// time at which that was found as the time at which it was sent.
const (
	Obsolete  Cause = "obsolete"  // what it asks for has been decided, or others are asked
	NoAddress Cause = "noAddress" // the recipient has no address any more
)

// SendError is the error for a message that was not accepted.
type SendError struct {
	Cause Cause
	Err   error // the server's reply
}

// Error returns a sentence for operators, with the server's reply.
func (e *SendError) Error() string {
	says := map[Cause]string{
		Later:          "the mail server did not take the message for now",
		Unreachable:    "the mail server could not be reached",
		Unprotected:    "the connection to the mail server could not be protected",
		SignInRefused:  "the mail server did not accept the sign-in",
		SenderRefused:  "the mail server refuses messages from this sender",
		MessageRefused: "the mail server refused the message",
		MailboxRefused: "the recipient's mailbox does not take messages",
		NoSMTPUTF8:     "the mail server does not take addresses with characters outside ASCII (SMTPUTF8)",
		AddressRefused: "the address was not accepted",
	}[e.Cause]
	if says == "" {
		says = "the message was not sent"
	}
	return says + ": " + e.Err.Error()
}

// Unwrap returns the server's reply.
func (e *SendError) Unwrap() error { return e.Err }

// maxReason is the maximum length of a stored reason, in characters. Mail servers
// reply with a few lines; the limit is for those that do not.
const maxReason = 1000

// Reason returns why sending failed with err, to be stored: the cause, empty if err is
// no *SendError, and the text as one line of valid UTF-8.
func Reason(err error) (Cause, string) {
	var cause Cause
	if e, ok := errors.AsType[*SendError](err); ok {
		cause = e.Cause
	}
	return cause, oneLine(err.Error(), maxReason)
}

// Temporary reports whether a message that failed with err should be retried: always,
// unless the recipient's address was refused.
func Temporary(err error) bool {
	if e, ok := errors.AsType[*SendError](err); ok {
		return e.Cause != AddressRefused
	}
	return err != nil
}
