package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// row is a row of the manifest of vendor.
type row struct{ file, pack, version, licence, sum, source string }

func manifest(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("vendor/manifest.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) != 6 {
			t.Fatalf("not six columns: %s", line)
		}
		rows = append(rows, row{f[0], f[1], f[2], f[3], f[4], f[5]})
	}
	return rows
}

// The third-party files are exactly those of the manifest, byte for byte.
func TestVendoredFilesMatchManifest(t *testing.T) {
	want := map[string]string{}
	for _, r := range manifest(t) {
		if !strings.Contains(r.file, "#") {
			want[r.file] = r.sum
		}
	}
	entries, err := os.ReadDir("vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "manifest.txt" || e.Name() == "LICENSES" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("vendor", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if got := hex.EncodeToString(sum[:]); got != want[e.Name()] {
			t.Errorf("%s has the checksum %s, not %q of the manifest", e.Name(), got, want[e.Name()])
		}
		delete(want, e.Name())
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

// The sprite has the icons of the manifest, in its order, and nothing that
// executes or loads anything.
func TestSpriteMatchesManifest(t *testing.T) {
	var want []string
	for _, r := range manifest(t) {
		if icon, ok := strings.CutPrefix(r.file, "icons.svg#"); ok {
			want = append(want, icon)
		}
	}
	a := assets(t)
	sprite := text(t, get(a, "GET", a.Path("icons.svg")).Body)
	var got []string
	for _, part := range strings.Split(sprite, `<symbol id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		got = append(got, id)
	}
	if len(got) < 25 || !slices.Equal(got, want) {
		t.Errorf("the sprite has %v, the manifest %v", got, want)
	}
	for _, bad := range []string{"<script", "href", " on", "style", "fill="} {
		if strings.Contains(sprite, bad) {
			t.Errorf("the sprite contains %q", bad)
		}
	}
}

// For every licence in the manifest its text is in the directory.
func TestLicencesArePresent(t *testing.T) {
	licences, err := os.ReadFile("vendor/LICENSES")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"0BSD": "Zero-Clause BSD", "MIT": "MIT License"}
	for _, r := range manifest(t) {
		if title := texts[r.licence]; title == "" || !strings.Contains(string(licences), title) {
			t.Errorf("%s: the text of %s is not there", r.file, r.licence)
		}
	}
}

// Every icon that a page uses is in the sprite.
func TestIconsOfPagesAreInTheSprite(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../web/*.go", "../web/*/*.go", "../views/*.templ", "../views/ui/*.templ",
		"../views/ui/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	sprite := text(t, get(assets(t), "GET", assets(t).Path("icons.svg")).Body)
	named := regexp.MustCompile(
		`Icon: +"([^"]+)"|Icon\([^",]+, "([^"]+)"\)|"[a-z-]+", "([a-z_]+)", access\.|"(state_[a-z]+)"`)
	count := 0
	for _, name := range files {
		source, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(source), -1) {
			count++
			if icon := m[1] + m[2] + m[3] + m[4]; !strings.Contains(sprite, `id="`+icon+`"`) {
				t.Errorf("%s: there is no icon %q", name, icon)
			}
		}
	}
	if count < 12 {
		t.Errorf("only %d icons were found in the pages", count)
	}
}
