package kit

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"myaccess/internal/access"
)

// setHeaders sets the security headers of every answer.
func (s *Server) setHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	secure := strings.HasPrefix(s.Base, "https://")
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		if !s.Links.isStatic(c.Request().URL.Path) {
			h.Set("Cache-Control", "no-store")
		}
		return next(c)
	}
}

// refuseOptions answers OPTIONS with 405, so that it does not list the methods
// of a path.
func refuseOptions(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method == http.MethodOptions {
			return echo.MethodNotAllowedHandler(c)
		}
		return next(c)
	}
}

// refuseCrossSite refuses forms that the browser says another site has sent.
func (s *Server) refuseCrossSite(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.crossOrigin.Check(c.Request()) != nil {
			return csrfError()
		}
		return next(c)
	}
}

// limitRate refuses clients that send too many requests.
func (s *Server) limitRate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.Links.isStatic(c.Request().URL.Path) {
			return next(c)
		}
		if wait := s.clients.wait(c.RealIP()); wait > 0 {
			c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
			return echo.NewHTTPError(http.StatusTooManyRequests)
		}
		return next(c)
	}
}

// StartWait is how long the client must wait before it may start a sign-in or
// test a provider; 0 if it may now.
func (c *Context) StartWait(client string) time.Duration { return c.starts.wait(client) }

// CheckStart refuses a client that starts too many sign-ins, and says how long to wait.
func (c *Context) CheckStart() error {
	wait := c.StartWait(c.RealIP())
	if wait == 0 {
		return nil
	}
	c.retryAfter(wait)
	return access.Refuse(access.TooManyRequests, "Too many sign-in attempts. Wait a moment and try again.")
}

// ClientNetwork is the network that the request comes from, as limits count it.
func ClientNetwork(c *Context) string { return rateKey(c.RealIP()) }

// maxClients is the maximum number of clients that a limiter counts one by one: about
// 20 MB. While there are more, all others count as one.
const maxClients = 100_000

// otherClients are the clients beyond maxClients.
const otherClients = ""

// limiter limits the rate of requests per client (rateKey).
type limiter struct {
	rate float64
	now  func() time.Time

	mu      sync.Mutex
	clients map[string]*rate.Limiter
	swept   time.Time
}

// rateKey is what a limiter counts a client by: an IPv6 address by its /64, which
// is the smallest network that one customer gets, an IPv4 address by itself,
// however it is written, and anything else as it is.
func rateKey(client string) string {
	a, err := netip.ParseAddr(client)
	if err != nil {
		return client
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

func newLimiter(perSecond float64, now func() time.Time) *limiter {
	return &limiter{rate: perSecond, now: now, clients: map[string]*rate.Limiter{}}
}

// wait is how long the client must wait; 0 if it may go on, which counts as a
// request.
func (l *limiter) wait(client string) time.Duration {
	client = rateKey(client)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	full := len(l.clients) >= maxClients
	if now.Sub(l.swept) > time.Minute || full && now.Sub(l.swept) > time.Second { // forget idle clients
		for name, c := range l.clients {
			if c.TokensAt(now) >= float64(c.Burst()) {
				delete(l.clients, name)
			}
		}
		l.swept = now
	}
	c := l.clients[client]
	if c == nil && len(l.clients) >= maxClients {
		client = otherClients
		c = l.clients[client]
	}
	if c == nil {
		c = rate.NewLimiter(rate.Limit(l.rate), int(5*l.rate)+1)
		l.clients[client] = c
	}
	r := c.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
