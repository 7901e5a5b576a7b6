package lifecycle_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// teamRole makes the members of the built-in team global administrators, past the rule
// that a group which a package delivers gets no role.
func (h *harness) teamRole() {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: h.Team.ExternalID}})
	})
}

// leavesTeam removes the person from the team without the portal's packages.
func (h *harness) leavesTeam(p access.Person) {
	h.t.Helper()
	h.setInGroup(p, access.Entry{ID: access.EntryID(h.Team.ExternalID)}, false)
}

// wantReprocess reprocesses the request as by, which is refused with the kind and the
// sentence, or accepted if there is none. Whether the person is in the team afterwards
// follows from that.
func (h *harness) wantReprocess(what string, by access.Person, r access.Request, kind access.ErrorKind,
	sentence string) {
	h.t.Helper()
	err := h.Admin.Reprocess(context.Background(), by, r.ID)
	if sentence == "" && err != nil {
		h.t.Errorf("%s: %v", what, err)
	}
	if sentence != "" && (err == nil || access.KindOf(err) != kind || !strings.Contains(err.Error(), sentence)) {
		h.t.Errorf("%s: %v, want kind %d and “%s”", what, err, kind, sentence)
	}
	h.runJobs()
	if h.inTeam(r.Target) != (sentence == "") {
		h.t.Errorf("%s: in the team: %t", what, h.inTeam(r.Target))
	}
}

// TestReprocessingAsksForAuthority: A role that was removed from a person is not restored
// by whoever could not give it now, although the request was approved when the team had no
// role.
func TestReprocessingAsksForAuthority(t *testing.T) {
	t.Parallel()
	const onlyGlobal = "Only a global administrator can change who they are."
	for name, approver := range map[string]func(h *harness) access.Person{
		"approved by a manager":              func(h *harness) access.Person { return h.Omar },
		"approved by a global administrator": func(h *harness) access.Person { return h.Lena },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachEngine(t, func(h *harness) {
				setUpAdministrators(h)
				by := approver(h)
				o := h.withResource(h.memberPackage("Tidal", stages(storetest.Named(by))), h.Team)
				r := h.submit(h.AccountOf(h.Ida), o, access.RequestForm{})
				h.approve(by, r, 0)
				h.runJobs()
				h.leavesTeam(h.Ida)
				h.wantReprocess("before the team has a role", h.Omar, r, 0, "")
				h.teamRole()
				h.leavesTeam(h.Ida)
				if by.ID == h.Omar.ID {
					h.wantReprocess("by a manager", h.Omar, r, access.Forbidden, onlyGlobal)
					h.wantReprocess("by a global administrator", h.Lena, r, 0, "")
					h.leavesTeam(h.Ida)
					if err := h.Delivery.Reprocess(context.Background(), "", r.Tenant, r.ID); err != nil {
						h.t.Errorf("the operator: %v", err)
					}
					return
				}
				h.wantReprocess("by a manager, with the approval of a global administrator", h.Omar, r, 0, "")
				h.leavesTeam(h.Ida)
				h.Do(func(ctx context.Context, tx *store.Tx) error {
					return tx.RemoveRoleAssignment(ctx, access.RoleAssignment{Tenant: h.Tenant.ID,
						Role:    access.GlobalAdministrator,
						Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Lena.ID)}})
				})
				h.wantReprocess("when the approver has lost the role", h.Omar, r, access.Forbidden, onlyGlobal)
			})
		})
	}
}

// TestReprocessingAsksForPerson: What a person holds is not restored while the person
// could not be assigned it: disabled, outside of a catalog that has been closed, or without
// an account in a group with an administrative role. A removal is.
func TestReprocessingAsksForPerson(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		o := h.withResource(h.Package("Tidal", h.ForPartner(access.Terms{}), access.Policy{Scope: access.ScopeNobody}),
			h.Team)
		catalog, mara := o.Catalog, h.submit(h.Mara, o, access.RequestForm{})
		h.runJobs()
		guest := h.person(mara.Target)
		change := func(disabled, external bool) {
			h.disable(guest, disabled)
			catalog.External = external
			h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCatalog(ctx, catalog) })
			h.leavesTeam(guest)
		}
		change(true, true)
		h.wantReprocess("disabled", h.Omar, mara, access.Conflict, "“Mara Lind” has been disabled.")
		removal := mara
		removal.Type = access.AdminRemove
		if err := lifecycle.CheckReprocess(context.Background(), h.Reader, removal, h.Omar.ID); err != nil {
			h.t.Errorf("a removal: %v", err)
		}
		change(false, false)
		h.wantReprocess("outside", h.Omar, mara, access.Conflict, "The catalog isn't enabled for external users")
		change(false, true)
		h.wantReprocess("enabled again, and open", h.Omar, mara, 0, "")

		policy := o.Policies[slices.IndexFunc(o.Policies, func(p access.Policy) bool {
			return p.Scope == access.ScopeNobody
		})].ID
		made, err := h.Admin.Assign(context.Background(), h.Omar, admin.Assigning{Package: o.Package.ID,
			Address: "new@meridian.example", Name: "New", Ask: access.RequestForm{Policy: policy}})
		if err != nil || len(made) != 1 {
			h.t.Fatal(made, err)
		}
		h.runJobs()
		h.leavesTeam(h.person(made[0].Target))
		h.wantReprocess("without an account", h.Omar, made[0], 0, "")
		h.teamRole()
		h.leavesTeam(h.person(made[0].Target))
		h.wantReprocess("without an account, in a team with a role", h.Lena, made[0], access.Forbidden, "signed in")
		if err := h.Delivery.Reprocess(context.Background(), "", made[0].Tenant, made[0].ID); access.KindOf(err) !=
			access.Forbidden {
			h.t.Errorf("the operator: %v", err)
		}
	})
}
