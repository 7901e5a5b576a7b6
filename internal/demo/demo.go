package demo

import (
	"bytes"
	"fmt"
	"log/slog"
	"myaccess/internal/access"
	"myaccess/internal/lang"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Config configures a demonstration.
type Config struct {
	DataDir string // for the clock's offset, the mailbox and the providers' keys; created if missing
	// ConsoleURL and PortalURL are scheme, host and port on a loopback
	// address, as browsers use them. The providers' issuers start with
	// ConsoleURL; links lead to PortalURL.
	ConsoleURL, PortalURL string
	// Workspace is the workspace file of the portal;
	// SampleWorkspace(ConsoleURL) if nil. Issuers at the console's default
	// address are moved to ConsoleURL.
	Workspace []byte
	Now       func() time.Time // the real time
	Log       *slog.Logger     // nil for none
	Catalog   *lang.Catalog    // nil loads it
}

// Demo is a running demonstration.
type Demo struct {
	Clock    *Clock
	Provider *Provider
	Mailbox  *Mailbox
	DNS      *DNS

	config Config
	guided bool // the workspace is the sample, so that the guide applies
}

// New starts the mail server and prepares everything else. The caller serves
// Handler at ConsoleURL, registers the portal (Provider.RegisterClient), and
// calls Close at the end.
func New(c Config) (*Demo, error) {
	if c.Catalog == nil {
		c.Catalog = lang.Load()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	sampled := SampleWorkspace(c.ConsoleURL)
	if c.Workspace == nil {
		c.Workspace = sampled
	}
	c.Workspace = bytes.ReplaceAll(c.Workspace, []byte(sampleConsoleURL+"/idp/"), []byte(c.ConsoleURL+"/idp/"))
	for _, raw := range []string{c.ConsoleURL, c.PortalURL} {
		if err := checkLoopback(raw); err != nil {
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
		all = append(all, unknownPartner(c.ConsoleURL))
	}
	d.Provider = newProvider(d, all)
	if d.Mailbox, err = NewMailbox(filepath.Join(c.DataDir, "mail"), d.Clock.Now, c.Log); err != nil {
		return nil, err
	}
	return d, nil
}

// checkLoopback refuses a URL that is not the origin of a server on a loopback
// address.
func checkLoopback(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return err
	}
	if u.Host == "" || u.Port() == "" || raw != u.Scheme+"://"+u.Host {
		return fmt.Errorf("%q is not scheme://host:port", raw)
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return access.Invalidf("listen", "%s isn't on a loopback address. The demonstration runs nowhere else.", raw)
	}
	return nil
}

// Handler serves the console and the providers.
func (d *Demo) Handler() http.Handler { return d.checkOrigin(d.routes()) }

// SMTPAddr returns the mail server's address, host:port. It uses neither TLS
// nor authentication.
func (d *Demo) SMTPAddr() string { return d.Mailbox.Addr() }

// Workspace returns the workspace file of the portal.
func (d *Demo) Workspace() []byte { return bytes.Clone(d.config.Workspace) }

// Close stops the mail server.
func (d *Demo) Close() error {
	if err := d.Mailbox.Close(); err != nil {
		return fmt.Errorf("the demonstration's mail server: %w", err)
	}
	return nil
}
