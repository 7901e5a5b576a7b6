package workspace

import (
	"slices"
	"strings"

	"myaccess/internal/access"
)

// directory makes a directory so.
func (a *apply) directory(d Directory, line int) error {
	if !a.once(line, "directory", "", d.DisplayName) {
		return nil
	}
	faults := len(a.faults)
	stored, fresh, err := a.storedDirectory(d)
	if err != nil {
		return err
	}
	w := stored
	if fresh {
		w.ID, w.Kind = access.DirectoryID(a.tx.NewID()), access.DirectoryOpenID
	}
	p := d.Provider
	w.Name, w.Issuer, w.ClientID = d.DisplayName, p.Issuer, p.ClientID
	w.AuthStyle, w.HintStyle = access.AuthStyle(or(p.AuthMethod, string(access.AuthBasic))),
		access.HintStyle(or(p.HintParameter, string(access.HintNone)))
	w.TenantClaim, w.TenantValue, w.Scopes, w.ConfirmedHosts = p.TenantClaim, p.TenantValue, p.Scopes, p.ConfirmedHosts
	if w.Scopes == nil {
		w.Scopes = []string{"profile", "email"}
	}
	w.Enabled = d.Enabled == nil || *d.Enabled
	a.secret(&w, p, line)
	if err := a.domains(&w, d.Domains, line); err != nil {
		return err
	}
	if before := len(a.faults); !a.judge(line, a.checkDirectory(w)) || before > faults {
		a.bad[d.DisplayName] = true
		for _, name := range d.Domains {
			a.bad[name] = true
		}
		return a.standIn(w, fresh)
	}
	return put(a, thing{line: line, kind: "directory", id: string(w.ID), name: w.Name}, fresh, stored, w,
		func() error { return a.tx.SaveDirectory(a.ctx, w, access.VerifiedByOperator) })
}

// standIn puts a sound directory where one at fault would be, so that what the
// file says of its tenant can be judged too. With a fault nothing is committed.
func (a *apply) standIn(w access.Directory, fresh bool) error {
	if named := checkDirectoryName(w.Name) == nil; !fresh || !named {
		return nil
	}
	var domains []access.Domain
	for _, d := range w.Domains {
		if _, err := a.tx.DirectoryByDomain(a.ctx, "", d); access.KindOf(err) == access.NotFound && err != nil {
			domains = append(domains, d)
		} else if err != nil {
			return err
		}
	}
	return a.tx.SaveDirectory(a.ctx, access.Directory{ID: w.ID, Kind: w.Kind, Name: w.Name, Domains: domains,
		Issuer:   "https://stand-in.invalid",
		ClientID: "-", AuthStyle: access.AuthNone, HintStyle: access.HintNone}, access.VerifiedByOperator)
}

func (a *apply) storedDirectory(d Directory) (access.Directory, bool, error) {
	all, err := a.tx.Directories(a.ctx, "")
	for _, s := range all {
		if s.Name == d.DisplayName {
			return s, false, err
		}
	}
	return access.Directory{}, true, err
}

// secret takes the client's secret from the file, or from the file that it
// names; if neither is given, the stored one stays.
func (a *apply) secret(w *access.Directory, p Provider, line int) {
	switch {
	case p.ClientSecret != "" && p.ClientSecretFile != "":
		a.faults.add(line, "give clientSecret or clientSecretFile, not both")
	case p.ClientSecret != "":
		w.ClientSecret = p.ClientSecret
	case p.ClientSecretFile != "":
		text, err := a.options.ReadFile(p.ClientSecretFile)
		if err != nil {
			a.faults.add(line, "the client secret cannot be read: %v", err)
		}
		w.ClientSecret = strings.TrimSpace(string(text))
	}
}

func (a *apply) domains(w *access.Directory, names []string, line int) error {
	w.Domains = nil
	for _, name := range names {
		d, err := access.ParseDomain(name)
		if !a.judge(line, err) {
			continue
		}
		owner, err := a.tx.DirectoryByDomain(a.ctx, "", d)
		switch {
		case err != nil && access.KindOf(err) != access.NotFound:
			return err
		case err == nil && owner.ID != w.ID:
			a.faults.add(line, "the domain %s belongs to the directory “%s”", name, owner.Name)
		}
		if !slices.Contains(w.Domains, d) {
			w.Domains = append(w.Domains, d)
		}
	}
	return nil
}

// checkDirectory finds what is wrong with a directory.
func (a *apply) checkDirectory(d access.Directory) error {
	var es access.Errors
	if len(d.Domains) == 0 {
		es.Add(access.Invalidf("domains", "A directory needs a domain."))
	}
	es.Add(d.Check(a.options.AllowLoopback))
	return es.Err()
}

func checkDirectoryName(name string) error {
	if strings.TrimSpace(name) == "" || len([]rune(name)) > access.MaxNameLength {
		return access.Invalidf("displayName", "A directory needs a name of at most %d characters.", access.MaxNameLength)
	}
	return nil
}

// or is s, or def if it is empty.
func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
