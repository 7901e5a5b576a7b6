package connector_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
)

// Every kind of fault survives being wrapped, and only those that somebody must
// mend are stuck.
func TestClassify(t *testing.T) {
	stuck := map[connector.Kind]bool{
		connector.NoResource: true, connector.Denied: true, connector.Misconfigured: true, connector.Unsupported: true,
	}
	for _, k := range connector.FaultKinds() {
		err := fmt.Errorf("granting: %w", &connector.Error{Kind: k, Reason: "It did not work."})
		if got := connector.Classify(err); got != k {
			t.Errorf("%q is classified as %q", k, got)
		}
		if got := connector.IsPermanent(err); got != stuck[k] {
			t.Errorf("%q is stuck: %v, want %v", k, got, stuck[k])
		}
		if got := connector.Reason(err); got != "It did not work." {
			t.Errorf("the reason of %q is %q", k, got)
		}
	}
}

// What a connector did not tell apart is taken for what may mend itself, and
// its own words are shown to nobody.
func TestClassifyOther(t *testing.T) {
	if connector.Classify(nil) != connector.None || connector.IsPermanent(nil) {
		t.Error("success is taken for a fault")
	}
	tests := map[string]struct {
		err    error
		kind   connector.Kind
		reason string
	}{
		"unknown": {errors.New("dial ldap.internal:636: secret"), connector.Temporary, "The target could not be reached."},
		"late": {fmt.Errorf("get: %w", context.DeadlineExceeded), connector.UnknownOutcome,
			"The target did not answer in time."},
		"given up": {fmt.Errorf("get: %w", context.Canceled), connector.UnknownOutcome,
			"The target did not answer in time."},
		"no words": {&connector.Error{Kind: connector.Denied}, connector.Denied, "The target could not be reached."},
		"kind wins": {&connector.Error{Kind: connector.Denied, Reason: "No.", Err: context.Canceled}, connector.Denied,
			"No."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := connector.Classify(tt.err); got != tt.kind {
				t.Errorf("kind %q, want %q", got, tt.kind)
			}
			if got := connector.Reason(tt.err); got != tt.reason {
				t.Errorf("reason %q, want %q", got, tt.reason)
			}
		})
	}
}

// The log gets what lies behind a fault; errors.Is finds it.
func TestErrorTellsTheLog(t *testing.T) {
	behind := errors.New("403 from the target")
	err := &connector.Error{Kind: connector.Denied, Reason: "It may not.", Err: behind}
	if err.Error() != "It may not. (403 from the target)" || !errors.Is(err, behind) {
		t.Errorf("says %q, and wraps what lies behind it: %v", err, errors.Is(err, behind))
	}
	if got := (&connector.Error{Reason: "It may not."}).Error(); got != "It may not." {
		t.Errorf("says %q", got)
	}
}

func TestKinds(t *testing.T) {
	x := connectortest.NewTarget()
	open := connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: x.Open})
	if got, err := open(access.Target{Kind: access.TargetBuiltIn}); err != nil || got != connector.Connector(x) {
		t.Errorf("a kind that is known gave %v, %v", got, err)
	}
	if _, err := open(access.Target{Kind: "fax"}); connector.Classify(err) != connector.Misconfigured ||
		!connector.IsPermanent(err) {
		t.Errorf("a kind that is unknown answered %v, want that it is misconfigured", err)
	}
}
