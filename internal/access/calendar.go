package access

import "time"

// Days are calendar days: n days after a time it is the same time of the day in the zone,
// whether or not clocks have changed in between.

// LocalTime returns the time at which clocks in zone show the date and time of day of
// wall, whose own zone does not matter. One that clocks skip is moved to the first that
// they show after it; of two, the first is returned. The result is in zone.
func LocalTime(wall time.Time, zone *time.Location) time.Time {
	year, month, day := wall.Date()
	t := time.Date(year, month, day, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	wanted, shown := wallClock(wall), wallClock(t)
	begin, end := t.ZoneBounds()
	switch {
	case shown.Before(wanted): // skipped, and Date has chosen a time before
		return end
	case shown.After(wanted):
		return begin
	}
	if begin.IsZero() {
		return t
	}
	_, offset := t.Zone()
	_, before := begin.Add(-1).Zone()
	if first := t.Add(time.Duration(offset-before) * time.Second); first.Before(begin) && wallClock(first).Equal(wanted) {
		return first
	}
	return t
}

// wallClock is what clocks show at t, as a time in UTC.
func wallClock(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// AddDays returns the time n calendar days after t, or before it if n is negative, in the
// zone that t is in (Settings.Local). The result is in UTC.
func AddDays(t time.Time, n int) time.Time {
	if n == 0 {
		return t.UTC()
	}
	return LocalTime(wallClock(t).AddDate(0, 0, n), t.Location()).UTC()
}

// EndOfDay returns the end of the day of wall in zone: the first moment of the next day,
// which does not belong to it any more.
func EndOfDay(wall time.Time, zone *time.Location) time.Time {
	year, month, day := wall.Date()
	return LocalTime(time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC), zone)
}

// Local returns t in the time zone of the tenant, in which days are counted; in UTC if the
// zone is unknown.
func (s Settings) Local(t time.Time) time.Time {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone)
}
