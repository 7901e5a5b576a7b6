package admin

import (
	"net/http"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// formRoutes makes a route of a form: its page at path, and posting to the same.
func formRoutes(path string, action access.Action, of kit.Object, show, post func(*kit.Context) error) []kit.Route {
	return []kit.Route{
		{Method: http.MethodGet, Path: path, Level: kit.AdminPage, Handle: show, Action: action, Of: of},
		{Method: http.MethodPost, Path: path, Level: kit.AdminPage, Handle: post, FormPage: kit.SamePath, Action: action,
			Of: of},
	}
}

// pageRoute makes the route of a page of administrators.
func pageRoute(path string, action access.Action, of kit.Object, show func(*kit.Context) error) kit.Route {
	return kit.Route{Method: http.MethodGet, Path: path, Level: kit.AdminPage, Handle: show, Action: action, Of: of}
}

// actionRoute makes the route of a button of administrators, whose page is at the path
// without its last part.
func actionRoute(path string, action access.Action, of kit.Object, post func(*kit.Context) error) kit.Route {
	return kit.Route{Method: http.MethodPost, Path: path, Level: kit.AdminPage, Handle: post, Action: action, Of: of,
		FormPage: func(p string) string { return p[:strings.LastIndexByte(p, '/')] }}
}

// root is where the pages of administrators begin.
const root = "/@:domain/admin"

// Routes is the part of the table for administrators, by area.
func Routes() []kit.Route {
	return slices.Concat(
		[]kit.Route{pageRoute(root+"/", access.SeeAdmin, kit.OfTenant, showOverview),
			pageRoute(root+"/pick", access.FindPeople,
				kit.OfTenant, showPicked)},
		catalogRoutes(),
		organizationRoutes(),
		providerRoutes(),
		personRoutes(),
		entryRoutes(),
		requestRoutes(),
		assignmentRoutes(),
		assignRoutes(),
		policyRoutes(),
		roleRoutes(),
		settingRoutes(),
		packageRoutes(),
	)
}
