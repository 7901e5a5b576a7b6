package access_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// A role is desired as long as one assignment in force includes it (F-055).
func TestDesiredRoles(t *testing.T) {
	roles := map[access.PackageID][]access.ResourceRoleID{"a": {"team", "site"}, "b": {"site", "app"}}
	held := func(p access.PackageID, end time.Time) access.Assignment {
		return access.Assignment{Package: p, State: access.AssignDelivered, Start: noon.Add(-day), End: end}
	}
	tests := map[string]struct {
		held []access.Assignment
		want map[access.ResourceRoleID]bool
	}{
		"nothing": {nil, map[access.ResourceRoleID]bool{}},
		"one": {[]access.Assignment{held("a", time.Time{})}, map[access.ResourceRoleID]bool{"team": true,
			"site": true}},
		"two share a role": {[]access.Assignment{held("a", time.Time{}), held("b", time.Time{})},
			map[access.ResourceRoleID]bool{"team": true, "site": true, "app": true}},
		"one of two ended": {[]access.Assignment{held("a", noon), held("b", noon.Add(1))},
			map[access.ResourceRoleID]bool{"site": true, "app": true}},
		"both ended":         {[]access.Assignment{held("a", noon), held("b", noon)}, map[access.ResourceRoleID]bool{}},
		"an unknown package": {[]access.Assignment{held("c", time.Time{})}, map[access.ResourceRoleID]bool{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, access.DesiredRoles(tt.held, roles, noon)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRetryDelay(t *testing.T) {
	tests := []struct {
		attempt int
		failing time.Duration
		jitter  float64
		want    time.Duration
	}{
		{0, 0, 1, 5 * time.Second},
		{1, 0, 1, 5 * time.Second},
		{1, 0, 0, 3750 * time.Millisecond},
		{2, 0, 1, 10 * time.Second},
		{9, 0, 1, 1280 * time.Second},
		{10, 0, 1, time.Hour},
		{1000, 7 * day, 1, time.Hour},
		{1000, 7 * day, 0, 45 * time.Minute},
		{1000, 7*day + 1, 1, day},
		{1, 8 * day, 1, day},
	}
	for _, tt := range tests {
		if got := access.RetryDelay(tt.attempt, tt.failing, tt.jitter); got != tt.want {
			t.Errorf("attempt %d, failing for %v, jitter %v: %v, want %v", tt.attempt, tt.failing, tt.jitter, got, tt.want)
		}
	}
}

// A delay is never shorter than the previous one.
func TestRetryDelayGrows(t *testing.T) {
	last := time.Duration(0)
	for attempt := range 100 {
		pause := access.RetryDelay(attempt, 0, 0)
		if pause < last || pause <= 0 || pause > time.Hour {
			t.Fatalf("attempt %d pauses %v after %v", attempt, pause, last)
		}
		last = pause
	}
}
