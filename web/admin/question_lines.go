package admin

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// Choices and translations are typed as lines. In a line, \\ is a backslash, \|
// a bar and \n a line break.

// escapeLine writes a text for a line.
func escapeLine(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `|`, `\|`).Replace(text)
}

// splitLine splits a line at its bars and trims the parts.
func splitLine(line string) []string {
	var all []string
	var part strings.Builder
	end := func() {
		all = append(all, strings.TrimSpace(part.String()))
		part.Reset()
	}
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '|':
			end()
		case line[i] == '\\' && i+1 < len(line) && strings.IndexByte(`\|n`, line[i+1]) >= 0:
			i++
			part.WriteString(strings.Replace(line[i:i+1], "n", "\n", 1))
		default:
			part.WriteByte(line[i])
		}
	}
	end()
	return all
}

// writeTexts writes translations, one per line, such as “de: Warum?”.
func writeTexts(l access.Localized) string { return strings.Join(translations(l), "\n") }

// translations are texts with their languages, as parts of lines.
func translations(l access.Localized) []string {
	var all []string
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		all = append(all, tag+": "+escapeLine(l[tag]))
	}
	return all
}

// readTexts parses what writeTexts writes.
func readTexts(typed url.Values, field string, es *access.Errors) access.Localized {
	var found []string
	for line := range strings.Lines(typed.Get(field)) {
		if strings.TrimSpace(line) != "" {
			found = append(found, strings.Join(splitLine(line), " | "))
		}
	}
	return translated(found, field, es)
}

// translated parses texts with their languages; nil if there are none.
func translated(found []string, field string, es *access.Errors) access.Localized {
	if len(found) == 0 {
		return nil
	}
	all := access.Localized{}
	for _, one := range found {
		tag, text, ok := strings.Cut(one, ":")
		tag = strings.ToLower(strings.TrimSpace(tag))
		if _, twice := all[tag]; !ok || twice {
			es.Add(access.Invalidf(field, "Check “%s”. Enter each language once, followed by a colon and the text, such as "+
				"“de: Warum?”.",
				kit.Shorten(one, 60)))
			return all
		}
		all[tag] = strings.TrimSpace(text)
	}
	return all
}

// writeChoices writes choices, one per line, such as “eu | Europe | de:
// Europa”.
func writeChoices(choices []access.Choice) string {
	var lines []string
	for _, c := range choices {
		lines = append(lines, strings.Join(append([]string{escapeLine(c.Value), escapeLine(c.Text)},
			translations(c.Localized)...),
			" | "))
	}
	return strings.Join(lines, "\n")
}

// readChoices parses what writeChoices writes. A single text is both value and
// text.
func readChoices(typed url.Values, field string, es *access.Errors) []access.Choice {
	var all []access.Choice
	for line := range strings.Lines(typed.Get(field)) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := splitLine(line)
		c := access.Choice{Value: parts[0], Text: parts[0]}
		if len(parts) > 1 {
			c.Text = parts[1]
			c.Localized = translated(parts[2:], field, es)
		}
		all = append(all, c)
		if len(all) > access.MaxChoices {
			break // refused, however many follow
		}
	}
	return all
}
