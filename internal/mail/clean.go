package mail

import (
	"strings"
	"unicode"
)

// How much of what people wrote a message shows, in characters. The page that
// it links to shows the rest.
const (
	maxLine  = 200
	maxBlock = 600
)

// line is s on one line, clean, shortened to maxLine.
func line(s string) string {
	return short(strings.Join(strings.Fields(clean(s)), " "), maxLine)
}

// block is s clean, with its line breaks, shortened to maxBlock.
func block(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(clean(lines[i]), " ")
	}
	return short(strings.Join(lines, "\n"), maxBlock)
}

// clean is s as valid text in which control characters are spaces, and without
// the invisible characters that turn the writing direction or hide letters from
// the reader.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// short is s with at most n characters.
func short(s string, n int) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
