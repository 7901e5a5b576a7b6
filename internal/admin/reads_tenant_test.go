package admin_test

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// opened opens an object and reads it.
func opened[T any](object T, err error, see func(T) (int, error)) (int, error) {
	if err != nil {
		return 0, err
	}
	return see(object)
}

// oneIf is 1 if found, otherwise 0.
func oneIf(found bool, err error) (int, error) {
	if err != nil || !found {
		return 0, err
	}
	return 1, nil
}

// tenantReads are reads of the tenant as a whole.
func (r *readFixture) tenantReads() []read {
	all := actors{ga, iga, coa, cc, co, cr, apm, aam, elsewhere}
	pick, top := actors{ga, iga, coa, co, apm, aam, elsewhere}, actors{ga, iga}
	omar := access.SubjectRef{Kind: access.SubjectPerson, ID: string(r.Omar.ID)}
	return []read{
		{"View.PersonName", all, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			_, err := v.PersonName(ctx, r.Omar.ID)
			return done(err)
		}},
		{"View.Subjects", all, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Subjects(ctx, []access.SubjectRef{omar})
			return len(found.People), err
		}},
		{"View.FindPeople", pick, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.FindPeople(ctx, store.ListQuery[store.PersonFilter]{Text: "Omar", Limit: 5})
			return len(page.Rows), err
		}},
		{"View.FindGroups", pick, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.FindGroups(ctx, "Reviewers", 5)
			return len(page.Rows), err
		}},
		{"View.FindOrganizations", pick, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.FindOrganizations(ctx, "Quay", 5)
			return len(page.Rows), err
		}},
		{"View.RoleAssignments", top, nil, false, 1, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.RoleAssignments(ctx)
			return len(found), err
		}},
		{"View.Counter of packages", top, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			n, err := v.Counter(ctx, store.CounterPackages, "")
			return int(n), err
		}},
		{"View.Counter of packages in a catalog", top, nil, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				n, err := v.Counter(ctx, store.CounterPackages, r.Catalog.ID)
				return int(n), err
			}},
		{"View.Counter of organizations", actors{ga, iga, coa}, nil, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				n, err := v.Counter(ctx, store.CounterOrganizations, "")
				return int(n), err
			}},
		{"View.Counter of people", top, nil, false, 1, func(ctx context.Context, v admin.View) (int, error) {
			n, err := v.Counter(ctx, store.CounterPeople, "")
			return int(n), err
		}},
		{"View.Counter of requests", top, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			n, err := v.Counter(ctx, store.CounterRequests, "")
			return int(n), err
		}},
		{"ProblemsView.WithheldRemovals", nil, top, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Problems().WithheldRemovals(ctx, 5)
			return len(found), err
		}},
		{"ProblemsView.LateRemovals", nil, top, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Problems().LateRemovals(ctx, r.clock.Now(), 5)
			return len(found), err
		}},
		{"ProblemsView.UnusablePolicies", top, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Problems().UnusablePolicies(ctx, 5)
			return len(found), err
		}},
		{"ProblemsView.ExpiringRequests", nil, top, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Problems().ExpiringRequests(ctx, r.clock.Now(), 5)
			return len(found), err
		}},
		{"ProblemsView.CountUndecidable", nil, actors{ga, iga, co, apm, aam, elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				n, err := v.Problems().CountUndecidable(ctx)
				return int(n), err
			}},
		{"ProblemsView.PoliciesWithoutApprover", actors{ga, iga, co, cr, apm, aam}, actors{elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				found, err := v.Problems().PoliciesWithoutApprover(ctx, 5)
				return len(found.Policies), err
			}},
		{"ProblemsView.PoliciesWithoutRequestor", actors{ga, iga, co, cr, apm, aam}, actors{elsewhere}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				found, err := v.Problems().PoliciesWithoutRequestor(ctx, 5)
				return len(found.Policies), err
			}},
		{"ProblemsView.LateMails", nil, top, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Problems().LateMails(ctx, r.clock.Now().Add(-time.Hour), 5)
			return len(found), err
		}},
	}
}

// personReads are reads of people and of entries of the built-in directory.
func (r *readFixture) personReads() []read {
	isOmar := func(p access.Person) bool { return p.ID == r.Omar.ID }
	isEntry := func(e access.Entry) bool { return e.ID == r.Reviewers.ID }
	isMerge := func(m admin.MergeView) bool {
		return m.ID == r.merge && m.FromPerson.Name == r.twin.Name && m.IntoPerson.Name == r.guest.Name &&
			m.Proposer == r.Lena.Name
	}
	person := func(name string, see func(context.Context, admin.PersonView) (int, error)) read {
		return read{name, actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			p, err := v.Person(ctx, r.guest.ID)
			return opened(p, err, func(p admin.PersonView) (int, error) { return see(ctx, p) })
		}}
	}
	entry := func(name string, see func(context.Context, admin.EntryView) (int, error)) read {
		return read{name, actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			e, err := v.Entry(ctx, r.Reviewers.ID)
			return opened(e, err, func(e admin.EntryView) (int, error) { return see(ctx, e) })
		}}
	}
	return []read{
		{"View.People", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.People(ctx, store.ListQuery[store.PersonFilter]{Limit: 50})
			return count(page.Rows, err, isOmar)
		}},
		{"View.WalkPeople", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			return walked(isOmar, func(f func(access.Person) error) error {
				return v.WalkPeople(ctx, store.ListQuery[store.PersonFilter]{}, f)
			})
		}},
		{"View.Merges", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			all, err := v.Merges(ctx)
			return count(all, err, isMerge)
		}},
		{"View.Merge", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			m, err := v.Merge(ctx, r.merge)
			return oneIf(isMerge(m), err)
		}},
		person("PersonView.MergeProposals", func(ctx context.Context, p admin.PersonView) (int, error) {
			all, err := p.MergeProposals(ctx)
			return count(all, err, func(m access.MergeProposal) bool { return m.ID == r.merge })
		}),
		person("PersonView.SameAddress", func(ctx context.Context, p admin.PersonView) (int, error) {
			all, into, err := p.SameAddress(ctx)
			return oneIf(len(all) == 1 && all[0].ID == r.twin.ID && into.ID == "", err)
		}),
		person("View.Person", func(_ context.Context, p admin.PersonView) (int, error) {
			return oneIf(p.Person().ID == r.guest.ID, nil)
		}),
		person("PersonView.LastChange", func(ctx context.Context, p admin.PersonView) (int, error) {
			_, err := p.LastChange(ctx)
			return done(err)
		}),
		person("PersonView.SignIn", func(ctx context.Context, p admin.PersonView) (int, error) {
			s, err := p.SignIn(ctx)
			return oneIf(s == admin.SignIn{Directory: "Harbor Studio", Account: "mara", Organization: "Harbor Studio",
				KnownAccount: r.Mara}, err)
		}),
		person("PersonView.Invitation", func(ctx context.Context, p admin.PersonView) (int, error) {
			q, k, err := p.Invitation(ctx)
			return oneIf(q.ID == r.request && k.ID == r.pack, err)
		}),
		person("PersonView.GuestHistory", func(ctx context.Context, p admin.PersonView) (int, error) {
			_, err := p.GuestHistory(ctx)
			return done(err)
		}),
		person("PersonView.Grants", func(ctx context.Context, p admin.PersonView) (int, error) {
			_, err := p.Grants(ctx, r.clock.Now())
			return done(err)
		}),
		person("PersonView.EntryRights", func(ctx context.Context, p admin.PersonView) (int, error) {
			_, err := p.EntryRights(ctx)
			return done(err)
		}),
		person("PersonView.Rights", func(ctx context.Context, p admin.PersonView) (int, error) {
			_, err := p.Rights(ctx)
			return done(err)
		}),
		{"View.Entries", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.Entries(ctx, store.ListQuery[store.EntryFilter]{Limit: 50})
			return count(page.Rows, err, isEntry)
		}},
		{"View.WalkEntries", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			return walked(isEntry, func(f func(access.Entry) error) error {
				return v.WalkEntries(ctx, store.ListQuery[store.EntryFilter]{}, f)
			})
		}},
		entry("View.Entry", func(_ context.Context, e admin.EntryView) (int, error) {
			return oneIf(isEntry(e.Entry()), nil)
		}),
		entry("EntryView.LastChange", func(ctx context.Context, e admin.EntryView) (int, error) {
			_, err := e.LastChange(ctx)
			return done(err)
		}),
		entry("EntryView.Owners", func(ctx context.Context, e admin.EntryView) (int, error) {
			found, err := e.Owners(ctx)
			return len(found), err
		}),
		entry("EntryView.CanChangeMembers", func(ctx context.Context, e admin.EntryView) (int, error) {
			return done(e.CanChangeMembers(ctx))
		}),
		entry("EntryView.CanDelete", func(ctx context.Context, e admin.EntryView) (int, error) {
			err := e.CanDelete(ctx)
			if access.KindOf(err) == access.Conflict { // read, and in use
				err = nil
			}
			return done(err)
		}),
		entry("EntryView.Members", func(ctx context.Context, e admin.EntryView) (int, error) {
			page, err := e.Members(ctx, store.GroupMember, store.Key{}, 50)
			return count(page.Rows, err, isOmar)
		}),
		entry("EntryView.PeopleWithGrant", func(ctx context.Context, e admin.EntryView) (int, error) {
			_, err := e.PeopleWithGrant(ctx, store.GroupMember, []access.PersonID{r.Omar.ID})
			return done(err)
		}),
	}
}

// directoryReads are reads of connected organizations and of directories.
func (r *readFixture) directoryReads() []read {
	isQuay := func(o store.OrganizationLine) bool { return o.ID == r.quay.ID }
	isKept := func(d access.Directory) bool { return d.ID == r.keeps.ID }
	organization := func(name string, see func(context.Context, admin.View) (int, error)) read {
		return read{name, actors{ga, iga, coa}, nil, false, 0, see}
	}
	directory := func(name string, see func(context.Context, admin.DirectoryView) (int, error)) read {
		return read{name, actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			d, err := v.Directory(ctx, r.keeps.ID)
			return opened(d, err, func(d admin.DirectoryView) (int, error) { return see(ctx, d) })
		}}
	}
	return []read{
		organization("View.Organizations", func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.Organizations(ctx, store.ListQuery[store.OrganizationFilter]{Limit: 50})
			return count(page.Rows, err, isQuay)
		}),
		organization("View.WalkOrganizations", func(ctx context.Context, v admin.View) (int, error) {
			return walked(isQuay, func(f func(store.OrganizationLine) error) error {
				return v.WalkOrganizations(ctx, store.ListQuery[store.OrganizationFilter]{}, f)
			})
		}),
		organization("View.Organization", func(ctx context.Context, v admin.View) (int, error) {
			o, err := v.Organization(ctx, r.quay.ID)
			return oneIf(o.ID == r.quay.ID, err)
		}),
		{"View.OrganizationChange", nil, actors{ga, iga, coa}, false, 0,
			func(ctx context.Context, v admin.View) (int, error) { // of an object of another kind: unknown
				last, err := v.OrganizationChange(ctx, access.OrganizationID(r.assignment))
				return oneIf(last != nil, err)
			}},
		{"View.OrganizationUsage", actors{ga, iga, coa}, nil, false, 1, func(ctx context.Context, v admin.View) (int, error) {
			_, err := v.OrganizationUsage(ctx, r.quay.ID) // nothing depends on it
			return done(err)
		}},
		organization("View.OrganizationDirectory", func(ctx context.Context, v admin.View) (int, error) {
			d, err := v.OrganizationDirectory(ctx, r.keeps.ID)
			return oneIf(isKept(d) && d.ClientSecret == "", err)
		}),
		organization("View.OrganizationDirectories", func(ctx context.Context, v admin.View) (int, error) {
			all, err := v.OrganizationDirectories(ctx, r.quay)
			return count(all, err, func(d access.Directory) bool { return isKept(d) && d.ClientSecret == "" })
		}),
		organization("View.DirectoryByDomain", func(ctx context.Context, v admin.View) (int, error) {
			d, ok, err := v.DirectoryByDomain(ctx, "quay.example")
			return oneIf(ok && isKept(d) && d.ClientSecret == "", err)
		}),
		organization("View.OrganizationOf", func(ctx context.Context, v admin.View) (int, error) {
			_, ok, err := v.OrganizationOf(ctx, r.keeps.ID)
			return oneIf(ok, err)
		}),
		{"DependentsView.DisabledPlan", actors{ga, iga}, nil, false, 1, func(ctx context.Context, v admin.View) (int, error) {
			_, err := v.Dependents().DisabledPlan(ctx, access.Settings{DisabledDays: 1}, r.clock.Now()) // nobody holds anything
			return done(err)
		}},
		{"View.Directories", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.Directories(ctx, store.ListQuery[store.DirectoryFilter]{Limit: 50})
			return count(page.Rows, err, isKept)
		}},
		{"View.WalkDirectories", actors{ga, iga}, nil, false, 0, func(ctx context.Context, v admin.View) (int, error) {
			return walked(isKept, func(f func(access.Directory) error) error {
				return v.WalkDirectories(ctx, store.ListQuery[store.DirectoryFilter]{}, f)
			})
		}},
		directory("View.Directory", func(_ context.Context, d admin.DirectoryView) (int, error) {
			return oneIf(isKept(d.Directory()), nil)
		}),
		{"View.Directory of the installation", actors{ga, iga}, nil, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				d, err := v.Directory(ctx, r.Harbor.ID)
				return oneIf(d.Directory().ID == r.Harbor.ID, err)
			}},
		directory("DirectoryView.LastChange", func(ctx context.Context, d admin.DirectoryView) (int, error) {
			_, err := d.LastChange(ctx)
			return done(err)
		}),
		directory("DirectoryView.Organization", func(ctx context.Context, d admin.DirectoryView) (int, error) {
			_, ok, err := d.Organization(ctx)
			return oneIf(ok, err)
		}),
		directory("DirectoryView.IsUsed", func(ctx context.Context, d admin.DirectoryView) (int, error) {
			_, err := d.IsUsed(ctx)
			return done(err)
		}),
		directory("DirectoryView.CountEmailProblems", func(ctx context.Context, d admin.DirectoryView) (int, error) {
			_, err := d.CountEmailProblems(ctx)
			return done(err)
		}),
		directory("DirectoryView.SignInFailures", func(ctx context.Context, d admin.DirectoryView) (int, error) {
			_, err := d.SignInFailures(ctx, time.Time{})
			return done(err)
		}),
		directory("DirectoryView.CountSessions", func(ctx context.Context, d admin.DirectoryView) (int, error) {
			_, err := d.CountSessions(ctx)
			return done(err)
		}),
	}
}
