package signintest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// Canary is what faults say of themselves. It must never be met again.
const Canary = "canary-7f3a9c"

// Fails answers with a status and a text that is nobody's business.
func Fails(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, status, Claims{"error": Canary, "error_description": Canary, "error_uri": "https://evil.example/" + Canary})
	}
}

// Says answers with a body of a type.
func Says(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	}
}

// Redirects sends the client elsewhere, with everything that it has sent.
func Redirects(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

// Never does not answer until the client gives up.
func Never() http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
}

// Stalls begins to answer and does not go on until the client gives up.
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

// Breaks closes the connection in the middle of the answer.
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

// Huge answers with what an endpoint would say, and n bytes of space before it.
func Huge(n int, body string) http.HandlerFunc {
	return Says("application/json", strings.Repeat(" ", n)+body)
}

// Bomb is as Huge, in a few bytes that grow when they are read.
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
