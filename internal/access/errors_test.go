package access_test

import (
	"errors"
	"fmt"
	"testing"

	"myaccess/internal/access"
)

func TestKindOf(t *testing.T) {
	for _, k := range access.ErrorKinds() {
		err := fmt.Errorf("deciding: %w", access.Refuse(k, "No."))
		if got := access.KindOf(err); got != k {
			t.Errorf("the kind %d is read as %d", k, got)
		}
	}
	if got := access.KindOf(errors.New("disk full")); got != access.Internal {
		t.Errorf("our own fault is read as %d", got)
	}
	if got := access.KindOf(fmt.Errorf("form: %w", access.Errors{access.Invalidf("a", "A.")})); got != access.Invalid {
		t.Errorf("several faults are read as %d", got)
	}
}

func TestErrorSentence(t *testing.T) {
	if got := access.Invalidf("name", "At most %d.", 3).Error(); got != "At most 3." {
		t.Errorf("says %q", got)
	}
	if got := access.Refuse(access.Forbidden, "100% no").Error(); got != "100% no" {
		t.Errorf("a sentence without arguments says %q", got)
	}
}

// Two results of Missing are equal but share no memory.
func TestMissing(t *testing.T) {
	a, b := access.Missing(), access.Missing()
	if a == b || a.Error() != b.Error() || a.Kind != access.NotFound || a.Field != "" {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestErrors(t *testing.T) {
	var es access.Errors
	es.Add(nil)
	if err := es.Err(); err != nil {
		t.Errorf("no faults, yet %v", err)
	}
	es.Add(access.Invalidf("a", "A."))
	es.Add(fmt.Errorf("more: %w", access.Errors{access.Invalidf("b", "B."), access.Invalidf("c", "C.")}))
	es.Add(errors.New("50% broken"))
	if got := es.Err().Error(); got != "A.\nB.\nC.\n50% broken" {
		t.Errorf("says %q", got)
	}
	if len(es) != 4 || es[3].Kind != access.Internal {
		t.Errorf("has %d faults, the last of the kind %d", len(es), es[len(es)-1].Kind)
	}
}

// An error that is no refusal stays one among refusals: it is not shown as a
// fault of the form, and the database's reason is still found in it.
func TestErrorsKeepInternal(t *testing.T) {
	lost := errors.New("connection lost")
	var es access.Errors
	es.Add(access.Invalidf("a", "A."))
	if got := access.KindOf(es); got != access.Invalid || errors.Is(es, lost) {
		t.Errorf("a fault of the form is of the kind %d", got)
	}
	es.Add(fmt.Errorf("read: %w", lost))
	if got := access.KindOf(fmt.Errorf("save: %w", es)); got != access.Internal {
		t.Errorf("a lost connection is of the kind %d", got)
	}
	if !errors.Is(es.Err(), lost) {
		t.Error("the reason is lost")
	}
	if _, ok := errors.AsType[*access.Error](es.Err()); ok {
		t.Error("several errors are taken for one")
	}
}
