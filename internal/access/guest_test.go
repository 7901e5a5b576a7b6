package access_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// F-196 to F-200: the plan for a guest, case by case.
func TestGuestPlan(t *testing.T) {
	month := access.Settings{GuestAction: access.LifecycleBlockAndDelete, GuestDays: 30}
	atOnce := access.Settings{GuestAction: access.LifecycleBlockAndDelete}
	block := access.Settings{GuestAction: access.LifecycleBlock, GuestDays: 30}
	leave := access.Settings{GuestAction: access.LifecycleNone, GuestDays: 30}
	guest := access.Person{Kind: access.Guest, Guest: access.GuestActive, Governed: true}
	with := func(f func(*access.Person)) access.Person {
		p := guest
		f(&p)
		return p
	}
	blocked := with(func(p *access.Person) { p.Guest, p.RemovalDue = access.GuestBlocked, noon.Add(5*day) })
	due := noon.AddDate(0, 0, 30)
	tests := map[string]struct {
		p     access.Person
		holds bool
		s     access.Settings
		want  access.GuestPlan
	}{
		"holds something": {guest, true, month, access.GuestPlan{State: access.GuestActive}},
		"lost the last, block and delete": {guest, false, month, access.GuestPlan{State: access.GuestBlocked,
			RemovalDue: due}},
		"lost the last, delete at once": {guest, false, atOnce, access.GuestPlan{State: access.GuestRemoved}},
		"lost the last, block only":     {guest, false, block, access.GuestPlan{State: access.GuestBlocked}},
		"lost the last, leave":          {guest, false, leave, access.GuestPlan{State: access.GuestActive}},
		"no settings at all":            {guest, false, access.Settings{}, access.GuestPlan{State: access.GuestActive}},
		"not governed, lost the last": {with(func(p *access.Person) { p.Governed = false }), false, month,
			access.GuestPlan{State: access.GuestActive}},
		"not governed, blocked by others": {with(func(p *access.Person) { p.Governed, p.Guest = false, access.GuestBlocked }),
			false, atOnce, access.GuestPlan{State: access.GuestBlocked}},
		"a member": {access.Person{Kind: access.Member, Guest: access.GuestNone, Governed: true}, false,
			atOnce, access.GuestPlan{State: access.GuestNone}},
		"never invited": {access.Person{Kind: access.External, Guest: access.GuestNone, Governed: true},
			false, atOnce, access.GuestPlan{State: access.GuestNone}},
		"blocked, the date to come": {blocked, false, month, access.GuestPlan{State: access.GuestBlocked,
			RemovalDue: noon.Add(5 * day)}},
		"blocked, settings changed": {blocked, false, leave, access.GuestPlan{State: access.GuestBlocked,
			RemovalDue: noon.Add(5 * day)}},
		"blocked, at once since": {blocked, false, atOnce, access.GuestPlan{State: access.GuestBlocked,
			RemovalDue: noon.Add(5 * day)}},
		"blocked, no date, delete since": {with(func(p *access.Person) { p.Guest = access.GuestBlocked }), false, month,
			access.GuestPlan{State: access.GuestBlocked}},
		"blocked, the date has come": {with(func(p *access.Person) { p.Guest, p.RemovalDue = access.GuestBlocked, noon }),
			false, leave, access.GuestPlan{State: access.GuestRemoved}},
		"blocked, just before the date": {with(func(p *access.Person) {
			p.Guest, p.RemovalDue = access.GuestBlocked,
				noon.Add(1)
		}), false, month, access.GuestPlan{State: access.GuestBlocked, RemovalDue: noon.Add(1)}},
		"blocked, holds again": {blocked, true, month, access.GuestPlan{State: access.GuestActive}},
		"holds again on the date": {with(func(p *access.Person) { p.Guest, p.RemovalDue = access.GuestBlocked, noon }), true,
			month, access.GuestPlan{State: access.GuestActive}},
		"removed": {with(func(p *access.Person) { p.Guest = access.GuestRemoved }), false, month,
			access.GuestPlan{State: access.GuestRemoved}},
		"removed, holds again": {with(func(p *access.Person) { p.Guest = access.GuestRemoved }), true, month,
			access.GuestPlan{State: access.GuestActive}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, tt.p.GuestPlan(tt.holds, tt.s, noon)); d != "" {
				t.Error(d)
			}
		})
	}
}

// In all combinations the planned state is the current one or a legal move, and
// planning again afterwards changes nothing.
func TestGuestPlanIsReachableAndStable(t *testing.T) {
	for _, state := range access.GuestStates() {
		for _, due := range []time.Time{{}, noon.Add(-day), noon, noon.Add(day)} {
			for _, action := range []access.LifecycleAction{access.LifecycleNone, access.LifecycleBlock,
				access.LifecycleBlockAndDelete} {
				for bits := range 8 {
					p := access.Person{Kind: access.Guest, Guest: state, RemovalDue: due, Governed: bits&1 > 0}
					holds, s := bits&2 > 0, access.Settings{GuestAction: action, GuestDays: 7 * (bits & 4 / 4)}
					f := p.GuestPlan(holds, s, noon)
					if f.State != state && !state.CanMove(f.State) {
						t.Fatalf("%+v holding %v under %+v comes to %s, which is no legal move", p, holds, s, f.State)
					}
					p.Guest, p.RemovalDue = f.State, f.RemovalDue
					if again := p.GuestPlan(holds, s, noon); again != f {
						t.Fatalf("%+v holding %v under %+v comes to %+v, and then to %+v", p, holds, s, f, again)
					}
				}
			}
		}
	}
}
