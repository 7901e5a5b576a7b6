package access

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of text input, in characters. Forms show them and the rules enforce
// them.
const (
	MaxNameLength          = 120
	MaxDescriptionLength   = 1000
	MaxJustificationLength = 2000
	MaxShortAnswerLength   = 200
	MaxLongAnswerLength    = 2000
	MaxReasonLength        = 2000
)

// IsEmpty reports whether s has nothing that can be seen, so that it is no answer where
// one is required (C37).
func IsEmpty(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !IsBlank(r) && !IsIgnorable(r) })
}

// IsBlank reports whether r shows as empty space: white space and the empty Braille
// pattern. Those at the ends of a text are not part of it.
func IsBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || r == '\u2800' }

// IsIgnorable reports whether r shows nothing of its own: characters of width zero, such
// as the byte order mark and the soft hyphen, those that set the direction of text, and
// those that only change how their neighbors look (Default_Ignorable_Code_Point of
// Unicode).
func IsIgnorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// checkName refuses a name that is empty, too long or unprintable.
func checkName(field, s string) error {
	switch {
	case IsEmpty(s):
		return Invalidf(field, "Enter a name.")
	case utf8.RuneCountInString(s) > MaxNameLength:
		return Invalidf(field, "A name can have at most %d characters.", MaxNameLength)
	case !printable(s, false):
		return Invalidf(field, "A name can't have control characters.")
	}
	return nil
}

// checkDescription refuses a description that is too long or unprintable, and an
// empty one if it is required.
func checkDescription(field, s string, required bool) error {
	switch {
	case required && IsEmpty(s):
		return Invalidf(field, "Enter a description.")
	case utf8.RuneCountInString(s) > MaxDescriptionLength:
		return Invalidf(field, "A description can have at most %d characters.", MaxDescriptionLength)
	case !printable(s, true):
		return Invalidf(field, "A description can't have control characters.")
	}
	return nil
}

// CheckText refuses a text in field that is longer than maxLength characters,
// empty though required, or has control characters other than line breaks and
// tabs.
func CheckText(field, s string, maxLength int, required bool) error {
	switch {
	case required && IsEmpty(s):
		return Invalidf(field, "Required.")
	case utf8.RuneCountInString(s) > maxLength:
		return Invalidf(field, "Enter at most %d characters. You entered %d.", maxLength, utf8.RuneCountInString(s))
	case !printable(s, true):
		return Invalidf(field, "Control characters are not allowed here.")
	}
	return nil
}

func printable(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) && (!lines || r != '\n' && r != '\r' && r != '\t') {
			return false
		}
	}
	return true
}
