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

// times are how long a page took, and how many bytes it has.
type times struct {
	page
	p50, p99 time.Duration
}

// rounds and longest bound how often and for how long a page is asked for.
const (
	rounds  = 150
	longest = 5 * time.Second
)

// measurePages times every kind of page while people browse, and returns what
// was resident at most.
func (l *large) measurePages(ctx context.Context) ([]times, float64, error) {
	pages, err := l.pages(ctx)
	if err != nil {
		return nil, 0, err
	}
	others, stop := context.WithCancel(ctx)
	browsing := l.browse(others)
	defer func() {
		stop()
		browsing.Wait()
	}()
	client := browser()
	var all []times
	for _, p := range pages {
		var took []time.Duration
		for begun := time.Now(); len(took) < rounds && time.Since(begun) < longest; {
			r, err := asked(ctx, p.by, http.MethodGet, p.address, "")
			if err != nil {
				return nil, 0, err
			}
			t, _, err := exchange(client, r, http.StatusOK)
			if err != nil {
				return nil, 0, err
			}
			took = append(took, t)
		}
		slices.Sort(took)
		at := func(share float64) time.Duration { return took[int(share*float64(len(took)-1))] }
		all = append(all, times{p.page, at(0.50), at(0.99)})
	}
	mb, err := resident(l.portal.PID())
	return all, mb, err
}

// visited is a page with who asks for it.
type visited struct {
	page
	by *rig.Visitor
}

// pages are one of every kind: those of an administrator, and those of the
// portal as the busiest approver sees them.
func (l *large) pages(ctx context.Context) ([]visited, error) {
	home := "/@" + domain + "/"
	admin, err := crawl(ctx, l.admin, l.portal.Base+home+"admin/", home+"admin/", "")
	if err != nil {
		return nil, err
	}
	portal, err := crawl(ctx, l.approver, l.portal.Base+home+"approvals", home, home+"admin/")
	if err != nil {
		return nil, err
	}
	var all []visited
	for _, p := range admin {
		all = append(all, visited{p, l.admin})
	}
	for _, p := range portal {
		all = append(all, visited{p, l.approver})
	}
	return all, nil
}

// What is aimed for: a page at full size takes at most so many times what it
// takes at a tenth, and hardly ever longer than so long.
const (
	mostTimes = 2
	slowest   = 50 * time.Millisecond
)

// printPages prints how long every kind of page takes at a tenth and at full
// size.
func printPages(out io.Writer, got [2][]times, mb [2]float64) error {
	tenth := map[string]times{}
	for _, t := range got[0] {
		tenth[t.kind] = t
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	missed := 0
	_, err := fmt.Fprintln(w, "p50 at a tenth\tat full size\tp99 at full size\ttimes\t  PAGE")
	for _, t := range got[1] {
		before, share := "", ""
		bad := t.p99 >= slowest
		if b, ok := tenth[t.kind]; ok {
			times := float64(t.p50) / float64(b.p50)
			before, share = milliseconds(b.p50), fmt.Sprintf("%.1f", times)
			bad = bad || times > mostTimes
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
	_, wrong := fmt.Fprintf(w, "%d pages, of which %d miss: at most %d times a tenth's median, p99 under %s ms; "+
		"resident %.0f MB and %.0f MB\n",
		len(got[1]), missed, mostTimes, milliseconds(slowest), mb[0], mb[1])
	return errors.Join(err, wrong, w.Flush())
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000)
}
