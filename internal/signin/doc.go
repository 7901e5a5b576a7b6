// Package signin speaks OpenID Connect with the directories' providers, and
// knows which provider a person belongs to.
//
// It is the protocol and nothing else: an attempt and what came of it are
// values, and others keep them. Every check of the code flow that a relying
// party can make is made here, by us, on top of what the libraries check:
// rules O-1 to O-21 and I-1 to I-7 of the product's security rules name them.
// A provider is trusted for its own people and for nothing else; any of them
// may be hostile to the others.
package signin
