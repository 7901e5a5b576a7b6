package access_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
)

func TestSessionValid(t *testing.T) {
	tests := map[string]struct {
		created, seen time.Duration // before now
		want          bool
	}{
		"new":                {0, 0, true},
		"idle, not too long": {access.MaxSessionIdle - 1, access.MaxSessionIdle - 1, true},
		"idle for too long":  {access.MaxSessionIdle, access.MaxSessionIdle, false},
		"old, not too old":   {access.MaxSessionLifetime - 1, 0, true},
		"too old":            {access.MaxSessionLifetime, 0, false},
	}
	for name, tt := range tests {
		if got := (access.Session{Created: noon.Add(-tt.created), LastSeen: noon.Add(-tt.seen)}).Valid(noon); got != tt.want {
			t.Errorf("%s: alive %v, want %v", name, got, tt.want)
		}
	}
}
