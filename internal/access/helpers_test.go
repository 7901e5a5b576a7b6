package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
)

// noon is the time at which the tests stand.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// wantKind fails the test unless err is a refusal of the kind; "ok" has no err.
func wantKind(t *testing.T, err error, ok bool, kind access.ErrorKind) {
	t.Helper()
	switch {
	case ok && err != nil:
		t.Errorf("refused with %q", err)
	case !ok && err == nil:
		t.Error("was not refused")
	case !ok && access.KindOf(err) != kind:
		t.Errorf("refused with %q of the kind %d, want the kind %d", err, access.KindOf(err), kind)
	}
}

// fields are the fields at fault in err, in order and each once.
func fields(err error) []string {
	var es access.Errors
	es.Add(err)
	var names []string
	for _, e := range es {
		names = append(names, e.Field)
	}
	return slices.Compact(names)
}

// wantFields fails the test unless err is invalid input at exactly the fields,
// which are separated by blanks.
func wantFields(t *testing.T, err error, want string) {
	t.Helper()
	if got := strings.Join(fields(err), " "); got != want {
		t.Errorf("faults at %q, want at %q: %v", got, want, err)
	}
	if err != nil && access.KindOf(err) != access.Invalid {
		t.Errorf("is of the kind %d, want invalid: %v", access.KindOf(err), err)
	}
}

// says reports whether the refusal in err is the sentence.
func says(err error, sentence string) bool {
	e, ok := errors.AsType[*access.Error](err)
	return ok && e.Error() == sentence
}
