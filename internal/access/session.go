package access

import (
	"time"
)

// Session is a signed-in person in one browser. The cookie has a random id, the
// database its hash (security rule S-1).
type Session struct {
	Key       string // SHA-256 of the id in the cookie, in hexadecimal
	Account   AccountID
	Directory DirectoryID
	SID       string // the provider's session, for sign-out there
	IDToken   string // for id_token_hint; encrypted at rest
	Prompt    Prompt // of the sign-in that began it
	Created   time.Time
	LastSeen  time.Time
}

// Reference names the session in the log and on pages that refuse it. It says nothing
// about the id in the cookie.
func (s Session) Reference() string { return s.Key[:min(8, len(s.Key))] }

// NextPrompt is the prompt for a sign-in with another account than that of the session.
// It is login only if the session has just begun with a prompt, and with the wrong account
// again.
func (s Session) NextPrompt(now time.Time) Prompt {
	if now.Before(s.Created.Add(SignInAttemptLifetime)) {
		return s.Prompt.Next()
	}
	return PromptSelect
}

// How long a session lasts without use, and in total (security rule S-4).
const (
	MaxSessionIdle     = 8 * time.Hour
	MaxSessionLifetime = 12 * time.Hour
)

// Valid reports whether the session can be used at now.
func (s Session) Valid(now time.Time) bool {
	return now.Before(s.LastSeen.Add(MaxSessionIdle)) && now.Before(s.Created.Add(MaxSessionLifetime))
}
