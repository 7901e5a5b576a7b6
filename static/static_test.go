package static_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"myaccess/static"
)

func get(t *testing.T, a *static.Assets, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func TestAssets(t *testing.T) {
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		plain, zipped := get(t, a, a.Path(name), ""), get(t, a, a.Path(name), "gzip")
		if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Type") != kind || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, plain.StatusCode, plain.Header)
		}
		if zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed: %v", name, zipped.Header)
		}
	}
	for _, path := range []string{"/static/app.css", "/static/", "/static/../static.go", "/static/app.0.css"} {
		if got := get(t, a, path, ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}
