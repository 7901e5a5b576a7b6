package access

import (
	"strings"
	"time"
	"unicode/utf8"
)

// SignInReason is the step at which a sign-in failed.
type SignInReason string

// The steps, in order.
const (
	FailedDiscovery SignInReason = "discovery" // the provider's settings cannot be read or used
	FailedResponse  SignInReason = "response"  // the provider sent the person back with an error
	FailedToken     SignInReason = "token"     // the token endpoint refused the code, or did not respond
	FailedKeys      SignInReason = "keys"      // the provider's keys cannot be read
	FailedIDToken   SignInReason = "idToken"   // the ID token failed a check
	FailedUserInfo  SignInReason = "userInfo"  // the userinfo endpoint, where it is needed
	FailedAccount   SignInReason = "account"   // an account of another organization at the provider (I-7)
	FailedAdmission SignInReason = "admission" // signed in, and the tenant does not admit the person
)

// SignInReasons lists every step.
func SignInReasons() []SignInReason {
	return []SignInReason{FailedDiscovery, FailedResponse, FailedToken, FailedKeys, FailedIDToken, FailedUserInfo,
		FailedAccount, FailedAdmission}
}

// SignInFailure is a failed sign-in, for the log and for the administrators of the
// directory. The person sees the reference only.
type SignInFailure struct {
	Directory DirectoryID
	Tenant    TenantID // whose page the person wanted
	Reason    SignInReason
	Reference string // as in the log and on the person's page
	Account   string // who signed in at the provider; empty if that is not known
	// Code and Description are the provider's own, as it sent them; Detail is ours.
	Code, Description, Detail string
	At                        time.Time
}

// What is kept of failed sign-ins in a tenant and at a directory, so that nobody fills the
// database by failing: the last of each reason, and how many there were each day.
const (
	MaxSignInFailures      = 10
	SignInFailureLifetime  = 30 * 24 * time.Hour
	MaxSignInFailureLength = 300 // characters of each text
)

// Shortened returns f with texts that are valid UTF-8 without NUL, of at most
// MaxSignInFailureLength characters.
func (f SignInFailure) Shortened() SignInFailure {
	for _, text := range []*string{&f.Account, &f.Code, &f.Description, &f.Detail} {
		*text = strings.ReplaceAll(strings.ToValidUTF8(*text, "\uFFFD"), "\x00", "\uFFFD")
		if utf8.RuneCountInString(*text) > MaxSignInFailureLength {
			*text = string([]rune(*text)[:MaxSignInFailureLength-1]) + "…"
		}
	}
	return f
}
