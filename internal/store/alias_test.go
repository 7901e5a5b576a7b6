package store_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// namedTable is a table in a statement with its alias, empty if it has none.
type namedTable struct{ table, alias string }

// statementTables returns the tables of a statement with their aliases. Keywords after a
// table, such as SET, are not aliases.
func statementTables(query string) []namedTable {
	keywords := []string{"SET", "WHERE", "ON", "JOIN", "CROSS", "LEFT", "ORDER", "GROUP", "LIMIT", "VALUES", "UNION", "AS",
		"FROM", "SELECT", "RETURNING", "DO", "FOR", "SKIP"}
	var all []namedTable
	for _, m := range regexp.MustCompile(
		`(?i)\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)(?:\s+(?:AS\s+)?([a-z]\w*))?\b`).FindAllStringSubmatch(query, -1) {
		if slices.Contains(keywords, m[1]) { // DO UPDATE SET, FOR UPDATE SKIP LOCKED
			continue
		}
		if slices.Contains(keywords, strings.ToUpper(m[2])) {
			m[2] = ""
		}
		all = append(all, namedTable{m[1], m[2]})
	}
	return all
}

// aliases returns the alias of each table that the package's documentation
// lists.
func aliases(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	all, seen := map[string]string{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z_]+) +([a-z]+)$`).FindAllStringSubmatch(string(text), -1) {
		if seen[m[2]] {
			t.Errorf("doc.go lists the alias %s twice", m[2])
		}
		all[m[1]], seen[m[2]] = m[2], true
	}
	if len(all) < 30 {
		t.Fatalf("doc.go lists only %d aliases", len(all))
	}
	return all
}

// aliasFaults returns the aliases in a statement that differ from the listed
// ones. The second use of a table in a statement has the alias with a 2.
// Subqueries must not have the alias of a table.
func aliasFaults(listed map[string]string, query string) (faults []string) {
	for _, n := range statementTables(query) {
		if want := listed[n.table]; n.alias != "" && n.alias != want && n.alias != want+"2" {
			faults = append(faults, fmt.Sprintf("%s is called %s, not %s", n.table, n.alias, want))
		}
	}
	for _, m := range regexp.MustCompile(`\)\s+(?:AS\s+)?([a-z]\w*)\b`).FindAllStringSubmatch(query, -1) {
		for table, alias := range listed {
			if m[1] == table || m[1] == alias || m[1] == alias+"2" {
				faults = append(faults, fmt.Sprintf("what is not %s is called %s", table, m[1]))
			}
		}
	}
	return faults
}

// TestAliasFaults checks the checker: aliases other than the listed ones are
// found.
func TestAliasFaults(t *testing.T) {
	for query, want := range map[string]int{
		"SELECT per.id FROM person per WHERE per.tenant_id = 'x'":                          0,
		"SELECT p.id FROM person p":                                                        1,
		"SELECT req.id FROM package req":                                                   1,
		"UPDATE person SET name = 'x'":                                                     0,
		"SELECT per.id FROM person per JOIN person per2 ON per2.id = per.manager_id":       0,
		"SELECT per.id FROM (SELECT id FROM request) AS per":                               1,
		"SELECT ids.id FROM (SELECT id FROM request) AS ids CROSS JOIN assignment x":       1,
		"INSERT INTO offer (tenant_id) VALUES ('x') ON CONFLICT DO NOTHING":                0,
		"DELETE FROM session WHERE id = 'x'":                                               0,
		"SELECT asg.id FROM assignment asg LEFT JOIN policy pol ON pol.id = asg.policy_id": 0,
	} {
		if faults := aliasFaults(aliases(t), query); len(faults) != want {
			t.Errorf("%s: %v, want %d", query, faults, want)
		}
	}
}
