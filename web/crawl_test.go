package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
)

// GET and HEAD change nothing: after reading every linked page the database is
// the same.
func TestGetChangesNothing(t *testing.T) {
	p := newPortal(t)
	p.addDataForEveryPage()
	var browsers []*browser
	for _, name := range []string{"lena", "omar", "ida", "mara", "pia", "zoe", "gala"} {
		browsers = append(browsers, p.as(name))
	}
	browsers = append(browsers, p.nobody())
	before := p.dump()
	seen := 0
	for _, b := range browsers {
		seen += len(b.crawl(nil))
	}
	if seen < 60 {
		t.Errorf("only %d pages were found", seen)
	}
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
}

// addDataForEveryPage adds data for pages of every kind.
func (p *fixture) addDataForEveryPage() {
	p.t.Helper()
	p.addAdministrator("gala")
	p.pendingRequest("mara", "Tidal", storetest.Named(p.Lena), groupStage(p))
	p.as("lena").opens(home+"/approvals").clicks("Details").presses("Approve", url.Values{"reason": {"Known"}})
	p.pendingRequest("mara", "Boats", storetest.Named(p.Omar))
	p.as("omar").opens(home+"/approvals?tab=history").opens(home+"/approvals").presses("Deny",
		url.Values{"reason": {"No boats"}, "request": p.as("omar").opens(home + "/approvals").checkboxValues()})
	free := p.Package("Ropes", p.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration,
		Days: 3}}))
	p.as("mara").opens(packagePath(free)).presses("Submit request", nil)
	p.as("pia").opens(packagePath(free)).presses("Submit request", nil)
	p.runJobs()
	p.advance(4 * 24 * 3600e9)
	p.Package("Nets", p.ForPartner(access.Terms{CustomSchedule: true}),
		hasName("Another", p.ForPartner(access.Terms{RequireJustification: true})))
	p.as("pia").opens(packagePath(free)).presses("Submit request", nil)
	p.runJobs()
	p.pendingRequest("pia", "Sails", storetest.Named(p.Omar, p.Ida))
}

// crawl reads every linked page and returns their addresses. If look is nil it
// also sends HEAD.
func (b *browser) crawl(look func(*browser)) []string {
	b.p.t.Helper()
	return b.crawlFrom([]string{"/", home, home + "/", "/auth/signed-out"}, look)
}

// crawlFrom is crawl starting at these addresses.
func (b *browser) crawlFrom(queue []string, look func(*browser)) []string {
	b.p.t.Helper()
	known := map[string]bool{}
	var seen []string
	for len(queue) > 0 {
		target := queue[0]
		queue = queue[1:]
		if known[target] {
			continue
		}
		known[target] = true
		if look == nil {
			b.sendOnce(http.MethodHead, target, nil)
		}
		b.sendOnce(http.MethodGet, target, nil)
		seen = append(seen, target)
		if next := b.header.Get("Location"); strings.HasPrefix(next, "/") {
			queue = append(queue, next)
		}
		if b.status >= 500 {
			b.p.t.Errorf("%s answers %d", target, b.status)
		}
		if look != nil && strings.HasPrefix(b.header.Get("Content-Type"), "text/html") {
			look(b)
		}
		for n := range nodes(b.page) {
			if href := attribute(n, "href"); n.Data == "a" && href != "" && !strings.Contains(href, "://") &&
				!strings.Contains(href, "sort=-") {
				queue = append(queue, b.resolve(href))
			}
		}
	}
	return seen
}
