package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

const importPage = home + "/admin/people/import"

// uploads sends the form of the page with a file.
func (b *browser) uploads(name string, data []byte, typed url.Values) *browser {
	b.p.t.Helper()
	b.files = map[string]kit.UploadedFile{"upload": {Name: name, Data: data}}
	return b.presses("Continue", typed)
}

// utf16Text is a text as spreadsheets save "Unicode text".
func utf16Text(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// TestC35ImportByUpload: a file is uploaded, the page says how it was read, the importer can
// change that, and nothing is changed before the preview was seen.
func TestC35ImportByUpload(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	b := p.as("gala")
	before := p.persons()
	b.opens(importPage).uploads("Küche.txt", utf16Text("Name\tE-Mail Address\tDepartment\tBadge\r\n"+
		"Jürgen Groß\tjuergen@meridian.example\tKüche\t7\r\n"), nil).
		sees(200, "Küche.txt", "1 line with people.", "Such as “Jürgen Groß”", "Such as “juergen@meridian.example”",
			"Attribute “department”", "Attribute “Badge”", "!Other columns").
		hasChoice("encoding", "utf-16le").hasChoice("separator", "tab").hasChoice("header", "yes").
		hasChoice("column-0", "displayName").hasChoice("column-1", "mail").hasChoice("column-2", "attribute")
	at := b.at
	// Read as something else it is refused, or the columns are chosen again before a preview.
	b.presses("Preview", url.Values{"encoding": {"utf-8"}}).sees(422, "Line 1 has characters that no text has")
	if b.faultAt("encoding") == "" {
		t.Error("nothing is said at the encoding")
	}
	b.opens(at).presses("Preview", url.Values{"separator": {"comma"}}).
		sees(200, "Choose columns", "Such as “Jürgen Groß juergen@meridian.example").hasChoice("separator", "comma").
		presses("Preview", nil).sees(422, "Choose the column that has the mail addresses.")
	b.opens(at).presses("Read file again", url.Values{"separator": {"tab"}}).hasChoice("column-1", "mail")
	b.presses("Preview", url.Values{"column-0": {"mail"}}).sees(422, "Two columns are for the same field: mail. Choose "+
		"one.").
		hasChoice("column-0", "mail")
	b.opens(at).presses("Preview", url.Values{"column-3": {""}}).sees(200, "New 1", "Errors 0",
		"Encoding UTF-16", "Separator Tab", "Imported columns Name, Mail address and department", "Columns not imported 4",
		"Import 1").
		sees(200, "Nothing is imported yet.")
	if p.persons() != before {
		t.Error("the preview has changed people")
	}
	b.presses("Import 1", nil).sees(200, "1 of 1 lines imported.", "Jürgen Groß", "Added")
	made, err := p.PeopleByEmail(t.Context(), p.Tenant.ID, "juergen@meridian.example")
	if err != nil || len(made) != 1 || made[0].Name != "Jürgen Groß" || made[0].Attributes["department"] != "Küche" ||
		len(made[0].Attributes) != 1 {
		t.Errorf("%+v, %v", made, err)
	}
	b.do(http.MethodPost, b.at, url.Values{"step": {"run"}}).sees(409)
	b.opens(importPage).sees(200, "Küche.txt", "Imported").clicks("Küche.txt").presses("Delete import", nil).
		sees(200, "!Küche.txt")
}

// persons are all rows of people and their groups.
func (p *fixture) persons() string {
	var all strings.Builder
	for line := range strings.Lines(p.dump()) {
		for _, table := range []string{"person: ", "directory_member: ", "search_word: ", "account: ", "audit: ",
			"person_sponsor: "} {
			if strings.HasPrefix(line, table) {
				all.WriteString(line)
			}
		}
	}
	return all.String()
}

// hasChoice checks which option of a select is selected.
func (b *browser) hasChoice(field, want string) *browser {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data != "select" || attribute(n, "name") != field {
			continue
		}
		for o := range nodes(n) {
			if has(o, "selected") && attribute(o, "value") != want {
				b.p.t.Errorf("%s: %q in %s, want %q", b.at, attribute(o, "value"), field, want)
			}
		}
		return b
	}
	b.p.t.Errorf("%s: no select %s", b.at, field)
	return b
}

// TestC33ImportWithProgress: of a long file the first lines are handled at once and the
// others by the job; the page says how far it is, also without scripts, and what was left
// out.
func TestC33ImportWithProgress(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	b := p.as("gala")
	var file strings.Builder
	file.WriteString("displayName,mail,preferredLanguage\r\n")
	for i := range 1000 {
		language := ""
		if i%400 == 50 { // lines 52, 452 and 852
			language = "de_DE"
		}
		fmt.Fprintf(&file, "Person %d,person%d@meridian.example,%s\r\n", i, i, language)
	}
	b.opens(importPage).uploads("people.csv", []byte(file.String()), nil).sees(200, "1,000 lines with people.").
		presses("Preview", nil).sees(200, "400 of 1,000 lines checked.", `data-refresh="3"`, "Checking", "!Import 997")
	p.runJobs()
	b.clicks("Refresh").sees(200, "!data-refresh", "Errors 3", "New 997", "997 of 1,000 lines can be imported.",
		"preferredLanguage: “de_DE” is not a language such as en or de-CH.", "452", "!Person 3 person3@")
	b.clicks("New (997)").sees(200, "Person 3", "Next 100 lines", "!Person 50 ", "!Person 101 ").clicks("Next 100 lines").
		sees(200, "Person 101", "!Person 99 ")
	b.presses("Import 997, skip 3", nil).sees(200, "300 of 1,000 lines done.", `data-refresh="3"`)
	p.runJobs()
	b.clicks("Refresh").sees(200, "997 of 1,000 lines imported.", "Errors 3", "New 997", "!data-refresh", "!Stop import")
	b.opens(b.at+"?show=errors").sees(200, "Person 50", "Error")
	for address, want := range map[string]int{"person49@meridian.example": 1, "person50@meridian.example": 0,
		"person999@meridian.example": 1} {
		found, err := p.PeopleByEmail(t.Context(), p.Tenant.ID, address)
		if err != nil || len(found) != want {
			t.Errorf("%s: %d, %v", address, len(found), err)
		}
	}
}

// A running import can be stopped, and the page says what was done.
func TestImportIsStopped(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	b := p.as("gala")
	text := "mail,displayName\n"
	for i := range 500 {
		text += fmt.Sprintf("person%d@meridian.example,Person %d\n", i, i)
	}
	b.opens(importPage).presses("Continue", url.Values{"file": {text}}).presses("Preview", nil)
	at := b.at
	p.runJobs()
	b.opens(at).presses("Import 500", nil).presses("Stop import", nil).sees(200,
		"The import was stopped. 300 of 500 lines were imported", "Stopped")
	p.runJobs()
	b.opens(at).sees(200, "300 of 500 lines were imported").presses("Delete import", nil).opens(at).sees(404)
}

// TestOwnDownloadChangesNothing: the list of people, as it is downloaded, can be imported
// again: whoever is in it, nothing changes.
func TestOwnDownloadChangesNothing(t *testing.T) {
	p := newPortal(t)
	p.fillLists()
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		for i, one := range []struct{ name, mail string }{{"=Ana", "ana@meridian.example"},
			{"Ben;=1+1", "Ben@meridian.example"},
			{"'Dee, \"D\"", "dee@meridian.example"}, {"No Address", ""}, {"Twin", "twin@meridian.example"},
			{"Twin", "twin@meridian.example"}, {"Bad", "no address"}, {"A\tB", "tab@meridian.example"},
			{"J\u00fcrgen Gro\u00df", "juergen@meridian.example"}} {
			err := tx.AddPerson(ctx, access.Person{ID: access.PersonID(tx.NewID()), Tenant: p.Tenant.ID,
				Directory: p.Tenant.Directory, Domain: "meridian.example", Kind: access.Member, Name: one.name, Email: one.mail,
				Guest: access.GuestNone, Attributes: map[string]string{"n": fmt.Sprint(i)}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	b := p.as("gala")
	download := []byte(b.opens(home + "/admin/people?format=csv").body)
	if !bytes.HasPrefix(download, []byte("\xef\xbb\xbfid,displayName,")) {
		t.Errorf("the download begins with %q", download[:20])
	}
	before := p.persons()
	lines := bytes.Count(download, []byte("\r\n")) - 1
	b.opens(importPage).uploads("people.csv", download, nil).hasChoice("column-0", "id").hasChoice("column-3", "").
		presses("Preview", nil)
	p.runJobs()
	b.opens(b.at).sees(200, fmt.Sprintf("Unchanged %d", lines), "Errors 0", "New 0", "Changed 0")
	b.presses(fmt.Sprintf("Import %d", lines), nil)
	p.runJobs()
	changed := difference(before, p.persons())
	for line := range strings.Lines(changed) {
		if !strings.Contains(line, "'Import people'") {
			t.Errorf("changed: %s", line)
		}
	}
	if lines < 15 || strings.Count(changed, "\n") != 1 {
		t.Errorf("%d lines, changed %s", lines, changed)
	}
}

// Files are taken only from people who may import, of a limited size, on the page that is
// for them, with the token of the page.
func TestUploadIsGuarded(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala, lena := p.as("gala"), p.as("ida")
	file := []byte("mail,displayName\nnew@meridian.example,New")
	before := p.dump()
	send := func(b *browser, path string, form url.Values, data []byte) int {
		b.multipart, b.files = true, map[string]kit.UploadedFile{"upload": {Name: "x.csv", Data: data}}
		defer func() { b.multipart, b.files = false, nil }()
		b.sendOnce(http.MethodPost, path, form)
		return b.status
	}
	csrf := func(b *browser) url.Values { return url.Values{"csrf": {b.token()}} }
	for name, c := range map[string]struct{ got, want int }{
		"without the right":   {send(lena, importPage, csrf(lena), file), 403},
		"without a token":     {send(gala, importPage, url.Values{}, file), 403},
		"of another session":  {send(gala, importPage, csrf(lena), file), 403},
		"not signed in":       {send(p.nobody(), importPage, url.Values{}, file), 303},
		"on another page":     {send(gala, home+"/admin/people/new", csrf(gala), file), 415},
		"too large":           {send(gala, importPage, csrf(gala), make([]byte, kit.MaxUpload)), 413},
		"too large by a byte": {send(gala, importPage, csrf(gala), make([]byte, 16<<20+1)), 422},
		"nothing":             {send(gala, importPage, csrf(gala), nil), 422},
		"a workbook":          {send(gala, importPage, csrf(gala), []byte("PK\x03\x04")), 422},
		"both": {send(gala, importPage, url.Values{"csrf": csrf(gala)["csrf"], "file": {"mail\nx@y.example"}},
			file), 422},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	if after := p.dump(); after != before {
		t.Errorf("changed %s", difference(before, after))
	}
	for fields, want := range map[int]int{98: 303, 99: 413, 200: 413} { // and the token and the file: at most 100
		many := url.Values{"csrf": {gala.token()}}
		for i := range fields {
			many.Add("x", fmt.Sprint(i))
		}
		if got := send(gala, importPage, many, file); got != want {
			t.Errorf("%d fields: %d, want %d", fields, got, want)
		}
	}
	r := httptest.NewRequest(http.MethodPost, address+importPage, strings.NewReader("--x\r\nbroken"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if gala.send(r); gala.status != 400 {
		t.Errorf("broken: %d", gala.status)
	}
	if got := send(gala, importPage, csrf(gala), file); got != 303 {
		t.Errorf("rightly: %d", got)
	}
}

// At most four files are held in memory at the same time; others are asked to come again.
func TestUploadsAtTheSameTime(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	b := p.as("gala").opens(importPage)
	form, head := url.Values{"csrf": {b.token()}}, make([]byte, 100)
	b.files = map[string]kit.UploadedFile{"upload": {Name: "x.csv", Data: []byte("mail\nx@meridian.example")}}
	whole, kind := b.multipartForm(form)
	n, err := whole.Read(head)
	if err != nil {
		t.Fatal(err)
	}
	const places = 4
	answers := make(chan int, places)
	var ends []*io.PipeWriter
	for range places {
		body, w := io.Pipe()
		r := httptest.NewRequest(http.MethodPost, address+importPage, body)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		go func() {
			answer := httptest.NewRecorder()
			p.handler.ServeHTTP(answer, r)
			answers <- answer.Code
		}()
		if _, err := w.Write(head[:n]); err != nil { // is being read
			t.Fatal(err)
		}
		ends = append(ends, w)
	}
	send := func() int {
		b.multipart, b.files = true, map[string]kit.UploadedFile{"upload": {Name: "x.csv",
			Data: []byte("mail\nx@meridian.example")}}
		b.sendOnce(http.MethodPost, importPage, form)
		return b.status
	}
	if got := send(); got != 503 {
		t.Errorf("a fifth file: %d", got)
	}
	for _, w := range ends {
		w.CloseWithError(io.ErrUnexpectedEOF) // as of a client that has gone
		if got := <-answers; got != 400 {
			t.Errorf("a file that ends too early: %d", got)
		}
	}
	if got := send(); got != 303 {
		t.Errorf("when the others are done: %d", got)
	}
}
