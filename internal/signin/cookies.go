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

const (
	sessionCookie = "__Host-myaccess"
	bindingPrefix = "__Host-signin-"
	// most is how many sign-ins may be under way in one browser (O-9).
	most = 5
)

// Cookies keeps ids in the browser, and nothing else: that of the session, and
// one per sign-in that is under way. The cookies are signed, so that a planted
// one is worth nothing.
type Cookies struct{ store *sessions.CookieStore }

// NewCookies returns the cookies of an installation, signed with a key derived
// from its secret.
func NewCookies(secret []byte) (*Cookies, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "myaccess cookies", 32)
	if err != nil {
		return nil, err
	}
	store := sessions.NewCookieStore(key)
	for _, c := range store.Codecs {
		if c, ok := c.(*securecookie.SecureCookie); ok {
			c.SetSerializer(onlyID{})
		}
	}
	store.Options = options(0)
	store.MaxAge(int(access.MaxSessionLifetime.Seconds()))
	store.Options.MaxAge = 0 // ends with the browser; the row ends it sooner
	return &Cookies{store}, nil
}

// onlyID writes the values of a cookie's session, of which there is one: its id.
// To write any values, as the library does by itself, takes longer than all else
// that is done with a cookie.
type onlyID struct{}

// Serialize implements securecookie.Serializer.
func (onlyID) Serialize(src any) ([]byte, error) {
	values, _ := src.(map[any]any)
	id, ok := values["id"].(string)
	if !ok || len(values) != 1 {
		return nil, errors.New("a cookie holds an id and nothing else")
	}
	return []byte(id), nil
}

// Deserialize implements securecookie.Serializer.
func (onlyID) Deserialize(src []byte, dst any) error {
	values, ok := dst.(*map[any]any)
	if !ok || *values == nil {
		return errors.New("a cookie is read into the values of a session")
	}
	(*values)["id"] = string(src)
	return nil
}

// options are those of every cookie (S-3).
func options(age int) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// SetSession puts the id of a session into the browser.
func (c *Cookies) SetSession(w http.ResponseWriter, r *http.Request, id string) error {
	s := sessions.NewSession(c.store, sessionCookie)
	s.Options = options(0)
	s.Values["id"] = id
	return c.store.Save(r, w, s)
}

// Session is the id of the browser's session; empty if it has none that is ours,
// or several, of which somebody else must have put one there (S-5).
func (c *Cookies) Session(r *http.Request) string {
	if len(r.CookiesNamed(sessionCookie)) != 1 {
		return ""
	}
	s, err := c.store.New(r, sessionCookie)
	if err != nil || s == nil {
		return ""
	}
	id, _ := s.Values["id"].(string)
	return id
}

// ClearSession takes the id of the session out of the browser.
func (c *Cookies) ClearSession(w http.ResponseWriter) { clearCookie(w, sessionCookie) }

func clearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
}

// bindingName is the name of the cookie that binds the attempt with the state.
func bindingName(state string) string { return bindingPrefix + HashToken(state)[:16] }

// Bind binds a sign-in to the browser (O-8). If too many are under way, the
// oldest are given up: browsers send their cookies in the order in which they
// got them (RFC 6265 5.4).
func (c *Cookies) Bind(w http.ResponseWriter, r *http.Request, s Started) {
	var under []string
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, bindingPrefix) && !slices.Contains(under, cookie.Name) {
			under = append(under, cookie.Name)
		}
	}
	for _, name := range under[:max(0, len(under)+1-most)] {
		clearCookie(w, name)
	}
	http.SetCookie(w, &http.Cookie{Name: bindingName(s.State), Value: s.Binding, Path: "/",
		MaxAge: int(access.SignInAttemptLifetime.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// Binding is what binds the sign-in with the state to the browser; empty if it
// was not begun there.
func (c *Cookies) Binding(r *http.Request, state string) string {
	found := r.CookiesNamed(bindingName(state))
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
}

// Unbind forgets a sign-in that is over.
func (c *Cookies) Unbind(w http.ResponseWriter, state string) { clearCookie(w, bindingName(state)) }
