package workspace

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// directoryPath is the path in the file of a field of a directory.
func directoryPath(field string) []any {
	field = strings.TrimPrefix(field, "provider.")
	switch field {
	case "displayName":
		return []any{field}
	case "domain", "domains":
		return []any{"domains"}
	case "successor":
		return []any{"replacedBy"}
	}
	if guest, ok := strings.CutPrefix(field, "guest"); ok {
		return []any{"provider", "guestRule", strings.ToLower(guest)}
	}
	return []any{"provider", field}
}

// pathInDirectory is directoryPath for w, the stored form of d, including the faults of
// single domains.
func pathInDirectory(d Directory, w access.Directory) func(field string) []any {
	return func(field string) []any {
		if number, ok := strings.CutPrefix(strings.TrimPrefix(field, "provider."), "unverified."); ok {
			if n, err := strconv.Atoi(number); err == nil {
				return []any{"unverifiedDomains", n - 1, "domain"}
			}
		}
		number, ok := strings.CutPrefix(field, "domain.")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n > len(w.Domains) {
			return directoryPath(field)
		}
		i := slices.IndexFunc(d.Domains, func(name string) bool {
			parsed, err := parseDomain(name)
			return err == nil && parsed == w.Domains[n-1]
		})
		return []any{"domains", i}
	}
}

// directory applies a directory of the installation.
func (a *apply) directory(at at[Directory]) error {
	d := at.V
	if !a.claim(at.Line, "directory", "", d.DisplayName, d.DisplayName) {
		return nil
	}
	stored, known, err := a.storedDirectory("", at)
	if err != nil {
		return err
	}
	before := len(a.faults)
	if enum(d.Type, access.DirectoryOpenID) != access.DirectoryOpenID && d.Type != "" {
		a.faults.add(at.lineOf("type"), "A directory of the installation must be of the type openid.")
	}
	if len(d.Unverified) > 0 {
		a.faults.add(at.lineOf("unverifiedDomains"), "A directory of the installation can't have unverified domains.")
	}
	if d.ReplacedBy != nil {
		a.faults.add(at.lineOf("replacedBy"), "Use replacedBy only for a tenant's passcode directories.")
	}
	w, err := a.wantedDirectory(at, stored)
	if err != nil {
		return err
	}
	ok, err := save(a, target{at, pathInDirectory(d, w), "directory", w.Name}, !known, stored, w,
		func(w access.Directory) (string, error) {
			w, err := a.ed.SaveInstallationDirectory(a.ctx, w)
			a.saved(w, err)
			if err == nil && d.ID != "" {
				a.directories[d.ID] = w.ID
			}
			return string(w.ID), err
		})
	if err = a.directorySaved(at, before, err); err != nil || ok && len(a.faults) == before {
		return err
	}
	if ok || known {
		return nil
	}
	return a.directoryStandIn(w)
}

// directorySaved marks the names of a directory that has had faults since there were before
// of them.
func (a *apply) directorySaved(at at[Directory], before int, err error) error {
	for i, f := range a.faults[before:] {
		if strings.HasPrefix(f.Field, "domain.") || strings.HasPrefix(f.Field, "unverified.") {
			a.faults[before+i].Field = "domain" // as in the pages' form, which has one domain
		}
	}
	if err != nil || len(a.faults) == before {
		return err
	}
	a.bad[at.V.DisplayName], a.bad[or(at.V.ID, at.V.DisplayName)] = true, true
	for _, name := range at.V.Domains {
		a.bad[name] = true
	}
	return nil
}

// saved notes a provider that was added or changed without a refusal.
func (a *apply) saved(d access.Directory, err error) {
	if err == nil && d.Kind == access.DirectoryOpenID {
		a.providers = append(a.providers, d)
	}
}

// tenantDirectories applies the tenant's own directories.
//
// Providers come first: their domains replace passcodes, or return to them.
func (s *scope) tenantDirectories(t Tenant) error {
	order := func(d at[Directory]) int {
		switch {
		case d.V.ReplacedBy != nil:
			return 2
		case enum(d.V.Type, access.DirectoryPasscode) == access.DirectoryPasscode:
			return 1
		}
		return 0
	}
	all := slices.Clone(t.Directories)
	slices.SortStableFunc(all, func(a, b at[Directory]) int { return cmp.Compare(order(a), order(b)) })
	for _, d := range all {
		if err := s.tenantDirectory(d); err != nil {
			return err
		}
	}
	return nil
}

// namesakeOf reports whether the stored directory only has the name of the provider: it is
// that of the passcodes which the provider replaces.
func namesakeOf(d Directory, kind access.DirectoryKind, stored access.Directory) bool {
	if d.ID != "" || kind != access.DirectoryOpenID || stored.Kind != access.DirectoryPasscode {
		return false
	}
	names := slices.Clone(d.Domains)
	for _, u := range d.Unverified {
		names = append(names, u.V.Domain)
	}
	return slices.ContainsFunc(names, func(name string) bool {
		parsed, err := parseDomain(name)
		return err == nil && stored.Holds(parsed)
	})
}

func (s *scope) tenantDirectory(at at[Directory]) error {
	d := at.V
	if !s.claim(at.Line, "directory", string(s.tenant.ID), d.DisplayName, d.DisplayName) {
		return nil
	}
	stored, known, err := s.storedDirectory(s.tenant.ID, at)
	if err != nil {
		return err
	}
	before := len(s.faults)
	kind := enum(or(d.Type, string(access.DirectoryOpenID)), access.DirectoryOpenID, access.DirectoryPasscode)
	if kind != access.DirectoryOpenID && kind != access.DirectoryPasscode {
		s.faults.add(at.lineOf("type"), "The type must be openid or passcode.")
		kind = access.DirectoryOpenID
	} else if known && namesakeOf(d, kind, stored) {
		stored, known = access.Directory{}, false
	} else if known && kind != stored.Kind {
		s.faults.add(at.lineOf("type"), "“%s” is a directory of the type %s. The type can't be changed.", d.DisplayName,
			stored.Kind)
	}
	w, err := s.wantedDirectory(at, stored)
	if err != nil {
		return err
	}
	w.Owner, w.Kind = s.tenant.ID, kind
	if kind == access.DirectoryPasscode {
		w = access.Directory{ID: w.ID, Owner: w.Owner, Kind: kind, Name: w.Name, AuthStyle: access.AuthNone,
			HintStyle: access.HintNone, Domains: w.Domains, DomainClaims: w.DomainClaims, Enabled: w.Enabled, Version: w.Version}
	}
	if ok, err := s.successor(&w, at); err != nil || !ok {
		return err
	}
	_, err = save(s.apply, target{at, pathInDirectory(d, w), "directory", w.Name}, !known, stored, w,
		func(w access.Directory) (string, error) {
			w, err := s.ed.SaveTenantDirectory(s.ctx, w)
			s.saved(w, err)
			stored = w
			return string(w.ID), err
		})
	s.ownDirectories[stored.ID] = true
	if d.ID != "" && stored.ID != "" {
		s.directories[d.ID] = stored.ID
	}
	return s.directorySaved(at, before, err)
}

// successor sets the provider that has replaced the passcode directory. ok is false, with a
// fault, if it is unknown.
func (s *scope) successor(w *access.Directory, at at[Directory]) (ok bool, err error) {
	w.Successor, w.FormerDomain = "", ""
	r := at.V.ReplacedBy
	if r == nil {
		return true, nil
	}
	before := len(s.faults)
	if w.Kind != access.DirectoryPasscode {
		s.faults.add(at.lineOf("replacedBy"), "Use replacedBy only for a tenant's passcode directories.")
	}
	to, err := s.directoryNamed(r.Directory, at.lineOf("replacedBy", "directory"))
	if err != nil {
		return false, err
	}
	name, err := parseDomain(r.Domain)
	_, err = s.addFaults(at, func(string) []any { return []any{"replacedBy", "domain"} }, err)
	w.Successor, w.FormerDomain = to.ID, name
	return to.ID != "" && len(s.faults) == before, err
}

// wantedDirectory is the stored directory with the values of the file.
func (a *apply) wantedDirectory(at at[Directory], stored access.Directory) (access.Directory, error) {
	d, w := at.V, stored
	p := d.Provider
	if w.ID == "" {
		w.ID = access.DirectoryID(d.ID)
	}
	w.Name, w.Issuer, w.ClientID = d.DisplayName, p.Issuer, p.ClientID
	w.AuthStyle = enum(or(p.AuthMethod, string(access.AuthBasic)), access.AuthBasic, access.AuthPost, access.AuthNone)
	w.HintStyle = enum(or(p.HintParameter, string(access.HintNone)), access.HintStyles()...)
	w.HintValue = p.HintValue
	if values := hintValues(p); len(values) > 0 || len(stored.HintValues) > 0 {
		w.HintValues = values
	}
	w.TenantClaim, w.TenantValue, w.Scopes, w.ConfirmedHosts = p.TenantClaim, p.TenantValue, p.Scopes, p.ConfirmedHosts
	if p.TrustAddresses != nil {
		w.TrustAddresses = *p.TrustAddresses
	}
	if p.EmailClaim != nil {
		w.EmailClaim = *p.EmailClaim
	}
	if p.NameClaim != nil {
		w.NameClaim = *p.NameClaim
	}
	if p.GuestRule != nil {
		w.GuestClaim, w.GuestValues = p.GuestRule.Claim, p.GuestRule.Values
	}
	if w.Scopes == nil {
		w.Scopes = []string{"profile", "email"}
	}
	w.Enabled = d.Enabled == nil || *d.Enabled
	a.secret(&w, at)
	err := a.domains(&w, at)
	if err == nil {
		err = a.claims(&w, stored, at)
	}
	return w, err
}

// hintValues are the values of the domain hint by domain; nil if there are none. A name that
// is no domain stays as it is, and is refused.
func hintValues(p Provider) map[access.Domain]string {
	var all map[access.Domain]string
	for name, value := range p.HintValues {
		d, err := parseDomain(name)
		if err != nil {
			d = access.Domain(name)
		}
		if all == nil {
			all = map[access.Domain]string{}
		}
		all[d] = value
	}
	return all
}

// claims sets the domains that are not verified. One without a token keeps the stored one.
func (a *apply) claims(w *access.Directory, stored access.Directory, at at[Directory]) error {
	w.DomainClaims = nil
	for i, u := range at.V.Unverified {
		name, err := access.ParseDomain(u.V.Domain)
		ok, err := a.addFaults(at, func(string) []any { return []any{"unverifiedDomains", i, "domain"} }, err)
		if err != nil {
			return err
		}
		if !ok || slices.ContainsFunc(w.DomainClaims, func(c access.DomainClaim) bool { return c.Domain == name }) {
			continue
		}
		c := access.DomainClaim{Domain: name, Token: u.V.Token}
		if had, err := stored.DomainClaim(name); err == nil && c.Token == "" {
			c.Token = had.Token
		}
		w.DomainClaims = append(w.DomainClaims, c)
	}
	return nil
}

// parseDomain returns the domain with the name: in canonical form, or with characters
// that are not ASCII, as people write it.
func parseDomain(name string) (access.Domain, error) {
	d, err := access.ParseDomain(name)
	if err == nil || !strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return d, err
	}
	if address, ok := mailaddr.Parse("x@" + name); ok {
		return address.Domain(), nil
	}
	return d, err
}

// directoryStandIn saves a valid placeholder for a directory with faults, so that its
// tenant is checked too. Because of the fault nothing is committed.
func (a *apply) directoryStandIn(w access.Directory) error {
	var free []access.Domain
	for _, d := range w.Domains {
		_, taken, err := a.read.TenantProviderByDomain(a.ctx, d)
		if err != nil {
			return err
		}
		_, err = a.read.DirectoryByDomain(a.ctx, "", d)
		if notFound(err) && !taken {
			free = append(free, d)
		} else if err != nil && !notFound(err) {
			return err
		}
	}
	if len(free) == 0 {
		free = []access.Domain{access.Domain("stand-in" + strings.Repeat("x", len(a.bad)) + ".invalid")}
	}
	_, err := a.ed.SaveInstallationDirectory(a.ctx, access.Directory{Name: w.Name, Domains: free,
		Issuer: "https://stand-in.invalid", ClientID: "-", AuthStyle: access.AuthNone, HintStyle: access.HintNone,
		Scopes: []string{"profile"}, Enabled: true})
	return ignoreRefusal(err)
}

// ignoreRefusal returns nil for a refusal, and any other error unchanged.
func ignoreRefusal(err error) error {
	if kind := access.KindOf(err); kind == access.Invalid || kind == access.Conflict || kind == access.NotFound {
		return nil
	}
	return err
}

// storedDirectory is the directory of the owner that a file describes: that with its id, or
// with its name.
func (a *apply) storedDirectory(owner access.TenantID, at at[Directory]) (d access.Directory, known bool, err error) {
	if at.V.ID != "" {
		if !isID(at.V.ID) {
			a.faults.add(at.lineOf("id"), "“%s” isn't a valid ID.", shorten(at.V.ID))
			return d, false, nil
		}
		d, err = a.read.Directory(a.ctx, access.DirectoryID(at.V.ID))
		if known = err == nil && d.Owner == owner; known {
			return d, true, nil
		}
		if err != nil && !notFound(err) {
			return d, false, err
		}
	}
	d, known, err = a.namedDirectory(owner, at.V.DisplayName)
	if known && at.V.ID != "" {
		a.directories[at.V.ID] = d.ID
	}
	return d, known, err
}

// namedDirectory is the directory of the owner with the name.
func (a *apply) namedDirectory(owner access.TenantID, name string) (d access.Directory, known bool, err error) {
	id, known, err := a.read.DirectoryNamed(a.ctx, owner, name)
	if err != nil || !known {
		return d, false, err
	}
	d, err = a.read.Directory(a.ctx, id)
	return d, err == nil, err
}

// isID reports whether a text has the form of an id.
func isID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// secret takes the client secret from the file, or from the file that it names. Without
// either the stored secret stays.
func (a *apply) secret(w *access.Directory, at at[Directory]) {
	p := at.V.Provider
	switch {
	case p.ClientSecret != "" && p.ClientSecretFile != "":
		a.faults.add(at.lineOf("provider", "clientSecretFile"), "Use clientSecret or clientSecretFile, not both.")
	case p.ClientSecret != "":
		w.ClientSecret = p.ClientSecret
	case p.ClientSecretFile != "":
		text, err := a.options.ReadFile(p.ClientSecretFile)
		if err != nil {
			a.faults.add(at.lineOf("provider", "clientSecretFile"), "The client secret can't be read: %s", err)
			text = []byte("-") // a placeholder, so that it is not reported as missing too
		}
		w.ClientSecret = strings.TrimSpace(string(text))
	}
}

func (a *apply) domains(w *access.Directory, at at[Directory]) error {
	w.Domains = nil
	for i, name := range at.V.Domains {
		d, err := parseDomain(name)
		ok, err := a.addFaults(at, func(string) []any { return []any{"domains", i} }, err)
		if err != nil {
			return err
		}
		if ok && !slices.Contains(w.Domains, d) {
			w.Domains = append(w.Domains, d)
		}
	}
	return nil
}
