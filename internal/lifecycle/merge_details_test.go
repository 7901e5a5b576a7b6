package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// TestMergeKeepsSponsors: the one who stays keeps the own sponsors and gets those of the
// other one as far as a guest may have them.
func TestMergeKeepsSponsors(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s, ctx := addSams(h), context.Background()
		var all []access.PersonID
		for n := range 7 {
			all = append(all, h.addMember(fmt.Sprint("Sponsor ", n), fmt.Sprintf("sponsor%d@meridian.example", n)).ID)
		}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SetSponsors(ctx, h.Tenant.ID, s.people[0].ID, all[3:]); err != nil {
				return err
			}
			return tx.SetSponsors(ctx, h.Tenant.ID, s.people[1].ID, all[:4])
		})
		s.merge()
		got, err := h.Sponsors(ctx, h.Tenant.ID, s.people[0].ID)
		if err != nil || len(got) != 5 {
			h.t.Fatalf("the sponsors are %q, %v", got, err)
		}
		for _, own := range all[3:] {
			if !slices.Contains(got, own) {
				h.t.Errorf("the sponsor %s is lost: %q", own, got)
			}
		}
	})
}

// TestMergeMakesNoCircleOfManagers: nobody is their own manager's manager after a merge.
// The second Sam is merged into the first; Kim is managed as the case says.
func TestMergeMakesNoCircleOfManagers(t *testing.T) {
	t.Parallel()
	const none, first, second, kim, olga = "", "first", "second", "Kim", "Olga"
	for name, c := range map[string]struct {
		first, second, kim string // managers before
		want, wantKim      string // after; first stands for both
	}{
		"own manager stays":               {first: olga, second: kim, want: olga},
		"the other one's manager":         {second: kim, want: kim},
		"a report of the other one":       {first: kim, second: olga, kim: second, want: olga, wantKim: first},
		"a report of the one who stays":   {second: kim, kim: first, want: none, wantKim: first},
		"both in a circle":                {first: second, second: kim, kim: none, want: kim},
		"managers of each other's report": {first: kim, kim: second, want: none, wantKim: first},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachEngine(t, func(h *harness) {
				s, ctx := addSams(h), context.Background()
				people := map[string]access.PersonID{none: "", first: s.people[0].ID, second: s.people[1].ID,
					kim: h.addMember(kim, "kim@meridian.example").ID, olga: h.addMember(olga, "olga@meridian.example").ID}
				h.Do(func(ctx context.Context, tx *store.Tx) error {
					for who, manager := range map[string]string{first: c.first, second: c.second, kim: c.kim} {
						p, err := tx.Person(ctx, h.Tenant.ID, people[who])
						if err != nil {
							return err
						}
						p.Manager = people[manager]
						if err := tx.UpdatePerson(ctx, p); err != nil {
							return err
						}
					}
					return nil
				})
				s.merge()
				for who, want := range map[string]string{first: c.want, kim: c.wantKim} {
					p, err := h.Store.Person(ctx, h.Tenant.ID, people[who])
					if err != nil || p.Manager != people[want] {
						h.t.Errorf("the manager of %s is %q, want %q (%s); %v", who, p.Manager, people[want], want, err)
					}
				}
			})
		})
	}
}
