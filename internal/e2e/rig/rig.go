// Package rig runs the built portal in a process of its own, with development
// providers, and has visitors who use it over HTTP as a browser without scripts
// does. The crash tests and the benchmark use it.
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

// Build builds the program into dir and returns its path. A release build is
// static, with the options of the Makefile; any other reuses packages that tests or linters have compiled.
func Build(ctx context.Context, dir string, release bool) (string, error) {
	out := filepath.Join(dir, "myaccess")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", out, "myaccess/cmd/myaccess")
	if release {
		build = exec.CommandContext(ctx, "go", "build", "-trimpath", "-gcflags=myaccess/views/...=-l", "-ldflags=-s -w", "-o",
			out, "myaccess/cmd/myaccess")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the portal: %w\n%s", err, text)
	}
	return out, nil
}

// Config configures a portal.
type Config struct {
	Binary   string
	Database string // as in MYACCESS_DATABASE
	Secret   []byte
	SMTP     string    // host:port of a mail server on a loopback address
	Log      io.Writer // receives the standard error of the process
}

// Portal is a portal process at a fixed address that can be started, stopped
// and killed repeatedly.
type Portal struct {
	Base   string
	config Config
	listen string

	mu  sync.Mutex
	cmd *exec.Cmd
}

// New returns a portal that is not running.
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
		"MYACCESS_TRUSTED_PROXIES=127.0.0.0/8") // each visitor has a rate limit of its own
	cmd.Stderr = p.config.Log
	return cmd
}

// Command runs another command of the program with the same configuration and
// returns its standard output.
func (p *Portal) Command(ctx context.Context, args ...string) (string, error) {
	var out, wrong bytes.Buffer
	cmd := p.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &wrong
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("myaccess %s: %w\n%s", strings.Join(args, " "), err, wrong.String())
	}
	return out.String(), nil
}

// Start runs `myaccess serve` and returns the time until it printed that it is
// ready. The process is killed when ctx ends.
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
		return took, errors.Join(fmt.Errorf("the portal is not ready: it printed %q", said), err, p.Kill())
	}
	return took, nil
}

// PID returns the process id.
func (p *Portal) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// Kill kills the process, as a failing machine does (SIGKILL).
func (p *Portal) Kill() error { return p.signal(os.Kill) }

// Stop interrupts the process and waits until it has ended.
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
