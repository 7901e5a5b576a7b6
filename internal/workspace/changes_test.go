package workspace_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// changed is the sample with the given replacements.
func changed(t *testing.T, pairs ...string) []byte {
	t.Helper()
	text := string(everyKey(t))
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the sample has no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

// A plan lists each object that would change, and nothing else.
func TestPlanListsChanges(t *testing.T) {
	tests := map[string]struct {
		pairs []string
		want  []string
	}{
		"a provider": {[]string{"clientId: portal", "clientId: gate"}, []string{"Update directory “Meridian Works”"}},
		"a secret":   {[]string{"top-secret-of-harbor", "another"}, []string{"Update directory “Harbor Studio”"}},
		"settings":   {[]string{"Europe/Berlin", "Europe/Paris"}, []string{"Update tenant “Meridian”"}},
		"a person":   {[]string{"jobTitle: Lead", "jobTitle: Head"}, []string{"Update user “lena@meridian.example”"}},
		"a manager": {[]string{"manager: omar@", "manager: ida@"},
			[]string{"Update manager and sponsors of user “lena@meridian.example”"}},
		"a sponsor": {[]string{"sponsors: [ida@meridian.example, ", "sponsors: ["},
			[]string{"Update manager and sponsors of user “lena@meridian.example”"}},
		"a resource": {[]string{"description: Who decides", "description: Them"},
			[]string{"Update group “Approvers”"}},
		"a member": {[]string{"members: [", "members: [ida@meridian.example, "},
			[]string{"Add group member “Approvers: ida@meridian.example”"}},
		"an organization": {[]string{"state: proposed", "state: configured"},
			[]string{"Update connected organization “Harbor Studio”"}},
		"a catalog": {[]string{"state: unpublished", "state: published"},
			[]string{"Update catalog “Partner projects”"}},
		"a package's roles": {[]string{"role: Viewer", "role: Bookkeeper"},
			[]string{"Update access package “Tidal project”"}},
		"a policy": {[]string{"durationInDays: 90", "durationInDays: 30"},
			[]string{"Update policy “Tidal project: In days”"}},
		"a question": {[]string{"text: Which order?", "text: Which order, please?"},
			[]string{"Update policy “Tidal project: For a while”"}},
		"a role": {[]string{"role: globalAdministrator", "role: catalogCreator"},
			[]string{"Assign role “catalogCreator: lena@meridian.example”"}},
		"the order of targets, one of them twice": {[]string{"[{group: Approvers}, {user: ida@meridian.example}]",
			"[{user: ida@meridian.example}, {group: Approvers}, {user: ida@meridian.example}]"}, nil},
		"the order of sponsors, one of them twice": {[]string{"[ida@meridian.example, omar@meridian.example]",
			"[omar@meridian.example, ida@meridian.example, omar@meridian.example]"}, nil},
		"the case of an address": {[]string{"members: [lena@", "members: [LENA@"}, nil},
		"the case of a name":     {[]string{"resources: [Approvers, Ledger]", "resources: [APPROVERS, ledger]"}, nil},
		"the zone of a time":     {[]string{"2026-12-31T22:59:00Z", "2026-12-31T23:59:00+01:00"}, nil},
	}
	s := storetest.New(t, storetest.NewClock())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			apply(t, s, everyKey(t))
			text := changed(t, test.pairs...)
			if diff := cmp.Diff(test.want, apply(t, s, text)); diff != "" {
				t.Errorf("want (-), got (+): %s", diff)
			}
			if again := apply(t, s, text); len(again) != 0 {
				t.Errorf("and again: %v", again)
			}
		})
	}
}

// What a file does not name stays unchanged: an object with another name is another
// object, and leaving something out removes nothing.
func TestUnnamedObjectsUnchanged(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, everyKey(t))
	before := exported(t, s)
	for name, text := range map[string]string{
		"a file of nothing":      "directories: []\n",
		"a tenant without parts": "tenants:\n  - {directory: Meridian Works, displayName: Meridian}\n",
		"a catalog without parts": "tenants:\n  - directory: Meridian Works\n    displayName: Meridian\n    catalogs:\n" +
			"      - {displayName: Partner projects, description: What we work on together, state: unpublished, " +
			"isExternallyVisible: true}\n",
		"a group without members": "tenants:\n  - directory: Meridian Works\n    displayName: Meridian\n    resources:\n" +
			"      - {displayName: Approvers, type: group, description: Who decides}\n",
	} {
		if done := apply(t, s, []byte(text)); len(done) != 0 {
			t.Errorf("%s: %v", name, done)
		}
	}
	if diff := cmp.Diff(string(before), string(exported(t, s))); diff != "" {
		t.Errorf("something has changed: %s", diff)
	}
	done := apply(t, s, changed(t, "displayName: In days", "displayName: For days"))
	if diff := cmp.Diff([]string{"Create policy “Tidal project: For days”"}, done); diff != "" {
		t.Errorf("a policy with another name: %s", diff)
	}
	if text := string(exported(t, s)); !strings.Contains(text, "displayName: In days") ||
		!strings.Contains(text, "displayName: For days") {
		t.Errorf("there are not both:\n%s", text)
	}
}

// A directory with a new name cannot take the domains of the existing one.
func TestDirectoryRenameRefused(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, everyKey(t))
	text := strings.ReplaceAll(string(changed(t, "clientSecretFile: meridian.secret", "clientSecret: x")),
		"Meridian Works", "Meridian Group")
	got := faultsOf(t, s, text)
	if len(got) != 2 || !strings.HasPrefix(got[0], "Line 4: meridian.example already belongs to “Meridian Works”") {
		t.Errorf("got %q", got)
	}
}

// A changed resource changes in its catalogs, even if the file has no catalogs.
func TestCatalogResourceUpdated(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, everyKey(t))
	apply(t, s, []byte("tenants:\n  - directory: Meridian Works\n    displayName: Meridian\n    resources:\n"+
		"      - {displayName: Ledger, type: application, webUrl: 'https://books.meridian.example/', roles: [Viewer, "+
		"Bookkeeper, Auditor]}\n"))
	ctx := context.Background()
	tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
	for _, c := range must(s.Catalogs(ctx, tenant.ID))(t) {
		for _, r := range must(s.ResourcesOf(ctx, tenant.ID, c.ID))(t) {
			if r.Name == "Ledger" && (r.Link != "https://books.meridian.example/" || len(r.Roles) != 3) {
				t.Errorf("the catalog shows %s with %d roles", r.Link, len(r.Roles))
			}
		}
	}
}

// A known external person becomes a guest when a file says so, once; a guest who has been
// blocked since stays blocked.
func TestExternalPersonBecomesGuest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		apply(t, s, changed(t, ", userType: guest", "", "        externalSponsors: [mira@harbor.example]\n", ""))
		if done := apply(t, s, everyKey(t)); !cmp.Equal(done, []string{"Update user “mira@harbor.example”",
			"Update connected organization “Harbor Studio”"}) {
			t.Fatalf("done: %v", done)
		}
		ctx := context.Background()
		tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
		mira := must(s.PeopleByEmail(ctx, tenant.ID, "mira@harbor.example"))(t)[0]
		if mira.Kind != access.Guest || mira.Guest != access.GuestActive || mira.Governed {
			t.Fatalf("Mira is %+v", mira)
		}
		err := s.Write(ctx, func(tx *store.Tx) error { return tx.MoveGuest(ctx, mira, access.GuestBlocked, "test") })
		if err != nil {
			t.Fatal(err)
		}
		if done := apply(t, s, everyKey(t)); len(done) != 0 {
			t.Errorf("a blocked guest: %v", done)
		}
	})
}

// Every change of a tenant is audited as the operator's, and applying the file is audited
// once.
func TestApplyAudited(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, everyKey(t))
	ctx := context.Background()
	tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
	before := must(s.AuditLog(ctx, tenant.ID))(t)
	apply(t, s, changed(t, "durationInDays: 90", "durationInDays: 30"))
	after := must(s.AuditLog(ctx, tenant.ID))(t)
	if len(before) < 15 || len(after) != len(before)+2 {
		t.Fatalf("%d records before, %d after", len(before), len(after))
	}
	change, applied := after[len(before)], after[len(before)+1]
	if change.Activity != access.ActUpdatePolicy || change.ObjectKind != access.ObjectPolicy ||
		change.Actor != access.Operator || change.From == "" || change.From == change.To {
		t.Errorf("the change is recorded as %+v", change)
	}
	if applied.Activity != access.ActApply || applied.ObjectID != string(tenant.ID) || applied.Actor != access.Operator {
		t.Errorf("the file is recorded as %+v", applied)
	}
	times := 0
	for _, one := range before {
		if one.Activity == access.ActApply {
			times++
		}
	}
	if times != 1 {
		t.Errorf("the first file is recorded %d times", times)
	}
}
