package access

import (
	"time"
)

// SignInAttempt is one try to sign in, from the redirect to the provider until its
// answer (security rule O-1). It is kept on the server, used once, and worth
// nothing after SignInAttemptLifetime.
type SignInAttempt struct {
	Key         string // SHA-256 of the state parameter, in hexadecimal
	Binding     string // SHA-256 of the cookie that binds it to a browser (O-8)
	Directory   DirectoryID
	Tenant      TenantID // empty if it began at /
	Issuer      string
	ClientID    string
	RedirectURI string
	Nonce       string
	Verifier    string // PKCE, RFC 7636
	ReturnTo    string // the path and query that were wanted; ours, never from a URL
	// MaxAge is how long ago the person may have proved who they are at the
	// provider; zero if that was not asked (O-20).
	MaxAge  time.Duration
	Created time.Time
}

// SignInAttemptLifetime is how long an attempt may take.
const SignInAttemptLifetime = 10 * time.Minute
