package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runningDemo is a demonstration that runs.
type runningDemo struct {
	t               *testing.T
	portal, console string
	stop            func()
	ended           chan error
}

// start runs the demonstration with additional arguments.
func start(t *testing.T, args ...string) *runningDemo {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var out output
	s := &runningDemo{t: t, stop: stop, ended: make(chan error, 1)}
	args = append([]string{"demo", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"}, args...)
	go func() { s.ended <- run(ctx, args, func(string) string { return "" }, &out, &out) }()
	s.console = waitFor(t, &out, regexp.MustCompile(`demonstration at (\S+)`))
	s.portal = waitFor(t, &out, regexp.MustCompile(`portal is at (\S+),`))
	return s
}

func (s *runningDemo) get(address string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var page bytes.Buffer
	if _, err := page.ReadFrom(resp.Body); err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, page.String()
}

func (s *runningDemo) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Errorf("the demonstration ended with %v", err)
	}
}

// The demonstration has a history and keeps it in --data: after a restart it is
// unchanged.
func TestDemoKeepsItsData(t *testing.T) {
	data := t.TempDir()
	const message = "You now have access to Developer tools"
	var first int
	for round := range 2 {
		s := start(t, "--data", data)
		_, page := s.get(s.console + "/mail")
		n := strings.Count(page, message)
		if n == 0 || round == 1 && n != first {
			t.Errorf("round %d: %d messages of the history, before %d", round, n, first)
		}
		first = n
		for _, host := range []string{"meridian.example", "northlight.example"} {
			if status, _ := s.get(s.portal + "/@" + host + "/sign-in"); status != http.StatusOK {
				t.Errorf("round %d: %s: %d", round, host, status)
			}
		}
		s.end()
	}
}

// --workspace replaces the sample organizations. Their people can sign in at the
// demonstration's provider; an organization may have another provider.
func TestDemoOfOwnOrganizations(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	text := `
directories:
  - displayName: Orchard
    domains: [orchard.example]
    provider: {issuer: "http://localhost:8081/idp/orchard", clientId: myaccess, clientSecret: x}
  - displayName: Elsewhere
    domains: [elsewhere.example]
    provider: {issuer: "https://id.elsewhere.example", clientId: myaccess, clientSecret: x}
tenants:
  - directory: Orchard
    users: [{displayName: Nora Quince, mail: nora@orchard.example, subject: nora}]
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "--workspace", file)
	if status, _ := s.get(s.portal + "/@orchard.example/sign-in"); status != http.StatusOK {
		t.Errorf("the own tenant: %d", status)
	}
	if status, _ := s.get(s.portal + "/@meridian.example/sign-in"); status != http.StatusNotFound {
		t.Errorf("the sample tenant: %d", status)
	}
	if _, page := s.get(s.portal + "/@orchard.example/sign-in?domain_hint=orchard.example"); !strings.Contains(page,
		"Nora Quince") {
		t.Errorf("following the hint does not lead to the choice of people:\n%s", page)
	}
	s.end()
}

// Faults of the workspace file are printed with their line.
func TestDemoReportsFaultsOfTheWorkspace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file, []byte("directorys: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := try(t, nil, "demo", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--workspace", file)
	if err == nil || !strings.Contains(err.Error(), "Line 1: Unknown key “directorys”. Did you mean “directories”?") {
		t.Errorf("got %v", err)
	}
}

// The demonstration has no passwords, so it listens on loopback addresses only.
func TestDemoListensOnLoopbackOnly(t *testing.T) {
	for _, addresses := range [][2]string{
		{"0.0.0.0:0", "127.0.0.1:0"}, {"127.0.0.1:0", "0.0.0.0:0"}, {":0", "127.0.0.1:0"}, {"127.0.0.1:0", ":0"},
		{"[::]:0", "127.0.0.1:0"},
	} {
		_, err := try(t, nil, "demo", "--listen", addresses[0], "--console", addresses[1])
		if err == nil || !strings.Contains(err.Error(), "isn't a loopback address") {
			t.Errorf("%v: %v", addresses, err)
		}
	}
}
