package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// TestFullDisk: what cannot be stored because the disk is full is answered with
// 503, a sentence and a reference, and can be sent again afterwards.
func TestFullDisk(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("vera")
	vera, catalog := p.as("vera"), url.Values{"displayName": {"Harbour works"}, "description": {"Ships"}}
	form := vera.opens(home + "/admin/catalogs/new")
	p.full.Store(true)
	form.presses("Create", catalog).sees(http.StatusServiceUnavailable, "Nothing was saved: there is no space left",
		"Reference")
	p.full.Store(false)
	vera.opens(home+"/admin/catalogs").sees(http.StatusOK, "!Harbour works")
	vera.opens(home+"/admin/catalogs/new").presses("Create", catalog).sees(http.StatusOK, "Harbour works")
}

// TestPageWithoutLastUse: a page is served although the last use of the session
// cannot be stored; the next one stores it.
func TestPageWithoutLastUse(t *testing.T) {
	p := newPortal(t)
	lena := p.as("lena")
	before := lena.lastUse()
	p.clock.Advance(20 * time.Minute)
	p.untouched.Store(true)
	for range 2 {
		lena.opens(home+"/access-packages").sees(http.StatusOK, "Access packages", "Lena Berg")
	}
	if got := lena.lastUse(); !got.Equal(before) {
		t.Errorf("the update was to fail, but the last use is %s", got)
	}
	p.untouched.Store(false)
	lena.opens(home + "/access-packages")
	if got := lena.lastUse(); !got.Equal(p.clock.Now()) {
		t.Errorf("the last use is %s, want %s", got, p.clock.Now())
	}
}
