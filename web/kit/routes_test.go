package kit_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// TestRoutesNeedAKnownAction: the server does not start with an administrators'
// page whose action is missing or misspelt.
func TestRoutesNeedAKnownAction(t *testing.T) {
	s, err := kit.NewServer(kit.Config{Base: "https://access.example", Secret: []byte(strings.Repeat("k", 32)),
		Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for action, starts := range map[access.Action]bool{access.SeeAdmin: true, access.ReadCatalog: true, "": false,
		"readCatalogs": false} {
		route := kit.Route{Method: http.MethodGet, Path: "/@:domain/admin/", Level: kit.AdminPage, Action: action}
		if _, err := s.Handler([]kit.Route{route}); (err == nil) != starts {
			t.Errorf("a page with the action %q: %v", action, err)
		}
	}
	if _, err := s.Handler([]kit.Route{{Method: http.MethodGet, Path: "/", Level: kit.SignedIn}}); err != nil {
		t.Errorf("a page of everyone: %v", err)
	}
}
