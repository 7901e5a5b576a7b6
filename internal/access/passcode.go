package access

import (
	"time"
)

// Passcode is a sign-in with a one-time passcode, from the mail until the code is
// typed in. It is bound to a browser, can be used once, and expires after
// PasscodeLifetime or MaxPasscodeAttempts wrong codes (OWASP ASVS 6.5, F-162).
type Passcode struct {
	Key     string // SHA-256 of the random id in the page's address, in hexadecimal
	Binding string // SHA-256 of the cookie that binds it to a browser
	Tenant  TenantID
	Address string // in canonical form
	Hash    string // SHA-256 of key and code; empty with SentFor
	// SentFor is the key of the sign-in whose mail has the code of this one too; empty if
	// a mail was sent for this one.
	SentFor string
	Client  string // network of the browser, as limits count it
	// Account is who proves with the code that the address is theirs (CarryOver); empty
	// for a sign-in.
	Account        AccountID
	Spent          bool   // has signed somebody in
	FailedAttempts int    // wrong codes so far
	ReturnTo       string // as in SignInAttempt
	Created        time.Time
}

// Limits of one-time passcodes. Anyone can ask for codes to any address, so no number of
// requests may keep its owner from signing in: a mailbox gets PasscodeBurst mails an hour
// and then one every PasscodeInterval, and a request in between is for the code of the
// last mail, which is valid for a while longer than that.
const (
	PasscodeDigits      = 8
	PasscodeLifetime    = 10 * time.Minute
	MaxPasscodeAttempts = 5 // wrong codes in one sign-in
	PasscodeBurst       = 5 // mails to one address within an hour without waiting
	PasscodeInterval    = 5 * time.Minute
	// MaxSharedAttempts is how many wrong codes a client may enter in all its sign-ins
	// that share the code of one mail.
	MaxSharedAttempts = 10
)

// Usable reports whether a code can be entered at now.
func (c Passcode) Usable(now time.Time) bool {
	return !c.Spent && c.FailedAttempts < MaxPasscodeAttempts && c.Valid(now)
}

// Valid reports whether the code of the sign-in, if right, signs in at now.
func (c Passcode) Valid(now time.Time) bool {
	return !c.Spent && now.Before(c.Created.Add(PasscodeLifetime))
}

// Shares reports whether a new sign-in at now shares the code of the last mail to the
// address, rather than getting a mail of its own; sent is the number of mails within the
// last hour, last the sign-in of the last one.
func (c Passcode) Shares(sent int64, now time.Time) bool {
	return sent >= PasscodeBurst && c.Valid(now) && now.Before(c.Created.Add(PasscodeInterval))
}
