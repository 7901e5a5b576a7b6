package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnusableDatabase: check-config and every command that opens the database
// name the cause if there cannot be one, in one line.
func TestUnusableDatabase(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("These are no tables."), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		filepath.Join(dir, "missing", "x.db"): "the directory " + filepath.Join(dir, "missing") + " does not exist.",
		dir:                                   dir + " is a directory, not a file.",
		text:                                  text + " is not an SQLite database.",
		"postgres://me:hush@nosuch.invalid/x": "the host “nosuch.invalid” is not known.",
	} {
		for _, command := range []string{"check-config", "serve", "export"} {
			vars := environment(t)
			vars["MYACCESS_DATABASE"] = address
			_, err := try(t, vars, command)
			if want := "The database can't be opened: " + want; err == nil || err.Error() != want {
				t.Errorf("%s with %s: %v, want %s", command, address, err, want)
			}
		}
	}
	vars := environment(t)
	vars["MYACCESS_DATABASE"], vars["MYACCESS_RATE"] = dir, "many"
	_, err := try(t, vars, "check-config")
	for _, fault := range []string{"MYACCESS_RATE", "is a directory, not a file"} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q is not among the faults: %v", fault, err)
		}
	}
}

// TestSecretOfAnotherDatabase: check-config and every command that opens the database
// refuse a secret other than the one it is used with, and change nothing.
func TestSecretOfAnotherDatabase(t *testing.T) {
	vars := environment(t)
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	if err := os.WriteFile(file,
		[]byte("directories:\n  - {displayName: Quay, domains: [quay.example], provider: {issuer: "+
			"\"https://login.quay.example\", clientId: x, clientSecret: y}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	commands := [][]string{{"check-config"}, {"plan", file}, {"apply", file}, {"export"}, {"serve"},
		{"init", "quay.example"},
		{"vouch", "quay.example", "quay.example"}, {"reprocess", "quay.example", "x"}, {"sample"}}
	if out, err := try(t, vars, "check-config"); err != nil { // there is no database yet
		t.Fatal(out, err)
	}
	if _, err := os.Stat(vars["MYACCESS_DATABASE"]); err == nil {
		t.Error("check-config has created a database")
	}
	if out, err := try(t, vars, "apply", file); err != nil && !strings.Contains(out, "Callback address") {
		t.Fatal(out, err)
	}
	if out, err := try(t, vars, "check-config"); err != nil {
		t.Fatal(out, err)
	}
	vars["MYACCESS_SECRET"] = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("o"), 32))
	for _, args := range commands {
		_, err := try(t, vars, args...)
		if err == nil || !strings.HasPrefix(err.Error(), "MYACCESS_SECRET doesn't match this database: ") {
			t.Errorf("%v: %v", args, err)
		}
	}
	vars["MYACCESS_SECRET"] = environment(t)["MYACCESS_SECRET"]
	if out, err := try(t, vars, "plan", file); err != nil || !strings.Contains(out, "No changes") {
		t.Errorf("with the right secret again: %s %v", out, err)
	}
}
