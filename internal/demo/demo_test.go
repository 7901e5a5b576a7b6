package demo

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const portalURL = "http://localhost:8080"

// runningDemo is a demonstration whose console is served.
type runningDemo struct {
	*Demo
	url    string
	client *http.Client // follows no redirects
}

func start(t *testing.T, dir string) runningDemo {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := "http://" + l.Addr().String()
	d, err := New(Config{DataDir: dir, ConsoleURL: at, PortalURL: portalURL, Now: fixed})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(d.Handler())
	if err := s.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	s.Listener = l
	s.Start()
	t.Cleanup(func() {
		s.Close()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return runningDemo{d, at, client}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (d runningDemo) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	res, err := d.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err == nil {
		err = res.Body.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (d runningDemo) get(t *testing.T, path string) answer {
	t.Helper()
	return d.do(t, httptestRequest(t, http.MethodGet, d.url+path, nil))
}

func (d runningDemo) post(t *testing.T, path string, form url.Values) answer {
	t.Helper()
	return d.do(t, httptestRequest(t, http.MethodPost, d.url+path, form))
}

func httptestRequest(t *testing.T, method, address string, form url.Values) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func TestHome(t *testing.T) {
	d := start(t, t.TempDir())
	home := d.get(t, "/")
	if home.StatusCode != http.StatusOK {
		t.Fatal(home.Status)
	}
	for _, want := range []string{
		"Mira Sand", "lena@meridian.example", "A partner follows the link", "2 March 2026, 09:00 UTC",
		portalURL + "/@meridian.example/access-packages?domain_hint=harbor.example",
		portalURL + "/@northlight.example/access-packages?domain_hint=meridian.example",
		portalURL + "/@northlight.example/access-packages?domain_hint=harbor-lab.example",
	} {
		if !strings.Contains(home.body, want) {
			t.Errorf("the first page has no %q", want)
		}
	}
}

func TestClockButtons(t *testing.T) {
	d := start(t, t.TempDir())
	res := d.post(t, "/clock", url.Values{"by": {"720h"}, "back": {"/mail?to=x"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/mail?to=x" {
		t.Errorf("got %s to %q", res.Status, res.Header.Get("Location"))
	}
	if got, want := d.Clock.Now(), fixed().Add(30*24*time.Hour); !got.Equal(want) {
		t.Errorf("the clock shows %s, want %s", got, want)
	}
	for _, back := range []string{"//evil.example", "https://evil.example", `/\evil.example`, `/mail/\evil`,
		"javascript:x"} {
		if got := d.post(t, "/clock", url.Values{"by": {"1h"}, "back": {back}}).Header.Get("Location"); got != "/" {
			t.Errorf("%q leads to %q", back, got)
		}
	}
	before := d.Clock.Now()
	for _, by := range []string{"", "-1h", "0h", "x"} {
		if got := d.post(t, "/clock", url.Values{"by": {by}}); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("by %q: %s", by, got.Status)
		}
	}
	if !d.Clock.Now().Equal(before) {
		t.Error("a refused step has moved the clock")
	}
}

func TestMailPages(t *testing.T) {
	d := start(t, t.TempDir())
	if body := d.get(t, "/mail").body; !strings.Contains(body, "No messages yet.") {
		t.Errorf("an empty mailbox shows %s", body)
	}
	send(t, d.Mailbox, "mira@harbor.example", "<b>Access</b>")
	send(t, d.Mailbox, "tom@harbor.example", "Not for Mira")
	list := d.get(t, "/mail?to=Mira@harbor.example").body
	if !strings.Contains(list, "&lt;b&gt;Access") || strings.Contains(list, "Not for Mira") {
		t.Errorf("the list shows %s", list)
	}
	msg := d.get(t, "/mail/1")
	for _, want := range []string{
		`sandbox="allow-popups allow-popups-to-escape-sandbox"`, `srcdoc="&lt;base target=&#34;_blank&#34;&gt;&lt;p&gt;Guten`,
		`<a href="http://localhost:8080/x" rel="noopener" target="_blank">http://localhost:8080/x</a>.`,
		">Guten Tag – öffnen: <",
	} {
		if !strings.Contains(msg.body, want) {
			t.Errorf("the message has no %s:\n%s", want, msg.body)
		}
	}
	if strings.Contains(msg.Header.Get("Content-Security-Policy"), "script-src") {
		t.Error("scripts of a mail may run")
	}
	for _, path := range []string{"/mail/0", "/mail/3", "/mail/x", "/nothing", "/idp/nobody/authorize"} {
		if got := d.get(t, path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
}

func TestConsoleRefusesForeignHosts(t *testing.T) {
	d := start(t, t.TempDir())
	port := d.url[strings.LastIndexByte(d.url, ':'):]
	for host, want := range map[string]int{
		"127.0.0.1" + port: 200, "localhost" + port: 200, "[::1]" + port: 200,
		"evil.example" + port: 421, "evil.example": 421, "localhost": 421, "localhost.evil.example" + port: 421,
	} {
		r := httptestRequest(t, http.MethodGet, d.url+"/", nil)
		r.Host = host
		if got := d.do(t, r); got.StatusCode != want {
			t.Errorf("as %s: %s", host, got.Status)
		}
	}
	for name, header := range map[string][2]string{"fetch metadata": {"Sec-Fetch-Site", "cross-site"},
		"origin": {"Origin", "http://evil.example"}} {
		r := httptestRequest(t, http.MethodPost, d.url+"/clock", url.Values{"by": {"1h"}})
		r.Header.Set(header[0], header[1])
		if got := d.do(t, r); got.StatusCode != http.StatusForbidden || !d.Clock.Now().Equal(fixed()) {
			t.Errorf("%s: a form from elsewhere got %s", name, got.Status)
		}
	}
	big := d.post(t, "/clock", url.Values{"by": {"1h"}, "back": {strings.Repeat("x", maxForm)}})
	if big.StatusCode != http.StatusUnprocessableEntity || !d.Clock.Now().Equal(fixed()) {
		t.Errorf("a huge form got %s", big.Status)
	}
}

func TestNewRefusesURLsOffLoopback(t *testing.T) {
	for _, at := range []string{"http://console.example:8081", "http://0.0.0.0:8081", "http://localhost:8081/",
		"http://localhost", "localhost:8081", "::"} {
		if d, err := New(Config{DataDir: t.TempDir(), ConsoleURL: at, PortalURL: portalURL, Now: fixed}); err == nil {
			t.Errorf("New accepted the console URL %s", at)
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
