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
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
)

// SecretField is the field for a client secret. Its value is never sent back to
// the browser in plain text.
const SecretField = "provider.clientSecret"

// sealSecret replaces a typed secret by its encrypted form, which travels in
// the hidden field "sealed".
func (c *Context) sealSecret(typed url.Values) {
	secret := strings.TrimFunc(typed.Get(SecretField), func(r rune) bool {
		return access.IsBlank(r) || access.IsIgnorable(r) // pasted with it
	})
	if secret != "" {
		typed.Set("sealed", c.Seal(secret))
	}
	typed.Del(SecretField)
}

// Seal encrypts text so that only this session can decrypt it.
func (c *Context) Seal(text string) string {
	return base64.RawURLEncoding.EncodeToString(c.formCipher.Seal(nil, nil, []byte(text), []byte(c.SessionKey)))
}

// Unseal decrypts what Seal has encrypted in this session; empty for anything
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
	given := c.Request().PostForm.Get("csrf")
	want := c.csrfTokenOf(stampTime(given))
	if c.SessionFault != nil { // the account is not known
		given, _, _ = strings.Cut(given, ".")
		want, _, _ = strings.Cut(want, ".")
	}
	if !hmac.Equal([]byte(given), []byte(want)) {
		return csrfError()
	}
	return nil
}

// csrfToken is the token in the forms of this session, made now.
func (c *Context) csrfToken() string { return c.csrfTokenOf(strconv.FormatInt(c.Now.Unix(), 36)) }

// csrfTokenOf is a MAC of the session, and the stamp of the form. The stamp lets a
// form that outlives its session be kept for the same account.
func (c *Context) csrfTokenOf(made string) string {
	if c.SessionKey == "" {
		return ""
	}
	return c.mac("session "+c.SessionKey) + "." + c.stamp(c.Account.ID, made)
}

// stamp is the account in whose session a form was made, and when (seconds since
// 1970 to the base 36), with a MAC of both.
func (c *Context) stamp(a access.AccountID, made string) string {
	of := string(a) + "." + made
	return of + "." + c.mac("form "+of)
}

// stampTime is when a form was made according to its token, which may be forged.
func stampTime(token string) string {
	parts := strings.Split(token, ".")
	return parts[min(2, len(parts)-1)]
}

func (c *Context) mac(of string) string {
	m := hmac.New(sha256.New, c.csrfKey)
	m.Write([]byte(of))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// formAccount is the account of the session in which the form was made, which may
// have ended since; empty if there was none, or the form is older than
// access.FormDraftLifetime.
func (c *Context) formAccount() access.AccountID {
	token := c.FormText("csrf")
	_, stamp, _ := strings.Cut(token, ".")
	account, _, _ := strings.Cut(stamp, ".")
	made := stampTime(token)
	if !hmac.Equal([]byte(stamp), []byte(c.stamp(access.AccountID(account), made))) {
		return ""
	}
	seconds, err := strconv.ParseInt(made, 36, 64)
	if err != nil || !c.Now.Before(time.Unix(seconds, 0).Add(access.FormDraftLifetime)) {
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
