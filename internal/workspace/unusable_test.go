package workspace_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// TestUnusablePoliciesAreWarnedOf: plan and apply name the stored policies whose patterns
// are over the limits, of every tenant and also if the file does not name them (F-112).
func TestUnusablePoliciesAreWarnedOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, []byte(smallBase))
		w := storetest.NewWorld(t, s)
		asks := func(pattern string) access.Terms {
			return access.Terms{Questions: []access.Question{{ID: "q", Kind: access.ShortText, Text: "x", Pattern: pattern}}}
		}
		w.Package("Tidal", access.Policy{Name: "large", Scope: access.ScopeMembers, Terms: asks("a{1000}b{1000}c{1000}")},
			access.Policy{Name: "small", Scope: access.ScopeMembers, Terms: asks("a")})
		f := must(workspace.Parse([]byte("tenants:\n  - {directory: M, settings: {timeZone: Europe/Rome}}\n")))(t)
		for name, run := range map[string]func(context.Context, *store.Store, workspace.File,
			workspace.Options) ([]workspace.Change, error){"plan": workspace.Plan, "apply": workspace.Apply} {
			var said []string
			_, err := run(ctx, s, f, workspace.Options{Warn: func(es access.Errors) {
				for _, e := range es {
					said = append(said, e.Error())
				}
			}})
			want := "Policy “large” of “Tidal”: No one can request under this policy: the regular expression of question 1 " +
				"is invalid or too complex. Change it."
			if got := strings.Join(said, "\n"); got != want || err != nil {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	})
}
