package crash

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/deeptest"
	"myaccess/internal/e2e/rig"
)

func now() int64 { return time.Now().UnixMilli() }

// A portal on SQLite is killed again and again while twenty people work.
func TestKill(t *testing.T) {
	s := newStage(t, filepath.Join(t.TempDir(), "myaccess.db"), 1)
	portal := s.portals[0]
	s.start(portal)
	c := gather(s)
	stop := c.work(s.ctx)
	var ready []time.Duration
	checked := 0
	for n := range deeptest.Kills(t, 15) {
		s.rest(50*time.Millisecond, 700*time.Millisecond)
		overdue := s.kill(portal, n%4 == 3)
		begun := now()
		ready = append(ready, s.start(portal))
		d, done := s.data()
		news := c.since(checked)
		d.expectKept(news)
		checked += len(news)
		if overdue != nil {
			s.expectEndsFirst(d, begun, overdue)
		}
		s.moveEnds(d)
		if n%25 == 24 {
			d.inSnapshot(func(d *data) { d.expectSound(true) })
		}
		done()
		if t.Failed() {
			break
		}
	}
	s.untilEnough(c)
	stop()
	s.finish(c)
	slices.Sort(ready)
	t.Logf("%d kills; ready again after %s (median), %s (at most)", len(ready), ready[len(ready)/2], ready[len(ready)-1])
	if last := ready[len(ready)-1]; last > 5*time.Second {
		t.Errorf("B-10: it took %s to be ready again", last)
	}
}

// untilEnough lets people go on until so much has been done that the
// invariants mean something, on however slow a machine.
func (s *stage) untilEnough(c *people) {
	s.t.Helper()
	d, done := s.data()
	defer done()
	s.wait("something to be taken away again", func() bool {
		s.moveEnds(d)
		return len(c.since(0)) >= 50 && d.number(`SELECT COUNT(*) FROM directory_effect WHERE effect = 'remove'`) > 0
	})
}

// kill kills the portal. If meanwhile is set, access ends while it is gone; the
// assignments are returned.
func (s *stage) kill(p *rig.Portal, meanwhile bool) []string {
	s.t.Helper()
	if err := p.Kill(); err != nil {
		s.t.Fatal(err)
	}
	if !meanwhile {
		return nil
	}
	d, done := s.data()
	defer done()
	return s.moveEnds(d)
}

// expectEndsFirst expects that access that ended while the portal was gone was ended
// before anything was given, after the portal had begun again (B-7).
func (s *stage) expectEndsFirst(d *data, begun int64, overdue []string) {
	s.t.Helper()
	if len(overdue) == 0 {
		return
	}
	these := ` FROM assignment WHERE id IN ` + quoted(overdue)
	s.wait("the end of what is overdue", func() bool {
		return d.number(`SELECT COUNT(*)`+these+` AND state = 'expired'`) == int64(len(overdue))
	})
	ended := d.number(`SELECT MAX(ended)` + these)
	d.expectNone("B-7: given before ends that were overdue had been handled",
		`SELECT id, at, call_key FROM directory_effect WHERE effect = 'add' AND at >= $1 AND at < $2`, begun, ended)
}

// finish waits until nothing is left to be done, and looks at everything.
func (s *stage) finish(c *people) {
	s.t.Helper()
	d, done := s.data()
	defer done()
	s.wait("the portal to finish its work", func() bool { return d.working() == 0 })
	d.expectKept(c.since(0))
	d.expectSound(s.sqlite())
	d.expectSettled()
	s.expectChain(d)
	copies := map[string]int{}
	for _, m := range s.mails.Messages() {
		id, _, _ := strings.Cut(strings.TrimPrefix(m.Header.Get("Message-Id"), "<"), "@")
		copies[id]++
	}
	again := d.expectMails(copies)
	for _, line := range s.log.errors() {
		s.t.Errorf("a portal said: %s", line)
	}
	s.t.Logf("%s", c.figures())
	s.t.Logf("%d requests, %d assignments of which %d ended, %d effects in the target, %d mails of which %d arrived "+
		"again, %d lines of audit",
		d.number(`SELECT COUNT(*) FROM request`), d.number(`SELECT COUNT(*) FROM assignment`),
		d.number(`SELECT COUNT(*) FROM assignment WHERE state = 'expired'`),
		d.number(`SELECT COUNT(*) FROM directory_effect`), len(copies), again, d.number(`SELECT COUNT(*) FROM audit`))
}
