package signin

import (
	"errors"
	"net/url"
	"strings"

	"myaccess/internal/access"
)

// Failure says why a sign-in failed, for the log and the administrators of the directory.
// Begin and Finish return it together with a refusal, whose sentence is all that the
// person may read, besides Account.
type Failure struct {
	Reason access.SignInReason
	Detail string // what was found; has no text of the provider but in quotes
	// Code and Description are the error that the provider sent, of any content and
	// length: error and error_description of OAuth, or what stands for them.
	Code, Description string
	Account           string // who signed in at the provider; empty if that is not known

	cause error // of Detail; nil if there is none
}

// Error returns the detail.
func (f *Failure) Error() string { return f.Detail }

// Unwrap returns the error behind the detail.
func (f *Failure) Unwrap() error { return f.cause }

// FailureOf returns the failure in err; ok is false if a sign-in did not fail.
func FailureOf(err error) (f Failure, ok bool) {
	found, ok := errors.AsType[*Failure](err)
	if !ok {
		return f, false
	}
	return *found, true
}

// failWith is the error of a sign-in that failed.
func failWith(refusal *access.Error, f Failure) error { return errors.Join(refusal, &f) }

// errUnavailable is the error for a provider that does not respond, or not as a
// provider does.
func errUnavailable(dir access.Directory, reason access.SignInReason, cause error) error {
	return failWith(access.Refuse(access.Unavailable, "Sign-in with %s isn't working at the moment. Try again in a few "+
		"minutes.", dir.Name), Failure{Reason: reason, Detail: cause.Error(), cause: cause})
}

// errRejected is the error for a response that fails a check.
func errRejected(dir access.Directory, reason access.SignInReason, detail string) error {
	return rejection(dir, Failure{Reason: reason, Detail: detail})
}

func rejection(dir access.Directory, f Failure) error {
	return failWith(access.Refuse(access.Forbidden, "We couldn't complete sign-in with %s.", dir.Name), f)
}

// errWrongAttempt is the error for a response to no attempt of this browser.
func errWrongAttempt() error {
	return access.Invalidf("state", "This sign-in was not begun in this browser, or has been finished already. "+
		"Begin again.")
}

// named adds to err who signed in at the provider.
func named(err error, account string) error {
	if f, ok := errors.AsType[*Failure](err); ok {
		f.Account = account
	}
	return err
}

// minSecret is the length of the shortest text that is taken for a secret: a shorter one
// would be found in any sentence.
const minSecret = 8

// hideSecrets removes secrets from a failure in err: a provider may repeat what it was sent
// (O-13).
func hideSecrets(err error, secrets ...string) {
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		return
	}
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		for _, spelled := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			for _, text := range []*string{&f.Detail, &f.Code, &f.Description, &f.Account} {
				*text = strings.ReplaceAll(*text, spelled, "(removed)")
			}
		}
	}
}
