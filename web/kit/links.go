package kit

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/static"
)

// Links builds every address of the portal: links, form targets, redirects and
// cookie paths. Nothing else knows the base path, the path part of the portal's
// address: empty, or such as /access.
type Links struct {
	origin string // scheme and host
	base   string
}

// newLinks parses the portal's address. It fails if a segment of the path has
// other characters than letters, digits and -._~, because signin.SafeTarget
// would refuse every redirect.
func newLinks(address string) (Links, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Links{}, err
	}
	base := strings.TrimSuffix(u.EscapedPath(), "/")
	if safe, ok := signin.SafeTarget("", base+"/"); !ok || safe != base+"/" || strings.Contains(base, "@") {
		return Links{}, errors.New("the path of the portal's address is made of letters, digits and - . _ ~")
	}
	return Links{origin: u.Scheme + "://" + u.Host, base: base}, nil
}

// Path is the path of a page given from the portal's root, such as /sign-out.
func (l Links) Path(fromRoot string) string { return l.base + fromRoot }

// Front is the path of the front page.
func (l Links) Front() string { return l.base + "/" }

// Home is the path of a tenant's pages, without a slash at the end.
func (l Links) Home(d access.Domain) string { return l.base + "/@" + string(d) }

// Absolute is the address of a path that Links has built.
func (l Links) Absolute(path string) string { return l.origin + path }

// FromRoot removes the base path; ok is false if the path is outside of it.
func (l Links) FromRoot(path string) (fromRoot string, ok bool) {
	fromRoot, ok = strings.CutPrefix(path, l.base)
	return fromRoot, ok && strings.HasPrefix(fromRoot, "/")
}

// isStatic reports whether the path is that of a static file.
func (l Links) isStatic(path string) bool {
	fromRoot, ok := l.FromRoot(path)
	return ok && strings.HasPrefix(fromRoot, static.Prefix)
}

// asset is the path of a static file.
func (c *Context) asset(name string) string { return c.Links.Path(c.assets.Path(name)) }

// PagePath is the path of a page of the tenant, built from its segments.
// Outside a tenant it is a page of the installation.
func (c *Context) PagePath(parts ...string) string { return c.Home + "/" + strings.Join(parts, "/") }

// AdminPath is the path of an administrators' page, built from its segments
// after /admin/.
func (c *Context) AdminPath(parts ...string) string {
	return c.Home + "/admin/" + strings.Join(parts, "/")
}

// SafeRedirect returns raw in normal form if it is a path of the portal that a
// browser may be redirected to; empty otherwise.
func (c *Context) SafeRedirect(raw string) string {
	target, ok := signin.SafeTarget(c.Links.base, raw)
	if _, ours := c.Links.FromRoot(target); !ok || !ours {
		return ""
	}
	return target
}

// currentURL is the path and query of the request as a target to return to;
// empty if SafeRedirect refuses it.
func (c *Context) currentURL() string {
	return c.SafeRedirect(c.Request().URL.RequestURI())
}

// redirectToFront redirects the base path without a slash to the front page.
func (s *Server) redirectToFront(ec echo.Context) error {
	return ec.Redirect(http.StatusPermanentRedirect, s.Links.Front())
}
