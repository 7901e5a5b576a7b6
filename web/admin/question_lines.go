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
// a bar and \n the end of a line, so that every text can be written.

// escape writes a text for a line.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `|`, `\|`).Replace(text)
}

// pieces are the texts of a line between its bars, without blanks around them.
func pieces(line string) []string {
	all := []string{""}
	for i := 0; i < len(line); i++ {
		last := &all[len(all)-1]
		switch {
		case line[i] == '|':
			*last = strings.TrimSpace(*last)
			all = append(all, "")
		case line[i] == '\\' && i+1 < len(line) && strings.IndexByte(`\|n`, line[i+1]) >= 0:
			i++
			*last += strings.Replace(line[i:i+1], "n", "\n", 1)
		default:
			*last += line[i : i+1]
		}
	}
	all[len(all)-1] = strings.TrimSpace(all[len(all)-1])
	return all
}

// writeTexts writes translations, a line each, such as “de: Warum?”.
func writeTexts(l access.Localized) string { return strings.Join(translations(l), "\n") }

// translations are texts with their languages, for lines.
func translations(l access.Localized) []string {
	var all []string
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		all = append(all, tag+": "+escape(l[tag]))
	}
	return all
}

// readTexts reads what writeTexts has written.
func readTexts(typed url.Values, field string, es *access.Errors) access.Localized {
	var found []string
	for line := range strings.Lines(typed.Get(field)) {
		if strings.TrimSpace(line) != "" {
			found = append(found, strings.Join(pieces(line), " | "))
		}
	}
	return translated(found, field, es)
}

// translated are texts with their languages; nil if there are none.
func translated(found []string, field string, es *access.Errors) access.Localized {
	if len(found) == 0 {
		return nil
	}
	all := access.Localized{}
	for _, one := range found {
		tag, text, ok := strings.Cut(one, ":")
		tag = strings.ToLower(strings.TrimSpace(tag))
		if _, twice := all[tag]; !ok || twice {
			es.Add(access.Invalidf(field, "“%s” is not a language of its own, a colon and a text, such as “de: Warum?”.",
				kit.Shorten(one, 60)))
			return all
		}
		all[tag] = strings.TrimSpace(text)
	}
	return all
}

// writeChoices writes choices, a line each, such as “eu | Europe | de: Europa”.
func writeChoices(choices []access.Choice) string {
	var lines []string
	for _, c := range choices {
		lines = append(lines, strings.Join(append([]string{escape(c.Value), escape(c.Text)}, translations(c.Localized)...),
			" | "))
	}
	return strings.Join(lines, "\n")
}

// readChoices reads what writeChoices has written. One text alone is value and
// text.
func readChoices(typed url.Values, field string, es *access.Errors) []access.Choice {
	var all []access.Choice
	for line := range strings.Lines(typed.Get(field)) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := pieces(line)
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
