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
	keysAtMost = time.Minute // how often keys are fetched again for one that is not known
	mostKeys   = 64          // how many are tried
	// Sizes of RSA keys: smaller ones can be broken, larger ones take long.
	leastBits, mostBits = 2048, 8192
)

// keySet is a provider's key set (RFC 7517). It implements oidc.KeySet. A key
// that we cannot read or would not trust does not spoil the others, and the set
// is fetched again for a key that is not known at most once a minute.
type keySet struct {
	client  *http.Client
	address string
	now     func() time.Time
	flights singleflight.Group

	mu    sync.Mutex
	keys  []jose.JSONWebKey
	known bool      // fetched at least once
	again time.Time // when it was last fetched for a key that was not known
}

// VerifySignature returns the payload of a token that one of the keys signed.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256,
		jose.PS384,
		jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA})
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("the token is not signed as it must be")
	}
	header := signed.Signatures[0].Header
	for _, unknown := range []bool{false, true} {
		keys, err := k.current(ctx, unknown)
		if err != nil {
			return nil, err
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

// current returns the keys, fetched now if there are none yet, or if one was
// met that is not known and they were not fetched for that within the last
// minute.
func (k *keySet) current(ctx context.Context, unknown bool) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	keys, now := k.keys, k.now()
	enough := k.known && (!unknown || within(now, k.again, keysAtMost))
	k.mu.Unlock()
	if enough {
		return keys, nil
	}
	return await(ctx, &k.flights, "", func(ctx context.Context) ([]jose.JSONWebKey, error) {
		keys, err := k.fetch(ctx)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.keys, k.known = keys, true
		if unknown {
			k.again = now
		}
		return keys, nil
	})
}

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
		if err := key.UnmarshalJSON(raw); err == nil && fit(key) && len(keys) < mostKeys {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// fit reports whether a key may sign tokens for us: a public one, not for
// encryption, of a size that is neither weak nor a burden.
func fit(key jose.JSONWebKey) bool {
	if !key.IsPublic() || key.Use == "enc" {
		return false
	}
	if r, ok := key.Key.(*rsa.PublicKey); ok {
		return r.N.BitLen() >= leastBits && r.N.BitLen() <= mostBits
	}
	return true
}
