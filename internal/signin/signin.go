package signin

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
)

// Config configures SignIn.
type Config struct {
	// Base is the portal's address: scheme, host and, if the portal is served
	// under a sub-path, its path; no slash at the end. Redirect URIs are made from
	// it, never from a request (O-17).
	Base string
	// Network is what providers may be connected to. AllowLoopback also permits
	// issuers with plain http on loopback addresses; all others are https.
	Network outbound.Network
	Now     func() time.Time
}

// SignIn starts and finishes sign-ins. It is safe for concurrent use.
type SignIn struct {
	base      string
	config    Config
	client    *http.Client
	discovery singleflight.Group

	mu        sync.Mutex
	providers map[string]*provider // by issuer
}

// New checks the configuration.
func New(c Config) (*SignIn, error) {
	u, err := url.Parse(c.Base)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		u.Scheme != "https" && u.Scheme != "http" {
		return nil, access.Invalidf("base", "Set the portal's address to scheme and host, such as "+
			"https://access.example.org.")
	}
	if u.Path != "" && (u.RawPath != "" || !isPath(u.Path) || strings.HasSuffix(u.Path, "/")) {
		return nil, access.Invalidf("base", "The path of the portal's address can have letters, digits and -._~, and no "+
			"slash at the end.")
	}
	if u.Scheme == "http" && !access.IsLoopback(u.Hostname()) {
		return nil, access.Invalidf("base", "The portal's address must begin with https:// unless it is a loopback address.")
	}
	return &SignIn{base: c.Base, config: c, client: newClient(c.Network), providers: map[string]*provider{}}, nil
}

// CallbackURL is the redirect URI of a directory. Each directory has its own (O-2).
func (s *SignIn) CallbackURL(id access.DirectoryID) string {
	return s.base + "/auth/callback/" + string(id)
}

// allowHTTP reports whether issuers may use plain http on loopback addresses.
func (s *SignIn) allowHTTP() bool { return s.config.Network.AllowLoopback }
