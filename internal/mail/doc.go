// Package mail says what each message of the portal says, and sends it.
//
// Compose turns the facts of a request into a message in the recipient's
// language; one layout serves them all, as text and as HTML. What people wrote
// (names, reasons, answers) is shown as text, shortened, and never becomes part
// of the layout or of a header. Links lead to pages; none of them decides
// anything by being opened.
//
// A Sender hands one message to one recipient to a mail server. Its faults say
// whether trying again can help (SendError).
package mail
