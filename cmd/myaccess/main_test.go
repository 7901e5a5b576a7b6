package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output collects what a command prints. It can be read while the command runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// environment is a complete configuration over a fresh directory.
func environment(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"MYACCESS_LISTEN": "127.0.0.1:0", "MYACCESS_BASE_URL": "http://127.0.0.1:8080",
		"MYACCESS_DATABASE":  filepath.Join(t.TempDir(), "myaccess.db"),
		"MYACCESS_SECRET":    base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)),
		"MYACCESS_SMTP_ADDR": "127.0.0.1:2525", "MYACCESS_SMTP_FROM": "portal@meridian.example", "MYACCESS_SMTP_TLS": "none",
		"MYACCESS_ALLOW_LOOPBACK_ISSUERS": "true",
	}
}

// try runs a command and returns its output.
func try(t *testing.T, vars map[string]string, args ...string) (string, error) {
	t.Helper()
	var out output
	err := run(context.Background(), args, func(n string) string { return vars[n] }, &out, &out)
	return out.String(), err
}

func TestVersion(t *testing.T) {
	out, err := try(t, nil, "version")
	if err != nil || out != "myaccess development\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCheckConfigReportsEveryFault(t *testing.T) {
	vars := environment(t)
	if out, err := try(t, vars, "check-config"); err != nil {
		t.Fatalf("%s %v", out, err)
	}
	vars["MYACCESS_BASE_URL"], vars["MYACCESS_SECRET"], vars["MYACCESS_SMTP_TLS"] = "http://access.example.org", "short",
		"maybe"
	vars["MYACCESS_ALLOW_LOOPBACK_ISSUERS"], vars["MYACCESS_TRUSTED_PROXIES"], vars["MYACCESS_DATABASE"] = "perhaps",
		"10.0.0.0", ""
	vars["MYACCESS_LISTEN"], vars["MYACCESS_RATE"], vars["MYACCESS_SMTP_PASSWORD_FILE"] = "127.0.0.1:http-port", "many",
		"/nowhere"
	vars["MYACCESS_SMTP_ADDR"], vars["MYACCESS_SMTP_FROM"] = "mail.example.org", "nobody"
	vars["MYACCESS_INTERNAL_NETWORKS"], vars["MYACCESS_CA_CERTIFICATES"] = "10.20.0.0/33", "no certificate"
	vars["MYACCESS_OUTBOUND_PROXY"] = "socks5://user:hidden-word@proxy.example.org"
	_, err := try(t, vars, "check-config")
	for _, fault := range []string{"The mail server's address must be host:port.", "The sender's address isn't valid.",
		"The connection security must be starttls, tls or none, not “maybe”."} {
		if err == nil || !strings.Contains(err.Error(), "MYACCESS_SMTP_…: "+fault) {
			t.Errorf("%s is not reported: %v", fault, err)
		}
	}
	for _, name := range []string{"BASE_URL", "SECRET", "SMTP", "ALLOW_LOOPBACK_ISSUERS", "TRUSTED_PROXIES", "DATABASE",
		"LISTEN", "RATE", "SMTP_PASSWORD_FILE", "INTERNAL_NETWORKS", "CA_CERTIFICATES", "OUTBOUND_PROXY"} {
		if err == nil || !strings.Contains(err.Error(), "MYACCESS_"+name) {
			t.Errorf("MYACCESS_%s is not reported: %v", name, err)
		}
	}
}

func TestSettingsFromFile(t *testing.T) {
	vars := environment(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(vars["MYACCESS_SECRET"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "settings")
	text := "# a comment\nMYACCESS_SECRET_FILE=" + secret + "\nMYACCESS_NONSENSE=1\n"
	delete(vars, "MYACCESS_SECRET")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := try(t, vars, "--config", file, "check-config")
	if err == nil || !strings.Contains(err.Error(), "MYACCESS_NONSENSE") ||
		strings.Contains(err.Error(), "MYACCESS_SECRET ") {
		t.Errorf("got %v", err)
	}
}

// The portal starts, responds, and stops. The demonstration's addresses do not exist.
func TestServe(t *testing.T) {
	vars := environment(t)
	if out, err := try(t, vars, "apply", "../../internal/demo/workspace.yaml"); err != nil ||
		!strings.Contains(out, "/auth/callback/") {
		t.Fatalf("%s %v", out, err)
	}
	if out, err := try(t, vars, "plan", "../../internal/demo/workspace.yaml"); err != nil || out != "No changes\n" {
		t.Errorf("planning what was applied: %s %v", out, err)
	}
	exported := filepath.Join(t.TempDir(), "export.yaml")
	text, err := try(t, vars, "export")
	if err != nil || os.WriteFile(exported, []byte(text), 0o600) != nil {
		t.Fatal(text, err)
	}
	if out, err := try(t, vars, "plan", exported); err != nil || out != "No changes\n" {
		t.Errorf("planning the export: %s %v", out, err)
	}
	faulty := strings.Replace(text, "directories:\n", "colour: red\ndirectories:\n", 1) + "  - directory: Nowhere\n"
	if err := os.WriteFile(exported, []byte(faulty), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := try(t, vars, "plan", exported); err == nil ||
		!strings.Contains(err.Error(), "Line 1: Unknown key “colour”.\n") ||
		!strings.Contains(err.Error(), "There's no directory “Nowhere”") {
		t.Errorf("planning a file with faults of both kinds: %s %v", out, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var out output
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"serve"}, func(n string) string { return vars[n] }, &out, &out) }()
	base := "http://" + waitFor(t, &out, regexp.MustCompile(`listening on (\S+)\)`))
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/@meridian.example/sign-in": 200,
		"/@nowhere.example/":                             404,
		"/idp/meridian/.well-known/openid-configuration": 404, "/clock": 404, "/mail": 404} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != want {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the portal ended with %v", err)
	}
}

// waitFor waits until the output matches and returns the first group.
func waitFor(t *testing.T, out *output, pattern *regexp.Regexp) string {
	t.Helper()
	for range 4800 { // two minutes, for a machine that is busy
		if m := pattern.FindStringSubmatch(out.String()); m != nil {
			return m[1]
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s was not printed: %s", pattern, out.String())
	return ""
}
