package e2e_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"myaccess/internal/store"
)

// fixture is the environment of a test: the portal, its database and its
// settings.
type fixture struct {
	t        *testing.T
	dir      string
	binary   string
	database string
	secret   string
	env      []string
	base     string // the portal's address
	store    *store.Store
}

// newFixture chooses the portal's settings.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	r := &fixture{t: t, dir: dir, binary: binary, database: filepath.Join(dir, "myaccess.db"),
		secret: strings.Repeat("k", 32), base: "http://127.0.0.1:" + port}
	r.env = append(os.Environ(), "MYACCESS_LISTEN=127.0.0.1:"+port, "MYACCESS_BASE_URL="+r.base,
		"MYACCESS_DATABASE="+r.database,
		"MYACCESS_SECRET="+base64.StdEncoding.EncodeToString([]byte(r.secret)), "MYACCESS_ALLOW_LOOPBACK_ISSUERS=true")
	return r
}

// applyWorkspace applies the workspace, starts the providers of two of its
// organizations, and returns the file with the partner's accounts.
func (r *fixture) applyWorkspace() string {
	r.t.Helper()
	text, err := os.ReadFile("workspace.yaml")
	if err != nil {
		r.t.Fatal(err)
	}
	meridian, harbor := freePort(r.t), freePort(r.t)
	filled := strings.NewReplacer("{{meridian}}", meridian, "{{harbor}}", harbor, "{{nobody}}", freePort(r.t)).Replace(
		string(text))
	file := filepath.Join(r.dir, "workspace.yaml")
	r.writeFile(file, []byte(filled))
	apply := exec.CommandContext(r.t.Context(), r.binary, "apply", file)
	apply.Env = r.env
	out, err := apply.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
	callbacks := regexp.MustCompile(`Callback address of .*: (\S+)`).FindAllStringSubmatch(string(out), -1)
	if len(callbacks) != 3 {
		r.t.Fatalf("three callback addresses are printed for three directories: %s", out)
	}
	r.startProvider(meridian, callbacks[0][1], "meridian", "Lena Berg", "Ida Falk", "Omar Haddad")
	return r.startProvider(harbor, callbacks[1][1], "harbor", "Mara Lind", "Tom Okafor", "Nils Sand", "Vera Holm")
}

// startProvider starts an OpenID Provider with accounts for the people, whose
// subjects are their first names.
func (r *fixture) startProvider(port, callback, organization string, people ...string) (accounts string) {
	r.t.Helper()
	var all []map[string]string
	for _, name := range people {
		first, _, _ := strings.Cut(strings.ToLower(name), " ")
		all = append(all, map[string]string{"sub": first, "name": name, "email": first + "@" + organization + ".example"})
	}
	accounts = filepath.Join(r.dir, organization+".json")
	r.writeFile(accounts, r.mustJSON(all))
	number, err := strconv.Atoi(port)
	if err != nil {
		r.t.Fatal(err)
	}
	config := r.mustJSON(map[string]any{"port": number, "client": "myaccess", "secret": "secret of " + organization,
		"redirects": []string{callback},
		"signedOut": r.base + "/auth/signed-out", "accounts": accounts})
	r.start(exec.Command("node", "provider.mjs", string(config)), "issuer")
	return accounts
}

func (r *fixture) writeFile(name string, text []byte) {
	r.t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *fixture) mustJSON(v any) []byte {
	r.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

func (r *fixture) startPortal() {
	r.t.Helper()
	serve := exec.Command(r.binary, "serve")
	serve.Env = r.env
	r.start(serve, "is ready")
}

// openStore opens the database next to the portal.
func (r *fixture) openStore() {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), store.Config{Address: r.database, Key: []byte(r.secret), Now: time.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	r.store = s
	r.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			r.t.Error(err)
		}
	})
}

// start runs a command until the test ends, and waits until it has printed
// sign. Its standard error is logged if the test fails.
func (r *fixture) start(c *exec.Cmd, sign string) {
	r.t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	stderr, err := os.CreateTemp(r.dir, "stderr")
	if err != nil {
		r.t.Fatal(err)
	}
	c.Stderr = stderr
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if text, err := os.ReadFile(stderr.Name()); r.t.Failed() && err == nil {
			r.t.Logf("%s stderr: %s", filepath.Base(c.Path), text)
		}
	})
	ready := make(chan bool, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), sign) && len(ready) == 0 {
				ready <- true
			}
		}
		close(ready)
	}()
	select {
	case ok := <-ready:
		if !ok {
			r.t.Fatalf("%s ended before it was ready", c.Path)
		}
	case <-time.After(time.Minute):
		r.t.Fatalf("%s is not ready after a minute", c.Path)
	}
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
