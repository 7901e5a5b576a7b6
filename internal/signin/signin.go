package signin

import (
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"myaccess/internal/access"
)

// Config says how to sign in.
type Config struct {
	// Base is the portal's own address: scheme and host, no slash at the end.
	// Redirect URIs are made from it and from nothing in a request (O-17).
	Base string
	// AllowLoopback lets issuers on loopback addresses be used, and with plain
	// http. Others are https, and never on a private address.
	AllowLoopback bool
	Now           func() time.Time
}

// SignIn begins and finishes sign-ins. It is safe for concurrent use.
type SignIn struct {
	base    string
	config  Config
	client  *http.Client
	flights singleflight.Group

	mu        sync.Mutex
	providers map[string]*provider // by issuer
}

// New checks the configuration.
func New(c Config) (*SignIn, error) {
	u, err := url.Parse(c.Base)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil ||
		u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the portal's address is scheme and host, such as https://access.example.org")
	}
	if u.Scheme == "http" && !access.IsLoopback(u.Hostname()) {
		return nil, errors.New("the portal's address begins with https:// unless it is a loopback address")
	}
	return &SignIn{base: c.Base, config: c, client: guarded(c.AllowLoopback), providers: map[string]*provider{}}, nil
}

// CallbackURL is the redirect URI of a directory; each has its own (O-2).
func (s *SignIn) CallbackURL(id access.DirectoryID) string {
	return s.base + "/auth/callback/" + string(id)
}

// down is the refusal that a provider does not answer, or not as a provider
// does. cause is for the log.
func down(dir access.Directory, cause error) error {
	return errors.Join(access.Refuse(access.Unavailable, "The sign-in of %s does not answer properly at the moment. Try "+
		"again later.", dir.Name), cause)
}

// refused is the refusal of an answer that does not hold what it must. cause is
// for the log.
func refused(dir access.Directory, cause string) error {
	return errors.Join(access.Refuse(access.Forbidden, "The sign-in of %s gave an answer that cannot be accepted. "+
		"Nobody was signed in.", dir.Name), errors.New(cause))
}
