package access_test

import (
	"testing"

	"myaccess/internal/access"
)

func TestOrganizationCheck(t *testing.T) {
	fine := access.Organization{Name: "Harbor Studio", Description: "Design", State: access.Configured,
		Directories: []access.DirectoryID{"d"}}
	wantFields(t, fine.Check(), "")
	proposed := fine
	proposed.State = access.Proposed
	wantFields(t, proposed.Check(), "")
	wantFields(t, access.Organization{}.Check(), "displayName description state identitySources")
}
