// Package portal is the pages of requestors and approvers.
package portal

import (
	"net/http"
	"strings"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// personContext is the reader with the facts that policies depend on.
func personContext(c *kit.Context) (access.PersonContext, error) {
	return c.Store.ContextOf(c.Ctx, c.Person)
}

// Routes are the pages of requestors and approvers.
func Routes() []kit.Route {
	without := func(suffix string) func(string) string {
		return func(p string) string { return strings.TrimSuffix(p, suffix) }
	}
	get, post := http.MethodGet, http.MethodPost
	return []kit.Route{
		{Method: get, Path: kit.HomePath, Level: kit.SignedIn, Handle: showOverview},
		{Method: get, Path: "/@:domain/access-packages", Level: kit.SignedIn, Handle: showPackages},
		{Method: get, Path: "/@:domain/access-packages/:id", Level: kit.SignedIn, Handle: showPackage},
		{Method: post, Path: "/@:domain/access-packages/:id/requests", Level: kit.SignedIn, Handle: submitRequest,
			FormPage: without("/requests")},
		{Method: get, Path: "/@:domain/requests", Level: kit.SignedIn, Handle: showRequests},
		{Method: get, Path: "/@:domain/requests/:id", Level: kit.SignedIn, Handle: showRequest},
		{Method: post, Path: "/@:domain/requests/:id/cancel", Level: kit.SignedIn, Handle: cancelRequest,
			FormPage: without("/cancel")},
		{Method: get, Path: "/@:domain/approvals", Level: kit.SignedIn, Handle: showApprovals},
		{Method: post, Path: "/@:domain/approvals", Level: kit.SignedIn, Handle: postBulkDecision, FormPage: kit.SamePath},
		{Method: get, Path: "/@:domain/approvals/:id", Level: kit.SignedIn, Handle: showApproval},
		{Method: post, Path: "/@:domain/approvals/:id", Level: kit.SignedIn, Handle: postDecision, FormPage: kit.SamePath},
	}
}
