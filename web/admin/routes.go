package admin

import (
	"net/http"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// formRoutes are the two routes of a form: showing and submitting it, at one
// path.
func formRoutes(path string, action access.Action, of kit.Object, show, post func(*kit.Context) error) []kit.Route {
	return []kit.Route{
		{Method: http.MethodGet, Path: path, Level: kit.AdminPage, Handle: show, Action: action, Of: of},
		{Method: http.MethodPost, Path: path, Level: kit.AdminPage, Handle: post, FormPage: kit.SamePath, Action: action,
			Of: of},
	}
}

// pageRoute is the route of a page.
func pageRoute(path string, action access.Action, of kit.Object, show func(*kit.Context) error) kit.Route {
	return kit.Route{Method: http.MethodGet, Path: path, Level: kit.AdminPage, Handle: show, Action: action, Of: of}
}

// actionRoute is the route of a button. Its page has the path without the last
// segment.
func actionRoute(path string, action access.Action, of kit.Object, post func(*kit.Context) error) kit.Route {
	return kit.Route{Method: http.MethodPost, Path: path, Level: kit.AdminPage, Handle: post, Action: action, Of: of,
		FormPage: func(p string) string { return p[:strings.LastIndexByte(p, '/')] }}
}

// root is the path of the administrators' pages.
const root = "/@:domain/admin"

// Routes are all routes of administrators.
func Routes() []kit.Route {
	return slices.Concat(
		[]kit.Route{pageRoute(root+"/", access.SeeAdmin, kit.OfTenant, showOverview),
			pageRoute(root+"/pick", access.FindPeople,
				kit.OfTenant, showPicked)},
		catalogRoutes(),
		organizationRoutes(),
		providerRoutes(),
		personRoutes(),
		mergeRoutes(),
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
