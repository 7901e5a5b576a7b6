package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Clock is a clock that can be moved forward. Its offset is stored in a file,
// so that time does not jump back when the demonstration is restarted. It is
// safe for concurrent use.
type Clock struct {
	file string
	real func() time.Time

	mu      sync.Mutex
	ahead   time.Duration
	changed chan struct{}
}

// maxAhead is the maximum offset; tokens, calendars and databases work up to
// it.
const maxAhead = 50 * 365 * 24 * time.Hour

// NewClock returns a clock with the offset stored in file, or none if there is
// no such file.
func NewClock(file string, real func() time.Time) (*Clock, error) {
	c := &Clock{file: file, real: real, changed: make(chan struct{})}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.ahead, err = time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || c.ahead < 0 || c.ahead > maxAhead {
		return nil, fmt.Errorf("%s does not say how far the clock was moved: %q", file, text)
	}
	return c, nil
}

// Now returns the time of the demonstration.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.real().Add(c.ahead)
}

// Advance moves the clock forward by d, which must be positive, and closes the
// channels of Changed. On error the clock is unchanged.
func (c *Clock) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d <= 0 || d > maxAhead-c.ahead {
		return fmt.Errorf("the clock cannot be moved by %s", d)
	}
	if err := replaceFile(c.file, []byte((c.ahead+d).String()+"\n")); err != nil {
		return err
	}
	c.ahead += d
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}

// Changed returns a channel that is closed when the clock is next moved. Call
// it again to wait for the move after that.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// replaceFile writes a file atomically, readable by the user only.
func replaceFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
