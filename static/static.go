// Package static has the files that pages load. Their names carry a hash of
// their content, so that browsers may keep them for ever and never show an old
// one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed app.css app.js icon.svg
var files embed.FS

// Prefix is the path under which the assets are served.
const Prefix = "/static/"

// Assets are the files, by the names under which they are served.
type Assets struct {
	paths map[string]string // path by plain name
	files map[string]asset  // by path
}

type asset struct {
	kind        string
	plain, zipd []byte
}

// New reads the embedded files.
func New() (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]asset{}}
	names, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		text, err := files.ReadFile(n.Name())
		if err != nil {
			return nil, err
		}
		if err := a.add(n.Name(), text); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Assets) add(name string, text []byte) error {
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	extension := path.Ext(name)
	p := Prefix + strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(sum[:6]) + extension
	a.paths[name] = p
	a.files[p] = asset{mime.TypeByExtension(extension), text, zipped.Bytes()}
	return nil
}

// Path is the path of the asset with the plain name, such as app.css; empty if
// there is none.
func (a *Assets) Path(name string) string { return a.paths[name] }

// ServeHTTP serves the assets.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[r.URL.Path]
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.zipd
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser has gone if this fails
	}
}
