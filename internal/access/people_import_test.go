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
	states := []access.ImportState{access.ImportMapping, access.ImportChecking, access.ImportChecked, access.ImportRunning,
		access.ImportDone, access.ImportStopped}
	for _, from := range states {
		for _, to := range states {
			if want := slices.Contains(may, string(from)+" "+string(to)); from.CanMove(to) != want {
				t.Errorf("from %s to %s: %v", from, to, !want)
			}
		}
	}
}
