package signin_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/signin"
)

func newCookies(t *testing.T, secret string) *signin.Cookies {
	t.Helper()
	return newCookiesAt(t, secret, "")
}

func newCookiesAt(t *testing.T, secret, basePath string) *signin.Cookies {
	t.Helper()
	c, err := signin.NewCookies([]byte(secret), basePath)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// browser keeps cookies in the order of their creation.
type browser struct{ cookies []*http.Cookie }

func (b *browser) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *browser) store(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		b.cookies = slices.DeleteFunc(b.cookies, func(old *http.Cookie) bool { return old.Name == c.Name })
		if c.MaxAge >= 0 {
			b.cookies = append(b.cookies, c)
		}
	}
}

// session returns a browser with a session cookie for the id.
func session(t *testing.T, c *signin.Cookies, id string) *browser {
	t.Helper()
	b, w := &browser{}, httptest.NewRecorder()
	if err := c.SetSession(w, b.request(), id); err != nil {
		t.Fatal(err)
	}
	b.store(w)
	return b
}

// S-3: every cookie, when set and when deleted, is limited to this host and https,
// hidden from scripts, and not sent with cross-site requests other than links.
func TestCookieAttributes(t *testing.T) {
	c, w, r := newCookies(t, "secret"), httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	if err := c.SetSession(w, r, "id"); err != nil {
		t.Fatal(err)
	}
	c.Bind(w, r, signin.Started{State: "state", Binding: "binding"})
	c.ClearSession(w)
	c.Unbind(w, "state")
	lines := w.Header().Values("Set-Cookie")
	if len(lines) != 4 {
		t.Fatalf("set %q", lines)
	}
	for i, line := range lines {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || !cookie.HttpOnly ||
			cookie.SameSite != http.SameSiteLaxMode ||
			cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("%s: %v", line, err)
		}
		if want := []int{0, 600, -1, -1}[i]; cookie.MaxAge != want {
			t.Errorf("%s lasts %d s, want %d", line, cookie.MaxAge, want)
		}
	}
}

// S-1: the cookie holds the id.
func TestSession(t *testing.T) {
	c := newCookies(t, "secret")
	b := session(t, c, "id-1")
	if got := c.Session(b.request()); got != "id-1" {
		t.Errorf("got %q", got)
	}
	w := httptest.NewRecorder()
	if err := c.SetSession(w, b.request(), "id-2"); err != nil {
		t.Fatal(err)
	}
	b.store(w)
	if got := c.Session(b.request()); got != "id-2" || len(b.cookies) != 1 {
		t.Errorf("after another sign-in: %q with %d cookies", got, len(b.cookies))
	}
	w = httptest.NewRecorder()
	c.ClearSession(w)
	b.store(w)
	if got := c.Session(b.request()); got != "" || len(b.cookies) != 0 {
		t.Errorf("after signing out: %q", got)
	}
}

// S-5: an invalid cookie gives no session, and does not prevent a sign-in.
func TestBrokenSessionCookies(t *testing.T) {
	c := newCookies(t, "secret")
	good := session(t, c, "id-1").cookies[0]
	value := func(v string) []*http.Cookie { return []*http.Cookie{{Name: good.Name, Value: v}} }
	tests := map[string][]*http.Cookie{
		"none":               nil,
		"empty":              value(""),
		"garbage":            value("garbage"),
		"an id":              value("id-1"),
		"half":               value(good.Value[:len(good.Value)/2]),
		"something more":     value(good.Value + "A"),
		"one letter changed": value("A" + good.Value[1:]),
		"oversized":          value(strings.Repeat("A", 8000)),
		"of another key":     session(t, newCookies(t, "another"), "id-1").cookies,
		"of another name":    {{Name: "myaccess", Value: good.Value}},
		"of another purpose": {{Name: "__Host-signin-0123456789abcdef", Value: good.Value}},
		"twice":              {good, good},
		"planted after it":   {good, {Name: good.Name, Value: "garbage"}},
		"planted before it":  {{Name: good.Name, Value: "garbage"}, good},
	}
	for name, cookies := range tests {
		t.Run(name, func(t *testing.T) {
			b := &browser{cookies}
			if got := c.Session(b.request()); got != "" {
				t.Errorf("session %q", got)
			}
			w := httptest.NewRecorder()
			if err := c.SetSession(w, b.request(), "id-2"); err != nil {
				t.Fatal(err)
			}
			b.store(w)
			if got := c.Session(b.request()); got != "id-2" {
				t.Errorf("after signing in: %q", got)
			}
		})
	}
}

// S-4: a cookie is valid for twelve hours after it was made.
func TestOldSessionCookie(t *testing.T) {
	c := newCookies(t, "secret")
	good := session(t, c, "id-1").cookies[0]
	for age, want := range map[time.Duration]string{11 * time.Hour: "id-1", 13 * time.Hour: ""} {
		b := &browser{[]*http.Cookie{{Name: good.Name, Value: backdatedCookie(t, good, age)}}}
		if got := c.Session(b.request()); got != want {
			t.Errorf("after %v: %q", age, got)
		}
	}
}

// backdatedCookie returns the value that the cookie would have if it had been made earlier: the
// time, the value, and a MAC over both and the name.
func backdatedCookie(t *testing.T, c *http.Cookie, age time.Duration) string {
	t.Helper()
	plain, err := base64.URLEncoding.DecodeString(c.Value)
	if err != nil {
		t.Fatal(err)
	}
	key, err := hkdf.Key(sha256.New, []byte("secret"), nil, "myaccess cookies", 32)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(string(plain), "|", 3)
	text := fmt.Sprintf("%d|%s", time.Now().Add(-age).Unix(), parts[1])
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(c.Name + "|" + text))
	return base64.URLEncoding.EncodeToString(append([]byte(text+"|"), mac.Sum(nil)...))
}

// O-8: a sign-in is bound to the browser that started it.
func TestBinding(t *testing.T) {
	c, b, w := newCookies(t, "secret"), &browser{}, httptest.NewRecorder()
	c.Bind(w, b.request(), signin.Started{State: "state-1", Binding: "binding-1"})
	b.store(w)
	if strings.Contains(b.cookies[0].Name, "state-1") {
		t.Errorf("the name %s contains the state", b.cookies[0].Name)
	}
	for state, want := range map[string]string{"state-1": "binding-1", "state-2": "", "": ""} {
		if got := c.Binding(b.request(), state); got != want {
			t.Errorf("state %q has the binding %q, want %q", state, got, want)
		}
	}
	twice := &browser{append(slices.Clone(b.cookies), &http.Cookie{Name: b.cookies[0].Name, Value: "planted"})}
	if got := c.Binding(twice.request(), "state-1"); got != "" {
		t.Errorf("with two cookies: %q", got)
	}
	w = httptest.NewRecorder()
	c.Unbind(w, "state-1")
	b.store(w)
	if got := c.Binding(b.request(), "state-1"); got != "" {
		t.Errorf("after it was unbound: %q", got)
	}
}

// O-9: at most five sign-ins are in progress in a browser; the oldest is dropped.
func TestAtMostFive(t *testing.T) {
	c := newCookies(t, "secret")
	b := session(t, c, "id-1")
	for i := 1; i <= 8; i++ {
		w := httptest.NewRecorder()
		c.Bind(w, b.request(), signin.Started{State: fmt.Sprint("state-", i), Binding: fmt.Sprint("binding-", i)})
		b.store(w)
		for j := 1; j <= i; j++ {
			got := c.Binding(b.request(), fmt.Sprint("state-", j))
			if want := map[bool]string{true: fmt.Sprint("binding-", j)}[j > i-5]; got != want {
				t.Errorf("after %d sign-ins, number %d has the binding %q, want %q", i, j, got, want)
			}
		}
	}
	if c.Session(b.request()) != "id-1" || len(b.cookies) != 6 {
		t.Errorf("%d cookies are left", len(b.cookies))
	}
}

// Any number of old cookies is deleted at once.
func TestManyBindings(t *testing.T) {
	c, b := newCookies(t, "secret"), &browser{}
	for i := range 40 {
		b.cookies = append(b.cookies, &http.Cookie{Name: fmt.Sprintf("__Host-signin-%016d", i), Value: "x"})
	}
	w := httptest.NewRecorder()
	c.Bind(w, b.request(), signin.Started{State: "s", Binding: "b"})
	b.store(w)
	if len(b.cookies) != 5 || c.Binding(b.request(), "s") != "b" {
		t.Errorf("%d are left", len(b.cookies))
	}
}

// Under a sub-path the cookies are sent to that path only, have names that browsers
// accept with it, and work as those at the root.
func TestCookiesUnderBasePath(t *testing.T) {
	c, w, r := newCookiesAt(t, "secret", "/access"), httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	if err := c.SetSession(w, r, "id-1"); err != nil {
		t.Fatal(err)
	}
	c.Bind(w, r, signin.Started{State: "state", Binding: "binding"})
	b := &browser{}
	b.store(w)
	if got := c.Session(b.request()); got != "id-1" {
		t.Errorf("session %q", got)
	}
	if got := c.Binding(b.request(), "state"); got != "binding" {
		t.Errorf("binding %q", got)
	}
	if got := newCookies(t, "secret").Session(b.request()); got != "" {
		t.Errorf("the portal at the root accepts the session %q", got)
	}
	deleted := httptest.NewRecorder()
	c.ClearSession(deleted)
	c.Unbind(deleted, "state")
	b.store(deleted)
	if len(b.cookies) != 0 {
		t.Errorf("%d cookies are left", len(b.cookies))
	}
	for _, line := range append(w.Header().Values("Set-Cookie"), deleted.Header().Values("Set-Cookie")...) {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || !strings.HasPrefix(cookie.Name, "__Secure-") || cookie.Path != "/access" || cookie.Domain != "" ||
			!cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
			t.Errorf("%s: %v", line, err)
		}
	}
}
