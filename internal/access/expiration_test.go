package access_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
)

func TestEndFrom(t *testing.T) {
	tests := map[string]struct {
		e    access.Expiration
		want time.Time
	}{
		"never":     {access.Expiration{Kind: access.NoExpiration}, time.Time{}},
		"on a date": {access.Expiration{Kind: access.AfterDate, End: noon.Add(day).UnixMilli()}, noon.Add(day)},
		"days":      {access.Expiration{Kind: access.AfterDuration, Days: 30}, noon.AddDate(0, 0, 30)},
		"hours":     {access.Expiration{Kind: access.AfterDuration, Hours: 8}, noon.Add(8 * time.Hour)},
		"unknown":   {access.Expiration{}, time.Time{}},
	}
	for name, tt := range tests {
		if got := tt.e.EndFrom(noon); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestExpirationCheck(t *testing.T) {
	date, dur := access.AfterDate, access.AfterDuration
	tests := []struct {
		e  access.Expiration
		ok bool
	}{
		{access.Expiration{Kind: access.NoExpiration}, true},
		{access.Expiration{Kind: access.NoExpiration, Days: 1}, false},
		{access.Expiration{Kind: date, End: 1}, true},
		{access.Expiration{Kind: date}, false},
		{access.Expiration{Kind: date, End: -1}, false},
		{access.Expiration{Kind: date, End: 1, Hours: 1}, false},
		{access.Expiration{Kind: dur, Days: 1}, true},
		{access.Expiration{Kind: dur, Days: 3660}, true},
		{access.Expiration{Kind: dur, Days: 3661}, false},
		{access.Expiration{Kind: dur}, false},
		{access.Expiration{Kind: dur, Days: -1}, false},
		{access.Expiration{Kind: dur, Hours: 1}, true},
		{access.Expiration{Kind: dur, Hours: 3660*24 + 1}, false},
		{access.Expiration{Kind: dur, Days: 1, Hours: 1}, false},
		{access.Expiration{Kind: dur, Days: 1, End: 1}, false},
		{access.Expiration{Kind: "sometime", Days: 1}, false},
	}
	for _, tt := range tests {
		p := policy("p", access.ScopeMembers)
		p.Expiration = tt.e
		if err := p.Check(access.Catalog{}); (err == nil) != tt.ok {
			t.Errorf("%+v: %v, want ok %v", tt.e, err, tt.ok)
		}
	}
}
