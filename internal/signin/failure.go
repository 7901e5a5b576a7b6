package signin

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
)

// Failure says why a sign-in failed, for the log and the administrators of the directory.
// Begin and Finish return it together with a refusal, whose sentence is all that the
// person may read, besides Account.
type Failure struct {
	Reason access.SignInReason
	Detail string // what was found; has no text of the provider but in quotes
	// Network is, for a failed connection, its whole error with addresses inside the
	// operator's network. It is for the log only; empty if Detail says everything.
	Network string
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
	f := Failure{Reason: reason, Detail: hideNetwork(cause), cause: cause}
	if text := wholeText(cause); text != f.Detail {
		f.Network = text
	}
	return failWith(access.Refuse(access.Unavailable, "Sign-in with %s isn't working at the moment. Try again in a few "+
		"minutes.", dir.Name), f)
}

// hideNetwork returns the text of an error without what is known only inside the operator's
// network, because administrators of a tenant see it: addresses of the portal, its proxy and
// name servers, and the addresses of names. The text of a ProxyError has none of them.
func hideNetwork(err error) string {
	inside, isInside := errors.AsType[outbound.AddressError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	dns, isDNS := errors.AsType[*net.DNSError](err)
	var found error
	var text string
	switch {
	case isInside && isOp:
		found, text = op, "the address is inside the network"
	case isInside:
		found, text = inside, "the address is inside the network"
	case isDNS && dns.IsNotFound:
		found, text = dns, "no such host"
	case isDNS:
		found, text = dns, "the name of the host cannot be looked up"
	case isOp:
		found, text = op, op.Op+": "+op.Err.Error()
	default:
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), found.Error(), text)
}

// wholeText is the text of an error with that of the connection to the proxy.
func wholeText(err error) string {
	proxy, ok := errors.AsType[outbound.ProxyError](err)
	if cause := proxy.Unwrap(); ok && cause != nil {
		return err.Error() + ": " + cause.Error()
	}
	return err.Error()
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
	return access.Invalidf("state", "This sign-in was started in another browser or is already complete. Try again.")
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
			for _, text := range []*string{&f.Detail, &f.Network, &f.Code, &f.Description, &f.Account} {
				*text = strings.ReplaceAll(*text, spelled, "(removed)")
			}
		}
	}
}
