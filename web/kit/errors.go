package kit

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/views"
)

// csrfError refuses a form that does not come from a page of this session.
func csrfError() error {
	return access.Refuse(access.Forbidden, "This form isn't from your current session. Open the page again and repeat "+
		"your changes.")
}

// statuses maps each kind of refusal to its HTTP status.
func statuses() map[access.ErrorKind]int {
	return map[access.ErrorKind]int{
		access.Internal: http.StatusInternalServerError, access.Invalid: http.StatusUnprocessableEntity,
		access.Forbidden: http.StatusForbidden, access.NotFound: http.StatusNotFound, access.Conflict: http.StatusConflict,
		access.Unavailable: http.StatusServiceUnavailable, access.TooManyRequests: http.StatusTooManyRequests,
	}
}

// StatusOf is the HTTP status for a kind of refusal.
func StatusOf(kind access.ErrorKind) int { return statuses()[kind] }

// retryAfter is how many seconds a client should wait before it tries again what is
// not available.
const retryAfter = "60"

// answerError answers every error with a page. It is the only place that does.
func (s *Server) answerError(err error, ec echo.Context) {
	if ec.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && ec.Request().Context().Err() != nil {
		return // the client has gone
	}
	c, ok := ec.Get("context").(*Context)
	if !ok {
		c = s.newContext(ec)
	}
	status, page := c.errorPage(err)
	if status == http.StatusServiceUnavailable {
		RetryLater(c)
	}
	if err := c.Show(status, page.Page()); err != nil {
		s.Log.Error("error page not sent", "error", errors.Join(err, ec.NoContent(http.StatusInternalServerError)))
	}
}

// errorPage returns the page for an error and its status.
func (c *Context) errorPage(err error) (int, views.ErrorPage) {
	p := c.Printer
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		return c.protocolErrorPage(e.Code)
	}
	kind := access.KindOf(err)
	status := StatusOf(kind)
	page := views.ErrorPage{Chrome: c.Chrome(""), Text: []string{ErrorText(p, err)},
		Links: []views.Link{{Label: p.T("Home"), Href: c.PagePath()}}}
	switch {
	case isWrongAccount(c, err, kind):
		status, page = http.StatusForbidden, wrongAccountPage(c, err)
	case kind == access.NotFound:
		page.Title = p.T("Not found")
	case kind == access.Forbidden:
		page.Title = p.T("Not allowed")
	case kind == access.Conflict:
		page.Title = p.T("This has changed")
	case kind == access.Invalid:
		page.Title = p.T("This didn't work")
	case kind == access.TooManyRequests:
		page.Title = p.T("Too many requests")
		c.retryAfter(time.Minute)
		c.Log.Info("request refused: too many", "method", c.Request().Method, "path", c.Request().URL.Path)
	case kind == access.Unavailable:
		page.Title = p.T("Not available right now")
		page.Reference = c.LogFault(err)
		page.Links = append(page.Links, views.Link{Label: p.T("Try again"), Href: c.Request().URL.RequestURI(),
			Primary: true})
		if c.Request().Method != http.MethodGet || strings.HasPrefix(c.Path(), c.Links.Path("/auth/")) {
			page.Links = page.Links[:1]
		}
	default:
		page.Title = p.T("Something went wrong")
		page.Text = []string{p.T("This is our fault, not yours. Nothing was changed. Try again. If it happens again, " +
			"report this reference.")}
		page.Reference = c.LogFault(err)
	}
	if kind == access.NotFound || kind == access.Forbidden {
		addAccount(c, &page)
	}
	page.Chrome.Title = page.Title
	return status, page
}

// RetryLater says in the answer to try again in a minute, unless it says so already.
func RetryLater(c *Context) {
	if h := c.Response().Header(); h.Get("Retry-After") == "" {
		h.Set("Retry-After", retryAfter)
	}
}

// retryAfter says in the answer how long to wait, unless it says so already.
func (c *Context) retryAfter(wait time.Duration) {
	if h := c.Response().Header(); h.Get("Retry-After") == "" {
		h.Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
}

// WriteFailure says since when nothing can be saved; nil if the portal can write to its
// database, as far as it knows.
func WriteFailure(c *Context) *store.StorageError {
	if c.Writable == nil {
		return nil
	}
	e, _ := errors.AsType[*store.StorageError](c.Writable(c.Ctx))
	return e
}

// LogFault logs an error and returns the reference by which the log entry is
// found. The store has logged its own failures, which concern every request.
func (c *Context) LogFault(err error) string {
	if e, ok := errors.AsType[*store.StorageError](err); ok {
		return e.Reference
	}
	reference := signin.NewToken()[:8]
	text := ""
	if err != nil {
		text = cutQuoted(err.Error(), maxLogged)
	}
	c.Log.Error("request failed", "reference", reference, "method", c.Request().Method,
		"path", cutQuoted(c.Request().URL.Path, maxQuoted), "error", text)
	return reference
}

// protocolErrorPage returns the page for an error of the HTTP request itself.
func (c *Context) protocolErrorPage(code int) (int, views.ErrorPage) {
	p := c.Printer
	text := map[int][2]lang.Message{
		http.StatusBadRequest:            {"This didn't work", "Your browser sent a request that can't be read."},
		http.StatusNotFound:              {"Not found", lang.Message(access.Missing().Msg)},
		http.StatusMethodNotAllowed:      {"This didn't work", "This page can't be opened directly."},
		http.StatusRequestEntityTooLarge: {"Too large", "The form is too large. Nothing was changed."},
		http.StatusUnsupportedMediaType:  {"This didn't work", "This page accepts forms only."},
		http.StatusTooManyRequests:       {"Too many requests", "Too many requests. Wait a moment and try again."},
	}
	t, ok := text[code]
	if !ok {
		code, t = http.StatusBadRequest, text[http.StatusBadRequest]
	}
	page := views.ErrorPage{Chrome: c.Chrome(p.T(t[0])), Text: []string{p.T(t[1])},
		Links: []views.Link{{Label: p.T("Home"), Href: c.PagePath()}}}
	return code, page
}

// The maximum number of characters of a text from outside that a message quotes, and
// of one that a log line has.
const (
	maxQuoted = 500
	maxLogged = 2000
)

// cutQuoted cuts a text that is quoted to n characters, so that one sees it was.
func cutQuoted(s string, n int) string {
	if cut := cutRunes(s, n); cut != s {
		return cut + "…"
	}
	return s
}

// ErrorText is the message of a refusal in the reader's language. Times among
// its arguments are printed in the reader's time zone.
func ErrorText(p *lang.Printer, err error) string {
	e, ok := errors.AsType[*access.Error](err)
	if !ok {
		return p.T("This didn't work.")
	}
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		switch v := a.(type) {
		case time.Time:
			a = p.DateTime(v)
		case access.List:
			a = cutQuoted(p.List(v), maxQuoted)
		case string: // may be what was typed
			a = cutQuoted(v, maxQuoted)
		}
		args[i] = a
	}
	return p.T(lang.Message(e.Msg), args...)
}

// LinkFaults removes the link of each fault whose field is not among fields,
// because the page does not show that field.
func LinkFaults(all []views.Fault, fields ...string) []views.Fault {
	for i, f := range all {
		if !slices.Contains(fields, strings.TrimPrefix(f.Field, "f-")) {
			all[i].Field = ""
		}
	}
	return all
}

// FaultsOf returns the refusals in err: the first message by field, and all of
// them in order.
func FaultsOf(p *lang.Printer, err error) (byField map[string]string, all []views.Fault) {
	var es access.Errors
	es.Add(err)
	byField = map[string]string{}
	for _, e := range es {
		text := ErrorText(p, e)
		if byField[e.Field] == "" {
			byField[e.Field] = text
		}
		all = append(all, views.Fault{Field: fieldID(e), Text: text})
	}
	return byField, all
}

// IsFormFault reports whether a refusal is answered with the form as typed: it says
// what to correct, or names the field that the reader may not change so.
func IsFormFault(err error) bool {
	switch access.KindOf(err) {
	case access.Invalid, access.Conflict:
		return err != nil
	case access.Forbidden:
		e, ok := errors.AsType[*access.Error](err)
		return ok && e.Field != ""
	case access.Internal, access.NotFound, access.Unavailable, access.TooManyRequests:
	}
	return false
}

// fieldID is the id of the element of the field at fault; empty if the refusal
// is of no field.
func fieldID(e *access.Error) string {
	if e.Field == "" {
		return ""
	}
	return "f-" + e.Field
}
