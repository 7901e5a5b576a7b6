package shape_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// goodBehaviours is a file without faults: all behaviours, of which F-001 works,
// F-002 works in part and the others do not yet; and a security rule that does
// not apply.
func goodBehaviours() string {
	lines := []string{"# Behaviours", "", stateHead, "|---|---|", "| works | it does |", "",
		countHead, "|---|---|---|---|---|---|---|",
		"| F | behaviours | 1 | 1 | 261 | 0 | 263 |",
		"| I | identities | 0 | 0 | 0 | 1 | 1 |",
		"| all | | 1 | 1 | 261 | 1 | 264 |", "",
		rowHead, "|---|---|---|---|---|",
		"| F-001 | One thing is done. | works | web:TestOne; internal/access:TestTwo | |",
		"| F-002 | A second one, in CSV. | partly | web:TestOne | The rest. |"}
	for i := 3; i <= lastBehaviour; i++ {
		lines = append(lines, fmt.Sprintf("| F-%03d | Another thing is done. | not yet | | |", i))
	}
	return strings.Join(append(lines, "", rowHead, "|---|---|---|---|---|",
		"| I-1 | Something of others is done. | does not apply | | It is theirs. |"), "\n")
}

// behaviourFaults returns all faults of the text of a file, for which these two
// tests exist.
func behaviourFaults(text string) []string {
	b := parseBehaviours(text)
	exists := map[string]bool{"web:TestOne": true, "internal/access:TestTwo": true}
	return slices.Concat(b.faults, b.checkNumbers(), b.checkTests(exists), b.checkCounts())
}

// Each fault of behaviour.md is found, and nothing else is.
func TestBehaviourFaults(t *testing.T) {
	if faults := behaviourFaults(goodBehaviours()); len(faults) > 0 {
		t.Fatalf("a file without faults: %q", faults)
	}
	for name, tt := range map[string]struct{ old, new, want string }{
		"a cell too few": {"| The rest. |", "", "line 16: a row has five cells"},
		"a cell too many": {"| F-001 | One thing", "| F-001 | | One thing",
			"line 15: a row has five cells"},
		"an open row":            {"| The rest. |", "| The rest.", "line 16: a row has five cells"},
		"no bar":                 {"| I-1 | Some", "I-1 | Some", "a row begins with a bar"},
		"another head":           {"| State | Tests |", "| Tests | State |", "not the head of a table"},
		"a number of two digits": {"| F-002 |", "| F-02 |", "line 16, F-02: not a number"},
		"a number with a zero":   {"| I-1 |", "| I-01 |", "I-01: not a number"},
		"an unknown letter":      {"| I-1 |", "| Z-1 |", "Z-1: not a number"},
		"no sentence":            {"One thing is done.", "", "F-001: not one sentence"},
		"no full stop":           {"One thing is done.", "One thing is done", "F-001: not one sentence"},
		"two sentences":          {"One thing is done.", "One thing. It is done.", "F-001: not one sentence"},
		"an unknown state":       {"CSV. | partly |", "CSV. | half |", "F-002: an unknown state"},
		"works without a test":   {"web:TestOne; internal/access:TestTwo", "", "F-001: works without a test"},
		"works, and misses something": {"internal/access:TestTwo | |", "internal/access:TestTwo | Much. |",
			"F-001: works, but something is missing"},
		"partly, without a remark": {"The rest.", "", "F-002: does not say what is missing"},
		"no reason":                {"It is theirs.", "", "I-1: does not say what is missing"},
		"a test of nothing": {"| F-003 | Another thing is done. | not yet | |",
			"| F-003 | Another thing is done. | not yet | web:TestOne |", "F-003: a test of what is not there"},
		"no test": {"web:TestOne; internal", "web/TestOne; internal", "F-001: not a test: web/TestOne"},
		"a test twice": {"internal/access:TestTwo", "web:TestOne",
			"F-001: named twice: web:TestOne"},
		"a removed test": {"internal/access:TestTwo", "internal/access:TestThree",
			"F-001: there is no internal/access:TestThree"},
		"a test of another package": {"web:TestOne | The", "web/kit:TestOne | The", "F-002: there is no web/kit:TestOne"},
		"a number twice":            {"| F-004 |", "| F-003 |", "a second F-003"},
		"a missing number":          {"| F-263 | Another thing is done. | not yet | | |\n", "", "F-263 is missing"},
		"a wrong count":             {"| F | behaviours | 1 |", "| F | behaviours | 2 |", "counts of F: 2 | 1 | 261"},
		"a wrong sum":               {"| 1 | 264 |", "| 1 | 265 |", "counts of all"},
		"no count":                  {"| I | identities | 0 | 0 | 0 | 1 | 1 |\n", "", "no line for I"},
		"a count of nothing": {"| I | identities", "| O | flow | 0 | 0 | 0 | 0 | 0 |\n| I | identities",
			"is not a line of counts"},
	} {
		text := strings.Replace(goodBehaviours(), tt.old, tt.new, 1)
		if faults := behaviourFaults(text); text == goodBehaviours() || !slices.ContainsFunc(faults, func(f string) bool {
			return strings.Contains(f, tt.want)
		}) {
			t.Errorf("%s: found %q, want %q", name, faults, tt.want)
		}
	}
}

// References to numbers without a row, and to documents that are not there, are
// found wherever they are in a line.
func TestReferenceFaults(t *testing.T) {
	b := parseBehaviours(goodBehaviours())
	documents := map[string]bool{"decisions.md": true}
	for line, want := range map[string][]string{
		"// F-001 and F-263, F-002 to F-004; I-1 (I-1).":      nil,
		"// The curve P-256, UTF-8, SHA-256, H-1207, AB-12.":  nil,
		"see decisions.md, internal/decisions.md":             nil,
		"// done at once (F-264).":                            {"x.go:1: F-264 has no row"},
		"// F-1":                                              {"x.go:1: F-1 has no row"},
		"t.Errorf(\"I-2: %v\", err)":                          {"x.go:1: I-2 has no row"},
		"func TestX() {} // I-1, Q-7":                         {"x.go:1: Q-7 has no row"},
		"the rules I-1 to I-3":                                {"I-3 has no row", "I-2 has no row"},
		"one line\nF-300":                                     {"x.go:2: F-300 has no row"},
		"as behaviour.md says, and /docs/security.md":         {"there is no behaviour.md", "there is no security.md"},
		"// the matrix (F §24)":                               {"there is no F §"},
		"| F-265 | A row of another table. | works | x:Y | |": {"x.go:1: F-265 has no row"},
	} {
		faults := b.checkReferences("x.go", line, documents)
		found := len(faults) == len(want)
		for i := range want {
			found = found && strings.Contains(faults[i], want[i])
		}
		if !found {
			t.Errorf("%q: found %q, want %q", line, faults, want)
		}
	}
}
