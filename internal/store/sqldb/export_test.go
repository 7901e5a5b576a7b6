package sqldb

import "time"

// SetLinger sets how long a statement may go on after its context has ended.
func (d *DB) SetLinger(linger time.Duration) {
	for _, g := range d.commits {
		g.linger = linger
	}
}
