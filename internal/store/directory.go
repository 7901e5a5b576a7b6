package store

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/sqlq"
)

func (r *Reader) directoryColumns(d *access.Directory) []column {
	return []column{
		{"dir.id", &d.ID},
		{"dir.owner_id", &d.Owner},
		{"dir.kind", &d.Kind},
		{"dir.name", &d.Name},
		{"dir.issuer", &d.Issuer},
		{"dir.client_id", &d.ClientID},
		{"dir.client_secret", scanSecret{r, &d.ClientSecret, func() string { return "directory " + string(d.ID) }}},
		{"dir.auth_style", &d.AuthStyle},
		{"dir.hint_style", &d.HintStyle},
		{"dir.hint_value", &d.HintValue},
		{"dir.hint_values", jsonValue{&d.HintValues}},
		{"dir.tenant_claim", &d.TenantClaim},
		{"dir.tenant_value", &d.TenantValue},
		{"dir.scopes", scanWords[string]{&d.Scopes}},
		{"dir.confirmed_hosts", scanWords[string]{&d.ConfirmedHosts}},
		{"dir.trust_addresses", &d.TrustAddresses},
		{"dir.email_claim", &d.EmailClaim},
		{"dir.name_claim", &d.NameClaim},
		{"dir.guest_claim", &d.GuestClaim},
		{"dir.guest_values", jsonValue{&d.GuestValues}},
		{"COALESCE(dir.successor_id, '')", &d.Successor},
		{"dir.former_domain", &d.FormerDomain},
		{"dir.enabled", &d.Enabled},
		{"dir.version", &d.Version},
	}
}

// Directory is the directory with the id.
func (r *Reader) Directory(ctx context.Context, id access.DirectoryID) (access.Directory, error) {
	d, err := queryOne(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory dir WHERE dir.id = $1`, id)
	if err != nil {
		return d, err
	}
	all := []access.Directory{d}
	err = r.completeDirectories(ctx, all)
	return all[0], err
}

// DirectoriesByID returns the directories with the ids. Those that do not exist
// are missing.
func (r *Reader) DirectoriesByID(ctx context.Context,
	ids []access.DirectoryID) (map[access.DirectoryID]access.Directory, error) {
	found, err := queryBlocks(ctx, r, r.directoryColumns, ids, func(a *sqlq.Args, block []access.DirectoryID) string {
		return `SELECT {columns} FROM directory dir WHERE dir.id IN ` + sqlq.In(a, block)
	})
	if err == nil {
		err = r.completeDirectories(ctx, found)
	}
	all := make(map[access.DirectoryID]access.Directory, len(found))
	for _, d := range found {
		all[d.ID] = d
	}
	return all, err
}

// DirectoryName is the name of the directory with the id.
func (r *Reader) DirectoryName(ctx context.Context, id access.DirectoryID) (string, error) {
	if v := r.visit; v != nil && v.session.Account.Directory == id {
		return v.directory, nil
	}
	type known struct{ access.DirectoryID }
	return sqldb.Cached(r.cache, known{id}, func() (string, error) {
		return queryOne(ctx, r, value[string], `SELECT name FROM directory WHERE id = $1`, id)
	})
}

// DirectoryNamed is the tenant's own directory with the name; ok is false if
// there is none.
func (r *Reader) DirectoryNamed(ctx context.Context, t access.TenantID,
	name string) (id access.DirectoryID, ok bool, err error) {
	return queryOptional(ctx, r, value[access.DirectoryID], `SELECT id FROM directory WHERE owner_id = $1 AND name = $2`,
		t, name)
}

// DirectoryByDomain is the directory with the verified domain, among those of
// the installation and of the tenant; without a tenant, of the installation
// only.
func (r *Reader) DirectoryByDomain(ctx context.Context, t access.TenantID,
	name access.Domain) (access.Directory, error) {
	id, err := queryOne(ctx, r, value[access.DirectoryID], `SELECT directory_id FROM directory_domain
		WHERE scope IN ('', $1) AND name = $2 AND proof <> 'pending' ORDER BY scope DESC`, t, name)
	if err != nil {
		return access.Directory{}, err
	}
	return r.Directory(ctx, id)
}

// TenantProviderByDomain is a provider that some tenant keeps itself and for which the
// domain is verified; ok is false if there is none.
func (r *Reader) TenantProviderByDomain(ctx context.Context,
	name access.Domain) (d access.Directory, ok bool, err error) {
	id, ok, err := queryOptional(ctx, r, value[access.DirectoryID], `SELECT dom.directory_id FROM directory_domain dom
		JOIN directory dir ON dir.id = dom.directory_id AND dir.kind = 'openid'
		WHERE dom.scope <> '' AND dom.name = $1 AND dom.proof <> 'pending' ORDER BY dom.scope LIMIT 1`, name)
	if ok {
		d, err = r.Directory(ctx, id)
	}
	return d, ok && err == nil, err
}

// DirectoryWithPendingDomain is the tenant's own directory for which the domain
// is to be verified; ok is false if there is none.
func (r *Reader) DirectoryWithPendingDomain(ctx context.Context, t access.TenantID,
	name access.Domain) (d access.Directory, ok bool, err error) {
	id, ok, err := queryOptional(ctx, r, value[access.DirectoryID],
		`SELECT directory_id FROM directory_domain WHERE scope = $1 AND name = $2 AND proof = 'pending'`, t, name)
	if ok {
		d, err = r.Directory(ctx, id)
	}
	return d, ok && err == nil, err
}

// Directories are the directories of the installation and of the tenant, by
// name. The tenant may be empty.
func (r *Reader) Directories(ctx context.Context, t access.TenantID) ([]access.Directory, error) {
	all, err := queryAll(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory dir WHERE dir.owner_id IN ('', $1)
		ORDER BY dir.name, dir.id`, t)
	if err == nil {
		err = r.completeDirectories(ctx, all)
	}
	return all, err
}

// completeDirectories adds the domains, verified and claimed.
func (r *Reader) completeDirectories(ctx context.Context, all []access.Directory) error {
	type line struct {
		directory access.DirectoryID
		domain    access.DomainClaim
		pending   bool
	}
	ids, at := make([]access.DirectoryID, len(all)), map[access.DirectoryID]*access.Directory{}
	for i := range all {
		ids[i], at[all[i].ID] = all[i].ID, &all[i]
	}
	found, err := queryBlocks(ctx, r, func(l *line) []column {
		return []column{
			{"directory_id", &l.directory},
			{"name", &l.domain.Domain},
			{"token", &l.domain.Token},
			{"proof = 'pending'", &l.pending},
		}
	}, ids, func(a *sqlq.Args, block []access.DirectoryID) string {
		return `SELECT {columns} FROM directory_domain WHERE directory_id IN ` + sqlq.In(a, block) +
			` ORDER BY directory_id, position`
	})
	for _, l := range found {
		if d := at[l.directory]; l.pending {
			d.DomainClaims = append(d.DomainClaims, l.domain)
		} else {
			d.Domains = append(d.Domains, l.domain.Domain)
		}
	}
	return err
}

// DirectoryFilter narrows a list of directories; zero fields narrow nothing.
type DirectoryFilter struct {
	Kind    access.DirectoryKind
	Enabled Flag
}

// DirectoryList is the list of the tenant's own directories with their domains,
// by "name" or "age".
func (r *Reader) DirectoryList(ctx context.Context, t access.TenantID,
	q ListQuery[DirectoryFilter]) (ListPage[access.Directory], error) {
	found, err := page(ctx, r, listing[access.Directory]{
		columns: r.directoryColumns, base: `directory dir`, tenant: `dir.owner_id`, id: `dir.id`, kind: wordsOfDirectory,
		orders: []order{{"name", `dir.name`, false}, {"age", `dir.id`, false}},
		where: func(a *sqlq.Args) string {
			return equal(a, `dir.kind`, q.Filter.Kind) + q.Filter.Enabled.where(`dir.enabled`)
		},
	}, t, q.paging())
	if err == nil {
		err = r.completeDirectories(ctx, found.Rows)
	}
	return found, err
}

// WalkDirectories walks DirectoryList.
func (r *Reader) WalkDirectories(ctx context.Context, t access.TenantID, q ListQuery[DirectoryFilter],
	f func(access.Directory) error) error {
	return walk(ctx, t, q, r.DirectoryList, f)
}

// HasAccounts reports whether anyone has signed in at the directory.
func (r *Reader) HasAccounts(ctx context.Context, id access.DirectoryID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.AccountID], `SELECT id FROM account WHERE directory_id = $1 LIMIT 1`,
		id)
	return ok, err
}

// HasPeople reports whether the tenant has people of the directory, or some who were
// carried over from it.
func (r *Reader) HasPeople(ctx context.Context, t access.TenantID, id access.DirectoryID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.PersonID], `SELECT ids.id FROM (
			SELECT per.id FROM person per WHERE per.tenant_id = $1 AND per.directory_id = $2
			UNION ALL SELECT per2.id FROM person per2 WHERE per2.tenant_id = $1 AND per2.carried_from = $2) AS ids
		LIMIT 1`, t, id)
	return ok, err
}

// SaveDirectory adds the directory, or changes the one with its id, with its
// domains. It returns a Conflict for a domain of another directory that the
// tenant can see. A domain that is already verified keeps how it was verified;
// new ones get proof.
func (tx *Tx) SaveDirectory(ctx context.Context, d access.Directory, proof access.DomainVerification) error {
	err := tx.exec(ctx, `INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, client_secret, auth_style,
		hint_style,
			tenant_claim, tenant_value, scopes, confirmed_hosts, trust_addresses, guest_claim, guest_values, enabled,
			hint_value, hint_values, successor_id, former_domain, email_claim, name_claim,
			version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
			$22, $23, 1)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
			client_secret = excluded.client_secret, auth_style = excluded.auth_style, hint_style = excluded.hint_style,
			hint_value = excluded.hint_value, hint_values = excluded.hint_values,
			tenant_claim = excluded.tenant_claim, tenant_value = excluded.tenant_value, scopes = excluded.scopes,
			confirmed_hosts = excluded.confirmed_hosts, trust_addresses = excluded.trust_addresses,
			guest_claim = excluded.guest_claim, guest_values = excluded.guest_values, enabled = excluded.enabled,
			successor_id = excluded.successor_id, former_domain = excluded.former_domain,
			email_claim = excluded.email_claim, name_claim = excluded.name_claim,
			version = directory.version + 1`,
		d.ID, d.Owner, d.Kind, d.Name, d.Issuer, d.ClientID, tx.seal(d.ClientSecret, "directory "+string(d.ID)), d.AuthStyle,
		d.HintStyle,
		d.TenantClaim, d.TenantValue, strings.Join(d.Scopes, " "), strings.Join(d.ConfirmedHosts, " "),
		d.TrustAddresses, d.GuestClaim, jsonValue{guestValues(d)}, d.Enabled, d.HintValue, jsonValue{hintValues(d)},
		textOrNull(d.Successor), d.FormerDomain, d.EmailClaim, d.NameClaim)
	if err == nil && (!d.Enabled || d.Successor != "") {
		err = tx.endSessionsAt(ctx, d.ID) // I-11
	}
	if err != nil {
		return err
	}
	return tx.saveDomains(ctx, d, proof)
}

// hintValues are the values of the domain hint by domain, without those of domains that the
// directory does not have any more.
func hintValues(d access.Directory) map[access.Domain]string {
	all := map[access.Domain]string{}
	for name, value := range d.HintValues {
		claimed := slices.ContainsFunc(d.DomainClaims, func(c access.DomainClaim) bool { return c.Domain == name })
		if claimed || d.HasDomain(name) {
			all[name] = value
		}
	}
	return all
}

func guestValues(d access.Directory) []string {
	if d.GuestValues == nil {
		return []string{}
	}
	return d.GuestValues
}

func (tx *Tx) saveDomains(ctx context.Context, d access.Directory, proof access.DomainVerification) error {
	proofs, err := tx.domainVerifications(ctx, d.ID)
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM directory_domain WHERE directory_id = $1`, d.ID)
	}
	add := func(name access.Domain, at int, p access.DomainVerification, token string) {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO directory_domain (scope, name, directory_id, position, proof, token)
				VALUES ($1, $2, $3, $4, $5, $6)`,
				d.Owner, name, d.ID, int64(at), p, token)
		}
	}
	for i, name := range d.Domains {
		p := proof
		if had, ok := proofs[name]; ok && had != access.VerificationPending {
			p = had
		}
		add(name, i, p, "")
	}
	for i, c := range d.DomainClaims {
		add(c.Domain, len(d.Domains)+i, access.VerificationPending, c.Token)
	}
	if err == nil {
		err = tx.indexConnected(ctx, d.ID)
	}
	if err == nil && d.Owner != "" {
		err = tx.indexWords(ctx, d.Owner, wordsOfDirectory, string(d.ID), searchedDirectory(d)...)
	}
	return err
}

func (r *Reader) domainVerifications(ctx context.Context,
	id access.DirectoryID) (map[access.Domain]access.DomainVerification, error) {
	all := map[access.Domain]access.DomainVerification{}
	var d access.Domain
	var p access.DomainVerification
	err := r.eachRow(ctx, []column{{"name", &d}, {"proof", &p}}, func() { all[d] = p }, `SELECT {columns}
		FROM directory_domain WHERE directory_id = $1`, id)
	return all, err
}

// searchedDirectory are the texts that a directory of a tenant is searched by.
func searchedDirectory(d access.Directory) []string {
	texts := []string{d.Name}
	if u, err := url.Parse(d.Issuer); err == nil {
		texts = append(texts, u.Hostname())
	}
	for _, name := range d.Domains {
		texts = append(texts, string(name))
	}
	for _, c := range d.DomainClaims {
		texts = append(texts, string(c.Domain))
	}
	if d.FormerDomain != "" {
		texts = append(texts, string(d.FormerDomain))
	}
	return texts
}

// DeleteDirectory deletes a tenant's own directory without people, and removes
// it from connected organizations.
func (tx *Tx) DeleteDirectory(ctx context.Context, d access.Directory) error {
	connected, err := tx.connectedWith(ctx, d.ID)
	if err == nil {
		err = tx.endSessionsAt(ctx, d.ID)
	}
	for _, table := range []string{"organization_directory", "directory_domain", "sign_in_failure",
		"sign_in_failure_day"} {
		if err == nil {
			err = tx.exec(ctx, `DELETE FROM `+table+` WHERE directory_id = $1`, d.ID)
		}
	}
	for _, o := range connected {
		if err == nil {
			err = tx.indexOrganization(ctx, o)
		}
	}
	if err == nil {
		err = tx.deleteWords(ctx, d.Owner, wordsOfDirectory, string(d.ID))
	}
	if err != nil {
		return err
	}
	return tx.execOne(ctx, `DELETE FROM directory WHERE id = $1 AND owner_id = $2`, d.ID, d.Owner)
}

// trustEntra switches on the trust in addresses for the directories of Entra ID that
// are stored already: their people were found by address before, and Entra ID does not
// say that addresses are verified. TrustNotices are then to be sent.
func trustEntra(ctx context.Context, q sqldb.Querier) error {
	r := &Reader{q: q}
	all, err := queryAll(ctx, r, func(d *access.Directory) []column {
		return []column{{"dir.id", &d.ID}, {"dir.issuer", &d.Issuer}}
	}, `SELECT {columns} FROM directory dir WHERE dir.kind = 'openid'`)
	for _, d := range all {
		if err == nil && d.IsEntra() {
			err = r.exec(ctx, `UPDATE directory SET trust_addresses = TRUE, trust_notice = TRUE WHERE id = $1`, d.ID)
		}
	}
	return err
}

// TrustNotice says that an upgrade has switched on the trust in the addresses of a
// directory that concerns the tenant: its own, one it keeps, or one of a connected
// organization.
type TrustNotice struct {
	Tenant    access.TenantID
	Directory access.DirectoryID
	Name      string // of the directory
}

// TakeTrustNotices returns the notices that nobody has taken yet, once.
func (tx *Tx) TakeTrustNotices(ctx context.Context) ([]TrustNotice, error) {
	all, err := queryAll(ctx, tx.Reader, func(n *TrustNotice) []column {
		return []column{{"ten.id", &n.Tenant}, {"dir.id", &n.Directory}, {"dir.name", &n.Name}}
	}, `SELECT {columns} FROM directory dir CROSS JOIN tenant ten WHERE dir.trust_notice
		AND (ten.directory_id = dir.id OR dir.owner_id = ten.id OR EXISTS (SELECT 1 FROM organization_directory od
			WHERE od.tenant_id = ten.id AND od.directory_id = dir.id)) ORDER BY dir.id, ten.id`)
	if err == nil {
		err = tx.exec(ctx, `UPDATE directory SET trust_notice = FALSE WHERE trust_notice`)
	}
	return all, err
}
