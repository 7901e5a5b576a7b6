package kit

import (
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/store"
)

// MaxBody is how large a form may be.
const MaxBody = 1 << 20

// parseForm reads a form of the one type and size that the portal takes.
func (c *Context) parseForm() error {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return echo.ErrUnsupportedMediaType
	}
	if r.ContentLength > MaxBody {
		return echo.ErrStatusRequestEntityTooLarge
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, MaxBody)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return echo.ErrStatusRequestEntityTooLarge
		}
		return echo.ErrBadRequest
	}
	return nil
}

// PathID is the id in the path, in the one form in which ids are written.
func (c *Context) PathID() (string, error) { return c.PathIDAt("id") }

// PathIDAt is the id at the named place in the path.
func (c *Context) PathIDAt(name string) (string, error) {
	given := c.Param(name)
	if !IsID(given) {
		return "", access.Missing()
	}
	return given, nil
}

// IsID reports whether s is written as ids are.
func IsID(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// FormText is what was typed into a field, without the carriage returns that
// browsers add.
func (c *Context) FormText(name string) string {
	return strings.ReplaceAll(c.Request().PostForm.Get(name), "\r\n", "\n")
}

// DateTimeLayout is how browsers write the value of a datetime-local input.
const DateTimeLayout = "2006-01-02T15:04"

// ZoneName is the name of the reader's time zone, such as Europe/Berlin.
func (c *Context) ZoneName() string { return c.Printer.Zone().String() }

// isFormKey reports whether s could be the key of a form; a form without one is
// not kept from being sent twice.
func isFormKey(s string) bool {
	return len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// parseDateTime reads a time in the reader's time zone; the zero time if none was
// given.
func (c *Context) parseDateTime(field, text string, es *access.Errors) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(DateTimeLayout, text, c.Printer.Zone())
	if err != nil || t.Year() < 1970 || t.Year() > 9000 {
		es.Add(access.Invalidf(field, "Enter day and time, such as 2026-03-12T17:00."))
		return time.Time{}
	}
	return t
}

// PageSize is how many lines a list shows.
const PageSize = 25

// SafeLink is a resource's link if browsers may be sent there.
func SafeLink(link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
		return link
	}
	return ""
}

// ParsePageKey reads the key of a page: the id and the name that it comes after.
func ParsePageKey(s string) store.Key {
	id, name, _ := strings.Cut(s, "~")
	if !IsID(id) {
		return store.Key{}
	}
	return store.Key{Name: Shorten(name, 4*access.MaxNameLength), ID: id}
}

// FormatPageKey is the key of a page as place reads it.
func FormatPageKey(k store.Key) string { return k.ID + "~" + k.Name }

// Shorten is s without surrounding white space and without what a database does
// not store, cut to n runes.
func Shorten(s string, n int) string {
	r := []rune(strings.TrimSpace(storable(s)))
	return string(r[:min(n, len(r))])
}

// NewFormKey is the key of a fresh form.
func NewFormKey() string { return signin.NewToken()[:22] }

// storable is s without what a database does not store.
func storable(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") }
