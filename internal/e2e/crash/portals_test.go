package crash

import (
	"testing"
	"time"

	"myaccess/internal/deeptest"
	"myaccess/internal/store/storetest"
)

// TestTwoPortals runs two portals on one PostgreSQL database and repeatedly
// kills one of them: the other one serves people, and nothing is lost or done
// twice.
func TestTwoPortals(t *testing.T) {
	address, ok := storetest.Addresses(t)["postgres"]
	if !ok {
		t.Logf("%s is not set: two portals cannot share a SQLite database", storetest.Variable)
		return
	}
	s := newFixture(t, address(t), 2)
	for _, p := range s.portals {
		s.start(p)
	}
	c := newPeople(s)
	stop := c.start(s.ctx)
	d, done := s.openData()
	checked := 0
	for n := range deeptest.Kills(t, 4) {
		s.sleepBetween(300*time.Millisecond, 1500*time.Millisecond)
		killed := s.portals[s.random.IntN(2)]
		s.kill(killed, false)
		s.sleepBetween(100*time.Millisecond, time.Second) // the other one is alone
		news := c.confirmedSince(checked)
		d.expectConfirmed(news)
		checked += len(news)
		s.endSomeAccess(d)
		s.start(killed)
		if n%25 == 24 {
			d.withSnapshot(func(d *data) { d.expectInvariants(false) })
		}
		if t.Failed() {
			break
		}
	}
	s.waitEnoughSteps(c)
	stop()
	s.expireLeases(d)
	done()
	s.checkFinalState(c)
}

// expireLeases ends the leases of killed portals at once instead of waiting for
// them. It first waits until the running portals hold none.
func (s *fixture) expireLeases(d *data) {
	s.t.Helper()
	s.waitUntil("all work but what killed portals have leased", func() bool {
		return d.queryNumber(`SELECT (SELECT COUNT(*) FROM delivery WHERE lease_until <= $1 AND next_try <= $1) +
			(SELECT COUNT(*) FROM mail WHERE next_try <= $1)`, now()) == 0
	})
	left := d.queryNumber(`SELECT (SELECT COUNT(*) FROM delivery WHERE lease_until > $1) + (SELECT COUNT(*) FROM mail
		WHERE next_try > $1)`, now())
	s.t.Logf("%d deliveries and mails were leased by killed portals", left)
	d.exec(`UPDATE delivery SET lease_until = 0`)
	d.exec(`UPDATE mail SET next_try = $1 WHERE next_try IS NOT NULL`, now())
}
