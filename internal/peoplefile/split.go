package peoplefile

import (
	"strings"
	"unicode"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// The characters between columns, by the names that forms use.
const (
	comma     = "comma"
	semicolon = "semicolon"
	tab       = "tab"
	bar       = "bar"
)

// Separators are the names of the characters that can be between columns, the most
// frequent first.
func Separators() []string { return []string{comma, semicolon, tab, bar} }

// separatorOf is the separator with the name; 0 for an unknown one.
func separatorOf(name string) byte {
	return map[string]byte{comma: ',', semicolon: ';', tab: '\t', bar: '|'}[name]
}

// splitter splits a text into rows: RFC 4180 with any of the separators, and with lines
// that end in CR LF, LF or CR.
type splitter struct {
	text string
	sep  byte
	pos  int
	line int // of pos, from 1
}

// next returns the next row that is not blank; ok is false at the end.
func (s *splitter) next() (row Row, ok bool) {
	for s.pos < len(s.text) {
		if c := s.text[s.pos]; c == '\n' || c == '\r' { // without the cost of a row
			s.newLine()
			continue
		}
		if row = s.row(); row.Fault != nil || !isBlank(row.Cells) {
			return row, true
		}
	}
	return Row{}, false
}

func isBlank(cells []string) bool {
	for _, c := range cells {
		if c != "" {
			return false
		}
	}
	return true
}

// row reads a row. After one that cannot be read it goes on with the line after the one
// in which the row begins.
func (s *splitter) row() Row {
	row := Row{Line: s.line}
	start := s.pos
	for {
		cell, fault := s.cell()
		if fault == nil && len(row.Cells) == MaxColumns {
			fault = access.Invalidf("", "The line has more than %d columns.", MaxColumns)
		}
		if fault != nil {
			row.Fault, row.Cells = fault, nil
			s.pos, s.line = start, row.Line
			s.pos += endOfLine(s.text[start:])
			s.newLine()
			return row
		}
		row.Cells = append(row.Cells, trim(cell))
		if s.pos < len(s.text) && s.text[s.pos] == s.sep {
			s.pos++
			continue
		}
		s.newLine()
		return row
	}
}

// endOfLine is the length of the first line of the text.
func endOfLine(text string) int {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		return i
	}
	return len(text)
}

// newLine skips the end of the line at the position, if there is one.
func (s *splitter) newLine() {
	if s.pos >= len(s.text) {
		return
	}
	if strings.HasPrefix(s.text[s.pos:], "\r\n") {
		s.pos++
	}
	s.pos++
	s.line++
}

// cell reads a cell up to the separator or the end of the line. In tables with tabs, as
// pasted from a spreadsheet, a quotation mark that does not enclose the whole cell is part
// of it; in all others it is a fault.
func (s *splitter) cell() (string, *access.Error) {
	begin := s.pos
	for s.pos < len(s.text) && s.text[s.pos] == ' ' {
		s.pos++
	}
	if s.pos < len(s.text) && s.text[s.pos] == '"' {
		line := s.line
		text, fault := s.quoted()
		if fault == nil || s.sep != '\t' {
			return text, fault
		}
		s.line = line
	}
	s.pos = begin
	n := strings.IndexFunc(s.text[s.pos:], func(r rune) bool { return r == rune(s.sep) || r == '\r' || r == '\n' })
	if n < 0 {
		n = len(s.text) - s.pos
	}
	text := s.text[s.pos : s.pos+n]
	s.pos += n
	switch {
	case s.sep != '\t' && strings.Contains(text, `"`):
		return "", badQuote()
	case len(text) > MaxCell:
		return "", longCell()
	}
	return text, nil
}

func badQuote() *access.Error {
	return access.Invalidf("", "The line can't be read: a quotation mark is within a text. Enclose the text in "+
		"quotation marks, and write each one within it twice.")
}

func longCell() *access.Error {
	return access.Invalidf("", "The line can't be read: a text has more than %d characters, or a quotation mark isn't "+
		"closed.", MaxCell)
}

// quoted reads a cell in quotation marks.
func (s *splitter) quoted() (string, *access.Error) {
	var b strings.Builder
	for i := s.pos + 1; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case b.Len() > MaxCell:
			return "", longCell()
		case c != '"':
			b.WriteByte(c)
			if c == '\n' || c == '\r' && !strings.HasPrefix(s.text[i+1:], "\n") {
				s.line++
			}
		case strings.HasPrefix(s.text[i+1:], `"`):
			b.WriteByte(c)
			i++
		default:
			for i++; i < len(s.text) && s.text[i] == ' '; {
				i++
			}
			if i < len(s.text) && s.text[i] != s.sep && s.text[i] != '\r' && s.text[i] != '\n' {
				return "", badQuote()
			}
			s.pos = i
			return b.String(), nil
		}
	}
	return "", access.Invalidf("", "The line can't be read: a quotation mark isn't closed.")
}

// trim removes white space and invisible characters around a text.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc) })
}

// skipPreamble moves past lines that programs write before the names of the columns.
func (s *splitter) skipPreamble() {
	for s.pos < len(s.text) {
		line := trim(s.text[s.pos : s.pos+endOfLine(s.text[s.pos:])])
		lower := strings.ToLower(strings.Trim(line, `",;`+"\t"))
		isSep := len(line) == len("sep=,") && strings.HasPrefix(lower, "sep=") // of spreadsheets
		if line != "" && !isSep && lower != "sep=" &&
			!strings.HasPrefix(lower, "version:v") && // Microsoft Entra ID
			!strings.HasPrefix(lower, "#type ") { // PowerShell
			return
		}
		s.pos += endOfLine(s.text[s.pos:])
		s.newLine()
	}
}

// split splits a text into its columns and rows.
func split(text string, r access.ImportReading) (File, error) {
	s := splitter{text: text, sep: separatorOf(r.Separator), line: 1}
	if s.sep == 0 {
		return File{}, access.Invalidf("separator", "Choose one of the options.")
	}
	s.skipPreamble()
	var f File
	for {
		row, ok := s.next()
		switch {
		case !ok && len(f.Rows) == 0:
			return f, access.Invalidf("file", "There are no people in the file.")
		case !ok:
			return f, nil
		case f.Head == nil && r.Header && row.Fault != nil:
			return f, access.Invalidf("file", "The first line names the columns, and can't be read: a quotation mark isn't "+
				"closed, or there are more than %d columns.", MaxColumns)
		case f.Head == nil && r.Header:
			f.Head = row.Cells
			continue
		case f.Head == nil && row.Fault == nil:
			f.Head = make([]string, len(row.Cells))
		case len(f.Rows) == MaxPeople:
			return f, access.Invalidf("file", "A file can have up to %d people. Split it.", MaxPeople)
		}
		f.Rows = append(f.Rows, fitted(row, len(f.Head)))
	}
}

// fitted is the row with as many cells as there are columns. Blank cells after the last
// column are dropped; any other difference is a fault.
func fitted(row Row, columns int) Row {
	if row.Fault != nil {
		return row
	}
	for len(row.Cells) > columns && row.Cells[len(row.Cells)-1] == "" {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	if len(row.Cells) != columns {
		row.Fault = access.Invalidf("", "The line has %d columns, and the first line has %d.", len(row.Cells), columns)
		row.Cells = nil
	}
	return row
}

// The separator is guessed from so many rows and bytes at the beginning.
const (
	sampleRows  = 20
	sampleBytes = 1 << 20
)

// sample returns the first rows of the text, split by the separator.
func sample(text, separator string) []Row {
	s := splitter{text: text[:min(len(text), sampleBytes)], sep: separatorOf(separator), line: 1}
	s.skipPreamble()
	var all []Row
	for range sampleRows {
		row, ok := s.next()
		if !ok {
			break
		}
		all = append(all, row)
	}
	return all
}

// detectSeparator returns the separator with which the first line has the most names
// of columns that are known, and the rows the same number of columns.
func detectSeparator(text string) string {
	best, most := comma, 0
	for _, name := range Separators() {
		rows := sample(text, name)
		if len(rows) == 0 || rows[0].Fault != nil {
			continue
		}
		score := 0
		for _, cell := range rows[0].Cells {
			if isKnownHeader(cell) {
				score += 2 * sampleRows
			}
		}
		if columns := len(rows[0].Cells); columns > 1 {
			score += 2
			for _, row := range rows {
				if row.Fault == nil && fitted(row, columns).Fault == nil {
					score++
				}
			}
		}
		if score > most {
			best, most = name, score
		}
	}
	return best
}

// detectHeader reports whether the first line names the columns: it has no mail address.
func detectHeader(text, separator string) bool {
	rows := sample(text, separator)
	if len(rows) == 0 || rows[0].Fault != nil {
		return true
	}
	for _, cell := range rows[0].Cells {
		if _, ok := mailaddr.Parse(cell); ok {
			return false
		}
	}
	return true
}
