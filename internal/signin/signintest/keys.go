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

// Key is a key to sign with. Public is how it stands in a key set.
type Key struct {
	ID        string
	Algorithm jose.SignatureAlgorithm
	Use       string // sig, or what a test wants
	private   crypto.Signer
}

// NewKey makes a key on the curve P-256.
func NewKey(t testing.TB, id string) Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, jose.ES256, "sig", private}
}

// NewRSAKey makes an RSA key of a size.
func NewRSAKey(t testing.TB, id string, bits int) Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, jose.RS256, "sig", private}
}

// NewEdKey makes an Ed25519 key.
func NewEdKey(t testing.TB, id string) Key {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, jose.EdDSA, "sig", private}
}

// Public is the key as it stands in a key set.
func (k Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.ID, Algorithm: string(k.Algorithm), Use: k.Use}
}

// Sign makes a token that the key has signed.
func (k Key) Sign(payload []byte) string { return sign(k.Algorithm, k.private, k.ID, payload) }

// SignAs makes a token that the key has signed and whose header names another
// key, or none.
func (k Key) SignAs(id string, payload []byte) string {
	return sign(k.Algorithm, k.private, id, payload)
}

// SignWith makes a token that the key has signed by another algorithm.
func (k Key) SignWith(a jose.SignatureAlgorithm, payload []byte) string {
	return sign(a, k.private, k.ID, payload)
}

// SignShowing makes a token that the key has signed and whose header brings the
// key along, for the client to believe.
func (k Key) SignShowing(payload []byte) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: k.Algorithm, Key: k.private},
		&jose.SignerOptions{EmbedJWK: true, ExtraHeaders: map[jose.HeaderKey]any{"jku": "http://127.0.0.1:1/keys"}})
	return serialized(s, err, payload)
}

// Shared makes a token authenticated with a secret that both sides know.
func Shared(secret []byte, id string, payload []byte) string {
	return sign(jose.HS256, secret, id, payload)
}

// Unsigned makes a token that nobody has signed.
func Unsigned(payload []byte) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(`{"alg":"none"}`)) + "." + b.EncodeToString(payload) + "."
}

// AccessHash is the at_hash of an access token for tokens that the key signs.
func (k Key) AccessHash(bearer string) string {
	if k.Algorithm == jose.EdDSA {
		sum := sha512.Sum512([]byte(bearer))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	sum := sha256.Sum256([]byte(bearer))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Foreign is a key that Go's libraries cannot read: one on the curve secp256k1.
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
		panic(err) // a test's key and algorithm that do not fit
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

// text is n random bytes in hexadecimal.
func text(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
