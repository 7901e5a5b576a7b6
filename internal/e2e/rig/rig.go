// Package rig runs the built portal as a process of its own, with development
// providers to sign in at, and has people who use it over HTTP as a browser
// without scripts does. The tests that kill portals and the one that measures
// them stand on it.
package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Build builds the program into dir and returns its path. A release is static;
// otherwise packages that tests or linters have compiled already are used again.
func Build(ctx context.Context, dir string, release bool) (string, error) {
	out := filepath.Join(dir, "myaccess")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", out, "myaccess/cmd/myaccess")
	if release {
		build = exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "myaccess/cmd/myaccess")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the portal: %w\n%s", err, text)
	}
	return out, nil
}

// Config says how a portal is run.
type Config struct {
	Binary   string
	Database string // as in MYACCESS_DATABASE
	Secret   []byte
	SMTP     string    // host:port of a mail server on a loopback address
	Log      io.Writer // takes what the process says on standard error
}

// Portal is a portal that can be started, ended, killed and started again, at
// one address.
type Portal struct {
	Base   string
	config Config
	listen string

	mu  sync.Mutex
	cmd *exec.Cmd
}

// New returns a portal that does not run yet.
func New(ctx context.Context, c Config) (*Portal, error) {
	l, err := Listen(ctx)
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	return &Portal{Base: "http://" + address, config: c, listen: address}, l.Close()
}

func (p *Portal) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.config.Binary, args...)
	cmd.Env = append(os.Environ(),
		"MYACCESS_LISTEN="+p.listen, "MYACCESS_BASE_URL="+p.Base, "MYACCESS_DATABASE="+p.config.Database,
		"MYACCESS_SECRET="+base64.StdEncoding.EncodeToString(p.config.Secret),
		"MYACCESS_SMTP_ADDR="+p.config.SMTP, "MYACCESS_SMTP_FROM=portal@meridian.example", "MYACCESS_SMTP_TLS=none",
		"MYACCESS_ALLOW_LOOPBACK_ISSUERS=true",
		"MYACCESS_TRUSTED_PROXIES=127.0.0.0/8") // every visitor counts as a client of its own
	cmd.Stderr = p.config.Log
	return cmd
}

// Command runs another command of the program over the same configuration and
// returns what it prints.
func (p *Portal) Command(ctx context.Context, args ...string) (string, error) {
	var out, wrong bytes.Buffer
	cmd := p.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &wrong
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("myaccess %s: %w\n%s", strings.Join(args, " "), err, wrong.String())
	}
	return out.String(), nil
}

// Start starts `myaccess serve` and returns the time until it printed that it is
// ready. The process is killed when ctx ends, if nothing else ends it.
func (p *Portal) Start(ctx context.Context) (time.Duration, error) {
	cmd := p.command(ctx, "serve")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.cmd = cmd
	p.mu.Unlock()
	said, err := bufio.NewReader(out).ReadString('\n')
	took := time.Since(begun)
	if err != nil || !strings.Contains(said, "is ready") {
		return took, errors.Join(fmt.Errorf("the portal did not get ready: it said %q", said), err, p.Kill())
	}
	return took, nil
}

// PID is the process's id.
func (p *Portal) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// Kill ends the process as a failing machine does, without a word.
func (p *Portal) Kill() error { return p.signal(os.Kill) }

// Stop asks the process to end and waits until it has.
func (p *Portal) Stop() error { return p.signal(os.Interrupt) }

func (p *Portal) signal(how os.Signal) error {
	p.mu.Lock()
	cmd := p.cmd
	p.cmd = nil
	p.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Signal(how); err != nil {
		return err
	}
	err := cmd.Wait()
	if _, ended := errors.AsType[*exec.ExitError](err); ended && how == os.Kill {
		return nil
	}
	return err
}
