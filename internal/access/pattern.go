package access

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of the patterns of answers. Package regexp takes time in proportion to the
// instructions of the compiled pattern times the characters of the answer, so that
// both have to be small; and a short pattern can have a large program, such as
// \pL{0,1000}, or take long to parse, such as a class with many ranges.
const (
	MaxPatternLength       = 500  // characters of a regular expression
	MaxPatternInstructions = 2000 // of its compiled program

	// maxPatternCost is the maximum of the sum over the questions of a policy of
	// instructions times characters of the longest answer. One unit takes about 10 ns,
	// so that checking the answers of a request takes at most 50 ms.
	maxPatternCost = 4_000_000
)

// What parsing costs, in units of maxPatternCost. A class of Unicode has up to 700
// ranges, which are sorted. A range in a case-insensitive pattern is folded character
// by character.
const (
	unicodeClassCost = 20_000
	foldedRuneCost   = 10
)

// errTooComplex refuses a pattern whose program or whose parsing takes too much.
var errTooComplex = errors.New("pattern too complex")

// compilePattern compiles a pattern that a whole text must match, and returns its
// number of instructions. It returns errTooComplex before it has spent much time or
// memory on a pattern.
func compilePattern(pattern string) (re *regexp.Regexp, instructions int, err error) {
	if utf8.RuneCountInString(pattern) > MaxPatternLength || parsingCost(pattern) > maxPatternCost {
		return nil, 0, errTooComplex
	}
	whole := wholeTextPattern(pattern)
	parsed, err := syntax.Parse(whole, syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	if programSize(parsed) > 5*MaxPatternInstructions {
		return nil, 0, errTooComplex
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, 0, err
	}
	if instructions = len(program.Inst); instructions > MaxPatternInstructions {
		return nil, 0, errTooComplex
	}
	re, err = regexp.Compile(whole)
	return re, instructions, err
}

// wholeTextPattern returns the pattern that matches a whole text. It begins with a
// group, because regexp would otherwise look for a one-pass program, which takes time
// and memory that instructions do not measure.
func wholeTextPattern(pattern string) string { return `(\A(?:` + pattern + `)\z)` }

// programSize estimates the instructions that a parsed pattern compiles to, without
// compiling it. It is at least half of them, and stops at a number that is too large
// anyway.
func programSize(re *syntax.Regexp) int {
	const most = 100 * MaxPatternInstructions
	size := 1
	for _, sub := range re.Sub {
		size = min(most, size+programSize(sub)+1)
	}
	if re.Op == syntax.OpLiteral {
		size += len(re.Rune)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(1, re.Min+1, re.Max)
	}
	return min(most, size)
}

// parsingCost estimates from its text what parsing a pattern costs.
func parsingCost(pattern string) int {
	cost := unicodeClassCost * (strings.Count(pattern, `\p`) + strings.Count(pattern, `\P`))
	if !foldsCase(pattern) {
		return cost
	}
	var previous []rune // the characters before, as the pattern means them
	for rest := pattern; rest != "" && len(previous) <= MaxPatternLength; {
		r, size := patternRune(rest)
		rest = rest[size:]
		if n := len(previous); n >= 2 && previous[n-1] == '-' {
			cost += foldedRuneCost * max(0, int(r-previous[n-2]))
		}
		previous = append(previous, r)
	}
	return cost
}

// foldsCase reports whether the pattern may have a flag that ignores case, such as
// (?i) or (?si:x).
func foldsCase(pattern string) bool {
	for {
		_, after, ok := strings.Cut(pattern, "(?")
		if !ok {
			return false
		}
		flags := after[:len(after)-len(strings.TrimLeft(after, "imsU-"))]
		if strings.Contains(flags, "i") {
			return true
		}
		pattern = after
	}
}

// patternRune returns the first character that a text means as a part of a pattern,
// and how many bytes write it. An escape of several characters is the largest
// character that it can mean.
func patternRune(text string) (r rune, size int) {
	if text[0] != '\\' || len(text) == 1 {
		return utf8.DecodeRuneInString(text)
	}
	if hex, ok := strings.CutPrefix(text, `\x{`); ok {
		digits, _, _ := strings.Cut(hex, "}")
		return hexRune(digits), min(len(text), len(`\x{}`)+len(digits))
	}
	if strings.HasPrefix(text, `\x`) && len(text) >= 4 {
		return hexRune(text[2:4]), 4
	}
	r, size = utf8.DecodeRuneInString(text[1:])
	return r, 1 + size
}

// hexRune returns the character with the hexadecimal number.
func hexRune(digits string) (r rune) {
	for _, d := range digits {
		at := strings.IndexRune("0123456789abcdef", d|0x20)
		if at < 0 || r > utf8.MaxRune {
			return utf8.MaxRune
		}
		r = 16*r + rune(at)
	}
	return min(r, utf8.MaxRune)
}

// checkAlone refuses a pattern that is valid only within another one: with a \Q
// without \E, or with a ) of its own.
func checkAlone(pattern string) error {
	_, err := syntax.Parse(pattern, syntax.Perl)
	return err
}

// compiledPattern is a question's pattern; nil for a question without one.
type compiledPattern struct{ *regexp.Regexp }

// parsingCosts adds up parsingCost over questions. worst is the index of the most
// costly one.
func parsingCosts(qs []Question) (sum, worst int) {
	most := 0
	for i, q := range qs {
		cost := parsingCost(q.Pattern)
		if sum += cost; cost > most {
			worst, most = i, cost
		}
	}
	return sum, worst
}

// compilePatterns compiles the patterns of questions. It returns errTooComplex if they
// take too long together. at is the index of the most costly question then, or of the
// one whose pattern has the error.
func compilePatterns(qs []Question) (all []compiledPattern, at int, err error) {
	sum, at := parsingCosts(qs)
	if sum > maxPatternCost {
		return nil, at, errTooComplex
	}
	most := 0
	for i, q := range qs {
		if q.Pattern == "" {
			all = append(all, compiledPattern{})
			continue
		}
		re, instructions, err := compilePattern(q.Pattern)
		if err != nil {
			return nil, i, err
		}
		all = append(all, compiledPattern{re})
		cost := instructions * (q.MaxLength() + 1)
		if sum += cost; cost > most {
			at, most = i, cost
		}
	}
	if sum > maxPatternCost {
		return nil, at, errTooComplex
	}
	return all, 0, nil
}

// PatternProblem returns why answers to questions cannot be checked that were stored
// before patterns had limits; nil if they can be.
func PatternProblem(qs []Question) error {
	if _, at, err := compilePatterns(qs); err != nil {
		return Refuse(Conflict, "No one can request under this policy: the regular expression of question %d is invalid "+
			"or too complex. Change it.", at+1)
	}
	return nil
}

// looksAround reports whether the pattern has a look-ahead or look-behind, which RE2
// has not.
func looksAround(pattern string) bool {
	return slices.ContainsFunc([]string{"(?=", "(?!", "(?<=", "(?<!"},
		func(s string) bool { return strings.Contains(pattern, s) })
}
