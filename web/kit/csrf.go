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

// SecretField is the field for a client secret. Its value is never sent back to
// the browser in plain text.
const SecretField = "provider.clientSecret"

// sealSecret replaces a typed secret by its encrypted form, which travels in
// the hidden field "sealed".
func (c *Context) sealSecret(typed url.Values) {
	if secret := typed.Get(SecretField); secret != "" {
		typed.Set("sealed", c.seal(secret))
	}
	typed.Del(SecretField)
}

// seal encrypts text so that only this session can decrypt it.
func (c *Context) seal(text string) string {
	return base64.RawURLEncoding.EncodeToString(c.formCipher.Seal(nil, nil, []byte(text), []byte(c.SessionKey)))
}

// Unseal decrypts what seal has encrypted in this session; empty for anything
// else.
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

// checkCSRF refuses a form without the CSRF token of this session.
func (c *Context) checkCSRF() error {
	if c.SessionKey == "" { // forms before sign-in have no token
		return nil
	}
	given, want := c.Request().PostForm.Get("csrf"), c.csrfToken()
	if c.SessionFault != nil { // the account is not known
		given, _, _ = strings.Cut(given, ".")
		want, _, _ = strings.Cut(want, ".")
	}
	if !hmac.Equal([]byte(given), []byte(want)) {
		return csrfError()
	}
	return nil
}

// csrfToken is the token in the forms of this session: a MAC of the session,
// and the signed account. The account lets a form that outlives its session be
// kept for the same account.
func (c *Context) csrfToken() string {
	if c.SessionKey == "" {
		return ""
	}
	return c.mac("session "+c.SessionKey) + "." + c.signedAccount(c.Account.ID)
}

// signedAccount is the account's id with its MAC.
func (c *Context) signedAccount(a access.AccountID) string {
	return string(a) + "." + c.mac("account "+string(a))
}

func (c *Context) mac(of string) string {
	m := hmac.New(sha256.New, c.csrfKey)
	m.Write([]byte(of))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// formAccount is the account of the session in which the form was rendered,
// which may have ended since; empty if there was none.
func (c *Context) formAccount() access.AccountID {
	_, stamp, _ := strings.Cut(c.FormText("csrf"), ".")
	account, _, _ := strings.Cut(stamp, ".")
	if !hmac.Equal([]byte(stamp), []byte(c.signedAccount(access.AccountID(account)))) {
		return ""
	}
	return access.AccountID(account)
}

// newFormCipher returns the cipher for secrets in hidden fields.
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
