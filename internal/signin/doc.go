// Package signin is the relying party of OpenID Connect: discovery of providers,
// the authorization code flow, the session cookies, and the parsing of domains
// and redirect targets.
//
// It stores nothing: an attempt and its result are values that the caller keeps.
// It makes every check of the code flow that a relying party can make, beyond
// those of the libraries; the comments name the rules of internal/behaviour.md
// (O-1 to O-21, I-1 to I-12). A provider is trusted for its own users only, and
// any provider may be hostile to the others.
package signin
