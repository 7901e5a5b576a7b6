package mail

import (
	"context"
	"errors"
	"fmt"
)

// Envelope is one message to one recipient.
type Envelope struct {
	// ID identifies the message; a copy that is sent after a crash has the same.
	ID      string
	To      string // address
	Message Message
}

// Sender sends messages to a mail server.
type Sender interface {
	// Send returns nil after the server has accepted the message. A *SendError says
	// whether a retry can help.
	Send(ctx context.Context, e Envelope) error
}

// SendError is the error for a message that was not accepted.
type SendError struct {
	Temporary bool  // a retry can help
	Recipient bool  // the address is the cause, not the server
	Err       error // the server's reply
}

// Error returns a sentence for operators.
func (e *SendError) Error() string {
	switch {
	case e.Recipient:
		return fmt.Sprintf("the address was not accepted: %v", e.Err)
	case e.Temporary:
		return fmt.Sprintf("the mail server did not take the message for now: %v", e.Err)
	}
	return fmt.Sprintf("the mail server refused the message: %v", e.Err)
}

// Unwrap returns the server's reply.
func (e *SendError) Unwrap() error { return e.Err }

// Temporary reports whether a message that failed with err should be retried. Errors
// other than *SendError are not caused by the message, so it is.
func Temporary(err error) bool {
	if e, ok := errors.AsType[*SendError](err); ok {
		return e.Temporary
	}
	return err != nil
}
