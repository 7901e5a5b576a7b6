package signintest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// Key is a signing key.
type Key struct {
	ID        string
	Algorithm jose.SignatureAlgorithm
	Use       string // sig, unless a test changes it
	private   crypto.Signer
}

// NewKey generates a key on the curve P-256.
func NewKey(t testing.TB, id string) Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, jose.ES256, "sig", private}
}

// NewRSAKey generates an RSA key.
func NewRSAKey(t testing.TB, id string, bits int) Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, jose.RS256, "sig", private}
}

// NewEdKey generates an Ed25519 key.
func NewEdKey(t testing.TB, id string) Key {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, jose.EdDSA, "sig", private}
}

// Public returns the public key for a key set.
func (k Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.ID, Algorithm: string(k.Algorithm), Use: k.Use}
}

// Sign returns a token signed with the key.
func (k Key) Sign(payload []byte) string { return sign(k.Algorithm, k.private, k.ID, payload) }

// SignAs is like Sign, with another key id in the header, or none.
func (k Key) SignAs(id string, payload []byte) string {
	return sign(k.Algorithm, k.private, id, payload)
}

// SignWith is like Sign, with another algorithm.
func (k Key) SignWith(a jose.SignatureAlgorithm, payload []byte) string {
	return sign(a, k.private, k.ID, payload)
}

// SignShowing is like Sign, with the public key (jwk) and an address of keys (jku) in
// the header, which a client must ignore.
func (k Key) SignShowing(payload []byte) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: k.Algorithm, Key: k.private},
		&jose.SignerOptions{EmbedJWK: true, ExtraHeaders: map[jose.HeaderKey]any{"jku": "http://127.0.0.1:1/keys"}})
	return serialized(s, err, payload)
}

// Shared returns a token authenticated with HMAC and a shared secret.
func Shared(secret []byte, id string, payload []byte) string {
	return sign(jose.HS256, secret, id, payload)
}

// Unsigned returns a token with the algorithm none.
func Unsigned(payload []byte) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(`{"alg":"none"}`)) + "." + b.EncodeToString(payload) + "."
}

// AccessHash returns the at_hash of an access token for ID tokens signed with the key.
func (k Key) AccessHash(accessToken string) string {
	if k.Algorithm == jose.EdDSA {
		sum := sha512.Sum512([]byte(accessToken))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	sum := sha256.Sum256([]byte(accessToken))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Foreign returns a key on the curve secp256k1, which Go's libraries cannot parse.
func Foreign() any {
	return Claims{"kty": "EC", "crv": "secp256k1", "use": "sig", "kid": "k1",
		"x": "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis", "y": "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE"}
}

func sign(a jose.SignatureAlgorithm, key any, id string, payload []byte) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: a, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	return serialized(s, err, payload)
}

func serialized(s jose.Signer, err error, payload []byte) string {
	if err != nil {
		panic(err) // the test's algorithm does not fit its key
	}
	signed, err := s.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// text returns n random bytes in hexadecimal.
func text(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
