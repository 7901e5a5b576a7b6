// Package e2e tests the built binary from the outside: `serve` with an
// independent OpenID Provider for each organization (oidc-provider), a real mail
// server, and headless Chromium. TestLayout measures every page in the browser, in
// languages that the program does not have. It is the only part that needs Node. `make
// screenshots` leaves screenshots of every page in artifacts/screenshots.
package e2e
