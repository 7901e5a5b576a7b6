// Package peoplefile reads lists of people as other programs write them: spreadsheets,
// Microsoft Entra ID, Okta, Google Workspace, Active Directory, and the portal's own
// downloads. It finds out the encoding of the text, the character between the columns,
// whether the first line names the columns, and which column is what. These are guesses:
// the importer shows them and can change each (access.ImportReading).
//
// Reading takes time and memory in proportion to the size of a file, whatever it
// contains; the limits are MaxSize, MaxPeople, MaxColumns and MaxCell.
package peoplefile

import "myaccess/internal/access"

// Limits of a file.
const (
	MaxSize    = 16 << 20 // bytes
	MaxPeople  = 20_000   // lines with people
	MaxColumns = 100
	MaxCell    = 10_000 // bytes, of the text of a cell
)

// File is what a file contains when it is read in one way.
type File struct {
	Head []string // names of the columns; empty texts if the first line does not name them
	Rows []Row    // without blank lines
}

// Row is a line with a person.
type Row struct {
	Line  int      // where it begins in the text, from 1
	Cells []string // as many as there are columns; none if Fault is set
	Fault *access.Error
}

// Detect returns how a file seems to be written, and its contents. Invalid with the field
// file if it is no text, is empty, or is larger than the limits.
func Detect(data []byte) (access.ImportReading, File, error) {
	r := access.ImportReading{Encoding: detectEncoding(data)}
	text, err := decode(data, r.Encoding)
	if err != nil {
		return r, File{}, err
	}
	r.Separator = detectSeparator(text)
	r.Header = detectHeader(text, r.Separator)
	f, err := split(text, r)
	if err != nil {
		return r, f, err
	}
	r.Columns = guess(f)
	return r, f, nil
}

// Read returns the contents of a file that is written in the given way. It refuses what
// Detect refuses, and bytes that are no text in the encoding.
func Read(data []byte, r access.ImportReading) (File, error) {
	text, err := decode(data, r.Encoding)
	if err != nil {
		return File{}, err
	}
	return split(text, r)
}

// Guess returns what the columns of a file seem to be.
func Guess(f File) []access.ImportColumn { return guess(f) }
