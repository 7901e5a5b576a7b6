package access_test

import (
	"testing"

	"myaccess/internal/access"
)

func TestOutsider(t *testing.T) {
	for kind, want := range map[access.PersonKind]bool{access.Member: false, access.Guest: true, access.External: true} {
		if got := (access.Person{Kind: kind}).Outsider(); got != want {
			t.Errorf("%s is an outsider: %v", kind, got)
		}
	}
}
