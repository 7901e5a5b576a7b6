package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestStatementsDoNotGrowWithRows opens every page of administrators and of the
// portal with 2 and with 9 rows of each kind: it executes equally many
// statements.
func TestStatementsDoNotGrowWithRows(t *testing.T) {
	few, many := statementsByPage(t, 2), statementsByPage(t, 9)
	if len(few) < 60 {
		t.Errorf("only %d pages", len(few))
	}
	for path, n := range few {
		if many[path] != n {
			t.Errorf("%s: %d statements with 2 rows, %d with 9", path, n, many[path])
		}
	}
}

// statementsByPage returns how many statements each page executes, by the path
// of its route, when there are n objects of each kind.
func statementsByPage(t *testing.T, n int) map[string]int64 {
	p := newPortal(t)
	ids := p.addRows(n)
	lena, omar, counts := p.as("lena"), p.as("omar"), map[string]int64{}
	for _, r := range routes() {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/@:domain/") || strings.Contains(r.Path, "/setup/") {
			continue
		}
		target := strings.Replace(r.Path, "/@:domain", home, 1)
		reader := lena
		if !strings.Contains(r.Path, "/admin/") {
			reader = omar
		}
		for path, id := range ids {
			target = strings.Replace(target, path, path[:strings.LastIndex(path, "/")+1]+id, 1)
		}
		if query := ids[r.Path]; query != "" {
			target += query
		}
		reader.sendOnce(http.MethodGet, target, nil)
		p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, p.Tenant) }) // empties the cache
		before := p.statements.Load()
		reader.sendOnce(http.MethodGet, target, nil)
		counts[r.Path] = p.statements.Load() - before
		if reader.status != http.StatusOK && reader.status/100 != 3 {
			t.Errorf("%s answers %d", target, reader.status)
		}
	}
	return counts
}

// addRows adds n objects of each kind, of which Lena is the administrator and Omar
// the holder or owner. It returns the end of a path by its pattern, and the query
// of a path.
func (p *fixture) addRows(n int) map[string]string {
	members, ids := p.addRowsOfPeople(n), map[string]string{}
	var organizations []access.SubjectRef
	p.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		organizations, ids["/providers/:id"], err = p.addRowsOfOrganizations(ctx, tx, n, members)
		return err
	})
	p.addRowsOfResources(n, members)
	approved := p.Package("Approved", access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(append(members, p.Omar)...)}}})
	var policies []access.Policy
	for i := range n {
		policies = append(policies, hasName(fmt.Sprint("Policy ", i), access.Policy{Scope: access.ScopeSpecificOrgs,
			Targets: organizations, Terms: access.Terms{Stages: []access.Stage{storetest.Named(members...)}}}))
	}
	tidal := p.Package("Tidal", append([]access.Policy{{Scope: access.ScopeMembers}}, policies...)...)
	requests := p.assign(approved, members)
	var held []access.AssignmentID
	for i := range n {
		pack := p.Package(fmt.Sprint("Package ", i), access.Policy{Scope: access.ScopeMembers})
		p.assign(pack, []access.Person{p.Omar})
	}
	p.assign(tidal, members)
	p.runJobs()
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		held = nil
		for _, one := range members {
			merge := access.MergeProposal{ID: access.MergeID(tx.NewID()), Tenant: p.Tenant.ID, From: one.ID,
				Into: p.Omar.ID, By: p.Lena.ID, Reason: "Twice"}
			if err := tx.AddMergeProposal(ctx, merge); err != nil {
				return err
			}
			ids["/@meridian.example/merges/:id"] = string(merge.ID)
			x, ok, err := tx.AssignmentOf(ctx, one, tidal.Package.ID)
			if !ok || err != nil {
				return fmt.Errorf("assignment of %s: %w", one.Name, err)
			}
			held = append(held, x.ID)
			m := store.Mail{Tenant: p.Tenant.ID, Kind: "row", Person: one.ID, Request: requests[0].ID}
			if err := tx.QueueMail(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	ids["/import/:id"] = p.addRowsOfImport(n)
	query := url.Values{}
	for _, id := range held {
		query.Add("id", string(id))
	}
	ids["/@:domain/admin/assignments/remove"] = "?" + query.Encode()
	ids["/@:domain/admin/organizations/:id/sources/remove"] = "?source=" + string(p.Harbor.ID)
	ids["/catalogs/:id"], ids["/organizations/:id"] = string(p.Catalog.ID), string(p.Partner.ID)
	ids["/people/:id"], ids["/directory/:id"] = string(p.Omar.ID), p.Team.ExternalID
	ids["/admin/requests/:id"], ids["/approvals/:id"] = string(requests[0].ID), string(requests[0].ID)
	ids["/assignments/:id"], ids["/access-packages/:id"] = string(held[0]), string(tidal.Package.ID)
	ids["/policies/:policy"] = string(tidal.Policies[1].ID)
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		mine, err := tx.RequestsOf(ctx, p.Omar, "", 1)
		ids["@meridian.example/requests/:id"] = string(mine[0].Request.ID)
		return err
	})
	return ids
}

// addRowsOfImport adds a checked import of n lines by Lena.
func (p *fixture) addRowsOfImport(n int) string {
	p.t.Helper()
	ctx, text := p.t.Context(), "mail,displayName\n"
	for i := range n {
		text += fmt.Sprintf("row%d@meridian.example,Row\n", i)
	}
	m, err := p.Admin.Imports.Start(ctx, p.Lena, admin.Upload{Data: []byte(text)})
	if err == nil {
		err = p.Admin.Imports.Check(ctx, p.Lena, m.ID)
	}
	if err == nil {
		err = p.Admin.Imports.Advance(ctx, p.Lena, m.ID, n)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return string(m.ID)
}

// assign assigns the package to the people by its first policy.
func (p *fixture) assign(o access.Offer, people []access.Person) []access.Request {
	p.t.Helper()
	w := admin.Assigning{Package: o.Package.ID, Ask: access.RequestForm{Policy: o.Policies[0].ID}}
	for _, one := range people {
		w.People = append(w.People, one.ID)
	}
	made, err := p.Admin.Assign(p.t.Context(), p.Lena, w)
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

// addRowsOfPeople adds n members, and n catalogs that Omar owns.
func (p *fixture) addRowsOfPeople(n int) []access.Person {
	var members []access.Person
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		members = nil
		lena := access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.Lena.ID)}}
		if err := tx.AddRoleAssignment(ctx, lena); err != nil {
			return err
		}
		for i := range n {
			one, err := p.NewMember(ctx, tx, fmt.Sprint("Member ", i), fmt.Sprintf("member%d@meridian.example", i))
			if err != nil {
				return err
			}
			members = append(members, one)
			c := access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: p.Tenant.ID, Name: fmt.Sprint("Catalog ", i)}
			owner := access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.CatalogOwner, Catalog: c.ID,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.Omar.ID)}}
			manager := owner
			manager.Catalog, manager.Role, manager.Subject.ID = p.Catalog.ID, access.AccessPackageManager, string(one.ID)
			for _, step := range []func() error{
				func() error { return tx.SaveCatalog(ctx, c) },
				func() error { return tx.AddRoleAssignment(ctx, owner) },
				func() error { return tx.AddRoleAssignment(ctx, manager) },
			} {
				if err := step(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return members
}

// addRowsOfOrganizations adds n connected organizations with a directory, and as
// many directories and sponsors of the partner. It returns the organizations and
// the id of a directory that the tenant maintains.
func (p *fixture) addRowsOfOrganizations(ctx context.Context, tx *store.Tx, n int,
	members []access.Person) (organizations []access.SubjectRef, provider string, err error) {
	partner := p.Partner
	partner.Directories = []access.DirectoryID{p.Harbor.ID}
	for _, one := range members {
		partner.InternalSponsors = append(partner.InternalSponsors,
			access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.ID)})
	}
	for i := range 2 * n {
		d := p.Harbor
		d.ID, d.Owner, d.Name = access.DirectoryID(tx.NewID()), p.Tenant.ID, fmt.Sprint("Directory ", i)
		d.Issuer = fmt.Sprintf("https://login.row%d.example", i)
		d.Domains = []access.Domain{access.Domain(fmt.Sprintf("row%d.example", i))}
		d.DomainClaims = []access.DomainClaim{{Domain: access.Domain(fmt.Sprintf("claim%d.example", i)), Token: "token"}}
		if err := tx.SaveDirectory(ctx, d, access.VerifiedByDNS); err != nil {
			return nil, "", err
		}
		if provider = string(d.ID); i < n {
			partner.Directories = append(partner.Directories, d.ID)
			continue
		}
		o := access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: p.Tenant.ID, State: access.Configured,
			Name: fmt.Sprint("Organization ", i), Directories: []access.DirectoryID{d.ID}}
		organizations = append(organizations, access.SubjectRef{Kind: access.SubjectOrganization, ID: string(o.ID)})
		if err := tx.SaveOrganization(ctx, o); err != nil {
			return nil, "", err
		}
	}
	return organizations, provider, tx.SaveOrganization(ctx, partner)
}

// addRowsOfResources adds n entries that Omar owns and n others that are in the
// catalog, and makes the members owners of the team.
func (p *fixture) addRowsOfResources(n int, members []access.Person) {
	p.t.Helper()
	ctx := p.t.Context()
	var listed []access.EntryID
	for i := range 2 * n {
		kind := access.KindSite
		e, err := p.Admin.SaveEntry(ctx, p.Lena, access.Entry{Kind: kind, Name: fmt.Sprint("Entry ", i),
			Roles: access.DefaultRoles(kind)}, []access.PersonID{p.Omar.ID})
		if err != nil {
			p.t.Fatal(err)
		}
		if i < n {
			listed = append(listed, e.ID)
		}
	}
	if err := p.Admin.AddResources(ctx, p.Lena, p.Catalog.ID, listed); err != nil {
		p.t.Fatal(err)
	}
	owners := make([]access.PersonID, len(members))
	for i, one := range members {
		owners[i] = one.ID
	}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SetEntryOwners(ctx, p.Tenant.ID, access.EntryID(p.Team.ExternalID), owners)
	})
}
