// Package web is the browser side as a whole: it joins the route tables of its
// areas, and answers what operators and robots ask. The areas are web/auth
// (signing in), web/portal (requestors and approvers) and web/admin
// (administrators); none imports another. What they share is in web/kit.
package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"myaccess/web/admin"
	"myaccess/web/auth"
	"myaccess/web/kit"
	"myaccess/web/portal"
)

// Config is what the pages need.
type Config = kit.Config

// New returns the handler of all pages.
func New(c Config) (http.Handler, error) {
	s, err := kit.NewServer(c)
	if err != nil {
		return nil, err
	}
	return s.Handler(routes())
}

// routes is the table of everything that is answered, but for static files.
// What is not in it is not found.
func routes() []kit.Route {
	return slices.Concat(systemRoutes(), auth.Routes(), portal.Routes(), admin.Routes())
}

// systemRoutes are for operators and robots.
func systemRoutes() []kit.Route {
	return []kit.Route{
		{Method: http.MethodGet, Path: "/healthz", Level: kit.Public, Handle: showHealth},
		{Method: http.MethodGet, Path: "/readyz", Level: kit.Public, Handle: showReady},
		{Method: http.MethodGet, Path: "/favicon.ico", Level: kit.Public, Handle: showIcon},
		{Method: http.MethodGet, Path: "/robots.txt", Level: kit.Public, Handle: showRobots},
	}
}

// showHealth answers 200 while the process runs.
func showHealth(c *kit.Context) error { return c.String(http.StatusOK, "ok\n") }

// showReady says whether the portal can serve pages: 503 if it cannot. If it can read
// its database and not write to it, it says so with 200: who is signed in can still
// read, which they could not if a load balancer took the portal away.
func showReady(c *kit.Context) error {
	if err := c.Ready(c.Ctx); err != nil {
		c.Log.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	if e := kit.WriteFailure(c); e != nil {
		return c.String(http.StatusOK, fmt.Sprintf("ready to read, not to write since %s, reference %s\n",
			e.Since.UTC().Format(time.RFC3339), e.Reference))
	}
	return c.String(http.StatusOK, "ready\n")
}

// showIcon redirects programs that look for the icon at its traditional address.
func showIcon(c *kit.Context) error { return c.Redirect(http.StatusTemporaryRedirect, kit.IconPath(c)) }

// showRobots asks search engines to stay away.
func showRobots(c *kit.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}
