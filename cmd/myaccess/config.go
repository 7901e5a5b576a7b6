package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/store"
)

// config is the configuration.
type config struct {
	listen   string // host:port
	base     string
	database string
	secret   []byte
	smtp     mail.Config
	loopback bool
	network  outbound.Network // for calls to identity providers
	proxies  []*net.IPNet
	rate     float64  // maximum requests per second of one client
	secrets  []string // files that hold secrets
}

// settings reads the settings from the environment or, second, from the file, and
// collects all faults.
type settings struct {
	getenv func(string) string
	file   map[string]string
	used   map[string]bool
	faults configErrors
	// secrets are the files from which secrets were read.
	secrets []string
}

func (s *settings) fault(message access.Message, args ...any) {
	s.faults = append(s.faults, access.Refuse(access.Invalid, message, args...))
}

// faultOf adds an error of a setting, or each of several.
func (s *settings) faultOf(name string, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // errors.Join
		for _, e := range joined.Unwrap() {
			s.faultOf(name, e)
		}
		return
	}
	s.fault("%s: %s", name, err)
}

// configErrors are all errors of the configuration.
type configErrors []*access.Error

// Error returns the errors in English, one per line.
func (es configErrors) Error() string { return errorText(lang.New("en", nil), es) }

// get returns the setting MYACCESS_name, the content of the file that
// MYACCESS_name_FILE names, or def.
func (s *settings) get(name, def string) string {
	name = "MYACCESS_" + name
	s.used[name], s.used[name+"_FILE"] = true, true
	for _, from := range []func(string) string{s.getenv, func(n string) string { return s.file[n] }} {
		if v := from(name); v != "" {
			return v
		}
		if path := from(name + "_FILE"); path != "" {
			text, err := os.ReadFile(path)
			if err != nil {
				s.faultOf(name+"_FILE", err)
			}
			if isSecret(name) {
				s.secrets = append(s.secrets, path)
			}
			return strings.TrimSpace(string(text))
		}
	}
	return def
}

// isSecret reports whether the setting is a secret.
func isSecret(name string) bool {
	return slices.Contains([]string{"MYACCESS_SECRET", "MYACCESS_SMTP_PASSWORD", "MYACCESS_OUTBOUND_PROXY"}, name)
}

// warnExposed logs the files with secrets that other users of this machine can read.
func warnExposed(c config, log *slog.Logger) {
	for _, path := range append(slices.Clone(c.secrets), store.Exposed(c.database)...) {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o044 != 0 {
			log.Warn("other users of this machine can read a file with secrets; set its mode to 0600", "file", path,
				"mode", fmt.Sprintf("%04o", info.Mode().Perm()))
		}
	}
}

// readConfig reads the configuration; its error has all faults, one
// per line.
func readConfig(e *env) (config, error) {
	s := &settings{getenv: e.getenv, file: map[string]string{}, used: map[string]bool{}}
	if e.file != "" {
		s.load(e.file)
	}
	c := config{
		listen:   s.get("LISTEN", "127.0.0.1:8080"),
		base:     strings.TrimSuffix(s.get("BASE_URL", ""), "/"),
		database: s.get("DATABASE", ""),
		loopback: s.boolean("ALLOW_LOOPBACK_ISSUERS"),
	}
	if c.database == "" {
		s.fault("MYACCESS_DATABASE is required. Set it to the path of an SQLite file or to a postgres:// address.")
	}
	if _, port, err := net.SplitHostPort(c.listen); err != nil {
		s.fault("MYACCESS_LISTEN must be host:port. %s", err)
	} else if _, err := net.DefaultResolver.LookupPort(e.ctx, "tcp", port); err != nil {
		s.fault("MYACCESS_LISTEN: “%s” isn't a port.", port)
	}
	if _, err := signin.New(signin.Config{Base: c.base, Now: time.Now}); err != nil {
		s.faultOf("MYACCESS_BASE_URL", err)
	}
	c.network = s.network(c.loopback)
	c.secret = s.secret()
	c.proxies = s.networks("TRUSTED_PROXIES")
	c.rate = s.rate()
	c.smtp = s.mail()
	c.secrets = s.secrets
	for name := range s.file {
		if !s.used[name] {
			s.fault("%s: There's no such setting.", name)
		}
	}
	if len(s.faults) > 0 {
		return c, s.faults
	}
	return c, nil
}

// load reads a file with lines NAME=value.
func (s *settings) load(name string) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		s.fault("The settings file can't be read: %s", err)
		return
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			s.fault("%s, line %d: Write NAME=value.", name, n)
			continue
		}
		key = strings.TrimSpace(key)
		s.file[key] = strings.Trim(strings.TrimSpace(value), `"`)
		if (isSecret(key) || key == "MYACCESS_DATABASE" && strings.Contains(value, "://")) &&
			!slices.Contains(s.secrets, name) {
			s.secrets = append(s.secrets, name)
		}
	}
	if err := lines.Err(); err != nil {
		s.fault("The settings file can't be read: %s", err)
	}
}

// boolean returns the setting MYACCESS_name; false if it is not set.
func (s *settings) boolean(name string) bool {
	switch v := s.get(name, "false"); v {
	case "true":
		return true
	case "false":
	default:
		s.fault("MYACCESS_%s must be true or false, not “%s”.", name, v)
	}
	return false
}

// secret returns the installation's secret.
func (s *settings) secret() []byte {
	text := s.get("SECRET", "")
	key, err := base64.StdEncoding.DecodeString(text)
	if text == "" || err != nil || len(key) < 32 {
		s.fault("MYACCESS_SECRET must be at least 32 random bytes in base64, for example from `openssl rand -base64 32`.")
	}
	return key
}

// networks returns the setting MYACCESS_name, a list separated by commas or spaces.
func (s *settings) networks(name string) []*net.IPNet {
	var all []*net.IPNet
	for _, text := range strings.Fields(strings.ReplaceAll(s.get(name, ""), ",", " ")) {
		_, n, err := net.ParseCIDR(text)
		if err != nil {
			s.fault("MYACCESS_%s: “%s” isn't a network such as 10.0.0.0/8.", name, text)
			continue
		}
		all = append(all, n)
	}
	return all
}

// network returns the settings of outbound calls.
func (s *settings) network(loopback bool) outbound.Network {
	n := outbound.Network{AllowLoopback: loopback, Proxy: s.proxy()}
	for _, text := range strings.Fields(strings.ReplaceAll(s.get("INTERNAL_NETWORKS", ""), ",", " ")) {
		if err := n.Add(text); err != nil {
			s.faultOf("MYACCESS_INTERNAL_NETWORKS", err)
		}
	}
	if pem := s.get("CA_CERTIFICATES", ""); pem != "" {
		roots, err := outbound.RootsWith([]byte(pem))
		if err != nil {
			s.faultOf("MYACCESS_CA_CERTIFICATES", err)
		}
		n.Roots = roots
	}
	return n
}

// proxy returns the proxy of outbound calls; nil if there is none. No fault has its address,
// which can have a password.
func (s *settings) proxy() *url.URL {
	text := s.get("OUTBOUND_PROXY", "")
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil {
		u = &url.URL{} // err contains the address
	}
	if err := outbound.CheckProxy(u); err != nil {
		s.faultOf("MYACCESS_OUTBOUND_PROXY", err)
	}
	return u
}

// rate returns the maximum number of requests per second of one client.
func (s *settings) rate() float64 {
	text := s.get("RATE", "40")
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 1 || n > 100_000 {
		s.fault("MYACCESS_RATE must be a number from 1 to 100000, not “%s”.", text)
	}
	return n
}

// mail returns the settings of the mail server.
func (s *settings) mail() mail.Config {
	c := mail.Config{Addr: s.get("SMTP_ADDR", ""), From: s.get("SMTP_FROM", ""), FromName: s.get("SMTP_FROM_NAME",
		"MyAccess"),
		User: s.get("SMTP_USER", ""), Password: s.get("SMTP_PASSWORD", ""),
		TLS: mail.TLS(s.get("SMTP_TLS", string(mail.TLSStart))), Now: time.Now}
	if _, err := mail.NewSMTP(c); err != nil {
		s.faultOf("MYACCESS_SMTP_…", err)
	}
	return c
}

// checkConfigCmd is the command check-config.
type checkConfigCmd struct{}

// Run implements the command.
func (checkConfigCmd) Run(e *env) error {
	c, err := readConfig(e)
	if c.database != "" {
		err = errors.Join(err, store.Check(e.ctx, store.Config{Address: c.database, Key: c.secret}))
	}
	if err != nil {
		return err
	}
	warnExposed(c, slog.New(slog.NewTextHandler(e.err, nil)))
	return e.println(e.p.T("The configuration is valid."))
}
