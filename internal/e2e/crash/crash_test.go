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

// TestKill kills a portal on SQLite repeatedly while twenty people use it.
func TestKill(t *testing.T) {
	s := newFixture(t, filepath.Join(t.TempDir(), "myaccess.db"), 1)
	portal := s.portals[0]
	s.start(portal)
	c := newPeople(s)
	stop := c.start(s.ctx)
	var ready []time.Duration
	checked := 0
	for n := range deeptest.Kills(t, 15) {
		s.sleepBetween(50*time.Millisecond, 700*time.Millisecond)
		overdue := s.kill(portal, n%4 == 3)
		begun := now()
		ready = append(ready, s.start(portal))
		d, done := s.openData()
		news := c.confirmedSince(checked)
		d.expectConfirmed(news)
		checked += len(news)
		if overdue != nil {
			s.expectEndsFirst(d, begun, overdue)
		}
		s.endSomeAccess(d)
		if n%25 == 24 {
			d.withSnapshot(func(d *data) { d.expectInvariants(true) })
		}
		done()
		if t.Failed() {
			break
		}
	}
	s.waitEnoughSteps(c)
	stop()
	s.checkFinalState(c)
	slices.Sort(ready)
	t.Logf("%d kills; ready again after %s (median), %s (at most)", len(ready), ready[len(ready)/2], ready[len(ready)-1])
	if last := ready[len(ready)-1]; last > 5*time.Second {
		t.Errorf("B-10: it took %s to be ready again", last)
	}
}

// waitEnoughSteps waits until enough steps are done for the invariants to be
// meaningful, on slow machines too.
func (s *fixture) waitEnoughSteps(c *people) {
	s.t.Helper()
	d, done := s.openData()
	defer done()
	s.waitUntil("access to be removed", func() bool {
		s.endSomeAccess(d)
		return len(c.confirmedSince(0)) >= 50 &&
			d.queryNumber(`SELECT COUNT(*) FROM directory_effect WHERE effect = 'remove'`) > 0
	})
}

// kill kills the portal. If endAccess is set, it lets access end while the
// portal is down, and returns those assignments.
func (s *fixture) kill(p *rig.Portal, endAccess bool) []string {
	s.t.Helper()
	if err := p.Kill(); err != nil {
		s.t.Fatal(err)
	}
	if !endAccess {
		return nil
	}
	d, done := s.openData()
	defer done()
	return s.endSomeAccess(d)
}

// expectEndsFirst expects that after a restart, assignments that ended while the
// portal was down were expired before any role was added (B-7).
func (s *fixture) expectEndsFirst(d *data, begun int64, overdue []string) {
	s.t.Helper()
	if len(overdue) == 0 {
		return
	}
	fromOverdue := ` FROM assignment WHERE id IN ` + quoted(overdue)
	s.waitUntil("the overdue assignments to expire", func() bool {
		return d.queryNumber(`SELECT COUNT(*)`+fromOverdue+` AND state = 'expired'`) == int64(len(overdue))
	})
	ended := d.queryNumber(`SELECT MAX(ended)` + fromOverdue)
	d.expectNone("B-7: added before overdue assignments had expired",
		`SELECT id, at, call_key FROM directory_effect WHERE effect = 'add' AND at >= $1 AND at < $2`, begun, ended)
}

// checkFinalState waits until no work is pending and checks all invariants.
func (s *fixture) checkFinalState(c *people) {
	s.t.Helper()
	d, done := s.openData()
	defer done()
	s.waitUntil("the portal to finish its work", func() bool {
		d.sendDelayedMails()
		return d.pendingWork() == 0
	})
	d.expectConfirmed(c.confirmedSince(0))
	d.expectInvariants(s.sqlite())
	d.expectSettled()
	s.expectAuditChain(d)
	copies := map[string]int{}
	for _, m := range s.mails.Messages() {
		id, _, _ := strings.Cut(strings.TrimPrefix(m.Header.Get("Message-Id"), "<"), "@")
		copies[id]++
	}
	again := d.expectMails(copies)
	for _, line := range s.log.errorLines() {
		s.t.Errorf("a portal logged: %s", line)
	}
	s.t.Logf("%s", c.summary())
	s.t.Logf("%d requests, %d assignments of which %d ended, %d effects in the target, %d mails, %d extra "+
		"copies, %d audit records",
		d.queryNumber(`SELECT COUNT(*) FROM request`), d.queryNumber(`SELECT COUNT(*) FROM assignment`),
		d.queryNumber(`SELECT COUNT(*) FROM assignment WHERE state = 'expired'`),
		d.queryNumber(`SELECT COUNT(*) FROM directory_effect`), len(copies), again,
		d.queryNumber(`SELECT COUNT(*) FROM audit`))
}
