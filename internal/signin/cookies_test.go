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

func jar(t *testing.T, secret string) *signin.Cookies {
	t.Helper()
	c, err := signin.NewCookies([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// visitor is a browser: it keeps cookies in the order in which it got them.
type visitor struct{ cookies []*http.Cookie }

func (b *visitor) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *visitor) keep(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		b.cookies = slices.DeleteFunc(b.cookies, func(old *http.Cookie) bool { return old.Name == c.Name })
		if c.MaxAge >= 0 {
			b.cookies = append(b.cookies, c)
		}
	}
}

// session is a browser that is signed in with the id.
func session(t *testing.T, c *signin.Cookies, id string) *visitor {
	t.Helper()
	b, w := &visitor{}, httptest.NewRecorder()
	if err := c.SetSession(w, b.request(), id); err != nil {
		t.Fatal(err)
	}
	b.keep(w)
	return b
}

// Every cookie, when it is set and when it is taken back, is for this host
// alone, for https, not for scripts, and not sent along from elsewhere (S-3).
func TestFlags(t *testing.T) {
	c, w, r := jar(t, "secret"), httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
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

// The cookie brings the id back and holds nothing else (S-1).
func TestSession(t *testing.T) {
	c := jar(t, "secret")
	b := session(t, c, "id-1")
	if got := c.Session(b.request()); got != "id-1" {
		t.Errorf("got %q", got)
	}
	w := httptest.NewRecorder()
	if err := c.SetSession(w, b.request(), "id-2"); err != nil {
		t.Fatal(err)
	}
	b.keep(w)
	if got := c.Session(b.request()); got != "id-2" || len(b.cookies) != 1 {
		t.Errorf("signed in anew as %q with %d cookies", got, len(b.cookies))
	}
	w = httptest.NewRecorder()
	c.ClearSession(w)
	b.keep(w)
	if got := c.Session(b.request()); got != "" || len(b.cookies) != 0 {
		t.Errorf("signed out, and still %q", got)
	}
}

// A cookie that is broken in any way is nobody's, and does not keep anybody from
// signing in (S-5).
func TestBrokenSessionCookies(t *testing.T) {
	c := jar(t, "secret")
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
		"of another key":     session(t, jar(t, "another"), "id-1").cookies,
		"of another name":    {{Name: "myaccess", Value: good.Value}},
		"of another purpose": {{Name: "__Host-signin-0123456789abcdef", Value: good.Value}},
		"twice":              {good, good},
		"planted after it":   {good, {Name: good.Name, Value: "garbage"}},
		"planted before it":  {{Name: good.Name, Value: "garbage"}, good},
	}
	for name, cookies := range tests {
		t.Run(name, func(t *testing.T) {
			b := &visitor{cookies}
			if got := c.Session(b.request()); got != "" {
				t.Errorf("is %q", got)
			}
			w := httptest.NewRecorder()
			if err := c.SetSession(w, b.request(), "id-2"); err != nil {
				t.Fatal(err)
			}
			b.keep(w)
			if got := c.Session(b.request()); got != "id-2" {
				t.Errorf("signed in, and %q", got)
			}
		})
	}
}

// A cookie that was signed more than twelve hours ago is nobody's, whatever the
// browser makes of it (S-4).
func TestOldSessionCookie(t *testing.T) {
	c := jar(t, "secret")
	good := session(t, c, "id-1").cookies[0]
	for age, want := range map[time.Duration]string{11 * time.Hour: "id-1", 13 * time.Hour: ""} {
		b := &visitor{[]*http.Cookie{{Name: good.Name, Value: aged(t, good, age)}}}
		if got := c.Session(b.request()); got != want {
			t.Errorf("after %v: %q", age, got)
		}
	}
}

// aged is the value of a cookie as it would be if it had been made earlier: the
// time, the value and a MAC over both and the name.
func aged(t *testing.T, c *http.Cookie, age time.Duration) string {
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

// A sign-in is bound to the browser that began it (O-8).
func TestBinding(t *testing.T) {
	c, b, w := jar(t, "secret"), &visitor{}, httptest.NewRecorder()
	c.Bind(w, b.request(), signin.Started{State: "state-1", Binding: "binding-1"})
	b.keep(w)
	if strings.Contains(b.cookies[0].Name, "state-1") {
		t.Errorf("the state stands in the name %s", b.cookies[0].Name)
	}
	for state, want := range map[string]string{"state-1": "binding-1", "state-2": "", "": ""} {
		if got := c.Binding(b.request(), state); got != want {
			t.Errorf("%q is bound by %q, want %q", state, got, want)
		}
	}
	twice := &visitor{append(slices.Clone(b.cookies), &http.Cookie{Name: b.cookies[0].Name, Value: "planted"})}
	if got := c.Binding(twice.request(), "state-1"); got != "" {
		t.Errorf("bound twice: %q", got)
	}
	w = httptest.NewRecorder()
	c.Unbind(w, "state-1")
	b.keep(w)
	if got := c.Binding(b.request(), "state-1"); got != "" {
		t.Errorf("over, and still bound by %q", got)
	}
}

// At most five sign-ins are under way in a browser; the oldest is given up (O-9).
func TestAtMostFive(t *testing.T) {
	c := jar(t, "secret")
	b := session(t, c, "id-1")
	for i := 1; i <= 8; i++ {
		w := httptest.NewRecorder()
		c.Bind(w, b.request(), signin.Started{State: fmt.Sprint("state-", i), Binding: fmt.Sprint("binding-", i)})
		b.keep(w)
		for j := 1; j <= i; j++ {
			got := c.Binding(b.request(), fmt.Sprint("state-", j))
			if want := map[bool]string{true: fmt.Sprint("binding-", j)}[j > i-5]; got != want {
				t.Errorf("of %d sign-ins, number %d is bound by %q, want %q", i, j, got, want)
			}
		}
	}
	if c.Session(b.request()) != "id-1" || len(b.cookies) != 6 {
		t.Errorf("%d cookies are left", len(b.cookies))
	}
}

// Somebody who brings very many of them gets rid of them all at once.
func TestManyBindings(t *testing.T) {
	c, b := jar(t, "secret"), &visitor{}
	for i := range 40 {
		b.cookies = append(b.cookies, &http.Cookie{Name: fmt.Sprintf("__Host-signin-%016d", i), Value: "x"})
	}
	w := httptest.NewRecorder()
	c.Bind(w, b.request(), signin.Started{State: "s", Binding: "b"})
	b.keep(w)
	if len(b.cookies) != 5 || c.Binding(b.request(), "s") != "b" {
		t.Errorf("%d are left", len(b.cookies))
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := signin.NewToken()
		if len(token) != 43 || seen[token] || strings.ContainsAny(token, "+/=") {
			t.Fatalf("%q", token)
		}
		seen[token] = true
	}
	if got := signin.HashToken("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("the hash of abc is %s", got)
	}
}
