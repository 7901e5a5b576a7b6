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

// Every kind is found in a wrapped error; four are permanent.
func TestClassify(t *testing.T) {
	permanent := map[connector.Kind]bool{
		connector.NoResource: true, connector.Denied: true, connector.Misconfigured: true, connector.Unsupported: true,
	}
	for _, k := range connectortest.FaultKinds() {
		err := fmt.Errorf("granting: %w", &connector.Error{Kind: k, Reason: "It did not work."})
		if got := connector.Classify(err); got != k {
			t.Errorf("%q is classified as %q", k, got)
		}
		if got := connector.IsPermanent(err); got != permanent[k] {
			t.Errorf("%q is permanent: %v, want %v", k, got, permanent[k])
		}
		if got := connector.Reason(err); got != "It did not work." {
			t.Errorf("the reason of %q is %q", k, got)
		}
	}
}

// Unclassified errors are temporary, and their text is not in the reason.
func TestClassifyOther(t *testing.T) {
	if connector.Classify(nil) != connector.None || connector.IsPermanent(nil) {
		t.Error("nil is classified as an error")
	}
	tests := map[string]struct {
		err    error
		kind   connector.Kind
		reason access.Message
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

// The text for the log has the cause; errors.Is finds it.
func TestErrorHasTheCause(t *testing.T) {
	cause := errors.New("403 from the target")
	err := &connector.Error{Kind: connector.Denied, Reason: "It may not.", Err: cause}
	if err.Error() != "It may not. (403 from the target)" || !errors.Is(err, cause) {
		t.Errorf("text %q, wraps the cause: %v", err, errors.Is(err, cause))
	}
	if got := (&connector.Error{Reason: "It may not."}).Error(); got != "It may not." {
		t.Errorf("text %q", got)
	}
}

// A target is opened by the connector of its kind.
func TestOpenByKind(t *testing.T) {
	x := connectortest.NewTarget()
	open := connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: x.Open})
	if got, err := open(access.Target{Kind: access.TargetBuiltIn}); err != nil || got != connector.Connector(x) {
		t.Errorf("a known kind: %v, %v", got, err)
	}
	if _, err := open(access.Target{Kind: "fax"}); connector.Classify(err) != connector.Misconfigured ||
		!connector.IsPermanent(err) {
		t.Errorf("an unknown kind: %v, want Misconfigured", err)
	}
}
