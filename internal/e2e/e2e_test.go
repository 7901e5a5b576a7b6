package e2e_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail/mailtest"
)

// TestScenario runs the main scenario and its failure cases in a browser.
func TestScenario(t *testing.T) {
	browser := requireBrowser(t)
	t.Parallel()
	r := newFixture(t)
	box := r.startMailServer()
	harbor := r.applyWorkspace()
	r.startPortal()
	r.openStore()
	r.runScript("scenario.mjs", map[string]string{"facts": r.serveFacts(box), "harborAccounts": harbor,
		"chromium": browser})
}

// serveFacts returns the address of a helper for the browser's side: it serves
// the mails, and a person's record in the database.
func (r *fixture) serveFacts(box *mailtest.Server) (address string) {
	all := http.NewServeMux()
	all.HandleFunc("/mail", func(w http.ResponseWriter, q *http.Request) {
		r.writeJSON(w, box.To(q.URL.Query().Get("to")))
	})
	all.HandleFunc("/person", func(w http.ResponseWriter, q *http.Request) {
		r.writeJSON(w, r.personFacts(q.URL.Query().Get("sub")))
	})
	server := httptest.NewServer(all)
	r.t.Cleanup(server.Close)
	return server.URL
}

// requireBrowser returns the browser, or fails the test if something is
// missing. It walks all source directories so that a cached result is not used
// after a file was added or removed.
func requireBrowser(t *testing.T) (browser string) {
	t.Helper()
	for _, dir := range []string{"cmd", "internal", "static", "views", "web"} {
		err := filepath.WalkDir("../../"+dir, func(_ string, d fs.DirEntry, err error) error {
			if d != nil && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const install = "`make test` installs it"
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("The browser tests need Node 20 or later; " + install + ".")
	}
	if _, err := os.Stat("node_modules/playwright-core"); err != nil {
		t.Fatal("The browser tests need `npm ci` in internal/e2e; `make test` does that.")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("The browser tests need Chromium; " + install + ".")
	return ""
}

// startMailServer starts the mail server that the portal sends to.
func (r *fixture) startMailServer() *mailtest.Server {
	box := mailtest.Start(r.t, mailtest.Config{})
	r.env = append(r.env, "MYACCESS_SMTP_ADDR="+box.Addr(), "MYACCESS_SMTP_FROM=portal@meridian.example",
		"MYACCESS_SMTP_TLS=none")
	return box
}

// runScript runs a script with the browser's side of a test. It leaves
// screenshots of every page in the directory MYACCESS_SCREENSHOTS, if that is
// set.
func (r *fixture) runScript(script string, setup map[string]string) {
	r.t.Helper()
	setup["base"] = r.base
	if dir := os.Getenv("MYACCESS_SCREENSHOTS"); dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			r.t.Fatal(err)
		}
		setup["screenshots"] = dir
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 9*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "node", script)
	run.Env = append(os.Environ(), "E2E_SETUP="+string(r.mustJSON(setup)))
	out, err := run.CombinedOutput()
	r.t.Logf("%s", out)
	if err != nil {
		r.t.Errorf("the browser's side: %v", err)
	}
}

func (r *fixture) writeJSON(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		r.t.Error(err)
	}
}

// facts is a person's record in the portal and the target.
type facts struct {
	Kind   access.PersonKind
	Guest  access.GuestState
	Target access.GuestState // the account in the target
	Held   int               // number of held resource roles
}

// personFacts reads from the database the record of the partner's person with
// the subject.
func (r *fixture) personFacts(subject string) facts {
	f, err := r.readFacts(context.Background(), subject)
	if err != nil {
		r.t.Error(err)
	}
	return f
}

func (r *fixture) readFacts(ctx context.Context, subject string) (f facts, err error) {
	tenant, err := r.store.TenantByDomain(ctx, "meridian.example")
	if err != nil {
		return f, err
	}
	dir, err := r.store.DirectoryByDomain(ctx, tenant.ID, "harbor.example")
	if err != nil {
		return f, err
	}
	account, _, err := r.store.AccountOf(ctx, dir.ID, subject)
	if err != nil {
		return f, err
	}
	p, _, err := r.store.PersonOf(ctx, tenant.ID, account.ID)
	if err != nil {
		return f, err
	}
	f.Kind, f.Guest = p.Kind, p.Guest
	if f.Target, err = r.store.AccountState(ctx, tenant.ID, p.ID); err != nil {
		return f, err
	}
	grants, err := r.store.Grants(ctx, tenant.ID, p.ID)
	for _, g := range grants {
		if g.State == access.Held {
			f.Held++
		}
	}
	return f, err
}
