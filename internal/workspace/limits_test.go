package workspace_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// parsed returns the faults of a text, one per line, and fails if that takes more than
// a second or 64 MB.
func parsed(t *testing.T, text string) []string {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	_, err := workspace.Parse([]byte(text))
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	used := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d KB of text: %v, %d KB", len(text)>>10, took, used>>10)
	if took > time.Second || used > 64<<20 {
		t.Errorf("took %v and %d MB", took, used>>20)
	}
	if err == nil {
		return nil
	}
	if len(err.Error()) > 64<<10 {
		t.Errorf("the faults have %d KB", len(err.Error())>>10)
	}
	return strings.Split(err.Error(), "\n")
}

func caseFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A merge key is refused with its line (C51).
func TestC51MergeKeys(t *testing.T) {
	got := parsed(t, caseFile(t, "C51-merge-keys.yaml"))
	want := "Line 23: Merge keys (<<) are not supported. Write the keys here, or use an alias for a whole value."
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q", got)
	}
}

// Aliases of whole values work.
func TestAliases(t *testing.T) {
	f, err := workspace.Parse([]byte(caseFile(t, "anchor-alias.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.New(t, storetest.NewClock())
	if _, err := workspace.Apply(t.Context(), s, f, workspace.Options{AllowLoopback: true}); err != nil {
		t.Fatal(err)
	}
	tenant, err := s.TenantByDomain(t.Context(), "home.example")
	if err != nil {
		t.Fatal(err)
	}
	text, err := workspace.Export(t.Context(), s)
	if err != nil || strings.Count(string(text), "durationInDays: 30") != 2 {
		t.Errorf("%s: %s, %v", tenant.Name, text, err)
	}
}

// A look ahead is refused at the pattern, with a message that says what to do (C52).
func TestC52LookAhead(t *testing.T) {
	f, err := workspace.Parse([]byte(caseFile(t, "C52-lookahead.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	_, err = workspace.Apply(t.Context(), storetest.New(t, storetest.NewClock()), f,
		workspace.Options{AllowLoopback: true})
	faults, _ := errors.AsType[workspace.Faults](err)
	if len(faults) != 1 || faults[0].Line != 22 || faults[0].Kind != access.Invalid ||
		!strings.HasPrefix(faults[0].Text(), "Question 1: a regular expression cannot look ahead or behind") {
		t.Errorf("got %v", err)
	}
}

// levels are mappings of which each repeats the one before ten times.
func levels(n int, entry string) string {
	var b strings.Builder
	b.WriteString("x0: &a0 {k: v}\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "x%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf(entry, i-1)+", ", 10), ", "))
	}
	return b.String()
}

// choices are questions that repeat the same choices.
func repeatedChoices() string {
	var b strings.Builder
	b.WriteString("tenants:\n- catalogs:\n  - accessPackages:\n    - assignmentPolicies:\n      - questions:\n        - " +
		"choices: &c\n")
	for range 1000 {
		b.WriteString("          - {text: a}\n")
	}
	for range 999 {
		b.WriteString("        - choices: *c\n")
	}
	return b.String()
}

// What a file stands for is measured before it is decoded: 70 KB of merge keys took
// 12 GB, and their faults 112 MB.
func TestHostileFiles(t *testing.T) {
	merges := "x: &a {" + strings.TrimSuffix(strings.Repeat("b: c, ", 1), ", ") + "}\ntenants:\n"
	for name, tt := range map[string]struct {
		text, want string // want is the beginning of the first fault
		most       int    // lines
	}{
		"merge keys in a list": {merges + strings.Repeat("- <<: *a\n", 7000), "Line 1: Unknown key “x”", 101},
		"merge keys of merge keys": {"x0: &a0 {k: v}\n" + func() (s string) {
			for i := 1; i < 3000; i++ {
				s += fmt.Sprintf("x%d: &a%d {<<: *a%d}\n", i, i, i-1)
			}
			return s
		}(), "Line 1: A mapping can have at most 1000 keys", 1},
		"a merge key of many": {"directories:\n- &a {displayName: x}\n- <<: [" +
			strings.TrimSuffix(strings.Repeat("*a, ", 17_000), ", ") + "]\n", "Line 3: Merge keys (<<)", 1},
		"a quoted merge key":  {"directories:\n- {\"<<\": {displayName: x}}\n", "Line 2: Unknown key “<<”", 1},
		"a tagged merge key":  {"directories:\n- {!!merge a: {displayName: x}}\n", "Line 2: Merge keys (<<)", 1},
		"levels of aliases":   {levels(12, "*a%d"), "Line 6: Aliases can repeat at most 100000 values", 1},
		"repeated choices":    {repeatedChoices(), "Line 1040: Aliases can repeat at most 100000 values", 1},
		"an anchor in itself": {"directories:\n- &a {displayName: [*a]}\n", "Line 2: The anchor “a” contains itself", 1},
		"anchors in a circle": {"directories: &a\n- &b [*a, *b]\n", "Line 1: The anchor “a” contains itself", 1},
		"deep in each other": {"directories: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
			"Line 1: A file can have at most 50 levels of nesting", 1},
		"as many keys": {manyKeys(), "Line 1: A mapping can have at most 1000 keys", 1},
		"the same key often": {"directories:\n- {" + strings.Repeat(strings.Repeat("k", 70)+": v, ", 990) + "a: b}\n",
			"Line 2: The key “kkk", 101},
		"a key that is a list": {"directories:\n- {[a]: b, [c]: d}\n", "Line 2: A key must be a name", 2},
		"a very long key":      {strings.Repeat("k", 900) + ": v\n", "Line 1: Unknown key “kkk", 1},
		"unknown keys": {"directories:\n" + strings.Repeat("- {displayNames: v}\n", 5000),
			"Line 2: Unknown key “displayNames”. Did you mean “displayName”?", 101},
		"wrong types": {"directories:\n" + strings.Repeat("- {displayName: [a]}\n", 5000),
			"Line 2: This must be a text.",
			101},
		"an unknown anchor": {"directories: *" + strings.Repeat("a", 500_000) + "\n",
			"This isn't valid YAML: unknown anchor 'aaa",
			1},
	} {
		t.Run(name, func(t *testing.T) {
			got := parsed(t, tt.text)
			if len(got) == 0 || !strings.HasPrefix(got[0], tt.want) || len(got) > tt.most {
				t.Errorf("got %d faults: %.300q, want %s", len(got), got[:min(3, len(got))], tt.want)
			}
			if last := got[len(got)-1]; len(got) == 101 && !strings.HasPrefix(last, "Only the first 100 ") {
				t.Errorf("the last line is %q", last)
			}
		})
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&b, "k%d: v\n", i)
	}
	return b.String()
}

// A file that is too large is not read.
func TestLargeFile(t *testing.T) {
	text := make([]byte, workspace.MaxFileSize+1)
	if _, err := workspace.Parse(text); err == nil || err.Error() != "The file has more than 64 MB." {
		t.Errorf("got %v", err)
	}
}

// What a refusal quotes of a file is shortened.
func TestLongTextsInFaults(t *testing.T) {
	long := strings.Repeat("ä", 100_000)
	got := faultsOf(t, storetest.New(t, storetest.NewClock()), "directories:\n  - displayName: A\n    domains: ["+long+
		"]\n    provider: {issuer: 'https://a.example', clientId: x, clientSecret: y}\ntenants:\n  - directory: "+long+"\n")
	if len(got) != 2 || len([]rune(got[0])) > 520 || len([]rune(got[1])) > 520 {
		t.Errorf("%d faults, %.600q", len(got), got)
	}
}
