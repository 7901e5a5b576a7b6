// Package demo is what only the demonstration needs: sample organisations, a
// clock that can be moved forward, a development OpenID Provider for each
// organisation, a mail server whose messages anybody may read, and the console
// that shows all of it.
//
// None of it protects anything: whoever reaches the console can sign in as
// anybody. So it listens on loopback addresses only, answers only to their
// names, and only the command that starts the demonstration imports it.
package demo
