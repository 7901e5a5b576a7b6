package web

import (
	"net/http"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// door is who may pass to a handler.
type door int

// The doors. Each includes those before it.
const (
	public    door = iota // anybody
	hosted                // the domain in the path is a tenant's
	inside                // somebody is signed in whom the tenant admits
	adminPage             // and whose roles allow the route's action
)

// route is one line of the table of everything that the portal answers.
type route struct {
	method, path string
	door         door
	handle       func(*visit) error
	// page turns the path of a form's action into that of the page with the
	// form, where somebody is brought whose session had ended.
	page func(string) string
	// action is what the roles of somebody must allow at the door admin, and of
	// the kind of thing in the path whose catalog they must allow it in.
	action access.Action
	of     object
}

// object is the kind of thing that an id in the path names.
type object int

// The objects. The catalog of each is found by the door.
const (
	ofTenant     object = iota // no object: an action on the tenant, or a list
	ofCatalog                  // :id is a catalog
	ofPackage                  // :id is an access package
	ofRequest                  // :id is a request
	ofAssignment               // :id is an assignment
)

// form makes a route of a form: its page at path, and posting to the same.
func form(path string, action access.Action, of object, show, post func(*visit) error) []route {
	return []route{
		{method: http.MethodGet, path: path, door: adminPage, handle: show, action: action, of: of},
		{method: http.MethodPost, path: path, door: adminPage, handle: post, page: samePath, action: action, of: of},
	}
}

// read makes the route of a page of administrators.
func read(path string, action access.Action, of object, show func(*visit) error) route {
	return route{method: http.MethodGet, path: path, door: adminPage, handle: show, action: action, of: of}
}

// act makes the route of a button of administrators, whose page is at the path
// without its last part.
func act(path string, action access.Action, of object, post func(*visit) error) route {
	return route{method: http.MethodPost, path: path, door: adminPage, handle: post, action: action, of: of,
		page: func(p string) string { return p[:strings.LastIndexByte(p, '/')] }}
}

func samePath(p string) string { return p }

// adminHome is where the pages of administrators begin.
const adminHome = "/@:domain/admin"

// adminRoutes is the part of the table for administrators, by area.
func adminRoutes() []route {
	return slices.Concat(
		[]route{read(adminHome+"/", access.SeeAdmin, ofTenant, showAdmin), read(adminHome+"/pick", access.FindPeople,
			ofTenant, showPicked)},
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

// homePath is a tenant's start page.
const homePath = "/@:domain/"

// routes is the table. What is not in it is not found.
func routes() []route {
	return slices.Concat(portalRoutes(), adminRoutes())
}

func portalRoutes() []route {
	without := func(suffix string) func(string) string {
		return func(p string) string { return strings.TrimSuffix(p, suffix) }
	}
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{method: get, path: "/", door: public, handle: showFront},
		{method: post, path: "/sign-in", door: public, handle: postFront, page: samePath},
		{method: get, path: "/auth/callback/:id", door: public, handle: finishSignIn},
		{method: get, path: "/auth/signed-out", door: public, handle: showSignedOut},
		{method: post, path: "/sign-out", door: public, handle: signOut, page: samePath},
		{method: get, path: "/healthz", door: public, handle: health},
		{method: get, path: "/readyz", door: public, handle: ready},
		{method: get, path: "/robots.txt", door: public, handle: robots},

		{method: get, path: "/%40:domain", door: public, handle: plainAt},
		{method: get, path: "/@:domain", door: hosted, handle: addSlash},
		{method: get, path: "/@:domain/sign-in", door: hosted, handle: showSignIn},
		{method: post, path: "/@:domain/sign-in", door: hosted, handle: postSignIn, page: samePath},
		{method: get, path: "/@:domain/sign-in/code", door: hosted, handle: showCode},
		{method: post, path: "/@:domain/sign-in/code", door: hosted, handle: postCode, page: samePath},

		{method: get, path: "/@:domain/setup/:token", door: inside, handle: showSetup},
		{method: post, path: "/@:domain/setup/:token", door: inside, handle: postSetup, page: samePath},

		{method: get, path: "/@:domain/", door: inside, handle: showOverview},
		{method: get, path: "/@:domain/access-packages", door: inside, handle: showPackages},
		{method: get, path: "/@:domain/access-packages/:id", door: inside, handle: showPackage},
		{method: post, path: "/@:domain/access-packages/:id/requests", door: inside, handle: submit,
			page: without("/requests")},
		{method: get, path: "/@:domain/requests", door: inside, handle: showRequests},
		{method: get, path: "/@:domain/requests/:id", door: inside, handle: showRequest},
		{method: post, path: "/@:domain/requests/:id/cancel", door: inside, handle: cancel, page: without("/cancel")},
		{method: get, path: "/@:domain/approvals", door: inside, handle: showApprovals},
		{method: post, path: "/@:domain/approvals", door: inside, handle: decideSeveral, page: samePath},
		{method: get, path: "/@:domain/approvals/:id", door: inside, handle: showApproval},
		{method: post, path: "/@:domain/approvals/:id", door: inside, handle: decide, page: samePath},
	}
}
