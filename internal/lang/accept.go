package lang

import (
	"strconv"
	"strings"
)

// BaseLanguage returns the language of tag without region or script,
// lower-cased: "de" for "de-CH".
func BaseLanguage(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if base == "" {
		return "en"
	}
	return base
}

// Environment returns the language tag of the variables of a POSIX environment, such as
// "de-CH" for "de_CH.UTF-8": of the first of LC_ALL, LC_MESSAGES and LANG that is set. The
// locales "C" and "POSIX", and none, are English.
func Environment(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale := getenv(name)
		if locale == "" {
			continue
		}
		tag, _, _ := strings.Cut(locale, ".")
		tag, _, _ = strings.Cut(tag, "@")
		if tag == "C" || tag == "POSIX" || len(tag) > maxTag {
			break
		}
		return strings.ReplaceAll(tag, "_", "-")
	}
	return "en"
}

// Limits of what a browser asks for: languages, and characters of a language tag.
const (
	maxAccepted = 20
	maxTag      = 35
)

// ParseAcceptLanguage returns the first languages of an Accept-Language header (RFC
// 9110 12.5.4), most preferred first; equally preferred ones keep their order. Longer
// tags than there are, and all after the first 20 languages, are left out.
func ParseAcceptLanguage(header string) []string {
	type want struct {
		tag string
		q   float64
	}
	var wants []want
	for part := range strings.SplitSeq(header, ",") {
		if len(wants) == maxAccepted {
			break
		}
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		w := want{strings.TrimSpace(tag), 1}
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if w.q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		if w.tag == "" || w.tag == "*" || len(w.tag) > maxTag || w.q <= 0 {
			continue
		}
		at := len(wants)
		for at > 0 && wants[at-1].q < w.q {
			at--
		}
		wants = append(wants[:at], append([]want{w}, wants[at:]...)...)
	}
	tags := make([]string, len(wants))
	for i, w := range wants {
		tags[i] = w.tag
	}
	return tags
}
