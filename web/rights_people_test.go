package web

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/access/accesstest"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// known reports whether the tenant knows a person with the address.
func (w *workplace) known(address string) bool {
	all, err := w.PeopleByEmail(w.t.Context(), w.Tenant.ID, address)
	return len(check(w, all, err)) > 0
}

// peopleForms are the forms for people and for the built-in directory.
func peopleForms() []formByRole {
	return append(entryForms(),
		formByRole{task: "people", route: "POST /people/new", make: func(w *workplace) attempt {
			address := w.newAddress()
			return attempt{fields: url.Values{"address": {address}, "name": {"New"}},
				done: func() bool { return w.known(address) }}
		}},
		formByRole{task: "people", route: "POST /people/import", make: func(w *workplace) attempt {
			before := w.imports()
			return attempt{fields: url.Values{"file": {"mail,displayName\n" + w.newAddress() + ",Imported"}},
				done: func() bool { return w.imports() > before }}
		}},
		runImportByRole(),
		formByRole{task: "people", route: "POST /people/:id/edit", make: func(w *workplace) attempt {
			who := w.newcomer()
			return attempt{id: string(who.ID), fields: w.filled("/people/"+string(who.ID)+"/edit", "language", "de"),
				done: func() bool {
					now, err := w.Person(w.t.Context(), w.Tenant.ID, who.ID)
					return check(w, now, err).Language == "de"
				}}
		}},
		formByRole{task: "people", route: "POST /people/:id/subject", make: func(w *workplace) attempt {
			who, err := w.Admin.AddPerson(w.t.Context(), w.by, w.newAddress(), "New")
			who = check(w, who, err)
			return attempt{id: string(who.ID), fields: w.filled("/people/"+string(who.ID)+"/subject", "subject", who.Email),
				done: func() bool {
					now, err := w.Person(w.t.Context(), w.Tenant.ID, who.ID)
					return check(w, now, err).Account != ""
				}}
		}},
		formByRole{task: "people", route: "POST /people/:id/end-sessions", make: func(w *workplace) attempt {
			who := w.newcomer()
			key := w.name("session")
			_, err := w.SignIns.Complete(w.t.Context(), lifecycle.CompletedSignIn{Tenant: w.Tenant.ID,
				Session:  access.Session{Key: key},
				Identity: access.Identity{Directory: w.Tenant.Directory, Subject: who.Email, Name: who.Name, Email: who.Email}})
			if err != nil {
				w.t.Fatal(err)
			}
			return attempt{id: string(who.ID), done: func() bool { return isGone(w.Session(w.t.Context(), key)) }}
		}},
		formByRole{task: "people", route: "POST /people/:id/merge", make: func(w *workplace) attempt {
			one, other := w.newcomer(), w.newcomer()
			return attempt{id: string(one.ID), fields: url.Values{"stays": {"this"}, "reason": {"Twice"},
				"other": {kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(other.ID)})}},
				done: func() bool {
					open, err := w.MergeProposalsOf(w.t.Context(), w.Tenant.ID, one.ID)
					return len(check(w, open, err)) > 0
				}}
		}},
		formByRole{task: "people", route: "POST /merges/confirm", make: mergeAttempt,
			may: func(r access.AdminRole) bool { return r == access.GlobalAdministrator }},
		formByRole{task: "people", route: "POST /merges/decline", make: mergeAttempt},
	)
}

// mergeAttempt ends a proposal of the chief to merge two people.
func mergeAttempt(w *workplace) attempt {
	m, err := w.Admin.ProposeMerge(w.t.Context(), w.by, admin.MergeForm{From: w.newcomer().ID, Into: w.newcomer().ID,
		Reason: "Twice"})
	if err != nil {
		w.t.Fatal(err)
	}
	return attempt{fields: url.Values{"merge": {string(m.ID)}},
		done: func() bool { return isGone(w.MergeProposal(w.t.Context(), w.Tenant.ID, m.ID)) }}
}

// newAddress is an address of the tenant that nobody has yet.
func (w *workplace) newAddress() string {
	return strings.ReplaceAll(w.name("new"), " ", "") + "@meridian.example"
}

// entry adds an entry of the built-in directory.
func (w *workplace) entry(kind access.ResourceKind, owners ...access.PersonID) access.Entry {
	e := access.Entry{Tenant: w.Tenant.ID, Kind: kind, Name: w.name(string(kind)), Roles: access.DefaultRoles(kind)}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		e.ID = access.EntryID(tx.NewID())
		if err := tx.SaveEntry(ctx, e); err != nil {
			return err
		}
		return tx.SetEntryOwners(ctx, w.Tenant.ID, e.ID, owners)
	})
	return e
}

// entryForm is a form of a group.
func entryForm(route string, f func(*workplace, access.Entry) attempt) formByRole {
	return formByRole{task: "entries", route: "POST /directory/:id" + route, make: func(w *workplace) attempt {
		e := w.entry(access.KindGroup)
		x := f(w, e)
		x.id = string(e.ID)
		return x
	}}
}

// isMember reports whether the person is in the group.
func (w *workplace) isMember(who access.Person, e access.Entry) bool {
	groups, err := w.GroupsOf(w.t.Context(), w.Tenant.ID, who.ID)
	return slices.Contains(check(w, groups, err), e.ID)
}

// entryForms are the forms for the built-in directory.
func entryForms() []formByRole {
	members := func(w *workplace, e access.Entry, in bool) attempt {
		who := w.newcomer()
		if !in {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: e.ID, Role: store.GroupMember, Person: who.ID})
				return err
			})
		}
		return attempt{fields: url.Values{"role": {"Member"}, "people": {pick(who.ID)}},
			done: func() bool { return w.isMember(who, e) == in }}
	}
	return []formByRole{
		{task: "entries", route: "POST /directory/new", make: func(w *workplace) attempt {
			name := w.name("Group")
			return attempt{fields: url.Values{"displayName": {name}, "type": {"group"}}, done: func() bool {
				_, ok, err := w.EntryNamed(w.t.Context(), w.Tenant.ID, name)
				return check(w, ok, err)
			}}
		}},
		entryForm("/edit", func(w *workplace, e access.Entry) attempt {
			return attempt{fields: w.filled("/directory/"+string(e.ID)+"/edit", "description", "Changed"), done: func() bool {
				now, err := w.Entry(w.t.Context(), w.Tenant.ID, e.ID)
				return check(w, now, err).Description == "Changed"
			}}
		}),
		entryForm("/delete", func(w *workplace, e access.Entry) attempt {
			return attempt{done: func() bool { return isGone(w.Entry(w.t.Context(), w.Tenant.ID, e.ID)) }}
		}),
		entryForm("/add", func(w *workplace, e access.Entry) attempt { return members(w, e, true) }),
		entryForm("/remove", func(w *workplace, e access.Entry) attempt { return members(w, e, false) }),
	}
}

// imports is how many imports of the people with a role there are.
func (w *workplace) imports() int {
	n := 0
	for _, id := range w.people {
		all, err := w.PeopleImportsOf(w.t.Context(), w.Tenant.ID, id)
		n += len(check(w, all, err))
	}
	return n
}

// runImportByRole runs a checked import. Each attempt is an import of the next person who
// may run it, because nobody else sees it.
func runImportByRole() formByRole {
	made := 0
	return formByRole{task: "people", route: "POST /people/import/:id", make: func(w *workplace) attempt {
		var may []string
		for _, a := range actors() {
			if roles := a.rolesAt(ownScope); len(roles) > 0 && accesstest.Tasks()["people"].Allows(roles[0]) {
				may = append(may, a.name)
			}
		}
		slices.SortFunc(may, func(a, b string) int { return w.rank(a) - w.rank(b) })
		by, err := w.PeopleByEmail(w.t.Context(), w.Tenant.ID, w.fixture.people[may[made%len(may)]].Email)
		who, address := check(w, by, err)[0], w.newAddress()
		made++
		ctx := w.t.Context()
		m, err := w.Admin.Imports.Start(ctx, who, admin.Upload{Data: []byte("mail,displayName\n" + address + ",Imported")})
		m = check(w, m, err)
		if err := w.Admin.Imports.Check(ctx, who, m.ID); err != nil {
			w.t.Fatal(err)
		}
		if err := w.Admin.Imports.Advance(ctx, who, m.ID, 1); err != nil {
			w.t.Fatal(err)
		}
		return attempt{id: string(m.ID), fields: url.Values{"step": {"run"}}, done: func() bool { return w.known(address) }}
	}}
}

// rank is the position of the actor's role among all.
func (w *workplace) rank(name string) int {
	for _, a := range actors() {
		if a.name == name {
			return slices.Index(access.AdminRoles(), a.rolesAt(ownScope)[0])
		}
	}
	return -1
}
