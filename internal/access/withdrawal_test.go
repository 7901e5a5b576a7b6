package access

import (
	"fmt"
	"testing"
	"time"
)

// withdrawn has a withdrawal for each name, the newest first, a minute apart.
func withdrawn(now time.Time, names ...PackageID) Withdrawals {
	var w Withdrawals
	for i, n := range names {
		w = append(w, Withdrawal{Package: n, At: now.Add(-time.Duration(i+1) * time.Minute)})
	}
	return w
}

// TestWithdrawals: the fourth request for a package within an hour is refused, and the
// eleventh for any; mails wait from the second for a package on, and from the fourth for
// any.
func TestWithdrawals(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	others := func(n int) (all []PackageID) {
		for i := range n {
			all = append(all, PackageID(fmt.Sprint("other ", i)))
		}
		return all
	}
	for name, tt := range map[string]struct {
		w     Withdrawals
		until time.Time
		delay time.Duration
	}{
		"none":         {},
		"two others":   {w: withdrawn(now, others(2)...)},
		"three others": {w: withdrawn(now, others(3)...), delay: 2 * time.Minute},
		"one":          {w: withdrawn(now, "a"), delay: 2 * time.Minute},
		"two":          {w: withdrawn(now, "a", "a"), delay: 2 * time.Minute},
		"three":        {w: withdrawn(now, "a", "a", "a"), until: now.Add(57 * time.Minute), delay: 2 * time.Minute},
		"four": {w: withdrawn(now, "a", "b", "a", "a", "a"), until: now.Add(56 * time.Minute),
			delay: 2 * time.Minute},
		"nine others": {w: withdrawn(now, others(9)...), delay: 2 * time.Minute},
		"ten others":  {w: withdrawn(now, others(10)...), until: now.Add(50 * time.Minute), delay: 2 * time.Minute},
		"ten others, three own": {w: withdrawn(now, append([]PackageID{"a", "a", "a"}, others(10)...)...),
			until: now.Add(57 * time.Minute), delay: 2 * time.Minute},
	} {
		if got := tt.w.PausedUntil("a"); !got.Equal(tt.until) {
			t.Errorf("%s: paused until %s, want %s", name, got, tt.until)
		}
		if got := tt.w.MailDelay("a"); got != tt.delay {
			t.Errorf("%s: mails wait %s, want %s", name, got, tt.delay)
		}
	}
}
