package admin

import (
	"strings"
	"unicode"
)

// Spreadsheets run a cell as a formula if it begins with a sign such as =, and where
// lists are separated by semicolons they split a line of a CSV file at the semicolons
// within a cell too. SafeCell therefore puts an apostrophe before every part of a cell
// that begins like a formula (N-7); plainCell removes exactly those again, so that a
// download can be imported.

// SafeCell returns text as a cell of a download in which no spreadsheet finds a
// formula. Texts without one are unchanged.
func SafeCell(text string) string {
	runes := []rune(text)
	formula := formulaStarts(runes)
	var b strings.Builder
	for i, r := range runes {
		if beginsPart(runes, i) && formula[i] {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plainCell undoes SafeCell.
func plainCell(cell string) string {
	if !strings.Contains(cell, "'") {
		return cell
	}
	runes := []rune(cell)
	formula := formulaStarts(runes)
	var b strings.Builder
	for i, r := range runes {
		if r == '\'' && beginsPart(runes, i) && formula[i] {
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// beginsPart reports whether a spreadsheet may begin a cell at runes[i]: at the start
// of the text, or after a separator.
func beginsPart(runes []rune, i int) bool {
	if i == 0 {
		return true
	}
	inLineBreak := runes[i-1] == '\r' && runes[i] == '\n'
	return strings.ContainsRune(",;|\t\r\n", runes[i-1]) && !inLineBreak
}

// formulaStarts reports for each position whether a cell that begins there may be run
// as a formula: it begins with a sign of one, also after quotation marks, blanks and
// invisible characters. At the start of the text a tab or a line break is enough,
// because some spreadsheets drop it.
func formulaStarts(runes []rune) []bool {
	starts := make([]bool, len(runes))
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case strings.ContainsRune("=+-@|%＝＋－＠｜％﹦﹢﹣﹫﹪−", r):
			starts[i] = true
		case r == '\'' || r == '"' || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf):
			starts[i] = i+1 < len(runes) && starts[i+1]
		}
	}
	for i, r := range runes {
		if strings.ContainsRune("\t\r\n", r) {
			for ; i >= 0; i-- {
				starts[i] = true
			}
		}
		if r != '\'' {
			break
		}
	}
	return starts
}
