// Package demo has the parts that only the demonstration needs: sample
// organizations, a clock that can be moved forward, a development OpenID
// Provider for each organization, a mail server that keeps all messages, and
// the console that shows all of it.
//
// It is not protected: anyone who reaches the console can sign in as any
// person. So it listens on loopback addresses only, accepts only their names as
// Host, and only the command that starts the demonstration imports it.
package demo
