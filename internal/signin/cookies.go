package signin

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"myaccess/internal/access"
)

// Names of the cookies after their prefix.
const (
	sessionName   = "myaccess"
	bindingPrefix = "signin-"
	// maxPending is the maximum number of sign-ins in progress in one browser (O-9).
	maxPending = 5
)

// Cookies reads and writes the cookies of sign-ins: the id of the session, and one
// cookie per sign-in in progress, which binds it to the browser. The session
// cookie is authenticated, so that a forged one is ignored.
type Cookies struct {
	store  *sessions.CookieStore
	prefix string // of all names: __Host- or __Secure-
	path   string
}

// NewCookies returns the cookies of an installation, authenticated with a key
// derived from its secret. basePath is the path of the portal's address; empty at
// the root of its host.
//
// At the root the names have the prefix __Host- (S-3). Under a sub-path they have
// __Secure- and that path, because browsers accept __Host- with the path / only,
// and other applications at the host must not receive the cookies.
func NewCookies(secret []byte, basePath string) (*Cookies, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "myaccess cookies", 32)
	if err != nil {
		return nil, err
	}
	c := &Cookies{store: sessions.NewCookieStore(key), prefix: "__Host-", path: "/"}
	if basePath != "" {
		c.prefix, c.path = "__Secure-", basePath
	}
	for _, codec := range c.store.Codecs {
		if codec, ok := codec.(*securecookie.SecureCookie); ok {
			codec.SetSerializer(idSerializer{})
		}
	}
	c.store.Options = c.options()
	c.store.MaxAge(int(access.MaxSessionLifetime.Seconds())) // of the authentication
	c.store.Options.MaxAge = 0                               // a session cookie for the browser
	return c, nil
}

// idSerializer serializes the values of a cookie's session, which has one value:
// its id. The library's default serializes any values with encoding/gob, which
// takes longer than everything else about the cookie.
type idSerializer struct{}

// Serialize implements securecookie.Serializer.
func (idSerializer) Serialize(src any) ([]byte, error) {
	values, _ := src.(map[any]any)
	id, ok := values["id"].(string)
	if !ok || len(values) != 1 {
		return nil, errors.New("a cookie holds an id and nothing else")
	}
	return []byte(id), nil
}

// Deserialize implements securecookie.Serializer.
func (idSerializer) Deserialize(src []byte, dst any) error {
	values, ok := dst.(*map[any]any)
	if !ok || *values == nil {
		return errors.New("a cookie is read into the values of a session")
	}
	(*values)["id"] = string(src)
	return nil
}

// options are the attributes of every cookie (S-3).
func (c *Cookies) options() *sessions.Options {
	return &sessions.Options{Path: c.path, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// set sets a cookie for maxAge seconds; -1 deletes it.
func (c *Cookies) set(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: c.path, MaxAge: maxAge, Secure: true, HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
}

// SetSession sets the session cookie.
func (c *Cookies) SetSession(w http.ResponseWriter, r *http.Request, id string) error {
	s := sessions.NewSession(c.store, c.prefix+sessionName)
	s.Options = c.options()
	s.Values["id"] = id
	return c.store.Save(r, w, s)
}

// Session returns the id in the session cookie. It is empty if there is no valid
// cookie, or several, which only an attack produces (S-5).
func (c *Cookies) Session(r *http.Request) string {
	if len(r.CookiesNamed(c.prefix+sessionName)) != 1 {
		return ""
	}
	s, err := c.store.New(r, c.prefix+sessionName)
	if err != nil || s == nil {
		return ""
	}
	id, _ := s.Values["id"].(string)
	return id
}

// ClearSession deletes the session cookie.
func (c *Cookies) ClearSession(w http.ResponseWriter) { c.set(w, c.prefix+sessionName, "", -1) }

// bindingName is the name of the cookie for the attempt with the state.
func (c *Cookies) bindingName(state string) string {
	return c.prefix + bindingPrefix + HashToken(state)[:16]
}

// Bind binds a sign-in to the browser with a cookie (O-8). If more than maxPending
// sign-ins are in progress, it deletes the oldest cookies: browsers send cookies
// in the order of their creation (RFC 6265 5.4).
func (c *Cookies) Bind(w http.ResponseWriter, r *http.Request, s Started) {
	var pending []string
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, c.prefix+bindingPrefix) && !slices.Contains(pending, cookie.Name) {
			pending = append(pending, cookie.Name)
		}
	}
	for _, name := range pending[:max(0, len(pending)+1-maxPending)] {
		c.set(w, name, "", -1)
	}
	c.set(w, c.bindingName(s.State), s.Binding, int(access.SignInAttemptLifetime.Seconds()))
}

// Binding returns the value that binds the sign-in with the state to the browser.
// It is empty if the sign-in was not started there.
func (c *Cookies) Binding(r *http.Request, state string) string {
	found := r.CookiesNamed(c.bindingName(state))
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
}

// Unbind deletes the cookie of a finished sign-in.
func (c *Cookies) Unbind(w http.ResponseWriter, state string) { c.set(w, c.bindingName(state), "", -1) }
