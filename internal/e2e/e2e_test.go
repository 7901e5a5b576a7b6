//go:build e2e

package e2e_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"myaccess/internal/mail/mailtest"
)

// rig is everything that a scenario runs against.
type rig struct {
	t      *testing.T
	dir    string
	binary string
	env    []string
	base   string
}

// TestScenario runs the main job in a browser.
func TestScenario(t *testing.T) {
	r := &rig{t: t, dir: t.TempDir()}
	r.build()
	box := mailtest.Start(t, mailtest.Config{})
	mails := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if err := json.NewEncoder(w).Encode(box.To(q.URL.Query().Get("to"))); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(mails.Close)
	port := freePort(t)
	r.base = "http://127.0.0.1:" + port
	r.env = append(os.Environ(), "MYACCESS_LISTEN=127.0.0.1:"+port, "MYACCESS_BASE_URL="+r.base, "MYACCESS_DATABASE="+filepath.Join(r.dir, "myaccess.db"),
		"MYACCESS_SECRET="+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))), "MYACCESS_SMTP_ADDR="+box.Addr(),
		"MYACCESS_SMTP_FROM=portal@meridian.example", "MYACCESS_SMTP_TLS=none", "MYACCESS_ALLOW_LOOPBACK_ISSUERS=true")
	harbor := r.organizations()
	r.serve()
	r.scenario("scenario.mjs", map[string]string{"mail": mails.URL, "harborAccounts": harbor})
}

func (r *rig) build() {
	r.t.Helper()
	r.binary = filepath.Join(r.dir, "myaccess")
	build := exec.CommandContext(r.t.Context(), "go", "build", "-o", r.binary, "myaccess/cmd/myaccess")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
}

// organizations applies the workspace, starts the two providers that it names,
// and returns the file with the partner's accounts.
func (r *rig) organizations() string {
	r.t.Helper()
	text, err := os.ReadFile("workspace.yaml")
	if err != nil {
		r.t.Fatal(err)
	}
	ports := []string{freePort(r.t), freePort(r.t)}
	end := time.Now().Add(75 * time.Second).UTC().Format(time.RFC3339)
	file := filepath.Join(r.dir, "workspace.yaml")
	filled := strings.NewReplacer("{{meridian}}", ports[0], "{{harbor}}", ports[1], "{{end}}", end).Replace(string(text))
	if err := os.WriteFile(file, []byte(filled), 0o600); err != nil {
		r.t.Fatal(err)
	}
	apply := exec.CommandContext(r.t.Context(), r.binary, "apply", file)
	apply.Env = r.env
	out, err := apply.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
	callbacks := regexp.MustCompile(`callback address of .*: (\S+)`).FindAllStringSubmatch(string(out), -1)
	if len(callbacks) != 2 {
		r.t.Fatalf("two callback addresses are printed for two directories: %s", out)
	}
	r.provider(ports[0], callbacks[0][1], "meridian", "lena", "Lena Berg", "ida", "Ida Falk")
	return r.provider(ports[1], callbacks[1][1], "harbor", "mara", "Mara Lind", "tom", "Tom Okafor")
}

// provider starts an OpenID Provider with the accounts, given as subject and
// name in turn.
func (r *rig) provider(port, callback, organization string, people ...string) (accounts string) {
	r.t.Helper()
	var all []map[string]string
	for i := 0; i < len(people); i += 2 {
		all = append(all, map[string]string{"sub": people[i], "name": people[i+1], "email": people[i] + "@" + organization + ".example"})
	}
	accounts = filepath.Join(r.dir, organization+".json")
	if err := os.WriteFile(accounts, r.json(all), 0o600); err != nil {
		r.t.Fatal(err)
	}
	var number int
	if _, err := fmt.Sscan(port, &number); err != nil {
		r.t.Fatal(err)
	}
	config := r.json(map[string]any{"port": number, "client": "myaccess", "secret": "secret of " + organization, "redirects": []string{callback},
		"signedOut": r.base + "/auth/signed-out", "accounts": accounts})
	r.start(exec.Command("node", "provider.mjs", string(config)), "issuer")
	return accounts
}

func (r *rig) json(v any) []byte {
	r.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

func (r *rig) serve() {
	r.t.Helper()
	serve := exec.Command(r.binary, "serve")
	serve.Env = r.env
	r.start(serve, "is ready")
}

// start runs a command until the test ends, and returns when it has printed
// sign.
func (r *rig) start(c *exec.Cmd, sign string) {
	r.t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), sign) {
				ready <- true
			}
		}
		ready <- false
	}()
	select {
	case ok := <-ready:
		if !ok {
			r.t.Fatalf("%s ended before it was ready", c.Path)
		}
	case <-time.After(30 * time.Second):
		r.t.Fatalf("%s is not ready after 30 seconds", c.Path)
	}
}

// scenario runs one in the browser.
func (r *rig) scenario(name string, more map[string]string) {
	r.t.Helper()
	artifacts, err := filepath.Abs("../../artifacts/screenshots")
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.MkdirAll(artifacts, 0o750); err != nil {
		r.t.Fatal(err)
	}
	setup := map[string]string{"base": r.base, "artifacts": artifacts, "chromium": chromium(r.t)}
	for k, v := range more {
		setup[k] = v
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "node", name)
	run.Env = append(os.Environ(), "E2E_SETUP="+string(r.json(setup)))
	run.Stdout, run.Stderr = os.Stdout, os.Stderr
	if err := run.Run(); err != nil {
		r.t.Errorf("%s: %v", name, err)
	}
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium")
	return ""
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
