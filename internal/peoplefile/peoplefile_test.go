package peoplefile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/peoplefile"
)

const names = "displayName;mail;department\r\nJürgen Groß;juergen@home.example;Küche\r\n"

// utf16Bytes is a text in UTF-16.
func utf16Bytes(text string, big bool) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		low, high := byte(u), byte(u>>8)
		if big {
			low, high = high, low
		}
		b = append(b, low, high)
	}
	return b
}

// single is a text in an encoding with a byte for each character, of which the first 256
// of Unicode are enough.
func single(text string) []byte {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return b
}

func TestEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"UTF-8":                   {[]byte(names), "utf-8"},
		"UTF-8 with a mark":       {[]byte("\ufeff" + names), "utf-8"},
		"UTF-16":                  {utf16Bytes("\ufeff"+names, false), "utf-16le"},
		"UTF-16 without a mark":   {utf16Bytes(names, false), "utf-16le"},
		"big-endian":              {utf16Bytes("\ufeff"+names, true), "utf-16be"},
		"big-endian without mark": {utf16Bytes(names, true), "utf-16be"},
		"Windows-1252":            {single(names), "windows-1252"},
	} {
		r, f, err := peoplefile.Detect(c.data)
		if err != nil || r.Encoding != c.want || len(f.Rows) != 1 || f.Head[0] != "displayName" ||
			!slices.Equal(f.Rows[0].Cells, []string{"Jürgen Groß", "juergen@home.example", "Küche"}) {
			t.Errorf("%s: %+v %+v, %v", name, r, f, err)
		}
	}
}

// Files that are no text, or not in the encoding that was chosen, are refused with the
// reason, never read with other letters.
func TestNoText(t *testing.T) {
	read := func(data []byte, encoding string) error {
		_, err := peoplefile.Read(data, access.ImportReading{Encoding: encoding, Separator: "semicolon", Header: true})
		return err
	}
	for name, c := range map[string]struct {
		err   error
		field string
		want  string
	}{
		"chosen UTF-8":     {read(single(names), "utf-8"), "encoding", "Line 2 isn't UTF-8 text. Choose another encoding."},
		"a broken mark":    {detect([]byte("\ufeffmail\nx\xff@home.example")), "encoding", "Line 2 isn't UTF-8 text"},
		"chosen UTF-16":    {read([]byte("mail;x\nab;c"), "utf-16le"), "encoding", "ends within a character"},
		"half a character": {read(utf16Bytes(names, false)[:41], "utf-16le"), "encoding", "ends within a character"},
		"half a pair":      {read([]byte("a\x00\x00\xd8b\x00"), "utf-16le"), "encoding", "isn't UTF-16 text"},
		"the other half":   {read([]byte("a\x00\x00\xdcb\x00"), "utf-16le"), "encoding", "isn't UTF-16 text"},
		"zeros":            {read([]byte("mail\nx\x00y"), "utf-8"), "encoding", "Line 2 has characters that no text has"},
		"a workbook":       {detect([]byte("PK\x03\x04 and more")), "file", "Save the list as CSV"},
		"an old workbook":  {detect([]byte("\xd0\xcf\x11\xe0 and more")), "file", "Save the list as CSV"},
		"unknown encoding": {read([]byte(names), "ebcdic"), "encoding", "Choose one of the options."},
		"too large":        {detect(make([]byte, peoplefile.MaxSize+1)), "file", "larger than 16 MB"},
		"empty":            {detect([]byte(" \n\n")), "file", "no people"},
		"only a header":    {detect([]byte("mail,displayName\n\n,\n")), "file", "no people"},
	} {
		e, ok := errors.AsType[*access.Error](c.err)
		if !ok || e.Kind != access.Invalid || e.Field != c.field || !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

func detect(data []byte) error {
	_, _, err := peoplefile.Detect(data)
	return err
}

// cells are the rows of a file as it is recognized, with | between cells.
func cells(t *testing.T, text string) []string {
	t.Helper()
	_, f, err := peoplefile.Detect([]byte(text))
	if err != nil {
		return []string{err.Error()}
	}
	all := []string{strings.Join(f.Head, "|")}
	for _, row := range f.Rows {
		if row.Fault != nil {
			all = append(all, fmt.Sprint(row.Line, " fault: ", row.Fault))
			continue
		}
		all = append(all, fmt.Sprint(row.Line, " ", strings.Join(row.Cells, "|")))
	}
	return all
}

func TestSeparatorsAndLines(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a comma in a name, tabs between": {"name\tmail\nSand, Mira\tm@x.example\n",
			[]string{"name|mail", "2 Sand, Mira|m@x.example"}},
		"semicolons, and commas in every name": {"Name;E-Mail\n\"Sand, Mira\";m@x.example\nRoe, Jo;j@x.example",
			[]string{"Name|E-Mail", "2 Sand, Mira|m@x.example", "3 Roe, Jo|j@x.example"}},
		"bars":  {"mail|name\na@x.example|A\n", []string{"mail|name", "2 a@x.example|A"}},
		"sep=":  {"sep=;\r\nmail;name\r\na@x.example;A\r\n", []string{"mail|name", "3 a@x.example|A"}},
		"sep=,": {"\"sep=,\"\nmail,name\na@x.example,A\n", []string{"mail|name", "3 a@x.example|A"}},
		"#TYPE": {"#TYPE Microsoft.ADUser\n\"mail\",\"name\"\n\"a@x.example\",\"A\"\n",
			[]string{"mail|name", "3 a@x.example|A"}},
		"blanks": {"\n  \nmail,name\n,\n \u00a0,\u200b\na@x.example,A\n\n", []string{"mail|name", "6 a@x.example|A"}},
		"CR":     {"mail,name\ra@x.example,A\r", []string{"mail|name", "2 a@x.example|A"}},
		"lines within quotation marks": {"mail,name\na@x.example,\"A\nB\"\nb@x.example,C\n",
			[]string{"mail|name", "2 a@x.example|A\nB", "4 b@x.example|C"}},
		"quotation marks twice": {"mail,name\na@x.example,\"A \"\"x\"\" B\"\n",
			[]string{"mail|name", `2 a@x.example|A "x" B`}},
		"blanks before and after": {"mail, name\n a@x.example , \"A, B\" \n", []string{"mail|name", "2 a@x.example|A, B"}},
		"blank cells at the end":  {"mail,name\na@x.example,A,,\n", []string{"mail|name", "2 a@x.example|A"}},
		"more cells": {"mail,name\na@x.example,A,B\n",
			[]string{"mail|name", "2 fault: The line has 3 columns, and the first line has 2."}},
		"a quotation mark that is not closed": {"mail,name\na@x.example,\"A\nb@x.example,B\n",
			[]string{"mail|name", "2 fault: The line can't be read: a quotation mark isn't closed.", "3 b@x.example|B"}},
		"a quotation mark, and others after it": {"mail,name\na@x.example,\"A\nb@x.example,\"B, C\"\nc@x.example,C\n",
			[]string{"mail|name", "2 fault: The line can't be read: a quotation mark is within a text. Enclose the text in " +
				"quotation marks, and write each one within it twice.", "3 b@x.example|B, C", "4 c@x.example|C"}},
		"quotation marks between tabs": {"mail\tname\na@x.example\tJo \"J\" Roe\nb@x.example\t\"B\" C\nc@x.example\t\"C\"\n",
			[]string{"mail|name", `2 a@x.example|Jo "J" Roe`, `3 b@x.example|"B" C`, "4 c@x.example|C"}},
		"no names of columns": {"a@x.example,A\nb@x.example,B\n", []string{"|", "1 a@x.example|A", "2 b@x.example|B"}},
		"a list of addresses": {"a@x.example\nb@x.example\n", []string{"", "1 a@x.example", "2 b@x.example"}},
	} {
		if d := cmp.Diff(c.want, cells(t, c.text)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// columns says what the columns of a file seem to be.
func columns(t *testing.T, text string) string {
	t.Helper()
	r, _, err := peoplefile.Detect([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range r.Columns {
		word := string(c.Field)
		if c.Field == access.ImportAttribute {
			word = "@" + c.Attribute
		}
		all = append(all, word)
	}
	return strings.Join(all, " ")
}

func TestGuess(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"any case":       {"MAIL,DISPLAYNAME,DEPARTMENT\na@x.example,A,D\n", "mail displayName @department"},
		"with blanks":    {"E-Mail Address,Full Name,Job Title\na@x.example,A,D\n", "mail displayName @jobTitle"},
		"German":         {"Anzeigename;E-Mail-Adresse;Abteilung\nA;a@x.example;D\n", "displayName mail @Abteilung"},
		"first and last": {"First name,Last name,Email\nA,B,a@x.example\n", "givenName surname mail"},
		"two addresses":  {"userPrincipalName,mail,displayName\nu@x.example,a@x.example,A\n", " mail displayName"},
		"no mail in the column": {"mail,userPrincipalName,displayName\n,a@x.example,A\n,b@x.example,B\n",
			" mail displayName"},
		"manager's name": {"mail,name,manager\na@x.example,A,Ada Root\n", "mail displayName "},
		"manager's DN": {"mail,name,manager,memberOf\na@x.example,A,\"CN=Ada,DC=x\",\"CN=g,DC=x\"\n",
			"mail displayName  "},
		"manager's mail":    {"mail,name,Manager Email\na@x.example,A,m@x.example\n", "mail displayName manager"},
		"no manager at all": {"mail,name,manager\na@x.example,A,\n", "mail displayName manager"},
		"passwords": {"mail,name,Password,New Password [Required],passwordProfile\na@x.example,A,p1,p2,p3\n",
			"mail displayName   "},
		"IDs of others":       {"id,objectGUID,mail,name\n1,2,a@x.example,A\n", "  mail displayName"},
		"a column, no values": {"mail,name,badge,department\na@x.example,A,,D\n", "mail displayName  @department"},
		"another":             {"mail,name,Badge\na@x.example,A,7\n", "mail displayName @Badge"},
		"the same twice":      {"mail,mail,name\na@x.example,b@x.example,A\n", "mail  displayName"},
		"an attribute twice":  {"mail,name,department,Department\na@x.example,A,D,E\n", "mail displayName  @department"},
		"no names of columns": {"A,a@x.example\n", "displayName mail"},
		"only addresses":      {"a@x.example\n", "mail"},
		"our own download": {"id,displayName,mail,userType,domain,guestState,governed,removalDue,disabled," +
			"createdDateTime\n1,A,a@x.example,member,x.example,none,no,,no,2026-01-01\n", "id displayName mail       "},
		"Entra, members of a group": {"id,userPrincipalName,displayName,objectType,userType,isUser,isGroup,isGuest\n" +
			"1,a@x.example,A,User,Member,TRUE,FALSE,FALSE\n", " mail displayName @objectType  @isUser @isGroup @isGuest"},
	} {
		if got := columns(t, c.text); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	head, row := "mail,name", "a@x.example,A"
	for i := range 30 {
		head += fmt.Sprintf(",x%d", i)
		row += ",v"
	}
	if got := strings.Count(columns(t, head+"\n"+row+"\n"), "@"); got != access.MaxAttributes {
		t.Errorf("%d attributes", got)
	}
}

// A file has a limited number of people, columns and characters in a cell.
func TestLimits(t *testing.T) {
	people := func(n int) string { return "mail,name\n" + strings.Repeat("a@x.example,A\n", n) }
	if err := detect([]byte(people(peoplefile.MaxPeople))); err != nil {
		t.Error(err)
	}
	if err := detect([]byte(people(peoplefile.MaxPeople + 1))); err == nil || !strings.Contains(err.Error(), "20000") {
		t.Errorf("one too many: %v", err)
	}
	wide := func(n int) string {
		return "mail" + strings.Repeat(",x", n-1) + "\na@x.example" + strings.Repeat(",x", n-1)
	}
	if err := detect([]byte(wide(peoplefile.MaxColumns))); err != nil {
		t.Error(err)
	}
	if err := detect([]byte(wide(peoplefile.MaxColumns + 1))); err == nil {
		t.Error("one column too many")
	}
	for n, fault := range map[int]bool{peoplefile.MaxCell: false, peoplefile.MaxCell + 1: true} {
		for _, quote := range []string{"", `"`} {
			text := "mail,name\na@x.example," + quote + strings.Repeat("x", n) + quote + "\nb@x.example,B\n"
			got := cells(t, text)
			if len(got) != 3 || strings.Contains(got[1], "fault") != fault || got[2] != "3 b@x.example|B" {
				t.Errorf("%d%s: %.80q", n, quote, got)
			}
		}
	}
}

// Files that take long to read in a careless way are read, or refused, at once.
func TestHostileFiles(t *testing.T) {
	const head = "mail,name\n"
	fill := func(head, unit string) []byte {
		return []byte(head + strings.Repeat(unit, (peoplefile.MaxSize-len(head))/len(unit)))
	}
	for name, data := range map[string][]byte{
		"commas": fill(head, ","), "quotation marks": fill(head, `"`), "open quotation marks": fill(head, "\"\n"),
		"open quotation marks in cells": fill(head, "\"x,\n"), "tabs and quotation marks": fill("mail\tname\n", "\"\"\"\t"),
		"lines": fill(head, "\n"), "blank cells": fill(head, ",\n"), "one line": fill(head, "x"), "letters": fill("", "ab@c"),
		"returns": fill(head, "\r"), "zeros": fill("", "\x00"), "bytes": fill(head, "\xff"), "short lines": fill(head, "a\n"),
		"open quotation marks at tabs": fill("mail\tname\n", "\"a\tb\n"), "marks": fill(head, "\ufeff"),
	} {
		start := time.Now()
		_, _, err := peoplefile.Detect(data)
		if took := time.Since(start); took > slowdown*2*time.Second {
			t.Errorf("%s: %v, %v", name, took, err)
		}
	}
}
