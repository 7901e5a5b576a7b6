package sqlq_test

import (
	"fmt"
	"strings"
	"testing"

	"myaccess/internal/store/sqlq"
)

func TestIn(t *testing.T) {
	for n, want := range map[int]string{0: "(NULL)", 1: "($1)", 2: "($1, $2)", 3: "($1, $2, $3, $4)"} {
		var a sqlq.Args
		values := []string{"x", "y", "z"}[:n]
		if got := sqlq.In(&a, values); got != want {
			t.Errorf("%d values: %s, want %s", n, got, want)
		}
		if n == 3 && fmt.Sprint(a.Values) != "[x y z z]" {
			t.Errorf("arguments: %v", a.Values)
		}
	}
}

func TestIDTable(t *testing.T) {
	for n, want := range map[int]string{0: "($1)", 1: "($1)", 2: "($1), ($2)", 3: "($1), ($2), ($3), ($4)"} {
		var a sqlq.Args
		got := sqlq.IDTable(&a, []string{"x", "y", "z"}[:n])
		if want = "(SELECT column1 AS id FROM (VALUES " + want + ") AS v) AS ids"; got != want {
			t.Errorf("%d ids: %s, want %s", n, got, want)
		}
		if len(a.Values) != strings.Count(got, "$") {
			t.Errorf("%d ids: %d arguments", n, len(a.Values))
		}
	}
}

// TestOrderedUnion: no UNION has more than MaxUnion selects, and every level is
// sorted and limited.
func TestOrderedUnion(t *testing.T) {
	const end = " ORDER BY 1 LIMIT 5"
	if got, want := sqlq.OrderedUnion([]string{"a", "b"}, end),
		"(SELECT * FROM (a) AS part UNION SELECT * FROM (b) AS part ORDER BY 1 LIMIT 5)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	selects := make([]string, 2*sqlq.MaxUnion+1)
	for i := range selects {
		selects[i] = fmt.Sprint("s", i)
	}
	got := sqlq.OrderedUnion(selects, end)
	if n := strings.Count(got, end); n != 4 {
		t.Errorf("%d unions, want three in one", n)
	}
	for _, s := range selects {
		if strings.Count(got, "("+s+")") != 1 {
			t.Errorf("%s is not there once", s)
		}
	}
}
