package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// Every job has a use case.
func TestJobsAreWired(t *testing.T) {
	w := reflect.ValueOf(jobWork(lifecycle.New(lifecycle.Config{Log: slog.New(slog.DiscardHandler)}),
		admin.New(admin.Config{}), nil))
	for i := range w.NumField() {
		if w.Field(i).IsNil() {
			t.Errorf("%s has no function", w.Type().Field(i).Name)
		}
	}
}

// TestJobsWaitForStorage: while the database cannot be written, jobs are not run, and a
// job that finds that out reports no failure.
func TestJobsWaitForStorage(t *testing.T) {
	var full atomic.Bool
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.Migrated()["sqlite"](t), clock.Now, func(c *store.Config) {
		c.Intercept = func(query string, _ []any) error {
			if full.Load() && (strings.HasPrefix(query, "INSERT") || strings.HasPrefix(query, "PRAGMA")) {
				return sqldb.ErrFull
			}
			return nil
		}
	})
	runs := 0
	job := func() error {
		_, err := whileWritable(t.Context(), s, func() (int, error) {
			runs++
			return 1, s.Write(t.Context(), func(tx *store.Tx) error {
				return tx.AddDraft(t.Context(), access.FormDraft{Key: strconv.Itoa(runs)})
			})
		})
		return err
	}
	for _, step := range []struct {
		full bool
		runs int // until then
	}{{false, 1}, {true, 2}, {true, 2}, {true, 2}, {false, 3}, {false, 4}} {
		full.Store(step.full)
		clock.Advance(time.Minute)
		if err := job(); err != nil || runs != step.runs {
			t.Errorf("full %v: %d runs, want %d; %v", step.full, runs, step.runs, err)
		}
	}
}

// TestWarnsOfExposedFiles: files with secrets that others can read are logged: each file of
// a secret, and the file of settings if one is in it.
func TestWarnsOfExposedFiles(t *testing.T) {
	for name, value := range map[string]string{"MYACCESS_SECRET": environment(t)["MYACCESS_SECRET"],
		"MYACCESS_SMTP_PASSWORD": "hidden-word", "MYACCESS_OUTBOUND_PROXY": "http://user:hidden-word@proxy.example.org"} {
		for place, text := range map[string]string{"_FILE": value, "--config": name + "=" + value + "\n"} {
			vars, args := environment(t), []string{"check-config"}
			vars["MYACCESS_SMTP_USER"] = "portal"
			vars["MYACCESS_SMTP_TLS"] = "starttls"
			vars["MYACCESS_SMTP_PASSWORD"] = "other-word"
			delete(vars, name)
			file := filepath.Join(t.TempDir(), "secret")
			if place == "--config" {
				args = append([]string{"--config", file}, args...)
			} else {
				vars[name+place] = file
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := try(t, vars, args...); err != nil || strings.Contains(out, "other users") {
				t.Errorf("%s %s: %s, %v", name, place, out, err)
			}
			if err := os.Chmod(file, 0o604); err != nil { //nolint:gosec // what the test is about
				t.Fatal(err)
			}
			if out, err := try(t, vars, args...); err != nil || !strings.Contains(out, "other users") ||
				!strings.Contains(out, "file="+file+" mode=0604") || strings.Contains(out, "hidden-word") {
				t.Errorf("%s %s: %s, %v", name, place, out, err)
			}
		}
	}
}

// The portal collects garbage seldom, but as often as GOGC says where an operator sets it.
func TestRelaxCollector(t *testing.T) {
	before := debug.SetGCPercent(120)
	defer debug.SetGCPercent(before)
	relaxCollector(func(name string) string { return map[string]string{"GOGC": "150"}[name] })
	if got := debug.SetGCPercent(120); got != 120 {
		t.Errorf("with GOGC the collector was set to %d", got)
	}
	relaxCollector(func(string) string { return "" })
	if got := debug.SetGCPercent(120); got != 400 {
		t.Errorf("the collector is at %d, not 400", got)
	}
}
