package rig

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"myaccess/internal/demo"
)

// Console has the development providers of a workspace, and a mailbox.
type Console struct {
	*demo.Demo
	URL    string
	dir    string
	server *http.Server
	done   chan error
}

// Listen takes a free loopback port for a console.
func Listen(ctx context.Context) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
}

// NewConsole serves the providers of a workspace file at l until Close. dir
// stores their keys and the file.
func NewConsole(l net.Listener, dir string, workspace []byte) (*Console, error) {
	base := "http://" + l.Addr().String()
	d, err := demo.New(demo.Config{DataDir: dir, ConsoleURL: base, PortalURL: base, Workspace: workspace, Now: time.Now})
	if err != nil {
		return nil, err
	}
	c := &Console{Demo: d, URL: base, dir: dir, server: &http.Server{Handler: d.Handler(), ReadHeaderTimeout: time.Minute},
		done: make(chan error, 1)}
	go func() { c.done <- c.server.Serve(l) }()
	return c, nil
}

// Close stops the providers and the mailbox.
func (c *Console) Close() error {
	err := c.server.Close()
	if end := <-c.done; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return errors.Join(err, c.Demo.Close())
}

// ApplyWorkspace applies the console's workspace file to the database of the
// first portal and registers all portals at the providers.
func (c *Console) ApplyWorkspace(ctx context.Context, portals ...*Portal) error {
	file := filepath.Join(c.dir, "workspace.yaml")
	if err := os.WriteFile(file, c.Workspace(), 0o600); err != nil {
		return err
	}
	said, err := portals[0].Command(ctx, "apply", file)
	if err != nil {
		return err
	}
	callbacks := regexp.MustCompile(`Callback address of “(.+)”: \S+(/auth/callback/\S+)`)
	for _, m := range callbacks.FindAllStringSubmatch(said, -1) {
		if err := c.RegisterPortals(m[1], m[2], portals...); err != nil {
			return err
		}
	}
	return nil
}

// RegisterPortals registers the portals as a client at the organization's
// provider. callback is the path of their callback address.
func (c *Console) RegisterPortals(organization, callback string, portals ...*Portal) error {
	client := demo.Client{ID: "myaccess", Secret: "development-only"}
	for _, p := range portals {
		client.RedirectURIs = append(client.RedirectURIs, p.Base+callback)
	}
	for _, o := range c.Provider.Organizations() {
		if o.Name == organization {
			return c.Provider.RegisterClient(o.Issuer, client)
		}
	}
	return errors.New("there is no provider for " + strings.TrimSpace(organization))
}
