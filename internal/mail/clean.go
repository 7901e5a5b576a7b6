package mail

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The maximum length of texts of people in a message, in characters. The linked page
// shows the whole text.
const (
	maxLine  = 200
	maxBlock = 600
)

// cleanLine returns s cleaned, on one line, shortened to maxLine.
func cleanLine(s string) string {
	return oneLine(s, maxLine)
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
// invisible characters that change the direction of text or hide letters. The two
// joiners stay: scripts and emoji need them.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// oneLine returns s cleaned, on one line, shortened to n characters.
func oneLine(s string, n int) string {
	return truncate(strings.Join(strings.Fields(clean(s)), " "), n)
}

// headerName returns a name as it may stand before an address. The beginning of an
// encoded word (RFC 2047) is broken: in quotes it is text, but not for all mail programs.
func headerName(s string) string {
	return strings.ReplaceAll(cleanLine(s), "=?", "= ?")
}

// encodedWords returns s for a header as encoded words (RFC 2047), folded. A mail program
// shows s as it is, even if it contains what looks like an encoded word.
func encodedWords(s string) string {
	const maxBytes = 39 // of an encoded word, so that a line has at most 76 characters
	var words []string
	var part []byte
	flush := func() {
		words = append(words, "=?UTF-8?b?"+base64.StdEncoding.EncodeToString(part)+"?=")
		part = part[:0]
	}
	for _, r := range s {
		if len(part)+utf8.RuneLen(r) > maxBytes {
			flush()
		}
		part = utf8.AppendRune(part, r)
	}
	flush()
	return strings.Join(words, "\r\n ")
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// truncate returns s shortened to n characters.
func truncate(s string, n int) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
