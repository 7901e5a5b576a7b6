package demo

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func fixed() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func TestClockSurvivesRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c, err := NewClock(file, fixed)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Now().Equal(fixed()) {
		t.Errorf("a new clock shows %s", c.Now())
	}
	changed := c.Changed()
	for range 2 {
		if err := c.Advance(36 * time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-changed:
	default:
		t.Error("Changed was not closed by the change")
	}
	select {
	case <-c.Changed():
		t.Error("Changed was closed before the next change")
	default:
	}
	again, err := NewClock(file, fixed)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Now(), fixed().Add(72*time.Hour); !got.Equal(want) {
		t.Errorf("after a restart the clock shows %s, want %s", got, want)
	}
}

func TestClockRefuses(t *testing.T) {
	dir := t.TempDir()
	c, err := NewClock(filepath.Join(dir, "clock"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []time.Duration{0, -time.Second, maxAhead + 1} {
		if c.Advance(d) == nil {
			t.Errorf("the clock was moved by %s", d)
		}
	}
	gone, err := NewClock(filepath.Join(dir, "no such directory", "clock"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	if gone.Advance(time.Hour) == nil || !gone.Now().Equal(fixed()) {
		t.Error("the clock moved though that could not be kept")
	}
	for _, text := range []string{"", "soon", "-1h", "900000h"} {
		file := filepath.Join(dir, "bad")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := NewClock(file, fixed); err == nil {
			t.Errorf("%q was taken for a clock's file", text)
		}
	}
}

func TestClockFromManyGoroutines(t *testing.T) {
	c, err := NewClock(filepath.Join(t.TempDir(), "clock"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			before := c.Now()
			if err := c.Advance(time.Hour); err != nil {
				t.Error(err)
			}
			if c.Now().Before(before.Add(time.Hour)) {
				t.Error("the clock went back")
			}
		})
	}
	wg.Wait()
	if got, want := c.Now(), fixed().Add(8*time.Hour); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
