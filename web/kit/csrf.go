package kit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"myaccess/internal/access"
)

// SecretField is the one field of forms whose text is never shown again.
const SecretField = "provider.clientSecret"

// sealSecret replaces a secret that was typed by its sealed form, which goes along in
// a hidden field of this session.
func (c *Context) sealSecret(typed url.Values) {
	if secret := typed.Get(SecretField); secret != "" {
		typed.Set("sealed", c.seal(secret))
	}
	typed.Del(SecretField)
}

// seal encrypts text so that only this session can bring it back.
func (c *Context) seal(text string) string {
	return base64.RawURLEncoding.EncodeToString(c.formCipher.Seal(nil, nil, []byte(text), []byte(c.SessionKey)))
}

// Unseal is the reverse of seal; empty for what this session has not sealed.
func (c *Context) Unseal(sealed string) string {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return ""
	}
	text, err := c.formCipher.Open(nil, nil, raw, []byte(c.SessionKey))
	if err != nil {
		return ""
	}
	return string(text)
}

// checkCSRF refuses a form that is not of this session.
func (c *Context) checkCSRF() error {
	if c.SessionKey == "" { // forms of nobody: typing an address, signing out
		return nil
	}
	if !hmac.Equal([]byte(c.Request().PostForm.Get("csrf")), []byte(c.csrfToken())) {
		return csrfError()
	}
	return nil
}

// csrfToken is the token that forms of the session carry: a proof of the session
// and, for a form that outlives it, the account with a proof of its own.
func (c *Context) csrfToken() string {
	if c.SessionKey == "" {
		return ""
	}
	return c.mac("session "+c.SessionKey) + "." + c.signedAccount(c.Account.ID)
}

// signedAccount is an account with the proof that it had a session.
func (c *Context) signedAccount(a access.AccountID) string {
	return string(a) + "." + c.mac("account "+string(a))
}

func (c *Context) mac(of string) string {
	m := hmac.New(sha256.New, c.csrfKey)
	m.Write([]byte(of))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// formAccount is the account of the session that a form was made in, which may
// have ended since; empty if the form was made in none.
func (c *Context) formAccount() access.AccountID {
	_, stamp, _ := strings.Cut(c.FormText("csrf"), ".")
	account, _, _ := strings.Cut(stamp, ".")
	if !hmac.Equal([]byte(stamp), []byte(c.signedAccount(access.AccountID(account)))) {
		return ""
	}
	return access.AccountID(account)
}

// newFormCipher is the cipher for secrets that go along in forms.
func newFormCipher(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "myaccess secrets in forms", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
