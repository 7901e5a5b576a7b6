package access

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of Localized.
const (
	MaxTranslations   = 100 // of a text
	maxLanguageLength = 35  // characters of a language tag
)

// Localized holds translations by language (BCP 47, lower case).
type Localized map[string]string

// In returns the translation for the first of languages that has one, or text
// (F-115).
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

// check refuses invalid language tags and empty, too long or unprintable
// translations. n is the question's number, for the message.
func (l Localized) check(field string, n int) error {
	if len(l) > MaxTranslations {
		return Invalidf(field, "Question %d: a text can have at most %d translations.", n, MaxTranslations)
	}
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		if !isLanguage(tag) {
			return Invalidf(field, "Question %d: “%s” is not a language, such as de or pt-br.", n, tag)
		}
		if text := l[tag]; IsEmpty(text) || utf8.RuneCountInString(text) > MaxDescriptionLength ||
			!printable(text, true) {
			return Invalidf(field, "Question %d: enter 1 to %d characters for “%s”.", n, MaxDescriptionLength, tag)
		}
	}
	return nil
}

// isLanguage reports whether tag has the form of a lower-case BCP 47 tag.
func isLanguage(tag string) bool {
	if len(tag) > maxLanguageLength {
		return false
	}
	for i, part := range strings.Split(tag, "-") {
		if len(part) < 1 || len(part) > 8 || i == 0 && len(part) < 2 ||
			strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}
