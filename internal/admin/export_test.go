package admin

// PlainCell is plainCell for tests.
func PlainCell(cell string) string { return plainCell(cell) }
