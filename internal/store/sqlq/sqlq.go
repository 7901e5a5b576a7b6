// Package sqlq builds the parts of SQL statements whose length depends on their
// arguments. Lists are padded to a power of two, so that lists of all lengths
// make few different texts to prepare.
package sqlq

import (
	"slices"
	"strconv"
	"strings"
)

// Args collects the arguments of a statement and hands out their placeholders.
type Args struct{ Values []any }

// Add appends v and returns its placeholder.
func (a *Args) Add(v any) string {
	a.Values = append(a.Values, v)
	return "$" + strconv.Itoa(len(a.Values))
}

// In appends the values and returns their placeholders in parentheses, for IN.
// Without values nothing is IN the list.
func In[T any](a *Args, values []T) string {
	if len(values) == 0 {
		return "(NULL)"
	}
	var marks []string
	for _, v := range values {
		marks = append(marks, a.Add(v))
	}
	for !powerOfTwo(len(marks)) {
		marks = append(marks, a.Add(values[len(values)-1]))
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// IDTable is a table called ids with the ids, to put first in FROM ... CROSS JOIN:
// SQLite would read everything that a tenant has rather than look up many ids. It
// is padded with empty ids.
func IDTable(a *Args, ids []string) string {
	var marks []string
	for _, id := range ids {
		marks = append(marks, `(`+a.Add(id)+`)`)
	}
	for !powerOfTwo(len(marks)) {
		marks = append(marks, `(`+a.Add("")+`)`)
	}
	return `(SELECT column1 AS id FROM (VALUES ` + strings.Join(marks, `, `) + `) AS v) AS ids`
}

func powerOfTwo(n int) bool { return n > 0 && n&(n-1) == 0 }

// MaxUnion is how many selects one UNION has at most. SQLite allows 500.
const MaxUnion = 100

// OrderedUnion is the union of selects that are each sorted and limited, in
// parentheses. end sorts and limits the union in the same way, so that no select
// is read further than the limit.
func OrderedUnion(selects []string, end string) string {
	if len(selects) > MaxUnion {
		var groups []string
		for group := range slices.Chunk(selects, MaxUnion) {
			groups = append(groups, `SELECT * FROM `+OrderedUnion(group, end)+` AS part`)
		}
		selects = groups
	}
	var all []string
	for _, s := range selects {
		all = append(all, `SELECT * FROM (`+s+`) AS part`)
	}
	return `(` + strings.Join(all, ` UNION `) + end + `)`
}
