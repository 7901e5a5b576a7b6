package web

import (
	"net/http"
	"testing"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// The portal does not start with an administrators' page without a known
// action.
func TestAdminRoutesHaveAction(t *testing.T) {
	p := newPortal(t)
	for action, starts := range map[access.Action]bool{access.SeeAdmin: true, "": false, "seeAdmn": false} {
		_, err := p.server.Handler([]kit.Route{{Method: http.MethodGet, Path: "/@:domain/admin/x", Level: kit.AdminPage,
			Action: action, Handle: func(*kit.Context) error { return nil }}})
		if (err == nil) != starts {
			t.Errorf("a route with the action %q: %v", action, err)
		}
	}
}
