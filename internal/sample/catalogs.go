package sample

import (
	"fmt"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// writeCatalogs writes the catalogs and their resources.
func (m *generator) writeCatalogs() error {
	catalogs, words := m.tx.Bulk("catalog", "tenant_id", "id", "name", "description", "published", "external", "version",
		"sort_name"), m.wordTable()
	seen := map[string]int{}
	names := []string{access.GeneralCatalog}
	for range m.Size.Catalogs - 1 {
		names = append(names, numberRepeats(seen, pick(m, departments())+" "+pick(m, topics())+" catalog"))
	}
	for i, name := range names {
		c := access.Catalog{ID: access.CatalogID(m.id(m.pastTime(2000))), Tenant: m.tenant.ID, Published: i == 0 ||
			m.chance(.95),
			External: m.chance(.6)}
		if err := catalogs.Add(m.ctx, string(m.tenant.ID), string(c.ID), name, "Access packages of "+name, c.Published,
			c.External, int64(1), store.Fold(name)); err != nil {
			return err
		}
		if err := m.writeWords(words, store.CatalogWords, string(c.ID), name, "Access packages of "+name); err != nil {
			return err
		}
		m.catalogs = append(m.catalogs, c)
	}
	if err := m.flush(catalogs, words); err != nil {
		return err
	}
	return m.writeResources()
}

// writeResources writes as many sites and applications as there are catalogs,
// each in one or two catalogs.
func (m *generator) writeResources() error {
	entries, words := m.entryTable(), m.wordTable()
	resources := m.tx.Bulk("resource", "tenant_id", "id", "target_id", "kind", "external_id", "name", "link", "version")
	roles := m.tx.Bulk("resource_role", "tenant_id", "id", "resource_id", "name", "external_id")
	listed := m.tx.Bulk("catalog_resource", "tenant_id", "catalog_id", "resource_id")
	roles.After(resources)
	listed.After(resources)
	m.catalogResources = make([][]int, len(m.catalogs))
	seen, kinds := map[string]int{}, []access.ResourceKind{access.KindSite, access.KindApplication}
	for i := range m.Size.Catalogs {
		kind := pick(m, kinds)
		name := numberRepeats(seen, pick(m, topics())+" "+pick(m, things()))
		r := resource{id: access.ResourceID(m.id(m.pastTime(2000))), entry: access.EntryID(m.id(m.pastTime(2000))),
			name:      name,
			roleNames: access.DefaultRoles(kind)}
		if err := m.writeEntry(entries, words, access.Entry{ID: r.entry, Kind: kind, Name: name + " " + string(kind),
			Roles: r.roleNames}); err != nil {
			return err
		}
		if err := resources.Add(m.ctx, string(m.tenant.ID), string(r.id), string(m.target), string(kind), string(r.entry),
			name, "https://"+slug(name)+"."+string(m.Domain)+"/", int64(1)); err != nil {
			return err
		}
		for _, role := range r.roleNames {
			id := access.ResourceRoleID(m.id(m.pastTime(2000)))
			if err := roles.Add(m.ctx, string(m.tenant.ID), string(id), string(r.id), role, role); err != nil {
				return err
			}
			r.roles = append(r.roles, id)
		}
		for _, c := range []int{i, (i + 1) % len(m.catalogs)}[:1+m.rand.IntN(min(2, len(m.catalogs)))] {
			if err := listed.Add(m.ctx, string(m.tenant.ID), string(m.catalogs[c].ID), string(r.id)); err != nil {
				return err
			}
			m.catalogResources[c] = append(m.catalogResources[c], i)
		}
		m.resources = append(m.resources, r)
	}
	return m.flush(entries, words, resources, roles, listed)
}

// packageTables are the tables of packages and policies.
type packageTables struct {
	packages, roles, policies, subjects, approvers, words, offers, terms *store.Bulk
}

func (m *generator) packageTables() packageTables {
	t := packageTables{
		packages: m.tx.Bulk("package", "tenant_id", "id", "catalog_id", "name", "description", "hidden", "version",
			"sort_name", "search"),
		roles: m.tx.Bulk("package_role", "tenant_id", "package_id", "role_id", "position"),
		policies: m.tx.Bulk("policy", "tenant_id", "id", "package_id", "name", "description", "scope", "enabled", "terms",
			"version", "sort_name"),
		subjects:  m.tx.Bulk("policy_subject", "tenant_id", "policy_id", "kind", "subject_id"),
		approvers: m.tx.Bulk("policy_approver", "tenant_id", "policy_id", "stage", "kind", "subject_id"),
		words:     m.wordTable(),
		offers:    m.tx.Bulk("offer", "tenant_id", "audience", "sort_name", "package_id"),
		terms:     m.tx.Bulk("offer_word", "tenant_id", "audience", "term", "sort_name", "package_id"),
	}
	t.roles.After(t.packages)
	t.policies.After(t.packages)
	t.subjects.After(t.policies)
	t.approvers.After(t.policies)
	return t
}

// writePackages writes the packages, each with one or more policies.
func (m *generator) writePackages() error {
	t, seen := m.packageTables(), map[string]int{}
	for i := range m.Size.Packages {
		at := i % len(m.catalogs)
		name := numberRepeats(seen, pick(m, topics())+" "+pick(m, things())+" for "+pick(m, departments()))
		k := packageRef{id: access.PackageID(m.id(m.pastTime(1500))), catalog: m.catalogs[at].ID}
		used := m.catalogResources[at][:min(len(m.catalogResources[at]), 1+(i+1)%2)] // the first package has two roles
		text := "Everything needed for " + name
		hidden := i > 0 && m.chance(.05)
		err := t.packages.Add(m.ctx, string(m.tenant.ID), string(k.id), string(k.catalog), name, text, hidden, int64(1),
			store.Fold(name),
			store.Fold(name+"\n"+text+"\n"+m.resources[used[0]].name))
		if err != nil {
			return err
		}
		if err := m.writeWords(t.words, store.PackageWords, string(k.id), name, text, m.resources[used[0]].name); err != nil {
			return err
		}
		for n, at := range used {
			r := m.resources[at]
			k.roles = append(k.roles, r.roles[0])
			if err := t.roles.Add(m.ctx, string(m.tenant.ID), string(k.id), string(r.roles[0]), int64(n)); err != nil {
				return err
			}
		}
		for n := range 1 + share(i, m.Size.Policies-m.Size.Packages, m.Size.Packages) {
			if err := m.writePolicy(t, &k, n); err != nil {
				return err
			}
		}
		o := access.Offer{Catalog: m.catalogs[at], Package: access.Package{Hidden: hidden}, Policies: k.policies}
		for _, key := range o.AudienceKeys() {
			if err := t.offers.Add(m.ctx, string(m.tenant.ID), string(key), store.Fold(name), string(k.id)); err != nil {
				return err
			}
		}
		terms := store.OfferTerms(store.Words(name, text, m.resources[used[0]].name))
		for _, key := range store.OfferWordAudiences(o.AudienceKeys()) {
			for _, term := range terms {
				if err := t.terms.Add(m.ctx, string(m.tenant.ID), string(key), term, store.Fold(name),
					string(k.id)); err != nil {
					return err
				}
			}
		}
		m.packages = append(m.packages, k)
	}
	return m.flush(t.packages, t.roles, t.policies, t.subjects, t.approvers, t.words, t.offers, t.terms)
}

// share distributes more items evenly over all places and returns the number of
// items of place i.
func share(i, more, places int) int { return (i+1)*more/places - i*more/places }

// writePolicy writes the n-th policy of a package.
func (m *generator) writePolicy(t packageTables, k *packageRef, n int) error {
	o := access.Policy{ID: access.PolicyID(m.id(m.pastTime(1500))), Tenant: m.tenant.ID, Package: k.id,
		Enabled: m.chance(.95)}
	switch r := m.rand.Float64(); {
	case r < .25 || len(m.packages) == 0:
		o.Scope = access.ScopeMembers
	case r < .65:
		o.Scope, o.Targets = access.ScopeSpecificUsers,
			[]access.SubjectRef{{Kind: access.SubjectGroup, ID: string(pick(m, m.groups))}}
	case r < .82:
		o.Scope, o.Targets = access.ScopeSpecificOrgs, []access.SubjectRef{{Kind: access.SubjectOrganization,
			ID: string(pick(m, m.orgs).id)}}
	case r < .86:
		o.Scope = access.ScopeAllOrgs
	case r < .9:
		o.Scope = access.ScopeUsers
	default:
		o.Scope = access.ScopeNobody
	}
	o.Name = fmt.Sprintf("Policy %d", n+1)
	o.Terms = access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 30 * (1 + m.rand.IntN(12))},
		ShowApprovers: access.Inherit, CustomSchedule: m.chance(.3)}
	for range []int{0, 1, 1, 1, 2}[m.rand.IntN(5)] {
		o.Stages = append(o.Stages, access.Stage{Days: 7 + m.rand.IntN(7),
			Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(pick(m, m.groups))}}})
	}
	if m.chance(.2) {
		o.Questions = []access.Question{{ID: "why", Kind: access.ShortText, Text: "For which project?", Required: true}}
	}
	k.policies = append(k.policies, o)
	err := t.policies.Add(m.ctx, string(m.tenant.ID), string(o.ID), string(k.id), o.Name, "", string(o.Scope), o.Enabled,
		store.JSON(o.Terms), int64(1), store.Fold(o.Name))
	for _, s := range o.Targets {
		if err == nil {
			err = t.subjects.Add(m.ctx, string(m.tenant.ID), string(o.ID), string(s.Kind), s.ID)
		}
	}
	for i, s := range o.Stages {
		for _, a := range s.Approvers {
			if err == nil {
				err = t.approvers.Add(m.ctx, string(m.tenant.ID), string(o.ID), int64(i+1), string(a.Kind), a.ID)
			}
		}
	}
	return err
}

// day is 24 hours; time zones don't matter here.
const day = 24 * time.Hour
