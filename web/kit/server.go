package kit

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/static"
)

// Config configures the pages.
type Config struct {
	Store     *store.Reader
	Lifecycle *lifecycle.Lifecycle
	Admin     *admin.Admin
	SignIn    *signin.SignIn
	Base      string // the portal's address without a slash at the end; its path is the base path
	Secret    []byte // of the installation, at least 16 bytes; keys are derived from it
	Now       func() time.Time
	Log       *slog.Logger
	// Ready returns an error if the portal cannot work now.
	Ready func(context.Context) error
	// Writable returns an error if the portal cannot save anything now; nil if that is
	// never so.
	Writable func(context.Context) error
	// Proxies are the networks whose X-Forwarded-For header is trusted.
	Proxies []*net.IPNet
	// Rate is the number of requests per second allowed per client, with bursts of
	// five times as many. 0 means 40.
	Rate float64
	// Catalog has the translations; nil loads them.
	Catalog *lang.Catalog
}

// Server holds what all handlers share. It is safe for concurrent use.
type Server struct {
	Config
	Links          Links
	SessionCookies *signin.Cookies
	csrfKey        []byte
	formCipher     cipher.AEAD // for secrets in hidden fields
	assets         *static.Assets
	clients        *limiter
	starts         *limiter
	buffers        *buffers
	zones          *zones
	uploads        chan struct{} // forms with files in progress
	crossOrigin    *http.CrossOriginProtection
	// NewPrinter creates printers; tests replace it to use the pseudo language.
	NewPrinter func(tag string, zone *time.Location) *lang.Printer
}

// NewServer returns a server. It fails if the secret is too short to derive
// keys, or if the path of the portal's address is invalid.
func NewServer(c Config) (*Server, error) {
	links, err := newLinks(c.Base)
	if err != nil {
		return nil, err
	}
	cookies, err := signin.NewCookies(c.Secret, links.Path(""))
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, c.Secret, nil, "myaccess forms", 32)
	if err != nil {
		return nil, err
	}
	box, err := newFormCipher(c.Secret)
	if err != nil {
		return nil, err
	}
	assets, err := static.New()
	if err != nil {
		return nil, err
	}
	if c.Catalog == nil {
		c.Catalog = lang.Load()
	}
	if c.Rate == 0 {
		c.Rate = 40
	}
	return &Server{Config: c, Links: links, SessionCookies: cookies, csrfKey: key, formCipher: box, assets: assets,
		crossOrigin: http.NewCrossOriginProtection(), NewPrinter: c.Catalog.Printer,
		clients: newLimiter(c.Rate, c.Now), starts: newLimiter(c.Rate/20, c.Now), buffers: newBuffers(), zones: &zones{},
		uploads: make(chan struct{}, maxUploads)}, nil
}

// Handler serves the routes. It fails if an administrators' page has no action,
// or one that access.Permissions does not name: its guard would have nothing to
// check.
func (s *Server) Handler(table []Route) (http.Handler, error) {
	known := map[access.Action]bool{}
	for _, p := range access.Permissions() {
		known[p.Action] = true
	}
	for _, r := range table {
		if r.Level == AdminPage && !known[r.Action] {
			return nil, fmt.Errorf("the route %s %s has no known action: %q", r.Method, r.Path, r.Action)
		}
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = extractor(s.Proxies)
	e.HTTPErrorHandler = s.answerError
	e.Use(s.setHeaders, s.limitRate, refuseOptions, s.repairLinks, s.refuseCrossSite)
	for _, r := range table {
		e.Add(r.Method, s.Links.Path(r.Path), s.withGuards(r))
		if r.Method == http.MethodGet {
			e.HEAD(s.Links.Path(r.Path), s.withGuards(r))
		}
	}
	read := []string{http.MethodGet, http.MethodHead}
	e.Match(read, s.Links.Path(static.Prefix+":name"), echo.WrapHandler(http.StripPrefix(s.Links.Path(""), s.assets)))
	if base := s.Links.Path(""); base != "" {
		e.Match(read, base, s.redirectToFront)
	}
	return e, nil
}

func extractor(proxies []*net.IPNet) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, n := range proxies {
		trust = append(trust, echo.TrustIPRange(n))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
