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
	// MaxAge is the max_age sent to the provider: the longest time since the
	// person authenticated there. Zero if none was sent (O-20).
	MaxAge  time.Duration
	Created time.Time
}

// SignInAttemptLifetime is how long a sign-in may take.
const SignInAttemptLifetime = 10 * time.Minute
