package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"myaccess/static"
)

func get(a *static.Assets, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func assets(t *testing.T) *static.Assets {
	t.Helper()
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAssetsAreImmutable(t *testing.T) {
	a := assets(t)
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
		".svg": "image/svg+xml"}
	if len(a.Names()) != 7 {
		t.Fatalf("names: %v", a.Names())
	}
	for _, name := range a.Names() {
		got := get(a, http.MethodGet, a.Path(name))
		h := got.Header
		if got.StatusCode != http.StatusOK || h.Get("Content-Type") != kinds[path.Ext(name)] {
			t.Errorf("%s: %d %v", name, got.StatusCode, h)
		}
		if !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestCompression(t *testing.T) {
	a := assets(t)
	path := a.Path("app.css")
	plain := text(t, get(a, http.MethodGet, path).Body)
	zipped := get(a, http.MethodGet, path, "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, z); got != plain {
		t.Error("the compressed stylesheet differs from the plain one")
	}
	for _, refuses := range []string{"", "br", "gzip;q=0", "gzip; q=0.0", "x-gzip"} {
		got := get(a, http.MethodGet, path, "Accept-Encoding", refuses)
		if got.Header.Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q: compressed", refuses)
		}
	}
}

func TestNotModified(t *testing.T) {
	a := assets(t)
	path := a.Path("app.js")
	tag := get(a, http.MethodGet, path).Header.Get("ETag")
	zipped := get(a, http.MethodGet, path, "Accept-Encoding", "gzip").Header.Get("ETag")
	if tag == "" || tag == zipped {
		t.Fatalf("tags: %s and %s", tag, zipped)
	}
	if got := get(a, http.MethodGet, path, "If-None-Match", tag); got.StatusCode != http.StatusNotModified {
		t.Errorf("same tag: %d", got.StatusCode)
	}
	if got := get(a, http.MethodGet, path, "If-None-Match", `"other"`); got.StatusCode != http.StatusOK {
		t.Errorf("other tag: %d", got.StatusCode)
	}
}

func TestHead(t *testing.T) {
	a := assets(t)
	got := get(a, http.MethodHead, a.Path("app.css"))
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Length") == "" || text(t, got.Body) != "" {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	a := assets(t)
	for _, path := range []string{"/static/vendor/manifest.txt", "/static/vendor/htmx.min.js", "/static/app.css",
		"/static/", "/static/../static.go", "/static/app.0.css", "/static/static.go"} {
		if got := get(a, http.MethodGet, path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if got := get(a, http.MethodPost, a.Path("app.css")); got.StatusCode != http.StatusNotFound {
		t.Errorf("POST: %d", got.StatusCode)
	}
}

// A first visit transfers at most 60 kB, the page included.
func TestFirstVisitSize(t *testing.T) {
	a := assets(t)
	total := 0
	for _, name := range a.Names() {
		got := get(a, http.MethodGet, a.Path(name), "Accept-Encoding", "gzip")
		total += len(text(t, got.Body))
	}
	if total > 45_000 {
		t.Errorf("all assets together are %d bytes compressed", total)
	}
}

// Styles and scripts load nothing from other origins.
func TestAssetsHaveNoForeignURLs(t *testing.T) {
	a := assets(t)
	for _, name := range []string{"app.css", "app.js"} {
		body := text(t, get(a, http.MethodGet, a.Path(name)).Body)
		for _, bad := range []string{"http:", "https:", "@import", "eval(", "innerHTML"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", name, bad)
			}
		}
	}
}
