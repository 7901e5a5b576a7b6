// Package signin is the relying party of OpenID Connect: discovery of providers,
// the authorization code flow, the session cookies, and the parsing of domains
// and redirect targets.
//
// It stores nothing: an attempt and its result are values that the caller keeps.
// It makes every check of the code flow that a relying party can make, beyond
// those of the libraries; the comments name the rules of internal/behaviour.md
// (O-1 to O-22, I-1 to I-16). A provider is trusted for its own users only, and
// any provider may be hostile to the others.
//
// # Differences from OpenID Connect Core
//
// What Core 3.1.3.7 and 5.3 leave optional is not required: azp with one audience,
// at_hash, nbf, acr, sid, every claim of a profile, the userinfo endpoint and its
// response. An optional claim for display, and an auth_time that was not requested,
// with the wrong JSON type count as absent. The typ of the token's header is not read.
// The package is stricter than Core where that rules out an attack:
//
//   - iss is compared byte for byte, also with its slash at the end (3.1.3.7 step 2; no
//     difference).
//   - Several audiences are accepted only with an azp that is our client (steps 3 to 5;
//     Core says "trusted by the client"). An azp of another client is refused also with
//     one audience: that token was issued to somebody else.
//   - The signature is verified though the token comes over TLS (step 6), by a key for
//     signatures: RSA from 2048 bits, a NIST curve or Ed25519.
//   - Algorithms are those that the provider lists, without none and HMAC (steps 7 and
//     8), or a public key could serve as a shared secret. Without a list it is RS256.
//   - exp has a grace of one minute, iat and nbf of two (steps 9 and 10). iat must not
//     be before the attempt, and the nonce, which is always sent, is required (step 11): a
//     token made before cannot be the answer to it.
//   - auth_time is required if max_age was requested (step 13), acr is never requested.
//   - at_hash is checked if it is there (3.1.3.8), or the access token could be another
//     person's.
//   - A payload with a name twice or in different case is refused, because programs read
//     it in different ways. sub, iss, aud, azp, exp, iat, nbf, nonce and at_hash with the
//     wrong JSON type are refused.
//   - Userinfo must have the sub of the ID token (5.3.4): another sub ends the sign-in,
//     because the access token is another person's. A response that cannot be used is
//     logged and ignored, unless the address or the claim of the guest rule is missing in
//     the ID token: signing in without them would erase a known address, create a second
//     person for one added before, or admit a guest.
//   - Userinfo as a JWT (5.3.2) counts as unreadable: it is sent only to clients that have
//     registered for it. Aggregated claims are ignored, distributed ones never fetched.
//   - An endpoint at a foreign host is refused until an administrator confirms it, also
//     an optional one, or codes and access tokens could be collected there (O-5).
package signin
