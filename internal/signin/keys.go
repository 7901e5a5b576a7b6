package signin

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	// minRefetch is the minimum time between two fetches caused by unknown keys.
	minRefetch = time.Minute
	maxKeys    = 64 // of a key set; further ones are ignored
	// Smaller RSA keys can be broken, larger ones take long to verify.
	minRSABits, maxRSABits = 2048, 8192
)

// keySet is a provider's key set (RFC 7517). It implements oidc.KeySet. Unlike the
// library's, it skips keys that cannot be parsed or are too weak instead of
// failing, and limits how often unknown keys cause a fetch.
type keySet struct {
	client  *http.Client
	address string
	now     func() time.Time
	fetches singleflight.Group

	mu        sync.Mutex
	keys      []jose.JSONWebKey
	fetched   bool      // at least once
	refetched time.Time // the last fetch caused by an unknown key
}

// VerifySignature returns the payload of a token that one of the keys signed.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256,
		jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA})
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("the token has no signature with an accepted algorithm")
	}
	header := signed.Signatures[0].Header
	for _, refetch := range []bool{false, true} {
		keys, err := k.get(ctx, refetch)
		if err != nil {
			return nil, errors.New(hideNetwork(err)) // go-oidc keeps the text only
		}
		for _, key := range keys {
			if header.KeyID != "" && key.KeyID != "" && key.KeyID != header.KeyID ||
				key.Algorithm != "" && key.Algorithm != header.Algorithm {
				continue
			}
			if payload, err := signed.Verify(key.Key); err == nil {
				return payload, nil
			}
		}
	}
	return nil, errNoKey
}

// get returns the keys. It fetches them the first time and, with refetch, if the
// last refetch was more than a minute ago.
func (k *keySet) get(ctx context.Context, refetch bool) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	keys, now := k.keys, k.now()
	fresh := k.fetched && (!refetch || isWithin(now, k.refetched, minRefetch))
	k.mu.Unlock()
	if fresh {
		return keys, nil
	}
	return shareCall(ctx, &k.fetches, "", func(ctx context.Context) ([]jose.JSONWebKey, error) {
		keys, err := k.fetch(ctx)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.keys, k.fetched = keys, true
		if refetch {
			k.refetched = now
		}
		return keys, nil
	})
}

// fetch reads the key set from its address, without unusable keys.
func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := getJSON(ctx, k.client, k.address, "", &set); err != nil {
		return nil, err
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err == nil && isUsable(key) && len(keys) < maxKeys {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// isUsable reports whether a key may verify tokens: a public key, not for
// encryption, of an acceptable size.
func isUsable(key jose.JSONWebKey) bool {
	if !key.IsPublic() || key.Use == "enc" {
		return false
	}
	if r, ok := key.Key.(*rsa.PublicKey); ok {
		return r.N.BitLen() >= minRSABits && r.N.BitLen() <= maxRSABits
	}
	return true
}
