package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"

	"myaccess/internal/e2e/rig"
)

// acceptEncoding is the Accept-Encoding of browsers.
const acceptEncoding = "gzip, deflate, br, zstd"

// countingConn counts the bytes read from a connection.
type countingConn struct {
	net.Conn
	bytes *atomic.Int64
}

// Read implements net.Conn.
func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.bytes.Add(int64(n))
	return n, err
}

// measureTransfer measures the bytes transferred for a first visit to Access
// packages with all its files, and for the next page.
func measureTransfer(ctx context.Context, s *demoEnv, _ options) ([]figure, error) {
	all, err := s.visitors(ctx, "Wire", 1)
	if err != nil {
		return nil, err
	}
	v, bytes := all[0], &atomic.Int64{}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return countingConn{c, bytes}, err
		}}}
	page, err := v.Get(ctx, v.TenantURL(s.portal)+"/access-packages")
	if err != nil {
		return nil, err
	}
	needs := []string{strings.TrimPrefix(v.TenantURL(s.portal), s.portal.Base) + "/access-packages"}
	for _, m := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(page.Body, -1) {
		needs = append(needs, m[1])
	}
	for _, path := range needs {
		if err := fetch(ctx, client, s.portal.Base+path, v); err != nil {
			return nil, err
		}
	}
	first := bytes.Swap(0)
	if err := fetch(ctx, client, v.TenantURL(s.portal)+"/approvals", v); err != nil {
		return nil, err
	}
	return []figure{
		limitFigure(fmt.Sprintf("first visit to Access packages, %d files", len(needs)), float64(first)/1000, 60, "kB"),
		limitFigure("next page", float64(bytes.Load())/1000, 12, "kB"),
	}, nil
}

// fetch reads an address as the visitor's browser does.
func fetch(ctx context.Context, client *http.Client, address string, v *rig.Visitor) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Encoding", acceptEncoding)
	r.Header.Set("Cookie", v.CookieHeader())
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, resp.Status)
	}
	return nil
}
