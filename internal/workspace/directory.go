package workspace

import (
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
)

// directoryPath is the path in the file of a field of a directory.
func directoryPath(field string) []any {
	field = strings.TrimPrefix(field, "provider.")
	switch field {
	case "displayName":
		return []any{field}
	case "domain":
		return []any{"domains"}
	}
	return []any{"provider", field}
}

// pathInDirectory is directoryPath for w, the stored form of d, including the faults of
// single domains.
func pathInDirectory(d Directory, w access.Directory) func(field string) []any {
	return func(field string) []any {
		number, ok := strings.CutPrefix(field, "domain.")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n > len(w.Domains) {
			return directoryPath(field)
		}
		i := slices.IndexFunc(d.Domains, func(name string) bool {
			parsed, err := access.ParseDomain(name)
			return err == nil && parsed == w.Domains[n-1]
		})
		return []any{"domains", i}
	}
}

// directory applies a directory.
func (a *apply) directory(at at[Directory]) error {
	d := at.V
	if !a.claimName(at.Line, "directory", "", d.DisplayName) {
		return nil
	}
	stored, known, err := a.storedDirectory(d.DisplayName)
	if err != nil {
		return err
	}
	before := len(a.faults)
	w := stored
	p := d.Provider
	w.Name, w.Issuer, w.ClientID = d.DisplayName, p.Issuer, p.ClientID
	w.AuthStyle, w.HintStyle = access.AuthStyle(or(p.AuthMethod, string(access.AuthBasic))),
		access.HintStyle(or(p.HintParameter, string(access.HintNone)))
	w.TenantClaim, w.TenantValue, w.Scopes, w.ConfirmedHosts = p.TenantClaim, p.TenantValue, p.Scopes, p.ConfirmedHosts
	if w.Scopes == nil {
		w.Scopes = []string{"profile", "email"}
	}
	w.Enabled = d.Enabled == nil || *d.Enabled
	a.secret(&w, at)
	if err := a.domains(&w, at); err != nil {
		return err
	}
	ok, err := save(a, target{at, pathInDirectory(d, w), "directory", w.Name}, !known, stored, w,
		func(w access.Directory) (string, error) {
			w, err := a.ed.SaveInstallationDirectory(a.ctx, w)
			return string(w.ID), err
		})
	for i, f := range a.faults[before:] {
		if strings.HasPrefix(f.Field, "domain.") {
			a.faults[before+i].Field = "domain" // as in the pages' form, which has one domain
		}
	}
	if err != nil || ok && len(a.faults) == before {
		return err
	}
	a.bad[d.DisplayName] = true
	for _, name := range d.Domains {
		a.bad[name] = true
	}
	if ok || known {
		return nil
	}
	return a.directoryStandIn(w)
}

// directoryStandIn saves a valid placeholder for a directory with faults, so that its
// tenant is checked too. Because of the fault nothing is committed.
func (a *apply) directoryStandIn(w access.Directory) error {
	var free []access.Domain
	for _, d := range w.Domains {
		_, taken, err := a.read.TenantDirectoryByDomain(a.ctx, d)
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

func (a *apply) storedDirectory(name string) (access.Directory, bool, error) {
	all, err := a.read.Directories(a.ctx, "")
	for _, s := range all {
		if s.Name == name {
			return s, true, err
		}
	}
	return access.Directory{}, false, err
}

// secret takes the client secret from the file, or from the file that it names. Without
// either the stored secret stays.
func (a *apply) secret(w *access.Directory, at at[Directory]) {
	p := at.V.Provider
	switch {
	case p.ClientSecret != "" && p.ClientSecretFile != "":
		a.faults.add(at.lineOf("provider", "clientSecretFile"), "give clientSecret or clientSecretFile, not both")
	case p.ClientSecret != "":
		w.ClientSecret = p.ClientSecret
	case p.ClientSecretFile != "":
		text, err := a.options.ReadFile(p.ClientSecretFile)
		if err != nil {
			a.faults.add(at.lineOf("provider", "clientSecretFile"), "the client secret cannot be read: %v", err)
			text = []byte("-") // a placeholder, so that it is not reported as missing too
		}
		w.ClientSecret = strings.TrimSpace(string(text))
	}
}

func (a *apply) domains(w *access.Directory, at at[Directory]) error {
	w.Domains = nil
	for i, name := range at.V.Domains {
		d, err := access.ParseDomain(name)
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
