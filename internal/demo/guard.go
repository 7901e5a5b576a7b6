package demo

import (
	"net"
	"net/http"
	"net/url"
	"slices"
)

// maxForm is the maximum size of a form, in bytes.
const maxForm = 64 << 10

// checkOrigin refuses requests with a foreign Host (DNS rebinding: a foreign
// page points its own name at a loopback address) and posts with a foreign
// Origin.
func (d *Demo) checkOrigin(next http.Handler) http.Handler {
	hosts := ownHosts(d.config.ConsoleURL)
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy("", d.config.PortalURL))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if !slices.Contains(hosts, r.Host) {
			http.Error(w, "This console has another name.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// ownHosts returns the accepted Host values of a loopback server.
func ownHosts(raw string) []string {
	u, err := url.Parse(raw)
	if err != nil {
		return nil // checked by New
	}
	return []string{u.Host, net.JoinHostPort("localhost", u.Port()), net.JoinHostPort("127.0.0.1", u.Port()),
		net.JoinHostPort("::1", u.Port())}
}

// policy returns the Content-Security-Policy of a page, with additional style
// sources and form targets.
func policy(styles, actions string) string {
	return "default-src 'none'; style-src 'self' " + styles + "; img-src 'self' data:; frame-src 'self'; form-action " +
		"'self' " + actions +
		"; frame-ancestors 'none'; base-uri 'self'"
}
