package shape_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestListsOfRulesNameTests: every test named in the lists of ways and rules of package
// admin exists, and every row names one.
func TestListsOfRulesNameTests(t *testing.T) {
	exists := map[string]bool{}
	for name := range readTests(t) {
		_, test, _ := strings.Cut(name, ":")
		exists[test] = true
	}
	rows := 0
	for _, file := range []string{"ways.md", "rules.md"} {
		text, err := os.ReadFile(filepath.Join("..", "admin", file))
		if err != nil {
			t.Fatal(err)
		}
		listed := false // in a table whose last column has the tests
		for n, line := range strings.Split(string(text), "\n") {
			cells := strings.Split(line, "|")
			last := cells[max(0, len(cells)-2)]
			if listed = listed && len(cells) > 1 || strings.TrimSpace(last) == "Test"; !listed || !isRow(last) {
				continue
			}
			rows++
			named := regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(last, -1)
			if len(named) == 0 {
				t.Errorf("%s, line %d names no test: %s", file, n+1, last)
			}
			for _, test := range named {
				if !exists[test] {
					t.Errorf("%s, line %d: there is no %s", file, n+1, test)
				}
			}
		}
	}
	if rows < 35 {
		t.Errorf("%d rows name tests", rows)
	}
}

// isRow reports whether the last cell is not of the head of a table.
func isRow(last string) bool {
	return strings.Trim(last, " -") != "" && strings.TrimSpace(last) != "Test"
}
