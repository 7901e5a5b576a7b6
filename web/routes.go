package web

import (
	"net/http"
	"strings"
)

// door is who may pass to a handler.
type door int

// The doors. Each includes those before it.
const (
	public door = iota // anybody
	hosted             // the domain in the path is a tenant's
	inside             // somebody is signed in whom the tenant admits
)

// route is one line of the table of everything that the portal answers.
type route struct {
	method, path string
	door         door
	handle       func(*visit) error
	// page turns the path of a form's action into that of the page with the
	// form, where somebody is brought whose session had ended.
	page func(string) string
}

// routes is the table. What is not in it is not found.
func routes() []route {
	same := func(p string) string { return p }
	without := func(suffix string) func(string) string {
		return func(p string) string { return strings.TrimSuffix(p, suffix) }
	}
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{get, "/", public, showFront, nil},
		{post, "/sign-in", public, postFront, same},
		{get, "/auth/callback/:id", public, finishSignIn, nil},
		{get, "/auth/signed-out", public, showSignedOut, nil},
		{post, "/sign-out", public, signOut, same},
		{get, "/healthz", public, health, nil},
		{get, "/readyz", public, ready, nil},
		{get, "/robots.txt", public, robots, nil},

		{get, "/@:domain", hosted, addSlash, nil},
		{get, "/@:domain/sign-in", hosted, showSignIn, nil},
		{post, "/@:domain/sign-in", hosted, postSignIn, same},

		{get, "/@:domain/", inside, showOverview, nil},
		{get, "/@:domain/access-packages", inside, showPackages, nil},
		{get, "/@:domain/access-packages/:id", inside, showPackage, nil},
		{post, "/@:domain/access-packages/:id/requests", inside, submit, without("/requests")},
		{get, "/@:domain/requests", inside, showRequests, nil},
		{get, "/@:domain/requests/:id", inside, showRequest, nil},
		{post, "/@:domain/requests/:id/cancel", inside, cancel, without("/cancel")},
		{get, "/@:domain/approvals", inside, showApprovals, nil},
		{post, "/@:domain/approvals", inside, decideSeveral, same},
		{get, "/@:domain/approvals/:id", inside, showApproval, nil},
		{post, "/@:domain/approvals/:id", inside, decide, same},
	}
}
