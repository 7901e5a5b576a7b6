package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// newBox returns the cipher for secrets in the database: AES-256-GCM with a key
// derived from the installation's secret.
func newBox(secret []byte) (cipher.AEAD, error) {
	if len(secret) < 16 {
		return nil, errors.New("the installation's secret has fewer than 16 bytes")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "myaccess database secrets", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts a secret for the row named by context, so that the ciphertext is
// invalid in another row. An empty secret is stored as NULL.
func (r *Reader) seal(secret, context string) any {
	if secret == "" {
		return nil
	}
	return r.box.Seal(nil, nil, []byte(secret), []byte(context))
}

// unseal decrypts what seal returned for the same context.
func (r *Reader) unseal(sealed []byte, context string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := r.box.Open(nil, nil, sealed, []byte(context))
	if err != nil {
		return "", errors.New("a secret in the database cannot be read: was the installation's secret changed?")
	}
	return string(plain), nil
}
