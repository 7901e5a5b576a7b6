package demo

import (
	"net"
	"net/http"
	"net/url"
	"slices"
)

// maxForm is the size of the biggest form, in bytes.
const maxForm = 64 << 10

// guarded lets only this machine's own browsers in. A page elsewhere could point
// a name of its own at a loopback address (DNS rebinding): its requests carry
// that name. It could send forms across: those carry its origin.
func (d *Demo) guarded(next http.Handler) http.Handler {
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

// ownHosts are the names by which a loopback server may be called.
func ownHosts(raw string) []string {
	u, err := url.Parse(raw)
	if err != nil {
		return nil // New has refused it
	}
	return []string{u.Host, net.JoinHostPort("localhost", u.Port()), net.JoinHostPort("127.0.0.1", u.Port()),
		net.JoinHostPort("::1", u.Port())}
}

// policy is the Content-Security-Policy of a page, with further sources of
// styles and places that its forms may lead on to.
func policy(styles, actions string) string {
	return "default-src 'none'; style-src 'self' " + styles + "; img-src 'self' data:; frame-src 'self'; form-action " +
		"'self' " + actions +
		"; frame-ancestors 'none'; base-uri 'self'"
}
