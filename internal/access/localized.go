package access

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Localized holds translations by language (BCP 47, lower case).
type Localized map[string]string

// In is the text for the first of languages that has one, or text (F-115).
func (l Localized) In(text string, languages ...string) string {
	for _, tag := range languages {
		tag = strings.ToLower(tag)
		base, _, _ := strings.Cut(tag, "-")
		for _, key := range []string{tag, base} {
			if t := l[key]; t != "" {
				return t
			}
		}
	}
	return text
}

// check refuses translations for what is no language, and texts that could not
// be shown.
func (l Localized) check(field string, n int) error {
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		if !isLanguage(tag) {
			return Invalidf(field, "Question %d: “%s” is not a language, such as de or pt-br.", n, tag)
		}
		if text := l[tag]; strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > MaxDescriptionLength ||
			!printable(text, true) {
			return Invalidf(field, "Question %d: the text for “%s” has 1 to %d characters.", n, tag, MaxDescriptionLength)
		}
	}
	return nil
}

// isLanguage reports whether the tag has the form of a language (BCP 47), in
// lower case.
func isLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if len(part) < 1 || len(part) > 8 || i == 0 && len(part) < 2 ||
			strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}
