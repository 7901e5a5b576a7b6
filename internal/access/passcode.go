package access

import (
	"time"
)

// Passcode is a sign-in with a one-time passcode, from the mail until the code is
// typed in. It is bound to a browser, can be used once, and expires after
// PasscodeLifetime or MaxPasscodeAttempts wrong codes (OWASP ASVS 6.5, F-162).
type Passcode struct {
	Key            string // SHA-256 of the random id in the page's address, in hexadecimal
	Binding        string // SHA-256 of the cookie that binds it to a browser
	Tenant         TenantID
	Address        string // in canonical form
	Hash           string // SHA-256 of key and code
	FailedAttempts int    // wrong codes so far
	ReturnTo       string // as in SignInAttempt
	Created        time.Time
}

// Limits of one-time passcodes.
const (
	PasscodeDigits      = 8
	PasscodeLifetime    = 10 * time.Minute
	MaxPasscodeAttempts = 5
	MaxPasscodesPerHour = 5 // for one address
)

// Usable reports whether a code can be entered at now.
func (c Passcode) Usable(now time.Time) bool {
	return c.FailedAttempts < MaxPasscodeAttempts && now.Before(c.Created.Add(PasscodeLifetime))
}
