// Package static has the assets of the pages: our own in this directory and
// third-party ones, unmodified, in vendor, where a manifest lists them. Their
// served names contain a hash of the content, so that browsers can cache them
// forever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed app.css admin.css app.js admin.js icon.svg vendor/htmx.min.js vendor/icons.svg
var files embed.FS

// Prefix is the path prefix of the assets.
const Prefix = "/static/"

// Assets serves the embedded files under their hashed names.
type Assets struct {
	paths map[string]string // path by plain name
	files map[string]asset  // by path
}

type asset struct {
	kind        string
	tag         string // of the uncompressed bytes
	plain, zipd []byte
}

// kind returns the content type of a file by its extension. It does not use the
// machine's table, which may differ.
func kind(extension string) (string, error) {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8", nil
	case ".js":
		return "text/javascript; charset=utf-8", nil
	case ".svg":
		return "image/svg+xml", nil
	}
	return "", fmt.Errorf("static: no content type for %q", extension)
}

// New reads the embedded files.
func New() (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		return a.add(path.Base(name), text)
	})
	return a, err
}

func (a *Assets) add(name string, text []byte) error {
	extension := path.Ext(name)
	contentType, err := kind(extension)
	if err != nil {
		return err
	}
	zipped, err := compress(text)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:6])
	p := Prefix + strings.TrimSuffix(name, extension) + "." + hash + extension
	a.paths[name] = p
	a.files[p] = asset{contentType, hash, text, zipped}
	return nil
}

func compress(text []byte) ([]byte, error) {
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return zipped.Bytes(), nil
}

// Path returns the path of the asset with the plain name, such as app.css;
// empty if there is none.
func (a *Assets) Path(name string) string { return a.paths[name] }

// Names returns the plain names of the assets, sorted.
func (a *Assets) Names() []string { return slices.Sorted(maps.Keys(a.paths)) }

// ServeHTTP serves the assets for GET and HEAD; anything else is 404.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[r.URL.Path]
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	h, body, tag := w.Header(), file.plain, `"`+file.tag+`"`
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body, tag = file.zipd, `"`+file.tag+`-gzip"`
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", tag)
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", file.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser has disconnected if this fails
	}
}

// acceptsGzip reads an Accept-Encoding header (RFC 9110 12.5.3). A coding with
// weight 0 is not acceptable.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && value > 0
	}
	return false
}
