package web

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// eachEngine runs f with a portal on each engine.
func eachEngine(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	for engine, database := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) { f(t, newPortalOn(t, address, database(t))) })
	}
}

// connectToNorthlight makes the directory a connected organization of Northlight.
func (p *fixture) connectToNorthlight(d access.DirectoryID) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveOrganization(ctx, access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: p.North.ID,
			Name: "Partner " + string(d), Description: "Partner", State: access.Configured,
			Directories: []access.DirectoryID{d}})
	})
}

// An administrator ends a guest's sessions in the own tenant only: in others the guest
// stays signed in. Members of the own directory are signed out everywhere (S-12).
func TestSessionsEndInOwnTenantOnly(t *testing.T) {
	eachEngine(t, func(t *testing.T, p *fixture) {
		p.giveRole(p.Lena, access.GlobalAdministrator, "")
		north := "/@northlight.example/"
		p.connectToNorthlight(p.Harbor.ID)
		p.connectToNorthlight(p.Tenant.Directory)
		mara, ida := p.as("mara"), p.as("ida")
		for _, b := range []*browser{mara, ida} {
			b.opens(home+"/requests").sees(200, "!Sign in to")
			b.opens(north).sees(200, "Northlight", "!Sign in to")
		}
		ends := map[string]func(who access.Person) error{
			"ended": func(who access.Person) error { return p.Admin.EndSessions(t.Context(), p.Lena, who.ID) },
			"disabled": func(who access.Person) error {
				who.Disabled = true
				return p.Admin.SavePerson(t.Context(), p.Lena, who)
			},
		}
		for _, how := range []string{"ended", "disabled"} {
			if err := ends[how](p.personOf("mara")); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				mara.opens(home + "/requests")
				if how == "ended" {
					mara.sees(200, "Sign in to Meridian Works", "You're signed in as Mara Lind")
				} else {
					mara.sees(403, "disabled by an administrator")
				}
				mara.opens(home + "/sign-in?to=" + url.QueryEscape(home+"/requests"))
				if strings.Contains(visibleText(mara.page), "My requests") {
					t.Errorf("%s: the sign-in page lets Mara in", how)
				}
				mara.opens(north).sees(200, "Northlight", "!Sign in to")
			}
			if how == "ended" {
				p.clock.Advance(time.Second)
				mara.signIn("mara")
				mara.opens(home+"/requests").sees(200, "Signed in as Mara Lind", "!Sign in to")
			}
		}
		if err := p.Admin.EndSessions(t.Context(), p.Lena, p.Ida.ID); err != nil {
			t.Fatal(err)
		}
		ida.opens(north).sees(200, "Sign in to Northlight")
	})
}
