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

// Clock is a clock that can be moved forward. It keeps how far it was moved in
// a file, so that time does not jump back when the demonstration is started
// again. It may be used by several goroutines.
type Clock struct {
	file string
	real func() time.Time

	mu      sync.Mutex
	ahead   time.Duration
	changed chan struct{}
}

// maxAhead is as far as the clock can be moved: tokens, calendars and databases
// are fine until then.
const maxAhead = 50 * 365 * 24 * time.Hour

// NewClock returns a clock that is ahead of real by what file says, not at all if
// there is no such file.
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

// Now is the time that the demonstration goes by.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.real().Add(c.ahead)
}

// Advance moves the clock forward by d, which must be positive, and wakes
// everybody who waits for Changed. The clock stands as it was if it fails.
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

// Changed returns a channel that is closed when the clock is moved the next
// time. Whoever waits for further moves asks again.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// replaceFile writes a file so that it has either its old content or the new
// one, whenever the program is stopped. Only the user can read it.
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
