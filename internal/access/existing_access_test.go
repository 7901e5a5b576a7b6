package access_test

import (
	"testing"

	"myaccess/internal/access"
)

// F-147, F-153, F-163: people who have the package, have requested it, or may
// not be invited, when they request it and when an administrator assigns it to
// them.
func TestCanRequest(t *testing.T) {
	closed := access.Settings{DomainRule: access.DomainsDeny, DomainList: []access.Domain{"harbor.example"}}
	tests := map[string]struct {
		h      access.ExistingAccess
		person string
		s      access.Settings
		ok     bool
		kind   access.ErrorKind
	}{
		"nothing": {access.ExistingAccess{}, "external", access.Settings{}, true, 0},
		"holds it": {access.ExistingAccess{Assigned: true}, "member", access.Settings{}, false,
			access.Conflict},
		"has asked": {access.ExistingAccess{Requested: true}, "member", access.Settings{}, false,
			access.Conflict},
		"external, domain denied":    {access.ExistingAccess{}, "external", closed, false, access.Forbidden},
		"removed, domain denied":     {access.ExistingAccess{}, "removed", closed, false, access.Forbidden},
		"guest already, denied":      {access.ExistingAccess{}, "guest", closed, true, 0},
		"blocked guest, denied":      {access.ExistingAccess{}, "blocked", closed, true, 0},
		"member of a denied domain?": {access.ExistingAccess{}, "member", closed, true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			person := people()[tt.person]
			person.Domain = "harbor.example"
			wantKind(t, tt.h.CanRequest(person, tt.s), tt.ok, tt.kind)
			wantFields(t, tt.h.CanAssign(person, tt.s), map[bool]string{true: "", false: "people"}[tt.ok])
		})
	}
}
