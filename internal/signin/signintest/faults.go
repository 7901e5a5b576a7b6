package signintest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// Canary is in the responses of faults. It must not occur in errors or steps.
const Canary = "canary-7f3a9c"

// Fails responds with a status and an OAuth error that contains the canary.
func Fails(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, status, Claims{"error": Canary, "error_description": Canary, "error_uri": "https://evil.example/" + Canary})
	}
}

// Says responds with a body and its Content-Type.
func Says(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	}
}

// Redirects responds with a redirect.
func Redirects(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

// Never does not respond until the client disconnects.
func Never() http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
}

// Stalls sends a part of a response, then nothing until the client disconnects.
func Stalls() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"`))
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		<-r.Context().Done()
	}
}

// Breaks closes the connection within the response.
func Breaks() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"access_token":"`))
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

// Huge responds with n spaces before a body.
func Huge(n int, body string) http.HandlerFunc {
	return Says("application/json", strings.Repeat(" ", n)+body)
}

// Bomb is like Huge, compressed with gzip.
func Bomb(n int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(strings.Repeat(" ", n) + body))
		_ = z.Close()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	}
}
