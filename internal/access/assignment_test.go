package access_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
)

// InForce depends on the dates, in every state but expired.
func TestInForce(t *testing.T) {
	tests := map[string]struct {
		start, end time.Time
		want       bool
	}{
		"no end":            {noon.Add(-day), time.Time{}, true},
		"from now":          {noon, time.Time{}, true},
		"not yet":           {noon.Add(1), time.Time{}, false},
		"until later":       {noon.Add(-day), noon.Add(1), true},
		"until now":         {noon.Add(-day), noon, false},
		"over, job is late": {noon.Add(-2 * day), noon.Add(-day), false},
	}
	for name, tt := range tests {
		for _, s := range access.AssignmentStates() {
			want := tt.want && s != access.AssignExpired
			if got := (access.Assignment{State: s, Start: tt.start, End: tt.end}).InForce(noon); got != want {
				t.Errorf("%s, %s: %v, want %v", name, s, got, want)
			}
		}
	}
}

// Durations count from delivery, dates are known before, and a requested end
// can only shorten (F-123, F-124).
func TestAssignmentEnd(t *testing.T) {
	var never time.Time
	at := func(days int) time.Time { return noon.Add(time.Duration(days) * day) }
	month := access.Expiration{Kind: access.AfterDuration, Days: 30}
	date := access.Expiration{Kind: access.AfterDate, End: at(20).UnixMilli()}
	tests := map[string]struct {
		e           access.Expiration
		asked       time.Time
		known, ends time.Time // ends if delivered after two days
	}{
		"never":                  {access.Expiration{Kind: access.NoExpiration}, never, never, never},
		"never, asked":           {access.Expiration{Kind: access.NoExpiration}, at(5), at(5), at(5)},
		"days":                   {month, never, never, at(32)},
		"days, asked for less":   {month, at(5), at(5), at(5)},
		"days, asked for more":   {month, at(40), at(40), at(32)},
		"hours":                  {access.Expiration{Kind: access.AfterDuration, Hours: 24}, never, never, at(3)},
		"a date":                 {date, never, at(20), at(20)},
		"a date, asked for less": {date, at(5), at(5), at(5)},
		"a date, asked for more": {date, at(40), at(20), at(20)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := access.Request{End: tt.asked, Terms: access.Terms{Expiration: tt.e}}
			if got := r.KnownEnd(); !got.Equal(tt.known) {
				t.Errorf("known before delivery: %v, want %v", got, tt.known)
			}
			if got := r.AssignmentEnd(at(2)); !got.Equal(tt.ends) {
				t.Errorf("delivered: %v, want %v", got, tt.ends)
			}
		})
	}
}

func TestDeliveryState(t *testing.T) {
	held := access.Grant{State: access.Held}
	young := access.Grant{State: access.Adding, Since: noon.Add(-access.DeliveryGrace + 1)}
	old := access.Grant{State: access.Adding, Since: noon.Add(-access.DeliveryGrace)}
	stuck := access.Grant{State: access.Adding, Since: noon, Stuck: true}
	tests := map[string]struct {
		grants []access.Grant
		want   access.AssignmentState
	}{
		"nothing to hold":           {nil, access.AssignDelivered},
		"all held":                  {[]access.Grant{held, held}, access.AssignDelivered},
		"one may still come":        {[]access.Grant{held, young}, access.AssignDelivering},
		"none yet":                  {[]access.Grant{young, young}, access.AssignDelivering},
		"one too old, one may come": {[]access.Grant{old, young}, access.AssignDelivering},
		"one stuck, one may come":   {[]access.Grant{stuck, young}, access.AssignDelivering},
		"one too old":               {[]access.Grant{held, old}, access.AssignPartial},
		"one stuck":                 {[]access.Grant{held, stuck}, access.AssignPartial},
		"none, too old":             {[]access.Grant{old, old}, access.AssignFailed},
		"none, stuck":               {[]access.Grant{stuck}, access.AssignFailed},
		"one is being taken, too long": {[]access.Grant{held, {State: access.Removing, Since: noon.Add(-day)}},
			access.AssignPartial},
		"one is gone, long ago": {[]access.Grant{held, {State: access.Removed, Since: noon.Add(-day)}}, access.AssignPartial},
	}
	for name, tt := range tests {
		if got := access.DeliveryState(tt.grants, noon); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
