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

// checkName refuses a name that is empty, too long or unprintable.
func checkName(field, s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return Invalidf(field, "Enter a name.")
	case utf8.RuneCountInString(s) > MaxNameLength:
		return Invalidf(field, "A name has at most %d characters.", MaxNameLength)
	case !printable(s, false):
		return Invalidf(field, "A name has no control characters.")
	}
	return nil
}

// checkDescription refuses a description that is too long or unprintable, and an
// empty one if it is required.
func checkDescription(field, s string, required bool) error {
	switch {
	case required && strings.TrimSpace(s) == "":
		return Invalidf(field, "Enter a description.")
	case utf8.RuneCountInString(s) > MaxDescriptionLength:
		return Invalidf(field, "A description has at most %d characters.", MaxDescriptionLength)
	case !printable(s, true):
		return Invalidf(field, "A description has no control characters.")
	}
	return nil
}

// CheckText refuses a text in field that is longer than maxLength characters,
// empty though required, or has control characters other than line breaks and
// tabs.
func CheckText(field, s string, maxLength int, required bool) error {
	switch {
	case required && strings.TrimSpace(s) == "":
		return Invalidf(field, "This needs an answer.")
	case utf8.RuneCountInString(s) > maxLength:
		return Invalidf(field, "At most %d characters fit here; this has %d.", maxLength, utf8.RuneCountInString(s))
	case !printable(s, true):
		return Invalidf(field, "Control characters cannot be used here.")
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
