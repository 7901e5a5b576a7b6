// Package e2e tests the built binary from the outside: `serve` with an
// independent OpenID Provider for each organisation (oidc-provider), a real mail
// server, and headless Chromium. It is the only part that needs Node. Screenshots
// of every page are left in artifacts/screenshots at the top of the project.
package e2e
