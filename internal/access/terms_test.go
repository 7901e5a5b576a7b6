package access_test

import (
	"testing"

	"myaccess/internal/access"
)

func TestInheritable(t *testing.T) {
	for _, def := range []bool{true, false} {
		for tri, want := range map[access.Inheritable]bool{access.Yes: true, access.No: false, access.Inherit: def, "": def} {
			if got := tri.Or(def); got != want {
				t.Errorf("%q or %v is %v", tri, def, got)
			}
		}
	}
}
