package mail

import (
	"context"
	"errors"
	"fmt"
)

// Envelope is one message to one recipient.
type Envelope struct {
	// ID is the message's own; a copy sent after a crash has the same.
	ID      string
	To      string // an address
	Message Message
}

// Sender hands a message to a mail server.
type Sender interface {
	// Send returns nil once the server has taken the message. A *SendError says
	// whether trying again can help.
	Send(ctx context.Context, e Envelope) error
}

// SendError is why a message was not taken.
type SendError struct {
	Temporary bool  // it can be tried again
	Recipient bool  // the address is at fault, not the server
	Err       error // what the server said
}

// Error returns what happened in a sentence for operators.
func (e *SendError) Error() string {
	switch {
	case e.Recipient:
		return fmt.Sprintf("the address was not accepted: %v", e.Err)
	case e.Temporary:
		return fmt.Sprintf("the mail server did not take the message for now: %v", e.Err)
	}
	return fmt.Sprintf("the mail server refused the message: %v", e.Err)
}

// Unwrap returns what the server said.
func (e *SendError) Unwrap() error { return e.Err }

// Temporary reports whether a message that failed with err should be tried
// again. What is no *SendError is not the message's fault and so is.
func Temporary(err error) bool {
	if e, ok := errors.AsType[*SendError](err); ok {
		return e.Temporary
	}
	return err != nil
}
