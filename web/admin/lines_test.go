package admin

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// A line of a megabyte is split in time in proportion to its length: it took half a
// minute.
func TestLongLines(t *testing.T) {
	start := time.Now()
	for name, line := range map[string]string{"letters": strings.Repeat("x", kit.MaxBody),
		"escapes": strings.Repeat(`\n`, kit.MaxBody/2), "bars": strings.Repeat("|", kit.MaxBody)} {
		typed, es := url.Values{"choices": {line}, "texts": {"de: " + line}}, access.Errors{}
		if got := readChoices(typed, "choices", &es); len(got) != 1 {
			t.Errorf("%s: %d choices", name, len(got))
		}
		readTexts(typed, "texts", &es)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSplitLine(t *testing.T) {
	for line, want := range map[string][]string{
		"":                     {""},
		"eu":                   {"eu"},
		"eu | Europe |de: EU ": {"eu", "Europe", "de: EU"},
		`a\|b|c\\|d\ne|\x|\`:   {"a|b", `c\`, "d\ne", `\x`, `\`},
		"|":                    {"", ""},
	} {
		if got := splitLine(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// Duplicates of a long list are found in time in proportion to its length.
func TestUniqueSubjects(t *testing.T) {
	var all []access.SubjectRef
	for i := range 200_000 {
		all = append(all, access.SubjectRef{Kind: access.SubjectPerson, ID: fmt.Sprint("an identifier ", i/2)})
	}
	start := time.Now()
	if got := uniqueSubjects(all); len(got) != 100_000 || got[1] != all[2] {
		t.Errorf("%d subjects", len(got))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
