package lifecycle_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
)

// F-275: the time to decide, an assignment's days and a guest's days before removal are
// calendar days in the tenant's zone, and what is stored stays when the zone changes.
func TestDaysAreCalendarDays(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.changeSettings(func(s *access.Settings) { s.TimeZone, s.GuestDays = "Europe/Berlin", 40 })
		o := h.Package("Tidal", h.ForPartner(access.Terms{
			Stages:     []access.Stage{{Days: 14, Approvers: storetest.Named(h.Lena).Approvers}},
			Expiration: access.Expiration{Kind: access.AfterDuration, Days: 180}}))
		h.advance(18 * 24 * time.Hour) // 20 March 2026, 13:00 in Berlin; clocks change on the 29th
		r := h.submit(h.Mara, o, access.RequestForm{})
		due := time.Date(2026, 4, 3, 11, 0, 0, 0, time.UTC)
		if got := h.stored(r).Due; !got.Equal(due) {
			t.Errorf("the stage is due at %s, want %s", got, due)
		}
		h.approve(h.Lena, r, 0)
		h.runJobs()
		end := time.Date(2026, 9, 16, 11, 0, 0, 0, time.UTC) // 13:00 in Berlin
		if got := h.assignment(r).End; !got.Equal(end) {
			t.Errorf("the access ends at %s, want %s", got, end)
		}
		h.changeSettings(func(s *access.Settings) { s.TimeZone = "Pacific/Apia" })
		h.advance(time.Hour)
		if got := h.assignment(r).End; !got.Equal(end) {
			t.Errorf("the access ends at %s after the zone has changed, want %s", got, end)
		}
		h.changeSettings(func(s *access.Settings) { s.TimeZone = "Europe/Berlin" })
		h.advance(end.Sub(h.clock.Now()))
		removal := time.Date(2026, 10, 26, 12, 0, 0, 0, time.UTC) // 13:00 in Berlin; clocks change on the 25th
		if got := h.person(r.Target).RemovalDue; !got.Equal(removal) {
			t.Errorf("the guest is removed at %s, want %s", got, removal)
		}
	})
}
