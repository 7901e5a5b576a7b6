package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAdministration starts with an empty tenant and its provider: the first
// administrator sets everything up in the browser, and a person of the partner
// uses it. With scripts on, every page is checked.
func TestAdministration(t *testing.T) {
	browser := requireBrowser(t)
	for name, scripts := range map[string]string{"scripts on": "yes", "scripts off": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFixture(t)
			box := r.startMailServer()
			link := r.initTenant()
			r.startPortal()
			r.openStore()
			r.runScript("admin.mjs", map[string]string{"facts": r.serveFacts(box), "quay": r.serveQuay(), "chromium": browser,
				"link":    link,
				"scripts": scripts})
		})
	}
}

// initTenant creates an empty tenant and returns the one-time link for its
// first administrator. The partner's directory is applied to the installation.
func (r *fixture) initTenant() (link string) {
	r.t.Helper()
	meridian, harbor := freePort(r.t), freePort(r.t)
	secret, file := filepath.Join(r.dir, "secret"), filepath.Join(r.dir, "partners.yaml")
	r.writeFile(secret, []byte("secret of meridian"))
	r.writeFile(file, []byte(strings.ReplaceAll(partnerWorkspace, "{{harbor}}", harbor)))
	founded := r.command("init", "meridian.example", "--name", "Meridian Works", "--issuer", "http://127.0.0.1:"+meridian,
		"--client-id", "myaccess", "--client-secret-file", secret)
	applied := r.command("apply", file)
	r.startProvider(meridian, callbackAddress(r.t, founded), "meridian", "Lena Berg", "Ida Falk", "Omar Haddad")
	r.startProvider(harbor, callbackAddress(r.t, applied), "harbor", "Mara Lind", "Tom Okafor", "Vera Holm")
	return regexp.MustCompile(`http\S+/setup/\S+`).FindString(founded)
}

// serveQuay returns the address of a helper for the browser's side: it starts
// the provider of an unknown partner for a callback address, and verifies
// the partner's domain as the operator.
func (r *fixture) serveQuay() (address string) {
	port := freePort(r.t)
	all := http.NewServeMux()
	all.HandleFunc("/serve", func(w http.ResponseWriter, q *http.Request) {
		r.startProvider(port, q.URL.Query().Get("callback"), "quay", "Nils Sand")
		r.writeJSON(w, map[string]string{"issuer": "http://127.0.0.1:" + port, "client": "myaccess",
			"secret": "secret of quay"})
	})
	all.HandleFunc("/vouch", func(w http.ResponseWriter, _ *http.Request) {
		r.writeJSON(w, r.command("verify-domain", "quay.example", "meridian.example"))
	})
	server := httptest.NewServer(all)
	r.t.Cleanup(server.Close)
	return server.URL
}

// partnerWorkspace is the workspace file with the partner's directory.
const partnerWorkspace = `
directories:
  - displayName: Harbor Studio
    domains: [harbor.example]
    provider: {issuer: "http://127.0.0.1:{{harbor}}", clientId: myaccess, clientSecret: secret of harbor}
`

// command runs a command of the program and returns its output.
func (r *fixture) command(args ...string) string {
	r.t.Helper()
	c := exec.CommandContext(r.t.Context(), r.binary, args...)
	c.Env = r.env
	out, err := c.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v: %s", args[0], err, out)
	}
	return string(out)
}

// callbackAddress returns the callback address in a command's output.
func callbackAddress(t *testing.T, output string) string {
	t.Helper()
	found := regexp.MustCompile(`Callback address of .*: (\S+)`).FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("no callback address in: %s", output)
	}
	return found[1]
}
