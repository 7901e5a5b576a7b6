package access

import (
	"time"
)

// SignInAttempt is a sign-in in progress, from the redirect to the provider
// until its response (security rule O-1). It is stored on the server, used
// once, and expires after SignInAttemptLifetime.
type SignInAttempt struct {
	Key         string // SHA-256 of the state parameter, in hexadecimal
	Binding     string // SHA-256 of the cookie that binds it to a browser (O-8)
	Directory   DirectoryID
	Tenant      TenantID // empty if it started at /
	Issuer      string
	ClientID    string
	RedirectURI string
	Nonce       string
	Verifier    string // PKCE, RFC 7636
	ReturnTo    string // our own path and query to continue at; never taken from a URL
	// Session is the key of the session that the browser had when the sign-in began,
	// and which it replaces; empty if it had none.
	Session string
	// LoginHint is the address that the person typed, and Prompt what the provider was
	// asked for; both can be empty.
	LoginHint string
	Prompt    Prompt
	// MaxAge is the max_age sent to the provider: the longest time since the
	// person authenticated there. Zero if none was sent (O-20).
	MaxAge  time.Duration
	Created time.Time
}

// Prompt is what a provider is asked to do although somebody is signed in there (OpenID
// Connect Core 3.1.2.1).
type Prompt string

// The prompts.
const (
	PromptNothing Prompt = "" // not sent; the value none of the protocol is never used
	PromptSelect  Prompt = "select_account"
	PromptLogin   Prompt = "login"
)

// ParsePrompt returns s if it is one of the prompts that are sent, and otherwise
// PromptNothing.
func ParsePrompt(s string) Prompt {
	if p := Prompt(s); p == PromptSelect || p == PromptLogin {
		return p
	}
	return PromptNothing
}

// Next is the prompt for another account after a sign-in with p led to the wrong one: some
// providers ignore select_account, or know one account and continue with it.
func (p Prompt) Next() Prompt {
	if p == PromptNothing {
		return PromptSelect
	}
	return PromptLogin
}

// SignInAttemptLifetime is how long a sign-in may take.
const SignInAttemptLifetime = 10 * time.Minute

// MayReplace reports whether the sign-in, finished as id, may end the session with
// the key and the account that the browser has now: none, the one that it had when the
// sign-in began, or another one of the same person. Any other has begun since, such
// as in another tab, and the person decides which one stays (S-2).
func (a SignInAttempt) MayReplace(key string, current Account, id Identity) bool {
	return key == "" || key == a.Session || current.Directory == id.Directory && current.Subject == id.Subject
}
