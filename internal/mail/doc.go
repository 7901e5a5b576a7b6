// Package mail composes the portal's messages and sends them.
//
// Compose turns the facts of a request into a message in the recipient's language,
// as text and as HTML, with one layout for all messages. Texts of people (names,
// reasons, answers) are shortened and escaped; they cannot change the layout or a
// header. Links lead to pages; opening one changes nothing.
//
// A Sender sends one message to one recipient. Its errors say whether a retry can
// help (SendError).
package mail
