package lifecycle_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestStatementsOfSubmit: a request for a package that somebody has requested before
// takes three queries and one statement for each table.
func TestStatementsOfSubmit(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			var mu sync.Mutex
			var statements []string
			c := storetest.NewClock()
			s := storetest.Open(t, address(t), c.Now, storetest.RunOnce, func(c *store.Config) {
				c.Intercept = func(query string, _ []any) error {
					mu.Lock()
					defer mu.Unlock()
					words := strings.Fields(query)
					statements = append(statements, strings.Join(words[:min(3, len(words))], " "))
					return nil
				}
			})
			h := newHarness(t, s, c, nil)
			o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: stages(groupStage(h.Reviewers))})
			dana := h.addMember("Dana Roe", "dana@meridian.example")
			h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
			account := h.AccountOf(dana)
			mu.Lock()
			statements = nil
			mu.Unlock()
			h.submit(account, o, access.RequestForm{})
			want := []string{
				"SELECT per.tenant_id, per.id,", // the requestor, with what was cached
				"SELECT mem.entry_id FROM",      // the requestor's groups
				"SELECT per.tenant_id, per.id,", // the approvers
				"INSERT INTO request",
				"INSERT INTO request_history",
				"INSERT INTO audit",
				"INSERT INTO audit_unsealed",
				"INSERT INTO request_approver",
				"INSERT INTO mail",
			}
			if d := cmp.Diff(want, statements); d != "" {
				t.Error(d)
			}
		})
	}
}
