package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"myaccess/internal/outbound"
)

// server starts a TLS server on a loopback address and counts its requests.
func server(t *testing.T, h http.HandlerFunc) (s *httptest.Server, requests *int) {
	t.Helper()
	requests = new(int)
	s = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests++
		if h != nil {
			h(w, r)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust the certificate
	s.StartTLS()
	t.Cleanup(func() {
		s.CloseClientConnections() // requests that are never answered
		s.Close()
	})
	return s, requests
}

// certificate is the certificate of a server, in PEM format.
func certificate(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// trusting is a network that allows loopback addresses and trusts the server.
func trusting(t *testing.T, s *httptest.Server) outbound.Network {
	t.Helper()
	roots, err := outbound.RootsWith(certificate(s))
	if err != nil {
		t.Fatal(err)
	}
	return outbound.Network{AllowLoopback: true, Roots: roots}
}

func limits() outbound.Limits { return outbound.Limits{Timeout: 5 * time.Second, MaxBody: 1 << 20} }

// get returns the status and the body of a response.
func get(t *testing.T, c *http.Client, address string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

// N-6: an address inside the network is refused when it is dialled, however it is
// written.
func TestLoopbackIsRefused(t *testing.T) {
	s, requests := server(t, nil)
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	allowed := trusting(t, s)
	refused := allowed
	refused.AllowLoopback = false
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		*requests = 0
		_, _, err := get(t, outbound.NewClient(refused, limits()), "https://"+host+port)
		if _, ok := errors.AsType[outbound.AddressError](err); !ok || *requests != 0 {
			t.Errorf("%s: %d requests, %v", host, *requests, err)
		}
	}
	if status, _, err := get(t, outbound.NewClient(allowed, limits()), s.URL); status != http.StatusOK || err != nil {
		t.Errorf("with loopback addresses allowed: %d, %v", status, err)
	}
}

// N-6: a name that resolves to a public address first and to an address inside the
// network at the next request is refused then, because the check is on the address
// that is dialled.
func TestRebinding(t *testing.T) {
	s, requests := server(t, nil)
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	n := trusting(t, s)
	n.AllowLoopback = false
	addresses := make(chan [4]byte, 2)
	addresses <- [4]byte{8, 8, 8, 8}
	addresses <- [4]byte{127, 0, 0, 1}
	errPublic := errors.New("not dialled by the test: the address is public")
	dial := outbound.Dialer(n)
	dial.Resolver = resolver(t, addresses)
	check := dial.Control
	dial.Control = func(network, address string, c syscall.RawConn) error {
		if err := check(network, address, c); err != nil {
			return err
		}
		return errPublic
	}
	client := outbound.ClientOver(n, limits(), dial)
	if _, _, err := get(t, client, "https://rebinding.example"+port); !errors.Is(err, errPublic) {
		t.Errorf("the public address: %v", err)
	}
	dial.Control = check
	_, _, err := get(t, client, "https://rebinding.example"+port)
	if _, ok := errors.AsType[outbound.AddressError](err); !ok || *requests != 0 {
		t.Errorf("the address inside: %d requests, %v", *requests, err)
	}
}

// resolver answers each question for an IPv4 address with the next of addresses.
func resolver(t *testing.T, addresses <-chan [4]byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		packet := make([]byte, 512)
		for {
			size, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:size]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class},
					Body: &dnsmessage.AResource{A: <-addresses}}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	var d net.Dialer
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// O-14: a redirect is the response; its target gets no request.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		s, requests := server(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/target", status)
		})
		if got, _, err := get(t, outbound.NewClient(trusting(t, s), limits()), s.URL); got != status || err != nil ||
			*requests != 1 {
			t.Errorf("%d: got %d after %d requests, %v", status, got, *requests, err)
		}
	}
}

// A server that does not answer, or does not finish, is given up after the timeout.
func TestTimeout(t *testing.T) {
	wait := func(r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // returning would complete the response, perhaps before the client has left
	}
	for name, h := range map[string]http.HandlerFunc{
		"no response": func(_ http.ResponseWriter, r *http.Request) { wait(r) },
		"half a body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			wait(r)
		},
	} {
		s, _ := server(t, h)
		client := outbound.NewClient(trusting(t, s), outbound.Limits{Timeout: time.Second / 5, MaxBody: 100})
		_, _, err := get(t, client, s.URL)
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A body is read up to the limit, counted after decompression.
func TestMaxBody(t *testing.T) {
	send := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
	}
	compressed := func(body string) http.HandlerFunc {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(body))
		_ = z.Close()
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes())
		}
	}
	const limit = 100_000
	for name, answer := range map[string]func(string) http.HandlerFunc{"plain": send, "compressed": compressed} {
		for _, size := range []int{limit, limit + 1} {
			s, _ := server(t, answer(strings.Repeat(" ", size)))
			client := outbound.NewClient(trusting(t, s), outbound.Limits{Timeout: 5 * time.Second, MaxBody: limit})
			_, body, err := get(t, client, s.URL)
			_, tooLarge := errors.AsType[*http.MaxBytesError](err)
			if tooLarge != (size > limit) || (err != nil) != tooLarge || len(body) != limit {
				t.Errorf("%s, %d bytes: read %d, %v", name, size, len(body), err)
			}
		}
	}
}

// Headers of more than 64 KiB are refused.
func TestMaxHeader(t *testing.T) {
	for size, want := range map[int]bool{32 << 10: true, 128 << 10: false} {
		s, _ := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", size))
		})
		if _, _, err := get(t, outbound.NewClient(trusting(t, s), limits()), s.URL); (err == nil) != want {
			t.Errorf("headers of %d bytes: %v", size, err)
		}
	}
}

// The proxies of the environment, which would connect without the check, are not
// used.
func TestNoProxy(t *testing.T) {
	if outbound.UsesProxy(outbound.NewClient(outbound.Network{}, limits())) {
		t.Error("a proxy may connect in place of the dialer")
	}
}

// An unused connection is closed before servers close it: Node does so after 5
// seconds, and a code that is sent just then would be lost.
func TestIdleConnections(t *testing.T) {
	if kept := outbound.IdleTimeout(outbound.NewClient(outbound.Network{}, limits())); kept <= 0 || kept > 4*time.Second {
		t.Errorf("unused connections are kept for %v", kept)
	}
}

// A server is trusted if the operator's certificate authorities signed its
// certificate.
func TestRoots(t *testing.T) {
	s, requests := server(t, nil)
	if _, _, err := get(t, outbound.NewClient(outbound.Network{AllowLoopback: true}, limits()), s.URL); err == nil ||
		*requests != 0 {
		t.Errorf("an unknown certificate: %d requests, %v", *requests, err)
	}
	if status, _, err := get(t, outbound.NewClient(trusting(t, s), limits()), s.URL); status != 200 || err != nil {
		t.Errorf("a trusted certificate: %d, %v", status, err)
	}
	for _, text := range []string{"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := outbound.RootsWith([]byte(text)); err == nil {
			t.Errorf("%q is accepted as certificates", text)
		}
	}
}
