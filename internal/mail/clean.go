package mail

import (
	"strings"
	"unicode"
)

// The maximum length of texts of people in a message, in characters. The linked page
// shows the whole text.
const (
	maxLine  = 200
	maxBlock = 600
)

// cleanLine returns s cleaned, on one line, shortened to maxLine.
func cleanLine(s string) string {
	return truncate(strings.Join(strings.Fields(clean(s)), " "), maxLine)
}

// cleanBlock returns s cleaned, with its line breaks, shortened to maxBlock.
func cleanBlock(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(clean(lines[i]), " ")
	}
	return truncate(strings.Join(lines, "\n"), maxBlock)
}

// clean returns s as valid UTF-8 with spaces for control characters, and without
// invisible characters that change the direction of text or hide letters.
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

// truncate returns s shortened to n characters.
func truncate(s string, n int) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
