package access

import (
	"time"
)

// ExpirationKind says how the end of an assignment is determined (F-123), with
// the names of the Graph expirationPattern.
type ExpirationKind string

// The kinds of expiration.
const (
	NoExpiration  ExpirationKind = "noExpiration"
	AfterDate     ExpirationKind = "afterDateTime"
	AfterDuration ExpirationKind = "afterDuration" // counted from verified delivery
)

// Expiration says when assignments end.
type Expiration struct {
	Kind ExpirationKind `json:"kind"`
	End  int64          `json:"end,omitempty"`  // ms since 1970, for AfterDate
	Days int            `json:"days,omitempty"` // whole days, for AfterDuration
	// Hours is for AfterDuration, instead of Days.
	Hours int `json:"hours,omitempty"`
}

// EndFrom returns the end of an assignment that starts at start; zero is never. Days are
// counted in the zone that start is in, that of the tenant (Settings.Local).
func (e Expiration) EndFrom(start time.Time) time.Time {
	switch e.Kind {
	case AfterDate:
		return time.UnixMilli(e.End).UTC()
	case AfterDuration:
		return AddDays(start, e.Days).Add(time.Duration(e.Hours) * time.Hour)
	case NoExpiration:
	}
	return time.Time{}
}

// MaxAssignmentDays is the maximum length of an assignment in days (F-123).
const MaxAssignmentDays = 3660

// lastEnd is the last day that has a date of four digits in every time zone, in ms since
// 1970.
const lastEnd = 253402128000000 // 9999-12-30T00:00:00Z

func (e Expiration) check() error {
	switch {
	case e.Kind == NoExpiration && e.End == 0 && e.Days == 0 && e.Hours == 0,
		e.Kind == AfterDate && e.End > 0 && e.End <= lastEnd && e.Days == 0 && e.Hours == 0,
		e.Kind == AfterDuration && e.End == 0 && (e.Days >= 1 && e.Days <= MaxAssignmentDays && e.Hours == 0 ||
			e.Days == 0 && e.Hours >= 1 && e.Hours <= MaxAssignmentDays*24):
		return nil
	}
	return Invalidf(e.field(), "Assignments end on a date, after 1 to 3660 days, after a number of hours, or never.")
}

// field is the form field at fault if the expiration is invalid.
func (e Expiration) field() string {
	switch {
	case e.Kind == AfterDate:
		return "expiration.date"
	case e.Kind == AfterDuration && e.Hours != 0:
		return "expiration.hours"
	case e.Kind == AfterDuration:
		return "expiration.days"
	}
	return "expiration"
}
