package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withoutDemo replaces demo.go.
const withoutDemo = `package main

type demoCmd struct{}

func (demoCmd) Run(*env) error { panic("there is no demonstration") }
`

// The command compiles without demo.go, so no other file uses it; and without it no
// dependency is package demo, so serve cannot use the adjustable clock, the provider
// without passwords or the mailbox.
func TestServeCannotReachTheDemonstration(t *testing.T) {
	dir := t.TempDir()
	stub, overlay := filepath.Join(dir, "demo.go"), filepath.Join(dir, "overlay.json")
	here, err := filepath.Abs("demo.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {here: stub}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{stub: []byte(withoutDemo), overlay: text} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tool := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	tool("build", "-o", filepath.Join(dir, "myaccess"), "-overlay", overlay, ".")
	whole, without := strings.Fields(tool("list", "-deps", ".")), strings.Fields(tool("list", "-deps", "-overlay", overlay,
		"."))
	if !slices.Contains(whole, "myaccess/internal/demo") || !slices.Contains(without, "myaccess/web") {
		t.Fatalf("the packages are not those of the command: %v", without)
	}
	for _, p := range without {
		if strings.HasPrefix(p, "myaccess/internal/demo") || strings.HasSuffix(p, "/go-smtp") {
			t.Errorf("serve depends on %s", p)
		}
	}
}
