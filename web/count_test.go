package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// count returns the number of items that the page says its list has; -1 if it
// says none.
func (b *browser) count() int {
	for n := range nodes(b.page) {
		if n.Data == "p" && attribute(n, "class") == "hint" {
			if m := regexp.MustCompile(`^(\d+) items?$`).FindStringSubmatch(visibleText(n)); m != nil {
				got := 0
				_, _ = fmt.Sscan(m[1], &got)
				return got
			}
		}
	}
	return -1
}

// tableRows returns the number of rows of the page's list.
func (b *browser) tableRows() int {
	all := 0
	for n := range nodes(b.page) {
		if n.Data == "tr" && n.Parent.Data == "tbody" {
			all++
		}
	}
	return all
}

// expectCount opens every page of a list: each must say that the list has as many
// items as all pages together have rows. It returns that number.
func (b *browser) expectCount(list string) int {
	b.p.t.Helper()
	rows, counts := 0, []int(nil)
	for target := list; target != ""; {
		b.opens(target).sees(http.StatusOK)
		rows += b.tableRows()
		counts = append(counts, b.count())
		target = ""
		for n := range nodes(b.page) {
			if n.Data == "a" && attribute(n, "rel") == "next" {
				target = b.resolve(attribute(n, "href"))
			}
		}
	}
	for _, got := range counts {
		if got != rows && (rows > 0 || got != -1) {
			b.p.t.Errorf("%s has %d rows; its pages say %d", list, rows, counts)
			break
		}
	}
	return rows
}

// TestCountsAreThoseOfRows walks every list of administrators with every filter
// that its address fixes: the number of items is that of the rows, also for
// readers who see a part of the rows only.
func TestCountsAreThoseOfRows(t *testing.T) {
	p := newPortal(t)
	ids := p.addRows(27) // on two pages
	lena, omar := p.as("lena"), p.as("omar")
	pack, catalog, policy := ids["/access-packages/:id"], ids["/catalogs/:id"], ids["/policies/:policy"]
	person := string(p.Omar.ID)
	lists := map[string]int{ // the least number of rows
		"access-packages": 29, "catalogs": 28, "catalogs/" + catalog + "/access-packages": 29,
		"catalogs/" + catalog + "/resources/add": 28, "directory": 57, "organizations": 28, "organizations/providers": 54,
		"people": 30, "requests": 81, "assignments": 54,
	}
	for _, list := range []string{"requests", "assignments"} {
		lists[list+"?package="+pack] = 27
		lists[list+"?person="+person] = 27
		lists[list+"?policy="+policy] = 0
		lists[list+"?person="+person+"&package="+pack] = 0
	}
	for list, least := range lists {
		if rows := lena.expectCount(home + "/admin/" + list); rows < least {
			t.Errorf("%s has %d rows, want at least %d", list, rows, least)
		}
	}
	for _, list := range []string{"access-packages", "catalogs"} {
		if rows := omar.expectCount(home + "/admin/" + list); list == "catalogs" && rows != 27 {
			t.Errorf("Omar sees %d rows of %s, want the 27 catalogs that he owns", rows, list)
		}
	}
	// a list that is searched or filtered is not counted
	for _, list := range []string{"people?q=member", "people?kind=member"} {
		if got := lena.opens(home + "/admin/" + list).count(); got != -1 {
			t.Errorf("%s says %d", list, got)
		}
	}
	if got := lena.opens(home + "/admin/requests?package=" + pack).sees(http.StatusOK).count(); got != 27 {
		t.Errorf("the requests for the package are %d, want 27", got)
	}
}

// TestCountFollowsRows: a row that is added or removed between two views of a
// list is in the count of the second, without any job.
func TestCountFollowsRows(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("vera")
	vera := p.as("vera")
	catalog := string(p.Catalog.ID)
	for _, list := range []string{"access-packages", "catalogs/" + catalog + "/access-packages"} {
		p.runJobs()
		before := vera.expectCount(home + "/admin/" + list)
		added := p.Package("Another of "+list, access.Policy{Scope: access.ScopeMembers})
		if got := vera.expectCount(home + "/admin/" + list); got != before+1 {
			t.Errorf("%s: %d rows after adding one to %d", list, got, before)
		}
		vera.opens(home+"/admin/access-packages/"+string(added.Package.ID)+"/delete").presses("Delete", nil)
		if got := vera.expectCount(home + "/admin/" + list); got != before {
			t.Errorf("%s: %d rows after removing one of %d", list, got, before+1)
		}
	}
}

// TestEveryListIsCounted: the lists of TestCountsAreThoseOfRows are all that
// administrators have.
func TestEveryListIsCounted(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("vera")
	var lists []string
	p.as("vera").crawlFrom([]string{home + "/admin/"}, func(b *browser) {
		path, _, _ := strings.Cut(b.at, "?")
		for n := range nodes(b.page) {
			if n.Data == "input" && attribute(n, "id") == "f-q" && strings.Contains(path, "/admin/") {
				path = strings.ReplaceAll(strings.TrimPrefix(path, home+"/admin/"), string(p.Catalog.ID), ":id")
				lists = append(lists, path)
			}
		}
	})
	slices.Sort(lists)
	lists = slices.Compact(lists)
	lists = slices.DeleteFunc(lists, func(path string) bool {
		return regexp.MustCompile(`[0-9a-f]{8}-`).MatchString(path)
	})
	want := []string{"access-packages", "assignments", "catalogs", "catalogs/:id/access-packages",
		"catalogs/:id/resources/add", "directory", "organizations", "organizations/providers", "people", "requests"}
	if !slices.Equal(lists, want) {
		t.Errorf("lists %q, want %q", lists, want)
	}
	if store.MaxTotal < 500 {
		t.Errorf("lists are counted up to %d only", store.MaxTotal)
	}
}
