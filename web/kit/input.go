package kit

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/plain"
	"myaccess/internal/signin"
	"myaccess/internal/store"
)

// Limits of a form. The largest of ours has a policy with as many questions, people
// and approvers as it can have.
const (
	MaxBody   = 1 << 20 // bytes
	MaxFields = 5000    // values
)

// parseForm parses an urlencoded form within the limits, and refuses any other body. The
// texts in it are those that plain.Text makes of what was typed (C37).
func (c *Context) parseForm() error {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return echo.ErrUnsupportedMediaType
	}
	if r.ContentLength > MaxBody {
		return echo.ErrStatusRequestEntityTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, MaxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || bytes.Count(body, []byte("&")) >= MaxFields {
		return echo.ErrStatusRequestEntityTooLarge
	}
	if err != nil {
		return echo.ErrBadRequest
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := r.ParseForm(); err != nil {
		return echo.ErrBadRequest
	}
	for name, values := range r.PostForm {
		if isVerbatim(name) {
			continue
		}
		for i := range values {
			values[i] = plain.Text(values[i])
		}
	}
	return nil
}

// FileField is the field for the text of a file to import.
const FileField = "file"

// isVerbatim reports whether the value of a form field must not be changed: secrets,
// tokens, and files, whose parts are cleaned where they are read.
func isVerbatim(field string) bool {
	return field == SecretField || field == FileField || field == "csrf" || field == "sealed" || field == "key"
}

// PathID is the id in the path. It returns NotFound if that is not an id in
// canonical form.
func (c *Context) PathID() (string, error) { return c.PathIDAt("id") }

// PathIDAt is like PathID for another parameter of the path.
func (c *Context) PathIDAt(name string) (string, error) {
	given := c.Param(name)
	if !IsID(given) {
		return "", access.Missing()
	}
	return given, nil
}

// IsID reports whether s is an id in canonical form.
func IsID(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// FormText is the value of a form field.
func (c *Context) FormText(name string) string { return c.Request().PostForm.Get(name) }

// DateTimeLayout is the format of a datetime-local input.
const DateTimeLayout = "2006-01-02T15:04"

// ZoneName is the name of the reader's time zone, such as Europe/Berlin.
func (c *Context) ZoneName() string { return c.Printer.Zone().String() }

// isFormKey reports whether s can be an idempotency key. Without one a form
// could be submitted twice.
func isFormKey(s string) bool {
	return len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// parseDateTime parses the value of a datetime-local input in the reader's time
// zone. It returns the zero time for an empty value, and for an invalid one,
// which it adds to es.
func (c *Context) parseDateTime(field, text string, es *access.Errors) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, ok := c.LocalDateTime(text)
	if !ok {
		es.Add(access.Invalidf(field, "Enter a date and time, such as 2026-03-12T17:00."))
	}
	return t
}

// LocalDateTime is the value of a datetime-local input, a time in the reader's zone. A
// time that clocks skip is the first that they show after it. ok is false for anything
// else, such as a date alone: it could be its start or its end.
func (c *Context) LocalDateTime(text string) (t time.Time, ok bool) {
	t, err := time.Parse(DateTimeLayout, text)
	if err != nil || t.Year() < 1971 || t.Year() > 9000 {
		return time.Time{}, false
	}
	return access.LocalTime(t, c.Printer.Zone()), true
}

// PageSize is the number of rows on a page of a list.
const PageSize = 25

// SafeLink is a resource's link if it is http or https; empty otherwise.
func SafeLink(link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
		return link
	}
	return ""
}

// ParsePageKey parses the position in a list, an id and a sort name. Anything
// invalid is the start of the list.
func ParsePageKey(s string) store.Key {
	id, name, _ := strings.Cut(s, "~")
	if !IsID(id) {
		return store.Key{}
	}
	return store.Key{Name: Shorten(name, 4*access.MaxNameLength), ID: id}
}

// FormatPageKey writes a position for ParsePageKey.
func FormatPageKey(k store.Key) string { return k.ID + "~" + k.Name }

// Shorten returns the text of s (plain.Text) without what the database cannot store, cut
// to n runes.
func Shorten(s string, n int) string { return cutRunes(plain.Text(storable(s)), n) }

// cutRunes cuts s to n runes.
func cutRunes(s string, n int) string {
	for at := range s {
		if n--; n < 0 {
			return s[:at]
		}
	}
	return s
}

// NewFormKey returns a new idempotency key for a form.
func NewFormKey() string { return signin.NewToken()[:22] }

// storable removes what the database cannot store: invalid UTF-8 and NUL.
func storable(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") }

// Limits of a form with files.
const (
	MaxUpload  = 16<<20 + 1<<16 // bytes, of the whole form
	maxParts   = 100
	maxUploads = 4 // at the same time, because each is held in memory
	uploadTime = 3 * time.Minute
)

// UploadedFile is a file of a form.
type UploadedFile struct {
	Name string
	Data []byte
}

// isMultipart reports whether the body is a form that can have files.
func isMultipart(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// parseUpload parses a multipart form within the limits. Its files are in Files until done
// is called. A slow client has uploadTime to send it.
func parseUpload(c *Context) (done func(), err error) {
	select {
	case c.uploads <- struct{}{}:
	default:
		return nil, access.Refuse(access.Unavailable, "Other files are being uploaded. Try again in a moment.")
	}
	release := func() {
		c.Files = nil
		<-c.uploads
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	control := http.NewResponseController(c.Response().Writer)
	if control.SetReadDeadline(time.Time{}) == nil && control.SetWriteDeadline(time.Time{}) == nil {
		stop := time.AfterFunc(uploadTime, func() { _ = control.SetReadDeadline(time.Unix(1, 0)) })
		defer stop.Stop()
	}
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, MaxUpload)
	err = readParts(c)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, echo.ErrStatusRequestEntityTooLarge
	}
	if err != nil && !errors.Is(err, echo.ErrStatusRequestEntityTooLarge) {
		return nil, echo.ErrBadRequest
	}
	return release, err
}

// readParts reads the fields and files of a multipart form.
func readParts(c *Context) error {
	r := c.Request()
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	r.PostForm, c.Files = url.Values{}, map[string]UploadedFile{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && errors.Unwrap(err) == nil { // not of a form that ends too early
			r.Form = r.PostForm
			return nil
		}
		if err != nil {
			return err
		}
		if n == maxParts {
			return echo.ErrStatusRequestEntityTooLarge
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if name := part.FileName(); name != "" {
			c.Files[part.FormName()] = UploadedFile{Name: storable(name), Data: data}
		} else if !strings.Contains(part.Header.Get("Content-Disposition"), "filename=") {
			r.PostForm.Add(part.FormName(), string(data))
		}
	}
}

// drain reads what is left of a form that was refused, because browsers show an answer only
// after they have sent the whole form.
func drain(r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, MaxUpload))
}
