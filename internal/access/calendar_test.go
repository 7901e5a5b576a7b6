package access_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
)

// zoneOf is the time zone with the name.
func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// moment is a time of RFC 3339.
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// F-275: n days later it is the same time of the day. Clocks change in Berlin on 29 March
// and 25 October 2026, in Santiago on 5 April and 6 September 2026 at midnight, on Lord
// Howe by half an hour on 5 April and 4 October 2026; Apia left out 30 December 2011.
func TestAddDays(t *testing.T) {
	for _, test := range []struct {
		zone, start string
		days        int
		want        string
	}{
		{"UTC", "2026-03-01T12:00:00Z", 180, "2026-08-28T12:00:00Z"},
		{"Europe/Berlin", "2026-01-15T09:00:00+01:00", 180, "2026-07-14T09:00:00+02:00"},
		{"Europe/Berlin", "2026-07-14T09:00:00+02:00", 180, "2027-01-10T09:00:00+01:00"},
		{"Europe/Berlin", "2026-03-28T12:00:00+01:00", 1, "2026-03-29T12:00:00+02:00"},
		{"Europe/Berlin", "2026-03-28T02:30:00+01:00", 1, "2026-03-29T03:00:00+02:00"},  // skipped
		{"Europe/Berlin", "2026-03-28T02:00:00+01:00", 1, "2026-03-29T03:00:00+02:00"},  // the first one skipped
		{"Europe/Berlin", "2026-03-28T03:00:00+01:00", 1, "2026-03-29T03:00:00+02:00"},  // not skipped
		{"Europe/Berlin", "2026-10-24T02:30:00+02:00", 1, "2026-10-25T02:30:00+02:00"},  // the first of two
		{"Europe/Berlin", "2026-10-26T02:30:00+01:00", -1, "2026-10-25T02:30:00+02:00"}, // the first of two
		{"Europe/Berlin", "2026-10-25T02:30:00+01:00", 1, "2026-10-26T02:30:00+01:00"},
		{"Europe/Berlin", "2026-03-30T02:30:00+02:00", -1, "2026-03-29T03:00:00+02:00"},
		{"America/Santiago", "2026-09-05T00:00:00-04:00", 1, "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-09-05T00:30:00-04:00", 1, "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-03-06T00:00:00-03:00", 30, "2026-04-05T00:00:00-04:00"},
		{"America/Santiago", "2026-04-03T23:30:00-03:00", 1, "2026-04-04T23:30:00-03:00"}, // the first of two
		{"Pacific/Apia", "2011-12-29T10:00:00-10:00", 1, "2011-12-31T00:00:00+14:00"},
		{"Pacific/Apia", "2011-12-29T10:00:00-10:00", 2, "2011-12-31T10:00:00+14:00"},
		{"Australia/Lord_Howe", "2026-10-03T02:15:00+10:30", 1, "2026-10-04T02:30:00+11:00"},
		{"Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", 1, "2026-10-04T12:00:00+11:00"},
		{"Australia/Lord_Howe", "2026-04-04T01:45:00+11:00", 1, "2026-04-05T01:45:00+11:00"}, // the first of two
		{"Europe/Berlin", "2026-10-25T02:30:00+01:00", 0, "2026-10-25T02:30:00+01:00"},       // the second of two
	} {
		start := moment(t, test.start).In(zoneOf(t, test.zone))
		if got := access.AddDays(start, test.days); !got.Equal(moment(t, test.want)) || got.Location() != time.UTC {
			t.Errorf("%s: %d days after %s is %s, want %s", test.zone, test.days, test.start,
				got.In(start.Location()).Format(time.RFC3339), test.want)
		}
	}
}

// F-275: the end of a day is the first moment of the next one.
func TestEndOfDay(t *testing.T) {
	for _, test := range [][3]string{
		{"Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-29T00:00:00+01:00"},
		{"Europe/Berlin", "2026-03-29T23:59:00Z", "2026-03-30T00:00:00+02:00"},
		{"America/Santiago", "2026-09-05T00:00:00Z", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-04-04T00:00:00Z", "2026-04-05T00:00:00-04:00"},
		{"Pacific/Apia", "2011-12-29T00:00:00Z", "2011-12-31T00:00:00+14:00"},
		{"Australia/Lord_Howe", "2026-10-04T00:00:00Z", "2026-10-05T00:00:00+11:00"},
	} {
		got := access.EndOfDay(moment(t, test[1]), zoneOf(t, test[0]))
		if !got.Equal(moment(t, test[2])) {
			t.Errorf("%s: %s ends at %s, want %s", test[0], test[1], got.Format(time.RFC3339), test[2])
		}
	}
}

// F-275: every rule that counts days does so in the zone of the time that it is given.
func TestRulesCountCalendarDays(t *testing.T) {
	settings := access.Settings{TimeZone: "Europe/Berlin", GuestAction: access.LifecycleBlockAndDelete, GuestDays: 30,
		DisabledDays: 30}
	now := settings.Local(moment(t, "2026-03-15T08:00:00Z")) // 09:00 CET
	want := moment(t, "2026-04-14T07:00:00Z")                // 09:00 CEST

	terms := access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 30}}
	if got := (access.Request{Terms: terms}).AssignmentEnd(now); !got.Equal(want) {
		t.Errorf("an assignment ends at %s", got)
	}
	terms.Expiration = access.Expiration{Kind: access.AfterDuration, Hours: 30 * 24}
	if got := (access.Request{Terms: terms}).AssignmentEnd(now); !got.Equal(want.Add(time.Hour)) {
		t.Errorf("an assignment for hours ends at %s", got)
	}
	guest := access.Person{Kind: access.Guest, Guest: access.GuestActive, Governed: true}
	if got := guest.GuestPlan(false, settings, now.UTC()); !got.RemovalDue.Equal(want) {
		t.Errorf("a guest is removed at %s", got.RemovalDue)
	}
	if got, ok := settings.DisabledLimit(want.UTC()); !ok || !got.Equal(now) {
		t.Errorf("the limit for disabled people is %s", got)
	}
	failed := access.Request{State: access.DeliveryFailed, Completed: now.UTC()}
	for at, ok := range map[string]bool{"2026-03-29T07:00:00Z": true, "2026-03-29T07:00:01Z": false} {
		if err := failed.CanReprocess(settings.Local(moment(t, at))); (err == nil) != ok {
			t.Errorf("reprocessing at %s: %v", at, err)
		}
	}
	stages := access.Request{Created: now.UTC(), Terms: access.Terms{Stages: []access.Stage{{Days: 14}, {Days: 14}}}}
	due := moment(t, "2026-03-29T07:00:00Z")
	if got := stages.Evaluate(nil, now); !got.Due.Equal(due) {
		t.Errorf("the first stage is due at %s", got.Due)
	}
	stages.Due = due.Add(time.Hour) // as it was stored before days were calendar days
	if got := stages.Evaluate(nil, settings.Local(due.Add(30*time.Minute))); got.Outcome != access.OutcomeWaiting ||
		!got.Due.Equal(due.Add(time.Hour)) {
		t.Errorf("a stored deadline: %+v", got)
	}
	approved := []access.Decision{{Approve: true, At: moment(t, "2026-03-20T08:00:00Z")}}
	if got := stages.Evaluate(approved, settings.Local(due)); !got.Due.Equal(moment(t, "2026-04-03T07:00:00Z")) {
		t.Errorf("the second stage is due at %s", got.Due)
	}
}
