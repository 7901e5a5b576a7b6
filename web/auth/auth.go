// Package auth is the front page, signing in and out, and becoming the first
// administrator.
package auth

import (
	"net/http"
	"strings"

	"myaccess/web/kit"
)

// Routes are the front page, sign-in, sign-out and first set-up.
func Routes() []kit.Route {
	get, post := http.MethodGet, http.MethodPost
	return []kit.Route{
		{Method: get, Path: "/", Level: kit.Public, Handle: showFront},
		{Method: post, Path: "/sign-in", Level: kit.Public, Handle: postFront, FormPage: kit.SamePath},
		{Method: get, Path: "/auth/callback/:id", Level: kit.Public, Handle: finishSignIn},
		{Method: post, Path: "/auth/replace", Level: kit.Public, Handle: postReplace,
			FormPage: func(p string) string { return strings.TrimSuffix(p, "auth/replace") }},
		{Method: get, Path: "/auth/signed-out", Level: kit.Public, Handle: showSignedOut},
		{Method: post, Path: "/sign-out", Level: kit.Public, Handle: signOut, FormPage: kit.SamePath,
			EndsSession: true},

		{Method: get, Path: "/@:domain", Level: kit.TenantPage, Handle: redirectToSlash},
		{Method: get, Path: "/@:domain/sign-in", Level: kit.TenantPage, Handle: showSignIn},
		{Method: post, Path: "/@:domain/sign-in", Level: kit.TenantPage, Handle: postSignIn, FormPage: kit.SamePath},
		{Method: get, Path: "/@:domain/sign-in/code", Level: kit.TenantPage, Handle: showCode},
		{Method: post, Path: "/@:domain/sign-in/code", Level: kit.TenantPage, Handle: postCode, FormPage: kit.SamePath},

		{Method: get, Path: "/@:domain" + kit.ConfirmPath, Level: kit.TenantPage, Handle: showConfirm},
		{Method: post, Path: "/@:domain" + kit.ConfirmPath, Level: kit.TenantPage, Handle: postConfirm,
			FormPage: kit.SamePath},

		{Method: get, Path: "/@:domain/merges/:id", Level: kit.SignedIn, Handle: showMerge},
		{Method: post, Path: "/@:domain/merges/:id", Level: kit.SignedIn, Handle: postMerge, FormPage: kit.SamePath},

		{Method: get, Path: "/@:domain/setup/:token", Level: kit.SignedIn, Handle: showSetup},
		{Method: post, Path: "/@:domain/setup/:token", Level: kit.SignedIn, Handle: postSetup, FormPage: kit.SamePath},
	}
}
