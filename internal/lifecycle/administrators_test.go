package lifecycle_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

func wantKind(t *testing.T, what string, err error, want access.ErrorKind) {
	t.Helper()
	if err == nil || access.KindOf(err) != want {
		t.Errorf("%s: %v, want kind %d", what, err, want)
	}
}

func globalAdministrator(p access.Person) access.RoleAssignment {
	return access.RoleAssignment{Tenant: p.Tenant, Role: access.GlobalAdministrator,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}}
}

// TestDeletePackage: A package with holders cannot be deleted. Open
// requests are canceled with a mail; old requests keep the package's name, and
// the name can be used again (F-066).
func TestDeletePackage(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.makeAdministrator()
		ctx := context.Background()
		asks := access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(h.Omar))}
		o := h.Package("Tidal", asks)
		held := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		h.approve(h.Omar, held, 0)
		open := h.submit(h.AccountOf(h.Ida), o, access.RequestForm{})
		h.runJobs()
		h.takeMails()
		wantKind(h.t, "a stranger", h.Admin.DeletePackage(ctx, h.Ida, o.Package.ID), access.NotFound)
		err := h.Admin.DeletePackage(ctx, h.Omar, o.Package.ID)
		if wantKind(h.t, "it is held", err, access.Conflict); !strings.Contains(err.Error(), "One person has") {
			h.t.Errorf("it says by how many: %v", err)
		}
		h.wantState(open, access.PendingApproval)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			x := h.assignment(held)
			x.Ended = tx.Now
			return tx.MoveAssignment(ctx, x, access.AssignExpired)
		})
		if err := h.Admin.DeletePackage(ctx, h.Omar, o.Package.ID); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantState(open, access.Canceled)
		h.wantMails(h.Ida.Email+": Request canceled: Ida Falk → Tidal", h.Omar.Email+": Request canceled: Ida Falk → Tidal")
		h.wantRefusal(h.AccountOf(h.Ida), o, access.RequestForm{}, access.NotFound)
		_, err = h.Offer(ctx, h.Tenant.ID, o.Package.ID)
		wantKind(h.t, "what is offered", err, access.NotFound)
		wantKind(h.t, "once more", h.Admin.DeletePackage(ctx, h.Omar, o.Package.ID), access.NotFound)
		if all, err := h.AvailablePackages(ctx, access.PersonContext{Person: h.Ida},
			store.PackageSearch{Limit: 5}); err != nil ||
			len(all) != 0 {
			h.t.Errorf("it is listed: %v, %v", all, err)
		}
		if all, err := h.RequestsOf(ctx, h.Ida, "", 5); err != nil || len(all) != 1 || all[0].Package != "Tidal" {
			h.t.Errorf("the history of who asked: %+v, %v", all, err)
		}
		h.Package("Tidal", asks)
	})
}

// TestProviderProblemMails: Every global administrator gets a mail
// when it is changed how people of a directory sign in.
func TestProviderProblemMails(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddRoleAssignment(ctx, globalAdministrator(h.Lena)); err != nil {
				return err
			}
			return tx.AddRoleAssignment(ctx, globalAdministrator(h.Omar))
		})
		ctx := context.Background()
		o, err := h.Admin.SaveOrganization(ctx, h.Lena, admin.Connecting{
			Organization: access.Organization{Name: "Quay", Description: "Builds ships.", State: access.Configured},
			New: []access.Directory{{Kind: access.DirectoryOpenID, Name: "Quay", Domains: []access.Domain{"quay.example"},
				Issuer: "https://login.quay.example", ClientID: "meridian", ClientSecret: "s", AuthStyle: access.AuthBasic,
				HintStyle: access.HintNone, Scopes: []string{"email"}}}})
		if err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantMails("lena@meridian.example: Sign-in settings of Quay changed",
			"omar@meridian.example: Sign-in settings of Quay changed")
		if err := h.Admin.EnableDirectory(ctx, h.Lena, o.Directories[0], false); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantMails("lena@meridian.example: Sign-in settings of Quay changed",
			"omar@meridian.example: Sign-in settings of Quay changed")
	})
}
