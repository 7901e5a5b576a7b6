package access

import "time"

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

// Session is somebody signed in with one browser. The cookie holds a random id
// and the row its hash (security rule S-1).
type Session struct {
	Key       string // SHA-256 of the id in the cookie, in hexadecimal
	Account   AccountID
	Directory DirectoryID
	SID       string // the provider's session, for sign-out there
	IDToken   string // for id_token_hint; encrypted at rest
	Created   time.Time
	LastSeen  time.Time
}

// How long a session lasts (security rule S-4).
const (
	MaxSessionIdle     = 8 * time.Hour
	MaxSessionLifetime = 12 * time.Hour
)

// Valid reports whether the session may still be used at now.
func (s Session) Valid(now time.Time) bool {
	return now.Before(s.LastSeen.Add(MaxSessionIdle)) && now.Before(s.Created.Add(MaxSessionLifetime))
}

// FormDraft is what a person had typed into a form when the session was found to
// have ended. It waits for the same person to sign in again.
type FormDraft struct {
	Key     string    // SHA-256 of the random id in the link back to the form
	Account AccountID // whose session had ended; empty if that is not known
	Form    map[string][]string
	Created time.Time
}

// FormDraftLifetime is how long a draft waits.
const FormDraftLifetime = 24 * time.Hour

// SetupLink makes the first global administrator of a tenant, once.
type SetupLink struct {
	Key     string // SHA-256 of the token in the link, in hexadecimal
	Tenant  TenantID
	Created time.Time
	Used    time.Time // zero before
}

// SetupLinkLifetime is how long a link for the first administrator may be used.
const SetupLinkLifetime = 24 * time.Hour

// Usable reports whether the link may still be used at now.
func (l SetupLink) Usable(now time.Time) bool {
	return l.Used.IsZero() && now.Before(l.Created.Add(SetupLinkLifetime))
}

// Passcode is a sign-in with a one-time passcode, from the mail until the code is
// typed in. It is bound to a browser, used once, and worth nothing after
// PasscodeLifetime or MaxPasscodeAttempts wrong codes (OWASP ASVS 6.5, F-162).
type Passcode struct {
	Key            string // SHA-256 of the random id in the page's address, in hexadecimal
	Binding        string // SHA-256 of the cookie that binds it to a browser
	Tenant         TenantID
	Address        string // folded
	Hash           string // of key and code
	FailedAttempts int    // wrong ones so far
	ReturnTo       string // as in Attempt
	Created        time.Time
}

// Limits of one-time passcodes.
const (
	PasscodeDigits      = 8
	PasscodeLifetime    = 10 * time.Minute
	MaxPasscodeAttempts = 5
	MaxPasscodesPerHour = 5 // for one address
)

// Usable reports whether a code may still be typed in at now.
func (c Passcode) Usable(now time.Time) bool {
	return c.FailedAttempts < MaxPasscodeAttempts && now.Before(c.Created.Add(PasscodeLifetime))
}
