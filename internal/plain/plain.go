// Package plain has the one form in which texts that people type are matched, required,
// compared and stored (C37). Everything that reads them applies it once, where they
// arrive: forms and search words (web/kit), workspace files, imported files, commands, and
// the names that providers send.
//
// It is not a key: names are compared by store.NameKey and addresses by mailaddr.Parse,
// which both take what Text returns.
package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// Text returns s as it is stored: without white space and invisible characters around it
// and without invisible characters in it, with \n as the end of lines, with ordinary
// spaces, and composed (Unicode NFC). Line breaks and tabs within the text stay, and so do
// other control characters and invalid UTF-8 within it, which the rules refuse.
//
// Invisible characters stay where they are part of the spelling: joiners between letters
// of scripts that have them and in emoji, and variation selectors after such a character.
//
// Unlike NFC it replaces no character by one of ASCII (the Kelvin sign stays what it is),
// and it leaves the letters of a mail address as they are: the part before the @ is
// compared byte for byte.
func Text(s string) string {
	s = strings.TrimFunc(visible(s), func(r rune) bool { return access.IsBlank(r) || unicode.IsControl(r) })
	if norm.NFC.IsNormalString(s) {
		return s
	}
	if _, ok := mailaddr.Parse(s); ok {
		return s
	}
	return compose(s)
}

// Pattern returns a regular expression as answers are matched to it, which are what Text
// returns. Unlike Text it keeps the white space around it, which can be a part of it, as in
// " ?[a-z]+". Patterns are stored as Text makes them, so that it changes only older ones.
func Pattern(s string) string { return compose(visible(s)) }

// compose is NFC without the characters that it would replace by ASCII.
func compose(s string) string {
	var b strings.Builder
	rest := 0 // where the part begins that is not written yet
	for i, r := range s {
		if r >= utf8.RuneSelf && norm.NFC.String(string(r))[0] < utf8.RuneSelf {
			b.WriteString(norm.NFC.String(s[rest:i]))
			b.WriteRune(r)
			rest = i + utf8.RuneLen(r)
		}
	}
	b.WriteString(norm.NFC.String(s[rest:]))
	return b.String()
}

// visible returns s without what cannot be seen, with ordinary spaces and \n as the end
// of lines.
func visible(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r < ' ' && r != '\n' && r != '\t' }) {
		return s
	}
	var b strings.Builder
	var before rune // the last one that was written
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		as := s[:n]
		s = s[n:]
		switch {
		case r == '\r':
			as = "\n"
			s = strings.TrimPrefix(s, "\n")
		case isSpace(r):
			as = " "
		case access.IsIgnorable(r) && !isSpelling(before, r, s):
			continue
		}
		b.WriteString(as)
		before = r
	}
	return b.String()
}

// isSpace reports whether r is replaced by an ordinary space: blanks of other widths,
// those at which no line breaks, and separators that no form can type. The space of East
// Asian scripts has the width of their letters and stays.
func isSpace(r rune) bool {
	return r != '\n' && r != '\t' && r != '\u3000' && (unicode.IsSpace(r) || unicode.In(r, unicode.Z))
}

// The characters without a form of their own that are part of a spelling.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
	vowelMark = '\u180e' // Mongolian
	keycap    = '\u20e3' // encloses the digit before it
	flag      = '\U0001f3f4'
)

// isSpelling reports whether r, which cannot be seen by itself, changes how the text
// before and after it is written.
func isSpelling(before, r rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	isTag := func(r rune) bool { return r > '\U000e0000' && r <= '\U000e007f' }
	isSelector := func(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }
	switch {
	case r == nonJoiner || r == joiner || r == vowelMark:
		return (isShaped(before) || isSelector(before)) && isShaped(next)
	case isSelector(r):
		return isShaped(before) || next == keycap
	case isTag(r):
		return before == flag || isTag(before)
	}
	return false
}

// isShaped reports whether r is a character that those of isSpelling can change: it is
// not of the scripts that they cannot.
func isShaped(r rune) bool {
	return r >= utf8.RuneSelf && r != utf8.RuneError && !access.IsBlank(r) && !access.IsIgnorable(r) &&
		!unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}
