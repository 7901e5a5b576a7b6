package lifecycle_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// makeAdministrator makes Lena a global administrator and Omar the owner of
// the catalog.
func (h *harness) makeAdministrator() {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, a := range []access.RoleAssignment{
			{Role: access.GlobalAdministrator, Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Lena.ID)}},
			{Role: access.CatalogOwner, Catalog: h.Catalog.ID, Subject: access.SubjectRef{Kind: access.SubjectPerson,
				ID: string(h.Omar.ID)}},
		} {
			a.Tenant = h.Tenant.ID
			if err := tx.AddRoleAssignment(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeRoles changes the roles of the stored package.
func (h *harness) changeRoles(o access.Offer, c admin.RoleChange) {
	h.t.Helper()
	c.Package, c.Version = o.Package.ID, h.storedPackage(o).Version
	if err := h.Admin.ChangeRoles(context.Background(), h.Omar, c); err != nil {
		h.t.Fatal(err)
	}
}

// storedPackage returns the package as stored.
func (h *harness) storedPackage(o access.Offer) access.Package {
	h.t.Helper()
	p, err := h.Reader.Package(context.Background(), h.Tenant.ID, o.Package.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// wantHolds fails the test unless the person holds the role of the resource,
// or does not.
func (h *harness) wantHolds(p access.PersonID, s access.Resource, role int, want bool) {
	h.t.Helper()
	held, err := h.IsMember(context.Background(), h.Tenant.ID,
		access.Membership{Entry: access.EntryID(s.ExternalID), Role: s.Roles[role].ExternalID, Person: p})
	if err != nil || held != want {
		h.t.Errorf("holds %s %s: %v, want %v, %v", s.Name, s.Roles[role].Name, held, want, err)
	}
}

// previewRoles is what a change of the package's roles would do.
func (h *harness) previewRoles(o access.Offer, c admin.RoleChange) admin.RolePreview {
	h.t.Helper()
	c.Package, c.Version = o.Package.ID, h.storedPackage(o).Version
	p, err := h.Admin.PreviewRoles(context.Background(), h.Omar, c)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// TestRolesReachHolders: Everybody who holds a package gets its new roles and
// loses its removed ones, except roles of another package, as the preview says
// (F-052, F-053, F-055).
func TestRolesReachHolders(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.makeAdministrator()
		o := h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team)
		other := h.withResource(h.memberPackage("Ebb", access.Terms{}), h.Site)
		for _, p := range []access.Person{h.Lena, h.Ida} {
			h.submit(h.AccountOf(p), o, access.RequestForm{})
		}
		h.submit(h.AccountOf(h.Ida), other, access.RequestForm{})
		third := h.memberPackage("Flow", access.Terms{}) // gives something else
		third.Package.Roles = []access.ResourceRoleID{h.Site.Roles[1].ID}
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, third.Package) })
		h.submit(h.AccountOf(h.Lena), third, access.RequestForm{})
		h.runJobs()
		h.takeMails()
		owner, site := h.Team.Roles[1].ID, h.Site.Roles[0].ID
		c := admin.RoleChange{Add: []access.ResourceRoleID{owner, site}}
		got := h.previewRoles(o, c)
		if got.Holders != 2 || len(got.Effects) != 2 || got.Effects[0].Changes != 2 || got.Effects[1].Changes != 1 ||
			got.Effects[1].Keeps != 1 || !got.Effects[0].Added {
			h.t.Errorf("before adding: %+v", got)
		}
		h.changeRoles(o, c)
		h.wantHolds(h.Lena.ID, h.Site, 0, false) // nothing is delivered in the transaction itself
		h.runJobs()
		for _, p := range []access.Person{h.Lena, h.Ida} {
			h.wantHolds(p.ID, h.Team, 0, true)
			h.wantHolds(p.ID, h.Team, 1, true)
			h.wantHolds(p.ID, h.Site, 0, true)
		}
		c = admin.RoleChange{Remove: []access.ResourceRoleID{h.Team.Roles[0].ID, site}}
		got = h.previewRoles(o, c)
		if got.Holders != 2 || len(got.Effects) != 2 || got.Effects[0].Changes != 2 || got.Effects[1].Changes != 1 ||
			got.Effects[1].Keeps != 1 || got.Effects[0].Added {
			h.t.Errorf("before removing: %+v", got)
		}
		h.changeRoles(o, c)
		h.runJobs()
		h.wantHolds(h.Lena.ID, h.Team, 0, false)
		h.wantHolds(h.Lena.ID, h.Site, 0, false)
		h.wantHolds(h.Lena.ID, h.Team, 1, true)
		h.wantHolds(h.Ida.ID, h.Team, 0, false)
		h.wantHolds(h.Ida.ID, h.Site, 0, true) // from the other package
		h.wantMails()                          // no mail: the package is held as before
		l, ok, err := h.LastRollout(context.Background(), h.Tenant.ID, o.Package.ID)
		if err != nil || !ok || l.Finish.IsZero() || l.Done != 2 || l.Total != 2 || !l.Removal {
			h.t.Errorf("the rollout: %+v, %v, %v", l, ok, err)
		}
	})
}

// TestRolloutAfterKills: A rollout to 300 holders may be killed between any
// two steps: the next process continues, and reaches everybody once.
func TestRolloutAfterKills(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.makeAdministrator()
		o := h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team)
		people := h.addHolders(o, 300)
		h.changeRoles(o, admin.RoleChange{Add: []access.ResourceRoleID{h.Site.Roles[0].ID},
			Remove: []access.ResourceRoleID{h.Team.Roles[0].ID}})
		ctx := context.Background()
		if n, err := h.Rollouts.Run(ctx, h.clock.Now()); n != 1 || err != nil {
			h.t.Fatal(n, err)
		}
		if l, ok, err := h.LastRollout(ctx, h.Tenant.ID, o.Package.ID); err != nil || !ok || l.Done != 100 ||
			!l.Finish.IsZero() {
			h.t.Fatalf("after one step: %+v, %v, %v", l, ok, err)
		}
		if n, err := h.CountUndelivered(ctx, h.Tenant.ID, o.Package.ID, 1000); err != nil || n != 100 {
			h.t.Errorf("%d wait for delivery, %v", n, err)
		}
		for life := time.Duration(0); h.rollingOut(o); life = life*3/2 + 200*time.Microsecond {
			short, cancel := context.WithTimeout(ctx, life) // killed at any point
			var both sync.WaitGroup
			for range 2 { // two portals
				both.Go(func() { _, _ = h.Rollouts.Run(short, h.clock.Now()) }) // checked below
			}
			both.Wait()
			cancel()
		}
		if n, err := h.CountUndelivered(ctx, h.Tenant.ID, o.Package.ID, 1000); err != nil || n != 300 {
			h.t.Errorf("%d wait for delivery, %v", n, err)
		}
		l, _, err := h.LastRollout(ctx, h.Tenant.ID, o.Package.ID)
		if err != nil || l.Done != 300 || l.Finish.IsZero() {
			h.t.Errorf("at the end: %+v, %v", l, err)
		}
		h.runJobs()
		for _, p := range people {
			h.wantHolds(p.ID, h.Site, 0, true)
			h.wantHolds(p.ID, h.Team, 0, false)
		}
		effects, err := h.Ledger(ctx, h.Tenant.ID)
		if err != nil || len(effects) != 2*300 { // the site added, the team removed
			h.t.Errorf("%d effects, %v", len(effects), err)
		}
	})
}

// TestSecondRollout: A change during a rollout starts a new one that replaces
// it.
func TestSecondRollout(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.makeAdministrator()
		o := h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team)
		people := h.addHolders(o, 150)
		h.changeRoles(o, admin.RoleChange{Remove: []access.ResourceRoleID{h.Team.Roles[0].ID}})
		if _, err := h.Rollouts.Run(context.Background(), h.clock.Now()); err != nil {
			h.t.Fatal(err)
		}
		h.changeRoles(o, admin.RoleChange{Add: []access.ResourceRoleID{h.Site.Roles[0].ID}})
		l, _, err := h.LastRollout(context.Background(), h.Tenant.ID, o.Package.ID)
		if err != nil || l.Done != 0 || l.Total != 150 || !l.Removal {
			h.t.Errorf("the second one begins at the start, and still takes something away: %+v, %v", l, err)
		}
		h.runJobs()
		for _, p := range people {
			h.wantHolds(p.ID, h.Team, 0, false)
			h.wantHolds(p.ID, h.Site, 0, true)
		}
	})
}

// TestAddedRoleThatFails: If an added role is not delivered, the assignment
// shows it although it was delivered before; the holder gets no second mail.
func TestAddedRoleThatFails(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.makeAdministrator()
		o := h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team)
		r := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		h.runJobs()
		h.takeMails()
		x.LoseResource(h.Site.ExternalID, true)
		h.changeRoles(o, admin.RoleChange{Add: []access.ResourceRoleID{h.Site.Roles[0].ID}})
		h.runJobs()
		if a := h.assignment(r); a.State != access.AssignPartial {
			h.t.Errorf("with a role missing: %s", a.State)
		}
		x.LoseResource(h.Site.ExternalID, false)
		h.advance(2 * hour)
		if a := h.assignment(r); a.State != access.AssignDelivered || !x.Holds(h.Lena.ID, h.Site.ExternalID,
			h.Site.Roles[0].ExternalID) {
			h.t.Errorf("when it has come: %s", a.State)
		}
		h.wantState(r, access.Delivered)
		h.wantMails()
	})
}

// TestRoleComesBack: A role that was removed from the package and added again
// during a delivery counts as on its way, not as failed.
func TestRoleComesBack(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.makeAdministrator()
		o := h.memberPackage("Tidal", access.Terms{})
		r := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		h.runJobs()
		h.changeRoles(o, admin.RoleChange{Remove: []access.ResourceRoleID{h.Site.Roles[0].ID}})
		h.runJobs()
		h.advance(10 * hour)
		h.takeMails()
		if err := h.reprocess(r); err != nil {
			h.t.Fatal(err)
		}
		x.Script(connectortest.Observe, connectortest.Fault{Effect: true, Then: func() {
			h.changeRoles(o, admin.RoleChange{Add: []access.ResourceRoleID{h.Site.Roles[0].ID}})
		}})
		h.deliverUnits(2) // the plan, and the only target
		if a := h.assignment(r); a.State != access.AssignDelivering || x.UnusedFaults() != 0 {
			h.t.Errorf("while the role is on its way: %s", a.State)
		}
		h.runJobs()
		if a := h.assignment(r); a.State != access.AssignDelivered {
			h.t.Errorf("at the end: %s", a.State)
		}
		h.wantMails()
	})
}

// TestRolloutRemovalsLeaveCapacity: People with grants only are served while a
// role is removed from many others, however long each removal takes.
func TestRolloutRemovalsLeaveCapacity(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		x := &gatedTarget{Target: connectortest.NewTarget(), gate: make(chan struct{})}
		h := newHarness(t, s, c, func(connector.Connector) connector.Connector { return x })
		h.makeAdministrator()
		x.resource = h.Team.ExternalID
		o := h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team)
		h.addHolders(o, 20)
		h.changeRoles(o, admin.RoleChange{Remove: []access.ResourceRoleID{h.Team.Roles[0].ID}})
		if _, err := h.Rollouts.Run(context.Background(), h.clock.Now()); err != nil {
			h.t.Fatal(err)
		}
		h.startWorkers(8)
		defer close(x.gate)
		h.waitFor("removals in every place that they may take", func() bool { return x.waiting.Load() == 4 })
		h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Ebb", access.Terms{}), h.Site), access.RequestForm{})
		h.waitFor("the plan", func() bool {
			grants, err := h.Grants(context.Background(), h.Tenant.ID, h.Lena.ID)
			return err == nil && len(grants) == 1
		})
		x.gate <- struct{}{} // the target has one place again
		h.waitFor("the grant", func() bool { return x.Holds(h.Lena.ID, h.Site.ExternalID, "Member") })
	})
}

// gatedTarget is a target that answers about one resource only when its gate says
// so.
type gatedTarget struct {
	*connectortest.Target
	resource string
	gate     chan struct{}
	waiting  atomic.Int32
}

// Observe implements connector.Connector.
func (x *gatedTarget) Observe(ctx context.Context, c connector.Call) (bool, error) {
	if c.Resource.ExternalID == x.resource {
		x.waiting.Add(1)
		defer x.waiting.Add(-1)
		select {
		case <-x.gate:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return x.Target.Observe(ctx, c)
}

// rollingOut reports whether a rollout of the package has not queued everybody.
func (h *harness) rollingOut(o access.Offer) bool {
	h.t.Helper()
	l, ok, err := h.LastRollout(context.Background(), h.Tenant.ID, o.Package.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return ok && l.Finish.IsZero()
}

// addHolders lets so many people hold the package, which gives the team alone, as
// if all had been delivered long ago.
func (h *harness) addHolders(o access.Offer, n int) (all []access.Person) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		all = nil
		for i := range n {
			p, err := h.NewMember(ctx, tx, fmt.Sprintf("Holder %03d", i), fmt.Sprintf("holder%d@meridian.example", i))
			if err != nil {
				return err
			}
			all = append(all, p)
			if err := h.addHolder(ctx, tx, o, p); err != nil {
				return err
			}
		}
		return nil
	})
	return all
}

func (h *harness) addHolder(ctx context.Context, tx *store.Tx, o access.Offer, p access.Person) error {
	r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: p.Tenant, Type: access.UserAdd, State: access.Submitted,
		Package: o.Package.ID,
		Policy:  o.Policies[0].ID, Requestor: p.ID, Target: p.ID, Created: tx.Now, Terms: o.Policies[0].Terms}
	x := access.Assignment{ID: access.AssignmentID(tx.NewID()), Tenant: p.Tenant, Package: o.Package.ID, Policy: r.Policy,
		Person: p.ID, Request: r.ID,
		State: access.AssignDelivering, Start: tx.Now}
	g := access.Grant{ID: access.GrantID(tx.NewID()), Tenant: p.Tenant, Person: p.ID, Role: h.Team.Roles[0].ID,
		State: access.Adding, Epoch: 1}
	m := access.Membership{Entry: access.EntryID(h.Team.ExternalID), Role: h.Team.Roles[0].ExternalID, Person: p.ID}
	for _, step := range []func() error{
		func() error { return tx.AddRequest(ctx, r, "") },
		func() error { return tx.AddAssignment(ctx, x) },
		func() error {
			r.Assignment = x.ID
			return tx.MoveRequest(ctx, r, access.Delivering, "", "")
		},
		func() error {
			r.State = access.Delivering
			return tx.MoveRequest(ctx, r, access.Delivered, "", "")
		},
		func() error {
			x.Delivered = tx.Now
			return tx.MoveAssignment(ctx, x, access.AssignDelivered)
		},
		func() error { return tx.AddGrant(ctx, g) },
		func() error { return tx.MoveGrant(ctx, g, access.Held) },
		func() error {
			_, err := tx.AddMember(ctx, p.Tenant, m)
			return err
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
