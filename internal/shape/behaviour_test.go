package shape_test

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	behaviourFile = "internal/behaviour.md"
	stateHead     = "| State | Meaning |"
	countHead     = "| Numbers | Of what | works | partly | not yet | does not apply | all |"
	rowHead       = "| Number | What the product does | State | Tests | What is missing |"
	lastBehaviour = 263 // F-001 to F-263 are all there
)

func behaviourStates() []string { return []string{"works", "partly", "not yet", "does not apply"} }

// behaviourRow is a row of behaviour.md.
type behaviourRow struct {
	line                             int
	number, sentence, state, missing string
	tests                            []string // as package:TestName
}

// behaviourTables are the tables of behaviour.md, and the faults of their form.
type behaviourTables struct {
	rows   []behaviourRow
	counts [][]string // cells of the rows of the table of counts
	faults []string
}

// cells returns the cells of a line of a table, or nil if the line is not closed
// by a bar.
func cells(line string) []string {
	parts := strings.Split(strings.TrimSpace(line), "|")
	if len(parts) < 3 || parts[len(parts)-1] != "" {
		return nil
	}
	all := parts[1 : len(parts)-1]
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func parseBehaviours(text string) behaviourTables {
	var all behaviourTables
	head := ""
	for i, line := range strings.Split(text, "\n") {
		n := i + 1
		switch {
		case !strings.HasPrefix(line, "|"):
			if strings.Contains(line, " | ") {
				all.faults = append(all.faults, fmt.Sprintf("line %d: a row begins with a bar", n))
			}
			head = ""
		case head == "":
			if head = line; head != stateHead && head != countHead && head != rowHead {
				all.faults = append(all.faults, fmt.Sprintf("line %d: not the head of a table of this file", n))
			}
		case strings.Trim(line, "|-") == "" || head == stateHead:
		case head == countHead:
			all.counts = append(all.counts, cells(line))
		default:
			row, faults := parseBehaviour(n, line)
			if all.faults = append(all.faults, faults...); row.number != "" {
				all.rows = append(all.rows, row)
			}
		}
	}
	return all
}

// parseBehaviour returns a row and the faults of its form.
func parseBehaviour(n int, line string) (row behaviourRow, faults []string) {
	c := cells(line)
	if len(c) != strings.Count(rowHead, "|")-1 {
		return row, []string{fmt.Sprintf("line %d: a row has five cells", n)}
	}
	row = behaviourRow{line: n, number: c[0], sentence: c[1], state: c[2], missing: c[4]}
	if c[3] != "" {
		row.tests = strings.Split(c[3], "; ")
	}
	fault := func(is bool, what string) {
		if is {
			faults = append(faults, fmt.Sprintf("line %d, %s: %s", n, row.number, what))
		}
	}
	fault(!regexp.MustCompile(`^(F-\d{3}|[AMTUW]-\d{2}|[BINORS]-[1-9]\d?)$`).MatchString(row.number), "not a number")
	fault(!regexp.MustCompile(`^[A-Z].*[A-Za-z0-9]\.$`).MatchString(row.sentence) || strings.Contains(row.sentence, ". "),
		"not one sentence")
	fault(!slices.Contains(behaviourStates(), row.state), "an unknown state")
	fault(row.state == "works" && len(row.tests) == 0, "works without a test")
	fault(row.state == "works" && row.missing != "", "works, but something is missing")
	fault((row.state == "partly" || row.state == "does not apply") && row.missing == "", "does not say what is missing")
	fault((row.state == "not yet" || row.state == "does not apply") && len(row.tests) > 0, "a test of what is not there")
	for i, test := range row.tests {
		fault(!regexp.MustCompile(`^[a-z0-9/]+:Test\w+$`).MatchString(test), "not a test: "+test)
		fault(slices.Contains(row.tests[:i], test), "named twice: "+test)
	}
	return row, faults
}

// checkNumbers returns the duplicate numbers, and the behaviours that are missing.
func (b behaviourTables) checkNumbers() (faults []string) {
	seen := map[string]bool{}
	for _, row := range b.rows {
		if seen[row.number] {
			faults = append(faults, fmt.Sprintf("line %d: a second %s", row.line, row.number))
		}
		seen[row.number] = true
	}
	for i := range lastBehaviour {
		if number := fmt.Sprintf("F-%03d", i+1); !seen[number] {
			faults = append(faults, number+" is missing")
		}
	}
	return faults
}

// checkTests returns the named tests that do not exist.
func (b behaviourTables) checkTests(exists map[string]bool) (faults []string) {
	for _, row := range b.rows {
		for _, test := range row.tests {
			if !exists[test] {
				faults = append(faults, fmt.Sprintf("line %d, %s: there is no %s", row.line, row.number, test))
			}
		}
	}
	return faults
}

// checkCounts returns the lines of the table of counts that differ from the rows.
func (b behaviourTables) checkCounts() (faults []string) {
	count := map[string]map[string]int{"all": {}}
	for _, row := range b.rows {
		letter, _, _ := strings.Cut(row.number, "-")
		if count[letter] == nil {
			count[letter] = map[string]int{}
		}
		for _, line := range []map[string]int{count[letter], count["all"]} {
			line[row.state]++
			line["all"]++
		}
	}
	for _, c := range b.counts {
		if len(c) != strings.Count(countHead, "|")-1 || count[c[0]] == nil {
			faults = append(faults, fmt.Sprintf("counts: %q is not a line of counts", c))
			continue
		}
		var want []string
		for _, state := range append(behaviourStates(), "all") {
			want = append(want, strconv.Itoa(count[c[0]][state]))
		}
		if !slices.Equal(c[2:], want) {
			faults = append(faults, fmt.Sprintf("counts of %s: %s, want %s", c[0], strings.Join(c[2:], " | "),
				strings.Join(want, " | ")))
		}
		delete(count, c[0])
	}
	for letter := range count {
		faults = append(faults, "counts: no line for "+letter)
	}
	return faults
}

// checkReferences returns the numbers in the text of a file that have no row, and
// the documents named there, or their sections (§), that are not in the repository.
// Of a range such as "O-1 to O-3" all numbers must have a row.
func (b behaviourTables) checkReferences(file, text string, documents map[string]bool) (faults []string) {
	known := map[string]bool{"P-256": true} // the name of an elliptic curve
	for _, row := range b.rows {
		known[row.number] = true
	}
	number := regexp.MustCompile(`\b[A-Z]-\d{1,3}\b`)
	span := regexp.MustCompile(`\b([A-Z])-(\d{1,3}) to ([A-Z])-(\d{1,3})\b`)
	document := regexp.MustCompile(`\b[\w-]+\.md\b|\b[A-Z] §`)
	for i, line := range strings.Split(text, "\n") {
		wanted := number.FindAllString(line, -1)
		for _, s := range span.FindAllStringSubmatch(line, -1) {
			from, _ := strconv.Atoi(s[2])
			for last, _ := strconv.Atoi(s[4]); s[1] == s[3] && from < last; from++ {
				wanted = append(wanted, fmt.Sprintf("%s-%0*d", s[1], len(s[2]), from))
			}
		}
		for _, n := range wanted {
			if !known[n] {
				faults = append(faults, fmt.Sprintf("%s:%d: %s has no row in %s", file, i+1, n, behaviourFile))
			}
		}
		for _, d := range document.FindAllString(line, -1) {
			if !documents[d] {
				faults = append(faults, fmt.Sprintf("%s:%d: there is no %s in the repository", file, i+1, d))
			}
		}
	}
	return faults
}

// readTexts returns the texts that people write, by path: code, templates, SQL,
// scripts and documents. Left out are generated code, what is not ours, and the
// faults that behaviour_faults_test.go makes on purpose.
func readTexts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	kinds := []string{".go", ".templ", ".mjs", ".sql", ".md"}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, root), "/"))
		if d.IsDir() && (slices.Contains([]string{"node_modules", "testdata"}, d.Name()) || strings.HasPrefix(rel, ".") ||
			slices.Contains([]string{"artifacts", "bin", "data", "static/vendor"}, rel)) {
			return filepath.SkipDir
		}
		if d.IsDir() || !slices.Contains(kinds, path.Ext(rel)) && rel != "Makefile" ||
			strings.HasSuffix(rel, "_templ.go") || path.Base(rel) == "behaviour_faults_test.go" {
			return nil
		}
		text, err := os.ReadFile(name)
		all[rel] = string(text)
		return err
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("%d texts read: %v", len(all), err)
	}
	return all
}

// readTests returns the tests of the repository, as package:TestName.
func readTests(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && s.test && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
				all[s.pkg+":"+f.Name.Name] = true
			}
		}
	}
	return all
}

// TestBehaviours checks behaviour.md: its form and its counts, that every test
// named in it exists, and that every number used in the repository has a row.
func TestBehaviours(t *testing.T) {
	texts := readTexts(t)
	b := parseBehaviours(texts[behaviourFile])
	faults := slices.Concat(b.faults, b.checkNumbers(), b.checkTests(readTests(t)), b.checkCounts())
	for _, fault := range faults {
		t.Errorf("%s: %s", behaviourFile, fault)
	}
	documents := map[string]bool{}
	for file := range texts {
		if path.Ext(file) == ".md" {
			documents[path.Base(file)] = true
		}
	}
	for file, text := range texts {
		for _, fault := range b.checkReferences(file, text, documents) {
			t.Error(fault)
		}
	}
}
