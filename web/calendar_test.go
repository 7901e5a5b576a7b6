package web

import (
	"net/url"
	"testing"

	"myaccess/internal/access"
)

// F-275: forms count days in the tenant's zone, move a time that clocks skip to the first
// after it, and refuse a date without a time.
func TestDatesInForms(t *testing.T) {
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.TimeZone = "Europe/Berlin" })
	o := p.Package("Tidal", p.ForPartner(access.Terms{CustomSchedule: true,
		Expiration: access.Expiration{Kind: access.AfterDuration, Days: 180}}))
	mara := p.as("mara")
	mara.opens(packagePath(o)).sees(200, "you'll keep this until 29 August 2026, 13:00",
		"Times are in Europe/Berlin (CET).")
	for _, text := range []string{"2026-03-12", "2026-03-12T", "12.03.2026 17:00", "2026-02-30T10:00"} {
		mara.opens(packagePath(o)).presses("Submit request", url.Values{"end": {text}}).sees(422).hasValue("end", text)
		if got := mara.faultAt("end"); got != "Enter a date and time, such as 2026-03-12T17:00." {
			t.Errorf("%s: %q", text, got)
		}
	}
	mara.opens(packagePath(o)).presses("Submit request", url.Values{"end": {"2026-08-29T13:01"}}).sees(422,
		"This policy allows access until 29 August 2026, 13:00 at the latest.")
	mara.opens(packagePath(o)).presses("Submit request", url.Values{"start": {"2026-03-29T02:30"},
		"end": {"2026-09-25T03:00"}}).sees(200, "Access starts on 29 March 2026, 03:00")
	if q := p.requestAt(mara.at); q.Start.Unix() != 1774746000 || q.End.Unix() != 1790298000 {
		t.Errorf("stored are %s and %s", q.Start.UTC(), q.End.UTC())
	}
}
