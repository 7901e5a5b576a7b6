package kit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
)

// A limiter counts a hundred thousand clients one by one, and all others as one, so
// that its memory is limited. Idle clients make room.
func TestLimiterIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(1, func() time.Time { return now })
	for i := range maxClients {
		if l.wait(fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff)) > 0 {
			t.Fatal("a client waits for others")
		}
	}
	waits := 0
	for i := range 1000 {
		if l.wait(fmt.Sprintf("10.0.%d.%d", i>>8, i&0xff)) > 0 {
			waits++
		}
	}
	if len(l.clients) > maxClients+1 || waits != 1000-6 {
		t.Errorf("%d clients are counted, %d of 1000 more wait", len(l.clients), waits)
	}
	now = now.Add(time.Minute)
	if l.wait("10.1.1.1") > 0 || len(l.clients) != 1 {
		t.Errorf("%d clients after a minute", len(l.clients))
	}
}

// What a refusal quotes is shortened.
func TestQuotedTextIsShort(t *testing.T) {
	err := access.Invalidf("x", "“%s” is not a mail address.", strings.Repeat("ä", 1_000_000))
	if got := ErrorText(lang.New("en", nil), err); got != "“"+strings.Repeat("ä", 500)+"…” is not a mail address." {
		t.Errorf("%d bytes, %.100s", len(got), got)
	}
}

// Shorten cuts at characters, and reads no more than it needs.
func TestShorten(t *testing.T) {
	for _, tt := range [][2]string{{" abc ", "abc"}, {"abcdef", "abcd"}, {"äöüß!", "äöüß"}, {"a\xffb\x00c", "abc"},
		{"", ""}} {
		if got := Shorten(tt[0], 4); got != tt[1] {
			t.Errorf("%q becomes %q, want %q", tt[0], got, tt[1])
		}
	}
}
