package workspace

import (
	"slices"
	"testing"
)

// TestSortBy: lines are sorted by their key, and keep their order where it is the same.
func TestSortBy(t *testing.T) {
	all := []at[string]{{V: "b", Line: 1}, {V: "a", Line: 2}, {V: "b", Line: 3}, {V: "c", Line: 4}, {V: "a", Line: 5}}
	sortBy(all, func(a, b *at[string]) int { return byName(a.V, b.V) })
	var lines []int
	for _, x := range all {
		lines = append(lines, x.Line)
	}
	if want := []int{2, 5, 1, 3, 4}; !slices.Equal(lines, want) {
		t.Errorf("the lines are %v, want %v", lines, want)
	}
	sortBy([]at[string]{}, func(a, b *at[string]) int { return 0 })
}
