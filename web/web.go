// Package web is what browsers talk to: the routes with the door that each
// stands behind, the forms, and the functions that fill the pages of package
// views. Handlers read what was typed into values, call one use case or read,
// and answer; they judge nothing. Package access judges, and the one place that
// turns its refusals into answers is errors.go.
package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/static"
)

// Config is what the pages need.
type Config struct {
	Store     *store.Reader
	Lifecycle *lifecycle.Lifecycle
	Admin     *admin.Admin
	SignIn    *signin.SignIn
	Base      string // the portal's address, without a slash at the end
	Secret    []byte // of the installation, at least 16 bytes
	Now       func() time.Time
	Log       *slog.Logger
	// Ready reports whether the portal can do its work.
	Ready func(context.Context) error
	// Proxies are the networks whose X-Forwarded-For is believed; none if nil.
	Proxies []*net.IPNet
	// Rate is how many requests a second one client may make; bursts may be
	// five times as large. 0 is 40.
	Rate float64
}

// server has what every handler shares.
type server struct {
	Config
	cookies *signin.Cookies
	csrfKey []byte
	box     cipher.AEAD // for secrets that go along in forms
	assets  *static.Assets
	clients *limiter
	starts  *limiter
	buffers *buffers
	zones   *zones
	guard   *http.CrossOriginProtection
	// printer makes printers; tests print in the pseudo language.
	printer func(tag string, zone *time.Location) *lang.Printer
}

// New returns the handler of the portal.
func New(c Config) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return s.handler(), nil
}

func newServer(c Config) (*server, error) {
	cookies, err := signin.NewCookies(c.Secret)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, c.Secret, nil, "myaccess forms", 32)
	if err != nil {
		return nil, err
	}
	box, err := newBox(c.Secret)
	if err != nil {
		return nil, err
	}
	assets, err := static.New()
	if err != nil {
		return nil, err
	}
	if c.Rate == 0 {
		c.Rate = 40
	}
	return &server{Config: c, cookies: cookies, csrfKey: key, box: box, assets: assets,
		guard: http.NewCrossOriginProtection(), printer: lang.New,
		clients: newLimiter(c.Rate, c.Now), starts: newLimiter(c.Rate/20, c.Now), buffers: newBuffers(), zones: &zones{}}, nil
}

// handler opens the doors of the table.
func (s *server) handler() http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = extractor(s.Proxies)
	e.HTTPErrorHandler = s.answerError
	e.Use(s.headers, s.limits, noOptions, s.sameOrigin)
	for _, r := range routes() {
		e.Add(r.method, r.path, s.open(r))
		if r.method == http.MethodGet {
			e.HEAD(r.path, s.open(r))
		}
	}
	e.Match([]string{http.MethodGet, http.MethodHead}, static.Prefix+":name", echo.WrapHandler(s.assets))
	return e
}

// newBox is the cipher for secrets that go along in forms.
func newBox(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "myaccess secrets in forms", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
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
