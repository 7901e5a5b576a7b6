package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"myaccess/internal/e2e/rig"
)

// loadResult is the result of a load: throughput, latencies and CPU time.
type loadResult struct {
	perSecond     float64
	p50, p95, p99 time.Duration
	cpu           time.Duration // CPU time of the server per request
}

// String formats the result for the table.
func (r loadResult) String() string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	text := fmt.Sprintf("%.0f/s, p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", r.perSecond, ms(r.p50), ms(r.p95), ms(r.p99))
	if r.cpu > 0 {
		text += fmt.Sprintf("; %.2f ms CPU each", ms(r.cpu))
	}
	return text
}

// minShare is the target for the portal's throughput, as a share of the bare
// handler's.
const minShare = 0.5

// compareToBare returns the figures of a load on the portal and on the bare
// handler.
func compareToBare(name string, portal, bare loadResult) []figure {
	share := portal.perSecond / bare.perSecond
	return []figure{
		{name: name, value: portal.String()},
		{name: name + ", bare handler", value: bare.String()},
		{name: name + ", share", value: fmt.Sprintf("%.0f %%", 100*share), target: fmt.Sprintf("at least %.0f %%",
			100*minShare),
			missed: share < minShare},
	}
}

// errNoFormsLeft ends a client's load before its time.
var errNoFormsLeft = errors.New("no forms left to send")

// runLoad calls do in a loop in each client for the time in the options,
// against the process pid.
func runLoad(ctx context.Context, o options, pid int, do func(ctx context.Context,
	client int) (time.Duration, error)) (loadResult, error) {
	before, err := cpuTime(pid)
	if err != nil {
		return loadResult{}, err
	}
	r, n, err := runClients(ctx, o, do)
	if err != nil {
		return r, err
	}
	after, err := cpuTime(pid)
	r.cpu = (after - before) / time.Duration(n)
	return r, err
}

// runClients runs the clients and returns the result and the number of calls.
// do returns the duration of the measured part; the rest of the call is not
// counted.
func runClients(ctx context.Context, o options, do func(ctx context.Context,
	client int) (time.Duration, error)) (loadResult, int, error) {
	var mu sync.Mutex
	var all []time.Duration
	var wrong error
	var wait sync.WaitGroup
	var spent time.Duration
	end := time.Now().Add(o.duration)
	for client := range o.clients {
		wait.Go(func() {
			for time.Now().Before(end) {
				took, err := do(ctx, client)
				if errors.Is(err, errNoFormsLeft) {
					return
				}
				mu.Lock()
				all, spent, wrong = append(all, took), spent+took, errors.Join(wrong, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	if wrong != nil {
		return loadResult{}, 0, wrong
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[int(share*float64(len(all)-1))] }
	perSecond := float64(len(all)) * float64(o.clients) / spent.Seconds()
	return loadResult{perSecond: perSecond, p50: at(0.50), p95: at(0.95), p99: at(0.99)}, len(all), nil
}

// newClient returns a client with one connection that does not decompress.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// timeRequest sends a request and reads the response; it returns the time that
// took and the size of the body in bytes.
func timeRequest(client *http.Client, r *http.Request, want int) (time.Duration, int64, error) {
	begun := time.Now()
	resp, err := client.Do(r)
	if err != nil {
		return 0, 0, err
	}
	n, err := io.Copy(io.Discard, resp.Body)
	took := time.Since(begun)
	if resp.StatusCode != want {
		err = errors.Join(err, fmt.Errorf("%s: %s", r.URL, resp.Status))
	}
	return took, n, errors.Join(err, resp.Body.Close())
}

// newRequest returns a request as the visitor's browser sends it.
func newRequest(ctx context.Context, v *rig.Visitor, method, address, body string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", acceptEncoding)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", v.CookieHeader())
	r.Header.Set("X-Forwarded-For", rig.RandomAddress())
	return r, nil
}

// measureList measures the list of access packages.
func measureList(ctx context.Context, s *demoEnv, o options) ([]figure, error) {
	people, err := s.visitors(ctx, "Reader", o.clients)
	if err != nil {
		return nil, err
	}
	clients := newClients(o.clients)
	size := int64(0)
	get := func(base string) func(context.Context, int) (time.Duration, error) {
		return func(ctx context.Context, i int) (time.Duration, error) {
			r, err := newRequest(ctx, people[i], http.MethodGet, base+"/@meridian.example/access-packages", "")
			if err != nil {
				return 0, err
			}
			took, n, err := timeRequest(clients[i], r, http.StatusOK)
			if i == 0 {
				size = n
			}
			return took, err
		}
	}
	portal, err := runLoad(ctx, o, s.portal.PID(), get(s.portal.Base))
	if err != nil {
		return nil, err
	}
	o.size = int(size)
	bare, err := measureBare(ctx, s, o, get)
	return compareToBare("list of access packages", portal, bare), err
}

func newClients(n int) []*http.Client {
	all := make([]*http.Client, n)
	for i := range all {
		all[i] = newClient()
	}
	return all
}
