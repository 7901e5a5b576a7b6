package access_test

import (
	"slices"
	"testing"

	"myaccess/internal/access"
)

// The steps of an import, and which of them can be taken back.
func TestImportStates(t *testing.T) {
	may := []string{"mapping checking", "checking mapping", "checking checked", "checking stopped", "checked mapping",
		"checked running", "running done", "running stopped"}
	for _, from := range access.ImportStates() {
		for _, to := range access.ImportStates() {
			if want := slices.Contains(may, string(from)+" "+string(to)); from.CanMove(to) != want {
				t.Errorf("from %s to %s: %v", from, to, !want)
			}
		}
	}
}
