package admin_test

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
)

// catalogReads are reads of one catalog and its resources.
func (r *readFixture) catalogReads() []read {
	id := r.Catalog.ID
	reader := func(name string, own int, see func(context.Context, admin.View) (int, error)) read {
		return read{name, actors{ga, iga, co, cr, apm, aam}, nil, true, own, see}
	}
	builder := func(name string, see func(context.Context, admin.View) (int, error)) read {
		return read{name, actors{ga, iga, co, apm}, nil, true, 0, see}
	}
	owner := func(name string, see func(context.Context, admin.View) (int, error)) read {
		return read{name, actors{ga, iga, co}, nil, true, 0, see}
	}
	isEntry := func(e access.Entry) bool { return e.ID == r.Reviewers.ID }
	team := access.Entry{ID: access.EntryID(r.Team.ExternalID), Tenant: r.Tenant.ID, Kind: access.KindTeam} // none owns it
	return []read{
		reader("View.Catalog", 0, func(ctx context.Context, v admin.View) (int, error) {
			c, err := v.Catalog(ctx, access.ReadCatalog, id)
			return oneIf(c.ID == id, err)
		}),
		owner("View.Catalog to edit", func(ctx context.Context, v admin.View) (int, error) {
			c, err := v.Catalog(ctx, access.EditCatalog, id)
			return oneIf(c.ID == id, err)
		}),
		reader("View.CatalogAudience", 0, func(ctx context.Context, v admin.View) (int, error) {
			a, err := v.CatalogAudience(ctx, id, false, 50)
			return int(a.Packages), err
		}),
		reader("View.CatalogHasPackages", 0, func(ctx context.Context, v admin.View) (int, error) {
			return oneIf(v.CatalogHasPackages(ctx, id))
		}),
		reader("View.CatalogRoleAssignments", 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.CatalogRoleAssignments(ctx, id)
			return len(found), err
		}),
		{"View.CatalogChange", nil, actors{ga, iga, co, cr, apm, aam}, true, 0,
			func(ctx context.Context, v admin.View) (int, error) { // it was made without an audit record
				last, err := v.CatalogChange(ctx, id)
				return oneIf(last != nil, err)
			}},
		reader("View.Resources", 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.Resources(ctx, id)
			return len(found), err
		}),
		reader("View.FirstPackagesUsing", 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.FirstPackagesUsing(ctx, id, []access.ResourceID{r.Team.ID})
			return oneIf(found[r.Team.ID] == "Tidal", err)
		}),
		reader("View.CatalogNames", 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.CatalogNames(ctx, []access.CatalogID{id})
			return oneIf(found[id] == r.Catalog.Name, err)
		}),
		reader("View.PolicyFacts", 1, func(ctx context.Context, v admin.View) (int, error) { // eve's would be her own
			_, err := v.PolicyFacts(ctx, r.policy, r.Catalog, r.clock.Now())
			return done(err)
		}),
		{"View.PolicyFacts of a new catalog", actors{ga, iga, co, apm, elsewhere}, nil, false, 1,
			func(ctx context.Context, v admin.View) (int, error) {
				_, err := v.PolicyFacts(ctx, r.policy, access.Catalog{Name: "New"}, r.clock.Now())
				return done(err)
			}},
		builder("View.CatalogRoles", func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.CatalogRoles(ctx, id)
			return len(found), err
		}),
		builder("View.FindCatalogRoles", func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.FindCatalogRoles(ctx, id, "Tidal", 5)
			return len(found), err
		}),
		owner("View.OwnEntries", func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.OwnEntries(ctx, id, store.ListQuery[store.EntryFilter]{Limit: 50})
			return count(page.Rows, err, isEntry)
		}),
		// F-041: identity governance administrators add only applications and what they own, as it is here.
		owner("View.FindEntriesToAdd", func(ctx context.Context, v admin.View) (int, error) {
			page, err := v.FindEntriesToAdd(ctx, id, "Reviewers", 5)
			return count(page.Rows, err, isEntry)
		}),
		{"View.OwnEntries of others", actors{ga, iga}, actors{co}, true, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				page, err := v.OwnEntries(ctx, id, store.ListQuery[store.EntryFilter]{Limit: 50})
				return count(page.Rows, err, func(e access.Entry) bool { return e.ID == team.ID })
			}},
		{"View.CanAdd what others own", actors{ga}, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			return addable(v.CanAdd(ctx, id, []access.Entry{team}))
		}},
		{"View.FindEntriesToAdd to a new catalog", actors{ga, iga, cc}, nil, false, 0,
			func(ctx context.Context, v admin.View) (int, error) {
				page, err := v.FindEntriesToAdd(ctx, "", "Reviewers", 5)
				return count(page.Rows, err, isEntry)
			}},
		owner("View.CanAdd", func(ctx context.Context, v admin.View) (int, error) {
			return addable(v.CanAdd(ctx, id, []access.Entry{r.Reviewers}))
		}),
	}
}

// addable counts the entries that can be added; the first refusal is the error.
func addable(refusals []error, err error) (int, error) {
	for _, refusal := range refusals {
		if err == nil {
			err = refusal
		}
	}
	return done(err)
}

// packageReads are reads of one access package and its policies.
func (r *readFixture) packageReads() []read {
	row := func(name string, may actors, see func(context.Context, admin.PackageView) (int, error)) read {
		return read{name, may, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			p, err := v.Package(ctx, access.ReadCatalog, r.pack)
			return opened(p, err, func(p admin.PackageView) (int, error) { return see(ctx, p) })
		}}
	}
	readers, builders, managers := actors{ga, iga, co, cr, apm, aam}, actors{ga, iga, co, apm},
		actors{ga, iga, co, apm, aam}
	return []read{
		row("View.Package", readers, func(_ context.Context, p admin.PackageView) (int, error) {
			return oneIf(p.Package().ID == r.pack && p.Catalog().ID == r.Catalog.ID, nil)
		}),
		{"View.Package to edit", builders, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			p, err := v.Package(ctx, access.ManagePackages, r.pack)
			return oneIf(p.Package().ID == r.pack, err)
		}},
		{"View.AnyPackage", readers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			p, err := v.AnyPackage(ctx, access.ReadCatalog, r.pack)
			return oneIf(p.Package().ID == r.pack, err)
		}},
		row("PackageView.LastChange", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			_, err := p.LastChange(ctx)
			return done(err)
		}),
		row("PackageView.Roles", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			found, err := p.Roles(ctx)
			return len(found), err
		}),
		row("PackageView.Policies", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			found, err := p.Policies(ctx)
			return len(found), err
		}),
		row("PackageView.Policy", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			found, err := p.Policy(ctx, r.policy.ID)
			return oneIf(found.ID == r.policy.ID, err)
		}),
		row("PackageView.PolicyUse", builders, func(ctx context.Context, p admin.PackageView) (int, error) {
			use, err := p.PolicyUse(ctx, r.policy.ID)
			return oneIf(use.HasAssignments, err)
		}),
		row("PackageView.PolicyChange", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			_, err := p.PolicyChange(ctx, r.policy.ID)
			return done(err)
		}),
		row("PackageView.PolicyFacts", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			_, err := p.PolicyFacts(ctx, r.policy, r.clock.Now())
			return done(err)
		}),
		row("PackageView.CountHolders", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			n, err := p.CountHolders(ctx)
			return int(n), err
		}),
		row("PackageView.Counter", managers, func(ctx context.Context, p admin.PackageView) (int, error) {
			n, err := p.Counter(ctx, store.CounterAssignments)
			return int(n), err
		}),
		row("PackageView.LastRollout", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			_, _, err := p.LastRollout(ctx)
			return done(err)
		}),
		row("PackageView.CountUndelivered", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			_, err := p.CountUndelivered(ctx, 50)
			return done(err)
		}),
		row("PackageView.OrganizationDomains", readers, func(ctx context.Context, p admin.PackageView) (int, error) {
			found, err := p.OrganizationDomains(ctx, []access.OrganizationID{r.quay.ID})
			return oneIf(found[r.quay.ID] == store.OrganizationDomain{Name: "Quay", Domain: "quay.example"}, err)
		}),
		row("PackageView.Explain", managers, func(ctx context.Context, p admin.PackageView) (int, error) {
			e, err := p.Explain(ctx, access.PersonContext{Person: r.Ida}, r.Tenant.Settings)
			return oneIf(e.Offer.Package.ID == r.pack, err)
		}),
		row("PackageView.PersonContext", managers, func(ctx context.Context, p admin.PackageView) (int, error) {
			who, err := p.PersonContext(ctx, r.Ida.ID)
			return oneIf(who.ID == r.Ida.ID, err)
		}),
		row("PackageView.ContextOf", managers, func(ctx context.Context, p admin.PackageView) (int, error) {
			who, err := p.ContextOf(ctx, r.Ida)
			return oneIf(who.ID == r.Ida.ID, err)
		}),
		row("PackageView.CheckReprocess", managers, func(ctx context.Context, p admin.PackageView) (int, error) {
			return done(p.CheckReprocess(ctx, access.Request{Tenant: r.Tenant.ID, Package: r.pack,
				Target: r.Ida.ID, Type: access.AdminRemove}))
		}),
		row("PackageView.PeopleByEmail", managers, func(ctx context.Context, p admin.PackageView) (int, error) {
			found, err := p.PeopleByEmail(ctx, r.Ida.Email)
			return len(found), err
		}),
	}
}

// assignmentReads are reads of one request or assignment. They are opened with
// the right to read the catalog, so that each read's own right is tested.
func (r *readFixture) assignmentReads() []read {
	managers := actors{ga, iga, co, apm, aam}
	request := func(name string, see func(context.Context, admin.RequestView) (int, error)) read {
		return read{name, managers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			q, err := v.Request(ctx, access.ReadCatalog, r.request)
			return opened(q, err, func(q admin.RequestView) (int, error) { return see(ctx, q) })
		}}
	}
	assignment := func(name string, see func(context.Context, admin.AssignmentView) (int, error)) read {
		return read{name, managers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			x, err := v.Assignment(ctx, access.ReadCatalog, r.assignment)
			return opened(x, err, func(x admin.AssignmentView) (int, error) { return see(ctx, x) })
		}}
	}
	return []read{
		{"View.Policy", managers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			o, p, err := v.Policy(ctx, access.ReadAssignments, r.policy.ID)
			return oneIf(o.ID == r.policy.ID && p.Package().ID == r.pack, err)
		}},
		{"View.Request", managers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			q, err := v.Request(ctx, access.ReadAssignments, r.request)
			return oneIf(q.Request().ID == r.request, err)
		}},
		{"View.Assignment", managers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			x, err := v.Assignment(ctx, access.ReadAssignments, r.assignment)
			return oneIf(x.Assignment().ID == r.assignment, err)
		}},
		{"View.AssignmentLines", managers, nil, true, 0, func(ctx context.Context, v admin.View) (int, error) {
			found, err := v.AssignmentLines(ctx, access.ReadAssignments, []access.AssignmentID{r.assignment})
			return count(found, err, func(l store.AssignmentLine) bool { return l.ID == r.assignment })
		}},
		request("RequestView.Person", func(ctx context.Context, q admin.RequestView) (int, error) {
			p, err := q.Person(ctx)
			return oneIf(p.ID == r.Omar.ID, err)
		}),
		request("RequestView.PolicyName", func(ctx context.Context, q admin.RequestView) (int, error) {
			name, err := q.PolicyName(ctx)
			return oneIf(name == r.policy.Name, err)
		}),
		request("RequestView.Decisions", func(ctx context.Context, q admin.RequestView) (int, error) {
			_, err := q.Decisions(ctx)
			return done(err)
		}),
		request("RequestView.History", func(ctx context.Context, q admin.RequestView) (int, error) {
			found, err := q.History(ctx)
			return len(found), err
		}),
		request("RequestView.Approvers", func(ctx context.Context, q admin.RequestView) (int, error) {
			_, err := q.Approvers(ctx, 0)
			return done(err)
		}),
		request("RequestView.StageWithoutDecider", func(ctx context.Context, q admin.RequestView) (int, error) {
			_, err := q.StageWithoutDecider(ctx)
			return done(err)
		}),
		request("RequestView.Reassignments", func(ctx context.Context, q admin.RequestView) (int, error) {
			_, err := q.Reassignments(ctx)
			return done(err)
		}),
		request("RequestView.Grants", func(ctx context.Context, q admin.RequestView) (int, error) {
			_, err := q.Grants(ctx)
			return done(err)
		}),
		request("RequestView.Assignment", func(ctx context.Context, q admin.RequestView) (int, error) {
			x, err := q.Assignment(ctx)
			return oneIf(x.ID == r.assignment, err)
		}),
		request("RequestView.PersonName", func(ctx context.Context, q admin.RequestView) (int, error) {
			name, err := q.PersonName(ctx, r.Lena.ID)
			return oneIf(name == r.Lena.Name, err)
		}),
		request("RequestView.Mails", func(ctx context.Context, q admin.RequestView) (int, error) {
			_, err := q.Mails(ctx)
			return done(err)
		}),
		assignment("AssignmentView.Person", func(ctx context.Context, x admin.AssignmentView) (int, error) {
			p, err := x.Person(ctx)
			return oneIf(p.ID == r.Omar.ID, err)
		}),
		assignment("AssignmentView.FirstRequest", func(ctx context.Context, x admin.AssignmentView) (int, error) {
			q, err := x.FirstRequest(ctx)
			return oneIf(q.ID == r.request, err)
		}),
		assignment("AssignmentView.Grants", func(ctx context.Context, x admin.AssignmentView) (int, error) {
			_, err := x.Grants(ctx)
			return done(err)
		}),
	}
}
