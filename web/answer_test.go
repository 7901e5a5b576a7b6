package web_test

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/internal/store/storetest"
	"myaccess/web"
)

// A page is sent with its length, compressed only if the browser accepts gzip.
// HEAD has the same headers.
func TestPagesAreCompressed(t *testing.T) {
	c := storetest.NewClock()
	s := storetest.New(t, c)
	storetest.NewWorld(t, s)
	sign, err := signin.New(signin.Config{Base: "https://access.meridian.example", Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(web.Config{Store: s.Reader, Lifecycle: lifecycle.New(lifecycle.Config{Store: s}),
		Admin: admin.New(admin.Config{Store: s}), SignIn: sign,
		Base: "https://access.meridian.example", Secret: []byte(strings.Repeat("k", 32)), Now: c.Now,
		Log:   slog.New(slog.DiscardHandler),
		Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, accepts string) (*http.Response, string) {
		r := httptest.NewRequestWithContext(t.Context(), method, "/@meridian.example/sign-in", nil)
		r.Header.Set("Accept-Encoding", accepts)
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Result(), w.Body.String()
	}
	plain, text := get(http.MethodGet, "")
	if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Encoding") != "" ||
		!strings.HasSuffix(text, "</html>") {
		t.Fatalf("%s %v\n%s", plain.Status, plain.Header, text)
	}
	for range 2 { // the second page reuses the buffers of the first
		packed, short := get(http.MethodGet, "br, gzip")
		unpack, err := gzip.NewReader(strings.NewReader(short))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(unpack)
		if err != nil || string(whole) != text || len(short) >= len(text) {
			t.Errorf("%d bytes came as %d, %v", len(text), len(short), err)
		}
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" ||
			packed.Header.Get("Content-Length") != strconv.Itoa(len(short)) {
			t.Errorf("%v", packed.Header)
		}
		head, none := get(http.MethodHead, "gzip")
		if none != "" || head.Header.Get("Content-Length") != packed.Header.Get("Content-Length") ||
			head.StatusCode != http.StatusOK {
			t.Errorf("HEAD: %s %v %q", head.Status, head.Header, none)
		}
	}
	if plain.Header.Get("Content-Length") != strconv.Itoa(len(text)) {
		t.Errorf("%v", plain.Header)
	}
}
