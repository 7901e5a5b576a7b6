package crash

import (
	"testing"
	"time"

	"myaccess/internal/deeptest"
	"myaccess/internal/store/storetest"
)

// Two portals share one database of PostgreSQL. People work through both, and
// one of the two is killed again and again: people are served by the other, and
// nothing is lost or done twice.
func TestTwoPortals(t *testing.T) {
	address, ok := storetest.Addresses(t)["postgres"]
	if !ok {
		t.Logf("%s is not set: there is nothing for two portals to share", storetest.Variable)
		return
	}
	s := newStage(t, address(t), 2)
	for _, p := range s.portals {
		s.start(p)
	}
	c := gather(s)
	stop := c.work(s.ctx)
	d, done := s.data()
	checked := 0
	for n := range deeptest.Kills(t, 4) {
		s.rest(300*time.Millisecond, 1500*time.Millisecond)
		gone := s.portals[s.random.IntN(2)]
		s.kill(gone, false)
		s.rest(100*time.Millisecond, time.Second) // the other one is alone
		news := c.since(checked)
		d.expectKept(news)
		checked += len(news)
		s.moveEnds(d)
		s.start(gone)
		if n%25 == 24 {
			d.inSnapshot(func(d *data) { d.expectSound(false) })
		}
		if t.Failed() {
			break
		}
	}
	s.untilEnough(c)
	stop()
	s.leasesRunOut(d)
	done()
	s.finish(c)
}

// leasesRunOut lets the time pass for which a portal that was killed holds what
// it had taken on. The portals that are there have nothing in hand by then.
func (s *stage) leasesRunOut(d *data) {
	s.t.Helper()
	s.wait("everything to be done but what a portal that is gone had taken on", func() bool {
		return d.number(`SELECT (SELECT COUNT(*) FROM delivery WHERE lease_until <= $1 AND next_try <= $1) +
			(SELECT COUNT(*) FROM mail WHERE next_try <= $1)`, now()) == 0
	})
	left := d.number(`SELECT (SELECT COUNT(*) FROM delivery WHERE lease_until > $1) + (SELECT COUNT(*) FROM mail
		WHERE next_try > $1)`, now())
	s.t.Logf("%d deliveries and mails were in the hands of portals that were killed", left)
	d.exec(`UPDATE delivery SET lease_until = 0`)
	d.exec(`UPDATE mail SET next_try = $1 WHERE next_try IS NOT NULL`, now())
}
