package kit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/lang/langtest"
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

// A list in a refusal is joined as the reader's language does.
func TestListInRefusal(t *testing.T) {
	c, err := langtest.Pseudo()
	if err != nil {
		t.Fatal(err)
	}
	refusal := access.Refuse(access.Conflict, "Its roles are %s.", access.List{"Reader", "Owner"})
	for tag, want := range map[string]string{"en": "Its roles are Reader and Owner.",
		langtest.RightToLeft: "Its roles are אב Reader and Owner גד."} {
		if got := ErrorText(c.Printer(tag, nil), refusal); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
	if got := refusal.Error(); got != "Its roles are Reader and Owner." {
		t.Error(got)
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
