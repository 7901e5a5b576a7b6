package extract

import (
	"regexp"
	"slices"
	"strings"
)

// BadlyWorded returns the texts of the messages that have words which the product does
// not use: "stands", "whom", "vouch" and the like.
func BadlyWorded(m Messages) []string {
	words := regexp.MustCompile(`(?i)\b(whom|whoever|somebody|likewise|besides|stands?|is told|becomes known|proofs?|` +
		`proved?|vouch\w*|take (away|out)|give the)\b`)
	var all []string
	for _, messages := range m.Domains {
		for _, one := range messages {
			for _, text := range []string{one.ID, one.Plural} {
				if words.MatchString(text) {
					all = append(all, strings.ReplaceAll(text, "\n", " "))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
