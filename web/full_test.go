package web

import (
	"net/http"
	"net/url"
	"testing"
)

// TestFullDisk: what cannot be stored because the disk is full is answered with
// 503, a sentence and a reference, and can be sent again afterwards.
func TestFullDisk(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("vera")
	vera, catalog := p.as("vera"), url.Values{"displayName": {"Harbour works"}, "description": {"Ships"}}
	form := vera.opens(home + "/admin/catalogs/new")
	p.full.Store(true)
	form.presses("Create", catalog).sees(http.StatusServiceUnavailable, "There is no room left to store this.",
		"Reference")
	p.full.Store(false)
	vera.opens(home+"/admin/catalogs").sees(http.StatusOK, "!Harbour works")
	vera.opens(home+"/admin/catalogs/new").presses("Create", catalog).sees(http.StatusOK, "Harbour works")
}
