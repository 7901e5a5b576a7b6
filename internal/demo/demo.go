package demo

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Config says where the demonstration is.
type Config struct {
	DataDir string // the clock's offset, the mailbox and the providers' keys; made if need be
	// ConsoleURL and PortalURL are scheme, host and port, on a loopback address,
	// as browsers know them: the providers' issuers begin with the one, links
	// lead to the other.
	ConsoleURL, PortalURL string
	// Workspace is the file to fill the portal from; Sample(ConsoleURL) if nil.
	// Issuers at the console's usual place mean the console where it is.
	Workspace []byte
	Now       func() time.Time // the real time
	Log       *slog.Logger     // nil for none
}

// Demo is a demonstration that runs.
type Demo struct {
	Clock    *Clock
	Provider *Provider
	Mailbox  *Mailbox
	DNS      *DNS

	config Config
	guided bool // the workspace is the sample, which the guide tells of
}

// New starts the mail server and readies everything else. The caller serves
// Handler at ConsoleURL, tells the Provider of the portal (Provider.Allow), and
// calls Close in the end.
func New(c Config) (*Demo, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	sampled := SampleWorkspace(c.ConsoleURL)
	if c.Workspace == nil {
		c.Workspace = sampled
	}
	c.Workspace = bytes.ReplaceAll(c.Workspace, []byte(samplePlace+"/idp/"), []byte(c.ConsoleURL+"/idp/"))
	for _, raw := range []string{c.ConsoleURL, c.PortalURL} {
		if err := onLoopback(raw); err != nil {
			return nil, err
		}
	}
	all, err := organizations(c.Workspace, c.ConsoleURL)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, err
	}
	d := &Demo{config: c, guided: bytes.Equal(c.Workspace, sampled)}
	if d.Clock, err = NewClock(filepath.Join(c.DataDir, "clock"), c.Now); err != nil {
		return nil, err
	}
	if d.DNS, err = NewDNS(filepath.Join(c.DataDir, "dns.json")); err != nil {
		return nil, err
	}
	if d.guided {
		all = append(all, newcomers(c.ConsoleURL))
	}
	d.Provider = newProvider(d, all)
	if d.Mailbox, err = NewMailbox(filepath.Join(c.DataDir, "mail"), d.Clock.Now, c.Log); err != nil {
		return nil, err
	}
	return d, nil
}

// onLoopback refuses what is not the origin of a server on this machine.
func onLoopback(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return err
	}
	if u.Host == "" || u.Port() == "" || raw != u.Scheme+"://"+u.Host {
		return fmt.Errorf("%q is not scheme://host:port", raw)
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%q is not on a loopback address; the demonstration runs nowhere else", raw)
	}
	return nil
}

// Handler serves the console and the providers.
func (d *Demo) Handler() http.Handler { return d.guarded(d.routes()) }

// SMTPAddr is where the mail server listens, host:port. It asks for neither TLS
// nor a password.
func (d *Demo) SMTPAddr() string { return d.Mailbox.Addr() }

// Workspace is the workspace file to fill the portal from.
func (d *Demo) Workspace() []byte { return bytes.Clone(d.config.Workspace) }

// Close ends the mail server.
func (d *Demo) Close() error {
	if err := d.Mailbox.Close(); err != nil {
		return fmt.Errorf("the demonstration's mail server: %w", err)
	}
	return nil
}
