package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"myaccess/internal/e2e/rig"
)

// pageTimes are the latencies of a page.
type pageTimes struct {
	page
	p50, p99 time.Duration
}

// maxRequests and maxPageTime limit the measurement of a page.
const (
	maxRequests = 150
	maxPageTime = 5 * time.Second
)

// measurePages times every kind of page while people browse, and returns the
// times and the resident memory in MB afterwards.
func (l *sampleEnv) measurePages(ctx context.Context) ([]pageTimes, float64, error) {
	pages, err := l.pages(ctx)
	if err != nil {
		return nil, 0, err
	}
	others, stop := context.WithCancel(ctx)
	browsing := l.startBrowsing(others)
	defer func() {
		stop()
		browsing.Wait()
	}()
	client := newClient()
	var all []pageTimes
	for _, p := range pages {
		var took []time.Duration
		for begun := time.Now(); len(took) < maxRequests && time.Since(begun) < maxPageTime; {
			r, err := newRequest(ctx, p.visitor, http.MethodGet, p.address, "")
			if err != nil {
				return nil, 0, err
			}
			t, _, err := timeRequest(client, r, http.StatusOK)
			if err != nil {
				return nil, 0, err
			}
			took = append(took, t)
		}
		slices.Sort(took)
		at := func(share float64) time.Duration { return took[int(share*float64(len(took)-1))] }
		all = append(all, pageTimes{p.page, at(0.50), at(0.99)})
	}
	mb, err := residentMB(l.portal.PID())
	return all, mb, err
}

// sessionPage is a page with the visitor who opens it.
type sessionPage struct {
	page
	visitor *rig.Visitor
}

// pages finds one page of every kind: an administrator's, and the portal's as
// the busiest approver sees them.
func (l *sampleEnv) pages(ctx context.Context) ([]sessionPage, error) {
	home := "/@" + domain + "/"
	admin, err := crawl(ctx, l.admin, l.portal.Base+home+"admin/", home+"admin/", "")
	if err != nil {
		return nil, err
	}
	portal, err := crawl(ctx, l.approver, l.portal.Base+home+"approvals", home, home+"admin/")
	if err != nil {
		return nil, err
	}
	var all []sessionPage
	for _, p := range admin {
		all = append(all, sessionPage{p, l.admin})
	}
	for _, p := range portal {
		all = append(all, sessionPage{p, l.approver})
	}
	return all, nil
}

// Targets: the ratio of a page's median at full size to its median at a tenth,
// and its p99 at full size.
const (
	maxRatio = 2
	maxP99   = 50 * time.Millisecond
)

// printPages prints the times of every kind of page at a tenth and at full
// size.
func printPages(out io.Writer, got [2][]pageTimes, mb [2]float64) error {
	tenth := map[string]pageTimes{}
	for _, t := range got[0] {
		tenth[t.kind] = t
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	missed := 0
	_, err := fmt.Fprintln(w, "p50 at a tenth\tat full size\tp99 at full size\ttimes\t  PAGE")
	for _, t := range got[1] {
		before, share := "", ""
		bad := t.p99 >= maxP99
		if b, ok := tenth[t.kind]; ok {
			times := float64(t.p50) / float64(b.p50)
			before, share = milliseconds(b.p50), fmt.Sprintf("%.1f", times)
			bad = bad || times > maxRatio
		}
		mark := ""
		if bad {
			mark = "   MISSED"
			missed++
		}
		_, wrong := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t  %s%s\n", before, milliseconds(t.p50), milliseconds(t.p99), share,
			t.kind, mark)
		err = errors.Join(err, wrong)
	}
	_, wrong := fmt.Fprintf(w, "%d pages, %d missed the target (at most %d times a tenth's median, p99 under %s ms); "+
		"resident %.0f MB and %.0f MB\n",
		len(got[1]), missed, maxRatio, milliseconds(maxP99), mb[0], mb[1])
	return errors.Join(err, wrong, w.Flush())
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000)
}
