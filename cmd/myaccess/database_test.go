package main

import (
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
		"postgres://me:hush@nosuch.invalid/x": `the host "nosuch.invalid" is not known.`,
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
