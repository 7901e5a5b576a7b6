package admin_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

func TestPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		_, err := use.Admin.AddPerson(ctx, w.Omar, "new@meridian.example", "New")
		wantKind(t, "an owner of a catalog adds people", err, access.Forbidden)
		_, err = use.Admin.AddPerson(ctx, w.Lena, "ida@meridian.example", "Ida")
		wantKind(t, "somebody who is known", err, access.Invalid)
		_, err = use.Admin.AddPerson(ctx, w.Lena, "x@nowhere.example", "X")
		wantKind(t, "of no organization", err, access.Invalid)
		p, err := use.Admin.AddPerson(ctx, w.Lena, "new@meridian.example", "Nils New")
		if err != nil || p.Kind != access.Member || p.Account != "" {
			t.Fatalf("got %+v, %v", p, err)
		}

		stored, err := s.Person(ctx, w.Tenant.ID, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Manager, stored.Attributes = w.Ida.ID, map[string]string{"department": "Sales"}
		if err := use.Admin.SavePerson(ctx, w.Lena, stored); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "the version before", use.Admin.SavePerson(ctx, w.Lena, stored), access.Conflict)
		ida, err := s.Person(ctx, w.Tenant.ID, w.Ida.ID)
		if err != nil {
			t.Fatal(err)
		}
		ida.Manager = p.ID
		wantKind(t, "a ring of managers", use.Admin.SavePerson(ctx, w.Lena, ida), access.Invalid)
		ida.Manager, ida.TimeZone = "", "Nowhere/Land"
		wantKind(t, "a zone that is none", use.Admin.SavePerson(ctx, w.Lena, ida), access.Invalid)

		lena, err := s.Person(ctx, w.Tenant.ID, w.Lena.ID)
		if err != nil {
			t.Fatal(err)
		}
		lena.Disabled = true
		wantKind(t, "oneself", use.Admin.SavePerson(ctx, w.Lena, lena), access.Invalid)
	})
}

func TestDisableEndsSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		begin := func(key string) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				return tx.AddSession(ctx, access.Session{Key: key, Account: w.Ida.Account, Directory: w.Tenant.Directory})
			})
		}
		begin("one")
		if err := use.Admin.EndSessions(ctx, w.Lena, w.Ida.ID); err != nil {
			t.Fatal(err)
		}
		_, err := use.SignIns.Session(ctx, w.Snapshot(), "one", c.Now())
		wantKind(t, "the session is gone", err, access.NotFound)
		begin("two")
		wantKind(t, "an owner of a catalog ends sessions", use.Admin.EndSessions(ctx, w.Omar, w.Ida.ID), access.Forbidden)
		ida, err := s.Person(ctx, w.Tenant.ID, w.Ida.ID)
		if err != nil {
			t.Fatal(err)
		}
		ida.Disabled = true
		if err := use.Admin.SavePerson(ctx, w.Lena, ida); err != nil {
			t.Fatal(err)
		}
		_, err = use.SignIns.Session(ctx, w.Snapshot(), "two", c.Now())
		wantKind(t, "disabled, the session is gone", err, access.NotFound)
		if rights, err := s.Rights(ctx, ida); err != nil || rights.HasAny() {
			t.Errorf("and the roles count for nothing: %v, %v", rights, err)
		}
	})
}

func TestEntries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		_, err := use.Admin.SaveEntry(ctx, w.Omar, access.Entry{Kind: access.KindSite, Name: "Site",
			Roles: []string{"Member"}}, nil)
		wantKind(t, "an owner of a catalog", err, access.Forbidden)
		_, err = use.Admin.SaveEntry(ctx, w.Lena, access.Entry{Kind: access.KindGroup, Name: "reviewers",
			Roles: []string{"Member"}}, nil)
		wantKind(t, "a name that is taken", err, access.Invalid)
		_, err = use.Admin.SaveEntry(ctx, w.Lena, access.Entry{Kind: access.KindSite, Name: "Wiki",
			Link: "javascript:alert(1)", Roles: []string{"Member"}}, nil)
		wantKind(t, "a link that is none", err, access.Invalid)
		e, err := use.Admin.SaveEntry(ctx, w.Lena, access.Entry{Kind: access.KindGroup, Name: "Sailors",
			Roles: []string{"Member", "Owner"}}, []access.PersonID{w.Omar.ID})
		if err != nil {
			t.Fatal(err)
		}
		if err := use.Admin.AddResources(ctx, w.Omar, w.Catalog.ID, []access.EntryID{e.ID}); err != nil {
			t.Errorf("its owner may hand it out: %v", err)
		}

		stored, err := s.Entry(ctx, w.Tenant.ID, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Name, stored.Roles = "Crew", []string{"Member", "Owner", "Cook"}
		if _, err := use.Admin.SaveEntry(ctx, w.Lena, stored, nil); err != nil {
			t.Fatal(err)
		}
		r, ok, err := s.ResourceByExternal(ctx, w.Tenant.ID, w.Team.Target, string(e.ID))
		if err != nil || !ok || r.Name != "Crew" || len(r.Roles) != 3 {
			t.Errorf("what catalogs show follows: %+v, %v", r, err)
		}
		stored.Version++
		stored.Roles = []string{"Member"}
		_, err = use.Admin.SaveEntry(ctx, w.Lena, stored, nil)
		wantKind(t, "a role that somebody may hold", err, access.Invalid)
		wantKind(t, "to delete what a catalog lists", use.Admin.DeleteEntry(ctx, w.Lena, e.ID), access.Conflict)

		m := access.Membership{Entry: w.Reviewers.ID, Role: "Member"}
		if err := use.Admin.SetMembers(ctx, w.Lena, m, []access.PersonID{w.Ida.ID}, false); err != nil {
			t.Error(err)
		}
		m.Role = "Captain"
		wantKind(t, "a role that it has not", use.Admin.SetMembers(ctx, w.Lena, m, []access.PersonID{w.Ida.ID}, true),
			access.Invalid)
		if err := use.Admin.DeleteEntry(ctx, w.Lena, w.Reviewers.ID); err != nil {
			t.Errorf("what nobody needs can go: %v", err)
		}
	})
}

func TestImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		file := "mail,displayName,manager,department,groups\n" +
			"nina@meridian.example,Nina North,nils@meridian.example,Sales,Reviewers\n" +
			"nils@meridian.example,\"Nils, the elder\",,Board,\n"
		_, err := importText(ctx, use.Admin, s, w.Omar, file, true)
		wantKind(t, "an owner of a catalog", err, access.Forbidden)
		_, err = importText(ctx, use.Admin, s, w.Lena, "name\nx\n", true)
		wantKind(t, "columns are missing", err, access.Invalid)

		lines, err := importText(ctx, use.Admin, s, w.Lena, file, true)
		if err != nil || len(lines) != 2 || lines[0].Outcome != access.LineCreates {
			t.Fatalf("tried: %+v, %v", lines, err)
		}
		if known, err := s.PeopleByEmail(ctx, w.Tenant.ID, "nina@meridian.example"); err != nil || len(known) != 0 {
			t.Fatalf("a dry run changes nothing: %v, %v", known, err)
		}
		bad, err := importText(ctx, use.Admin, s, w.Lena,
			file+"x@nowhere.example,X,,,\nzoe@meridian.example,Zoe,,,Nothing\n", false)
		if err != nil || bad[2].Outcome != access.LineFaulty || bad[3].Outcome != access.LineFaulty || bad[2].Line != 4 ||
			bad[2].Faults[0].Column != "mail" || bad[3].Faults[0].Column != "groups" {
			t.Fatalf("every fault is told with its line and its column: %+v, %v", bad, err)
		}
		if known, err := s.PeopleByEmail(ctx, w.Tenant.ID, "zoe@meridian.example"); err != nil || len(known) != 0 {
			t.Fatalf("a line with a fault is imported: %v, %v", known, err)
		}
		known, err := s.PeopleByEmail(ctx, w.Tenant.ID, "nina@meridian.example")
		if err != nil || len(known) != 1 || known[0].Attributes["department"] != "Sales" || known[0].Manager == "" {
			t.Fatalf("got %+v, %v", known, err)
		}
		if groups, err := s.GroupsOf(ctx, w.Tenant.ID, known[0].ID); err != nil || len(groups) != 1 {
			t.Errorf("Nina is in the group: %v, %v", groups, err)
		}
		again, err := importText(ctx, use.Admin, s, w.Lena, file, false)
		if err != nil || again[0].Outcome != access.LineKept || again[1].Outcome != access.LineKept {
			t.Errorf("a second time changes nothing: %+v, %v", again, err)
		}
	})
}

// TestImportOfNamesThatLookAlike: a line of a file means the person with its address and
// the group with its name, and none that only looks the same (C15).
func TestImportOfNamesThatLookAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		entries := map[string]access.Entry{}
		for _, name := range []string{"Finance", "B\u00fcro", "Keys"} {
			e, err := use.Admin.SaveEntry(ctx, w.Lena, access.Entry{Tenant: w.Tenant.ID, Kind: access.KindGroup, Name: name,
				Roles: access.DefaultRoles(access.KindGroup)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			entries[name] = e
		}
		fiona := must(use.Admin.AddPerson(ctx, w.Lena, "fiona@meridian.example", "Fiona"))(t)
		for _, group := range []string{"\ufb01nance", "\uff26inance", "\u212aeys"} {
			lines, err := importText(ctx, use.Admin, s, w.Lena,
				"mail,displayName,groups\nx@meridian.example,X,"+group+"\n", false)
			if err != nil || len(lines) != 1 || lines[0].Outcome != access.LineFaulty || lines[0].Faults[0].Column != "groups" {
				t.Errorf("%q: %+v, %v", group, lines, err)
			}
		}
		lines, err := importText(ctx, use.Admin, s, w.Lena,
			"mail,displayName,groups\n\ufb01ona@meridian.example,Mallory,finance\n"+
				" nils@meridian.example\u200b,Nils\u00a0,Bu\u0308\u00adro\n", false)
		if err != nil || len(lines) != 2 || lines[0].Outcome != access.LineCreated || lines[1].Outcome != access.LineCreated {
			t.Fatalf("%+v, %v", lines, err)
		}
		for address, group := range map[string]string{"\ufb01ona@meridian.example": "Finance",
			"nils@meridian.example": "B\u00fcro"} {
			found := must(s.PeopleByEmail(ctx, w.Tenant.ID, address))(t)
			if len(found) != 1 || found[0].ID == fiona.ID {
				t.Fatalf("%q: %+v", address, found)
			}
			groups := must(s.GroupsOf(ctx, w.Tenant.ID, found[0].ID))(t)
			if len(groups) != 1 || groups[0] != entries[group].ID {
				t.Errorf("%q is in %v", address, groups)
			}
		}
		if groups := must(s.GroupsOf(ctx, w.Tenant.ID, fiona.ID))(t); len(groups) != 0 {
			t.Errorf("Fiona is in %v", groups)
		}
	})
}
