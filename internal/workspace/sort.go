package workspace

import "slices"

// sortBy sorts all, and keeps the order of what is equal. It sorts positions: the standard
// library's sort is compiled for each type that it moves, which made the program larger by
// 1 %.
func sortBy[T any](all []T, compare func(a, b *T) int) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return compare(&all[i], &all[j]) })
	sorted := make([]T, len(all))
	for at, i := range order {
		sorted[at] = all[i]
	}
	copy(all, sorted)
}
